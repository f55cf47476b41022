"""Reads what may be a whole collection, a page at a time.

    async for documents in pages(database.profiles.find({}, {"rev": 1})):
        ...

Everything at once would not fit into memory, and decoding it would hold the event loop up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from operator import itemgetter
from typing import Any

SIZE = 1_000
"""Documents in a page, each of which is decoded in one go. Where documents are long, or somebody waits for
each page to be dealt with, callers ask for less."""

MOST_FOUND = 1_000
"""Documents that a search finds at most; whoever finds so many has to say more. Reading so many takes the
embedded store 25 ms."""


async def pages(cursor: Any, size: int | None = None) -> AsyncIterator[list[dict[str, Any]]]:
    """Give what a cursor finds, in its order; no page is empty.

    One cursor serves the whole collection. A query for each page, with the ids above those of the page
    before, would make the embedded store read all documents once a page: it has no index for a range of ids.

    Args:
        cursor: What `find` or `aggregate` gave; it is closed at the end.
        size: Documents in a page; `SIZE` where it is None.
    """
    size = size or SIZE
    cursor.batch_size(size)  # left to itself, the driver decodes up to 16 MiB in one go
    try:
        while documents := await cursor.to_list(size):
            yield documents
    finally:
        await cursor.close()


async def search(
    collection: Any, where: Mapping[str, Any], patterns: Mapping[str, str], *, skip: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """A page of documents, the newest first, and how many there are; of a search at most `MOST_FOUND`.

    Args:
        collection: Where from.
        where: What must hold of a document.
        patterns: By field, regular expressions of which one has to match; none for all documents.
        skip: How many to leave out.
        limit: How many at most.
    """
    if not patterns:
        total = await (collection.count_documents(where) if where else collection.estimated_document_count())
        page = collection.find(where).sort("_id", -1).skip(skip).limit(limit)
        return await page.to_list(None), int(total)
    # A query for each field in place of an `$or`, which the embedded store answers slowly.
    ids = set()
    for field, pattern in patterns.items():
        matching = {**where, field: {"$regex": pattern}}
        rows = await collection.find(matching, {"_id": 1}).limit(MOST_FOUND).to_list(None)
        ids |= {row["_id"] for row in rows}
    found = sorted(ids, reverse=True)[:MOST_FOUND]
    documents = await collection.find({"_id": {"$in": found[skip : skip + limit]}}).to_list(None)
    return sorted(documents, key=itemgetter("_id"), reverse=True), len(found)
