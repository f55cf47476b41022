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


class ResultLists:
    """The lists in the collection `results`."""

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

        Args:
            company_id: The company.
            feed_id: Its feed.
            which: The filter.
            length: How many results its list has about, without the filter; a long one is read in parts.
            within_s: Seconds after which the rest of a long list is estimated; None for never. What had to be
                estimated is counted on by the next who asks.
        """
        if which.resumes is not None:
            return len(await self._picked(company_id, feed_id, which, ["_id"]))
        windows = await self._cut(company_id, feed_id, which, length)
        return await self._counts.count(
            _filter_key(feed_id, which),
            windows,
            lambda window: self._count_in(company_id, feed_id, which, window),
            most=length,
            within_s=within_s,
        )

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
        ranking = _ranking(which, order)
        if which.resumes is not None:
            return (await self.page_of_some(company_id, feed_id, which, order=order, skip=skip, limit=limit))[
                0
            ]
        windows = await self._cut(company_id, feed_id, which, length)
        if len(windows) == 1 or not which.query():
            return await self._page(company_id, feed_id, which, windows, ranking, skip, limit)
        # Where few pass the filter all of the list is read, which may take longer than a request can wait.
        key = (*_filter_key(feed_id, which), ranking, skip, limit)
        return await self._work.do(
            key, lambda: self._page(company_id, feed_id, which, windows, ranking, skip, limit)
        )

    async def _page(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        windows: Group,
        ranking: _Ranking,
        skip: int,
        limit: int,
    ) -> list[Result]:
        groups = _groups(windows, ranking)
        page: list[dict[str, Any]] = []
        rests = Rests()
        for number, group in enumerate(groups):
            if number:
                await rests.rest()
            if skip and len(groups) > 1:
                held = sum([await self._count_in(company_id, feed_id, which, window) for window in group])
                if held <= skip:
                    skip -= held
                    continue
            most = limit - len(page)
            if len(group) == 1:
                found = self._find(company_id, feed_id, which, group[0], ranking, skip=skip, limit=most)
                page += await found.to_list(None)
            else:
                best = await self._first(company_id, feed_id, which, group, ranking, skip + most)
                page += await self._by_ids(company_id, feed_id, which, best[skip:])
            skip = 0
            if len(page) >= limit:
                break
        return _results(page)

    async def page_of_some(
        self, company_id: str, feed_id: str, which: ResultFilter, *, order: Order, skip: int, limit: int
    ) -> tuple[list[Result], int]:
        """One page of a list of some resumes (`which.resumes`), and how many results the list has."""
        ids = await self._ranked(company_id, feed_id, which, _ranking(which, order))
        return _results(await self._by_ids(company_id, feed_id, which, ids[skip : skip + limit])), len(ids)

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
        ranking = _ranking(which, order)
        if which.resumes is not None:
            for ids in chunks(await self._ranked(company_id, feed_id, which, ranking), chunk):
                yield _results(await self._by_ids(company_id, feed_id, which, ids))
            return
        windows = await self._cut(company_id, feed_id, which, length)
        given: set[ObjectId] = set()
        async with aclosing(self._each(company_id, feed_id, which, windows, ranking, chunk)) as read:
            async for documents in read:
                fresh = [document for document in documents if document["_id"] not in given]
                given.update(document["_id"] for document in fresh)
                if fresh:
                    yield _results(fresh)
        for window in windows:
            there = await self._first(company_id, feed_id, which, [window], ranking, None)
            for ids in chunks([id_ for id_ in there if id_ not in given], chunk):
                given.update(ids)
                yield _results(await self._by_ids(company_id, feed_id, which, ids))
            yield []

    async def _each(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        windows: Group,
        ranking: _Ranking,
        chunk: int,
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        for group in _groups(windows, ranking):
            if len(group) == 1:
                async for documents in pages(
                    self._find(company_id, feed_id, which, group[0], ranking), chunk
                ):
                    yield documents
                continue
            for ids in chunks(await self._first(company_id, feed_id, which, group, ranking, None), chunk):
                yield await self._by_ids(company_id, feed_id, which, ids)

    async def first(
        self, company_id: str, feed_id: str, which: ResultFilter, *, order: Order, most: int, length: int = 0
    ) -> list[str]:
        """The resumes of the first results of a list, in its order; at most so many."""
        ranking = _ranking(which, order)
        if which.resumes is not None:
            ids = (await self._ranked(company_id, feed_id, which, ranking))[:most]
        else:
            ids, rests = [], Rests()
            for group in _groups(await self._cut(company_id, feed_id, which, length), ranking):
                ids += await self._first(company_id, feed_id, which, group, ranking, most - len(ids))
                if len(ids) >= most:
                    break
                await rests.rest()
        found: list[str] = []
        for part in chunks(ids):
            found += [
                str(row["resume"]) for row in await self._by_ids(company_id, feed_id, which, part, ["resume"])
            ]
        return found

    async def _cut(self, company_id: str, feed_id: str, which: ResultFilter, length: int) -> list[Window]:
        return await self._windows.of(company_id, feed_id, which.tier, length, removed=which.removed)

    async def _picked(
        self, company_id: str, feed_id: str, which: ResultFilter, fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Those results of `which.resumes` that pass the filter, in no order."""
        rows: list[dict[str, Any]] = []
        rests = Rests()
        for part in chunks([ObjectId(result_id(feed_id, resume)) for resume in which.resumes or ()]):
            rows += await self._by_ids(company_id, feed_id, which, part, fields)
            await rests.rest()
        return rows

    async def _ranked(
        self, company_id: str, feed_id: str, which: ResultFilter, ranking: _Ranking
    ) -> list[ObjectId]:
        """The same by their ids, in order."""
        keys = _KEYS[ranking]
        rows = await self._picked(company_id, feed_id, which, keys)
        return [row[-1] for row in sorted((_row(row, keys) for row in rows), reverse=True)]

    async def _first(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        group: Group,
        ranking: _Ranking,
        most: int | None,
    ) -> list[ObjectId]:
        """The ids of the first results of several windows, in order; all of them where `most` is None."""
        keys = _KEYS[ranking]
        first: list[tuple[Any, ...]] = []
        rests = Rests()
        for window in sorted(group, key=lambda window: -window.best):
            if ranking == "score" and most is not None and len(first) >= most and first[-1][0] > window.best:
                break  # nor has any of those that follow a better one
            rows = await self._find(company_id, feed_id, which, window, fields=keys).to_list(None)
            first += [_row(row, keys) for row in rows]
            first = heapq.nlargest(len(first) if most is None else most, first)
            await rests.rest()
        return [row[-1] for row in first]

    async def _by_ids(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        ids: Sequence[ObjectId],
        fields: Sequence[str] = (),
    ) -> list[dict[str, Any]]:
        """Results by id, in the order of the ids; those that the filter no longer lets pass are left out."""
        found: dict[ObjectId, dict[str, Any]] = {}
        for part in chunks(ids):
            # In stages: beside the ids the embedded store would read every result for an `$or`.
            these = {"_id": {"$in": list(part)}, "company": ObjectId(company_id)}
            stages = [{"$match": these}, {"$match": which.listed(company_id, feed_id)}]
            rows = self._results.aggregate(_stages([*stages, {"$match": which.query()}], fields))
            found |= {row["_id"]: row async for row in rows}
        return [found[id_] for id_ in ids if id_ in found]

    async def _count_in(self, company_id: str, feed_id: str, which: ResultFilter, window: Window) -> int:
        listed = {**which.listed(company_id, feed_id), **window.where}
        stages = [{"$match": listed}, {"$match": which.query()}, {"$group": {"_id": None, "n": {"$sum": 1}}}]
        rows = await self._results.aggregate(stages).to_list(None)
        return int(rows[0]["n"]) if rows else 0

    def _find(
        self,
        company_id: str,
        feed_id: str,
        which: ResultFilter,
        window: Window,
        ranking: _Ranking | None = None,
        *,
        skip: int = 0,
        limit: int = 0,
        fields: Sequence[str] = (),
    ) -> Any:
        """A cursor over what a window holds of a filtered list; `fields` are all where there are none."""
        listed, query = {**which.listed(company_id, feed_id), **window.where}, which.query()
        if not query:
            found = self._results.find(listed, dict.fromkeys(fields, 1) or None)
            return found.sort(_descending(ranking)).skip(skip).limit(limit) if ranking else found
        stages: list[dict[str, Any]] = [{"$match": listed}, {"$match": query}]
        if ranking:
            stages += [{"$sort": dict(_descending(ranking))}, {"$skip": skip}]
        if limit:
            stages.append({"$limit": limit})
        return self._results.aggregate(_stages(stages, fields))


