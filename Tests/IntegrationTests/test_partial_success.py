"""Wrong ids, and only those, reject one span."""

import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from client import JSON, Client
from spans import assert_same_spans, make_span, new_span_id, new_trace_id, request_of
from wire import length_delimited

RESPONSE_BYTES_MAX = 4 * 1024 * 1024

WRONG_IDS = {
    "zero trace id": {"trace_id": bytes(16)},
    "zero span id": {"span_id": bytes(8)},
    "no trace id": {"trace_id": b""},
    "no span id": {"span_id": b""},
    "short trace id": {"trace_id": b"\x01" * 8},
    "short span id": {"span_id": b"\x01" * 7},
    "long trace id": {"trace_id": b"\x01" * 17},
    "long span id": {"span_id": b"\x01" * 16},
}


@pytest.mark.checklist("O7")
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_spans_with_wrong_ids_are_rejected_alone(client: Client, encoding: str):
    good = [make_span(f"good {number}") for number in range(7)]
    bad = [make_span(trace_id=bytes(16)), make_span(span_id=bytes(8)), make_span(trace_id=b"\x01" * 5)]
    mixed = [*good[:2], bad[0], *good[2:4], bad[1], *good[4:], bad[2]]
    response = client.push(request_of(*mixed), encoding)

    assert response.status_code == 200
    if encoding == "protobuf":
        partial = ExportTraceServiceResponse.FromString(response.content).partial_success
        rejected, message = partial.rejected_spans, partial.error_message
    else:
        # 64-bit integers are strings in JSON.
        partial = response.json()["partialSuccess"]
        assert isinstance(partial["rejectedSpans"], str)
        rejected, message = int(partial["rejectedSpans"]), partial["errorMessage"]
    assert rejected == 3
    assert "id" in message.lower()
    assert_same_spans(client.export(), request_of(*good))


@pytest.mark.checklist("O7")
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
@pytest.mark.parametrize("wrong", WRONG_IDS.values(), ids=WRONG_IDS.keys())
def test_each_kind_of_wrong_id_is_rejected(client: Client, encoding: str, wrong: dict[str, bytes]):
    response = client.push(request_of(make_span(**wrong)), encoding)
    assert response.status_code == 200
    assert response.content not in (b"", b"{}")
    assert client.traces() == []


@pytest.mark.checklist("O7")
def test_a_request_of_wrong_ids_alone_leaves_nothing_behind(client: Client):
    response = client.push(request_of(make_span(trace_id=bytes(16)), make_span(span_id=bytes(8))))
    assert ExportTraceServiceResponse.FromString(response.content).partial_success.rejected_spans == 2
    assert client.traces() == []
    assert client.export().resource_spans == []


@pytest.mark.checklist("O7", "O16")
@pytest.mark.parametrize("trace_id", ["EjRWeBI0VngSNFZ4EjRWeA==", "g" * 32, "0x" + "1" * 30, " " + "1" * 31, "é" * 16])
def test_an_id_that_is_not_hex_is_a_wrong_id(client: Client, trace_id: str):
    spans = [
        {"traceId": trace_id, "spanId": new_span_id().hex(), "name": "bad"},
        {"traceId": new_trace_id().hex(), "spanId": new_span_id().hex(), "name": "good"},
    ]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()
    response = client.push_bytes(body, JSON)
    assert response.status_code == 200
    assert response.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert len(client.traces()) == 1


@pytest.mark.checklist("O7")
def test_a_parent_of_zeros_means_no_parent_and_is_kept(client: Client):
    """SDKs that write eight zero bytes for a root exist; the span is as good as any."""
    request = request_of(make_span(parent_span_id=bytes(8)))
    client.store(request)
    assert_same_spans(client.export(), request)


@pytest.mark.checklist("O15")
def test_a_million_rejected_spans_make_a_small_answer(client: Client):
    request = request_of()
    body = request.SerializeToString() + _group_of_empty_spans(1_000_000)
    response = client.push_bytes(body)
    assert response.status_code == 200
    assert len(response.content) <= RESPONSE_BYTES_MAX
    assert ExportTraceServiceResponse.FromString(response.content).partial_success.rejected_spans == 1_000_000


def _group_of_empty_spans(count: int) -> bytes:
    """ResourceSpans with `count` spans that have no field at all; an empty span takes two bytes."""
    spans = length_delimited(2, b"") * count
    return length_delimited(1, length_delimited(2, spans))
