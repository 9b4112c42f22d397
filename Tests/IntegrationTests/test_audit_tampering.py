"""A stored log that somebody changed behind the server's back: what, and where, is found.

AUDIT_RECORDS says how many records it has; with ten thousand, these tests take minutes.
"""

import asyncio
import json
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audit_command import audit
from audit_records import RECORDS, assertion
from client import Client
from server import Server, fresh_user, wait_until

RECORD_COUNT = int(os.environ.get("AUDIT_RECORDS", "2600"))
WRITERS = 32
TILE_WIDTH = 256

# How the log is stored. The rest of this file knows no names of tables.
DATABASE = "batchin.db"
ENTRIES, ENTRY = "log_entries", "entry"
RECORD_ROWS, STATEMENT, DETAILS, SIGNATURE = "audit_records", "statement", "details", "signature"
TILES, HASHES = "log_tiles", "hashes"
INDEX = "leaf_index"

pytestmark = pytest.mark.timeout(600)

Damage = Callable[[sqlite3.Connection, int], None]


async def post_records(address: tuple[str, int], key: str, count: int) -> None:
    """Has records made over one connection, one after the other."""
    body = json.dumps(assertion()).encode()
    head = f"POST {RECORDS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(count):
        writer.write(request)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 201 "), answer
        length = re.search(rb"(?i)^content-length: (\d+)\r$", answer, re.MULTILINE)
        assert length is not None, answer
        await reader.readexactly(int(length[1]))
    writer.close()


