"""Verifies an evidence pack offline: who signed it, that the log holds it, that nothing in it was altered.

    verify.py PACK [--trust FILE] [--keys FILE] [--json]

`--trust` lists the roots that you trust, 64 hexadecimal digits a line, `#` begins a comment; get them from elsewhere
than the pack. `--keys` is a saved answer of GET /v1/vaas/pubkeys: a pack can not show that a later revocation was left
out of it. Exit code 0: valid. 1: not a valid pack, suspect, or no trusted root. 2: a file can not be read or is not
JSON, or the arguments are wrong.

Needs Python 3.11 and PyNaCl (libsodium). Written from docs/evidence-format.md, and sharing no code with the server.
"""

import argparse
import hashlib
import json
import math
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Any

from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import BadSignatureError


class Refused(Exception):
    """Something is not as the format has it; says what."""


class Unusable(Refused):
    """An input is not JSON, or no list of roots, so that there is nothing to verify."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise Refused(message)


# ---- JSON: strict when reading, RFC 8785 when writing ----------------------------------------------------------------


def parse_json(data: bytes) -> Any:
    """The value in `data`. Only strings, integers below 2^53, booleans, null, arrays and objects are left."""

    def members(pairs: list) -> dict:
        """In RFC 8785's order, which is that of the names' UTF-16 code units."""
        require(len(dict(pairs)) == len(pairs), "a name stands twice in an object")
        return dict(sorted(pairs, key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass")))

    def integer(digits: str) -> int:
        require(digits != "-0" and len(digits) <= 17 and abs(int(digits)) < 2**53, "a number is -0, or 2^53 or more")
        return int(digits)

    require(len(data) <= 1 << 20, "more than 1 MiB of JSON")
    try:
        text = data.decode("utf-8")
        # What is not JSON at all is unusable, whatever else there is to refuse. (And NaN is no `int`.)
        json.loads(text.removeprefix("\ufeff"), parse_int=str, parse_constant=int)
    except RecursionError:
        raise Refused("nested more than 32 deep") from None
    except ValueError:
        raise Unusable("not JSON") from None
    require(not text.startswith("\ufeff"), "a byte order mark")
    value = json.loads(text, object_pairs_hook=members, parse_int=integer, parse_float=lambda _: math.nan)
    require_plain(value, 32)
    return value


def require_plain(value: Any, depth: int) -> None:
    """Refuses deep nesting, fractions, and half a surrogate pair: it has no UTF-8."""
    require(not isinstance(value, float), "a number is not an integer")
    require(not isinstance(value, str) or not re.search("[\ud800-\udfff]", value), "a lone surrogate")
    if isinstance(value, dict | list):
        require(depth > 0, "nested more than 32 deep")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            require_plain(item, depth - 1)


def canonical(value: Any) -> bytes:
    """RFC 8785: no spaces, the shortest escapes. (Members are in their order since they were read.)"""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# ---- Shapes ----------------------------------------------------------------------------------------------------------


def require_shape(value: Any, shape: Any, what: str) -> None:
    """A shape is an object of just these members (`?`: may be absent, `*?`: any other), a tuple of just these items, a
    list of items of one kind, a type, a pattern for a string, a test, or the string that it has to be."""
    if isinstance(shape, dict):
        members = {name.removesuffix("?"): inner for name, inner in shape.items()}
        require(isinstance(value, dict), f"{what} is not an object")
        require(all(name in value or name.endswith("?") for name in shape), f"{what} lacks a member")
        require("*" in members or value.keys() <= members.keys(), f"{what} has an unknown member")
        for name, member in value.items():
            require_shape(member, members.get(name, members.get("*")), f"{name} of {what}")
    elif isinstance(shape, tuple | list):
        require(isinstance(value, list), f"{what} is not an array")
        shapes = shape if isinstance(shape, tuple) else shape * len(value)
        require(len(value) == len(shapes), f"{what} has the wrong length")
        for item, inner in zip(value, shapes, strict=True):
            require_shape(item, inner, f"an item of {what}")
    elif isinstance(shape, type | UnionType):
        require(isinstance(value, shape), f"{what} is of the wrong type")
    elif isinstance(shape, re.Pattern):
        require(isinstance(value, str) and shape.fullmatch(value), f"{what} is malformed")
    else:
        require(shape(value) if callable(shape) else value == shape, f"{what} is not what it has to be")


def is_name(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value.encode()) <= 1024


def is_number(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_time(value: Any) -> bool:
    """A moment that there is in the calendar. It repeats after 400 years, and Python's has no year 0."""
    try:
        year, *rest = map(int, TIME.fullmatch(value).groups())
        return bool(datetime(2000 + year % 400, *rest))
    except (AttributeError, TypeError, ValueError):
        return False


