"""The quarantine: resumes that cannot be scored, and what was tried with them before.

All of it stands in the resume's own document, and goes when the resume is scored or comes again changed. A
claim is the name of a process that is about to score a resume which may end it; one whose process has ended
counts as a crashed attempt. In MongoDB claims are `begun_by`, and a quarantined resume is `set_aside`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson import ObjectId

from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.documents import read_as
from store.mongo import Database
from store.resumes.resume_values import StoredResume
from store.resumes.scoring_queue import waiting_again

_SHOWN = dict.fromkeys(("quarantine", "failures", "begun_by", "source", "source_id"), 1)


class QuarantinedResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume that is no longer scored.

    Attributes:
        reason: The kind of the error and where it happened; nothing of the resume's text.
        at: Since when it is quarantined.
        crashed_attempts: How many processes ended over it.
        source, source_id: Who sent it, and as what.
    """

    resume: str
    reason: str
    at: datetime
    failures: int = 0
    crashed_attempts: int
    source: str
    source_id: str


class Quarantine:
    """The fields of the collection `resumes` that are about failing."""

    def __init__(self, database: Database) -> None:
        self._resumes = database.resumes

    async def claim(self, ids: Sequence[str], process: str, *, fewer_than: int) -> set[str]:
        """Note that a process is about to score resumes; it may not live to tell what came of it.

        One that has not been claimed by `fewer_than` so many is not claimed once more.

        Returns:
            The ids of those that the process has claimed, now or before.
        """
        is_free = {"pending": True, f"begun_by.{fewer_than - 1}": {"$exists": False}}
        change = {"$addToSet": {"begun_by": process}}
        if await update_by_ids(self._resumes, object_ids(ids), change, where=is_free) == len(ids):
            return {*ids}
        is_mine = {"pending": True, "begun_by": process}
        found = await find_by_ids(self._resumes, object_ids(ids), {"_id": 1}, where=is_mine)
        return {str(document["_id"]) for document in found}

    async def withdraw(self, ids: Sequence[str], process: str) -> None:
        """Take the process's claim on resumes back: it has neither scored them nor ended over them."""
        change = {"$pull": {"begun_by": process}}
        await update_by_ids(self._resumes, object_ids(ids), change, where={"begun_by": process})

    async def fail(self, resume: StoredResume) -> int:
        """Note a failed attempt; returns how many there were, 0 where the resume changed meanwhile."""
        waiting = {"_id": ObjectId(resume.id), "rev": resume.rev, "pending": True}
        # The resume goes to the end of the queue, so that it does not hold up what can be scored.
        await self._resumes.update_one(
            waiting, {"$inc": {"failures": 1}, "$set": {"queued_at": datetime.now(UTC)}}
        )
        document = await self._resumes.find_one(waiting, {"failures": 1})
        return int(document["failures"]) if document else 0

    async def add(self, resume: StoredResume, reason: str) -> None:
        """Quarantine a resume, unless it changed or was scored meanwhile."""
        await self._resumes.update_one(
            {"_id": ObjectId(resume.id), "rev": resume.rev, "pending": True},
            {
                "$set": {
                    "set_aside": True,
                    "quarantine": {"reason": reason[:500], "at": datetime.now(UTC)},
                },
                "$unset": {"pending": ""},
            },
        )

    async def release(self, ids: Sequence[str] | None = None) -> list[str]:
        """Have quarantined resumes scored again, some of them or all; returns the ids of those there were."""
        which = {"set_aside": True}
        if ids is None:
            documents = await self._resumes.find(which, {"_id": 1}).to_list(None)
        else:
            documents = await find_by_ids(self._resumes, object_ids(ids), {"_id": 1}, where=which)
        found = [document["_id"] for document in documents]
        await update_by_ids(self._resumes, found, waiting_again(datetime.now(UTC)), where=which)
        return [str(id_) for id_ in found]

    async def find(self, ids: Sequence[str]) -> list[QuarantinedResume]:
        """Those of some resumes that are quarantined."""
        found = await find_by_ids(self._resumes, object_ids(ids), _SHOWN, where={"set_aside": True})
        return [_quarantined(document) for document in found]

    async def list(self, limit: int, skip: int = 0) -> list[QuarantinedResume]:
        """Some of the quarantined resumes, the latest first."""
        found = self._resumes.find({"set_aside": True}, _SHOWN)
        found = found.sort("quarantine.at", -1).skip(skip).limit(limit)
        return [_quarantined(document) for document in await found.to_list(None)]

    async def count(self) -> int:
        """How many resumes are quarantined."""
        return int(await self._resumes.count_documents({"set_aside": True}))


def _quarantined(document: Mapping[str, Any]) -> QuarantinedResume:
    return read_as(
        QuarantinedResume,
        {**document, **document["quarantine"]},
        resume=str(document["_id"]),
        crashed_attempts=len(document.get("begun_by", ())),
    )
