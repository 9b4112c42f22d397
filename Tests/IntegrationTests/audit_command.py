"""The commands by which an auditor verifies and an operator keeps the log."""

import json
import subprocess
from pathlib import Path

from audit_log import Checkpoint
from audit_records import Pack
from client import Client
from server import BINARY, Server, environment_of, fresh_user, run_command

VALID, NOT_VALID, UNUSABLE = 0, 1, 2
COMMAND_TIMEOUT_SECONDS = 120


def verify(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """`batchin verify` as an auditor runs it: in a folder of their own, without a configuration."""
    environment = environment_of({}) | {"HOME": str(folder)}
    return subprocess.run(
        [str(BINARY), "verify", *map(str, arguments)],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def verdict(folder: Path, pack: Pack | dict, *arguments: object) -> tuple[int, dict]:
    """The exit code and the report on a pack that is stored in `folder`."""
    path = folder / "pack.json"
    path.write_bytes(pack.text if isinstance(pack, Pack) else json.dumps(pack).encode())
    result = verify(folder, path, "--json", *arguments)
    assert result.returncode in (VALID, NOT_VALID), result.stderr
    return result.returncode, json.loads(result.stdout)


def writer_on(server: Server) -> Client:
    """A client whose user nobody else is."""
    return Client(server.url, server.create_key(fresh_user()))


def root_file(server: Server) -> Path:
    """Where the server keeps the public root, in the form that verifiers trust."""
    return server.data / "audit" / "root.pub"


def audit(server: Server, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """One of the `batchin audit` commands on a server's data, whether or not it runs."""
    options = ["--data", server.data, *server.config_option]
    return run_command(
        "audit", command, *arguments, *options, settings=server.settings, timeout=COMMAND_TIMEOUT_SECONDS
    )


def compare(server: Server, folder: Path, one: Checkpoint, other: Checkpoint) -> subprocess.CompletedProcess[str]:
    """Compares two checkpoints that somebody saved; a proof that is needed is had from the server's data."""
    paths = [folder / "one.checkpoint", folder / "other.checkpoint"]
    for path, checkpoint in zip(paths, (one, other), strict=True):
        path.write_text(checkpoint.note)
    return audit(server, "compare", *paths)
