"""Login tokens. Only their SHA-256 is kept, so a stolen database opens no account.

A session holds while it is neither old nor ended, and while its account may log in and is still in the epoch
in which the session began.

Every request asks for the account's state. So a good one is remembered for a moment, and a bad one is always
read anew: an account that was opened again, or a session of a new epoch, holds at once.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from bson import ObjectId
from cachetools import TLRUCache

from store import spans
from store.accounts.companies import Member
from store.by_ids import delete_by_ids, find_by_ids, object_ids, update_by_ids
from store.data_loader import DataLoader
from store.errors import STORE_FAILURES, NotFound, SessionOver
from store.ids import is_id
from store.mongo import Collection, Database
from store.redis.events import Event, Events

FRESH_S = 1.0
"""Seconds for which an account counts as it was read. A session ends at most so long after its account was
shut, if no event says so sooner; two are promised. Less would be one read more for most requests."""
_MOST = 20_000
"""Accounts that are remembered. More than one process serves within a second."""
_FIELDS = {"company_id": 1, "active": 1, "is_hr": 1, "disabled": 1, "epoch": 1}


class _State(NamedTuple):
    """Of an account that may log in, and when it was asked for."""

    epoch: int
    company: str
    asked_at: float


class AccountStates:
    """The epochs of accounts that may log in, and their companies. Belongs to one event loop."""

    def __init__(self, database: Database, events: Events) -> None:
        self._accounts = database.accounts
        self._known: TLRUCache[str, _State] = TLRUCache(_MOST, lambda _, known, __: known.asked_at + FRESH_S)
        events.listen(self._on_event, "revoked")

    async def hold(self, sessions: Set[tuple[str, int]]) -> dict[tuple[str, int], str]:
        """Those of some (user, epoch) whose sessions hold, with the account's company.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        good = _holding(sessions, self._known)
        users = {user for user, _ in sessions} - {user for user, _ in good}
        return good | _holding(sessions, await self._read(users)) if users else good

    def forget(self, user_id: str) -> None:
        """Read an account anew the next time."""
        self._known.pop(user_id, None)

    async def _read(self, users: Set[str]) -> dict[str, _State]:
        """The states of those accounts that may log in, as they are now."""
        asked_at = time.monotonic()  # what changes while this is read is found after `FRESH_S` from here
        found = await find_by_ids(self._accounts, object_ids(users), _FIELDS)
        states = {
            str(one["_id"]): _State(one.get("epoch", 0), str(one["company_id"]), asked_at)
            for one in found
            if _may_log_in(one)
        }
        for user in users:
            self.forget(user)
        self._known.update(states)
        return states

    def _on_event(self, event: Event) -> None:
        if event.kind == "revoked":
            self.forget(event.user)


def _holding(sessions: Set[tuple[str, int]], states: Mapping[str, _State]) -> dict[tuple[str, int], str]:
    found = ((user, epoch, states.get(user)) for user, epoch in sessions)
    return {(user, epoch): one.company for user, epoch, one in found if one and one.epoch <= epoch}


def _may_log_in(document: dict[str, object]) -> bool:
    return bool(document["active"] and document["is_hr"] and not document.get("disabled"))


LIFETIME = timedelta(days=30)
"""How long after its last use a session is valid."""

LONGEST = timedelta(days=90)
"""How long after its login a session is valid at most, however it is used: a token that somebody copied must
not open the account for ever."""

MAX_AGENT_CHARS = 200
"""How much of a client's own name is kept: enough to tell a phone from a computer."""

_RENEW_AFTER = timedelta(minutes=10)
"""Use of a session extends it, but that is written at most so often: else every request would be a write. It
is also how exact the time of the last use is."""

MOST = 100
"""How many sessions of an account stay that were used again ten minutes or more after their login, and how
many that were not: the ones that were used last. A client that logs in for each call has only the second
kind, and so ends no session of a person. Nobody has a hundred devices; more would make every list longer."""

_SPARED = timedelta(minutes=15)
"""A session is not ended as one too many until so long after its last use. It is more than `_RENEW_AFTER`, so
that one in constant use is never ended; and so is none that was just made, however many log in at once."""

