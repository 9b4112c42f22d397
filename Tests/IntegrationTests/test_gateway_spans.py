"""What the gateway's own spans say: one for the request, one for each attempt at a provider."""

import pytest

import spans
from gateway import Caller, Gateway, trace_id_of
from provider_answers import ROLE, chat, chat_events, embeddings, error, words
from run_traces import CLIENT, ERROR, SERVER, attributes_of, gateway_spans, trace_of
from scripted_upstream import Ending, answer, streamed
from test_trace_context import TRACEPARENT

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"


def test_the_spans_speak_the_genai_conventions(gateway: Gateway, caller: Caller):
    """https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/"""
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model)
    trace = trace_of(caller, trace_id_of(response.headers))
    (server,), (client,) = gateway_spans(trace, SERVER), gateway_spans(trace, CLIENT)
    for span in (server, client):
        attributes = attributes_of(span)
        assert attributes["gen_ai.operation.name"] == "chat"
        assert attributes["batchin.run_id"] == response.headers["X-BatchIn-Run-Id"]
        assert attributes["batchin.route_id"] == f"route-of-{model.id}"
        assert attributes["http.response.status_code"] == 200
        assert span["name"].startswith("chat ")
    attributes = attributes_of(server)
    expected = {
        "gen_ai.request.model": model.id,
        "gen_ai.response.model": "the-providers-own-name",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 5,
        "batchin.prompt.version": "default",
        "batchin.record_id": response.headers["X-VaaS-Record-Id"],
        "http.request.method": "POST",
        "url.path": "/v1/chat/completions",
    }
    assert {name: attributes.get(name) for name in expected} == expected
    host, port = gateway.upstream.url.removeprefix("http://").split(":")
    said = attributes_of(client)
    assert (said["server.address"], said["server.port"]) == (host, int(port))
    resource = {item["key"]: item["value"]["stringValue"] for item in server["resource"]["attributes"]}
    assert resource["service.name"] == "batchin"


# O35
def test_a_call_joins_the_callers_trace_and_the_provider_ours(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    context = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01", "tracestate": "vendor=1,other=2"}
    response = caller.chat(model, context)
    assert trace_id_of(response.headers) == TRACE_ID
    trace = trace_of(caller, TRACE_ID)
    (server,), (client,) = gateway_spans(trace, SERVER), gateway_spans(trace, CLIENT)
    assert server["parentSpanId"] == SPAN_ID
    sent = model.only_request().headers
    assert sent["traceparent"] == f"00-{TRACE_ID}-{client['spanId']}-01"
    assert sent["tracestate"] == "vendor=1,other=2"
    assert server["traceState"] == "vendor=1,other=2"


# O35
def test_a_trace_that_is_not_sampled_is_recorded_all_the_same(gateway: Gateway, caller: Caller):
    trace_id = spans.new_trace_id().hex()
    model = gateway.model("free", answer(chat()))
    caller.chat(model, {"traceparent": f"00-{trace_id}-{SPAN_ID}-00"})
    assert len(trace_of(caller, trace_id)["runs"]) == 1
    assert model.only_request().headers["traceparent"].endswith("-00")


# O35
@pytest.mark.parametrize("traceparent", ["nonsense", f"00-{'0' * 32}-{SPAN_ID}-01", f"ff-{TRACE_ID}-{SPAN_ID}-01"])
def test_a_malformed_traceparent_does_not_reach_the_provider(gateway: Gateway, caller: Caller, traceparent: str):
    model = gateway.model("free", answer(chat()))
    response = caller.chat(model, {"traceparent": traceparent, "tracestate": "vendor=1"})
    sent = model.only_request().headers
    assert TRACEPARENT.fullmatch(sent["traceparent"])[1] == trace_id_of(response.headers) != TRACE_ID
    assert "tracestate" not in sent


def test_every_attempt_is_a_span(gateway: Gateway, caller: Caller):
    model = gateway.model("retried", answer(error("down"), 500), [Ending.RESET], answer(chat()))
    trace = trace_of(caller, trace_id_of(caller.chat(model).headers), span_count=4)
    (server,), attempts = gateway_spans(trace, SERVER), gateway_spans(trace, CLIENT)
    assert [span["parentSpanId"] for span in attempts] == [server["spanId"]] * 3
    assert [span.get("status", {}).get("code", 0) for span in attempts] == [ERROR, ERROR, 0]
    assert [attributes_of(span).get("http.request.resend_count") for span in attempts] == [None, 1, 2]
    assert [attributes_of(span).get("http.response.status_code") for span in attempts] == [500, None, 200]
    assert all("error.type" in attributes_of(span) for span in attempts[:2])
    assert server.get("status", {}).get("code", 0) != ERROR
    parents = [TRACEPARENT.fullmatch(request.headers["traceparent"])[2] for request in model.received()]
    assert parents == [span["spanId"] for span in attempts]


def test_a_fallback_shows_who_was_asked(gateway: Gateway, caller: Caller):
    model = gateway.model("routed", answer(error("down"), 500))
    model.script(answer(chat()), provider="spare")
    trace = trace_of(caller, trace_id_of(caller.chat(model).headers), span_count=3)
    asked = [attributes_of(span)["gen_ai.provider.name"] for span in gateway_spans(trace, CLIENT)]
    assert asked == ["main", "spare"]
    assert (trace["provider"], trace["runs"][0]["provider"]) == ("spare", "spare")


def failing(gateway: Gateway) -> dict[str, tuple]:
    return {
        "upstream_error": (gateway.model("free", answer(error("down"), 500)), {}, 2, True),
        "ok": (gateway.model("free", streamed(*chat_events("x"))), {"stream": True}, 2, False),
        "upstream_error in a stream": (
            gateway.model("free", streamed(ROLE, *words("one"), Ending.RESET)), {"stream": True}, 2, True,
        ),
        "timeout": (gateway.model("hasty", [Ending.SILENCE]), {"max_tokens": 10}, 2, True),
        "rejected": (gateway.model("metered"), {"max_tokens": 1000}, 1, False),
    }  # fmt: skip


@pytest.mark.parametrize("outcome", ["upstream_error", "ok", "upstream_error in a stream", "timeout", "rejected"])
def test_however_a_run_ends_its_trace_says_so(gateway: Gateway, outcome: str):
    caller = gateway.caller(cents=100)
    model, fields, count, is_error = failing(gateway)[outcome]
    response = caller.chat(model, **fields)
    assert response.content
    trace = trace_of(caller, trace_id_of(response.headers), span_count=count)
    (server,) = gateway_spans(trace, SERVER)
    assert attributes_of(server)["batchin.outcome"] == outcome.split()[0]
    assert (server.get("status", {}).get("code", 0) == ERROR) == is_error
    assert [run["run_id"] for run in trace["runs"]] == [response.headers["X-BatchIn-Run-Id"]]
    assert len(gateway_spans(trace, CLIENT)) == count - 1
    if outcome == "ok":
        assert any("time_to_first" in name for name in attributes_of(server))


def test_embeddings_are_traced_too(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    response = caller.post("/v1/embeddings", {"model": model.id, "input": "x"})
    trace = trace_of(caller, trace_id_of(response.headers))
    (server,) = gateway_spans(trace, SERVER)
    assert server["name"] == f"embeddings {model.id}"
    assert trace["model_id"] == model.id
