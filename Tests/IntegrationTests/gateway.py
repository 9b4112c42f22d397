"""The gateway before a scripted upstream, models that no other test uses, and callers with money.

A circuit breaker remembers how a target did, so each test takes models of its own from a large catalogue.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import openai
import requests

from client import Client
from scripted_upstream import Received, Script, ScriptedUpstream
from server import Server, fresh_user, run_command
from test_trace_context import TRACEPARENT

RUN_ID = re.compile(r"run_[0-9A-Za-z]{20,}")
PROVIDER_KEY = "sk-the-providers-own-key-0123456789"
HASTY_TIMEOUT_SECONDS = 1

CENT = "10000"
"""The price of a million tokens of which each costs a cent."""
METERED = {"std_output": CENT}
"""Only output costs, a cent a token, so that what a call may cost at most is `max_tokens` cents."""
PRICED = {"std_input": "1000", "std_output": "2000", "cached_input": "100"}

TARGETS = {
    "free": [("main", 1)],
    "unnamed": [("main", 1)],
    "metered": [("main", 1)],
    "priced": [("main", 1)],
    "retried": [("main", 1)],
    "routed": [("main", 1), ("spare", 0)],
    "balanced": [("main", 1), ("spare", 3)],
    "hasty": [("hasty", 1)],
    "stranded": [("dead", 1), ("spare", 0)],
    "dead": [("dead", 1)],
    "embedding": [("main", 1)],
    "priced-embedding": [("main", 1)],
}
RETRIES = {"retried": 2, "routed": 1, "stranded": 1}
PRICES = {"metered": METERED, "priced": PRICED, "hasty": METERED, "priced-embedding": {"std_input": CENT}}


def name_at(provider: str, name: str) -> dict:
    """What a target says of a model's name at its provider. Unnamed models have the same name there."""
    return {} if name.startswith("unnamed") else {"model": f"{provider}/{name}"}


@dataclass(frozen=True)
class ModelNames:
    """Which models a gateway has. All gateways share one upstream, so those of one test have none of another's."""

    count: int
    """Of most kinds; of the two that most tests use there are more."""
    suffix: str = ""

    def of(self, kind: str) -> list[str]:
        count = self.count * {"free": 10, "metered": 6}.get(kind, 1)
        return [f"{kind}-{number}{self.suffix}" for number in range(count)]


def settings_of(upstream: ScriptedUpstream, dead_url: str, names: ModelNames) -> dict:
    """A configuration with so many models of each kind. JSON is YAML too."""

    def provider(name: str, base_url: str, timeout: int = 30) -> dict:
        return {
            "id": name,
            "base_url": base_url,
            "api_key_env": "BATCHIN_TEST_PROVIDER_KEY",
            "headers": {"X-Configured": name},
            "connect_timeout_s": 2,
            "timeout_s": timeout,
        }

    models = [(kind, name) for kind in TARGETS for name in names.of(kind)]
    return {
        "providers": [
            provider("main", f"{upstream.url}/v1"),
            provider("spare", f"{upstream.url}/spare/v1"),
            provider("hasty", f"{upstream.url}/hasty/v1", HASTY_TIMEOUT_SECONDS),
            provider("dead", f"{dead_url}/v1"),
        ],
        "models": [
            {
                "id": name,
                "owned_by": "tests",
                "kind": "embedding" if "embedding" in kind else "chat",
                "context_length": 8192,
                "license": "Apache-2.0",
                "pricing": {price: float(amount) for price, amount in PRICES.get(kind, {}).items()},
                "route": f"route-of-{name}",
            }
            for kind, name in models
        ],
        "routes": [
            {
                "id": f"route-of-{name}",
                "retries": RETRIES.get(kind, 0),
                "targets": [
                    {"provider": target, "weight": weight} | name_at(target, name) for target, weight in TARGETS[kind]
                ],
            }
            for kind, name in models
        ],
    }


@dataclass
class Model:
    """A model of the catalogue that one test has for itself."""

    id: str
    upstream: ScriptedUpstream

    def name_at(self, provider: str = "main") -> str:
        return name_at(provider, self.id).get("model", self.id)

    def script(self, *scripts: Script, provider: str = "main") -> None:
        """What its next calls are answered with, one script each; the last one is used again."""
        self.upstream.script(self.name_at(provider), *scripts)

    def received(self, provider: str = "main") -> list[Received]:
        return self.upstream.received(self.name_at(provider))

    def wait_for(self, count: int = 1, provider: str = "main") -> list[Received]:
        return self.upstream.wait_for(self.name_at(provider), count)

    def only_request(self, provider: str = "main") -> Received:
        received = self.received(provider)
        assert len(received) == 1, f"{len(received)} requests reached {provider}"
        return received[0]


