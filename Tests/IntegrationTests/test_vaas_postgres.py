"""One log that two gateways write, in PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit_command import VALID, audit, root_file, verdict
from audit_log import LogReader, leaf_hash, root_of
from audit_records import Receipt, chain_of, check_chain, covering_checkpoint, pack_of
from gateway import Caller, Gateway
from parallel_calls import Reply, call, chat_request, run_all
from postgres import Database, shared_server_url
from provider_answers import chat
from scripted_upstream import answer

CALL_COUNT = 64


@pytest.fixture
def two_gateways(start_gateway: Callable[..., Gateway], tmp_path: Path) -> Iterator[tuple[Gateway, Gateway]]:
    """Two that share a database, and the keys of the log, which the operator gave to both."""
    database = Database(shared_server_url()).create()
    settings = {
        "database.url": database.url,
        "master_key_file": str(tmp_path / "master.key"),
        "audit.origin": "log.example.com/audit",
    }
    one = start_gateway(**settings)
    other = start_gateway(log_of=one, **settings)
    yield one, other
    for gateway in (one, other):
        gateway.server.stop()
    database.drop()


def test_calls_through_two_gateways_make_one_chain_in_one_log(two_gateways: tuple[Gateway, Gateway], tmp_path: Path):
    one, other = two_gateways
    caller = one.caller()
    model = one.model("free", answer(chat()))
    replies: list[Reply] = run_all(
        call(two_gateways[number % 2].server.address, chat_request(caller.key, model.id, "Hi"))
        for number in range(CALL_COUNT)
    )
    assert {reply.status for reply in replies} == {200}
    receipts = [Receipt.from_headers(reply.headers) for reply in replies]
    at_other = Caller(other.server.url, caller.key)
    items = chain_of(caller)
    check_chain(items)
    assert chain_of(at_other) == items and len(items) == CALL_COUNT
    assert {item["record_id"] for item in items} == {receipt.record_id for receipt in receipts}
    for receipt in receipts[:10]:
        pack_of(caller, receipt)
        pack = pack_of(at_other, receipt)
        assert verdict(tmp_path, pack, "--trust", root_file(one.server))[0] == VALID

    earlier = covering_checkpoint(caller, items[-1]["record_id"])
    assert caller.chat(model).status_code == 200
    later = covering_checkpoint(at_other, chain_of(at_other)[-1]["record_id"])
    for gateway in two_gateways:
        reader = LogReader(gateway.server.url)
        reader.check_consistency(earlier, later)
        assert root_of([leaf_hash(entry) for entry in reader.entries(0, later.size)]) == later.root
        checked = audit(gateway.server, "fsck")
        assert checked.returncode == 0, checked.stdout + checked.stderr
