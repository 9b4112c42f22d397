"""The catalogue as the official client lists it."""

import openai
import pytest
import requests

from client import Client
from gateway import PRICED, Caller, Gateway
from test_errors import error_of

MODELS = "/v1/models"
MODEL_KEYS = {"id", "object", "created", "owned_by", "status", "context_length", "license", "pricing"}


# L1
def test_every_model_is_listed_whole(caller: Caller):
    models = {model.id: model for model in caller.sdk.models.list()}
    assert len(models) == len(caller.sdk.models.list().data) > 100
    for model in models.values():
        assert (model.object, model.owned_by) == ("model", "tests")
        assert isinstance(model.created, int) and model.created > 0
    model = models["priced-39"]
    assert (model.status, model.context_length, model.license) == ("always_on", 8192, "Apache-2.0")


# L1
def test_a_model_can_be_asked_for(caller: Caller):
    model = caller.sdk.models.retrieve("priced-39")
    assert (model.id, model.object, model.owned_by) == ("priced-39", "model", "tests")
    assert model.model_dump() == next(item.model_dump() for item in caller.sdk.models.list() if item.id == model.id)


# L1
def test_a_model_that_is_not_there_is_404_model_not_found(caller: Caller):
    for name in ("nothing", "main/priced-39", "priced-39/", "%00", "x" * 3000):
        with pytest.raises(openai.NotFoundError) as raised:
            caller.sdk.models.retrieve(name)
        assert (raised.value.code, raised.value.type) == ("model_not_found", "invalid_request_error")


def test_the_catalogue_is_public_and_has_the_references_shape(gateway: Gateway):
    response = requests.get(gateway.server.url + MODELS, timeout=10)
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"object", "data"} and body["object"] == "list"
    assert all(set(model) >= MODEL_KEYS for model in body["data"])
    assert requests.get(gateway.server.url + MODELS + "/free-0", timeout=10).json() in body["data"]


def test_prices_say_what_they_count(caller: Caller):
    pricing = caller.get(f"{MODELS}/priced-39").json()["pricing"]
    assert pricing["unit"] == "usd_per_1m_tokens"
    assert {name: pricing[name] for name in PRICED} == {name: float(price) for name, price in PRICED.items()}
    assert caller.get(f"{MODELS}/free-399").json()["pricing"]["unit"] == "usd_per_1m_tokens"


def test_nothing_about_the_providers_is_told(gateway: Gateway, caller: Caller):
    text = caller.get(MODELS).text
    for secret in ("main/", "spare", "X-Configured", gateway.upstream.url, "route-of-", "sk-the"):
        assert secret not in text


def test_the_catalogue_can_only_be_read(caller: Caller):
    for path in (MODELS, f"{MODELS}/free-0"):
        assert error_of(caller.request("DELETE", path), 405)["code"] == "method_not_allowed"


def test_a_fresh_installation_lists_its_echo_models(client: Client):
    models = {model["id"]: model for model in client.get(MODELS).json()["data"]}
    assert set(models) == {"echo", "echo-embed"}
    assert {model["status"] for model in models.values()} == {"always_on"}
