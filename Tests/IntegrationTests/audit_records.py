"""Records as clients keep them: receipts, evidence packs, what a pack opens, and the chain of a user's receipts."""

import base64
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import requests
import rfc8785

from audit_log import Checkpoint, LogReader, includes, is_signature, leaf_hash
from client import Client
from event_stream import chunks_of, comments_of

RECORDS = "/v1/vaas"
NO_RECEIPT = "0" * 64
NOTHING = sha256(b"").hexdigest()

RECORD_ID = re.compile(r"vaas_[0-9a-f]{32}")
SIGNATURE = re.compile(r"ed25519:[0-9a-f]{128}")
PUBLIC_KEY = re.compile(r"ed25519:pk_[0-9a-f]{64}")
DIGEST = re.compile(r"[0-9a-f]{64}")
COUNT = re.compile(r"0|[1-9][0-9]*")

STREAM_RECEIPT_MEMBERS = {
    "record_id", "signature", "public_key", "tenant_seq", "prev_receipt", "log_index", "body_bytes",
}  # fmt: skip
CHAIN_MEMBERS = {"tenant_seq", "record_id", "signature", "prev_receipt", "outcome"}
CHECKS = [
    "format", "canonical", "projection", "signature", "key_trusted", "key_active_at_index", "leaf", "inclusion",
    "checkpoint_signature", "witness_quorum", "timestamp", "consistency_with_pinned", "openings", "not_erased",
]  # fmt: skip
PAGE_LIMIT = 50


def digest_of(value: bytes | str) -> str:
    return sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def canonical_digest_of(value: object) -> str:
    """Of the value in canonical JSON. https://www.rfc-editor.org/rfc/rfc8785"""
    return digest_of(rfc8785.dumps(value))


def vaas_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("x-vaas-")}


@dataclass(frozen=True)
class Receipt:
    """What a client is told of the record of its call, in the forms of a pack."""

    record_id: str
    signature: str
    public_key: str
    tenant_seq: str
    prev_receipt: str

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        names = {"record-id", "signature", "publickey", "seq", "prev"}
        found = vaas_headers(headers)
        assert set(found) == {f"x-vaas-{name}" for name in names}, found
        return cls(
            found["x-vaas-record-id"],
            found["x-vaas-signature"],
            found["x-vaas-publickey"],
            found["x-vaas-seq"],
            found["x-vaas-prev"],
        ).checked()

    @classmethod
    def from_json(cls, receipt: dict) -> Self:
        assert set(receipt) == STREAM_RECEIPT_MEMBERS, receipt
        assert all(COUNT.fullmatch(receipt[name]) for name in ("log_index", "body_bytes")), receipt
        members = [receipt[name] for name in ("record_id", "signature", "public_key", "tenant_seq", "prev_receipt")]
        return cls(*members).checked()

    def checked(self) -> Self:
        assert RECORD_ID.fullmatch(self.record_id), self
        assert SIGNATURE.fullmatch(self.signature), self
        assert PUBLIC_KEY.fullmatch(self.public_key), self
        assert re.fullmatch(r"[1-9][0-9]*", self.tenant_seq), self
        assert DIGEST.fullmatch(self.prev_receipt), self
        return self

    @property
    def link(self) -> str:
        """What the next receipt names."""
        return digest_of(bytes.fromhex(self.signature.removeprefix("ed25519:")))


def comment_of(body: bytes) -> dict:
    """The receipt in the comment of a stream, of which there is one."""
    (comment,) = [line for line in comments_of(body) if line.startswith(b": vaas ")]
    return json.loads(comment.removeprefix(b": vaas "))


def shown_with_usage(body: bytes) -> dict:
    """The receipt in the chunk that tells the usage, the last one of a stream."""
    last = chunks_of(body)[-1]
    assert last["choices"] == [] and last["usage"], last
    return last["batchin"]


