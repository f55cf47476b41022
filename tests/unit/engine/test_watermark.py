"""A watermark moves forward alone, and polls overlap while it is fresh."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.indexes.watermark import Watermark
from store.feeds.feeds import POLL_OVERLAP

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OVERLAP_S = POLL_OVERLAP.total_seconds()


class Clock:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watermark(clock) -> Watermark:
    return Watermark(clock)


def test_polls_overlap_until_it_has_stood_still_for_long(watermark, clock):
    watermark.see(NOON)
    assert watermark.overlap == POLL_OVERLAP
    clock.now += OVERLAP_S - 0.001
    assert watermark.overlap == POLL_OVERLAP
    clock.now += 0.001
    assert watermark.overlap == timedelta(0)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=3)])
def test_what_the_overlap_brings_again_keeps_nothing_fresh(watermark, clock, age):
    """Else a server where nothing changes would read the same documents for ever."""
    watermark.see(NOON)
    clock.now += OVERLAP_S
    watermark.see(NOON - age)
    assert watermark.overlap == timedelta(0)
