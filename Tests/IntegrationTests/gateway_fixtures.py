"""Gateways before a scripted upstream, as fixtures."""

import itertools
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import PROVIDER_KEY, Caller, Gateway, ModelNames, settings_of
from scripted_upstream import ScriptedUpstream
from server import Server

_test_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def upstream() -> Iterator[ScriptedUpstream]:
    upstream = ScriptedUpstream().start()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="session")
def dead_url() -> Iterator[str]:
    """Where every connection is refused."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}"


@pytest.fixture(scope="session")
def make_gateway(upstream: ScriptedUpstream, dead_url: str) -> Callable[..., Gateway]:
    def make(folder: Path, names: ModelNames, log_of: Gateway | None = None, **settings: object) -> Gateway:
        folder.mkdir(exist_ok=True)
        configuration = folder / "batchin.yaml"
        configuration.write_text(json.dumps(settings_of(upstream, dead_url, names)))
        settings = {"test.provider.key": PROVIDER_KEY, **settings}
        server = Server(
            folder / "data",
            settings=settings,
            arguments=["--config", str(configuration)],
            log_of=log_of.server if log_of else None,
        )
        return Gateway(server.start(), upstream, names)

    return make


@pytest.fixture(scope="session")
def shared_gateway(make_gateway: Callable[..., Gateway], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """It must outlive every test, so it is never killed."""
    gateway = make_gateway(tmp_path_factory.mktemp("gateway"), ModelNames(40))
    yield gateway
    gateway.server.stop()


@pytest.fixture
def gateway(shared_gateway: Gateway) -> Gateway:
    server = shared_gateway.server
    assert server.is_running, f"the gateway died\n{server.log_tail()}"
    server.skip_log()
    return shared_gateway


@pytest.fixture
def start_gateway(
    make_gateway: Callable[..., Gateway], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Gateway]]:
    """Makes gateways of the test's own, with whatever settings, ended with the test; all have the same models.

    One that shares another's database is told whose audit log it goes on with: `log_of`.
    """
    started: list[Gateway] = []
    names = ModelNames(1, suffix=f"-of-{next(_test_numbers)}")

    def start(**settings: object) -> Gateway:
        gateway = make_gateway(tmp_path / f"gateway{len(started)}", names, **settings)
        started.append(gateway)
        return gateway

    request.node.own_gateways = started
    yield start
    for gateway in started:
        gateway.server.stop()


@pytest.fixture
def own_gateway(start_gateway: Callable[..., Gateway]) -> Gateway:
    """A gateway that the test may kill."""
    return start_gateway()


@pytest.fixture
def caller(gateway: Gateway) -> Caller:
    """A fresh user without money."""
    return gateway.caller()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Shows the end of the gateways' logs beside a failure."""
    report = yield
    if report.failed:
        shared = getattr(item, "funcargs", {}).get("shared_gateway")
        for gateway in filter(None, [shared, *getattr(item, "own_gateways", [])]):
            server = gateway.server
            report.sections.append((f"log of {server.data.parent.name}, {server.state()}", server.log_tail()))
    return report
