"""How many people accounts have marked, for a minute: to count many takes the store long.

Whoever has few is counted each time, in milliseconds.
"""

from __future__ import annotations

from datetime import date

from cachetools import TTLCache

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
        self._kept: TTLCache[str, tuple[date, MarkCounts]] = TTLCache(_MAX_ACCOUNTS, _KEPT_S)

    async def of(self, user_id: str, today: date) -> MarkCounts:
        """How many people an account has marked; of more than `FEW` it may be a minute old."""
        day, kept = self._kept.get(user_id, (today, None))
        if kept is not None and day == today:
            return kept
        counts = await self._marked.counts(user_id, today)
        if counts.total > FEW:
            self._kept[user_id] = today, counts
        return counts

    def forget(self, user_id: str) -> None:
        """The account has changed a mark."""
        self._kept.pop(user_id, None)
