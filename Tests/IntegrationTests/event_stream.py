"""Reading server-sent events as they are on the wire. https://html.spec.whatwg.org/multipage/server-sent-events.html"""

import json
import re
from collections.abc import Iterator

import requests


def blocks_of(body: bytes) -> list[bytes]:
    """The events and comments of a stream, without their blank lines."""
    return [block for block in re.split(rb"\r?\n\r?\n", body) if block]


def data_of(body: bytes) -> list[str]:
    """The data of each event that has any."""
    found = []
    for block in blocks_of(body):
        lines = [line for line in re.split(rb"\r?\n", block) if line.startswith(b"data:")]
        if lines:
            found.append("\n".join(line.removeprefix(b"data:").removeprefix(b" ").decode() for line in lines))
    return found


def chunks_of(body: bytes) -> list[dict]:
    """The JSON of each event but `[DONE]`."""
    return [json.loads(data) for data in data_of(body) if data != "[DONE]"]


def content_of(body: bytes) -> str:
    """All that the first choice says."""
    deltas = [choice["delta"] for chunk in chunks_of(body) for choice in chunk.get("choices", [])[:1]]
    return "".join(delta.get("content") or "" for delta in deltas)


def comments_of(body: bytes) -> list[bytes]:
    return [line for block in blocks_of(body) for line in re.split(rb"\r?\n", block) if line.startswith(b":")]


def without_receipt(body: bytes) -> bytes:
    """The stream without the comment line that the gateway puts before `[DONE]`."""
    return re.sub(rb": vaas [^\r\n]*\n\n", b"", body)


def events_as_they_come(response: requests.Response) -> Iterator[bytes]:
    """Each event as soon as its blank line is here."""
    waiting = b""
    for piece in response.iter_content(chunk_size=None):
        waiting += piece
        *whole, waiting = waiting.split(b"\n\n")
        yield from whole
    if waiting:
        yield waiting
