"""Which provider serves a call: retries, fallbacks, weights, and circuit breakers; and what its refusals become."""

import time
from collections import Counter

import openai
import pytest

from event_stream import content_of
from gateway import Caller, Gateway, Model, assert_run_headers
from provider_answers import ROLE, chat, chat_events, error, words
from scripted_upstream import Ending, answer, streamed
from server import wait_until
from test_errors import error_of

MESSAGES = [{"role": "user", "content": "Hi"}]
DOWN = answer(error("down", "server_error"), 500)
FAILURES_IN_A_ROW = 5
"""After so many a target is left alone for some seconds."""


def status_of(caller: Caller, model: Model) -> str:
    return caller.get(f"/v1/models/{model.id}").json()["status"]


@pytest.mark.parametrize("failure", [DOWN, answer(b"", 503, None), [Ending.RESET], answer(b"")], ids=range(4))
@pytest.mark.parametrize("stream", [False, True])
def test_a_failed_attempt_is_repeated_before_the_client_notices(
    gateway: Gateway, caller: Caller, failure: list, stream: bool
):
    good = streamed(*chat_events("Hello")) if stream else answer(chat())
    model = gateway.model("retried", failure, failure, good)
    response = caller.chat(model, stream=stream)
    assert response.status_code == 200 and b"Hello" in response.content
    assert len(model.received()) == 3
    assert len({request.body for request in model.received()}) == 1
    assert caller.only_usage()["status"] == "ok"


def test_a_call_is_repeated_as_often_as_the_route_says(gateway: Gateway, caller: Caller):
    model = gateway.model("retried", DOWN)
    assert caller.chat(model).status_code == 502
    assert len(model.received()) == 3
    assert len(caller.usage()) == 1


def test_without_retries_a_call_is_made_once(gateway: Gateway, caller: Caller):
    model = gateway.model("free", DOWN)
    assert caller.chat(model).status_code == 502
    assert len(model.received()) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_at_fault_is_not_repeated(gateway: Gateway, caller: Caller, status: int):
    model = gateway.model("retried", answer(error("no such voice"), status))
    assert caller.chat(model).status_code == (status if status == 413 else 400)
    assert len(model.received()) == 1


def test_nothing_is_repeated_once_a_stream_has_begun(gateway: Gateway, caller: Caller):
    model = gateway.model("retried", streamed(ROLE, *words("one"), Ending.RESET), streamed(*chat_events("two")))
    body = caller.chat(model, stream=True).content
    assert b"two" not in body and b'"error"' in body
    assert len(model.received()) == 1


@pytest.mark.parametrize("refusal", [500, 503, 401, 403, 404], ids=str)
@pytest.mark.parametrize("stream", [False, True])
def test_another_provider_steps_in(gateway: Gateway, caller: Caller, refusal: int, stream: bool):
    model = gateway.model("routed", answer(error("not here"), refusal))
    model.script(streamed(*chat_events("Hello")) if stream else answer(chat()), provider="spare")
    response = caller.chat(model, stream=stream)
    assert response.status_code == 200 and b"Hello" in response.content
    assert_run_headers(response.headers, model, provider="spare")
    assert len(model.received("main")) == len(model.received("spare")) == 1
    request = model.only_request("spare")
    assert request.path == "/spare/v1/chat/completions"
    assert request.headers["x-configured"] == "spare" and request.json()["model"] == f"spare/{model.id}"


def test_another_provider_steps_in_for_one_that_can_not_be_reached(gateway: Gateway, caller: Caller):
    model = gateway.model("stranded")
    model.script(answer(chat()), provider="spare")
    assert_run_headers(caller.chat(model).headers, model, provider="spare")


def test_a_fallback_serves_only_when_it_must(gateway: Gateway, caller: Caller):
    model = gateway.model("routed", answer(chat()))
    for _ in range(20):
        assert caller.chat(model).headers["X-BatchIn-Provider"] == "main"
    assert model.received("spare") == []


def test_calls_are_shared_by_weight(gateway: Gateway, caller: Caller):
    """Weights 1 and 3; that fewer than 5 or more than 55 of 120 go to the lighter one has a chance below 10⁻⁶."""
    model = gateway.model("balanced", answer(chat()))
    model.script(answer(chat()), provider="spare")
    served = Counter(caller.chat(model).headers["X-BatchIn-Provider"] for _ in range(120))
    assert 5 <= served["main"] <= 55 and served.total() == 120


def test_a_target_that_keeps_failing_is_left_alone(gateway: Gateway, caller: Caller):
    model = gateway.model("free", DOWN)
    assert status_of(caller, model) == "always_on"
    for _ in range(FAILURES_IN_A_ROW):
        assert caller.chat(model).status_code == 502
    assert status_of(caller, model) == "offline"
    response = caller.chat(model)
    said = error_of(response, 503)
    assert (said["code"], said["type"]) == ("service_unavailable", "server_error")
    assert int(response.headers["Retry-After"]) >= 1
    assert_run_headers(response.headers, model, provider=None)
    assert len(model.received()) == FAILURES_IN_A_ROW
    # It reached no provider.
    assert len(caller.usage()) == FAILURES_IN_A_ROW
    listed = {item["id"]: item["status"] for item in caller.get("/v1/models").json()["data"]}
    assert listed[model.id] == "offline" and "offline" not in {listed["priced-39"], listed["embedding-39"]}


