"""Real PostgreSQL servers: databases on the one that the test run shares, and servers that a test may kill."""

import itertools
import os
import secrets
import shlex
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from server import REPOSITORY, wait_until

SCRIPT = REPOSITORY / "scripts/with-postgres.sh"

_database_numbers = itertools.count(1)


def _run_script_functions(commands: str) -> subprocess.CompletedProcess[str]:
    program = f"source {shlex.quote(str(SCRIPT))}; programs=$(server_programs); {commands}"
    result = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return result


def _psql(url: str, statement: str) -> str:
    """Runs one statement; the rows as text, a line each, columns separated by `|`."""
    result = subprocess.run(
        ["psql", url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", statement],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


class Database:
    """A database of its own on some server."""

    def __init__(self, server_url: str):
        self.name = f"batchin_test_{os.getpid()}_{next(_database_numbers)}"
        self._server_url = server_url
        self.url = urlunsplit(urlsplit(server_url)._replace(path="/" + self.name))

    def create(self) -> "Database":
        _psql(self._server_url, f"CREATE DATABASE {self.name}")
        return self

    def drop(self) -> None:
        _psql(self._server_url, f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def query(self, statement: str) -> str:
        return _psql(self.url, statement)


def shared_server_url() -> str:
    url = os.environ.get("BATCHIN_TEST_POSTGRES")
    assert url, f"BATCHIN_TEST_POSTGRES is not set: run the tests by {SCRIPT.name}"
    return url


class PostgresServer:
    """A server that syncs, and that the test may kill."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        password = secrets.token_hex(16)
        self.password = password
        self.url = f"postgres://batchin:{password}@/postgres?host={folder}"
        path = shlex.quote(str(folder))
        # The role that the server runs as must reach the folder.
        for parent in folder.parents:
            if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
        _run_script_functions(f"make_server {path} {password}")
        with (folder / "data/postgresql.conf").open("a") as configuration:
            configuration.write("fsync = on\nfull_page_writes = on\n")

    def start(self) -> "PostgresServer":
        _run_script_functions(f"start_server {shlex.quote(str(self.folder))}")
        return self

    def stop(self) -> None:
        _run_script_functions(f"stop_server {shlex.quote(str(self.folder))}")

    def kill(self) -> None:
        """SIGKILL to the postmaster and everything it started, as a power failure would."""
        pid_file = self.folder / "data/postmaster.pid"
        postmaster = int(pid_file.read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        processes = [postmaster, *map(int, children)]
        for pid in processes:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # It ended by itself.
                pass
        wait_until(lambda: not any(map(_runs, processes)), "the server is dead")
        # Where nobody reaps it, the next postmaster would take the dead one for running.
        for lock in (pid_file, *self.folder.glob(".s.PGSQL.*.lock")):
            lock.unlink()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
