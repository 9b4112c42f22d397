"""Spans to send, and what it means that two sets of spans are equal."""

import os
import time
from collections import Counter

from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, TracesData

NANOSECONDS_PER_SECOND = 1_000_000_000
NANOSECONDS_PER_MILLISECOND = 1_000_000


def new_trace_id() -> bytes:
    return os.urandom(16)


def new_span_id() -> bytes:
    return os.urandom(8)


def now() -> int:
    return time.time_ns()


def any_value(value: object) -> AnyValue:
    """The AnyValue of a Python value; None is an AnyValue with nothing set."""
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
    filled = AnyValue()
    if isinstance(value, dict):
        filled.kvlist_value.SetInParent()
        filled.kvlist_value.values.extend(attributes(value))
    else:
        filled.array_value.SetInParent()
        filled.array_value.values.extend(map(any_value, value))
    return filled


def attributes(values: dict[str, object]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def make_span(
    name: str = "work", *, duration_ms: int = 25, attrs: dict[str, object] | None = None, **fields: object
) -> Span:
    """A plausible server span; every field of the message can be given."""
    fields.setdefault("trace_id", new_trace_id())
    fields.setdefault("span_id", new_span_id())
    fields.setdefault("kind", Span.SPAN_KIND_SERVER)
    fields.setdefault("start_time_unix_nano", now())
    fields.setdefault("end_time_unix_nano", fields["start_time_unix_nano"] + duration_ms * NANOSECONDS_PER_MILLISECOND)
    return Span(name=name, attributes=attributes(attrs or {}), **fields)


def request_of(*spans: Span, service: str = "checkout", **resource: object) -> TracesData:
    """One request with all `spans` under one resource and one scope."""
    request = TracesData()
    group = request.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1.37.0")
    group.resource.attributes.extend(attributes({"service.name": service, **resource}))
    scoped = group.scope_spans.add(schema_url="https://opentelemetry.io/schemas/1.36.0")
    scoped.scope.name, scoped.scope.version = "test.library", "1.2.3"
    scoped.spans.extend(spans)
    return request


def bare_request(*spans: Span) -> TracesData:
    """The same without resource and scope."""
    request = TracesData()
    request.resource_spans.add().scope_spans.add().spans.extend(spans)
    return request


def in_pieces(traces: TracesData) -> Counter[bytes]:
    """Each span alone with its resource, scope and schema URLs, so that grouping and order of groups do not count.

    The serialization is what makes NaN equal to itself, tells an absent message from an empty one, and keeps fields
    that the official protos do not know.
    """
    pieces: Counter[bytes] = Counter()
    for group in traces.resource_spans:
        outer = ResourceSpans()
        outer.CopyFrom(group)
        del outer.scope_spans[:]
        for scoped in group.scope_spans:
            inner = outer.scope_spans.add()
            inner.CopyFrom(scoped)
            del inner.spans[:]
            for span in scoped.spans:
                inner.spans.add().CopyFrom(span)
                pieces[outer.SerializeToString(deterministic=True)] += 1
                del inner.spans[:]
            del outer.scope_spans[:]
    return pieces


def all_spans(traces: TracesData) -> list[Span]:
    return [span for group in traces.resource_spans for scoped in group.scope_spans for span in scoped.spans]


def merged(*requests: TracesData) -> TracesData:
    whole = TracesData()
    for request in requests:
        whole.resource_spans.extend(request.resource_spans)
    return whole


def assert_same_spans(actual: TracesData, expected: TracesData) -> None:
    got, wanted = in_pieces(actual), in_pieces(expected)
    if got == wanted:
        return
    missing, surplus = wanted - got, got - wanted
    raise AssertionError(
        f"{missing.total()} of {wanted.total()} spans missing, {surplus.total()} not expected\n"
        f"first missing: {_shown(missing)}\nfirst not expected: {_shown(surplus)}"
    )


def _shown(pieces: Counter[bytes]) -> Message | None:
    return next((ResourceSpans.FromString(piece) for piece in pieces), None)
