"""Deletes the snapshot of resumes that another process has left, once they may hold somebody who is erased.

A process with resumes deletes its own snapshot (`stored_resumes`). One that ended may have left a file that
nobody looks after any more, as the role is with another machine now. So every process without resumes does
this for the file in its own folder.

It may be the file of a process that runs. That one writes another soon, or its next start takes longer.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

from engine.indexes.resume_snapshots import drop
from engine.indexes.snapshot_file import SnapshotFile
from store.ends.erasures import ENDED_FOR, LATE, Erasures

EVERY_S = 1.0
"""Seconds between two looks. Each is a small query; a file keeps somebody who is erased for so long."""


class LeftSnapshots:
    """Belongs to one event loop.

    Args:
        file: Of another process.
        erasures: Who is erased.
    """

    def __init__(self, file: SnapshotFile, erasures: Erasures) -> None:
        self._file = file
        self._erasures = erasures
        # The erasures that the last look found, by resume the revision, and when that look was.
        self._erased: dict[str, int] = {}
        self._looked_at: datetime | None = None

    async def look(self) -> None:
        """Delete the file if it may hold somebody who was erased since the last look.

        The first look goes by when it was written, as nobody may have looked since then. One goes that is too
        old to tell who is gone from it; no start would use it.
        """
        now = datetime.now(UTC)
        since = self._looked_at
        if since is None:
            since = await asyncio.to_thread(self._first_written, now)
        # The file may have been written just before an erasure was found.
        erased = dict(await self._erasures.since(since - LATE))
        if any(self._erased.get(resume, 0) < rev for resume, rev in erased.items()):
            await asyncio.to_thread(drop, self._file)
        self._erased, self._looked_at = erased, now

    def _first_written(self, now: datetime) -> datetime:
        """When the file was written, once one that is too old is deleted; `now` where there is none."""
        if any(at < (now - ENDED_FOR).timestamp() for at in self._file.written_at()):
            with contextlib.suppress(OSError):  # another process may have deleted it
                self._file.delete()
        times = self._file.written_at()
        return datetime.fromtimestamp(min(times), UTC) if times else now
