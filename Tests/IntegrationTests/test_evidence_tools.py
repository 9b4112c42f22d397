"""Programs that others wrote accept what the server signs, unmodified, and refuse it altered."""

import base64
import copy
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import jcs
import pytest
import rfc8785
from google.protobuf.json_format import Parse
from hypothesis import given
from hypothesis import strategies as st
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from pymerkle import InmemoryTree
from pymerkle.proof import InclusionProof, InvalidProof
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from evidence import Sample, load_script

GO_PROGRAM = Path(__file__).parent / "go" / "opennote.go"
script = load_script()
DER_OF_ED25519_KEY = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of a public key in RFC 8410's form."""


def envelopes(samples: list[Sample]) -> list[tuple[dict, bytes]]:
    """Every envelope of the packs, with the key that signed it."""
    found = []
    for sample in samples:
        found.append((sample.pack["dsse"], bytes.fromhex(sample.pack["public_key"].removeprefix("ed25519:pk_"))))
        root = bytes.fromhex(sample.trust.read_text())
        found += [(event["dsse"], root) for event in sample.pack["keys"]["events"]]
    return found


def body_of(dsse: dict) -> bytes:
    return base64.b64decode(dsse["payload"])


def signed_bytes(dsse: dict) -> bytes:
    """DSSE's pre-authentication encoding."""
    kind, body = dsse["payloadType"].encode(), body_of(dsse)
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def altered(dsse: dict) -> dict:
    other = copy.deepcopy(dsse)
    other["payload"] = base64.b64encode(body_of(dsse).replace(b'"predicate"', b'"Predicate"')).decode()
    assert other != dsse
    return other


def note_of(text: str) -> str:
    """The checkpoint in a log proof."""
    return text.split("\n\n", 1)[1]


def log_key(sample: Sample) -> str:
    """The log's verifier key, in the words of the key event that adds it."""
    said = [json.loads(body_of(event["dsse"]))["predicate"] for event in sample.pack["keys"]["events"]]
    return next(predicate["vkey"] for predicate in said if "vkey" in predicate)


# Envelopes and statements


def test_securesystemslib_verifies_the_envelopes(samples: list[Sample]):
    for dsse, key in envelopes(samples):
        keyid = hashlib.sha256(key).hexdigest()
        verifier = SSlibKey(keyid, "ed25519", "ed25519", {"public": key.hex()})
        # from_dict takes what it is given apart.
        assert list(Envelope.from_dict(copy.deepcopy(dsse)).verify([verifier], 1)) == [keyid]
        with pytest.raises(VerificationError):
            Envelope.from_dict(altered(dsse)).verify([verifier], 1)


def test_in_toto_reads_the_statements(samples: list[Sample]):
    for dsse, _ in envelopes(samples):
        statement = Parse(body_of(dsse), statement_pb2.Statement())
        Statement.copy_from_pb(statement).validate()
        assert statement.type == "https://in-toto.io/Statement/v1"


def test_openssl_verifies_the_signatures(samples: list[Sample], tmp_path: Path):
    for dsse, key in envelopes(samples):
        assert openssl_verifies(dsse, key, tmp_path)
        assert not openssl_verifies(altered(dsse), key, tmp_path)


