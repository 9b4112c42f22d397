"""Bodies cross the gateway byte for byte, but for the edits that are promised."""

import pytest

from event_stream import without_receipt
from gateway import Caller, Gateway, Model
from provider_answers import DONE, PROVIDERS_MODEL, chat_events, embeddings
from scripted_upstream import Ending, answer, in_bytes, streamed

CHAT = "/v1/chat/completions"
ASKS_FOR_USAGE = b'"stream_options":{"include_usage":true}'
ODD_MEMBERS = r"""
    "huge" : 1e400, "tiny":1E-400 ,	"long":123456789012345678901234567890, "exact":0.1000000000000000055511151231257827,
    "zero":-0.0, "twice":1, "twice" : 2, "":"", "null":null, "escapes":"\u0041\/\ud83d\ude00\u0000\b",
    "raw":"é 😀 \u202e日本",
    "nested":{ "model" : "inner", "stream_options":{} , "usage":{"prompt_tokens":1} }, "empty" : [ ]""".encode()
MESSAGES = b'"messages" : [ { "content":"Hi\\u0021" , "role":"user" } ]'


def json_text(name: str) -> bytes:
    return b'"' + name.encode() + b'"'


def request_of(model: Model, *members: bytes) -> bytes:
    return b" {" + b" ,".join([b'"model"\t:' + json_text(model.id), MESSAGES, *members]) + b"\r\n} \n"


def as_sent_up(model: Model, body: bytes) -> bytes:
    return body.replace(json_text(model.id), json_text(model.name_at()))


def test_a_request_goes_up_as_it_came_but_for_the_models_name(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer({"choices": []}))
    body = request_of(model, ODD_MEMBERS)
    caller.post(CHAT, body)
    assert model.only_request().body == as_sent_up(model, body)


def test_a_request_goes_up_untouched_where_the_name_is_the_same(gateway: Gateway, caller: Caller):
    model = gateway.model("unnamed", answer({"choices": []}))
    body = request_of(model, ODD_MEMBERS).replace(b'"unnamed', b'"\\u0075nnamed')
    caller.post(CHAT, body)
    assert model.only_request().body == body


@pytest.mark.parametrize("value", [b'"free\\u002dNUMBER"', b'"\\u0066ree-NUMBER"'])
def test_an_escaped_name_is_the_same_name(gateway: Gateway, caller: Caller, value: bytes):
    model = gateway.model("free", answer({"choices": []}))
    value = value.replace(b"NUMBER", model.id.removeprefix("free-").encode())
    caller.post(CHAT, request_of(model).replace(json_text(model.id), value))
    assert model.only_request().body == as_sent_up(model, request_of(model))


def test_a_name_that_is_repeated_is_replaced_everywhere(gateway: Gateway, caller: Caller):
    """Whichever of them the provider reads, it is the model that is billed."""
    model = gateway.model("free", answer({"choices": []}))
    body = request_of(model).replace(b'"model"\t:', b'"model":"priced-0","mod\\u0065l":7,"model"\t:')
    response = caller.post(CHAT, body)
    if response.status_code == 400:
        assert model.received() == []
    else:
        sent = model.only_request().body
        assert b"priced-0" not in sent and sent.count(json_text(model.name_at())) == 3


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (None, ASKS_FOR_USAGE),
        (b'"stream_options" : { "include_usage" : false }', b'"stream_options" : { "include_usage" : true }'),
        (b'"stream_options" : { "include_usage" : true }', b'"stream_options" : { "include_usage" : true }'),
        (b'"stream_options":{"include_usage":null}', ASKS_FOR_USAGE),
        (b'"stream_options":null', ASKS_FOR_USAGE),
        (b'"stream_options":{}', ASKS_FOR_USAGE),
        (b'"stream_options":{"include_obfuscation":false}', b'"include_obfuscation":false'),
    ],
    ids=str,
)
def test_usage_is_asked_for_and_nothing_else_is_changed(
    gateway: Gateway, caller: Caller, options: bytes | None, sent: bytes
):
    model = gateway.model("free", streamed(*chat_events("x")))
    body = request_of(model, b'"stream" :true', *([options] if options else []), ODD_MEMBERS)
    assert caller.post(CHAT, body).status_code == 200
    request = model.only_request()
    assert request.json()["stream_options"]["include_usage"] is True
    assert sent in request.body
    rest = as_sent_up(model, body).replace(options, b"") if options else as_sent_up(model, body)
    for added in (b"," + ASKS_FOR_USAGE, ASKS_FOR_USAGE + b","):
        if options is None and request.body.replace(added, b"") == rest:
            break
    else:
        assert options is not None
        before, _, after = as_sent_up(model, body).partition(options)
        assert request.body.startswith(before) and request.body.endswith(after)


