"""Originals: the file that a resume was read from, one a resume, the newest. `docs/adr/0045` says why so.

    await resumes.save([IncomingResume(..., original=OriginalFile(...))])
    original = await originals.find(resume_id)

A resume's document names its original. Both are written in the transaction that stores what was read from it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from typing import Any

import msgspec
from bson import ObjectId

from store.by_ids import find_by_ids
from store.documents import read_as
from store.files.file_store import FileStore
from store.mongo import Database
from store.paging import pages


class OriginalFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it is sent; for the fields see `Original`."""

    name: str
    data: bytes
    sha256: str
    kind: str
    pages: int


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent.

    Attributes:
        name: As its sender called it; it may name the person.
        kind: What its bytes are: `pdf`, `docx`, … (`intake.files.document`).
        size: Bytes.
        sha256: Of its bytes, in hex.
    """

    id: str
    name: str
    kind: str
    pages: int
    size: int
    sha256: str


class Originals:
    """The collections `originals.files` and `originals.chunks`."""

    def __init__(self, database: Database) -> None:
        self._files = FileStore(database, "originals")
        self._resumes = database.resumes

    async def replace(self, resume_id: str, file: OriginalFile) -> None:
        """Put a file in place of the one that a resume has, in the transaction that stores the resume."""
        current, resume = await self.find(resume_id), ObjectId(resume_id)
        if current is not None and current.sha256 == file.sha256:
            return
        await self.delete_of([resume])
        about = {"resume": resume, "kind": file.kind, "pages": file.pages, "sha256": file.sha256}
        id_ = ObjectId()
        await self._files.put(id_, file.name, file.data, about)
        await self._resumes.update_one({"_id": resume}, {"$set": {"original": id_}})

    async def find(self, resume_id: str) -> Original | None:
        """The original of a resume; None where it has none."""
        row = await self._resumes.find_one({"_id": ObjectId(resume_id)}, {"original": 1})
        if row is None or "original" not in row:
            return None
        file = await self._files.documents.find_one({"_id": row["original"]})
        return _original(file) if file else None

    def read(self, original: Original) -> AsyncGenerator[bytes, None]:
        """Give an original piece by piece, see `FileStore.read`."""
        return self._files.read(ObjectId(original.id), original.size)

    async def delete_of(self, resumes: Iterable[ObjectId]) -> None:
        """Delete all files of resumes that are gone."""
        rows = await find_by_ids(self._files.documents, resumes, {"_id": 1}, key="metadata.resume")
        await self._files.delete([row["_id"] for row in rows])

    async def count(self) -> int:
        """How many there are."""
        return int(await self._files.documents.estimated_document_count())


def _original(row: Mapping[str, Any]) -> Original:
    about = {**row["metadata"], "_id": row["_id"]}
    return read_as(Original, about, name=row["filename"], size=row["length"])


async def broken_originals(database: Database, tick: Callable[[str], None]) -> AsyncIterator[str]:
    """Give a line for each original that no resume names, and each resume that names none that is there.

    Uploads go on meanwhile: what looks wrong is looked at again.
    """
    files = database["originals.files"]
    named = {
        row["_id"]: row["original"]
        async for page in pages(database.resumes.find({}, {"original": 1}))
        for row in page
        if "original" in row
    }
    there: set[ObjectId] = set()
    async for page in pages(files.find({}, {"metadata.resume": 1})):
        for row in page:
            tick("originals")
            there.add(row["_id"])
            resume = row["metadata"]["resume"]
            if named.get(resume) != row["_id"] and await _is_wrong(database, row["_id"], resume):
                yield f"original {row['_id']} is not that of resume {resume}"
    for resume, original in named.items():
        if original not in there and await _is_wrong(database, original, resume):
            yield f"resume {resume} names the original {original}, which is gone"


async def _is_wrong(database: Database, original: ObjectId, resume: ObjectId) -> bool:
    """Whether one of the two is without the other, both read in one snapshot."""
    async with database.transaction():
        named = await database.resumes.find_one({"_id": resume}, {"original": 1}) or {}
        there = await database["originals.files"].find_one({"_id": original}, {"_id": 1})
    return (named.get("original") == original) != (there is not None)
