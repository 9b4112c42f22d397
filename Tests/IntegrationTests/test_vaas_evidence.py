"""Evidence packs over HTTP: who gets which, and how they may be kept."""

import base64
import json
import re

import pytest
import rfc8785

from audit_command import writer_on
from audit_log import LogReader
from audit_records import (
    RECORDS,
    Pack,
    Receipt,
    assert_record,
    chain_of,
    check_chain,
    digest_of,
    pack_of_response,
    read_pack,
    record_id_of,
)
from client import Client
from gateway import Caller, Gateway
from provider_answers import chat
from scripted_upstream import answer
from server import Server

PACK_MEMBERS = {
    "format", "record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment",
    "prompt_version_id", "verification_method", "signature_suite", "public_key", "signature", "payload", "dsse", "log",
    "keys", "timestamps", "openings",
}  # fmt: skip
PAYLOAD_MEMBERS = {
    "record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment", "prompt_version_id",
    "model_id", "observation", "evidence_level", "outcome", "received_at", "completed_at", "hash_mode", "input_hash",
    "output_hash",
}  # fmt: skip
PREDICATE_MEMBERS = PAYLOAD_MEMBERS - {"hash_mode", "input_hash", "output_hash"} | {
    "span_id", "commitments", "energy", "nonce",
}  # fmt: skip
DETAILS = {
    "tenant", "tenant_seq", "prev_receipt", "received_at", "completed_at", "usage", "cost", "energy_inputs", "claims",
    "policy", "request_bytes", "response_bytes", "clock_anomaly", "refused",
}  # fmt: skip
FIELDS = ["request_wire", "response_wire", "input", "output", "details"]


@pytest.fixture
def receipt(gateway: Gateway, caller: Caller) -> Receipt:
    """Of a run of the caller's."""
    return Receipt.from_headers(caller.chat(gateway.model("free", answer(chat("Hello there.")))).headers)


def path_of(receipt: Receipt) -> str:
    return f"{RECORDS}/{receipt.record_id}/evidence"


def test_a_pack_has_the_members_of_its_format(caller: Caller, receipt: Receipt):
    pack = read_pack(caller, receipt.record_id)
    assert set(pack.json) - {"proof"} == PACK_MEMBERS
    assert set(pack.json["payload"]) == PAYLOAD_MEMBERS
    assert set(pack.json["dsse"]) == {"payload", "payloadType", "signatures"}
    assert set(pack.json["log"]) == {"origin", "index", "leaf_hash", "tlog_proof"}
    assert set(pack.json["keys"]) == {"root_keyid", "events"}
    assert (pack.json["format"], pack.json["timestamps"]) == ("vaas-evidence/v1", [])
    assert pack.json["verification_method"] == "Ed25519Signature2020"
    assert pack.json["signature_suite"] == "dsse-v1+ed25519"
    assert set(pack.statement) == {"_type", "subject", "predicateType", "predicate"}
    assert set(pack.predicate) == PREDICATE_MEMBERS
    assert {"tenant", "tenant_seq", "prev_receipt", "received_at", "completed_at"} <= set(pack.details) <= DETAILS


def test_what_is_shown_is_what_is_signed(caller: Caller, receipt: Receipt):
    pack = read_pack(caller, receipt.record_id)
    payload = pack.json["payload"]
    shared = PAYLOAD_MEMBERS & PREDICATE_MEMBERS
    assert {name: payload[name] for name in shared} == {name: pack.predicate[name] for name in shared}
    assert all(pack.json[name] == payload[name] for name in PACK_MEMBERS & PAYLOAD_MEMBERS)
    commitments = pack.predicate["commitments"]
    assert (payload["input_hash"], payload["output_hash"]) == (
        f"sha256:{commitments['input']}", f"sha256:{commitments['output']}",
    )  # fmt: skip
    assert pack.statement["subject"] == [
        {"name": f"{payload['run_id']}/{name}", "digest": {"sha256": commitments[name]}} for name in ("input", "output")
    ]
    assert set(commitments) == {"scheme", *FIELDS}


def test_a_statement_belongs_to_its_log(caller: Caller, receipt: Receipt):
    pack = read_pack(caller, receipt.record_id)
    origin = pack.json["log"]["origin"]
    assert pack.statement["predicateType"] == f"https://{origin}/attestations/inference-run/v1"
    assert pack.checkpoint.origin == origin == LogReader(caller.url).checkpoint().origin


def test_only_the_owner_gets_openings(gateway: Gateway, caller: Caller, receipt: Receipt):
    own = read_pack(caller, receipt.record_id)
    same_user = read_pack(caller.with_key(), receipt.record_id)
    assert sorted(opening["field"] for opening in own.json["openings"]) == sorted(FIELDS)
    assert same_user.json["openings"] == own.json["openings"]
    assert all(own.opened(field) for field in FIELDS)
    for viewer in (Client(caller.url, None), gateway.caller()):
        public = read_pack(viewer, receipt.record_id)
        assert public.json["openings"] == []
        public.check_signature_and_inclusion()
        assert public.json | {"openings": None} == own.json | {"openings": None}


