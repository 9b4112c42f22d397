"""Spans sent twice, ids used twice, children before parents."""

import random

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from client import Client
from server import Server
from spans import (
    NANOSECONDS_PER_SECOND,
    all_spans,
    assert_same_spans,
    make_span,
    merged,
    new_trace_id,
    now,
    request_of,
)


@pytest.mark.checklist("O24")
@pytest.mark.parametrize("second_encoding", ["protobuf", "json"])
def test_a_span_sent_again_collapses(client: Client, second_encoding: str):
    request = request_of(make_span(attrs={"a": 1, "b": [1.5, "x"]}, status=Status(code=1)), make_span("other"))
    client.store(request)
    client.store(request, second_encoding)
    client.store(merged(request, request))

    assert_same_spans(client.export(), request)
    for span in all_spans(request):
        detail = client.trace(span.trace_id)
        assert (detail["span_count"], len(detail["spans"])) == (1, 1)
        assert not detail.get("conflict")


@pytest.mark.checklist("O24")
def test_a_span_sent_again_collapses_across_a_restart(own_server: Server):
    key = own_server.create_key("a@example.com")
    request = request_of(make_span())
    Client(own_server.url, key).store(request)
    own_server.restart()
    client = Client(own_server.url, key)
    client.store(request)
    assert_same_spans(client.export(), request)


def variations(span: Span) -> dict[str, Span]:
    changes = {
        "name": {"name": "another name"},
        "end": {"end_time_unix_nano": span.end_time_unix_nano + 1},
        "status": {"status": Status(code=2)},
    }
    varied = {}
    for what, fields in changes.items():
        varied[what] = Span()
        varied[what].CopyFrom(span)
        varied[what].MergeFrom(Span(**fields))
    return varied


@pytest.mark.checklist("O24")
@pytest.mark.parametrize("what", ["name", "end", "status"])
def test_the_same_ids_with_other_content_are_both_kept_and_said_to_conflict(client: Client, what: str):
    first = make_span("first")
    second = variations(first)[what]
    client.store(request_of(first))
    client.store(request_of(second))

    assert_same_spans(client.export(), merged(request_of(first), request_of(second)))
    detail = client.trace(first.trace_id)
    assert detail["conflict"] is True
    assert len(detail["spans"]) == 2


@pytest.mark.checklist("O24")
def test_the_same_span_under_another_resource_is_other_content(client: Client):
    span = make_span()
    requests = [request_of(span, service="one"), request_of(span, service="two")]
    for request in requests:
        client.store(request)
    assert_same_spans(client.export(), merged(*requests))
    assert client.trace(span.trace_id)["conflict"] is True


@pytest.mark.checklist("O24")
def test_a_conflict_is_still_said_after_a_restart(own_server: Server):
    key = own_server.create_key("a@example.com")
    first = make_span("first")
    Client(own_server.url, key).store(merged(request_of(first), request_of(variations(first)["name"])))
    own_server.restart()
    detail = Client(own_server.url, key).trace(first.trace_id)
    assert (detail["conflict"], len(detail["spans"])) == (True, 2)


@pytest.mark.checklist("O25")
def test_a_tree_that_arrives_leaves_first_is_whole_in_the_end(client: Client):
    trace_id, start = new_trace_id(), now()
    tree = [make_span("root", trace_id=trace_id, start_time_unix_nano=start)]
    for number in range(1, 30):
        parent = tree[(number - 1) // 3]
        begin = start + number * 1_000
        tree.append(
            make_span(f"child {number}", trace_id=trace_id, parent_span_id=parent.span_id, start_time_unix_nano=begin)
        )
    shuffled = tree[1:]
    random.Random(7).shuffle(shuffled)
    for span in [*shuffled, tree[0]]:
        client.store(request_of(span))

    detail = client.trace(trace_id)
    assert detail["span_count"] == len(tree)
    parents = {span["spanId"]: span.get("parentSpanId", "") for span in detail["spans"]}
    assert parents == {span.span_id.hex(): span.parent_span_id.hex() for span in tree}


@pytest.mark.checklist("O25")
def test_a_child_hours_late_joins_its_trace(client: Client):
    root = make_span("root", start_time_unix_nano=now() - 5 * 3600 * NANOSECONDS_PER_SECOND)
    client.store(request_of(root))
    late = make_span("late", trace_id=root.trace_id, parent_span_id=root.span_id)
    client.store(request_of(late, service="billing"))

    [item] = client.traces()
    assert (item["trace_id"], item["span_count"]) == (root.trace_id.hex(), 2)
    assert {span["name"] for span in client.trace(root.trace_id)["spans"]} == {"root", "late"}


@pytest.mark.checklist("O25")
def test_a_trace_without_its_root_is_listed_and_read(client: Client):
    orphan = make_span("orphan", parent_span_id=b"\x09" * 8)
    client.store(request_of(orphan))
    assert [item["trace_id"] for item in client.traces()] == [orphan.trace_id.hex()]
    [span] = client.trace(orphan.trace_id)["spans"]
    assert span["parentSpanId"] == "09" * 8