def test_an_answer_comes_back_as_it_was_sent_but_for_the_models_name(gateway: Gateway, caller: Caller):
    text = (
        b'\n{ "id":"x", "model" :  "' + PROVIDERS_MODEL.encode() + b'" ,"choices" : [{"index":0,"message":'
        b'{"role":"assistant","content":"\\u0048i"},"finish_reason":"stop"}],' + ODD_MEMBERS + b"\r\n}\n\n"
    )
    model = gateway.model("free", answer(text))
    response = caller.chat(model)
    assert response.content == text.replace(json_text(PROVIDERS_MODEL), json_text(model.id))
    assert int(response.headers["Content-Length"]) == len(response.content)


def test_an_answer_that_names_no_model_is_not_touched(gateway: Gateway, caller: Caller):
    text = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"x","model":"y"},"finish_reason":"stop"}]}'
    model = gateway.model("free", answer(text))
    assert caller.chat(model).content == text


def test_embeddings_come_back_byte_for_byte(gateway: Gateway, caller: Caller):
    text = (
        b'{"object":"list","data":[{"embedding":[ 0.10 , -1e-7,3,1.0E2],"index":0}],"model":"'
        + PROVIDERS_MODEL.encode()
        + b'","usage":{"prompt_tokens":1, "total_tokens":1}}'
    )
    model = gateway.model("embedding", answer(text))
    body = b'{"input" : [ "x" ],"model":' + json_text(model.id) + b' ,"encoding_format":"float"}'
    response = caller.post("/v1/embeddings", body)
    assert response.content == text.replace(json_text(PROVIDERS_MODEL), json_text(model.id))
    assert model.only_request().body == as_sent_up(model, body)


def odd_events(model_name: bytes) -> list[bytes]:
    shared = b'"id":"c", "object":"chat.completion.chunk","model" :"' + model_name + b'"'
    return [
        b": a comment\n\n",
        b'data:{%s,"choices":[{"index":0,"delta":{"role":"assistant"}}]}\n\n' % shared,
        b'data:  {%s , "choices":[{"index":0,"delta":{"content":"\\u0048\xc3\xa9"}}],%s }\n\n'
        % (shared, ODD_MEMBERS.replace(b"\n", b" ")),
        b":\n\n",
        b'id: 7\nretry: 100\ndata: {"choices":[{"index":0,"delta":{"content":"!"}}]}\n\n',
        b'data: {%s,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n' % shared,
    ]


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "byte by byte"])
def test_a_stream_comes_back_as_it_was_sent_but_for_the_models_name(gateway: Gateway, caller: Caller, is_cut: bool):
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n'
    events = b"".join([*odd_events(PROVIDERS_MODEL.encode()), usage, DONE])
    model = gateway.model("free", streamed(*(in_bytes(events) if is_cut else [events])))
    received = caller.chat(model, stream=True).content
    assert without_receipt(received) == b"".join([*odd_events(model.id.encode()), DONE])
    shown = caller.chat(model, stream=True, stream_options={"include_usage": True}).content
    assert without_receipt(shown).startswith(b"".join(odd_events(model.id.encode())) + usage[:-3])


def test_crlf_stays_crlf(gateway: Gateway, caller: Caller):
    events = b"".join([*odd_events(PROVIDERS_MODEL.encode()), DONE]).replace(b"\n", b"\r\n")
    model = gateway.model("free", streamed(*in_bytes(events)))
    expected = b"".join([*odd_events(model.id.encode()), DONE]).replace(b"\n", b"\r\n")
    assert without_receipt(caller.chat(model, stream=True).content) == expected


def test_characters_that_a_provider_has_cut_come_back_cut(gateway: Gateway, caller: Caller):
    """Some servers end a text, or a chunk, in the middle of a character."""
    text = b'{"choices":[{"index":0,"message":{"content":"x\xf0\x9f\x98"},"finish_reason":"length"}]}'
    assert caller.chat(gateway.model("free", answer(text))).content == text
    halves = [
        b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % half for half in (b"\xf0\x9f", b"\x98\x80")
    ]
    end = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    model = gateway.model("free", streamed(*halves, end, DONE))
    assert without_receipt(caller.chat(model, stream=True).content) == b"".join([*halves, end, DONE])


def test_answers_without_a_length_are_read_to_their_end(gateway: Gateway, caller: Caller):
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.3: the end of the connection is the end of the body."""
    vectors = answer(embeddings([1.0]))
    head, _, body = vectors[0].partition(b"\r\n\r\n")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
    model = gateway.model("embedding", [head + b"\r\n\r\n" + body, Ending.CLOSE])
    response = caller.post("/v1/embeddings", {"model": model.id, "input": "x"})
    assert response.status_code == 200 and response.json()["data"][0]["embedding"] == [1.0]
