"""HTTP/1.1 written by hand, for what a well-behaved client library would never send."""

import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ANSWER_TIMEOUT_SECONDS = 15.0


class ConnectionEnded(Exception):
    """The server closed the connection where an answer was awaited."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def request_head(method: str, path: str, headers: dict[str, object], host: str = "localhost") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


class RawConnection:
    def __init__(self, address: tuple[str, int]):
        self.socket = socket.create_connection(address, timeout=ANSWER_TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> Answer:
        """The next response, interim ones (1xx) included."""
        head = self._read_until(b"\r\n\r\n").decode("latin-1")
        status_line, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        status = int(status_line.split(" ")[1])
        if status < 200:
            return Answer(status, headers)
        return Answer(status, headers, self._body(headers))

    def seconds_until_closed(self, timeout: float) -> float:
        """How long the server keeps the connection open; whatever it still says is dropped."""
        start = time.monotonic()
        while (passed := time.monotonic() - start) < timeout:
            if not select.select([self.socket], [], [], timeout - passed)[0]:
                break
            try:
                if not self.socket.recv(65536):
                    return time.monotonic() - start
            except ConnectionResetError:
                return time.monotonic() - start
        raise AssertionError(f"the connection is still open after {timeout:g} s")

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self._read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self._read_until(b"\r\n").split(b";")[0], 16):
            body += self._read(size)
            self._read_until(b"\r\n")
        self._read_until(b"\r\n")
        return body

    def _read_until(self, mark: bytes) -> bytes:
        while mark not in self._received:
            self._receive()
        found, _, self._received = self._received.partition(mark)
        return found + mark

    def _read(self, count: int) -> bytes:
        while len(self._received) < count:
            self._receive()
        found, self._received = self._received[:count], self._received[count:]
        return found

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionEnded(f"after {self._received!r}")
        self._received += data


@contextmanager
def connected(address: tuple[str, int]) -> Iterator[RawConnection]:
    connection = RawConnection(address)
    try:
        yield connection
    finally:
        connection.socket.close()
