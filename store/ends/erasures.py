"""Erasures: a resume is taken out of every collection, for good, in one transaction with its tombstone.

A tombstone is the resume's id, which is a hash, and the revision up to which it was erased. Whoever writes
about a resume at the same time either writes the resume itself, or passes the gate (`store.gate`): one of the
two is done again, and sees the other.

The audit stays. It names a person by id alone, and says who read their contact.

The tombstone stays too: the same `(source, source_id)` is refused when it is sent again, until an operator
lifts that. One of a resume that came to its end (`retention`) is marked `ended`, refuses nobody, and ends
itself (`expiry`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from store.audit.audit import Audit
from store.by_ids import delete_by_ids, find_by_ids, update_by_ids
from store.errors import NotFound
from store.feeds.feedback import FORGET
from store.files.originals import Originals
from store.gate import Gate
from store.ids import is_id
from store.mongo import Database
from store.persons.lookalikes import forget
from store.persons.persons import Persons
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

LATE = timedelta(minutes=2)
"""How far back behind its last look an index in memory looks for erasures. Clocks of two machines differ by
less than a minute, and an erasure takes some seconds from its time to its commit."""

ENDED_FOR = timedelta(days=30)
"""How long it is known that a resume came to its end. A server that starts with an older snapshot of its
index could not tell that the resume is gone; so it starts without one, see `engine.indexes.snapshots`."""

_MOST = 200
"""Results that are deleted with their resume. Where it is in more lists it is taken out of these before, so
many at a time."""

_RESULT = dict.fromkeys(("company", "feed", "read", "deleted", "possible", "work", "under", "others"), 1)

_REFUSES = {"lifted": "", "ended": "", "ends_at": ""}
"""What to `$unset` of a tombstone so that its resume is refused when it comes again."""

Lists = set[tuple[str, str]]
"""(company, feed) of each list that lost a result. Whoever watches them is told by `result_counters`."""


class Erasures:
    """The collection `erasures`, and the deletions in all others."""

    def __init__(self, database: Database, counters: ResultCounters, audit: Audit, gate: Gate) -> None:
        self._audit = audit
        self._gate = gate
        self._database = database
        self._counters = counters
        self._persons = Persons(database, counters)
        self._resumes = database.resumes
        self._results = database.results
        self._erasures = database.erasures
        self._originals = Originals(database)

    async def erase(self, resume_id: str, request_id: str = "", *, source: str | None = None) -> Lists:
        """Erase a resume; on return nothing of it is left. Erasing again is harmless.

        The audit notes the request, "" outside of one. Only resumes of the `source` may be erased; None is
        for all.

        Raises:
            NotFound: There is no such resume of the source, and none was erased.
        """
        if not is_id(resume_id):
            raise NotFound(f"no resume {resume_id}")
        which = {"_id": ObjectId(resume_id)} | ({} if source is None else {"source": source})
        there = await self._resumes.find_one(which, {"_id": 1})
        if there is None and await self._erasures.find_one(which, {"_id": 1}) is None:
            raise NotFound(f"no resume {resume_id}")
        # As who asks about nobody leaves no row; before anything is deleted.
        await self._audit.record(None, "erase", [resume_id], request_id)
        return await self.erase_here(resume_id)

    @again_after_conflict
    async def erase_here(self, resume_id: str) -> Lists:
        """The same as a part of an erasure that is noted already."""
        id_ = ObjectId(resume_id)
        lists = await self._thin_out(id_)
        async with self._database.transaction():
            await self._gate.shut()
            await self._bury(id_, {"$unset": _REFUSES})
            return lists | await self._delete(id_)

    async def lift(self, resume_id: str) -> bool:
        """Let an erased resume be sent again; false where none was erased, or that was lifted already."""
        which = {"_id": ObjectId(resume_id), "lifted": None, "ended": None}
        return bool((await self._erasures.update_one(which, {"$set": {"lifted": True}})).matched_count)

    @again_after_conflict
    async def end(self, resume_id: str, moment: datetime) -> bool:
        """Delete a resume that has come to its end, and all that is kept of it; it may be sent again.

        One that waits to be scored has news, and stays; so does one of which there was news at the moment or
        later, be it sent again unchanged.

        Returns:
            Whether it was deleted.
        """
        id_ = ObjectId(resume_id)
        rev = await self._without_news(id_, moment)
        if rev is None:
            return False
        await self._thin_out(id_)
        async with self._database.transaction():
            await self._gate.shut()
            if await self._without_news(id_, moment) != rev:
                return False
            fields = {"ended": True, "ends_at": datetime.now(UTC) + ENDED_FOR}
            await self._bury(id_, {"$set": fields})
            await self._delete(id_)
        return True

    async def since(self, time: datetime) -> list[tuple[str, int]]:
        """The erasures at a time or later: each resume, and up to which revision it is erased."""
        found = self._erasures.find({"erased_at": {"$gte": time}}, {"rev": 1})
        return [(str(one["_id"]), one["rev"]) for one in await found.to_list(None)]

    async def _without_news(self, resume: ObjectId, since: datetime) -> int | None:
        """The revision of a resume; None where it is gone, waits, or was sent since, be it unchanged."""
        found = await self._resumes.find_one({"_id": resume, "pending": None}, {"rev": 1})
        which = {"_id": resume, "news_at": {"$gte": since}}
        if found is None or await self._database.contacts.find_one(which, {"_id": 1}) is not None:
            return None
        return int(found["rev"])

    async def _bury(self, id_: ObjectId, change: dict[str, Any]) -> None:
        """Write the tombstone of a resume, if that is there; else change the one that it has."""
        resume = await self._resumes.find_one({"_id": id_}, {"rev": 1, "source": 1})
        if resume is not None:
            fields = {"source": resume["source"], "erased_at": datetime.now(UTC)}
            change = {**change, "$set": {**fields, **change.get("$set", {})}, "$max": {"rev": resume["rev"]}}
        await self._erasures.update_one({"_id": id_}, change, upsert=resume is not None)

    async def _thin_out(self, id_: ObjectId) -> Lists:
        """Take a resume out of most of very many lists."""
        lists: Lists = set()
        while len(some := await self._some_results(id_)) >= _MOST:
            lists |= await self._delete_results(some)
        return lists

    async def _some_results(self, id_: ObjectId) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._results.find({"resume": id_}, _RESULT).to_list(_MOST)
        return found

    @again_after_conflict
    async def _delete_results(self, some: Sequence[Mapping[str, Any]]) -> Lists:
        lists = {(str(one["company"]), str(one["feed"])) for one in some}
        async with self._counters.changing(lists) as change:
            companies = {one["_id"]: one["company"] for one in some}
            found = await find_by_ids(self._results, companies, _RESULT, companies=companies)
            await self._persons.lists.leave(found, change)
            for one in found:
                change.add(one, -1)
            await delete_by_ids(self._results, companies, companies=companies)
        return lists

    async def _delete(self, id_: ObjectId) -> Lists:
        """Delete a resume and all that is kept of it, in the transaction that writes its tombstone.

        The feedback models that learned from it are emptied, and learned anew without it.
        """
        lists: Lists = set()
        while some := await self._some_results(id_):
            lists |= await self._delete_results(some)
        database = self._database
        for collection in (database.contacts, database.profiles, self._resumes):
            await collection.delete_one({"_id": id_})
        await self._persons.gone(str(id_))
        await delete_by_ids(database.candidate_records, [id_], key="resume")
        await forget(database, [id_])
        shown = await database.handovers.find({"resumes": id_}, {"_id": 1}).to_list(None)
        await update_by_ids(database.handovers, [one["_id"] for one in shown], {"$pull": {"resumes": id_}})
        await self._originals.delete_of([id_])
        learned = await database.feedback.find({"resumes": id_}, {"_id": 1}).to_list(None)
        await update_by_ids(database.feedback, [model["_id"] for model in learned], FORGET)
        return lists
