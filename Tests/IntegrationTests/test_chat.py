"""Chat with the official client: what it gets, and what reaches the provider."""

import json

import pydantic
import pytest

import provider_answers
from client import Client
from gateway import Caller, Gateway, assert_run_headers
from provider_answers import chat
from scripted_upstream import answer
from server import Server

MESSAGES = [{"role": "user", "content": "Hi"}]
WEATHER_TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
PIXEL = "data:image/png;base64,iVBORw0KGgo="


# C1
def test_an_answer_is_what_the_provider_said_under_the_catalogues_name(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat("Good morning.")))
    reply = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES)
    assert (reply.id, reply.object, reply.created) == ("chatcmpl-1", "chat.completion", provider_answers.CREATED)
    assert reply.model == model.id
    (choice,) = reply.choices
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert (choice.message.role, choice.message.content) == ("assistant", "Good morning.")
    assert reply.usage.model_dump(exclude_none=True) == provider_answers.USAGE
    assert model.only_request().json()["model"] == f"main/{model.id}"
    assert model.only_request().path == "/v1/chat/completions"


# C6
def test_tools_go_up_and_parallel_tool_calls_come_back(gateway: Gateway, caller: Caller):
    calls = [
        {
            "id": f"call_{city}",
            "type": "function",
            "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'},
        }
        for city in ("Rome", "Oslo")
    ]
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    model = gateway.model(
        "free", answer(chat(choices=[{"index": 0, "message": message, "finish_reason": "tool_calls"}]))
    )
    reply = caller.sdk.chat.completions.create(
        model=model.id, messages=MESSAGES, tools=[WEATHER_TOOL], tool_choice="auto", parallel_tool_calls=True
    )
    assert reply.choices[0].finish_reason == "tool_calls"
    assert [call.model_dump(exclude_none=True) for call in reply.choices[0].message.tool_calls] == calls
    sent = model.only_request().json()
    assert (sent["tools"], sent["tool_choice"], sent["parallel_tool_calls"]) == ([WEATHER_TOOL], "auto", True)


# C6
def test_the_answers_of_tools_go_up(gateway: Gateway, caller: Caller):
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages = [
        *MESSAGES,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "12 °C"},
    ]
    model = gateway.model("free", answer(chat()))
    caller.sdk.chat.completions.create(model=model.id, messages=messages)
    assert model.only_request().json()["messages"] == messages


# C7
def test_a_structured_answer_can_be_parsed(gateway: Gateway, caller: Caller):
    class Place(pydantic.BaseModel):
        city: str
        population: int

    model = gateway.model("free", answer(chat('{"city": "Köln", "population": 1080000}')))
    reply = caller.sdk.chat.completions.parse(model=model.id, messages=MESSAGES, response_format=Place)
    assert reply.choices[0].message.parsed == Place(city="Köln", population=1_080_000)
    wanted = model.only_request().json()["response_format"]
    assert wanted["type"] == "json_schema"
    assert set(wanted["json_schema"]["schema"]["properties"]) == {"city", "population"}


# C8
@pytest.mark.parametrize(
    "option",
    [
        {"n": 2},
        {"seed": 42},
        {"stop": ["\n", "END"]},
        {"stop": "END"},
        {"logprobs": True, "top_logprobs": 5},
        {"max_tokens": 5},
        {"max_completion_tokens": 5},
        {"temperature": 0.3, "top_p": 0.9},
        {"presence_penalty": -1.5, "frequency_penalty": 1.5},
        {"logit_bias": {"50256": -100}},
        {"response_format": {"type": "json_object"}},
        {"reasoning_effort": "low"},
        {"user": "somebody"},
        {"metadata": {"team": "blue"}},
        {"store": False},
        {"service_tier": "default"},
        {"modalities": ["text"]},
        {"prediction": {"type": "content", "content": "Hi"}},
    ],
    ids=lambda option: next(iter(option)),
)
def test_an_option_goes_up_as_it_is(gateway: Gateway, caller: Caller, option: dict):
    model = gateway.model("free", answer(chat()))
    caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, **option)
    sent = model.only_request().json()
    assert {name: sent[name] for name in option} == option
    assert set(sent) == {"model", "messages", *option}


