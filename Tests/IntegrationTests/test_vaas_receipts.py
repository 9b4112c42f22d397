"""Receipts of answers that were whole before they were sent: in the head, and equal to the evidence."""

import gzip
import json

import pytest
import requests

from audit_records import (
    NO_RECEIPT,
    NOTHING,
    Receipt,
    chain_of,
    pack_of,
    pack_of_response,
    vaas_headers,
)
from client import Client
from gateway import Caller, Gateway
from provider_answers import chat, completion, embeddings, error
from scripted_upstream import Ending, answer
from server import Server, wait_until

CHAT, COMPLETIONS, EMBEDDINGS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"
FAILURES_IN_A_ROW = 5
CALLS = {
    "chat": ("free", answer(chat()), CHAT, {"messages": [{"role": "user", "content": "Hi"}]}),
    "completion": ("free", answer(completion("Hello")), COMPLETIONS, {"prompt": "Hi"}),
    "embeddings": ("embedding", answer(embeddings([1.0, 0.5])), EMBEDDINGS, {"input": "Hi"}),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_head_of_a_whole_answer_carries_the_receipt_of_its_record(gateway: Gateway, caller: Caller, call: str):
    kind, script, path, fields = CALLS[call]
    model = gateway.model(kind, script)
    response = caller.post(path, {"model": model.id, **fields})
    assert response.status_code == 200, response.text
    receipt = Receipt.from_headers(response.headers)
    assert (receipt.tenant_seq, receipt.prev_receipt) == ("1", NO_RECEIPT)
    pack = pack_of(caller, receipt).json
    assert pack["run_id"] == response.headers["X-BatchIn-Run-Id"]
    assert pack["trace_id"] == response.headers["traceparent"].split("-")[1]
    assert (pack["route_id"], pack["provider"]) == (f"route-of-{model.id}", "main")
    assert (pack["environment"], pack["prompt_version_id"]) == ("development", "default")
    payload = pack["payload"]
    assert (payload["model_id"], payload["outcome"]) == (model.id, "ok")
    assert (payload["observation"], payload["evidence_level"]) == ("gateway_observed", "A1")


def test_the_key_of_a_receipt_is_the_current_one(gateway: Gateway, caller: Caller):
    receipt = Receipt.from_headers(caller.chat(gateway.model("free", answer(chat()))).headers)
    current = caller.get("/v1/vaas/pubkey/current").json()
    assert receipt.public_key == f"ed25519:pk_{current['verify_key_hex']}"


def test_the_version_of_the_prompt_is_signed(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model, {"X-BatchIn-Prompt-Version": "support@v2"})
    assert pack_of_response(caller, response).predicate["prompt_version_id"] == "support@v2"


def test_the_time_that_is_public_is_cut_to_the_minute(gateway: Gateway, caller: Caller):
    pack = pack_of_response(caller, caller.chat(gateway.model("free", answer(chat()))))
    for name in ("received_at", "completed_at"):
        assert pack.predicate[name].endswith(":00.000000Z")
        assert pack.details[name][:16] == pack.predicate[name][:16]
    assert pack.details["received_at"] <= pack.details["completed_at"]


def test_what_a_run_used_and_cost_is_only_in_the_details(gateway: Gateway):
    caller = gateway.caller(cents=100)
    response = caller.chat(gateway.model("metered", answer(chat())), max_tokens=10)
    pack, row = pack_of_response(caller, response), caller.only_usage()
    assert pack.details["usage"]["input_tokens"] == row["input_tokens"] == 7
    assert pack.details["usage"]["output_tokens"] == row["output_tokens"] == 5
    assert pack.details["cost"] == {"currency": "USD", "nanos": "50000000"}
    assert not {"usage", "cost", "tenant", "tenant_seq", "claims", "energy_inputs"} & set(pack.predicate)


# Runs that failed


def test_a_run_that_the_provider_failed_has_a_record(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(error("down", "server_error"), 500))
    response = caller.chat(model)
    assert response.status_code == 502
    pack = pack_of_response(caller, response)
    assert (pack.predicate["outcome"], pack.predicate["provider"]) == ("upstream_error", "main")
    assert pack.json["run_id"] == response.headers["X-BatchIn-Run-Id"]
    assert pack.opened("output") == NOTHING


def test_a_run_that_took_too_long_has_a_record(gateway: Gateway):
    caller = gateway.caller(cents=100)
    response = caller.chat(gateway.model("hasty", [Ending.SILENCE]), max_tokens=10, timeout=10)
    assert response.status_code == 504
    pack = pack_of_response(caller, response)
    assert (pack.predicate["outcome"], pack.opened("output")) == ("timeout", NOTHING)


def test_a_request_that_the_provider_refuses_was_a_run(gateway: Gateway, caller: Caller):
    response = caller.chat(gateway.model("free", answer(error("no such voice"), 400)))
    assert response.status_code == 400
    assert pack_of_response(caller, response).predicate["outcome"] == "upstream_error"


def test_a_call_that_can_not_be_paid_has_a_record_without_a_provider(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", answer(chat()))
    response = caller.chat(model, max_tokens=10)
    assert response.status_code == 402
    assert_rejected(caller, response)
    assert model.received() == [] and caller.usage() == []


def test_a_call_that_no_provider_takes_has_a_record_without_a_provider(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(error("down", "server_error"), 500))
    statuses = [caller.chat(model).status_code for _ in range(FAILURES_IN_A_ROW)]
    assert statuses == [502] * FAILURES_IN_A_ROW
    response = caller.chat(model)
    assert response.status_code == 503
    assert_rejected(caller, response)
    outcomes = [item["outcome"] for item in chain_of(caller)]
    assert outcomes == ["upstream_error"] * FAILURES_IN_A_ROW + ["rejected"]


def assert_rejected(caller: Caller, response: requests.Response) -> None:
    pack = pack_of_response(caller, response)
    assert pack.predicate["outcome"] == "rejected"
    assert "provider" not in pack.predicate
    assert pack.json["provider"] is None and pack.json["payload"]["provider"] is None
    assert pack.opened("output") == NOTHING


def test_a_client_that_leaves_before_its_answer_leaves_a_record(gateway: Gateway, caller: Caller):
    model = gateway.model("free", [Ending.SILENCE])
    with pytest.raises(requests.Timeout):
        caller.chat(model, timeout=0.5)
    wait_until(lambda: chain_of(caller), "the run is recorded")
    (item,) = chain_of(caller)
    assert item["outcome"] == "interrupted"


# What is refused before it is a run


def test_what_never_became_a_run_has_neither_receipt_nor_record(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    limited = caller.with_key(rate_limit_rpm=1)
    assert limited.chat(model).status_code == 200
    refusals = [
        caller.chat(model, messages=7),
        caller.post(CHAT, b"{"),
        Caller(caller.url, "nonsense").chat(model),
        caller.chat("nothing"),
        limited.chat(model),
        caller.post(CHAT, gzip.compress(b'"' + b" " * (65 << 20) + b'"'), {"Content-Encoding": "gzip"}),
    ]
    assert [response.status_code for response in refusals] == [400, 400, 401, 404, 429, 413]
    for response in refusals:
        assert vaas_headers(response.headers) == {}
        assert "X-BatchIn-Run-Id" not in response.headers
    assert len(chain_of(caller)) == 1


def test_other_endpoints_give_no_receipts(caller: Caller):
    for path in ("/v1/models", "/v1/usage/logs", "/v1/vaas", "/v1/traces"):
        assert vaas_headers(caller.get(path).headers) == {}


def test_a_repeated_call_gets_the_first_receipt_again(gateway: Gateway):
    caller, key = gateway.caller(cents=100), {"Idempotency-Key": "order-1"}
    model = gateway.model("metered", answer(chat()))
    first, again = (caller.chat(model, key, max_tokens=10) for _ in range(2))
    assert again.content == first.content
    assert vaas_headers(again.headers) == vaas_headers(first.headers)
    assert len(chain_of(caller)) == 1


def test_a_fresh_installations_models_give_receipts(server: Server, client: Client):
    caller = Caller(server.url, client.key)
    body = {"model": "echo", "messages": [{"role": "user", "content": "Hi"}]}
    response = caller.post(CHAT, json.dumps(body).encode())
    assert response.status_code == 200, response.text
    pack = pack_of_response(caller, response)
    assert pack.predicate["model_id"] == "echo"
