"""Login tokens. Only their SHA-256 is kept, so a stolen database opens no account."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from store.by_ids import delete_by_ids, find_by_ids, update_by_ids
from store.data_loader import DataLoader
from store.errors import STORE_FAILURES
from store.ids import is_id
from store.mongo import Database

LIFETIME = timedelta(days=30)
"""How long after its last use a session is valid."""

_RENEW_AFTER = timedelta(hours=1)
"""Use of a session extends it, but that is written at most so often: else every request would be a write."""

_REMOVED_AT_A_TIME = 100
"""Expired sessions that a login removes at most. It is more than one, or they would pile up, and few enough
that nobody notices at their login."""


class Sessions:
    """The collection `sessions`; logins remove what has expired."""

    def __init__(self, database: Database) -> None:
        self._sessions = database.sessions
        self._checks: DataLoader[tuple[str, str], bool] = DataLoader(self.check)

    async def create(self, user_id: str) -> str:
        """Open a session and return its token, which is not stored and cannot be had again."""
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        await self._sessions.insert_one(
            {
                "_id": token_hash(token),
                "user": ObjectId(user_id),
                "created_at": now,
                "expires_at": now + LIFETIME,
            }
        )
        # The session is there: a failure to tidy up must not fail the login.
        with contextlib.suppress(*STORE_FAILURES):
            await self._remove_expired(now)
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
        found = await find_by_ids(
            self._sessions,
            [key for _, key in checks],
            {"user": 1, "expires_at": 1},
            where={"expires_at": {"$gt": now}},
        )
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
        unexpired = {"expires_at": {"$gt": datetime.now(UTC)}}
        return {
            session["_id"]
            for session in await find_by_ids(self._sessions, hashes, {"_id": 1}, where=unexpired)
        }

    async def revoke(self, token: str) -> None:
        """End a session; ending it twice is harmless."""
        await self._sessions.delete_one({"_id": token_hash(token)})

    async def _remove_expired(self, now: datetime) -> None:
        """Remove some expired sessions; `mongo.INDEXES` says why there is no TTL index."""
        expired = {"expires_at": {"$lt": now}}
        rows = await self._sessions.find(expired, {"_id": 1}).limit(_REMOVED_AT_A_TIME).to_list(None)
        await delete_by_ids(self._sessions, [row["_id"] for row in rows], where=expired)


def token_hash(token: str) -> str:
    """What of a token may be stored and sent between processes."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
