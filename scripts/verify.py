#!/usr/bin/env python3
"""Verifies an evidence pack offline: who signed it, that the log holds it, that nothing in it was altered.

    verify.py PACK [--trust FILE] [--keys FILE] [--json]

`--trust` lists the roots that you trust, 64 hexadecimal digits a line, `#` begins a comment; get them from elsewhere
than the pack. `--keys` is a saved answer of GET /v1/vaas/pubkeys: a pack can not show that a later revocation was left
out of it. Exit code 0: valid. 1: not a valid pack, suspect, or no trusted root. 2: a file can not be read or is not
JSON, or the arguments are wrong.

Needs Python 3.11 and PyNaCl (libsodium). Written from docs/evidence-format.md, and sharing no code with the server.
"""

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import nacl.bindings
import nacl.exceptions

CHECKS = """
    format canonical projection signature key_trusted key_active_at_index leaf inclusion checkpoint_signature
    witness_quorum timestamp consistency_with_pinned openings not_erased
""".split()
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_BYTES, MAX_DEPTH, MAX_NOTE_SIGNATURES = 1 << 20, 32, 100


class Refused(Exception):
    """Something is not as the format has it; says what."""


class Unusable(Exception):
    """An input is no JSON, or no list of roots, so that there is nothing to verify."""


def require(condition, message):
    if not condition:
        raise Refused(message)


# ---- JSON: strict when reading, RFC 8785 when writing -------------------------------------------------------------


def parse_json(data):
    """The value in `data`. Only strings, integers below 2^53, booleans, null, arrays and objects are left."""
    require(len(data) <= MAX_BYTES, "more than 1 MiB of JSON")
    faults = []

    def unique(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            faults.append("a duplicate name")
        return dict(pairs)

    def integer(digits):
        if len(digits) > 17 or abs(int(digits)) >= 2**53:
            faults.append("an integer of 2^53 or more")
            return 0
        return int(digits)

    def not_json(_):
        raise Unusable("not JSON")

    def fraction(_):
        faults.append("a number that is not an integer")

    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            faults.append("a byte order mark")
            text = text[1:]
        hooks = {"parse_int": integer, "parse_float": fraction, "parse_constant": not_json}
        value = json.loads(text, object_pairs_hook=unique, **hooks)
        inspect_json(value, 0)
    except RecursionError:
        raise Refused("nested more than 32 deep") from None
    except ValueError as error:
        raise Unusable("not JSON") from error
    require(not faults, "".join(faults[:1]))
    return value


def inspect_json(value, depth):
    """Refuses deep nesting, and strings that are no Unicode text: a lone surrogate has no UTF-8."""
    if isinstance(value, str):
        require(not re.search("[\ud800-\udfff]", value), "a lone surrogate")
    elif isinstance(value, dict | list):
        require(depth < MAX_DEPTH, "nested more than 32 deep")
        for item in [*value, *value.values()] if isinstance(value, dict) else value:
            inspect_json(item, depth + 1)


def canonical(value):
    """RFC 8785: no spaces, members by their names' UTF-16 code units, the shortest escapes. (No floats are left.)"""

    def ordered(item):
        if isinstance(item, dict):
            return {name: ordered(item[name]) for name in sorted(item, key=lambda name: name.encode("utf-16-be"))}
        return [ordered(entry) for entry in item] if isinstance(item, list) else item

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


# ---- Shapes: a rule is a function that refuses a value -------------------------------------------------------------


def matching(pattern, allow_null=False):
    def rule(value, what):
        if not (allow_null and value is None):
            matches = isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII | re.DOTALL)
            require(matches, f"{what} is malformed")

    return rule


def exactly(expected):
    def rule(value, what):
        require(type(value) is type(expected) and value == expected, f"{what} is not what it has to be")

    return rule


def one_of(*choices):
    def rule(value, what):
        require(isinstance(value, str) and value in choices, f"{what} is none of the known values")

    return rule


def array_of(item_rule, count=None):
    def rule(value, what):
        require(isinstance(value, list) and count in (None, len(value)), f"{what} is not an array of the right length")
        for item in value:
            item_rule(item, f"an item of {what}")

    return rule


