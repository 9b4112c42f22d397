#!/usr/bin/env python3
"""Writes the seed files of Fuzz/corpus/wire with the official OTLP messages.

    python3 -m venv .venv && .venv/bin/pip install opentelemetry-proto
    .venv/bin/python Fuzz/make_corpus.py

Running it again gives the same bytes. Files it does not know, such as former crashes, are left alone.
"""

import math
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

FOLDER = Path(__file__).parent / "corpus" / "wire"
TRACE_ID = bytes(range(1, 17))
SPAN_ID = bytes(range(0x21, 0x29))
PARENT_ID = bytes(range(0x31, 0x39))
DEPTH_MAX = 64


# Raw encoding, for what the official messages can't be made to say.


def varint(value: int, size: int = 0) -> bytes:
    """`size` asks for that many bytes, more than the value needs."""
    out = bytearray()
    while value >= 0x80 or len(out) + 1 < size:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, wire_type: int, size: int = 0) -> bytes:
    return varint(number << 3 | wire_type, size)


def field(number: int, content: bytes) -> bytes:
    return tag(number, 2) + varint(len(content)) + content


def request(span: bytes, around_scope: bytes = b"", around_resource: bytes = b"", top: bytes = b"") -> bytes:
    """A request with one span given as bytes; the other arguments are extra fields of each level."""
    scope_spans = field(2, span) + around_scope
    return field(1, field(2, scope_spans) + around_resource) + top


# Official messages.


def attribute(key: str, **value) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(**value))


def span(**changes) -> Span:
    values = dict(
        trace_id=TRACE_ID,
        span_id=SPAN_ID,
        name="GET /items",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=1_700_000_000_000_000_000,
        end_time_unix_nano=1_700_000_000_250_000_000,
    )
    values.update(changes)
    return Span(**values)


def one_span(**changes) -> bytes:
    return request(span(**changes).SerializeToString())


def full_span() -> Span:
    result = span(
        trace_state="vendor=1,other=2",
        parent_span_id=PARENT_ID,
        flags=0x301,
        dropped_attributes_count=1,
        dropped_events_count=2,
        dropped_links_count=3,
        status=Status(message="no such item", code=Status.STATUS_CODE_ERROR),
        attributes=every_kind(),
    )
    result.events.add(time_unix_nano=1_700_000_000_100_000_000, name="retry", attributes=every_kind())
    result.events.add(name="", dropped_attributes_count=7)
    result.links.add(
        trace_id=TRACE_ID[::-1], span_id=SPAN_ID[::-1], trace_state="a=b", flags=0x100, attributes=every_kind()
    )
    result.links.add()
    return result


def every_kind() -> list[KeyValue]:
    nested = AnyValue()
    nested.kvlist_value.values.append(attribute("deep", string_value="down"))
    array = AnyValue()
    array.array_value.values.extend([AnyValue(int_value=1), AnyValue(string_value="two"), AnyValue(), nested])
    return [
        attribute("text", string_value="plain"),
        attribute("text.empty", string_value=""),
        attribute("text.unicode", string_value="Grüße 🛰 \u0000 \u2028"),
        attribute("yes", bool_value=True),
        attribute("no", bool_value=False),
        attribute("int.max", int_value=2**63 - 1),
        attribute("int.min", int_value=-(2**63)),
        attribute("double", double_value=0.1),
        attribute("double.nan", double_value=math.nan),
        attribute("double.infinity", double_value=-math.inf),
        attribute("double.negative_zero", double_value=-0.0),
        attribute("bytes", bytes_value=bytes(range(0, 256, 17))),
        KeyValue(key="array", value=array),
        KeyValue(key="map", value=nested),
        KeyValue(key="no value"),
        KeyValue(key="empty value", value=AnyValue()),
        attribute("", string_value="no key"),
    ]


def resource(service: str) -> Resource:
    result = Resource(attributes=[attribute("service.name", string_value=service)], dropped_attributes_count=1)
    result.entity_refs.add(schema_url="https://example.com/1", type="service", id_keys=["service.name"])
    return result


def several_groups() -> bytes:
    result = ExportTraceServiceRequest()
    for service in ("shop", "payment"):
        group = result.resource_spans.add(resource=resource(service), schema_url="https://example.com/resource")
        for scope in ("http", "sql"):
            inner = group.scope_spans.add(schema_url="https://example.com/scope")
            inner.scope.CopyFrom(InstrumentationScope(name=scope, version="1.2", attributes=every_kind()[:2]))
            inner.spans.extend(span(span_id=bytes([n] * 8)) for n in range(1, 4))
    result.resource_spans.add(resource=resource("idle"))
    result.resource_spans.add().scope_spans.add()
    return result.SerializeToString()


