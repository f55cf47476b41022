"""How far a polled collection was read, by the `updated_at` of its documents.

    watermark = Watermark()
    for document in await store.changed_since(watermark.at, watermark.overlap):
        watermark.see(document.updated_at)

Whoever polls keeps one watermark for each collection. Reading and what to do with a document is the owner's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from store.feeds.feeds import POLL_OVERLAP


class Watermark:
    """The greatest `updated_at` that was seen, and how far behind it the next poll has to look.

    A write may become visible after one with a later time. So while the watermark is fresh, which is for as
    long as the overlap after it last moved, a poll reads the overlap again. Later it need not: nothing that
    old can still appear, and an idle server would read the same documents for ever.

    Attributes:
        at: The greatest time seen; None before the first document.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.at: datetime | None = None
        self._clock = clock
        self._moved_at = float("-inf")

    @property
    def overlap(self) -> timedelta:
        """How far behind `at` the next poll looks: zero once the watermark has stood still for long."""
        is_fresh = self._clock() < self._moved_at + POLL_OVERLAP.total_seconds()
        return POLL_OVERLAP if is_fresh else timedelta(0)

    def see(self, updated_at: datetime) -> None:
        """Note a document that was read, however it was found; an older one changes nothing."""
        if self.at is None or updated_at > self.at:
            self.at = updated_at
            self._moved_at = self._clock()
