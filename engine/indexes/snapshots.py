"""When snapshots of an index are read and written.

    snapshots = Snapshots(file, meta, {"rules": analyzer.version})
    restored = await snapshots.restore(unpack)          # at the start
    writer = SnapshotWriter(snapshots, index)
    await writer.look()                                 # now and then
    await writer.save()                                 # at the end

A snapshot saves time at the next start and is needed for nothing else. So whatever goes wrong with one costs
a line in the log. What a snapshot of feeds consists of is in `active_feeds`, one of resumes in
`resume_snapshots`. A file is `snapshot_file`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from engine.indexes.snapshot_file import SnapshotFile, Stored
from engine.matching.score.snapshot import Snapshot
from store.meta import Meta

T = TypeVar("T")

logger = logging.getLogger(__name__)

EVERY_S = 5.0
"""Seconds between two looks whether a snapshot is due; a look costs nothing."""
_REST_S = 300.0
"""Seconds between two snapshots of one process. Writing one costs some tenths of a second of CPU time and as
many bytes as the index has."""
_ENOUGH = 500
"""Changes that make a snapshot worth its cost, at least. Reading so many anew takes a start a quarter of a
second."""
_OLDEST = timedelta(days=30)
"""The oldest snapshot that is used. What was deleted since is read from notes that end after so long
(`store.ends.erasures.ENDED_FOR`); a machine that was away for longer reads everything anew."""
_SHARE = 0.02
"""The share of the index that has to change, at least. Writing costs the more the more the index holds; with
less than this a busy server with many would write all of them every few minutes, to save a start a moment."""


class Source(Protocol):
    """An index of which snapshots are taken."""

    def __len__(self) -> int:
        """How many feeds or resumes it holds."""

    @property
    def changes(self) -> int:
        """How many changes it has seen since it was empty or restored."""

    async def snapshot(self) -> Stored | None:
        """A snapshot, made while others work; None where there is nothing to keep yet."""


class Snapshots:
    """The snapshots of one kind of index, of one database.

    Args:
        file: Where they are.
        meta: Knows the id of the database.
        made_of: What else the content depends on. A snapshot that was made of something else is not used.

    Attributes:
        is_dropped: Whether `drop` was called, and nobody has written since.
    """

    def __init__(self, file: SnapshotFile, meta: Meta, made_of: Mapping[str, str]) -> None:
        self._file = file
        self._meta = meta
        self._made_of = dict(made_of)
        self._stamp: int | None = None
        self.is_dropped = False

    async def restore(self, unpack: Callable[[Snapshot], T]) -> tuple[datetime, T] | None:
        """What the snapshot that is there was made of, if it can be used.

        Args:
            unpack: Makes it from a snapshot, in a thread. Whatever it raises, the snapshot is not used.

        Returns:
            The snapshot's watermark, and what `unpack` has made.

        Raises:
            One of STORE_FAILURES: MongoDB does not say which database it is.
        """
        self._made_of["database"] = await self._meta.database_id()
        self._stamp = self._file.stamp()
        stored = await asyncio.to_thread(self._file.read, self._made_of)
        if stored is None or stored.watermark < datetime.now(UTC) - _OLDEST:
            return None
        try:
            return stored.watermark, await asyncio.to_thread(unpack, stored.snapshot)
        except Exception:  # all can be read without it, and the next start must not fail in the same way
            logger.exception("%s cannot be restored", self._file.name)
            return None

    async def write(self, stored: Stored) -> bool:
        """Put a snapshot in the place of the one that is there; only after `restore`.

        Returns:
            Whether it was written; false while another process writes.

        Raises:
            OSError: It cannot be written.
        """
        is_written = await asyncio.to_thread(self._file.write, self._made_of, stored)
        self.was_replaced()
        return is_written

    def was_replaced(self) -> bool:
        """Whether another process has written since the last call of this, of `restore` and of `write`."""
        before, self._stamp = self._stamp, self._file.stamp()
        if self._stamp is None or self._stamp == before:
            return False  # one that was deleted has not been replaced
        self.is_dropped = False
        return True

    async def drop(self) -> None:
        """Delete what is there, as nobody may keep it any longer; the next snapshot is written soon."""
        self.is_dropped = True
        self._stamp = None
        try:
            await asyncio.to_thread(self._file.delete)
        except OSError:
            logger.exception("a snapshot cannot be deleted")


class SnapshotWriter:
    """Takes snapshots of one index and writes them. Belongs to one event loop.

    Args:
        snapshots: Where they are.
        source: The index.
        check: Called after each that was written; may drop it.
    """

    def __init__(
        self, snapshots: Snapshots, source: Source, check: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._snapshots = snapshots
        self._source = source
        self._check = check
        self._written = 0
        self._rests_until = 0.0

    async def look(self) -> None:
        """Write if enough has changed, and the last time was long enough ago."""
        if self._is_due() and time.monotonic() >= self._rests_until and await self.save():
            self._rests_until = time.monotonic() + _REST_S

    def _is_due(self) -> bool:
        changes = self._source.changes - self._written
        return self._snapshots.is_dropped or changes >= max(_ENOUGH, _SHARE * len(self._source))

    async def save(self) -> bool:
        """Write now, unless nothing has changed, or another process has written or writes.

        Returns:
            False while the index has nothing to keep yet.
        """
        if self._snapshots.was_replaced():
            # Of the processes that share the file one is enough. What has changed since it wrote counts as
            # written, which makes the next start read some more.
            self._written = self._source.changes
        if (changes := self._source.changes) == self._written and not self._snapshots.is_dropped:
            return True
        began = time.monotonic()
        try:
            stored = await self._source.snapshot()
            if stored is None:
                return False
            if not await self._snapshots.write(stored):
                return True
            if self._check:
                await self._check()
        except OSError as error:  # no room on the disk, or no descriptor
            logger.warning("no snapshot is written: %s", error.strerror)
            return True
        except Exception:  # a server without a snapshot only starts more slowly
            logger.exception("no snapshot is written")
            return True
        self._written = changes
        took = round(time.monotonic() - began, 2)
        logger.info("snapshot written", extra={"data": {"changes": changes, "seconds": took}})
        return True
