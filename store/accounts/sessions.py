"""Login tokens. Only their SHA-256 is kept, so a stolen database opens no account.

A session holds while it is neither old nor ended, and while its account may log in and is still in the epoch
in which the session began: see `account_states`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.accounts.account_states import AccountStates
from store.by_ids import delete_by_ids, find_by_ids, update_by_ids
from store.data_loader import DataLoader
from store.errors import NotFound
from store.ids import is_id
from store.mongo import Database

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
        self._checks: DataLoader[tuple[str, str], bool] = DataLoader(self.check)

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
        await self._sessions.insert_one(
            {
                "_id": token_hash(token),
                "user": ObjectId(user_id),
                "created_at": now,
                "expires_at": now + LIFETIME,
                "epoch": epoch,
                "agent": agent[:MAX_AGENT_CHARS],
            }
        )
        return token

    async def is_valid(self, user_id: str, token: str) -> bool:
        """Whether `token` is a valid session of `user_id`; if so it is valid for `LIFETIME` from now."""
        if not is_id(user_id):
            return False
        check = (user_id.lower(), token_hash(token))
        return check in await self._checks.get([check])

    async def check(self, checks: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bool]:
        """As `is_valid`, for many pairs of user and hash of the token; those not valid are left out."""
        now = datetime.now(UTC)
        found = await self._holding([key for _, key in checks], now)
        held = {(str(session["user"]), session["_id"]): True for session in found}
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

    async def still_valid(self, hashes: Sequence[str]) -> set[str]:
        """Those of the tokens' hashes that belong to valid sessions."""
        return {session["_id"] for session in await self._holding(hashes, datetime.now(UTC))}

    async def list_for(self, user_id: str) -> list[Session]:
        """The account's valid sessions, the one that was used last first."""
        which = {"user": ObjectId(user_id), **_unexpired(datetime.now(UTC))}
        found = await self._of_present_epoch(await self._sessions.find(which).to_list(None))
        return sorted(map(_session, found), key=lambda one: (one.used_at, one.id), reverse=True)

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
        which: dict[str, Any] = {"user": ObjectId(user_id)}
        rows = await self._sessions.find(which, {"_id": 1}).to_list(None)
        gone = [row["_id"] for row in rows if row["_id"] != but]
        await delete_by_ids(self._sessions, gone)
        return len(gone)

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
        return [session for session in found if _of(session) in held]


def token_hash(token: str) -> str:
    """What of a token may be stored and sent between processes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _unexpired(now: datetime) -> dict[str, Any]:
    return {"expires_at": {"$gt": now}, "created_at": {"$gt": now - LONGEST}}


def _of(session: Mapping[str, Any]) -> tuple[str, int]:
    # Sessions of the release before are of the first epoch.
    return str(session["user"]), session.get("epoch", 0)


def _session(document: Mapping[str, Any]) -> Session:
    return Session(
        id=document["_id"][:24],
        token_hash=document["_id"],
        created_at=document["created_at"],
        used_at=document["expires_at"] - LIFETIME,
        agent=document.get("agent", ""),
    )
