"""The tokens of WeChat apps: one document an app, which all processes share, with a lease for whoever renews.

A token is good for two hours at most. It is kept as it is, since every process has to send it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo.errors import DuplicateKeyError

from store.mongo import Database, time_of


class AppToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token.

    Attributes:
        renew_at: From when on it is to be renewed.
        expires_at: Until when it holds, if nothing happens to it.
    """

    token: str
    renew_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AppToken(until {self.expires_at})"


class AppTokenDocuments:
    """The collection `app_tokens`; a document's id is what the app is called."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens = database.app_tokens

    async def find(self, key: str) -> AppToken | None:
        """The app's token; None before the first."""
        document = await self._tokens.find_one({"_id": key})
        if document is None or "token" not in document:
            return None
        return AppToken(
            token=document["token"], renew_at=document["renew_at"], expires_at=document["expires_at"]
        )

    async def lease(self, key: str, holder: str, time: timedelta) -> bool:
        """Take the lease; false while another process has it.

        By MongoDB's clock: those of two machines may differ by more than a lease.
        """
        now = await time_of(self._database)
        document = await self._tokens.find_one({"_id": key}, {"held_by": 1, "held_until": 1})
        held = {"held_by": holder, "held_until": now + time}
        if document is None:
            try:
                await self._tokens.insert_one({"_id": key, **held})
            except DuplicateKeyError:
                return False
            return True
        until = document.get("held_until")
        if until is not None and until > now:
            return False
        as_read = {"held_by": document.get("held_by"), "held_until": until}
        return bool((await self._tokens.update_one({"_id": key, **as_read}, {"$set": held})).matched_count)

    async def give_back(self, key: str, holder: str, token: AppToken | None) -> None:
        """End the lease, with a new token where there is one; nothing where another process has it by now."""
        change: dict[str, Any] = {"$unset": {"held_by": "", "held_until": ""}}
        if token is not None:
            change["$set"] = msgspec.structs.asdict(token)
        await self._tokens.update_one({"_id": key, "held_by": holder}, change)
