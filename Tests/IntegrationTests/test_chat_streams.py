"""Streamed chat: what the official client sees, and what is on the wire."""

import json
from collections.abc import Callable

import openai
import pytest

from audit_records import Receipt, chain_of
from event_stream import blocks_of, chunks_of, comments_of, content_of, data_of, events_as_they_come
from gateway import Caller, Gateway, assert_run_headers
from provider_answers import (
    DONE,
    FINISH,
    ROLE,
    USAGE,
    chat_events,
    chunk,
    delta,
    error,
    event,
    usage_event,
    words,
)
from scripted_upstream import Ending, Gate, in_bytes, streamed
from server import wait_until

MESSAGES = [{"role": "user", "content": "Hi"}]
WITH_USAGE = {"include_usage": True}


# C2
def test_a_stream_begins_with_the_role_and_ends_with_the_reason(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hel", "lo", "!")))
    chunks = list(caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True))
    assert {chunk.model for chunk in chunks} == {model.id}
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk.id for chunk in chunks} == {"chatcmpl-1"}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].delta.content for chunk in chunks[1:-1]] == ["Hel", "lo", "!"]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None, None, None, None, "stop"]


# C2
def test_a_stream_is_an_event_stream_that_ends_with_done(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    response = caller.chat(model, stream=True)
    assert response.headers["Content-Type"].split(";")[0] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache"
    assert data_of(response.content)[-1] == "[DONE]"
    assert_run_headers(response.headers, model)


# C2
def test_each_chunk_arrives_before_the_next_one_is_sent(gateway: Gateway, caller: Caller):
    gates = [Gate() for _ in range(4)]
    first, *others = words("one", "two", "three", "four")
    model = gateway.model(
        "free", streamed(ROLE, first, *sum(zip(gates, others, strict=False), ()), gates[3], FINISH, DONE)
    )
    chunks = iter(caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True))
    assert next(chunks).choices[0].delta.role == "assistant"
    for gate, text in zip(gates, ["one", "two", "three", "four"], strict=True):
        assert next(chunks).choices[0].delta.content == text
        gate.open()
    assert [chunk.choices[0].finish_reason for chunk in chunks] == ["stop"]


def test_the_head_of_a_stream_comes_with_its_first_chunk(gateway: Gateway, caller: Caller):
    gate = Gate()
    model = gateway.model("free", streamed(ROLE, gate, FINISH, DONE))
    raw = caller.sdk.chat.completions.with_raw_response.create(model=model.id, messages=MESSAGES, stream=True)
    assert_run_headers(raw.headers, model)
    gate.open()
    assert len(list(raw.parse())) == 2


# C3
def test_usage_is_always_asked_for_and_shown_only_if_asked_for(gateway: Gateway, caller: Caller):
    for options in (None, {"include_usage": False}, {}):
        model = gateway.model("free", streamed(*chat_events("Hello")))
        response = caller.chat(model, stream=True, **({} if options is None else {"stream_options": options}))
        assert all("usage" not in chunk for chunk in chunks_of(response.content))
        assert content_of(response.content) == "Hello"
        assert model.only_request().json()["stream_options"] == {"include_usage": True}
    assert all(row["input_tokens"] == 7 and row["output_tokens"] == 5 for row in caller.usage())


