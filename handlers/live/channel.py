"""One account in one process: its sockets, what they were last told, and what has changed since.

Counts and progress are absolute numbers, read from MongoDB after the hint that something changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

from handlers.live.frames import Frame, Socket
from store.data_loader import DataLoader
from store.errors import STORE_FAILURES
from store.feed_documents import FeedState
from store.feeds import Feeds
from store.results import Results

COALESCE_S = 0.1
_RETRY_S = 0.5


class Reads:
    """The reads of all accounts of a process, many in one round trip."""

    def __init__(self, feeds: Feeds, results: Results) -> None:
        self.feeds_of: DataLoader[str, list[FeedState]] = DataLoader(feeds.states_for)
        """By account."""
        self.feeds: DataLoader[str, FeedState] = DataLoader(feeds.states)
        """By feed."""
        self.counts: DataLoader[str, int] = DataLoader(results.unread_counts)
        """By feed."""


class Channel:
    """The sockets of one account in this process, and what they were last told."""

    def __init__(self, user_id: str, reads: Reads) -> None:
        self.user_id = user_id
        self.sockets: list[Socket] = []
        self.joining = 0
        self._reads = reads
        self._counts: dict[str, int] = {}
        self._progress: dict[str, tuple[float, bool]] = {}
        # What changed, and when each was last sent: both by (kind, feed id).
        self._dirty: set[tuple[str, str]] = set()
        self._sent_at: dict[tuple[str, str], float] = {}
        self._must_reread = False
        # Reads are applied in the order they were made: an older count never follows a newer one.
        self._reading = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None
        self._marked = asyncio.Event()

    async def join(self, socket: Socket) -> None:
        """Send a socket the snapshot, and everything that changes from then on.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        async with self._reading:
            await self._reread()
            feeds = [{"feed_id": feed_id, "unread_count": count} for feed_id, count in self._counts.items()]
            socket.send("snapshot", Frame("snapshot", feeds=feeds, total=self._total()))
            self.sockets.append(socket)

    async def reread(self) -> None:
        """Read everything anew, and tell what differs.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        async with self._reading:
            await self._reread()

    def mark(self, kind: str, feed_id: str) -> None:
        """Note that a feed's count or progress changed."""
        self._dirty.add((kind, feed_id))
        self._wake()

    def mark_all(self) -> None:
        """Note that anything may have changed."""
        self._must_reread = True
        self._wake()

    def stop(self) -> None:
        """Stop reading for sockets that are gone."""
        if self._flusher is not None:
            self._flusher.cancel()

    def _wake(self) -> None:
        self._marked.set()
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._dirty or self._must_reread:
                self._marked.clear()
                try:
                    async with self._reading:
                        wait_s = await self._flush_once()
                except STORE_FAILURES:
                    self._must_reread = True
                    await asyncio.sleep(_RETRY_S)
                    continue
                # Another feed's first change does not wait for this one's next.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._marked.wait()
        finally:
            self._flusher = None

    async def _flush_once(self) -> float:
        """Read and send what is due; returns how long to wait for the next."""
        if self._must_reread:
            self._must_reread = False
            await self._reread()
            return 0.0
        now = time.monotonic()
        due = {item for item in self._dirty if self._sent_at.get(item, 0.0) + COALESCE_S <= now}
        if not due:
            return min(self._sent_at[item] for item in self._dirty) + COALESCE_S - now
        self._dirty -= due
        # A feed that is known is there until `removed` is heard, which is read anew; others are looked up.
        changed = {id_ for kind, id_ in due if kind == "progress" or id_ not in self._counts}
        live = await self._reads.feeds.get(sorted(changed))
        counts = await self._reads.counts.get(
            sorted(id_ for kind, id_ in due if kind == "unread" and (id_ in live or id_ not in changed))
        )
        self._sent_at |= dict.fromkeys(due, time.monotonic())
        self._apply(counts)
        for kind, feed_id in sorted(due):
            if kind == "progress" and feed_id in live:
                self._tell_progress(live[feed_id])
        return 0.0

    async def _reread(self) -> None:
        feeds = (await self._reads.feeds_of.get([self.user_id])).get(self.user_id, [])
        counts = await self._reads.counts.get([feed.id for feed in feeds])
        for feed_id in self._counts.keys() - counts.keys():
            self._remove(feed_id)
        self._apply(counts)
        for feed in feeds:
            if not feed.calced or feed.id in self._progress:
                self._tell_progress(feed)

    def _remove(self, feed_id: str) -> None:
        self._progress.pop(feed_id, None)
        del self._counts[feed_id]
        for kind in ("unread", "progress"):
            self._sent_at.pop((kind, feed_id), None)
        self._send(f"removed:{feed_id}", Frame("removed", feed_id=feed_id))

    def _apply(self, counts: dict[str, int]) -> None:
        changed = {feed_id: count for feed_id, count in counts.items() if self._counts.get(feed_id) != count}
        self._counts |= changed
        for feed_id, count in changed.items():
            frame = Frame("unread", feed_id=feed_id, unread_count=count, total=self._total())
            self._send(f"unread:{feed_id}", frame)

    def _tell_progress(self, feed: FeedState) -> None:
        now = (feed.progress, feed.calced)
        if self._progress.get(feed.id) == now:
            return
        self._progress[feed.id] = now
        if feed.id not in self._counts:
            self._counts[feed.id] = 0  # a new feed, before its first result
        progress = round(feed.progress, 3)
        self._send(
            f"progress:{feed.id}",
            Frame("progress", feed_id=feed.id, progress=progress, calced=feed.calced),
        )
        if feed.calced:
            del self._progress[feed.id]

    def _total(self) -> int:
        return sum(self._counts.values())

    def _send(self, key: str, frame: Frame) -> None:
        for socket in self.sockets:
            socket.send(key, frame)
