"""Servers, tenants and clients for the tests.

`client` is a fresh tenant on a server that the whole session shares; tests that kill, fill or configure a server
make their own with `start_server`.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from client import Client
from people import People
from server import BINARY, Server, fresh_user, run_command
from small_disk import SmallDisk

pytest_plugins = ["gateway_fixtures", "evidence_fixtures"]

settings.register_profile(
    "batchin",
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("batchin")


@pytest.fixture(scope="session", autouse=True)
def binary() -> Path:
    assert BINARY.exists(), f"{BINARY} is missing: build it first, or set BATCHIN_BINARY"
    return BINARY


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with default settings; it must outlive every test, so it is never killed."""
    server = Server(tmp_path_factory.mktemp("shared") / "data").start()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: Server) -> Server:
    assert shared_server.is_running, f"the shared server died\n{shared_server.log_tail()}"
    shared_server.skip_log()
    return shared_server


@pytest.fixture
def client(server: Server) -> Client:
    """A client whose tenant nobody else uses."""
    return Client(server.url, server.create_key(fresh_user()))


@pytest.fixture
def anonymous(server: Server) -> Client:
    return Client(server.url, None)


@pytest.fixture(scope="session")
def people_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes whom the tests say they call for; it must outlive every test, so it is never killed."""
    server = Server(tmp_path_factory.mktemp("people") / "data", settings={"trusted_proxies": "127.0.0.1"}).start()
    yield server
    server.stop()


@pytest.fixture
def people(people_server: Server) -> People:
    assert people_server.is_running, f"the people's server died\n{people_server.log_tail()}"
    people_server.skip_log()
    return People(people_server)


@pytest.fixture
def credit() -> Callable[[Server, str, int], None]:
    """Gives a user credit with the command line."""

    def credit(server: Server, email: str, cents: int) -> None:
        result = run_command(
            "credit", "--data", server.data, "--reason", "test", email, "--", cents, settings=server.settings
        )
        assert result.returncode == 0, result.stderr

    return credit


@pytest.fixture
def start_server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Server]]:
    """Makes servers of the test's own, each on a new data folder unless told otherwise, ended with the test."""
    started: list[Server] = []

    def start(data: Path | None = None, **options: object) -> Server:
        server = Server(data or tmp_path / f"data{len(started)}", **options)
        started.append(server)
        return server.start()

    request.node.own_servers = started
    yield start
    for server in started:
        server.stop()


@pytest.fixture
def own_server(start_server: Callable[..., Server]) -> Server:
    """A server with default settings that the test may kill."""
    return start_server()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Shows the end of the servers' logs beside a failure."""
    report = yield
    if report.failed:
        shared = [getattr(item, "funcargs", {}).get(name) for name in ("shared_server", "people_server")]
        servers = [*getattr(item, "own_servers", []), *filter(None, shared)]
        for server in servers:
            report.sections.append((f"log of {server.data.name}, {server.state()}", server.log_tail()))
    return report


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Ports that were free a moment ago, all different, for what can not be told to take any."""

    def find(count: int) -> list[int]:
        probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        ports = [probe.getsockname()[1] for probe in probes]
        for probe in probes:
            probe.close()
        return ports

    return find


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk")
    if not disk.mount():
        pytest.skip("mounting a tmpfs is not permitted here")
    yield disk
    disk.unmount()
