"""Reads a whole collection in parts of equal size.

    document["part"] = part_of(document["_id"])         # when it is made
    async for documents in in_parts(database.feeds, {"deleted": False}, 500):
        ...

The embedded store finds all that a query asks for before it gives the first of it: a hundred thousand feeds
take it 5 s, longer than the driver waits, and meanwhile it answers nobody. It does so for a sorted query with
a limit too. Spans of time do not help, since many documents may be changed or made in one moment. A
document's part is as good as drawn by lot, so a range of parts holds as many documents as any other of its
length.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bson import ObjectId

from store.mongo import Collection
from store.paging import pages

PARTS = 1 << 31
"""How many parts there are; far more than documents, so that any number of these can be a range."""
_FIRST = PARTS >> 12
"""The first range: of a million documents it holds 250."""
_AIM = 1000
"""Documents that a range should hold; the embedded store takes 50 ms for them. Less would be many queries."""
_GROWTH = 64
"""How many times longer a range may be than the one before: the few documents of a short one are no measure.
A collection of some hundred documents is read in four queries."""


def part_of(id_: ObjectId) -> int:
    """The part of a document: a number that follows from its id."""
    return zlib.crc32(id_.binary) % PARTS


async def in_parts(
    collection: Collection,
    where: Mapping[str, Any],
    size: int,
    fields: Mapping[str, int] | None = None,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Give every document of a collection that has an index of `part`, in no order, some at a time.

    No page is empty. For the size see `paging.pages`.
    """
    begin, length = 0, _FIRST
    while begin < PARTS:
        found = 0
        part = {"$gte": begin, "$lt": min(begin + length, PARTS)}
        async for page in pages(collection.find({**where, "part": part}, fields), size):
            found += len(page)
            yield page
        begin += length
        length = int(length * min(_GROWTH, _AIM / max(found, 1)))
