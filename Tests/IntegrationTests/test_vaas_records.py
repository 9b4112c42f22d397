"""A record as strangers and its owner see it, and the server's own verdict on a pack."""

import json
import uuid
from decimal import Decimal

import pytest
import requests

from audit_records import (
    CHECKS,
    RECORDS,
    Pack,
    Receipt,
    assert_record,
    digest_of,
    pack_of_response,
    read_pack,
    record_id_of,
)
from client import JSON, Client
from gateway import Caller, Gateway
from provider_answers import chat, completion, embeddings
from scripted_upstream import answer
from test_errors import error_of

ORIGINAL_FIELDS = {
    "audit_id", "input_hash", "output_hash", "carbon_grams_co2e", "energy_wh", "energy_source",
    "carbon_offset_vs_us_cloud", "signature",
}  # fmt: skip
PUBLIC_FIELDS = ORIGINAL_FIELDS | {"record_id", "hash_mode", "observation", "evidence_level", "outcome"}
OWNERS_FIELDS = {"input_sha256", "output_sha256"}
PACK_BYTES_MAX = 1_048_576
ENERGY = ("energy_wh", "carbon_grams_co2e", "carbon_offset_vs_us_cloud")
VIEWS = ["", "/verify", "/evidence"]

UNKNOWN_IDS = [
    str(uuid.uuid4()),
    "vaas_" + "0" * 32,
    "vaas_" + "0" * 31,
    "vaas_" + "0" * 33,
    "VAAS_" + "0" * 32,
    "vaas_" + "g" * 32,
    "0" * 32,
    "run_" + "0" * 24,
    "1",
    "%00",
    "%F0%9F%91%8B",
    "'%20OR%20'1'='1",
    "x" * 2000,
]


def record(client: Client, record_id: str) -> dict:
    response = client.get(f"{RECORDS}/{record_id}")
    assert response.status_code == 200, response.text
    return json.loads(response.text, parse_float=Decimal, parse_int=Decimal)


def completed(gateway: Gateway, caller: Caller) -> tuple[Receipt, Pack]:
    model = gateway.model("free", answer(completion("Hello there.")))
    response = caller.post("/v1/completions", {"model": model.id, "prompt": "Say hello"})
    return Receipt.from_headers(response.headers), pack_of_response(caller, response)


def stranger(client: Client) -> Client:
    return Client(client.url, None)


# The record


def test_a_stranger_sees_the_record_of_a_run_and_nothing_of_its_texts(gateway: Gateway, caller: Caller):
    receipt, pack = completed(gateway, caller)
    for viewer in (stranger(caller), gateway.caller()):
        seen = record(viewer, receipt.record_id)
        assert set(seen) == PUBLIC_FIELDS
        assert (seen["record_id"], record_id_of(seen["audit_id"])) == (receipt.record_id, receipt.record_id)
        assert seen["signature"] == receipt.signature.removeprefix("ed25519:")
        assert (seen["hash_mode"], seen["outcome"]) == ("salted-v1", "ok")
        assert (seen["observation"], seen["evidence_level"]) == ("gateway_observed", "A1")
        commitments = pack.predicate["commitments"]
        assert (seen["input_hash"], seen["output_hash"]) == (commitments["input"], commitments["output"])
        assert digest_of("Say hello") not in seen.values() and digest_of("Hello there.") not in seen.values()


def test_its_owner_also_sees_the_plain_hashes(gateway: Gateway, caller: Caller):
    receipt, _ = completed(gateway, caller)
    seen = record(caller, receipt.record_id)
    assert set(seen) == PUBLIC_FIELDS | OWNERS_FIELDS
    assert (seen["input_sha256"], seen["output_sha256"]) == (digest_of("Say hello"), digest_of("Hello there."))
    assert {name: seen[name] for name in PUBLIC_FIELDS} == record(stranger(caller), receipt.record_id)


def test_an_asserted_record_shows_the_plain_hashes_to_everybody(client: Client):
    made = json.loads(assert_record(client).text, parse_float=Decimal, parse_int=Decimal)
    seen = record(stranger(client), made["audit_id"])
    assert set(seen) == PUBLIC_FIELDS
    assert {name: seen[name] for name in made} == made
    assert (seen["hash_mode"], seen["observation"], seen["evidence_level"]) == ("plain-v1", "user_asserted", "A0")
    own = record(client, made["audit_id"])
    assert (own["input_sha256"], own["output_sha256"]) == (made["input_hash"], made["output_hash"])


def test_the_figures_are_those_that_are_signed(gateway: Gateway, caller: Caller):
    receipt, pack = completed(gateway, caller)
    seen, energy = record(caller, receipt.record_id), pack.predicate["energy"]
    assert energy["basis"] in ("estimate", "estimate_range")
    figures = [Decimal(energy["wh"]), Decimal(energy["carbon_g"]), Decimal(energy["baseline"]["difference_g"])]
    assert [seen[name] for name in ENERGY] == figures
    assert Decimal(energy["wh_low"]) <= figures[0] <= Decimal(energy["wh_high"])
    assert figures[0] > 0 and isinstance(seen["energy_source"], str)


def test_where_there_is_no_method_there_are_no_figures(gateway: Gateway, caller: Caller):
    model = gateway.model("embedding", answer(embeddings([1.0])))
    response = caller.post("/v1/embeddings", {"model": model.id, "input": "Hi"})
    pack = pack_of_response(caller, response)
    assert pack.predicate["energy"] == {"basis": "none", "reason": "no_method"}
    seen = record(caller, pack.json["record_id"])
    assert [seen[name] for name in ENERGY] == [None] * 3


