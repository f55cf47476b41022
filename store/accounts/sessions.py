"""Login tokens. Only their SHA-256 is kept, so a stolen database opens no account.

A session holds while it is neither old nor ended, and while its account may log in and is still in the epoch
in which the session began. What held a moment ago is in `known_sessions`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store import spans
from store.accounts.accounts import Account, account_from
from store.accounts.known_sessions import Check, KnownSessions
from store.by_ids import delete_by_ids, find_by_ids, update_by_ids
from store.documents import read_as
from store.errors import STORE_FAILURES, NotFound, SessionOver
from store.ids import is_id
from store.mongo import Collection, Database
from store.redis.events import Events

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


_STATE = {"active": 1, "is_hr": 1, "disabled": 1, "epoch": 1, "company_id": 1}
"""What of an account says whether its sessions hold, and for which company."""
_Document = Mapping[str, Any]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One session as its account sees it.

    Attributes:
        id: What it is called; it opens nothing.
        used_at: Its last use, some minutes late at most.
    """

    id: str
    token_hash: str
    created_at: datetime
    used_at: datetime
    agent: str = ""


class Sessions:
    """The collection `sessions`; `expiry` removes what has expired. Belongs to one event loop."""

    def __init__(self, database: Database, events: Events) -> None:
        self._sessions = database.sessions
        self._accounts = database.accounts
        self.known = KnownSessions(self.check, events)

    async def create(self, user_id: str, *, epoch: int = 0, agent: str = "") -> str:
        """Open a session and return its token, which is not stored and cannot be had again.

        `epoch` is the account's when the password was checked. If a new one began since, the session does not
        hold. `agent` is what the client calls itself.
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

    async def is_valid(self, user_id: str, token: str) -> bool:
        """Whether `token` is a valid session of `user_id`; if so it is valid for `LIFETIME` from now."""
        return await self.account_of(user_id, token) is not None

    async def account_of(self, user_id: str, token: str) -> Account | None:
        """As `is_valid`, the account as of the last two seconds; None where the session is not valid."""
        return await self.known.find((user_id.lower(), token_hash(token))) if is_id(user_id) else None

    async def check(self, checks: Sequence[Check]) -> dict[Check, Account]:
        """As `account_of`, of many and read now; those that are not valid are left out."""
        now = datetime.now(UTC)
        wanted = set(checks)
        # A token with somebody else's id does not hold, and must not extend the session either.
        held = {
            check: (session, account)
            for session, account in await self._holding([key for _, key in checks], now, None)
            if (check := (str(session["user"]), session["_id"])) in wanted
        }
        renewed = now + LIFETIME
        renews = renewed - _RENEW_AFTER
        old = [key for (_, key), (session, _) in held.items() if session["expires_at"] < renews]
        await update_by_ids(self._sessions, old, {"$set": {"expires_at": renewed}})
        return {check: account_from(account) for check, (_, account) in held.items()}

    async def epoch_of(self, token: str) -> int:
        """The epoch of its account in which a session began.

        Raises:
            SessionOver: It was ended.
        """
        session = await self._sessions.find_one({"_id": token_hash(token)}, {"epoch": 1})
        if session is None:
            raise SessionOver
        return int(session.get("epoch", 0))

    async def companies_of(self, hashes: Sequence[str]) -> dict[str, str]:
        """The companies in which the accounts of valid sessions are, by the hashes of their tokens."""
        held = await self._holding(hashes, datetime.now(UTC))
        return {session["_id"]: str(account["company_id"]) for session, account in held}

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
        held = [session for session, _ in await self._of_present_epoch([*found.values()])]
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
        """End the sessions of an account but one, by the hash of its token; return how many there were."""
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

    async def _holding(
        self, hashes: Sequence[str], now: datetime, of_accounts: Mapping[str, int] | None = _STATE
    ) -> list[tuple[_Document, _Document]]:
        """The sessions that hold, with those fields of their accounts."""
        fields = {"user": 1, "expires_at": 1, "epoch": 1}
        found = await find_by_ids(self._sessions, hashes, fields, where=_unexpired(now))
        return await self._of_present_epoch(found, of_accounts)

    async def _of_present_epoch(
        self, found: Sequence[_Document], fields: Mapping[str, int] | None = _STATE
    ) -> list[tuple[_Document, _Document]]:
        # After the sessions: of one that was ended by an epoch meanwhile the new epoch is read.
        accounts = {
            one["_id"]: one
            for one in await find_by_ids(self._accounts, {session["user"] for session in found}, fields)
            if one["active"] and one["is_hr"] and not one.get("disabled")
        }
        return [
            (session, account)
            for session in found
            if (account := accounts.get(session["user"])) and session["epoch"] >= account.get("epoch", 0)
        ]


async def pages_of(
    sessions: Collection,
    user: ObjectId,
    *,
    since: datetime = spans.BEGINNING,
    fields: Mapping[str, int] | None = None,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give an account's sessions, some at a time, about the one that was used last first.

    A session that is used meanwhile, for the first time in ten minutes, may be missed, or come twice. Those
    that expire before `since` are left out.
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


def _session(document: Mapping[str, Any]) -> Session:
    key = document["_id"]
    return read_as(Session, document, id=key[:24], token_hash=key, used_at=document["expires_at"] - LIFETIME)
