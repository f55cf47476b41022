"""Resumes, and which of them wait to be scored.

A resume that waits has the field `pending`. Scoring removes it only at the revision that it scored, so an
update in between is scored again. A resume arrives in one write together with its contact; scoring moves
the contact into a collection of its own before anybody sees the resume.

A resume that comes again after it was erased is a new one. Its revisions go on from those of the erased
one, so that a process that still writes about that one is recognised as late.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import InsertOne, UpdateOne

from store.bulk import bulk
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.data_loader import DataLoader
from store.ids import resume_id
from store.mongo import Database
from store.paging import pages
from store.resume_record import Resume

_PART = 100
"""Ids in a part of all: few enough to be named in one query."""

Outcome = Literal["accepted", "updated", "duplicate"]

UNTRIED = {"begun_by": "", "failures": "", "set_aside": "", "quarantine": ""}
"""What to `$unset` of a resume so that it counts as never tried; see `quarantine`."""

_NEVER = datetime.fromtimestamp(0, UTC)

_COUNT_AGAIN_AFTER = 10
"""The number of resumes that wait is counted again after so many times as long as counting took. Counting
then takes a tenth of the embedded store's time at most, however many wait and however many ask."""


class IncomingResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as it arrives: the API document's record, the contact apart from it.

    Attributes:
        source: Who sent it; together with `source_id` it identifies the resume.
        digest: Of everything below it, by which an unchanged resume is recognised.
    """

    source: str
    source_id: str
    digest: str
    body: dict[str, Any]
    contact: dict[str, str]
    send_to: list[str] = []
    partner_for: list[str] = []

    @property
    def id(self) -> str:
        """The id that `(source, source_id)` always has."""
        return resume_id(self.source, self.source_id)


class StoredResume(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as the engine reads it.

    Attributes:
        contact: What came with it; empty once it was moved.
        claimed_by: The processes that claimed it before they tried to score it.
        is_quarantined: It must not be analysed, as that may end the process.
    """

    id: str
    rev: int
    arrived_at: datetime
    pending: bool
    send_to: list[str]
    partner_for: list[str]
    body: dict[str, Any]
    contact: dict[str, str]
    claimed_by: list[str] = []
    is_quarantined: bool = False


class ScoringState(msgspec.Struct, frozen=True):
    """How far a resume is.

    Attributes:
        pending: Whether it waits to be scored.
        scored_at: Resumes were scored last against the feeds of that time; long ago where that is unknown.
    """

    pending: bool
    scored_at: datetime