def openssl_verifies(dsse: dict, key: bytes, folder: Path) -> bool:
    files = {
        "message": signed_bytes(dsse),
        "signature": base64.b64decode(dsse["signatures"][0]["sig"]),
        "key": DER_OF_ED25519_KEY + key,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature"
    result = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode in (0, 1), result.stderr
    return result.returncode == 0


# The log


def tree_of(leaves: list[bytes]) -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


def test_pymerkle_comes_to_the_root_of_the_log(log_leaves: tuple[str, list[bytes]]):
    checkpoint, leaves = log_leaves
    _, size, root = checkpoint.split("\n")[:3]
    tree = tree_of(leaves)
    assert (str(tree.get_size()), tree.get_root()) == (size, base64.b64decode(root))


def test_pymerkle_verifies_the_audit_paths(samples: list[Sample]):
    for sample in samples:
        _, size, root = note_of(sample.pack["log"]["tlog_proof"]).split("\n")[:3]
        for leaf, index, path in logged_leaves(sample):
            expected = {"index": index + 1, "size": int(size), "algorithm": "sha256"}
            # The shape of the path is what any tree of this size has there.
            rule = tree_of([b""] * int(size)).prove_inclusion(index + 1).rule
            proof = InclusionProof("sha256", True, int(size), index + 1, rule, [leaf, *path])
            proof.verify(leaf, base64.b64decode(root), **expected)
            proof.path[-1] = bytes(32)
            with pytest.raises(InvalidProof):
                proof.verify(leaf, base64.b64decode(root), **expected)


def logged_leaves(sample: Sample) -> list[tuple[bytes, int, list[bytes]]]:
    """The record's leaf and the key events', each with its index and its audit path."""
    pack = sample.pack
    kind = {"gateway_observed": "run", "user_asserted": "assert"}[pack["payload"]["observation"]]
    proofs = [(pack["dsse"], pack["log"]["tlog_proof"], kind)]
    proofs += [(event["dsse"], event["tlog_proof"], "key") for event in pack["keys"]["events"]]
    found = []
    for dsse, text, leaf_type in proofs:
        _, index, *path = text.split("\n\n")[0].split("\n")
        nodes = [base64.b64decode(line) for line in path]
        found.append((leaf_hash(dsse, leaf_type), int(index.removeprefix("index ")), nodes))
    assert found[0][0].hex() == pack["log"]["leaf_hash"]
    return found


def leaf_hash(dsse: dict, kind: str) -> bytes:
    signature = dsse["signatures"][0]
    entry = {
        "k": signature["keyid"],
        "p": hashlib.sha256(signed_bytes(dsse)).hexdigest(),
        "s": base64.b64decode(signature["sig"]).hex(),
        "t": kind,
        "v": 1,
    }
    return hashlib.sha256(b"\0" + rfc8785.dumps(entry)).digest()


@pytest.fixture(scope="session")
def open_note(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str | None]:
    """Go's reading of a signed note: the text that the key has signed, or None if it does not accept the note."""
    folder = tmp_path_factory.mktemp("go")
    settings = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": str(folder / "cache")}
    program = folder / "opennote"
    command = ["go", "build", "-o", str(program), str(GO_PROGRAM)]
    subprocess.run(command, env=os.environ | settings, check=True, timeout=100)

    def open_note(note: str, key: str) -> str | None:
        result = subprocess.run([program, key], input=note.encode(), capture_output=True, timeout=30, check=False)
        assert result.returncode in (0, 1), result.stderr
        return result.stdout.decode() if result.returncode == 0 else None

    return open_note


def test_go_opens_the_checkpoints(samples: list[Sample], open_note: Callable[[str, str], str | None]):
    for sample in samples:
        note = note_of(sample.pack["log"]["tlog_proof"])
        assert open_note(note, log_key(sample)) == note.split("\n\n")[0] + "\n"


def test_go_and_the_script_accept_the_same_notes(samples: list[Sample], open_note: Callable[[str, str], str | None]):
    sample = samples[0]
    note, vkey = note_of(sample.pack["log"]["tlog_proof"]), log_key(sample)
    key = base64.b64decode(vkey.split("+", 2)[2])[1:]
    accepted = {}
    for how, other in altered_notes(note, sample.unknown_line).items():
        try:
            checkpoint = script.Checkpoint(other)
            signatures = checkpoint.signatures_by(key)
            for signature in signatures:
                script.require_signature(key, signature, checkpoint.text.encode(), "a signature")
            accepted[how] = bool(signatures)
        except script.Refused:
            accepted[how] = False
        assert (open_note(other, vkey) is not None) is accepted[how], how
    assert set(accepted.values()) == {True, False}


def altered_notes(note: str, unknown: str) -> dict[str, str]:
    text, lines = note.split("\n\n")
    line, name = lines.removesuffix("\n"), text.split("\n")[0]
    number = base64.b64decode(line.rpartition(" ")[2])[:4]
    another = f"\u2014 {name} " + base64.b64encode(bytes(68)).decode()
    wrong = f"\u2014 {name} " + base64.b64encode(number + bytes(64)).decode()
    endings = {
        "as it is": [line],
        "a line twice": [line, line],
        "an unknown key's line": [line, unknown],
        "an unknown key's line first": [unknown, line],
        "a known name with another id": [line, another],
        "100 lines": [line] + [unknown] * 99,
        "101 lines": [line] + [unknown] * 100,
        "only an unknown key's line": [unknown],
        "a wrong line first": [wrong, line],
        "a line that is no signature": [line, "hello"],
        "an empty line": [line, ""],
        "a hyphen for the dash": [line.replace("\u2014", "-")],
        "a space at the end": [line + " "],
        "no base64": [line[:-4] + "!!!="],
        "a short signature": [line, "\u2014 witness.example AAAAAA=="],
        "a name with a plus": [line, "\u2014 wit+ness AAAAAAAA"],
        "a name with a tab": [line, "\u2014 wit\tness AAAAAAAA"],
        "no line": [],
    }
    notes = {how: text + "\n\n" + "".join(entry + "\n" for entry in entries) for how, entries in endings.items()}
    return notes | {
        "no newline at the end": note[:-1],
        "carriage returns": note.replace("\n", "\r\n"),
        "another root": note.replace(text.split("\n")[2], base64.b64encode(bytes(32)).decode()),
        "no blank line": note.replace("\n\n", "\n"),
        "nothing": "",
    }


# Canonical JSON

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=6), max_leaves=20
)


@given(values)
def test_the_script_writes_json_as_two_other_libraries_do(value: object):
    read = script.parse_json(json.dumps(value).encode())
    assert read == value
    assert script.canonical(read) == rfc8785.dumps(value) == jcs.canonicalize(value)


def test_statements_are_in_the_form_that_two_other_libraries_write(samples: list[Sample]):
    for dsse, _ in envelopes(samples):
        body = body_of(dsse)
        assert body == rfc8785.dumps(json.loads(body)) == jcs.canonicalize(json.loads(body))
