"""Facts about the database itself: a document that changes, one with its id, and one with its servers' key.

The one that changes, `facts`, says by which matching rules the stored scores were made:

    {"analyzer_version": "3f0c9e5b7a1d2c48"}                     # all of them by these
    {"analyzer_version": "3f0c9e5b7a1d2c48", "unsettled": 2}     # processes of other rules have begun since
    {"analyzer_version": "77ab03d1c5e64f90", "unsettled": 0}     # all are being scored again, by these

`unsettled` counts the starts of processes that may have scored by other rules.
"""

from __future__ import annotations

import contextlib
import secrets

import msgspec
from pymongo.errors import DuplicateKeyError

from store.mongo import Database

_KEY = {"_id": "facts"}
_ID_KEY = {"_id": "database"}
_SECRET_KEY = {"_id": "secret_key"}


class Rules(msgspec.Struct, frozen=True):
    """By which matching rules the stored scores were made.

    Attributes:
        version: The rules that all of them come from, or are to come from; "" before the first.
        unsettled: None where all do; 0 while all are scored again; else how many processes have begun that
            may have scored by others.
    """

    version: str
    unsettled: int | None = None

    def are_settled(self, version: str) -> bool:
        """Whether all scores come from the rules of `version`."""
        return self == Rules(version)

    def are_to_be(self, version: str) -> bool:
        """Whether all scores come from the rules of `version`, or are just being made by them."""
        return self.version == version and not self.unsettled


class Meta:
    """The collection `meta`."""

    def __init__(self, database: Database) -> None:
        self._meta = database.meta

    async def rules(self) -> Rules:
        """By which matching rules the stored scores were made."""
        facts = await self._meta.find_one(_KEY) or {}
        return Rules(facts.get("analyzer_version", ""), facts.get("unsettled"))

    async def note_start(self, version: str) -> None:
        """Note, before a process scores anything, by which rules it does; mostly that is known already."""
        rules = await self.rules()
        if not rules.version:  # a new database, in which nothing was scored
            with contextlib.suppress(DuplicateKeyError):  # another process was first
                await self._meta.insert_one({**_KEY, "analyzer_version": version})
            rules = await self.rules()
        if not rules.are_to_be(version):
            await self._meta.update_one(_KEY, {"$inc": {"unsettled": 1}})

    async def begin_rescoring(self, version: str, seen: Rules) -> bool:
        """Note that from now on all is scored again by the rules of `version`.

        Returns:
            False where the facts are not as they were `seen`, as somebody else has begun.
        """
        which = {**_KEY, "analyzer_version": seen.version, "unsettled": seen.unsettled}
        change = {"$set": {"analyzer_version": version, "unsettled": 0}}
        return bool((await self._meta.update_one(which, change)).matched_count)

    async def end_rescoring(self, version: str) -> None:
        """Note that all scores come from `version`, unless a process of other rules has begun meanwhile."""
        which = {**_KEY, "analyzer_version": version, "unsettled": 0}
        await self._meta.update_one(which, {"$unset": {"unsettled": ""}})

    async def note_key(self, name: str) -> bool:
        """Note which `secret_key` a server has that starts; false where the one before had another.

        The name tells nothing of the key (`store.audit.rows.Sealer`).
        """
        if is_same := await self.has_key(name):
            return True
        await self._meta.update_one(_SECRET_KEY, {"$set": {"name": name}}, upsert=True)
        return is_same is None

    async def has_key(self, name: str) -> bool | None:
        """Whether servers have the `secret_key` of this name; None before the first one has noted it."""
        document = await self._meta.find_one(_SECRET_KEY)
        return None if document is None else bool(document["name"] == name)

    async def database_id(self) -> str:
        """An id that the database gets when it is first asked for, and then keeps; no other has the same."""
        while (document := await self._meta.find_one(_ID_KEY)) is None:
            with contextlib.suppress(DuplicateKeyError):  # another process was first
                await self._meta.insert_one({**_ID_KEY, "id": secrets.token_hex(12)})
        return str(document["id"])
