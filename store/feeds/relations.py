"""What was last learned from the stored resumes: one document, replaced by each step that learns.

It holds the relations of terms, and names the table of topics. That is a document of its own, since it may
take a megabyte, and the revision of what is learned is asked for often. A step is some writes: relations and
topics, in one transaction; a new revision of each feed that they change; and the note that this is done.
Where the note is missing a step did not come to its end, and any feed may be scored by older tables.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson.binary import Binary
from pymongo.errors import DuplicateKeyError

from store.documents import read_as
from store.mongo import Database
from store.transactions import again_after_conflict

_KEY = {"_id": "relations"}
_TOPICS = "topics:"
"""Begins the id of a table of topics; its revision follows."""

Table = Mapping[str, Mapping[str, int]]
"""Term -> related term -> nearness in hundredths."""


class StoredTopics(msgspec.Struct, frozen=True, kw_only=True):
    """A table of topics, and of what it was learned.

    Attributes:
        directions, weights: What is learned of them, as `engine.matching.learned.topics` has it.
        revision: Of the table's content; "" before anything was learned.
        rules: The version of the rules that made their profiles.
    """

    words: tuple[str, ...] = ()
    directions: bytes = b""
    weights: bytes = b""
    revision: str = ""
    resumes: int = 0
    rules: str = ""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a step learned from.

    Attributes:
        resumes: How many it read.
        profiles: How many profiles MongoDB said that there were when topics were last due. Compared with what
            it says now; where it is a little wrong, it is so both times.
        rules: The version of the rules that made the profiles.
    """

    resumes: int
    profiles: int
    rules: str = ""  # releases before noted them with the topics alone


class Last(Basis, frozen=True, kw_only=True):
    """The last step, without its tables; `applied` is as in `StoredRelations`."""

    learned_at: datetime
    has_topics: bool
    applied: bool


class StoredRelations(msgspec.Struct, frozen=True, kw_only=True):
    """A learned table, and how it was learned.

    Attributes:
        topics: The topics in force with it.
        revision: Of the content of both; "" before anything was learned.
        applied: Whether every feed that they change has a revision newer than they are.
    """

    table: Table = {}
    topics: StoredTopics = StoredTopics()
    revision: str = ""
    resumes: int = 0
    profiles: int = 0
    learned_at: datetime | None = None
    applied: bool = True


class RelationsStore:
    """The document `relations` of the collection `meta`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._meta = database.meta

    async def revision(self) -> str:
        """The revision of the table in force. It costs little: processes ask for it to notice a new one."""
        document = await self._meta.find_one(_KEY, {"revision": 1})
        return str(document["revision"]) if document else ""

    async def last(self) -> Last | None:
        """Of how many and when was last learned, a small read; None before the first time."""
        document = await self._meta.find_one(_KEY, {"table": 0})
        if document is None:
            return None
        has_topics = bool(document["topics"])
        return read_as(Last, document, profiles=_profiles(document), has_topics=has_topics)

    async def load(self) -> StoredRelations:
        """What was last learned; nothing before the first time."""
        async with self._database.transaction():
            document = await self._meta.find_one(_KEY)
            if document is None:
                return StoredRelations()
            topics = await self._topics(document.get("topics", ""))
        # Terms are stored in pairs, not as names of fields: they may hold dots and dollars.
        return read_as(
            StoredRelations,
            document,
            table={term: dict(near) for term, near in document["table"]},
            topics=topics or StoredTopics(),
            profiles=_profiles(document),
            # Topics that are lost, as after half a restore, are learned and applied anew by the next step.
            applied=document["applied"] and topics is not None,
        )

    async def _topics(self, revision: str) -> StoredTopics | None:
        """The table of this revision; None where it is no more."""
        if not revision:
            return StoredTopics()
        document = await self._meta.find_one({"_id": _TOPICS + revision})
        if document is None:
            return None
        words = tuple(document["words"].split("\n"))
        return read_as(StoredTopics, document, words=words, revision=revision)

    @again_after_conflict
    async def save(self, table: Table, topics: StoredTopics, revision: str, basis: Basis) -> None:
        """Put a new table and these topics in force; they are not applied yet."""
        about = {
            "words": "\n".join(topics.words),  # none holds a new line
            "directions": Binary(topics.directions),
            "weights": Binary(topics.weights),
            "resumes": topics.resumes,
            "rules": topics.rules,
        }
        document = {
            "topics": topics.revision,
            "table": [[term, list(near.items())] for term, near in table.items()],
            "revision": revision,
            **_learned(basis),
            "applied": False,
        }
        kept = _TOPICS + topics.revision
        async with self._database.transaction():
            await self._meta.update_one(_KEY, {"$set": document}, upsert=True)
            # Revisions are hexadecimal.
            await self._meta.delete_many({"_id": {"$gte": _TOPICS, "$lt": _TOPICS + "g", "$ne": kept}})
            if topics.revision:
                await self._meta.update_one({"_id": kept}, {"$set": about}, upsert=True)

    async def note(self, topics: StoredTopics, revision: str, basis: Basis) -> None:
        """Note that a step has learned once more what is in force, or nothing the first time.

        Where something of another revision is in force by now nothing is noted.
        """
        if topics.revision:
            about = {"resumes": topics.resumes, "rules": topics.rules}
            await self._meta.update_one({"_id": _TOPICS + topics.revision}, {"$set": about})
        change = {"$set": _learned(basis), "$setOnInsert": {"topics": "", "table": [], "applied": True}}
        with contextlib.suppress(DuplicateKeyError):  # of another revision by now
            await self._meta.update_one({**_KEY, "revision": revision}, change, upsert=True)

    async def set_applied(self, revision: str) -> None:
        """Note that the feeds follow what is in force, where it is still of that revision."""
        await self._meta.update_one({**_KEY, "revision": revision}, {"$set": {"applied": True}})


def _learned(basis: Basis) -> dict[str, Any]:
    """Of what was learned just now, as it is stored."""
    return {**msgspec.structs.asdict(basis), "learned_at": datetime.now(UTC)}


def _profiles(document: Mapping[str, Any]) -> int:
    """How many profiles there were; releases before counted resumes alone."""
    return int(document.get("profiles", document["resumes"]))