def test_a_target_that_recovered_is_called_again(gateway: Gateway, caller: Caller):
    model = gateway.model("free", *[DOWN] * FAILURES_IN_A_ROW, answer(chat()))
    for _ in range(FAILURES_IN_A_ROW):
        caller.chat(model)
    wait = int(caller.chat(model).headers["Retry-After"])
    wait_until(lambda: status_of(caller, model) != "offline", "it may be tried", timeout=wait + 2)
    assert status_of(caller, model) == "degraded"
    assert caller.chat(model).status_code == 200
    assert status_of(caller, model) == "always_on"


def test_a_route_with_one_target_left_is_degraded_and_serves(gateway: Gateway, caller: Caller):
    model = gateway.model("routed", DOWN)
    model.script(answer(chat()), provider="spare")
    for _ in range(FAILURES_IN_A_ROW):
        assert caller.chat(model).status_code == 200
    assert status_of(caller, model) == "degraded"
    assert caller.chat(model).status_code == 200
    assert len(model.received("main")) == FAILURES_IN_A_ROW


def test_one_users_failing_requests_take_the_model_from_nobody(gateway: Gateway, caller: Caller):
    """What a provider refuses because the request is wrong says nothing about the provider."""
    model = gateway.model("free", answer(error("wrong"), 400))
    for _ in range(2 * FAILURES_IN_A_ROW):
        assert caller.chat(model).status_code == 400
    model.script(answer(chat()))
    assert gateway.caller().chat(model).status_code == 200
    assert status_of(caller, model) == "always_on"


def test_clients_that_leave_do_not_count_against_a_provider(gateway: Gateway, caller: Caller):
    model = gateway.model("free", streamed(ROLE, Ending.SILENCE))
    for number in range(2 * FAILURES_IN_A_ROW):
        stream = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, stream=True)
        next(iter(stream))
        stream.close()
        model.received()[number].wait_until_hung_up()
    assert status_of(caller, model) == "always_on"


@pytest.mark.parametrize(
    ("status", "kind", "code", "raised"),
    [
        (400, openai.BadRequestError, "invalid_request", 400),
        (413, openai.APIStatusError, "payload_too_large", 413),
        (422, openai.BadRequestError, "invalid_request", 400),
        (401, openai.InternalServerError, "upstream_error", 502),
        (402, openai.InternalServerError, "upstream_error", 502),
        (403, openai.InternalServerError, "upstream_error", 502),
        (404, openai.InternalServerError, "upstream_error", 502),
        (418, openai.InternalServerError, "upstream_error", 502),
        (429, openai.RateLimitError, "rate_limited", 429),
        (504, openai.InternalServerError, "upstream_timeout", 504),
    ],
)
def test_a_providers_refusal_becomes_an_error_of_our_own(
    gateway: Gateway, caller: Caller, status: int, kind: type, code: str, raised: int
):
    refusal = error("the provider's own words", "a_type_of_its_own", "a_code_of_its_own", "messages")
    model = gateway.model("free", answer(refusal, status))
    with pytest.raises(kind) as caught:
        caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES)
    failure = caught.value
    assert (failure.status_code, failure.code) == (raised, code)
    assert "the provider's own words" in failure.message
    assert failure.type not in ("a_type_of_its_own", "authentication_error")
    if raised == 400:
        assert failure.param == "messages"


# X4
@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_will_not_heal_is_not_tried_again_by_the_official_client(gateway: Gateway, caller: Caller, status: int):
    sent: list = []
    model = gateway.model("free", answer(error("no"), status))
    with pytest.raises(openai.InternalServerError) as caught:
        caller.sdk_with(sent, max_retries=2).chat.completions.create(model=model.id, messages=MESSAGES)
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert len(sent) == len(model.received()) == 1


# X3
def test_a_rate_limit_of_the_provider_is_raised_after_three_requests(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(error("slow down", "rate_limit_error"), 429))
    sent: list = []
    with pytest.raises(openai.RateLimitError) as caught:
        caller.sdk_with(sent, max_retries=2).chat.completions.create(model=model.id, messages=MESSAGES)
    assert (caught.value.code, caught.value.type) == ("rate_limited", "rate_limit_error")
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    assert len(sent) == len(model.received()) == 3


def test_a_provider_that_asks_to_be_left_alone_is(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(error("slow down"), 429, Retry_After=60))
    response = caller.chat(model)
    error_of(response, 429)
    assert 55 <= int(response.headers["Retry-After"]) <= 60
    again = caller.chat(model)
    assert again.status_code in (429, 503) and 50 <= int(again.headers["Retry-After"]) <= 60
    assert len(model.received()) == 1


def test_a_short_wait_that_the_provider_asks_for_is_waited(gateway: Gateway, caller: Caller):
    model = gateway.model("retried", answer(error("slow down"), 429, Retry_After=1), answer(chat()))
    start = time.monotonic()
    assert caller.chat(model).status_code == 200
    assert time.monotonic() - start >= 0.9
    first, second = model.received()
    assert second.received_at - first.received_at >= 0.95


def test_another_provider_serves_while_one_asks_to_be_left_alone(gateway: Gateway, caller: Caller):
    model = gateway.model("routed", answer(error("slow down"), 429, Retry_After=60))
    model.script(streamed(*chat_events("Hello")), provider="spare")
    for _ in range(3):
        assert content_of(caller.chat(model, stream=True).content) == "Hello"
    assert len(model.received("main")) == 1 and len(model.received("spare")) == 3
