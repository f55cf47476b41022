"""Writes of many documents in one round trip.

Where most documents are new they are inserted first, and only those that were there already are changed:
an insert costs a quarter of an upsert.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from store.errors import WriteFailed
from store.mongo import Collection

_DUPLICATE_KEY = 11000  # MongoDB's code


async def bulk(collection: Collection, writes: Sequence[Any]) -> set[int]:
    """Do writes in any order.

    Returns:
        The positions of those that met a document with their key, which may be what the caller expects.

    Raises:
        WriteFailed: Another error, or no confirmation that the writes are durable.
    """
    if not writes:
        return set()
    try:
        await collection.bulk_write(list(writes), ordered=False)
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        codes = {failure["code"] for failure in failures} - {_DUPLICATE_KEY}
        codes |= {failure.get("code") for failure in error.details.get("writeConcernErrors", ())}
        if codes:
            raise WriteFailed(f"codes {sorted(map(str, codes))}") from None
        return {failure["index"] for failure in failures}
    return set()


async def bulk_matched(collection: Collection, writes: Sequence[Any]) -> int:
    """Do updates in any order; returns how many of them met a document that they were for.

    Raises:
        WriteFailed: As above.
    """
    if not writes:
        return 0
    try:
        return int((await collection.bulk_write(list(writes), ordered=False)).matched_count)
    except BulkWriteError as error:
        codes = {failure.get("code") for failure in error.details["writeErrors"]}
        codes |= {failure.get("code") for failure in error.details.get("writeConcernErrors", ())}
        raise WriteFailed(f"codes {sorted(map(str, codes))}") from None


async def insert_or(
    collection: Collection, documents: Sequence[dict[str, Any]], otherwise: Callable[[int], Any]
) -> set[int]:
    """Insert documents, and for those whose key is taken do another write.

    Args:
        collection: Where to.
        documents: What to insert.
        otherwise: Gives the write to do instead, by the document's position.

    Returns:
        The positions of the documents that were inserted.
    """
    taken = await bulk(collection, [InsertOne(document) for document in documents])
    await bulk(collection, [otherwise(position) for position in sorted(taken)])
    return set(range(len(documents))) - taken
