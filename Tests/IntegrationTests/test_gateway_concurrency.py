"""Many streams at once: none mixed up, none lost, each billed once; and clients that read slowly or leave."""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from event_stream import content_of, data_of
from gateway import Caller, Gateway, Model
from parallel_calls import allow_many_sockets, call, chat_request, run_all
from provider_answers import DONE, FINISH, ROLE, chat, usage_event, words
from raw_connection import connected
from scripted_upstream import Ending, Gate, Received, Step, answer, streamed
from server import wait_until

MESSAGES = [{"role": "user", "content": "Hi"}]


def echoing(gate: Gate, chunk_count: int) -> object:
    """Streams that say in each chunk which request they answer, and go on when the gate opens."""

    def script(request: Received) -> list[Step]:
        name = request.json()["messages"][0]["content"]
        events = words(*(f"{name}.{number} " for number in range(chunk_count)))
        tens = [b"".join(events[start : start + 10]) for start in range(0, chunk_count, 10)]
        return streamed(ROLE, gate, *tens, FINISH, usage_event(), DONE)

    return script


def expected_content(name: str, chunk_count: int) -> str:
    return "".join(f"{name}.{number} " for number in range(chunk_count))


async def open_when_all_wait(gate: Gate, model: Model, count: int) -> None:
    await asyncio.to_thread(model.upstream.wait_for, model.name_at(), count, 60)
    gate.open()


