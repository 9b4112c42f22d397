"""The chain of a user's receipts: numbers without a gap, each naming the one before; nothing can be left out."""

from collections import Counter

import pytest

from audit_records import (
    NO_RECEIPT,
    PAGE_LIMIT,
    Receipt,
    assert_record,
    chain_of,
    chain_page,
    check_chain,
    comment_of,
    digest_of,
    pack_of,
    pack_of_response,
    read_pack,
    record_id_of,
    vaas_headers,
)
from client import Client
from gateway import Caller, Gateway
from parallel_calls import Reply, call, chat_request, run_all
from provider_answers import chat, chat_events, embeddings, error
from scripted_upstream import Received, Step, answer, streamed
from server import Server, fresh_user
from test_errors import error_of

CALL_COUNT = 64


def test_each_receipt_names_the_one_before_whatever_the_call_was(gateway: Gateway, caller: Caller):
    chatting = gateway.model("free", answer(chat()))
    streaming = gateway.model("free", streamed(*chat_events("Hello")))
    failing = gateway.model("free", answer(error("down"), 500))
    embedding = gateway.model("embedding", answer(embeddings([1.0])))
    poor = gateway.model("metered")
    other = caller.with_key()
    receipts = [
        Receipt.from_headers(caller.chat(chatting).headers),
        Receipt.from_json(comment_of(other.chat(streaming, stream=True).content)),
        Receipt.from_headers(assert_record(caller).headers),
        Receipt.from_headers(other.chat(failing).headers),
        Receipt.from_headers(other.post("/v1/embeddings", {"model": embedding.id, "input": "Hi"}).headers),
        Receipt.from_headers(caller.chat(poor, max_tokens=10).headers),
        Receipt.from_headers(assert_record(other).headers),
    ]
    expected = NO_RECEIPT
    for number, receipt in enumerate(receipts, 1):
        assert (receipt.tenant_seq, receipt.prev_receipt) == (str(number), expected)
        pack_of(caller, receipt)
        expected = receipt.link
    check_chain(chain_of(caller))
    assert [item["outcome"] for item in chain_of(other)] == [
        "ok", "ok", "ok", "upstream_error", "ok", "rejected", "ok",
    ]  # fmt: skip


def test_every_user_has_a_chain_of_their_own(gateway: Gateway):
    model = gateway.model("free", answer(chat()))
    for caller in (gateway.caller(), gateway.caller()):
        for number in ("1", "2"):
            assert Receipt.from_headers(caller.chat(model).headers).tenant_seq == number
        assert len(chain_of(caller)) == 2


def test_parallel_calls_with_several_keys_make_one_chain(gateway: Gateway, caller: Caller):
    def script(request: Received) -> list[Step]:
        return streamed(*chat_events("Hello")) if request.json().get("stream") else answer(chat())

    model, keys = gateway.model("free", script), [caller.key, caller.with_key().key]
    replies: list[Reply] = run_all(
        call(gateway.server.address, chat_request(keys[number % 2], model.id, "Hi", stream=number % 4 == 0))
        for number in range(CALL_COUNT)
    )
    assert {reply.status for reply in replies} == {200}
    receipts = {receipt.tenant_seq: receipt for receipt in map(receipt_of, replies)}
    items = chain_of(caller)
    check_chain(items)
    assert len(items) == len(receipts) == CALL_COUNT
    indexes = []
    for item in items:
        receipt = receipts[item["tenant_seq"]]
        assert (item["record_id"], item["prev_receipt"]) == (receipt.record_id, receipt.prev_receipt)
        indexes.append(pack_of(caller, receipt).index)
    assert indexes == sorted(indexes), "the log's order is that of the numbers"


def receipt_of(reply: Reply) -> Receipt:
    is_stream = "event-stream" in reply.headers["content-type"]
    return Receipt.from_json(comment_of(reply.body)) if is_stream else Receipt.from_headers(reply.headers)


def test_the_chain_is_the_same_after_a_restart(own_gateway: Gateway):
    caller = own_gateway.caller()
    model = own_gateway.model("free", answer(chat()))
    before = [Receipt.from_headers(caller.chat(model).headers) for _ in range(3)]
    own_gateway.server.restart()
    survivor = Caller(own_gateway.server.url, caller.key)
    after = Receipt.from_headers(survivor.chat(model).headers)
    assert (after.tenant_seq, after.prev_receipt) == ("4", before[-1].link)
    check_chain(chain_of(survivor))
    for receipt in (*before, after):
        pack_of(survivor, receipt)


# Reading it


