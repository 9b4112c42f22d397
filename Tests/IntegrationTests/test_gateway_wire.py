"""HTTP as callers and providers speak it when they are not the usual libraries."""

import gzip
import json
import socket

import pytest

from event_stream import content_of
from gateway import Caller, Gateway
from parallel_calls import chat_request
from provider_answers import chat, chat_events
from raw_connection import connected
from scripted_upstream import Ending, Step, answer, streamed
from test_errors import error_of

WHOLE = answer(chat())
CHAT = "/v1/chat/completions"


@pytest.mark.parametrize(
    "script",
    [
        [b"HTTP/1.1 100 Continue\r\n\r\n", *WHOLE],
        [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", *WHOLE],
        answer(chat(), content_type=None),
        answer(chat(), content_type="Application/JSON ; charset=UTF-8"),
        answer(chat(), 201),
        [
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'2;extension=1\r\n{"\r\nB\r\nchoices":[]\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n'
        ],
    ],
    ids=["100 first", "103 first", "no content type", "another case", "201", "extensions and trailers"],
)
def test_whatever_http_allows_is_an_answer(gateway: Gateway, caller: Caller, script: list[Step]):
    response = caller.chat(gateway.model("free", script))
    assert response.status_code == 200, response.text
    assert "choices" in response.json()


def test_a_connection_that_the_provider_closed_is_not_used_again(gateway: Gateway, caller: Caller):
    model = gateway.model("retried", [*WHOLE, Ending.CLOSE])
    assert {caller.chat(model).status_code for _ in range(30)} == {200}


def test_a_connection_to_the_provider_is_used_again(gateway: Gateway, caller: Caller):
    model = gateway.model("free", WHOLE, streamed(*chat_events("Hello")), WHOLE)
    for stream in (False, True, False):
        assert caller.chat(model, stream=stream).content
    assert len({request.connection for request in model.received()}) == 1


def test_a_compressed_request_goes_up_as_it_was_before(gateway: Gateway, caller: Caller):
    model = gateway.model("free", WHOLE)
    body = json.dumps({"messages": [{"role": "user", "content": "Hi"}], "model": model.id}).encode()
    response = caller.post(CHAT, gzip.compress(body), {"Content-Encoding": "gzip"})
    assert response.status_code == 200, response.text
    request = model.only_request()
    assert request.body == body.replace(model.id.encode(), model.name_at().encode())
    assert "content-encoding" not in request.headers


def test_a_request_that_inflates_beyond_the_limit_is_413(caller: Caller):
    bomb = gzip.compress(b'{"model":"' + b"x" * (80 << 20) + b'"}')
    assert error_of(caller.post(CHAT, bomb, {"Content-Encoding": "gzip"}), 413)["code"] == "payload_too_large"


def test_requests_that_do_not_wait_for_each_other_are_answered_in_their_order(gateway: Gateway, caller: Caller):
    """https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2"""
    stream, whole = gateway.model("free", streamed(*chat_events("Hello"))), gateway.model("free", WHOLE)
    requests = [chat_request(caller.key, model.id, "Hi", stream=model is stream) for model in (stream, whole) * 3]
    with connected(gateway.server.address) as connection:
        connection.send(b"".join(request.replace(b"Connection: close\r\n", b"") for request in requests))
        for is_stream in [True, False] * 3:
            reply = connection.answer()
            assert reply.status == 200
            assert (content_of(reply.body) == "Hello") if is_stream else json.loads(reply.body)["choices"]


def test_a_client_that_asks_before_it_sends_its_body_is_told_to_go_on(gateway: Gateway, caller: Caller):
    """https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1"""
    model = gateway.model("free", WHOLE)
    head, _, body = chat_request(caller.key, model.id, "Hi").partition(b"\r\n\r\n")
    with connected(gateway.server.address) as connection:
        connection.send(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.answer().status == 100
        connection.send(body)
        assert connection.answer().status == 200


def test_one_connection_serves_streams_and_whole_answers_in_turn(gateway: Gateway, caller: Caller):
    stream, whole = gateway.model("free", streamed(*chat_events("Hello"))), gateway.model("free", WHOLE)
    with connected(gateway.server.address) as connection:
        for model in (stream, whole) * 3:
            request = chat_request(caller.key, model.id, "Hi", stream=model is stream)
            connection.send(request.replace(b"Connection: close\r\n", b""))
            assert connection.answer().status == 200


def test_a_client_that_closes_its_side_is_answered_whole_or_not_at_all(gateway: Gateway, caller: Caller):
    """Whether that means that it left is ours to say, but every response is a whole one, and usage is what was used."""
    for stream in (False, True):
        model = gateway.model("free", streamed(*chat_events("Hello")) if stream else WHOLE)
        with connected(gateway.server.address) as connection:
            connection.send(chat_request(caller.key, model.id, "Hi", stream=stream))
            connection.socket.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.socket.recv(65536):
                received += piece
        assert received == b"" or b"X-Request-Id" in received, received
        rows = caller.usage(model=model.id)
        assert len(rows) == len(model.received())