def has_no_null(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is not None and all(map(has_no_null, inner))


def is_energy(value: Any) -> bool:
    """Has no figures, or figures in their order."""
    if isinstance(value, dict) and value.get("basis") == "none":
        require_shape(value, {"basis": "none", "reason": re.compile("no_method|no_output|withheld")}, "energy")
        return True
    require_shape(value, FIGURES, "energy")
    return Decimal(value["wh_low"]) <= Decimal(value["wh"]) <= Decimal(value["wh_high"])


HEX16, HEX32, HEX64 = (re.compile(f"[0-9a-f]{{{count}}}") for count in (16, 32, 64))
TIME = re.compile("(dddd)-(dd)-(dd)T(dd):(dd):(dd)[.]ddddddZ".replace("d", "[0-9]"))
COUNT, ORIGIN = re.compile("0|[1-9][0-9]{0,17}"), "[^\\s+\x00-\x1f]+"
AMOUNT, SIGNED_AMOUNT = (re.compile(f"(?!.{{41}}){sign}(0|[1-9][0-9]*)([.][0-9]+)?") for sign in ("", "-?"))
# Standard base64 with padding and no unused bits: one spelling for all bytes, for 32 and for 64 of them.
BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?")
BASE64_32, BASE64_64 = re.compile("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="), re.compile("[A-Za-z0-9+/]{85}[AQgw]==")

# A pack. What its strings say is left to the checks.
DSSE = {"payload": BASE64, "payloadType": str, "signatures": ({"keyid": str, "sig": BASE64_64},)}
EVENTS = [{"index": str, "dsse": DSSE, "tlog_proof": str}]
FLAT = ["record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment", "prompt_version_id"]
SIGNED = [*FLAT, "model_id", "observation", "evidence_level", "outcome", "received_at", "completed_at"]
FIXED = {
    "format": "vaas-evidence/v1", "verification_method": "Ed25519Signature2020", "signature_suite": "dsse-v1+ed25519",
}  # fmt: skip
DETAILS = {
    "tenant": is_name, "tenant_seq": COUNT, "prev_receipt": HEX64, "received_at": is_time, "completed_at": is_time,
    "usage?": {"input_tokens": is_number, "output_tokens": is_number, "*?": is_number},
    "cost?": {"currency": is_name, "nanos": COUNT}, "refused?": {"401": is_number, "429": is_number},
    "request_bytes?": COUNT, "response_bytes?": COUNT,
    "energy_inputs?": has_no_null, "claims?": has_no_null, "policy?": has_no_null, "clock_anomaly?": has_no_null,
}  # fmt: skip
PACK = dict.fromkeys([*FIXED, "public_key", "signature"], str) | dict.fromkeys(FLAT, str | None) | {
    "payload": dict.fromkeys([*SIGNED, "hash_mode", "input_hash", "output_hash"], str | None),
    "dsse": DSSE, "log": {"origin": str, "index": str, "leaf_hash": str, "tlog_proof": str},
    "keys": {"root_keyid": str, "events": EVENTS}, "timestamps": (),
    "openings": [{"field": str, "salt": str, "sha256": str, "value?": DETAILS}],
    "proof?": {
        "type": str, "cryptosuite": str, "verificationMethod": str, "proofPurpose": str, "proofValue": str,
        "created?": str,
    },
}  # fmt: skip

# Statements. What belongs to one kind of them stands in one place.
FIGURES = {
    "basis": re.compile("estimate|estimate_range"), "method": is_name, "carbon_g": AMOUNT,
    "wh": AMOUNT, "wh_low": AMOUNT, "wh_high": AMOUNT,
    "grid": {"zone": is_name, "g_per_kwh": AMOUNT, "source": is_name, "accounting": is_name},
    "baseline": {"zone": is_name, "g_per_kwh": AMOUNT, "difference_g": SIGNED_AMOUNT},
}  # fmt: skip
PREDICATE = {
    "record_id": re.compile("vaas_[0-9a-f]{32}"), "audit_id": re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "environment": is_name, "model_id": is_name, "received_at": is_time, "completed_at": is_time,
    "energy": is_energy, "nonce": HEX32,
}  # fmt: skip
COMMITMENTS = {"input": HEX64, "output": HEX64, "details": HEX64}
KINDS = {
    "gateway_observed": {
        "statement": "inference-run", "role": "statement-observed", "leaf": "run", "hash_mode": "salted-v1",
        "predicate": PREDICATE | {
            "observation": "gateway_observed", "evidence_level": "A1", "prompt_version_id": is_name,
            "outcome": re.compile("ok|upstream_error|interrupted|timeout|rejected"), "route_id?": is_name,
            "run_id": re.compile("run_[0-9A-Za-z]{20,124}"), "trace_id": HEX32, "span_id": HEX16, "provider?": is_name,
            "commitments": COMMITMENTS | {
                "scheme": "salted-sha256-v1", "request_wire": HEX64, "response_wire": HEX64, "prompt_template?": HEX64,
            },
        },
    },
    "user_asserted": {
        "statement": "user-assertion", "role": "statement-asserted", "leaf": "assert", "hash_mode": "plain-v1",
        "predicate": PREDICATE | {
            "observation": "user_asserted", "evidence_level": "A0", "outcome": "ok",
            "commitments": COMMITMENTS | {"scheme": "plain-sha256-v1"},
        },
    },
}  # fmt: skip
ROLE = re.compile("statement-observed|statement-asserted|log|export")
EVENT = {"role": ROLE, "keyid": HEX64, "time": is_time}
ACTIONS = {
    "add": EVENT | {
        "action": "add", "verify_key_hex": HEX64, "did": str, "vkey?": str, "not_before": is_time,
        "not_after?": is_time,
    },
    "retire": EVENT | {"action": "retire", "reason": is_name},
    "revoke": EVENT | {"action": "revoke", "reason": is_name, "compromised_since?": COUNT},
}  # fmt: skip


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def require_signature(key: bytes, signature: bytes, message: bytes, what: str) -> None:
    """By libsodium's rules, which are stricter than those of other Ed25519 libraries."""
    try:
        require(len(signature) == 64, f"{what} is not 64 bytes long")
        crypto_sign_open(signature + message, key)
    except BadSignatureError:
        raise Refused(f"{what} is wrong") from None


def unbase58(text: str) -> bytes:
    alphabet, number = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0
    require(re.fullmatch(f"[{alphabet}]{{1,100}}", text), "a value is not base58")
    for letter in text:
        number = number * 58 + alphabet.index(letter)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def key_of_did(did: str) -> bytes:
    """https://w3c-ccg.github.io/did-key-spec/"""
    data = unbase58(did.removeprefix("did:key:z"))
    is_ed25519 = did.startswith("did:key:z") and data[:2] == b"\xed\x01" and len(data) == 34
    require(is_ed25519, "a DID is not of an Ed25519 key")
    require(crypto_core_ed25519_is_valid_point(data[2:]), "a key that is listed is no key")
    return data[2:]


class Envelope:
    """https://github.com/secure-systems-lab/dsse/blob/master/protocol.md"""

    def __init__(self, dsse: dict):
        self.type, self.payload = dsse["payloadType"], b64decode(dsse["payload"])
        self.keyid, self.signature = dsse["signatures"][0]["keyid"], b64decode(dsse["signatures"][0]["sig"])
        kind = self.type.encode()
        self.signed_bytes = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(self.payload), self.payload)

    def require_signed(self, key: bytes) -> None:
        require(self.type == "application/vnd.in-toto+json", "an envelope holds something else than a statement")
        require(self.keyid == sha256(key).hex(), "an envelope is not by the key that it should be by")
        require_signature(key, self.signature, self.signed_bytes, "the signature of an envelope")

    def leaf_hash(self, leaf_type: str) -> bytes:
        """RFC 6962's hash of the log's entry. The entry holds hashes only, so that the log can be public."""
        entry = {"k": self.keyid, "p": sha256(self.signed_bytes).hex(), "s": self.signature.hex()}
        return sha256(b"\0" + canonical(entry | {"t": leaf_type, "v": 1}))