# X6
def test_two_hundred_streams_of_the_official_client_do_not_mix(gateway: Gateway):
    caller, gate = gateway.caller(), Gate()
    model = gateway.model("free", echoing(gate, 10))

    async def stream(sdk: openai.AsyncOpenAI, name: str) -> str:
        messages = [{"role": "user", "content": name}]
        chunks = await sdk.chat.completions.create(model=model.id, messages=messages, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

    async def run() -> list[str]:
        http_client = openai.DefaultAsyncHttpxClient(trust_env=False, verify=False, timeout=60)
        sdk = openai.AsyncOpenAI(base_url=f"{caller.url}/v1", api_key=caller.key, http_client=http_client)
        async with sdk:
            opening = asyncio.create_task(open_when_all_wait(gate, model, 200))
            said = await asyncio.gather(*(stream(sdk, f"s{number}") for number in range(200)))
            await opening
        return said

    assert asyncio.run(run()) == [expected_content(f"s{number}", 10) for number in range(200)]
    assert len({row["run_id"] for row in caller.usage()}) == 200


@pytest.mark.timeout(180)
def test_a_thousand_streams_of_a_hundred_chunks_arrive_whole_and_are_billed_once(gateway: Gateway):
    allow_many_sockets()
    count, chunk_count = 1000, 100
    caller, gate = gateway.caller(cents=10 * count), Gate()
    model = gateway.model("metered", echoing(gate, chunk_count))
    requests = [chat_request(caller.key, model.id, f"s{number}", stream=True, max_tokens=10) for number in range(count)]

    async def run() -> list:
        opening = asyncio.create_task(open_when_all_wait(gate, model, count))
        replies = await asyncio.gather(*(call(gateway.server.address, request) for request in requests))
        await opening
        return replies

    replies = asyncio.run(run())
    for number, reply in enumerate(replies):
        assert reply is not None and reply.status == 200 and reply.is_whole
        assert content_of(reply.body) == expected_content(f"s{number}", chunk_count)
        assert data_of(reply.body)[-1] == "[DONE]"

    runs = {reply.run_id for reply in replies}
    rows = [row for offset in (0, 500, 1000) for row in caller.usage(offset=offset)]
    assert len(runs) == count and sorted(row["run_id"] for row in rows) == sorted(runs)
    assert {(row["status"], row["output_tokens"], row["cost_cents"]) for row in rows} == {("ok", 5, 5)}
    assert caller.balance() == 5 * count


def test_buffered_calls_in_parallel_do_not_mix(gateway: Gateway):
    caller = gateway.caller(cents=10_000)
    model = gateway.model("metered", lambda request: answer(chat(request.json()["messages"][0]["content"])))
    names = [f"call {number}" for number in range(200)]
    requests = [chat_request(caller.key, model.id, name, max_tokens=10) for name in names]
    replies = run_all(call(gateway.server.address, request) for request in requests)
    assert [reply.status for reply in replies] == [200] * 200
    assert all(f'"{name}"'.encode() in reply.body for name, reply in zip(names, replies, strict=True))
    assert {reply.run_id for reply in replies} == {row["run_id"] for row in caller.usage()}
    assert caller.balance() == 9000


# C9
@pytest.mark.parametrize("is_flooding", [False, True], ids=["silent", "flooding"])
def test_a_client_that_leaves_is_noticed_by_the_provider_within_three_tenths_of_a_second(
    gateway: Gateway, is_flooding: bool
):
    caller = gateway.caller()
    rest = words("more") * 20_000 if is_flooding else []
    model = gateway.model("free", streamed(ROLE, *rest, Ending.SILENCE))
    for number in range(10):
        with connected(gateway.server.address) as connection:
            connection.send(chat_request(caller.key, model.id, "Hi", stream=True))
            connection._read_until(b"assistant")
        left_at = time.monotonic()
        assert model.received()[number].wait_until_hung_up() - left_at < 0.3
    wait_until(lambda: len(caller.usage()) == 10, "all runs are recorded")
    assert {row["status"] for row in caller.usage()} == {"interrupted"}


def test_clients_that_leave_at_any_moment_leave_the_books_right(gateway: Gateway):
    """Some before their request is complete, some before an answer, some within one; nothing stays reserved."""
    caller = gateway.caller(cents=8000)
    streams = gateway.model("metered", streamed(ROLE, *[0.01, *words("more ")] * 20, FINISH, usage_event(), DONE))
    wholes = gateway.model("metered", [0.05, *answer(chat())])

    def leave(number: int) -> None:
        chance = random.Random(number)
        model = chance.choice([streams, wholes])
        request = chat_request(caller.key, model.id, "Hi", max_tokens=40, stream=model is streams)
        with connected(gateway.server.address) as connection:
            connection.send(request[: chance.choice([len(request) // 2, len(request), len(request)])])
            connection.socket.settimeout(chance.uniform(0.001, 0.3))
            with contextlib.suppress(TimeoutError):
                while connection.socket.recv(65536):
                    pass

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(leave, range(150)))
    requests = [*streams.received(), *wholes.received()]
    assert all(request.ended.wait(5) for request in requests)
    wait_until(lambda: len(caller.usage()) >= len(requests), "all runs are recorded")
    rows = caller.usage()
    assert {row["status"] for row in rows} == {"ok", "interrupted"}
    assert 8000 - caller.balance() == sum(row["cost_cents"] for row in rows)
    whole_balance = caller.balance()
    assert caller.chat(gateway.model("metered", answer(chat())), max_tokens=whole_balance).status_code == 200


def slow_connection(gateway: Gateway, request: bytes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(20)
    connection.connect(gateway.server.address)
    connection.sendall(request)
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    pieces = []
    while piece := connection.recv(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_client_that_does_not_read_makes_the_provider_wait(gateway: Gateway):
    """What is on its way is bounded by the buffers of the system; nothing is lost."""
    caller = gateway.caller()
    chunks = words("x" * 16_000) * 3000
    whole = sum(map(len, chunks))
    model = gateway.model("free", streamed(ROLE, *chunks, FINISH, DONE))
    gateway.server.reset_peak_resident_bytes()
    before = gateway.server.resident_bytes()
    with slow_connection(gateway, chat_request(caller.key, model.id, "Hi", stream=True)) as connection:
        (request,) = model.wait_for(1)
        sent = -1
        while sent != request.sent_bytes:
            sent = request.sent_bytes
            time.sleep(0.3)
        assert 0 < sent < whole / 2 and not request.ended.is_set()
        assert gateway.server.peak_resident_bytes() - before < 16 << 20
        body = read_to_end(connection)
    assert body.count(b"x" * 16_000) == 3000 and b"data: [DONE]" in body
    assert caller.only_usage()["status"] == "ok"


def test_a_client_that_never_reads_is_given_up(start_gateway: Callable[..., Gateway]):
    gateway = start_gateway(**{"limits.stream_write_stall_s": 1})
    caller = gateway.caller()
    model = gateway.model("free", streamed(ROLE, *words("x" * 16_000) * 3000, FINISH, DONE))
    with slow_connection(gateway, chat_request(caller.key, model.id, "Hi", stream=True)):
        (request,) = model.wait_for(1)
        request.wait_until_hung_up()
        wait_until(caller.usage, "the run is recorded")
    assert caller.only_usage()["status"] == "interrupted"


def test_a_slow_provider_holds_up_nobody_else(gateway: Gateway, caller: Caller):
    gate = Gate()
    slow, quick = gateway.model("free", [gate, *answer(chat())]), gateway.model("free", answer(chat()))
    waiting = [chat_request(caller.key, slow.id, "Hi") for _ in range(100)]

    async def run() -> list:
        calls = [asyncio.create_task(call(gateway.server.address, request)) for request in waiting]
        await asyncio.to_thread(slow.upstream.wait_for, slow.name_at(), 100, 20)
        assert (await asyncio.to_thread(caller.chat, quick)).status_code == 200
        gate.open()
        return await asyncio.gather(*calls)

    assert {reply.status for reply in asyncio.run(run())} == {200}
