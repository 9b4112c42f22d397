"""Bodies too large, too many requests at once, a full disk: clear answers, nothing half-stored, recovery by itself."""

import threading
from collections.abc import Callable

import pytest

from client import CONTENT_TYPES, INGEST, PROTOBUF, Client
from raw_connection import RawConnection, connected, request_head
from rpc_status import RESOURCE_EXHAUSTED, UNAVAILABLE, status_of
from server import Server, wait_until
from small_disk import SmallDisk, push_until_refused
from spans import assert_same_spans, make_span, merged, request_of

MIB = 1024 * 1024
BODY_BYTES_MAX = 64 * MIB


@pytest.mark.checklist("O14")
@pytest.mark.parametrize("encoding", CONTENT_TYPES)
def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(client: Client, server: Server, encoding: str):
    headers = {
        "Authorization": f"Bearer {client.key}",
        "Content-Type": CONTENT_TYPES[encoding],
        "Content-Length": BODY_BYTES_MAX + 1,
    }
    with connected(server.address) as connection:
        connection.send(request_head("POST", INGEST, headers))
        answer = connection.answer()
    assert (answer.status, answer.headers["content-type"]) == (413, CONTENT_TYPES[encoding])


@pytest.mark.checklist("O14")
def test_a_chunked_body_is_refused_once_it_grows_too_large(start_server: Callable[..., Server]):
    server = start_server(settings={"limits.body_bytes": 100_000})
    headers = {
        "Authorization": f"Bearer {server.create_key('a@example.com')}",
        "Content-Type": PROTOBUF,
        "Transfer-Encoding": "chunked",
    }
    with connected(server.address) as connection:
        connection.send(request_head("POST", INGEST, headers))
        for _ in range(11):
            connection.send(b"2710\r\n" + b"\0" * 10_000 + b"\r\n")
        assert connection.answer().status == 413


@pytest.mark.checklist("O14")
@pytest.mark.parametrize("size", [1_000_001, 3_000_000, 8_000_000])
def test_a_client_that_sends_everything_regardless_still_reads_413(start_server: Callable[..., Server], size: int):
    """Closing with unread bytes would reset the connection, and the client would see no answer at all."""
    server = start_server(settings={"limits.body_bytes": 1_000_000})
    response = Client(server.url, server.create_key("a@example.com")).push_bytes(b"\0" * size)
    assert response.status_code == 413
    status_of(response, "protobuf")


@pytest.mark.parametrize("valid_key", [True, False], ids=["413", "401"])
def test_a_connection_that_is_closed_after_a_refusal_was_said_to_be(
    start_server: Callable[..., Server], valid_key: bool
):
    """Otherwise a client that keeps its connections sends its next request into a dead one.

    https://www.rfc-editor.org/rfc/rfc9112#section-9.6
    """
    server = start_server(settings={"limits.body_bytes": 1_000_000})
    key = server.create_key("a@example.com") if valid_key else "wrong"
    body = bytes(8_000_000)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": PROTOBUF, "Content-Length": len(body)}
    with connected(server.address) as connection:
        connection.send(request_head("POST", INGEST, headers))
        answer = connection.answer()
        assert answer.status == (413 if valid_key else 401)
        if answer.headers.get("connection", "").lower() != "close":
            connection.send(body)
            connection.send(request_head("GET", "/health", {}))
            assert connection.answer().status == 200


@pytest.mark.checklist("O14")
def test_a_body_of_exactly_the_limit_is_read(start_server: Callable[..., Server]):
    request = request_of(make_span())
    body = request.SerializeToString()
    server = start_server(settings={"limits.body_bytes": len(body)})
    client = Client(server.url, server.create_key("a@example.com"))
    assert client.push_bytes(body).status_code == 200
    assert client.push_bytes(body + b"\x0a\x00").status_code == 413


