"""A short run of the kill -9 loop; `make torture` does a long one."""

import random
from pathlib import Path

import pytest

from torture import Torture

ROUNDS = 20


@pytest.mark.checklist("O26", "O11", "O34")
def test_twenty_kills_lose_and_corrupt_nothing(tmp_path: Path):
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    totals = Torture(tmp_path, seed).run(ROUNDS)
    print(totals)
    assert totals.rounds == totals.restarts == ROUNDS
    assert totals.acknowledged_spans > 0
