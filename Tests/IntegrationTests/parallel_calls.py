"""Many calls at once with little work for each: one connection a call, HTTP/1.1 as it is on the wire."""

import asyncio
import json
import re
import resource
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass

CHAT = "/v1/chat/completions"
READ_SECONDS = 60


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes
    is_whole: bool
    """The body came to the end that the head announced."""

    @property
    def run_id(self) -> str:
        return self.headers["x-batchin-run-id"]


def allow_many_sockets() -> None:
    """As many open files as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def chat_request(key: str, model: str, content: str, path: str = CHAT, **fields: object) -> bytes:
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": content}], **fields}).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def call(address: tuple[str, int], request: bytes) -> Reply | None:
    """The reply as far as it came; None if not even its head did."""
    reader, writer = await asyncio.open_connection(*address, limit=1 << 20)
    received = b""
    try:
        writer.write(request)
        async with asyncio.timeout(READ_SECONDS):
            while piece := await reader.read(1 << 16):
                received += piece
    except ConnectionError:
        pass
    finally:
        writer.close()
    return _reply(received)


def run_all(calls: Iterable[Awaitable]) -> list:
    async def run() -> list:
        return await asyncio.gather(*calls)

    return asyncio.run(run())


def _reply(received: bytes) -> Reply | None:
    head, mark, rest = received.partition(b"\r\n\r\n")
    if not mark:
        return None
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body, is_whole = _joined_chunks(rest)
    else:
        body, is_whole = rest, len(rest) == int(headers["content-length"])
    return Reply(int(status_line.split(" ")[1]), headers, body, is_whole)


def _joined_chunks(data: bytes) -> tuple[bytes, bool]:
    body, position = [], 0
    while match := re.compile(rb"([0-9A-Fa-f]+)\r\n").match(data, position):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(body), True
        body.append(data[match.end() : match.end() + size])
        position = match.end() + size + 2
    return b"".join(body), False
