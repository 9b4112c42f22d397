"""JSON bodies that are not what they should be, on every endpoint that takes one."""

import gzip
import json
import zlib
from collections.abc import Callable

import pytest
import requests
import zstandard

from client import JSON, Client
from people import PASSWORD, People
from raw_connection import connected, request_head
from server import Server, fresh_user
from test_errors import error_of

PATHS = ["/v1/users", "/v1/users/login", "/v1/keys"]
CONTROL_BODY_BYTES_MAX = 1_048_576


@pytest.fixture
def post(people: People) -> Callable[..., requests.Response]:
    """Posts bytes as they are to a path, with whatever credential it needs."""
    session = people.sign_up().session

    def post(
        path: str, body: bytes, content_type: str | None = JSON, content_encoding: str | None = None
    ) -> requests.Response:
        client = session if path == "/v1/keys" else people.stranger()
        return client.push_bytes(body, content_type, content_encoding, path)

    return post


def valid_body(path: str) -> dict:
    return {} if path == "/v1/keys" else {"email": fresh_user(), "name": "A", "password": PASSWORD}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"}",
        b"[]",
        b"[{}]",
        b"null",
        b"true",
        b'"text"',
        b"1",
        b"{}{}",
        b"{},",
        b"{'name':'a'}",
        b'{"name":"a",}',
        b'{name:"a"}',
        b'{"name"}',
        b'{"name":}',
        b'{"name":NaN}',
        b'{"name":Infinity}',
        b'{"name":01}',
        b'{"name":1.}',
        b'{"name":1e999}',
        b'{"x":' + b"9" * 400 + b"}",
        b'{"name":"line\nbreak"}',
        b'{"name":"\\x41"}',
        b'{"name":"\\ud800"}',
        b'{"name":"\xff"}',
        b'{"name":"\xc3"}',
        b'{"name":"\xed\xa0\x80"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x00",
        b"{}\x00",
        b"/* */{}",
        b"a=1&b=2",
    ],
)
def test_what_is_not_one_json_object_is_400(post: Callable[..., requests.Response], path: str, body: bytes):
    error = error_of(post(path, body), 400)
    assert (error["code"], error["type"]) == ("invalid_request", "invalid_request_error")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("depth", [100, 100_000])
def test_deep_nesting_is_400(post: Callable[..., requests.Response], path: str, depth: int):
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        body = b'{"x":' + opening * depth + b"1" + closing * depth + b"}"
        assert error_of(post(path, body), 400)["code"] == "invalid_request"


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/login"])
@pytest.mark.parametrize("content_type", [JSON, None])
def test_an_empty_body_is_400_where_something_is_required(
    post: Callable[..., requests.Response], path: str, content_type: str | None
):
    assert error_of(post(path, b"", content_type), 400)["code"] == "invalid_request"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "json", "*/*"],
)
def test_another_content_type_is_415(post: Callable[..., requests.Response], path: str, content_type: str | None):
    body = json.dumps(valid_body(path)).encode()
    error = error_of(post(path, body, content_type), 415)
    assert (error["code"], error["param"]) == ("unsupported_media_type", "Content-Type")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content_type", ["APPLICATION/JSON", "application/json; charset=utf-8", "application/json;x=y"]
)
def test_the_type_is_known_in_any_case_and_with_parameters(
    post: Callable[..., requests.Response], path: str, content_type: str
):
    response = post(path, json.dumps(valid_body(path)).encode(), content_type)
    assert response.status_code in (201, 401), response.text


@pytest.mark.parametrize("path", PATHS)
def test_unknown_fields_are_ignored_and_of_two_equal_ones_the_last_counts(
    post: Callable[..., requests.Response], path: str
):
    body = valid_body(path) | {"unknown": {"deep": [1, None, {"x": "y"}]}}
    text = '{"email":5,"name":[],"password":true,' + json.dumps(body)[1:]
    if path == "/v1/keys":
        text = '{"name":5,"name":"last","unknown":{}}'
    response = post(path, text.encode())
    assert response.status_code in (201, 401), response.text
    if path == "/v1/keys":
        assert response.json()["name"] == "last"


