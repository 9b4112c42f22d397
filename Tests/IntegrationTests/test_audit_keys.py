"""The log's keys: how they begin, who may read them, how they change, and what is public about them."""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audit_command import NOT_VALID, VALID, audit, root_file, verdict, writer_on
from audit_log import LogReader, is_signature
from audit_records import Pack, Receipt, assert_record, assertion, digest_of, pack_of_response, read_pack
from client import Client
from server import Server, run_command, wait_until
from test_errors import error_of

CURRENT, KEYS = "/v1/vaas/pubkey/current", "/v1/vaas/pubkeys"
ROLES = {"statement-observed", "statement-asserted", "log"}
PRODUCTION = {"environment": "production", "internal_token": "internal-secret-token"}
EFFECTIVE_SECONDS = 2
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def current(client: Client, role: str = "user_asserted") -> dict:
    response = client.get(CURRENT, params={"role": role})
    assert response.status_code == 200, response.text
    return response.json()


def key_rows(client: Client) -> dict[str, dict]:
    """The public rows of all keys, by their ids."""
    return {row["keyid"]: row for row in client.get(KEYS).json()["keys"]}


def asserted(client: Client) -> Pack:
    return pack_of_response(client, assert_record(client))


def did_of(key: bytes) -> str:
    """https://w3c-ccg.github.io/did-key-spec/"""
    number, digits = int.from_bytes(b"\xed\x01" + key, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = BASE58[digit] + digits
    return f"did:key:z{digits}"


# The beginning


def said(server: Server) -> str:
    """What the server logged, but for the names of its own folders."""
    return server.log.read_text().replace(str(server.data.parent), "").lower()


def test_the_first_start_makes_the_keys_and_says_so(own_server: Server):
    assert "root" in said(own_server)
    assert re.fullmatch(r"[0-9a-f]{64}\n", root_file(own_server).read_text())
    rows = key_rows(Client(own_server.url, None)).values()
    assert {row["role"] for row in rows} >= ROLES and {row["status"] for row in rows} == {"active"}


def test_a_later_start_uses_the_same_keys(own_server: Server):
    root, before = root_file(own_server).read_text(), key_rows(Client(own_server.url, None))
    told = len(said(own_server))
    own_server.restart()
    assert root_file(own_server).read_text() == root
    assert key_rows(Client(own_server.url, None)) == before
    assert "root" not in said(own_server)[told:]


def test_outside_development_there_is_no_start_without_a_root(start_server: Callable[..., Server], tmp_path: Path):
    data = tmp_path / "production"
    result = run_command("serve", "--data", data, "--listen", "127.0.0.1:0", settings=PRODUCTION)
    assert result.returncode not in (0, -6, -11) and result.stdout == ""
    assert "init-root" in result.stderr
    initiated = run_command("audit", "init-root", "--data", data, settings=PRODUCTION)
    assert initiated.returncode == 0, initiated.stderr
    again = run_command("audit", "init-root", "--data", data, settings=PRODUCTION)
    assert again.returncode != 0, "a log has one root for ever"
    server = start_server(data, settings=PRODUCTION)
    pack = asserted(writer_on(server))
    assert pack.predicate["environment"] == "production"
    assert verdict(tmp_path, pack, "--trust", root_file(server))[0] == VALID


def test_secrets_are_their_owners_alone(own_server: Server):
    files = [path for path in (own_server.data / "secrets").rglob("*") if path.is_file()]
    assert len(files) > len(ROLES)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (own_server.data / "secrets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(own_server: Server, mode: int):
    own_server.terminate()
    (secret,) = (own_server.data / "secrets").glob("*statement-observed*")
    secret.chmod(mode)
    result = run_command("serve", "--data", own_server.data, "--listen", "127.0.0.1:0")
    assert result.returncode not in (0, -6, -11) and result.stdout == ""
    assert "statement-observed" in result.stderr
    secret.chmod(0o600)
    own_server.start()


def test_no_secret_is_said_or_sent(own_server: Server):
    client = writer_on(own_server)
    shown = own_server.log.read_bytes() + client.get(KEYS).content + asserted(client).text
    for path in (own_server.data / "secrets").glob("audit-*"):
        secret = path.read_bytes()
        assert secret not in shown and secret.hex().encode() not in shown


def test_a_log_keeps_its_name(start_server: Callable[..., Server]):
    server = start_server(settings={"audit.origin": "log.example.com/audit"})
    client = writer_on(server)
    assert asserted(client).checkpoint.origin == "log.example.com/audit"
    server.terminate()
    settings = {"audit.origin": "other.example.com/audit"}
    result = run_command("serve", "--data", server.data, "--listen", "127.0.0.1:0", settings=settings)
    assert result.returncode not in (0, -6, -11) and "audit.origin" in result.stderr


# What is public


def test_the_current_keys_are_told_by_what_they_sign(client: Client):
    default = client.get(CURRENT).json()
    rows = {"gateway_observed": "statement-observed", "user_asserted": "statement-asserted"}
    assert default == current(client, "gateway_observed") != current(client, "user_asserted")
    for observation, role in rows.items():
        row = current(client, observation)
        key = bytes.fromhex(row["verify_key_hex"])
        assert (row["role"], row["keyid"], row["did"]) == (role, digest_of(key), did_of(key))


@pytest.mark.parametrize("role", ["log", "statement-observed", "root", "both", "GATEWAY_OBSERVED"])
def test_another_role_is_400(client: Client, role: str):
    error = error_of(client.get(CURRENT, params=f"role={role}"), 400)
    assert (error["code"], error["param"]) == ("invalid_request", "role")


def test_all_keys_are_told_with_what_the_root_signed(server: Server, client: Client, anonymous: Client):
    asserted(client)
    body = anonymous.get(KEYS).json()
    reader = LogReader(server.url)
    assert set(body) == {"origin", "root", "keys", "events"}
    assert body["origin"] == reader.checkpoint().origin
    root = bytes.fromhex(body["root"]["verify_key_hex"])
    assert body["root"] == {"keyid": digest_of(root), "verify_key_hex": root.hex(), "did": did_of(root)}
    assert root.hex() + "\n" == root_file(server).read_text()
    added = {}
    for event in body["events"]:
        pack_like = Pack(json.dumps({"dsse": event["dsse"]}).encode())
        statement, predicate = pack_like.statement, pack_like.predicate
        check_signature(event["dsse"], root)
        assert statement["predicateType"] == f"https://{body['origin']}/attestations/key-event/v1"
        assert statement["subject"] == [{"name": predicate["role"], "digest": {"sha256": predicate["keyid"]}}]
        (entry,) = reader.entries(int(event["index"]), int(event["index"]) + 1)
        entry = json.loads(entry)
        assert (entry["t"], entry["k"]) == ("key", digest_of(root))
        if predicate["action"] == "add":
            added[predicate["keyid"]] = (predicate, event["index"])
    assert set(added) == {row["keyid"] for row in body["keys"]}
    for row in body["keys"]:
        predicate, index = added[row["keyid"]]
        assert (row["added_index"], row["role"]) == (index, predicate["role"])
        assert (row["verify_key_hex"], row["did"]) == (predicate["verify_key_hex"], predicate["did"])
        assert ("vkey" in row) == (row["role"] == "log") == ("vkey" in predicate)


def check_signature(envelope: dict, key: bytes) -> None:
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    message = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])
    (signed,) = envelope["signatures"]
    assert signed["keyid"] == digest_of(key)
    assert is_signature(base64.b64decode(signed["sig"]), message, key)


