"""Reads a feed's list: a page of it, all of it, and how many results pass a filter.

The embedded store finds everything that a query asks for before it gives the first of it. So a long list is
read in windows (`list_windows`), and no query here names an index by `hint`: for one the embedded store reads
that index from end to end, the results of all feeds.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from runtime.slices import Rests
from store.by_ids import find_by_ids
from store.list_windows import ListWindows, Window
from store.mongo import Database
from store.paging import pages
from store.result_documents import Result, result_from
from store.result_filter import ResultFilter

# Both end with `_id`: lists are read by `skip`, so results that are equal otherwise need one order too.
_NEWEST_DAY_FIRST = [("day", -1), ("score", -1), ("arrived_at", -1), ("_id", -1)]
_Order = Sequence[tuple[str, int]]
_BEST_FIRST = [("score", -1), ("arrived_at", -1), ("_id", -1)]


class ResultLists:
    """The lists in the collection `results`."""

    def __init__(self, database: Database) -> None:
        self._results = database.results
        self._windows = ListWindows(database.results)

    async def count(self, feed_id: str, which: ResultFilter, *, length: int = 0) -> int:
        """How many results of a feed pass a filter.

        Args:
            feed_id: The feed.
            which: The filter.
            length: How many results the list has about, without any filter; a long one is read in parts.
        """
        query = which.query(feed_id)
        rests, found = Rests(), 0
        for number, window in enumerate(await self._windows.of(feed_id, length)):
            if number:
                await rests.rest()
            found += await self._count_in(query, window)
        return found

    async def page(
        self, feed_id: str, which: ResultFilter, *, by_score: bool, skip: int, limit: int, length: int = 0
    ) -> list[Result]:
        """One page of a feed's list: newest day first and best first in it, or by score alone."""
        query = which.query(feed_id)
        windows = await self._windows.of(feed_id, length)
        if by_score and len(windows) > 1:
            best = await self._best(query, windows, skip + limit)
            documents = await self._by_ids(query, best[skip:])
        else:
            order = _BEST_FIRST if by_score else _NEWEST_DAY_FIRST
            documents = await self._newest(query, windows, order, skip, limit)
        return [result_from(document) for document in documents]

    async def each(
        self, feed_id: str, which: ResultFilter, *, by_score: bool, chunk: int, length: int = 0
    ) -> AsyncGenerator[list[Result], None]:
        """A feed's whole list in the order of `page`, at most `chunk` results at a time."""
        query = which.query(feed_id)
        windows = await self._windows.of(feed_id, length)
        if by_score and len(windows) > 1:
            best = await self._best(query, windows, None)
            for start in range(0, len(best), chunk):
                documents = await self._by_ids(query, best[start : start + chunk])
                yield [result_from(document) for document in documents]
            return
        order = _BEST_FIRST if by_score else _NEWEST_DAY_FIRST
        for window in windows:
            async for documents in pages(self._results.find({**query, **window.where}).sort(order), chunk):
                yield [result_from(document) for document in documents]

    async def _newest(
        self, query: Mapping[str, Any], windows: Sequence[Window], order: _Order, skip: int, limit: int
    ) -> list[dict[str, Any]]:
        """A page of windows that follow each other in the list's order."""
        page: list[dict[str, Any]] = []
        rests = Rests()
        for number, window in enumerate(windows):
            if number:
                await rests.rest()
            if skip and len(windows) > 1 and (held := await self._count_in(query, window)) <= skip:
                skip -= held
                continue
            cursor = self._results.find({**query, **window.where}).sort(order)
            page += await cursor.skip(skip).limit(limit - len(page)).to_list(None)
            skip = 0
            if len(page) >= limit:
                break
        return page

    async def _best(
        self, query: Mapping[str, Any], windows: Sequence[Window], most: int | None
    ) -> list[ObjectId]:
        """The ids of the best results of several windows, best first; all of them where `most` is None."""
        names = {"score": 1, "arrived_at": 1}
        best: list[tuple[float, datetime, ObjectId]] = []
        rests = Rests()
        for window in sorted(windows, key=lambda window: -window.best):
            if most is not None and len(best) >= most and best[-1][0] > window.best:
                break  # nor has any of those that follow a better one
            rows = await self._results.find({**query, **window.where}, names).to_list(None)
            best += [(row["score"], row["arrived_at"], row["_id"]) for row in rows]
            best = heapq.nlargest(len(best) if most is None else most, best)
            await rests.rest()
        return [id_ for _, _, id_ in best]

    async def _by_ids(self, query: Mapping[str, Any], ids: Sequence[ObjectId]) -> list[dict[str, Any]]:
        """Results by id, in the order of the ids; those to which the query no longer applies are left out."""
        found = {row["_id"]: row for row in await find_by_ids(self._results, ids, where=query)}
        return [found[id_] for id_ in ids if id_ in found]

    async def _count_in(self, query: Mapping[str, Any], window: Window) -> int:
        return int(await self._results.count_documents({**query, **window.where}))
