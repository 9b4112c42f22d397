"""GET /v1/otlp/export: one valid TracesData document, negotiated, filtered, stable while others write."""

import threading

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

import otlp_json
from client import EXPORT, JSON, PROTOBUF, Client
from rpc_status import assert_status, media_type
from server import Server
from spans import all_spans, assert_same_spans, in_pieces, make_span, merged, new_trace_id, now, request_of
from test_traces_list import rfc3339


@pytest.mark.checklist("O33")
@pytest.mark.parametrize(
    ("query", "accept", "expected"),
    [
        ({}, None, JSON),
        ({}, "*/*", JSON),
        ({}, "application/json", JSON),
        ({}, "application/x-protobuf", PROTOBUF),
        ({}, "Application/X-Protobuf", PROTOBUF),
        ({}, "application/json;q=0.5, application/x-protobuf", PROTOBUF),
        ({}, "application/x-protobuf;q=0.1, application/json;q=0.9", JSON),
        ({}, "text/html", JSON),
        ({"format": "protobuf"}, None, PROTOBUF),
        ({"format": "json"}, None, JSON),
        ({"format": "protobuf"}, "application/json", PROTOBUF),
        ({"format": "json"}, "application/x-protobuf", JSON),
    ],
    ids=str,
)
def test_the_format_is_asked_for_by_parameter_or_accept(client: Client, query: dict, accept: str | None, expected: str):
    sent = request_of(make_span())
    client.store(sent)
    response = client.get(EXPORT, params=query, headers={"Accept": accept})
    assert (response.status_code, media_type(response)) == (200, expected)
    read = TracesData.FromString if expected == PROTOBUF else otlp_json.loads
    assert_same_spans(read(response.content), sent)


@pytest.mark.checklist("O33")
def test_an_empty_export_is_an_empty_document(client: Client):
    assert client.get(EXPORT).json() == {"resourceSpans": []}
    assert client.get(EXPORT, params={"format": "protobuf"}).content == b""


@pytest.mark.checklist("O33")
def test_filters_choose_spans(client: Client):
    trace_id, begin = new_trace_id(), now()
    spans = {
        name: make_span(name, start_time_unix_nano=begin + number, **({"trace_id": trace_id} if number < 2 else {}))
        for number, name in enumerate("abcd")
    }
    services = {"a": "front", "b": "back", "c": "front", "d": "back"}
    for name, span in spans.items():
        client.store(request_of(span, service=services[name]))

    def exported(**filters: object) -> str:
        return "".join(sorted(span.name for span in all_spans(client.export(**filters))))

    assert exported() == "abcd"
    assert exported(trace_id=trace_id.hex()) == "ab"
    assert exported(trace_id=trace_id.hex().upper()) == "ab"
    assert exported(trace_id=new_trace_id().hex()) == ""
    assert exported(service="front") == "ac"
    assert exported(service="nobody") == ""
    assert exported(service="back", trace_id=trace_id.hex()) == "b"
    assert exported(run_id="run_0123456789abcdefghij") == ""
    for spell in (str, rfc3339):
        assert exported(start=spell(begin + 1)) == "bcd"
        assert exported(end=spell(begin + 2)) == "ab"
        assert exported(start=spell(begin + 1), end=spell(begin + 3)) == "bc"
        assert exported(start=spell(begin), end=spell(begin)) == ""


@pytest.mark.checklist("O33")
def test_a_time_zone_other_than_utc_is_understood(client: Client):
    span = make_span(start_time_unix_nano=1_700_000_000_000_000_000)  # 2023-11-14T22:13:20Z
    client.store(request_of(span))
    assert len(all_spans(client.export(start="2023-11-15T00:13:20+02:00"))) == 1
    assert len(all_spans(client.export(start="2023-11-15T00:13:21+02:00"))) == 0
    assert len(all_spans(client.export(end="2023-11-14T22:13:20Z"))) == 0


@pytest.mark.checklist("O33")
@pytest.mark.parametrize(
    "query",
    [
        {"trace_id": "1" * 31},
        {"trace_id": "g" * 32},
        {"trace_id": ""},
        {"run_id": "17"},
        {"start": "yesterday"},
        {"start": "-1"},
        {"end": "2024-02-30T00:00:00Z"},
        {"end": str(2**64)},
        {"format": "xml"},
        {"limit": "0"},
        {"limit": "-3"},
        {"limit": "many"},
        {"cursor": "not a cursor"},
    ],
    ids=str,
)
def test_a_malformed_filter_is_400(client: Client, query: dict):
    assert_status(client.get(EXPORT, params=query), 400, "invalid_request", "json")


@pytest.mark.checklist("O33")
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_pages_hold_every_span_once(client: Client, encoding: str):
    sent = [request_of(*(make_span(f"{number}") for number in range(7)), service=f"s{group}") for group in range(5)]
    for request in sent:
        client.store(request)
    pages, path = [], f"{EXPORT}?format={encoding}&limit=10"
    while path:
        response = client.get(path)
        assert response.status_code == 200, response.content
        pages.append((TracesData.FromString if encoding == "protobuf" else otlp_json.loads)(response.content))
        assert len(all_spans(pages[-1])) <= 10
        path = client.next_page(response)
    assert_same_spans(merged(*pages), merged(*sent))


@pytest.mark.checklist("O33")
@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_an_export_is_whole_and_valid_while_others_write(own_server: Server, encoding: str):
    key = own_server.create_key("a@example.com")
    acknowledged: list[TracesData] = []
    done = threading.Event()

    def write() -> None:
        client = Client(own_server.url, key)
        while not done.is_set():
            request = request_of(*(make_span() for _ in range(20)))
            client.store(request)
            acknowledged.append(request)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    client = Client(own_server.url, key)
    try:
        for _ in range(8):
            certain = list(acknowledged)
            read = in_pieces(client.export(encoding))
            assert not in_pieces(merged(*certain)) - read, "an acknowledged span is missing"
            assert max(read.values(), default=1) == 1, "a span came twice"
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert_same_spans(client.export(encoding), merged(*acknowledged))


@pytest.mark.checklist("O33")
def test_an_export_survives_the_reader_going_away(client: Client, server: Server):
    for _ in range(10):
        client.store(request_of(*(make_span(attrs={"payload": "x" * 2_000}) for _ in range(500))))
    for _ in range(5):
        response = client.get(EXPORT, stream=True)
        response.raw.read(1_000)
        response.raw.close()
    assert client.get("/health").status_code == 200
    assert len(all_spans(client.export())) == 5_000


@pytest.mark.checklist("O33", "O34")
def test_what_was_exported_can_be_ingested_again(server: Server, client: Client):
    sent = request_of(*(make_span(f"{number}") for number in range(30)))
    client.store(sent)
    other = Client(server.url, server.create_key("reimport@example.com"))
    for encoding in ("protobuf", "json"):
        exported = client.get(EXPORT, params={"format": encoding})
        assert other.push_bytes(exported.content, exported.headers["Content-Type"]).status_code == 200
        assert_same_spans(other.export(), sent)
