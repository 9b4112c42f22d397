"""What a record commits to, computed again from the bytes that were sent and received."""

import gzip
import json

import pytest

from audit_records import Receipt, canonical_digest_of, comment_of, digest_of, pack_of, pack_of_response
from gateway import Caller, Gateway
from provider_answers import DONE, FINISH, chat, chat_events, completion, delta, embeddings, usage_event
from scripted_upstream import answer, streamed

CHAT, COMPLETIONS, EMBEDDINGS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"
MESSAGES = (
    b'[ {"role" : "user", "content":"Gr\\u00fc\\u00dfe \xf0\x9f\x91\x8b"},\n'
    b' {"weight":1e400,"content":"!","role":"user"} ]'
)


def call_of(index: int, arguments: str = '{"city":"Köln"}') -> dict:
    return {"id": f"call_{index}", "type": "function", "function": {"name": "weather", "arguments": arguments}}


def chat_of_choices(*messages: dict) -> dict:
    choices = [
        {"index": index, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
        for index, message in enumerate(messages)
    ]
    return chat(choices=choices)


def test_the_request_and_the_response_are_taken_as_they_were_sent(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat("Grüße 👋")))
    body = b'{ "messages": %s , "model":"%s", "unknown": 123456789012345678901234567890 }' % (
        MESSAGES, model.id.encode(),
    )  # fmt: skip
    response = caller.post(CHAT, body)
    assert response.status_code == 200, response.text
    pack = pack_of_response(caller, response)
    assert pack.opened("request_wire") == digest_of(body)
    assert pack.opened("response_wire") == digest_of(response.content)
    assert (pack.details["request_bytes"], pack.details["response_bytes"]) == (
        str(len(body)), str(len(response.content)),
    )  # fmt: skip
    assert pack.opened("input") == digest_of(MESSAGES)
    assert pack.opened("output") == digest_of("Grüße 👋")


def test_a_compressed_request_is_taken_as_it_was_before(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    body = json.dumps({"model": model.id, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    response = caller.post(CHAT, gzip.compress(body), {"Content-Encoding": "gzip"})
    pack = pack_of_response(caller, response)
    assert pack.opened("request_wire") == digest_of(body)
    assert pack.opened("input") == digest_of(b'[{"role": "user", "content": "Hi"}]')


@pytest.mark.parametrize("content", ["", "Hello there.", "e\u0301 is not \u00e9", "\u0000\u2028 \U0001f44b\r\n"])
def test_one_text_is_taken_as_it_is(gateway: Gateway, caller: Caller, content: str):
    pack = pack_of_response(caller, caller.chat(gateway.model("free", answer(chat(content)))))
    assert pack.opened("output") == digest_of(content)


def test_a_text_is_the_same_however_it_came(gateway: Gateway, caller: Caller):
    """Whole, in pieces, with escapes of JSON or without."""
    whole = pack_of_response(caller, caller.chat(gateway.model("free", answer(chat("Grüße 👋")))))
    escaped = b"".join(chat_events("Gr", "üße ", "👋")).replace("ü".encode(), b"\\u00fc")
    assert b"\\u00fc" in escaped
    body = caller.chat(gateway.model("free", streamed(escaped)), stream=True).content
    in_pieces = pack_of(caller, Receipt.from_json(comment_of(body)))
    assert whole.opened("output") == in_pieces.opened("output") == digest_of("Grüße 👋")


def test_a_prompt_that_is_a_text_is_taken_decoded(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("Hello")))
    body = b'{"model":"%s","prompt":"Gr\\u00fc\\u00dfe\\n\\ud83d\\udc4b"}' % model.id.encode()
    pack = pack_of_response(caller, caller.post(COMPLETIONS, body))
    assert pack.opened("input") == digest_of("Grüße\n👋")
    assert pack.opened("output") == digest_of("Hello")


def test_the_input_of_embeddings_is_its_text_or_its_bytes(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    for written, taken in ((b'"H\\u0069"', b"Hi"), (b'[ "one","two" ]', b'[ "one","two" ]')):
        body = b'{"model":"%s", "input" :  %s }' % (model.id.encode(), written)
        response = caller.post(EMBEDDINGS, body)
        assert response.status_code == 200, response.text
        pack = pack_of_response(caller, response)
        assert pack.opened("input") == digest_of(taken)
        # There is no text, so the output is the body.
        assert pack.opened("output") == pack.opened("response_wire") == digest_of(response.content)


def test_several_choices_are_a_list_by_index(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat_of_choices({"content": "ä"}, {"content": "b"})))
    pack = pack_of_response(caller, caller.chat(model, n=2))
    assert pack.opened("output") == canonical_digest_of(
        [{"index": 0, "content": "ä"}, {"index": 1, "content": "b"}]
    )  # fmt: skip


def test_several_choices_of_a_stream_are_the_same_list(gateway: Gateway, caller: Caller):
    events = [delta(index=1, content="b"), delta(index=0, content="ä1"), delta(index=1, content="2")]
    ends = [delta("stop", index=index) for index in (1, 0)]
    body = caller.chat(gateway.model("free", streamed(*events, *ends, DONE)), n=2, stream=True).content
    pack = pack_of(caller, Receipt.from_json(comment_of(body)))
    assert pack.opened("output") == canonical_digest_of(
        [{"index": 0, "content": "ä1"}, {"index": 1, "content": "b2"}]
    )  # fmt: skip


def test_several_completions_are_a_list_too(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(completion("one", "two")))
    response = caller.post(COMPLETIONS, {"model": model.id, "prompt": "Hi", "n": 2})
    assert pack_of_response(caller, response).opened("output") == canonical_digest_of(
        [{"index": 0, "content": "one"}, {"index": 1, "content": "two"}]
    )


def test_calls_of_tools_are_a_list_even_in_one_choice(gateway: Gateway, caller: Caller):
    calls = [call_of(0), call_of(1, "{}")]
    model = gateway.model("free", answer(chat_of_choices({"content": None, "tool_calls": calls})))
    pack = pack_of_response(caller, caller.chat(model))
    assert pack.opened("output") == canonical_digest_of([{"index": 0, "tool_calls": calls}])


def test_calls_of_tools_in_pieces_are_the_same_list(gateway: Gateway, caller: Caller):
    def part(index: int, **members: object) -> bytes:
        return delta(tool_calls=[{"index": index, **members}])

    whole = call_of(0)
    first = whole | {"function": {"name": "weather", "arguments": ""}}
    events = [part(0, **first), part(0, function={"arguments": '{"city"'}), part(0, function={"arguments": ':"Köln"}'})]
    script = streamed(*events, delta("tool_calls"), usage_event(), DONE)
    body = caller.chat(gateway.model("free", script), stream=True).content
    pack = pack_of(caller, Receipt.from_json(comment_of(body)))
    assert pack.opened("output") == canonical_digest_of([{"index": 0, "tool_calls": [whole]}])


def test_an_empty_stream_of_words_is_the_empty_text(gateway: Gateway, caller: Caller):
    body = caller.chat(gateway.model("free", streamed(delta(role="assistant", content=""), FINISH, DONE)), stream=True)
    assert pack_of(caller, Receipt.from_json(comment_of(body.content))).opened("output") == digest_of("")


def test_equal_calls_have_equal_digests_and_different_commitments(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    one, other = (pack_of_response(caller, caller.chat(model)) for _ in range(2))
    for field in ("request_wire", "response_wire", "input", "output"):
        assert one.opened(field) == other.opened(field)
        assert one.predicate["commitments"][field] != other.predicate["commitments"][field]
    assert one.predicate["nonce"] != other.predicate["nonce"]
