"""Reads a whole collection, a page at a time, in the order of its ids.

    async for documents in pages(database.profiles, {"rev": 1}):
        ...

A read of everything at once would take longer than a read may, and hold everything in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bson import ObjectId

from store.mongo import Collection

SIZE = 1_000
"""Documents in a page. A page is decoded at once: of more, the event loop would feel it; fewer only add
round trips. Where documents are long, callers ask for less."""

_LEAST_ID = ObjectId("0" * 24)


async def pages(
    collection: Collection,
    projection: Mapping[str, int] | None = None,
    *,
    where: Mapping[str, Any] = {},
    size: int | None = None,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give the documents of a collection whose ids are `ObjectId`s, each once.

    What is added meanwhile is given too where its id lies ahead.

    Args:
        collection: Where from.
        projection: Which fields; all of them where it is None.
        where: What must hold of a document.
        size: Documents in a page; `SIZE` where it is None.
    """
    size, last = size or SIZE, _LEAST_ID
    while True:
        rows = collection.find({"_id": {"$gt": last}, **where}, projection).sort("_id", 1).limit(size)
        documents = await rows.batch_size(size).to_list(None)
        if documents:
            yield documents
        if len(documents) < size:
            return
        last = documents[-1]["_id"]
