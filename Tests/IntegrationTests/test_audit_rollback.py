"""A data folder older than the last checkpoint that was given out: nothing is signed any more, all is readable."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from audit_command import audit, writer_on
from audit_log import CHECKPOINT, Checkpoint, LogReader
from audit_records import assert_record, assertion, grown, pack_of_response, read_pack
from client import Client
from gateway import Caller
from server import Server, ServerDied, wait_until
from test_errors import error_of

StartServer = Callable[..., Server]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the last checkpoint is kept, outside the data folder."""
    return tmp_path / "kept" / "checkpoint"


@pytest.fixture
def server(start_server: StartServer, kept: Path) -> Server:
    kept.parent.mkdir()
    return start_server(settings={"audit.checkpoint_file": str(kept)})


def backed_up(server: Server) -> Path:
    """A copy of the data folder as it is between two runs."""
    server.terminate()
    copy = server.data.with_name("backup")
    shutil.copytree(server.data, copy)
    server.start()
    return copy


def restore(server: Server, backup: Path) -> None:
    server.terminate()
    shutil.rmtree(server.data)
    shutil.copytree(backup, server.data)


def health(server: Server) -> dict:
    response = Client(server.url, None).get("/health")
    assert response.status_code == 200
    return response.json()


def assert_only_readable(server: Server, key: str, known: str) -> None:
    """Insists that nothing is signed, that this is said, and that what was signed is still there."""
    client = Client(server.url, key)
    assert health(server)["status"] != "ok"
    checks = health(server)["checks"]
    assert any("audit" in name and check["status"] != "ok" and check["messages"] for name, check in checks.items())
    before = client.get(CHECKPOINT).text
    refusals = [
        client.request("POST", "/v1/vaas", json=assertion()),
        Caller(server.url, key).chat("echo"),
        Caller(server.url, key).chat("echo", stream=True),
    ]
    for response in refusals:
        error = error_of(response, 503)
        assert (error["code"], error["type"]) == ("service_unavailable", "server_error")
        assert "X-VaaS-Signature" not in response.headers
    assert client.get(CHECKPOINT).text == before
    assert read_pack(client, known).json["record_id"] == known
    for path in (f"/v1/vaas/{known}", "/v1/vaas", "/v1/vaas/pubkeys", "/v1/models", "/v1/traces", "/v1/usage/logs"):
        assert client.get(path).status_code == 200, path


def test_the_last_checkpoint_is_kept_where_the_setting_says(server: Server, kept: Path):
    client = writer_on(server)
    for _ in range(3):
        checkpoint = grown(client)
        assert Checkpoint.parse(kept.read_text()).size >= checkpoint.size
    wait_until(lambda: kept.read_text() == client.get(CHECKPOINT).text, "the last checkpoint is kept")
    assert list(kept.parent.iterdir()) == [kept], "nothing else is left beside it"


def test_a_server_goes_on_from_the_checkpoint_that_was_kept(server: Server, kept: Path):
    client = writer_on(server)
    before = grown(client)
    server.restart()
    after = grown(Client(server.url, client.key))
    LogReader(server.url).check_consistency(before, after)
    assert health(server)["status"] == "ok"


def test_an_old_copy_of_the_data_signs_nothing(server: Server, kept: Path):
    client = writer_on(server)
    known = pack_of_response(client, assert_record(client)).json["record_id"]
    backup = backed_up(server)
    newer = [grown(Client(server.url, client.key)) for _ in range(3)]
    restore(server, backup)
    saved = kept.read_text()
    server.start()
    assert_only_readable(server, client.key, known)
    assert kept.read_text() == saved and Checkpoint.parse(saved).size >= newer[-1].size
    assert audit(server, "fsck").returncode != 0
    server.restart()
    assert_only_readable(server, client.key, known)


def test_the_right_data_heals_it(server: Server, kept: Path):
    client = writer_on(server)
    grown(client)
    backup = backed_up(server)
    newer = grown(Client(server.url, client.key))
    server.terminate()
    current = server.data.with_name("current")
    server.data.rename(current)
    shutil.copytree(backup, server.data)
    server.start()
    assert health(server)["status"] != "ok"
    server.terminate()
    shutil.rmtree(server.data)
    current.rename(server.data)
    server.start()
    after = grown(Client(server.url, client.key))
    LogReader(server.url).check_consistency(newer, after)
    assert health(server)["status"] == "ok"


def test_another_history_of_the_same_size_signs_nothing(server: Server, kept: Path, start_server: StartServer):
    """The copy has gone on by itself, so that its size is no sign."""
    client = writer_on(server)
    known = pack_of_response(client, assert_record(client)).json["record_id"]
    backup = backed_up(server)
    grown(Client(server.url, client.key))
    twin = start_server(backup)
    for _ in range(2):
        grown(Client(twin.url, client.key))
    twin.terminate()
    restore(server, twin.data)
    server.start()
    assert_only_readable(server, client.key, known)


@pytest.mark.parametrize("text", ["", "not a checkpoint\n", "log\n1\nAAAA\n\n"])
def test_a_kept_checkpoint_that_can_not_be_read_is_no_reason_to_go_on(server: Server, kept: Path, text: str):
    client = writer_on(server)
    grown(client)
    server.terminate()
    kept.write_text(text)
    try:
        server.start()
    except ServerDied:
        pass  # To give up is as good as to serve what is there.
    else:
        response = Client(server.url, client.key).request("POST", "/v1/vaas", json=assertion())
        assert error_of(response, 503)["code"] == "service_unavailable"
    assert kept.read_text() == text
