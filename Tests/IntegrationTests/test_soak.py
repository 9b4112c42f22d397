"""A short run of the soak; `soak.py` alone does a long one."""

import pytest

from server import Server
from soak import MIB, soak

SECONDS = 5
RESIDENT_BYTES_MAX = 1024 * MIB


@pytest.mark.checklist("O27")
def test_sixty_four_connections_lose_nothing(own_server: Server):
    report = soak(own_server, own_server.create_key("a@example.com"), SECONDS)
    print(report)
    assert report.errors == []
    assert (report.lost_spans, report.surplus_spans) == (0, 0)
    assert report.acknowledged_spans > 0
    assert report.peak_resident_bytes < RESIDENT_BYTES_MAX
