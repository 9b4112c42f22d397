"""What the exporters of other languages put on the wire, header by header.

The Python exporter is run for real in `test_main_promise.py`. These requests have the shape of the JavaScript
(`@opentelemetry/exporter-trace-otlp-http` and `-proto`) and Go (`otlptracehttp`) exporters.
"""

import gzip
import json

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from client import Client
from raw_connection import Answer, connected
from server import Server
from spans import all_spans, assert_same_spans, make_span, new_span_id, new_trace_id, request_of


def exchange(server: Server, lines: list[str], body: bytes, chunked: bool) -> Answer:
    framing = ["Transfer-Encoding: chunked"] if chunked else [f"Content-Length: {len(body)}"]
    head = "\r\n".join([*lines, *framing, "", ""]).encode()
    framed = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n" if chunked else body
    with connected(server.address) as connection:
        connection.send(head + framed)
        return connection.answer()


def javascript_head(server: Server, key: str, content_type: str, compressed: bool) -> list[str]:
    """Node's http client: headers in the order they were set, Host and Connection last."""
    host, port = server.address
    return [
        "POST /v1/traces HTTP/1.1",
        f"authorization: Bearer {key}",
        f"Content-Type: {content_type}",
        "User-Agent: OTel-OTLP-Exporter-JavaScript/0.208.0",
        *(["Content-Encoding: gzip"] if compressed else []),
        f"Host: {host}:{port}",
        "Connection: keep-alive",
    ]


def javascript_json(trace_id: str, span_id: str, parent_id: str) -> bytes:
    """The body that JSON.stringify makes: whole numbers bare, every count and list written out, no blanks."""
    event = {
        "attributes": [{"key": "retry", "value": {"boolValue": False}}],
        "name": "cache miss",
        "timeUnixNano": "1700000000123000000",
        "droppedAttributesCount": 0,
    }
    span = {
        "traceId": trace_id,
        "spanId": span_id,
        "parentSpanId": parent_id,
        "name": "GET /users/:id",
        "kind": 3,
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000000250000000",
        "attributes": [
            {"key": "http.response.status_code", "value": {"intValue": 200}},
            {"key": "ratio", "value": {"doubleValue": 0.25}},
            {"key": "tags", "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}}},
        ],
        "droppedAttributesCount": 0,
        "events": [event],
        "droppedEventsCount": 0,
        "status": {"code": 0},
        "links": [],
        "droppedLinksCount": 0,
        "flags": 257,
    }
    resource = {
        "attributes": [
            {"key": "service.name", "value": {"stringValue": "web"}},
            {"key": "process.pid", "value": {"intValue": 4711}},
        ],
        "droppedAttributesCount": 0,
    }
    scope_spans = {"scope": {"name": "@opentelemetry/instrumentation-http", "version": "0.208.0"}, "spans": [span]}
    document = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope_spans]}]}
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def javascript_span(trace_id: str, span_id: str, parent_id: str) -> Span:
    """What `javascript_json` says, as the message."""
    span = make_span(
        "GET /users/:id",
        trace_id=bytes.fromhex(trace_id),
        span_id=bytes.fromhex(span_id),
        parent_span_id=bytes.fromhex(parent_id),
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=1_700_000_000_000_000_000,
        duration_ms=250,
        attrs={"http.response.status_code": 200, "ratio": 0.25, "tags": ["a", "b"]},
        flags=257,
    )
    span.status.SetInParent()
    event = span.events.add(name="cache miss", time_unix_nano=1_700_000_000_123_000_000)
    event.attributes.add(key="retry").value.bool_value = False
    return span


@pytest.mark.checklist("O31")
@pytest.mark.parametrize("compressed", [False, True], ids=["none", "gzip"])
def test_the_javascript_json_exporter_is_understood(server: Server, client: Client, compressed: bool):
    ids = new_trace_id().hex(), new_span_id().hex(), new_span_id().hex()
    body = javascript_json(*ids)
    head = javascript_head(server, client.key, "application/json", compressed)
    answer = exchange(server, head, gzip.compress(body) if compressed else body, chunked=True)
    assert (answer.status, answer.body) == (200, b"{}")
    exported = client.export()
    assert all_spans(exported) == [javascript_span(*ids)]
    assert exported.resource_spans[0].resource.attributes[1].value.int_value == 4711


@pytest.mark.checklist("O31")
@pytest.mark.parametrize("compressed", [False, True], ids=["none", "gzip"])
def test_the_javascript_protobuf_exporter_is_understood(server: Server, client: Client, compressed: bool):
    request = request_of(make_span())
    body = request.SerializeToString()
    head = javascript_head(server, client.key, "application/x-protobuf", compressed)
    answer = exchange(server, head, gzip.compress(body) if compressed else body, chunked=True)
    assert (answer.status, answer.body) == (200, b"")
    assert_same_spans(client.export(), request)


@pytest.mark.checklist("O31")
@pytest.mark.parametrize("compressed", [False, True], ids=["none", "gzip"])
def test_the_go_exporter_is_understood(server: Server, client: Client, compressed: bool):
    """net/http: chunked where the length is not known, which is where the body is compressed."""
    request = request_of(make_span())
    body = request.SerializeToString()
    host, port = server.address
    head = [
        "POST /v1/traces HTTP/1.1",
        f"Host: {host}:{port}",
        "User-Agent: OTel OTLP Exporter Go/1.38.0",
        f"Authorization: Bearer {client.key}",
        "Content-Type: application/x-protobuf",
        *(["Content-Encoding: gzip"] if compressed else []),
        "Accept-Encoding: gzip",
    ]
    answer = exchange(server, head, gzip.compress(body) if compressed else body, chunked=compressed)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert_same_spans(client.export(), request)
