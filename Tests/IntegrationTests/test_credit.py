"""Credit that operators give: `batchin credit`."""

import pytest

from client import Client
from server import Server, fresh_user, run_command


@pytest.fixture
def user(server: Server) -> str:
    return fresh_user()


@pytest.fixture
def owner(server: Server, user: str) -> Client:
    return Client(server.url, server.create_key(user))


def credit(server: Server, *arguments: object):
    return run_command("credit", "--data", server.data, *arguments)


def balance(client: Client) -> int:
    return client.get("/v1/users/me").json()["credit_balance_cents"]


def test_the_servers_next_request_sees_it(server: Server, user: str, owner: Client):
    for total in (500, 1000, 1500):
        result = credit(server, user, 500, "--reason", "a gift")
        assert result.returncode == 0, result.stderr
        assert f"the balance is {total} cents" in result.stdout
        assert balance(owner) == total


def test_credit_can_be_taken_back(server: Server, user: str, owner: Client):
    credit(server, user, 500, "--reason", "a gift")
    assert credit(server, "--reason", "a mistake", user, "--", -600).returncode == 0
    assert balance(owner) == -100


def test_one_reference_counts_once(server: Server, user: str, owner: Client):
    for _ in range(3):
        assert credit(server, user, 500, "--reason", "a gift", "--reference", f"gift of {user}").returncode == 0
    assert balance(owner) == 500
    again = credit(server, user, 600, "--reason", "a gift", "--reference", f"gift of {user}")
    assert again.returncode not in (0, -6, -11)
    assert balance(owner) == 500


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody@example.com", 1, "--reason", "r"),
        ("no address", 1, "--reason", "r"),
        (None, 0, "--reason", "r"),
        (None, 10**10 + 1, "--reason", "r"),
        (None, 10**30, "--reason", "r"),
        (None, "1.5", "--reason", "r"),
        (None, 1),
        (None, 1, "--reason", ""),
        (None, 1, "--reason", "a\nb"),
    ],
)
def test_what_is_not_credit_is_refused(server: Server, user: str, owner: Client, arguments: tuple):
    result = credit(server, *(user if argument is None else argument for argument in arguments))
    assert result.returncode not in (0, -6, -11)
    assert result.stderr.startswith("Error: ")
    assert balance(owner) == 0
