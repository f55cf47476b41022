"""How many people accounts have marked, for a minute: to count many takes the store long.

Whoever has few is counted each time, in milliseconds.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import date

from store.notes.marked import MarkCounts, Marked

FEW = 300
"""Marked people up to which each request counts anew."""
_KEPT_S = 60.0
"""Seconds for which the counts of more are given again, unless this process changes a mark of the account."""
_MAX_ACCOUNTS = 1_000
"""Accounts whose counts are kept; each is some names and numbers."""


class KeptCounts:
    """The counts of one process. Belongs to one event loop."""

    def __init__(self, marked: Marked) -> None:
        self._marked = marked
        self._kept: OrderedDict[str, tuple[float, date, MarkCounts]] = OrderedDict()

    async def of(self, user_id: str, today: date) -> MarkCounts:
        """How many people an account has marked; of more than `FEW` it may be a minute old."""
        until, day, counts = self._kept.get(user_id, (0.0, today, None))
        if counts is not None and day == today and time.monotonic() < until:
            return counts
        counts = await self._marked.counts(user_id, today)
        if counts.total > FEW:
            self._kept[user_id] = time.monotonic() + _KEPT_S, today, counts
            self._kept.move_to_end(user_id)
            if len(self._kept) > _MAX_ACCOUNTS:
                self._kept.popitem(last=False)
        return counts

    def forget(self, user_id: str) -> None:
        """The account has changed a mark."""
        self._kept.pop(user_id, None)