def closed(**members):
    """An object with exactly these members. A name that ends in `_or_absent` need not be there."""
    rules = {name.removesuffix("_or_absent"): rule for name, rule in members.items()}
    required = {name for name in members if not name.endswith("_or_absent")}

    def rule(value, what):
        require(isinstance(value, dict), f"{what} is not an object")
        require(required <= set(value), f"{what} lacks a member")
        require(set(value) <= set(rules), f"{what} has an unknown member")
        for name in value:
            rules[name](value[name], f"{what}'s {name}")

    return rule


def anything(_value, _what):
    pass


def time(value, what):
    """UTC with six digits of a second, and a day that exists."""
    matching(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")(value, what)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise Refused(f"{what} is no time") from None


def minute(value, what):
    time(value, what)
    require(value.endswith(":00.000000Z"), f"{what} is not cut to the minute")


def base64_text(value, what):
    try:
        require(isinstance(value, str), f"{what} is not a string")
        require(base64.b64encode(base64.b64decode(value, validate=True)).decode() == value, f"{what} is not canonical")
    except (binascii.Error, ValueError):
        raise Refused(f"{what} is not base64") from None


def unbase64(text, length=None):
    base64_text(text, "a line")
    data = base64.b64decode(text)
    require(length in (None, len(data)), "a line has the wrong length")
    return data


def hexadecimal(digits):
    return matching(f"[0-9a-f]{{{digits}}}")


def short_text(value, what):
    require(isinstance(value, str) and 1 <= len(value.encode()) <= 1024, f"{what} is no text of 1 to 1024 bytes")


ANY_TEXT = matching(r".*")
FLAT_TEXT = matching(r".*", allow_null=True)
COUNT = matching(r"0|[1-9]\d{0,17}")
DECIMAL = matching(r"(?=.{1,40}$)-?(0|[1-9]\d*)(\.\d+)?")
AMOUNT = matching(r"(?=.{1,40}$)(0|[1-9]\d*)(\.\d+)?")
ROLES = one_of("statement-observed", "statement-asserted", "log", "export")
OUTCOMES = ("ok", "upstream_error", "interrupted", "timeout", "rejected")

# The flat members are strings or null here. What they say is for the projection check.
FLAT = dict.fromkeys(
    "record_id audit_id run_id trace_id route_id provider environment prompt_version_id".split(), FLAT_TEXT
)
PAYLOAD_ONLY = dict.fromkeys(
    "model_id observation evidence_level outcome received_at completed_at hash_mode input_hash output_hash".split(),
    FLAT_TEXT,
)
SIGNATURE = closed(keyid=hexadecimal(64), sig=base64_text)
DSSE = closed(payload=base64_text, payloadType=exactly(PAYLOAD_TYPE), signatures=array_of(SIGNATURE, 1))
EVENT = closed(index=COUNT, dsse=DSSE, tlog_proof=ANY_TEXT)
PACK = closed(
    format=exactly("vaas-evidence/v1"),
    **FLAT,
    verification_method=exactly("Ed25519Signature2020"),
    signature_suite=exactly("dsse-v1+ed25519"),
    public_key=matching(r"ed25519:pk_[0-9a-f]{64}"),
    signature=matching(r"ed25519:[0-9a-f]{128}"),
    payload=closed(**FLAT, **PAYLOAD_ONLY),
    dsse=DSSE,
    log=closed(origin=ANY_TEXT, index=COUNT, leaf_hash=hexadecimal(64), tlog_proof=ANY_TEXT),
    keys=closed(root_keyid=hexadecimal(64), events=array_of(EVENT)),
    timestamps=array_of(anything, 0),
    openings=array_of(closed(field=short_text, salt=hexadecimal(32), sha256=hexadecimal(64), value_or_absent=anything)),
    proof_or_absent=anything,  # Judged by `signature` and `key_trusted`.
)

NAMED_DIGEST = closed(name=short_text, digest=closed(sha256=hexadecimal(64)))
ENERGY_NONE = closed(basis=exactly("none"), reason=one_of("no_method", "no_output", "withheld"))
ENERGY_FIGURES = closed(
    basis=one_of("estimate", "estimate_range"), method=short_text,
    wh=AMOUNT, wh_low=AMOUNT, wh_high=AMOUNT, carbon_g=AMOUNT,
    grid=closed(zone=short_text, g_per_kwh=AMOUNT, source=short_text, accounting=short_text),
    baseline=closed(zone=short_text, g_per_kwh=AMOUNT, difference_g=DECIMAL),
)


def energy(value, what):
    if isinstance(value, dict) and value.get("basis") == "none":
        ENERGY_NONE(value, what)
    else:
        ENERGY_FIGURES(value, what)
        low, middle, high = (Decimal(value[name]) for name in ("wh_low", "wh", "wh_high"))
        require(low <= middle <= high, f"{what} is out of order")


def statement_of(name, predicate):
    """An in-toto statement of ours: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md"""
    kind = matching(f"https://.+/attestations/{name}/v1")
    in_toto = exactly("https://in-toto.io/Statement/v1")
    return closed(_type=in_toto, subject=array_of(NAMED_DIGEST), predicateType=kind, predicate=predicate)


COMMON = dict(
    record_id=matching(r"vaas_[0-9a-f]{32}"), audit_id=matching(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    environment=short_text, model_id=short_text, received_at=minute, completed_at=minute, energy=energy,
    nonce=hexadecimal(32),
)
DIGESTS = dict.fromkeys(["input", "output", "details"], hexadecimal(64))
WIRE_DIGESTS = dict.fromkeys(["request_wire", "response_wire", "prompt_template_or_absent"], hexadecimal(64))
PREDICATES = {
    "gateway_observed": closed(
        **COMMON, observation=exactly("gateway_observed"), evidence_level=exactly("A1"), outcome=one_of(*OUTCOMES),
        run_id=matching(r"run_[0-9A-Za-z]{20,124}"), trace_id=hexadecimal(32), span_id=hexadecimal(16),
        prompt_version_id=short_text, route_id_or_absent=short_text, provider_or_absent=short_text,
        commitments=closed(scheme=exactly("salted-sha256-v1"), **DIGESTS, **WIRE_DIGESTS),
    ),
    "user_asserted": closed(
        **COMMON, observation=exactly("user_asserted"), evidence_level=exactly("A0"), outcome=exactly("ok"),
        commitments=closed(scheme=exactly("plain-sha256-v1"), **DIGESTS),
    ),
}
# What goes together: the statement's name, the role that signs it, the type of its leaf, how its values are hashed.
KINDS = {
    "gateway_observed": ("inference-run", "statement-observed", "run", "salted-v1"),
    "user_asserted": ("user-assertion", "statement-asserted", "assert", "plain-v1"),
}
EVENT_COMMON = dict(role=ROLES, keyid=hexadecimal(64), time=time)
EVENT_PREDICATES = {
    "add": closed(
        **EVENT_COMMON, action=exactly("add"), verify_key_hex=hexadecimal(64), did=short_text, not_before=time,
        vkey_or_absent=short_text, not_after_or_absent=time,
    ),
    "retire": closed(**EVENT_COMMON, action=exactly("retire"), reason=short_text),
    "revoke": closed(**EVENT_COMMON, action=exactly("revoke"), reason=short_text, compromised_since_or_absent=COUNT),
}


def counts_of(*names, closed):
    """An object of whole numbers with these names, and with others unless it is closed."""

    def rule(value, what):
        require(isinstance(value, dict) and set(names) <= set(value), f"{what} lacks a member")
        require(not closed or len(value) == len(names), f"{what} has an unknown member")
        require(all(type(number) is int and number >= 0 for number in value.values()), f"{what} counts something else")

    return rule


def without_null(value, what):
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        require(item is not None, f"{what} has a null")
        without_null(item, what)


DETAILS = closed(
    tenant=short_text, tenant_seq=COUNT, prev_receipt=hexadecimal(64), received_at=time, completed_at=time,
    usage_or_absent=counts_of("input_tokens", "output_tokens", closed=False),
    cost_or_absent=closed(currency=short_text, nanos=COUNT), energy_inputs_or_absent=anything,
    claims_or_absent=anything, policy_or_absent=anything, request_bytes_or_absent=COUNT, response_bytes_or_absent=COUNT,
    clock_anomaly_or_absent=anything, refused_or_absent=counts_of("401", "429", closed=True),
)
PROOF = closed(
    type=exactly("DataIntegrityProof"), cryptosuite=exactly("eddsa-jcs-2022"), verificationMethod=short_text,
    proofPurpose=exactly("assertionMethod"), proofValue=short_text,
)


# ---- Keys, signatures, envelopes -----------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def key_id(key):
    return sha256(key).hex()


def is_point(key):
    return len(key) == 32 and nacl.bindings.crypto_core_ed25519_is_valid_point(key)


def require_signature(key, signature, message, what):
    """By libsodium's rules, which are stricter than those of other Ed25519 libraries."""
    require(len(signature) == 64, f"{what} is not 64 bytes long")
    try:
        nacl.bindings.crypto_sign_open(signature + message, key)
    except nacl.exceptions.BadSignatureError:
        raise Refused(f"{what} is wrong") from None


def signed_bytes(dsse):
    """DSSE's pre-authentication encoding: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md"""
    kind, body = dsse["payloadType"].encode(), base64.b64decode(dsse["payload"])
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def signature_of(dsse):
    return base64.b64decode(dsse["signatures"][0]["sig"])


def parse_payload(dsse):
    """The value that was signed. The bytes are judged as they are, never written again to be verified."""
    body = base64.b64decode(dsse["payload"])
    try:
        value = parse_json(body)
    except Unusable:
        raise Refused("the payload is not JSON") from None
    require(canonical(value) == body, "the payload is not in canonical form")
    return value


def member_of_predicate(statement, name):
    """A text that says which shape the rest has to have; empty if there is none."""
    predicate = statement.get("predicate") if isinstance(statement, dict) else None
    value = predicate.get(name) if isinstance(predicate, dict) else None
    return value if isinstance(value, str) else ""


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(data):
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def unbase58(multibase):
    """The 64 bytes of a signature after multibase's mark for base58."""
    require(re.fullmatch(f"z[{BASE58}]{{64,90}}", multibase), "a value is not base58")
    number = 0
    for letter in multibase[1:]:
        number = number * 58 + BASE58.index(letter)
    data = number.to_bytes(80, "big")[-64:]
    require("z" + base58(data) == multibase, "a base58 value is not 64 bytes")
    return data


def did_of(key):
    return "did:key:z" + base58(b"\xed\x01" + key)


# ---- The log: leaves, audit paths, checkpoints ---------------------------------------------------------------------


def leaf_hash(dsse, leaf_type):
    """RFC 6962's hash of the log's entry. The entry holds hashes only, so that the log can be public."""
    entry = {
        "k": dsse["signatures"][0]["keyid"], "p": sha256(signed_bytes(dsse)).hex(),
        "s": signature_of(dsse).hex(), "t": leaf_type, "v": 1,
    }  # fmt: skip
    return sha256(b"\0" + canonical(entry))


def root_over(leaf, index, size, path):
    """The root that an audit path leads to (RFC 6962, 2.1.1). The path runs from the leaf up."""
    if size == 1:
        require(not path, "the audit path is too long")
        return leaf
    require(path, "the audit path is too short")
    left_size = 1 << (size - 1).bit_length() - 1
    if index < left_size:
        return sha256(b"\1" + root_over(leaf, index, left_size, path[:-1]) + path[-1])
    return sha256(b"\1" + path[-1] + root_over(leaf, index - left_size, size - left_size, path[:-1]))


def split_proof(text):
    """The index, the audit path and the checkpoint's note in a C2SP tlog-proof."""
    head, blank, note = text.partition("\n\n")
    require(blank, "the log proof has no checkpoint")
    version, *lines = head.split("\n")
    require(version == "c2sp.org/tlog-proof@v1", "the log proof is of another version")
    require(lines and lines[0].startswith("index "), "the log proof has no index")
    index = lines[0].removeprefix("index ")
    COUNT(index, "the log proof's index")
    require(len(lines) <= 64, "the audit path is too long")
    return int(index), [unbase64(line, 32) for line in lines[1:]], note


@dataclass
class Checkpoint:
    """A C2SP checkpoint: a signed note whose text is an origin, a size and a root."""

    text: str
    origin: str
    size: int
    root: bytes
    signatures: list = field(repr=False)

    @staticmethod
    def parse(note):
        text, blank, signatures = note.rpartition("\n\n")
        require(blank and signatures.endswith("\n"), "the checkpoint is no signed note")
        require(not re.search(r"[\x00-\x09\x0b-\x1f]", note), "the checkpoint has a control character")
        lines = text.split("\n")
        require(len(lines) == 3 and lines[0], "the checkpoint's text is not three lines")
        COUNT(lines[1], "the checkpoint's size")
        parsed = [Checkpoint.parse_signature(line) for line in signatures[:-1].split("\n")]
        require(len(parsed) <= MAX_NOTE_SIGNATURES, "the checkpoint has too many signatures")
        return Checkpoint(text + "\n", lines[0], int(lines[1]), unbase64(lines[2], 32), parsed)

    @staticmethod
    def parse_signature(line):
        require(re.fullmatch(r"\u2014 [^\s+]+ [A-Za-z0-9+/=]+", line), "a line of the checkpoint is no signature")
        _, name, encoded = line.split(" ")
        data = unbase64(encoded)
        require(len(data) > 4, "a signature of the checkpoint is too short")
        return name, data[:4], data[4:]

    def require_leaf(self, leaf, index, path):
        require(index < self.size, "the log does not reach as far as the index")
        require(root_over(leaf, index, self.size, path) == self.root, "the audit path does not lead to the root")

    def signers(self, keys):
        """Those of `keys` that signed. Others' lines are ignored; a wrong line of one of these spoils the note."""
        signed = []
        for key in keys:
            number = note_key_id(self.origin, key)
            for name, key_number, signature in self.signatures:
                if (name, key_number) == (self.origin, number):
                    require_signature(key, signature, self.text.encode(), "a signature of the checkpoint")
                    signed.append(key)
        return signed


def note_key_id(name, key):
    return sha256(name.encode() + b"\n\x01" + key)[:4]


# ---- Key events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class KeyEvent:
    """What a root says of a key. It works from its own place in the log."""

    index: int
    leaf: bytes
    origin: str
    action: str
    role: str
    keyid: str
    key: bytes | None
    since: int

    @staticmethod
    def read(entry, root):
        """A root's signed words, for the log that they name."""
        dsse, index = entry["dsse"], int(entry["index"])
        require(dsse["signatures"][0]["keyid"] == key_id(root), "a key event is not by the root")
        require_signature(root, signature_of(dsse), signed_bytes(dsse), "the signature of a key event")
        statement = parse_payload(dsse)
        action = member_of_predicate(statement, "action")
        require(action in EVENT_PREDICATES, "a key event does something unknown")
        statement_of("key-event", EVENT_PREDICATES[action])(statement, "a key event")
        origin = statement["predicateType"].removeprefix("https://").removesuffix("/attestations/key-event/v1")
        said = statement["predicate"]
        named = {"name": said["role"], "digest": {"sha256": said["keyid"]}}
        require(statement["subject"] == [named], "a key event's subject is not its key")
        key = bytes.fromhex(said["verify_key_hex"]) if action == "add" else None
        if key:
            KeyEvent.require_one_key(said, key, origin)
        since = int(said.get("compromised_since", index))
        return KeyEvent(index, leaf_hash(dsse, "key"), origin, action, said["role"], said["keyid"], key, since)

    def require_logged(self, text, checkpoint):
        """Its leaf is where it says, by the log proof in `text`."""
        index, path, _ = split_proof(text)
        require(index == self.index, "a key event's index is not its proof's")
        checkpoint.require_leaf(self.leaf, index, path)

    @staticmethod
    def require_one_key(said, key, origin):
        """Every spelling of the key in an event that adds it is of the same key."""
        require(is_point(key), "a key event adds what is no key")
        number = note_key_id(origin, key).hex()
        vkey = f"{origin}+{number}+{base64.b64encode(bytes([1]) + key).decode()}" if said["role"] == "log" else None
        spelled = (said["keyid"], said["did"], said.get("vkey"))
        require(spelled == (key_id(key), did_of(key), vkey), "a key event spells its key in different ways")


class KeyHistory:
    """Key events that do not contradict each other."""

    def __init__(self, events):
        places = {event.index: event for event in events}
        require(all(places[event.index] == event for event in events), "two key events are in one place")
        self.events = [places[index] for index in sorted(places)]
        added = {}
        for event in self.events:
            if event.action == "add":
                require(event.keyid not in added, "a key is added twice")
                added[event.keyid] = event.role
            require(added.get(event.keyid) == event.role, "a key ends in a role that it was not added in")
            require(event.since <= event.index, "a key is revoked before it came into other hands")

    def keys(self, role):
        return {event.keyid: event.key for event in self.events if event.action == "add" and event.role == role}

    def standing(self, keyid, role, position):
        """`active`, `suspect`, or why neither. A record stands at its own leaf, a checkpoint at its last one."""
        added = [e.index for e in self.events if (e.action, e.role, e.keyid) == ("add", role, keyid)]
        ends = [event for event in self.events if event.action != "add" and event.keyid == keyid]
        if not added or position < min(added):
            return "the key was not yet added"
        if any(event.index <= position for event in ends):
            return "the key was retired or revoked before"
        return "suspect" if any(e.action == "revoke" and e.since <= position for e in ends) else "active"


# ---- Verifying -----------------------------------------------------------------------------------------------------


@dataclass
class Trust:
    """What the verifier knows from elsewhere than the pack."""

    roots: list
    saved_events: list = field(default_factory=list)

    @staticmethod
    def read_roots(text):
        roots = []
        for line in text.splitlines():
            digits = line.partition("#")[0].strip()
            if digits:
                if not re.fullmatch("[0-9a-f]{64}", digits) or not is_point(bytes.fromhex(digits)):
                    raise Unusable("a line of the trusted roots is no public key")
                roots.append(bytes.fromhex(digits))
        return roots

    @staticmethod
    def read_saved_events(data):
        try:
            saved = parse_json(data)
            require(isinstance(saved, dict), "it is not an object")
            array_of(EVENT)(saved.get("events"), "the list of events")
        except Refused as error:
            raise Unusable(f"the saved keys can not be used: {error}") from None
        return saved["events"]

    def root(self, keyid):
        return next((root for root in self.roots if key_id(root) == keyid), None)


class Verification:
    """Every check of one pack, in the order in which they build on each other."""

    def __init__(self, trust):
        self.trust = trust
        self.statuses = dict.fromkeys(CHECKS, "not_checked")
        self.notes = {}
        self.standings = []
        self.pack = self.statement = self.checkpoint = self.history = None

    @contextmanager
    def check(self, name):
        """Passes the check if the block comes to its end. What failed once stays so."""
        try:
            yield
            if self.statuses[name] != "fail":
                self.statuses[name] = "pass"
        except Refused as error:
            self.fail(name, error)

    def fail(self, name, error):
        self.statuses[name] = "fail"
        self.notes.setdefault(name, str(error))

    def run(self, data):
        with self.check("format"):
            pack = parse_json(data)
            PACK(pack, "the pack")
            self.pack = pack
        if self.pack:
            self.check_statement()
            self.check_projection()
            self.check_signature()
            self.check_log()
            self.check_keys()
            self.check_openings()
            self.check_proof()
            self.statuses["witness_quorum"] = self.statuses["timestamp"] = "not_present"
        return self

    def check_statement(self):
        """`canonical` judges the signed bytes, `format` what they say."""
        statement = None
        with self.check("canonical"):
            statement = parse_payload(self.pack["dsse"])
        if statement is None:
            return
        with self.check("format"):
            observation = member_of_predicate(statement, "observation")
            require(observation in PREDICATES, "the statement is of no known kind")
            statement_of(KINDS[observation][0], PREDICATES[observation])(statement, "the statement")
            said = statement["predicate"]
            require(said["audit_id"].replace("-", "") == said["record_id"].removeprefix("vaas_"), "two ids differ")
            named = said.get("run_id", said["record_id"])
            subject = [
                {"name": f"{named}/{part}", "digest": {"sha256": said["commitments"][part]}}
                for part in ("input", "output")
            ]
            require(statement["subject"] == subject, "the subject is not what the statement commits to")
            self.statement = statement

    def check_projection(self):
        if self.statement is None:
            return
        with self.check("projection"):
            pack, said, dsse = self.pack, self.statement["predicate"], self.pack["dsse"]
            signed = {name: said.get(name) for name in [*FLAT, *PAYLOAD_ONLY]}
            signed["hash_mode"] = KINDS[said["observation"]][3]
            for name in ("input", "output"):
                signed[f"{name}_hash"] = "sha256:" + said["commitments"][name]
            for name in FLAT:
                require(pack[name] == signed[name], f"{name} is not what was signed")
            for name in signed:
                require(pack["payload"][name] == signed[name], f"payload.{name} is not what was signed")
            require(pack["signature"] == "ed25519:" + signature_of(dsse).hex(), "signature is not the envelope's")
            require(key_id(self.public_key) == dsse["signatures"][0]["keyid"], "public_key is not the envelope's")

    @property
    def public_key(self):
        return bytes.fromhex(self.pack["public_key"].removeprefix("ed25519:pk_"))

    def check_signature(self):
        with self.check("signature"):
            dsse = self.pack["dsse"]
            require(key_id(self.public_key) == dsse["signatures"][0]["keyid"], "the key is not the one that signed")
            require_signature(self.public_key, signature_of(dsse), signed_bytes(dsse), "the signature")

    def check_log(self):
        """`leaf` and `inclusion`. Whether the checkpoint is signed is judged with the keys."""
        log, note, position = self.pack["log"], None, None
        if self.statement:
            leaf = leaf_hash(self.pack["dsse"], KINDS[self.statement["predicate"]["observation"]][2])
            with self.check("leaf"):
                require(leaf.hex() == log["leaf_hash"], "log.leaf_hash is not that of the envelope")
        with self.check("inclusion"):
            index, path, note = split_proof(log["tlog_proof"])
            position = index, path
            require(str(index) == log["index"], "log.index is not the proof's")
        if note is None:
            return
        try:
            self.checkpoint = Checkpoint.parse(note)
        except Refused as error:
            self.fail("checkpoint_signature", error)
            return
        if self.statement:
            with self.check("projection"):
                require(log["origin"] == self.checkpoint.origin, "log.origin is not the checkpoint's")
            with self.check("inclusion"):
                self.checkpoint.require_leaf(leaf, *position)
                name = KINDS[self.statement["predicate"]["observation"]][0]
                expected = f"https://{self.checkpoint.origin}/attestations/{name}/v1"
                require(self.statement["predicateType"] == expected, "the statement was made for another log")

    def check_keys(self):
        """From the trusted root through its key events to the keys of the statement and of the checkpoint."""
        role = KINDS[self.statement["predicate"]["observation"]][1] if self.statement else None
        with self.check("key_trusted"):
            root = self.trust.root(self.pack["keys"]["root_keyid"])
            require(root, "the pack's root is not among the trusted ones" if self.trust.roots else "no trusted root")
            events = [KeyEvent.read(entry, root) for entry in self.pack["keys"]["events"]]
            self.history = KeyHistory(events + self.saved_events(root))
            self.require_proved(events)
            self.require_used(events)
            if role:
                require(key_id(self.public_key) in self.history.keys(role), f"no key event adds the key as {role}")
        if role and self.statuses["key_trusted"] == "pass":
            with self.check("key_active_at_index"):
                self.require_standing(self.public_key, role, int(self.pack["log"]["index"]))
        self.check_checkpoint()

    def saved_events(self, root):
        """What the verifier saved of this log. One damaged event spoils them all: it might be the one that counts."""
        events = [KeyEvent.read(entry, root) for entry in self.trust.saved_events]
        for event, entry in zip(events, self.trust.saved_events, strict=True):
            event.require_logged(entry["tlog_proof"], Checkpoint.parse(split_proof(entry["tlog_proof"])[2]))
        return [event for event in events if event.origin == self.pack["log"]["origin"]]

    def require_proved(self, events):
        """Each key event is this log's and in it, under the very checkpoint of the record."""
        require(self.checkpoint, "there is no checkpoint to prove key events by")
        indexes = [event.index for event in events]
        require(indexes == sorted(set(indexes)), "the key events are not in the log's order")
        note = self.pack["log"]["tlog_proof"].partition("\n\n")[2]
        for event, entry in zip(events, self.pack["keys"]["events"], strict=True):
            require(event.origin == self.pack["log"]["origin"], "a key event is of another log")
            require(split_proof(entry["tlog_proof"])[2] == note, "a key event is proved under another checkpoint")
            event.require_logged(entry["tlog_proof"], self.checkpoint)

    def require_used(self, events):
        """The pack tells of the keys that it uses, whatever was saved, and of no others but an export key's."""
        numbers = {key_number for _, key_number, _ in self.checkpoint.signatures}
        log_keys = self.history.keys("log")
        used = {keyid for keyid, key in log_keys.items() if note_key_id(self.checkpoint.origin, key) in numbers}
        used |= {key_id(self.public_key)}
        added = {event.keyid for event in events if event.action == "add"}
        require(used <= added, "the pack lacks the key event that adds one of its keys")
        used |= set(self.history.keys("export"))
        require(all(event.keyid in used for event in events), "a key event is about a key that the pack does not use")

    def require_standing(self, key, role, position):
        standing = self.history.standing(key_id(key), role, position)
        self.standings.append(standing)
        require(standing != "suspect", "somebody else may have had the key by then")
        require(standing == "active", standing)

    def check_checkpoint(self):
        if self.checkpoint is None or self.history is None:
            return
        signers, last = [], self.checkpoint.size - 1
        with self.check("checkpoint_signature"):
            signers = self.checkpoint.signers(self.history.keys("log").values())
            require(signers, "no trusted log key signed the checkpoint")
        standings = {key: self.history.standing(key_id(key), "log", last) for key in signers}
        if signers and "active" not in standings.values():
            with self.check("key_active_at_index"):
                best = next((key for key in signers if standings[key] == "suspect"), signers[0])
                self.require_standing(best, "log", last)

    def check_openings(self):
        if not self.pack["openings"]:
            self.statuses["openings"] = "not_present"
        elif self.statement:
            with self.check("openings"):
                fields = [opening["field"] for opening in self.pack["openings"]]
                require(len(set(fields)) == len(fields), "a field is opened twice")
                for opening in self.pack["openings"]:
                    self.require_opening(opening)

    def require_opening(self, opening):
        """commitment = SHA-256("vaas/commit/v1" 00 field 00 salt SHA-256(value))"""
        said, name = self.statement["predicate"], opening["field"]
        salted = ["details"] if said["observation"] == "user_asserted" else set(said["commitments"]) - {"scheme"}
        require(name in salted, "the statement has no salted commitment of this name")
        inner = bytes.fromhex(opening["sha256"])
        parts = b"vaas/commit/v1", name.encode(), bytes.fromhex(opening["salt"]) + inner
        require(sha256(b"\0".join(parts)).hex() == said["commitments"][name], f"the opening of {name} is wrong")
        require(("value" in opening) == (name == "details"), "details, and nothing else, is opened with its value")
        if name == "details":
            require(sha256(canonical(opening["value"])) == inner, "the details are not what was committed to")
            DETAILS(opening["value"], "details")
            without_null(opening["value"], "details")

    def check_proof(self):
        """https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022, by an export key. Nothing else leans on it."""
        if "proof" not in self.pack:
            return
        document = {name: value for name, value in self.pack.items() if name != "proof"}
        with self.check("signature"):
            PROOF(self.pack["proof"], "the proof")
        if self.history is None or self.checkpoint is None or self.statuses["signature"] == "fail":
            return
        key, options = None, {name: value for name, value in self.pack["proof"].items() if name != "proofValue"}
        with self.check("key_trusted"):
            methods = {did_of(key) + "#" + did_of(key)[8:]: key for key in self.history.keys("export").values()}
            key = methods.get(options["verificationMethod"])
            require(key, "the proof is not by an export key")
            standing = self.history.standing(key_id(key), "export", self.checkpoint.size - 1)
            require(standing == "active", "the proof's key was not active")
        if key:
            with self.check("signature"):
                message = sha256(canonical(options)) + sha256(canonical(document))
                signature = unbase58(self.pack["proof"]["proofValue"])
                require_signature(key, signature, message, "the proof's signature")

    @property
    def status(self):
        """A check of the first nine that could not be made is as bad as one that failed."""
        wrong = [name for name in CHECKS[:9] if self.statuses[name] != "pass"]
        wrong += [name for name in CHECKS[9:] if self.statuses[name] == "fail"]
        if wrong == ["key_active_at_index"] and set(self.standings) <= {"active", "suspect"}:
            return "suspect"
        return "invalid" if wrong else "valid_unwitnessed"

    @property
    def report(self):
        record = self.statement["predicate"] if self.statement else {}
        checks = [
            {"name": name, "status": status} | ({"note": self.notes[name]} if name in self.notes else {})
            for name, status in self.statuses.items()
        ]
        return {
            "audit_id": record.get("audit_id"), "record_id": record.get("record_id"),
            "valid": self.status == "valid_unwitnessed", "status": self.status, "checks": checks,
        }  # fmt: skip


def verify(data, trust):
    """The report on the bytes of a pack. Raises `Unusable` if they are not JSON."""
    return Verification(trust).run(data).report


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description="Verifies an evidence pack offline.")
    parser.add_argument("pack", metavar="PACK")
    parser.add_argument("--trust", metavar="FILE", help="roots that you trust, one a line")
    parser.add_argument("--keys", metavar="FILE", help="a saved answer of /v1/vaas/pubkeys")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    try:
        roots = Trust.read_roots(read(arguments.trust).decode()) if arguments.trust else []
        saved = Trust.read_saved_events(read(arguments.keys)) if arguments.keys else []
        report = verify(read(arguments.pack), Trust(roots, saved))
    except (OSError, Unusable, UnicodeDecodeError) as error:
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
