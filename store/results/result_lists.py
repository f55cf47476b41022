"""Reads a feed's list: a page of it, all of it, and how many results pass a filter.

The embedded store finds everything that a query asks for before it gives the first of it. So a long list is
read in windows (`list_windows`), and no query here names an index by `hint`: for one the embedded store reads
that index from end to end, the results of all feeds. Nor does it use an index for a query that names more
than the index begins with. So a filter comes after the list in a pipeline, which a real MongoDB takes for
one query.

A list of some resumes alone (`ResultFilter.resumes`) is read by the ids of its results, however long the list
of the feed is.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import AsyncGenerator, Hashable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from bson import ObjectId

from runtime.slices import Rests
from runtime.waiting import LeftWork
from store.by_ids import chunks, find_by_ids
from store.ids import result_id
from store.mongo import Database
from store.paging import pages
from store.results.filter_counts import FilterCounts
from store.results.list_windows import ListWindows, Window
from store.results.result_documents import Result, result_from
from store.results.result_filter import ResultFilter

Order = Literal["time", "score", "new"]
"""`time` is newest day first and best first in it, `score` best first, `new` as results entered the list. Of
deleted results `time` is the latest deletion first."""

_Ranking = Literal["time", "score", "new", "removal"]

# All descending. They end with `_id`, as lists are read by `skip`, so results that are equal otherwise need
# one order too.
_KEYS: Mapping[_Ranking, Sequence[str]] = {
    "time": ("day", "score", "arrived_at", "_id"),
    "score": ("score", "arrived_at", "_id"),
    "new": ("pub_time", "_id"),
    "removal": ("deleted_at", "_id"),
}

_NEVER = datetime.fromtimestamp(0, UTC)
"""Stands for a `deleted_at` that is not known: a result was deleted by way of another one of its person."""

Group = Sequence[Window]
"""Windows that follow other groups in the list's order, but not each other."""


class _List:
    """A feed's list as somebody asks for it: `listed` finds it, `query` what of it passes the filter."""

    def __init__(self, company_id: str, feed_id: str, which: ResultFilter, order: Order = "time") -> None:
        self.company_id, self.feed_id, self.which = company_id, feed_id, which
        self.ranking: _Ranking = "removal" if which.removed and order == "time" else order
        self.keys = _KEYS[self.ranking]
        self.listed, self.query = which.listed(company_id, feed_id), which.query()

    @property
    def filter_key(self) -> tuple[Hashable, ...]:
        """The same for a filter that is asked for again: `since` moves on with every request."""
        since = self.which.since and self.which.since.date()
        return self.feed_id, since, msgspec.structs.replace(self.which, since=None)

    @property
    def descending(self) -> list[tuple[str, int]]:
        """Its order, as MongoDB takes it."""
        return [(key, -1) for key in self.keys]

    def row(self, document: Mapping[str, Any]) -> tuple[Any, ...]:
        """By what a result is put in order; last its id."""
        return tuple(document.get(key, _NEVER) for key in self.keys)

    def groups(self, windows: Sequence[Window]) -> list[Group]:
        """Its windows, newest first, as the order puts them behind each other."""
        if self.ranking in {"score", "removal"}:
            return [windows]
        if self.ranking == "time":
            return [[window] for window in windows]
        # The windows of a day are ranges of scores.
        days = itertools.groupby(enumerate(windows), lambda each: each[1].day or -each[0])
        return [[window for _, window in group] for _, group in days]


