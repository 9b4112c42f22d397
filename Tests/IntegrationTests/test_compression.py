"""Content-Encoding: what is inflated, what is refused, and that inflating is bounded."""

import gzip
import zlib

import pytest
import requests
import zstandard

from client import COMPRESSORS, CONTENT_TYPES, PROTOBUF, Client
from rpc_status import assert_status
from server import Server
from spans import assert_same_spans, make_span, merged, request_of
from wire import length_delimited

MIB = 1024 * 1024
BODY_BYTES_MAX = 64 * MIB


def some_request() -> bytes:
    return request_of(*(make_span(f"span {number}") for number in range(20))).SerializeToString()


@pytest.mark.checklist("O13")
@pytest.mark.parametrize("encoding", CONTENT_TYPES)
@pytest.mark.parametrize("compression", COMPRESSORS)
def test_each_coding_is_inflated(client: Client, encoding: str, compression: str):
    request = request_of(*(make_span(f"span {number}") for number in range(100)))
    response = client.push(request, encoding, compression)
    assert response.status_code == 200, response.content
    assert_same_spans(client.export(), request)


@pytest.mark.checklist("O13")
@pytest.mark.parametrize("spelling", ["GZIP", "Gzip", "gZiP"])
def test_a_coding_is_known_in_any_case(client: Client, spelling: str):
    """https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1"""
    assert client.push_bytes(gzip.compress(some_request()), content_encoding=spelling).status_code == 200


@pytest.mark.checklist("O13")
def test_identity_says_that_nothing_was_done(client: Client):
    assert client.push_bytes(some_request(), content_encoding="identity").status_code == 200


@pytest.mark.checklist("O13")
@pytest.mark.parametrize(
    "coding", ["br", "compress", "gzip, gzip", "gzip,deflate", "identity, gzip", "snappy", "g zip"]
)
def test_any_other_coding_and_any_two_are_refused(client: Client, coding: str):
    response = client.push_bytes(gzip.compress(some_request()), content_encoding=coding)
    assert_status(response, 415, "unsupported_media_type", "protobuf")
    assert client.traces() == []


def streamed_zstd(data: bytes) -> bytes:
    """A frame without its content's size, as streaming encoders write it."""
    compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return compressor.compress(data) + compressor.flush()


@pytest.mark.checklist("O13")
def test_less_usual_but_legal_streams_are_inflated(client: Client):
    first, second = request_of(make_span("a")), request_of(make_span("b"))
    bodies = {
        # https://www.rfc-editor.org/rfc/rfc1952#section-2.2: a gzip file is a series of members.
        "gzip": gzip.compress(first.SerializeToString()) + gzip.compress(second.SerializeToString()),
        "zstd": streamed_zstd(first.SerializeToString() + second.SerializeToString()),
        "deflate": zlib.compress(first.SerializeToString() + second.SerializeToString(), 0),
    }
    for coding, body in bodies.items():
        assert client.push_bytes(body, content_encoding=coding).status_code == 200, coding
    assert_same_spans(client.export(), merged(first, second))


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0x40]) + data[position:][1:]


