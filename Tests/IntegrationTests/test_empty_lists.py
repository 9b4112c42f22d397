"""Lists of parts that are not built yet."""

import pytest

from client import Client
from server import Server

EXPERIMENTS = {"status": "ready", "docs": "/docs/experiments", "items": []}
EMPTY = {
    "/v1/batches": [],
    "/v1/topup/history": [],
    "/v1/prompts": {"status": "ready", "docs": "/docs/prompts", "items": []},
    "/v1/prompt-regressions": EXPERIMENTS,
    "/v1/experiments": EXPERIMENTS,
}


@pytest.mark.parametrize("path", EMPTY)
def test_a_list_is_empty_in_its_shape_until_its_part_is_built(client: Client, anonymous: Client, path: str):
    assert client.get(path).json() == EMPTY[path]
    assert anonymous.get(path).status_code == 401
    assert client.request("POST", path).status_code in (404, 405)


@pytest.mark.parametrize(("path", "scope"), [("/v1/batches", "inference"), ("/v1/topup/history", "account")])
def test_a_list_needs_its_scope(server: Server, path: str, scope: str):
    user = "lists@example.com"
    assert Client(server.url, server.create_key(user, scopes="traces:read")).get(path).status_code == 403
    assert Client(server.url, server.create_key(user, scopes=scope)).get(path).status_code == 200