# C3
def test_usage_comes_in_the_last_chunk_without_choices(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    chunks = list(
        caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True, stream_options=WITH_USAGE)
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.model_dump(exclude_none=True) == USAGE
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * 3


# C3
def test_the_receipt_comes_with_the_usage_and_as_a_comment_before_done(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    *_, last = caller.sdk.chat.completions.create(
        model=model.id, messages=MESSAGES, stream=True, stream_options=WITH_USAGE
    )
    items = chain_of(caller)
    assert Receipt.from_json(last.batchin).record_id == items[-1]["record_id"]

    response = caller.chat(model, stream=True)
    *_, receipt, done = blocks_of(response.content)
    assert done == b"data: [DONE]" and receipt.startswith(b": vaas {")
    said = Receipt.from_json(json.loads(receipt.removeprefix(b": vaas ")))
    assert said.record_id == response.headers["X-VaaS-Record-Id"]
    assert all("batchin" not in chunk for chunk in chunks_of(response.content))


# C3
def test_usage_that_the_provider_does_not_tell_is_counted(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("one", " two", " three", usage=None)))
    chunks = list(
        caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True, stream_options=WITH_USAGE)
    )
    usage = chunks[-1].usage
    assert chunks[-1].choices == []
    assert usage.prompt_tokens > 0 and usage.completion_tokens > 0
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    row = caller.only_usage()
    assert (row["input_tokens"], row["output_tokens"]) == (usage.prompt_tokens, usage.completion_tokens)


# C3
def test_usage_in_the_chunk_that_ends_the_answer_is_understood(gateway: Gateway, caller: Caller):
    choice = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events = [ROLE, *words("Hello"), event(chunk(choices=[choice], usage=USAGE)), DONE]
    model = gateway.model("free", streamed(*events))
    chunks = list(caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True))
    assert [chunk.usage for chunk in chunks] == [None] * 3
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert caller.only_usage()["output_tokens"] == 5
    shown = list(
        caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True, stream_options=WITH_USAGE)
    )
    assert [chunk.usage.total_tokens for chunk in shown if chunk.usage] == [12]


# C4
def test_comments_that_keep_a_stream_alive_are_no_chunks(gateway: Gateway, caller: Caller):
    comment = b": still thinking\n\n"
    model = gateway.model("free", streamed(comment, ROLE, comment, *words("Hello"), comment, FINISH, DONE))
    chunks = list(caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello"
    assert b": still thinking" in comments_of(caller.chat(model, stream=True).content)


# C4
def test_while_the_provider_thinks_the_stream_says_that_it_is_alive(start_gateway: Callable[..., Gateway]):
    gateway, gate = start_gateway(**{"limits.stream_keepalive_s": 1}), Gate()
    model = gateway.model("free", streamed(ROLE, gate, *words("Hello"), FINISH, DONE))
    events = events_as_they_come(gateway.caller().chat(model, stream=True, timeout=10))
    assert b"assistant" in next(events)
    assert next(events).startswith(b":") and next(events).startswith(b":")
    gate.open()
    rest = [event for event in events if event.startswith(b"data:")]
    assert b"Hello" in rest[0] and rest[-1] == b"data: [DONE]"


# C4
def test_a_stream_has_no_events_of_other_names(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello")))
    body = caller.chat(model, stream=True, stream_options=WITH_USAGE).content
    assert all(block.startswith((b"data:", b":")) for block in blocks_of(body))


# C5
def test_an_error_in_a_stream_is_raised_with_its_code(gateway: Gateway, caller: Caller):
    report = event(error("the model ran out of memory", "server_error", "oom"))
    model = gateway.model("free", streamed(ROLE, *words("Hel"), report))
    chunks = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True)
    with pytest.raises(openai.APIError) as raised:
        assert "".join(chunk.choices[0].delta.content for chunk in chunks) == "Hel"
    assert raised.value.code == "upstream_error"
    assert "the model ran out of memory" in raised.value.message

    body = caller.chat(model, stream=True).content
    assert "[DONE]" not in data_of(body)
    assert set(json.loads(data_of(body)[-1])) == {"error"}


# C6
def test_the_deltas_of_parallel_tool_calls_arrive_in_order(gateway: Gateway, caller: Caller):
    def call(index: int, **members: object) -> dict:
        return {"index": index, **members}

    def part(index: int, text: str) -> bytes:
        return delta(tool_calls=[call(index, function={"arguments": text})])

    def start(index: int, name: str) -> bytes:
        first = call(index, id=f"call_{index}", type="function", function={"name": name, "arguments": ""})
        return delta(tool_calls=[first])

    events = [
        ROLE, start(0, "weather"), part(0, '{"ci'), part(0, 'ty":"Köln"}'),
        start(1, "time"), part(1, "{"), part(1, "}"), delta("tool_calls"), usage_event(), DONE,
    ]  # fmt: skip
    model = gateway.model("free", streamed(*events))
    with caller.sdk.chat.completions.stream(model=model.id, messages=MESSAGES) as stream:
        reply = stream.get_final_completion()
    assert reply.choices[0].finish_reason == "tool_calls"
    calls = reply.choices[0].message.tool_calls
    assert [(call.id, call.function.name) for call in calls] == [("call_0", "weather"), ("call_1", "time")]
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Köln"}, {}]


def test_the_choices_of_a_stream_stay_apart(gateway: Gateway, caller: Caller):
    events = [delta(index=number % 3, content=str(number)) for number in range(30)]
    ends = [delta("stop", index=index) for index in range(3)]
    model = gateway.model("free", streamed(*events, *ends, DONE))
    said = {0: "", 1: "", 2: ""}
    for part in caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, n=3, stream=True):
        said[part.choices[0].index] += part.choices[0].delta.content or ""
    assert said == {index: "".join(str(number) for number in range(index, 30, 3)) for index in range(3)}


