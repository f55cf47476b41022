"""Cuts a long list into windows that one query can read: conditions that together hold each result once.

    for window in await windows.of(feed_id, tier, length):
        await results.find({**query, **window.where}).to_list(None)

The embedded store finds everything that a query asks for before it gives the first of it, and answers nobody
else meanwhile: 20,000 results of a list take it a second, for a page of ten too. A short list is one window.
Of a long one each window is some days, or of a full day a range of scores, both of which its index finds.

All ranges are open below: for `$gte` on a descending field that is not the last of an index the embedded
store leaves out what is equal.
"""

from __future__ import annotations

import itertools
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from runtime.clock import day_of
from runtime.slices import Rests
from store.mongo import Collection
from store.tiers import Listed, listed

SHORT = 200
"""Results that are read in one query; the embedded store takes some 8 ms for them."""
_AIM = 100
"""Results that a window should hold. Fewer would only be more round trips; with more, whoever asks meanwhile
waits for longer."""
_KEPT_S = 120.0
"""Seconds for which the cuts of a list are kept. It grows meanwhile, and windows with it."""
_MAX_LISTS = 500
"""Lists whose cuts are kept."""
_GROWTH = 4
"""How many times longer a window may be than the one before: the few results of a short one are no
measure."""
_FIRST_POINTS = 2.0
"""The points of the first range of scores of a day."""
_EVER = 3_650
"""Days back that a window may begin at; older results, if there are any, are in the last one."""

BEST = 100.0


class Window(msgspec.Struct, frozen=True):
    """A part of a list.

    Attributes:
        where: The condition of its results, beside those of the list.
        best: No result in it has a higher score.
        day: The day of which it is a part; 0 where it holds whole days.
    """

    where: Mapping[str, Any]
    best: float = BEST
    day: int = 0


ALL = Window({})


class ListWindows:
    """The cuts of one process's lists. Belongs to one event loop."""

    def __init__(self, results: Collection) -> None:
        self._results = results
        self._kept: OrderedDict[tuple[str, Listed], tuple[float, list[Window]]] = OrderedDict()

    async def of(self, feed_id: str, tier: Listed, length: int) -> list[Window]:
        """The windows of a feed's list, newest first and of a day best first.

        Args:
            feed_id: The feed.
            tier: Which of its results.
            length: How many results its list has, or had a moment ago.
        """
        if length <= SHORT:
            return [ALL]
        until, windows = self._kept.get((feed_id, tier), (0.0, []))
        if time.monotonic() >= until:
            windows = [window async for window in self._cut(listed(ObjectId(feed_id), tier), length)]
            self._kept[feed_id, tier] = time.monotonic() + _KEPT_S, windows
            self._kept.move_to_end((feed_id, tier))
            if len(self._kept) > _MAX_LISTS:
                self._kept.popitem(last=False)
        return windows

    async def _cut(self, which: Mapping[str, Any], length: int) -> AsyncIterator[Window]:
        """Go back in time, some days at once while these are few, until all results were met."""
        now, back, span, left = datetime.now(UTC), 0, 1, length
        rests = Rests()
        yield Window({"day": {"$gt": day_of(now)}})  # for as long as the cuts are kept
        while left > 0 and back < _EVER:
            newest, oldest = (day_of(now - timedelta(days=days)) for days in (back, back + span - 1))
            if span == 1:
                found = 0
                async for window, held in self._cut_day(which, newest):
                    found += held
                    yield window
                    await rests.rest()
            else:
                where = {"day": {"$gt": oldest - 1, "$lte": newest}}
                found = await self._count(which, where)
                await rests.rest()
                if found > 2 * _AIM:
                    span = 1
                    continue
                yield Window(where)
            left -= found
            back += span
            span = 1 if found > _AIM else min(span * 2, 64)
        yield Window({"day": {"$lt": day_of(now - timedelta(days=back - 1))}})

    async def _cut_day(self, which: Mapping[str, Any], day: int) -> AsyncIterator[tuple[Window, int]]:
        """The windows of a day, with how many results each holds."""
        high, points = BEST, _FIRST_POINTS
        for number in itertools.count():
            low = high - points
            scores = ({"$lte": high} if number else {}) | ({"$gt": low} if low > 0 else {})
            where = {"day": day, "score": scores} if scores else {"day": day}
            held = await self._count(which, where)
            yield Window(where, high, day), held
            if low <= 0:
                return
            high, points = low, points * min(_GROWTH, _AIM / max(held, 1))

    async def _count(self, which: Mapping[str, Any], where: Mapping[str, Any]) -> int:
        return int(await self._results.count_documents({**which, **where}))
