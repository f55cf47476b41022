"""Whose feeds are, and who else is in them.

Whoever is in a feed works in the same list, so a feed that is moved moves nothing else.

    {_id: feed, company: …, owner: user, shares: [{user: …, role: "work" | "view"}], …}

What writes is called within a transaction. A feed that changes hands keeps its place in service whatever the
quota of its new owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId

from store.accounts.companies import Companies, Member
from store.by_ids import find_by_ids, update_by_ids
from store.errors import NotFound
from store.feeds.feed_documents import FeedRole
from store.mongo import Collection, Database

_CHANGED = {"$currentDate": {"updated_at": True}}


class FeedSharing:
    """The collection `feeds`, as far as members are in feeds."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts
        self._companies = Companies(database)
        self._feeds: Collection = database.feeds

    async def roles_in(self, member: Member, feed_ids: Iterable[ObjectId]) -> dict[ObjectId, FeedRole]:
        """What a member is in those of some feeds that they are in; deleted ones too."""
        company = {"company": ObjectId(member.company)}
        rows = await find_by_ids(self._feeds, feed_ids, {"owner": 1, "shares": 1}, where=company)
        return {row["_id"]: role for row in rows for user, role in _roles(row) if user == member.user}

    async def leave(self, company: ObjectId, user: ObjectId, to: ObjectId) -> list[str]:
        """Take a member out of all feeds of their company; their own are another's. Gives what changes."""
        given = await self.give({"company": company, "owner": user}, to)
        shared = {"company": company, "shares.user": user}
        left = await self._feeds.find(shared, {"_id": 1}).to_list(None)
        if left:
            await self._feeds.update_many(shared, {"$pull": {"shares": {"user": user}}, **_CHANGED})
        return [*given, *(str(one["_id"]) for one in left)]

    async def give(self, which: Mapping[str, Any], to: ObjectId) -> list[str]:
        """Give feeds to a member; a deleted one too, which is theirs to restore people of."""
        ids = [one["_id"] for one in await self._feeds.find(which, {"_id": 1}).to_list(None)]
        change = {"$set": {"owner": to}, "$pull": {"shares": {"user": to}}, **_CHANGED}
        await update_by_ids(self._feeds, ids, change, where={"company": which["company"]})
        return list(map(str, ids))

    async def keep_members(self, company: ObjectId, users: Sequence[ObjectId]) -> None:
        """Check that accounts are in a company, and have none of them leave it before the transaction ends.

        Of a company that is gone nobody is asked: whatever is written there is swept.

        Raises:
            NotFound: One of them is not in the company.
        """
        if await self._companies.touch(company):
            await self.require_members(company, users)

    async def require_members(self, company: ObjectId, users: Sequence[ObjectId]) -> None:
        """Raise `NotFound` where one of some accounts is not in a company."""
        found = await find_by_ids(self._accounts, users, {"company_id": 1})
        if sum(one["company_id"] == company for one in found) < len(users):
            raise NotFound(f"no members {users}")


def is_in(row: Mapping[str, Any], user_id: str) -> bool:
    """Whether an account is in a feed, by its `owner` and `shares`."""
    return any(user == user_id for user, _ in _roles(row))


def _roles(row: Mapping[str, Any]) -> list[tuple[str, FeedRole]]:
    return [(str(row["owner"]), "own"), *((str(one["user"]), one["role"]) for one in row.get("shares", ()))]