def test_the_chain_is_read_from_any_place_and_in_pages(gateway: Gateway, caller: Caller):
    receipts = [Receipt.from_headers(assert_record(caller).headers) for _ in range(5)]
    whole = chain_page(caller)
    assert [item["record_id"] for item in whole] == [receipt.record_id for receipt in receipts]
    assert [item["signature"].removeprefix("ed25519:") for item in whole] == [
        receipt.signature.removeprefix("ed25519:") for receipt in receipts
    ]
    assert {item["outcome"] for item in whole} == {"ok"}
    assert chain_page(caller, after_seq=0) == whole
    assert chain_page(caller, limit=2) == whole[:2]
    assert chain_page(caller, after_seq=3) == whole[3:]
    assert chain_page(caller, after_seq=1, limit=2) == whole[1:3]
    assert chain_page(caller, after_seq=5) == chain_page(caller, after_seq=2**53) == []


def test_a_page_has_twenty_records_unless_told_otherwise(client: Client):
    for _ in range(21):
        assert_record(client)
    assert len(chain_page(client)) == 20
    assert len(chain_page(client, limit=PAGE_LIMIT)) == 21


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=1000000", "after_seq=-1", "after_seq=x", "after_seq=1.5"]
)
def test_a_page_that_can_not_be_is_400(client: Client, query: str):
    error = error_of(client.get(f"/v1/vaas?{query}"), 400)
    assert (error["code"], error["param"]) == ("invalid_request", query.partition("=")[0])


def test_the_chain_is_its_owners(gateway: Gateway, caller: Caller):
    assert_record(caller)
    assert chain_of(gateway.caller()) == []
    assert error_of(Caller(caller.url, None).get("/v1/vaas"), 401)["code"] == "unauthorized"


def test_the_chain_is_read_with_the_scope_for_it(server: Server):
    user = fresh_user()
    reader, other = (Caller(server.url, server.create_key(user, scopes=scope)) for scope in ("audit:read", "inference"))
    assert chain_of(reader) == []
    assert error_of(other.get("/v1/vaas"), 403)["code"] == "forbidden"


# What made no record


def test_calls_over_the_rate_limit_are_counted_in_the_next_record(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    limited = caller.with_key(rate_limit_rpm=1)
    assert limited.chat(model).status_code == 200
    statuses = Counter(limited.chat(model).status_code for _ in range(3))
    assert statuses == {429: 3}
    next_record, one_after = (pack_of_response(caller, caller.chat(model)) for _ in range(2))
    assert next_record.details["tenant_seq"] == "2"
    assert refused_by_rate(next_record.details) == 3
    assert refused_by_rate(one_after.details) == 0


def test_calls_with_a_key_that_was_deleted_are_counted_in_the_next_record(gateway: Gateway, caller: Caller):
    model = gateway.model("free", answer(chat()))
    made = caller.request("POST", "/v1/keys", json={}).json()
    deleted = Caller(caller.url, made["key"])
    assert caller.request("DELETE", f"/v1/keys/{made['id']}").status_code == 200
    assert [deleted.chat(model).status_code for _ in range(2)] == [401, 401]
    assert deleted.get("/v1/usage/logs").status_code == 401
    assert int(pack_of_response(caller, caller.chat(model)).details["refused"]["401"]) == 2


def refused_by_rate(details: dict) -> int:
    return int(details.get("refused", {}).get("429", 0))


def test_an_answer_that_was_lost_is_found_by_its_number(gateway: Gateway, caller: Caller):
    """A client that has receipts 1 and 3 asks for what it never got."""
    first = Receipt.from_headers(assert_record(caller).headers)
    lost = record_id_of(assert_record(caller).json()["audit_id"])
    third = Receipt.from_headers(assert_record(caller).headers)
    (found, _) = chain_page(caller, after_seq=first.tenant_seq)
    assert found["record_id"] == lost and found["prev_receipt"] == first.link
    pack = read_pack(caller, lost)
    pack.check_signature_and_inclusion()
    assert (pack.details["tenant_seq"], pack.details["prev_receipt"]) == ("2", first.link)
    assert digest_of(bytes.fromhex(pack.json["signature"].removeprefix("ed25519:"))) == third.prev_receipt


def test_another_key_continues_the_chain_of_one_that_is_gone(gateway: Gateway, caller: Caller):
    model, second = gateway.model("free", answer(chat())), caller.with_key()
    first = Receipt.from_headers(caller.chat(model).headers)
    (row,) = [row for row in second.get("/v1/keys").json() if caller.key.startswith(row["key_prefix"])]
    assert second.request("DELETE", f"/v1/keys/{row['id']}").status_code == 200
    assert vaas_headers(caller.chat(model).headers) == {}
    after = Receipt.from_headers(second.chat(model).headers)
    assert (after.tenant_seq, after.prev_receipt) == ("2", first.link)
