"""Spends and credits at random, kills the spending processes at random moments, and checks the books each time.

    ledger_torture.py OPERATIONS [--engine sqlite|postgres] [--kills N] [--seed N]

After each kill -9: every acknowledged settlement and credit is stored exactly once, nothing is stored that was never
begun, all sums are right to the nano-dollar, and nothing was overspent. On PostgreSQL two processes spend at once; the
server is found by BATCHIN_TEST_POSTGRES. The exit code is 0 if that held.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postgres import Database, shared_server_url
from server import BINARY

TORTURE = BINARY.with_name("ledger-torture")
CONCURRENCY = 32
CHECK_TIMEOUT_SECONDS = 600
SECONDS_BEFORE_KILL = (0, 0.05)
ENGINES = {"sqlite": 1, "postgres": 2}


class Violation(Exception):
    """A promise about money was broken."""


@dataclass
class Totals:
    operations: int = 0
    kills: int = 0
    last_check: str = ""


class Process:
    """One process that spends, until it has done its operations or is killed."""

    def __init__(self, database: str, journal: Path, seed: int, operations: int):
        arguments = [TORTURE, "run", database, journal, seed, operations, CONCURRENCY]
        self._process = subprocess.Popen([*map(str, arguments)], stdout=subprocess.PIPE, text=True)
        self.done = 0

    def run(self, operations: int | None) -> bool:
        """Runs until so many operations are done, or all; answers whether the process has ended."""
        while operations is None or self.done < operations:
            line = self._process.stdout.readline().strip()
            if not line:
                if code := self._process.wait():
                    raise Violation(f"the process ended with {code}")
                return True
            if not line.isdecimal():
                raise Violation(line + self._process.stdout.read())
            self.done = max(self.done, int(line))
        return False

    def kill(self) -> None:
        self._process.kill()
        for line in self._process.stdout:
            if line.strip().isdecimal():
                self.done = max(self.done, int(line))
        self._process.wait()
        self._process.stdout.close()


class LedgerTorture:
    def __init__(self, database: str, folder: Path, seed: int, processes: int):
        self._database = database
        self._folder = folder
        self._random = random.Random(seed)
        self._process_count = processes
        self._journals: list[Path] = []
        self.totals = Totals()

    def run(self, operations: int, kills: int) -> Totals:
        """Divides the operations evenly between kills, more or less; the last processes end by themselves."""
        each = operations // (kills + 1) // self._process_count
        for _ in range(kills):
            self._spend(operations, kill_after=self._random.randint(each // 2, each))
            self.totals.kills += 1
            self._check()
        rest = max(operations - self.totals.operations, self._process_count)
        self._spend(-(-rest // self._process_count))
        self._check()
        return self.totals

    def _spend(self, operations: int, kill_after: int | None = None) -> None:
        processes = [self._start(operations) for _ in range(self._process_count)]
        try:
            ended = [process.run(kill_after) for process in processes]
            if kill_after is not None:
                if any(ended):
                    raise Violation("a process ended before it was killed")
                time.sleep(self._random.uniform(*SECONDS_BEFORE_KILL))
        finally:
            for process in processes:
                process.kill()
        self.totals.operations += sum(process.done for process in processes)

    def _start(self, operations: int) -> Process:
        journal = self._folder / f"journal{len(self._journals)}"
        self._journals.append(journal)
        return Process(self._database, journal, self._random.getrandbits(48), operations)

    def _check(self) -> None:
        result = subprocess.run(
            [TORTURE, "check", self._database, *self._journals],
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT_SECONDS,
            check=False,
        )
        if result.returncode != 0:
            raise Violation(f"{result.stdout}{result.stderr}")
        self.totals.last_check = result.stdout.strip()


@contextmanager
def fresh_database(engine: str, folder: Path) -> Iterator[str]:
    """The path of a database that does not exist yet, or the URL of an empty one that is dropped afterwards."""
    if engine == "sqlite":
        yield str(folder / "ledger.db")
        return
    fresh = Database(shared_server_url()).create()
    try:
        yield fresh.url
    finally:
        fresh.drop()


def torture(engine: str, operations: int, kills: int, seed: int) -> Totals:
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="ledger-torture-") as folder:
        with fresh_database(engine, Path(folder)) as database:
            return LedgerTorture(database, Path(folder), seed, ENGINES[engine]).run(operations, kills)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", type=int)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    try:
        totals = torture(arguments.engine, arguments.operations, arguments.kills, arguments.seed)
    except Violation as violation:
        print(f"FAILED: {violation}", file=sys.stderr)
        return 1
    print(totals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
