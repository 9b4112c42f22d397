"""Verifying offline, checking a stored log, and comparing what two auditors were shown."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from audit_command import NOT_VALID, UNUSABLE, VALID, audit, compare, root_file, verdict, verify, writer_on
from audit_log import CONSISTENCY, Checkpoint, LogReader
from audit_records import CHECKS, RECORDS, Pack, assert_record, grown, pack_of_response, read_pack
from client import JSON, Client
from server import Server, run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An auditor's folder, with nothing in it."""
    path = tmp_path / "auditor"
    path.mkdir()
    return path


@pytest.fixture
def pack(client: Client) -> Pack:
    return pack_of_response(client, assert_record(client))


# Verifying


def test_a_pack_is_verified_offline_against_the_root(server: Server, client: Client, pack: Pack, folder: Path):
    public = read_pack(Client(client.url, None), pack.json["record_id"])
    for shown in (pack, public):
        code, report = verdict(folder, shown, "--trust", root_file(server))
        assert (code, report["valid"], report["status"]) == (VALID, True, "valid_unwitnessed")
        assert report["record_id"] == pack.json["record_id"]
        assert [check["name"] for check in report["checks"]] == CHECKS
    assert {path.name for path in folder.iterdir()} == {"pack.json"}, "verifying leaves nothing behind"


def test_the_command_and_the_server_say_the_same(server: Server, client: Client, pack: Pack, folder: Path):
    _, said = verdict(folder, pack, "--trust", root_file(server))
    assert client.push_bytes(pack.text, JSON, path=f"{RECORDS}/verify").json() == said


def test_without_json_the_report_is_for_people(server: Server, pack: Pack, folder: Path):
    (folder / "pack.json").write_bytes(pack.text)
    result = verify(folder, "pack.json", "--trust", root_file(server))
    assert result.returncode == VALID
    for name in CHECKS[:9]:
        assert name in result.stdout
    assert "valid" in result.stdout


def test_a_root_that_is_not_trusted_makes_no_pack_valid(pack: Pack, folder: Path):
    stranger, empty = folder / "stranger.pub", folder / "empty.pub"
    # The base point of the curve: a key that is well made, and nobody's root.
    stranger.write_text("58" + "66" * 31 + "\n")
    empty.write_text("# nobody is trusted\n")
    for arguments in ((), ("--trust", stranger), ("--trust", empty)):
        code, report = verdict(folder, pack, *arguments)
        assert (code, report["valid"]) == (NOT_VALID, False), arguments
        assert status_of(report, "key_trusted") == "fail"


def status_of(report: dict, name: str) -> str:
    return {check["name"]: check["status"] for check in report["checks"]}[name]


def test_a_trust_file_may_have_comments_and_several_roots(server: Server, pack: Pack, folder: Path):
    trust = folder / "trust"
    trust.write_text(f"# Ours\n\n{'58' + '66' * 31}\n{root_file(server).read_text()}")
    assert verdict(folder, pack, "--trust", trust)[0] == VALID


@pytest.mark.parametrize("path", [("payload", "output_hash"), ("signature",), ("log", "leaf_hash"), ("record_id",)])
def test_a_pack_that_was_changed_is_not_valid(server: Server, pack: Pack, folder: Path, path: tuple[str, ...]):
    changed = pack.json
    place = changed if len(path) == 1 else changed[path[0]]
    text = place[path[-1]]
    place[path[-1]] = text[:-1] + ("0" if text[-1] != "0" else "1")
    code, report = verdict(folder, changed, "--trust", root_file(server))
    assert (code, report["valid"], report["status"]) == (NOT_VALID, False, "invalid")


@pytest.mark.parametrize("text", [b"{}", b"[]", b"7", b"null", b'"pack"', b'{"a":1,"a":2}'])
def test_json_that_is_no_pack_is_not_valid(server: Server, folder: Path, text: bytes):
    (folder / "pack.json").write_bytes(text)
    result = verify(folder, "pack.json", "--trust", root_file(server), "--json")
    assert result.returncode == NOT_VALID
    assert json.loads(result.stdout)["valid"] is False


@pytest.mark.parametrize("text", [b"", b"{", b"pack", b"\xff{}", b"{}{}"])
def test_what_is_no_json_is_unusable(server: Server, folder: Path, text: bytes):
    (folder / "pack.json").write_bytes(text)
    result = verify(folder, "pack.json", "--trust", root_file(server), "--json")
    assert result.returncode == UNUSABLE and result.stderr


def test_arguments_that_can_not_be_used_are_said_to_be(server: Server, pack: Pack, folder: Path):
    (folder / "pack.json").write_bytes(pack.text)
    (folder / "bad.pub").write_text("not a root\n")
    (folder / "short.pub").write_text("ab" * 31 + "\n")
    for arguments in (
        (), ("missing.json",), (".",), ("pack.json", "--trust", "missing.pub"), ("pack.json", "--trust", "bad.pub"),
        ("pack.json", "--trust", "short.pub"), ("pack.json", "--no-such-flag"), ("pack.json", "--keys", "missing.json"),
        ("pack.json", "--trust", root_file(server), "--keys", "bad.pub"),
    ):  # fmt: skip
        result = verify(folder, *arguments)
        assert result.returncode == UNUSABLE, f"{arguments}: {result.returncode} {result.stderr}"
        assert result.stderr


