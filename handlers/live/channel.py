"""One account in one process: its sockets, what they were last told, and what has changed since.

Counts and progress are absolute numbers, read from MongoDB after the hint that something changed. The hub
says that something changed; when it is read and sent is decided here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Literal

from handlers.live.frames import (
    UNNUMBERED,
    FeedCount,
    FrameText,
    ProgressFrame,
    RemovedFrame,
    ServerFrame,
    SnapshotFrame,
    UnreadFrame,
)
from handlers.live.loaders import DataLoaders
from handlers.live.tasks import Tasks
from handlers.live.writer import SocketWriter
from runtime.waiting import wait_at_most
from store.errors import STORE_FAILURES
from store.feed_documents import FeedState
from store.retry import until_answered

COALESCE_S = 0.1
"""The least time between two frames of one kind about one feed. A person cannot see a badge move faster;
while resumes pour in, an account costs some reads a second."""

Kind = Literal["unread", "progress"]


class Channel:
    """The sockets of one account in this process, and what they were last told.

    Args:
        user_id: The account.
        loaders: The reads, shared with all other channels.
        tasks: Runs the flush while there is something to tell.
    """

    def __init__(self, user_id: str, loaders: DataLoaders, tasks: Tasks) -> None:
        self.user_id = user_id
        self.sockets: list[SocketWriter] = []
        self.joining = 0
        self._loaders = loaders
        self._tasks = tasks
        self._counts: dict[str, int] = {}
        # Of feeds that are being scored: progress, and whether it is done.
        self._progress: dict[str, tuple[float, bool]] = {}
        # What changed, and when each was last sent: both by (kind, feed id).
        self._dirty: set[tuple[Kind, str]] = set()
        self._sent_at: dict[tuple[Kind, str], float] = {}
        self._must_reread = False
        # Reads are applied in the order they were made: an older count never follows a newer one.
        self._reading = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None
        self._has_changes = asyncio.Event()

    async def join(self, socket: SocketWriter) -> None:
        """Send a socket the snapshot, and everything that changes from then on.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        # The lock is held from the read to the append, so that no change falls between snapshot and frames.
        async with self._reading:
            await self._reread()
            feeds = [
                FeedCount(feed_id=feed_id, unread_count=count) for feed_id, count in self._counts.items()
            ]
            snapshot = SnapshotFrame(seq=UNNUMBERED, feeds=feeds, total=self._total())
            socket.send(FrameText(snapshot))
            self.sockets.append(socket)

    async def reread(self) -> None:
        """Read everything anew, and tell what differs.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        async with self._reading:
            await self._reread()

    def note_changed(self, kind: Kind, feed_id: str) -> None:
        """Note that a feed's count or progress changed."""
        self._dirty.add((kind, feed_id))
        self._wake()

    def note_all_changed(self) -> None:
        """Note that anything may have changed."""
        self._must_reread = True
        self._wake()

    def stop(self) -> None:
        """Stop reading for sockets that are gone."""
        if self._flusher is not None:
            self._flusher.cancel()

    def _wake(self) -> None:
        self._has_changes.set()
        # A channel has a task only while there is something to tell: most accounts are idle most of the time.
        if self._flusher is None or self._flusher.done():
            self._flusher = self._tasks.start(self._flush())

    async def _flush(self) -> None:
        while self._dirty or self._must_reread:
            self._has_changes.clear()
            # No warning, as thousands of channels may wait: the hub's own reads warn of the outage.
            wait_s = await until_answered(self._flush_due, what="a channel", level=logging.DEBUG)
            # Another feed's first change does not wait for this one's next.
            await wait_at_most(self._has_changes, wait_s)

    async def _flush_due(self) -> float:
        """Read and send what is due; returns how many seconds to wait for the next.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; everything is read anew the next time.
        """
        async with self._reading:
            try:
                if self._must_reread:
                    self._must_reread = False
                    await self._reread()
                    return 0.0
                return await self._flush_once()
            except STORE_FAILURES:
                # What was taken from `_dirty` is lost, so nothing less than a whole read makes up for it.
                self._must_reread = True
                raise

    async def _flush_once(self) -> float:
        now = time.monotonic()
        due = {item for item in self._dirty if self._sent_at.get(item, 0.0) + COALESCE_S <= now}
        if not due:
            return min(self._sent_at[item] for item in self._dirty) + COALESCE_S - now
        # Before the read, not after it: a change that comes meanwhile is read once more.
        self._dirty -= due
        # A known feed exists until `removed` comes, which reads everything anew; others are looked up.
        unknown = {feed_id for kind, feed_id in due if kind == "progress" or feed_id not in self._counts}
        found = await self._loaders.feeds.get([(self.user_id, feed_id) for feed_id in sorted(unknown)])
        states = {feed_id: state for (_, feed_id), state in found.items()}
        counted = [
            id_ for kind, id_ in sorted(due) if kind == "unread" and (id_ in states or id_ not in unknown)
        ]
        counts = await self._counts_of(counted)
        self._sent_at |= dict.fromkeys(due, time.monotonic())
        self._tell_counts(counts)
        for kind, feed_id in sorted(due):
            if kind == "progress" and feed_id in states:
                self._tell_progress(states[feed_id])
        return 0.0

    async def _reread(self) -> None:
        feeds = (await self._loaders.feeds_of.get([self.user_id])).get(self.user_id, [])
        counts = await self._counts_of([feed.id for feed in feeds])
        for feed_id in self._counts.keys() - counts.keys():
            self._tell_removed(feed_id)
        self._tell_counts(counts)
        for feed in feeds:
            if not feed.calced or feed.id in self._progress:
                self._tell_progress(feed)

    async def _counts_of(self, feed_ids: Sequence[str]) -> dict[str, int]:
        if not feed_ids:
            return {}
        counts = await self._loaders.counts_of(self.user_id)
        return {feed_id: counts.unread_of(feed_id) for feed_id in feed_ids}

    def _tell_removed(self, feed_id: str) -> None:
        self._progress.pop(feed_id, None)
        del self._counts[feed_id]
        kinds: tuple[Kind, ...] = ("unread", "progress")
        for kind in kinds:
            self._sent_at.pop((kind, feed_id), None)
        self._send(RemovedFrame(seq=UNNUMBERED, feed_id=feed_id, total=self._total()))

    def _tell_counts(self, counts: dict[str, int]) -> None:
        changed = {feed_id: count for feed_id, count in counts.items() if self._counts.get(feed_id) != count}
        self._counts |= changed
        total = self._total()
        for feed_id, count in changed.items():
            self._send(UnreadFrame(seq=UNNUMBERED, feed_id=feed_id, unread_count=count, total=total))

    def _tell_progress(self, feed: FeedState) -> None:
        now = (feed.progress, feed.calced)
        if self._progress.get(feed.id) == now:
            return
        self._progress[feed.id] = now
        if feed.id not in self._counts:
            self._counts[feed.id] = 0  # a new feed, before its first result
        progress = round(feed.progress, 3)
        self._send(
            ProgressFrame(seq=UNNUMBERED, feed_id=feed.id, progress=progress, calced=feed.calced),
        )
        if feed.calced:
            del self._progress[feed.id]

    def _total(self) -> int:
        return sum(self._counts.values())

    def _send(self, frame: ServerFrame) -> None:
        text = FrameText(frame)
        for socket in self.sockets:
            socket.send(text)
