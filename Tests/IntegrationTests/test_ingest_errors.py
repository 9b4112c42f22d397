"""Refusals on the OTLP paths: `google.rpc.Status`, in the request's encoding, in the contract's order."""

import json

import pytest

import otlp_json
from client import CONTENT_TYPES, EXPORT, INGEST, INGEST_PATHS, JSON, PROTOBUF, Client
from raw_connection import connected, request_head
from rpc_status import (
    INVALID_ARGUMENT,
    PERMISSION_DENIED,
    UNAUTHENTICATED,
    assert_status,
    status_of,
    violated_fields,
)
from server import Server, fresh_user
from spans import make_span, request_of

ENCODINGS = list(CONTENT_TYPES)
GARBAGE = {"protobuf": b"\x0a\xff\xff\xff\xff\x0f nonsense", "json": b'{"resourceSpans": [}'}


def valid_body(encoding: str) -> bytes:
    request = request_of(make_span())
    return request.SerializeToString() if encoding == "protobuf" else otlp_json.dumps(request)


def broken_protobufs() -> dict[str, bytes]:
    whole = request_of(make_span("a span whose bytes get cut")).SerializeToString()
    return {
        "cut in the middle": whole[: len(whole) // 2],
        "cut by one byte": whole[:-1],
        "length beyond the end": b"\x0a\x7f\x00",
        "length near 2^64": b"\x0a" + b"\xff" * 9 + b"\x01",
        "varint of eleven bytes": b"\x0a" + b"\xff" * 10 + b"\x01",
        "field number zero": b"\x02\x00",
        "wire type six": b"\x0e\x00",
        "wire type seven": b"\x0f",
        "a group that ends without a start": b"\x0c",
        "text": b"hello, world",
        "json": otlp_json.dumps(request_of(make_span())),
    }


def broken_json() -> dict[str, bytes]:
    def span(**members: object) -> bytes:
        fields = {"traceId": "1" * 32, "spanId": "2" * 16, **members}
        return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).encode()

    return {
        "cut": valid_body("json")[:-1],
        "two documents": b"{}{}",
        "text after the document": b"{} x",
        "an array": b"[]",
        "a string": b'"resourceSpans"',
        "a trailing comma": b'{"resourceSpans":[],}',
        "single quotes": b"{'resourceSpans':[]}",
        "NaN as a bare word": span().replace(b"{", b'{"x":NaN,', 1),
        "a comment": b"/* */{}",
        "an unclosed string": b'{"resourceSpans',
        "a control character in a string": b'{"a":"\x01"}',
        "resourceSpans as an object": b'{"resourceSpans":{}}',
        "spans as a string": b'{"resourceSpans":[{"scopeSpans":[{"spans":"x"}]}]}',
        "a name as a number": span(name=7),
        "an id as a number": span(traceId=7),
        "a count as an object": span(droppedEventsCount={}),
        "protobuf": request_of(make_span()).SerializeToString(),
    }


@pytest.mark.checklist("O9")
@pytest.mark.parametrize("body", broken_protobufs().values(), ids=broken_protobufs().keys())
def test_undecodable_protobuf_is_refused_whole(client: Client, body: bytes):
    status = assert_status(client.push_bytes(body, PROTOBUF), 400, "invalid_request", "protobuf")
    assert status.code == INVALID_ARGUMENT
    violated_fields(status)
    assert len(status.details) == 1, "no BadRequest detail"
    assert client.traces() == []


@pytest.mark.checklist("O9")
@pytest.mark.parametrize("body", broken_json().values(), ids=broken_json().keys())
def test_undecodable_json_is_refused_whole(client: Client, body: bytes):
    status = assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")
    assert status.code == INVALID_ARGUMENT
    violated_fields(status)
    assert len(status.details) == 1, "no BadRequest detail"
    assert client.traces() == []


@pytest.mark.checklist("O9")
def test_one_broken_span_refuses_its_whole_request(client: Client):
    good = request_of(make_span("good"), make_span("good too")).SerializeToString()
    assert_status(client.push_bytes(good + b"\x0a\x05\x12"), 400, "invalid_request", "protobuf")
    assert client.traces() == []