class ResultLists:
    """The lists in the collection `results`.

    Methods take how many results a list has about, without the filter, as `length`: a long one is read in
    parts.
    """

    def __init__(self, database: Database) -> None:
        self._results = database.results
        self._windows = ListWindows(database.results)
        self._counts = FilterCounts()
        self._work = LeftWork()

    async def count_removed(self, company_id: str, feed_id: str, which: ResultFilter) -> int:
        """How many deleted results of a filter's tier a feed has: recruiters delete one at a time."""
        return int(await self._results.count_documents(which.listed(company_id, feed_id)))

    async def count(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        *,
        length: int = 0,
        within_s: float | None = None,
    ) -> int:
        """How many results of a feed pass a filter.

        After `within_s` seconds the rest of a long list is estimated; None is for never. What had to be
        estimated is counted on by the next who asks.
        """
        one = _List(company_id, feed_id, which)
        if which.resumes is not None:
            return len(await self._picked(one, ["_id"]))
        windows = await self._cut(one, length)
        count_in = functools.partial(self._count_in, one)
        return await self._counts.count(one.filter_key, windows, count_in, most=length, within_s=within_s)

    async def page(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        *,
        order: Order,
        skip: int,
        limit: int,
        length: int = 0,
    ) -> list[Result]:
        """One page of a feed's list."""
        if which.resumes is not None:
            some = await self.page_of_some(company_id, feed_id, which, order=order, skip=skip, limit=limit)
            return some[0]
        one = _List(company_id, feed_id, which, order)
        windows = await self._cut(one, length)
        if len(windows) == 1 or not one.query:
            return await self._page(one, windows, skip, limit)
        # Where few pass the filter all of the list is read, which may take longer than a request can wait.
        key = (*one.filter_key, one.ranking, skip, limit)
        return await self._work.do(key, lambda: self._page(one, windows, skip, limit))

    async def _page(self, one: _List, windows: Group, skip: int, limit: int) -> list[Result]:
        groups = one.groups(windows)
        page: list[dict[str, Any]] = []
        rests = Rests()
        for number, group in enumerate(groups):
            if number:
                await rests.rest()
            if skip and len(groups) > 1:
                held = sum([await self._count_in(one, window) for window in group])
                if held <= skip:
                    skip -= held
                    continue
            most = limit - len(page)
            if len(group) == 1:
                page += await self._in_order(one, group[0], skip=skip, limit=most).to_list(None)
            else:
                best = await self._first(one, group, skip + most)
                page += await self._by_ids(one, best[skip:])
            skip = 0
            if len(page) >= limit:
                break
        return _results(page)

    async def page_of_some(
        self, company_id: str, feed_id: str, which: ResultFilter, *, order: Order, skip: int, limit: int
    ) -> tuple[list[Result], int]:
        """One page of a list of some resumes (`which.resumes`), and how many results the list has."""
        one = _List(company_id, feed_id, which, order)
        ids = await self._ranked(one)
        return _results(await self._by_ids(one, ids[skip : skip + limit])), len(ids)

    async def some(self, company_id: str, feed_id: str, resume_ids: Sequence[str]) -> dict[str, Result]:
        """What a company's feed has of some resumes, by resume, deleted or not; what it lacks is left out."""
        ids = [ObjectId(result_id(feed_id, resume)) for resume in resume_ids]
        rows = await find_by_ids(self._results, ids, where={"company": ObjectId(company_id)})
        return {result.resume: result for result in _results(rows)}

    async def each(
        self, company_id: str, feed_id: str, which: ResultFilter, *, order: Order, chunk: int, length: int = 0
    ) -> AsyncGenerator[list[Result], None]:
        """A feed's whole list in the order of `page`, at most `chunk` results at a time, each once.

        Reading a long one takes seconds, in which its results may be scored anew and change places. One that
        is met again is left out, and those that moved to where the list was read already come at the end.
        For these the list is looked through once more, with an empty part now and then so that others have
        their turn.
        """
        one = _List(company_id, feed_id, which, order)
        if which.resumes is not None:
            for ids in chunks(await self._ranked(one), chunk):
                yield _results(await self._by_ids(one, ids))
            return
        windows = await self._cut(one, length)
        given: set[ObjectId] = set()
        async with aclosing(self._each(one, windows, chunk)) as read:
            async for documents in read:
                fresh = [document for document in documents if document["_id"] not in given]
                given.update(document["_id"] for document in fresh)
                if fresh:
                    yield _results(fresh)
        for window in windows:
            there = await self._first(one, [window], None)
            for ids in chunks([id_ for id_ in there if id_ not in given], chunk):
                given.update(ids)
                yield _results(await self._by_ids(one, ids))
            yield []

    async def _each(
        self, one: _List, windows: Group, chunk: int
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        for group in one.groups(windows):
            if len(group) == 1:
                async for documents in pages(self._in_order(one, group[0]), chunk):
                    yield documents
                continue
            for ids in chunks(await self._first(one, group, None), chunk):
                yield await self._by_ids(one, ids)

    async def first(
        self, company_id: str, feed_id: str, which: ResultFilter, *, order: Order, most: int, length: int = 0
    ) -> list[str]:
        """The resumes of the first results of a list, in its order; at most so many."""
        one = _List(company_id, feed_id, which, order)
        if which.resumes is not None:
            ids = (await self._ranked(one))[:most]
        else:
            ids, rests = [], Rests()
            for group in one.groups(await self._cut(one, length)):
                ids += await self._first(one, group, most - len(ids))
                if len(ids) >= most:
                    break
                await rests.rest()
        return [str(row["resume"]) for row in await self._by_ids(one, ids, ["resume"])]

    async def _cut(self, one: _List, length: int) -> list[Window]:
        which = one.which
        return await self._windows.of(one.company_id, one.feed_id, which.tier, length, removed=which.removed)

    async def _picked(self, one: _List, fields: Sequence[str]) -> list[dict[str, Any]]:
        """Those results of `which.resumes` that pass the filter, in no order."""
        rows: list[dict[str, Any]] = []
        rests = Rests()
        ids = [ObjectId(result_id(one.feed_id, resume)) for resume in one.which.resumes or ()]
        for part in chunks(ids):
            rows += await self._by_ids(one, part, fields)
            await rests.rest()
        return rows

    async def _ranked(self, one: _List) -> list[ObjectId]:
        """The same by their ids, in order."""
        rows = await self._picked(one, one.keys)
        return [row[-1] for row in sorted(map(one.row, rows), reverse=True)]

    async def _first(self, one: _List, group: Group, most: int | None) -> list[ObjectId]:
        """The ids of the first results of several windows, in order; all of them where `most` is None."""
        first: list[tuple[Any, ...]] = []
        rests = Rests()
        for window in sorted(group, key=lambda window: -window.best):
            is_full = most is not None and len(first) >= most
            if is_full and one.ranking == "score" and first[-1][0] > window.best:
                break  # nor has any of those that follow a better one
            first += map(one.row, await self._keys_in(one, window))
            first = heapq.nlargest(len(first) if most is None else most, first)
            await rests.rest()
        return [row[-1] for row in first]

    async def _by_ids(
        self, one: _List, ids: Sequence[ObjectId], fields: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Results by id, in the order of the ids; those that the filter no longer lets pass are left out."""
        found: dict[ObjectId, dict[str, Any]] = {}
        for part in chunks(ids):
            # In stages: beside the ids the embedded store would read every result for an `$or`.
            these = {"_id": {"$in": list(part)}, "company": one.listed["company"]}
            stages: list[dict[str, Any]] = [{"$match": each} for each in (these, one.listed, one.query)]
            if fields:
                stages.append({"$project": dict.fromkeys(fields, 1)})
            found |= {row["_id"]: row async for row in self._results.aggregate(stages)}
        return [found[id_] for id_ in ids if id_ in found]

    async def _count_in(self, one: _List, window: Window) -> int:
        listed = {**one.listed, **window.where}
        stages = [{"$match": listed}, {"$match": one.query}, {"$group": {"_id": None, "n": {"$sum": 1}}}]
        rows = await self._results.aggregate(stages).to_list(None)
        return int(rows[0]["n"]) if rows else 0

    async def _keys_in(self, one: _List, window: Window) -> list[dict[str, Any]]:
        """By what the results are put in order that a window holds of a filtered list."""
        listed, fields = {**one.listed, **window.where}, dict.fromkeys(one.keys, 1)
        if not one.query:
            return list(await self._results.find(listed, fields).to_list(None))
        stages = [{"$match": listed}, {"$match": one.query}, {"$project": fields}]
        return list(await self._results.aggregate(stages).to_list(None))

    def _in_order(self, one: _List, window: Window, *, skip: int = 0, limit: int = 0) -> Any:
        """A cursor over what a window holds of a filtered list."""
        listed = {**one.listed, **window.where}
        if not one.query:
            return self._results.find(listed).sort(one.descending).skip(skip).limit(limit)
        stages: list[dict[str, Any]] = [{"$match": listed}, {"$match": one.query}]
        stages += [{"$sort": dict(one.descending)}, {"$skip": skip}]
        if limit:
            stages.append({"$limit": limit})
        return self._results.aggregate(stages)


def _results(documents: Sequence[dict[str, Any]]) -> list[Result]:
    return [result_from(document) for document in documents]
