"""Several servers on one PostgreSQL, and what they do while it is away."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

import spans
from client import Client
from postgres import Database, PostgresServer, shared_server_url
from server import Server, fresh_user, run_command, wait_until

PASSWORD = "correct horse battery staple"


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database(shared_server_url()).create()
    yield database
    database.drop()


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> dict[str, str]:
    """What servers on the same database have in common."""
    return {"database.url": database.url, "master_key_file": str(tmp_path / "master.key")}


@pytest.fixture
def two_servers(start_server: Callable[..., Server], settings: dict[str, str]) -> tuple[Server, Server]:
    one = start_server(settings=settings)
    return one, start_server(settings=settings, log_of=one)


def session_of(url: str, email: str) -> Client:
    """A client that is logged in as a new user."""
    anonymous = Client(url, None)
    signed_up = anonymous.request(
        "POST", "/v1/users", json={"email": email, "name": "A", "password": PASSWORD})
    assert signed_up.status_code == 201, signed_up.text
    login = anonymous.request("POST", "/v1/users/login", json={"email": email, "password": PASSWORD})
    assert login.status_code == 200, login.text
    return Client(url, login.json()["access_token"])


def test_a_key_made_on_one_server_works_on_the_other(two_servers: tuple[Server, Server]):
    one, other = two_servers
    session = session_of(one.url, fresh_user())
    made = session.request("POST", "/v1/keys", json={"name": "shared"}).json()
    assert Client(other.url, made["key"]).get("/v1/users/me").status_code == 200
    assert Client(other.url, session.key).get("/v1/users/me").status_code == 200


def test_a_key_deleted_on_one_server_is_refused_by_the_other_within_a_second(two_servers: tuple[Server, Server]):
    one, other = two_servers
    session = session_of(one.url, fresh_user())
    for _ in range(5):
        made = session.request("POST", "/v1/keys").json()
        client = Client(other.url, made["key"])
        assert client.get("/v1/users/me").status_code == 200
        assert session.request("DELETE", f"/v1/keys/{made['id']}").status_code == 200
        deadline = time.monotonic() + 1
        assert Client(one.url, made["key"]).get("/v1/users/me").status_code == 401
        wait_until(lambda: client.get("/v1/users/me").status_code == 401, "the key is refused", timeout=1)
        assert time.monotonic() < deadline


def test_commands_and_servers_share_the_database(two_servers: tuple[Server, Server], settings: dict[str, str]):
    one, other = two_servers
    user = fresh_user()
    key = one.create_key(user)
    credited = run_command("credit", user, 1234, "--reason", "a gift", "--data", one.data, settings=settings)
    assert credited.returncode == 0, credited.stderr
    for server in two_servers:
        assert Client(server.url, key).get("/v1/users/me").json()["credit_balance_cents"] == 1234


def test_spans_are_stored_by_the_server_that_got_them(two_servers: tuple[Server, Server]):
    one, _ = two_servers
    client = Client(one.url, one.create_key(fresh_user()))
    message = spans.request_of(spans.make_span())
    client.store(message)
    spans.assert_same_spans(client.export(), message)


def test_a_server_with_another_master_key_is_refused(
    start_server: Callable[..., Server], settings: dict[str, str], tmp_path: Path
):
    start_server(settings=settings)
    for content in (None, bytes(32)):
        other = tmp_path / "other.key"
        if content is not None:
            other.write_bytes(content)
            other.chmod(0o600)
        result = run_command(
            "serve", "--data", tmp_path / "other", "--listen", "127.0.0.1:0",
            settings=settings | {"master_key_file": str(other)})
        assert result.returncode not in (0, -6, -11)
        assert "master key" in result.stderr
        # None was invented for a database that belongs to another one.
        assert other.exists() == (content is not None)


def test_a_server_that_can_not_be_reached_is_said_to_be_without_its_password(tmp_path: Path):
    url = f"postgres://batchin:canary-password@/none?host={tmp_path}"
    settings = {"database.url": url, "master_key_file": str(tmp_path / "master.key")}
    result = run_command("serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", settings=settings)
    assert result.returncode not in (0, -6, -11)
    assert "database" in result.stderr
    assert "canary-password" not in result.stderr + result.stdout
    assert not (tmp_path / "master.key").exists()


def test_a_rate_limit_holds_over_two_servers(two_servers: tuple[Server, Server]):
    one, other = two_servers
    limit = 200
    session = session_of(one.url, fresh_user())
    key = session.request("POST", "/v1/keys", json={"rate_limit_rpm": limit}).json()["key"]
    admitted = 0
    lock = threading.Lock()

    def flood(url: str) -> None:
        nonlocal admitted
        client = Client(url, key)
        for _ in range(limit):
            status = client.get("/v1/users/me").status_code
            assert status in (200, 429)
            with lock:
                admitted += status == 200

    started = time.monotonic()
    threads = [threading.Thread(target=flood, args=(server.url,)) for server in two_servers for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refilled = limit * (time.monotonic() - started) / 60
    assert limit * 0.9 <= admitted <= (limit + refilled) * 1.1


@dataclass
class Load:
    """Makes keys and uses them until it is told to stop; remembers what was acknowledged and what was answered."""

    url: str
    session: Client
    stop: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[dict] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    without_retry_after: int = 0

    def run(self) -> None:
        client = Client(self.url, self.session.key)
        while not self.stop.is_set():
            try:
                response = client.request("POST", "/v1/keys", json={"name": "load"})
            except requests.ConnectionError as error:
                raise AssertionError("the server hung up") from error
            self.statuses.add(response.status_code)
            if response.status_code == 201:
                self.acknowledged.append(response.json())
            elif "Retry-After" not in response.headers:
                self.without_retry_after += 1


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    postgres = PostgresServer(tmp_path / "postgres")
    postgres.start()
    yield postgres
    postgres.stop()


def test_nothing_acknowledged_is_lost_when_postgresql_is_killed_and_service_returns(
    start_server: Callable[..., Server], own_postgres: PostgresServer, tmp_path: Path
):
    settings = {"database.url": own_postgres.url, "master_key_file": str(tmp_path / "master.key")}
    server = start_server(settings=settings)
    session = session_of(server.url, fresh_user())
    loads = [Load(server.url, session) for _ in range(6)]
    threads = [threading.Thread(target=load.run) for load in loads]
    for thread in threads:
        thread.start()

    def progress() -> int:
        return sum(len(load.acknowledged) for load in loads)

    for _ in range(3):
        reached = progress()
        wait_until(lambda: progress() > reached + 50, "keys are made", timeout=30)
        own_postgres.kill()
        wait_until(lambda: any(503 in load.statuses for load in loads), "requests are refused")
        own_postgres.start()
    reached = progress()
    wait_until(lambda: progress() > reached + 50, "service returned by itself", timeout=30)
    for load in loads:
        load.stop.set()
    for thread in threads:
        thread.join()

    assert set().union(*(load.statuses for load in loads)) == {201, 503}
    assert sum(load.without_retry_after for load in loads) == 0
    for key in (key for load in loads for key in load.acknowledged):
        assert Client(server.url, key["key"]).get("/v1/users/me").status_code == 200


def test_health_says_that_the_database_is_away_and_ingest_asks_to_wait(
    start_server: Callable[..., Server], own_postgres: PostgresServer, tmp_path: Path
):
    settings = {"database.url": own_postgres.url, "master_key_file": str(tmp_path / "master.key")}
    server = start_server(settings=settings)
    client = Client(server.url, server.create_key(fresh_user()))
    client.store(spans.request_of(spans.make_span()))
    own_postgres.kill()
    wait_until(lambda: client.get("/health/ready").status_code == 503, "not ready")
    # An accepted key is remembered for a second at most.
    wait_until(lambda: client.push(spans.request_of(spans.make_span())).status_code == 503, "ingest is refused")
    refused = client.push(spans.request_of(spans.make_span()))
    assert int(refused.headers["Retry-After"]) >= 1
    own_postgres.start()
    wait_until(lambda: client.push(spans.request_of(spans.make_span())).status_code == 200, "ingest is back", timeout=30)
    assert client.get("/health/ready").status_code == 200
