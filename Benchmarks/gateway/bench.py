"""What a gateway costs and adds, for ours and others side by side on this machine.

    make bench-gateway [PEERS=nginx,litellm]
    python3 Benchmarks/gateway/bench.py [--gateways batchin,nginx] [--rounds 3] [--quick]

All gateways stand before the same upstream (upstream.c) and are driven by the same client (load.c). Rounds go through
every figure and, within one, through the gateways in turn, so that what else the machine does hits all alike; a figure
is the median of its rounds, memory their peak. Ours does all it does in production: it checks a key with a budget,
prices the answer, and makes the run durable before it answers; the others only relay. Prints one JSON row a figure;
`limit` is what ours should stay within. Needs a C compiler and nginx; LiteLLM gets a virtual environment of its own.
"""

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from gateways import (
    LITELLM_VERSION,
    LITELLM_WORKERS,
    NGINX_WORKERS,
    STARTERS,
    TICKS_PER_SECOND,
    Gateway,
    Upstream,
    compile_program,
    upstream_server,
)

EVENTS = 100  # In a stream, as in upstream.c.
SETTLE_SECONDS = 0.3  # What a gateway still does after the last answer counts.
ABORT_LIMIT_MILLISECONDS = 300

# Name, unit, limit for ours, in the order of the rows.
FIGURES = [
    ("CPU a request, 64 connections", "us", 200),
    ("requests a second, 64 connections", "1/s", None),
    ("CPU an event, 32 streams, 5 ms apart", "us", 40),
    ("CPU an event, 32 streams, flood", "us", 40),
    ("events a second, 32 streams, flood", "1/s", None),
    ("latency at 100 requests/s, p50", "us", None),
    ("latency at 100 requests/s, p99", "us", None),
    ("latency added at 100 requests/s, p50", "us", 800),
    ("latency added at 100 requests/s, p99", "us", 3000),
    ("age of an event, 16 streams, 5 ms apart, p50", "us", 150),
    ("age of an event, 16 streams, 5 ms apart, p99", "us", 1000),
    ("abort of a client seen upstream after, slowest", "ms", ABORT_LIMIT_MILLISECONDS),
    ("aborts of clients not seen upstream in 300 ms", "1", 0),
    ("resident memory, idle", "MB", 60),
    ("resident memory, 64 connections", "MB", 120),
    ("resident memory, after all", "MB", None),
]


def request_text(gateway: Gateway, stream: bool) -> str:
    prompt = "Say something about the weather in a town by the sea, in one sentence. " * 3
    wish = {"model": "bench", "messages": [{"role": "user", "content": prompt}]} | ({"stream": True} if stream else {})
    body = json.dumps(wish)
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {gateway.key}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


class Bench:
    """Measures, and keeps for each figure and gateway what each round gave."""

    def __init__(self, upstream: Upstream, client: Path, seconds: float, aborts: int):
        self.upstream, self.client, self.seconds, self.aborts = upstream, client, seconds, aborts
        self.values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def load(self, gateway: Gateway, *options: object, stream: bool = False, seconds: float | None = None) -> dict:
        """What the client saw, with the gateway's CPU seconds and its largest resident memory meanwhile."""
        command = [self.client, "-p", gateway.port, "-s", seconds or self.seconds, *options]
        command += ["-e", EVENTS] if stream else []
        before, memory = gateway.cpu_seconds(), 0.0
        with subprocess.Popen(
            [*map(str, command), request_text(gateway, stream)], stdout=subprocess.PIPE, text=True
        ) as client:
            while client.poll() is None:
                memory = max(memory, gateway.resident_megabytes())
                time.sleep(0.1)
            assert client.returncode == 0 and client.stdout is not None
            seen = json.load(client.stdout)
        if seen["errors"] > 0:
            sys.exit(f"{gateway.name} failed {seen['errors']} requests: {seen}")
        time.sleep(SETTLE_SECONDS)
        return seen | {"cpu": gateway.cpu_seconds() - before, "memory": memory}

    def note(self, figure: str, gateway: Gateway, value: float) -> None:
        self.values[figure][gateway.name].append(value)

    def warm_up(self, gateway: Gateway) -> None:
        time.sleep(1)
        self.note("resident memory, idle", gateway, gateway.resident_megabytes())
        self.upstream.set_gap(0)
        self.load(gateway, "-c", 64, "-k", seconds=1)
        self.load(gateway, "-c", 32, "-k", stream=True, seconds=1)

    def requests(self, gateway: Gateway) -> None:
        seen = self.load(gateway, "-c", 64, "-k")
        self.note("requests a second, 64 connections", gateway, seen["requests"] / seen["seconds"])
        self.note("CPU a request, 64 connections", gateway, seen["cpu"] / seen["requests"] * 1e6)
        self.note("resident memory, 64 connections", gateway, seen["memory"])

    def flood(self, gateway: Gateway) -> None:
        self.upstream.set_gap(0)
        seen = self.load(gateway, "-c", 32, "-k", stream=True)
        self.note("events a second, 32 streams, flood", gateway, seen["events"] / seen["seconds"])
        self.note("CPU an event, 32 streams, flood", gateway, seen["cpu"] / seen["events"] * 1e6)

    def paced(self, gateway: Gateway) -> None:
        self.upstream.set_gap(5)
        seen = self.load(gateway, "-c", 32, "-r", 64, "-k", stream=True)
        self.note("CPU an event, 32 streams, 5 ms apart", gateway, seen["cpu"] / seen["events"] * 1e6)

    def ages(self, gateway: Gateway) -> None:
        self.upstream.set_gap(5)
        seen = self.load(gateway, "-c", 16, "-r", 32, "-k", stream=True)
        self.note("age of an event, 16 streams, 5 ms apart, p50", gateway, seen["age_p50_us"])
        self.note("age of an event, 16 streams, 5 ms apart, p99", gateway, seen["age_p99_us"])

    def latency(self, gateway: Gateway) -> None:
        """What a gateway adds is its latency less that of the direct way, which comes first in each round."""
        seen = self.load(gateway, "-c", 64, "-r", 100)
        for quantile in ("p50", "p99"):
            figure, latency = f"latency at 100 requests/s, {quantile}", seen[f"latency_{quantile}_us"]
            self.note(figure, gateway, latency)
            if gateway is not self.upstream.direct:
                added = latency - self.values[figure]["direct"][-1]
                self.note(f"latency added at 100 requests/s, {quantile}", gateway, added)

    def abort_streams(self, gateway: Gateway) -> None:
        """The next event is a second away, so that a gateway which only notices when it writes is too late."""
        self.upstream.set_gap(1000)
        delays = [self.abort_stream(gateway) for _ in range(self.aborts)]
        self.note("abort of a client seen upstream after, slowest", gateway, max(delays))
        late = sum(delay > ABORT_LIMIT_MILLISECONDS for delay in delays)
        self.note("aborts of clients not seen upstream in 300 ms", gateway, late)

    def abort_stream(self, gateway: Gateway) -> float:
        """Milliseconds from the client's close to the upstream's notice; 3000 if there is none by then."""
        before, _ = self.upstream.aborts()
        with socket.create_connection(("127.0.0.1", gateway.port)) as client:
            client.sendall(request_text(gateway, stream=True).encode())
            received = b""
            while b'"@' not in received:
                piece = client.recv(65536)
                assert piece, f"{gateway.name} closed a stream: {received}"
                received += piece
            closed = time.monotonic_ns()
        while time.monotonic_ns() < closed + 3_000_000_000:
            count, last = self.upstream.aborts()
            if count > before:
                return (last - closed) / 1e6
            time.sleep(0.002)
        return 3000.0

    def rows(self) -> list[dict]:
        return [self.row(*figure) for figure in FIGURES if self.values[figure[0]]]

    def row(self, figure: str, unit: str, limit: float | None) -> dict:
        rounds = self.values[figure]
        choose = max if unit == "MB" else statistics.median
        chosen = {name: round(choose(values), 1) for name, values in rounds.items()}
        row = {"figure": figure, "unit": unit} | chosen
        if "batchin" in chosen and chosen.get("nginx"):
            row["batchin_to_nginx"] = round(chosen["batchin"] / chosen["nginx"], 2)
        if "batchin" in chosen and limit is not None:
            row |= {"limit": limit, "is_within": chosen["batchin"] <= limit}
        return row | {"rounds": {name: [round(value, 1) for value in values] for name, values in rounds.items()}}


