"""Masks resumes that are stored unmasked, and all of them again where more is masked than there was before.

They are of the release before, or taken in by it meanwhile.
A resume says with `masked` which content was masked: the digest of what was sent. So one is recognised that
was changed since by a process of the release before. To write this of every stored resume takes the embedded
store a millisecond each: those that were stored before all were looked at count as masked without it.

The order of writes keeps it safe. First the originals are put beside the contact. Then the resume waits to be
scored anew, and what was made of the unmasked texts is cleaned. Last the masked texts replace them. A process
that dies in between leaves the resume unmasked and waiting, and all of it is done again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from runtime.slices import Slices
from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids
from store.mongo import Database
from store.paging import pages
from store.results.result_documents import SHOWN_FIELDS, as_shown_now, key_of
from store.resumes.masked_texts import Originals, cleaner, masked_body, with_texts
from store.resumes.scoring_queue import waiting_again
from store.shards.parts import in_parts

_FIELDS = {"body": 1, "contact": 1, "rev": 1, "digest": 1, "masked": 1}
NEEDED = {"digest": 1, "masked": 1, "queued_at": 1}
"""The fields that `is_masked` looks at."""

_KEY = {"_id": "masking"}
_CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clocks of two machines may differ."""

_TRIES = 3
"""How often a part is masked again, as some of it may change at that moment."""

_PART = 50
"""Resumes that are masked at a time: long ones have 1 MiB each."""


class _Found(msgspec.Struct, frozen=True):
    """A resume whose texts change.

    Attributes:
        document: As it is stored.
        body: Its record, masked.
        contact_rev: The revision of its contact in `contacts`; 0 for none.
        kept: The originals that are there already.
    """

    document: dict[str, Any]
    body: dict[str, Any]
    originals: Originals
    contact_rev: int
    kept: Originals


def is_masked(document: Mapping[str, Any], looked_at: datetime) -> bool:
    """Whether the texts of a stored resume are masked as they are.

    Args:
        document: The resume, with at least `NEEDED`.
        looked_at: As `masked_before` gives it.
    """
    if "masked" in document:
        return bool(document["masked"] == document.get("digest", ""))
    return "queued_at" in document and document["queued_at"] < looked_at


async def masked_before(database: Database) -> datetime:
    """All resumes that were stored before this time, and not changed since, are masked; 1970 for none."""
    document = await database.meta.find_one(_KEY)
    return document["before"] if document else datetime.fromtimestamp(0, UTC)


async def mask_all(database: Database) -> None:
    """Mask all stored resumes, before anybody is served. Where it is interrupted it has to be begun again.

    Resumes are found by what has an index, as the embedded store cannot read all of them in time: those with
    a profile, those that wait, and those in quarantine. There are no others.
    """
    now = datetime.now(UTC)
    async for ids in _all_ids(database):
        await mask_stored(database, ids, marks=False)
    await database.meta.update_one(_KEY, {"$set": {"before": now - _CLOCKS_DIFFER}}, upsert=True)


async def mask_again(database: Database) -> None:
    """Mask all stored resumes by the rules of now, before anybody is served.

    Each is masked from its originals, and scored anew where that changes it. Where it is interrupted it has
    to be begun again.
    """
    before = await masked_before(database)
    async for ids in _all_ids(database):
        for _ in range(_TRIES):
            found = await find_by_ids(database.resumes, ids, _FIELDS | NEEDED)
            documents = [document for document in found if is_masked(document, before)]
            if not await _mask(database, documents, marks=False, again=True):
                break


async def _all_ids(database: Database) -> AsyncIterator[list[ObjectId]]:
    """The ids of all resumes, a part at a time; some come twice."""
    async for profiles in in_parts(database.profiles, {}, _PART, {"_id": 1}):
        yield [profile["_id"] for profile in profiles]
    for which in ({"pending": True}, {"set_aside": True}):
        async for page in pages(database.resumes.find(which, {"_id": 1}), _PART):
            yield [resume["_id"] for resume in page]


async def mask_stored(database: Database, ids: Iterable[ObjectId], *, marks: bool = True) -> None:
    """Mask those of some resumes that are not; masking them again changes nothing.

    One that changes at this moment may be left unmasked.

    Args:
        database: Where they are.
        ids: The resumes.
        marks: Note it also of those that have nothing to mask.

    Raises:
        One of STORE_FAILURES: The store does not answer. A part of them may be masked.
    """
    never = datetime.fromtimestamp(0, UTC)
    for part in _parts(list(ids)):
        documents = [
            document
            for document in await find_by_ids(database.resumes, part, _FIELDS)
            if not is_masked(document, never)
        ]
        if documents:
            await _mask(database, documents, marks=marks)


