"""Deletes snapshots of resumes that another process has left, once they may hold somebody who is erased.

A process with resumes deletes its own snapshot (`stored_resumes`). One that ended may have left a file that
nobody looks after any more: its share, or the role itself, is with another machine now. So every process does
this, whatever its roles, for the files in its own folder.

It may be the file of a process that runs. That one writes another soon, or its next start takes longer.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from engine.indexes.resume_snapshots import OtherSnapshots
from store.ends.erasures import ENDED_FOR, LATE, Erasures
from store.retry import work_until_cancelled

# Seconds between two looks. Each is a small query; a file keeps somebody who is erased for so long.
_LOOK_EVERY_S = 1.0


class LeftSnapshots:
    """Belongs to one event loop.

    Args:
        others: The files of other processes.
        erasures: Who is erased.
    """

    def __init__(self, others: OtherSnapshots, erasures: Erasures) -> None:
        self._others = others
        self._erasures = erasures
        # The erasures that the last look found, by resume the revision, and when that look was.
        self._erased: dict[str, int] = {}
        self._looked_at: datetime | None = None

    async def run(self) -> None:
        """Look now and then until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="left snapshots", idle_s=_LOOK_EVERY_S)

    async def _step(self) -> bool:
        await self.look()
        return False

    async def look(self) -> None:
        """Delete the files that may hold somebody who was erased since the last look.

        The first look goes by when the files were written, as nobody may have looked since then. Those go
        that are too old to tell who is gone from them; no start would use them.
        """
        now = datetime.now(UTC)
        if self._looked_at is None:
            await asyncio.to_thread(self._others.drop_older, now - ENDED_FOR)
        since = self._looked_at or await asyncio.to_thread(self._others.oldest) or now
        # As long as somebody may still write late about an erased person, and so bring them into a file.
        erased = dict(await self._erasures.since(since - LATE))
        news = [resume for resume, rev in erased.items() if self._erased.get(resume, 0) < rev]
        if news:
            await asyncio.to_thread(self._others.drop, news)
        self._erased, self._looked_at = erased, now
