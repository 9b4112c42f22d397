"""Has records made over several connections, kills the server at random moments, and checks the log each time.

    audit_torture.py ROUNDS [--seed N]

After each kill -9: no two checkpoints of one size that anybody ever saw differ, every checkpoint continues the ones
before it, every receipt that was given out has its leaf at its place in the log, and every user's chain of receipts has
no gap. Leaves are read from the tiles and hashed here. The exit code is 0 if that held in every round.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

from audit_log import CHECKPOINT, Checkpoint, GrowingTree, LogReader, is_consistent, leaf_hash
from audit_records import RECORDS, Receipt, assertion, chain_of, check_chain, covering_checkpoint
from client import Client
from event_stream import events_as_they_come
from gateway import Caller
from server import Server

WRITERS = 6
ROUNDS_BETWEEN_REPORTS = 50
SECONDS_BEFORE_KILL = (0.05, 0.6)
CHANCE_OF_A_KILL_DURING_START = 0.2
SECONDS_OF_A_START_THAT_IS_KILLED = (0, 0.3)
COMMENT = b": vaas "


class Violation(Exception):
    """A promise about the log was broken."""


@dataclass
class Given:
    """A receipt that a client has, with what only streams tell."""

    receipt: Receipt
    log_index: int | None = None


@dataclass
class Round:
    """A user of its own and what its writers were given."""

    key: str
    given: list[Given] = field(default_factory=list)


@dataclass
class Totals:
    rounds: int = 0
    restarts: int = 0
    kills_during_start: int = 0
    receipts: int = 0
    records_without_a_receipt: int = 0
    checkpoints: int = 0
    log_size: int = 0


class Writer(threading.Thread):
    """One connection that has records made until the server is gone: of what it says, of calls, and of streams."""

    def __init__(self, url: str, key: str, seed: int):
        super().__init__(daemon=True)
        self._caller = Caller(url, key)
        self._random = random.Random(seed)
        self.given: list[Given] = []
        self.failure: str | None = None

    def run(self) -> None:
        acts = [self._assert, self._call, self._stream]
        try:
            while self.failure is None:
                self._random.choice(acts)()
        except requests.RequestException:
            pass  # The server was killed.

    def _assert(self) -> None:
        body = assertion(output_text="x" * self._random.randint(0, 2000))
        self._take(self._caller.request("POST", RECORDS, json=body), 201)

    def _call(self) -> None:
        self._take(self._caller.chat("echo"), 200)

    def _stream(self) -> None:
        response = self._caller.chat("echo", stream=True)
        if not self._is(response, 200):
            return
        for event in events_as_they_come(response):
            if event.startswith(COMMENT):
                said = json.loads(event.removeprefix(COMMENT))
                self.given.append(Given(Receipt.from_json(said), int(said["log_index"])))

    def _take(self, response: requests.Response, status: int) -> None:
        if self._is(response, status):
            self.given.append(Given(Receipt.from_headers(response.headers)))

    def _is(self, response: requests.Response, status: int) -> bool:
        if response.status_code != status:
            self.failure = f"{response.status_code} {response.content[:500]!r}"
        return response.status_code == status


class Watcher(threading.Thread):
    """Fetches checkpoints until the server is gone."""

    def __init__(self, url: str):
        super().__init__(daemon=True)
        self._client = Client(url, None)
        self.seen: set[str] = set()

    def run(self) -> None:
        try:
            while True:
                response = self._client.get(CHECKPOINT)
                if response.status_code == 200:
                    self.seen.add(response.text)
        except requests.RequestException:
            pass  # The server was killed.


class Monitor:
    """Remembers every checkpoint, and a copy of the log that grows by what is new in it."""

    def __init__(self):
        self._checkpoints: dict[int, Checkpoint] = {}
        self._newest: Checkpoint | None = None
        self._tree = GrowingTree()
        self._root_at: dict[int, bytes] = {}
        self._place_of: dict[str, int] = {}

    @property
    def checkpoint_count(self) -> int:
        return len(self._checkpoints)

    def note(self, text: str, verifier_keys: list[str]) -> Checkpoint:
        """Adds a checkpoint that somebody saw."""
        checkpoint = Checkpoint.parse(text)
        if not any(checkpoint.is_signed_by(key) for key in verifier_keys):
            raise Violation(f"a checkpoint is not signed by the log: {text!r}")
        known = self._checkpoints.setdefault(checkpoint.size, checkpoint)
        if (known.origin, known.root) != (checkpoint.origin, checkpoint.root):
            raise Violation(f"two checkpoints of {checkpoint.size} leaves differ:\n{known.note}\n{checkpoint.note}")
        return checkpoint

    def follow(self, reader: LogReader, checkpoint: Checkpoint) -> None:
        """Reads what is new up to a checkpoint, and holds all that was ever seen against it."""
        if self._newest is not None:
            if checkpoint.size < self._newest.size:
                raise Violation(f"the log shrank from {self._newest.size} to {checkpoint.size} leaves")
            proof = reader.proof(self._newest, checkpoint)
            if not is_consistent(self._newest.size, self._newest.root, checkpoint.size, checkpoint.root, proof):
                raise Violation(f"the log of {checkpoint.size} leaves does not begin with {self._newest.size}")
        for entry in reader.entries(self._tree.size, checkpoint.size):
            self._place_of[json.loads(entry)["s"]] = self._tree.size
            self._tree.append(leaf_hash(entry))
            self._root_at[self._tree.size] = self._tree.root
        for size, seen in self._checkpoints.items():
            if size > self._tree.size:
                raise Violation(f"a checkpoint of {size} leaves was given out, and the log has {self._tree.size}")
            if self._root_at[size] != seen.root:
                raise Violation(f"the checkpoint of {size} leaves is not of the leaves that are stored")
        self._newest = checkpoint

    def check(self, given: Given) -> None:
        place = self._place_of.get(given.receipt.signature.removeprefix("ed25519:"))
        if place is None:
            raise Violation(f"the log lacks a record whose receipt was given out: {given.receipt}")
        if given.log_index not in (None, place):
            raise Violation(f"a receipt names leaf {given.log_index} and its record is leaf {place}")

    def holds(self, signature: str) -> bool:
        return signature.removeprefix("ed25519:") in self._place_of


class Torture:
    def __init__(self, folder: Path, seed: int):
        self._random = random.Random(seed)
        self._kept = folder / "kept.checkpoint"
        self._server = Server(folder / "data", settings={"audit.checkpoint_file": str(self._kept)})
        self._monitor = Monitor()
        self._rounds: list[Round] = []
        self.totals = Totals()

    def run(self, rounds: int) -> Totals:
        try:
            self._server.start()
            for number in range(rounds):
                finished, seen = self._write_and_kill(number)
                self._rounds.append(finished)
                self._restart()
                self._verify(finished, seen)
                self._verify_chain(self._random.choice(self._rounds))
                self.totals.rounds += 1
                if self.totals.rounds % ROUNDS_BETWEEN_REPORTS == 0:
                    print(self.totals, flush=True)
            for finished in self._rounds:
                self.totals.records_without_a_receipt += self._verify_chain(finished)
        except Exception as problem:
            raise Violation(f"{problem}\n{self._server.log_tail()}") from problem
        finally:
            self._server.stop()
        return self.totals

    def _write_and_kill(self, number: int) -> tuple[Round, set[str]]:
        finished = Round(self._server.create_key(f"round{number}@example.com"))
        watcher = Watcher(self._server.url)
        writers = [Writer(self._server.url, finished.key, self._random.getrandbits(64)) for _ in range(WRITERS)]
        for thread in (watcher, *writers):
            thread.start()
        time.sleep(self._random.uniform(*SECONDS_BEFORE_KILL))
        if not self._server.is_running:
            raise Violation(f"the server {self._server.state()} before it was killed")
        self._server.kill()
        for thread in (watcher, *writers):
            thread.join()
        for writer in writers:
            if writer.failure is not None:
                raise Violation(f"a call was refused: {writer.failure}")
            finished.given += writer.given
        self.totals.receipts += len(finished.given)
        return finished, watcher.seen | ({self._kept.read_text()} if self._kept.exists() else set())

    def _restart(self) -> None:
        while self._random.random() < CHANCE_OF_A_KILL_DURING_START:
            self._server.spawn()
            time.sleep(self._random.uniform(*SECONDS_OF_A_START_THAT_IS_KILLED))
            self._server.kill()
            self.totals.kills_during_start += 1
        self._server.start()
        self.totals.restarts += 1

    def _verify(self, finished: Round, seen: set[str]) -> None:
        reader, client = LogReader(self._server.url), Client(self._server.url, finished.key)
        keys = reader.verifier_keys()
        for text in seen:
            self._monitor.note(text, keys)
        items = chain_of(client)
        newest = covering_checkpoint(client, items[-1]["record_id"]) if items else reader.checkpoint()
        self._monitor.follow(reader, self._monitor.note(newest.note, keys))
        for given in finished.given:
            self._monitor.check(given)
        self.totals.checkpoints, self.totals.log_size = self._monitor.checkpoint_count, newest.size

    def _verify_chain(self, finished: Round) -> int:
        """Answers how many records there are whose receipt nobody got."""
        items = chain_of(Client(self._server.url, finished.key))
        check_chain(items)
        stored = {item["tenant_seq"]: item for item in items}
        for given in finished.given:
            receipt, item = given.receipt, stored.get(given.receipt.tenant_seq)
            if item is None or (item["record_id"], item["prev_receipt"]) != (receipt.record_id, receipt.prev_receipt):
                raise Violation(f"the chain has {item} where a receipt was given out: {receipt}")
        if lacking := [item for item in items if not self._monitor.holds(item["signature"])]:
            raise Violation(f"{len(lacking)} records of the chain are not in the log: {lacking[0]}")
        return len(items) - len({given.receipt.tenant_seq for given in finished.given})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="batchin-audit-torture-") as folder:
        try:
            totals = Torture(Path(folder), arguments.seed).run(arguments.rounds)
        except Violation as violation:
            print(f"FAILED: {violation}", file=sys.stderr)
            return 1
    print(totals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
