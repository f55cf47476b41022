"""Which resumes a pass waits for: those that are still to be scored.

ids = await find(resumes, one.began, report)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from engine.backfills.passes import CLOCKS_DIFFER
from store.resumes.resumes import Resumes
from store.spans import BEGINNING

_LATE = timedelta(seconds=60)
"""How far clocks may differ."""


async def find(resumes: Resumes, began: datetime, report: Callable[[], Awaitable[None]]) -> list[str]:
    """The resumes that wait to be scored, about in the order in which they wait.

    Args:
        resumes: Where they are.
        began: A time before this is called. One that begins to wait later may be left out.
        report: Called now and then, so that leases do not end meanwhile.
    """
    # What waits longest is read last. So one that is queued anew meanwhile, as a try has failed or as it has
    # to be scored once more, may not be found where it was, nor where it is. The second look is for those.
    looks = [await _read(resumes, since, report) for since in (BEGINNING, began - CLOCKS_DIFFER)]
    return list(dict.fromkeys(id_ for pages in looks for page in reversed(pages) for id_ in page))


async def _read(resumes: Resumes, since: datetime, report: Callable[[], Awaitable[None]]) -> list[list[str]]:
    """What waits since a time or later, a page at a time; the latest pages first."""
    pages: list[list[str]] = []
    async with aclosing(resumes.pending(datetime.now(UTC) + _LATE, since)) as found:
        async for ids in found:
            await report()
            pages.append(ids)
    return pages
