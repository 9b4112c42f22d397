"""The OTLP/JSON encoding, rule by rule.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and https://protobuf.dev/programming-guides/json/
"""

import json
import math

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from client import JSON, Client
from rpc_status import assert_status
from spans import all_spans, any_value, make_span, new_span_id, new_trace_id, request_of


def push_span(client: Client, **members: object) -> None:
    """Pushes one JSON span with these members, and insists that it is taken."""
    response = client.push_bytes(document(**members), JSON)
    assert (response.status_code, response.content) == (200, b"{}"), response.content


def document(**members: object) -> bytes:
    span = {"traceId": new_trace_id().hex(), "spanId": new_span_id().hex(), **members}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


def exported_span(client: Client) -> Span:
    [span] = all_spans(client.export("protobuf"))
    return span


def exported_json(client: Client) -> dict:
    document = client.get("/v1/otlp/export", params={"format": "json"}).json()
    return document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


@pytest.mark.checklist("O16")
@pytest.mark.parametrize("spell", [str.upper, str.lower, str.title])
def test_ids_are_hex_in_any_case(client: Client, spell):
    ids = {
        "traceId": "abcdef0123456789abcdef0123456789",
        "spanId": "fedcba9876543210",
        "parentSpanId": "0a1b2c3d4e5f6071",
    }
    link = {"traceId": "00112233445566778899aabbccddeeff", "spanId": "ffeeddccbbaa9988"}
    push_span(
        client,
        **{name: spell(value) for name, value in ids.items()},
        links=[{name: spell(value) for name, value in link.items()}],
    )
    span = exported_span(client)
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()) == tuple(ids.values())
    assert (span.links[0].trace_id.hex(), span.links[0].span_id.hex()) == tuple(link.values())
    written = exported_json(client)
    assert {name: written[name] for name in ids} == ids


