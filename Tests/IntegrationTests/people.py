"""Users made over HTTP, each from an address of their own, so that no test meets another's rate limit."""

import itertools
from dataclasses import dataclass

from client import Client
from server import Server, fresh_user

PASSWORD = "correct horse battery staple"

_addresses = itertools.count(1)


def fresh_address() -> str:
    """An address that nobody has called from yet, for servers that trust 127.0.0.1 as a proxy."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Person:
    email: str
    user: dict
    """What signing up answered."""
    login: dict
    """What logging in answered."""
    session: Client

    def create_key(self, **fields: object) -> dict:
        response = self.session.request("POST", "/v1/keys", json=fields)
        assert response.status_code == 201, response.text
        return response.json()

    def client(self, **fields: object) -> Client:
        """A client with a new key."""
        return Client(self.session.url, self.create_key(**fields)["key"])


class People:
    """Who uses one server."""

    def __init__(self, server: Server):
        assert server.settings["trusted_proxies"] == "127.0.0.1"
        self.server = server

    def stranger(self, address: str | None = None) -> Client:
        """A client without a credential, calling from `address` or from one that nobody else has."""
        client = Client(self.server.url, None)
        client.add_header("X-Forwarded-For", address or fresh_address())
        return client

    def sign_up(self, email: str | None = None, name: str = "Somebody") -> Person:
        """Makes a user and logs in."""
        email = email or fresh_user()
        stranger = self.stranger()
        body = {"email": email, "name": name, "password": PASSWORD}
        user = stranger.request("POST", "/v1/users", json=body)
        assert user.status_code == 201, user.text
        login = stranger.request("POST", "/v1/users/login", json={"email": email, "password": PASSWORD})
        assert login.status_code == 200, login.text
        session = Client(self.server.url, login.json()["access_token"])
        return Person(email, user.json(), login.json(), session)
