"""API keys made and revoked on the command line, beside a running server or without one."""

import re

import pytest

from client import Client
from server import Server, fresh_user, run_command
from spans import make_span, request_of


def status_with(server: Server, key: str) -> int:
    return Client(server.url, key).get("/v1/traces").status_code


def test_a_key_is_printed_alone_and_in_its_format(server: Server):
    result = run_command("keys", "create", "--data", server.data, "--user", fresh_user(), "--name", "collector")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(r"batchin_api_[0-9A-Za-z]{27}[0-9A-Za-z]{6}\n", result.stdout)


def test_a_key_made_beside_the_running_server_works_at_once(server: Server):
    for _ in range(3):
        assert status_with(server, server.create_key(fresh_user())) == 200


def test_a_revoked_key_is_refused_on_the_very_next_request(server: Server):
    key, kept = (server.create_key("revoked@example.com") for _ in range(2))
    client = Client(server.url, key)
    client.store(request_of(make_span()))
    assert client.get("/v1/traces").status_code == 200

    revoked = run_command("keys", "revoke", key[:16], "--data", server.data)
    assert revoked.returncode == 0, revoked.stderr

    assert client.get("/v1/traces").status_code == 401
    assert client.push(request_of(make_span())).status_code == 401
    assert status_with(server, kept) == 200


def test_a_revoked_key_stays_revoked_after_a_restart(own_server: Server):
    key = own_server.create_key("a@example.com")
    run_command("keys", "revoke", key[:16], "--data", own_server.data)
    own_server.restart()
    assert status_with(own_server, key) == 401


def test_keys_are_made_and_listed_without_a_server(start_server, tmp_path):
    data = tmp_path / "data"
    created = run_command("keys", "create", "--data", data, "--user", "a@example.com", "--name", "first")
    key = created.stdout.strip()
    listed = run_command("keys", "list", "--data", data)
    assert key[:16] in listed.stdout and "first" in listed.stdout and "a@example.com" in listed.stdout
    assert key not in listed.stdout
    assert status_with(start_server(data), key) == 200


def test_the_list_shows_what_was_revoked_and_one_users_keys(server: Server):
    user, stranger = fresh_user(), fresh_user()
    key, other = server.create_key(user, name="mine"), server.create_key(stranger)
    run_command("keys", "revoke", key[:16], "--data", server.data)
    listed = run_command("keys", "list", "--data", server.data, "--user", user).stdout
    [line] = [line for line in listed.splitlines() if key[:16] in line]
    assert "revoked" in line
    assert other[:16] not in listed


@pytest.mark.parametrize(
    "arguments",
    [
        ["create"],
        ["create", "--user", "no-at-sign"],
        ["create", "--user", "two@at@signs"],
        ["create", "--user", "a@" + "b" * 300],
        ["create", "--user", "a@example.com", "--scopes", "everything"],
        ["create", "--user", "a@example.com", "--scopes", ""],
        ["revoke"],
        ["revoke", "batchin_api_none"],
        ["list", "--user", "nobody@example.com"],
    ],
    ids=str,
)
def test_a_mistaken_command_says_so_and_prints_no_key(server: Server, arguments: list[str]):
    result = run_command("keys", *arguments, "--data", server.data)
    assert result.returncode != 0
    assert result.stderr.strip()
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("scopes", "ingest", "read"),
    [("otlp:write", 200, 403), ("traces:read", 403, 200), ("otlp:write,traces:read", 200, 200)],
)
def test_a_key_does_what_its_scopes_say(server: Server, scopes: str, ingest: int, read: int):
    client = Client(server.url, server.create_key(fresh_user(), scopes=scopes))
    assert client.push(request_of(make_span())).status_code == ingest
    assert client.get("/v1/traces").status_code == read
    assert client.get("/v1/otlp/export").status_code == read


def test_no_key_is_on_disk_or_in_the_log_in_the_clear(own_server: Server):
    key = own_server.create_key("a@example.com")
    Client(own_server.url, key).store(request_of(make_span()))
    Client(own_server.url, key + "x").get("/v1/traces")
    own_server.terminate()
    secret = key[16:].encode()
    for path in [*own_server.data.rglob("*"), own_server.log]:
        assert not path.is_file() or secret not in path.read_bytes(), path
