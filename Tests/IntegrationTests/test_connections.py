"""HTTP connections by hand: reuse, pipelining, half-sent requests, clients that go away."""

import select
import socket
import struct
import time
from collections.abc import Callable

import pytest

from client import EXPORT, INGEST, JSON, PROTOBUF, Client
from raw_connection import RawConnection, connected, request_head
from server import Server, wait_until
from spans import assert_same_spans, make_span, merged, request_of

SHORT_TIMEOUT_SECONDS = 1
SLACK_SECONDS = 4


def ingest_head(key: str, **headers: object) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request_head("POST", INGEST, {"Authorization": f"Bearer {key}", "Content-Type": PROTOBUF, **named})


def test_one_connection_serves_many_requests(server: Server, client: Client):
    requests = [request_of(make_span(f"{number}")) for number in range(20)]
    with connected(server.address) as connection:
        for request in requests:
            body = request.SerializeToString()
            connection.send(ingest_head(client.key, Content_Length=len(body)) + body)
            assert connection.answer().status == 200
        for body in (b"\xff", b"\x0a"):
            connection.send(ingest_head(client.key, Content_Length=1) + body)
            assert connection.answer().status == 400
        connection.send(request_head("GET", "/health", {}))
        assert connection.answer().status == 200
    assert_same_spans(client.export(), merged(*requests))


def test_pipelined_requests_are_answered_in_order(server: Server, client: Client):
    body = request_of(make_span()).SerializeToString()
    sent = [
        request_head("GET", "/health", {"X-Request-Id": "first"}),
        ingest_head(client.key, Content_Length=len(body), X_Request_Id="second") + body,
        request_head("GET", "/v1/nope", {"X-Request-Id": "third"}),
        request_head("GET", "/health", {"X-Request-Id": "fourth"}),
    ]
    with connected(server.address) as connection:
        connection.send(b"".join(sent))
        answers = [connection.answer() for _ in sent]
    assert [answer.headers["x-request-id"] for answer in answers] == ["first", "second", "third", "fourth"]
    assert [answer.status for answer in answers] == [200, 200, 404, 200]


def test_connection_close_is_honoured(server: Server):
    with connected(server.address) as connection:
        connection.send(request_head("GET", "/health", {"Connection": "close"}))
        assert connection.answer().status == 200
        connection.seconds_until_closed(5)


def test_a_chunked_body_is_read(server: Server, client: Client):
    request = request_of(make_span())
    body = request.SerializeToString()
    with connected(server.address) as connection:
        connection.send(ingest_head(client.key, Transfer_Encoding="chunked"))
        for byte in body:
            connection.send(b"1\r\n" + bytes([byte]) + b"\r\n")
        connection.send(b"0\r\n\r\n")
        assert connection.answer().status == 200
    assert_same_spans(client.export(), request)


def test_expect_100_continue_gets_100_before_the_body(server: Server, client: Client):
    body = request_of(make_span()).SerializeToString()
    with connected(server.address) as connection:
        connection.send(ingest_head(client.key, Content_Length=len(body), Expect="100-continue"))
        assert connection.answer().status == 100
        connection.send(body)
        assert connection.answer().status == 200


def test_what_expects_100_continue_and_is_refused_learns_so_before_its_body(server: Server, client: Client):
    """https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1: a server may send 100 first, or the final status alone."""
    cases = [("wrong", 10, 401), (client.key, 64 * 1024 * 1024 + 1, 413)]
    for key, length, status in cases:
        with connected(server.address) as connection:
            connection.send(ingest_head(key, Content_Length=length, Expect="100-continue"))
            answer = connection.answer()
            if answer.status == 100:
                answer = connection.answer()
            assert answer.status == status


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http_is_dropped_and_harmless(server: Server, head: bytes):
    with connected(server.address) as connection:
        try:
            connection.send(head)
            connection.seconds_until_closed(15)
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert Client(server.url, None).get("/health").status_code == 200


@pytest.fixture(scope="module")
def impatient_server(tmp_path_factory: pytest.TempPathFactory):
    """A server whose every patience is one second."""
    names = ("head_timeout_s", "body_idle_timeout_s", "keepalive_s", "stream_write_stall_s")
    settings = {f"limits.{name}": SHORT_TIMEOUT_SECONDS for name in names}
    server = Server(tmp_path_factory.mktemp("impatient") / "data", settings=settings).start()
    yield server
    server.stop()


def assert_dropped_in_time(connection: RawConnection) -> None:
    passed = connection.seconds_until_closed(SHORT_TIMEOUT_SECONDS + SLACK_SECONDS)
    assert passed > SHORT_TIMEOUT_SECONDS / 2, f"dropped after {passed:.2f} s already"


def test_a_half_sent_head_is_dropped(impatient_server: Server):
    with connected(impatient_server.address) as connection:
        connection.send(b"POST /v1/otlp/traces HTTP/1.1\r\nHost: localh")
        assert_dropped_in_time(connection)


