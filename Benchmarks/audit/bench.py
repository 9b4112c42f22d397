"""What signing and logging cost, and what it costs to read the evidence.

    make bench-audit
    BATCHIN_BASELINE=OLDER_BINARY python3 Benchmarks/audit/bench.py [--rounds 3] [--leaves 100000] [--quick]

The server is driven over HTTP by the client of the gateway's benchmark. Three things are compared with, each in the
same run: the disk, which in a loop of its own writes and syncs as many bytes as 64 records take; an older binary
without the log, if BATCHIN_BASELINE names one; and `GET /health`, a request that does nothing. What has to be reached
on a slow disk is measured on the one that slow_disk.c makes of any. Rounds go through all of them, so that what else
the machine does hits all alike; a figure is the median of its rounds. In the end each log must hold exactly the records
that were answered, under a checkpoint, and `batchin audit fsck` must find nothing. Prints one JSON row a figure;
`limit` is what ours should stay within, or reach where `is_floor`. Needs a C compiler.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from servers import Audited, audited, slow_disk

from gateways import compile_program
from server import wait_until

CONNECTIONS = 64
SMALL_LOG = 1000
RESTARTS = 7
DISK_LOOP_SECONDS = 1.0
DISK_FILE_BYTES = 16 * 1024 * 1024

# Name: unit, limit, whether that is the least instead of the most.
LIMITS = {
    "records a second, assertions, 260 syncs/s": (5000, True),
    "records a second, chat, 260 syncs/s": (5000, True),
    "CPU that the log adds to a chat": (60, False),
    "start-up, large log to small": (1.25, False),  # Not more; the rest is noise.
}


class DiskLoop:
    """Writes over one file again and again, as a write-ahead log does, and syncs after each write."""

    def __init__(self, folder: Path):
        self._file = (folder / "disk-loop").open("w+b", buffering=0)
        self._file.write(os.urandom(DISK_FILE_BYTES))
        os.fsync(self._file.fileno())

    def syncs_per_second(self, byte_count: int) -> float:
        block, count = os.urandom(byte_count), 0
        start = time.monotonic()
        while (elapsed := time.monotonic() - start) < DISK_LOOP_SECONDS:
            os.pwrite(self._file.fileno(), block, count * byte_count % (DISK_FILE_BYTES - byte_count))
            os.fdatasync(self._file.fileno())
            count += 1
        return count / elapsed


class Figures:
    """Keeps what each round gave for each figure, of ours and of what it is compared with."""

    def __init__(self):
        self._rounds: dict[str, tuple[str, dict[str, list[float]]]] = {}

    def note(self, figure: str, unit: str, **values: float) -> None:
        _, rounds = self._rounds.setdefault(figure, (unit, defaultdict(list)))
        for name, value in values.items():
            rounds[name].append(value)

    def median(self, figure: str) -> float:
        return statistics.median(self._rounds[figure][1]["batchin"])

    def rows(self) -> list[dict]:
        return [self._row(figure, unit, rounds) for figure, (unit, rounds) in self._rounds.items()]

    @staticmethod
    def _row(figure: str, unit: str, rounds: dict[str, list[float]]) -> dict:
        chosen = {name: round(statistics.median(values), 2) for name, values in rounds.items()}
        row: dict = {"figure": figure, "unit": unit} | chosen
        for peer, value in chosen.items():
            if peer != "batchin" and "batchin" in chosen and value > 0:
                row[f"batchin_to_{peer}"] = round(chosen["batchin"] / value, 2)
        if figure in LIMITS:
            limit, is_floor = LIMITS[figure]
            is_within = chosen["batchin"] >= limit if is_floor else chosen["batchin"] <= limit
            row |= {"limit": limit, "is_floor": is_floor, "is_within": is_within}
        return row | {"rounds": {name: [round(value, 2) for value in values] for name, values in rounds.items()}}


class Bench:
    def __init__(self, figures: Figures, disk: DiskLoop, seconds: float):
        self.figures, self.disk, self.seconds = figures, disk, seconds

    # Writing

    def writing_round(self, assertions: Audited, runs: Audited, baseline: Audited | None, is_turned: bool) -> None:
        self.figures.note("syncs a second of 4 KiB", "1/s", disk=self.disk.syncs_per_second(4096))
        self._note_records("assertions", assertions.assertions(self.seconds))
        if baseline is None:
            self._note_records("chat", runs.chat(self.seconds))
            return
        first, second = (baseline, runs) if is_turned else (runs, baseline)
        seen = {first: first.chat(self.seconds)}
        seen[second] = second.chat(self.seconds)
        with_log, without = (cpu_microseconds(seen[subject]) for subject in (runs, baseline))
        self._note_records("chat", seen[runs], baseline=seen[baseline])
        self.figures.note("CPU that the log adds to a chat", "us", batchin=with_log - without)

    def slow_disk_round(self, subject: Audited) -> None:
        for what, load in [("assertions", subject.assertions), ("chat", subject.chat)]:
            seen = load(self.seconds)
            self.figures.note(
                f"records a second, {what}, 260 syncs/s", "1/s", batchin=seen["requests"] / seen["seconds"])
            self.figures.note(f"CPU a record, {what}, 260 syncs/s", "us", batchin=cpu_microseconds(seen))

    def _note_records(self, what: str, seen: dict, baseline: dict | None = None) -> None:
        """The disk's part is how many records it could take if all connections shared each sync."""
        rate, bytes_each = seen["requests"] / seen["seconds"], seen["written"] / seen["requests"]
        disk = self.disk.syncs_per_second(int(bytes_each) * CONNECTIONS) * CONNECTIONS
        others = {} if baseline is None else {"baseline": baseline["requests"] / baseline["seconds"]}
        self.figures.note(f"records a second, {what}", "1/s", batchin=rate, disk=disk, **others)
        others = {} if baseline is None else {"baseline": cpu_microseconds(baseline)}
        self.figures.note(f"CPU a record, {what}", "us", batchin=cpu_microseconds(seen), **others)
        others = {} if baseline is None else {"baseline": baseline["written"] / baseline["requests"]}
        self.figures.note(f"bytes written a record, {what}", "B", batchin=bytes_each, **others)

    # Reading

    def pack_latency(self, subject: Audited, log_name: str) -> None:
        """Of one client alone; two thirds down the log, where a proof takes as many steps as anywhere."""
        [record] = subject.records_after(subject.records * 2 // 3, 1)
        for _ in range(3):
            seen = subject.load(
                "GET", f"/v1/vaas/{record['record_id']}/evidence", connections=1, seconds=self.seconds / 3)
            self.figures.note(f"latency of a pack, {log_name}", "us", batchin=seen["latency_p50_us"])

    def reading_round(self, subject: Audited) -> None:
        [record] = subject.records_after(subject.records * 2 // 3, 1)
        path, size = f"/v1/vaas/{record['record_id']}", subject.checkpoint_size()
        tile = f"{size // 512 % 1000:03}"
        health = self._reading(subject, "GET", "/health")
        self.figures.note("CPU of a request that does nothing", "us", batchin=health["each"])
        for what, method, asked, body in [
            ("packs", "GET", f"{path}/evidence", None),
            ("public records", "GET", path, None),
            ("verifications of a record", "GET", f"{path}/verify", None),
            ("verifications of a sent pack", "POST", "/v1/vaas/verify", json.loads(subject.get(f"{path}/evidence"))),
            ("tiles", "GET", f"/vaas/log/tile/0/{tile}", None),
            ("tiles of entries", "GET", f"/vaas/log/tile/entries/{tile}", None),
            ("checkpoints", "GET", "/vaas/log/checkpoint", None),
            ("consistency proofs", "GET", f"/v1/vaas/log/consistency?from={size // 3}&to={size}", None),
        ]:
            seen = self._reading(subject, method, asked, body)
            self.figures.note(f"{what} a second", "1/s", batchin=seen["rate"], health=health["rate"])
            self.figures.note(f"CPU of {what}, each", "us", batchin=seen["each"], health=health["each"])

    def _reading(self, subject: Audited, method: str, path: str, body: dict | None = None) -> dict:
        seen = subject.load(method, path, body, connections=CONNECTIONS, seconds=self.seconds / 3)
        return {"rate": seen["requests"] / seen["seconds"], "each": cpu_microseconds(seen)}

    # Starting

    def starts(self, subject: Audited, log_name: str) -> None:
        for _ in range(RESTARTS):
            self.figures.note(f"start-up, {log_name}", "ms", batchin=subject.restart())


def cpu_microseconds(seen: dict) -> float:
    return seen["cpu"] / seen["requests"] * 1e6


def note_disk_space(figures: Figures, subject: Audited) -> None:
    subject.server.terminate()
    figures.note("disk space a record", "B", **{subject.name: subject.folder_bytes() / subject.records})


def check_log(figures: Figures, subject: Audited, leaves_before: int) -> None:
    """Ends the benchmark unless every answer has its leaf, its number and a checkpoint above it."""
    leaves = leaves_before + subject.records
    wait_until(lambda: subject.checkpoint_size() == leaves, f"a checkpoint covers {leaves} leaves of {subject.name}")
    last = [item["tenant_seq"] for item in subject.records_after(subject.records - 1, 2)]
    note_disk_space(figures, subject)
    start = time.monotonic()
    verdict = subject.fsck()
    figures.note("leaves a second, audit fsck", "1/s", batchin=leaves / (time.monotonic() - start))
    if last != [str(subject.records)] or verdict != f"ok, {leaves} leaves":
        sys.exit(f"{subject.name}: {subject.records} answers and {leaves} leaves, but {last} and {verdict!r}")


def busy_with_others_seconds() -> float:
    """How long the machine's cores were busy with what is neither this process nor one that it has waited for."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def setup_row(arguments: argparse.Namespace, folder: Path, cores_busy: float, subjects: list[Audited]) -> dict:
    file_system = subprocess.run(["stat", "-fc", "%T", folder], capture_output=True, text=True, check=True)
    return {
        "cores": os.cpu_count(), "kernel": platform.release(), "file_system": file_system.stdout.strip(),
        "rounds": arguments.rounds, "seconds": arguments.seconds, "cores_busy_with_other_things": round(cores_busy, 2),
        "records": {subject.name: subject.records for subject in subjects},
    }


def measure(
    bench: Bench, assertions: Audited, runs: Audited, slow: Audited, baseline: Audited | None,
    arguments: argparse.Namespace,
) -> None:
    leaves_before = {subject: subject.checkpoint_size() for subject in (assertions, runs, slow)}
    assertions.fill(SMALL_LOG)
    bench.pack_latency(assertions, "small log")
    bench.starts(assertions, "small log")
    for subject in (runs, slow, baseline):
        if subject is not None:
            subject.chat(1)
    for number in range(arguments.rounds):
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
        bench.writing_round(assertions, runs, baseline, is_turned=number % 2 == 1)
        bench.slow_disk_round(slow)
    print("reading", file=sys.stderr)
    assertions.fill(arguments.leaves)
    bench.pack_latency(assertions, "large log")
    for _ in range(arguments.rounds):
        bench.reading_round(assertions)
    bench.starts(assertions, "large log")
    growth = bench.figures.median("start-up, large log") / bench.figures.median("start-up, small log")
    bench.figures.note("start-up, large log to small", "1", batchin=growth)
    for subject, leaves in leaves_before.items():
        check_log(bench.figures, subject, leaves)
    if baseline is not None:
        note_disk_space(bench.figures, baseline)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the audit log on this machine.")
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--seconds", default=6, type=float, help="of each measurement")
    parser.add_argument("--leaves", default=100_000, type=int, help="of the large log, at least")
    parser.add_argument("--folder", type=Path, help="where the data are put; the disk is that of this folder")
    parser.add_argument("--quick", action="store_true", help="only to see that it works: one round, a second each")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.leaves = 1, 1.0, 5000
    older, start, busy_before = os.environ.get("BATCHIN_BASELINE"), time.monotonic(), busy_with_others_seconds()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name, ExitStack() as stack:
        folder = Path(name)
        client = compile_program("load", folder)
        figures = Figures()
        bench = Bench(figures, DiskLoop(folder), arguments.seconds)
        assertions = stack.enter_context(audited("assertions", folder, client))
        runs = stack.enter_context(audited("chats", folder, client))
        slow = stack.enter_context(audited("slow disk", folder, client, preload=slow_disk(folder)))
        baseline = stack.enter_context(audited("baseline", folder, client, Path(older))) if older else None
        measure(bench, assertions, runs, slow, baseline, arguments)  # Ends all servers.
        cores_busy = (busy_with_others_seconds() - busy_before) / (time.monotonic() - start)
        for row in [setup_row(arguments, folder, cores_busy, [assertions, runs, slow]), *figures.rows()]:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
