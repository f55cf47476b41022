"""Facts about the database itself: one document that changes, and one with its id."""

from __future__ import annotations

import contextlib
import secrets
from contextlib import AbstractAsyncContextManager

from pymongo.errors import DuplicateKeyError

from store.feeds.leases import holding
from store.mongo import Database

_KEY = {"_id": "facts"}
_ID_KEY = {"_id": "database"}


class Meta:
    """The collection `meta`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._meta = database.meta

    async def analyzer_version(self) -> str:
        """The version of the matching rules that the stored scores come from; "" before the first."""
        document = await self._meta.find_one(_KEY)
        return str(document["analyzer_version"]) if document else ""

    async def set_analyzer_version(self, version: str) -> None:
        """Note that all stored scores come from `version`, or will."""
        await self._meta.update_one(_KEY, {"$set": {"analyzer_version": version}}, upsert=True)

    def alone(self, what: str, process: str) -> AbstractAsyncContextManager[bool]:
        """Do something while no other process does; gives whether that is so, see `leases.holding`."""
        return holding(self._database, what, process)

    async def database_id(self) -> str:
        """An id that the database gets when it is first asked for, and then keeps; no other has the same."""
        while (document := await self._meta.find_one(_ID_KEY)) is None:
            with contextlib.suppress(DuplicateKeyError):  # another process was first
                await self._meta.insert_one({**_ID_KEY, "id": secrets.token_hex(12)})
        return str(document["id"])