# C9
def test_closing_a_stream_ends_the_providers_work_at_once(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(ROLE, *words("one", "two"), Ending.SILENCE))
    stream = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True)
    chunks = iter(stream)
    assert [next(chunks).choices[0].delta.content for _ in range(3)][1:] == ["one", "two"]
    request = model.only_request()
    assert request.hung_up_at is None
    stream.close()
    request.wait_until_hung_up()
    wait_until(lambda: caller.usage(), "the run is recorded")
    assert caller.only_usage()["status"] == "interrupted"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_may_end_in_any_way(gateway: Gateway, caller: Caller, line_end: str):
    whole = b"".join(chat_events("Grüße", " 👋")).replace(b"\n", line_end.encode())
    model = gateway.model("free", streamed(*in_bytes(whole)))
    chunks = list(caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Grüße 👋"
    assert chunks[0].model == model.id
    assert caller.only_usage()["output_tokens"] == 5


def test_a_stream_can_be_cut_anywhere(gateway: Gateway, caller: Caller):
    """Within a character, within `data:`, within the model's name, within a line end."""
    whole = b"".join(chat_events("Größe", " 🤖", "\u2028日本"))
    model = gateway.model("free", streamed(*in_bytes(whole)))
    bytewise = caller.chat(model, stream=True, stream_options=WITH_USAGE).content
    model.script(streamed(whole))
    at_once = caller.chat(model, stream=True, stream_options=WITH_USAGE).content
    assert content_of(bytewise) == content_of(at_once) == "Größe 🤖\u2028日本"
    assert data_of(bytewise)[:-2] == data_of(at_once)[:-2]


def test_what_comes_after_done_is_not_passed_on(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*chat_events("Hello"), DONE, *words("more"), DONE))
    body = caller.chat(model, stream=True).content
    assert data_of(body).count("[DONE]") == 1 and data_of(body)[-1] == "[DONE]"
    assert content_of(body) == "Hello"
    assert caller.only_usage()["status"] == "ok"


def test_a_stream_that_ended_without_done_gets_it(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(ROLE, *words("Hello"), FINISH, usage_event()))
    body = caller.chat(model, stream=True).content
    assert data_of(body)[-1] == "[DONE]" and content_of(body) == "Hello"
    assert caller.only_usage()["status"] == "ok"


def test_an_event_is_not_passed_on_before_it_is_whole(gateway: Gateway, caller: Caller):
    gate = Gate()
    late = words("second")[0]
    model = gateway.model("free", streamed(ROLE, *words("first"), late[:20], gate, late[20:], FINISH, DONE))
    events = events_as_they_come(caller.chat(model, stream=True))
    assert b'"assistant"' in next(events) and b"first" in next(events)
    gate.open()
    assert b"second" in next(events)
