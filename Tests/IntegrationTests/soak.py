"""64 connections that each push batches of 512 spans as fast as they are answered.

    soak.py [SECONDS]

Prints spans per second, losses, errors and the server's largest resident memory; the exit code is 0 if nothing was
lost and nothing failed.
"""

import argparse
import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from client import INGEST, PROTOBUF, Client
from server import Server
from spans import all_spans, make_span, new_trace_id, request_of

CONNECTIONS = 64
SPANS_PER_BATCH = 512
PAGE_SPANS = 10_000
MIB = 1024 * 1024
TRACE_ID_PLACEHOLDER = b"\xaaTRACE-ID-HERE-\xbb"


@dataclass
class Report:
    seconds: float
    acknowledged_spans: int
    lost_spans: int
    surplus_spans: int
    errors: list[str]
    peak_resident_bytes: int

    def __str__(self) -> str:
        return (
            f"{self.acknowledged_spans} spans in {self.seconds:.1f} s, "
            f"{self.acknowledged_spans / self.seconds:.0f} spans/s over {CONNECTIONS} connections; "
            f"lost {self.lost_spans}, surplus {self.surplus_spans}, errors {len(self.errors)}; "
            f"peak resident memory {self.peak_resident_bytes / MIB:.0f} MiB"
        )


def batch_template(service: str) -> bytes:
    """A request whose spans share a trace id that is cheap to replace, so that the client is not what is measured."""
    spans = (
        make_span(
            f"operation {number % 7}", trace_id=TRACE_ID_PLACEHOLDER, attrs={"http.route": "/a", "number": number}
        )
        for number in range(SPANS_PER_BATCH)
    )
    return request_of(*spans, service=service).SerializeToString()


class Pusher(threading.Thread):
    """One kept connection with a service name of its own."""

    def __init__(self, server: Server, key: str, number: int, deadline: float):
        super().__init__()
        self.service = f"soak-{number}"
        self.trace_ids: set[bytes] = set()
        self.error: str | None = None
        self._connection = http.client.HTTPConnection(*server.address, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": PROTOBUF}
        self._template = batch_template(self.service)
        self._deadline = deadline

    def run(self) -> None:
        try:
            while time.monotonic() < self._deadline and self.error is None:
                self._push(new_trace_id())
        except (OSError, http.client.HTTPException) as problem:
            self.error = repr(problem)
        finally:
            self._connection.close()

    def _push(self, trace_id: bytes) -> None:
        body = self._template.replace(TRACE_ID_PLACEHOLDER, trace_id)
        self._connection.request("POST", INGEST, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if (response.status, answer) == (200, b""):
            self.trace_ids.add(trace_id)
        else:
            self.error = f"{response.status} {answer[:200]!r}"


def soak(server: Server, key: str, seconds: float) -> Report:
    """Pushes for `seconds`, then reads everything back."""
    start = time.monotonic()
    pushers = [Pusher(server, key, number, start + seconds) for number in range(CONNECTIONS)]
    for pusher in pushers:
        pusher.start()
    for pusher in pushers:
        pusher.join()
    passed = time.monotonic() - start
    peak = server.peak_resident_bytes()

    expected = {trace_id for pusher in pushers for trace_id in pusher.trace_ids}
    found = Counter(
        span.trace_id for page in Client(server.url, key).export_pages(PAGE_SPANS) for span in all_spans(page)
    )
    return Report(
        seconds=passed,
        acknowledged_spans=len(expected) * SPANS_PER_BATCH,
        lost_spans=sum(max(0, SPANS_PER_BATCH - found[trace_id]) for trace_id in expected),
        surplus_spans=sum(
            max(0, count - SPANS_PER_BATCH * (trace_id in expected)) for trace_id, count in found.items()
        ),
        errors=[pusher.error for pusher in pushers if pusher.error is not None],
        peak_resident_bytes=peak,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="batchin-soak-") as folder:
        server = Server(Path(folder) / "data")
        key = server.create_key("soak@example.com")
        server.start()
        try:
            report = soak(server, key, seconds)
        finally:
            server.stop()
    print(report)
    for error in sorted(set(report.errors)):
        print(error, file=sys.stderr)
    return 1 if report.lost_spans or report.surplus_spans or report.errors else 0


if __name__ == "__main__":
    sys.exit(main())
