"""Files that got no place, kept for a week: an operator can see why, and have them read again.

They hold whatever strangers sent, so they stay no longer than that: a week after a file first came it is no
longer shown, and its bytes go with the next look of `engine.ends.retention`. A file of the same source and
bytes is kept once. Of one source there are `MOST` at a time, so that nobody fills the disk with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store import spans
from store.by_ids import find_by_ids, object_ids
from store.documents import read_as
from store.ends.suppressions import Bearer, Suppressions
from store.files.file_store import FileStore
from store.gate import Gate
from store.ids import file_id
from store.mongo import Database
from store.transactions import again_after_conflict

KEPT = timedelta(days=7)
"""How long a file is kept."""
MOST = 1000
"""Files of one source that are kept at a time; what comes beyond is refused all the same, and not kept."""


class QuarantinedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that got no place.

    Attributes:
        kind: What its bytes are; "" where that is not known.
        reason: Why, in one word: a `Reason` of `intake.files.outcome`, or `invalid`.
        size: Bytes.
        at: When it first came.
        source_id: What its sender calls it; "" where the sender does not say.
    """

    id: str
    name: str
    kind: str
    reason: str
    source: str
    source_id: str
    send_to: list[str]
    size: int
    at: datetime


class FileQuarantine:
    """The collections `file_quarantine.files` and `file_quarantine.chunks`."""

    def __init__(self, database: Database, suppressions: Suppressions | None = None) -> None:
        self._files = FileStore(database, "file_quarantine")
        self._suppressions = suppressions or Suppressions(database)
        self._database = database
        self._gate = Gate(database)

    @again_after_conflict
    async def add(
        self,
        name: str,
        data: bytes,
        sha256: str,
        *,
        kind: str,
        reason: str,
        source: str,
        source_id: str = "",
        send_to: Sequence[str] = (),
        reach: Sequence[str] = (),
    ) -> None:
        """Keep a file; one that is kept already gets the reason anew, and stays no longer for it.

        One of somebody who was erased is not kept. `sha256` is of its bytes, in hex; `reach` are the phones
        and e-mails in it, as far as it can be read. For the rest see `QuarantinedFile`.
        """
        about = {
            "kind": kind,
            "reason": reason,
            "source": source,
            "source_id": source_id,
            "send_to": list(send_to),
            "reach": list(reach),
        }
        async with self._database.transaction():
            # Whose it is stands nowhere.
            if await self._suppressions.find({"": Bearer("", reach)}):
                await self.remove(source, sha256)  # it may be here since nothing could be read in it
                return
            id_, documents = _id(source, sha256), self._files.documents
            again = {"$set": {"metadata.reason": reason}}
            if (await documents.update_one({"_id": id_}, again)).matched_count:
                return
            if await documents.count_documents({"metadata.source": source}, limit=MOST) < MOST:
                await self._files.put(id_, name, data, about)
            await self._gate.enter()

    async def list(self, limit: int, skip: int = 0) -> list[QuarantinedFile]:
        """Some of the files that are kept, the latest first."""
        found = self._files.documents.find(_kept()).sort("uploadDate", -1).skip(skip).limit(limit)
        return [_quarantined(row) for row in await found.to_list(None)]

    async def get(self, id_: str) -> QuarantinedFile | None:
        """One file; None where it is not kept."""
        row = await self._files.documents.find_one({"_id": ObjectId(id_)})
        return _quarantined(row) if row and row["uploadDate"] >= datetime.now(UTC) - KEPT else None

    async def read(self, file: QuarantinedFile) -> bytes:
        """The bytes of a file, see `FileStore.read`."""
        return b"".join([piece async for piece in self._files.read(ObjectId(file.id), file.size)])

    async def remove(self, source: str, sha256: str) -> None:
        """Forget a file of a source: it has got its place, or must not be kept. None there is harmless."""
        id_ = _id(source, sha256)
        if await self._files.documents.find_one({"_id": id_}, {"_id": 1}) is not None:
            await self._files.delete([id_])

    async def drop(self, ids: Sequence[str]) -> int:
        """Delete some files; returns how many there were."""
        found = await find_by_ids(self._files.documents, object_ids(ids), {"_id": 1})
        await self._files.delete([row["_id"] for row in found])
        return len(found)

    async def erase(self, reach: Sequence[str], named: Collection[tuple[str, str]] = ()) -> int:
        """Delete the files in which somebody's phones or e-mails can be read; returns how many.

        So are those `named`, by source and source id of their resumes: that their sender calls so, or whose
        bytes are called so, whatever could be read in them.
        """
        ids = await self._ids({"metadata.reach": {"$in": [*reach]}})
        ids |= await self._ids({"_id": {"$in": [_id(*one) for one in named]}})
        by_source: defaultdict[str, list[str]] = defaultdict(list)
        for source, source_id in named:
            by_source[source].append(source_id)
        for source, source_ids in by_source.items():
            which = {"metadata.source": source, "metadata.source_id": {"$in": source_ids}}
            ids |= await self._ids(which)
        await self._files.delete(sorted(ids))
        return len(ids)

    async def has(self, reach: Sequence[str]) -> bool:
        """Whether somebody's phone or e-mail can be read in a file that is here."""
        which = {"metadata.reach": {"$in": list(reach)}}
        return await self._files.documents.find_one(which, {"_id": 1}) is not None

    async def _ids(self, which: Mapping[str, Any]) -> set[ObjectId]:
        return {row["_id"] for row in await self._files.documents.find(which, {"_id": 1}).to_list(None)}

    async def count(self) -> int:
        """How many are kept."""
        return int(await self._files.documents.count_documents(_kept()))

    async def sweep(self, now: datetime) -> AsyncIterator[int]:
        """Delete what was kept for long enough; gives a 1 for each, so as to rest."""
        until = now - KEPT
        # All at once first, as mostly nothing is found.
        async for rows in spans.before(
            self._files.documents, "uploadDate", until, fields={"_id": 1}, first=spans.EVER
        ):
            for row in rows:
                await self._files.delete([row["_id"]])
                yield 1


def _id(source: str, sha256: str) -> ObjectId:
    return ObjectId(file_id(source, sha256))


def _kept() -> dict[str, Any]:
    return {"uploadDate": {"$gte": datetime.now(UTC) - KEPT}}


def _quarantined(row: Mapping[str, Any]) -> QuarantinedFile:
    return read_as(
        QuarantinedFile,
        {**row["metadata"], "_id": row["_id"]},
        name=row["filename"],
        size=row["length"],
        at=row["uploadDate"],
    )
