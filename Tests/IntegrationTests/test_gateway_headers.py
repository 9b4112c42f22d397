"""Which headers cross the gateway, which are its own, and how a call names its prompt version."""

from collections.abc import Callable

import pytest

from gateway import PROVIDER_KEY, Caller, Gateway, assert_every_responses_headers, assert_run_headers
from provider_answers import chat, chat_events, completion, embeddings, error
from scripted_upstream import answer, streamed

PROMPT_VERSION = "X-BatchIn-Prompt-Version"


def test_the_provider_gets_its_own_key_and_the_configured_headers(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    caller.chat(model, {"X-Configured": "by the caller"})
    headers = model.only_request().headers
    assert headers["authorization"] == f"Bearer {PROVIDER_KEY}"
    assert headers["x-configured"] == "main"
    assert headers["content-type"] == "application/json"
    assert headers["host"] == gateway.upstream.url.removeprefix("http://")


@pytest.mark.parametrize(
    "name",
    [
        "Cookie",
        "X-Api-Key",
        "Api-Key",
        "X-Auth-Token",
        "Proxy-Authorization",
        "Proxy-Connection",
        "X-BatchIn-Prompt-Version",
        "X-BatchIn-Internal-Token",
        "X-BatchIn-Anything",
        "X-Forwarded-For",
        "Forwarded",
        "Idempotency-Key",
        "Keep-Alive",
        "TE",
        "Upgrade",
        "Via",
    ],
)
def test_what_is_no_business_of_the_provider_does_not_go_up(gateway: Gateway, caller: Caller, name: str):
    model = gateway.model("free", answer(chat()))
    assert caller.chat(model, {name: "trailers"}).status_code == 200
    assert name.lower() not in model.only_request().headers


def test_what_the_connection_header_names_does_not_go_up(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    caller.chat(model, {"Connection": "keep-alive, X-Hop", "X-Hop": "1", "X-End": "2"})
    headers = model.only_request().headers
    assert "x-hop" not in headers and headers["x-end"] == "2"


def test_the_callers_key_reaches_no_provider(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    caller.chat(model)
    assert caller.key not in str(model.only_request().fields)


def test_a_provider_can_not_speak_for_the_gateway(gateway: Gateway, caller: Caller):
    forged = {
        "X-BatchIn-Run-Id": "run_forged",
        "X-VaaS-Record-Id": "vaas_forged",
        "traceparent": f"00-{'1' * 32}-{'1' * 16}-01",
        "X-Request-Id": "forged",
        "Set-Cookie": "session=forged",
        "X-RateLimit-Remaining": "0",
        "Access-Control-Allow-Origin": "*",
    }
    for script in (answer(chat(), **forged), streamed(*chat_events("x"), **forged)):
        model = gateway.model("free", script)
        response = caller.chat(model, stream=script[0].find(b"event-stream") > 0)
        assert response.status_code == 200
        assert_run_headers(response.headers, model)
        assert "forged" not in str(response.headers) and "1" * 32 not in str(response.headers)
        assert not {"set-cookie", "access-control-allow-origin", "x-ratelimit-remaining"} & {
            *map(str.lower, response.headers)
        }


def test_a_request_id_is_echoed(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()), answer(error("no"), 400))
    for status in (200, 400):
        response = caller.chat(model, {"X-Request-Id": "mine-1"})
        assert (response.status_code, response.headers["X-Request-Id"]) == (status, "mine-1")


def test_the_environment_is_named(start_gateway: Callable[..., Gateway]):
    gateway = start_gateway(environment="staging", internal_token="t" * 40)
    response = gateway.caller().chat(gateway.model("free", answer(chat())))
    assert response.headers["X-BatchIn-Environment"] == "staging"


def calls_of_every_kind(gateway: Gateway) -> list[tuple[str, dict]]:
    chats = gateway.model("free", answer(chat()))
    texts = gateway.model("free", answer(completion("x")))
    vectors = gateway.model("embedding", answer(embeddings([1.0])))
    streams = gateway.model("free", streamed(*chat_events("x")))
    messages = [{"role": "user", "content": "Hi"}]
    return [
        ("/v1/chat/completions", {"model": chats.id, "messages": messages}),
        ("/v1/chat/completions", {"model": streams.id, "messages": messages, "stream": True}),
        ("/v1/completions", {"model": texts.id, "prompt": "x"}),
        ("/v1/embeddings", {"model": vectors.id, "input": "x"}),
    ]


def test_the_prompt_version_is_what_the_header_says_else_the_metadata_else_default(gateway: Gateway, caller: Caller):
    for path, body in calls_of_every_kind(gateway):
        metadata = {"metadata": {"prompt_version": "support@v2", "team": "blue"}}
        for headers, fields, version in [
            ({}, {}, "default"),
            ({}, {"metadata": {"team": "blue"}}, "default"),
            ({}, metadata, "support@v2"),
            ({PROMPT_VERSION: "support@v3"}, metadata, "support@v3"),
            ({PROMPT_VERSION: "a.b_c-9"}, {}, "a.b_c-9"),
            ({PROMPT_VERSION: "x" * 64 + "@" + "y" * 64}, {}, "x" * 64 + "@" + "y" * 64),
        ]:
            response = caller.post(path, body | fields, headers)
            assert response.status_code == 200, response.text
            assert response.headers[PROMPT_VERSION] == version


@pytest.mark.parametrize("version", ["@", "a@", "@b", "a@b@c", "a b", "a/b", "é", "x" * 65, "a@" + "x" * 65, "<b>"])
def test_a_prompt_version_that_can_not_be_is_400(gateway: Gateway, caller: Caller, version: str):
    model = gateway.model("free", answer(chat()))
    for headers, metadata in [({PROMPT_VERSION: version.encode()}, {}), ({}, {"prompt_version": version})]:
        response = caller.chat(model, headers, metadata=metadata)
        assert response.status_code == 400
        said = response.json()["error"]
        assert said["code"] == "invalid_request"
        assert said["param"] == (PROMPT_VERSION if headers else "metadata.prompt_version")
    assert model.received() == []


# X7
def test_failed_runs_have_headers_too_and_other_refusals_have_no_run(gateway: Gateway, caller: Caller):
    broken = gateway.model("free", answer(error("down", "server_error"), 500))
    dead = gateway.model("dead")
    for model, provider in ((broken, "main"), (dead, "dead")):
        response = caller.chat(model)
        assert response.status_code == 502
        run = assert_run_headers(response.headers, model, provider)
        assert [row["status"] for row in caller.usage(run_id=run)] == ["upstream_error"]

    poor = gateway.model("priced", answer(chat()))
    response = caller.chat(poor, max_tokens=10)
    assert response.status_code == 402
    assert_run_headers(response.headers, poor, provider=None)
    assert poor.received() == []

    free = gateway.model("free", answer(chat()))
    refusals = [caller.chat("nothing"), caller.chat(free, messages=7), Caller(caller.url, "x").chat(free)]
    assert [response.status_code for response in refusals] == [404, 400, 401]
    for response in refusals:
        assert_every_responses_headers(response.headers)
        assert "X-BatchIn-Run-Id" not in response.headers
