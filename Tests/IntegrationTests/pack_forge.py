"""Evidence packs of a log of the tests' own, whose keys they have: everything is signed well, whatever it says.

A pack from a server shows that an altered one is refused. These show that a signed one is too if it says what the
format does not have.
"""

import base64
import copy
import hashlib
import json
from dataclasses import dataclass, field

from nacl.signing import SigningKey

ORIGIN = "forge.test/vaas/log"
TIME = "2026-11-23T06:15:09.123456Z"
MINUTE = "2026-11-23T06:15:00.000000Z"
KINDS = {
    "gateway_observed": ("inference-run", "statement-observed", "run"),
    "user_asserted": ("user-assertion", "statement-asserted", "assert"),
}
FLAT = ("record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment", "prompt_version_id")
PAYLOAD_ONLY = ("model_id", "observation", "evidence_level", "outcome", "received_at", "completed_at")
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def text64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(value: object) -> bytes:
    """As RFC 8785 has it, for ASCII names and whole numbers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def key_of(number: int) -> SigningKey:
    return SigningKey(bytes([number]) * 32)


def key_id(key: SigningKey) -> str:
    return sha256(bytes(key.verify_key)).hex()


def did_of(key: SigningKey) -> str:
    number, text = int.from_bytes(b"\xed\x01" + bytes(key.verify_key), "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "did:key:z" + text


def envelope(body: bytes, key: SigningKey, payload_type: str = "application/vnd.in-toto+json") -> dict:
    message = b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(body), body)
    signature = {"keyid": key_id(key), "sig": text64(key.sign(message).signature)}
    return {"payload": text64(body), "payloadType": payload_type, "signatures": [signature]}


def leaf_of(dsse: dict, leaf_type: str) -> bytes:
    kind, body = dsse["payloadType"].encode(), base64.b64decode(dsse["payload"])
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    signature = dsse["signatures"][0]
    entry = {"k": signature["keyid"], "p": sha256(message).hex(), "t": leaf_type, "v": 1}
    return canonical(entry | {"s": base64.b64decode(signature["sig"]).hex()})


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1."""
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree_root(leaves[:left]) + tree_root(leaves[left:]))


def audit_path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    left = 1 << (len(leaves) - 1).bit_length() - 1
    if index < left:
        return [*audit_path(leaves[:left], index), tree_root(leaves[left:])]
    return [*audit_path(leaves[left:], index - left), tree_root(leaves[:left])]


def commitment(name: str, salt: bytes, value: bytes) -> str:
    return sha256(b"vaas/commit/v1\0" + name.encode() + b"\0" + salt + sha256(value)).hex()


@dataclass
class Record:
    index: int
    dsse: dict
    key: SigningKey


