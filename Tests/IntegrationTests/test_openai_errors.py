"""Refusals before any provider is called, as the official client raises them."""

import openai
import pytest

from client import Client
from gateway import Caller, Gateway, assert_every_responses_headers
from provider_answers import chat
from scripted_upstream import answer
from test_errors import error_of

CHAT = "/v1/chat/completions"
PATHS = [CHAT, "/v1/completions", "/v1/embeddings"]
MESSAGES = [{"role": "user", "content": "Hi"}]


def complete(caller: Caller, model: str, **fields: object) -> object:
    return caller.sdk.chat.completions.create(model=model, messages=MESSAGES, **fields)


def assert_typed(error: openai.APIStatusError, status: int, code: str, kind: str, param: str | None = None) -> None:
    assert (error.status_code, error.code, error.type, error.param) == (status, code, kind, param)
    assert error.request_id == error.response.headers["X-Request-Id"] == error.body["request_id"]
    assert_every_responses_headers(error.response.headers)
    assert "X-BatchIn-Run-Id" not in error.response.headers


# X1
@pytest.mark.parametrize("key", ["sk-nonsense", "batchin_api_" + "0" * 33])
def test_a_bad_key_is_an_authentication_error(gateway: Gateway, key: str):
    with pytest.raises(openai.AuthenticationError) as raised:
        complete(Caller(gateway.server.url, key), "free-0")
    assert_typed(raised.value, 401, "unauthorized", "authentication_error")


# X1
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CHAT, {"model": "free-0", "messages": MESSAGES}),
        ("/v1/completions", {"model": "free-0", "prompt": "x"}),
        ("/v1/embeddings", {"model": "embedding-0", "input": "x"}),
    ],
)
def test_without_the_scope_inference_nothing_is_called(caller: Caller, path: str, body: dict):
    reader = caller.with_key(scopes=["traces:read", "account"])
    error = error_of(reader.post(path, body), 403)
    assert error["code"] == "forbidden" and "inference" in error["message"]
    assert caller.usage() == []


# X5
def test_a_model_that_is_not_there_is_not_found(caller: Caller):
    for name in ("nothing", "", "FREE-0", "main/free-0", "x" * 5000, "mödel"):
        with pytest.raises(openai.NotFoundError) as raised:
            complete(caller, name)
        assert_typed(raised.value, 404, "model_not_found", "invalid_request_error", "model")


# X5
@pytest.mark.parametrize("path", PATHS)
def test_an_endpoint_can_only_be_posted_to(caller: Caller, path: str):
    for method in ("GET", "PUT", "DELETE"):
        response = caller.request(method, path)
        assert error_of(response, 405)["code"] == "method_not_allowed"
        assert response.headers["Allow"] == "POST"


# X5
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_type_is_415(caller: Caller, content_type: str):
    response = caller.request("POST", CHAT, data=b"{}", headers={"Content-Type": content_type})
    assert error_of(response, 415)["code"] == "unsupported_media_type"


# X5
def test_a_body_that_is_too_large_is_413(caller: Caller):
    """The limit for data is 64 MiB unless it is set."""
    response = caller.post(CHAT, b'{"model":"' + b"x" * (64 << 20) + b'"}', timeout=60)
    assert error_of(response, 413)["code"] == "payload_too_large"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"model":"free-0","messages":[{}]}x',
        b'{"model":"free-0","messages":[{}],}',
        b'{"model":"free-0","messages":[{}],"a":NaN}',
        b'{"model":"free-0","messages":[{}],"a":01}',
        b'{"model":"free-0","messages":[{}],"a":"\xff"}',
        b'{"model":"free-0","messages":[{}],"a":"\\ud800"}',
        b'{"model":"free-0","messages":[{}],"a":"\n"}',
        b"\xef\xbb\xbf{}",
        b'{"model":"free-0","messages":[{"role":"user","content":' + b"[" * 100_000,
        b'{"model":"free-0","messages":[{"role":"user","content":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}",
    ],
    ids=range(15),
)
def test_what_is_no_json_object_is_400(caller: Caller, body: bytes):
    assert error_of(caller.post(CHAT, body), 400)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 7}, "model"),
        ({"model": ["free-0"]}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": {}}, "messages"),
        ({"messages": ["Hi"]}, "messages"),
        ({"messages": [{}, None]}, "messages"),
        ({"stream": 1}, "stream"),
        ({"stream": "true"}, "stream"),
        ({"stream_options": []}, "stream_options"),
        ({"stream": True, "stream_options": {"include_usage": "yes"}}, "stream_options"),
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"n": 1.5}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_completion_tokens": 0}, "max_completion_tokens"),
        ({"max_tokens": 10**30}, "max_tokens"),
    ],
    ids=str,
)
def test_a_field_that_is_wrong_is_400_and_named(gateway: Gateway, caller: Caller, fields: dict, param: str):
    model = gateway.model("priced", answer(chat()))
    response = caller.post(CHAT, {"model": model.id, "messages": MESSAGES} | fields)
    error = error_of(response, 400)
    assert (error["code"], error["type"]) == ("invalid_request", "invalid_request_error")
    assert error["param"].split("[")[0].split(".")[0] == param
    assert model.received() == []
    assert caller.usage() == []
    assert "X-BatchIn-Run-Id" not in response.headers


@pytest.mark.parametrize("field", ["stream", "stream_options", "n", "max_tokens", "max_completion_tokens", "metadata"])
def test_null_is_as_good_as_absent(gateway: Gateway, caller: Caller, field: str):
    model = gateway.model("free", answer(chat()))
    assert caller.chat(model, **{field: None}).status_code == 200


def test_a_body_is_judged_before_money_and_the_key_before_the_body(gateway: Gateway, caller: Caller):
    model = gateway.model("priced", answer(chat()))
    anonymous = Client(gateway.server.url, None)
    wrong = b'{"model":"nothing","messages":7}'
    headers = {"Content-Type": "application/json"}
    assert anonymous.request("POST", CHAT, data=wrong, headers=headers).status_code == 401
    assert caller.post(CHAT, wrong).status_code == 400
    assert caller.chat(model, messages=[]).status_code == 400
    assert caller.chat(model, max_tokens=10).status_code == 402


# X3
def test_a_rate_limit_makes_the_client_wait_and_come_back(gateway: Gateway, caller: Caller):
    limited = caller.with_key(rate_limit_rpm=60)
    model = gateway.model("free", answer(chat()))
    sent: list = []
    sdk = limited.sdk_with(sent, max_retries=2)
    while limited.chat(model).status_code == 200:
        pass
    reply = sdk.chat.completions.create(model=model.id, messages=MESSAGES)
    assert reply.choices[0].message.content == "Hello there."
    assert [request.headers["x-stainless-retry-count"] for request in sent] == ["0", "1"]


# X3
def test_a_rate_limit_is_raised_and_reaches_no_provider(gateway: Gateway, caller: Caller):
    limited = caller.with_key(rate_limit_rpm=1)
    model = gateway.model("free", answer(chat()))
    assert limited.chat(model).status_code == 200
    response = limited.chat(model)
    error = error_of(response, 429)
    assert (error["code"], error["type"]) == ("rate_limited", "rate_limit_error")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "X-BatchIn-Run-Id" not in response.headers
    with pytest.raises(openai.RateLimitError) as raised:
        complete(limited, model.id)
    assert_typed(raised.value, 429, "rate_limited", "rate_limit_error")
    assert len(model.received()) == 1 and len(caller.usage()) == 1