def _filter_key(feed_id: str, which: ResultFilter) -> tuple[Hashable, ...]:
    """The same for a filter that is asked for again: `since` moves on with every request."""
    since = which.since and which.since.date()
    return feed_id, since, msgspec.structs.replace(which, since=None)


def _stages(stages: Sequence[dict[str, Any]], fields: Sequence[str]) -> list[dict[str, Any]]:
    """Stages that give some fields; all of them where there are none."""
    return [*stages, {"$project": dict.fromkeys(fields, 1)}] if fields else [*stages]


def _results(documents: Sequence[dict[str, Any]]) -> list[Result]:
    return [result_from(document) for document in documents]


def _row(document: Mapping[str, Any], keys: Sequence[str]) -> tuple[Any, ...]:
    return tuple(document.get(key, _NEVER) for key in keys)


def _ranking(which: ResultFilter, order: Order) -> _Ranking:
    return "removal" if which.removed and order == "time" else order


def _descending(ranking: _Ranking) -> list[tuple[str, int]]:
    return [(key, -1) for key in _KEYS[ranking]]


def _groups(windows: Sequence[Window], ranking: _Ranking) -> list[Group]:
    """The windows of a list, newest first, as the order puts them behind each other."""
    if ranking in {"score", "removal"}:
        return [windows]
    if ranking == "time":
        return [[window] for window in windows]
    # The windows of a day are ranges of scores.
    days = itertools.groupby(enumerate(windows), lambda each: each[1].day or -each[0])
    return [[window for _, window in group] for _, group in days]
