"""Which feeds wait longest for their backfill: looks at them, of which none reads too many.

    due = await looks.oldest(datetime.now(UTC))

Feeds are read a span of the times after the other since which they wait. The embedded store reads all that a
condition allows before it gives the first, and learned relations may make every feed wait at once.

Who does a share of the work passes over feeds that wait for other shares alone. If a share has no process for
an hour these may be thousands, so they are not read again and again: once they are passed over, looks begin
where the last one ended. A feed that is given back waits since then, and so is found.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import NetworkTimeout

from store.feeds.backfill_holds import Hold
from store.mongo import Database

_EVER = timedelta(days=3650)
"""How far back a process looks at first for feeds that wait."""
_SHORTEST = timedelta(milliseconds=1)
_ENOUGH = 1_000
"""Feeds that one span should hold at most; reading so many takes the embedded store a tenth of a second."""
_AT_ONCE = 4_000
"""Feeds that one look passes over at most. With more, leases would not be renewed meanwhile; the next look
goes on behind them."""
_AFTER_TIMEOUT, _GROWTH = 16, 4
"""How many times shorter a span becomes that took too long, and how many times longer an empty one."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the clocks of two machines may differ. With more, a feed could wait until nothing else does."""
_FROM_THE_START_S = 600.0
"""Seconds after which a process that passes feeds over begins with the oldest again, should a clock have been
wrong by more than that."""


class Looks:
    """One process's looks. Belongs to one event loop.

    Args:
        database: Where the feeds are.
        hold: Says which of them it could take.
    """

    def __init__(self, database: Database, hold: Hold) -> None:
        self._feeds = database.feeds
        self._hold = hold
        self._begin_anew()

    def _begin_anew(self) -> None:
        # No feed to be taken waits since an earlier time, and how long a span of times is read at once.
        self._since: datetime | None = None
        self._span = _EVER
        # How many were passed over since the first span.
        self._passed = 0
        self._anew_at = time.monotonic() + _FROM_THE_START_S

    async def oldest(self, now: datetime) -> list[dict[str, Any]]:
        """The feeds that wait longest, some of many: whose they are, and since when they wait."""
        since, passed = self._since or now - _EVER, 0
        while True:
            until = min(since + self._span, now)
            try:
                due = await self._waiting(since, until)
            except NetworkTimeout:
                if self._span <= _SHORTEST:
                    raise
                self._span = max(self._span / _AFTER_TIMEOUT, _SHORTEST)
                continue
            mine = [document for document in due if self._hold.has_work(document)]
            passed += len(due) - len(mine)
            if len(due) > _ENOUGH:
                first, last = (document["backfill_due"] for document in (due[0], due[-1]))
                self._span = max((last - first) * _ENOUGH / len(due), _SHORTEST)
            if mine or until == now or passed >= _AT_ONCE:
                break
            since = until
            if not due:
                self._span *= _GROWTH
        self._passed += passed
        if mine:
            since = mine[0]["backfill_due"] if len(due) > _ENOUGH else since
        elif until == now and (self._passed <= _ENOUGH or time.monotonic() >= self._anew_at):
            self._begin_anew()
            return []
        else:
            since = until
        if self._passed > _ENOUGH or len(due) > _ENOUGH or self._span < _EVER:
            # Whatever is made to wait from now on waits since now, by some process's clock.
            self._since = min(since, now - _CLOCKS_DIFFER)
        return mine

    async def _waiting(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        names = {"user": 1, "backfill_due": 1, **self._hold.reads}
        which = {"backfill_due": {"$gte": since, "$lte": until}, "deleted": False}
        return list(await self._feeds.find(which, names).sort("backfill_due", 1).to_list(None))
