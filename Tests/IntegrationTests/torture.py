"""Writes from several connections, kills the server at random moments, restarts it, and looks for what is missing.

    torture.py ROUNDS [--seed N]

After each kill -9: every acknowledged span is there with equal content, no span is there that was never sent, and a
request that was cut off is there whole or not at all. The exit code is 0 if that held in every round.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

import requests
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from client import Client
from server import Server
from spans import in_pieces, make_span, new_trace_id, request_of

WRITERS = 4
LONG_TRACES = 5
ROUNDS_BETWEEN_REPORTS = 50
SPANS_PER_REQUEST_MAX = 60
SECONDS_BEFORE_KILL = (0.05, 0.6)
CHANCE_OF_A_KILL_DURING_START = 0.2
# A head this small is sealed into a file many times in the course of a run.
SETTINGS = {"spans.head_bytes": 1_000_000}


class Violation(Exception):
    """A promise about stored spans was broken."""


@dataclass
class Round:
    """A tenant of its own and what its writers sent, by the digest of each span."""

    name: str
    key: str
    acknowledged: set[bytes] = field(default_factory=set)
    unanswered: list[set[bytes]] = field(default_factory=list)


@dataclass
class Totals:
    rounds: int = 0
    restarts: int = 0
    kills_during_start: int = 0
    requests: int = 0
    acknowledged_spans: int = 0
    unanswered_requests: int = 0
    unanswered_but_stored: int = 0


def digests(pieces: Counter[bytes]) -> Counter[bytes]:
    return Counter({blake2b(piece, digest_size=16).digest(): count for piece, count in pieces.items()})


class Writer(threading.Thread):
    """One connection that pushes until the server is gone."""

    def __init__(self, url: str, key: str, seed: int):
        super().__init__(daemon=True)
        self._client = Client(url, key)
        self._random = random.Random(seed)
        self._trace_ids = [self._random.randbytes(16) for _ in range(LONG_TRACES)]
        self.acknowledged: list[set[bytes]] = []
        self.unanswered: set[bytes] | None = None
        self.failure: str | None = None

    def run(self) -> None:
        while self.failure is None and self.unanswered is None:
            count = self._random.randint(1, SPANS_PER_REQUEST_MAX)
            request = request_of(*(self._make_span() for _ in range(count)), service=self._random.choice("abc"))
            digest = set(digests(in_pieces(request)))
            encoding = self._random.choice(["protobuf", "json"])
            compression = self._random.choice([None, "gzip", "zstd"])
            try:
                response = self._client.push(request, encoding, compression)
            except requests.RequestException:
                self.unanswered = digest
            else:
                if response.status_code == 200:
                    self.acknowledged.append(digest)
                else:
                    self.failure = f"{response.status_code} {response.content[:500]!r}"

    def _make_span(self) -> Span:
        """Half of the spans are a trace each, half add to a few long ones."""
        trace_id = self._random.choice(self._trace_ids) if self._random.random() < 0.5 else new_trace_id()
        return make_span(trace_id=trace_id, attrs={"filler": "x" * self._random.randint(0, 400)})


class Torture:
    def __init__(self, folder: Path, seed: int):
        self._random = random.Random(seed)
        self._server = Server(folder / "data", settings=SETTINGS)
        self._rounds: list[Round] = []
        self.totals = Totals()

    def run(self, rounds: int) -> Totals:
        try:
            self._server.start()
            for number in range(rounds):
                self._rounds.append(self._write_and_kill(number))
                self._restart()
                self._verify(self._rounds[-1])
                self._verify(self._random.choice(self._rounds))
                self.totals.rounds += 1
                if self.totals.rounds % ROUNDS_BETWEEN_REPORTS == 0:
                    print(self.totals, flush=True)
            self.totals.unanswered_but_stored = sum(map(self._verify, self._rounds))
        except Exception as problem:
            raise Violation(f"{problem}\n{self._server.log_tail()}") from problem
        finally:
            self._server.stop()
        return self.totals

    def _write_and_kill(self, number: int) -> Round:
        finished = Round(f"round {number}", self._server.create_key(f"round{number}@example.com"))
        writers = [Writer(self._server.url, finished.key, self._random.getrandbits(64)) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        time.sleep(self._random.uniform(*SECONDS_BEFORE_KILL))
        if not self._server.is_running:
            raise Violation(f"the server {self._server.state()} before it was killed")
        self._server.kill()
        for writer in writers:
            writer.join()
            if writer.failure is not None:
                raise Violation(f"a request was refused: {writer.failure}")
            finished.acknowledged.update(*writer.acknowledged)
            if writer.unanswered is not None:
                finished.unanswered.append(writer.unanswered)
            self.totals.requests += len(writer.acknowledged) + 1
        self.totals.acknowledged_spans += len(finished.acknowledged)
        self.totals.unanswered_requests += len(finished.unanswered)
        return finished

    def _restart(self) -> None:
        while self._random.random() < CHANCE_OF_A_KILL_DURING_START:
            self._server.spawn()
            time.sleep(self._random.uniform(0, 0.3))
            self._server.kill()
            self.totals.kills_during_start += 1
        self._server.start()
        self.totals.restarts += 1

    def _verify(self, finished: Round) -> int:
        """Answers how many of the round's unanswered requests were stored all the same."""
        exported = Client(self._server.url, finished.key).export()
        stored = digests(in_pieces(exported))
        if missing := finished.acknowledged - stored.keys():
            raise Violation(f"{finished.name}: {len(missing)} acknowledged spans are missing")
        if twice := [digest for digest, count in stored.items() if count > 1]:
            raise Violation(f"{finished.name}: {len(twice)} spans are there more than once")
        rest, stored_requests = stored.keys() - finished.acknowledged, 0
        for request in finished.unanswered:
            found = request & rest
            if found and found != request:
                raise Violation(f"{finished.name}: {len(found)} of {len(request)} spans of a request are there")
            rest -= found
            stored_requests += bool(found)
        if rest:
            raise Violation(f"{finished.name}: {len(rest)} spans are there that nobody sent")
        return stored_requests


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="batchin-torture-") as folder:
        try:
            totals = Torture(Path(folder), arguments.seed).run(arguments.rounds)
        except Violation as violation:
            print(f"FAILED: {violation}", file=sys.stderr)
            return 1
    print(totals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
