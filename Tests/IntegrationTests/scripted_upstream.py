"""A provider that does as it is told: HTTP/1.1 in a thread of its own, with a script for each request.

A script is a list of steps. Bytes are sent as they are, one after the other; a `Gate` holds the answer until the test
opens it, a number for so many seconds; an `Ending` breaks the connection off. After a script without one the connection
is kept for the next request.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Self

WAIT_SECONDS = 10.0
SEND_BUFFER_BYTES = 65536


class Gate:
    """Where a script waits until the test lets it go on."""

    def __init__(self):
        self._opened: Future[None] = Future()
        self._reached = threading.Event()

    def open(self) -> None:
        if not self._opened.done():
            self._opened.set_result(None)

    def wait_until_reached(self, timeout: float = WAIT_SECONDS) -> None:
        assert self._reached.wait(timeout), f"no script came to the gate within {timeout:g} s"

    async def passed(self) -> None:
        self._reached.set()
        await asyncio.shield(asyncio.wrap_future(self._opened))


class Ending(Enum):
    RESET = auto()
    """The connection is reset, RST instead of FIN."""
    CLOSE = auto()
    """The connection is closed, whatever was announced."""
    SILENCE = auto()
    """Nothing more is said until the client goes away."""


Step = bytes | float | Gate | Ending
Script = Sequence[Step] | Callable[["Received"], Sequence[Step]]


@dataclass
class Received:
    """A request as it came, and what became of it. Times are those of `time.monotonic`."""

    method: str
    path: str
    fields: list[tuple[str, str]]
    body: bytes
    received_at: float
    connection: int
    """The client's port."""
    sent_bytes: int = 0
    """How much of the answer the system took."""
    hung_up_at: float | None = None
    """When the client closed or reset the connection before the script had ended."""
    ended: threading.Event = field(default_factory=threading.Event)
    """The script is over, or the client is gone."""

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.fields}

    def json(self) -> dict:
        return json.loads(self.body)

    def wait_until_hung_up(self, timeout: float = WAIT_SECONDS) -> float:
        """When the client hung up."""
        assert self.ended.wait(timeout), f"the client is still there after {timeout:g} s"
        assert self.hung_up_at is not None, "the client read the whole answer"
        return self.hung_up_at


class ScriptedUpstream:
    """Serves every path. The request's `model` says whose script is next; a model's last script is used again."""

    def __init__(self):
        self._scripts: dict[str, list[Script]] = {}
        self._received: defaultdict[str, list[Received]] = defaultdict(list)
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="upstream", daemon=True)
        self.url = ""

    def start(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._thread.start()
        serving = self._loop.create_server(lambda: _Connection(self), sock=listener, backlog=4096)
        asyncio.run_coroutine_threadsafe(serving, self._loop).result()
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def script(self, model: str, *scripts: Script) -> None:
        self._scripts[model] = list(scripts)

    def received(self, model: str) -> list[Received]:
        """What came for a model so far, in its order."""
        with self._changed:
            return list(self._received[model])

    def wait_for(self, model: str, count: int = 1, timeout: float = WAIT_SECONDS) -> list[Received]:
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._received[model]) >= count, timeout)
            assert came, f"{len(self._received[model])} of {count} requests for {model} after {timeout:g} s"
            return list(self._received[model])

    def take(self, request: Received) -> Sequence[Step]:
        """Notes a request and says what to answer."""
        try:
            model = str(request.json()["model"])
        except (ValueError, KeyError, TypeError):
            model = ""
        with self._changed:
            self._received[model].append(request)
            self._changed.notify_all()
            scripts = self._scripts.get(model, [])
            script = scripts.pop(0) if len(scripts) > 1 else next(iter(scripts), None)
        if script is None:
            return [b"HTTP/1.1 500 No Script\r\nContent-Length: 0\r\n\r\n"]
        return script(request) if callable(script) else script


class _Connection(asyncio.Protocol):
    def __init__(self, upstream: ScriptedUpstream):
        self._upstream = upstream
        self._buffer = b""
        self._gone = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._current: Received | None = None
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._client_port: int = transport.get_extra_info("peername")[1]
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._take_request()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def eof_received(self) -> None:
        self._hang_up()

    def connection_lost(self, _: Exception | None) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        if self._current is not None and self._current.hung_up_at is None:
            self._current.hung_up_at = time.monotonic()
            self._current.ended.set()
        self._gone.set()
        self._writable.set()
        if self._answering is not None:
            self._answering.cancel()

    def _take_request(self) -> None:
        if self._current is not None or (request := self._parsed()) is None:
            return
        self._current = request
        self._answering = asyncio.get_running_loop().create_task(self._answer(request))

    def _parsed(self) -> Received | None:
        """The next request, once all of it is here."""
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return None
        request_line, *lines = head.decode("latin-1").split("\r\n")
        fields = [(name, value.strip()) for name, value in (line.split(":", 1) for line in lines)]
        headers = {name.lower(): value for name, value in fields}
        assert "transfer-encoding" not in headers, "the length of a request is announced"
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        method, path, _ = request_line.split(" ")
        return Received(method, path, fields, rest[:length], time.monotonic(), self._client_port)

    async def _answer(self, request: Received) -> None:
        for step in self._upstream.take(request):
            match step:
                case Gate():
                    await step.passed()
                case float():
                    await asyncio.sleep(step)
                case Ending.SILENCE:
                    await self._gone.wait()
                case Ending():
                    self._break_off(step)
                    break
                case _:
                    self._transport.write(step)
                    # Others get their turn, and the news that the client is gone gets in.
                    await asyncio.sleep(0)
                    await self._writable.wait()
                    request.sent_bytes += len(step)
        self._current = None
        request.ended.set()
        self._take_request()

    def _break_off(self, ending: Ending) -> None:
        if ending is Ending.RESET:
            # A linger time of zero makes closing a reset: `man 7 socket`.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        else:
            self._transport.close()


def answer(
    body: object, status: int = 200, content_type: str | None = "application/json", **headers: object
) -> list[Step]:
    """A whole answer at once; what is not bytes is sent as JSON. Underscores in names of headers become hyphens."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    described = {"Content-Type": content_type, "Content-Length": len(data), **headers}
    return [_head(status, described) + data]


def streamed(*pieces: Step, content_type: str | None = "text/event-stream", **headers: object) -> list[Step]:
    """An answer in chunks: each of `pieces` that is bytes is one, so that the reader sees where it is cut."""
    described = {"Content-Type": content_type, "Transfer-Encoding": "chunked", **headers}
    steps: list[Step] = [_head(200, described)]
    steps += [_chunk(piece) if isinstance(piece, bytes) else piece for piece in pieces]
    if not any(isinstance(piece, Ending) for piece in pieces):
        steps.append(b"0\r\n\r\n")
    return steps


def in_bytes(data: bytes) -> list[bytes]:
    """Each byte alone."""
    return [data[index : index + 1] for index in range(len(data))]


def cut_chunk(data: bytes) -> list[Step]:
    """A chunk that announces more than it has, then a reset."""
    return [_head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}),
            f"{len(data) + 10:x}\r\n".encode() + data, Ending.RESET]  # fmt: skip


def _head(status: int, headers: dict[str, object]) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status} Scripted", *lines, "", ""]).encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
