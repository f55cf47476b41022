"""Reads what changed for many accounts at once, and has each account's channel tell its sockets.

A change goes out at once; the next of the same feed 100 ms later at the earliest. Accounts that are due at
the same moment share a read, two reads at a time: while the database works on one, the loop sends what the
other brought. A task, a lock and a timer for each account would take longer than all of that.

An account whose read failed is read by its channel alone (`Channel.reread`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handlers.live.loaders import DataLoaders
from store.data_loader import MOST
from store.errors import STORE_FAILURES

if TYPE_CHECKING:
    from handlers.live.channel import Change, Channel

LANES = 2
"""Reads under way. One would leave the loop idle while the database works; more would keep the database from
others."""
_GATHER_S = 0.002
"""Seconds between two reads of which the second is not full. A read costs as much as ten accounts in it;
nobody notices two milliseconds."""


class Flusher:
    """The accounts of one process that have changes to tell. Belongs to one event loop."""

    def __init__(self, loaders: DataLoaders) -> None:
        self._loaders = loaders
        self._due: deque[Channel] = deque()
        self._has_due = asyncio.Event()

    def note(self, channel: Channel) -> None:
        """Note that an account has changes to tell; one that is noted already is no error."""
        if not channel.is_queued:
            channel.is_queued = True
            self._due.append(channel)
            self._has_due.set()

    async def run(self) -> None:
        """Flush until cancelled.

        Raises:
            BaseExceptionGroup: A read failed unexpectedly.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(LANES):
                group.create_task(self._flush_for_ever())

    async def _flush_for_ever(self) -> None:
        while True:
            await self._has_due.wait()
            batch = [self._due.popleft() for _ in range(min(MOST, len(self._due)))]
            if not self._due:
                self._has_due.clear()
            if batch:
                await self._flush(batch)
            # A first change was not kept waiting; of many more go together into the next read.
            await asyncio.sleep(0.0 if len(self._due) >= MOST else _GATHER_S)

    async def _flush(self, batch: Sequence[Channel]) -> None:
        free = []
        for channel in batch:
            channel.is_queued = False
            if channel.reading.locked():
                # Somebody joins, by a read that may be older than the change. One that comes after it is sent
                # after it.
                channel.note_all_changed()
            elif not channel.is_stopped:
                await channel.reading.acquire()  # at once, as it is free
                free.append(channel)
        now = time.monotonic()
        # Taken before the read, not after it: a change that comes meanwhile is read once more.
        due = {channel: changes for channel in free if (changes := channel.take_due(now))}
        try:
            await self._tell(due)
        except STORE_FAILURES:
            for channel, changes in due.items():
                channel.give_back(changes)
        finally:
            for channel in free:
                channel.reading.release()

    async def _tell(self, due: Mapping[Channel, Sequence[Change]]) -> None:
        if not due:
            return
        unknown = {one for channel, changes in due.items() for one in channel.unknown_among(changes)}
        states = await self._loaders.feeds.get(sorted(unknown))
        counts = await self._loaders.read_counts(sorted({channel.company_id for channel in due}))
        for channel, changes in due.items():
            channel.tell(changes, states, counts[channel.company_id])
