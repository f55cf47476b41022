"""Which company the members of a WeCom corporation (企业) may join by themselves.

    await corporations.bind(owner, "ww…")           # who is a member of it themself
    offer = await corporations.offer(identity)      # None where no company awaits them
    company = await corporations.take(identity)     # within the transaction that adds the account

    {_id: company, corp: "ww…", kept_out: [key of an identity]}

WeCom says who is a member, so nobody else gets in. Whoever was taken out of the company and came by WeCom
before is a member of the corporation still, and is kept out until they are invited.
"""

from __future__ import annotations

from typing import Any

import msgspec
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.accounts.companies import OWNER, Companies, Member
from store.accounts.identity import Identity
from store.accounts.invitations import MOST_MEMBERS
from store.errors import CompanyFull, CorporationTaken, NotAllowed, NotFound
from store.ids import identity_key
from store.mongo import Database
from store.transactions import again_after_conflict

APP = "wecom"


class Offer(msgspec.Struct, frozen=True):
    """A company that somebody may join."""

    company: str
    name: str


class Corporations:
    """The collection `companies`, as far as corporations are theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._companies = database.companies
        self._changes = Companies(database)

    async def of(self, company_id: str) -> str:
        """The corporation whose members may join a company; "" for none."""
        row = await self._companies.find_one({"_id": ObjectId(company_id)}, {"corp": 1})
        return str((row or {}).get("corp", ""))

    @again_after_conflict
    async def bind(self, owner: Member, corpid: str) -> None:
        """Let the members of a corporation join a company; "" lets nobody.

        Raises:
            CorporationTaken: They may join another one.
            NotAllowed: Whoever says so is no owner of the company any more.
        """
        company = ObjectId(owner.company)
        change = {"$set": {"corp": corpid}} if corpid else {"$unset": {"corp": ""}}
        try:
            async with self._database.transaction():
                await self._changes.touch(company)
                which = {"_id": ObjectId(owner.user), "company_id": company, "role": OWNER}
                if await self._database.accounts.find_one(which, {"_id": 1}) is None:
                    raise NotAllowed
                await self._companies.update_one({"_id": company}, change)
        except DuplicateKeyError:
            raise CorporationTaken from None

    async def offer(self, identity: Identity) -> Offer | None:
        """The company that somebody of WeCom may join; None for anybody else."""
        if identity.app != APP:
            return None
        row: dict[str, Any] | None = await self._companies.find_one({"corp": identity.appid})
        if row is None or identity_key(identity.appid, identity.openid) in row.get("kept_out", ()):
            return None
        return Offer(str(row["_id"]), row["name"])

    async def take(self, identity: Identity) -> str:
        """The same within the transaction that takes them into the company.

        Raises:
            NotFound: No company awaits them, or not any more.
            CompanyFull: It has as many members as there may be.
        """
        if (offer := await self.offer(identity)) is None:
            raise NotFound("no company awaits this person of WeCom")
        await self._changes.touch(ObjectId(offer.company))
        members = (await self._changes.members([offer.company])).get(offer.company, [])
        if len(members) >= MOST_MEMBERS:
            raise CompanyFull
        return offer.company


def kept_out(way: Identity | None) -> dict[str, Any]:
    """The change of a company that keeps out who is taken out of it; none where they never came by WeCom."""
    return {"$addToSet": {"kept_out": identity_key(way.appid, way.openid)}} if way else {}
