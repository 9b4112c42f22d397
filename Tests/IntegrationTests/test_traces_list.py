"""GET /v1/traces: shape, order, filters, paging, validation."""

from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from client import Client
from server import Server, fresh_user
from spans import NANOSECONDS_PER_SECOND, make_span, new_trace_id, now, request_of

ORIGINAL_FIELDS = [
    "trace_id",
    "run_id",
    "record_id",
    "route_id",
    "provider",
    "environment",
    "prompt_version_id",
    "model_id",
]
ADDED_FIELDS = ["started_at", "duration_ms", "status", "service", "span_count"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(nanoseconds: int) -> str:
    seconds, fraction = divmod(nanoseconds, NANOSECONDS_PER_SECOND)
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S") + f".{fraction:09d}Z"


def names_of(client: Client, by_id: dict[str, str], **filters: object) -> list[str]:
    return [by_id[item["trace_id"]] for item in client.traces(**filters)]


@pytest.fixture
def fleet(client: Client) -> tuple[Client, dict[str, str]]:
    """Four one-span traces that differ in everything one can filter by, the newest last."""
    begin = now() - 3600 * NANOSECONDS_PER_SECOND
    kinds = [Span.SPAN_KIND_INTERNAL, Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_PRODUCER]
    codes = [Status.STATUS_CODE_UNSET, Status.STATUS_CODE_OK, Status.STATUS_CODE_ERROR, Status.STATUS_CODE_UNSET]
    by_id = {}
    for number, name in enumerate(["a", "b", "c", "d"]):
        span = make_span(
            f"op {name}",
            duration_ms=10 * (number + 1),
            kind=kinds[number],
            status=Status(code=codes[number]),
            start_time_unix_nano=begin + number * 60 * NANOSECONDS_PER_SECOND,
            attrs={"letter": name, "number": number, "even": number % 2 == 0, "half": number + 0.5, "eq": "x=y"},
        )
        client.store(request_of(span, service=f"service {name}"))
        by_id[span.trace_id.hex()] = name
    return client, by_id


def test_a_tenant_without_traces_has_an_empty_list(client: Client):
    body = client.get("/v1/traces").json()
    assert body["items"] == []
    assert not body.get("next_cursor")


def test_an_item_has_the_eight_original_fields_and_ours(client: Client):
    start = 1_700_000_000_123_456_789
    span = make_span(start_time_unix_nano=start, duration_ms=25, status=Status(code=1))
    client.store(request_of(span))
    [item] = client.traces()
    assert [name for name in ORIGINAL_FIELDS + ADDED_FIELDS if name not in item] == []
    assert item["trace_id"] == span.trace_id.hex()
    assert [item[name] for name in ORIGINAL_FIELDS if name != "trace_id"] == [None] * 7
    assert (item["duration_ms"], item["status"], item["service"], item["span_count"]) == (25, "ok", "checkout", 1)
    assert item["started_at"].endswith("Z")
    started = datetime.fromisoformat(item["started_at"])
    assert abs(started - (EPOCH + timedelta(microseconds=start / 1000))) < timedelta(milliseconds=1)


@pytest.mark.parametrize(("code", "word"), [(0, "unset"), (1, "ok"), (2, "error")])
def test_status_is_a_word(client: Client, code: int, word: str):
    client.store(request_of(make_span(status=Status(code=code))))
    assert [item["status"] for item in client.traces()] == [word]


def test_a_trace_spans_from_its_first_start_to_its_last_end(client: Client):
    trace_id, start = new_trace_id(), now()
    root = make_span("root", trace_id=trace_id, start_time_unix_nano=start, duration_ms=100)
    late = make_span(
        "late", trace_id=trace_id, parent_span_id=root.span_id, start_time_unix_nano=start + 50_000_000, duration_ms=200
    )
    client.store(request_of(root, service="front"))
    client.store(request_of(late, service="back"))
    [item] = client.traces()
    assert (item["duration_ms"], item["service"], item["span_count"]) == (250, "front", 2)


def test_the_latest_start_comes_first(fleet: tuple[Client, dict[str, str]]):
    client, by_id = fleet
    assert names_of(client, by_id) == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"service": "service b"}, "b"),
        ({"service": "SERVICE B"}, ""),
        ({"service": "nobody"}, ""),
        ({"operation": "op c"}, "c"),
        ({"operation": "op"}, ""),
        ({"kind": "internal"}, "a"),
        ({"kind": "server"}, "b"),
        ({"kind": "client"}, "c"),
        ({"kind": "producer"}, "d"),
        ({"kind": "consumer"}, ""),
        ({"status": "ok"}, "b"),
        ({"status": "error"}, "c"),
        ({"status": "unset"}, "da"),
        ({"min_duration_ms": 30}, "dc"),
        ({"max_duration_ms": 20}, "ba"),
        ({"min_duration_ms": 20, "max_duration_ms": 30}, "cb"),
        ({"min_duration_ms": 41}, ""),
        ({"attr": "letter=c"}, "c"),
        ({"attr": "number=2"}, "c"),
        ({"attr": "even=true"}, "ca"),
        ({"attr": "half=1.5"}, "b"),
        ({"attr": "eq=x=y"}, "dcba"),
        ({"attr": "service.name=service a"}, "a"),
        ({"attr": ["even=true", "letter=a"]}, "a"),
        ({"attr": ["letter=a", "letter=b"]}, ""),
        ({"attr": "nothing=x"}, ""),
        ({"service": "service d", "kind": "producer", "status": "unset", "operation": "op d"}, "d"),
        ({"service": "service d", "kind": "server"}, ""),
        ({"run_id": "run_0123456789abcdefghij"}, ""),
        ({"record_id": "vaas_" + "0" * 32}, ""),
        ({"model": "qwen3-32b"}, ""),
        ({"prompt_version": "support@v2"}, ""),
        ({"unknown_filter": "is ignored"}, "dcba"),
    ],
    ids=str,
)
def test_filters_choose(fleet: tuple[Client, dict[str, str]], filters: dict, expected: str):
    client, by_id = fleet
    assert "".join(names_of(client, by_id, **filters)) == expected


