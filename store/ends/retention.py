"""Retention: results and resumes come to their end, a few at a time, so that nobody who reads feels it.

What ends, and when, is decided by `engine.ends.retention`. Here is how.

A feed whose service is over keeps its last page: the newest results that its list opens with. A feed that was
deleted keeps nothing in the end; that it was there stays, as of those of deleted accounts (`Deletions`).

A result goes in one transaction with what stays of it: a click on it no longer counts, so its feed has to
learn without it, and the company's candidate record notes that the result has ended, so that scoring does not
list it again. Favourites and notes stand in the candidate record, and stay.

A resume ends as `Erasures.end` says: nothing of it is left, and it may be sent again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import nlargest
from operator import itemgetter
from typing import Any

import msgspec
from bson import ObjectId

from store import spans
from store.by_ids import chunks, find_by_ids
from store.documents import read_as
from store.ends.deletions import BLANK
from store.ends.erasures import Erasures
from store.ends.expiry import expire
from store.feeds.feedback import DUE
from store.files.file_quarantine import FileQuarantine
from store.files.tables import Tables
from store.mongo import Database, time_of
from store.notes.candidate_records import CandidateRecords
from store.notes.note_changes import TAKEN_BACK_FOR, NoteChanges
from store.parts import in_parts
from store.persons.persons import Persons
from store.results.list_windows import until
from store.results.result_counters import ResultCounters
from store.results.result_documents import UNDER
from store.results.result_filter import is_possible
from store.transactions import again_after_conflict

_FEEDS = 100
"""Feeds that are read in one go."""
_STATE = (
    *("company", "feed", "resume", "read", "deleted", "possible", "work", "pub_time", "clicked"),
    *("under", "others"),
)
_FEED_FIELDS = dict.fromkeys(
    ("company", "deleted", "start_time", "expires_at", "updated_at", "form.title"), 1
)
LAST_PAGE = 50
"""Results that a feed keeps whose service is over: as many as a page of its list has at most."""
_NEWEST = ("day", "score", "arrived_at", "_id")
"""By what a list puts the newest day first, and the best of a day."""


class FeedOfResults(msgspec.Struct, frozen=True):
    """A feed, as far as its results come to their end.

    Attributes:
        changed_at: When it was deleted, where it was.
        is_blank: Whether nothing of it is left but that it was there.
    """

    id: str
    company: str
    start_time: datetime
    expires_at: datetime
    changed_at: datetime
    is_deleted: bool
    is_blank: bool


class Retention:
    """Belongs to one event loop."""

    def __init__(
        self, database: Database, records: CandidateRecords, counters: ResultCounters, erasures: Erasures
    ) -> None:
        self._database = database
        self._results = database.results
        self._records = records
        self._counters = counters
        self._persons = Persons(database, counters)
        self._erasures = erasures
        self._file_quarantine = FileQuarantine(database)
        self._tables = Tables(database)
        self._notes = NoteChanges(database)

    async def feeds(self) -> AsyncIterator[list[FeedOfResults]]:
        """Every feed there ever was, some at a time."""
        async for page in in_parts(self._database.feeds, {}, _FEEDS, _FEED_FIELDS):
            yield [_feed(document) for document in page]

    async def end_results(
        self, feed: FeedOfResults, moment: datetime, *, keeps_last_page: bool = False
    ) -> AsyncIterator[int]:
        """End a feed's results that were listed before a moment.

        Gives the number of each part that is deleted, so that the caller can rest.
        """
        id_, kept = ObjectId(feed.id), set()
        for deleted in (UNDER, False, True):
            which = {"company": ObjectId(feed.company), "feed": id_, "deleted": deleted}
            if keeps_last_page and deleted is False:
                kept = await self._last_page(which, feed.start_time)
            listed = until(self._results, which, dict.fromkeys(_STATE, 1), feed.start_time, moment)
            async for rows in listed:
                over = [row for row in rows if row["pub_time"] < moment and row["_id"] not in kept]
                for part in chunks(over):
                    yield await self._end(feed, part)

    async def _last_page(self, which: Mapping[str, Any], since: datetime) -> set[ObjectId]:
        """The results that a feed's list opens with, strong ones alone."""
        newest: list[dict[str, Any]] = []
        fields = dict.fromkeys((*_NEWEST, "possible"), 1)
        async for rows in until(self._results, which, fields, since, datetime.now(UTC)):
            newest += [row for row in rows if not is_possible(row)]
            newest = nlargest(LAST_PAGE, newest, key=itemgetter(*_NEWEST))
        return {row["_id"] for row in newest}

    async def end_deleted(self, feed: FeedOfResults) -> None:
        """End what a deleted feed asked for and has learned, once it has no results any more."""
        id_, company = ObjectId(feed.id), ObjectId(feed.company)
        if await self._results.find_one({"company": company, "feed": id_}, {"_id": 1}) is None:
            await self._database.feedback.delete_one({"_id": id_})
            await self._database.feeds.update_one({"_id": id_, "company": company, "deleted": True}, BLANK)

    async def expire(self, now: datetime) -> AsyncIterator[int]:
        """End what ends by its own clock, see `expiry`; gives numbers as `end_results`."""
        async for count in expire(self._database, now):
            yield count

    @again_after_conflict
    async def _end(self, of: FeedOfResults, rows: Sequence[Mapping[str, Any]]) -> int:
        """End results of a feed, no more than one query names; returns how many."""
        feed, own = ObjectId(of.id), {"company": ObjectId(of.company)}
        ids, fields = [row["_id"] for row in rows], dict.fromkeys(_STATE, 1)
        async with self._counters.changing([(of.company, of.id)]) as change:
            ready = await find_by_ids(self._results, ids, fields, where=own)
            await self._persons.lists.leave(ready, change)
            # The clicks on them no longer count, so the feed learns without them.
            if not of.is_deleted and any(row.get("clicked") for row in ready):
                await self._database.feedback.update_one({"_id": feed}, DUE, upsert=True)
            there = await find_by_ids(self._database.resumes, {row["resume"] for row in ready}, {"_id": 1})
            pairs = [(of.company, str(one["_id"])) for one in there]
            # A deleted feed is not scored again, so nothing has to be kept off its list.
            await (self._records.trace(pairs) if of.is_deleted else self._records.end(of.id, pairs))
            await self._results.delete_many({"_id": {"$in": [row["_id"] for row in ready]}, **own})
            for row in ready:
                change.add(row, -1)
        return len(ready)

    async def resumes_without_news(self, moment: datetime) -> AsyncIterator[list[str]]:
        """Ids of resumes of which there was no news since a moment, some at a time."""
        async for rows in spans.before(self._database.contacts, "news_at", moment, fields={"_id": 1}):
            yield [str(row["_id"]) for row in rows]

    async def end_resume(self, resume_id: str, moment: datetime) -> bool:
        """End a resume of which there was no news since a moment, see `Erasures.end`."""
        return await self._erasures.end(resume_id, moment)

    async def sweep_files(self, now: datetime) -> AsyncIterator[int]:
        """Delete files and tables whose time is over; gives numbers as `end_results`."""
        for sweeping in (self._file_quarantine.sweep(now), self._tables.sweep(now)):
            async for count in sweeping:
                yield count

    async def end_taken_back(self, now: datetime) -> int:
        """End notes that were taken back long enough ago, see `NoteChanges`."""
        return await self._notes.end(now - TAKEN_BACK_FOR)

    async def time(self) -> datetime:
        """What time it is, by the earlier of two clocks: this machine's, and that of MongoDB.

        What was ended too early does not come back, and a machine may start with a wrong clock.
        """
        return min(datetime.now(UTC), await time_of(self._database))


def _feed(document: Mapping[str, Any]) -> FeedOfResults:
    return read_as(
        FeedOfResults,
        document,
        changed_at=document["updated_at"],
        is_deleted=document["deleted"],
        is_blank=not document["form"]["title"],
    )
