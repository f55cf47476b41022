"""What was last learned of how terms relate: one document, replaced by an explicit step.

A step is three writes: the new table, a new revision of each feed that it changes, and the note that this
is done. Where the note is missing a step did not come to its end, and any feed may be scored by an older
table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from store.mongo import Database

_KEY = {"_id": "relations"}

Table = Mapping[str, Mapping[str, int]]
"""Term -> related term -> nearness in hundredths."""


class StoredRelations(msgspec.Struct, frozen=True, kw_only=True):
    """A learned table, and how it was learned.

    Attributes:
        revision: Of the table's content; "" before anything was learned.
        resumes: From how many it was learned.
        applied: Whether every feed that the table changes has a revision newer than the table.
    """

    table: Table = {}
    revision: str = ""
    resumes: int = 0
    learned_at: datetime | None = None
    applied: bool = True


class RelationsStore:
    """The document `relations` of the collection `meta`."""

    def __init__(self, database: Database) -> None:
        self._meta = database.meta

    async def revision(self) -> str:
        """The revision of the table in force. It costs little: processes ask for it to notice a new one."""
        document = await self._meta.find_one(_KEY, {"revision": 1})
        return str(document["revision"]) if document else ""

    async def load(self) -> StoredRelations:
        """What was last learned; nothing before the first time."""
        document = await self._meta.find_one(_KEY)
        if document is None:
            return StoredRelations()
        # Terms are stored in pairs, not as names of fields: they may hold dots and dollars.
        table = {term: dict(near) for term, near in document["table"]}
        return StoredRelations(
            table=table,
            revision=document["revision"],
            resumes=document["resumes"],
            learned_at=document["learned_at"],
            applied=document["applied"],
        )

    async def save(self, table: Table, revision: str, resumes: int) -> None:
        """Put a new table in force; it is not applied yet."""
        document = {
            "table": [[term, list(near.items())] for term, near in table.items()],
            "revision": revision,
            "resumes": resumes,
            "learned_at": datetime.now(UTC),
            "applied": False,
        }
        await self._meta.replace_one(_KEY, document, upsert=True)

    async def set_applied(self, revision: str) -> None:
        """Note that the feeds follow the table, where it is still that one."""
        await self._meta.update_one({**_KEY, "revision": revision}, {"$set": {"applied": True}})
