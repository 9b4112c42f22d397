"""Whatever JSON is in a body and wherever a stream is cut, what crosses the gateway stays what it is."""

import functools
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from event_stream import without_receipt
from gateway import Caller, Gateway, Model
from provider_answers import PROVIDERS_MODEL, chat_events
from scripted_upstream import answer, streamed

WHITE_SPACE = st.text(" \t\r\n", max_size=3)
# Raw text of values, among them numbers that no float and no 64 bits can hold.
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,4})?", fullmatch=True)
TEXTS = st.builds(json.dumps, st.text(), ensure_ascii=st.booleans())
SCALARS = NUMBERS | TEXTS | st.sampled_from(["true", "false", "null", '"\\u0041\\/"', '"data: [DONE]\\n\\n"'])


@st.composite
def json_object(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str:
    """Names may repeat each other, and may be those that matter further up."""
    names = st.sampled_from(['"model"', '"stream"', '"usage"', '"choices"', '""']) | TEXTS
    pairs = draw(st.lists(st.tuples(names, values), max_size=4))
    members = [draw(WHITE_SPACE) + name + draw(WHITE_SPACE) + ":" + draw(WHITE_SPACE) + value for name, value in pairs]
    return "{" + ",".join(members) + draw(WHITE_SPACE) + "}"


JSON = st.recursive(
    SCALARS, lambda inner: json_object(inner) | st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
)


def encodable(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@functools.cache
def probe(gateway: Gateway) -> Model:
    """One model for all examples."""
    return gateway.model("free")


@settings(max_examples=60)
@given(first=JSON, last=JSON, space=WHITE_SPACE)
def test_any_json_crosses_as_it_is(gateway: Gateway, caller: Caller, first: str, last: str, space: str):
    def body(model: str, member: str) -> bytes:
        return encodable(f'{space}{{"a":{first},"model"{space}:"{model}",{member},{space}"z":{last}}}{space}')

    messages, choices = '"messages":[{}]', '"choices":[{"index":0}]'
    model = probe(gateway)
    model.script(answer(body(PROVIDERS_MODEL, choices)))
    response = caller.post("/v1/chat/completions", body(model.id, messages))
    assert response.status_code == 200, response.text
    assert model.received()[-1].body == body(model.name_at(), messages)
    assert response.content == body(model.id, choices)


@settings(max_examples=60)
@given(
    texts=st.lists(st.text(max_size=6), min_size=1, max_size=4),
    cuts=st.lists(st.integers(min_value=0, max_value=1500), max_size=12),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_a_stream_may_be_cut_anywhere(
    gateway: Gateway, caller: Caller, texts: list[str], cuts: list[int], line_end: bytes
):
    model = probe(gateway)
    *events, usage, done = [event.replace(b"\n", line_end) for event in chat_events(*texts)]
    whole = b"".join([*events, usage, done])
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(whole)}), len(whole)]
    model.script(streamed(*(whole[start:end] for start, end in zip(places, places[1:], strict=False))))
    response = caller.chat(model, stream=True)
    expected = b"".join([*events, done]).replace(PROVIDERS_MODEL.encode(), model.id.encode())
    assert without_receipt(response.content) == expected