def test_one_key_is_told_by_its_id(client: Client):
    for key_id, row in key_rows(client).items():
        assert client.get(f"{KEYS}/{key_id}").json() == row
    for unknown in ("0" * 64, "nonsense", next(iter(key_rows(client))).upper() + "0"):
        assert error_of(client.get(f"{KEYS}/{unknown}"), 404)["code"] == "not_found"


# Change


@pytest.mark.parametrize("role", ["statement-asserted", "statement-observed", "log"])
def test_a_key_is_changed_while_the_server_runs(own_server: Server, tmp_path: Path, role: str):
    client = writer_on(own_server)
    early, before = asserted(client), key_rows(client)
    result = audit(own_server, "rotate", "--role", role)
    assert result.returncode == 0, result.stderr

    def has_changed() -> bool:
        assert_record(client)
        return len(key_rows(client)) == len(before) + 1

    wait_until(has_changed, f"the {role} key is another", timeout=EFFECTIVE_SECONDS)
    rows = key_rows(client)
    (new,) = rows.keys() - before.keys()
    (old,) = [key_id for key_id, row in before.items() if row["role"] == role]
    assert (rows[new]["role"], rows[new]["status"], rows[old]["status"]) == (role, "active", "retired")
    assert int(rows[new]["added_index"]) < int(rows[old]["ended_index"])
    late = asserted(client)
    if role == "statement-asserted":
        assert digest_of(bytes.fromhex(late.json["public_key"].removeprefix("ed25519:pk_"))) == new
    for pack in (early, late, read_pack(client, early.json["record_id"])):
        assert verdict(tmp_path, pack, "--trust", root_file(own_server))[0] == VALID
    reader = LogReader(own_server.url)
    assert any(reader.checkpoint().is_signed_by(key) for key in reader.verifier_keys())
    reader.check_consistency(early.checkpoint, reader.checkpoint())
    assert audit(own_server, "fsck").returncode == 0


