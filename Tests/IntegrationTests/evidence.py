"""Evidence packs from a server, and the ways to verify one."""

import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

import requests

from server import REPOSITORY, run_command

SCRIPT = REPOSITORY / "scripts/verify.py"
CHECKS = [
    "format", "canonical", "projection", "signature", "key_trusted", "key_active_at_index", "leaf", "inclusion",
    "checkpoint_signature", "witness_quorum", "timestamp", "consistency_with_pinned", "openings", "not_erased",
]  # fmt: skip
STATUSES = {"pass", "fail", "not_present", "not_checked"}


@dataclass(frozen=True)
class Sample:
    """A good pack and the root that it leads back to."""

    name: str
    pack: dict
    trust: Path
    unknown_line: str = "\u2014 witness.example " + "TmlldHpzY2hl" * 8
    """A signature line for its checkpoint by a key that nobody knows."""


@dataclass(frozen=True)
class Verdict:
    """What a verifier said of a pack. `unusable` if it took it for no JSON."""

    status: str
    failed: frozenset[str] = frozenset()
    notes: str = ""

    @property
    def is_valid(self) -> bool:
        return self.status in ("valid", "valid_unwitnessed")

    @staticmethod
    def of(report: dict) -> "Verdict":
        """Insists on the report's own shape."""
        assert [check["name"] for check in report["checks"]] == CHECKS, report
        assert all(check["status"] in STATUSES for check in report["checks"]), report
        assert set(report) == {"audit_id", "record_id", "valid", "status", "checks"}, report
        failed = [check for check in report["checks"] if check["status"] == "fail"]
        notes = "; ".join(f"{check['name']}: {check.get('note')}" for check in failed)
        verdict = Verdict(report["status"], frozenset(check["name"] for check in failed), notes)
        assert report["valid"] is verdict.is_valid and verdict.is_valid is not bool(failed), report
        return verdict


class Verifier(Protocol):
    def verify(self, data: bytes, trust: Path | None, keys: Path | None = None) -> Verdict: ...


class ScriptVerifier:
    """`scripts/verify.py`, in this process."""

    def __init__(self) -> None:
        self.module = load_script()

    def verify(self, data: bytes, trust: Path | None, keys: Path | None = None) -> Verdict:
        module = self.module
        roots = module.read_roots(trust.read_text()) if trust else []
        saved = module.read_saved_events(keys.read_bytes()) if keys else []
        try:
            return Verdict.of(module.verify(data, roots, saved))
        except module.Unusable as error:
            return Verdict("unusable", notes=str(error))


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("batchin_verify", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class CommandVerifier:
    """`batchin verify`, a process for each pack. Its exit code and its report have to say the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def verify(self, data: bytes, trust: Path | None, keys: Path | None = None) -> Verdict:
        pack = self.folder / "pack.json"
        pack.write_bytes(data)
        options = [*(["--trust", trust] if trust else []), *(["--keys", keys] if keys else [])]
        result = run_command("verify", pack, *options, "--json")
        return self.verdict(result.returncode, result.stdout, result.stderr)

    @staticmethod
    def verdict(code: int, output: str, errors: str) -> Verdict:
        if code == 2:
            return Verdict("unusable", notes=errors)
        verdict = Verdict.of(json.loads(output))
        assert code == (0 if verdict.is_valid else 1), (code, verdict)
        return verdict


class EndpointVerifier:
    """`POST /v1/vaas/verify`, over one connection. It trusts the server's own root."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v1/vaas/verify"
        self.session = requests.Session()
        self.session.trust_env = False

    def verify(self, data: bytes, trust: Path | None = None, keys: Path | None = None) -> Verdict:
        headers = {"Content-Type": "application/json"}
        response = self.session.post(self.url, data=data, headers=headers, timeout=30)
        if response.status_code in (400, 413):
            return Verdict("unusable", notes=response.text)
        assert response.status_code == 200, f"{response.status_code} {response.text}"
        return Verdict.of(response.json())
