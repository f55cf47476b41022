"""Retention: results and resumes come to their end, a few at a time, so that nobody who reads feels it.

What ends, and when, is decided by `engine.retention`. Here is how, safe against a kill between any two writes
and against a second process that does the same.

A result ends in three steps. If it was clicked on, the click no longer counts, and its feed has to learn
without it: one write says both. Then the account's candidate record notes that the result has ended, so that
scoring does not list it again. Then the result goes, if it still is as it was read; one that was clicked on
meanwhile is dealt with the next time. Favourites and notes stand in the candidate record, and stay.

A resume ends as `Erasures.end` says: nothing of it is left, and it may be sent again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import DeleteOne, UpdateOne
from pymongo.errors import DuplicateKeyError

from store import spans
from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids, of_users
from store.candidate_records import CandidateRecords
from store.contact_filling import fill_contacts
from store.erasures import Erasures
from store.feedback import DUE, pending_mark
from store.file_quarantine import FileQuarantine
from store.late_marks import list_marked
from store.mongo import Database, drop_former_indexes
from store.note_changes import TAKEN_BACK_FOR, NoteChanges
from store.originals import Originals
from store.parts import in_parts
from store.person_finding import find_persons
from store.persons import Persons
from store.result_counters import ResultCounters
from store.result_documents import UNDER, key_of
from store.results_by_day import until
from store.tables import Tables

LEASE = timedelta(seconds=30)
"""How long a process that was killed keeps the others from going on. A living one renews it several times."""

_FEEDS = 100
"""Feeds that are read in one go."""
_STATE = (
    *("user", "feed", "resume", "read", "deleted", "possible", "pub_time", "clicked", "clicks"),
    *("under", "others"),
)
_OF_FEED = {"user": 1, "deleted": 1, "start_time": 1}
_KEY = {"_id": "state"}


class RetentionState(msgspec.Struct, frozen=True):
    """Who looks for what has ended, and when next.

    Attributes:
        number: Grows with every change.
        fill_again_at: When to look once more for contacts that a server of the release before has written.
    """

    number: int
    held_by: str
    held_until: datetime
    next_at: datetime
    fill_again_at: datetime | None


class FeedOfResults(msgspec.Struct, frozen=True):
    """A feed, as far as its results come to their end."""

    id: str
    user: str
    start_time: datetime
    is_deleted: bool


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
        self._originals = Originals(database)
        self._notes = NoteChanges(database)

    async def feeds(self) -> AsyncIterator[list[FeedOfResults]]:
        """Every feed there ever was, some at a time."""
        async for page in in_parts(self._database.feeds, {}, _FEEDS, _OF_FEED):
            yield [
                FeedOfResults(str(feed["_id"]), str(feed["user"]), feed["start_time"], feed["deleted"])
                for feed in page
            ]

    async def end_results(self, feed: FeedOfResults, moment: datetime) -> AsyncIterator[int]:
        """End a feed's results that were listed before a moment.

        Gives the number of each part that is deleted, so that the caller can rest.
        """
        id_ = ObjectId(feed.id)
        for deleted in (UNDER, False, True):
            which = {"user": ObjectId(feed.user), "feed": id_, "deleted": deleted}
            listed = until(self._results, which, dict.fromkeys(_STATE, 1), feed.start_time, moment)
            async for rows in listed:
                for part in chunks([row for row in rows if row["pub_time"] < moment]):
                    yield await self._end(id_, part, feed_is_deleted=feed.is_deleted)

    async def _end(self, feed: ObjectId, rows: Sequence[Mapping[str, Any]], *, feed_is_deleted: bool) -> int:
        """End results of a feed, no more than one query names; returns how many were as they were read."""
        await self._persons.lists.leave(rows)
        mark = pending_mark(feed)
        uncount = [
            UpdateOne(
                {**key_of(row), "clicks": row.get("clicks")},
                {"$set": {"clicked": [mark]}, "$inc": {"clicks": 1}},
            )
            for row in rows
            if row.get("clicked")
        ]
        if uncount:
            await bulk(self._results, uncount)
            # Pending feedback goes with its result, so the feed's own document takes it over.
            if not feed_is_deleted:
                await self._database.lessons.update_one({"_id": feed}, DUE, upsert=True)
        ids = [row["_id"] for row in rows]
        own = of_users(row["user"] for row in rows)  # of one feed, so of one account
        seen = await find_by_ids(self._results, ids, dict.fromkeys(_STATE, 1), where=own)
        ready = [row for row in seen if feed not in row.get("clicked", ())]
        await self._records.end(str(feed), [(str(row["user"]), str(row["resume"])) for row in ready])
        deleted = await self._delete(feed, ready)
        # A record that was made just now of a resume that is gone would stay.
        resumes = {row["resume"] for row in ready}
        there = await find_by_ids(self._database.resumes, resumes, {"_id": 1})
        gone = resumes - {row["_id"] for row in there}
        await delete_by_ids(self._database.dossiers, gone, key="resume")
        return deleted

    async def _delete(self, feed: ObjectId, rows: Sequence[Mapping[str, Any]]) -> int:
        """Delete results that still are as they were read."""
        if not rows:
            return 0
        as_read = ("read", "deleted", "possible", "clicks", "under", "others")
        writes = [DeleteOne({**key_of(row), **{name: row.get(name) for name in as_read}}) for row in rows]
        async with self._counters.changing({(str(row["user"]), str(feed)) for row in rows}) as change:
            outcome = await self._results.bulk_write(writes, ordered=False)
            if outcome.deleted_count < len(rows):  # and MongoDB does not say which are left
                change.doubt()
            for row in rows:
                change.add(row, -1)
        return int(outcome.deleted_count)

    async def resumes_without_news(self, moment: datetime) -> AsyncIterator[list[str]]:
        """Ids of resumes of which there was no news since a moment, some at a time."""
        async for rows in spans.before(self._database.contacts, "news_at", moment, fields={"_id": 1}):
            yield [str(row["_id"]) for row in rows]

    async def end_resume(self, resume_id: str) -> bool:
        """End a resume, see `Erasures.end`."""
        return await self._erasures.end(resume_id)

    async def sweep_ended(self) -> None:
        """Look once more after resumes that ended a while ago, see `Erasures.sweep_ended`."""
        await self._erasures.sweep_ended()

    async def count_recent(self) -> int:
        """How many erasures and ends other processes still have to look at."""
        return await self._erasures.count_recent()

    async def sweep_files(self, now: datetime) -> AsyncIterator[int]:
        """Delete files and tables whose time is over, and what nobody has; gives numbers as `end_results`."""
        for sweeping in (
            self._file_quarantine.sweep(now),
            self._tables.sweep(now),
            self._originals.sweep(now),
        ):
            async for count in sweeping:
                yield count

    async def end_taken_back(self, now: datetime) -> int:
        """End notes that were taken back long enough ago, see `NoteChanges`."""
        return await self._notes.end(now - TAKEN_BACK_FOR)

    async def take(self, process: str) -> RetentionState | None:
        """Take or renew the lease; None where another process has it, or it is not time yet."""
        now = datetime.now(UTC)
        state = await self._state()
        if state.held_by != process and (state.held_until > now or state.next_at > now):
            return None
        fields = {"held_by": process, "held_until": now + LEASE}
        return state if await self._change(state, fields) else None

    async def put_off(self, process: str, next_at: datetime, **fields: Any) -> None:
        """Give the lease back: nobody looks again before a time."""
        state = await self._state()
        if state.held_by == process:
            await self._change(state, {"held_by": "", "next_at": next_at, **fields})

    async def fill_contacts(self) -> None:
        """Add what the release before does not write: see `fill_contacts`, `find_persons`, `list_marked`.

        What only that release needs goes.
        """
        await drop_former_indexes(self._database)
        await fill_contacts(self._database)
        await find_persons(self._database)
        await list_marked(self._database)

    async def _state(self) -> RetentionState:
        row = await self._database.retention.find_one(_KEY) or {}
        return RetentionState(
            number=row.get("number", 0),
            held_by=row.get("held_by", ""),
            held_until=row.get("held_until", spans.BEGINNING),
            next_at=row.get("next_at", spans.BEGINNING),
            fill_again_at=row.get("fill_again_at"),
        )

    async def _change(self, state: RetentionState, fields: Mapping[str, Any]) -> bool:
        which = {**_KEY, "number": state.number or None}
        change = {"$set": {**fields, "number": state.number + 1}}
        try:
            outcome = await self._database.retention.update_one(which, change, upsert=not state.number)
        except DuplicateKeyError:  # another process was first
            return False
        return bool(outcome.matched_count or outcome.upserted_id)
