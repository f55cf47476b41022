"""Cuts a long list into windows that one query can read: conditions that together hold each result once.

    for window in await windows.of(company_id, feed_id, tier, length):
        await results.find({**query, **window.where}).to_list(None)

The embedded store finds everything that a query asks for before it gives the first of it, and answers nobody
else meanwhile: 20,000 results of a list take it a second, for a page of ten too. A short list is one window.
Of a long one each window is some days, or of a full day a range of scores, or of a score that many have a
range of their resumes' arrival; all of which its index finds.

All ranges are open below and closed above: on a descending field that is not the last of an index the
embedded store leaves out what is equal for `$gte`, and for `$lt` it reads what is equal, a whole day.

`until` reads the results of one feed that were listed until some day, in queries that nobody has to wait for.
Most feeds are read in one query. One that would take long is broken off, and what it asks for is read some
days at a time, and a full day by ranges of scores.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from cachetools import TTLCache
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from runtime.clock import day_of
from runtime.slices import Rests
from runtime.waiting import LeftWork
from store import spans
from store.mongo import Collection
from store.paging import pages
from store.results.result_filter import Listed, listed

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
_NAMED = {"_id": 0, "score": 1, "arrived_at": 1}
"""What a day is cut by."""
_PAGE = 500
"""Rows of it that the driver decodes in one go, in a millisecond or two."""
_EVER = 3_650
"""Days back that a window may begin at; older results, if there are any, are in the last one."""

BEST = 100.0

_Key = tuple[str, Listed, bool]
"""A feed, which of its results, and whether the deleted ones."""


class Window(msgspec.Struct, frozen=True):
    """A part of a list.

    Attributes:
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
        self._kept: TTLCache[_Key, list[Window]] = TTLCache(_MAX_LISTS, _KEPT_S)
        self._work = LeftWork()

    async def of(
        self, company_id: str, feed_id: str, tier: Listed, length: int, *, removed: bool = False
    ) -> list[Window]:
        """The windows of a feed's list, or of its deleted results, newest first and of a day best first.

        Its length is how many results it has, or had a moment ago.
        """
        if length <= SHORT:
            return [ALL]
        key = feed_id, tier, removed
        if (windows := self._kept.get(key)) is not None:
            return windows
        # To cut tens of thousands may take longer than a request can wait.
        which = listed(ObjectId(company_id), ObjectId(feed_id), tier, deleted=removed)
        return await self._work.do(key, lambda: self._cut_and_keep(key, which, length))

    async def _cut_and_keep(self, key: _Key, which: Mapping[str, Any], length: int) -> list[Window]:
        windows = [window async for window in self._cut(which, length)]
        self._kept[key] = windows
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
                async for windows, held in self._cut_day(which, newest):
                    found += held
                    for window in windows:
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
        yield Window({"day": {"$lte": day_of(now - timedelta(days=back))}})

    async def _cut_day(self, which: Mapping[str, Any], day: int) -> AsyncIterator[tuple[list[Window], int]]:
        """The windows of a day, some at a time, with how many results these hold together."""
        high, points = BEST, _FIRST_POINTS
        for number in itertools.count():
            low = high - points
            scores = ({"$lte": high} if number else {}) | ({"$gt": low} if low > 0 else {})
            where = {**which, "day": day, **({"score": scores} if scores else {})}
            times, held = defaultdict[float, list[datetime]](list), 0
            async for rows in pages(self._results.find(where, _NAMED), _PAGE):
                held += len(rows)
                for row in rows:
                    times[row["score"]].append(row["arrived_at"])
            yield _parts(day, high, scores, times), held
            if low <= 0:
                return
            high, points = low, points * min(_GROWTH, _AIM / max(held, 1))

    async def _count(self, which: Mapping[str, Any], where: Mapping[str, Any]) -> int:
        return int(await self._results.count_documents({**which, **where}))