@dataclass(frozen=True)
class Pack:
    """An evidence pack as the server gave it."""

    text: bytes

    @property
    def json(self) -> dict:
        return json.loads(self.text)

    @property
    def statement(self) -> dict:
        return json.loads(base64.b64decode(self.json["dsse"]["payload"], validate=True))

    @property
    def predicate(self) -> dict:
        return self.statement["predicate"]

    @property
    def index(self) -> int:
        return int(self.json["log"]["index"])

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.json["log"]["tlog_proof"].partition("\n\n")[2])

    @property
    def details(self) -> dict:
        """What only the owner sees, checked against the signed commitment."""
        self.opened("details")
        (opening,) = [opening for opening in self.json["openings"] if opening["field"] == "details"]
        assert canonical_digest_of(opening["value"]) == opening["sha256"]
        return opening["value"]

    def opened(self, field: str) -> str:
        """The SHA-256 of a value, checked against the signed commitment to it."""
        commitments = self.predicate["commitments"]
        if commitments["scheme"] == "plain-sha256-v1" and field != "details":
            return commitments[field]
        (opening,) = [opening for opening in self.json["openings"] if opening["field"] == field]
        prefix = b"vaas/commit/v1\0" + field.encode() + b"\0"
        salt, inner = bytes.fromhex(opening["salt"]), bytes.fromhex(opening["sha256"])
        assert len(salt) == 16
        assert digest_of(prefix + salt + inner) == commitments[field], f"{field} does not open its commitment"
        return opening["sha256"]

    def check_signature_and_inclusion(self) -> None:
        """What the statement's own key and the checkpoint in the pack prove; not whose key that is."""
        pack = self.json
        envelope, log = pack["dsse"], pack["log"]
        payload = base64.b64decode(envelope["payload"], validate=True)
        assert rfc8785.dumps(json.loads(payload)) == payload, "the statement is not in canonical JSON"
        (signed,) = envelope["signatures"]
        key = bytes.fromhex(pack["public_key"].removeprefix("ed25519:pk_"))
        signature = base64.b64decode(signed["sig"], validate=True)
        assert signature.hex() == pack["signature"].removeprefix("ed25519:") and signed["keyid"] == digest_of(key)
        kind = envelope["payloadType"].encode()
        message = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])
        assert is_signature(signature, message, key), "the statement is not signed by the pack's key"

        leaf_type = "run" if self.predicate["observation"] == "gateway_observed" else "assert"
        entry = {"k": signed["keyid"], "p": digest_of(message), "s": signature.hex(), "t": leaf_type, "v": 1}
        leaf = leaf_hash(rfc8785.dumps(entry))
        assert leaf.hex() == log["leaf_hash"]
        first, index, *path = log["tlog_proof"].partition("\n\n")[0].split("\n")
        assert (first, index) == ("c2sp.org/tlog-proof@v1", f"index {log['index']}")
        proof = [base64.b64decode(node, validate=True) for node in path]
        assert includes(self.index, self.checkpoint.size, leaf, self.checkpoint.root, proof), "it is not in the log"

    def check_receipt(self, receipt: Receipt) -> None:
        """Insists that a receipt is byte for byte what an owner's pack says."""
        pack = self.json
        assert (receipt.record_id, receipt.signature, receipt.public_key) == (
            pack["record_id"], pack["signature"], pack["public_key"],
        )  # fmt: skip
        details = self.details
        assert (receipt.tenant_seq, receipt.prev_receipt) == (details["tenant_seq"], details["prev_receipt"])


def read_pack(client: Client, record_id: str) -> Pack:
    """The evidence of a record, with openings if it is the client's own."""
    response = client.get(f"{RECORDS}/{record_id}/evidence")
    assert response.status_code == 200, response.text
    return Pack(response.content)


def pack_of(client: Client, receipt: Receipt) -> Pack:
    """The pack of the client's own record, which must agree with its receipt and be in the log."""
    pack = read_pack(client, receipt.record_id)
    pack.check_receipt(receipt)
    pack.check_signature_and_inclusion()
    return pack


def pack_of_response(client: Client, response: requests.Response) -> Pack:
    return pack_of(client, Receipt.from_headers(response.headers))


def chain_page(client: Client, **parameters: object) -> list[dict]:
    response = client.get(RECORDS, params=parameters)
    assert response.status_code == 200, response.text
    body = response.json()
    assert set(body) == {"items"}
    assert all(set(item) == CHAIN_MEMBERS for item in body["items"]), body["items"]
    return body["items"]


def chain_of(client: Client) -> list[dict]:
    """All records of a user, in the order of their numbers."""
    items: list[dict] = []
    while page := chain_page(client, after_seq=items[-1]["tenant_seq"] if items else 0, limit=PAGE_LIMIT):
        items += page
    return items


def check_chain(items: list[dict]) -> None:
    """Insists on numbers without a gap and on receipts each of which names the one before."""
    assert [item["tenant_seq"] for item in items] == [str(number) for number in range(1, len(items) + 1)]
    expected = NO_RECEIPT
    for item in items:
        assert item["prev_receipt"] == expected, f"record {item['tenant_seq']} does not name the one before it"
        expected = digest_of(bytes.fromhex(item["signature"].removeprefix("ed25519:")))


def assertion(**fields: object) -> dict:
    """A body for `POST /v1/vaas`."""
    return {"input_text": "What is it?", "output_text": "An answer.", "model_id": "qwen3-32b"} | fields


def assert_record(client: Client, headers: dict | None = None, **fields: object) -> requests.Response:
    """Has a record made of what the caller says."""
    response = client.request("POST", RECORDS, json=assertion(**fields), headers=headers)
    assert response.status_code == 201, response.text
    return response


def record_id_of(audit_id: str) -> str:
    return "vaas_" + uuid.UUID(audit_id).hex


def covering_checkpoint(client: Client, record_id: str) -> Checkpoint:
    """The log's checkpoint, once it covers a record."""
    pack = read_pack(client, record_id)
    checkpoint = LogReader(client.url).checkpoint()
    assert checkpoint.size > pack.index
    return checkpoint


def grown(client: Client) -> Checkpoint:
    """The log's checkpoint after one more record."""
    return covering_checkpoint(client, record_id_of(assert_record(client).json()["audit_id"]))