def nested_arrays(depth: int) -> bytes:
    """An AnyValue with `depth` levels, itself included."""
    value = field(1, b"x")
    for _ in range(depth - 1):
        value = field(5, field(1, value))
    return value


def nested_maps(depth: int) -> bytes:
    value = field(1, b"x")
    for _ in range(depth - 1):
        value = field(6, field(1, field(1, b"k") + field(2, value)))
    return value


def with_attribute(value: bytes) -> bytes:
    return request(span().SerializeToString() + field(9, field(1, b"key") + field(2, value)))


def valid_files() -> dict[str, bytes]:
    plain = span().SerializeToString()
    full = full_span().SerializeToString()
    unknown = tag(9999, 0) + varint(5) + tag(9998, 1) + bytes(8) + field(9997, b"unknown") + tag(9996, 5) + bytes(4)
    return {
        "empty": b"",
        "one-span": one_span(),
        "full-span": request(
            full, around_scope=field(1, b""), around_resource=field(1, resource("s").SerializeToString())
        ),
        "several-groups": several_groups(),
        "empty-envelopes": field(1, b"") + field(1, field(2, b"")) + field(1, field(1, b"")),
        "rejected-ids": b"".join(
            one_span(**ids)
            for ids in (
                {"trace_id": b""},
                {"trace_id": bytes(16)},
                {"trace_id": TRACE_ID[:15]},
                {"span_id": b""},
                {"span_id": bytes(8)},
                {"span_id": SPAN_ID + b"x"},
                {"parent_span_id": b"abc"},
                {"parent_span_id": bytes(8)},
                {},
            )
        ),
        "rejected-links": one_span(links=[Span.Link(trace_id=b"x")]) + one_span(links=[Span.Link(span_id=b"x")]),
        "end-before-start": one_span(end_time_unix_nano=1),
        "unknown-enums": one_span(kind=77, status=Status(code=99)),
        "negative-enums": one_span(kind=-1, status=Status(code=-(2**31))),
        "unknown-everywhere": request(
            plain + field(15, unknown) + field(9, unknown) + field(9, field(2, unknown)) + field(11, unknown) + unknown,
            around_scope=field(1, unknown) + unknown,
            around_resource=field(1, unknown + field(3, unknown)) + unknown,
            top=unknown,
        ),
        "string-indices": with_attribute(tag(8, 0) + varint(3)) + with_attribute(field(1, b"x") + tag(8, 0) + b"\0"),
        "deep-arrays-max": with_attribute(nested_arrays(DEPTH_MAX)),
        "deep-maps-max": with_attribute(nested_maps(DEPTH_MAX)),
        "resource-after-spans": request(plain, around_resource=field(1, resource("late").SerializeToString())),
        "duplicate-scalars": request(
            plain
            + Span(name="second", kind=2, trace_id=TRACE_ID[::-1], parent_span_id=PARENT_ID).SerializeToString()
            + field(5, b"")
            + tag(7, 1)
            + bytes(8)
        ),
        "duplicate-status": request(
            plain
            + field(15, tag(3, 0) + b"\2")
            + field(15, field(2, b"text"))
            + field(15, b"")
            + field(15, field(2, b""))
        ),
        "duplicate-resource": request(
            plain,
            around_resource=b"".join(field(1, resource(name).SerializeToString()) for name in ("first", "second")),
            around_scope=field(1, field(1, b"a")) + field(1, field(2, b"b")) + field(3, b"u") + field(3, b"v"),
        ),
        "duplicate-values": request(
            plain
            + field(9, field(1, b"k") + field(2, b"") + field(2, b""))
            + field(9, field(1, b"k") + field(2, field(1, b"a")) + field(2, b"") + field(1, b"l"))
            + field(9, field(2, field(5, field(1, field(1, b"a"))) + field(5, field(1, field(1, b"b")))))
            + field(9, field(2, field(5, field(1, field(1, b"a"))) + field(1, b"t") + field(5, b"")))
            + field(9, field(2, field(6, b"")) + field(2, field(6, field(1, field(1, b"m")))))
        ),
        "duplicate-service-names": request(
            plain,
            around_resource=field(
                1,
                Resource(
                    attributes=[attribute("service.name", int_value=1), attribute("service.name", string_value="x")]
                ).SerializeToString(),
            ),
        ),
        "service-name-overwritten": request(
            plain,
            around_resource=field(
                1, field(1, field(1, b"service.name") + field(2, field(1, b"a") + tag(3, 0) + b"\1"))
            ),
        ),
        "service-name-key-last": request(
            plain,
            around_resource=field(1, field(1, field(2, field(1, b"a")) + field(1, b"x") + field(1, b"service.name"))),
        ),
        "text-with-nul": one_span(name="a\0b", trace_state="\0", attributes=[attribute("\0", string_value="\0\0")]),
        "text-with-controls": one_span(
            name=bytes(range(128)).decode(), trace_state='"\\/\x7f\u0080\u2028\uffff\U0010ffff'
        ),
        "empty-sub-messages": request(
            plain + field(15, b"") + field(11, b"") + field(13, b"") + field(9, b""),
            around_scope=field(1, b""),
            around_resource=field(1, b""),
        ),
        "doubles": one_span(
            attributes=[
                attribute("d", double_value=value)
                for value in (5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e16, 2.0**53 + 2, 1 / 3, -0.0)
            ]
        ),
        "overlong-varints": request(
            tag(1, 2, 5) + varint(16, 5) + TRACE_ID
            + tag(2, 2, 2) + varint(8, 3) + SPAN_ID
            + tag(6, 0) + varint(2, 10)
            + tag(10, 0) + varint(1, 10)
        ),
        "varint-over-32-bits": request(plain + tag(6, 0) + varint(2**40 + 3) + tag(10, 0) + varint(2**64 - 1)),
        "bool-over-one": with_attribute(tag(2, 0) + varint(2)) + with_attribute(tag(2, 0) + varint(0, 10)),
    }