def _parts(
    day: int, best: float, scores: Mapping[str, float], times: Mapping[float, Sequence[datetime]]
) -> list[Window]:
    """Cut a range of a day's scores so that each part holds about `_AIM` results, by their times of arrival.

    The parts hold every score of the range, also those that nobody has yet; `best` is the highest. A score
    that many have is cut by the arrival of their resumes: a thousand that were sent to a feed and do not fit
    may have the same one.
    """
    if sum(map(len, times.values())) <= 2 * _AIM:
        return [Window({"day": day, "score": scores} if scores else {"day": day}, best, day)]
    parts: list[Window] = []
    above = {name: bound for name, bound in scores.items() if name == "$lte"}
    below = {name: bound for name, bound in scores.items() if name == "$gt"}
    held = 0
    for score in sorted(times, reverse=True):
        is_common = len(times[score]) > 2 * _AIM
        if is_common or (held and held + len(times[score]) > _AIM):
            if best > score:
                parts.append(Window({"day": day, "score": {**above, "$gt": score}}, best, day))
            above, best, held = {"$lte": score}, score, 0
        if is_common:
            for arrived in _ranges(times[score]):
                parts.append(Window({"day": day, "score": score, "arrived_at": arrived}, score, day))
            best = math.nextafter(score, -math.inf)
            above = {"$lte": best}
        else:
            held += len(times[score])
    if best >= 0:  # no score is below
        parts.append(Window({"day": day, "score": {**above, **below}}, best, day))
    return parts


def _ranges(times: Sequence[datetime]) -> Iterator[dict[str, datetime]]:
    """Ranges of time, the latest first, that each hold about `_AIM` of some times; together they hold any."""
    edges = sorted(set(sorted(times, reverse=True)[_AIM::_AIM]), reverse=True)
    for above, below in itertools.pairwise([None, *edges, None]):
        yield ({"$lte": above} if above else {}) | ({"$gt": below} if below else {})


_BAND = 2
"""Points of the score that a query takes where a day has many results."""
_MOST_DAYS = 64
"""Days that a query takes where they have few: a feed may be years old."""


async def until(
    results: Collection,
    which: Mapping[str, Any],
    fields: Mapping[str, int],
    since: datetime,
    moment: datetime,
    *,
    beside: Mapping[str, Any] = {},
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give results listed until the day of a moment, some at a time; a part of a long list may be empty.

    They are those of a feed, deleted or not, which began at a time: what was listed before comes in one
    query. For what else must hold `beside`, see `spans.before`.
    """

    async def query(where: Mapping[str, Any], longest_ms: int = 0) -> list[dict[str, Any]] | None:
        """What is found; None where that takes longer than it may. 0 is as long as it takes."""
        try:
            return await spans.read(results, {**which, **where}, beside, fields, longest_ms)
        except (ExecutionTimeout, NetworkTimeout):
            if not longest_ms:
                raise
            return None

    last = day_of(moment)
    rows = await query({"day": {"$lte": last}}, spans.LONGEST_MS)
    if rows is not None:
        if rows:
            yield rows
        return
    # Not `$lt`, see above.
    yield await query({"day": {"$lte": day_of(since - timedelta(days=1))}}) or []
    days = 1
    while day_of(since) <= last:
        end = since + timedelta(days=days - 1)
        some = {"$gt": day_of(since - timedelta(days=1)), "$lte": min(day_of(end), last)}
        rows = await query({"day": some}, spans.LONGEST_MS)
        if rows is None and days > 1:
            days = 1
            continue
        if rows is not None:
            yield rows
            days = min(2 * days, _MOST_DAYS)
        else:
            # A new feed may list thousands on its first day.
            for high in range(0, 100 + _BAND, _BAND):
                band = {"day": day_of(since), "score": {"$gt": high - _BAND, "$lte": high}}
                yield await query(band) or []
        since = end + timedelta(days=1)
