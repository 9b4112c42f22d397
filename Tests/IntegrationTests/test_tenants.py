"""One tenant can not read, alter or infer another's data."""

import pytest

from client import EXPORT, Client
from server import Server, fresh_user
from spans import all_spans, assert_same_spans, make_span, request_of


@pytest.fixture
def two_clients(server: Server) -> tuple[Client, Client]:
    return Client(server.url, server.create_key(fresh_user())), Client(server.url, server.create_key(fresh_user()))


@pytest.mark.checklist("O28")
def test_another_tenants_trace_is_not_found(two_clients: tuple[Client, Client]):
    owner, stranger = two_clients
    span = make_span()
    owner.store(request_of(span))

    response = stranger.get(f"/v1/traces/{span.trace_id.hex()}")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
    assert stranger.traces() == []
    assert all_spans(stranger.export()) == []
    assert all_spans(stranger.export(trace_id=span.trace_id.hex())) == []
    assert all_spans(stranger.export(service="checkout")) == []


@pytest.mark.checklist("O28")
def test_the_same_trace_id_in_two_tenants_never_merges(two_clients: tuple[Client, Client]):
    span = make_span("original")
    other = make_span("other", trace_id=span.trace_id, span_id=span.span_id)
    for client, sent in zip(two_clients, (span, other), strict=True):
        client.store(request_of(sent))

    for client, sent in zip(two_clients, (span, other), strict=True):
        assert_same_spans(client.export(), request_of(sent))
        detail = client.trace(span.trace_id)
        assert [read["name"] for read in detail["spans"]] == [sent.name]
        assert not detail.get("conflict")
        assert [item["span_count"] for item in client.traces()] == [1]


@pytest.mark.checklist("O28")
def test_equal_spans_of_two_tenants_are_kept_for_both(two_clients: tuple[Client, Client]):
    request = request_of(make_span())
    for client in two_clients:
        client.store(request)
    for client in two_clients:
        assert_same_spans(client.export(), request)


@pytest.mark.checklist("O28")
def test_tenants_stay_apart_after_a_restart(own_server: Server):
    keys = [own_server.create_key(f"{name}@example.com") for name in "ab"]
    span = make_span()
    requests = [request_of(span, service=name) for name in "ab"]
    for key, request in zip(keys, requests, strict=True):
        Client(own_server.url, key).store(request)
    own_server.restart()
    for key, request in zip(keys, requests, strict=True):
        assert_same_spans(Client(own_server.url, key).export(), request)


@pytest.mark.checklist("O28")
def test_two_keys_of_one_user_see_the_same_spans(server: Server):
    user = fresh_user()
    writer = Client(server.url, server.create_key(user, scopes="otlp:write"))
    reader = Client(server.url, server.create_key(user.upper(), scopes="traces:read"))
    request = request_of(make_span())
    writer.store(request)
    assert_same_spans(reader.export(), request)


@pytest.mark.checklist("O28")
def test_a_cursor_of_one_tenant_shows_another_nothing(two_clients: tuple[Client, Client]):
    owner, stranger = two_clients
    for _ in range(3):
        owner.store(request_of(make_span()))
    page = owner.get("/v1/traces", params={"limit": 1})
    response = stranger.get("/v1/traces?" + page.links["next"]["url"].partition("?")[2])
    assert response.status_code == 400 or response.json()["items"] == []


@pytest.mark.checklist("O29")
def test_a_forged_run_id_makes_no_run(client: Client):
    forged = {
        "batchin.run_id": "run_0123456789abcdefghij",
        "batchin.record_id": "vaas_" + "0" * 32,
        "batchin.route_id": "default-route",
        "batchin.prompt.version": "support@v2",
        "batchin.origin": "gateway",
    }
    span = make_span(attrs=forged)
    client.store(request_of(span))

    detail = client.trace(span.trace_id)
    assert detail["runs"] == []
    assert [detail[name] for name in ("run_id", "record_id", "route_id", "prompt_version_id")] == [None] * 4
    assert [read["origin"] for read in detail["spans"]] == ["ingested"]
    assert client.get(EXPORT, params={"run_id": forged["batchin.run_id"]}).json() == {"resourceSpans": []}