class Caller(Client):
    """A user with one key."""

    email = ""

    @property
    def sdk(self) -> openai.OpenAI:
        return self.sdk_with()

    def sdk_with(self, sent: list | None = None, **options: object) -> openai.OpenAI:
        """The official client; it repeats no failed call unless told to. Every request it sends is added to `sent`."""
        options = {"max_retries": 0, "timeout": 30, **options}
        hooks = {"request": [] if sent is None else [sent.append]}
        # Nothing here is TLS, and reading the certificates takes longer than most calls.
        http_client = openai.DefaultHttpxClient(trust_env=False, verify=False, event_hooks=hooks)
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=self.key, http_client=http_client, **options)

    def post(self, path: str, body: object, headers: dict | None = None, **options: object) -> requests.Response:
        """Posts JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        described = {"Content-Type": "application/json", **(headers or {})}
        return self.request("POST", path, data=data, headers=described, **options)

    def chat(
        self, model: Model | str, headers: dict | None = None, timeout: float = 30, **fields: object
    ) -> requests.Response:
        """Asks with `fields` of the body's; a streamed answer is still to be read."""
        name = model if isinstance(model, str) else model.id
        stream = bool(fields.get("stream"))
        body = {"model": name, "messages": [{"role": "user", "content": "Hi"}], **fields}
        return self.post("/v1/chat/completions", body, headers, stream=stream, timeout=timeout)

    def with_key(self, **fields: object) -> "Caller":
        """The same user with another key."""
        response = self.request("POST", "/v1/keys", json=fields)
        assert response.status_code == 201, response.text
        return Caller(self.url, response.json()["key"])

    def usage(self, **filters: object) -> list[dict]:
        response = self.get("/v1/usage/logs", params={"limit": 500, **filters})
        assert response.status_code == 200, response.text
        return response.json()

    def only_usage(self) -> dict:
        rows = self.usage()
        assert len(rows) == 1, rows
        return rows[0]

    def balance(self) -> int:
        return self.get("/v1/users/me").json()["credit_balance_cents"]


class Gateway:
    """A server whose models are all behind one scripted upstream."""

    def __init__(self, server: Server, upstream: ScriptedUpstream, names: ModelNames):
        self.server = server
        self.upstream = upstream
        self._unused = {kind: names.of(kind) for kind in TARGETS}

    def model(self, kind: str = "free", *scripts: Script) -> Model:
        """A model that nobody has called yet; `scripts` are those of its first provider."""
        assert self._unused[kind], f"more models of the kind {kind} are needed"
        model = Model(self._unused[kind].pop(0), self.upstream)
        if scripts:
            model.script(*scripts, provider=TARGETS[kind][0][0])
        return model

    def caller(self, cents: int = 0) -> Caller:
        """A fresh user who has `cents` of credit."""
        user = fresh_user()
        caller = Caller(self.server.url, self.server.create_key(user))
        caller.email = user
        if cents:
            self.credit(caller, cents)
        return caller

    def credit(self, caller: Caller, cents: int) -> None:
        options = ["--data", self.server.data, "--reason", "test"]
        result = run_command("credit", *options, caller.email, "--", cents, settings=self.server.settings)
        assert result.returncode == 0, result.stderr


def assert_run_headers(
    headers: Mapping[str, str], model: Model, provider: str | None = "main", prompt_version: str = "default"
) -> str:
    """Checks the headers of a response that a run stands behind, and answers the run's id."""
    assert RUN_ID.fullmatch(headers["X-BatchIn-Run-Id"]), headers
    assert headers["X-BatchIn-Route-Id"] == f"route-of-{model.id}"
    assert provider is None or headers["X-BatchIn-Provider"] == provider
    assert headers["X-BatchIn-Environment"] == "development"
    assert headers["X-BatchIn-Prompt-Version"] == prompt_version
    assert_every_responses_headers(headers)
    return headers["X-BatchIn-Run-Id"]


def assert_every_responses_headers(headers: Mapping[str, str]) -> None:
    assert TRACEPARENT.fullmatch(headers["traceparent"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,128}", headers["X-Request-Id"])


def trace_id_of(headers: Mapping[str, str]) -> str:
    return TRACEPARENT.fullmatch(headers["traceparent"])[1]
