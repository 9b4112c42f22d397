"""How often keys and clients may call, and what they are told."""

import re
import threading
import time
from collections.abc import Callable

import pytest
import requests

from client import Client
from people import PASSWORD, People, fresh_address
from rpc_status import RESOURCE_EXHAUSTED, assert_status
from server import Server, fresh_user, wait_until
from spans import make_span, request_of
from test_errors import error_of

LIMIT, REMAINING, RESET = (f"x-ratelimit-{name}-requests" for name in ("limit", "remaining", "reset"))
DURATION = re.compile(r"(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?|(\d+)ms")


def seconds_of(duration: str) -> float:
    match = DURATION.fullmatch(duration)
    assert match is not None and duration, duration
    minutes, seconds, milliseconds = (float(group or 0) for group in match.groups())
    return minutes * 60 + seconds + milliseconds / 1000


def assert_refused(response: requests.Response) -> float:
    """Insists on a whole 429; answers after how many seconds to come back."""
    error = error_of(response, 429)
    assert (error["code"], error["type"]) == ("rate_limited", "rate_limit_error")
    assert "x-should-retry" not in response.headers
    seconds, milliseconds = int(response.headers["Retry-After"]), int(response.headers["retry-after-ms"])
    assert seconds >= 1 and 1 <= milliseconds <= seconds * 1000
    return milliseconds / 1000


# Keys


def test_a_key_gets_its_limit_at_once_and_is_then_refused(people: People):
    client = people.sign_up().client(rate_limit_rpm=3)
    for left in (2, 1, 0):
        response = client.get("/v1/users/me")
        assert response.status_code == 200
        assert (response.headers[LIMIT], response.headers[REMAINING]) == ("3", str(left))
        assert 0 < seconds_of(response.headers[RESET]) <= 60
    refused = client.get("/v1/users/me")
    assert 15 < assert_refused(refused) <= 20
    assert (refused.headers[LIMIT], refused.headers[REMAINING]) == ("3", "0")
    assert 55 < seconds_of(refused.headers[RESET]) <= 60


def test_whoever_waits_as_long_as_told_is_served(people: People):
    client = people.sign_up().client(rate_limit_rpm=60)
    statuses = []
    while 429 not in statuses:
        response = client.get("/v1/users/me")
        statuses.append(response.status_code)
    assert len(statuses) >= 61
    time.sleep(assert_refused(response))
    assert client.get("/v1/users/me").status_code == 200


def test_a_key_without_a_limit_and_a_session_have_none(people: People):
    person = people.sign_up()
    for client in (person.client(), person.session):
        for _ in range(100):
            response = client.get("/v1/users/me")
            assert response.status_code == 200
        assert not any(name.lower().startswith("x-ratelimit") for name in response.headers)


def test_keys_of_one_user_are_counted_apart(people: People):
    person = people.sign_up()
    one, other = person.client(rate_limit_rpm=1), person.client(rate_limit_rpm=1)
    assert one.get("/v1/users/me").status_code == 200
    assert_refused(one.get("/v1/users/me"))
    assert other.get("/v1/users/me").status_code == 200


def test_a_burst_of_parallel_requests_gets_no_more_than_the_limit(people: People):
    key = people.sign_up().create_key(rate_limit_rpm=10)["key"]
    statuses: list[int] = []

    def ask() -> None:
        client = Client(people.server.url, key)
        statuses.extend(client.get("/v1/users/me").status_code for _ in range(5))

    started_at = time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refilled = (time.monotonic() - started_at) / 6
    assert set(statuses) == {200, 429}
    assert 10 <= statuses.count(200) <= 10 + refilled + 1


def test_a_request_that_is_refused_for_another_reason_costs_nothing_but_shows_the_limit(people: People):
    client = people.sign_up().client(rate_limit_rpm=2)
    refusals = [
        (client.get("/v1/usage/logs?limit=0"), 400),
        (client.request("DELETE", "/v1/users/me"), 405),
        (client.request("POST", "/v1/keys", json={}), 403),
        (client.request("POST", "/v1/keys", data=b"{", headers={"Content-Type": "application/json"}), 400),
        (client.request("POST", "/v1/keys", data=b"x", headers={"Content-Type": "text/plain"}), 415),
    ]
    for response, status in refusals:
        assert response.status_code == status
        assert (response.headers[LIMIT], response.headers[REMAINING], response.headers[RESET]) == ("2", "2", "0s")
    assert client.get(f"/v1/traces/{'1' * 32}").headers[REMAINING] == "1"
    assert client.get("/v1/users/me").headers[REMAINING] == "0"
    assert_refused(client.get("/v1/users/me"))
    assert error_of(client.get("/v1/usage/logs?limit=0"), 400)["param"] == "limit"
    assert client.get("/v1/nope").status_code == 404