# C8
def test_what_no_document_knows_goes_up_too(gateway: Gateway, caller: Caller):
    unknown = {"top_k": 40, "guided_json": {"type": "object"}, "chat_template_kwargs": {"enable_thinking": False}}
    model = gateway.model("free", answer(chat(provider_specific={"cached": True}, system_fingerprint="fp_1")))
    reply = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, extra_body=unknown)
    assert {name: model.only_request().json()[name] for name in unknown} == unknown
    assert reply.provider_specific == {"cached": True}
    assert reply.system_fingerprint == "fp_1"


# C8
def test_pictures_go_up(gateway: Gateway, caller: Caller):
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
    model = gateway.model("free", answer(chat()))
    caller.sdk.chat.completions.create(model=model.id, messages=[{"role": "user", "content": parts}])
    assert model.only_request().json()["messages"][0]["content"] == parts


# C8
def test_several_choices_with_log_probabilities_come_back(gateway: Gateway, caller: Caller):
    token = {"token": "Hi", "logprob": -0.31, "bytes": [72, 105], "top_logprobs": []}
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": f"answer {index}", "refusal": None},
            "logprobs": {"content": [token], "refusal": None},
            "finish_reason": "length",
        }
        for index in range(2)
    ]
    model = gateway.model("free", answer(chat(choices=choices)))
    reply = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, n=2, logprobs=True)
    assert [choice.message.content for choice in reply.choices] == ["answer 0", "answer 1"]
    assert [choice.logprobs.content[0].logprob for choice in reply.choices] == [-0.31, -0.31]


def test_details_of_usage_come_back(gateway: Gateway, caller: Caller):
    usage = provider_answers.USAGE | {
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    model = gateway.model("free", answer(chat(usage=usage)))
    reply = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES)
    assert reply.usage.prompt_tokens_details.cached_tokens == 4
    assert reply.usage.completion_tokens_details.reasoning_tokens == 3


# X7
def test_an_answer_says_which_run_it_is(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    runs = set()
    for _ in range(3):
        raw = caller.sdk.chat.completions.with_raw_response.create(model=model.id, messages=MESSAGES)
        runs.add(assert_run_headers(raw.headers, model))
        assert raw.headers["Content-Type"].startswith("application/json")
        assert raw.parse().choices[0].message.content == "Hello there."
    assert len(runs) == 3


def test_an_answer_of_many_megabytes_comes_back_whole(gateway: Gateway, caller: Caller):
    text = "Ö" * 2_000_000
    model = gateway.model("free", answer(json.dumps(chat(text), ensure_ascii=False).encode()))
    reply = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES)
    assert reply.choices[0].message.content == text


def test_a_request_of_many_megabytes_goes_up_whole(gateway: Gateway, caller: Caller):
    text = "é" * 2_000_000
    model = gateway.model("free", answer(chat()))
    body = {"model": model.id, "messages": [{"role": "user", "content": text}]}
    response = caller.post("/v1/chat/completions", json.dumps(body, ensure_ascii=False).encode())
    assert response.status_code == 200, response.text
    assert model.only_request().json()["messages"][0]["content"] == text


def test_a_fresh_installation_answers(server: Server, client: Client):
    caller = Caller(server.url, client.key)
    reply = caller.sdk.chat.completions.create(model="echo", messages=MESSAGES)
    assert "Hi" in reply.choices[0].message.content
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    with caller.sdk.chat.completions.create(model="echo", messages=MESSAGES, stream=True) as chunks:
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == reply.choices[0].message.content
    raw = caller.sdk.chat.completions.with_raw_response.create(model="echo", messages=MESSAGES)
    assert raw.headers["X-BatchIn-Provider"] == "echo"
