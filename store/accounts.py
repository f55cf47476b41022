"""Accounts of recruiters.

An account that must be activated carries the letter with its link as work to do: `mail_due` is when the
next process may send it, `mail_tries` how often that was tried.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from store.errors import EmailTaken, NotFound
from store.mongo import Database

# A VIP's number of live feeds; a bound against accidents, not an offer.
VIP_QUOTA = 1000

# How long each try to send a letter has, and how long the next one waits: three days, then it is given up.
# The first is longer than any try lasts.
MAIL_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    *[timedelta(hours=6)] * 11,
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account.

    `quota` is None where the ordinary quota applies, `mission_at` until the first feed is submitted.
    """

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
    mission_at: datetime | None = None

    def feed_quota(self, ordinary: int) -> int:
        """How many live feeds the account may have, given the `ordinary` number."""
        if self.quota is not None:
            return self.quota
        return VIP_QUOTA if self.vip else ordinary


def fold_email(email: str) -> str:
    """The spelling under which an address is unique: whatever its case or width."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


_NO_MAIL = {"$unset": {"mail_due": "", "mail_tries": ""}}


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
        """Add an account; the letter with the link is due at once where it is not `active`.

        Raises:
            EmailTaken: The address is in use, in any case.
        """
        _id = ObjectId()
        now = datetime.now(UTC)
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
            "created_at": now,
        }
        if not active:
            document |= {"mail_due": now, "mail_tries": 0}
        try:
            await self._accounts.insert_one(document)
        except DuplicateKeyError:
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

    async def activate(self, email: str) -> None:
        """Let an account log in, and send it no letter.

        Raises:
            NotFound: No account has this address.
        """
        await self._activate({"email": fold_email(email)})

    async def activate_by_id(self, user_id: str) -> None:
        """As `activate`; doing it twice is harmless.

        Raises:
            NotFound: No such account.
        """
        await self._activate({"_id": ObjectId(user_id)})

    async def _activate(self, which: dict[str, Any]) -> None:
        outcome = await self._accounts.update_one(which, {"$set": {"active": True}, **_NO_MAIL})
        if not outcome.matched_count:
            raise NotFound("no such account")

    async def claim_mail(self) -> Account | None:
        """Take an account whose letter is due; nobody else gets it before the next of `MAIL_WAITS` is over.

        Who takes it sends the letter and says `mail_sent`; the last try is not repeated.
        """
        while True:
            now = datetime.now(UTC)
            which = {"active": False, "mail_due": {"$lte": now}}
            due = await self._accounts.find_one(which, sort=[("mail_due", 1)])
            if due is None:
                return None
            tries = due["mail_tries"]
            is_last = tries >= len(MAIL_WAITS)
            later = {} if is_last else {"mail_due": now + MAIL_WAITS[tries], "mail_tries": tries + 1}
            outcome = await self._accounts.update_one(
                {"_id": due["_id"], "mail_due": due["mail_due"], "mail_tries": tries},
                _NO_MAIL if is_last else {"$set": later},
            )
            if outcome.modified_count:  # else another process was first, or the account is active by now
                return _account(due)

    async def mail_sent(self, user_id: str) -> None:
        """Note that the letter is on its way."""
        await self._accounts.update_one({"_id": ObjectId(user_id)}, _NO_MAIL)

    async def ask_mail_again(self, user_id: str) -> None:
        """Make the letter due now, with all its tries; does nothing to an active account."""
        await self._accounts.update_one(
            {"_id": ObjectId(user_id), "active": False},
            {"$set": {"mail_due": datetime.now(UTC), "mail_tries": 0}},
        )

    async def start_mission(self, user_id: str) -> tuple[datetime | None, bool]:
        """Begin the newcomer's mission: note when the account submitted its first feed.

        Returns:
            When it began, in whole milliseconds, and whether it began just now.
        """
        now = datetime.now(UTC)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
        outcome = await self._accounts.update_one(
            {"_id": ObjectId(user_id), "mission_at": None}, {"$set": {"mission_at": now}}
        )
        if outcome.modified_count:
            return now, True
        return (await self.get(user_id)).mission_at, False

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
        mission_at=document.get("mission_at"),
    )
