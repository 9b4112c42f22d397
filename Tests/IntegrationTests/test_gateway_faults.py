"""What a caller gets, and pays, when the provider fails."""

import gzip
import json

import openai
import pytest

from event_stream import chunks_of, data_of
from gateway import Caller, Gateway, assert_run_headers
from provider_answers import DONE, FINISH, ROLE, chat, chat_events, error, event, usage_event, words
from scripted_upstream import Ending, Script, answer, cut_chunk, streamed
from server import wait_until
from test_errors import ERROR_KEYS, error_of

MESSAGES = [{"role": "user", "content": "Hi"}]
HALF_AN_ANSWER = answer(chat())[0][:-20]

# What is no answer, whether it was to be streamed or not.
FAULTS: dict[str, Script] = {
    "500": answer(error("down", "server_error"), 500),
    "502 in HTML": answer(b"<html>Bad Gateway</html>", 502, "text/html"),
    "503": answer(b"", 503, None),
    "reset at once": [Ending.RESET],
    "closed at once": [Ending.CLOSE],
    "half a head": [b"HTTP/1.1 200 OK\r\nContent-Ty", Ending.CLOSE],
    "no HTTP": [b"SSH-2.0-OpenSSH_9.2\r\n", Ending.CLOSE],
    "an endless head": [b"HTTP/1.1 200 OK\r\n" + b"X-Filler: x\r\n" * 100_000, Ending.CLOSE],
    "a length that is none": [b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", Ending.CLOSE],
    "a redirect": answer(b"", 302, None, Location="http://127.0.0.1:1/"),
    "compressed unasked": answer(gzip.compress(json.dumps(chat()).encode()), Content_Encoding="gzip"),
    "an empty 200": answer(b""),
    "a 204": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "HTML": answer(b"<html>Welcome</html>", 200, "text/html"),
}
WHOLE_FAULTS: dict[str, Script] = {
    "null": answer(b"null"),
    "no object": answer(b"[]"),
    "no JSON": answer(b'{"choices": [}'),
    "half a JSON": answer(b'{"id": "x", "choices": [{"index": 0,'),
    "no choices": answer({"id": "x", "object": "chat.completion", "model": "y"}),
    "an error with 200": answer(error("the model is loading", "server_error")),
    "cut off": [HALF_AN_ANSWER, Ending.CLOSE],
    "reset half-way": [HALF_AN_ANSWER, Ending.RESET],
    "a stream unasked": streamed(*chat_events("Hello")),
}
STREAM_FAULTS: dict[str, Script] = {
    "JSON instead of a stream": answer(chat()),
    "an empty stream": streamed(),
    "a stream of comments": streamed(b": hello\n\n", b": hello\n\n"),
    "DONE alone": streamed(DONE),
    "an error as first event": streamed(event(error("the model is loading", "server_error"))),
    "no JSON as first event": streamed(b"data: Hello\n\n"),
    "a reset within the first event": cut_chunk(ROLE[:-10]),
}


def assert_failed_without_cost(caller: Caller, run: str, status: str = "upstream_error") -> None:
    (row,) = caller.usage(run_id=run)
    assert (row["status"], row["cost_cents"], row["cost_usd"]) == (status, 0, "0")
    assert caller.balance() == 100


# X8
@pytest.mark.parametrize("fault", [*FAULTS, *WHOLE_FAULTS])
def test_a_fault_is_a_502_that_costs_nothing(gateway: Gateway, fault: str):
    caller = gateway.caller(cents=100)
    model = gateway.model("metered", (FAULTS | WHOLE_FAULTS)[fault], answer(chat()))
    response = caller.chat(model, max_tokens=100)
    assert error_of(response, 502)["code"] == "upstream_error"
    assert_failed_without_cost(caller, assert_run_headers(response.headers, model))
    # What it had reserved is free again: this one needs all of it.
    assert caller.chat(model, max_tokens=100).status_code == 200


# X8
@pytest.mark.parametrize("fault", [*FAULTS, *STREAM_FAULTS])
def test_a_fault_before_the_first_event_of_a_stream_is_a_502_too(gateway: Gateway, fault: str):
    caller = gateway.caller(cents=100)
    model = gateway.model("metered", (FAULTS | STREAM_FAULTS)[fault], streamed(*chat_events("Hello")))
    response = caller.chat(model, max_tokens=100, stream=True)
    assert error_of(response, 502)["code"] == "upstream_error"
    assert_failed_without_cost(caller, assert_run_headers(response.headers, model))
    assert caller.chat(model, max_tokens=100, stream=True).status_code == 200


# X8
def test_a_fault_is_raised_with_its_code(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(error("the disk of the provider is full", "server_error"), 500))
    sent: list = []
    with pytest.raises(openai.InternalServerError) as raised:
        caller.sdk_with(sent, max_retries=1).chat.completions.create(model=model.id, messages=MESSAGES)
    failure = raised.value
    assert (failure.status_code, failure.code, failure.type) == (502, "upstream_error", "server_error")
    assert set(failure.body) == ERROR_KEYS and failure.request_id == failure.body["request_id"]
    assert len(sent) == 2


def test_a_provider_that_can_not_be_reached_is_a_502(gateway: Gateway):
    caller = gateway.caller()
    model = gateway.model("dead")
    response = caller.chat(model)
    said = error_of(response, 502)
    assert said["code"] == "upstream_error"
    assert "127.0.0.1" not in response.text
    assert_run_headers(response.headers, model, provider="dead")


# X8
@pytest.mark.parametrize("stream", [False, True])
def test_a_provider_that_says_nothing_is_a_504_in_time(gateway: Gateway, stream: bool):
    caller = gateway.caller(cents=100)
    model = gateway.model("hasty", [Ending.SILENCE])
    response = caller.chat(model, max_tokens=100, stream=stream, timeout=10)
    assert error_of(response, 504)["code"] == "upstream_timeout"
    run = assert_run_headers(response.headers, model, provider="hasty")
    assert_failed_without_cost(caller, run, status="timeout")
    model.received("hasty")[0].wait_until_hung_up()


def test_an_answer_that_stops_half_way_is_a_504_in_time(gateway: Gateway):
    caller = gateway.caller(cents=100)
    model = gateway.model("hasty", [HALF_AN_ANSWER, Ending.SILENCE])
    response = caller.chat(model, max_tokens=100, timeout=10)
    assert error_of(response, 504)["code"] == "upstream_timeout"
    assert_failed_without_cost(caller, response.headers["X-BatchIn-Run-Id"], status="timeout")


def test_a_drip_does_not_keep_a_call_alive_for_ever(gateway: Gateway):
    """Each byte comes in time, but the whole does not; the provider's `timeout_s` is the whole's."""
    caller = gateway.caller(cents=100)
    model = gateway.model("hasty", streamed(ROLE, *[0.05, *words("x")] * 200))
    body = caller.chat(model, max_tokens=100, stream=True, timeout=10).content
    assert json.loads(data_of(body)[-1])["error"]["code"] == "upstream_timeout"
    model.received("hasty")[0].wait_until_hung_up()
    assert caller.only_usage()["status"] == "timeout"


MID_STREAM_FAULTS: dict[str, tuple] = {
    "a reset": (Ending.RESET,),
    "the end of the connection": (Ending.CLOSE,),
    "the end without a finish reason": (),
    "DONE in the middle of an event": (b"data: [DO",),
    "no JSON": (b'data: {"choices": [}\n\n', *words("more"), FINISH, DONE),
    "an error event": (event(error("out of memory", "server_error")), *words("more"), DONE),
    "an error as text": (event({"error": "out of memory"}), DONE),
    "an event that never ends": (b"data: " + b"x" * 3_000_000, Ending.CLOSE),
}


@pytest.mark.parametrize("fault", MID_STREAM_FAULTS)
def test_a_fault_in_a_stream_ends_it_with_an_error_and_without_done(gateway: Gateway, fault: str):
    caller = gateway.caller(cents=100)
    begin = [ROLE, *words("one ", "two ", "three ")]
    model = gateway.model("metered", streamed(*begin, *MID_STREAM_FAULTS[fault]))
    response = caller.chat(model, max_tokens=100, stream=True)
    assert response.status_code == 200
    body = response.content
    assert "[DONE]" not in data_of(body)
    *chunks, last = chunks_of(body)
    assert set(last) == {"error"} and set(last["error"]) == ERROR_KEYS
    assert last["error"]["code"] == "upstream_error"
    assert last["error"]["request_id"] == response.headers["X-Request-Id"]
    said = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert said == "one two three "

    # What was produced is billed, and no more.
    row = caller.only_usage()
    assert (row["status"], row["run_id"]) == ("upstream_error", response.headers["X-BatchIn-Run-Id"])
    assert 1 <= row["output_tokens"] == row["cost_cents"] <= 20
    assert caller.balance() == 100 - row["cost_cents"]


def test_silence_in_a_stream_ends_it_with_an_error_in_time(gateway: Gateway):
    caller = gateway.caller(cents=100)
    model = gateway.model("hasty", streamed(ROLE, *words("one ", "two "), Ending.SILENCE))
    body = caller.chat(model, max_tokens=100, stream=True, timeout=10).content
    assert "[DONE]" not in data_of(body)
    *_, last = chunks_of(body)
    assert last["error"]["code"] == "upstream_timeout"
    assert caller.only_usage()["status"] == "timeout"


def test_what_failed_after_the_usage_was_told_is_billed_by_it(gateway: Gateway):
    caller = gateway.caller(cents=100)
    model = gateway.model("metered", streamed(ROLE, *words("one"), FINISH, usage_event(), Ending.RESET))
    caller.chat(model, max_tokens=100, stream=True).content
    assert caller.only_usage()["output_tokens"] == 5
    assert caller.balance() == 95


def test_an_error_tells_nothing_that_only_the_operator_may_know(gateway: Gateway, caller: Caller):
    leak = f"Incorrect API key provided: {gateway.server.settings['test.provider.key']} at {gateway.upstream.url}"
    for status in (401, 500, 400):
        response = caller.chat(gateway.model("free", answer(error(leak), status)))
        assert gateway.server.settings["test.provider.key"] not in response.text
    stream = gateway.model("free", streamed(ROLE, event(error(leak))))
    assert gateway.server.settings["test.provider.key"] not in caller.chat(stream, stream=True).text


# C9
@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_before_the_answer_ends_the_providers_work(gateway: Gateway, stream: bool):
    caller = gateway.caller(cents=100)
    model = gateway.model("metered", [Ending.SILENCE])
    with pytest.raises(openai.APITimeoutError):
        caller.sdk_with(timeout=0.5).chat.completions.create(
            model=model.id, messages=MESSAGES, max_tokens=100, stream=stream
        )
    model.only_request().wait_until_hung_up(timeout=2)
    wait_until(caller.usage, "the run is recorded")
    assert caller.only_usage()["status"] == "interrupted"
    model.script(answer(chat()))
    assert caller.chat(model, max_tokens=caller.balance()).status_code == 200


def test_content_behind_the_end_of_an_answer_is_not_taken_for_the_next_one(gateway: Gateway, caller: Caller):
    """A provider that sends more than it announced must not answer the next caller with it."""
    smuggled = answer(chat("for somebody else"))[0]
    model = gateway.model("free", [answer(chat("mine"))[0] + smuggled], answer(chat("mine too")))
    said = [caller.chat(model) for _ in range(3)]
    assert [response.json()["choices"][0]["message"]["content"] for response in said if response.ok][:1] == ["mine"]
    assert all("somebody else" not in response.text for response in said)
