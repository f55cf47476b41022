"""Erasures: a person is taken out of every collection, for good, whatever happens meanwhile.

An erasure begins with a tombstone: the resume's id, which is a hash, and the revision up to which
everything goes. From then on any process can finish it.

A process that loaded the resume before may still write about it afterwards. The order of deletions
makes that safe: first everything else, then the resume, then everything else once more. A writer looks
for the resume after its writes. If it is still there, the last deletions come later and remove what was
written; if it is gone, the writer calls `clear`. A writer that is killed before it looks leaves something
behind: for that, every process calls `finish_recent` again and again for some minutes.

The audit stays. It names a person by id alone, and says who read their contact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import DeleteOne

from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids, object_ids, update_by_ids
from store.errors import NotFound
from store.feedback import FORGET
from store.ids import is_id
from store.mongo import Database

LATE = timedelta(minutes=10)
"""How long after an erasure a process may still write about the person and be killed before it looks. From
reading resumes to writing about them takes seconds; only a process that stands still for longer than this
could leave something for good."""

KEPT = (("contacts", "_id", "rev"), ("profiles", "_id", "rev"), ("results", "resume", "resume_rev"))
"""What is kept of a resume: the collection, its field with the resume's id, its field with the revision."""

Lists = set[tuple[str, str]]
"""(user, feed) of each list that lost a result."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure has to erase: the resume that arrived then, and what is kept of it up to `rev`.

    A resume of the same id that arrived at another time came after the erasure, and stays.
    """

    resume: ObjectId
    rev: int
    arrived_at: datetime


class Erasures:
    """The collection `erasures`, and the deletions in all others."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._resumes = database.resumes
        self._erasures = database.erasures

    async def erase(self, resume_id: str) -> Lists:
        """Erase a person; on return nothing of them is left, late writers apart.

        Erasing again is harmless. An update that comes in at the same moment is erased too. An erasure that
        is interrupted is finished by some process within seconds.

        Returns:
            The lists that lost a result, for hints.

        Raises:
            NotFound: There is no such resume, and none was erased.
        """
        if not is_id(resume_id):
            raise NotFound(f"no resume {resume_id}")
        id_ = ObjectId(resume_id)
        resume = await self._resumes.find_one({"_id": id_}, {"rev": 1, "arrived_at": 1})
        if resume is not None:
            fields = {"arrived_at": resume["arrived_at"], "erased_at": datetime.now(UTC), "done": False}
            await self._erasures.update_one(
                {"_id": id_}, {"$set": fields, "$max": {"rev": resume["rev"]}}, upsert=True
            )
        tombstones = await self._tombstones({"_id": id_})
        if not tombstones:
            raise NotFound(f"no resume {resume_id}")
        return await self._finish(tombstones[0])

    async def clear(self, resume_ids: Sequence[str]) -> Lists:
        """Erase what was just written about resumes that were erased meanwhile; of others everything stays.

        Args:
            resume_ids: Resumes that are gone, or have another revision than the one written about.

        Returns:
            The lists that lost a result, for hints.
        """
        found = await find_by_ids(self._erasures, object_ids(resume_ids))
        return await self._sweep({document["_id"]: document["rev"] for document in found})

    async def finish_recent(self) -> Lists:
        """Finish erasures that were interrupted, and erase what was written after those of the last minutes.

        Returns:
            The lists that lost a result, for hints.
        """
        lists: Lists = set()
        for tombstone in await self._tombstones({"done": False}):
            lists |= await self._finish(tombstone)
        recent = await self._tombstones({"erased_at": {"$gt": datetime.now(UTC) - LATE}})
        return lists | await self._sweep({tombstone.resume: tombstone.rev for tombstone in recent})

    async def since(self, watermark: datetime) -> list[tuple[str, int, datetime]]:
        """The erasures begun at `watermark` or later: the resume, up to which revision, and when."""
        found = self._erasures.find({"erased_at": {"$gte": watermark}}, {"rev": 1, "erased_at": 1})
        return [(str(one["_id"]), one["rev"], one["erased_at"]) for one in await found.to_list(None)]

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

    async def _sweep(self, revs: Mapping[ObjectId, int]) -> Lists:
        """Delete what was written late: resumes, and all that is kept of them, up to a revision of each."""
        if not revs:
            return set()
        await self._delete("resumes", "_id", "rev", revs)
        return await self._delete_kept(revs)

    async def _delete_kept(self, revs: Mapping[ObjectId, int]) -> Lists:
        """Delete what is kept of resumes up to a revision of each, and candidate records of those now gone.

        The feedback models that learned from the latter are emptied, and learned anew without them.
        """
        lists: Lists = set()
        for kept in KEPT:
            for document in await self._delete(*kept, revs):
                if "feed" in document:
                    lists.add((str(document["user"]), str(document["feed"])))
        resumes = await find_by_ids(self._resumes, revs, {"rev": 1})
        # Candidate records have no revision. They stay where the person has come again since.
        anew = {resume["_id"] for resume in resumes if resume["rev"] > revs[resume["_id"]]}
        gone = [id_ for id_ in revs if id_ not in anew]
        await delete_by_ids(self._database.dossiers, gone, key="resume")
        await update_by_ids(self._database.lessons, gone, FORGET, key="resumes")
        return lists

    async def _delete(
        self, collection: str, key: str, rev: str, revs: Mapping[ObjectId, int]
    ) -> list[dict[str, Any]]:
        """Delete documents of resumes up to a revision of each; returns what identifies them."""
        fields = {key: 1, rev: 1, "user": 1, "feed": 1}
        found = await find_by_ids(self._database[collection], revs, fields, key=key)
        documents = [document for document in found if document[rev] <= revs[document[key]]]
        for chunk in chunks(documents):
            await bulk(
                self._database[collection],
                [
                    DeleteOne({"_id": document["_id"], rev: {"$lte": revs[document[key]]}})
                    for document in chunk
                ],
            )
        return documents

    async def _tombstones(self, which: Mapping[str, Any]) -> list[Tombstone]:
        return [_tombstone(document) for document in await self._erasures.find(which).to_list(None)]


def _tombstone(document: Mapping[str, Any]) -> Tombstone:
    return Tombstone(
        resume=document["_id"],
        rev=document["rev"],
        arrived_at=document["arrived_at"],
    )
