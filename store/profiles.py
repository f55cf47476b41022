"""Profiles: what the engine made of each resume, found by key terms for a backfill.

They stand apart from the resumes because an index over many terms makes every write to its
documents dear: a profile is written once a revision, a resume's marks change more often.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import ReplaceOne

from store.bulk import insert_or
from store.mongo import Database


class StoredProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A resume as scoring needs it, at the revision it was analysed at.

    `data` is the engine's own encoding, of the rules that `version` names.
    """

    resume: str
    rev: int
    arrived_at: datetime
    send_to: list[str]
    partner_for: list[str]
    key_terms: list[str]
    data: bytes
    version: str


class Profiles:
    """The collection `profiles`; a profile has its resume's id."""

    def __init__(self, database: Database) -> None:
        self._profiles = database.profiles

    async def save(self, profiles: Sequence[StoredProfile]) -> None:
        """Write profiles; an older one of the same resume is replaced, a newer one stays."""
        documents = [_document(profile) for profile in profiles]

        def replace(position: int) -> ReplaceOne[dict[str, Any]]:
            document = documents[position]
            return ReplaceOne({"_id": document["_id"], "rev": {"$lte": document["rev"]}}, document)

        await insert_or(self._profiles, documents, replace)

    async def load(self, resume_ids: Sequence[str]) -> list[StoredProfile]:
        """Read profiles in the order of `resume_ids`; those that have none are left out."""
        ids = [ObjectId(resume_id) for resume_id in resume_ids]
        documents = await self._profiles.find({"_id": {"$in": ids}}, {"key_terms": 0}).to_list(None)
        found = {document["_id"]: _profile(document) for document in documents}
        return [found[id_] for id_ in ids if id_ in found]

    async def candidates(self, feed_id: str, gate_terms: Sequence[str], limit: int) -> list[str]:
        """Ids of the resumes that can match a feed, newest first.

        Those delivered or recommended to the feed come in front, whatever their terms.
        """
        forced = await self._profiles.find({"forced": ObjectId(feed_id)}, {"_id": 1}).to_list(None)
        cursor = self._profiles.find({"key_terms": {"$in": list(gate_terms)}}, {"_id": 1})
        ordinary = await cursor.sort("arrived_at", -1).limit(limit).to_list(None)
        return list(dict.fromkeys(str(document["_id"]) for document in [*forced, *ordinary]))


def _document(profile: StoredProfile) -> dict[str, Any]:
    send_to, partner_for = ([ObjectId(f) for f in ids] for ids in (profile.send_to, profile.partner_for))
    document = {
        "_id": ObjectId(profile.resume),
        "rev": profile.rev,
        "arrived_at": profile.arrived_at,
        "send_to": send_to,
        "partner_for": partner_for,
        "key_terms": profile.key_terms,
        "data": profile.data,
        "version": profile.version,
    }
    return document | ({"forced": send_to + partner_for} if send_to or partner_for else {})


def _profile(document: dict[str, Any]) -> StoredProfile:
    return StoredProfile(
        resume=str(document["_id"]),
        rev=document["rev"],
        arrived_at=document["arrived_at"],
        send_to=[str(feed) for feed in document["send_to"]],
        partner_for=[str(feed) for feed in document["partner_for"]],
        key_terms=[],
        data=document["data"],
        version=document["version"],
    )
