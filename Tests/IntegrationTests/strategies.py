"""Any trace request that the official protos can express, for property tests."""

import math
from collections.abc import Callable

from google.protobuf.message import Message
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, EntityRef, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status, TracesData

from spans import new_trace_id
from wire import FIXED32, FIXED64, LENGTH_DELIMITED, VARINT, length_delimited, tag, varint

UNKNOWN_FIELD_NUMBERS = (100, 9999, 2**29 - 1)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "\0", '"\\/\b\f\n\r\t', "\x7f\x80\u2028\u2029", "🦥𝔘𐀀\U0010ffff", "e\u0301", "\ufeff", "a" * 300]
)
uint32 = st.integers(0, 2**32 - 1)
uint64 = st.integers(0, 2**64 - 1)
int32 = st.integers(-(2**31), 2**31 - 1)
int64 = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False) | st.sampled_from([math.nan, -0.0, 5e-324, 1.7976931348623157e308, 0.1])
optional_trace_ids = st.just(b"") | st.binary(min_size=16, max_size=16).filter(any)
optional_span_ids = st.just(b"") | st.binary(min_size=8, max_size=8).filter(any)


@st.composite
def unknown_field(draw: Callable) -> bytes:
    """One field, of each wire type but groups, whose number no message defines."""
    number = draw(st.sampled_from(UNKNOWN_FIELD_NUMBERS))
    match draw(st.sampled_from([VARINT, FIXED64, LENGTH_DELIMITED, FIXED32])):
        case 0:
            return tag(number, VARINT) + varint(draw(uint64))
        case 1:
            return tag(number, FIXED64) + draw(st.binary(min_size=8, max_size=8))
        case 2:
            return length_delimited(number, draw(st.binary(max_size=12)))
        case _:
            return tag(number, FIXED32) + draw(st.binary(min_size=4, max_size=4))


def with_unknown_fields(messages: st.SearchStrategy, unknown: bool) -> st.SearchStrategy:
    def add(message: Message, fields: list[bytes]) -> Message:
        message.MergeFromString(b"".join(fields))
        return message

    return st.builds(add, messages, st.lists(unknown_field(), max_size=2)) if unknown else messages


class RequestStrategies:
    """Strategies for each message, with unknown fields at every level or at none."""

    def __init__(self, unknown_fields: bool):
        self._unknown = unknown_fields
        leaves = self._message(
            st.one_of(
                st.builds(AnyValue),
                st.builds(AnyValue, string_value=text),
                st.builds(AnyValue, bool_value=st.booleans()),
                st.builds(AnyValue, int_value=int64),
                st.builds(AnyValue, double_value=doubles),
                st.builds(AnyValue, bytes_value=st.binary(max_size=12)),
            )
        )
        self.any_value = st.recursive(leaves, self._containers, max_leaves=6)
        self.key_value = self._key_value(self.any_value)
        self.attributes = st.lists(self.key_value, max_size=3)

    def requests(self) -> st.SearchStrategy[TracesData]:
        """Requests whose spans share one new trace id and differ in their span ids."""
        requests = st.builds(TracesData, resource_spans=st.lists(self._resource_spans(), max_size=3))
        return st.builds(_number_spans, requests)

    def _message(self, messages: st.SearchStrategy) -> st.SearchStrategy:
        return with_unknown_fields(messages, self._unknown)

    def _key_value(self, values: st.SearchStrategy) -> st.SearchStrategy:
        return self._message(st.builds(KeyValue, key=text, value=st.none() | values))

    def _containers(self, values: st.SearchStrategy) -> st.SearchStrategy:
        def array(items: list[AnyValue]) -> AnyValue:
            filled = AnyValue()
            filled.array_value.SetInParent()
            filled.array_value.values.extend(items)
            return filled

        def key_values(items: list[KeyValue]) -> AnyValue:
            filled = AnyValue()
            filled.kvlist_value.SetInParent()
            filled.kvlist_value.values.extend(items)
            return filled

        arrays = st.builds(array, st.lists(values, max_size=3))
        return self._message(arrays | st.builds(key_values, st.lists(self._key_value(values), max_size=3)))

    def _resource_spans(self) -> st.SearchStrategy:
        entities = self._message(
            st.builds(
                EntityRef,
                schema_url=text,
                type=text,
                id_keys=st.lists(text, max_size=2),
                description_keys=st.lists(text, max_size=2),
            )
        )
        resources = self._message(
            st.builds(
                Resource,
                attributes=self.attributes,
                dropped_attributes_count=uint32,
                entity_refs=st.lists(entities, max_size=2),
            )
        )
        scopes = self._message(
            st.builds(
                InstrumentationScope,
                name=text,
                version=text,
                attributes=self.attributes,
                dropped_attributes_count=uint32,
            )
        )
        scope_spans = self._message(
            st.builds(ScopeSpans, scope=st.none() | scopes, spans=st.lists(self._spans(), max_size=3), schema_url=text)
        )
        return self._message(
            st.builds(
                ResourceSpans,
                resource=st.none() | resources,
                scope_spans=st.lists(scope_spans, max_size=3),
                schema_url=text,
            )
        )

    def _spans(self) -> st.SearchStrategy:
        events = self._message(
            st.builds(
                Span.Event,
                time_unix_nano=uint64,
                name=text,
                attributes=self.attributes,
                dropped_attributes_count=uint32,
            )
        )
        links = self._message(
            st.builds(
                Span.Link,
                trace_id=optional_trace_ids,
                span_id=optional_span_ids,
                trace_state=text,
                attributes=self.attributes,
                dropped_attributes_count=uint32,
                flags=uint32,
            )
        )
        statuses = self._message(st.builds(Status, message=text, code=int32))
        return self._message(
            st.builds(
                Span,
                trace_state=text,
                parent_span_id=optional_span_ids,
                flags=uint32,
                name=text,
                kind=int32,
                start_time_unix_nano=uint64,
                end_time_unix_nano=uint64,
                attributes=self.attributes,
                dropped_attributes_count=uint32,
                events=st.lists(events, max_size=2),
                dropped_events_count=uint32,
                links=st.lists(links, max_size=2),
                dropped_links_count=uint32,
                status=st.none() | statuses,
            )
        )


def _number_spans(request: TracesData) -> TracesData:
    trace_id, number = new_trace_id(), 0
    for group in request.resource_spans:
        for scoped in group.scope_spans:
            for span in scoped.spans:
                number += 1
                span.trace_id, span.span_id = trace_id, number.to_bytes(8, "big")
    return request


any_request = RequestStrategies(unknown_fields=True).requests()
any_known_request = RequestStrategies(unknown_fields=False).requests()
