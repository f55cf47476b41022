"""Companies: whose feeds, lists and notes are. Each account is in one, which its registration makes.

    {_id: company, name: "示例公司", created_at: …}

An account says in `company_id` in which one it is, and in `role` as what. A company has the id of the account
that made it (`docs/adr/0064`). Whoever takes an account into a company or out of it writes the company too,
so that two who leave at once do not each take the other for the last (`leave`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from bson import ObjectId

from store.by_ids import find_by_ids, object_ids
from store.mongo import Database

OWNER = "owner"
"""The role of whoever made a company."""


class Member(msgspec.Struct, frozen=True):
    """Who asks.

    Attributes:
        user: The account.
        company: The company in which it is, whose feeds, lists and notes it asks for.
    """

    user: str
    company: str


def founded(account: Mapping[str, Any]) -> dict[str, Any]:
    """The company that an account's document makes."""
    return {"_id": account["_id"], "name": account["company_name"], "created_at": account["created_at"]}


class Companies:
    """The collection `companies`. What writes is called within a transaction."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts
        self._companies = database.companies

    async def found(self, account: dict[str, Any]) -> dict[str, Any]:
        """Add an account, by its document, and a company in which it is alone; returns the document."""
        account = account | {"company_id": account["_id"], "role": OWNER}
        await self._accounts.insert_one(account)
        await self._companies.insert_one(founded(account))
        return account

    async def rename(self, user_id: str, name: str) -> None:
        """Give a company the name by which an owner calls it."""
        which = {"_id": ObjectId(user_id), "role": OWNER}
        if account := await self._accounts.find_one(which, {"company_id": 1}):
            await self._companies.update_one({"_id": account["company_id"]}, {"$set": {"name": name}})

    async def leave(self, user: ObjectId) -> ObjectId | None:
        """Delete an account, and its company where nobody else is in it; returns the company's id then."""
        account = await self._accounts.find_one({"_id": user}, {"company_id": 1})
        if account is None:
            return None
        company: ObjectId = account["company_id"]
        await self._companies.update_one({"_id": company}, {"$inc": {"seq": 1}})
        await self._accounts.delete_one({"_id": user})
        if await self._accounts.find_one({"company_id": company}, {"_id": 1}) is not None:
            return None
        await self._companies.delete_one({"_id": company})
        return company

    async def members(self, company_ids: Iterable[str]) -> dict[str, list[str]]:
        """The accounts in companies, by company."""
        ids = object_ids(company_ids)
        members: dict[str, list[str]] = {}
        for row in await find_by_ids(self._accounts, ids, {"company_id": 1}, key="company_id"):
            members.setdefault(str(row["company_id"]), []).append(str(row["_id"]))
        return members
