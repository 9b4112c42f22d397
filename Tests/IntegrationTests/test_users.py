"""Signing up, logging in and looking users up."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from client import Client
from people import PASSWORD, People
from server import Server, fresh_user
from test_errors import error_of

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
USER_FIELDS = {"id", "email", "name", "credit_balance_cents"}
TOKEN_HEADER = "X-BatchIn-Internal-Token"


def sign_up_body(**fields: object) -> dict:
    return {"email": fresh_user(), "name": "Ada", "password": PASSWORD} | fields


def test_a_new_user_is_answered_with_exactly_what_the_reference_shows(people: People):
    body = sign_up_body(email="Ada.L+x@Example.COM", name="Ada Lovelace 愛")
    response = people.stranger().request("POST", "/v1/users", json=body)
    assert response.status_code == 201
    user = response.json()
    assert set(user) == USER_FIELDS
    assert UUID.fullmatch(user["id"])
    assert (user["email"], user["name"]) == ("ada.l+x@example.com", "Ada Lovelace 愛")
    assert user["credit_balance_cents"] == 0 and isinstance(user["credit_balance_cents"], int)


def test_a_taken_address_is_a_conflict_in_any_case_of_letters(people: People):
    person = people.sign_up()
    for email in (person.email, person.email.upper()):
        response = people.stranger().request("POST", "/v1/users", json=sign_up_body(email=email))
        error = error_of(response, 409)
        assert (error["code"], error["type"], error["param"]) == ("conflict", "conflict_error", "email")
        assert response.headers["x-should-retry"] == "false"


def test_an_address_of_a_user_made_on_the_command_line_is_taken_too(people: People):
    email = fresh_user()
    people.server.create_key(email)
    error_of(people.stranger().request("POST", "/v1/users", json=sign_up_body(email=email)), 409)
    body = {"email": email, "password": PASSWORD}
    assert (
        error_of(people.stranger().request("POST", "/v1/users/login", json=body), 401)["code"] == "invalid_credentials"
    )


def test_a_login_answers_the_user_and_a_session_of_twelve_hours(people: People):
    person = people.sign_up(name="Grace")
    assert set(person.login) == USER_FIELDS | {"access_token", "expires_at"}
    assert {name: person.login[name] for name in USER_FIELDS} == person.user
    assert person.login["access_token"].startswith("batchin_session_")
    assert person.login["expires_at"].endswith("Z")
    left = datetime.fromisoformat(person.login["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left < timedelta(hours=12, minutes=1)
    assert person.session.get("/v1/users/me").json() == person.user


def test_an_answer_with_a_secret_is_not_to_be_stored(people: People):
    person = people.sign_up()
    body = {"email": person.email, "password": PASSWORD}
    login = people.stranger().request("POST", "/v1/users/login", json=body)
    key = person.session.request("POST", "/v1/keys", json={})
    assert [answer.headers["Cache-Control"] for answer in (login, key)] == ["no-store", "no-store"]


def test_a_login_takes_the_address_in_any_case(people: People):
    person = people.sign_up()
    body = {"email": person.email.upper(), "password": PASSWORD}
    assert people.stranger().request("POST", "/v1/users/login", json=body).status_code == 200


def test_a_wrong_address_and_a_wrong_password_are_answered_alike(people: People):
    person = people.sign_up()
    errors = []
    for body in (
        {"email": person.email, "password": PASSWORD + "x"},
        {"email": person.email, "password": "x"},
        {"email": fresh_user(), "password": PASSWORD},
    ):
        error = error_of(people.stranger().request("POST", "/v1/users/login", json=body), 401)
        assert (error["code"], error["type"]) == ("invalid_credentials", "authentication_error")
        errors.append({name: error[name] for name in error if name != "request_id"})
    assert errors[0] == errors[1] == errors[2]


def test_ten_failures_in_a_row_make_one_account_wait_and_no_other(people: People):
    person, other = people.sign_up(), people.sign_up()
    wrong = {"email": person.email, "password": "wrong password"}
    right = {"email": person.email, "password": PASSWORD}
    for _ in range(10):
        error_of(people.stranger().request("POST", "/v1/users/login", json=wrong), 401)
    response = people.stranger().request("POST", "/v1/users/login", json=right)
    if response.status_code == 200:  # The machine was so slow that the first delay is over.
        return
    assert error_of(response, 429)["code"] == "rate_limited"
    assert int(response.headers["Retry-After"]) >= 1 and int(response.headers["retry-after-ms"]) >= 1000
    body = {"email": other.email, "password": PASSWORD}
    assert people.stranger().request("POST", "/v1/users/login", json=body).status_code == 200


def test_me_is_the_owner_of_any_credential(people: People):
    person = people.sign_up()
    for scope in ("inference", "otlp:write", "traces:read", "audit:read", "audit:write", "account"):
        assert person.client(scopes=[scope]).get("/v1/users/me").json() == person.user
    error = error_of(people.stranger().get("/v1/users/me"), 401)
    assert error["code"] == "unauthorized"


def test_credit_shows_in_every_view_of_the_user(people: People, credit: Callable[[Server, str, int], None]):
    person = people.sign_up()
    credit(people.server, person.email, 10_000)
    credit(people.server, person.email, -1)
    body = {"email": person.email, "password": PASSWORD}
    views = [
        person.session.get("/v1/users/me"),
        people.stranger().get("/v1/users/by-email", params={"email": person.email}),
        people.stranger().request("POST", "/v1/users/login", json=body),
    ]
    assert [view.json()["credit_balance_cents"] for view in views] == [9999, 9999, 9999]


def test_a_user_is_found_by_address_in_any_case(people: People):
    person = people.sign_up()
    for email in (person.email, person.email.upper()):
        response = people.stranger().get("/v1/users/by-email", params={"email": email})
        assert (response.status_code, response.json()) == (200, person.user)


def test_a_plus_in_an_address_needs_no_percent_encoding(people: People):
    person = people.sign_up(email="plus+" + fresh_user())
    for query in (f"email={person.email}", f"email={person.email.replace('+', '%2B')}"):
        assert people.stranger().get(f"/v1/users/by-email?{query}").json() == person.user


def test_an_address_that_nobody_has_is_404(people: People):
    error = error_of(people.stranger().get("/v1/users/by-email", params={"email": fresh_user()}), 404)
    assert error["code"] == "not_found" and error["hint"]


@pytest.mark.parametrize(
    "query",
    ["", "?email=", "?email=a", "?email=a@b@c", "?email=%00@b", "?email=%ff", "?email=a@b&email=c@d", "?mail=a@b"],
)
def test_looking_up_what_is_no_address_is_400(people: People, query: str):
    error = error_of(people.stranger().get("/v1/users/by-email" + query), 400)
    assert error["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", None),
        ("email", ""),
        ("email", "no-at-sign"),
        ("email", "two@at@signs"),
        ("email", "@example.com"),
        ("email", "a@" + "b" * 253),
        ("email", "a b@example.com"),
        ("email", "a\x00@example.com"),
        ("email", 5),
        ("email", ["a@example.com"]),
        ("name", None),
        ("name", "a\x00b"),
        ("name", "x" * 2000),
        ("name", {"first": "Ada"}),
        ("password", None),
        ("password", ""),
        ("password", "seven77"),
        ("password", "x" * 1025),
        ("password", "nul\x00in the middle"),
        ("password", 12345678),
        ("password", True),
    ],
)
def test_a_field_that_is_missing_or_wrong_is_400_and_named(people: People, field: str, value: object):
    response = people.stranger().request("POST", "/v1/users", json=sign_up_body(**{field: value}))
    error = error_of(response, 400)
    assert (error["code"], error["type"], error["param"]) == ("invalid_request", "invalid_request_error", field)
    assert PASSWORD not in response.text


def test_a_password_of_eight_bytes_or_1024_will_do(people: People):
    for password in ("1234567é"[1:], "x" * 1024):
        body = sign_up_body(password=password)
        stranger = people.stranger()
        assert stranger.request("POST", "/v1/users", json=body).status_code == 201
        assert stranger.request("POST", "/v1/users/login", json=body).status_code == 200


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_login_without_a_field_is_400_and_names_it(people: People, field: str):
    body = sign_up_body()
    for wrong in ({name: body[name] for name in body if name != field}, body | {field: 1}, body | {field: None}):
        error = error_of(people.stranger().request("POST", "/v1/users/login", json=wrong), 400)
        assert error["param"] == field


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/users", {"POST"}),
        ("HEAD", "/v1/users", {"POST"}),
        ("PUT", "/v1/users", {"POST"}),
        ("GET", "/v1/users/login", {"POST"}),
        ("POST", "/v1/users/by-email", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_names_the_right_one(people: People, method: str, path: str, allowed: set[str]):
    response = people.stranger().request(method, path)
    assert response.status_code == 405
    assert set(re.split(r",\s*", response.headers["Allow"])) == allowed


def test_head_answers_the_head_of_get(people: People):
    person = people.sign_up()
    get, head = (person.session.request(method, "/v1/users/me") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.content))


def test_beyond_development_only_whoever_has_the_internal_token_may_ask(start_server: Callable[..., Server]):
    server = start_server(settings={"environment": "production", "internal_token": "correct"})
    body, stranger = sign_up_body(), Client(server.url, None)
    asks = [
        ("POST", "/v1/users", {"json": body}, 201),
        ("POST", "/v1/users/login", {"json": body}, 200),
        ("GET", "/v1/users/by-email", {"params": {"email": body["email"]}}, 200),
    ]
    for method, path, options, status in asks:
        for token in (None, "", "wrong", "correctx"):
            headers = {TOKEN_HEADER: token} if token is not None else {}
            error = error_of(stranger.request(method, path, headers=headers, **options), 401)
            assert error["code"] == "unauthorized" and TOKEN_HEADER in error["hint"]
        response = stranger.request(method, path, headers={TOKEN_HEADER: "correct"}, **options)
        assert response.status_code == status, response.text
    login = stranger.request("POST", "/v1/users/login", headers={TOKEN_HEADER: "correct"}, json=body)
    session = Client(server.url, login.json()["access_token"])
    assert session.get("/v1/users/me").status_code == 200
    error_of(session.get("/v1/users/by-email", params={"email": body["email"]}), 401)


def test_users_and_sessions_survive_a_crash(start_server: Callable[..., Server]):
    server = start_server(settings={"trusted_proxies": "127.0.0.1"})
    person = People(server).sign_up()
    server.restart()
    session = Client(server.url, person.login["access_token"])
    assert session.get("/v1/users/me").json() == person.user
