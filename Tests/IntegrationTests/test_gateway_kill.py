"""kill -9 among calls: whoever got an answer whole has its run, and nothing stays reserved."""

import asyncio
import itertools
from decimal import Decimal

from event_stream import data_of
from gateway import Caller, Gateway
from parallel_calls import Reply, call, chat_request
from provider_answers import DONE, FINISH, ROLE, chat, usage_event, words
from scripted_upstream import Gate, Received, Step, answer, streamed

CALL_COUNT = 200
REPLIES_BEFORE_THE_KILL = 60


def test_after_a_kill_every_answer_that_was_received_whole_has_its_run(own_gateway: Gateway):
    """Half of the answers are on their way when the server is killed."""
    server, early, late = own_gateway.server, Gate(), Gate()
    arrivals = itertools.count()

    def script(request: Received) -> list[Step]:
        gate = early if next(arrivals) < CALL_COUNT // 2 else late
        if request.json().get("stream"):
            return streamed(ROLE, gate, *words("one ", "two ", "three"), FINISH, usage_event(), DONE)
        return [gate, *answer(chat())]

    credited = 10 * CALL_COUNT
    caller = own_gateway.caller(cents=credited)
    model = own_gateway.model("metered", script)
    requests = [
        chat_request(caller.key, model.id, "Hi", max_tokens=10, stream=number % 2 == 0) for number in range(CALL_COUNT)
    ]

    async def run() -> list[Reply | None]:
        calls = [asyncio.create_task(call(server.address, request)) for request in requests]
        await asyncio.to_thread(own_gateway.upstream.wait_for, model.name_at(), CALL_COUNT, 30)
        early.open()
        for finished, next_reply in enumerate(asyncio.as_completed(calls), 1):
            await next_reply
            if finished == REPLIES_BEFORE_THE_KILL:
                late.open()
                server.kill()
        return [task.result() for task in calls]

    replies = asyncio.run(run())
    whole = [reply for reply in replies if reply is not None and reply.is_whole]
    assert REPLIES_BEFORE_THE_KILL <= len(whole) < CALL_COUNT, "the kill came too early or too late"
    assert {reply.status for reply in whole} == {200}
    # On a stream the end of the answer is its [DONE], whether or not the connection ended in order.
    received = [reply for reply in replies if reply is not None and (reply.is_whole or b"[DONE]" in reply.body)]
    assert all("[DONE]" in data_of(reply.body) for reply in received if "event-stream" in reply.headers["content-type"])

    server.start()
    survivor = Caller(server.url, caller.key)
    rows = {row["run_id"]: row for row in survivor.usage()}
    for reply in received:
        assert rows[reply.run_id]["status"] == "ok" and rows[reply.run_id]["cost_cents"] == 5
        assert len(survivor.usage(run_id=reply.run_id)) == 1
    assert sum(row["cost_cents"] for row in rows.values()) == credited - survivor.balance()
    summary = survivor.get("/v1/usage/summary").json()
    assert summary["total_requests"] == len(rows)
    assert Decimal(summary["total_cost_usd"]) == sum(Decimal(row["cost_usd"]) for row in rows.values())

    # Nothing is held any more: this call needs the whole balance.
    model.script(answer(chat()))
    assert survivor.chat(model, max_tokens=survivor.balance()).status_code == 200


def test_a_gateway_that_is_told_to_end_lets_its_calls_finish(own_gateway: Gateway):
    server, gate = own_gateway.server, Gate()
    caller = own_gateway.caller(cents=100)
    model = own_gateway.model("metered", streamed(ROLE, gate, *words("Hello"), FINISH, usage_event(), DONE))
    request = chat_request(caller.key, model.id, "Hi", max_tokens=10, stream=True)

    async def run() -> Reply | None:
        calling = asyncio.create_task(call(server.address, request))
        await asyncio.to_thread(gate.wait_until_reached)
        ending = asyncio.create_task(asyncio.to_thread(server.terminate))
        gate.open()
        assert await ending == 0
        return await calling

    reply = asyncio.run(run())
    assert reply is not None and data_of(reply.body)[-1] == "[DONE]"
    server.start()
    assert Caller(server.url, caller.key).only_usage()["run_id"] == reply.run_id
