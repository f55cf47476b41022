"""Accounts of recruiters: who may log in, and what they say of themselves.

Which letters are due is in `letters`. Whether sessions of an account hold is asked through `sessions`, and
what ends them says so through `revocations`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import msgspec
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from runtime.nfkc import nfkc
from store.accounts.claims import Claims
from store.accounts.companies import Companies, CompanyRole, Member
from store.accounts.corporations import Corporations
from store.accounts.identity import Identity, Way, way_fields, ways_from
from store.accounts.invitations import Invitation, Invitations
from store.by_ids import find_by_ids, object_ids
from store.documents import read_as
from store.errors import EmailTaken, NotFound
from store.feeds.feed_documents import Choice
from store.jobs.jobs import Jobs
from store.jobs.kinds import Kind
from store.mongo import Database
from store.transactions import again_after_conflict

VIP_QUOTA = 1000
"""Feeds that a VIP may have in service. Nobody needs so many: it bounds what a script can do by accident."""

KNOWN_FOR = timedelta(days=30)
"""How long an address counts as known to an account from its last login on."""
_MOST_KNOWN = 20
"""Known addresses that an account keeps, the latest. A recruiter has a home, an office and the networks of a
phone; more would only make each read of the account longer."""
_KNOWN_AGAIN_AFTER = timedelta(days=1)
"""A login from a known address is noted at most so often, or each login would be a write more."""


ORIGIN_FOR = timedelta(days=30)
"""How long it is known where an account registered from. It bounds accounts that are made to unlock contacts
and be thrown away; who does that does not wait for a month, and where a recruiter was is their own affair."""


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """What a recruiter says of the company; empty where nothing was said."""

    url: str = ""
    product_url: str = ""
    company_stage: str = ""
    key_points: str = ""
    desc: str = ""
    categroys: list[Choice] = []


class Agreed(msgspec.Struct, frozen=True):
    """Which version of the user terms and the privacy policy a recruiter agreed to, and when."""

    version: str
    at: datetime


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account.

    Attributes:
        company_id: The company in which it is, see `companies`; `company` is what it says of that.
        heir_of: Former members of its company whose part of the work it has.
        name: What its person calls themselves; "" where they did not say.
        password_hash: None where it has no password: then it is opened by WeChat alone.
        active: Whether its e-mail address is confirmed, or need not be.
        disabled: An operator has shut it.
        quota: Feeds in service it may have; None where the ordinary quota applies.
        mission_at: When its first feed was submitted; None before.
        epoch: How often all its sessions were ended at once. A session of an earlier epoch does not hold.
        known: When each address logged in last, by what `handlers/accounts/guesses.py` makes of it.
        wechat: The identities of WeChat that open it, by app; see `identities`.
        proved_at: When somebody first followed a link that was sent to its address; None before. Whoever came
            until then knew its password, or was its person of WeChat, and need not be who has the mailbox.
        origin: From where it was registered, by what `AddressMarks` makes of it; "" after `ORIGIN_FOR`, and
            for one that an operator made.
        agreed: What it agreed to last; None where it was never asked, as by a program.
    """

    id: str
    company_id: str
    role: CompanyRole
    name: str = ""
    heir_of: tuple[str, ...] = ()
    email: str
    password_hash: str | None
    company_name: str
    phone: str
    industry: str = ""
    company: Company = Company()
    active: bool = True
    is_hr: bool = True
    disabled: bool = False
    vip: bool = False
    quota: int | None = None
    mission_at: datetime | None = None
    epoch: int = 0
    known: Mapping[str, datetime] = MappingProxyType({})
    wechat: Mapping[str, Way] = MappingProxyType({})
    proved_at: datetime | None = None
    origin: str = ""
    agreed: Agreed | None = None

    @property
    def member(self) -> Member:
        """As whom it asks."""
        return Member(self.id, self.company_id, self.role, self.heir_of)

    @property
    def may_log_in(self) -> bool:
        """Whether its sessions hold."""
        return self.active and self.is_hr and not self.disabled

    @property
    def unproved_ways(self) -> list[str]:
        """The apps of WeChat whose person was bound before the address was proved."""
        since = self.proved_at
        return [app for app, way in self.wechat.items() if since is None or way.at < since]

    def knows(self, address: str) -> bool:
        """Whether somebody registered or logged in to it lately from there."""
        at = self.known.get(address)
        return at is not None and at > datetime.now(UTC) - KNOWN_FOR

    @property
    def shown_name(self) -> str:
        """What colleagues call it."""
        return self.name or self.email.partition("@")[0]

    def feed_quota(self, ordinary: int) -> int:
        """How many feeds the account may have in service, where an ordinary one may have `ordinary`."""
        if self.quota is not None:
            return self.quota
        return VIP_QUOTA if self.vip else ordinary