@pytest.fixture(scope="module")
def good_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server that made many records and ended."""
    server = Server(tmp_path_factory.mktemp("tampering") / "good").start()
    keys = [server.create_key(fresh_user()) for _ in range(4)]

    async def fill() -> None:
        each = RECORD_COUNT // WRITERS + 1
        await asyncio.gather(
            *(post_records(server.address, keys[number % len(keys)], each) for number in range(WRITERS))
        )

    try:
        asyncio.run(fill())
        assert server.terminate(timeout=30) == 0
    finally:
        server.stop()
    return server.data


@pytest.fixture
def copy(good_log: Path, tmp_path: Path) -> Iterator[Server]:
    """A server on a copy of the log that is not running yet."""
    data = tmp_path / "copy"
    shutil.copytree(good_log, data)
    server = Server(data)
    yield server
    server.stop()
    shutil.rmtree(data)


def changed(server: Server, damage: Damage, index: int) -> None:
    with closing(sqlite3.connect(server.data / DATABASE)) as connection, connection:
        damage(connection, index)


def log_size(server: Server) -> int:
    with closing(sqlite3.connect(server.data / DATABASE)) as connection:
        return connection.execute(f"SELECT max({INDEX}) + 1 FROM {ENTRIES}").fetchone()[0]


def value_at(connection: sqlite3.Connection, table: str, column: str, index: int) -> bytes:
    (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE {INDEX} = ?", (index,)).fetchone()
    return value


def put(connection: sqlite3.Connection, table: str, column: str, index: int, value: bytes) -> None:
    cursor = connection.execute(f"UPDATE {table} SET {column} = ? WHERE {INDEX} = ?", (value, index))
    assert cursor.rowcount == 1


# What somebody may do


def flip(table: str, column: str) -> Damage:
    """Changes one bit in the middle of a value."""

    def damage(connection: sqlite3.Connection, index: int) -> None:
        value = bytearray(value_at(connection, table, column, index))
        value[len(value) // 2] ^= 1
        put(connection, table, column, index, bytes(value))

    return damage


def drop(table: str) -> Damage:
    def damage(connection: sqlite3.Connection, index: int) -> None:
        assert connection.execute(f"DELETE FROM {table} WHERE {INDEX} = ?", (index,)).rowcount == 1

    return damage


def swap(connection: sqlite3.Connection, index: int) -> None:
    """Exchanges a leaf with the one before it."""
    one, other = (value_at(connection, ENTRIES, ENTRY, place) for place in (index - 1, index))
    put(connection, ENTRIES, ENTRY, index - 1, other)
    put(connection, ENTRIES, ENTRY, index, one)


def move_forward(connection: sqlite3.Connection, index: int) -> None:
    """Puts a leaf a hundred places earlier, as if it had been logged then; those between move up."""
    places = range(index - 100, index + 1)
    entries = [value_at(connection, ENTRIES, ENTRY, place) for place in places]
    for place, entry in zip(places, [entries[-1], *entries[:-1]], strict=True):
        put(connection, ENTRIES, ENTRY, place, entry)


def drop_and_close_up(connection: sqlite3.Connection, index: int) -> None:
    """Drops a leaf and moves all later ones down, so that there is no gap."""
    connection.execute(f"DELETE FROM {ENTRIES} WHERE {INDEX} = ?", (index,))
    aside = 1_000_000
    connection.execute(f"UPDATE {ENTRIES} SET {INDEX} = {INDEX} + ? WHERE {INDEX} > ?", (aside, index))
    connection.execute(f"UPDATE {ENTRIES} SET {INDEX} = {INDEX} - ? WHERE {INDEX} > ?", (aside + 1, aside))


def backdate(connection: sqlite3.Connection, index: int) -> None:
    """Makes a record a year older than it is."""
    statement = value_at(connection, RECORD_ROWS, STATEMENT, index)
    earlier = re.sub(
        rb'("received_at":")(\d{4})', lambda match: match[1] + b"%d" % (int(match[2]) - 1), statement, count=1
    )
    assert earlier != statement
    put(connection, RECORD_ROWS, STATEMENT, index, earlier)


def flip_in_tile(connection: sqlite3.Connection, index: int) -> None:
    """Changes the hash of a leaf in its tile."""
    tile, place = divmod(index, TILE_WIDTH)
    where = "WHERE level = 0 AND tile_index = ?"
    (hashes,) = connection.execute(f"SELECT {HASHES} FROM {TILES} {where}", (tile,)).fetchone()
    altered = bytearray(hashes)
    altered[32 * place] ^= 1
    connection.execute(f"UPDATE {TILES} SET {HASHES} = ? {where}", (bytes(altered), tile))


DAMAGES: dict[str, Damage] = {
    "a bit of a leaf": flip(ENTRIES, ENTRY),
    "a bit of a statement": flip(RECORD_ROWS, STATEMENT),
    "a bit of the details": flip(RECORD_ROWS, DETAILS),
    "a bit of a signature": flip(RECORD_ROWS, SIGNATURE),
    "a bit of a tile": flip_in_tile,
    "a leaf is gone": drop(ENTRIES),
    "a leaf is gone and the gap is closed": drop_and_close_up,
    "a record is gone": drop(RECORD_ROWS),
    "two leaves are exchanged": swap,
    "a leaf is moved to an earlier place": move_forward,
    "a record is made older": backdate,
}
REACH = {"two leaves are exchanged": 1, "a leaf is moved to an earlier place": 100}
"""How far before its index a damage begins."""


def names_index(text: str, index: int, kind: str) -> bool:
    named = {int(number) for number in re.findall(r"\bleaf (\d+)\b", text)}
    return not named.isdisjoint(range(index - REACH.get(kind, 0), index + 1))


def test_the_log_is_good_before_anything_is_done(copy: Server):
    assert log_size(copy) >= RECORD_COUNT
    result = audit(copy, "fsck")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_check_finds_what_was_changed_and_where(copy: Server, kind: str):
    index = random.SystemRandom().randrange(TILE_WIDTH, RECORD_COUNT - TILE_WIDTH)
    print(f"index {index}")
    changed(copy, DAMAGES[kind], index)
    result = audit(copy, "fsck")
    assert result.returncode == 1, result.stdout + result.stderr
    assert names_index(result.stdout, index, kind), result.stdout + result.stderr


@pytest.mark.parametrize("place", ["the first", "the last of a tile", "the first of a tile", "the last"])
@pytest.mark.parametrize("kind", ["a bit of a leaf", "a leaf is gone"])
def test_no_place_is_left_out(copy: Server, kind: str, place: str):
    size = log_size(copy)
    places = {"the first": 0, "the last of a tile": 255, "the first of a tile": 256, "the last": size - 1}
    index = places[place]
    changed(copy, DAMAGES[kind], index)
    result = audit(copy, "fsck")
    assert result.returncode == 1, result.stdout + result.stderr
    assert names_index(result.stdout, index, kind), result.stdout + result.stderr


@pytest.mark.parametrize("kind", ["a bit of a leaf", "a leaf is gone", "two leaves are exchanged"])
@pytest.mark.parametrize("is_at_the_end", [True, False])
def test_a_server_finds_it_by_itself_and_signs_no_more(copy: Server, kind: str, is_at_the_end: bool):
    index = log_size(copy) - 2 if is_at_the_end else RECORD_COUNT // 2
    key = copy.create_key(fresh_user())
    changed(copy, DAMAGES[kind], index)
    copy.start()
    client = Client(copy.url, key)

    def told() -> str:
        health = client.get("/health").json()
        return "\n".join(message for check in health["checks"].values() for message in check["messages"])

    wait_until(lambda: names_index(told(), index, kind), "the damage is told, and where", timeout=60)
    assert client.get("/health").json()["status"] != "ok"
    assert client.get("/health").json()["checks"]["audit_log"]["status"] != "ok"
    assert client.request("POST", RECORDS, json=assertion()).status_code == 503
    assert client.get("/vaas/log/checkpoint").status_code == 200


def test_a_log_that_was_cut_short_is_noticed_at_start(copy: Server):
    size, key = log_size(copy), copy.create_key(fresh_user())

    def cut(connection: sqlite3.Connection, index: int) -> None:
        for table in (ENTRIES, RECORD_ROWS):
            connection.execute(f"DELETE FROM {table} WHERE {INDEX} >= ?", (index,))

    changed(copy, cut, size - 5)
    copy.start()
    client = Client(copy.url, key)
    assert client.request("POST", RECORDS, json=assertion()).status_code == 503
    assert client.get("/health").json()["status"] != "ok"
    copy.terminate()
    assert audit(copy, "fsck").returncode == 1
