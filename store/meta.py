"""One document of facts about the database itself."""

from __future__ import annotations

from store.mongo import Database

_KEY = {"_id": "facts"}


class Meta:
    """The collection `meta`."""

    def __init__(self, database: Database) -> None:
        self._meta = database.meta

    async def analyzer_version(self) -> str:
        """The version of the matching rules that the stored scores come from; "" before the first."""
        document = await self._meta.find_one(_KEY)
        return str(document["analyzer_version"]) if document else ""

    async def set_analyzer_version(self, version: str) -> None:
        """Note that all stored scores come from `version`, or will."""
        await self._meta.update_one(_KEY, {"$set": {"analyzer_version": version}}, upsert=True)
