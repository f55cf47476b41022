"""Accounts of recruiters."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.errors import EmailTaken, NotFound
from store.mongo import Database

# A VIP's number of live feeds; a bound against accidents, not an offer.
VIP_QUOTA = 1000


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account. `quota` is None where the ordinary quota applies."""

    id: str
    email: str
    password_hash: str
    company_name: str
    phone: str
    industry: str = ""
    active: bool = True
    is_hr: bool = True
    vip: bool = False
    quota: int | None = None

    def feed_quota(self, ordinary: int) -> int:
        """How many live feeds the account may have, given the `ordinary` number."""
        if self.quota is not None:
            return self.quota
        return VIP_QUOTA if self.vip else ordinary


def fold_email(email: str) -> str:
    """The spelling under which an address is unique: whatever its case or width."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


class Accounts:
    """The collection `accounts`."""

    def __init__(self, database: Database) -> None:
        self._accounts = database.accounts

    async def create(
        self,
        *,
        email: str,
        password_hash: str,
        company_name: str,
        phone: str,
        active: bool = True,
        vip: bool = False,
        quota: int | None = None,
    ) -> Account:
        """Add an account.

        Raises:
            EmailTaken: The address is in use, in any case.
        """
        _id = ObjectId()
        document = {
            "_id": _id,
            "email": fold_email(email),
            "password_hash": password_hash,
            "company_name": company_name,
            "phone": phone,
            "industry": "",
            "active": active,
            "is_hr": True,
            "vip": vip,
            "quota": quota,
            "created_at": datetime.now(UTC),
        }
        try:
            await self._accounts.insert_one(document)
        except DuplicateKeyError:
            # A write that the driver repeated after a lost answer finds itself.
            if await self._accounts.find_one({"_id": _id}) is None:
                raise EmailTaken(email) from None
        return _account(document)

    async def find_by_email(self, email: str) -> Account | None:
        """Find an account by its address, in any case."""
        document = await self._accounts.find_one({"email": fold_email(email)})
        return _account(document) if document else None

    async def get(self, user_id: str) -> Account:
        """Get an account by id.

        Raises:
            NotFound: No such account.
        """
        document = await self._accounts.find_one({"_id": ObjectId(user_id)})
        if document is None:
            raise NotFound(f"no account {user_id}")
        return _account(document)

    async def activate(self, email: str) -> Account:
        """Let an account log in.

        Raises:
            NotFound: No account has this address.
        """
        account = await self.find_by_email(email)
        if account is None:
            raise NotFound("no account with this address")
        await self._accounts.update_one({"_id": ObjectId(account.id)}, {"$set": {"active": True}})
        return msgspec.structs.replace(account, active=True)

    async def count(self) -> int:
        """How many accounts there are."""
        return int(await self._accounts.estimated_document_count())


def _account(document: dict[str, Any]) -> Account:
    return Account(
        id=str(document["_id"]),
        email=document["email"],
        password_hash=document["password_hash"],
        company_name=document["company_name"],
        phone=document["phone"],
        industry=document["industry"],
        active=document["active"],
        is_hr=document["is_hr"],
        vip=document["vip"],
        quota=document["quota"],
    )
