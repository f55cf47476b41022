"""Reads a feed's list: a page of it, all of it, and how many results pass a filter.

The embedded store finds everything that a query asks for before it gives the first of it. So a long list is
read in windows (`list_windows`), and no query here names an index by `hint`: for one the embedded store reads
that index from end to end, the results of all feeds. Nor does it use an index for a query that names more
than the index begins with. So a filter comes after the list in a pipeline, which a real MongoDB takes for
one query.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from bson import ObjectId

from runtime.slices import Rests
from store.by_ids import find_by_ids
from store.list_windows import ListWindows, Window
from store.mongo import Aggregation, Database
from store.paging import pages
from store.result_documents import Result, result_from
from store.result_filter import ResultFilter

Order = Literal["time", "score", "new"]
"""`time` is newest day first and best first in it, `score` best first, `new` as results entered the list."""

# All descending. They end with `_id`, as lists are read by `skip`, so results that are equal otherwise need
# one order too.
_KEYS: Mapping[Order, Sequence[str]] = {
    "time": ("day", "score", "arrived_at", "_id"),
    "score": ("score", "arrived_at", "_id"),
    "new": ("pub_time", "_id"),
}

Group = Sequence[Window]
"""Windows that follow other groups in the list's order, but not each other."""


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
            length: How many results its list has about, without the filter; a long one is read in parts.
        """
        rests, found = Rests(), 0
        for number, window in enumerate(await self._windows.of(feed_id, which.tier, length)):
            if number:
                await rests.rest()
            found += await self._count_in(feed_id, which, window)
        return found

    async def page(
        self, feed_id: str, which: ResultFilter, *, order: Order, skip: int, limit: int, length: int = 0
    ) -> list[Result]:
        """One page of a feed's list."""
        groups = _groups(await self._windows.of(feed_id, which.tier, length), order)
        page: list[dict[str, Any]] = []
        rests = Rests()
        for number, group in enumerate(groups):
            if number:
                await rests.rest()
            if skip and len(groups) > 1:
                held = sum([await self._count_in(feed_id, which, window) for window in group])
                if held <= skip:
                    skip -= held
                    continue
            most = limit - len(page)
            if len(group) == 1:
                found = self._find(feed_id, which, group[0], order, skip=skip, limit=most)
                page += await found.to_list(None)
            else:
                best = await self._first(feed_id, which, group, order, skip + most)
                page += await self._by_ids(feed_id, which, best[skip:])
            skip = 0
            if len(page) >= limit:
                break
        return [result_from(document) for document in page]

    async def each(
        self, feed_id: str, which: ResultFilter, *, order: Order, chunk: int, length: int = 0
    ) -> AsyncGenerator[list[Result], None]:
        """A feed's whole list in the order of `page`, at most `chunk` results at a time."""
        for group in _groups(await self._windows.of(feed_id, which.tier, length), order):
            if len(group) == 1:
                async for documents in pages(self._find(feed_id, which, group[0], order), chunk):
                    yield [result_from(document) for document in documents]
                continue
            first = await self._first(feed_id, which, group, order, None)
            for start in range(0, len(first), chunk):
                documents = await self._by_ids(feed_id, which, first[start : start + chunk])
                yield [result_from(document) for document in documents]

    async def _first(
        self, feed_id: str, which: ResultFilter, group: Group, order: Order, most: int | None
    ) -> list[ObjectId]:
        """The ids of the first results of several windows, in order; all of them where `most` is None."""
        keys = _KEYS[order]
        first: list[tuple[Any, ...]] = []
        rests = Rests()
        for window in sorted(group, key=lambda window: -window.best):
            if order == "score" and most is not None and len(first) >= most and first[-1][0] > window.best:
                break  # nor has any of those that follow a better one
            rows = await self._find(feed_id, which, window, fields=keys).to_list(None)
            first += [tuple(row[key] for key in keys) for row in rows]
            first = heapq.nlargest(len(first) if most is None else most, first)
            await rests.rest()
        return [row[-1] for row in first]

    async def _by_ids(
        self, feed_id: str, which: ResultFilter, ids: Sequence[ObjectId]
    ) -> list[dict[str, Any]]:
        """Results by id, in the order of the ids; those that the filter no longer lets pass are left out."""
        where = {**which.listed(feed_id), **which.query()}
        found = {row["_id"]: row for row in await find_by_ids(self._results, ids, where=where)}
        return [found[id_] for id_ in ids if id_ in found]

    async def _count_in(self, feed_id: str, which: ResultFilter, window: Window) -> int:
        listed = {**which.listed(feed_id), **window.where}
        stages = [{"$match": listed}, {"$match": which.query()}, {"$group": {"_id": None, "n": {"$sum": 1}}}]
        rows = await Aggregation(self._results, stages).to_list()
        return int(rows[0]["n"]) if rows else 0

    def _find(
        self,
        feed_id: str,
        which: ResultFilter,
        window: Window,
        order: Order | None = None,
        *,
        skip: int = 0,
        limit: int = 0,
        fields: Sequence[str] = (),
    ) -> Any:
        """A cursor over what a window holds of a filtered list; `fields` are all where there are none."""
        listed, query = {**which.listed(feed_id), **window.where}, which.query()
        if not query:
            found = self._results.find(listed, dict.fromkeys(fields, 1) or None)
            return found.sort(_descending(order)).skip(skip).limit(limit) if order else found
        stages: list[dict[str, Any]] = [{"$match": listed}, {"$match": query}]
        if order:
            stages += [{"$sort": dict(_descending(order))}, {"$skip": skip}]
        if limit:
            stages.append({"$limit": limit})
        if fields:
            stages.append({"$project": dict.fromkeys(fields, 1)})
        return Aggregation(self._results, stages)


def _descending(order: Order) -> list[tuple[str, int]]:
    return [(key, -1) for key in _KEYS[order]]


def _groups(windows: Sequence[Window], order: Order) -> list[Group]:
    """The windows of a list, newest first, as the order puts them behind each other."""
    if order == "score":
        return [windows]
    if order == "time":
        return [[window] for window in windows]
    # The windows of a day are ranges of scores.
    days = itertools.groupby(enumerate(windows), lambda each: each[1].day or -each[0])
    return [[window for _, window in group] for _, group in days]
