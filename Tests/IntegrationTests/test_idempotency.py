"""Repeating a call that may have been served: the header Idempotency-Key."""

import threading
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
import requests

from event_stream import events_as_they_come
from gateway import Caller, Gateway, Model
from provider_answers import ROLE, chat, chat_events, completion, error, words
from scripted_upstream import Ending, Gate, answer, streamed
from server import wait_until
from test_errors import ERROR_KEYS, error_of

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "Hi"}]
KEY = {"Idempotency-Key": "order-1"}
FIVE_CENTS = answer(chat())


@pytest.fixture
def caller(gateway: Gateway) -> Caller:
    return gateway.caller(cents=100)


def assert_conflict(response: requests.Response) -> None:
    said = error_of(response, 409)
    assert (said["code"], said["type"]) == ("conflict", "conflict_error")
    assert response.headers["x-should-retry"] == "false"


def run_named_by(response: requests.Response) -> str:
    """The run whose answer can't be given again."""
    assert response.status_code == 409
    assert response.headers["x-should-retry"] == "false"
    said = response.json()["error"]
    assert set(said) == ERROR_KEYS | {"run_id"}
    assert (said["code"], said["type"]) == ("conflict", "conflict_error")
    return said["run_id"]


def test_the_same_call_again_gets_the_first_answer_and_costs_nothing(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS, answer(chat("another answer")))
    first, second = (caller.chat(model, KEY, max_tokens=10) for _ in range(2))
    assert (second.status_code, second.content) == (200, first.content)
    assert second.headers["X-BatchIn-Run-Id"] == first.headers["X-BatchIn-Run-Id"]
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len(model.received()) == 1 and len(caller.usage()) == 1 and caller.balance() == 95


def test_the_official_client_can_repeat_itself(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS)
    replies = [
        caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, max_tokens=10, extra_headers=KEY)
        for _ in range(3)
    ]
    assert len({reply.model_dump_json() for reply in replies}) == 1
    assert len(model.received()) == 1


def test_another_body_under_the_same_key_is_refused(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS)
    first = caller.chat(model, KEY, max_tokens=10)
    assert first.status_code == 200
    assert_conflict(caller.chat(model, KEY, max_tokens=11))
    # A white space makes another body too: what is compared is bytes.
    assert_conflict(caller.post(CHAT, first.request.body + b" ", KEY))
    assert caller.post(CHAT, first.request.body, KEY).content == first.content
    assert len(model.received()) == 1


def test_a_call_that_is_still_running_is_not_started_again(gateway: Gateway, caller: Caller):
    gate = Gate()
    model = gateway.model("metered", [gate, *FIVE_CENTS])
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(Caller(caller.url, caller.key).chat, model, KEY, max_tokens=10)
        gate.wait_until_reached()
        assert_conflict(caller.chat(model, KEY, max_tokens=10))
        gate.open()
        assert first.result().status_code == 200
    assert caller.chat(model, KEY, max_tokens=10).content == first.result().content
    assert len(model.received()) == 1


def test_of_many_calls_at_once_one_is_made(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS)
    barrier = threading.Barrier(12)

    def call() -> int:
        own = Caller(caller.url, caller.key)
        barrier.wait()
        return own.chat(model, KEY, max_tokens=10).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = {call.result() for call in [pool.submit(call) for _ in range(12)]}
    assert statuses <= {200, 409} and 200 in statuses
    assert len(model.received()) == 1 and caller.balance() == 95


