"""A call as a trace: its run, and what the caller's own spans add to it and can not change."""

import hashlib
import re
from collections.abc import Callable

import spans
from gateway import Caller, Gateway, assert_run_headers, trace_id_of
from provider_answers import chat, chat_events
from run_traces import CLIENT, SERVER, gateway_spans, trace_of
from scripted_upstream import answer, streamed
from test_trace_context import SPAN_ID, TRACEPARENT

SEED_KEYS = {
    "trace_id", "run_id", "record_id", "route_id", "provider", "environment", "prompt_version_id", "model_id",
}  # fmt: skip


def test_a_call_is_a_trace_with_a_run_and_two_spans(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model, {"X-BatchIn-Prompt-Version": "support@v2"})
    run_id = assert_run_headers(response.headers, model, prompt_version="support@v2")
    trace = trace_of(caller, trace_id_of(response.headers))
    expected = {
        "trace_id": trace_id_of(response.headers),
        "run_id": run_id,
        "route_id": f"route-of-{model.id}",
        "provider": "main",
        "environment": "development",
        "prompt_version_id": "support@v2",
        "model_id": model.id,
    }
    assert {name: trace[name] for name in expected} == expected
    assert set(trace) >= SEED_KEYS | {"started_at", "duration_ms", "status", "service", "span_count", "runs", "spans"}
    (run,) = trace["runs"]
    del expected["trace_id"]
    expected |= {"outcome": "ok", "input_tokens": 7, "output_tokens": 5, "cost_usd": "0", "stream": False}
    assert {name: run[name] for name in expected} == expected

    (server,), (client,) = gateway_spans(trace, SERVER), gateway_spans(trace, CLIENT)
    assert server["spanId"] == TRACEPARENT.fullmatch(response.headers["traceparent"])[2]
    assert client["parentSpanId"] == server["spanId"] and not server.get("parentSpanId")
    assert {server["traceId"], client["traceId"]} == {trace["trace_id"]}
    inside = int(server["startTimeUnixNano"]) <= int(client["startTimeUnixNano"])
    assert inside and int(client["endTimeUnixNano"]) <= int(server["endTimeUnixNano"])


def test_a_run_holds_the_hashes_of_what_was_sent_and_answered(gateway: Gateway, caller: Caller):
    def hashes(trace_id: str) -> tuple[str, str]:
        (run,) = trace_of(caller, trace_id)["runs"]
        return run["request_sha256"], run["response_sha256"]

    for script, fields in ((answer(chat()), {}), (streamed(*chat_events("Hello")), {"stream": True})):
        model = gateway.model("free", script)
        response = caller.chat(model, **fields)
        # On a stream it is what comes before the receipt.
        said = response.content.partition(b": vaas ")[0]
        expected = tuple(hashlib.sha256(body).hexdigest() for body in (response.request.body, said))
        assert hashes(trace_id_of(response.headers)) == expected


def test_the_callers_own_spans_appear_in_the_same_trace(gateway: Gateway, caller: Caller):
    trace_id, span_id = spans.new_trace_id(), spans.new_span_id()
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model, {"traceparent": f"00-{trace_id.hex()}-{span_id.hex()}-01"})
    caller.store(spans.request_of(spans.make_span("checkout", trace_id=trace_id, span_id=span_id)))
    trace = trace_of(caller, trace_id.hex())
    assert {span["origin"] for span in trace["spans"]} == {"gateway", "ingested"}
    assert trace["span_count"] == len(trace["spans"]) == 3
    (mine,) = [span for span in trace["spans"] if span["origin"] == "ingested"]
    assert gateway_spans(trace, SERVER)[0]["parentSpanId"] == mine["spanId"]
    assert trace["run_id"] == response.headers["X-BatchIn-Run-Id"]
    assert {span.name for span in spans.all_spans(caller.export(trace_id=trace_id.hex()))} >= {"checkout"}
    assert len(spans.all_spans(caller.export(trace_id=trace_id.hex()))) == 3


