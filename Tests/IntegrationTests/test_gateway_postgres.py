"""Two gateways that share users and money in PostgreSQL, and one whose database goes away."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from event_stream import data_of
from gateway import Caller, Gateway
from parallel_calls import Reply, call, chat_request, run_all
from postgres import Database, PostgresServer, shared_server_url
from provider_answers import DONE, FINISH, ROLE, chat, usage_event, words
from scripted_upstream import Gate, Step, answer, streamed
from server import wait_until
from test_gateway_money import assert_books_agree

FIVE_CENTS = answer(chat())
KEY = {"Idempotency-Key": "order-1"}


@pytest.fixture
def two_gateways(start_gateway: Callable[..., Gateway], tmp_path: Path) -> Iterator[tuple[Gateway, Gateway]]:
    database = Database(shared_server_url()).create()
    settings = {"database.url": database.url, "master_key_file": str(tmp_path / "master.key")}
    one = start_gateway(**settings)
    other = start_gateway(log_of=one, **settings)
    yield one, other
    for gateway in (one, other):
        gateway.server.stop()
    database.drop()


def at(gateway: Gateway, caller: Caller) -> Caller:
    """The same caller at another gateway, on a connection of its own."""
    return Caller(gateway.server.url, caller.key)


def test_parallel_calls_through_two_gateways_never_overspend(two_gateways: tuple[Gateway, Gateway]):
    caller, gate = two_gateways[0].caller(cents=70), Gate()
    model = two_gateways[0].model("metered", [gate, *FIVE_CENTS])
    with ThreadPoolExecutor(40) as pool:
        calls = [pool.submit(at(two_gateways[number % 2], caller).chat, model, max_tokens=10) for number in range(40)]
        wait_until(lambda: sum(call.done() for call in calls) == 33, "those without money are refused")
        gate.open()
        statuses = [call.result().status_code for call in calls]
    assert (statuses.count(200), statuses.count(402)) == (7, 33)
    assert caller.balance() == 35
    for gateway in two_gateways:
        assert_books_agree(at(gateway, caller), 70)
        assert at(gateway, caller).chat(model, max_tokens=36).status_code == 402
    assert at(two_gateways[1], caller).chat(model, max_tokens=35).status_code == 200


def test_a_budget_holds_over_two_gateways(two_gateways: tuple[Gateway, Gateway]):
    one, other = two_gateways
    caller = one.caller(cents=1000)
    limited = caller.with_key(monthly_budget_cents=12)
    model = one.model("metered", FIVE_CENTS)
    statuses = [at(gateway, limited).chat(model, max_tokens=5).status_code for gateway in (one, other, one, other)]
    assert statuses == [200, 200, 402, 402]
    assert at(other, limited).chat(model, max_tokens=2).status_code == 200


def test_an_idempotency_key_holds_over_two_gateways(two_gateways: tuple[Gateway, Gateway]):
    one, other = two_gateways
    caller = one.caller(cents=100)
    model = one.model("metered", FIVE_CENTS)
    first = caller.chat(model, KEY, max_tokens=10)
    again = at(other, caller).chat(model, KEY, max_tokens=10)
    assert (again.status_code, again.content) == (200, first.content)
    assert len(model.received()) == 1

    race, barrier = one.model("metered", FIVE_CENTS), threading.Barrier(12)

    def call(number: int) -> int:
        own = at(two_gateways[number % 2], caller)
        barrier.wait()
        return own.chat(race, {"Idempotency-Key": "order-2"}, max_tokens=10).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = set(pool.map(call, range(12)))
    assert statuses <= {200, 409} and len(race.received()) == 1
    assert caller.balance() == 90


def test_each_gateway_shows_the_usage_of_both(two_gateways: tuple[Gateway, Gateway]):
    caller = two_gateways[0].caller(cents=100)
    model = two_gateways[0].model("metered", FIVE_CENTS)
    runs = {at(gateway, caller).chat(model, max_tokens=10).headers["X-BatchIn-Run-Id"] for gateway in two_gateways}
    for gateway in two_gateways:
        assert {row["run_id"] for row in at(gateway, caller).usage()} == runs


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    postgres = PostgresServer(tmp_path / "postgres").start()
    yield postgres
    postgres.stop()


def test_no_answer_is_whole_that_could_not_be_recorded(
    start_gateway: Callable[..., Gateway], own_postgres: PostgresServer, tmp_path: Path
):
    """The provider's answer is here, the database is not: what the client gets must not look like a success."""
    settings = {"database.url": own_postgres.url, "master_key_file": str(tmp_path / "master.key")}
    gateway, gate = start_gateway(**settings), Gate()
    caller = gateway.caller(cents=1000)
    stream: list[Step] = streamed(ROLE, *words("one"), gate, *words("two"), FINISH, usage_event(), DONE)
    models = [gateway.model("metered", [gate, *FIVE_CENTS]), gateway.model("metered", stream)]
    requests = [
        chat_request(caller.key, model.id, "Hi", max_tokens=10, stream=is_stream)
        for model, is_stream in zip(models * 3, [False, True] * 3, strict=True)
    ]

    def break_down() -> None:
        for model in models:
            model.wait_for(3)
        own_postgres.kill()
        gate.open()

    breaking = threading.Thread(target=break_down)
    breaking.start()
    replies: list[Reply] = run_all(call(gateway.server.address, request) for request in requests)
    breaking.join()
    for reply in replies[0::2]:
        assert reply.status == 503 and b"service_unavailable" in reply.body
    for reply in replies[1::2]:
        assert "[DONE]" not in data_of(reply.body)

    own_postgres.start()
    wait_until(lambda: caller.get("/health/ready").status_code == 200, "the database is back", timeout=30)
    wait_until(lambda: caller.get("/v1/users/me").status_code == 200, "callers are known again", timeout=30)
    assert caller.chat(models[0], max_tokens=10).status_code == 200
    assert_books_agree(caller, 1000)