def refused_files() -> dict[str, bytes]:
    plain = span().SerializeToString()
    whole = one_span()
    result = {
        "deep-arrays-over": with_attribute(nested_arrays(DEPTH_MAX + 1)),
        "deep-maps-over": with_attribute(nested_maps(DEPTH_MAX + 1)),
        "deep-arrays-1000": with_attribute(nested_arrays(1000)),
        "varint-11-bytes": request(plain + tag(6, 0) + varint(1, 11)),
        "varint-over-64-bits": request(plain + tag(6, 0) + b"\xff" * 9 + b"\x7f"),
        "tag-6-bytes": request(plain + tag(5, 2, 6) + b"\0"),
        "tag-over-32-bits": request(plain + b"\xaa\x80\x80\x80\x10\0"),
        "tag-zero": request(plain + b"\0\0"),
        "tag-zero-overlong": request(plain + b"\x80\0\0"),
        "length-6-bytes": request(plain + tag(5, 2) + varint(0, 6)),
        "length-huge": request(plain + tag(5, 2) + varint(2**31)),
        "length-uint32-max": tag(1, 2) + varint(2**32 - 1),
        "length-uint64-max": tag(1, 2) + varint(2**64 - 1),
        "length-past-parent": field(1, field(2, tag(2, 2) + varint(40) + bytes(4))) + bytes(64),
        "group": request(plain + tag(9999, 3) + tag(9999, 4)),
        "wire-type-6": request(plain + tag(9999, 6)),
        "wire-type-7": request(plain + tag(9999, 7)),
        "text": b'{"resourceSpans":[]}',
    }
    for number in range(1, 17):
        wrong = tag(number, 5) + bytes(4) if number != 16 else tag(number, 0) + b"\0"
        result[f"wrong-wire-type-{number:02}"] = request(plain + wrong)
    for name, text in {
        "lone-continuation": b"\x80",
        "overlong": b"\xc0\x80",
        "surrogate": b"\xed\xa0\x80",
        "above-10ffff": b"\xf4\x90\x80\x80",
        "cut": b"abc\xe2\x82",
    }.items():
        result[f"utf8-{name}"] = request(plain + field(5, text))
    result["utf8-key"] = request(plain + field(9, field(1, b"\xff")))
    result["utf8-value"] = with_attribute(field(1, b"\xff"))
    result["utf8-unused-duplicate"] = request(plain + field(5, b"\xff") + field(5, b"fine"))
    for size in (1, 2, 3, 5, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        result[f"cut-at-{size:03}"] = whole[:size]
    return result


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    total = 0
    for prefix, files in (("valid", valid_files()), ("refused", refused_files())):
        for name, content in files.items():
            (FOLDER / f"{prefix}-{name}.bin").write_bytes(content)
            total += len(content)
    print(f"{FOLDER}: {total} bytes")


if __name__ == "__main__":
    main()
