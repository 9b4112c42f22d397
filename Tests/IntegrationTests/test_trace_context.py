"""The incoming half of W3C Trace Context level 1: https://www.w3.org/TR/trace-context-1/"""

import re

import pytest

from client import INGEST, Client
from raw_connection import connected, request_head
from server import Server

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"


def answered_context(client: Client, **headers: str) -> tuple[str, str, str]:
    """Trace id, span id and flags of the response."""
    response = client.get("/health", headers=headers)
    assert response.status_code == 200
    match = TRACEPARENT.fullmatch(response.headers["traceparent"])
    assert match, response.headers["traceparent"]
    assert int(match[1], 16) and int(match[2], 16)
    return match[1], match[2], match[3]


@pytest.mark.checklist("O35")
@pytest.mark.parametrize(
    "traceparent",
    [
        f"00-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-00",
        f"00-{TRACE_ID}-{SPAN_ID}-ff",
        f"01-{TRACE_ID}-{SPAN_ID}-01",
        f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-will-be-like",
        f"cc-{TRACE_ID}-{SPAN_ID}-01-",
        f"00-{TRACE_ID}-{SPAN_ID}-01 \t",
    ],
)
def test_a_valid_traceparent_is_joined_with_a_span_of_our_own(anonymous: Client, traceparent: str):
    trace_id, span_id, _ = answered_context(anonymous, traceparent=traceparent)
    assert trace_id == TRACE_ID
    assert span_id != SPAN_ID


@pytest.mark.checklist("O35")
@pytest.mark.parametrize("flags", ["00", "01"])
def test_the_sampled_flag_is_passed_on(anonymous: Client, flags: str):
    assert answered_context(anonymous, traceparent=f"00-{TRACE_ID}-{SPAN_ID}-{flags}")[2] == flags


@pytest.mark.checklist("O35")
@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "00",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID.upper()}-01",
        f"0A-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}-0A",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"00-{TRACE_ID}-{SPAN_ID}-01-",
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-",
        f"00-{TRACE_ID}-{SPAN_ID}-1",
        f"00-{TRACE_ID}-{SPAN_ID}-001",
        f"00-{TRACE_ID[:-1]}-{SPAN_ID}-01",
        f"00-{TRACE_ID}1-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID[:-1]}-01",
        f"00-{TRACE_ID}-{SPAN_ID}1-01",
        f"00-{TRACE_ID[:-1]}.-{SPAN_ID}-01",
        f"00_{TRACE_ID}_{SPAN_ID}_01",
        f"0-{TRACE_ID}-{SPAN_ID}-01",
        f"cc-{TRACE_ID}-{SPAN_ID}-01.what",
        f"{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-01, 00-{TRACE_ID}-{SPAN_ID}-01",
    ],
)
def test_a_malformed_traceparent_starts_a_new_trace(anonymous: Client, traceparent: str):
    first, _, _ = answered_context(anonymous, traceparent=traceparent)
    second, _, _ = answered_context(anonymous, traceparent=traceparent)
    assert first.lower() != TRACE_ID and first != second


@pytest.mark.checklist("O35")
def test_two_traceparents_start_a_new_trace(server: Server):
    head = request_head("GET", "/health", {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"})
    with connected(server.address) as connection:
        connection.send(head.replace(b"\r\n\r\n", f"\r\ntraceparent: 00-{TRACE_ID}-{SPAN_ID}-01\r\n\r\n".encode()))
        answer = connection.answer()
    match = TRACEPARENT.fullmatch(answer.headers["traceparent"])
    assert match and match[1] != TRACE_ID


@pytest.mark.checklist("O35")
def test_without_a_traceparent_each_request_is_a_trace(anonymous: Client):
    assert len({answered_context(anonymous)[0] for _ in range(20)}) == 20


@pytest.mark.checklist("O35")
@pytest.mark.parametrize("tracestate", ["", "foo=1,bar=2", "foo=1,foo=1", "=", "a" * 600 + "=1", "foo", "é=1"])
def test_no_tracestate_breaks_a_request(anonymous: Client, tracestate: str):
    headers = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01", "tracestate": tracestate.encode()}
    assert answered_context(anonymous, **headers)[0] == TRACE_ID


@pytest.mark.checklist("O35")
def test_ingest_and_its_refusals_join_too(client: Client, anonymous: Client):
    headers = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}
    responses = [
        client.push_bytes(b"", headers=headers),
        client.push_bytes(b"\xff", headers=headers),
        anonymous.request("POST", INGEST, headers=headers),
        client.request("PUT", INGEST, headers=headers),
    ]
    assert [response.status_code for response in responses] == [200, 400, 401, 405]
    for response in responses:
        assert TRACEPARENT.fullmatch(response.headers["traceparent"])[1] == TRACE_ID
