"""Values inside values: how deep is allowed, and that depth beyond it does no harm."""

import pytest
import requests

from client import CONTENT_TYPES, JSON, Client
from rpc_status import assert_status
from spans import make_span, new_span_id, new_trace_id, request_of
from wire import LENGTH_DELIMITED, length_delimited, tag, varint

ENCODINGS = list(CONTENT_TYPES)


def deep_protobuf(depth: int, container: str = "list") -> bytes:
    """One span whose attribute is `depth` AnyValues inside each other, the innermost one empty."""
    headers, length = [], 0

    def wrap(number: int) -> None:
        nonlocal length
        header = tag(number, LENGTH_DELIMITED) + varint(length)
        headers.append(header)
        length += len(header)

    for _ in range(depth - 1):
        wrap(1 if container == "list" else 2)  # ArrayValue.values, or KeyValue.value
        if container == "map":
            wrap(1)  # KeyValueList.values
        wrap(5 if container == "list" else 6)  # AnyValue.array_value, or AnyValue.kvlist_value
    wrap(2)  # KeyValue.value
    wrap(9)  # Span.attributes
    ids = length_delimited(1, new_trace_id()) + length_delimited(2, new_span_id())
    headers.append(ids)
    length += len(ids)
    for number in (2, 2, 1):  # ScopeSpans.spans, ResourceSpans.scope_spans, TracesData.resource_spans
        wrap(number)
    return b"".join(reversed(headers))


def deep_json(depth: int, container: str = "list") -> bytes:
    opening, closing = {
        "list": ('{"arrayValue":{"values":[', "]}}"),
        "map": ('{"kvlistValue":{"values":[{"key":"k","value":', "}]}}"),
    }[container]
    value = opening * (depth - 1) + "{}" + closing * (depth - 1)
    ids = f'"traceId":"{new_trace_id().hex()}","spanId":"{new_span_id().hex()}"'
    span = f'{{{ids},"attributes":[{{"key":"a","value":{value}}}]}}'
    return f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}'.encode()


DEEP = {"protobuf": deep_protobuf, "json": deep_json}


@pytest.mark.checklist("O21")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("container", ["list", "map"])
def test_any_value_depth_is_limited_to_64(client: Client, encoding: str, container: str):
    def push(depth: int) -> requests.Response:
        return client.push_bytes(DEEP[encoding](depth, container), CONTENT_TYPES[encoding])

    for accepted in (1, 33, 64):
        assert push(accepted).status_code == 200, accepted
    for refused in (65, 90, 2_000):
        assert_status(push(refused), 400, "invalid_request", encoding)
    assert len(client.traces()) == 3


@pytest.mark.checklist("O21")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_values_nested_a_hundred_thousand_times_are_refused_and_harmless(client: Client, encoding: str):
    response = client.push_bytes(DEEP[encoding](100_000), CONTENT_TYPES[encoding])
    assert_status(response, 400, "invalid_request", encoding)
    client.store(request_of(make_span()))


@pytest.mark.checklist("O21", "O18")
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_json_nested_a_million_times_is_refused_and_harmless(client: Client, opening: bytes):
    body = b'{"unknown":' + opening * 1_000_000
    assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]
    balanced = b'{"unknown":' + opening * 100_000 + b"1" + closing * 100_000 + b"}"
    assert_status(client.push_bytes(balanced, JSON), 400, "invalid_request", "json")
    client.store(request_of(make_span()))