def test_a_change_is_kept_over_a_restart_and_can_be_made_without_a_server(own_server: Server, tmp_path: Path):
    client = writer_on(own_server)
    early, first = asserted(client), current(client)
    own_server.terminate()
    assert audit(own_server, "rotate", "--role", "statement-asserted").returncode == 0
    own_server.start()
    survivor = Client(own_server.url, client.key)
    second = current(survivor)
    assert second != first
    own_server.restart()
    survivor = Client(own_server.url, client.key)
    assert current(survivor) == second
    for pack in (asserted(survivor), read_pack(survivor, early.json["record_id"])):
        assert verdict(tmp_path, pack, "--trust", root_file(own_server))[0] == VALID


def test_a_stolen_key_is_revoked_and_only_what_it_signed_meanwhile_is_suspect(own_server: Server, tmp_path: Path):
    client = writer_on(own_server)
    trust = ("--trust", root_file(own_server))
    safe, doubtful, last = (asserted(client) for _ in range(3))
    stolen = current(client)["keyid"]
    reason = ("--reason", "the disk was stolen")
    assert audit(own_server, "revoke", stolen, "--since", doubtful.index, *reason).returncode == 0
    assert audit(own_server, "rotate", "--role", "statement-asserted").returncode == 0

    def is_replaced() -> bool:
        response = client.get(CURRENT, params={"role": "user_asserted"})
        return response.ok and response.json()["keyid"] != stolen

    wait_until(is_replaced, "another key signs", timeout=EFFECTIVE_SECONDS)
    after = asserted(client)
    row = key_rows(client)[stolen]
    assert (row["status"], row["compromised_since"]) == ("revoked", str(doubtful.index))
    assert after.json["public_key"] != last.json["public_key"]

    fresh = {pack.json["record_id"]: read_pack(client, pack.json["record_id"]) for pack in (safe, doubtful, last)}
    assert verdict(tmp_path, after, *trust)[0] == VALID
    assert verdict(tmp_path, fresh[safe.json["record_id"]], *trust)[0] == VALID
    for pack in (doubtful, last):
        code, report = verdict(tmp_path, fresh[pack.json["record_id"]], *trust)
        assert (code, report["status"], report["valid"]) == (NOT_VALID, "suspect", False)
        assert client.get(f"/v1/vaas/{pack.json['record_id']}/verify").json()["status"] == "suspect"

    # A pack from before can't know; whoever saved the keys since then does.
    assert verdict(tmp_path, doubtful, *trust)[0] == VALID
    saved = tmp_path / "pubkeys.json"
    saved.write_bytes(client.get(KEYS).content)
    assert verdict(tmp_path, doubtful, *trust, "--keys", saved)[1]["status"] == "suspect"
    assert verdict(tmp_path, safe, *trust, "--keys", saved)[0] == VALID
    assert audit(own_server, "fsck").returncode == 0