class Resumes:
    """The collection `resumes`."""

    def __init__(self, database: Database) -> None:
        self._resumes = database.resumes
        self._erasures = database.erasures
        self._last_arrival = datetime.fromtimestamp(0, UTC)
        self._counts: DataLoader[str, int] = DataLoader(self._count_pending)
        self._waiting = 0
        self._count_again_at = 0.0

    async def save(self, batch: Sequence[IncomingResume]) -> list[Outcome]:
        """Store resumes; on return every one of them is journalled.

        Args:
            batch: Resumes with distinct ids.

        Returns:
            What became of each, in order.
        """
        outcomes: dict[str, Outcome] = {}
        # A resume that was unknown when it was looked up may have been inserted by somebody else before we
        # did. It goes round again, and is then a known one.
        todo = {resume.id: resume for resume in batch}
        while todo:
            found = await find_by_ids(self._resumes, object_ids(todo), {"digest": 1})
            known = {str(document["_id"]): document["digest"] for document in found}
            changed = {id_: resume for id_, resume in todo.items() if known.get(id_) != resume.digest}
            outcomes |= dict.fromkeys(todo.keys() - changed.keys(), "duplicate")
            lost = await self._save_changed(changed, known)
            for id_ in changed.keys() - lost:
                outcomes[id_] = "updated" if id_ in known else "accepted"
            todo = {id_: changed[id_] for id_ in lost}
        return [outcomes[resume.id] for resume in batch]

    async def _save_changed(self, changed: dict[str, IncomingResume], known: dict[str, str]) -> set[str]:
        """Write new and changed resumes; returns the ids of new ones that somebody else inserted first."""
        now = datetime.now(UTC)
        erased = await self._erased_revs([id_ for id_ in changed if id_ not in known])
        writes: list[InsertOne[dict[str, Any]] | UpdateOne] = []
        for id_, resume in changed.items():
            fields: dict[str, Any] = {
                "digest": resume.digest,
                "body": resume.body,
                "contact": resume.contact,
                "send_to": object_ids(resume.send_to),
                "partner_for": object_ids(resume.partner_for),
            }
            if id_ in known:
                writes.append(UpdateOne({"_id": ObjectId(id_)}, waiting_again(now, **fields)))
            else:
                document = {
                    "_id": ObjectId(id_),
                    **fields,
                    "pending": True,
                    "queued_at": now,
                    "rev": erased.get(id_, 0) + 1,
                    "arrived_at": self._next_arrival(now),
                    "source": resume.source,
                    "source_id": resume.source_id,
                }
                writes.append(InsertOne(document))
        order = list(changed)
        return {order[position] for position in await bulk(self._resumes, writes)}

    async def _erased_revs(self, ids: Sequence[str]) -> dict[str, int]:
        """The last revision of those of these resumes that were erased before."""
        tombstones = await find_by_ids(self._erasures, object_ids(ids), {"rev": 1})
        return {str(tombstone["_id"]): tombstone["rev"] for tombstone in tombstones}

    def _next_arrival(self, now: datetime) -> datetime:
        """A time later than that of every resume before it in this process.

        Lists order equal scores by it, and MongoDB keeps milliseconds.
        """
        self._last_arrival = max(now, self._last_arrival + timedelta(milliseconds=1))
        return self._last_arrival

    async def load(self, ids: Sequence[str]) -> list[StoredResume]:
        """Read resumes by id for the engine, in the order of `ids`; unknown ids are left out."""
        documents = await find_by_ids(self._resumes, object_ids(ids))
        found = {str(document["_id"]): _stored(document) for document in documents}
        return [found[id_] for id_ in ids if id_ in found]

    async def bodies(self, ids: Sequence[str]) -> dict[str, Resume]:
        """The record of each resume, by id; a field that is not stored has its default.

        Unknown ids are left out.
        """
        documents = await find_by_ids(self._resumes, object_ids(ids), {"body": 1})
        return {str(document["_id"]): msgspec.convert(document["body"], Resume) for document in documents}

    async def revisions(self, ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Each resume's revision, and whether it waits to be scored."""
        documents = await find_by_ids(self._resumes, object_ids(ids), {"rev": 1, "pending": 1})
        return {str(d["_id"]): (d["rev"], d.get("pending", False)) for d in documents}

    async def states(self, ids: Sequence[str]) -> dict[str, ScoringState]:
        """How far each resume is; unknown ids are left out."""
        fields = {"pending": 1, "scored_at": 1}
        documents = await find_by_ids(self._resumes, object_ids(ids), fields)
        return {
            str(document["_id"]): ScoringState(
                document.get("pending", False), document.get("scored_at", _NEVER)
            )
            for document in documents
        }

    async def mark_scored(self, scored: Sequence[StoredResume], at: datetime) -> None:
        """Note that resumes are scored, their contacts moved; one that was updated since goes on waiting.

        Args:
            scored: The resumes, at the revision that was scored.
            at: When the feeds were read that they were scored against.
        """
        by_rev: dict[int, list[ObjectId]] = defaultdict(list)
        for resume in scored:
            by_rev[resume.rev].append(ObjectId(resume.id))
        change = {"$set": {"scored_at": at}, "$unset": {"pending": "", "contact": "", **UNTRIED}}
        for rev, ids in by_rev.items():
            await update_by_ids(self._resumes, ids, change, where={"rev": rev})

    async def requeue(self, ids: Sequence[str]) -> None:
        """Have resumes scored again, as a new revision of each."""
        await update_by_ids(self._resumes, object_ids(ids), waiting_again(datetime.now(UTC)))

    async def pending(self, limit: int, queued_before: datetime | None = None) -> list[str]:
        """Ids of resumes that wait to be scored, those that wait longest first."""
        which: dict[str, Any] = {"pending": True}
        if queued_before is not None:
            which["queued_at"] = {"$lte": queued_before}
        documents = (
            await self._resumes.find(which, {"_id": 1}).sort("queued_at", 1).limit(limit).to_list(None)
        )
        return [str(document["_id"]) for document in documents]

    async def count_pending(self) -> int:
        """How many resumes wait to be scored; that none wait is never an old answer.

        Counting many takes the embedded store long. So one count serves all who ask meanwhile, it goes on
        when they give up, and its answer is given again for a while.
        """
        if self._waiting and time.monotonic() < self._count_again_at:
            return self._waiting
        return (await self._counts.get(["pending"]))["pending"]

    async def _count_pending(self, names: Sequence[str]) -> dict[str, int]:
        began = time.monotonic()
        self._waiting = int(await self._resumes.count_documents({"pending": True}))
        now = time.monotonic()
        self._count_again_at = now + _COUNT_AGAIN_AFTER * (now - began)
        return dict.fromkeys(names, self._waiting)

    async def ids_in_parts(self) -> AsyncIterator[list[str]]:
        """Every resume's id, a small part at a time."""
        async for documents in pages(self._resumes.find({}, {"_id": 1}), _PART):
            yield [str(document["_id"]) for document in documents]

    async def count(self) -> int:
        """How many resumes are stored."""
        return int(await self._resumes.estimated_document_count())


def waiting_again(now: datetime, **fields: Any) -> dict[str, Any]:
    """The change that makes a stored resume wait to be scored, as if it had not been tried before.

    Its revision grows, so that a process that scores the one before finds its work outdated.

    Args:
        now: Since when it waits.
        fields: What else changes.
    """
    return {
        "$set": {**fields, "pending": True, "queued_at": now},
        "$unset": UNTRIED,
        "$inc": {"rev": 1},
    }


def _stored(document: dict[str, Any]) -> StoredResume:
    return StoredResume(
        id=str(document["_id"]),
        rev=document["rev"],
        arrived_at=document["arrived_at"],
        pending=document.get("pending", False),
        send_to=[str(feed) for feed in document["send_to"]],
        partner_for=[str(feed) for feed in document["partner_for"]],
        body=document["body"],
        contact=document.get("contact", {}),
        claimed_by=document.get("begun_by", []),
        is_quarantined=document.get("set_aside", False),
    )