@pytest.mark.checklist("O11", "O12")
def test_overload_is_answered_503_with_retry_after_and_stores_all_or_nothing(start_server: Callable[..., Server]):
    """More than the ingest queue holds, from many connections at once, until some of it is turned away."""
    server = start_server(settings={"limits.ingest_queue_bytes": 300_000})
    key = server.create_key("a@example.com")
    refused, accepted, unexpected = [], [], []
    enough = threading.Event()

    def write() -> None:
        client = Client(server.url, key)
        for _ in range(40):
            request = request_of(*(make_span(attrs={"payload": "x" * 2_000}) for _ in range(100)))
            response = client.push(request)
            outcome = {200: accepted, 429: refused, 503: refused}.get(response.status_code, unexpected)
            outcome.append((request, response))
            if unexpected or (refused and len(accepted) > 10) or enough.is_set():
                break
        enough.set() if refused and accepted else None

    writers = [threading.Thread(target=write) for _ in range(24)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert not unexpected, unexpected[0][1].content
    assert refused, "the queue never filled"
    for _, response in refused:
        assert int(response.headers["Retry-After"]) >= 1
        status = status_of(response, "protobuf")
        assert (response.status_code, status.code) in ((503, UNAVAILABLE), (429, RESOURCE_EXHAUSTED))
        assert status.message.startswith(("service_unavailable", "rate_limited"))

    client = Client(server.url, key)
    assert_same_spans(client.export(), merged(*(request for request, _ in accepted)))
    again = refused[0][0]
    wait_until(lambda: client.push(again).status_code == 200, "a refused request is taken later")
    assert_same_spans(client.export(), merged(again, *(request for request, _ in accepted)))


@pytest.mark.checklist("O11")
def test_half_sent_bodies_fill_the_queue_too_and_give_it_back(start_server: Callable[..., Server]):
    """Otherwise slow clients could hold as much memory as they like."""
    server = start_server(settings={"limits.ingest_queue_bytes": 1_000_000})
    key = server.create_key("a@example.com")
    client, request = Client(server.url, key), request_of(make_span(attrs={"payload": "x" * 250_000}))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": PROTOBUF, "Content-Length": 300_000}
    slow = [RawConnection(server.address) for _ in range(8)]
    for connection in slow:
        connection.send(request_head("POST", INGEST, headers) + b"\0" * 250_000)
    wait_until(lambda: client.push(request).status_code == 503, "the queue is full")
    assert int(client.push(request).headers["Retry-After"]) >= 1
    assert client.traces() == []

    for connection in slow:
        connection.socket.close()
    wait_until(lambda: client.push(request).status_code == 200, "the queue has room again")
    assert client.trace(request.resource_spans[0].scope_spans[0].spans[0].trace_id)["span_count"] == 1


@pytest.mark.checklist("O11", "O12")
@pytest.mark.parametrize("encoding", CONTENT_TYPES)
def test_a_full_disk_is_503_and_heals_without_a_restart(
    small_disk: SmallDisk, start_server: Callable[..., Server], encoding: str
):
    server = start_server(small_disk.folder / "data")
    key = server.create_key("a@example.com")
    client = Client(server.url, key)
    accepted = [request_of(make_span("before the disk was full"))]
    client.store(accepted[0])
    small_disk.fill()

    refused = push_until_refused(client, accepted, encoding)
    response = client.push(refused, encoding)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    status = status_of(response, encoding)
    assert (status.code, status.message.split(":")[0]) == (UNAVAILABLE, "service_unavailable")
    assert_same_spans(client.export(), merged(*accepted))
    assert len(client.traces(limit=1)) == 1

    small_disk.free()
    last = request_of(make_span("after space was freed"))
    wait_until(lambda: client.push(last, encoding).status_code == 200, "spans are taken again", timeout=20)
    accepted.append(last)
    assert_same_spans(client.export(), merged(*accepted))

    server.restart()
    assert_same_spans(Client(server.url, key).export(), merged(*accepted))
