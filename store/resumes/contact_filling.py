"""Gives stored contacts what an earlier release did not write.

That is `reach`, by which a person is found, and `news_at`, from which their retention counts. It is a
numbered change, and done once more an hour later: a server of the release before, which runs until it is
restarted too, goes on writing contacts without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.by_ids import SIZE, find_by_ids
from store.mongo import Database
from store.paging import pages
from store.persons.reach import reach_of
from store.shards.parts import in_parts

AGAIN_AFTER = timedelta(hours=1)
"""When it is done once more. By then the last server was restarted."""


async def fill_contacts(database: Database) -> None:
    """Fill what is missing; what is there stays. A second time is harmless."""
    # By way of the profiles, which can be read in parts; resumes that wait or are set aside may have none.
    async for page in in_parts(database.profiles, {}, SIZE, {"_id": 1}):
        await _fill(database, [row["_id"] for row in page])
    async for page in pages(database.resumes.find({"set_aside": True}, {"_id": 1}), SIZE):
        await _fill(database, [row["_id"] for row in page])
    async for page in pages(database.resumes.find({"pending": True}, {"contact": 1, "queued_at": 1}), SIZE):
        await bulk(
            database.resumes,
            [
                UpdateOne(
                    {"_id": row["_id"], "contact.phone": row["contact"]["phone"]},
                    {
                        "$set": {
                            f"contact.{name}": value for name, value in _fields(row["contact"], row).items()
                        }
                    },
                )
                for row in page
                if _lacks(row.get("contact"))
            ],
        )


async def plan_again(database: Database) -> None:
    """Have it done once more later, by whichever process looks after retention then."""
    again = {"$set": {"fill_again_at": datetime.now(UTC) + AGAIN_AFTER}}
    await database.retention.update_one({"_id": "state"}, again, upsert=True)


async def _fill(database: Database, ids: Sequence[ObjectId]) -> None:
    contacts = await find_by_ids(database.contacts, ids)
    lacking = [contact for contact in contacts if _lacks(contact)]
    queued = {"queued_at": 1, "arrived_at": 1}
    found = await find_by_ids(database.resumes, [contact["_id"] for contact in lacking], queued)
    resumes = {row["_id"]: row for row in found}
    writes = [
        UpdateOne(
            {"_id": contact["_id"], "rev": contact["rev"]},
            {"$set": _fields(contact, resumes.get(contact["_id"], {}))},
        )
        for contact in lacking
    ]
    await bulk(database.contacts, writes)


def _lacks(contact: Mapping[str, Any] | None) -> bool:
    return bool(contact) and not (contact.keys() >= {"reach", "news_at"})  # type: ignore[union-attr]


def _fields(contact: Mapping[str, Any], resume: Mapping[str, Any]) -> dict[str, Any]:
    """What is missing. A resume was queued last by its latest news, or later, by an upgrade."""
    return {
        "reach": reach_of(contact.get("phone", ""), contact.get("email", "")),
        "news_at": resume.get("queued_at") or resume.get("arrived_at") or datetime.now(UTC),
    }
