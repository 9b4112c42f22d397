"""Packs that are signed well but say what the format does not have, and keys at every point of their lives."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence import CommandVerifier, ScriptVerifier, Verdict
from pack_forge import Forge, envelope, key_id, key_of, text64

OBSERVED, ASSERTED = "statement-observed", "statement-asserted"
STRANGER = key_of(99)


@pytest.fixture
def verdict(
    tmp_path: Path, script_verifier: ScriptVerifier, command_verifier: CommandVerifier
) -> Callable[..., Verdict]:
    """What both verifiers say, which has to be the same."""

    def verify(forge: Forge, pack: dict, keys: dict | None = None) -> Verdict:
        trust, saved = tmp_path / "root.pub", tmp_path / "keys.json"
        trust.write_text(forge.trust)
        saved.write_text(json.dumps(keys))
        given = (json.dumps(pack).encode(), trust, saved if keys else None)
        ours, theirs = script_verifier.verify(*given), command_verifier.verify(*given)
        assert (ours.status, ours.is_valid) == (theirs.status, theirs.is_valid), f"{ours}\n{theirs}"
        return Verdict(ours.status, ours.failed & theirs.failed, f"{ours.notes}\n{theirs.notes}")

    return verify


# Statements


def predicate_with(**members: object) -> Callable[[dict], None]:
    return lambda statement: statement["predicate"].update(members)


def predicate_without(name: str) -> Callable[[dict], None]:
    return lambda statement: statement["predicate"].pop(name)


def commitments_with(**members: str) -> Callable[[dict], None]:
    return lambda statement: statement["predicate"]["commitments"].update(members)


def energy_with(**members: object) -> Callable[[dict], None]:
    figures = {"basis": "estimate", "method": "m", "wh": "0.5", "wh_low": "0.4", "wh_high": "0.6", "carbon_g": "0.1"}
    grid = {"zone": "SWE", "g_per_kwh": "35", "source": "s", "accounting": "location"}
    baseline = {"zone": "USA", "g_per_kwh": "384", "difference_g": "-0.1"}
    return predicate_with(energy={**figures, "grid": grid, "baseline": baseline, **members})


def move_to(origin: str) -> Callable[[dict], None]:
    def move(statement: dict) -> None:
        statement["predicateType"] = statement["predicateType"].replace("forge.test/vaas/log", origin)

    return move


def rename_run(statement: dict, run_id: str) -> None:
    statement["predicate"]["run_id"] = run_id
    for subject, part in zip(statement["subject"], ("input", "output"), strict=True):
        subject["name"] = f"{run_id}/{part}"


WRONG_RUNS = {
    "an unknown member": lambda statement: statement.update(extra="x"),
    "an unknown member inside": predicate_with(extra="x"),
    "a null": predicate_with(provider=None),
    "a number": predicate_with(model_id=4),
    "no nonce": predicate_without("nonce"),
    "no span": predicate_without("span_id"),
    "exact times": predicate_with(received_at="2026-11-23T06:15:09.123456Z"),
    "seconds without a fraction": predicate_with(completed_at="2026-11-23T06:15:00Z"),
    "a day that there is not": predicate_with(received_at="2026-02-29T06:15:00.000000Z"),
    "an hour that there is not": predicate_with(received_at="2026-11-23T24:00:00.000000Z"),
    "a month that there is not": predicate_with(completed_at="2026-13-01T06:15:00.000000Z"),
    "another level": predicate_with(evidence_level="A0"),
    "a level that does not exist yet": predicate_with(evidence_level="A3"),
    "an unknown outcome": predicate_with(outcome="failed"),
    "an asserted observation": predicate_with(observation="user_asserted"),
    "an assertion's hashes": commitments_with(scheme="plain-sha256-v1"),
    "an unknown commitment": commitments_with(claims="a" * 64),
    "digits in upper case": commitments_with(request_wire="A" * 64),
    "other ids than each other": predicate_with(audit_id="0d0c0c0c-0c0c-0c0c-0c0c-0c0c0c0c0c0c"),
    "a short run id": lambda statement: rename_run(statement, "run_" + "0" * 19),
    "a long run id": lambda statement: rename_run(statement, "run_" + "z" * 125),
    "an empty name": predicate_with(environment=""),
    "a long name": predicate_with(model_id="é" * 512 + "e"),
    "another subject": lambda statement: statement["subject"][0].update(name="other/input"),
    "another digest": lambda statement: statement["subject"][1]["digest"].update(sha256="a" * 64),
    "a third subject": lambda statement: statement["subject"].append(statement["subject"][0]),
    "the subjects exchanged": lambda statement: statement["subject"].reverse(),
    "another version": lambda statement: statement.update(_type="https://in-toto.io/Statement/v0.1"),
    "an energy that is a number": energy_with(wh=1),
    "an energy below its range": energy_with(wh="0.3"),
    "an energy above its range": energy_with(wh="0.60001"),
    "an energy in scientific notation": energy_with(wh="5e-1"),
    "an energy of 41 characters": energy_with(wh="0.5" + "0" * 38),
    "no reason for no energy": predicate_with(energy={"basis": "none"}),
}
GOOD_RUNS = {
    "nothing special": lambda statement: None,
    "no provider": predicate_without("provider"),
    "no route": predicate_without("route_id"),
    "a template": commitments_with(prompt_template="a" * 64),
    "another outcome": predicate_with(outcome="interrupted"),
    "a leap day": predicate_with(received_at="2028-02-29T23:59:00.000000Z"),
    "the longest run id": lambda statement: rename_run(statement, "run_" + "z" * 124),
    "the longest name": predicate_with(model_id="é" * 512),
    "an energy": energy_with(),
    "an energy at the end of its range": energy_with(wh="0.600", wh_high="0.6"),
    "an energy of 40 characters": energy_with(wh="0.5" + "0" * 37),
    "text beyond ASCII": predicate_with(model_id="模型/é😀"),
}


@pytest.mark.parametrize("what", GOOD_RUNS)
def test_a_run_may_say(what: str, verdict: Callable[..., Verdict]):
    forge = Forge()
    statement = forge.statement()
    GOOD_RUNS[what](statement)
    assert verdict(forge, forge.pack(forge.append_record(statement))).status == "valid_unwitnessed"


@pytest.mark.parametrize("what", WRONG_RUNS)
def test_a_signed_run_may_not_have(what: str, verdict: Callable[..., Verdict]):
    forge = Forge()
    statement = forge.statement()
    WRONG_RUNS[what](statement)
    record = forge.append_record(statement, key=forge.keys[OBSERVED], leaf_type="run")
    assert "format" in verdict(forge, forge.pack(record)).failed


@pytest.mark.parametrize("member", ["run_id", "trace_id", "span_id", "prompt_version_id", "route_id", "provider"])
def test_an_assertion_may_not_name_a_run(member: str, verdict: Callable[..., Verdict]):
    forge = Forge()
    statement = forge.statement("user_asserted")
    statement["predicate"][member] = forge.statement()["predicate"][member]
    assert "format" in verdict(forge, forge.pack(forge.append_record(statement))).failed


@pytest.mark.parametrize("leaf_type", ["run", "assert", "key"])
@pytest.mark.parametrize("role", [OBSERVED, ASSERTED, "log", "export"])
@pytest.mark.parametrize("observation", ["gateway_observed", "user_asserted"])
def test_observation_role_and_leaf_go_together(
    observation: str, role: str, leaf_type: str, verdict: Callable[..., Verdict]
):
    forge = Forge()
    record = forge.append_record(forge.statement(observation), key=forge.keys[role], leaf_type=leaf_type)
    found = verdict(forge, forge.pack(record))
    right_role, right_leaf = {"gateway_observed": (OBSERVED, "run"), "user_asserted": (ASSERTED, "assert")}[observation]
    assert found.is_valid is ((role, leaf_type) == (right_role, right_leaf))
    assert ("key_trusted" in found.failed) is (role != right_role)
    assert ("leaf" in found.failed) is (leaf_type != right_leaf)


def test_a_statement_can_not_be_moved_to_another_log(verdict: Callable[..., Verdict]):
    forge = Forge()
    statement = forge.statement()
    move_to("other.test/vaas/log")(statement)
    assert not verdict(forge, forge.pack(forge.append_record(statement))).is_valid


def test_other_bytes_of_the_same_statement_are_not_canonical(verdict: Callable[..., Verdict]):
    forge = Forge()
    body = json.dumps(forge.statement()).encode()
    assert verdict(forge, forge.pack(forge.append_record(body))).failed == {"canonical"}


def test_another_payload_type_is_refused(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement(), payload_type="application/json")
    assert not verdict(forge, forge.pack(record)).is_valid


# Keys


def test_a_forger_with_keys_and_a_root_of_their_own_is_not_trusted(verdict: Callable[..., Verdict]):
    ours, theirs = Forge(), Forge(root=STRANGER)
    pack = theirs.pack(theirs.append_record(theirs.statement()))
    assert verdict(theirs, pack).is_valid
    assert verdict(ours, pack).failed == {"key_trusted"}


def test_a_key_event_that_the_root_did_not_sign_is_not_trusted(verdict: Callable[..., Verdict]):
    forge = Forge()
    forge.append_event(forge.addition(OBSERVED, STRANGER), signer=forge.keys[OBSERVED])
    record = forge.append_record(forge.statement(), key=STRANGER)
    assert verdict(forge, forge.pack(record)).failed == {"key_trusted"}


def test_a_key_event_in_the_roots_name_is_not_trusted(verdict: Callable[..., Verdict]):
    forge = Forge()
    forge.append_event(forge.addition(OBSERVED, STRANGER), signer=forge.keys[OBSERVED], name=key_id(forge.root))
    record = forge.append_record(forge.statement(), key=STRANGER)
    assert verdict(forge, forge.pack(record)).failed == {"key_trusted"}


def test_a_key_signs_from_its_event_on(verdict: Callable[..., Verdict]):
    forge = Forge()
    early = forge.append_record(forge.statement(), key=STRANGER)
    forge.append_event(forge.addition(OBSERVED, STRANGER))
    late = forge.append_record(forge.statement(), key=STRANGER)
    assert verdict(forge, forge.pack(early)).failed == {"key_active_at_index"}
    assert verdict(forge, forge.pack(late)).is_valid


def test_what_a_retired_key_signed_stays_good(verdict: Callable[..., Verdict]):
    forge = Forge()
    before = forge.append_record(forge.statement())
    forge.append_event(forge.ending(OBSERVED, "retire"))
    after = forge.append_record(forge.statement())
    assert verdict(forge, forge.pack(before)).is_valid
    found = verdict(forge, forge.pack(after))
    assert (found.status, found.failed) == ("invalid", {"key_active_at_index"})


def test_a_stolen_keys_records_are_suspect_from_the_theft_to_the_revocation(verdict: Callable[..., Verdict]):
    forge = Forge()
    records = [forge.append_record(forge.statement()) for _ in range(3)]
    forge.append_event(forge.ending(OBSERVED, "revoke", compromised_since=str(records[1].index)))
    records.append(forge.append_record(forge.statement()))
    statuses = [verdict(forge, forge.pack(record)).status for record in records]
    assert statuses == ["valid_unwitnessed", "suspect", "suspect", "invalid"]


def test_without_a_date_of_the_theft_the_revocation_is_it(verdict: Callable[..., Verdict]):
    forge = Forge()
    before = forge.append_record(forge.statement())
    forge.append_event(forge.ending(OBSERVED, "revoke"))
    after = forge.append_record(forge.statement())
    assert [verdict(forge, forge.pack(record)).status for record in (before, after)] == ["valid_unwitnessed", "invalid"]


def test_a_revocation_that_the_pack_does_not_show_counts_when_it_was_saved(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    pack = forge.pack(record)
    forge.append_event(forge.ending(OBSERVED, "revoke", compromised_since=str(record.index)))
    assert verdict(forge, pack).is_valid
    found = verdict(forge, pack, forge.saved_keys())
    assert (found.status, found.failed) == ("suspect", {"key_active_at_index"})


@pytest.mark.parametrize(("since", "status"), [("3", "suspect"), ("4", "suspect"), ("5", "valid_unwitnessed")])
def test_a_stolen_log_keys_checkpoints_are_suspect_from_the_theft_on(
    since: str, status: str, verdict: Callable[..., Verdict]
):
    forge = Forge()
    pack = forge.pack(forge.append_record(forge.statement()))  # Under a checkpoint of five leaves, 0 to 4.
    forge.append_record(forge.statement())
    forge.append_event(forge.ending("log", "revoke", compromised_since=since))
    assert verdict(forge, pack, forge.saved_keys()).status == status


@pytest.mark.parametrize("place", [0, 1])
def test_saved_keys_do_not_stand_in_for_those_of_a_pack(place: int, verdict: Callable[..., Verdict]):
    forge = Forge()
    pack = forge.pack(forge.append_record(forge.statement()))
    del pack["keys"]["events"][place]
    assert verdict(forge, pack, forge.saved_keys()).failed == {"key_trusted"}


def test_saved_keys_of_another_log_do_not_count(verdict: Callable[..., Verdict]):
    forge, other = Forge(), Forge(origin="other.test/vaas/log")
    pack = forge.pack(forge.append_record(forge.statement()))
    other.append_event(other.ending(OBSERVED, "revoke", compromised_since="0"))
    assert verdict(forge, pack, other.saved_keys()).is_valid


def test_saved_keys_that_another_root_signed_are_not_passed_over(verdict: Callable[..., Verdict]):
    forge, other = Forge(), Forge(root=STRANGER)
    pack = forge.pack(forge.append_record(forge.statement()))
    assert verdict(forge, pack, other.saved_keys()).failed == {"key_trusted"}


def test_saved_keys_that_were_never_logged_are_not_passed_over(verdict: Callable[..., Verdict]):
    forge = Forge()
    pack = forge.pack(forge.append_record(forge.statement()))
    saved = forge.saved_keys()
    saved["events"][0]["tlog_proof"] = saved["events"][1]["tlog_proof"]
    assert verdict(forge, pack, saved).failed == {"key_trusted"}


def test_saved_keys_that_were_damaged_are_not_passed_over(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    pack = forge.pack(record)
    forge.append_event(forge.ending(OBSERVED, "revoke", compromised_since="0"))
    saved = forge.saved_keys()
    saved["events"][-1]["dsse"]["signatures"][0]["sig"] = text64(bytes(64))
    assert verdict(forge, pack, saved).failed == {"key_trusted"}


def test_a_retired_log_key_signs_no_larger_log(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    forge.append_event(forge.addition("log", STRANGER))
    forge.append_event(forge.ending("log", "retire"))
    assert verdict(forge, forge.pack(record)).failed == {"key_active_at_index"}
    assert verdict(forge, forge.pack(record, signers=[STRANGER])).is_valid


def test_a_checkpoint_needs_a_log_key(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    for signer in (forge.keys[ASSERTED], forge.root, STRANGER):
        assert not verdict(forge, forge.pack(record, signers=[signer])).is_valid


WRONG_EVENTS = {
    "another key's id": lambda event: event["predicate"].update(keyid="a" * 64),
    "another key's DID": lambda event: event["predicate"].update(did=f"did:key:z6Mk{'a' * 44}"),
    "a verifier key for a statement key": lambda event: event["predicate"].update(vkey="x"),
    "an unknown role": lambda event: event["predicate"].update(role="root"),
    "an unknown action": lambda event: event["predicate"].update(action="replace"),
    "no time": lambda event: event["predicate"].pop("time"),
    "a time that there is not": lambda event: event["predicate"].update(not_before="2026-06-31T00:00:00.000000Z"),
    "a null": lambda event: event["predicate"].update(not_after=None),
    "an unknown member": lambda event: event["predicate"].update(note="x"),
    "another subject": lambda event: event["subject"][0].update(name="log"),
    "another log": move_to("other.test/vaas/log"),
}


@pytest.mark.parametrize("what", WRONG_EVENTS)
def test_a_signed_key_event_may_not_have(what: str, verdict: Callable[..., Verdict]):
    forge = Forge()
    event = forge.addition(OBSERVED, STRANGER)
    WRONG_EVENTS[what](event)
    index = forge.append_event(event)
    pack = forge.pack(forge.append_record(forge.statement(), key=STRANGER))
    note = pack["log"]["tlog_proof"].split("\n\n", 1)[1]
    shown = {"2", str(index)}  # The log key's event and this one.
    pack["keys"]["events"] = [entry for entry in forge.logged_events(note) if entry["index"] in shown]
    assert "key_trusted" in verdict(forge, pack).failed


def test_a_key_that_is_no_point_of_the_curve_is_never_listed(verdict: Callable[..., Verdict]):
    forge = Forge()
    low_order = b"\1" + bytes(31)
    event = forge.addition(OBSERVED, STRANGER)
    event["predicate"].update(verify_key_hex=low_order.hex())
    index = forge.append_event(event)
    pack = forge.pack(forge.append_record(forge.statement(), key=STRANGER))
    shown = [entry for entry in pack["keys"]["events"] if entry["index"] in ("2", str(index))]
    pack["keys"]["events"] = shown
    assert "key_trusted" in verdict(forge, pack).failed


@pytest.mark.parametrize(
    "ending",
    [{"role": "log"}, {"role": OBSERVED, "compromised_since": "9"}, {"role": OBSERVED, "compromised_since": "04"}],
    ids=["of another role", "after itself", "with a leading zero"],
)
def test_a_revocation_that_contradicts_the_history_is_refused(ending: dict, verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    forge.append_event(forge.ending(action="revoke", key=forge.keys[OBSERVED], **ending))
    assert "key_trusted" in verdict(forge, forge.pack(record)).failed


def test_a_key_is_added_once(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    forge.append_event(forge.addition(OBSERVED, forge.keys[OBSERVED]))
    assert "key_trusted" in verdict(forge, forge.pack(record)).failed


def test_a_key_event_of_no_use_is_refused(verdict: Callable[..., Verdict]):
    forge = Forge()
    pack = forge.pack(forge.append_record(forge.statement()))
    pack["keys"]["events"] = forge.logged_events(pack["log"]["tlog_proof"].split("\n\n", 1)[1])
    assert "key_trusted" in verdict(forge, pack).failed


# Openings

NESTED: dict = functools.reduce(lambda inner, _: {"in": inner}, range(40), {})


def test_openings_show_what_was_committed_to(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    openings = (forge.opening("input", b"[]"), forge.opening("details", forge.details()))
    assert verdict(forge, forge.pack(record, openings=openings)).is_valid
    for wrong in (forge.opening("input", b"[1]"), forge.opening("prompt_template", b""), forge.opening("scheme", b"")):
        assert verdict(forge, forge.pack(record, openings=(wrong,))).failed <= {"openings", "format"}
        assert not verdict(forge, forge.pack(record, openings=(wrong,))).is_valid


def test_details_may_count_up_to_two_to_the_53(verdict: Callable[..., Verdict]):
    forge = Forge()
    details = {**forge.details(), "claims": {"size": 2**53 - 1}}
    record = forge.append_record(forge.statement(details=details))
    assert verdict(forge, forge.pack(record, openings=(forge.opening("details", details),))).is_valid


def test_an_assertion_opens_its_details_and_nothing_else(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement("user_asserted"))
    assert verdict(forge, forge.pack(record, openings=(forge.opening("details", forge.details()),))).is_valid
    assert not verdict(forge, forge.pack(record, openings=(forge.opening("input", b"[]"),))).is_valid


@pytest.mark.parametrize(
    "change",
    [
        {"tenant": None}, {"tenant_seq": 42}, {"tenant_seq": "042"}, {"prev_receipt": "0" * 63}, {"extra": "x"},
        {"usage": {"input_tokens": 1}}, {"cost": {"currency": "USD"}}, {"claims": {"gpu_id": None}},
        {"refused": {"401": 1}}, {"refused": {"401": 1, "429": 0, "402": 1}}, {"policy": [{"deep": None}]},
        {"received_at": "2026-04-31T06:15:09.123456Z"}, {"tenant_seq": "1" * 19}, {"claims": {"size": -2**53}},
        {"claims": {"size": 2**53}}, {"claims": {"size": 1.5}}, {"claims": NESTED},
    ],
    ids=str,
)  # fmt: skip
def test_details_have_their_shape(change: dict, verdict: Callable[..., Verdict]):
    forge = Forge()
    details = {**forge.details(), **change}
    record = forge.append_record(forge.statement(details=details))
    found = verdict(forge, forge.pack(record, openings=(forge.opening("details", details),)))
    assert found.status == "invalid"


# Checkpoints


def test_a_checkpoint_has_three_lines(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    good = forge.note()
    text = good.split("\n\n")[0] + "\n"
    others = {
        "an extension": text + "extension\n",
        "a leading zero": text.replace("\n5\n", "\n05\n"),
        "a sign": text.replace("\n5\n", "\n+5\n"),
        "a root without padding": text.replace("=\n", "\n"),
        "another origin": text.replace("forge.test", "other.test"),
        "a larger size": text.replace("\n5\n", "\n6\n"),
    }
    for how, other in others.items():
        note = other + "\n" + forge.note_line(forge.keys["log"], other)
        pack = json.loads(json.dumps(forge.pack(record)).replace(json.dumps(good)[1:-1], json.dumps(note)[1:-1]))
        found = verdict(forge, pack)
        assert not found.is_valid, how
        assert found.failed & {"checkpoint_signature", "inclusion", "projection"}, (how, found)


def test_a_receipt_of_one_record_does_not_prove_another(verdict: Callable[..., Verdict]):
    forge = Forge()
    first, second = forge.append_record(forge.statement()), forge.append_record(forge.statement("user_asserted"))
    pack = forge.pack(first)
    pack["log"] = forge.pack(second)["log"]
    assert verdict(forge, pack).failed == {"leaf", "inclusion"}


@pytest.mark.parametrize("index", [0, 3, 5, 6, 2**40])
def test_a_record_is_in_one_place(index: int, verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())  # The last of five, so that its audit path is short.
    pack = forge.pack(record)
    pack["log"]["index"] = str(index)
    pack["log"]["tlog_proof"] = pack["log"]["tlog_proof"].replace("\nindex 4\n", f"\nindex {index}\n")
    assert "inclusion" in verdict(forge, pack).failed


def test_an_unlogged_record_has_no_inclusion(verdict: Callable[..., Verdict]):
    forge = Forge()
    record = forge.append_record(forge.statement())
    other = forge.statement()
    other["predicate"]["nonce"] = "00" * 16
    record.dsse = envelope(json.dumps(other, sort_keys=True, separators=(",", ":")).encode(), forge.keys[OBSERVED])
    assert verdict(forge, forge.pack(record)).failed == {"leaf", "inclusion"}
