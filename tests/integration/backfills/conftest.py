"""What holds in all tests of backfills."""

from datetime import timedelta

import pytest

from store.feeds import backfills


@pytest.fixture(autouse=True)
def leases_last(monkeypatch):
    """A lease ends when a test lets it end (`lease_ends`), and not because the machine is busy for 10 s."""
    monkeypatch.setattr(backfills, "LEASE", timedelta(hours=1))
