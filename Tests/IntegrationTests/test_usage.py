"""What usage looks like to whoever has used nothing, and which questions can be asked about it."""

import re
import uuid
from collections.abc import Callable

import pytest

from client import Client
from people import People, Person
from server import Server, fresh_user
from test_errors import ERROR_KEYS, error_of

NOTHING = {
    "total_requests": 0,
    "total_input_tokens": 0,
    "total_output_tokens": 0,
    "total_cost_cents": 0,
    "total_cost_usd": "0",
}
PATHS = ["/v1/usage/logs", "/v1/usage/summary", "/v1/usage/by-model"]
EMPTY = dict(zip(PATHS, [[], NOTHING, []], strict=True))


@pytest.fixture
def person(people: People) -> Person:
    return people.sign_up()


@pytest.mark.parametrize("path", PATHS)
def test_whoever_has_used_nothing_sees_nothing_in_the_references_shape(client: Client, path: str):
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, EMPTY[path])
    assert response.headers["Content-Type"] == "application/json"
    assert "Link" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_usage_needs_a_credential_with_the_scope_account(server: Server, anonymous: Client, person: Person, path: str):
    assert error_of(anonymous.get(path), 401)["code"] == "unauthorized"
    user = fresh_user()
    others = "inference,otlp:write,traces:read,audit:read,audit:write"
    error = error_of(Client(server.url, server.create_key(user, scopes=others)).get(path), 403)
    assert "account" in error["message"]
    assert Client(server.url, server.create_key(user, scopes="account")).get(path).status_code == 200
    assert person.session.get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_usage_can_only_be_asked_for(client: Client, path: str):
    for method in ("POST", "PUT", "DELETE"):
        response = client.request(method, path)
        assert error_of(response, 405)["code"] == "method_not_allowed"
        assert set(re.split(r",\s*", response.headers["Allow"])) == {"GET", "HEAD"}
    head = client.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00%2B01:00",
        "from=1767225600000000000&to=1769904000000000000",
        "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=0&to=0",
        "from=18446744073709551615",
        "to=18446744073709551615",
        "model=qwen3-32b",
        "model=" + "x" * 2000,
        f"run_id=run_{'0' * 20}",
        f"trace_id={'1' * 32}",
        f"key_id={uuid.uuid4()}",
        "key_id=",
        "unknown=1",
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_a_filter_that_matches_nothing_answers_nothing(client: Client, path: str, query: str):
    response = client.get(f"{path}?{query}")
    assert (response.status_code, response.json()) == (200, EMPTY[path]), response.text


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=-1",
        "to=2026-01-01",
        "to=99999999999999999999",
        "run_id=x",
        "trace_id=x",
        "trace_id=" + "0" * 32,
        "key_id=x",
        "key_id=batchin_api_x",
        "model=%00",
        "model=a&model=b",
        "from=%ff",
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_a_filter_that_can_not_be_is_400_and_named(client: Client, path: str, query: str):
    error = error_of(client.get(f"{path}?{query}"), 400)
    assert error["code"] == "invalid_request"
    if "%ff" not in query:
        assert error["param"] == query.partition("=")[0]


def test_another_users_key_matches_nothing(people: People, person: Person):
    strangers = people.sign_up().create_key()
    for path in PATHS:
        assert person.session.get(path, params={"key_id": strangers["id"]}).json() == EMPTY[path]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=1", 200),
        ("limit=500", 200),
        ("limit=", 200),
        ("offset=0", 200),
        ("offset=1000", 200),
        ("limit=0", 400),
        ("limit=501", 400),
        ("limit=-1", 400),
        ("limit=1e2", 400),
        ("limit=ten", 400),
        ("limit=99999999999999999999", 400),
        ("offset=-1", 400),
        ("offset=1.5", 400),
        ("offset=99999999999999999999", 400),
        ("cursor=x", 400),
        ("cursor=1.2", 400),
        ("limit=1&limit=1", 400),
    ],
)
def test_a_page_of_the_log_is_within_its_bounds(client: Client, query: str, status: int):
    response = client.get(f"/v1/usage/logs?{query}")
    assert response.status_code == status
    if status == 400:
        assert error_of(response, 400)["param"] == query.partition("=")[0]


@pytest.mark.parametrize("grouping", ["key", "day", "model"])
def test_a_summary_can_be_divided(client: Client, grouping: str):
    assert client.get(f"/v1/usage/summary?group_by={grouping}").json() == NOTHING | {"groups": []}


@pytest.mark.parametrize("query", ["group_by=user", "group_by=Key", "ignore_budget=2", "ignore_budget=yes"])
def test_a_summary_knows_no_other_words(client: Client, query: str):
    assert error_of(client.get(f"/v1/usage/summary?{query}"), 400)["param"] == query.partition("=")[0]


def test_a_key_that_may_spend_nothing_is_told_so_with_the_totals(person: Person):
    client = person.client(monthly_budget_cents=0)
    response = client.get("/v1/usage/summary")
    assert response.status_code == 402
    assert response.headers["x-should-retry"] == "false"
    body = response.json()
    error = body.pop("error")
    assert body == NOTHING
    assert set(error) == ERROR_KEYS | set(NOTHING)
    assert {name: error[name] for name in NOTHING} == NOTHING
    assert (error["code"], error["type"]) == ("payment_required", "insufficient_quota")

    assert client.get("/v1/usage/summary?ignore_budget=1").json() == NOTHING
    assert client.get("/v1/usage/summary?ignore_budget=0").status_code == 402
    assert client.get("/v1/usage/logs").json() == []
    assert client.get("/v1/usage/by-model").json() == []


def test_a_budget_that_is_not_spent_a_key_without_one_and_a_session_see_the_summary(person: Person):
    person.client(monthly_budget_cents=0)
    for client in (person.client(monthly_budget_cents=1), person.client(), person.session):
        assert client.get("/v1/usage/summary").json() == NOTHING


def test_credit_is_no_usage(people: People, person: Person, credit: Callable[[Server, str, int], None]):
    credit(people.server, person.email, 500)
    for path in PATHS:
        assert person.session.get(path).json() == EMPTY[path]