# O29
def test_forged_spans_change_nothing_that_the_gateway_saw(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model)
    trace_id, run_id = trace_id_of(response.headers), response.headers["X-BatchIn-Run-Id"]
    before = trace_of(caller, trace_id)
    assert [run["run_id"] for run in before["runs"]] == [run_id]
    real = gateway_spans(before, SERVER)[0]
    forged = {
        "batchin.run_id": run_id,
        "batchin.route_id": "forged",
        "batchin.prompt.version": "forged",
        "gen_ai.request.model": "forged",
        "gen_ai.usage.output_tokens": 10**9,
    }
    spoof = spans.make_span(
        "forged", trace_id=bytes.fromhex(trace_id), span_id=bytes.fromhex(real["spanId"]), attrs=forged,
        start_time_unix_nano=1,
    )  # fmt: skip
    elsewhere = spans.make_span("forged", attrs=forged)
    caller.store(spans.request_of(spoof, elsewhere, service="batchin"))

    after = trace_of(caller, trace_id)
    assert after["runs"] == before["runs"]
    assert {name: after[name] for name in SEED_KEYS} == {name: before[name] for name in SEED_KEYS}
    assert [span for span in after["spans"] if span["origin"] == "gateway"] == before["spans"]
    assert [item["trace_id"] for item in caller.traces(run_id=run_id)] == [trace_id]
    other = caller.trace(elsewhere.trace_id)
    assert (other["runs"], other["run_id"], other["model_id"]) == ([], None, None)
    assert caller.only_usage()["output_tokens"] == 5

    # Somebody else who knows all the ids sees and changes nothing either.
    stranger = gateway.caller()
    stranger.store(spans.request_of(spoof))
    assert stranger.traces(run_id=run_id) == []
    assert stranger.trace(bytes.fromhex(trace_id))["runs"] == []
    assert trace_of(caller, trace_id) == after


def test_a_stranger_finds_neither_trace_nor_run(gateway: Gateway, caller: Caller):
    response = caller.chat(gateway.model("free", answer(chat())))
    trace_of(caller, trace_id_of(response.headers))
    stranger = gateway.caller()
    assert stranger.get(f"/v1/traces/{trace_id_of(response.headers)}").status_code == 404
    assert stranger.traces(run_id=response.headers["X-BatchIn-Run-Id"]) == []
    assert stranger.usage(run_id=response.headers["X-BatchIn-Run-Id"]) == []


FILTERS: dict[str, Callable[[dict], object]] = {
    "run_id": lambda item: item["run_id"],
    "model": lambda item: item["model_id"],
    "prompt_version": lambda item: item["prompt_version_id"],
}


def test_the_list_names_runs_and_finds_traces_by_them(gateway: Gateway, caller: Caller):
    calls = []
    for number in range(3):
        model = gateway.model("free", answer(chat()))
        response = caller.chat(model, {"X-BatchIn-Prompt-Version": f"support@v{number}"})
        trace_of(caller, trace_id_of(response.headers))
        calls.append((model, response))
    items = caller.traces()
    assert [item["run_id"] for item in items] == [response.headers["X-BatchIn-Run-Id"] for _, response in calls[::-1]]
    for item, (model, response) in zip(items, calls[::-1], strict=True):
        assert item["trace_id"] == trace_id_of(response.headers)
        assert item["route_id"] == f"route-of-{model.id}"
        assert (item["provider"], item["environment"], item["model_id"]) == ("main", "development", model.id)
        assert re.fullmatch(r"support@v\d", item["prompt_version_id"])
        for name, value in FILTERS.items():
            assert [found["trace_id"] for found in caller.traces(**{name: value(item)})] == [item["trace_id"]], name


def test_several_runs_of_one_trace_are_all_there_and_the_earliest_names_it(gateway: Gateway, caller: Caller):
    trace_id = spans.new_trace_id().hex()
    model = gateway.model("free", answer(chat()))
    context = {"traceparent": f"00-{trace_id}-{SPAN_ID}-01"}
    runs = [caller.chat(model, context).headers["X-BatchIn-Run-Id"] for _ in range(3)]
    trace = trace_of(caller, trace_id, span_count=6)
    assert [run["run_id"] for run in trace["runs"]] == runs
    assert trace["run_id"] == runs[0]
    assert len(caller.usage(trace_id=trace_id)) == 3
