"""Erasures: a person is taken out of every collection, for good, whatever happens meanwhile.

An erasure begins with a tombstone: the resume's id, which is a hash, and the revision up to which
everything goes. From then on any process can finish it.

A process that loaded the resume before may still write about it afterwards. The order of deletions
makes that safe: first everything else, then the resume, then everything else once more. A writer looks
for the resume after its writes. If it is still there, the last deletions come later and remove what was
written; if it is gone, the writer calls `clear`. A writer that is killed before it looks leaves something
behind: for that, every process calls `finish_recent` again and again for some minutes.

The audit stays. It names a person by id alone, and says who read their contact.

The tombstone stays too: the same `(source, source_id)` is refused when it is sent again, until an operator
lifts that. One of a resume that came to its end (`retention`) is marked `ended`, refuses nobody, and ends
itself (`expiry`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import DeleteOne

from store.audit.audit import Audit
from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids, object_ids, update_by_ids
from store.errors import NotFound
from store.feeds.feedback import FORGET
from store.files.originals import Originals
from store.ids import is_id
from store.mongo import Database
from store.persons.lookalikes import forget
from store.persons.persons import Persons
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

LATE = timedelta(minutes=10)
"""How long after an erasure a process may still write about the person and be killed before it looks. From
reading resumes to writing about them takes seconds; only a process that stands still for longer than this
could leave something for good."""

ENDED_FOR = timedelta(days=30)
"""How long it is known that a resume came to its end. A server that starts with an older snapshot of its
index could not tell that the resume is gone; so it starts without one, see `engine.indexes.snapshots`."""

KEPT = (("contacts", "_id", "rev"), ("profiles", "_id", "rev"), ("results", "resume", "resume_rev"))
"""What is kept of a resume: the collection, its field with the resume's id, its field with the revision."""

_REFUSES = {"lifted": "", "ended": "", "ends_at": ""}
"""What to `$unset` of a tombstone so that its resume is refused when it comes again."""

Lists = set[tuple[str, str]]
"""(user, feed) of each list that lost a result. Whoever watches them is told by `result_counters`."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure has to erase: the resume that arrived then, and what is kept of it up to `rev`.

    A resume of the same id that arrived at another time came after the erasure, and stays. One that comes to
    its end stays too where there was news of it at `no_news_since` or later.
    """

    resume: ObjectId
    rev: int
    arrived_at: datetime
    erased_at: datetime
    ended: bool
    no_news_since: datetime | None


