"""Receipts of streams: the record's name in the head, the signature where the stream ends."""

import json
from collections.abc import Callable

import pytest

from audit_records import (
    NO_RECEIPT,
    Pack,
    Receipt,
    chain_of,
    comment_of,
    digest_of,
    pack_of,
    read_pack,
    shown_with_usage,
    vaas_headers,
)
from event_stream import blocks_of, chunks_of, data_of, events_as_they_come
from gateway import Caller, Gateway
from provider_answers import DONE, FINISH, ROLE, USAGE, chat_events, chunk, error, event, text_event, words
from scripted_upstream import Ending, Gate, streamed
from server import wait_until

MESSAGES = [{"role": "user", "content": "Hi"}]
WITH_USAGE = {"include_usage": True}


def pack_behind(caller: Caller, body: bytes) -> Pack:
    """The pack of the record that a stream's comment names; all that the comment says must be in it."""
    said = comment_of(body)
    pack = pack_of(caller, Receipt.from_json(said))
    assert pack.json["log"]["index"] == said["log_index"]
    assert pack.opened("response_wire") == digest_of(body[: int(said["body_bytes"])])
    return pack


def test_the_head_of_a_stream_names_the_record_and_the_key_but_has_no_signature(gateway: Gateway, caller: Caller):
    response = caller.chat(gateway.model("free", streamed(*chat_events("Hello"))), stream=True)
    head, said = vaas_headers(response.headers), comment_of(response.content)
    assert head == {"x-vaas-record-id": said["record_id"], "x-vaas-publickey": said["public_key"]}


def test_the_receipt_is_a_comment_right_before_done(gateway: Gateway, caller: Caller):
    response = caller.chat(gateway.model("free", streamed(*chat_events("Hello"))), stream=True)
    body = response.content
    *_, receipt, done = blocks_of(body)
    assert done == b"data: [DONE]" and receipt.startswith(b": vaas {")
    assert all("batchin" not in part for part in chunks_of(body))
    pack = pack_behind(caller, body)
    assert (pack.details["tenant_seq"], pack.details["prev_receipt"]) == ("1", NO_RECEIPT)
    assert pack.json["run_id"] == response.headers["X-BatchIn-Run-Id"]
    assert pack.predicate["outcome"] == "ok"