@dataclass
class Forge:
    """A log with a root and one key for each role, which are added in its first four leaves."""

    origin: str = ORIGIN
    root: SigningKey = field(default_factory=lambda: key_of(1))
    leaves: list[bytes] = field(default_factory=list)
    events: list[tuple[int, dict]] = field(default_factory=list)

    def __post_init__(self) -> None:
        roles = ("statement-observed", "statement-asserted", "log", "export")
        self.keys = {role: key_of(2 + number) for number, role in enumerate(roles)}
        for role, key in self.keys.items():
            self.append_event(self.addition(role, key))

    @property
    def trust(self) -> str:
        return bytes(self.root.verify_key).hex() + "\n"

    def append(self, leaf: bytes) -> int:
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    # Key events

    def key_event(self, role: str, keyid: str, predicate: dict) -> dict:
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": f"https://{self.origin}/attestations/key-event/v1",
            "subject": [{"name": role, "digest": {"sha256": keyid}}],
            "predicate": {"role": role, "keyid": keyid, "time": TIME, **predicate},
        }

    def addition(self, role: str, key: SigningKey) -> dict:
        raw = bytes(key.verify_key)
        predicate = {"action": "add", "verify_key_hex": raw.hex(), "did": did_of(key), "not_before": TIME}
        if role == "log":
            number = sha256(self.origin.encode() + b"\n\x01" + raw)[:4].hex()
            predicate["vkey"] = f"{self.origin}+{number}+{text64(bytes([1]) + raw)}"
        return self.key_event(role, key_id(key), predicate)

    def ending(self, role: str, action: str, key: SigningKey | None = None, **members: str) -> dict:
        predicate = {"action": action, "reason": "test", **members}
        return self.key_event(role, key_id(key or self.keys[role]), predicate)

    def append_event(self, statement: dict, signer: SigningKey | None = None, name: str | None = None) -> int:
        """Signs a key event and appends its leaf. `name` is a key id to claim instead of the signer's."""
        dsse = envelope(canonical(statement), signer or self.root)
        dsse["signatures"][0]["keyid"] = name or dsse["signatures"][0]["keyid"]
        index = self.append(leaf_of(dsse, "key"))
        self.events.append((index, dsse))
        return index

    # Statements

    def details(self) -> dict:
        return {
            "tenant": "user-1", "tenant_seq": "42", "prev_receipt": "0" * 64, "received_at": TIME,
            "completed_at": "2026-11-23T06:16:39.123456Z", "usage": {"input_tokens": 22, "output_tokens": 90},
            "cost": {"currency": "USD", "nanos": "2300000"},
        }  # fmt: skip

    def opening(self, name: str, value: bytes | dict) -> dict:
        data = canonical(value) if isinstance(value, dict) else value
        opened = {"field": name, "salt": "07" * 16, "sha256": sha256(data).hex()}
        return opened | ({"value": value} if isinstance(value, dict) else {})

    def statement(self, observation: str = "gateway_observed", details: dict | None = None) -> dict:
        """A good one."""
        salt, is_run = b"\7" * 16, observation == "gateway_observed"
        values = {"input": b"[]", "output": b"answer"}
        wires = {"request_wire": b"{}", "response_wire": b"{}"}
        commitments = {name: sha256(value).hex() for name, value in values.items()}
        if is_run:
            commitments = {name: commitment(name, salt, value) for name, value in (values | wires).items()}
        commitments["scheme"] = "salted-sha256-v1" if is_run else "plain-sha256-v1"
        commitments["details"] = commitment("details", salt, canonical(details or self.details()))
        record = {
            "record_id": "vaas_" + "0c" * 16, "audit_id": "0c0c0c0c-0c0c-0c0c-0c0c-0c0c0c0c0c0c",
            "environment": "production", "model_id": "gpt-4.1", "observation": observation,
            "evidence_level": "A1" if is_run else "A0", "outcome": "ok", "received_at": MINUTE,
            "completed_at": MINUTE, "commitments": commitments, "nonce": "5f" * 16,
            "energy": {"basis": "none", "reason": "no_method"},
        }  # fmt: skip
        if is_run:
            record |= {"run_id": "run_" + "0aZ9" * 6, "trace_id": "0af7" * 8, "span_id": "00f067aa0ba902b7"}
            record |= {"prompt_version_id": "support@v2", "route_id": "default", "provider": "openai"}
        named = record.get("run_id", record["record_id"])
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": f"https://{self.origin}/attestations/{KINDS[observation][0]}/v1",
            "subject": [
                {"name": f"{named}/{part}", "digest": {"sha256": commitments[part]}} for part in ("input", "output")
            ],
            "predicate": record,
        }

    def append_record(
        self, statement: dict | bytes, key: SigningKey | None = None, leaf_type: str | None = None, **options: str
    ) -> Record:
        """Signs a statement, whatever it says, with the key of its kind and appends its leaf."""
        body = statement if isinstance(statement, bytes) else canonical(statement)
        observation = json.loads(body)["predicate"].get("observation") if not key or not leaf_type else None
        _, role, usual_type = KINDS.get(observation, KINDS["gateway_observed"])
        key = key or self.keys[role]
        dsse = envelope(body, key, **options)
        return Record(self.append(leaf_of(dsse, leaf_type or usual_type)), dsse, key)

    # Packs

    def note(self, signers: list[SigningKey] | None = None, text: str | None = None) -> str:
        text = text or f"{self.origin}\n{len(self.leaves)}\n{text64(tree_root(self.leaves))}\n"
        lines = [self.note_line(key, text) for key in signers or [self.keys["log"]]]
        return text + "\n" + "".join(lines)

    def note_line(self, key: SigningKey, text: str) -> str:
        number = sha256(self.origin.encode() + b"\n\x01" + bytes(key.verify_key))[:4]
        return f"\u2014 {self.origin} {text64(number + key.sign(text.encode()).signature)}\n"

    def proof(self, index: int, note: str) -> str:
        path = "".join(text64(node) + "\n" for node in audit_path(self.leaves, index))
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{note}"

    def logged_events(self, note: str) -> list[dict]:
        return [{"index": str(i), "dsse": dsse, "tlog_proof": self.proof(i, note)} for i, dsse in self.events]

    def pack(self, record: Record, signers: list[SigningKey] | None = None, openings: tuple = ()) -> dict:
        """The pack of a record under a checkpoint of now."""
        signers = signers or [self.keys["log"]]
        note = self.note(signers)
        used = {key_id(key) for key in (record.key, *signers)}
        statement = json.loads(base64.b64decode(record.dsse["payload"]))
        said = statement["predicate"]
        flat = {name: said.get(name) for name in FLAT}
        commitments = said.get("commitments", {})
        payload = flat | {name: said.get(name) for name in PAYLOAD_ONLY}
        payload["hash_mode"] = "plain-v1" if commitments.get("scheme") == "plain-sha256-v1" else "salted-v1"
        payload |= {f"{part}_hash": f"sha256:{commitments.get(part)}" for part in ("input", "output")}
        signature = base64.b64decode(record.dsse["signatures"][0]["sig"])
        events = [event for event in self.logged_events(note) if self.key_of_event(event) in used]
        pack = {
            "format": "vaas-evidence/v1", **flat, "verification_method": "Ed25519Signature2020",
            "signature_suite": "dsse-v1+ed25519", "public_key": "ed25519:pk_" + bytes(record.key.verify_key).hex(),
            "signature": "ed25519:" + signature.hex(), "payload": payload, "dsse": record.dsse,
            "log": {
                "origin": self.origin, "index": str(record.index),
                "leaf_hash": sha256(b"\0" + self.leaves[record.index]).hex(),
                "tlog_proof": self.proof(record.index, note),
            },
            "keys": {"root_keyid": key_id(self.root), "events": events},
            "timestamps": [], "openings": list(openings),
        }  # fmt: skip
        return copy.deepcopy(pack)

    @staticmethod
    def key_of_event(event: dict) -> str | None:
        return json.loads(base64.b64decode(event["dsse"]["payload"]))["predicate"].get("keyid")

    def saved_keys(self) -> dict:
        """What GET /v1/vaas/pubkeys answers, as far as verifiers read it."""
        return {"origin": self.origin, "events": self.logged_events(self.note())}