@pytest.mark.parametrize("path", PATHS)
def test_a_body_over_the_limit_is_413_before_anything_else(post: Callable[..., requests.Response], path: str):
    body = json.dumps(valid_body(path) | {"x": "x" * CONTROL_BODY_BYTES_MAX}).encode()
    for content_type in (JSON, "text/plain"):
        error = error_of(post(path, body, content_type), 413)
        assert error["code"] == "payload_too_large" and str(CONTROL_BODY_BYTES_MAX) in error["message"]


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_inflates_beyond_the_limit_is_413(post: Callable[..., requests.Response], path: str):
    body = json.dumps(valid_body(path) | {"x": "x" * CONTROL_BODY_BYTES_MAX}).encode()
    for coding, compressed in (
        ("gzip", gzip.compress(body)),
        ("deflate", zlib.compress(body)),
        ("zstd", zstandard.compress(body)),
    ):
        assert error_of(post(path, compressed, JSON, coding), 413)["code"] == "payload_too_large"


@pytest.mark.parametrize("path", PATHS)
def test_bodies_may_be_compressed(post: Callable[..., requests.Response], path: str):
    body = gzip.compress(json.dumps(valid_body(path)).encode())
    assert post(path, body, JSON, "gzip").status_code in (201, 401)
    assert error_of(post(path, body[:-4], JSON, "gzip"), 400)["code"] == "invalid_request"
    assert error_of(post(path, body, JSON, "br"), 415)["code"] == "unsupported_media_type"


def test_a_body_of_exactly_the_limit_is_read(post: Callable[..., requests.Response]):
    frame = b'{"x":""}'
    body = frame[:-2] + b"x" * (CONTROL_BODY_BYTES_MAX - len(frame)) + frame[-2:]
    assert post("/v1/keys", body).status_code == 201
    assert post("/v1/keys", body + b" ").status_code == 413


def test_the_limit_is_a_setting_of_its_own(start_server: Callable[..., Server]):
    server = start_server(settings={"limits.control_body_bytes": 1000})
    client = Client(server.url, server.create_key(fresh_user()))
    assert client.request("POST", "/v1/keys", json={"x": "x" * 980}).status_code == 201
    assert error_of(client.request("POST", "/v1/keys", json={"x": "x" * 1000}), 413)["code"] == "payload_too_large"


def test_a_body_that_announces_too_much_is_refused_before_it_is_sent(people: People):
    headers = {"Content-Type": JSON, "Content-Length": CONTROL_BODY_BYTES_MAX + 1}
    with connected(people.server.address) as connection:
        connection.send(request_head("POST", "/v1/users", headers))
        assert connection.answer().status == 413


def test_a_chunked_body_is_refused_once_it_grows_too_large(people: People):
    headers = {"Content-Type": JSON, "Transfer-Encoding": "chunked"}
    with connected(people.server.address) as connection:
        connection.send(request_head("POST", "/v1/users", headers))
        for _ in range(11):
            connection.send(b"186a0\r\n" + b" " * 100_000 + b"\r\n")
        assert connection.answer().status == 413


def test_401_comes_before_the_body_is_looked_at(people: People):
    stranger = people.stranger()
    for body, content_type in ((b"{", JSON), (b"x", "text/plain"), (b"x" * 2_000_000, JSON)):
        assert error_of(stranger.push_bytes(body, content_type, path="/v1/keys"), 401)["code"] == "unauthorized"


def test_many_clients_that_never_end_their_bodies_keep_nobody_else_from_making_keys(people: People):
    """Strangers' bodies have memory of their own."""
    person = people.sign_up()
    headers = {"Content-Type": JSON, "Content-Length": CONTROL_BODY_BYTES_MAX}
    with connected(people.server.address) as first, connected(people.server.address) as second:
        for connection in (first, second):
            connection.send(request_head("POST", "/v1/users", headers) + b"{")
        assert person.session.request("POST", "/v1/keys", json={}).status_code == 201
