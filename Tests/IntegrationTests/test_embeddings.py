"""Embeddings with the official client: the same numbers, in whichever format."""

import base64
import struct

import openai
import pytest

from client import Client
from gateway import Caller, Gateway, assert_run_headers
from provider_answers import embeddings
from scripted_upstream import answer
from server import Server

EMBEDDINGS = "/v1/embeddings"
# All of them are 32-bit floats exactly.
VECTOR = [0.5, -0.25, 1.0, 0.0, -3.75, 1.1754943508222875e-38, 3.4028234663852886e38]


def encoded(vector: list[float]) -> str:
    """Little-endian 32-bit floats in base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


# E1
def test_the_official_client_asks_for_base64_and_gets_the_numbers(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding", answer(embeddings(encoded(VECTOR))))
    reply = caller.sdk.embeddings.create(model=model.id, input="Hello")
    assert (reply.object, reply.model) == ("list", model.id)
    assert reply.data[0].embedding == VECTOR
    assert (reply.usage.prompt_tokens, reply.usage.total_tokens) == (4, 4)
    request = model.only_request()
    assert request.path == EMBEDDINGS
    assert request.json() == {"model": f"main/{model.id}", "input": "Hello", "encoding_format": "base64"}


# E1
def test_base64_and_float_are_the_same_numbers_whatever_the_provider_sends(gateway: Gateway, caller: Caller):
    for sent in (VECTOR, encoded(VECTOR)):
        model = gateway.model("embedding", answer(embeddings(sent)))
        for format, wanted in (("float", VECTOR), ("base64", encoded(VECTOR)), (None, VECTOR)):
            fields = {"encoding_format": format} if format else {}
            response = caller.post(EMBEDDINGS, {"model": model.id, "input": "Hello", **fields})
            assert response.status_code == 200, response.text
            assert response.json()["data"][0]["embedding"] == wanted
        assert caller.sdk.embeddings.create(model=model.id, input="Hello").data[0].embedding == VECTOR


# E2
@pytest.mark.parametrize(
    "value",
    ["Hello", ["one", "two"], [1, 2, 3], [[1, 2], [3]]],
    ids=["text", "texts", "tokens", "lists of tokens"],
)
def test_every_kind_of_input_goes_up_as_it_is(gateway: Gateway, caller: Caller, value: object):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    caller.sdk.embeddings.create(model=model.id, input=value, encoding_format="float", dimensions=256, user="u")
    sent = {"model": f"main/{model.id}", "input": value, "encoding_format": "float", "dimensions": 256, "user": "u"}
    assert model.only_request().json() == sent


# E2
def test_embeddings_come_back_by_index_with_usage(gateway: Gateway, caller: Caller):
    vectors = [[float(number)] * 4 for number in range(100)]
    model = gateway.model("embedding", answer(embeddings(*vectors, usage={"prompt_tokens": 300, "total_tokens": 300})))
    reply = caller.sdk.embeddings.create(model=model.id, input=["x"] * 100, encoding_format="float")
    assert [item.index for item in reply.data] == list(range(100))
    assert [item.embedding for item in reply.data] == vectors
    assert {item.object for item in reply.data} == {"embedding"}
    row = caller.only_usage()
    assert (row["input_tokens"], row["output_tokens"], row["model"]) == (300, 0, model.id)


# E3
@pytest.mark.parametrize("format", ["hex", "", 7, {}, "Float"])
def test_another_format_is_refused_by_name(gateway: Gateway, caller: Caller, format: object):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    with pytest.raises(openai.BadRequestError) as raised:
        caller.sdk.embeddings.create(model=model.id, input="Hello", encoding_format=format)
    assert (raised.value.code, raised.value.param) == ("invalid_request", "encoding_format")
    assert model.received() == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": 7}, "input"),
        ({"input": ["one", 2]}, "input"),
        ({"input": [-1]}, "input"),
        ({"input": "x", "dimensions": 0}, "dimensions"),
        ({"input": "x", "dimensions": 1.5}, "dimensions"),
    ],
)
def test_what_is_no_embedding_request_is_refused_by_name(gateway: Gateway, caller: Caller, fields: dict, param: str):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    response = caller.post(EMBEDDINGS, {"model": model.id, **fields})
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"].split("[")[0]) == ("invalid_request", param)
    assert model.received() == []


@pytest.mark.parametrize("vector", ["not base64!", encoded([1.0])[:-3], 7, None, {"a": 1}, ["a"]], ids=repr)
def test_a_vector_that_is_none_is_the_providers_error(gateway: Gateway, caller: Caller, vector: object):
    model = gateway.model("embedding", answer(embeddings(vector)))
    with pytest.raises(openai.APIStatusError) as raised:
        caller.sdk.embeddings.create(
            model=model.id, input="x", encoding_format="base64" if isinstance(vector, list) else "float"
        )
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_error")


# X7
def test_embeddings_are_a_run(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    raw = caller.sdk.embeddings.with_raw_response.create(model=model.id, input="x")
    assert caller.only_usage()["run_id"] == assert_run_headers(raw.headers, model)


def test_a_chat_model_embeds_nothing(gateway: Gateway, caller: Caller):
    model = gateway.model("free")
    response = caller.post(EMBEDDINGS, {"model": model.id, "input": "x"})
    assert response.status_code in (400, 404) and response.json()["error"]["param"] == "model"
    assert model.received() == []


def test_a_fresh_installation_embeds(server: Server, client: Client):
    caller = Caller(server.url, client.key)
    default = caller.sdk.embeddings.create(model="echo-embed", input=["one", "two"])
    floats = caller.sdk.embeddings.create(model="echo-embed", input=["one", "two"], encoding_format="float")
    assert [item.embedding for item in default.data] == [item.embedding for item in floats.data]
    assert default.data[0].embedding != default.data[1].embedding
