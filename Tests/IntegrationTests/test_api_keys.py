"""API keys made, listed and deleted over HTTP."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from client import Client
from people import People, Person
from server import Server, wait_until
from test_errors import error_of
from test_users import UUID

ALL_SCOPES = ["inference", "otlp:write", "traces:read", "audit:read", "audit:write", "account"]
REFERENCE_FIELDS = {"id", "key", "key_prefix", "name", "rate_limit_rpm", "monthly_budget_cents", "created_at"}
ROW_FIELDS = {
    "id", "key_prefix", "name", "rate_limit_rpm", "monthly_budget_cents", "is_active", "created_at", "last_used_at",
    "monthly_spend_cents", "scopes", "expires_at",
}  # fmt: skip
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
UNKNOWN_ID = "0190f5d2-1111-7222-8333-444455556666"


@pytest.fixture
def person(people: People) -> Person:
    return people.sign_up()


def rows(client: Client, **parameters: object) -> list[dict]:
    response = client.get("/v1/keys", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def row_of(person: Person, key: dict) -> dict:
    [row] = [row for row in rows(person.session) if row["id"] == key["id"]]
    return row


def test_a_key_is_answered_with_what_the_reference_shows_and_works_at_once(people: People, person: Person):
    key = person.create_key(name="Production Key", rate_limit_rpm=120, monthly_budget_cents=500_000)
    assert set(key) == REFERENCE_FIELDS | {"scopes", "expires_at"}
    assert UUID.fullmatch(key["id"])
    assert re.fullmatch(r"batchin_api_[0-9A-Za-z]{33}", key["key"])
    assert key["key_prefix"] == key["key"][:16]
    assert (key["name"], key["rate_limit_rpm"], key["monthly_budget_cents"]) == ("Production Key", 120, 500_000)
    assert TIME.fullmatch(key["created_at"])
    assert abs(datetime.fromisoformat(key["created_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert (key["scopes"], key["expires_at"]) == (ALL_SCOPES, None)
    assert Client(people.server.url, key["key"]).get("/v1/users/me").json() == person.user


@pytest.mark.parametrize("body", [b"{}", b"", b'{"name":null,"rate_limit_rpm":null,"scopes":null,"expires_at":null}'])
def test_nothing_is_required_of_a_key(person: Person, body: bytes):
    headers = {"Content-Type": "application/json"} if body else {}
    response = person.session.request("POST", "/v1/keys", data=body, headers=headers)
    assert response.status_code == 201
    key = response.json()
    assert [key[name] for name in ("name", "rate_limit_rpm", "monthly_budget_cents", "expires_at")] == [None] * 4
    assert key["scopes"] == ALL_SCOPES


def test_scopes_and_an_end_are_kept_and_obeyed(people: People, person: Person):
    key = person.create_key(scopes=["traces:read", "otlp:write", "traces:read"])
    assert key["scopes"] == ["otlp:write", "traces:read"]
    client = Client(people.server.url, key["key"])
    assert client.get("/v1/traces").status_code == 200
    assert error_of(client.get("/v1/usage/summary"), 403)["code"] == "forbidden"

    soon = datetime.now(UTC) + timedelta(seconds=1)
    mortal = person.create_key(expires_at=soon.isoformat(timespec="milliseconds"))
    assert datetime.fromisoformat(mortal["expires_at"]) == soon.replace(microsecond=soon.microsecond // 1000 * 1000)
    client = Client(people.server.url, mortal["key"])
    wait_until(lambda: client.get("/v1/users/me").status_code == 401, "the key has expired")
    assert row_of(person, mortal)["is_active"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 5),
        ("name", "a\x00b"),
        ("name", "x" * 2000),
        ("rate_limit_rpm", 0),
        ("rate_limit_rpm", -1),
        ("rate_limit_rpm", 1_000_001),
        ("rate_limit_rpm", 1.5),
        ("rate_limit_rpm", 60.0),
        ("rate_limit_rpm", "60"),
        ("rate_limit_rpm", True),
        ("rate_limit_rpm", 2**63),
        ("rate_limit_rpm", [60]),
        ("monthly_budget_cents", -1),
        ("monthly_budget_cents", 10**12 + 1),
        ("monthly_budget_cents", 0.5),
        ("monthly_budget_cents", "0"),
        ("monthly_budget_cents", {}),
        ("scopes", "inference"),
        ("scopes", []),
        ("scopes", ["everything"]),
        ("scopes", ["inference,account"]),
        ("scopes", ["Inference"]),
        ("scopes", ["inference", None]),
        ("scopes", {"inference": True}),
        ("expires_at", "tomorrow"),
        ("expires_at", 1_900_000_000),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("expires_at", ""),
    ],
)
def test_a_field_that_is_wrong_is_400_and_named(person: Person, field: str, value: object):
    error = error_of(person.session.request("POST", "/v1/keys", json={field: value}), 400)
    assert (error["code"], error["param"]) == ("invalid_request", field)
    assert rows(person.session) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rate_limit_rpm", 1),
        ("rate_limit_rpm", 1_000_000),
        ("monthly_budget_cents", 0),
        ("monthly_budget_cents", 10**12),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(person: Person, field: str, value: int):
    assert person.create_key(**{field: value})[field] == value


def test_a_list_row_shows_everything_but_the_key(person: Person):
    key = person.create_key(name="one", rate_limit_rpm=7, monthly_budget_cents=8, scopes=["account", "inference"])
    response = person.session.get("/v1/keys")
    [row] = response.json()
    assert set(row) == ROW_FIELDS
    assert row == {name: key[name] for name in set(key) - {"key"}} | {
        "is_active": True,
        "last_used_at": None,
        "monthly_spend_cents": 0,
    }
    assert key["key"] not in response.text


def test_the_list_is_empty_for_whoever_has_no_keys_and_shows_nobody_elses(people: People, person: Person):
    assert rows(person.session) == []
    people.sign_up().create_key()
    assert rows(person.session) == []


def test_keys_are_listed_newest_first_a_page_at_a_time(person: Person):
    made = [person.create_key(name=str(number))["id"] for number in range(25)]
    newest_first = made[::-1]
    response = person.session.get("/v1/keys")
    assert [row["id"] for row in response.json()] == newest_first[:20]
    second = person.session.get(Client.next_page(response))
    assert [row["id"] for row in second.json()] == newest_first[20:]
    assert "Link" not in second.headers
    assert [row["id"] for row in rows(person.session, limit=100)] == newest_first

    seen, path = [], "/v1/keys?limit=10"
    while path is not None:
        response = person.session.get(path)
        seen += [row["id"] for row in response.json()]
        path = Client.next_page(response)
    assert seen == newest_first


def test_a_full_last_page_has_no_next_one(person: Person):
    for _ in range(2):
        person.create_key()
    assert "Link" not in person.session.get("/v1/keys?limit=2").headers


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=101", "limit=x", "limit=1.0", "cursor=x", "limit=1&limit=2"]
)
def test_a_page_that_can_not_be_is_400(person: Person, query: str):
    error = error_of(person.session.get(f"/v1/keys?{query}"), 400)
    assert error["param"] == query.partition("=")[0]


def test_the_last_use_is_seen_at_once_and_kept(start_server: Callable[..., Server]):
    server = start_server(settings={"trusted_proxies": "127.0.0.1"})
    person = People(server).sign_up()
    key, unused = person.create_key(), person.create_key()
    client = Client(server.url, key["key"])
    error_of(client.get("/v1/usage/logs?limit=0"), 400)
    assert row_of(person, key)["last_used_at"] is None
    client.get("/v1/users/me")
    used_at = row_of(person, key)["last_used_at"]
    assert abs(datetime.fromisoformat(used_at) - datetime.now(UTC)) < timedelta(minutes=1)
    assert row_of(person, unused)["last_used_at"] is None

    assert server.terminate() == 0
    server.start()
    person.session = Client(server.url, person.login["access_token"])
    assert row_of(person, key)["last_used_at"] == used_at


def test_a_deleted_key_is_refused_from_the_next_request_on_and_stays_in_the_list(people: People, person: Person):
    key, kept = person.create_key(), person.create_key()
    client = Client(people.server.url, key["key"])
    assert client.get("/v1/users/me").status_code == 200
    response = person.session.request("DELETE", f"/v1/keys/{key['id']}")
    assert (response.status_code, response.json()) == (200, {"id": key["id"], "deleted": True})
    assert error_of(client.get("/v1/users/me"), 401)["code"] == "unauthorized"
    assert [(row["id"], row["is_active"]) for row in rows(person.session)] == [(kept["id"], True), (key["id"], False)]


def test_a_key_may_delete_itself(people: People, person: Person):
    key = person.create_key()
    client = Client(people.server.url, key["key"])
    assert client.request("DELETE", f"/v1/keys/{key['id']}").status_code == 200
    assert client.get("/v1/keys").status_code == 401


def test_what_is_not_there_to_delete_is_404(people: People, person: Person):
    mine, strangers = person.create_key(), people.sign_up().create_key()
    assert person.session.request("DELETE", f"/v1/keys/{mine['id']}").status_code == 200
    ids = [
        mine["id"],
        strangers["id"],
        UNKNOWN_ID,
        UNKNOWN_ID.replace("-7222", "-4222"),
        "x",
        "%00",
        "%ff",
        mine["key"],
    ]
    for key_id in ids:
        assert error_of(person.session.request("DELETE", f"/v1/keys/{key_id}"), 404)["code"] == "not_found"
    assert Client(people.server.url, strangers["key"]).get("/v1/users/me").status_code == 200


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"scopes": ["account"]}, True),
        ({}, True),
        ({"scopes": ["inference", "otlp:write", "traces:read", "audit:read", "audit:write"]}, False),
        ({"rate_limit_rpm": 1000}, False),
        ({"monthly_budget_cents": 1000}, False),
        ({"monthly_budget_cents": 0}, False),
    ],
)
def test_keys_are_managed_by_account_keys_without_limits(people: People, person: Person, fields: dict, may: bool):
    client, victim = person.client(**fields), person.create_key()
    answers = [
        client.request("POST", "/v1/keys", json={"scopes": ["account"]}),
        client.get("/v1/keys"),
        client.request("DELETE", f"/v1/keys/{victim['id']}"),
    ]
    expected = [201, 200, 200] if may else [403, 403, 403]
    assert [answer.status_code for answer in answers] == expected
    if not may:
        assert Client(people.server.url, victim["key"]).get("/v1/users/me").status_code == 200
        assert error_of(client.request("POST", "/v1/keys", json={"name": 5}), 400)["param"] == "name"


def test_no_key_makes_one_with_more_scopes_than_it_has(person: Person):
    client = person.client(scopes=["account", "inference"])
    for body in ({"scopes": ["account", "otlp:write"]}, {"scopes": ["traces:read"]}, {}):
        error = error_of(client.request("POST", "/v1/keys", json=body), 403)
        assert error["code"] == "forbidden" and "account" in error["hint"]
    response = client.request("POST", "/v1/keys", json={"scopes": ["inference"]})
    assert (response.status_code, response.json()["scopes"]) == (201, ["inference"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/keys", {"GET", "HEAD", "POST"}),
        ("DELETE", "/v1/keys", {"GET", "HEAD", "POST"}),
        ("GET", f"/v1/keys/{UNKNOWN_ID}", {"DELETE"}),
        ("PATCH", f"/v1/keys/{UNKNOWN_ID}", {"DELETE"}),
    ],
)
def test_another_method_is_405_after_401(people: People, person: Person, method: str, path: str, allowed: set[str]):
    assert people.stranger().request(method, path).status_code == 401
    response = person.session.request(method, path)
    assert error_of(response, 405)["code"] == "method_not_allowed"
    assert set(re.split(r",\s*", response.headers["Allow"])) == allowed


def test_a_path_below_a_key_is_404(person: Person):
    for path in (f"/v1/keys/{UNKNOWN_ID}/x", "/v1/keys/", f"/v1/keys/{UNKNOWN_ID}/"):
        assert person.session.request("DELETE", path).status_code == 404