# Checking a log


def test_a_good_log_is_said_to_be_good_beside_a_server_and_without_one(own_server: Server):
    writer = writer_on(own_server)
    for _ in range(3):
        grown(writer)
    assert audit(own_server, "fsck").returncode == 0
    own_server.terminate()
    result = audit(own_server, "fsck")
    assert result.returncode == 0, result.stderr


def test_a_folder_without_a_log_is_not_said_to_be_good(tmp_path: Path):
    assert run_command("audit", "fsck", "--data", tmp_path / "nothing").returncode != 0


# Comparing checkpoints


def test_two_checkpoints_of_one_log_agree(own_server: Server, folder: Path):
    writer = writer_on(own_server)
    earlier, later = grown(writer), grown(writer)
    for one, other in ((earlier, later), (later, earlier), (later, later)):
        result = compare(own_server, folder, one, other)
        assert result.returncode == 0, result.stdout + result.stderr


def test_checkpoints_are_compared_by_files_alone(own_server: Server, folder: Path):
    """Whoever saved a proof and the keys needs neither the server nor its data."""
    writer = writer_on(own_server)
    earlier, later = grown(writer), grown(writer)
    files = {
        "earlier": earlier.note,
        "later": later.note,
        "keys.json": writer.get("/v1/vaas/pubkeys").text,
        "proof.json": writer.get(CONSISTENCY, params={"from": earlier.size, "to": later.size}).text,
        "trust": root_file(own_server).read_text(),
        "stranger": "58" + "66" * 31 + "\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    proof = json.loads(files["proof.json"])
    (folder / "wrong.json").write_text(json.dumps(proof | {"proof": ["0" * 64 for _ in proof["proof"]]}))
    own_server.terminate()

    def code(one: str, other: str, proof: str | None, keys: str | None, trust: str | None) -> int:
        options = {"--proof": proof, "--keys": keys, "--trust": trust}
        given = [part for name, file in options.items() if file for part in (name, folder / file)]
        data = folder / "nothing"
        return run_command("audit", "compare", folder / one, folder / other, *given, "--data", data).returncode

    assert code("earlier", "later", "proof.json", "keys.json", "trust") == 0
    assert code("later", "earlier", "proof.json", "keys.json", "trust") == 0
    assert code("later", "later", None, "keys.json", "trust") == 0
    for files_given in (
        (None, "keys.json", "trust"),
        ("wrong.json", "keys.json", "trust"),
        ("missing.json", "keys.json", "trust"),
        ("proof.json", "keys.json", None),
        ("proof.json", "keys.json", "stranger"),
        ("proof.json", "trust", "trust"),
    ):
        assert code("earlier", "later", *files_given) == UNUSABLE, files_given
    assert {path.name for path in folder.iterdir()} == {*files, "wrong.json"}, "comparing leaves nothing behind"


def test_two_histories_of_one_size_are_proof_of_misbehaviour(
    own_server: Server, start_server: Callable[..., Server], folder: Path
):
    """A log is copied and both copies are continued with the same keys, each in its own way."""
    grown(writer_on(own_server))
    own_server.terminate()
    twin = own_server.data.with_name("twin")
    shutil.copytree(own_server.data, twin)
    servers = [own_server.start(), start_server(twin)]
    one, other = (grown(writer_on(server)) for server in servers)
    assert (one.origin, one.size) == (other.origin, other.size) and one.root != other.root
    result = compare(own_server, folder, one, other)
    assert result.returncode == 1
    for checkpoint in (one, other):
        assert checkpoint.note in result.stdout, "whoever reads the proof needs both notes"


def test_what_is_no_checkpoint_of_the_log_can_not_be_compared(
    own_server: Server, start_server: Callable[..., Server], folder: Path
):
    good = grown(writer_on(own_server))
    foreign = grown(writer_on(start_server()))
    size = good.note.split("\n")[1]
    forged = Checkpoint(good.origin, good.size, good.root, good.note.replace(f"\n{size}\n", f"\n{size}1\n", 1))
    unsigned = Checkpoint(good.origin, good.size, good.root, good.note.partition("\n\n")[0] + "\n\n")
    empty = Checkpoint("", 0, b"", "")
    for other in (foreign, forged, unsigned, empty):
        for pair in ((good, other), (other, good)):
            result = compare(own_server, folder, *pair)
            assert result.returncode == UNUSABLE, f"{other.note!r}: {result.stdout}{result.stderr}"
            assert result.stderr
    assert audit(own_server, "compare", folder / "one.checkpoint", folder / "missing").returncode == UNUSABLE
    assert LogReader(own_server.url).checkpoint().size == good.size
