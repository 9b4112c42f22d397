"""GET /v1/traces/{trace_id}: the eight fields, ours, and every span."""

import pytest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

import otlp_json
from client import Client
from spans import make_span, new_trace_id, request_of
from test_round_trip import full_request
from test_traces_list import ADDED_FIELDS, ORIGINAL_FIELDS

SPAN_ADDITIONS = frozenset({"resource", "scope", "origin", "resourceSchemaUrl", "scopeSchemaUrl"})


def test_the_detail_has_the_fields_of_the_item_and_runs_and_spans(client: Client):
    span = make_span()
    client.store(request_of(span))
    [item], detail = client.traces(), client.trace(span.trace_id)
    fields = ORIGINAL_FIELDS + ADDED_FIELDS
    assert {name: detail[name] for name in fields} == {name: item[name] for name in fields}
    assert detail["runs"] == []
    assert len(detail["spans"]) == 1


@pytest.mark.checklist("O22")
@pytest.mark.parametrize("sent_as", ["protobuf", "json"])
def test_a_span_is_otlp_json_with_its_resource_scope_and_origin(client: Client, sent_as: str):
    request = full_request()
    sent_group = request.resource_spans[0]
    sent_scope, sent_span = sent_group.scope_spans[0].scope, sent_group.scope_spans[0].spans[0]
    client.store(request, sent_as)

    [read] = client.trace(sent_span.trace_id)["spans"]
    assert otlp_json.from_object(read, Span(), extra=SPAN_ADDITIONS) == sent_span
    assert otlp_json.from_object(read["resource"], Resource(), extra=frozenset({"schemaUrl"})) == sent_group.resource
    assert otlp_json.from_object(read["scope"], InstrumentationScope(), extra=frozenset({"schemaUrl"})) == sent_scope
    assert read["origin"] == "ingested"


@pytest.mark.checklist("O23")
def test_a_span_that_ends_before_it_starts_is_flagged(client: Client):
    backwards = make_span("backwards", start_time_unix_nano=2_000, end_time_unix_nano=1_000)
    forwards = make_span("forwards", trace_id=backwards.trace_id, start_time_unix_nano=1_000, end_time_unix_nano=2_000)
    client.store(request_of(backwards, forwards))
    warnings = {read["name"]: read.get("warnings", []) for read in client.trace(backwards.trace_id)["spans"]}
    assert len(warnings["backwards"]) == 1 and warnings["forwards"] == []


def test_the_spans_of_several_requests_and_services_come_together(client: Client):
    trace_id = new_trace_id()
    for number in range(5):
        client.store(request_of(make_span(f"span {number}", trace_id=trace_id), service=f"service {number}"))
    client.store(request_of(make_span("stranger")))
    services = {
        read["name"]: read["resource"]["attributes"][0]["value"]["stringValue"]
        for read in client.trace(trace_id)["spans"]
    }
    assert services == {f"span {number}": f"service {number}" for number in range(5)}


def test_a_trace_of_ten_thousand_spans_is_read_whole(client: Client):
    trace_id = new_trace_id()
    for start in range(0, 10_000, 2_000):
        client.store(request_of(*(make_span(f"{start + number}", trace_id=trace_id) for number in range(2_000))))
    detail = client.trace(trace_id)
    assert detail["span_count"] == 10_000
    assert {read["name"] for read in detail["spans"]} == {str(number) for number in range(10_000)}


def test_an_acknowledged_span_is_readable_at_once(client: Client):
    for number in range(20):
        span = make_span(f"span {number}")
        client.store(request_of(span))
        assert client.trace(span.trace_id)["span_count"] == 1


def test_a_trace_id_is_read_in_any_case(client: Client):
    span = make_span(trace_id=bytes.fromhex("abcdef0123456789abcdefabcdefabcd"))
    client.store(request_of(span))
    response = client.get(f"/v1/traces/{span.trace_id.hex().upper()}")
    assert (response.status_code, response.json()["trace_id"]) == (200, span.trace_id.hex())


def test_leading_zeros_of_a_trace_id_count(client: Client):
    short, long = bytes(8) + b"\x01" * 8, b"\x02" + bytes(7) + b"\x01" * 8
    client.store(request_of(make_span("short", trace_id=short), make_span("long", trace_id=long)))
    assert [read["name"] for read in client.trace(short)["spans"]] == ["short"]
    assert client.get("/v1/traces/" + "01" * 8).status_code == 400


@pytest.mark.parametrize(
    "trace_id", ["1", "1" * 16, "1" * 31, "1" * 33, "g" * 32, "1" * 31 + " ", "%2e" * 32, "é" * 32]
)
def test_a_malformed_trace_id_is_400(client: Client, trace_id: str):
    response = client.get(f"/v1/traces/{trace_id}")
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("invalid_request", "trace_id")


def test_an_unknown_trace_is_404(client: Client):
    response = client.get(f"/v1/traces/{new_trace_id().hex()}")
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["type"]) == (404, "not_found", "invalid_request_error")