@pytest.mark.checklist("O17")
@pytest.mark.parametrize("members", [{"kind": "SPAN_KIND_SERVER"}, {"status": {"code": "STATUS_CODE_OK"}}])
def test_enum_names_are_refused(client: Client, members: dict):
    assert_status(client.push_bytes(document(**members), JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O17")
def test_enums_are_written_as_integers(client: Client):
    push_span(client, kind=3, status={"code": 2, "message": "no"})
    written = exported_json(client)
    assert (written["kind"], written["status"]["code"]) == (3, 2)


@pytest.mark.checklist("O18")
def test_unknown_keys_are_ignored_at_every_level(client: Client):
    extra = {"x-unknown": {"deep": [1, {"er": None}]}}
    span = {
        "traceId": new_trace_id().hex(),
        "spanId": new_span_id().hex(),
        "name": "kept",
        "events": [{"name": "e", **extra}],
        "links": [extra],
        "status": {"code": 1, **extra},
        "attributes": [{"key": "k", "value": {"stringValue": "v", **extra}, **extra}],
        **extra,
    }
    scope_spans = {"scope": {"name": "s", **extra}, "spans": [span], **extra}
    body = {"resourceSpans": [{"resource": {**extra}, "scopeSpans": [scope_spans], **extra}], **extra}
    response = client.push_bytes(json.dumps(body).encode(), JSON)
    assert (response.status_code, response.content) == (200, b"{}")
    read = exported_span(client)
    assert (read.name, read.events[0].name, read.status.code, read.attributes[0].value.string_value) == (
        "kept",
        "e",
        1,
        "v",
    )
    assert "x-unknown" not in client.get("/v1/otlp/export").text


@pytest.mark.checklist("O18")
def test_snake_case_keys_count_as_unknown(client: Client):
    push_span(client, name="camel", trace_state="ignored", dropped_events_count=7, start_time_unix_nano="5")
    span = exported_span(client)
    assert (span.name, span.trace_state, span.dropped_events_count, span.start_time_unix_nano) == ("camel", "", 0, 0)
    response = client.push_bytes(b'{"resource_spans":[{"scope_spans":[{"spans":[{"name":"x"}]}]}]}', JSON)
    assert (response.status_code, response.content) == (200, b"{}")
    assert len(client.traces()) == 1


@pytest.mark.checklist("O18")
def test_null_means_absent(client: Client):
    push_span(
        client, name=None, kind=None, attributes=None, status=None, startTimeUnixNano=None, links=None, flags=None
    )
    span = exported_span(client)
    assert span == Span(trace_id=span.trace_id, span_id=span.span_id)


@pytest.mark.checklist("O19")
@pytest.mark.parametrize("value", [0, 1, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("spell", [int, str], ids=["number", "string"])
def test_64_bit_integers_are_numbers_or_strings_in_and_strings_out(client: Client, value: int, spell: type):
    push_span(client, attributes=[{"key": "k", "value": {"intValue": spell(value)}}])
    assert exported_span(client).attributes[0].value.int_value == value
    assert exported_json(client)["attributes"][0]["value"] == {"intValue": str(value)}


@pytest.mark.checklist("O19")
@pytest.mark.parametrize("value", [1, 1_700_000_000_000_000_001, 2**64 - 1])
@pytest.mark.parametrize("spell", [int, str], ids=["number", "string"])
def test_times_are_numbers_or_strings_in_and_strings_out(client: Client, value: int, spell: type):
    push_span(
        client,
        startTimeUnixNano=spell(value),
        endTimeUnixNano=spell(value),
        events=[{"timeUnixNano": spell(value)}],
    )
    span = exported_span(client)
    assert (span.start_time_unix_nano, span.end_time_unix_nano, span.events[0].time_unix_nano) == (value,) * 3
    written = exported_json(client)
    assert (written["startTimeUnixNano"], written["events"][0]["timeUnixNano"]) == (str(value),) * 2


@pytest.mark.checklist("O19", "O9")
@pytest.mark.parametrize(
    "value", ["9223372036854775808", "-9223372036854775809", "1.5", "abc", "", " 1", "0x10", 1.5, True, [], {}]
)
def test_what_is_no_64_bit_integer_is_refused(client: Client, value: object):
    body = document(attributes=[{"key": "k", "value": {"intValue": value}}])
    assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O19", "O9")
@pytest.mark.parametrize("value", [-1, 2**64, "18446744073709551616", "-1", 0.5])
def test_what_is_no_time_is_refused(client: Client, value: object):
    assert_status(client.push_bytes(document(startTimeUnixNano=value), JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O19", "O9")
@pytest.mark.parametrize("value", [-1, 2**32, 0.5, True])
def test_what_is_no_32_bit_count_is_refused(client: Client, value: object):
    assert_status(client.push_bytes(document(droppedEventsCount=value), JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O21")
@pytest.mark.parametrize(
    "value",
    ["", "text", True, False, 0, -5, 0.0, -0.0, 0.1, 1e300, 5e-324, b"", b"\0\xfb\xff", [], {}, None, [[], {}, None]]
    + [{"a": {"b": [1, "2", 3.5, None]}}, [b"\xff", {"": ""}]],
    ids=repr,
)
@pytest.mark.parametrize("sent_as", ["protobuf", "json"])
def test_every_kind_of_value_survives(client: Client, value: object, sent_as: str):
    sent = make_span()
    sent.attributes.add(key="k").value.CopyFrom(any_value(value))
    client.store(request_of(sent), sent_as)
    for read_as in ("protobuf", "json"):
        [read] = all_spans(client.export(read_as))
        assert read.attributes[0].SerializeToString() == sent.attributes[0].SerializeToString()


@pytest.mark.checklist("O21")
@pytest.mark.parametrize("spelling", ["NaN", "Infinity", "-Infinity"])
def test_the_three_numbers_that_json_lacks_are_strings(client: Client, spelling: str):
    push_span(client, attributes=[{"key": "k", "value": {"doubleValue": spelling}}])
    read = exported_span(client).attributes[0].value.double_value
    assert math.isnan(read) if spelling == "NaN" else read == float(spelling)
    assert exported_json(client)["attributes"][0]["value"] == {"doubleValue": spelling}


@pytest.mark.checklist("O21")
@pytest.mark.parametrize(("written", "read"), [(1, 1.0), ("1.5", 1.5), ("-2e3", -2000.0), (-0.0, -0.0)])
def test_doubles_may_be_whole_or_quoted(client: Client, written: object, read: float):
    push_span(client, attributes=[{"key": "k", "value": {"doubleValue": written}}])
    assert repr(exported_span(client).attributes[0].value.double_value) == repr(read)


@pytest.mark.checklist("O21")
@pytest.mark.parametrize("written", ["+/8AAQ==", "+/8AAQ", "-_8AAQ==", "-_8AAQ"])
def test_bytes_are_base64_of_either_alphabet(client: Client, written: str):
    push_span(client, attributes=[{"key": "k", "value": {"bytesValue": written}}])
    assert exported_span(client).attributes[0].value.bytes_value == b"\xfb\xff\x00\x01"
    assert exported_json(client)["attributes"][0]["value"] == {"bytesValue": "+/8AAQ=="}


@pytest.mark.checklist("O9", "O21")
def test_two_values_in_one_are_refused(client: Client):
    """https://protobuf.dev/programming-guides/json/: at most one member of a oneof may be set."""
    body = document(attributes=[{"key": "k", "value": {"stringValue": "a", "intValue": "1"}}])
    assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O22")
def test_escapes_are_read_and_written_as_the_characters_they_mean(client: Client):
    name = '\u0000\u0001"\\/\b\f\n\r\t\u007f\u2028é😀'
    body = document(name="NAME").replace(b'"NAME"', json.dumps(name, ensure_ascii=True).encode())
    assert client.push_bytes(body, JSON).status_code == 200
    assert exported_span(client).name == name
    assert exported_json(client)["name"] == name
