"""What holds in all tests of backfills."""

from datetime import timedelta

import pytest

from store.jobs.kinds import KINDS


@pytest.fixture(autouse=True)
def leases_last(monkeypatch):
    """A lease ends when a test lets it end (`lease_ends`), and not because the machine is busy for 10 s."""
    monkeypatch.setitem(KINDS, "backfill", KINDS["backfill"]._replace(lease=timedelta(hours=1)))
