"""Which feeds' lists are looked through for what has ended: most hold nothing so old."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.ends.retention import RetentionPolicy
from store.ends.retention import FeedOfResults

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = RetentionPolicy(result_days=180)


def feed(*, age, over=-30, changed=0, is_deleted=False, is_blank=False):
    """A feed by days: since it began, since its service was over, since it was deleted."""
    return FeedOfResults(
        id="6b0000000000000000000001",
        company="6b0000000000000000000002",
        start_time=NOW - age * DAY,
        expires_at=NOW - over * DAY,
        changed_at=NOW - changed * DAY,
        is_deleted=is_deleted,
        is_blank=is_blank,
    )


@pytest.mark.parametrize("age", [0, 100, 178])
def test_a_list_that_is_younger_than_results_get_is_not_looked_through(age):
    assert POLICY.results_end(feed(age=age), NOW) is None


@pytest.mark.parametrize("age", [180, 181, 1_000])
def test_an_older_one_is(age):
    assert POLICY.results_end(feed(age=age), NOW) == NOW - 180 * DAY


def test_a_young_list_whose_service_is_long_over_is_looked_through():
    assert POLICY.results_end(feed(age=60, over=31), NOW) == NOW
    assert POLICY.results_end(feed(age=60, over=29), NOW) is None


def test_a_young_list_that_was_deleted_long_ago_is_looked_through():
    gone = feed(age=60, changed=31, is_deleted=True)
    assert POLICY.results_end(gone, NOW) == NOW
    assert RetentionPolicy().results_end(gone, NOW) == NOW
    assert POLICY.results_end(feed(age=60, changed=31, is_deleted=True, is_blank=True), NOW) is None