# ---- The log: audit paths, checkpoints, key events -------------------------------------------------------------------


def root_over(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 6962, 2.1.1). The path runs from the leaf up."""
    require(bool(path) is (size > 1), "the audit path is too long or too short")
    if size == 1:
        return leaf
    left_size = 1 << (size - 1).bit_length() - 1
    if index < left_size:
        return sha256(b"\1" + root_over(leaf, index, left_size, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root_over(leaf, index - left_size, size - left_size, path[:-1]))


class LogProof:
    """https://c2sp.org/tlog-proof"""

    HEAD = "c2sp[.]org/tlog-proof@v1\nindex"
    FORM = re.compile(f"{HEAD} ({COUNT.pattern})\n((?:{BASE64_32.pattern}\n){{0,64}})\n((?s:.*))")

    def __init__(self, text: str):
        parts = self.FORM.fullmatch(text)
        require(parts, "the log proof is not one")
        self.index, self.note = int(parts[1]), parts[3]
        self.path = [b64decode(line) for line in parts[2].split()]


class Checkpoint:
    """A note about a log: https://c2sp.org/tlog-checkpoint. Who signed it remains open."""

    LINE = f"\u2014 {ORIGIN} {BASE64.pattern}\n"
    FORM = re.compile(f"(({ORIGIN})\n({COUNT.pattern})\n({BASE64_32.pattern})\n)\n((?:{LINE}){{1,100}})")

    def __init__(self, note: str):
        parts = self.FORM.fullmatch(note)
        require(parts, "the checkpoint is not one")
        self.text, self.origin, self.size, self.root = parts[1], parts[2], int(parts[3]), b64decode(parts[4])
        lines = [line.split(" ") for line in parts[5][:-1].split("\n")]
        self.signatures = [(name, b64decode(text)[:4], b64decode(text)[4:]) for _, name, text in lines]
        require(all(signature for _, _, signature in self.signatures), "a signature of the checkpoint is too short")

    def require_leaf(self, leaf: bytes, proof: LogProof) -> None:
        require(proof.index < self.size, "the log does not reach as far as the index")
        require(root_over(leaf, proof.index, self.size, proof.path) == self.root, "the audit path leads elsewhere")

    def signatures_by(self, key: bytes) -> list[bytes]:
        """In the lines with the key's name and id; lines by others are ignored."""
        signer = self.origin, note_key_id(self.origin, key)
        return [signature for name, number, signature in self.signatures if (name, number) == signer]