def fold_email(email: str) -> str:
    """The spelling under which an address is unique; case and width of its letters make no difference."""
    return nfkc(email).strip().casefold()


_NEVER = datetime.fromtimestamp(0, UTC)
_SHUT = {"$inc": {"epoch": 1}}
"""The change that ends every session of an account, also of a login that is just under way."""


class Accounts:
    """The collection `accounts`. What names one raises `NotFound` where it is not there, but for `find…`."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._accounts = database.accounts
        self._claims = Claims(database)
        self._companies = Companies(database)
        self._corporations = Corporations(database)
        self._invitations = Invitations(database, jobs)
        self._jobs = jobs

    @again_after_conflict
    async def create(
        self,
        *,
        email: str,
        password_hash: str | None,
        company_name: str,
        phone: str,
        active: bool = True,
        vip: bool = False,
        quota: int | None = None,
        identity: Identity | None = None,
        agreed_version: str = "",
        invited: bool = False,
        origin: str = "",
        invitation: Invitation | None = None,
        joins: bool = False,
    ) -> Account:
        """Add an account and its company, or take it into the one that awaits it.

        One that `joins` is taken into the company that awaits its `identity`, see `corporations`.

        Its activation letter is due at once where it is not `active`.

        One that is `invited` has no password yet, and a letter is due with the link that sets it.

        An `identity` opens it.

        Raises:
            EmailTaken: The address is in use, in any case.
            IdentityTaken: The identity opens another account.
            InvitationOver: The invitation is not good any more.
            NotFound, CompanyFull: It cannot join, as of `Corporations.take`.
        """
        now = datetime.now(UTC)
        document = {
            "_id": ObjectId(),
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
        if agreed_version:
            document["agreed"] = {"version": agreed_version, "at": now}
        if invited:
            document["invited_at"] = now
        if origin:
            document |= {"origin": origin, "origin_until": now + ORIGIN_FOR}
        if identity is not None:
            document["wechat"] = {identity.app: way_fields(identity, now)}
        letter: Kind | None = "invitation" if invited else None if active else "activation"
        try:
            async with self._database.transaction():
                if identity:
                    await self._claims.make(str(document["_id"]), identity)
                if invitation:
                    taken = await self._invitations.take(invitation.id, invitation.serial)
                    document = await self._companies.enter(document, taken.company, taken.role)
                elif identity and joins:
                    company = await self._corporations.take(identity)
                    document = await self._companies.enter(document, company, "recruiter")
                else:
                    document = await self._companies.found(document)
                account = account_from(document)
                if letter:
                    await self._jobs.ask(letter, account.id)
        except DuplicateKeyError:
            raise EmailTaken(email) from None
        return account

    async def find_by_email(self, email: str) -> Account | None:
        """Find an account by its address, in any case."""
        document = await self._accounts.find_one({"email": fold_email(email)})
        return account_from(document) if document else None

    async def get(self, user_id: str) -> Account:
        """Get an account by id."""
        document = await self._accounts.find_one({"_id": ObjectId(user_id)})
        if document is None:
            raise NotFound(f"no account {user_id}")
        return account_from(document)

    async def find(self, user_ids: Sequence[str]) -> dict[str, Account]:
        """Those of some accounts that are there, by id."""
        found = await find_by_ids(self._accounts, object_ids(user_ids))
        return {str(document["_id"]): account_from(document) for document in found}

    async def activate(self, email: str) -> None:
        """Let an account log in; its activation letter is no longer sent."""
        await self._change({"email": fold_email(email)}, {"$set": {"active": True}})

    async def activate_by_id(self, user_id: str) -> None:
        """As `activate`, by a link that proves the address; doing it twice is harmless."""
        await self._change({"_id": ObjectId(user_id)}, {"$set": {"active": True}, **_proved()})

    async def change_password(self, account: Account, password_hash: str) -> bool:
        """Set a new password, which ends all sessions.

        Returns:
            False where the password, or what ends sessions, was changed since the account was read.
        """
        change = {"$set": {"password_hash": password_hash}, **_SHUT}
        return bool((await self._accounts.update_one(_as_read(account), change)).matched_count)

    @again_after_conflict
    async def reset_password(self, account: Account, password_hash: str) -> bool:
        """As `change_password`, by a link that proves the address, and so activates the account too.

        Anybody may register an address, and be opened the account by a WeChat of their own. So whatever was
        bound before the address was proved opens it no more.
        """
        async with self._database.transaction():
            if (document := await self._accounts.find_one(_as_read(account))) is None:
                return False
            now = account_from(document)
            gone = {f"wechat.{app}": "" for app in now.unproved_ways}
            if now.proved_at is None:
                gone["known"] = ""  # nobody's network is known for the owner's
            change = {
                "$set": {"password_hash": password_hash, "active": True},
                **_SHUT,
                **({"$unset": gone} if gone else {}),
                **_proved(),
            }
            await self._accounts.update_one({"_id": document["_id"]}, change)
            kept = {app: way for app, way in now.wechat.items() if app not in now.unproved_ways}
            await self._claims.give_back(account.id, now.wechat, kept)
        return True

    async def set_password(self, user_id: str, password_hash: str) -> None:
        """Set a new password whatever it was, which ends all sessions."""
        await self._change_by_id(user_id, {"$set": {"password_hash": password_hash}, **_SHUT})

    async def set_limits(self, user_id: str, limits: Mapping[str, int | bool | None]) -> None:
        """Set `quota`, `vip` or both; a quota of None is the ordinary one."""
        if limits:
            await self._change_by_id(user_id, {"$set": dict(limits)})

    async def end_sessions(self, user_id: str) -> None:
        """Let no session hold that there is by now."""
        await self._change_by_id(user_id, _SHUT)

    async def set_disabled(self, user_id: str, *, disabled: bool) -> None:
        """Shut an account, which ends its sessions, or open it again."""
        await self._change_by_id(user_id, {"$set": {"disabled": disabled}, **(_SHUT if disabled else {})})

    @again_after_conflict
    async def set_profile(
        self,
        user_id: str,
        *,
        name: str | None = None,
        company_name: str | None = None,
        phone: str | None = None,
        industry: str | None = None,
        company: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Change what an account says of itself; what is None, or not in `company`, stays."""
        own = {"name": name, "company_name": company_name, "phone": phone, "industry": industry}
        fields = {name: value for name, value in own.items() if value is not None}
        fields |= {f"company.{name}": msgspec.to_builtins(value) for name, value in company.items()}
        if not fields:
            return
        async with self._database.transaction():
            await self._change_by_id(user_id, {"$set": fields})
            if "company_name" in fields:
                await self._companies.rename(user_id, fields["company_name"])

    async def agree(self, user_id: str, version: str) -> None:
        """Note that the recruiter agreed to a version of the terms, once."""
        account = await self.get(user_id)
        if account.agreed is None or account.agreed.version != version:
            agreed = {"version": version, "at": datetime.now(UTC)}
            await self._change_by_id(user_id, {"$set": {"agreed": agreed}})

    async def know(self, account: Account, address: str) -> None:
        """Note that somebody logged in from an address; see `Account.known`."""
        now = datetime.now(UTC)
        if account.known.get(address, now - KNOWN_FOR) > now - _KNOWN_AGAIN_AFTER:
            return
        latest = sorted({**account.known, address: now}.items(), key=lambda one: one[1])[-_MOST_KNOWN:]
        known = [{"address": one, "at": at} for one, at in latest if at > now - KNOWN_FOR]
        # Of two logins at the same moment one may not be noted: then it is at the next.
        await self._accounts.update_one({"_id": ObjectId(account.id)}, {"$set": {"known": known}})

    async def _change_by_id(self, user_id: str, change: Mapping[str, Any]) -> None:
        await self._change({"_id": ObjectId(user_id)}, change)

    async def _change(self, which: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        if not (await self._accounts.update_one(which, change)).matched_count:
            raise NotFound("no such account")

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

    async def count(self) -> int:
        """How many accounts there are."""
        return int(await self._accounts.estimated_document_count())


def _proved() -> dict[str, Any]:
    """The change that notes that an address is proved, the first time alone."""
    return {"$min": {"proved_at": datetime.now(UTC)}}


def _as_read(account: Account) -> dict[str, Any]:
    """The condition that neither the password nor the epoch of an account was changed since it was read."""
    epoch = account.epoch or None  # one that never ended sessions has no field
    return {"_id": ObjectId(account.id), "password_hash": account.password_hash, "epoch": epoch}


def account_from(document: Mapping[str, Any]) -> Account:
    """An account from its document."""
    return read_as(
        Account,
        document,
        heir_of=tuple(map(str, document.get("heir_of", ()))),
        company=msgspec.convert(document.get("company", {}), Company),
        known={one["address"]: one["at"] for one in document.get("known", ())},
        wechat=ways_from(document),
        origin=document["origin"] if document.get("origin_until", _NEVER) > datetime.now(UTC) else "",
        agreed=msgspec.convert(document.get("agreed"), Agreed | None),
    )
