"""Change 3: originals of release 1.0.0 that wait to be looked at, as no upload settles them any more.

A file was written before the resume that names it, and had `unswept` for an hour. Nobody would look again at
one whose upload was killed.
"""

from __future__ import annotations

from store.by_ids import find_by_ids
from store.files.file_store import FileStore
from store.mongo import Database, drop_index
from store.paging import pages

_PAGE = 100
"""Files in a page; each that nobody names is some writes."""


async def settle_originals(database: Database) -> None:
    """Make the change: delete the files that nobody names, and let the marks of the others be."""
    files = FileStore(database, "originals")
    unswept = files.documents.find({"metadata.unswept": True}, {"metadata.resume": 1})
    async for page in pages(unswept, _PAGE):
        resumes = {row["metadata"]["resume"] for row in page}
        rows = await find_by_ids(database.resumes, resumes, {"original": 1})
        named = {row.get("original") for row in rows}
        await files.delete([row["_id"] for row in page if row["_id"] not in named])
    await drop_index(files.documents, "unswept")