@pytest.mark.checklist("O9")
@pytest.mark.parametrize("where", ["name", "key", "value", "schema url", "trace state"])
def test_invalid_utf8_in_protobuf_is_refused(client: Client, where: str):
    mark = "X" * 9
    span = make_span(
        name=mark if where == "name" else "n",
        attrs={mark if where == "key" else "k": mark if where == "value" else "v"},
        trace_state=mark if where == "trace state" else "",
    )
    request = request_of(span)
    if where == "schema url":
        request.resource_spans[0].schema_url = mark
    body = request.SerializeToString()
    for bad in (b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
        broken = body.replace(mark.encode(), bad + b"X" * (len(mark) - len(bad)))
        assert broken != body
        assert_status(client.push_bytes(broken), 400, "invalid_request", "protobuf")
    assert client.traces() == []


@pytest.mark.checklist("O9")
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\\ud800", b"\\udc00\\ud800", b"\\u12"])
def test_text_that_is_not_unicode_in_json_is_refused(client: Client, bad: bytes):
    body = otlp_json.dumps(request_of(make_span("NAME"))).replace(b"NAME", bad)
    assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O9")
def test_invalid_utf8_in_a_json_member_that_nobody_reads_is_refused(client: Client):
    assert_status(client.push_bytes(b'{"unknown":"\xff"}', JSON), 400, "invalid_request", "json")


@pytest.mark.checklist("O17", "O9")
@pytest.mark.parametrize(
    ("field", "members"),
    [
        ("kind", {"kind": "SPAN_KIND_SERVER"}),
        ("code", {"status": {"code": "STATUS_CODE_ERROR"}}),
        ("startTimeUnixNano", {"startTimeUnixNano": "yesterday"}),
        ("droppedEventsCount", {"droppedEventsCount": -1}),
        ("intValue", {"attributes": [{"key": "k", "value": {"intValue": "9223372036854775808"}}]}),
        ("bytesValue", {"attributes": [{"key": "k", "value": {"bytesValue": "%%%"}}]}),
    ],
)
def test_a_refusal_names_the_field(client: Client, field: str, members: dict):
    span = {"traceId": "1" * 32, "spanId": "2" * 16, **members}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()
    status = assert_status(client.push_bytes(body, JSON), 400, "invalid_request", "json")
    [violated] = violated_fields(status)
    assert violated.startswith("resourceSpans[0].scopeSpans[0].spans[0].") and violated.endswith(field)


@pytest.mark.checklist("O10")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("path", INGEST_PATHS)
def test_without_a_key_the_answer_is_401(anonymous: Client, encoding: str, path: str):
    response = anonymous.push_bytes(valid_body(encoding), CONTENT_TYPES[encoding], path=path)
    assert assert_status(response, 401, "unauthorized", encoding).code == UNAUTHENTICATED


@pytest.mark.checklist("O10")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_key_without_the_scope_gets_403(server: Server, encoding: str):
    reader = Client(server.url, server.create_key(fresh_user(), scopes="traces:read"))
    response = reader.push_bytes(valid_body(encoding), CONTENT_TYPES[encoding])
    assert assert_status(response, 403, "forbidden", encoding).code == PERMISSION_DENIED


@pytest.mark.checklist("O10")
def test_a_write_only_key_can_not_export(server: Server):
    writer = Client(server.url, server.create_key(fresh_user(), scopes="otlp:write"))
    writer.store(request_of(make_span()))
    assert assert_status(writer.get(EXPORT), 403, "forbidden", "json").code == PERMISSION_DENIED


@pytest.mark.checklist("O10")
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_405_and_names_what_is_allowed(client: Client, method: str, encoding: str):
    response = client.request(method, INGEST, headers={"Content-Type": CONTENT_TYPES[encoding]})
    assert_status(response, 405, "method_not_allowed", encoding)
    assert response.headers["Allow"] == "POST"


@pytest.mark.checklist("O10")
def test_refusals_of_the_export_are_a_json_status(client: Client, anonymous: Client):
    assert_status(anonymous.get(EXPORT), 401, "unauthorized", "json")
    assert_status(client.request("POST", EXPORT), 405, "method_not_allowed", "json")
    protobuf_wanted = client.get(EXPORT, params={"trace_id": "xyz"}, headers={"Accept": PROTOBUF})
    assert_status(protobuf_wanted, 400, "invalid_request", "json")


@pytest.mark.checklist("O10")
def test_each_check_comes_in_its_place(server: Server, client: Client, anonymous: Client):
    """Contract, "Order of checks": 401, 405, 413, 415, 400, 403. Each request breaks two rules; the first one tells."""
    reader = Client(server.url, server.create_key(fresh_user(), scopes="traces:read"))
    too_much = {"Content-Length": 64 * 1024 * 1024 + 1, "Content-Type": "text/plain"}

    assert anonymous.request("PUT", INGEST).status_code == 401
    assert anonymous.push_bytes(GARBAGE["json"], "text/plain").status_code == 401
    assert status_of_head(server, anonymous, "POST", too_much) == 401
    assert client.request("PUT", INGEST, data=b"x", headers={"Content-Type": "text/plain"}).status_code == 405
    assert status_of_head(server, client, "PUT", too_much) == 405
    assert status_of_head(server, client, "POST", too_much) == 413
    assert client.push_bytes(GARBAGE["protobuf"], "text/plain").status_code == 415
    assert client.push_bytes(GARBAGE["protobuf"], PROTOBUF, "br").status_code == 415
    assert reader.push_bytes(b"x", "text/plain").status_code == 415
    assert reader.push_bytes(GARBAGE["protobuf"], PROTOBUF).status_code == 400
    assert reader.push_bytes(valid_body("json"), JSON).status_code == 403


def status_of_head(server: Server, client: Client, method: str, headers: dict[str, object]) -> int:
    """What a request is answered before any of its body is sent."""
    credential = {"Authorization": f"Bearer {client.key}"} if client.key else {}
    with connected(server.address) as connection:
        connection.send(request_head(method, INGEST, credential | headers))
        return connection.answer().status


@pytest.mark.checklist("O12")
def test_a_refusal_for_good_never_invites_a_retry(client: Client, anonymous: Client):
    refusals = [
        anonymous.push_bytes(valid_body("json"), JSON),
        client.push_bytes(GARBAGE["json"], JSON),
        client.push_bytes(b"x", "text/plain"),
        client.request("PUT", INGEST),
    ]
    assert [response.status_code for response in refusals] == [401, 400, 415, 405]
    assert not any("Retry-After" in response.headers for response in refusals)


@pytest.mark.checklist("O4")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_refusal_says_its_request_id(client: Client, encoding: str):
    response = client.push_bytes(GARBAGE[encoding], CONTENT_TYPES[encoding], headers={"X-Request-Id": "my-request_1"})
    status_of(response, encoding)
    assert response.headers["X-Request-Id"] == "my-request_1"
