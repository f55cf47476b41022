"""Change 1: each account of release 1.0.0 gets a company, and what was its own in lists and notes is that's.

A company has the id of the account that makes it. So every key keeps its value, as do ids made of one: only
the name of a field changes, `user` to `company`. Old documents are found by the indexes of before, so that a
change that was killed goes on where it was. These indexes go last, and without one there is nothing left to
find. The two unique ones go first, as two feeds could not have the same slot of nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from store.accounts.companies import OWNER, founded
from store.bulk import bulk
from store.by_ids import chunks
from store.jobs.jobs import Jobs
from store.mongo import Collection, Database, drop_index
from store.paging import pages
from store.parts import in_parts

_ACCOUNT = {"company_name": 1, "created_at": 1}
_PAGE = 500
"""Documents whose ids are read in one go."""
_FORMER = {
    "feeds": ("user",),
    "results": ("feed_tier", "resume", "feed_page"),
    "candidate_records": ("watched", "user"),
    "person_decisions": ("user",),
}
"""Indexes with the account. By the last of each old documents are found."""


async def into_companies(database: Database) -> None:
    """Make the change."""
    await _found(database)
    for name in ("slot", "client_id"):
        await drop_index(database.feeds, name)
    indexes = {name: await database[name].index_information() for name in _FORMER}
    is_left = {name: names[-1] in indexes[name] for name, names in _FORMER.items()}
    users = set[ObjectId]()
    async for page in in_parts(database.feeds, {}, _PAGE, {"user": 1, "company": 1}):
        for feed in page:
            user = feed.get("user") or feed["company"]
            users.add(user)
            if is_left["results"]:
                await _rename(database.results, {"user": user, "feed": feed["_id"]})
        # Last, as the results of a feed are found by it; the one who owns it is whose it was.
        old = [UpdateOne({"_id": feed["_id"]}, _owned(feed["user"])) for feed in page if "user" in feed]
        await bulk(database.feeds, old)
    async for page in pages(database.accounts.find({}, {"_id": 1}), _PAGE):
        users |= {account["_id"] for account in page}
    for name in ("candidate_records", "person_decisions"):
        for user in users if is_left[name] else ():
            await _rename(database[name], {"user": user})
    # One that was under way is finished, which for the others is harmless.
    async for page in pages(database["deletions"].find({}, {"_id": 1}), _PAGE):
        await Jobs(database).ask_all("deletion", {str(one["_id"]): datetime.now(UTC) for one in page})
    await database.drop_collection("deletions")
    for collection, names in _FORMER.items():
        for name in names:
            await drop_index(database[collection], name)


async def _found(database: Database) -> None:
    """Give accounts that have none a company, the company first."""
    async for page in pages(database.accounts.find({"role": None}, _ACCOUNT), _PAGE):
        made = [UpdateOne({"_id": one["_id"]}, {"$setOnInsert": founded(one)}, upsert=True) for one in page]
        await bulk(database.companies, made)
        members = [
            UpdateOne({"_id": one["_id"]}, {"$set": {"company_id": one["_id"], "role": OWNER}})
            for one in page
        ]
        await bulk(database.accounts, members)


async def _rename(collection: Collection, which: Mapping[str, Any]) -> None:
    """Have documents of an account be its company's."""
    async for page in pages(collection.find(which, {"_id": 1}), _PAGE):
        for part in chunks([row["_id"] for row in page]):
            await collection.update_many({"_id": {"$in": list(part)}}, {"$rename": {"user": "company"}})


def _owned(user: ObjectId) -> dict[str, Any]:
    gone = {"slot": "", "client_id": ""}
    return {"$rename": {"user": "company"}, "$set": {"owner": user}, "$unset": gone}