def test_whoever_asks_for_usage_gets_the_same_receipt_with_it(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    body = caller.chat(model, stream=True, stream_options=WITH_USAGE).content
    assert shown_with_usage(body) == comment_of(body)
    pack_behind(caller, body)


def test_the_official_client_takes_the_receipt(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    *_, last = caller.sdk.chat.completions.create(
        model=model.id, messages=MESSAGES, stream=True, stream_options=WITH_USAGE
    )
    pack_of(caller, Receipt.from_json(last.batchin))


@pytest.mark.parametrize("asks_for_usage", [False, True])
def test_the_digest_covers_the_body_up_to_the_event_that_first_carries_the_receipt(
    gateway: Gateway, caller: Caller, asks_for_usage: bool
):
    model = gateway.model("free", streamed(*chat_events("Grüße", " 👋")))
    body = caller.chat(model, stream=True, stream_options={"include_usage": asks_for_usage}).content
    length = int(comment_of(body)["body_bytes"])
    assert body[:length].endswith(b"\n\n")
    first = blocks_of(body[length:])[0]
    if asks_for_usage:
        assert "batchin" in json.loads(first.removeprefix(b"data: "))
    else:
        assert first.startswith(b": vaas {")
    assert b"vaas_" not in body[:length]
    pack_behind(caller, body)


def test_comments_that_keep_a_stream_alive_are_covered_too(start_gateway: Callable[..., Gateway]):
    gateway, gate = start_gateway(**{"limits.stream_keepalive_s": 1}), Gate()
    caller = gateway.caller()
    model = gateway.model("free", streamed(ROLE, gate, *words("Hello"), FINISH, DONE))
    response = caller.chat(model, stream=True, timeout=10)
    pieces, received = response.iter_content(chunk_size=None), b""
    while b"\n:" not in received:
        received += next(pieces)
    gate.open()
    received += b"".join(pieces)
    assert b"\n:" in received[: int(comment_of(received)["body_bytes"])]
    pack_behind(caller, received)


@pytest.mark.parametrize("asks_for_usage", [False, True])
def test_usage_that_came_with_the_last_words_still_gives_one_receipt(
    gateway: Gateway, caller: Caller, asks_for_usage: bool
):
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events = [ROLE, *words("Hello"), event(chunk(choices=[choice], usage=USAGE)), DONE]
    body = caller.chat(
        gateway.model("free", streamed(*events)), stream=True, stream_options={"include_usage": asks_for_usage}
    ).content
    pack_behind(caller, body)


def test_a_streamed_completion_has_a_receipt(gateway: Gateway, caller: Caller):
    usage = event(chunk(id="cmpl-1", object="text_completion", choices=[], usage=USAGE))
    model = gateway.model("free", streamed(text_event("Hel"), text_event("lo", "stop"), usage, DONE))
    body = {"model": model.id, "prompt": "Hi", "stream": True, "stream_options": WITH_USAGE}
    answered = caller.post("/v1/completions", body).content
    assert shown_with_usage(answered) == comment_of(answered)
    assert pack_behind(caller, answered).opened("output") == digest_of("Hello")


def test_the_receipt_ends_a_stream_that_broke(gateway: Gateway, caller: Caller):
    report = event(error("the model ran out of memory", "server_error", "oom"))
    model = gateway.model("free", streamed(ROLE, *words("Hel"), report))
    body = caller.chat(model, stream=True, stream_options=WITH_USAGE).content
    *_, failure, receipt = blocks_of(body)
    assert b'"error"' in failure and receipt.startswith(b": vaas {")
    assert "[DONE]" not in data_of(body)
    pack = pack_behind(caller, body)
    assert pack.predicate["outcome"] == "upstream_error"
    assert pack.opened("output") == digest_of("Hel")


def test_a_stream_that_the_provider_broke_off_has_a_receipt_too(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(ROLE, *words("Hel"), Ending.RESET))
    body = caller.chat(model, stream=True).content
    assert blocks_of(body)[-1].startswith(b": vaas {")
    assert pack_behind(caller, body).predicate["outcome"] == "upstream_error"


def test_a_stream_that_fails_before_its_first_event_is_answered_whole(gateway: Gateway, caller: Caller):
    response = caller.chat(gateway.model("free", [Ending.RESET]), stream=True)
    assert response.status_code == 502
    assert pack_of(caller, Receipt.from_headers(response.headers)).predicate["outcome"] == "upstream_error"


def test_whoever_closes_a_stream_finds_its_record_in_the_chain(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(ROLE, *words("one", "two"), Ending.SILENCE))
    response = caller.chat(model, stream=True)
    events = events_as_they_come(response)
    received = b"".join(next(events) + b"\n\n" for _ in range(3))
    response.close()
    wait_until(lambda: chain_of(caller), "the run is recorded")
    (item,) = chain_of(caller)
    assert item["outcome"] == "interrupted"
    assert item["record_id"] == response.headers["X-VaaS-Record-Id"]
    pack = read_pack(caller, item["record_id"])
    pack.check_signature_and_inclusion()
    assert pack.json["public_key"] == response.headers["X-VaaS-PublicKey"]
    assert pack.opened("output") == digest_of("onetwo")
    assert pack.opened("response_wire") == digest_of(received)


def test_a_client_that_stops_at_done_has_the_whole_receipt(gateway: Gateway, caller: Caller):
    """The record is in the log before its receipt leaves."""
    model = gateway.model("free", streamed(*chat_events("Hello")))
    received = b""
    response = caller.chat(model, stream=True)
    for piece in events_as_they_come(response):
        received += piece + b"\n\n"
        if piece.startswith(b": vaas "):
            break
    pack_behind(caller, received)
    response.close()
