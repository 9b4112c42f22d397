"""Who may call, what a call costs, and that every run is paid for once."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import openai
import pytest

from client import Client
from gateway import Caller, Gateway, Model, trace_id_of
from provider_answers import FINISH, ROLE, USAGE, chat, chat_events, completion, embeddings, usage_event, words
from run_traces import trace_of
from scripted_upstream import Ending, Gate, answer, streamed
from server import wait_until
from test_errors import error_of

MESSAGES = [{"role": "user", "content": "Hi"}]
FIVE_CENTS = answer(chat(usage=USAGE))


def assert_refused_without_a_call(caller: Caller, model: Model, max_tokens: int) -> None:
    """X2: one request, and none to the provider."""
    sent: list = []
    with pytest.raises(openai.APIStatusError) as raised:
        caller.sdk_with(sent, max_retries=2).chat.completions.create(
            model=model.id, messages=MESSAGES, max_tokens=max_tokens
        )
    failure = raised.value
    assert (failure.status_code, failure.code, failure.type) == (402, "payment_required", "insufficient_quota")
    assert failure.request_id == failure.body["request_id"]
    assert failure.response.headers["x-should-retry"] == "false"
    assert failure.response.headers["X-BatchIn-Run-Id"].startswith("run_")
    assert len(sent) == 1 and model.received() == []


def totals(caller: Client) -> dict:
    return caller.get("/v1/usage/summary", params={"ignore_budget": 1}).json()


def assert_books_agree(caller: Caller, credited: int) -> None:
    """Every row, the summary, the sums by model, and the balance tell the same story, to the last digit."""
    rows, summary = caller.usage(), totals(caller)
    by_model = caller.get("/v1/usage/by-model").json()
    assert len({row["run_id"] for row in rows}) == len(rows) == summary["total_requests"]
    for source in (rows, by_model):
        prefix = "" if source is rows else "total_"
        assert sum(row[f"{prefix}cost_cents"] for row in source) == summary["total_cost_cents"]
        exact = sum((Decimal(row[f"{prefix}cost_usd"]) for row in source), Decimal(0))
        assert exact == Decimal(summary["total_cost_usd"])
    assert sum(row["output_tokens"] for row in rows) == summary["total_output_tokens"]
    assert credited - caller.balance() == summary["total_cost_cents"]


# X2
def test_without_money_nothing_is_called(gateway: Gateway, caller: Caller):
    assert_refused_without_a_call(caller, gateway.model("metered", FIVE_CENTS), max_tokens=1)
    assert caller.usage() == []


# X2
def test_a_call_is_admitted_only_if_the_balance_covers_the_most_it_may_cost(gateway: Gateway):
    caller = gateway.caller(cents=50)
    model = gateway.model("metered", FIVE_CENTS)
    assert_refused_without_a_call(caller, model, max_tokens=51)
    assert caller.chat(model, max_tokens=50).status_code == 200
    assert caller.balance() == 45
    assert caller.chat(model, max_tokens=46).status_code == 402
    assert caller.chat(model, max_completion_tokens=46).status_code == 402
    assert caller.chat(model, max_tokens=23, n=2).status_code == 402
    assert caller.chat(model, max_tokens=15, n=3).status_code == 200
    assert_books_agree(caller, 50)


def test_a_call_without_a_limit_may_fill_the_context(gateway: Gateway):
    caller = gateway.caller(cents=50)
    model = gateway.model("metered", FIVE_CENTS)
    assert caller.chat(model).status_code == 402
    gateway.credit(caller, 8192)
    assert caller.chat(model).status_code == 200


def test_what_a_prompt_may_cost_is_reserved_too(gateway: Gateway):
    """A tenth of a cent a token, and every word here is one at least."""
    caller = gateway.caller(cents=50)
    model = gateway.model("priced", FIVE_CENTS)
    response = caller.chat(model, max_tokens=1, messages=[{"role": "user", "content": "word " * 600}])
    assert response.status_code == 402 and model.received() == []


# X2
def test_a_budget_is_never_passed(gateway: Gateway):
    caller = gateway.caller(cents=1000)
    limited = caller.with_key(monthly_budget_cents=12)
    model = gateway.model("metered", FIVE_CENTS)
    assert_refused_without_a_call(limited, model, max_tokens=13)
    for _ in range(2):
        assert limited.chat(model, max_tokens=5).status_code == 200
    assert limited.chat(model, max_tokens=3).status_code == 402
    assert limited.chat(model, max_tokens=2).status_code == 200
    assert limited.get("/v1/usage/summary").status_code == 402
    assert caller.chat(model, max_tokens=5).status_code == 200
    assert_books_agree(caller, 1000)


def test_whoever_is_logged_in_may_call_without_a_key(gateway: Gateway):
    person = {"email": f"{uuid.uuid4()}@example.com", "name": "Somebody", "password": "correct horse battery staple"}
    anonymous = Client(gateway.server.url, None)
    assert anonymous.request("POST", "/v1/users", json=person).status_code == 201
    login = anonymous.request("POST", "/v1/users/login", json=person).json()
    session = Caller(gateway.server.url, login["access_token"])
    session.email = person["email"]
    gateway.credit(session, 10)
    assert session.chat(gateway.model("metered", FIVE_CENTS), max_tokens=10).status_code == 200
    assert session.only_usage()["key_id"] is None
    assert session.balance() == 5


def test_a_budget_of_nothing_still_calls_free_models(gateway: Gateway, caller: Caller):
    limited = caller.with_key(monthly_budget_cents=0)
    assert limited.chat(gateway.model("free", FIVE_CENTS)).status_code == 200
    assert limited.chat(gateway.model("metered", FIVE_CENTS), max_tokens=1).status_code == 402


def test_free_models_need_no_money_and_are_recorded(gateway: Gateway, caller: Caller):
    for kind, stream in (("free", False), ("free", True)):
        model = gateway.model(kind, streamed(*chat_events("Hello")) if stream else FIVE_CENTS)
        assert caller.chat(model, stream=stream).content
    rows = caller.usage()
    assert [(row["input_tokens"], row["output_tokens"], row["cost_usd"]) for row in rows] == [(7, 5, "0")] * 2
    assert caller.balance() == 0


def test_a_run_costs_what_its_tokens_cost(gateway: Gateway):
    caller = gateway.caller(cents=10_000)
    cached = USAGE | {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 900}, "total_tokens": 1005}
    calls = [
        (answer(chat(usage=USAGE)), {}, "0.017"),  # 7 at 0.001, 5 at 0.002
        (answer(chat(usage=cached)), {}, "0.2"),  # 100 at 0.001, 900 at 0.0001, 5 at 0.002
        (streamed(*chat_events("Hello")), {"stream": True}, "0.017"),
    ]
    for script, fields, cost in calls:
        response = caller.chat(gateway.model("priced", script), max_tokens=10, **fields)
        assert response.content
        (row,) = caller.usage(run_id=response.headers["X-BatchIn-Run-Id"])
        assert (row["cost_usd"], row["status"]) == (cost, "ok")
    assert_books_agree(caller, 10_000)


def test_completions_and_embeddings_cost_too(gateway: Gateway):
    caller = gateway.caller(cents=100)
    text = gateway.model("metered", answer(completion("x")))
    vectors = gateway.model("priced-embedding", answer(embeddings([1.0])))
    assert caller.post("/v1/completions", {"model": text.id, "prompt": "x", "max_tokens": 10}).status_code == 200
    assert caller.balance() == 95
    assert caller.post("/v1/embeddings", {"model": vectors.id, "input": "x"}).status_code == 200
    assert caller.balance() == 91
    poor = gateway.caller()
    for path, body in [
        ("/v1/completions", {"model": text.id, "prompt": "x", "max_tokens": 1}),
        ("/v1/embeddings", {"model": vectors.id, "input": "x"}),
    ]:
        assert error_of(poor.post(path, body), 402)["code"] == "payment_required"
    assert_books_agree(caller, 100)


def test_more_than_was_reserved_is_charged_if_the_provider_worked_more(gateway: Gateway):
    caller = gateway.caller(cents=10)
    usage = {"prompt_tokens": 1, "completion_tokens": 14, "total_tokens": 15}
    assert caller.chat(gateway.model("metered", answer(chat(usage=usage))), max_tokens=10).status_code == 200
    assert caller.balance() == -4
    assert_books_agree(caller, 10)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}], ids=repr)
@pytest.mark.parametrize("stream", [False, True])
def test_usage_that_the_provider_does_not_tell_is_counted_and_billed(
    gateway: Gateway, usage: dict | None, stream: bool
):
    caller = gateway.caller(cents=1000)
    said = "The quick brown fox jumps over the lazy dog. " * 10
    script = streamed(*chat_events(said, usage=usage)) if stream else answer(chat(said, usage=usage))
    assert caller.chat(gateway.model("metered", script), max_tokens=1000, stream=stream).content
    row = caller.only_usage()
    # Nobody's tokens are letters, and nobody's are sentences.
    assert 50 <= row["output_tokens"] == row["cost_cents"] <= 300 and row["input_tokens"] > 0


def test_a_trace_says_whether_usage_was_counted_here(gateway: Gateway, caller: Caller):
    for usage, source in ((USAGE, "provider"), (None, "estimated")):
        response = caller.chat(gateway.model("free", streamed(*chat_events("Hello", usage=usage))), stream=True)
        assert response.content.endswith(b"data: [DONE]\n\n")
        (run,) = trace_of(caller, trace_id_of(response.headers))["runs"]
        assert (run["run_id"], run["usage_source"]) == (response.headers["X-BatchIn-Run-Id"], source)


def test_nonsense_about_usage_is_not_believed(gateway: Gateway):
    caller = gateway.caller(cents=1000)
    for number in (-5, 10**15, 2**63, 1.5, "5", 1e400, None):
        usage = {"prompt_tokens": 7, "completion_tokens": number, "total_tokens": number}
        body = json.dumps(chat("Hello there", usage=usage)).replace("Infinity", "1e400").encode()
        assert caller.chat(gateway.model("metered", answer(body)), max_tokens=10).status_code == 200
    assert all(1 <= row["output_tokens"] <= 10 for row in caller.usage())
    assert_books_agree(caller, 1000)


@pytest.mark.parametrize("by_budget", [False, True], ids=["balance", "budget"])
def test_parallel_calls_never_overspend(gateway: Gateway, by_budget: bool):
    """Each may cost 10 cents and costs 5; there is money for 7 at a time."""
    caller = gateway.caller(cents=1000 if by_budget else 70)
    spender = caller.with_key(monthly_budget_cents=70) if by_budget else caller
    gate = Gate()
    model = gateway.model("metered", [gate, *FIVE_CENTS])
    with ThreadPoolExecutor(40) as pool:
        calls = [pool.submit(Caller(spender.url, spender.key).chat, model, max_tokens=10) for _ in range(40)]
        wait_until(lambda: sum(call.done() for call in calls) == 33, "those without money are refused")
        assert len(model.received()) == 7
        gate.open()
        statuses = [call.result().status_code for call in calls]
    assert (statuses.count(200), statuses.count(402)) == (7, 33)
    assert caller.balance() == (1000 if by_budget else 70) - 35
    assert_books_agree(caller, 1000 if by_budget else 70)
    # What was reserved beyond is free again.
    assert spender.chat(model, max_tokens=35).status_code == 200
    assert spender.chat(model, max_tokens=31).status_code == 402


def test_many_parallel_calls_of_every_fate_leave_the_books_right(gateway: Gateway):
    caller = gateway.caller(cents=100_000)
    fates = [
        (FIVE_CENTS, {}),
        (answer(b"", 500), {}),
        (streamed(*chat_events("Hello")), {"stream": True}),
        (streamed(ROLE, *words("one"), Ending.RESET), {"stream": True}),
        (answer(chat(usage=None)), {}),
    ]
    models = [(gateway.model("metered", script), fields) for script, fields in fates]

    def call(number: int) -> None:
        model, fields = models[number % len(models)]
        Caller(caller.url, caller.key).chat(model, max_tokens=10, **fields).content  # noqa: B018

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(150)))
    assert_books_agree(caller, 100_000)
    reached = sum(len(model.received()) for model, _ in models)
    assert totals(caller)["total_requests"] == reached
    # Nothing stays reserved.
    assert caller.chat(gateway.model("metered", FIVE_CENTS), max_tokens=caller.balance()).status_code == 200


# C9
def test_a_stream_that_the_client_leaves_is_billed_for_what_was_produced(gateway: Gateway):
    caller = gateway.caller(cents=1000)
    gate = Gate()
    model = gateway.model("metered", streamed(ROLE, *words(*["word "] * 40), gate, FINISH, usage_event()))
    stream = caller.sdk.chat.completions.create(model=model.id, messages=MESSAGES, max_tokens=500, stream=True)
    chunks = iter(stream)
    for _ in range(41):
        next(chunks)
    stream.close()
    model.only_request().wait_until_hung_up()
    wait_until(caller.usage, "the run is recorded")
    row = caller.only_usage()
    assert row["status"] == "interrupted" and 20 <= row["output_tokens"] == row["cost_cents"] <= 80
    assert_books_agree(caller, 1000)
    assert caller.chat(gateway.model("metered", FIVE_CENTS), max_tokens=caller.balance()).status_code == 200


def test_a_deleted_key_calls_nothing_and_its_calls_under_way_are_billed(gateway: Gateway):
    caller = gateway.caller(cents=100)
    key = caller.request("POST", "/v1/keys", json={}).json()
    gate, model = Gate(), gateway.model("metered")
    model.script([gate, *FIVE_CENTS], FIVE_CENTS)
    other = Caller(caller.url, key["key"])
    thread = threading.Thread(target=other.chat, args=(model,), kwargs={"max_tokens": 10})
    thread.start()
    gate.wait_until_reached()
    assert caller.request("DELETE", f"/v1/keys/{key['id']}").status_code == 200
    gate.open()
    thread.join()
    assert caller.balance() == 95 and caller.only_usage()["key_id"] == key["id"]
    assert Caller(caller.url, key["key"]).chat(model, max_tokens=10).status_code == 401