def busy_seconds() -> float:
    """How long the machine's cores were not idle, since it started."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / TICKS_PER_SECOND


def own_seconds(gateways: list[Gateway]) -> float:
    times = os.times()
    return sum(times[:4]) + sum(gateway.cpu_seconds() for gateway in gateways)


def disk_sync_microseconds(folder: Path) -> float:
    """The median of one 4 KiB write and fdatasync to a growing file: the least that a durable run can take."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            start = time.monotonic()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            times.append((time.monotonic() - start) * 1e6)
    return statistics.median(times)


def setup_row(arguments: argparse.Namespace, folder: Path, busy_with_others: float) -> dict:
    file_system = subprocess.run(["stat", "-fc", "%T", folder], capture_output=True, text=True, check=True)
    workers = {"nginx": NGINX_WORKERS, f"litellm {LITELLM_VERSION}": LITELLM_WORKERS}
    return {
        "cores": os.cpu_count(), "kernel": platform.release(), "file_system": file_system.stdout.strip(),
        "rounds": arguments.rounds, "seconds": arguments.seconds, "aborts": arguments.aborts,
        "cores_busy_with_other_things": round(busy_with_others, 2),
        "disk_sync_us": round(disk_sync_microseconds(folder), 1),
        "workers": {name: count for name, count in workers.items() if name.split()[0] in arguments.gateways},
    }


def measure(bench: Bench, gateways: list[Gateway], rounds: int) -> float:
    """Fills `bench`; how many cores were busy with something else meanwhile: well below 1, or the figures are noise."""
    start, before = time.monotonic(), busy_seconds() - own_seconds(gateways)
    for gateway in gateways:
        bench.warm_up(gateway)
    others = gateways[1:]
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        turn = number % len(others)
        for figure in (bench.requests, bench.flood, bench.paced, bench.latency, bench.ages):
            for gateway in gateways[:1] + others[turn:] + others[:turn]:
                figure(gateway)
    for gateway in others:
        bench.abort_streams(gateway)
        bench.note("resident memory, after all", gateway, gateway.resident_megabytes())
    return (busy_seconds() - own_seconds(gateways) - before) / (time.monotonic() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares gateways on this machine.")
    parser.add_argument("--gateways", default="batchin,nginx", type=lambda names: names.split(","))
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--seconds", default=6, type=float, help="of each measurement")
    parser.add_argument("--aborts", default=40, type=int)
    parser.add_argument("--quick", action="store_true", help="only to see that it works: one round, a second each")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds, arguments.aborts = 1, 1.0, 5
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        upstream = stack.enter_context(upstream_server(folder))
        started = [stack.enter_context(STARTERS[peer](folder, upstream.direct.port)) for peer in arguments.gateways]
        bench = Bench(upstream, compile_program("load", folder), arguments.seconds, arguments.aborts)
        busy_with_others = measure(bench, [upstream.direct, *started], arguments.rounds)
        for row in [setup_row(arguments, folder, busy_with_others), *bench.rows()]:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
