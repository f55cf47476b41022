"""Keeps a person once among an account's favourites, by whichever of their resumes they became one.

The record that was the first stays in the list. The others keep since when and in which feed they were
favourites, and have `watch_under` instead of `watched`: so the list's index and its count have a person
once, and a part gives each back its own. What has to be is a function of the records and of who is one
person; it is made so whenever either changes, on condition that a record is as it was read.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk_matched
from store.by_ids import find_by_ids, object_ids
from store.ids import candidate_record_id
from store.mongo import Database
from store.person_entries import PersonEntries

_FIELDS = {"user": 1, "resume": 1, "watched": 1, "watched_at": 1, "watch_feed": 1, "watch_under": 1}

_AGAIN_S = 0.01
"""How long to wait before what others change at the same time is looked at once more: half to twice as long,
so that two who met do not meet again."""


class PersonFavourites:
    """The collection `dossiers`, as far as favourites of one person have to do with each other."""

    def __init__(self, database: Database, entries: PersonEntries) -> None:
        self._records = database.dossiers
        self._entries = entries

    async def settle(self, resume_ids: Collection[str], user_id: str | None = None) -> None:
        """Settle the favourites of all accounts that have some resumes among them, or of one account."""
        while changes := await self._unsettled(resume_ids, user_id):
            if await bulk_matched(self._records, changes) < len(changes):
                await asyncio.sleep(_AGAIN_S * random.uniform(0.5, 2))

    async def _unsettled(self, resume_ids: Collection[str], user_id: str | None) -> list[UpdateOne]:
        where = {"watched_at": {"$exists": True}} | ({"user": ObjectId(user_id)} if user_id else {})
        rows = await find_by_ids(
            self._records, object_ids(resume_ids), {"user": 1, "resume": 1}, key="resume", where=where
        )
        asked: dict[str, set[str]] = {}
        for row in rows:
            asked.setdefault(str(row["user"]), set()).add(str(row["resume"]))
        persons = {
            frozenset({(user, resume), *((user, other) for other in others)})
            for user, seen in (await self._entries.seen_by(asked)).items()
            for resume, others in seen.items()
        }
        ids = object_ids({candidate_record_id(*one) for person in persons for one in person})
        found = {row["_id"]: row for row in await find_by_ids(self._records, ids, _FIELDS)}
        changes = []
        for person in persons:
            keys = [ObjectId(candidate_record_id(*one)) for one in person]
            changes += arrange([found[key] for key in keys if "watched_at" in found.get(key, {})])
        return changes


def arrange(records: Sequence[Mapping[str, Any]]) -> list[UpdateOne]:
    """What has to change so that the first of a person's favourites is listed and the others are under it.

    Args:
        records: Those records of the person that are or were made favourites, in any order.
    """
    in_order = sorted(records, key=lambda one: (one["watched_at"], one["_id"]))
    changes = []
    for position, one in enumerate(in_order):
        if position:
            change = {"$set": {"watch_under": in_order[0]["resume"]}, "$unset": {"watched": ""}}
            is_so = one.get("watch_under") == in_order[0]["resume"] and "watched" not in one
        else:
            change = {"$set": {"watched": True}, "$unset": {"watch_under": ""}}
            is_so = bool(one.get("watched")) and "watch_under" not in one
        if not is_so:
            changes.append(UpdateOne(_as_read(one), change | _feedback(one)))
    return changes


def _as_read(record: Mapping[str, Any]) -> dict[str, Any]:
    names = ("watched_at", "watched", "watch_under")
    return {"_id": record["_id"], **{name: record.get(name) for name in names}}


def _feedback(record: Mapping[str, Any]) -> dict[str, Any]:
    """The feed looks again at which of its favourites count, see `store.feedback`."""
    return {"$addToSet": {"to_teach": record["watch_feed"]}, "$inc": {"clicks": 1}}
