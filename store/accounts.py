"""Accounts of recruiters, and the activation letters that are due to them.

A letter that has to be sent is two fields of its account: `mail_due` is when the next process may send
it, `mail_tries` how often that was tried. So it outlives the process that took the registration.
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

VIP_QUOTA = 1000
"""Feeds that a VIP may have in service. Nobody needs so many: it bounds what a script can do by accident."""

MAIL_WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    *[timedelta(hours=6)] * 11,
)
"""After each try to send a letter, how long until the next one. The first is longer than any try lasts, as
nobody else may take up a letter that is just being sent. Together they are three days, within which a mail
server mostly comes back; then the letter is given up."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account.

    Attributes:
        quota: Feeds in service it may have; None where the ordinary quota applies.
        mission_at: When its first feed was submitted; None before.
        slots_held_until: Until when feeds that it deleted may hold slots; None where none ever did.
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
    slots_held_until: datetime | None = None

    def feed_quota(self, ordinary: int) -> int:
        """How many feeds the account may have in service, where an ordinary one may have `ordinary`."""
        if self.quota is not None:
            return self.quota
        return VIP_QUOTA if self.vip else ordinary


def fold_email(email: str) -> str:
    """The spelling under which an address is unique; case and width of its letters make no difference."""
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
        """Add an account; its activation letter is due at once where it is not `active`.

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
        """Let an account log in; a letter that was due is no longer sent.

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
        """Take an account whose letter is due, or None; nobody else gets it before its next wait is over.

        Whoever takes it sends the letter and calls `mail_sent`. A process that dies in between, or whose try
        fails, leaves the letter to the next try. After the last of `MAIL_WAITS` there is none.
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
            if outcome.modified_count:
                return _account(due)
            # Another process was first, or the account is active by now: look for another one.

    async def mail_sent(self, user_id: str) -> None:
        """Note that the letter was handed over: nobody sends it again."""
        await self._accounts.update_one({"_id": ObjectId(user_id)}, _NO_MAIL)

    async def ask_mail_again(self, user_id: str) -> None:
        """Make the letter due now, with all its tries ahead; does nothing to an active account."""
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
        # As MongoDB keeps it, so that the first answer and the later ones are the same.
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        outcome = await self._accounts.update_one(
            {"_id": ObjectId(user_id), "mission_at": None}, {"$set": {"mission_at": now}}
        )
        if outcome.modified_count:
            return now, True
        return (await self.get(user_id)).mission_at, False

    async def hold_slots(self, user_id: str, until: datetime) -> None:
        """Note that a feed which is about to be deleted holds its slot for a while."""
        await self._accounts.update_one({"_id": ObjectId(user_id)}, {"$max": {"slots_held_until": until}})

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
        slots_held_until=document.get("slots_held_until"),
    )
