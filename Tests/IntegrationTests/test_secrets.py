"""No secret leaves where it belongs: not in logs, answers or metrics, and not in the clear on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from client import Client
from server import Server, fresh_user

PASSWORD = "canary-password-7f3a9c"
WRONG_PASSWORD = "canary-wrong-password-51"
INTERNAL_TOKEN = "canary-internal-token-8d"


def folder_contents(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    settings = {"environment": "staging", "internal_token": INTERNAL_TOKEN}
    return start_server(settings=settings, arguments=["--log-format", "json"])


def test_no_secret_is_logged_answered_measured_or_stored_in_the_clear(server: Server):
    internal = {"X-BatchIn-Internal-Token": INTERNAL_TOKEN}
    anonymous = Client(server.url, None)
    email = fresh_user()
    answers: list[str] = []

    def post(path: str, body: object, client: Client = anonymous, **headers: str) -> dict:
        response = client.request("POST", path, json=body, headers=internal | headers)
        answers.append(response.text + str(response.headers))
        return response.json()

    user = {"email": email, "name": "A", "password": PASSWORD}
    post("/v1/users", user)
    post("/v1/users", user)
    post("/v1/users/login", {"email": email, "password": WRONG_PASSWORD})
    post("/v1/users/login", {"email": email, "password": [WRONG_PASSWORD]})
    login = anonymous.request("POST", "/v1/users/login", json=user, headers=internal).json()
    session = Client(server.url, login["access_token"])
    key = session.request("POST", "/v1/keys", json={"name": "k"}).json()
    client = Client(server.url, key["key"])
    mistyped = key["key"][:-1] + ("0" if key["key"][-1] != "0" else "1")
    for bearer in (mistyped, key["key"] + " ", login["access_token"][:-1]):
        response = Client(server.url, bearer).get("/v1/users/me")
        answers.append(response.text + str(response.headers))
    for path in ("/v1/users/me", "/v1/keys", f"/v1/keys?cursor={key['key']}", "/v1/usage/logs", "/health", "/metrics"):
        response = client.get(path, headers=internal)
        answers.append(response.text + str(response.headers))
    session.request("DELETE", f"/v1/keys/{key['id']}")
    assert server.terminate() == 0

    secrets = [PASSWORD, WRONG_PASSWORD, INTERNAL_TOKEN, key["key"], mistyped, login["access_token"]]
    log = server.log.read_text()
    disk = folder_contents(server.data)
    for secret in secrets:
        # What was sent as a cursor may be read back by its sender only if it is no part of an answer.
        assert secret not in log
        assert all(secret not in answer for answer in answers)
        assert secret.encode() not in disk
    assert "argon2" not in log and all("argon2" not in answer for answer in answers)
    # The hash is there, so the disk was searched where secrets would be.
    assert b"$argon2id$" in disk
