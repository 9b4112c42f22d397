"""The real `batchin` binary, started, killed and watched as a process."""

import itertools
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("BATCHIN_BINARY", REPOSITORY / ".build/debug/batchin"))

START_TIMEOUT_SECONDS = 20.0
EXIT_TIMEOUT_SECONDS = 15.0


_user_numbers = itertools.count(1)


class ServerDied(Exception):
    """The process ended although it should have served."""


def fresh_user() -> str:
    """The address of a user whom no server of this process knows yet."""
    return f"user{next(_user_numbers)}@example.com"


def wait_until(condition: Callable[[], object], what: str, timeout: float = 10.0) -> None:
    """Asks `condition` again and again until it holds; fails naming `what` when `timeout` seconds have passed."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {timeout:g} s: {what}")
        time.sleep(0.02)


def environment_of(settings: Mapping[str, object]) -> dict[str, str]:
    """The environment in which `limits.body_bytes` of `settings` is set as BATCHIN_LIMITS_BODY_BYTES."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BATCHIN_", "OTEL_"))}
    ours = {"BATCHIN_" + path.upper().replace(".", "_"): str(value) for path, value in settings.items()}
    return inherited | ours


def run_command(
    *arguments: object, settings: Mapping[str, object] | None = None, timeout: float = 30.0
) -> subprocess.CompletedProcess[str]:
    """Runs one `batchin` command to its end."""
    return subprocess.run(
        [str(BINARY), *map(str, arguments)],
        env=environment_of(settings or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Server:
    """One data folder and the `batchin serve` process that runs on it, if one does."""

    def __init__(
        self,
        data: Path,
        settings: Mapping[str, object] | None = None,
        arguments: Sequence[str] = (),
        listen: str = "127.0.0.1:0",
        log_of: "Server | None" = None,
    ):
        """`log_of` is the server on the same database that began its audit log: its keys are given to this one."""
        self.data = data
        self.settings = dict(settings or {})
        self.arguments = list(arguments)
        self.listen = listen
        self.log_of = log_of
        self.log = data.with_name(data.name + ".log")
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def start(self) -> "Server":
        """Starts the process and waits until it says that it accepts connections."""
        self._prepare_audit_log()
        self.spawn()
        line = self._first_line(START_TIMEOUT_SECONDS)
        match = re.fullmatch(r"listening on (http://\S+:\d+)", line)
        if match is None:
            self.kill()
            raise ServerDied(f"first line on standard output: {line!r}\n{self.log_tail()}")
        self.url = match[1]
        return self

    def spawn(self) -> None:
        """Starts the process without waiting for it to serve."""
        command = [str(BINARY), "serve", "--listen", self.listen, "--data", str(self.data), *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=environment_of(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def kill(self) -> None:
        """kill -9: what a crash does."""
        self._signal_and_reap(signal.SIGKILL)

    def terminate(self, timeout: float = EXIT_TIMEOUT_SECONDS) -> int:
        """SIGTERM: what an operator does. Answers the exit code."""
        return self._signal_and_reap(signal.SIGTERM, timeout)

    def stop(self) -> None:
        """Ends the process, if there is one, in whatever state it is."""
        if self.process is not None:
            self.kill()

    def restart(self) -> "Server":
        """kill -9, then a new process on the same data."""
        self.stop()
        return self.start()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def state(self) -> str:
        """Whether the process runs, and with which code it ended if it should have."""
        if self.process is None:
            return "stopped"
        code = self.process.poll()
        return "running" if code is None else f"ended by itself with {code}"

    @property
    def pid(self) -> int:
        assert self.process is not None, "the server was not started"
        return self.process.pid

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        return host, int(port)

    @property
    def config_option(self) -> list[str]:
        """What names the configuration, which other commands must know too."""
        if "--config" not in self.arguments:
            return []
        place = self.arguments.index("--config")
        return self.arguments[place : place + 2]

    def create_key(self, user: str, *, scopes: str | None = None, name: str | None = None) -> str:
        """Makes a key with the command line, beside the running server or without one."""
        options = (["--scopes", scopes] if scopes else []) + (["--name", name] if name else [])
        result = run_command("keys", "create", "--data", self.data, "--user", user, *options, settings=self.settings)
        assert result.returncode == 0, f"keys create ended with {result.returncode}: {result.stderr}"
        return result.stdout.strip()

    def resident_bytes(self) -> int:
        return self._memory("VmRSS")

    def peak_resident_bytes(self) -> int:
        return self._memory("VmHWM")

    def reset_peak_resident_bytes(self) -> None:
        """See `man 5 proc`, clear_refs: 5 resets the peak to the present size."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def open_sockets(self) -> int:
        """How many sockets the process holds, the listening ones included."""
        links = (self._link(path) for path in Path(f"/proc/{self.pid}/fd").iterdir())
        return sum(link.startswith("socket:") for link in links)

    def skip_log(self) -> None:
        """What was logged so far is not of interest any more."""
        self._log_start = self.log.stat().st_size

    def log_tail(self, lines: int = 60) -> str:
        if not self.log.exists():
            return ""
        recent = self.log.read_bytes()[self._log_start :].decode(errors="replace")
        return "\n".join(recent.splitlines()[-lines:])

    def _prepare_audit_log(self) -> None:
        """Does what the operator must do before the first start."""
        secrets = self.data / "secrets"
        if self.log_of is not None and not secrets.exists():
            secrets.mkdir(parents=True, mode=0o700)
            for secret in (self.log_of.data / "secrets").glob("audit-*"):
                shutil.copy2(secret, secrets)
        elif self.settings.get("environment", "development") != "development" and not secrets.exists():
            options = ["--data", self.data, *self.config_option]
            result = run_command("audit", "init-root", *options, settings=self.settings)
            assert result.returncode == 0, result.stderr

    @staticmethod
    def _link(path: Path) -> str:
        try:
            return str(path.readlink())
        except FileNotFoundError:  # Closed since the folder was listed.
            return ""

    def _memory(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        assert match is not None, f"no {name} in {status}"
        return int(match[1]) * 1024

    def _first_line(self, timeout: float) -> str:
        assert self.process is not None and self.process.stdout is not None
        descriptor, line, deadline = self.process.stdout.fileno(), b"", time.monotonic() + timeout
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(descriptor, 1) if ready else b""
            if not piece:
                break
            line += piece
        return line.decode().rstrip("\n")

    def _signal_and_reap(self, number: signal.Signals, timeout: float = EXIT_TIMEOUT_SECONDS) -> int:
        assert self.process is not None and self.process.stdout is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout)
        self.process.stdout.close()
        self.process = None
        return code