def note_key_id(origin: str, key: bytes) -> bytes:
    """https://c2sp.org/signed-note"""
    return sha256(origin.encode() + b"\n\x01" + key)[:4]


def choose(shapes: dict, statement: Any, member: str) -> Any:
    """The one of these that the statement's predicate says it is."""
    predicate = statement.get("predicate") if isinstance(statement, dict) else None
    choice = predicate.get(member) if isinstance(predicate, dict) else None
    require(isinstance(choice, str) and choice in shapes, "the statement is of no known kind")
    return shapes[choice]


def read_origin(statement: dict, name: str, predicate: dict, subjects: Callable[[dict], dict]) -> str:
    """The log that the statement was made for. Refuses what is no in-toto statement of this name and its subjects."""
    kind = re.compile(f"https://({ORIGIN})/attestations/{name}/v1")
    shape = {"_type": "https://in-toto.io/Statement/v1", "predicateType": kind, "predicate": predicate}
    require_shape(statement, {**shape, "subject": has_no_null}, "the statement")
    subject = [{"name": key, "digest": {"sha256": value}} for key, value in subjects(statement["predicate"]).items()]
    require(statement["subject"] == subject, "the subject does not follow from the predicate")
    return kind.fullmatch(statement["predicateType"])[1]


class KeyEvent:
    """What is said of a key in one place of a log. Who signed it remains open."""

    def __init__(self, entry: dict):
        self.envelope, self.proof = Envelope(entry["dsse"]), LogProof(entry["tlog_proof"])
        checkpoint, statement = Checkpoint(self.proof.note), parse_json(self.envelope.payload)
        require(canonical(statement) == self.envelope.payload, "a key event is not in canonical form")
        shape = choose(ACTIONS, statement, "action")
        self.origin = read_origin(statement, "key-event", shape, lambda said: {said["role"]: said["keyid"]})
        self.said, self.index = statement["predicate"], self.proof.index
        self.keyid, self.adds = self.said["keyid"], self.said["action"] == "add"
        require(entry["index"] == str(self.index), "a key event's index is not its proof's")
        require(self.origin == checkpoint.origin, "a key event is of another log")
        checkpoint.require_leaf(self.envelope.leaf_hash("key"), self.proof)
        if self.adds:
            key = key_of_did(self.said["did"])
            vkey = f"{self.origin}+{note_key_id(self.origin, key).hex()}+{b64encode(bytes([1]) + key).decode()}"
            spelled = self.keyid, self.said["verify_key_hex"], self.said.get("vkey")
            expected = sha256(key).hex(), key.hex(), vkey if self.said["role"] == "log" else None
            require(spelled == expected, "a key event spells its key in different ways")


