"""The process as an operator meets it: settings, mistakes, the lock, the end."""

import json
import select
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from client import INGEST, PROTOBUF, Client
from raw_connection import connected, request_head
from server import Server, run_command, wait_until
from spans import assert_same_spans, make_span, request_of

SECRETS = ["internal-token-secret", "database-password-secret", "bearer-header-secret"]


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "batchin.yaml"
        path.write_text(text)
        return path

    return write


def serve(*arguments: object, settings: dict[str, object] | None = None):
    """`batchin serve` where it is expected to end by itself."""
    return run_command("serve", *arguments, settings=settings, timeout=20)


def test_the_version_is_printed():
    result = run_command("version")
    assert result.returncode == 0 and result.stdout.strip()


def test_standard_output_has_one_line_and_no_secret(own_server: Server):
    key = own_server.create_key("a@example.com")
    Client(own_server.url, key).store(request_of(make_span()))
    Client(own_server.url, "wrong").get("/v1/traces")
    assert own_server.process is not None and own_server.process.stdout is not None
    assert select.select([own_server.process.stdout], [], [], 0)[0] == []


def test_logs_can_be_json(start_server: Callable[..., Server]):
    server = start_server(arguments=["--log-format", "json"])
    server.terminate()
    lines = server.log.read_text().splitlines()
    assert lines
    for line in lines:
        assert isinstance(json.loads(line), dict)


def test_print_config_shows_everything_but_secrets(write_config: Callable[[str], Path], tmp_path: Path):
    config = write_config(
        f"""
        environment: staging
        internal_token: {SECRETS[0]}
        listen: 127.0.0.1:9999
        database: {{ url: "postgres://user:{SECRETS[1]}@db.example.com/batchin" }}
        master_key_file: /etc/batchin/master.key
        providers:
          - id: p
            base_url: http://127.0.0.1:1/v1
            headers: {{ Authorization: Bearer {SECRETS[2]} }}
        """
    )
    result = serve("--config", config, "--data", tmp_path / "never-made", "--print-config")
    assert result.returncode == 0, result.stderr
    for shown in ("127.0.0.1:9999", "staging", "db.example.com", "limits", "ingest_queue_bytes", "268435456"):
        assert shown in result.stdout, shown
    for secret in SECRETS:
        assert secret not in result.stdout + result.stderr
    assert not (tmp_path / "never-made").exists()


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_file(write_config: Callable[[str], Path]):
    config = write_config("listen: 127.0.0.1:1001\ncapture: none\nlimits: { keepalive_s: 33 }\n")
    environment = {"listen": "127.0.0.1:1002", "capture": "hash"}
    result = serve("--config", config, "--listen", "127.0.0.1:1003", "--print-config", settings=environment)
    assert result.returncode == 0, result.stderr
    settings = dict(line.strip().split(": ", 1) for line in result.stdout.splitlines() if ": " in line)
    found = [settings[name].strip("'\"") for name in ("listen", "capture", "keepalive_s")]
    assert found == ["127.0.0.1:1003", "hash", "33"]


def test_all_mistakes_are_reported_together_and_an_unknown_key_by_name(
    write_config: Callable[[str], Path], tmp_path: Path
):
    config = write_config(
        """
        listenn: 127.0.0.1:8080
        capture: sometimes
        spans: { retention_days: many, retentoin: 3 }
        limits:
          body_bytes: -1
        models:
          - id: m
            kind: chat
            route: nowhere
        """
    )
    result = serve("--config", config, "--data", tmp_path / "data", settings={"limits.keepalive_s": "soon"})
    assert result.returncode not in (0, -6, -11)
    assert result.stdout == ""
    mistakes = ("listenn", "capture", "retention_days", "retentoin", "body_bytes", "route", "keepalive_s")
    for named in mistakes:
        assert named in result.stderr, f"{named} is not named in\n{result.stderr}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("environment: production\n", "internal_token"),
        ("listen: 0.0.0.0:0\n", "allow_open_development"),
        ("listen: nonsense\n", "listen"),
        ("just text\n", "mapping"),
        ("a: [\n", "YAML"),
        ("capture: none\ncapture: full\n", "capture"),
    ],
)
def test_a_server_does_not_start_on_a_mistaken_configuration(
    write_config: Callable[[str], Path], tmp_path: Path, text: str, named: str
):
    result = serve("--config", write_config(text), "--data", tmp_path / "data")
    assert result.returncode != 0 and named in result.stderr
    assert result.stdout == ""


def test_a_configuration_file_that_is_missing_is_named(tmp_path: Path):
    result = serve("--config", tmp_path / "no-such-file.yaml", "--data", tmp_path / "data")
    assert result.returncode != 0 and "no-such-file.yaml" in result.stderr


def test_unknown_environment_variables_are_ignored(start_server: Callable[..., Server]):
    start_server(settings={"api_key": "batchin_api_belongs_to_a_client", "surely.unknown": "1"})


def test_a_second_serve_on_the_same_data_is_refused(own_server: Server):
    result = serve("--data", own_server.data, "--listen", "127.0.0.1:0")
    assert result.returncode not in (0, -6, -11)
    assert any(phrase in result.stderr.lower() for phrase in ("another process", "already", "in use"))
    assert result.stdout == ""
    assert Client(own_server.url, None).get("/health").status_code == 200


def test_a_setting_that_can_not_act_yet_is_refused_and_not_ignored(tmp_path: Path):
    settings = {"spans.store": "database", "spans.url": "postgres://localhost/x"}
    result = serve("--data", tmp_path / "data", "--listen", "127.0.0.1:0", settings=settings)
    assert result.returncode not in (0, -6, -11)
    assert "not supported yet" in result.stderr
    assert result.stdout == ""


def test_the_lock_dies_with_its_process(own_server: Server):
    for _ in range(3):
        own_server.restart()


def test_an_address_that_is_taken_is_said_to_be(own_server: Server, tmp_path: Path):
    host, port = own_server.address
    result = serve("--data", tmp_path / "other", "--listen", f"{host}:{port}")
    assert result.returncode not in (0, -6, -11)
    assert "in use" in result.stderr


def test_sigterm_ends_an_idle_server_with_0_at_once(own_server: Server):
    with connected(own_server.address) as idle, connected(own_server.address):
        idle.send(request_head("GET", "/health", {}))
        assert idle.answer().status == 200
        assert own_server.terminate(timeout=5) == 0


def test_sigterm_finishes_what_is_in_flight_and_takes_nothing_new(own_server: Server):
    key = own_server.create_key("a@example.com")
    request = request_of(make_span())
    body = request.SerializeToString()
    head = request_head(
        "POST",
        INGEST,
        {
            "Authorization": f"Bearer {key}",
            "Content-Type": PROTOBUF,
            "Content-Length": len(body),
            "Expect": "100-continue",
        },
    )
    with connected(own_server.address) as connection:
        connection.send(head)
        assert connection.answer().status == 100
        connection.send(body[:10])
        assert own_server.process is not None
        own_server.process.terminate()
        wait_until(lambda: refuses_connections(own_server.address), "new connections are refused")
        connection.send(body[10:])
        assert connection.answer().status == 200
    assert own_server.process.wait(10) == 0
    own_server.start()
    assert_same_spans(Client(own_server.url, key).export(), request)


def refuses_connections(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return True
    return False


def test_the_data_folder_is_private(own_server: Server):
    own_server.create_key("a@example.com")
    assert own_server.data.stat().st_mode & 0o077 == 0
    secrets = own_server.data / "secrets" / "master.key"
    assert secrets.stat().st_mode & 0o777 == 0o600