@pytest.mark.parametrize("spell", [str, rfc3339], ids=["nanoseconds", "RFC 3339"])
def test_start_is_inclusive_and_end_exclusive(client: Client, spell):
    begin = 1_700_000_000_000_000_001
    by_id = {}
    for number, name in enumerate("abc"):
        span = make_span(start_time_unix_nano=begin + number)
        client.store(request_of(span))
        by_id[span.trace_id.hex()] = name
    assert "".join(names_of(client, by_id, start=spell(begin + 1))) == "cb"
    assert "".join(names_of(client, by_id, end=spell(begin + 2))) == "ba"
    assert "".join(names_of(client, by_id, start=spell(begin + 1), end=spell(begin + 2))) == "b"
    assert "".join(names_of(client, by_id, start=spell(begin), end=spell(begin))) == ""


def test_a_filter_looks_at_every_span_of_a_trace(client: Client):
    root = make_span("root")
    child = make_span("child", trace_id=root.trace_id, parent_span_id=root.span_id, attrs={"deep": "yes"})
    client.store(request_of(root, service="front"))
    client.store(request_of(child, service="back"))
    for filters in ({"service": "back"}, {"operation": "child"}, {"attr": "deep=yes"}, {"service": "front"}):
        assert [item["trace_id"] for item in client.traces(**filters)] == [root.trace_id.hex()], filters


