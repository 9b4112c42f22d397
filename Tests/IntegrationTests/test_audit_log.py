"""The public log: checkpoints, tiles and proofs, as monitors and auditors fetch them."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from audit_command import writer_on
from audit_log import (
    CHECKPOINT,
    CONSISTENCY,
    TILE_WIDTH,
    Checkpoint,
    LogReader,
    leaf_hash,
    node_hash,
    root_of,
    tile_path,
)
from audit_records import assert_record, grown
from client import Client
from server import Server, fresh_user
from test_errors import error_of

WRITERS, RECORDS_EACH = 8, 38
RECORD_COUNT = WRITERS * RECORDS_EACH
"""So many that one tile is whole and there is a hash above it."""
DAY_SECONDS = 86_400
CHECKPOINT_SECONDS_MAX = 10


@pytest.fixture(scope="module")
def log_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a log of its own, which only the tests of this file write."""
    server = Server(tmp_path_factory.mktemp("log") / "data").start()
    key = server.create_key(fresh_user())
    clients = [Client(server.url, key) for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        for made in pool.map(lambda client: [assert_record(client) for _ in range(RECORDS_EACH)], clients):
            assert len(made) == RECORDS_EACH
    yield server
    server.stop()


@pytest.fixture
def writer(log_server: Server) -> Client:
    return writer_on(log_server)


@pytest.fixture
def reader(log_server: Server) -> LogReader:
    return LogReader(log_server.url)


@pytest.fixture
def checkpoint(writer: Client) -> Checkpoint:
    """One that covers all that was logged so far."""
    return grown(writer)


def max_age(headers: Mapping[str, str]) -> int:
    match = re.search(r"max-age=(\d+)", headers["Cache-Control"])
    assert match, headers["Cache-Control"]
    return int(match[1])


# Checkpoints


def test_a_checkpoint_is_a_note_of_three_lines_signed_by_the_logs_key(reader: LogReader, checkpoint: Checkpoint):
    (verifier_key,) = reader.verifier_keys()
    assert checkpoint.is_signed_by(verifier_key)
    assert verifier_key.startswith(checkpoint.origin + "+")
    assert checkpoint.origin == reader.client.url.removeprefix("http://") + "/vaas/log"
    assert checkpoint.size > RECORD_COUNT


def test_a_checkpoint_is_text_that_is_fresh_for_seconds(reader: LogReader):
    headers = reader.client.get(CHECKPOINT).headers
    assert headers["Content-Type"].split(";")[0] == "text/plain"
    assert max_age(headers) <= CHECKPOINT_SECONDS_MAX and "immutable" not in headers["Cache-Control"]


def test_the_key_of_the_log_signs_nothing_else(reader: LogReader):
    keys = reader.client.get("/v1/vaas/pubkeys").json()["keys"]
    assert len({row["verify_key_hex"] for row in keys}) == len(keys)
    assert {row["role"] for row in keys if "vkey" in row} == {"log"}


# Tiles


def test_the_tiles_add_up_to_the_checkpoint(reader: LogReader, checkpoint: Checkpoint):
    assert root_of(reader.leaf_hashes(checkpoint.size)) == checkpoint.root


def test_the_entries_are_what_the_tiles_hash(reader: LogReader, checkpoint: Checkpoint):
    entries = reader.entries(0, checkpoint.size)
    assert [leaf_hash(entry) for entry in entries] == reader.leaf_hashes(checkpoint.size)
    for entry in map(json.loads, entries):
        assert set(entry) == {"k", "p", "s", "t", "v"}
        assert entry["t"] in ("key", "run", "assert") and entry["v"] == 1


def test_the_tile_above_holds_the_roots_of_those_below(reader: LogReader, checkpoint: Checkpoint):
    count = checkpoint.size // TILE_WIDTH
    assert count >= 1
    below = [reader.leaf_hashes(TILE_WIDTH * (number + 1))[TILE_WIDTH * number :] for number in range(count)]
    assert reader.tile(1, 0, count) == b"".join(root_of(hashes) for hashes in below)


def test_tiles_are_bytes_that_may_be_kept(reader: LogReader, checkpoint: Checkpoint):
    rest = checkpoint.size % TILE_WIDTH
    assert rest, "the log ends within a tile"
    last = checkpoint.size // TILE_WIDTH
    paths = [tile_path(0, 0), tile_path("entries", 0), tile_path(0, last, rest), tile_path("entries", last, rest)]
    for path in paths:
        headers = reader.client.get(path).headers
        assert headers["Content-Type"] == "application/octet-stream"
        assert "immutable" in headers["Cache-Control"] and max_age(headers) >= DAY_SECONDS, path


def test_a_partial_tile_stays_for_every_size_that_had_a_checkpoint(reader: LogReader, writer: Client):
    checkpoints = [grown(writer) for _ in range(3)]
    for earlier in checkpoints:
        rest, last = earlier.size % TILE_WIDTH, earlier.size // TILE_WIDTH
        assert len(reader.tile(0, last, rest)) == 32 * rest
        assert root_of(reader.leaf_hashes(earlier.size)) == earlier.root


def test_a_tile_of_a_path_that_is_not_its_own_is_404(reader: LogReader, checkpoint: Checkpoint):
    rest, last = checkpoint.size % TILE_WIDTH, checkpoint.size // TILE_WIDTH
    wrong = [
        "0/0", "0/00", "0/0000", "00/000", "0/x000/000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/+1",
        "0/000.p", "0/000.p/", "0/000/", "0", "", "-1/000", "+0/000", "64/000", "a/000", "0/00a", "0/-01", "0/x001",
        "0/999", "0/x001/000", "1/001", "9/000", "entries/0", "entries/0000", "entries/x000/000", "entries/999",
        "Entries/000", "entries/000.p/0", "0/18446744073709551616", f"0/{last:03}", f"0/{last:03}.p/{rest + 100}",
        "data/000",
    ]  # fmt: skip
    for path in wrong:
        response = reader.client.get(f"/vaas/log/tile/{path}")
        assert response.status_code == 404, f"{path}: {response.status_code}"
    assert reader.client.get("/vaas/log/tile/0/000").status_code == 200


# Consistency


def test_every_later_checkpoint_continues_the_earlier_ones(reader: LogReader, writer: Client):
    checkpoints = [grown(writer) for _ in range(6)]
    for number, earlier in enumerate(checkpoints):
        for later in checkpoints[number:]:
            reader.check_consistency(earlier, later)


def test_any_size_can_be_proven_to_be_in_a_later_one(reader: LogReader, checkpoint: Checkpoint):
    leaves = reader.leaf_hashes(checkpoint.size)
    for size in (1, 2, 3, 7, 8, 255, 256, 257, checkpoint.size - 1, checkpoint.size):
        earlier = Checkpoint(checkpoint.origin, size, root_of(leaves[:size]), "")
        reader.check_consistency(earlier, checkpoint)
    for size in (3, 64, 255, 256, 299):
        later = Checkpoint(checkpoint.origin, size, root_of(leaves[:size]), "")
        reader.check_consistency(Checkpoint(checkpoint.origin, 2, node_hash(*leaves[:2]), ""), later)


def test_a_size_proves_itself_with_nothing(reader: LogReader, checkpoint: Checkpoint):
    assert reader.proof(checkpoint, checkpoint) == []


@pytest.mark.parametrize(
    "query",
    [
        "", "from=1", "to=1", "from=0&to=1", "from=0&to=0", "from=2&to=1", "from=1&to=1000000", "from=-1&to=1",
        "from=x&to=2", "from=1&to=", "from=1.0&to=2", "from=1e0&to=2",
        "from=1&to=18446744073709551616", "from=1&to=9223372036854775808",
    ],
)  # fmt: skip
def test_sizes_that_can_not_be_are_400(reader: LogReader, query: str):
    error = error_of(reader.client.get(f"{CONSISTENCY}?{query}"), 400)
    assert error["code"] == "invalid_request" and error["param"] in ("from", "to")


def test_the_log_goes_on_after_a_kill(own_server: Server):
    writer = writer_on(own_server)
    before = grown(writer)
    own_server.restart()
    after = grown(Client(own_server.url, writer.key))
    LogReader(own_server.url).check_consistency(before, after)
    assert (after.origin, after.size) == (before.origin, before.size + 1)
