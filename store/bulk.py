"""Writing many documents: inserts first, since most are new and an insert costs a quarter of an upsert."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.errors import BulkWriteError, WTimeoutError

from store.mongo import Collection

_DUPLICATE_KEY = 11000


async def bulk(collection: Collection, writes: Sequence[Any]) -> set[int]:
    """Do writes in any order.

    Returns:
        The positions of those that met a document with their key; what that means is the caller's.

    Raises:
        BulkWriteError: Another error.
        WTimeoutError: The writes may be lost again: a majority or the journal did not confirm them.
    """
    if not writes:
        return set()
    try:
        await collection.bulk_write(list(writes), ordered=False)
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        if error.details.get("writeConcernErrors"):
            raise WTimeoutError("a bulk write is not known to be durable") from error
        if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
            raise
        return {failure["index"] for failure in failures}
    return set()


async def insert_or(collection: Collection, inserts: Sequence[Any], otherwise: Sequence[Any]) -> set[int]:
    """Insert documents, and for those whose key is taken do the write at the same place in `otherwise`.

    Returns:
        The positions of the documents that were inserted.
    """
    taken = await bulk(collection, inserts)
    await bulk(collection, [otherwise[position] for position in sorted(taken)])
    return set(range(len(inserts))) - taken
