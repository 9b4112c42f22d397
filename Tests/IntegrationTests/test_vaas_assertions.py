"""Records of what a caller says: signed, but by another key and never as something that was seen."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit_records import (
    DIGEST,
    NO_RECEIPT,
    RECORDS,
    Receipt,
    assert_record,
    assertion,
    chain_of,
    digest_of,
    pack_of_response,
    read_pack,
    record_id_of,
)
from client import JSON, Client
from gateway import Caller, Gateway
from provider_answers import chat, completion
from scripted_upstream import answer
from server import Server, fresh_user
from test_errors import error_of

BODY_BYTES_MAX = 8 * 1_048_576
FIELDS = {
    "audit_id", "input_hash", "output_hash", "carbon_grams_co2e", "energy_wh", "energy_source",
    "carbon_offset_vs_us_cloud", "signature",
}  # fmt: skip


@pytest.mark.parametrize(
    ("input_text", "output_text"),
    [("Was ist das?", "Grüße 👋"), ("e\u0301", "\u00e9"), (" ", "\n"), ("x" * 500_000, "ä" * 50_000)],
    ids=["words", "two ways to write a letter", "white space", "long texts"],
)
def test_a_record_has_the_hashes_of_its_texts(client: Client, input_text: str, output_text: str):
    response = assert_record(client, input_text=input_text, output_text=output_text)
    body = response.json()
    assert set(body) == FIELDS
    assert uuid.UUID(body["audit_id"]).version == 4 and str(uuid.UUID(body["audit_id"])) == body["audit_id"]
    assert (body["input_hash"], body["output_hash"]) == (digest_of(input_text), digest_of(output_text))
    for name in ("carbon_grams_co2e", "energy_wh", "carbon_offset_vs_us_cloud"):
        assert isinstance(body[name], int | float), f"{name} is {body[name]!r}"
    assert isinstance(body["energy_source"], str) and body["energy_source"]
    assert response.headers["X-VaaS-Signature"] == "ed25519:" + body["signature"]
    assert response.headers["X-VaaS-Record-Id"] == record_id_of(body["audit_id"])


def test_a_record_says_that_its_caller_said_so(client: Client):
    pack = pack_of_response(client, assert_record(client))
    assert pack.statement["predicateType"].endswith("/attestations/user-assertion/v1")
    predicate = pack.predicate
    assert (predicate["observation"], predicate["evidence_level"]) == ("user_asserted", "A0")
    assert (predicate["outcome"], predicate["model_id"]) == ("ok", "qwen3-32b")
    assert predicate["commitments"]["scheme"] == "plain-sha256-v1"
    assert predicate["commitments"]["input"] == digest_of("What is it?")
    assert pack.json["payload"]["hash_mode"] == "plain-v1"
    absent = ("run_id", "trace_id", "route_id", "provider", "prompt_version_id")
    assert all(pack.json[name] is None and pack.json["payload"][name] is None for name in absent)
    assert not {*absent, "span_id"} & set(predicate)


def test_it_is_signed_by_a_key_for_that(client: Client):
    receipt = Receipt.from_headers(assert_record(client).headers)
    asserted = client.get("/v1/vaas/pubkey/current", params={"role": "user_asserted"}).json()
    observed = client.get("/v1/vaas/pubkey/current").json()
    assert receipt.public_key == f"ed25519:pk_{asserted['verify_key_hex']}"
    assert asserted["verify_key_hex"] != observed["verify_key_hex"]


def test_its_receipt_is_part_of_the_users_chain(client: Client):
    first, second = (Receipt.from_headers(assert_record(client).headers) for _ in range(2))
    assert (first.tenant_seq, first.prev_receipt) == ("1", NO_RECEIPT)
    assert (second.tenant_seq, second.prev_receipt) == ("2", first.link)


def test_it_is_no_usage_and_no_run(client: Client):
    assert_record(client)
    assert client.get("/v1/usage/logs").json() == [] and client.traces() == []


def test_what_the_caller_says_of_the_hardware_is_a_claim_that_only_the_owner_sees(client: Client):
    response = assert_record(client, gpu_id="gpu-of-the-caller-42")
    pack = pack_of_response(client, response)
    assert pack.details["claims"] == {"gpu_id": {"value": "gpu-of-the-caller-42", "basis": "caller"}}
    assert "gpu-of-the-caller-42" not in json.dumps(pack.statement)
    public = read_pack(Client(client.url, None), pack.json["record_id"])
    assert b"gpu-of-the-caller-42" not in public.text and "gpu-of-the-caller-42" not in response.text
    assert "claims" not in pack_of_response(client, assert_record(client)).details
    assert "claims" not in pack_of_response(client, assert_record(client, gpu_id=None)).details


# Bodies


@pytest.mark.parametrize("name", ["input_text", "output_text", "model_id"])
@pytest.mark.parametrize("value", ["MISSING", None, 7, True, [], {}, ["text"]], ids=repr)
def test_a_text_that_is_none_is_refused_by_name(client: Client, name: str, value: object):
    body = {key: text for key, text in (assertion() | {name: value}).items() if text != "MISSING"}
    error = error_of(client.request("POST", RECORDS, json=body), 400)
    assert (error["code"], error["param"]) == ("invalid_request", name)
    assert chain_of(client) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("model_id", ""), ("model_id", "a\x00b"), ("gpu_id", 7), ("gpu_id", "a\x00b"), ("run_id", 7), ("run_id", [])],
)
def test_a_name_that_can_not_be_is_refused(client: Client, name: str, value: object):
    error = error_of(client.request("POST", RECORDS, json=assertion(**{name: value})), 400)
    assert (error["code"], error["param"]) == ("invalid_request", name)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        json.dumps(assertion()).encode() + b"}",
        json.dumps(assertion()).encode().replace(b"answer", b"\\ud800"),
        json.dumps(assertion()).encode().replace(b"answer", b"\xff"),
    ],
)
def test_what_is_no_object_with_texts_is_400(client: Client, body: bytes):
    assert error_of(client.push_bytes(body, JSON, path=RECORDS), 400)["code"] == "invalid_request"
    assert chain_of(client) == []


def test_another_content_type_is_415_and_a_larger_body_413(client: Client):
    body = json.dumps(assertion()).encode()
    assert error_of(client.push_bytes(body, "text/plain", path=RECORDS), 415)["code"] == "unsupported_media_type"
    padding = b" " * (BODY_BYTES_MAX - len(body))
    assert client.push_bytes(body + padding, JSON, path=RECORDS).status_code == 201
    assert error_of(client.push_bytes(body + padding + b" ", JSON, path=RECORDS), 413)["code"] == "payload_too_large"


def test_members_that_mean_nothing_here_are_ignored(client: Client):
    response = assert_record(
        client, observation="gateway_observed", outcome="upstream_error", record_id="vaas_" + "0" * 32
    )
    pack = pack_of_response(client, response)
    assert (pack.predicate["observation"], pack.predicate["outcome"]) == ("user_asserted", "ok")
    assert pack.json["record_id"] == record_id_of(response.json()["audit_id"]) != "vaas_" + "0" * 32


def test_a_record_is_made_with_the_scope_for_it(server: Server):
    user = fresh_user()
    writer, reader, other = (
        Client(server.url, server.create_key(user, scopes=scope))
        for scope in ("audit:write", "audit:read", "inference")
    )
    assert_record(writer)
    for client in (reader, other):
        assert error_of(client.request("POST", RECORDS, json=assertion()), 403)["code"] == "forbidden"
    nobody = Client(server.url, None)
    assert error_of(nobody.request("POST", RECORDS, json=assertion()), 401)["code"] == "unauthorized"
    assert len(chain_of(reader)) == 1


# Repetition


def test_the_same_again_under_one_key_is_one_record(client: Client):
    key = {"Idempotency-Key": "assertion-1"}
    first, again = (assert_record(client, key) for _ in range(2))
    assert again.content == first.content
    assert Receipt.from_headers(again.headers) == Receipt.from_headers(first.headers)
    response = client.request("POST", RECORDS, json=assertion(output_text="Another."), headers=key)
    assert error_of(response, 409)["code"] == "conflict"
    assert len(chain_of(client)) == 1


def test_of_many_at_once_under_one_key_one_is_made(client: Client):
    barrier = threading.Barrier(12)

    def post() -> tuple[int, str | None]:
        own = Client(client.url, client.key)
        barrier.wait()
        response = own.request("POST", RECORDS, json=assertion(), headers={"Idempotency-Key": "assertion-1"})
        return response.status_code, response.json().get("audit_id")

    with ThreadPoolExecutor(12) as pool:
        answers = [post.result() for post in [pool.submit(post) for _ in range(12)]]
    assert {status for status, _ in answers} <= {201, 409}
    (item,) = chain_of(client)
    assert {record_id_of(made) for status, made in answers if status == 201} == {item["record_id"]}


def test_without_a_key_the_same_again_is_another_record(client: Client):
    one, other = (assert_record(client).json() for _ in range(2))
    assert one["audit_id"] != other["audit_id"] and one["signature"] != other["signature"]
    assert len(chain_of(client)) == 2


# Naming a run


def test_a_run_that_the_texts_fit_is_a_claim_that_was_checked(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("Hello there.")))
    run = caller.post("/v1/completions", {"model": model.id, "prompt": "Say hello"}).headers["X-BatchIn-Run-Id"]
    response = assert_record(caller, input_text="Say hello", output_text="Hello there.", run_id=run)
    pack = pack_of_response(caller, response)
    assert pack.details["claims"] == {"run_id": {"value": run, "basis": "gateway_matched"}}
    assert (pack.predicate["observation"], pack.json["run_id"]) == ("user_asserted", None)
    assert run not in json.dumps(pack.statement)


def test_the_texts_of_a_chat_are_its_messages_as_they_were_written(gateway: Gateway, caller: Caller):
    messages = '[ {"role":"user","content":"Gr\\u00fc\\u00dfe"} ]'
    model = gateway.model("free", answer(chat("Hello")))
    response = caller.post("/v1/chat/completions", f'{{"model":"{model.id}","messages":{messages}}}'.encode())
    run = response.headers["X-BatchIn-Run-Id"]
    assert_record(caller, input_text=messages, output_text="Hello", run_id=run)


@pytest.mark.parametrize("name", ["input_text", "output_text"])
def test_a_run_that_the_texts_do_not_fit_is_409(gateway: Gateway, caller: Caller, name: str):
    model = gateway.model("free", answer(completion("Hello there.")))
    run = caller.post("/v1/completions", {"model": model.id, "prompt": "Say hello"}).headers["X-BatchIn-Run-Id"]
    texts = {"input_text": "Say hello", "output_text": "Hello there."} | {name: "something else"}
    error = error_of(caller.request("POST", RECORDS, json=assertion(**texts, run_id=run)), 409)
    assert error["code"] == "conflict"
    assert len(chain_of(caller)) == 1


def test_a_run_of_another_or_of_nobody_is_the_same_404(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("Hello there.")))
    run = caller.post("/v1/completions", {"model": model.id, "prompt": "Say hello"}).headers["X-BatchIn-Run-Id"]
    stranger = gateway.caller()
    errors = []
    for named in (run, "run_" + "0" * 24, "nonsense"):
        body = assertion(input_text="Say hello", output_text="Hello there.", run_id=named)
        errors.append(error_of(stranger.request("POST", RECORDS, json=body), 404) | {"request_id": None})
    assert errors[0] == errors[1] == errors[2] and errors[0]["code"] == "not_found"
    assert chain_of(stranger) == []


def test_hashes_are_written_in_lower_case(client: Client):
    body = assert_record(client).json()
    assert DIGEST.fullmatch(body["input_hash"]) and DIGEST.fullmatch(body["output_hash"])
    assert len(bytes.fromhex(body["signature"])) == 64 and body["signature"] == body["signature"].lower()