@pytest.mark.parametrize("view", VIEWS)
def test_both_forms_of_an_id_name_one_record(client: Client, view: str):
    audit_id = assert_record(client).json()["audit_id"]
    by_uuid, by_record = (client.get(f"{RECORDS}/{name}{view}") for name in (audit_id, record_id_of(audit_id)))
    assert (by_uuid.status_code, by_uuid.content) == (200, by_record.content)


def test_whatever_is_no_record_is_one_and_the_same_404(client: Client):
    known = assert_record(client).json()["audit_id"]
    ids = [*UNKNOWN_IDS, known.replace("-", ""), record_id_of(known) + "0"]
    answers: list[tuple[dict, set[str]]] = []
    for viewer in (client, stranger(client)):
        for record_id in ids:
            for view in VIEWS:
                response = viewer.get(f"{RECORDS}/{record_id}{view}")
                error = error_of(response, 404)
                answers.append((error | {"request_id": None}, set(response.headers)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0]["code"] == "not_found"


# Verdicts


def check_report(report: dict) -> dict[str, str]:
    """Insists on a whole report; answers the status of each check."""
    assert set(report) == {"audit_id", "record_id", "valid", "status", "checks"}
    assert [check["name"] for check in report["checks"]] == CHECKS
    assert all({"name", "status"} <= set(check) <= {"name", "status", "note"} for check in report["checks"])
    statuses = {check["name"]: check["status"] for check in report["checks"]}
    assert set(statuses.values()) <= {"pass", "fail", "not_present", "not_checked"}
    assert report["valid"] == (report["status"] in ("valid", "valid_unwitnessed"))
    return statuses


def test_the_server_says_of_its_record_that_it_is_valid(gateway: Gateway, caller: Caller):
    receipt, _ = completed(gateway, caller)
    asserted = record_id_of(assert_record(caller).json()["audit_id"])
    for record_id in (receipt.record_id, asserted):
        response = stranger(caller).get(f"{RECORDS}/{record_id}/verify")
        assert response.status_code == 200
        report = response.json()
        assert (report["record_id"], record_id_of(report["audit_id"])) == (record_id, record_id)
        assert (report["valid"], report["status"]) == (True, "valid_unwitnessed")
        statuses = check_report(report)
        assert all(statuses[name] == "pass" for name in CHECKS[:9]), statuses
        assert statuses["witness_quorum"] == statuses["timestamp"] == "not_present"


def judge(client: Client, body: bytes | dict) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return stranger(client).push_bytes(data, JSON, path=f"{RECORDS}/verify")


def test_anybody_can_have_a_pack_judged(gateway: Gateway, caller: Caller):
    receipt, own = completed(gateway, caller)
    public = read_pack(stranger(caller), receipt.record_id)
    for pack, openings in ((own, "pass"), (public, "not_present")):
        response = judge(caller, pack.text)
        assert response.status_code == 200
        report = response.json()
        statuses = check_report(report)
        assert (report["status"], report["record_id"]) == ("valid_unwitnessed", receipt.record_id)
        assert statuses["openings"] == openings


@pytest.mark.parametrize(
    ("path", "check"),
    [
        (("model_id",), "format"),
        (("provider",), "projection"),
        (("payload", "output_hash"), "projection"),
        (("signature",), "projection"),
        (("log", "leaf_hash"), "leaf"),
        (("log", "index"), "inclusion"),
        (("keys", "root_keyid"), "key_trusted"),
        (("openings", 0, "salt"), "openings"),
    ],
    ids=lambda value: value if isinstance(value, str) else ".".join(map(str, value)),
)
def test_a_pack_that_was_changed_is_invalid_and_the_check_is_named(
    gateway: Gateway, caller: Caller, path: tuple, check: str
):
    _, pack = completed(gateway, caller)
    changed = pack.json
    *parents, name = path
    place = changed
    for parent in parents:
        place = place[parent]
    place[name] = altered(place.get(name, "new"))
    response = judge(caller, changed)
    assert response.status_code == 200
    report = response.json()
    assert check_report(report)[check] == "fail", report
    assert (report["valid"], report["status"]) == (False, "invalid")


def altered(text: str) -> str:
    """Another text of the same length, and of the same kind if it is hexadecimal or a number."""
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def test_the_pack_of_another_log_is_not_trusted(gateway: Gateway, caller: Caller, client: Client):
    model = gateway.model("free", answer(chat()))
    foreign = pack_of_response(caller, caller.chat(model))
    report = judge(client, foreign.text).json()
    assert check_report(report)["key_trusted"] == "fail" and not report["valid"]


@pytest.mark.parametrize("body", [b"{}", b' {"format": 7}', b'{"a":1,"a":2}', b'{"format":"vaas-evidence/v1"}'])
def test_an_object_that_is_no_pack_is_judged_too(anonymous: Client, body: bytes):
    response = judge(anonymous, body)
    assert response.status_code == 200, response.text
    report = response.json()
    assert check_report(report)["format"] == "fail"
    assert (report["valid"], report["audit_id"], report["record_id"]) == (False, None, None)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"7", b'"{}"', b"{}{}", b"\xef\xbb\xbf{}", b'{"a":"\xff"}']
)
def test_what_is_no_object_is_not_judged(anonymous: Client, body: bytes):
    assert error_of(judge(anonymous, body), 400)["code"] == "invalid_request"


def test_an_object_that_is_too_large_for_a_pack_is_judged_too(anonymous: Client):
    response = judge(anonymous, b'{"a":"' + b"x" * PACK_BYTES_MAX + b'"}')
    assert response.status_code == 200, response.text
    assert check_report(response.json())["format"] == "fail" and not response.json()["valid"]