class Erasures:
    """The collection `erasures`, and the deletions in all others."""

    def __init__(self, database: Database, counters: ResultCounters, audit: Audit) -> None:
        self._audit = audit
        self._database = database
        self._counters = counters
        self._persons = Persons(database, counters)
        self._resumes = database.resumes
        self._erasures = database.erasures
        self._originals = Originals(database)

    async def erase(self, resume_id: str, request_id: str = "", *, source: str | None = None) -> Lists:
        """Erase a person; on return nothing of them is left, late writers apart.

        Erasing again is harmless. An update that comes in at the same moment is erased too. An erasure that
        is interrupted is finished by some process within seconds. The numbers of the lists are stored too.

        Args:
            resume_id: Whose resume.
            request_id: The request that asks for it, for the audit; "" outside of one.
            source: The only source whose resumes may be erased; None for all.

        Returns:
            The lists that lost a result.

        Raises:
            NotFound: There is no such resume of the source, and none was erased.
        """
        if not is_id(resume_id):
            raise NotFound(f"no resume {resume_id}")
        id_ = ObjectId(resume_id)
        of_source = {} if source is None else {"source": source}
        resume = await self._resumes.find_one(
            {"_id": id_, **of_source}, {"rev": 1, "arrived_at": 1, "source": 1}
        )
        if resume is not None:
            fields = {
                "arrived_at": resume["arrived_at"],
                "source": resume["source"],
                "erased_at": datetime.now(UTC),
                "done": False,
            }
            await self._erasures.update_one(
                {"_id": id_},
                {"$set": fields, "$max": {"rev": resume["rev"]}, "$unset": _REFUSES},
                upsert=True,
            )
        else:
            await self._erasures.update_one({"_id": id_, **of_source}, {"$unset": _REFUSES})
        tombstones = await self._tombstones({"_id": id_, **of_source})
        if not tombstones:
            raise NotFound(f"no resume {resume_id}")
        # Behind the tombstone, as who asks about nobody leaves no row; before anything is deleted.
        await self._audit.record(None, "erase", [resume_id], request_id)
        return await self._finish(tombstones[0])

    async def lift(self, resume_id: str) -> bool:
        """Let an erased resume be sent again; false where none was erased, or that was lifted already."""
        which = {"_id": ObjectId(resume_id), "lifted": None, "ended": None}
        return bool((await self._erasures.update_one(which, {"$set": {"lifted": True}})).matched_count)

    async def end(self, resume_id: str, moment: datetime) -> bool:
        """Delete a resume that has come to its end, and all that is kept of it; it may be sent again.

        One that waits to be scored has news, and stays; so does one that gets news meanwhile, and be it sent
        again unchanged. The numbers of its lists are settled with others. An end that is interrupted is
        finished as an erasure is.

        Args:
            resume_id: Which resume.
            moment: It ends where there was no news of it at this time or later.

        Returns:
            Whether it was deleted.
        """
        id_ = ObjectId(resume_id)
        resume = await self._resumes.find_one(
            {"_id": id_, "pending": None}, {"rev": 1, "arrived_at": 1, "source": 1}
        )
        if resume is None or await self._has_news(id_, moment):
            return False
        fields = {
            "arrived_at": resume["arrived_at"],
            "source": resume["source"],
            "erased_at": datetime.now(UTC),
            "done": False,
            "ended": True,
            "swept": False,
            "no_news_since": moment,
        }
        await self._erasures.update_one(
            {"_id": id_},
            {"$set": fields, "$max": {"rev": resume["rev"]}, "$unset": {"ends_at": ""}},
            upsert=True,
        )
        (tombstone,) = await self._tombstones({"_id": id_})
        return await self._end(tombstone)

    async def sweep_ended(self) -> None:
        """Delete what was written late about resumes that came to their end a while ago; once is enough."""
        found = await self._tombstones({"swept": False})
        late = [one for one in found if one.erased_at < datetime.now(UTC) - LATE]
        await self._sweep({one.resume: one.rev for one in late})
        ids, ends_at = [one.resume for one in late], datetime.now(UTC) + ENDED_FOR
        # One that was erased since stays for good.
        await update_by_ids(self._erasures, ids, {"$set": {"ends_at": ends_at}}, where={"ended": True})
        await update_by_ids(self._erasures, ids, {"$unset": {"swept": ""}})

    async def count_recent(self) -> int:
        """How many erasures and ends other processes still have to look at."""
        return int(await self._erasures.count_documents({"erased_at": {"$gt": datetime.now(UTC) - LATE}}))

    async def clear(self, resume_ids: Sequence[str]) -> None:
        """Erase what was just written about resumes that were erased meanwhile; of others everything stays.

        Args:
            resume_ids: Resumes that are gone, or have another revision than the one written about.
        """
        found = await find_by_ids(self._erasures, object_ids(resume_ids))
        await self._sweep({document["_id"]: document["rev"] for document in found})

    async def finish_recent(self) -> None:
        """Finish interrupted erasures, and erase what was written after those of the last minutes."""
        for tombstone in await self._tombstones({"done": False}):
            await (self._end if tombstone.ended else self._finish)(tombstone)
        recent = await self._tombstones({"erased_at": {"$gt": datetime.now(UTC) - LATE}})
        # Those that came to their end may be many. They are looked at once, by `sweep_ended`.
        await self._sweep({tombstone.resume: tombstone.rev for tombstone in recent if not tombstone.ended})

    async def since(self, time: datetime) -> list[tuple[str, int]]:
        """The erasures begun at a time or later: each resume, and up to which revision it is erased."""
        found = self._erasures.find({"erased_at": {"$gte": time}}, {"rev": 1})
        return [(str(one["_id"]), one["rev"]) for one in await found.to_list(None)]

    async def _finish(self, tombstone: Tombstone) -> Lists:
        """Do an erasure, or what is left of it, in the order that the module describes."""
        id_, revs = tombstone.resume, {tombstone.resume: tombstone.rev}
        this = {"_id": id_, "arrived_at": tombstone.arrived_at}
        lists = await self._delete_kept(revs)
        # An update that comes in meanwhile gives the resume a new revision, up to which everything goes then.
        while (resume := await self._resumes.find_one(this, {"rev": 1})) is not None:
            if resume["rev"] > revs[id_]:
                revs[id_] = resume["rev"]
                await self._erasures.update_one({"_id": id_}, {"$max": {"rev": resume["rev"]}})
            await self._delete("resumes", "_id", "rev", revs)
        lists |= await self._delete_kept(revs)
        await self._erasures.update_one({"_id": id_, "rev": revs[id_]}, {"$set": {"done": True}})
        return lists

    async def _end(self, tombstone: Tombstone) -> bool:
        """Do an end, or what is left of it. The resume goes first, unless it has news."""
        id_, rev = tombstone.resume, tombstone.rev
        this = {"_id": id_, "arrived_at": tombstone.arrived_at}
        ending = {"_id": id_, "rev": rev, "ended": True}
        since = tombstone.no_news_since
        if since is None or not await self._has_news(id_, since):
            await self._resumes.delete_one({**this, "rev": {"$lte": rev}, "pending": None})
        if await self._resumes.find_one(this, {"_id": 1}) is not None:
            await self._erasures.delete_one({**ending, "done": False})
            return False
        await self._delete_kept({id_: rev})
        await self._erasures.update_one(ending, {"$set": {"done": True}})
        return True

    async def _has_news(self, resume: ObjectId, since: datetime) -> bool:
        """Whether a resume was sent at a time or later, be it unchanged."""
        which = {"_id": resume, "news_at": {"$gte": since}}
        return await self._database.contacts.find_one(which, {"_id": 1}) is not None

    async def _sweep(self, revs: Mapping[ObjectId, int]) -> None:
        """Delete what was written late: resumes, and all that is kept of them, up to a revision of each."""
        if revs:
            await self._delete("resumes", "_id", "rev", revs)
            await self._delete_kept(revs)

    async def _delete_kept(self, revs: Mapping[ObjectId, int]) -> Lists:
        """Delete what is kept of resumes up to a revision of each; records and originals of those now gone.

        The feedback models that learned from the latter are emptied, and learned anew without them.
        """
        lists: Lists = set()
        for name, key, rev in KEPT:
            if name == "results":
                lists |= await self._delete_results(key, rev, revs)
            else:
                await self._delete(name, key, rev, revs)
        resumes = await find_by_ids(self._resumes, revs, {"rev": 1})
        # Candidate records and originals have no revision. They stay where the person has come again since.
        anew = {resume["_id"] for resume in resumes if resume["rev"] > revs[resume["_id"]]}
        gone = [id_ for id_ in revs if id_ not in anew]
        await self._persons.gone([str(id_) for id_ in revs])
        await delete_by_ids(self._database.candidate_records, gone, key="resume")
        await forget(self._database, gone)
        await self._originals.delete_of(gone)
        await self._forget_learned(gone)
        return lists

    async def _forget_learned(self, gone: Sequence[ObjectId]) -> None:
        """Empty the models that were learned from resumes."""
        learned = await find_by_ids(self._database.feedback, gone, {"_id": 1}, key="resumes")
        await update_by_ids(self._database.feedback, [model["_id"] for model in learned], FORGET)

    async def _delete(self, collection: str, key: str, rev: str, revs: Mapping[ObjectId, int]) -> None:
        """Delete documents of resumes up to a revision of each."""
        for chunk in chunks(await self._up_to(collection, key, rev, revs, {})):
            writes = [DeleteOne({"_id": one["_id"], rev: {"$lte": revs[one[key]]}}) for one in chunk]
            await bulk(self._database[collection], writes)

    async def _delete_results(self, key: str, rev: str, revs: Mapping[ObjectId, int]) -> Lists:
        """The same of results, of which the counters have to know; returns the lists that had them."""
        lists: Lists = set()
        fields = dict.fromkeys(("user", "feed", "read", "deleted", "possible", "under", "others"), 1)
        while documents := await self._up_to("results", key, rev, revs, fields):
            for chunk in chunks(documents):
                lists |= await self._delete_some([one["_id"] for one in chunk], fields)
        return lists

    @again_after_conflict
    async def _delete_some(self, ids: Sequence[ObjectId], fields: Mapping[str, int]) -> Lists:
        found = await find_by_ids(self._database.results, ids, fields)
        lists = {(str(one["user"]), str(one["feed"])) for one in found}
        async with self._counters.changing(lists) as change:
            found = await find_by_ids(self._database.results, ids, fields)
            await self._persons.lists.leave(found, change)
            await delete_by_ids(self._database.results, [one["_id"] for one in found])
            for one in found:
                change.add(one, -1)
        return lists

    async def _up_to(
        self,
        collection: str,
        key: str,
        rev: str,
        revs: Mapping[ObjectId, int],
        fields: Mapping[str, int],
    ) -> list[dict[str, Any]]:
        """The documents of resumes up to a revision of each."""
        found = await find_by_ids(self._database[collection], revs, {**fields, key: 1, rev: 1}, key=key)
        return [document for document in found if document[rev] <= revs[document[key]]]

    async def _tombstones(self, which: Mapping[str, Any]) -> list[Tombstone]:
        return [_tombstone(document) for document in await self._erasures.find(which).to_list(None)]


def _tombstone(document: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        resume=document["_id"],
        rev=document["rev"],
        arrived_at=document["arrived_at"],
        erased_at=document["erased_at"],
        ended=document.get("ended", False),
        no_news_since=document.get("no_news_since"),
    )
