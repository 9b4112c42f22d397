"""The three ingest paths, both encodings, and what a success looks like."""

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

import otlp_json
from client import CONTENT_TYPES, INGEST_PATHS, JSON, PROTOBUF, Client
from rpc_status import assert_status, media_type
from spans import assert_same_spans, make_span, merged, request_of

ENCODINGS = list(CONTENT_TYPES)
EMPTY_SUCCESS = {"protobuf": b"", "json": b"{}"}


@pytest.mark.checklist("O1", "O2", "O5")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_three_paths_behave_alike(client: Client, encoding: str):
    requests = [request_of(make_span(path)) for path in INGEST_PATHS]
    for path, request in zip(INGEST_PATHS, requests, strict=True):
        response = client.push(request, encoding, path=path)
        assert (response.status_code, response.content) == (200, EMPTY_SUCCESS[encoding])
    assert_same_spans(client.export(), merged(*requests))


@pytest.mark.checklist("O1")
def test_get_v1_traces_is_still_the_list(client: Client):
    client.push(request_of(make_span()), path="/v1/traces")
    assert len(client.traces()) == 1


@pytest.mark.checklist("O2")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "Application/Json;charset=UTF-8",
        "application/json ; charset=utf-8",
        'application/json; charset="utf-8"; foo=bar',
    ],
)
def test_json_is_taken_under_any_spelling_of_its_type(client: Client, content_type: str):
    request = request_of(make_span())
    response = client.push_bytes(otlp_json.dumps(request), content_type)
    assert (response.status_code, response.content) == (200, b"{}")
    assert_same_spans(client.export(), request)


@pytest.mark.checklist("O2")
@pytest.mark.parametrize(
    "content_type", ["application/x-protobuf", "Application/X-Protobuf", "application/x-protobuf; encoding=delimited"]
)
def test_protobuf_is_taken_under_any_spelling_of_its_type(client: Client, content_type: str):
    request = request_of(make_span())
    response = client.push_bytes(request.SerializeToString(), content_type)
    assert (response.status_code, response.content) == (200, b"")
    assert_same_spans(client.export(), request)


@pytest.mark.checklist("O3", "O10")
@pytest.mark.parametrize("path", INGEST_PATHS)
@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application", "application/jsonx", "application/grpc", "multipart/form-data", ";"],
)
def test_a_missing_or_unknown_type_is_refused(client: Client, path: str, content_type: str | None):
    response = client.push_bytes(request_of(make_span()).SerializeToString(), content_type, path=path)
    assert_status(response, 415, "unsupported_media_type", "json")
    assert client.traces() == []


@pytest.mark.checklist("O4")
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_success_is_written_in_the_type_of_its_request(client: Client, encoding: str):
    response = client.push(request_of(make_span()), encoding)
    assert media_type(response) == CONTENT_TYPES[encoding]


@pytest.mark.checklist("O4", "O31")
def test_the_protobuf_type_is_written_without_parameters(client: Client):
    """The Go exporter compares the whole header, and reads no partial success where it differs."""
    assert client.push(request_of(make_span())).headers["Content-Type"] == PROTOBUF


@pytest.mark.checklist("O5", "O6")
@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"resourceSpans":[]}',
        b'{"resourceSpans":null}',
        b'{"resourceSpans":[{}]}',
        b'{"resourceSpans":[{"scopeSpans":[]}]}',
        b'{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{},"spans":[]}]}]}',
        b' \n\t{ "resourceSpans" : [ ] }\r\n',
        b"",
    ],
)
def test_an_empty_json_request_succeeds(client: Client, body: bytes):
    response = client.push_bytes(body, JSON)
    assert (response.status_code, response.content) == (200, b"{}")


@pytest.mark.checklist("O5", "O6")
@pytest.mark.parametrize("body", [b"", b"\x0a\x00", b"\x0a\x02\x12\x00", b"\x0a\x04\x0a\x00\x12\x00"])
def test_an_empty_protobuf_request_succeeds(client: Client, body: bytes):
    response = client.push_bytes(body, PROTOBUF)
    assert (response.status_code, response.content) == (200, b"")
    assert client.export() == TracesData()