ACTIVE, SUSPECT, INACTIVE = range(3)


@dataclass
class Key:
    """A key's life, in indexes of the log: clocks do not count."""

    key: bytes
    role: str
    added: int
    ended: float = math.inf
    compromised_since: float = math.inf

    def standing(self, index: int) -> int:
        """For a record at this index, or a checkpoint whose last leaf this is. (No record is where a key event is.)"""
        if not self.added <= index < self.ended:
            return INACTIVE
        return SUSPECT if index >= self.compromised_since else ACTIVE


def read_history(events: list[KeyEvent]) -> dict[str, Key]:
    """What became of the keys, by key id. Events that contradict each other are refused."""
    keys = {}
    for before, event in zip([None, *events], events, strict=False):
        said, index = event.said, event.index
        require(not before or before.index < index, "the key events are not in the log's order")
        if event.adds:
            require(event.keyid not in keys, "a key is added twice")
            keys[event.keyid] = Key(bytes.fromhex(said["verify_key_hex"]), said["role"], index)
        key = keys.get(event.keyid)
        require(key and key.role == said["role"], "a key event is about a key that was not added in its role")
        key.ended = key.ended if event.adds else min(key.ended, index)
        if said["action"] == "revoke":
            since = int(said.get("compromised_since", index))
            require(since <= index, "a key is revoked before it came into other hands")
            key.compromised_since = min(key.compromised_since, since)
    return keys


# ---- The checks ------------------------------------------------------------------------------------------------------

# In the report's order: which fact each is to judge, and on which ones it leans; or what it is in this version.
CHECKS = {
    "format": ("statement", []), "canonical": ("payload", ["payload"]), "projection": ("", ["statement"]),
    "signature": ("", ["public_key"]), "key_trusted": ("keys", []),
    "key_active_at_index": ("", ["signer", "checkpoint"]), "leaf": ("", ["statement"]),
    "inclusion": ("proof", ["statement", "checkpoint"]), "checkpoint_signature": ("checkpoint", ["checkpoint"]),
    "witness_quorum": "not_present", "timestamp": "not_present", "consistency_with_pinned": "not_checked",
    "openings": ("", ["statement"]), "not_erased": "not_checked",
}  # fmt: skip