def test_a_connection_that_says_nothing_is_dropped(impatient_server: Server):
    with connected(impatient_server.address) as connection:
        assert_dropped_in_time(connection)


def drip_until_closed(connection: RawConnection, data: bytes, interval: float) -> float:
    """Sends a byte every `interval` seconds; answers how long the server bore it."""
    start = time.monotonic()
    for byte in data:
        try:
            connection.send(bytes([byte]))
        except OSError:
            return time.monotonic() - start
        if select.select([connection.socket], [], [], interval)[0]:
            return time.monotonic() - start
    raise AssertionError("the server bore every byte")


def test_a_head_that_drips_is_dropped_all_the_same(impatient_server: Server):
    """The limit is on the whole head: a client may not stay by sending a byte now and then."""
    with connected(impatient_server.address) as connection:
        head = b"GET /health HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100
        passed = drip_until_closed(connection, head, 0.2)
    assert passed < SHORT_TIMEOUT_SECONDS + SLACK_SECONDS


def test_the_second_head_of_a_connection_has_the_same_limit(impatient_server: Server):
    with connected(impatient_server.address) as connection:
        connection.send(request_head("GET", "/health", {}))
        assert connection.answer().status == 200
        connection.send(b"GET /hea")
        assert_dropped_in_time(connection)


def test_a_half_sent_body_is_dropped_and_nothing_of_it_stored(impatient_server: Server):
    client = Client(impatient_server.url, impatient_server.create_key("half@example.com"))
    body = request_of(make_span(), make_span()).SerializeToString()
    with connected(impatient_server.address) as connection:
        connection.send(ingest_head(client.key, Content_Length=len(body)) + body[:-1])
        assert_dropped_in_time(connection)
    assert client.traces() == []


def test_a_slow_but_steady_body_is_read(impatient_server: Server):
    """The limit on a body is on its pauses, not on its length."""
    client = Client(impatient_server.url, impatient_server.create_key("steady@example.com"))
    request = request_of(make_span())
    body = request.SerializeToString()
    pieces = [body[start : start + len(body) // 5 + 1] for start in range(0, len(body), len(body) // 5 + 1)]
    with connected(impatient_server.address) as connection:
        connection.send(ingest_head(client.key, Content_Length=len(body)))
        for piece in pieces:
            time.sleep(SHORT_TIMEOUT_SECONDS / 2)  # This pause is what the test is about.
            connection.send(piece)
        assert connection.answer().status == 200
    assert_same_spans(client.export(), request)


def test_an_idle_kept_connection_is_closed(impatient_server: Server):
    with connected(impatient_server.address) as connection:
        connection.send(request_head("GET", "/health", {}))
        assert connection.answer().status == 200
        assert_dropped_in_time(connection)


def test_a_reader_that_stops_reading_is_dropped(impatient_server: Server):
    client = Client(impatient_server.url, impatient_server.create_key("stalled@example.com"))
    for _ in range(12):
        client.store(request_of(*(make_span(attrs={"payload": "x" * 20_000}) for _ in range(100))))
    before = impatient_server.open_sockets()
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(impatient_server.address)
    with reader:
        reader.sendall(request_head("GET", EXPORT, {"Authorization": f"Bearer {client.key}"}))
        assert reader.recv(100)
        wait_until(lambda: impatient_server.open_sockets() > before, "the reader's connection is open")
        wait_until(lambda: impatient_server.open_sockets() <= before, "the stalled reader is dropped")
    assert client.get("/health").status_code == 200


def test_clients_that_reset_in_the_middle_leave_nothing_behind(server: Server, client: Client):
    body = request_of(make_span()).SerializeToString()
    for cut in range(0, len(body), 7):
        with connected(server.address) as connection:
            connection.send(ingest_head(client.key, Content_Length=len(body)) + body[:cut])
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert client.traces() == []
    client.store(request_of(make_span()))


def test_a_length_beside_chunks_is_no_way_to_smuggle_a_request(server: Server, client: Client):
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.1: an attempt at request smuggling; closed after the answer."""
    smuggled = request_head("GET", "/health", {"X-Request-Id": "smuggled"})
    head = request_head(
        "POST",
        INGEST,
        {
            "Authorization": f"Bearer {client.key}",
            "Content-Type": JSON,
            "Content-Length": 5 + len(smuggled),
            "Transfer-Encoding": "chunked",
        },
    )
    with connected(server.address) as connection:
        connection.send(head + b"0\r\n\r\n" + smuggled)
        answer = connection.answer()
        assert answer.headers.get("x-request-id") != "smuggled"
        assert answer.status in (200, 400)
        connection.seconds_until_closed(5)


def test_four_hundred_open_connections_do_not_keep_a_new_one_out(start_server: Callable[..., Server]):
    server = start_server()
    crowd = [RawConnection(server.address) for _ in range(400)]
    try:
        assert Client(server.url, None).get("/health", timeout=5).status_code == 200
    finally:
        for connection in crowd:
            connection.socket.close()
