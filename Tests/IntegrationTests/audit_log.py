"""The audit log as anybody reads it: checkpoints, tiles and proofs, checked here and not by the server.

https://www.rfc-editor.org/rfc/rfc6962, https://c2sp.org/tlog-tiles, https://c2sp.org/tlog-checkpoint
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import requests
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from client import Client

CHECKPOINT = "/vaas/log/checkpoint"
CONSISTENCY = "/v1/vaas/log/consistency"
TILE_WIDTH = 256
ED25519 = b"\x01"


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over hashes of leaves."""
    growing = GrowingTree()
    for leaf in leaves:
        growing.append(leaf)
    return growing.root


class GrowingTree:
    """A tree of which only the right edge is kept."""

    def __init__(self):
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        width, node = 1, leaf
        while self._edge and self._edge[-1][0] == width:
            node = node_hash(self._edge.pop()[1], node)
            width *= 2
        self._edge.append((width, node))
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self._edge:
            return sha256(b"").digest()
        *lefts, (_, node) = self._edge
        for _, left in reversed(lefts):
            node = node_hash(left, node)
        return node


def is_consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the larger tree begins with the smaller one.

    https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2
    """
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        return False
    first, second = old_size - 1, size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    found_old = found_new = path[0]
    for node in path[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            found_old, found_new = node_hash(node, found_old), node_hash(node, found_new)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            found_new = node_hash(found_new, node)
        first, second = first >> 1, second >> 1
    return second == 0 and (found_old, found_new) == (old_root, root)


def includes(index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a leaf is in a tree. https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2"""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


@dataclass(frozen=True)
class Checkpoint:
    """A signed note about the whole log: https://c2sp.org/signed-note"""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def parse(cls, note: str) -> Self:
        text, mark, signatures = note.partition("\n\n")
        assert mark and signatures.endswith("\n"), f"no note: {note!r}"
        origin, size, root = text.split("\n")
        assert str(int(size)) == size, f"{size!r} is no size"
        decoded = base64.b64decode(root, validate=True)
        assert len(decoded) == 32 and base64.b64encode(decoded).decode() == root
        return cls(origin, int(size), decoded, note)

    @property
    def signature_lines(self) -> list[str]:
        return self.note.partition("\n\n")[2].splitlines()

    def is_signed_by(self, verifier_key: str) -> bool:
        """Whether one of the signatures is that of a key in the form `name+id+base64`."""
        name, key_id, encoded = verifier_key.split("+", 2)
        kind_and_key = base64.b64decode(encoded, validate=True)
        assert kind_and_key[:1] == ED25519 and len(kind_and_key) == 33
        identity = sha256(name.encode() + b"\n" + kind_and_key).digest()[:4]
        assert identity.hex() == key_id, "the id of the key is not its own"
        signed = (self.note.partition("\n\n")[0] + "\n").encode()
        for line in self.signature_lines:
            dash, signer, encoded = line.split(" ")
            assert dash == "\N{EM DASH}", line
            id_and_signature = base64.b64decode(encoded, validate=True)
            if (signer, id_and_signature[:4]) == (name, identity):
                return is_signature(id_and_signature[4:], signed, kind_and_key[1:])
        return False


def is_signature(signature: bytes, message: bytes, key: bytes) -> bool:
    try:
        VerifyKey(key).verify(message, signature)
    except BadSignatureError:
        return False
    return True


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Where a tile is, or with `entries` as its level a bundle of entries."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return f"/vaas/log/tile/{level}/{'/'.join(groups)}{partial}"


def entries_in(bundle: bytes) -> list[bytes]:
    """Each entry has its length before it, in two bytes."""
    entries, position = [], 0
    while position < len(bundle):
        start = position + 2
        position = start + int.from_bytes(bundle[position:start], "big")
        assert position <= len(bundle), "the bundle ends within an entry"
        entries.append(bundle[start:position])
    return entries


class LogReader:
    """Reads the log of one server, and believes nothing that it can check."""

    def __init__(self, url: str):
        self.client = Client(url, None)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self._get(CHECKPOINT).text)

    def tile(self, level: int | str, number: int, width: int = TILE_WIDTH) -> bytes:
        return self._get(tile_path(level, number, width)).content

    def entries(self, start: int, size: int) -> list[bytes]:
        """The entries from `start` on of a log of this size."""
        found: list[bytes] = []
        for number, width in self._tiles(start, size):
            bundle = entries_in(self.tile("entries", number, width))
            assert len(bundle) == width, f"bundle {number} has {len(bundle)} of {width} entries"
            found += bundle
        return found[start % TILE_WIDTH :]

    def leaf_hashes(self, size: int) -> list[bytes]:
        """The hashes that the tiles of level 0 hold."""
        found: list[bytes] = []
        for number, width in self._tiles(0, size):
            tile = self.tile(0, number, width)
            assert len(tile) == width * 32, f"tile {number} has {len(tile)} bytes for {width} hashes"
            found += [tile[place : place + 32] for place in range(0, len(tile), 32)]
        return found

    def proof(self, start: Checkpoint, end: Checkpoint) -> list[bytes]:
        response = self._get(CONSISTENCY, params={"from": start.size, "to": end.size})
        body = response.json()
        assert set(body) == {"from", "to", "proof"}
        assert (body["from"], body["to"]) == (str(start.size), str(end.size))
        return [bytes.fromhex(node) for node in body["proof"]]

    def check_consistency(self, start: Checkpoint, end: Checkpoint) -> None:
        proof = self.proof(start, end)
        assert is_consistent(start.size, start.root, end.size, end.root, proof), (
            f"the log of {end.size} leaves does not begin with that of {start.size}"
        )

    def verifier_keys(self) -> list[str]:
        """Those that sign or signed checkpoints."""
        return [row["vkey"] for row in self._get("/v1/vaas/pubkeys").json()["keys"] if row["role"] == "log"]

    @staticmethod
    def _tiles(start: int, size: int) -> list[tuple[int, int]]:
        numbers = range(start // TILE_WIDTH, -(-size // TILE_WIDTH))
        return [(number, min(TILE_WIDTH, size - number * TILE_WIDTH)) for number in numbers]

    def _get(self, path: str, **options: object) -> requests.Response:
        response = self.client.get(path, **options)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text}"
        return response