class Verification:
    """What can be read of a pack, and the checks over that, each of its own subject."""

    def __init__(self, pack: dict, roots: list[bytes], saved: list[dict]):
        self.pack, self.log, self.roots, self.saved, self.is_suspect = pack, pack["log"], roots, saved, False
        self.root = next((root for root in roots if sha256(root).hex() == pack["keys"]["root_keyid"]), None)
        has_key = re.fullmatch("ed25519:pk_[0-9a-f]{64}", pack["public_key"])
        self.public_key = bytes.fromhex(pack["public_key"][11:]) if has_key else None
        self.envelope = Envelope(pack["dsse"])
        self.refusals: dict[str, Refused] = {}
        self.payload = self.learn("payload", parse_json, self.envelope.payload)
        self.statement = self.learn("statement", self.read_statement, self.payload)
        self.proof = self.learn("proof", LogProof, self.log["tlog_proof"])
        self.checkpoint = self.learn("checkpoint", lambda proof: Checkpoint(proof.note), self.proof)
        self.keys = self.learn("keys", self.read_keys)
        self.signer = (self.keys or {}).get(self.envelope.keyid)
        lines = self.checkpoint.signatures_by if self.checkpoint else lambda key: []
        self.log_keys = [key for key in (self.keys or {}).values() if key.role == "log" and lines(key.key)]

    def learn(self, fact: str, read: Callable, *facts: Any) -> Any:
        """What `read` makes of other facts. None if one of them is not known, or if they are refused."""
        try:
            return None if None in facts else read(*facts)
        except Refused as refusal:
            self.refusals[fact] = refusal
            return None

    def read_statement(self, statement: Any) -> dict:
        kind = self.kind = choose(KINDS, statement, "observation")
        self.origin = read_origin(statement, kind["statement"], kind["predicate"], lambda said: {
            f"{said.get('run_id', said['record_id'])}/{part}": said["commitments"][part] for part in ("input", "output")
        })  # fmt: skip
        said = statement["predicate"]
        for time in (said["received_at"], said["completed_at"]):
            require(time.endswith(":00.000000Z"), "a time is not cut to the minute")
        require(said["audit_id"].replace("-", "") == said["record_id"].removeprefix("vaas_"), "the two ids differ")
        return said

    def read_keys(self) -> dict[str, Key]:
        """By the events of the pack and those that were saved. One saved event that is damaged spoils them all, since
        it might be the one that counts."""
        self.events = [KeyEvent(entry) for entry in self.pack["keys"]["events"]]
        read_history(self.events)
        places = {event.index: event for event in self.events}
        for event in [KeyEvent(entry) for entry in self.saved if self.root]:
            event.envelope.require_signed(self.root)
            if event.origin == self.log["origin"]:
                other = places.setdefault(event.index, event)
                require(other.said == event.said, "a saved key event is another than the pack's")
        return read_history([places[index] for index in sorted(places)])

    def judge(self, name: str) -> dict:
        """The status of a check, with the reason if it failed."""
        if isinstance(CHECKS[name], str):
            return {"status": CHECKS[name]}
        judged, needed = CHECKS[name]
        try:
            if judged in self.refusals:
                raise self.refusals[judged]
            is_known = all(getattr(self, fact) is not None for fact in needed)
            return {"status": (getattr(self, name)() or "pass") if is_known else "not_checked"}
        except Refused as refusal:
            return {"status": "fail", "note": str(refusal)}

    def format(self) -> None:
        for name, text in FIXED.items():
            require(self.pack[name] == text, f"{name} is not {text}")
        require(self.public_key, "public_key is malformed")

    def canonical(self) -> None:
        require(canonical(self.payload) == self.envelope.payload, "the payload is not in canonical form")

    def projection(self) -> None:
        flat = {name: self.statement.get(name) for name in FLAT}
        payload = {name: self.statement.get(name) for name in SIGNED} | {"hash_mode": self.kind["hash_mode"]}
        payload |= {f"{part}_hash": f"sha256:{self.statement['commitments'][part]}" for part in ("input", "output")}
        flat |= {**FIXED, "payload": payload, "signature": f"ed25519:{self.envelope.signature.hex()}"}
        for name, value in flat.items():
            require(self.pack[name] == value, f"{name} is not what was signed")
        require(self.log["origin"] == self.origin, "log.origin is not what was signed")
        require(sha256(self.public_key or b"").hex() == self.envelope.keyid, "public_key is not the envelope's")

    def signature(self) -> None:
        self.envelope.require_signed(self.public_key)
        if "proof" in self.pack:  # https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022. Nothing else leans on it.
            document, proof = dict(self.pack), dict(self.pack["proof"])
            del document["proof"]
            value = proof.pop("proofValue")
            kind = (proof["type"], proof["cryptosuite"], proof["proofPurpose"])
            require(kind == ("DataIntegrityProof", "eddsa-jcs-2022", "assertionMethod"), "the proof is of another kind")
            require(value.startswith("z"), "the proof's value is not base58")
            message = sha256(canonical(proof)) + sha256(canonical(document))
            require_signature(self.proof_key(), unbase58(value[1:]), message, "the proof's signature")

    def proof_key(self) -> bytes:
        did, _, fragment = self.pack["proof"]["verificationMethod"].partition("#")
        require(did == f"did:key:{fragment}", "the proof's method is not a DID's key")
        return key_of_did(did)

    def key_trusted(self) -> None:
        """From the trusted root through its key events to the keys of the statement, the checkpoint and the proof."""
        require(self.root, "the pack's root is not among the trusted ones" if self.roots else "no trusted root")
        for event in self.events:
            event.envelope.require_signed(self.root)
            is_same = self.proof and event.proof.note == self.proof.note
            require(is_same, "a key event is proved under another checkpoint")
        require(self.signer and self.signer.key == self.public_key, "no key event adds the statement's key")
        is_its_role = not self.statement or self.signer.role == self.kind["role"]
        require(is_its_role, "the statement's key was added in another role")
        require(self.log_keys, "no key under the checkpoint was added as the log's")
        used = {self.envelope.keyid, *(sha256(key.key).hex() for key in self.log_keys)}
        if "proof" in self.pack:
            keyid = sha256(self.proof_key()).hex()
            key, last = self.keys.get(keyid), self.checkpoint.size - 1
            is_good = key and key.role == "export" and key.standing(last) == ACTIVE
            require(is_good, "the proof's key may not make proofs")
            used.add(keyid)
        added = {event.keyid for event in self.events if event.adds}
        require(used <= added, "the pack leaves out the key event that adds one of its keys")
        used |= {keyid for keyid, key in self.keys.items() if key.role == "export"}
        require({event.keyid for event in self.events} <= used, "a key event is about a key that the pack does not use")

    def key_active_at_index(self) -> None:
        last = self.checkpoint.size - 1
        log_standing = min((key.standing(last) for key in self.log_keys), default=INACTIVE)
        standing = max(self.signer.standing(self.proof.index), log_standing)
        self.is_suspect = standing == SUSPECT
        require(standing != SUSPECT, "somebody else may have had a key when it signed")
        require(standing == ACTIVE, "a key was not yet added when it signed, or was retired or revoked before")

    def leaf(self) -> None:
        computed = self.envelope.leaf_hash(self.kind["leaf"]).hex()
        require(self.log["leaf_hash"] == computed, "log.leaf_hash is not that of the envelope")

    def inclusion(self) -> None:
        require(self.log["index"] == str(self.proof.index), "log.index is not the proof's")
        self.checkpoint.require_leaf(self.envelope.leaf_hash(self.kind["leaf"]), self.proof)

    def checkpoint_signature(self) -> str:
        checkpoint = self.checkpoint
        origin = self.origin if self.statement else checkpoint.origin
        require(checkpoint.origin == self.log["origin"] == origin, "the checkpoint is of another log")
        if self.keys is None:
            return "not_checked"
        require(self.log_keys, "no key that was added as the log's signed the checkpoint")
        for key in self.log_keys:
            for signature in checkpoint.signatures_by(key.key):
                require_signature(key.key, signature, checkpoint.text.encode(), "a signature of the checkpoint")
        return "pass"

    def openings(self) -> str:
        openings = self.pack["openings"]
        salted = {"details"} if self.kind["hash_mode"] == "plain-v1" else {*self.statement["commitments"]} - {"scheme"}
        require(len({opening["field"] for opening in openings}) == len(openings), "a field is opened twice")
        for opening in openings:
            field, inner = opening["field"], opening["sha256"]
            require(field in salted, "an opening is of nothing that the statement has a salted commitment to")
            require_shape([opening["salt"], inner], (HEX32, HEX64), "an opening")
            parts = b"vaas/commit/v1", field.encode(), bytes.fromhex(opening["salt"] + inner)
            commitment = sha256(b"\0".join(parts)).hex()
            require(commitment == self.statement["commitments"][field], f"the opening of {field} is wrong")
            require(("value" in opening) is (field == "details"), "details, and nothing else, are opened with a value")
            if field == "details":
                require(sha256(canonical(opening["value"])).hex() == inner, "the details are not those committed to")
        return "pass" if openings else "not_present"


