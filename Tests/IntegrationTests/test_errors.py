"""What every response and every refusal outside the OTLP paths looks like."""

import re

import pytest
import requests

from client import Client
from server import Server, fresh_user
from spans import new_trace_id
from test_trace_context import TRACEPARENT

ERROR_KEYS = {"code", "message", "type", "param", "hint", "request_id"}


def error_of(response: requests.Response, status: int) -> dict:
    """The error object, which must be whole and name the request."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"].startswith("application/json")
    body = response.json()
    assert set(body) == {"error"} and set(body["error"]) == ERROR_KEYS
    error = body["error"]
    assert isinstance(error["code"], str) and isinstance(error["message"], str) and error["message"]
    assert error["request_id"] == response.headers["X-Request-Id"]
    return error


@pytest.mark.parametrize("path", ["/v1/nope", "/v2/traces", "/v1/traces/a/b/c", "/v1", "/health/nope", "/v1/otlp2"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_404_whoever_asks(client: Client, anonymous: Client, path: str, method: str):
    for asker in (client, anonymous):
        error = error_of(asker.request(method, path), 404)
        assert (error["code"], error["type"]) == ("not_found", "invalid_request_error")


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer batchin_api_nonsense",
        "Bearer batchin_api_" + "0" * 33,
        "Basic dXNlcjpwYXNz",
        "KEY",
        "Token KEY",
        "Bearer KEY KEY",
        "Bearer KEYx",
        "Bearer SHORTENED",
        "Bearer " + "x" * 5000,
    ],
)
def test_whatever_is_no_valid_credential_is_401(client: Client, anonymous: Client, credential: str | None):
    assert client.key is not None
    if credential is not None:
        credential = credential.replace("KEY", client.key).replace("SHORTENED", client.key[:-1])
    error = error_of(anonymous.get("/v1/traces", headers={"Authorization": credential}), 401)
    assert (error["code"], error["type"]) == ("unauthorized", "authentication_error")


def test_the_scheme_is_known_in_any_case(client: Client, anonymous: Client):
    """https://www.rfc-editor.org/rfc/rfc9110#section-11.1"""
    for scheme in ("bearer", "BEARER"):
        assert anonymous.get("/v1/traces", headers={"Authorization": f"{scheme} {client.key}"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        (f"/v1/traces/{'1' * 32}", "POST", {"GET"}),
        ("/health", "POST", {"GET"}),
        ("/metrics", "DELETE", {"GET"}),
    ],
)
def test_a_known_path_with_another_method_is_405_and_names_what_is_allowed(
    client: Client, path: str, method: str, allowed: set[str]
):
    error = error_of(client.request(method, path), 405)
    assert error["code"] == "method_not_allowed"
    assert set(re.split(r",\s*", client.request(method, path).headers["Allow"])) - {"HEAD"} == allowed


def test_the_path_that_lists_and_ingests_allows_both(client: Client):
    response = client.request("DELETE", "/v1/traces")
    assert response.status_code == 405
    assert set(re.split(r",\s*", response.headers["Allow"])) - {"HEAD"} == {"GET", "POST"}


def test_401_comes_before_405_and_404_before_both(anonymous: Client):
    assert error_of(anonymous.request("DELETE", f"/v1/traces/{'1' * 32}"), 401)["code"] == "unauthorized"
    assert error_of(anonymous.request("DELETE", "/v1/nope"), 404)["code"] == "not_found"


def test_a_scope_that_is_missing_is_403(server: Server):
    writer = Client(server.url, server.create_key(fresh_user(), scopes="otlp:write"))
    error = error_of(writer.get(f"/v1/traces/{new_trace_id().hex()}"), 403)
    assert error["code"] == "forbidden"
    assert "traces:read" in error["message"] + (error["hint"] or "")


def every_kind_of_response(client: Client, anonymous: Client, **headers: str) -> list[requests.Response]:
    ask = [
        (client, "GET", "/health"),
        (client, "GET", "/metrics"),
        (client, "GET", "/v1/traces"),
        (client, "POST", "/v1/otlp/traces"),
        (client, "GET", "/v1/otlp/export"),
        (client, "GET", "/v1/traces/xyz"),
        (client, "DELETE", "/v1/traces"),
        (client, "GET", f"/v1/traces/{new_trace_id().hex()}"),
        (anonymous, "GET", "/v1/traces"),
        (anonymous, "POST", "/v1/otlp/traces"),
        (anonymous, "GET", "/v1/nope"),
    ]
    return [asker.request(method, path, headers=headers) for asker, method, path in ask]


def test_every_response_carries_a_request_id_and_a_traceparent(client: Client, anonymous: Client):
    responses = every_kind_of_response(client, anonymous)
    assert [response.status_code for response in responses] == [200, 200, 200, 415, 200, 400, 405, 404, 401, 401, 404]
    for response in responses:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,128}", response.headers["X-Request-Id"])
        assert TRACEPARENT.fullmatch(response.headers["traceparent"])
    assert len({response.headers["X-Request-Id"] for response in responses}) == len(responses)


def test_a_request_id_is_echoed_on_every_response(client: Client, anonymous: Client):
    for response in every_kind_of_response(client, anonymous, **{"X-Request-Id": "mine-1"}):
        assert response.headers["X-Request-Id"] == "mine-1"


@pytest.mark.parametrize("request_id", ["a", "A-z_09", "x" * 128])
def test_a_well_formed_request_id_is_echoed(anonymous: Client, request_id: str):
    response = anonymous.get("/health", headers={"X-Request-Id": request_id})
    assert response.headers["X-Request-Id"] == request_id


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", "a.b", "é", "a/b", "<script>", "a,b"])
def test_any_other_request_id_is_replaced(anonymous: Client, request_id: str):
    response = anonymous.get("/health", headers={"X-Request-Id": request_id.encode()})
    assert response.headers["X-Request-Id"] != request_id
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,128}", response.headers["X-Request-Id"])


@pytest.mark.parametrize(
    "path", ["/v1/traces/..%2f..%2fetc", "/v1/traces/%00", "/v1/traces/%ff", "/%", "/v1/traces?limit=%"]
)
def test_no_strange_path_is_an_internal_error(client: Client, path: str):
    assert client.get(path).status_code in (400, 404)