def _parts(ids: Sequence[ObjectId]) -> Iterable[Sequence[ObjectId]]:
    for start in range(0, len(ids), _PART):
        yield ids[start : start + _PART]


async def _mask(
    database: Database, documents: Sequence[dict[str, Any]], *, marks: bool, again: bool = False
) -> int:
    """Mask some resumes that are not masked, or `again` some that are; returns how many were to change."""
    contacts = {
        one["_id"]: one for one in await find_by_ids(database.contacts, [one["_id"] for one in documents])
    }
    slices = Slices()
    changed: list[_Found] = []
    writes, waits = [], []
    for document in documents:
        moved = contacts.get(document["_id"])
        if moved and moved["rev"] > document["rev"]:
            continue  # the resume has changed since it was read, and is for the next time
        # The one that came with the resume is the newer, as for `Contacts`.
        stored, contact = document.get("body", {}), document.get("contact") or moved or {}
        kept: Originals = (contact.get("texts") or {}) if again else {}
        body, originals = masked_body(with_texts(stored, kept), contact)
        if body != stored:
            changed.append(_Found(document, body, originals, moved["rev"] if moved else 0, kept))
        elif marks:
            writes.append(UpdateOne(_unchanged(document), {"$set": _mark(document)}))
        await slices.rest()
    now = datetime.now(UTC)
    await _keep_originals(database, changed)
    # What is masked already stays so marked: else its masked texts would be taken for the originals.
    for one in changed:
        fields: dict[str, Any] = _mark(one.document) if again else {}
        waits.append(UpdateOne(_unchanged(one.document), waiting_again(now, **fields)))
    await bulk(database.resumes, waits)
    await _clean(database, changed)
    for one in changed:
        fields = {"body": one.body, **_mark(one.document)}
        which = _unchanged(one.document)
        if one.document.get("contact"):
            # Their contact is still in the same document. Where it was moved meanwhile, nothing is written.
            fields["contact.texts"] = one.originals
            which["contact"] = {"$exists": True}
        writes.append(UpdateOne(which, waiting_again(now, **fields)))
    await bulk(database.resumes, writes)
    return len(changed)


def _unchanged(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"_id": document["_id"], "digest": document.get("digest")}


def _mark(document: Mapping[str, Any]) -> dict[str, Any]:
    return {"masked": document.get("digest", "")}


async def _keep_originals(database: Database, changed: Sequence[_Found]) -> None:
    """Put the originals beside the contacts that were moved. A resume without a contact gets a secret one."""
    writes = []
    for one in changed:
        id_ = one.document["_id"]
        if one.document.get("contact"):
            continue
        if one.contact_rev:
            # Also of a text that is masked no more: until its resume has it, it is nowhere else.
            texts = {**one.kept, **one.originals}
            writes.append(UpdateOne({"_id": id_, "rev": one.contact_rev}, {"$set": {"texts": texts}}))
        else:
            nothing = dict.fromkeys(("name", "phone", "email", "qq"), "")
            contact = {"rev": one.document["rev"], **nothing, "status": "secret", "texts": one.originals}
            writes.append(UpdateOne({"_id": id_}, {"$setOnInsert": contact}, upsert=True))
    await bulk(database.contacts, writes)


async def _clean(database: Database, changed: Sequence[_Found]) -> None:
    """Take what is masked out of what was made of the texts before: profiles go, results show less.

    Both are made anew when the resumes are scored. Until then nobody must find a contact in them.
    """
    by_id = {one.document["_id"]: cleaner(one.originals, one.body) for one in changed}
    await delete_by_ids(database.profiles, by_id)
    fields = dict.fromkeys((*SHOWN_FIELDS, "user", "feed", "resume", "address"), 1)
    results = await find_by_ids(database.results, by_id, fields, key="resume")
    slices = Slices()
    for part in chunks(results):
        writes = []
        for result in part:
            if change := as_shown_now(result, by_id[result["resume"]]):
                writes.append(UpdateOne(key_of(result), {"$set": change}))
            await slices.rest()
        await bulk(database.results, writes)
