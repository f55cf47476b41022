"""Resumes: storing and reading them. Which of them wait to be scored is in `waiting_resumes`.

A resume arrives in one transaction with its contact, which has a collection of its own.

A resume that was erased is refused when it comes again, until an operator lifts that (`erasures`). Then it is
a new one. Its revisions go on from those of the erased one, so that a process that still writes about that
one is recognised as late.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import msgspec
from bson import ObjectId
from bson.raw_bson import RawBSONDocument
from pymongo import InsertOne, UpdateOne

from runtime.slices import Slices
from store.bulk import bulk
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.documents import read_as
from store.ends.suppressions import Bearer, Suppressions
from store.errors import STORE_FAILURES, Conflict
from store.files.originals import Originals
from store.gate import Gate
from store.mongo import Database
from store.paging import pages
from store.persons.lookalikes import Likeness, likeness_fields, likenesses_of
from store.resumes.resume_record import Resume
from store.resumes.resume_values import IncomingResume, Origin, Outcome, ShownResume, StoredResume
from store.resumes.scoring_queue import waiting, waiting_again
from store.resumes.waiting_resumes import WaitingResumes, stored_resume
from store.transactions import again_after_conflict

_PART = 100
"""Ids in a part of all: few enough to be named in one query."""

_ERASED_BY: dict[str, Outcome] = {"p": "phone_erased", "e": "email_erased", "s": "person_erased"}
"""By what a key begins with."""

NEWS_EVERY = timedelta(hours=1)
"""How often it is noted that an unchanged resume came again, as each note is a write. `retention` counts from
the latest note, and waits for so much longer."""

_YOUNGEST_ENDED = timedelta(days=1)
"""The least age of a resume of which a result can have come to its end; see `CandidateRecords.end`."""


class Resumes(WaitingResumes):
    """The collection `resumes`."""

    def __init__(self, database: Database, suppressions: Suppressions | None = None) -> None:
        super().__init__(database)
        self._database = database
        self._gate = Gate(database)
        # The same, undecoded: a hundred resumes may have 100 MiB, which the driver decodes without a pause.
        raw = self._resumes.codec_options.with_options(document_class=RawBSONDocument)
        self._raw = self._resumes.with_options(codec_options=raw)
        self._erasures = database.erasures
        self._contacts = database.contacts
        self._records = database.candidate_records
        self._originals = Originals(database)
        self._suppressions = suppressions or Suppressions(database)
        self._last_arrival = datetime.fromtimestamp(0, UTC)

    @again_after_conflict
    async def save(
        self, batch: Sequence[IncomingResume], tried: dict[str, str | None] | None = None
    ) -> list[Outcome]:
        """Store resumes with their contacts; on return every one of them is journalled.

        Args:
            batch: Resumes with distinct ids.
            tried: For who calls again after a failure, the same one each time, empty at first. It gets the
                digests from before a commit whose answer did not come, so that what was written all the
                same is not taken for a duplicate.

        Returns:
            What became of each, in order.
        """
        likenesses = await likenesses_of(batch)
        tried = {} if tried is None else tried
        trying: dict[str, str | None] = {}
        try:
            async with self._database.transaction():
                outcomes, trying = await self._save(batch, likenesses, tried)
        except Conflict:  # nothing is stored
            raise
        except STORE_FAILURES:
            tried |= {id_: digest for id_, digest in trying.items() if id_ not in tried}
            raise
        return [outcomes[resume.id] for resume in batch]

    async def _save(
        self,
        batch: Sequence[IncomingResume],
        likenesses: Mapping[str, Likeness],
        tried: Mapping[str, str | None],
    ) -> tuple[dict[str, Outcome], dict[str, str | None]]:
        outcomes: dict[str, Outcome] = dict(await self._suppressed(batch))
        todo = {resume.id: resume for resume in batch if resume.id not in outcomes}
        found = await find_by_ids(self._resumes, object_ids(todo), {"digest": 1, "arrived_at": 1, "rev": 1})
        known = {str(document["_id"]): document for document in found}
        before = {id_: known[id_]["digest"] if id_ in known else None for id_ in todo}
        changed = {id_: one for id_, one in todo.items() if not one.is_as_stored(before[id_])}
        same = [id_ for id_ in todo if id_ not in changed]
        outcomes |= {id_: _outcome(tried[id_]) if id_ in tried else "duplicate" for id_ in same}
        await self._note_news(same)
        await self._begin_anew(one["_id"] for one in found if str(one["_id"]) in changed and _is_old(one))
        erased = await self._erased([id_ for id_ in changed if id_ not in known])
        for id_ in [id_ for id_, tombstone in erased.items() if is_refused(tombstone)]:
            del changed[id_]
            outcomes[id_] = "erased"
        outcomes |= {id_: _outcome(tried.get(id_, before[id_])) for id_ in changed}
        revs = {id_: one["rev"] for id_, one in (erased | known).items()}
        await self._write(changed, revs, known, likenesses)
        for id_ in (*changed, *same):
            if file := todo[id_].original:
                await self._originals.replace(id_, file)
        await self._gate.enter()
        return outcomes, {id_: before[id_] for id_ in changed}

    async def foresee(self, batch: Sequence[IncomingResume]) -> list[Outcome]:
        """What `save` would make of resumes now; nothing is written."""
        outcomes: dict[str, Outcome] = dict(await self._suppressed(batch))
        todo = {resume.id: resume for resume in batch if resume.id not in outcomes}
        found = await find_by_ids(self._resumes, object_ids(todo), {"digest": 1})
        known = {str(document["_id"]): document["digest"] for document in found}
        erased = await self._erased([id_ for id_ in todo if id_ not in known])
        for id_, resume in todo.items():
            if id_ in known:
                outcomes[id_] = "duplicate" if resume.is_as_stored(known[id_]) else "updated"
            else:
                outcomes[id_] = "erased" if id_ in erased and is_refused(erased[id_]) else "accepted"
        return [outcomes[resume.id] for resume in batch]

    async def _write(
        self,
        changed: Mapping[str, IncomingResume],
        revs: Mapping[str, int],
        known: Collection[str],
        likenesses: Mapping[str, Likeness],
    ) -> None:
        """Write new and changed resumes, and their contacts.

        `revs` are the last revisions of those that are stored, or were once; `known` are stored.
        """
        now = datetime.now(UTC)
        writes: list[InsertOne[dict[str, Any]] | UpdateOne] = []
        contacts: list[InsertOne[dict[str, Any]] | UpdateOne] = []
        for id_, resume in changed.items():
            rev = revs.get(id_, 0) + 1
            contact = {
                # Originals of texts of the revision before must not stay.
                "texts": {},
                **resume.contact,
                "rev": rev,
                "reach": resume.reach,
                "keys": resume.keys,
                "news_at": now,
                **likeness_fields(likenesses[id_]),
            }
            digest = resume.update_digest if id_ in known and resume.update_digest else resume.digest
            fields: dict[str, Any] = {
                **resume.origin,
                "digest": digest,
                "body": resume.body,
                "to_confirm": resume.to_confirm,
            }
            feeds = {"send_to": object_ids(resume.send_to), "partner_for": object_ids(resume.partner_for)}
            which = {"_id": ObjectId(id_)}
            if id_ in known:
                change = waiting_again(now, **fields, **({} if resume.adds_feeds else feeds))
                if resume.adds_feeds:
                    change["$addToSet"] = {name: {"$each": ids} for name, ids in feeds.items()}
                writes.append(UpdateOne(which, change))
                # A status that was not sent is left as it is, and whether an operator set it apart.
                contacts.append(UpdateOne(which, {"$set": contact}))
            else:
                document = {
                    **which,
                    **fields,
                    **feeds,
                    **waiting(now),
                    "rev": rev,
                    "arrived_at": self._next_arrival(now),
                    "source": resume.source,
                    "source_id": resume.source_id,
                }
                writes.append(InsertOne(document))
                contacts.append(InsertOne({**which, "status": "public", **contact}))
        await bulk(self._resumes, writes)
        await bulk(self._contacts, contacts)

    async def _suppressed(self, batch: Sequence[IncomingResume]) -> dict[str, Outcome]:
        """Those whose phone or e-mail an erased person has, unless an operator lifted the resume.

        One that was erased itself is refused as itself.
        """
        found = await self._suppressions.find({one.id: Bearer(one.name, one.reach) for one in batch})
        tombstones = await self._erased(list(found))
        outcomes: dict[str, Outcome] = {}
        for id_, reach in found.items():
            tombstone = tombstones.get(id_)
            if tombstone is None or "lifted" not in tombstone:
                is_own = tombstone is not None and is_refused(tombstone)
                outcomes[id_] = "erased" if is_own else _ERASED_BY[reach[0]]
        return outcomes

    async def _note_news(self, ids: Sequence[str]) -> None:
        """Note that unchanged resumes came again: their source still has them."""
        now = datetime.now(UTC)
        which, change = {"news_at": {"$lt": now - NEWS_EVERY}}, {"$set": {"news_at": now}}
        await update_by_ids(self._contacts, object_ids(ids), change, where=which)

    async def _begin_anew(self, ids: Iterable[ObjectId]) -> None:
        """Let resumes that changed be listed again where their result has come to its end."""
        where = {"ended": {"$exists": True}}
        await update_by_ids(self._records, ids, {"$unset": {"ended": ""}}, key="resume", where=where)

    async def _erased(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The tombstones of those of these resumes that were erased before."""
        fields = {"rev": 1, "lifted": 1, "ended": 1}
        return {str(one["_id"]): one for one in await find_by_ids(self._erasures, object_ids(ids), fields)}

    def _next_arrival(self, now: datetime) -> datetime:
        """A time later than that of every resume before it in this process.

        Lists order equal scores by it, and MongoDB keeps milliseconds.
        """
        self._last_arrival = max(now, self._last_arrival + timedelta(milliseconds=1))
        return self._last_arrival

    async def load(self, ids: Sequence[str]) -> list[StoredResume]:
        """Read resumes by id for the engine, in the order of `ids`; unknown ids are left out."""
        documents = await self._read(ids)
        found = {str(document["_id"]): stored_resume(document) for document in documents}
        return [found[id_] for id_ in ids if id_ in found]

    async def bodies(self, ids: Sequence[str]) -> dict[str, Resume]:
        """The record of each resume, masked, by id; a field that is not stored has its default.

        Unknown ids are left out.
        """
        return {id_: one.body for id_, one in (await self.shown(ids)).items()}

    async def shown(self, ids: Sequence[str]) -> dict[str, ShownResume]:
        """Each resume as lists show it, by id, see `bodies`; unknown ids are left out."""
        shown = {}
        slices = Slices()
        for document in await self._read(ids, {"body": 1, "to_confirm": 1, "maybe_same": 1, "original": 1}):
            body = msgspec.convert(document["body"], Resume)
            has_original = "original" in document
            shown[str(document["_id"])] = read_as(ShownResume, document, body=body, has_original=has_original)
            await slices.rest()
        return shown

    async def origins(self, ids: Sequence[str]) -> dict[str, Origin]:
        """Where resumes came from; unknown ids are left out."""
        fields = {"source": 1, "arrived_at": 1}
        documents = await find_by_ids(self._resumes, object_ids(ids), fields)
        return {str(one["_id"]): Origin(one["source"], one["arrived_at"]) for one in documents}

    async def _read(
        self, ids: Sequence[str], projection: Mapping[str, int] | None = None
    ) -> list[dict[str, Any]]:
        documents = []
        slices = Slices()
        raws: list[Any] = await find_by_ids(self._raw, object_ids(ids), projection)
        for raw in raws:
            documents.append(bson.decode(raw.raw, self._resumes.codec_options))
            await slices.rest()
        return documents

    async def ids_in_parts(self) -> AsyncIterator[list[str]]:
        """Every resume's id, a small part at a time."""
        async for documents in pages(self._resumes.find({}, {"_id": 1}), _PART):
            yield [str(document["_id"]) for document in documents]

    async def count(self) -> int:
        """How many resumes are stored."""
        return int(await self._resumes.estimated_document_count())


def _outcome(before: str | None) -> Outcome:
    """What became of a resume that was written, by the digest that was stored before."""
    return "accepted" if before is None else "updated"


def _is_old(document: Mapping[str, Any]) -> bool:
    return bool(document["arrived_at"] < datetime.now(UTC) - _YOUNGEST_ENDED)


def is_refused(tombstone: Mapping[str, Any]) -> bool:
    """Whether an erased resume is refused when it comes again.

    It is, unless an operator has lifted that, or it had come to its end by itself (`retention`).
    """
    return not (tombstone.get("lifted") or tombstone.get("ended"))