def test_a_public_pack_tells_nothing_of_the_user(caller: Caller, receipt: Receipt):
    tenant = caller.get("/v1/users/me").json()
    public = read_pack(Client(caller.url, None), receipt.record_id)
    shown = public.text.decode() + json.dumps(public.statement)
    for secret in (tenant["id"], caller.email, "tenant", "prev_receipt", "usage", "Hello there."):
        assert secret not in shown, secret
    assert digest_of("Hello there.") not in shown
    assert read_pack(caller, receipt.record_id).details["tenant"] == tenant["id"]


def test_an_asserted_record_opens_its_details_alone(client: Client):
    pack = pack_of_response(client, assert_record(client))
    assert [opening["field"] for opening in pack.json["openings"]] == ["details"]
    assert set(pack.json) - {"proof"} == PACK_MEMBERS and set(pack.json["payload"]) == PAYLOAD_MEMBERS
    assert [entry["name"] for entry in pack.statement["subject"]] == [
        f"{pack.json['record_id']}/input", f"{pack.json['record_id']}/output",
    ]  # fmt: skip


def test_a_pack_holds_no_numbers(caller: Caller, receipt: Receipt):
    public = read_pack(Client(caller.url, None), receipt.record_id).text

    def refuse(number: str) -> None:
        raise AssertionError(f"the number {number}")

    json.loads(public, parse_int=refuse, parse_float=refuse, parse_constant=refuse)


def test_how_a_pack_may_be_kept(caller: Caller, receipt: Receipt):
    response = caller.get(path_of(receipt))
    pack, headers = Pack(response.content), response.headers
    assert headers["Content-Type"].split(";")[0] == "application/json"
    assert headers["ETag"] == f'W/"{pack.json["log"]["leaf_hash"]}-{pack.checkpoint.size}"'
    assert "authorization" in re.split(r",\s*", headers["Vary"].lower())
    assert headers["Referrer-Policy"] == "no-referrer"
    disposition = headers["Content-Disposition"]
    assert disposition.startswith("attachment") and receipt.record_id in disposition


def test_a_pack_that_is_known_is_not_sent_again(caller: Caller, receipt: Receipt):
    tag = caller.get(path_of(receipt)).headers["ETag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        response = caller.get(path_of(receipt), headers={"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b""), known
        assert response.headers["ETag"] == tag
        assert "authorization" in response.headers["Vary"].lower()
    for other in ('W/"other"', f'W/"{"0" * 64}-1"'):
        assert caller.get(path_of(receipt), headers={"If-None-Match": other}).status_code == 200


def test_the_key_events_of_a_pack_are_in_its_log(caller: Caller, receipt: Receipt):
    pack = read_pack(caller, receipt.record_id)
    events = pack.json["keys"]["events"]
    indexes = [int(event["index"]) for event in events]
    assert indexes == sorted(set(indexes)) and indexes
    roles = set()
    for event in events:
        assert set(event) == {"index", "dsse", "tlog_proof"}
        assert event["tlog_proof"].partition("\n\n")[2] == pack.checkpoint.note
        payload = base64.b64decode(event["dsse"]["payload"], validate=True)
        assert rfc8785.dumps(json.loads(payload)) == payload
        roles.add(json.loads(payload)["predicate"]["role"])
    assert {"statement-observed", "log"} <= roles


def test_a_pack_can_be_had_at_once_and_again_later(gateway: Gateway, caller: Caller):
    """Whoever asks before there is a checkpoint over the record has one made."""
    model = gateway.model("free", answer(chat()))
    early = pack_of_response(caller, caller.chat(model))
    for _ in range(5):
        assert_record(caller)
    late = read_pack(caller, early.json["record_id"])
    late.check_signature_and_inclusion()
    assert late.json["dsse"] == early.json["dsse"] and late.json["openings"] == early.json["openings"]
    reader = LogReader(caller.url)
    reader.check_consistency(early.checkpoint, late.checkpoint)
    assert reader.entries(early.index, early.index + 1)


def test_evidence_outlives_a_restart(own_server: Server):
    client = writer_on(own_server)
    record_id = record_id_of(assert_record(client).json()["audit_id"])
    before = read_pack(client, record_id)
    own_server.restart()
    survivor = Client(own_server.url, client.key)
    after = read_pack(survivor, record_id)
    after.check_signature_and_inclusion()
    assert (after.json["dsse"], after.json["openings"]) == (before.json["dsse"], before.json["openings"])
    check_chain(chain_of(survivor))