def verify(data: bytes, roots: list[bytes], saved: list[dict]) -> dict:
    """The report on the bytes of a pack. Raises `Unusable` if they are not JSON."""
    checks = [{"name": name, "status": "not_checked"} for name in CHECKS]
    verification = None
    try:
        pack = parse_json(data)
        require_shape(pack, PACK, "the pack")
        verification = Verification(pack, roots, saved)
        checks = [{"name": name, **verification.judge(name)} for name in CHECKS]
    except Unusable:
        raise
    except Refused as refusal:
        checks[0] |= {"status": "fail", "note": str(refusal)}
    wrong = [check["name"] for check in checks if check["status"] in ("fail", "not_checked")]
    wrong = [name for name in wrong if CHECKS[name] != "not_checked"]
    is_suspect = wrong == ["key_active_at_index"] and verification.is_suspect
    status = "suspect" if is_suspect else "invalid" if wrong else "valid_unwitnessed"
    said = verification.statement or {} if verification else {}
    ids = {"audit_id": said.get("audit_id"), "record_id": said.get("record_id")}
    return {**ids, "valid": not wrong, "status": status, "checks": checks}


def read_roots(text: str) -> list[bytes]:
    roots = []
    for digits in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        if not HEX64.fullmatch(digits) or not crypto_core_ed25519_is_valid_point(bytes.fromhex(digits)):
            raise Unusable("a line of the trusted roots is no public key")
        roots.append(bytes.fromhex(digits))
    return roots


def read_saved_events(data: bytes) -> list[dict]:
    saved = parse_json(data)
    require_shape(saved, {"events": EVENTS, "*?": lambda _: True}, "the list of saved keys")
    return saved["events"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an evidence pack offline.")
    parser.add_argument("pack", metavar="PACK", type=Path)
    parser.add_argument("--trust", metavar="FILE", type=Path, help="roots that you trust, one a line")
    parser.add_argument("--keys", metavar="FILE", type=Path, help="a saved answer of /v1/vaas/pubkeys")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    try:
        roots = read_roots(arguments.trust.read_text("utf-8")) if arguments.trust else []
        saved = read_saved_events(arguments.keys.read_bytes()) if arguments.keys else []
        report = verify(arguments.pack.read_bytes(), roots, saved)
    except (OSError, Refused, UnicodeDecodeError) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(report, indent=2))
    else:
        for check in report["checks"]:
            print(f"{check['status']:12} {check['name']}", *([f"({check['note']})"] if "note" in check else []))
        print(report["status"])
    return 0 if report["valid"] else 1


if __name__ == "__main__":
    sys.exit(main())
