"""Companies as operators see them: found by a part of the name, the newest first, with who is in them.

A company's quota is how many feeds in service each of its members may have. It is written into their
accounts, which are read anyway; who comes later gets it with the company (`companies`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from store.accounts.accounts import Account, account_from
from store.accounts.companies import OWNER, Companies
from store.errors import NotFound
from store.mongo import Database
from store.paging import search
from store.transactions import again_after_conflict


class ListedCompany(msgspec.Struct, frozen=True, kw_only=True):
    """A company as operators see it.

    Attributes:
        feeds: How many feeds they have, those out of service among them.
        quota: Feeds in service that each member may have; None where that is said by account.
    """

    id: str
    name: str
    created_at: datetime
    members: int
    feeds: int
    quota: int | None


class CompanyList:
    """The collection `companies`, for operators."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._companies = database.companies
        self._changes = Companies(database)

    async def page(self, words: str, *, skip: int, limit: int) -> tuple[list[ListedCompany], int]:
        """Find companies by a part of the name, or all; see `paging.search`."""
        said = {"name": f"(?i){re.escape(words.strip())}"} if words.strip() else {}
        found, total = await search(self._companies, {}, said, skip=skip, limit=limit)
        return await self._listed(found), total

    async def get(self, company_id: str) -> tuple[ListedCompany, list[Account]]:
        """One company, and who is in it: owners first, then by when they came.

        Raises:
            NotFound: No such company.
        """
        row = await self._companies.find_one({"_id": ObjectId(company_id)})
        if row is None:
            raise NotFound(f"no company {company_id}")
        accounts = await self._database.accounts.find({"company_id": row["_id"]}).to_list(None)
        members = sorted(map(account_from, accounts), key=lambda one: (one.role != OWNER, one.id))
        (company,) = await self._listed([row])
        return company, members

    @again_after_conflict
    async def set_quota(self, company_id: str, quota: int | None) -> None:
        """Say how many feeds each member may have, whatever their accounts say; None for the ordinary number.

        Raises:
            NotFound: No such company.
        """
        id_ = ObjectId(company_id)
        async with self._database.transaction():
            said = {"$unset": {"quota": ""}} if quota is None else {"$set": {"quota": quota}}
            change: dict[str, Any] = {**said, "$inc": {"seq": 1}}  # so that nobody enters meanwhile
            if not (await self._companies.update_one({"_id": id_}, change)).matched_count:
                raise NotFound(f"no company {company_id}")
            await self._database.accounts.update_many({"company_id": id_}, {"$set": {"quota": quota}})

    async def _listed(self, rows: Sequence[Mapping[str, Any]]) -> list[ListedCompany]:
        ids = [row["_id"] for row in rows]
        members = await self._changes.members(map(str, ids))
        steps = [
            {"$match": {"company": {"$in": ids}}},
            {"$match": {"deleted": False}},
            {"$group": {"_id": "$company", "count": {"$sum": 1}}},
        ]
        feeds = {row["_id"]: row["count"] async for row in self._database.feeds.aggregate(steps)}
        return [
            ListedCompany(
                id=str(row["_id"]),
                name=row["name"],
                created_at=row["created_at"],
                members=len(members.get(str(row["_id"]), ())),
                feeds=feeds.get(row["_id"], 0),
                quota=row.get("quota"),
            )
            for row in rows
        ]
