"""The servers that are measured, each a process on a data folder of its own, and the client that loads them."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "gateway"), str(HERE.parents[1] / "Tests/IntegrationTests")]

import server as server_module  # noqa: E402
from gateways import Gateway  # noqa: E402
from server import Server, fresh_user, run_command  # noqa: E402

SETTLE_SECONDS = 0.3  # What a server still does after the last answer counts.

PROMPT = "Say something about the weather in a town by the sea, in one sentence."
CHAT = {"model": "echo", "messages": [{"role": "user", "content": PROMPT}]}
ASSERTION = {"input_text": PROMPT, "output_text": "Grey in the morning, and bright after noon.", "model_id": "gpt-4o"}


class Audited:
    """A server with one key, and how many records it owes its log."""

    def __init__(self, name: str, server: Server, client: Path):
        self.name, self.server, self._client = name, server, client
        self._key = server.create_key(fresh_user())
        self.records = 0

    # Asking

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(self.server.url + path, headers={"Authorization": f"Bearer {self._key}"})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def checkpoint_size(self) -> int:
        """How many leaves the last signed checkpoint covers."""
        return int(self.get("/vaas/log/checkpoint").split(b"\n")[1])

    def records_after(self, sequence: int, limit: int) -> list[dict]:
        return json.loads(self.get(f"/v1/vaas?after_seq={sequence}&limit={limit}"))["items"]

    # Loading

    def load(self, method: str, path: str, body: dict | None = None, *, connections: int, seconds: float) -> dict:
        """What the client saw, with the CPU seconds and the bytes for the disk that it took the server."""
        command = [self._client, "-p", self.server.address[1], "-c", connections, "-s", seconds, "-k"]
        cpu, written = self._cpu_seconds(), self._written_bytes()
        result = subprocess.run(
            [*map(str, command), self._request_text(method, path, body)], capture_output=True, text=True, check=True)
        seen = json.loads(result.stdout)
        if seen["errors"] > 0:
            sys.exit(f"{self.name} failed {method} {path}: {seen}")
        time.sleep(SETTLE_SECONDS)
        return seen | {"cpu": self._cpu_seconds() - cpu, "written": self._written_bytes() - written}

    def chat(self, seconds: float, connections: int = 64) -> dict:
        return self._record("/v1/chat/completions", CHAT, seconds, connections)

    def assertions(self, seconds: float, connections: int = 64) -> dict:
        return self._record("/v1/vaas", ASSERTION, seconds, connections)

    def fill(self, records: int) -> None:
        """Makes assertions until there are about so many records, at least."""
        seconds = 0.05
        while self.records < records:
            rate = self.assertions(seconds)["requests"] / seconds
            seconds = min(max((records - self.records) / max(rate, 1), 0.02), 10)

    def _record(self, path: str, body: dict, seconds: float, connections: int) -> dict:
        seen = self.load("POST", path, body, connections=connections, seconds=seconds)
        self.records += seen["requests"]
        return seen

    def _request_text(self, method: str, path: str, body: dict | None) -> str:
        text = "" if body is None else json.dumps(body)
        described = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n" if text else ""
        host, port = self.server.address
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {self._key}\r\n"
            f"{described}\r\n{text}"
        )

    # Looking from outside

    def restart(self) -> float:
        """Milliseconds from the start of a process on the same data until it says that it accepts connections."""
        if self.server.is_running:
            self.server.terminate()
        start = time.monotonic()
        self.server.start()
        return (time.monotonic() - start) * 1000

    def folder_bytes(self) -> int:
        """What the data of a stopped server take on disk."""
        return sum(path.stat().st_blocks * 512 for path in self.server.data.rglob("*") if path.is_file())

    def fsck(self) -> str:
        return run_command("audit", "fsck", "--data", self.server.data, timeout=600).stdout.strip()

    def _cpu_seconds(self) -> float:
        return Gateway(self.name, self.server.address[1], self.server.pid).cpu_seconds()

    def _written_bytes(self) -> int:
        """See `man 5 proc`, io: pages that were made dirty for a disk."""
        fields = Path(f"/proc/{self.server.pid}/io").read_text().split()
        return int(fields[fields.index("write_bytes:") + 1])


def slow_disk(folder: Path) -> Path:
    """A library that makes the disk of a process slow_disk.c's."""
    library = folder / "slow_disk.so"
    subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library, HERE / "slow_disk.c"], check=True)
    return library


@contextmanager
def audited(
    name: str, folder: Path, client: Path, binary: Path | None = None, preload: Path | None = None
) -> Iterator[Audited]:
    """A server with the default settings: SQLite, and the model `echo` inside, so that nothing else is measured."""
    ours = server_module.BINARY
    try:
        server_module.BINARY = binary or ours  # Also for the commands that make its key.
        if preload is not None:
            os.environ["LD_PRELOAD"] = str(preload)
        server = Server(folder / name).start()
        os.environ.pop("LD_PRELOAD", None)
        subject = Audited(name, server, client)
    finally:
        server_module.BINARY = ours
        os.environ.pop("LD_PRELOAD", None)
    try:
        yield subject
    finally:
        server.stop()
        shutil.rmtree(server.data)
