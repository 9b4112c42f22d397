"""A short run of the kill -9 loop over the books; `ledger_torture.py 1000000` is a long one."""

import random

import pytest

from ledger_torture import ENGINES, torture

OPERATIONS = 4_000
KILLS = 4


@pytest.mark.parametrize("engine", ENGINES)
def test_kills_leave_the_books_right_to_the_nano_dollar(engine: str):
    totals = torture(engine, OPERATIONS, KILLS, random.SystemRandom().getrandbits(32))
    print(totals)
    assert totals.kills == KILLS
    assert totals.operations >= OPERATIONS
