"""Reads what may be a whole collection, a page at a time.

    async for documents in pages(database.profiles.find({}, {"rev": 1})):
        ...

Everything at once would not fit into memory, and decoding it would hold the event loop up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

SIZE = 1_000
"""Documents in a page, each of which is decoded in one go. Where documents are long, or somebody waits for
each page to be dealt with, callers ask for less."""


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
