"""A Redis that has time, for tests that count what it says."""

import pytest

from store.redis import subscription


@pytest.fixture
def said_once(monkeypatch):
    """Redis has as long as it needs: what it does not take in time is sent again, and may be heard twice."""
    monkeypatch.setattr(subscription, "_HEARD_WITHIN_S", 20.0)
