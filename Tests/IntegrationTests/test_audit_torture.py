"""A short run of the kill -9 loop over the log; `make audit-torture` does a long one."""

import random
from pathlib import Path

import pytest

from audit_torture import Torture

ROUNDS = 20


@pytest.mark.timeout(300)
def test_twenty_kills_lose_no_receipt_and_fork_no_log(tmp_path: Path):
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    totals = Torture(tmp_path, seed).run(ROUNDS)
    print(totals)
    assert totals.rounds == totals.restarts == ROUNDS
    assert totals.receipts > 0 and totals.checkpoints > 0