_APART = timedelta(minutes=1)
"""By how much the clocks of two machines may differ."""

_TRIMMED_EVERY = 16
"""One login of so many, by chance, looks for sessions too many; four small reads. The others pay nothing."""

_TRIMMED_AT_ONCE = 1_000
"""How many sessions one login ends, about; a quarter of a second on the embedded store. If there are more,
later logins go on."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One session as its account sees it.

    Attributes:
        id: What it is called; it opens nothing.
        used_at: Its last use, some minutes late at most.
        agent: What the client called itself at the login.
    """

    id: str
    token_hash: str
    created_at: datetime
    used_at: datetime
    agent: str


class Sessions:
    """The collection `sessions`; `expiry` removes what has expired."""

    def __init__(self, database: Database, states: AccountStates) -> None:
        self._sessions = database.sessions
        self._states = states
        self._checks: DataLoader[tuple[str, str], str] = DataLoader(self.check)

    async def create(self, user_id: str, *, epoch: int = 0, agent: str = "") -> str:
        """Open a session and return its token, which is not stored and cannot be had again.

        Args:
            user_id: The account.
            epoch: The account's, as it was when the password was checked. If a new one began since, the
                session does not hold.
            agent: What the client calls itself.
        """
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        user = ObjectId(user_id)
        await self._sessions.insert_one(
            {
                "_id": token_hash(token),
                "user": user,
                "created_at": now,
                "expires_at": now + LIFETIME,
                "epoch": epoch,
                "agent": agent[:MAX_AGENT_CHARS],
            }
        )
        if secrets.randbelow(_TRIMMED_EVERY) == 0:
            # The session is open all the same; a later login tries again.
            with suppress(*STORE_FAILURES):
                await self._trim(user, now)
        return token

    async def _trim(self, user: ObjectId, now: datetime) -> None:
        """End sessions of an account beyond `MOST`; their sockets find out by the hub's own reads."""
        kept: Counter[bool] = Counter()
        ended = 0
        until = now + LIFETIME - _SPARED
        fields = {"created_at": 1, "expires_at": 1}
        async for rows in spans.before(
            self._sessions, "expires_at", until, where={"user": user}, fields=fields, since=now
        ):
            gone = []
            for row in sorted(rows, key=lambda one: one["expires_at"], reverse=True):
                is_used_again = row["expires_at"] - row["created_at"] > LIFETIME
                kept[is_used_again] += 1
                if kept[is_used_again] > MOST:
                    gone.append(row["_id"])
            # One that is used meanwhile stays.
            await delete_by_ids(self._sessions, gone, where={"expires_at": {"$lt": until}})
            ended += len(gone)
            if ended >= _TRIMMED_AT_ONCE:
                return

    async def member(self, user_id: str, token: str) -> Member | None:
        """Who asks with a session; None where it does not hold. It is valid for `LIFETIME` from now."""
        if not is_id(user_id):
            return None
        check = (user_id.lower(), token_hash(token))
        company = (await self._checks.get([check])).get(check)
        return Member(user_id, company) if company else None

    async def check(self, checks: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The companies in which sessions act.

        Args:
            checks: Pairs of user and hash of the token; those whose session does not hold are left out.
        """
        now = datetime.now(UTC)
        found = await self._holding([key for _, key in checks], now)
        held = {(str(session["user"]), session["_id"]): session["company"] for session in found}
        # A token with somebody else's id does not hold, and must not extend the session either.
        used = {key for user, key in checks if (user, key) in held}
        renewed = now + LIFETIME
        old = [
            session["_id"]
            for session in found
            if session["_id"] in used and session["expires_at"] < renewed - _RENEW_AFTER
        ]
        await update_by_ids(self._sessions, old, {"$set": {"expires_at": renewed}})
        return held

    async def epoch_of(self, token: str) -> int:
        """The epoch of its account in which a session began.

        Raises:
            SessionOver: It was ended.
        """
        session = await self._sessions.find_one({"_id": token_hash(token)}, {"epoch": 1})
        if session is None:
            raise SessionOver
        return int(session.get("epoch", 0))

    async def still_valid(self, hashes: Sequence[str]) -> set[str]:
        """Those of the tokens' hashes that belong to valid sessions."""
        return {session["_id"] for session in await self._holding(hashes, datetime.now(UTC))}

    async def list_for(self, user_id: str) -> list[Session]:
        """The account's valid sessions, the one that was used last first."""
        now = datetime.now(UTC)
        # By id: one that is used while this reads may come twice.
        found = {
            row["_id"]: row
            async for rows in pages_of(self._sessions, ObjectId(user_id), since=now)
            for row in rows
            if row["created_at"] > now - LONGEST
        }
        held = await self._of_present_epoch(list(found.values()))
        return sorted(map(_session, held), key=lambda one: (one.used_at, one.id), reverse=True)

    async def revoke(self, token: str) -> None:
        """End a session; ending it twice is harmless."""
        await self._sessions.delete_one({"_id": token_hash(token)})

    async def end(self, user_id: str, session_id: str) -> None:
        """End one session of an account by its id.

        Raises:
            NotFound: The account has no such session.
        """
        for session in await self.list_for(user_id):
            if session.id == session_id:
                await self._sessions.delete_one({"_id": session.token_hash})
                return
        raise NotFound(f"no session {session_id}")

    async def end_all(self, user_id: str, *, but: str = "") -> int:
        """End the sessions of an account, and return how many there were.

        Args:
            user_id: The account.
            but: The hash of the token that stays.
        """
        user, began = ObjectId(user_id), datetime.now(UTC)
        ended: set[str] = set()
        fields = {"created_at": 1}
        async for rows in pages_of(self._sessions, user, fields=fields):
            gone = {row["_id"] for row in rows} - {but}
            await delete_by_ids(self._sessions, gone)
            ended |= gone
        # One that was used meanwhile has moved to where the reading began. Who logged in meanwhile stays.
        async for rows in pages_of(self._sessions, user, since=began + LIFETIME - _APART, fields=fields):
            gone = {row["_id"] for row in rows if row["created_at"] < began} - {but}
            await delete_by_ids(self._sessions, gone)
            ended |= gone
        return len(ended)

    async def move(self, key: str, epoch: int) -> None:
        """Take a session over to a new epoch of its account, by the hash of its token."""
        await self._sessions.update_one({"_id": key}, {"$set": {"epoch": epoch}})

    async def _holding(self, hashes: Sequence[str], now: datetime) -> list[dict[str, Any]]:
        """The sessions that hold."""
        fields = {"user": 1, "expires_at": 1, "epoch": 1}
        return await self._of_present_epoch(
            await find_by_ids(self._sessions, hashes, fields, where=_unexpired(now))
        )

    async def _of_present_epoch(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        held = await self._states.hold({_of(session) for session in found})
        return [{**session, "company": held[_of(session)]} for session in found if _of(session) in held]


async def pages_of(
    sessions: Collection,
    user: ObjectId,
    *,
    since: datetime = spans.BEGINNING,
    fields: Mapping[str, int] | None = None,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give an account's sessions, some at a time, about the one that was used last first.

    A session that is used meanwhile, for the first time in ten minutes, may be missed, or come twice.

    Args:
        sessions: The collection.
        user: The account.
        since: Those that expire before this time are left out.
        fields: Which fields; all of them where it is None.
    """
    # No clock is more than a moment ahead, so this finds few.
    latest = datetime.now(UTC) + LIFETIME
    if rows := await sessions.find({"user": user, "expires_at": {"$gte": latest}}, fields).to_list(None):
        yield rows
    async for rows in spans.before(
        sessions, "expires_at", latest, where={"user": user}, fields=fields, since=since
    ):
        yield rows


def token_hash(token: str) -> str:
    """What of a token may be stored and sent between processes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _unexpired(now: datetime) -> dict[str, Any]:
    return {"expires_at": {"$gt": now}, "created_at": {"$gt": now - LONGEST}}


def _of(session: Mapping[str, Any]) -> tuple[str, int]:
    return str(session["user"]), session["epoch"]


def _session(document: Mapping[str, Any]) -> Session:
    return Session(
        id=document["_id"][:24],
        token_hash=document["_id"],
        created_at=document["created_at"],
        used_at=document["expires_at"] - LIFETIME,
        agent=document.get("agent", ""),
    )
