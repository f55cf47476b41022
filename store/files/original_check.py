"""Whether resumes and their originals belong together, for `manage.py check`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from bson import ObjectId

from store.mongo import Database
from store.paging import pages


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
