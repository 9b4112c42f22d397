"""Completions with the official client: text in, text out, with or without a gap to fill."""

import pytest

from event_stream import data_of
from gateway import Caller, Gateway, assert_run_headers
from provider_answers import DONE, USAGE, chunk, completion, event, text_event
from scripted_upstream import answer, streamed

COMPLETIONS = "/v1/completions"
EVENTS = [text_event("Hel"), text_event("lo"), text_event("", "stop")]
USAGE_EVENT = event(chunk(id="cmpl-1", object="text_completion", choices=[], usage=USAGE))


# T1
def test_a_completion_is_what_the_provider_said_under_the_catalogues_name(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("Hello")))
    reply = caller.sdk.completions.create(model=model.id, prompt="Say hello")
    assert (reply.id, reply.object, reply.model) == ("cmpl-1", "text_completion", model.id)
    (choice,) = reply.choices
    assert (choice.index, choice.text, choice.finish_reason) == (0, "Hello", "stop")
    assert reply.usage.model_dump(exclude_none=True) == USAGE
    request = model.only_request()
    assert request.path == COMPLETIONS
    assert request.json() == {"model": f"main/{model.id}", "prompt": "Say hello"}


# T1
def test_a_suffix_goes_up(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("    return a + b")))
    reply = caller.sdk.completions.create(
        model=model.id, prompt="def add(a, b):\n", suffix="\n\nprint(add(1, 2))", max_tokens=16, temperature=0
    )
    assert reply.choices[0].text == "    return a + b"
    sent = model.only_request().json()
    assert (sent["prompt"], sent["suffix"], sent["max_tokens"]) == ("def add(a, b):\n", "\n\nprint(add(1, 2))", 16)


# T1
def test_a_completion_can_be_streamed(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*EVENTS, USAGE_EVENT, DONE))
    chunks = list(caller.sdk.completions.create(model=model.id, prompt="Say hello", stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "Hello"
    assert {chunk.model for chunk in chunks} == {model.id}
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert model.only_request().json()["stream_options"] == {"include_usage": True}
    assert caller.only_usage()["output_tokens"] == 5


# T1
def test_usage_ends_a_streamed_completion_if_asked_for(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*EVENTS, USAGE_EVENT, DONE))
    chunks = list(
        caller.sdk.completions.create(
            model=model.id, prompt="Say hello", stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage.model_dump(exclude_none=True) == USAGE


def test_usage_of_a_streamed_completion_is_counted_if_the_provider_does_not_tell(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(*EVENTS, DONE))
    chunks = list(
        caller.sdk.completions.create(
            model=model.id, prompt="Say hello", stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].usage.prompt_tokens > 0 and chunks[-1].usage.completion_tokens > 0
    assert caller.only_usage()["output_tokens"] == chunks[-1].usage.completion_tokens


@pytest.mark.parametrize(
    "prompt", [["one", "two"], [1, 2, 3], [[1, 2], [3]]], ids=["texts", "tokens", "lists of tokens"]
)
def test_several_prompts_are_answered_in_their_order(gateway: Gateway, caller: Caller, prompt: list):
    count = 1 if isinstance(prompt[0], int) else 2
    model = gateway.model("free", answer(completion(*(f"answer {index}" for index in range(count)))))
    reply = caller.sdk.completions.create(model=model.id, prompt=prompt)
    assert [(choice.index, choice.text) for choice in reply.choices] == [
        (index, f"answer {index}") for index in range(count)
    ]
    assert [request.json()["prompt"] for request in model.received()] == [prompt]


def test_options_and_unknown_fields_go_up(gateway: Gateway, caller: Caller):
    options = {"best_of": 2, "echo": True, "logprobs": 3, "n": 2, "stop": ["\n"], "seed": 7, "user": "somebody"}
    model = gateway.model("free", answer(completion("one", "two")))
    caller.sdk.completions.create(model=model.id, prompt="x", extra_body={"min_p": 0.1}, **options)
    assert model.only_request().json() == options | {"model": f"main/{model.id}", "prompt": "x", "min_p": 0.1}


def test_a_completion_is_a_run(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("Hello")), streamed(*EVENTS, USAGE_EVENT, DONE))
    raw = caller.sdk.completions.with_raw_response.create(model=model.id, prompt="x")
    runs = [assert_run_headers(raw.headers, model)]
    stream = caller.post(COMPLETIONS, {"model": model.id, "prompt": "x", "stream": True})
    assert data_of(stream.content)[-1] == "[DONE]"
    runs.append(assert_run_headers(stream.headers, model))
    assert [row["run_id"] for row in caller.usage()] == runs[::-1]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"prompt": 7}, "prompt"),
        ({"prompt": {}}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["one", 2]}, "prompt"),
        ({"prompt": [[1], "two"]}, "prompt"),
        ({"prompt": "x", "suffix": 7}, "suffix"),
        ({"prompt": "x", "n": 0}, "n"),
        ({"prompt": "x", "n": 129}, "n"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens"),
        ({"prompt": "x", "stream": "yes"}, "stream"),
    ],
)
def test_what_is_no_completion_request_is_refused_by_name(gateway: Gateway, caller: Caller, fields: dict, param: str):
    model = gateway.model("free", answer(completion("x")))
    response = caller.post(COMPLETIONS, {"model": model.id, **fields})
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"].split("[")[0]) == ("invalid_request", param)
    assert model.received() == []


def test_an_embedding_model_completes_nothing(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding")
    response = caller.post(COMPLETIONS, {"model": model.id, "prompt": "x"})
    assert response.status_code in (400, 404) and response.json()["error"]["param"] == "model"
    assert model.received() == []
