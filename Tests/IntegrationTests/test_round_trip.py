"""export(ingest(x)) ≡ x, for whatever the official protos can express."""

import pytest
from hypothesis import given, settings
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status, TracesData

from client import Client
from spans import all_spans, assert_same_spans, attributes, bare_request, make_span, new_trace_id, request_of
from strategies import any_known_request, any_request
from wire import length_delimited

EXAMPLES = 60


def export_of(client: Client, sent: TracesData, encoding: str) -> TracesData:
    spans = all_spans(sent)
    return client.export(encoding, trace_id=spans[0].trace_id.hex()) if spans else TracesData()


@pytest.mark.checklist("O20", "O21", "O22", "O34")
@settings(max_examples=EXAMPLES)
@given(sent=any_request)
def test_protobuf_comes_back_as_equal_protobuf_with_its_unknown_fields(client: Client, sent: TracesData):
    client.store(sent, "protobuf")
    assert_same_spans(export_of(client, sent, "protobuf"), sent)


@pytest.mark.checklist("O21", "O22", "O34")
@settings(max_examples=EXAMPLES)
@given(sent=any_known_request)
def test_protobuf_comes_back_as_equal_json(client: Client, sent: TracesData):
    client.store(sent, "protobuf")
    assert_same_spans(export_of(client, sent, "json"), sent)


@pytest.mark.checklist("O21", "O22", "O34")
@settings(max_examples=EXAMPLES)
@given(sent=any_known_request)
def test_json_comes_back_equal_as_json_and_as_protobuf(client: Client, sent: TracesData):
    client.store(sent, "json")
    assert_same_spans(export_of(client, sent, "json"), sent)
    assert_same_spans(export_of(client, sent, "protobuf"), sent)


def full_request() -> TracesData:
    """One span in which every field of every message is set."""
    span = make_span(
        "every field",
        trace_state="vendor=a,other=b",
        parent_span_id=b"\x01" * 8,
        flags=0x301,
        attrs={"text": "größe", "whole": -7, "half": 0.5, "yes": True, "raw": b"\0\xff", "list": [1, {"in": None}]},
        dropped_attributes_count=3,
        dropped_events_count=4,
        dropped_links_count=5,
        status=Status(code=Status.STATUS_CODE_ERROR, message="it broke"),
        events=[Span.Event(time_unix_nano=7, name="e", attributes=attributes({"a": 1}), dropped_attributes_count=6)],
        links=[
            Span.Link(
                trace_id=new_trace_id(),
                span_id=b"\x02" * 8,
                trace_state="x=y",
                attributes=attributes({"b": "c"}),
                dropped_attributes_count=8,
                flags=0x101,
            )
        ],
    )
    request = request_of(span)
    request.resource_spans[0].resource.dropped_attributes_count = 9
    scope = request.resource_spans[0].scope_spans[0].scope
    scope.attributes.extend(attributes({"scope.attribute": "kept"}))
    scope.dropped_attributes_count = 10
    return request


@pytest.mark.checklist("O22")
@pytest.mark.parametrize("sent_as", ["protobuf", "json"])
@pytest.mark.parametrize("read_as", ["protobuf", "json"])
def test_every_field_of_every_message_survives(client: Client, sent_as: str, read_as: str):
    sent = full_request()
    client.store(sent, sent_as)
    assert_same_spans(client.export(read_as), sent)


@pytest.mark.checklist("O23")
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_unknown_enum_numbers_are_kept(client: Client, encoding: str):
    sent = request_of(make_span(kind=99, status=Status(code=42)), make_span(kind=-1, status=Status(code=-2)))
    client.store(sent, encoding)
    assert_same_spans(client.export("protobuf"), sent)
    assert_same_spans(client.export("json"), sent)


@pytest.mark.checklist("O23")
def test_a_span_that_ends_before_it_starts_is_kept(client: Client):
    sent = request_of(make_span(start_time_unix_nano=2_000, end_time_unix_nano=1_000))
    client.store(sent)
    assert_same_spans(client.export(), sent)
    [item] = client.traces()
    assert item["span_count"] == 1


@pytest.mark.checklist("O20")
def test_an_unknown_field_of_the_request_itself_is_kept(client: Client):
    sent = request_of(make_span())
    unknown = length_delimited(9999, b"hello")
    sent.MergeFromString(unknown)
    client.store(sent)
    exported = client.get("/v1/otlp/export", params={"format": "protobuf"}).content
    assert exported.count(unknown) == 1


@pytest.mark.checklist("O34")
@pytest.mark.parametrize("read_as", ["protobuf", "json"])
def test_unusual_but_legal_wire_bytes_mean_what_protobuf_says(client: Client, read_as: str):
    """Fields out of order, a scalar twice (the last wins), a message twice (both merge), an overlong varint.

    https://protobuf.dev/programming-guides/encoding/#last-one-wins
    """
    wrong_name, right_name = length_delimited(5, b"first"), length_delimited(5, b"last")
    identity = length_delimited(2, b"\x07" * 8) + length_delimited(1, new_trace_id())
    overlong_kind = b"\x30\x83\x80\x80\x00"
    status_in_halves = length_delimited(15, length_delimited(2, b"why")) + length_delimited(15, b"\x18\x02")
    span = status_in_halves + wrong_name + overlong_kind + identity + right_name
    scope_in_halves = length_delimited(1, length_delimited(1, b"lib")) + length_delimited(1, length_delimited(2, b"2"))
    body = length_delimited(1, length_delimited(2, length_delimited(2, span) + scope_in_halves))
    assert client.push_bytes(body).status_code == 200

    exported = client.export(read_as)
    assert_same_spans(exported, TracesData.FromString(body))
    [read] = all_spans(exported)
    assert (read.name, read.kind, read.status.message, read.status.code) == ("last", 3, "why", 2)


@pytest.mark.checklist("O34")
def test_absent_and_empty_messages_stay_what_they_were(client: Client):
    empty = make_span(status=Status())
    sent = bare_request(make_span(), empty)
    group = sent.resource_spans.add()
    group.resource.SetInParent()
    scoped = group.scope_spans.add()
    scoped.scope.SetInParent()
    scoped.spans.append(make_span())
    client.store(sent, "protobuf")
    assert_same_spans(client.export("protobuf"), sent)
    assert_same_spans(client.export("json"), sent)


@pytest.mark.checklist("O34")
def test_a_large_request_comes_back_whole(client: Client):
    sent = TracesData()
    for number in range(40):
        group: ResourceSpans = request_of(
            *(make_span(f"{number}.{index}", attrs={"payload": "x" * 500}) for index in range(100)),
            service=f"service {number % 7}",
        ).resource_spans[0]
        sent.resource_spans.append(group)
    client.store(sent)
    assert_same_spans(client.export("protobuf"), sent)
