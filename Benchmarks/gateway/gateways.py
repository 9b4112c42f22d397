"""The gateways that are compared and the upstream behind them, each a process on a free port of 127.0.0.1."""

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "Tests/IntegrationTests"))

from server import Server, fresh_user, run_command, wait_until  # noqa: E402

# 1.107.0 was compromised; never take a version that nobody looked at.
LITELLM_VERSION = "1.105.2"
LITELLM_WORKERS = 1  # Its default.
NGINX_WORKERS = 2

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

NGINX_CONFIGURATION = """
daemon off;
user {user};
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream model {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000000;
        location / {{
            proxy_pass http://model;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""

LITELLM_CONFIGURATION = """
model_list:
  - model_name: bench
    litellm_params: {{ model: openai/bench, api_base: "http://127.0.0.1:{upstream}/v1", api_key: none }}
general_settings: {{ master_key: sk-bench }}
litellm_settings: {{ num_retries: 0 }}
"""

BATCHIN_CONFIGURATION = """
providers:
  - {{ id: upstream, base_url: "http://127.0.0.1:{upstream}/v1" }}
models:
  - id: bench
    pricing: {{ std_input: 0.02, std_output: 0.08 }}
    route: bench
routes:
  - id: bench
    targets: [{{ provider: upstream }}]
"""


@dataclass
class Gateway:
    """What answers chat completions at `port`, if asked with `key`; `pid` is the root of its process tree."""

    name: str
    port: int
    pid: int
    key: str = "none"

    def processes(self) -> list[int]:
        tree = [self.pid]
        for pid in tree:  # Grows while it is walked. All of them start their workers in the first thread.
            tree += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return tree

    def cpu_seconds(self) -> float:
        """User and system time of the process tree."""
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.processes())
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS_PER_SECOND

    def resident_megabytes(self) -> float:
        """VmRSS of the process tree, added up: pages that processes share count in each."""
        statuses = (Path(f"/proc/{pid}/status").read_text() for pid in self.processes())
        return sum(int(status.partition("VmRSS:")[2].split()[0]) for status in statuses) / 1024


class Upstream:
    """upstream.c; see there. `direct` is what a client without a gateway talks to."""

    def __init__(self, port: int, pid: int):
        self.direct = Gateway("direct", port, pid)

    def set_gap(self, milliseconds: int) -> None:
        """The time between two events of the streams that start from now on."""
        self._get(f"/gap/{milliseconds * 1000}")

    def aborts(self) -> tuple[int, int]:
        """How many streams were closed before their end, and when the last one was, in CLOCK_MONOTONIC nanoseconds."""
        count, last = self._get("/aborts").split()
        return int(count), int(last)

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.direct.port}{path}") as answer:
            return answer.read()


def compile_program(name: str, folder: Path) -> Path:
    program = folder / name
    subprocess.run(["cc", "-O2", "-Wall", "-o", program, HERE / f"{name}.c", "-lm"], check=True)
    return program


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


@contextmanager
def process(command: Sequence[object], port: int, log: Path, patience: float = 10) -> Iterator[int]:
    """Runs `command` from when it accepts connections until the end of the block; gives its process id."""
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    with log.open("wb") as output:
        running = subprocess.Popen([*map(str, command)], env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: running.poll() is not None or accepts(port), f"{command[0]} accepts connections", patience)
        if running.poll() is not None:
            sys.exit(f"{command[0]} ended:\n{log.read_text()}")
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def upstream_server(folder: Path) -> Iterator[Upstream]:
    port = free_port()
    with process([compile_program("upstream", folder), port], port, folder / "upstream.log") as pid:
        yield Upstream(port, pid)


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Gateway]:
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        sys.exit("nginx is not installed: apt-get install nginx")
    port, file = free_port(), folder / "nginx.conf"
    user = "root" if os.geteuid() == 0 else "nobody"  # Only root's nginx looks at it; its folder is ours alone.
    file.write_text(NGINX_CONFIGURATION.format(
        folder=folder, workers=NGINX_WORKERS, upstream=upstream, port=port, user=user))
    with process([program, "-e", folder / "nginx.log", "-c", file], port, folder / "nginx.out") as pid:
        yield Gateway("nginx", port, pid)


def litellm_program() -> Path:
    """The proxy in a virtual environment of its own, which is made if there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = Path(os.environ.get("LITELLM_VENV", cache / f"batchin-bench/litellm-{LITELLM_VERSION}"))
    if not (folder / "bin/litellm").exists():
        print(f"installing litellm {LITELLM_VERSION} in {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        requirement = f"litellm[proxy]=={LITELLM_VERSION}"
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", requirement], check=True)
    return folder / "bin/litellm"


@contextmanager
def litellm(folder: Path, upstream: int) -> Iterator[Gateway]:
    port, file = free_port(), folder / "litellm.yaml"
    file.write_text(LITELLM_CONFIGURATION.format(upstream=upstream))
    options = ["--config", file, "--host", "127.0.0.1", "--port", port, "--num_workers", LITELLM_WORKERS]
    with process([litellm_program(), *options, "--telemetry", "False"], port, folder / "litellm.log", 120) as pid:
        yield Gateway("litellm", port, pid, "sk-bench")


@contextmanager
def batchin(folder: Path, upstream: int) -> Iterator[Gateway]:
    """The server on SQLite, one priced model, one provider, and a key with a budget whose owner has credit."""
    file = folder / "batchin.yaml"
    file.write_text(BATCHIN_CONFIGURATION.format(upstream=upstream))
    server = Server(folder / "data", arguments=["--config", str(file)]).start()
    try:
        user = fresh_user()
        unlimited = server.create_key(user)
        run_command("credit", "--data", server.data, user, 10**8, "--reason", "benchmark").check_returncode()
        yield Gateway("batchin", server.address[1], server.pid, key_with_budget(server.url, unlimited))
    finally:
        server.stop()


def key_with_budget(url: str, unlimited: str) -> str:
    headers = {"Authorization": f"Bearer {unlimited}", "Content-Type": "application/json"}
    wish = json.dumps({"name": "benchmark", "monthly_budget_cents": 10**8}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/keys", wish, headers)) as answer:
        return json.load(answer)["key"]


STARTERS = {"batchin": batchin, "nginx": nginx, "litellm": litellm}
