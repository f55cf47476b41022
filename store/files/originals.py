"""Originals: the file that a resume was read from, one a resume, the newest. `docs/adr/0045` says why so.

    file_id = await originals.keep(resume_id, "resume.pdf", data, kind="pdf", pages=2)
    await resumes.save([IncomingResume(..., original=file_id)])
    await originals.settle(resume_id, file_id)

A resume's document names its original, and that alone says which one counts: it is written together with
what was read from it. A file is written before that. So it is looked at again when its upload has surely
ended (`sweep`): its resume names it, or it goes, whoever was killed and whoever came in between.

`manage.py check` asks here whether resumes and their originals belong together.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.by_ids import find_by_ids
from store.files.file_store import FileStore
from store.mongo import Database
from store.paging import pages

UNSETTLED = timedelta(hours=1)
"""For so long an upload may take from writing a file to storing its resume; it takes seconds."""
_SWEPT = 1000
"""Files that one look goes through. What is left is found by the next one."""


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was sent.

    Attributes:
        name: As its sender called it; it may name the person.
        kind: What its bytes are: `pdf`, `docx`, … (`intake.files.document`).
        pages: How many it has.
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

    async def keep(
        self, resume_id: str, name: str, data: bytes, sha256: str, *, kind: str, pages: int
    ) -> str | None:
        """Write a resume's file; it does not count before its resume names it.

        Returns:
            Its id; None where the resume has this very file already.
        """
        current = await self.find(resume_id)
        if current is not None and current.sha256 == sha256:
            return None
        file_id = ObjectId()
        about = {
            "resume": ObjectId(resume_id),
            "kind": kind,
            "pages": pages,
            "sha256": sha256,
            "unsettled": True,
            "unswept": True,
        }
        await self._files.put(file_id, name, data, about)
        return str(file_id)

    async def settle(self, resume_id: str, file_id: str) -> None:
        """Delete what is no longer the resume's original, at once; `file_id` was written for it, and may go.

        What is missed, as somebody else was at it or as we were killed, `sweep` deletes.
        """
        mine, resume = ObjectId(file_id), ObjectId(resume_id)
        # Listed before it is looked which one counts: one that is settled later is not listed as settled yet,
        # and so is not deleted here.
        found = await self._files.documents.find({"metadata.resume": resume}, {"metadata": 1}).to_list(None)
        current = await self._current(resume)
        if current == mine:
            await self._files.documents.update_one({"_id": mine}, {"$unset": {"metadata.unsettled": ""}})
        await self._files.delete(
            [
                row["_id"]
                for row in found
                if row["_id"] != current and (row["_id"] == mine or "unsettled" not in row["metadata"])
            ]
        )
        # Whoever was faster may have left ours, as it was not settled when they looked.
        if current == mine and await self._current(resume) != mine:
            await self._files.delete([mine])

    async def find(self, resume_id: str) -> Original | None:
        """The original of a resume; None where it has none."""
        current = await self._current(ObjectId(resume_id))
        row = current and await self._files.documents.find_one({"_id": current})
        return _original(row) if row else None

    def read(self, original: Original) -> AsyncGenerator[bytes, None]:
        """Give an original piece by piece, see `FileStore.read`."""
        return self._files.read(ObjectId(original.id), original.size)

    async def delete_of(self, resumes: Iterable[ObjectId]) -> None:
        """Delete all files of resumes that are gone."""
        rows = await find_by_ids(self._files.documents, resumes, {"_id": 1}, key="metadata.resume")
        await self._files.delete([row["_id"] for row in rows])

    async def sweep(self, now: datetime) -> AsyncIterator[int]:
        """Look once at each file, when its upload has surely ended; gives a 1 for each, so as to rest."""
        moment = now - UNSETTLED
        which = {"metadata.unswept": True, "uploadDate": {"$lt": moment}}
        done = {"$unset": {"metadata.unswept": "", "metadata.unsettled": ""}}
        due = self._files.documents.find(which, {"metadata.resume": 1}).limit(_SWEPT)
        for row in await due.to_list(None):
            resume = row["metadata"]["resume"]
            of_resume = {"metadata.resume": resume}
            found = await self._files.documents.find(of_resume, {"uploadDate": 1}).to_list(None)
            current = await self._current(resume)
            old = [one["_id"] for one in found if one["uploadDate"] < moment]
            await self._files.delete([one for one in old if one != current])
            await self._files.documents.update_one({"_id": row["_id"]}, done)
            yield 1

    async def count(self) -> int:
        """How many there are."""
        return int(await self._files.documents.estimated_document_count())

    async def _current(self, resume: ObjectId) -> ObjectId | None:
        row = await self._resumes.find_one({"_id": resume}, {"original": 1})
        return row.get("original") if row else None


def _original(row: Mapping[str, Any]) -> Original:
    about = row["metadata"]
    return Original(
        id=str(row["_id"]),
        name=row["filename"],
        kind=about["kind"],
        pages=about["pages"],
        size=row["length"],
        sha256=about["sha256"],
    )


async def broken_originals(database: Database, tick: Callable[[str], None]) -> AsyncIterator[str]:
    """Give a line for each original that no resume names, and each resume that names none that is there.

    Uploads go on meanwhile: what looks wrong is looked at again, and a file that `Originals.sweep` has not
    seen yet may be without its resume.
    """
    files = database["originals.files"]
    named = {
        row["_id"]: row["original"]
        async for page in pages(database.resumes.find({}, {"original": 1}))
        for row in page
        if "original" in row
    }
    there: set[ObjectId] = set()
    async for page in pages(files.find({}, {"metadata.resume": 1, "metadata.unswept": 1})):
        for row in page:
            tick("originals")
            there.add(row["_id"])
            resume = row["metadata"]["resume"]
            is_kept = "unswept" in row["metadata"] or named.get(resume) == row["_id"]
            if not is_kept and await _is_alone(database, row["_id"], resume):
                yield f"original {row['_id']} is not that of resume {resume}"
    for resume, original in named.items():
        if original not in there and await _is_missing(database, original, resume):
            yield f"resume {resume} names the original {original}, which is gone"


async def _is_alone(database: Database, original: ObjectId, resume: ObjectId) -> bool:
    return await _named_by(database, resume) != original and await _is_there(database, original)


async def _is_missing(database: Database, original: ObjectId, resume: ObjectId) -> bool:
    return await _named_by(database, resume) == original and not await _is_there(database, original)


async def _is_there(database: Database, original: ObjectId) -> bool:
    return await database["originals.files"].find_one({"_id": original}, {"_id": 1}) is not None


async def _named_by(database: Database, resume: ObjectId) -> ObjectId | None:
    row = await database.resumes.find_one({"_id": resume}, {"original": 1})
    return row.get("original") if row else None