@pytest.mark.parametrize(
    "filters",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"limit": "1.5"},
        {"limit": "99999999999999999999"},
        {"kind": "banana"},
        {"status": "banana"},
        {"min_duration_ms": "soon"},
        {"min_duration_ms": "-1"},
        {"start": "yesterday"},
        {"end": "2024-13-01T00:00:00Z"},
        {"attr": "no equals sign"},
        {"attr": "=value"},
        {"run_id": "not a run"},
        {"cursor": "not a cursor"},
    ],
    ids=str,
)
def test_a_malformed_filter_is_400_and_named(client: Client, filters: dict):
    response = client.get("/v1/traces", params=filters)
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert (error["code"], error["type"], error["param"]) == (
        "invalid_request",
        "invalid_request_error",
        next(iter(filters)),
    )


def test_validation_comes_before_the_scope(server: Server):
    writer = Client(server.url, server.create_key(fresh_user(), scopes="otlp:write"))
    assert writer.get("/v1/traces", params={"limit": 0}).status_code == 400
    response = writer.get("/v1/traces")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def store_traces(client: Client, count: int, *, same_start: bool = False) -> list[str]:
    """Ids of new traces, the latest start first."""
    begin = now()
    spans = [make_span(start_time_unix_nano=begin if same_start else begin + number) for number in range(count)]
    client.store(request_of(*spans))
    return [span.trace_id.hex() for span in reversed(spans)]


def test_twenty_come_unasked_and_a_hundred_at_most(client: Client):
    ids = store_traces(client, 120)
    assert [item["trace_id"] for item in client.traces()] == ids[:20]
    assert [item["trace_id"] for item in client.traces(limit=100)] == ids[:100]


@pytest.mark.parametrize("same_start", [False, True], ids=["different starts", "all start at once"])
@pytest.mark.parametrize("limit", [1, 4, 10])
def test_the_link_header_leads_through_every_trace_once(client: Client, limit: int, same_start: bool):
    ids = store_traces(client, 10, same_start=same_start)
    seen, path = [], f"/v1/traces?limit={limit}"
    while path:
        response = client.get(path)
        assert response.status_code == 200, response.text
        page = [item["trace_id"] for item in response.json()["items"]]
        assert len(page) <= limit
        seen += page
        path = client.next_page(response)
        assert path is None or page, "an empty page that claims to have a successor"
    assert sorted(seen) == sorted(ids)
    assert same_start or seen == ids


def test_the_body_says_the_same_cursor(client: Client):
    ids = store_traces(client, 5)
    first = client.get("/v1/traces", params={"limit": 2})
    cursor = first.json()["next_cursor"]
    assert f"cursor={cursor}" in first.links["next"]["url"]
    second = client.get("/v1/traces", params={"limit": 3, "cursor": cursor})
    assert [item["trace_id"] for item in second.json()["items"]] == ids[2:]
    assert not second.json().get("next_cursor")
    assert "next" not in second.links


def test_the_next_page_keeps_the_filters(client: Client):
    for number in range(6):
        client.store(request_of(make_span(start_time_unix_nano=now() + number), service=f"s{number % 2} &?="))
    response = client.get("/v1/traces", params={"limit": 2, "service": "s1 &?="})
    rest = client.get(client.next_page(response)).json()["items"]
    assert [item["service"] for item in response.json()["items"] + rest] == ["s1 &?="] * 3


def test_traces_that_arrive_while_paging_do_not_disturb_it(client: Client):
    ids = store_traces(client, 6)
    first = client.get("/v1/traces", params={"limit": 3})
    store_traces(client, 4)
    second = client.get("/v1/traces", params={"limit": 3, "cursor": first.json()["next_cursor"]})
    assert [item["trace_id"] for item in first.json()["items"] + second.json()["items"]] == ids


def test_links_are_made_from_public_url_and_never_from_the_host_header(start_server):
    server = start_server(settings={"public_url": "https://traces.example.com"})
    client = Client(server.url, server.create_key("a@example.com"))
    store_traces(client, 2)
    response = client.get("/v1/traces", params={"limit": 1}, headers={"Host": "evil.example.net"})
    assert response.links["next"]["url"].startswith("https://traces.example.com/v1/traces?")
