"""The tokens of WeChat apps: one document an app, which all processes share.

A token is good for two hours at most. It is kept as it is, since every process has to send it.
"""

from __future__ import annotations

import contextlib
from contextlib import AbstractAsyncContextManager
from datetime import datetime

import msgspec
from pymongo.errors import DuplicateKeyError

from store.documents import read_as
from store.jobs.jobs import Job, Jobs
from store.mongo import Database


class AppToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token."""

    token: str
    renew_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        return f"AppToken(until {self.expires_at})"


class AppTokenDocuments:
    """The collection `app_tokens`; a document's id is what the app is called."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._jobs = jobs
        self._tokens = database.app_tokens

    async def find(self, key: str) -> AppToken | None:
        """The app's token; None before the first."""
        document = await self._tokens.find_one({"_id": key})
        if document is None:
            return None
        return read_as(AppToken, document)

    def renewing(self, key: str) -> AbstractAsyncContextManager[Job | None]:
        """Renew an app's token while no other process does; gives None while one does."""
        return self._jobs.holding("app_token", key)

    async def save(self, key: str, token: AppToken, seen: AppToken | None) -> None:
        """Put a token in place of the one that was seen; nothing where another process has done so."""
        which = {"_id": key, "token": seen and seen.token}
        with contextlib.suppress(DuplicateKeyError):
            await self._tokens.update_one(which, {"$set": msgspec.structs.asdict(token)}, upsert=seen is None)