def test_a_refused_request_is_no_use_of_the_key(people: People):
    person = people.sign_up()
    client = person.client(rate_limit_rpm=1)
    client.get("/v1/users/me")
    [row] = person.session.get("/v1/keys").json()
    assert_refused(client.get("/v1/users/me"))
    [later] = person.session.get("/v1/keys").json()
    assert later["last_used_at"] == row["last_used_at"] is not None


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_on_otlp_paths_a_refusal_is_a_status_and_stores_nothing(people: People, encoding: str):
    person = people.sign_up()
    client = person.client(rate_limit_rpm=1)
    client.store(request_of(make_span()), encoding)
    response = client.push(request_of(make_span()), encoding)
    status = assert_status(response, 429, "rate_limited", encoding)
    assert status.code == RESOURCE_EXHAUSTED
    assert int(response.headers["Retry-After"]) >= 1 and response.headers[LIMIT] == "1"
    assert len(person.client().traces()) == 1


# Clients


def statuses(ask: Callable[[], requests.Response], count: int) -> list[int]:
    return [ask().status_code for _ in range(count)]


def test_looking_users_up_is_limited_by_client(people: People):
    stranger = people.stranger()

    def ask() -> requests.Response:
        return stranger.get("/v1/users/by-email", params={"email": "nobody@example.com"})

    assert statuses(ask, 120) == [404] * 120
    while (response := ask()).status_code == 404:  # What was refilled meanwhile.
        pass
    assert assert_refused(response) <= 0.5
    assert people.stranger().get("/v1/users/by-email", params={"email": "nobody@example.com"}).status_code == 404


def test_signing_up_and_logging_in_share_a_limit(people: People):
    stranger = people.stranger()
    sign_up = {"email": fresh_user(), "name": "A", "password": PASSWORD}
    assert stranger.request("POST", "/v1/users", json=sign_up).status_code == 201
    # A taken address costs no password.
    assert statuses(lambda: stranger.request("POST", "/v1/users", json=sign_up), 29) == [409] * 29
    answers = []
    while 429 not in answers and len(answers) < 200:
        response = stranger.request("POST", "/v1/users/login", json=sign_up)
        answers.append(response.status_code)
    assert 30 <= len(answers) < 200
    assert assert_refused(response) <= 1
    assert stranger.get("/v1/users/by-email", params={"email": fresh_user()}).status_code == 404


def test_a_malformed_request_is_not_counted_and_is_told_so_beyond_the_limit_too(people: People):
    stranger = people.stranger()
    sign_up = {"email": fresh_user(), "name": "A", "password": PASSWORD}
    malformed = (
        {"json": []}, {"data": b"x"}, {"json": {}}, {"json": sign_up | {"email": "a@b@c"}},
        {"json": sign_up | {"password": "short"}}, {"json": sign_up | {"name": "a\nb"}},
    )

    def all_are_refused() -> bool:
        return {stranger.request("POST", "/v1/users", **options).status_code for options in malformed} <= {400, 415}

    assert all(all_are_refused() for _ in range(15))
    assert stranger.request("POST", "/v1/users", json=sign_up).status_code == 201
    while stranger.request("POST", "/v1/users", json=sign_up).status_code == 409:
        pass
    assert all_are_refused()


def test_without_a_trusted_proxy_forwarded_headers_count_for_nothing(own_server: Server):
    client = Client(own_server.url, None)

    def ask() -> requests.Response:
        address = fresh_address()
        headers = {"X-Forwarded-For": address, "Forwarded": f"for={address}", "X-Real-IP": address}
        return client.get("/v1/users/by-email", params={"email": "nobody@example.com"}, headers=headers)

    answers = statuses(ask, 121)
    while 429 not in answers and len(answers) < 400:
        answers.append(ask().status_code)
    assert 429 in answers


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"X-Forwarded-For": "203.0.113.1"}, {"X-Forwarded-For": "203.0.113.2"}, False),
        ({"X-Forwarded-For": "203.0.113.3"}, {"X-Forwarded-For": "9.9.9.9, 203.0.113.3"}, True),
        ({"X-Forwarded-For": "203.0.113.4"}, {"X-Forwarded-For": "203.0.113.4, 127.0.0.1"}, True),
        ({"X-Forwarded-For": "203.0.113.5"}, {"Forwarded": "for=203.0.113.5;proto=https"}, True),
        ({"X-Forwarded-For": "2001:db8::1"}, {"Forwarded": 'for="[2001:db8::ffff:2]:99"'}, True),
        ({"X-Forwarded-For": "2001:db8:1::1"}, {"X-Forwarded-For": "2001:db8:1:1::1"}, False),
    ],
)
def test_behind_a_trusted_proxy_clients_are_told_apart(people: People, one: dict, other: dict, is_same: bool):
    client = Client(people.server.url, None)

    def ask(headers: dict) -> int:
        return client.get("/v1/users/by-email", params={"email": "nobody@example.com"}, headers=headers).status_code

    wait_until(lambda: ask(one) == 429, "the limit is used up", timeout=30)
    answers = [ask(other) for _ in range(5)]
    assert (429 in answers) == is_same
