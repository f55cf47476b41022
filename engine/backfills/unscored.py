"""Which unscored resumes a pass waits for: those that are still to be scored against feeds of its slots.

    waits = await unscored.find(one.slots, one.began, report)

A resume of which these slots are taken off is to the pass as one that is scored: its profile was stored
before, so the index has it once it is brought up to date.

Where a scorer is dead, more and more resumes wait for nothing but that one. So it is kept in mind since when
any resume waits for a slot. A later look for other slots begins there, and reads none of those. That is safe,
as a slot comes back to a resume only when it begins to wait anew, which is now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from engine.backfills.passes import CLOCKS_DIFFER
from runtime.slices import Slices
from store.by_ids import chunks
from store.resumes.resume_values import WaitingResume
from store.resumes.resumes import Resumes
from store.shards.shares import SLOTS, Share
from store.spans import BEGINNING

_LATE = timedelta(seconds=60)
"""How far clocks may differ, and how long a resume may need from the time since when it waits until others
see it: as much as sweeps allow for. With less, one that is stored slowly might not be waited for."""


class Unscored:
    """Belongs to one event loop, and to one task of it.

    Args:
        resumes: Where they are.
        share: Whose resumes are looked for.
    """

    def __init__(self, resumes: Resumes, share: Share) -> None:
        self._resumes = resumes
        self._share = share
        # By slot: no resume waits for it that has waited since before.
        self._since = [BEGINNING] * SLOTS

    async def find(
        self, slots: int, began: datetime, report: Callable[[], Awaitable[None]]
    ) -> dict[str, int]:
        """The resumes that wait for some slots.

        Args:
            slots: These slots, as a mask.
            began: A time before this is called. One that begins to wait later may be left out.
            report: Called now and then, so that leases do not end meanwhile.

        Returns:
            By resume those of the slots that it waits for, about in the order in which they wait.
        """
        since = min((at for slot, at in enumerate(self._since) if slots >> slot & 1), default=began)
        # What waits longest is read last. So one that is queued anew meanwhile, as a try has failed or as it
        # has to be scored once more, may not be found where it was, nor where it is. The second look is for
        # those.
        looks = [await self._read(since, report), await self._read(began - CLOCKS_DIFFER, report)]
        found: dict[str, int] = {}
        oldest: dict[int, datetime] = {}
        slices = Slices()
        for pages in looks:
            for page in reversed(pages):
                for part in chunks(page):
                    for one in part:
                        oldest[one.todo] = min(one.queued_at, oldest.get(one.todo, one.queued_at))
                        if left := one.todo & slots:
                            found[one.id] = found.get(one.id, 0) | left
                    await slices.rest()
        for slot, known in enumerate(self._since):
            if known >= since:
                waits = (at for todo, at in oldest.items() if todo >> slot & 1)
                self._since[slot] = min(waits, default=began - _LATE)
        return found

    async def _read(
        self, since: datetime, report: Callable[[], Awaitable[None]]
    ) -> list[list[WaitingResume]]:
        """What of this share waits since a time or later, a page at a time; the latest pages first."""
        pages: list[list[WaitingResume]] = []
        slices = Slices()
        async with aclosing(self._resumes.waiting(since, datetime.now(UTC) + _LATE)) as found:
            async for rows in found:
                await report()
                page: list[WaitingResume] = []
                for part in chunks(rows):
                    page += [one for one in part if self._share.covers(one.id)]
                    await slices.rest()
                pages.append(page)
        return pages