def test_a_stream_is_not_repeated_but_named(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", streamed(*chat_events("Hello")))
    first = caller.chat(model, KEY, max_tokens=10, stream=True)
    assert first.content
    again = caller.chat(model, KEY, max_tokens=10, stream=True)
    assert run_named_by(again) == first.headers["X-BatchIn-Run-Id"]
    assert len(model.received()) == 1
    with pytest.raises(openai.ConflictError):
        caller.sdk.chat.completions.create(
            model=model.id, messages=[{"role": "user", "content": "Hi"}], max_tokens=10, stream=True, extra_headers=KEY
        )


def test_an_answer_that_is_too_large_to_keep_is_not_repeated_but_named(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", answer(chat("x" * (1 << 20))))
    first = caller.chat(model, KEY, max_tokens=10)
    assert first.status_code == 200
    again = caller.chat(model, KEY, max_tokens=10)
    assert run_named_by(again) == first.headers["X-BatchIn-Run-Id"]


def test_users_and_paths_have_keys_of_their_own(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS)
    other = gateway.caller(cents=100)
    runs = [person.chat(model, KEY, max_tokens=10).headers["X-BatchIn-Run-Id"] for person in (caller, other)]
    text = gateway.model("metered", answer(completion("x")))
    response = caller.post("/v1/completions", {"model": text.id, "prompt": "x", "max_tokens": 10}, KEY)
    assert response.status_code == 200
    assert len({*runs, response.headers["X-BatchIn-Run-Id"]}) == 3


def test_all_keys_of_one_user_share_them(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", FIVE_CENTS)
    first = caller.chat(model, KEY, max_tokens=10)
    assert caller.with_key().chat(model, KEY, max_tokens=10).content == first.content
    assert len(model.received()) == 1


def test_what_was_refused_before_it_spent_anything_can_be_tried_again(gateway: Gateway):
    caller = gateway.caller()
    model = gateway.model("metered", FIVE_CENTS)
    assert caller.chat(model, KEY, max_tokens=10).status_code == 402
    gateway.credit(caller, 100)
    assert caller.chat(model, KEY, max_tokens=10).status_code == 200


@pytest.mark.parametrize("failure", [answer(error("down"), 500), [Ending.RESET], answer(error("wrong"), 400)])
def test_what_failed_at_the_provider_can_be_tried_again(gateway: Gateway, caller: Caller, failure: list):
    model = gateway.model("metered", failure, FIVE_CENTS)
    assert caller.chat(model, KEY, max_tokens=10).status_code >= 400
    again = caller.chat(model, KEY, max_tokens=10)
    assert again.status_code == 200 and len(model.received()) == 2


def test_what_the_client_left_can_be_tried_again(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", [Ending.SILENCE], FIVE_CENTS)
    with pytest.raises(openai.APITimeoutError):
        caller.sdk_with(timeout=0.3).chat.completions.create(
            model=model.id, messages=MESSAGES, max_tokens=10, extra_headers=KEY
        )
    model.only_request().wait_until_hung_up()
    body = model.only_request().body.replace(model.name_at().encode(), model.id.encode())
    wait_until(lambda: caller.post(CHAT, body, KEY).status_code == 200, "the key is free again")


def test_a_stream_that_the_client_left_is_named(gateway: Gateway, caller: Caller):
    model = gateway.model("metered", streamed(ROLE, *words("one ", "two "), Ending.SILENCE), FIVE_CENTS)
    with caller.chat(model, KEY, max_tokens=10, stream=True) as response:
        assert any(b"two" in event for event in events_as_they_come(response))
    model.only_request().wait_until_hung_up()
    wait_until(caller.usage, "the run is recorded")
    run = response.headers["X-BatchIn-Run-Id"]
    assert run_named_by(caller.chat(model, KEY, max_tokens=10, stream=True)) == run
    assert len(model.received()) == 1


def test_answers_outlive_the_process_and_are_not_readable_on_disk(own_gateway: Gateway):
    caller = own_gateway.caller(cents=100)
    secret = "the-answer-is-forty-two"
    model = own_gateway.model("metered", answer(chat(secret)))
    first = caller.chat(model, KEY, max_tokens=10)
    own_gateway.server.restart()
    again = Caller(own_gateway.server.url, caller.key).chat(model, KEY, max_tokens=10)
    assert again.content == first.content and len(model.received()) == 1
    for file in own_gateway.server.data.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
            assert KEY["Idempotency-Key"].encode() not in file.read_bytes(), file


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "é"], ids=range(4))
def test_a_key_that_can_not_be_is_400(gateway: Gateway, caller: Caller, key: str):
    model = gateway.model("metered", FIVE_CENTS)
    said = error_of(caller.chat(model, {"Idempotency-Key": key.encode()}, max_tokens=10), 400)
    assert (said["code"], said["param"]) == ("invalid_request", "Idempotency-Key")
    assert model.received() == []


def test_without_a_key_every_call_is_its_own(gateway: Gateway, caller: Caller):
    model: Model = gateway.model("metered", FIVE_CENTS)
    for _ in range(2):
        assert caller.chat(model, max_tokens=10).status_code == 200
    assert len(model.received()) == 2