def test_the_root_can_be_kept_offline(start_server: Callable[..., Server], tmp_path: Path):
    """Its secret is on a medium that is only there to begin the log and to change keys."""
    data, medium = tmp_path / "production", tmp_path / "medium"
    medium.mkdir(mode=0o700)
    root = ("--root", medium / "root")
    initiated = run_command("audit", "init-root", "--data", data, *root, settings=PRODUCTION)
    assert initiated.returncode == 0, initiated.stderr
    secret = (medium / "root").read_bytes()
    assert (medium / "root").stat().st_mode & 0o777 == 0o600
    assert initiated.stdout == (data / "audit" / "root.pub").read_text()
    away = medium.rename(tmp_path / "away")
    kept = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    assert kept and not any(secret.strip() in content for content in kept), "the secret is not left here"

    server = start_server(data, settings=PRODUCTION)
    client = writer_on(server)
    early, first = asserted(client), current(client)["keyid"]
    revocation = ("revoke", first, "--since", early.index, "--reason", "a drill")
    for change in (("rotate", "--role", "statement-asserted"), revocation):
        for arguments in (change, (*change, *root)):
            result = audit(server, *arguments)
            assert result.returncode not in (0, -6, -11) and result.stderr, arguments
    assert current(client)["keyid"] == first

    away.rename(medium)
    assert audit(server, "rotate", "--role", "statement-asserted", *root).returncode == 0
    wait_until(lambda: asserted(client).json["public_key"] != early.json["public_key"], "another key signs", timeout=2)
    second = current(client)["keyid"]
    assert audit(server, "revoke", second, *revocation[2:], *root).returncode == 0
    wait_until(lambda: current(client)["keyid"] not in (first, second), "a third key signs", timeout=2)
    assert {key_rows(client)[key]["status"] for key in (first, second)} == {"retired", "revoked"}
    assert verdict(tmp_path, asserted(client), "--trust", root_file(server))[0] == VALID


def test_a_root_that_is_not_this_logs_changes_nothing(own_server: Server, start_server: Callable[..., Server]):
    client, other = writer_on(own_server), start_server()
    before = client.get(KEYS).json()["keys"]
    (foreign,) = (other.data / "secrets").glob("audit-root*")
    result = audit(own_server, "rotate", "--role", "log", "--root", foreign)
    assert result.returncode not in (0, -6, -11) and result.stderr
    assert client.get(KEYS).json()["keys"] == before


def test_a_root_that_others_can_read_is_refused(own_server: Server):
    client = writer_on(own_server)
    before = client.get(KEYS).json()["keys"]
    (root,) = (own_server.data / "secrets").glob("audit-root*")
    root.chmod(0o640)
    result = audit(own_server, "rotate", "--role", "log")
    assert result.returncode not in (0, -6, -11) and "root" in result.stderr and "640" in result.stderr
    assert client.get(KEYS).json()["keys"] == before


def test_a_key_that_is_revoked_is_replaced_at_once(own_server: Server):
    client = writer_on(own_server)
    first = asserted(client)
    stolen = current(client)["keyid"]
    assert audit(own_server, "revoke", stolen, "--since", first.index, "--reason", "it was lost").returncode == 0
    response = client.request("POST", "/v1/vaas", json=assertion())
    assert response.status_code == 201, response.text
    wait_until(lambda: current(client)["keyid"] != stolen, "another key signs", timeout=EFFECTIVE_SECONDS)
    rows = key_rows(client)
    new = rows[current(client)["keyid"]]
    assert rows[stolen]["status"] == "revoked" and new["status"] == "active"
    assert abs(int(new["added_index"]) - int(rows[stolen]["ended_index"])) == 1, "both are one step"


def test_a_key_or_role_that_is_none_changes_nothing(own_server: Server):
    client = writer_on(own_server)
    key_id, before = current(client)["keyid"], client.get(KEYS).json()["keys"]
    for arguments in (
        ("rotate", "--role", "root"), ("rotate", "--role", "nonsense"), ("rotate",), ("revoke",),
        ("revoke", "0" * 64, "--since", "0", "--reason", "x"), ("revoke", key_id, "--since", "x", "--reason", "x"),
        ("revoke", key_id, "--since", "1000000", "--reason", "x"), ("revoke", key_id, "--since", "0"),
    ):  # fmt: skip
        result = audit(own_server, *arguments)
        assert result.returncode not in (0, -6, -11) and result.stderr, arguments
    assert client.get(KEYS).json()["keys"] == before


def test_records_go_on_while_keys_change(own_server: Server, tmp_path: Path):
    client = writer_on(own_server)
    for _ in range(3):
        assert audit(own_server, "rotate", "--role", "statement-asserted").returncode == 0
        for _ in range(5):
            response = client.request("POST", "/v1/vaas", json=assertion())
            assert response.status_code == 201, response.text
            pack = pack_of_response(client, response)
            assert verdict(tmp_path, pack, "--trust", root_file(own_server))[0] == VALID
            assert Receipt.from_headers(response.headers).public_key == pack.json["public_key"]