def corrupt_streams() -> dict[str, tuple[str, bytes]]:
    plain = some_request()
    packed = {coding: compress(plain) for coding, compress in COMPRESSORS.items()}
    raw_deflate = zlib.compressobj(wbits=-15)
    return {
        **{f"{coding} cut by one byte": (coding, data[:-1]) for coding, data in packed.items()},
        **{f"{coding} cut in half": (coding, data[: len(data) // 2]) for coding, data in packed.items()},
        **{f"{coding} with a wrong head": (coding, flipped(data, 0)) for coding, data in packed.items()},
        **{f"{coding} not compressed at all": (coding, plain) for coding in packed},
        "gzip with a wrong CRC": ("gzip", flipped(packed["gzip"], len(packed["gzip"]) - 8)),
        "gzip with a wrong length": ("gzip", flipped(packed["gzip"], len(packed["gzip"]) - 4)),
        "gzip cut before its trailer": ("gzip", packed["gzip"][:-8]),
        "deflate with a wrong Adler": ("deflate", flipped(packed["deflate"], len(packed["deflate"]) - 1)),
        "deflate without the zlib wrapper": ("deflate", raw_deflate.compress(plain) + raw_deflate.flush()),
        "zstd with a wrong checksum": ("zstd", flipped(streamed_zstd(plain), len(streamed_zstd(plain)) - 1)),
        "gzip under the name deflate": ("deflate", packed["gzip"]),
        "gzip followed by garbage": ("gzip", packed["gzip"] + b"garbage"),
        "deflate followed by garbage": ("deflate", packed["deflate"] + b"garbage"),
        "zstd followed by garbage": ("zstd", packed["zstd"] + b"garbage"),
    }


@pytest.mark.checklist("O13", "O9")
@pytest.mark.parametrize(("coding", "body"), corrupt_streams().values(), ids=corrupt_streams().keys())
def test_a_corrupt_or_cut_stream_is_refused_whole(client: Client, coding: str, body: bytes):
    response = client.push_bytes(body, content_encoding=coding)
    assert_status(response, 400, "invalid_request", "protobuf")
    assert client.traces() == []


def gzip_bomb(expanded_bytes: int) -> bytes:
    """A gzip stream of zeros, about 1/1030 of what it expands to.

    After a full flush the compressor has forgotten everything, so the compressed form of one piece can be repeated.
    The trailer is missing: nobody who keeps the limit gets that far.
    """
    piece = bytes(16 * MIB)
    compressor = zlib.compressobj(9, wbits=31)
    head = compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)
    repeated = compressor.compress(piece) + compressor.flush(zlib.Z_FULL_FLUSH)
    return head + repeated * (expanded_bytes // len(piece) - 1)


def zstd_bomb(expanded_bytes: int) -> bytes:
    compressor = zstandard.ZstdCompressor(level=1).compressobj()
    piece = bytes(16 * MIB)
    return b"".join(compressor.compress(piece) for _ in range(expanded_bytes // len(piece))) + compressor.flush()


def assert_refused_with_flat_memory(server: Server, client: Client, body: bytes, coding: str) -> None:
    assert client.push_bytes(b"").status_code == 200
    server.reset_peak_resident_bytes()
    before = server.resident_bytes()
    response: requests.Response = client.push_bytes(body, PROTOBUF, coding)
    assert_status(response, 413, "payload_too_large", "protobuf")
    growth = server.peak_resident_bytes() - before
    assert growth < 100 * MIB, f"resident memory grew by {growth / MIB:.0f} MiB"


@pytest.mark.checklist("O14")
def test_ten_mib_of_gzip_that_mean_ten_gib_are_refused_with_flat_memory(own_server: Server):
    bomb = gzip_bomb(10 * 1024 * MIB)
    assert 9 * MIB < len(bomb) < 12 * MIB
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    assert_refused_with_flat_memory(own_server, client, bomb, "gzip")


@pytest.mark.checklist("O14")
def test_a_zstd_bomb_is_refused_with_flat_memory(own_server: Server):
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    assert_refused_with_flat_memory(own_server, client, zstd_bomb(1024 * MIB), "zstd")


@pytest.mark.checklist("O14")
def test_a_zstd_frame_that_asks_for_a_huge_window_is_refused_with_flat_memory(own_server: Server):
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=False)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = compressor.compress(some_request()) + compressor.flush()
    client = Client(own_server.url, own_server.create_key("a@example.com"))
    own_server.reset_peak_resident_bytes()
    before = own_server.resident_bytes()
    assert client.push_bytes(body, PROTOBUF, "zstd").status_code in (400, 413)
    assert own_server.peak_resident_bytes() - before < 100 * MIB


@pytest.mark.checklist("O14")
@pytest.mark.parametrize("compression", COMPRESSORS)
def test_the_limit_counts_inflated_bytes_to_the_byte(start_server, compression: str):
    """limits.body_bytes holds before and after inflating."""
    limit = 100_000
    server = start_server(settings={"limits.body_bytes": limit})
    client = Client(server.url, server.create_key("a@example.com"))

    def request_of_size(size: int) -> bytes:
        head = request_of(make_span()).SerializeToString()
        padding = size - len(head) - 6  # A tag of three bytes, a length of three.
        return head + length_delimited(9999, b"\0" * padding)

    for size, status in ((limit, 200), (limit + 1, 413)):
        body = request_of_size(size)
        assert len(body) == size
        response = client.push_bytes(COMPRESSORS[compression](body), PROTOBUF, compression)
        assert response.status_code == status, f"{size} bytes: {response.status_code} {response.content!r}"
