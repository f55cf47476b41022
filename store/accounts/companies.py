"""Companies: whose feeds, lists and notes are. Each account is in one, which its registration makes.

    {_id: company, name: "示例公司", created_at: …, quota: 10}

An account says in `company_id` in which one it is, and in `role` as what. A company has the id of the account
that made it (`docs/adr/0064`). Whoever takes an account into a company or out of it writes the company too,
so that two who leave at once do not each take the other for the last (`touch`). Who is in it is changed by
`members`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.by_ids import find_by_ids, object_ids
from store.mongo import Database

CompanyRole = Literal["owner", "recruiter"]
OWNER: CompanyRole = "owner"
"""The role of whoever made a company."""


class Member(msgspec.Struct, frozen=True):
    """Who asks.

    Attributes:
        heir_of: Former members, whose part of the work they have taken over.
    """

    user: str
    company: str
    role: CompanyRole = OWNER
    heir_of: tuple[str, ...] = ()


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

    async def enter(self, account: dict[str, Any], company_id: str, role: CompanyRole) -> dict[str, Any]:
        """Add an account, by its document, to a company that is there; returns the document."""
        company = ObjectId(company_id)
        await self.touch(company)
        account = account | await self.entered(company, role)
        await self._accounts.insert_one(account)
        return account

    async def entered(self, company: ObjectId, role: CompanyRole) -> dict[str, Any]:
        """What the document of an account says that enters a company that is there."""
        row = await self._companies.find_one({"_id": company}, {"name": 1, "quota": 1}) or {}
        quota = {"quota": row["quota"]} if "quota" in row else {}
        return {"company_id": company, "role": role, "company_name": row.get("name", ""), **quota}

    async def found_for(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """Add a company for an account that leaves another; returns what its document says of it."""
        name = account.get("name") or account["email"].partition("@")[0]
        new: dict[str, Any] = {"_id": ObjectId(), "name": name, "created_at": datetime.now(UTC)}
        await self._companies.insert_one(new)
        return {"company_id": new["_id"], "role": OWNER, "company_name": name, "quota": None}

    async def name_of(self, company_id: str) -> str:
        """What a company is called; "" where it is no more."""
        company = await self._companies.find_one({"_id": ObjectId(company_id)}, {"name": 1})
        return company["name"] if company else ""

    async def rename(self, user_id: str, name: str) -> None:
        """Give a company the name by which an owner calls it; its members' accounts say it too."""
        which = {"_id": ObjectId(user_id), "role": OWNER}
        if account := await self._accounts.find_one(which, {"company_id": 1}):
            company = account["company_id"]
            await self._companies.update_one({"_id": company}, {"$set": {"name": name}})
            await self._accounts.update_many({"company_id": company}, {"$set": {"company_name": name}})

    async def touch(self, company: ObjectId) -> bool:
        """Have the transaction exclude all others that change who is in a company, or add to its feeds.

        False where the company is gone.
        """
        return bool((await self._companies.update_one({"_id": company}, {"$inc": {"seq": 1}})).matched_count)

    async def members(self, company_ids: Iterable[str]) -> dict[str, list[Member]]:
        """Who is in companies, by company."""
        ids, fields = object_ids(company_ids), {"company_id": 1, "role": 1, "heir_of": 1}
        members: dict[str, list[Member]] = {}
        for row in await find_by_ids(self._accounts, ids, fields, key="company_id"):
            company, heir_of = str(row["company_id"]), tuple(map(str, row.get("heir_of", ())))
            members.setdefault(company, []).append(Member(str(row["_id"]), company, row["role"], heir_of))
        return members
