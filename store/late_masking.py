"""Masks resumes that are stored unmasked: of the release before, or taken in by it meanwhile.

A resume says with `masked` which content was masked: the digest of what was sent. So one that a process of
the release before has changed since is recognised.

The order of writes keeps it safe. First the originals are put beside the contact. Then the resume waits to be
scored anew, and what was made of the unmasked texts is cleaned. Last the masked texts replace them. A process
that dies in between leaves the resume unmasked and waiting, and all of it is done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from runtime.slices import Slices
from store.bulk import bulk
from store.by_ids import chunks, delete_by_ids, find_by_ids
from store.masked_texts import Originals, cleaner, masked_body
from store.mongo import Database
from store.result_documents import SHOWN_FIELDS, as_shown_now
from store.scoring_queue import waiting_again

_FIELDS = {"body": 1, "contact": 1, "rev": 1, "digest": 1, "masked": 1}
NEEDED = {"digest": 1, "masked": 1}
"""The fields that `is_masked` looks at."""

_PART = 20
"""Resumes that are masked at a time: long ones have 1 MiB each."""


class _Found(msgspec.Struct, frozen=True):
    """A resume whose texts change.

    Attributes:
        document: As it is stored.
        body: Its record, masked.
        contact_rev: The revision of its contact in `contacts`; 0 for none.
    """

    document: dict[str, Any]
    body: dict[str, Any]
    originals: Originals
    contact_rev: int


def is_masked(document: Mapping[str, Any]) -> bool:
    """Whether the texts of a stored resume are masked as they are."""
    return "masked" in document and document["masked"] == document.get("digest", "")


async def mask_stored(database: Database, ids: Iterable[ObjectId]) -> None:
    """Mask those of some resumes that are not; masking them again changes nothing.

    One that changes at this moment may be left unmasked.

    Raises:
        One of STORE_FAILURES: The store does not answer. A part of them may be masked.
    """
    for part in _parts(list(ids)):
        documents = [
            document
            for document in await find_by_ids(database.resumes, part, _FIELDS)
            if not is_masked(document)
        ]
        if documents:
            await _mask(database, documents)


def _parts(ids: Sequence[ObjectId]) -> Iterable[Sequence[ObjectId]]:
    for start in range(0, len(ids), _PART):
        yield ids[start : start + _PART]


async def _mask(database: Database, documents: Sequence[dict[str, Any]]) -> None:
    contacts = {
        one["_id"]: one for one in await find_by_ids(database.contacts, [one["_id"] for one in documents])
    }
    slices = Slices()
    changed: list[_Found] = []
    writes = []
    for document in documents:
        moved = contacts.get(document["_id"])
        if moved and moved["rev"] > document["rev"]:
            continue  # the resume has changed since it was read, and is for the next time
        # The one that came with the resume is the newer, as for `Contacts`.
        body, originals = masked_body(document["body"], document.get("contact") or moved or {})
        if originals:
            changed.append(_Found(document, body, originals, moved["rev"] if moved else 0))
        else:
            writes.append(UpdateOne(_unchanged(document), {"$set": _mark(document)}))
        await slices.rest()
    now = datetime.now(UTC)
    await _keep_originals(database, changed)
    await bulk(database.resumes, [UpdateOne(_unchanged(one.document), waiting_again(now)) for one in changed])
    await _clean(database, changed)
    for one in changed:
        fields: dict[str, Any] = {"body": one.body, **_mark(one.document)}
        which = _unchanged(one.document)
        if one.document.get("contact"):
            # Their contact is still in the same document. Where it was moved meanwhile, nothing is written.
            fields["contact.texts"] = one.originals
            which["contact.status"] = {"$exists": True}
        writes.append(UpdateOne(which, waiting_again(now, **fields)))
    await bulk(database.resumes, writes)


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
            writes.append(UpdateOne({"_id": id_, "rev": one.contact_rev}, {"$set": {"texts": one.originals}}))
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
    fields = dict.fromkeys((*SHOWN_FIELDS, "resume", "address"), 1)
    results = await find_by_ids(database.results, by_id, fields, key="resume")
    slices = Slices()
    for part in chunks(results):
        writes = []
        for result in part:
            if change := as_shown_now(result, by_id[result["resume"]]):
                writes.append(UpdateOne({"_id": result["_id"]}, {"$set": change}))
            await slices.rest()
        await bulk(database.results, writes)
