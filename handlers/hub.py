"""The hub: what feeds the sockets of one process.

A hint says that something changed; the hub reads the truth from MongoDB and sends absolute numbers
to the sockets of that account, at most one frame a feed in 100 ms. It also re-reads everything now
and then, and after Redis was away, so that a lost hint is healed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from engine.metrics import Metrics
from handlers.frames import NOT_AUTHENTICATED, REPLACED, RESTARTING, Frame, Socket
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feeds import Feeds
from store.results import Results
from store.sessions import Sessions

logger = logging.getLogger(__name__)

COALESCE_S = 0.1
MAX_SOCKETS = 5
_REREAD_EVERY_S = 60.0
_REREAD_WITHOUT_REDIS_S = 4.0
_RETRY_S = 0.5


class Channel:
    """The sockets of one account in this process, and what they were last told."""

    def __init__(self, user_id: str, feeds: Feeds, results: Results) -> None:
        self.user_id = user_id
        self.sockets: list[Socket] = []
        self.joining = 0
        self._feeds = feeds
        self._results = results
        self._counts: dict[str, int] = {}
        self._progress: dict[str, tuple[float, bool]] = {}
        # What changed, and when each was last sent: both by (kind, feed id).
        self._dirty: set[tuple[str, str]] = set()
        self._sent_at: dict[tuple[str, str], float] = {}
        self._must_reread = False
        # Reads are applied in the order they were made: an older count never follows a newer one.
        self._reading = asyncio.Lock()
        self._flusher: asyncio.Task[None] | None = None

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

    def mark(self, kind: str, feed_id: str) -> None:
        """Note that a feed's count or progress changed."""
        self._dirty.add((kind, feed_id))
        self._wake()

    def mark_all(self) -> None:
        """Read everything anew."""
        self._must_reread = True
        self._wake()

    def _remove(self, feed_id: str) -> None:
        self._progress.pop(feed_id, None)
        del self._counts[feed_id]
        for kind in ("count", "progress"):
            self._sent_at.pop((kind, feed_id), None)
        self._send(f"removed:{feed_id}", Frame("removed", feed_id=feed_id))

    def stop(self) -> None:
        """Stop reading for sockets that are gone."""
        if self._flusher is not None:
            self._flusher.cancel()

    def _wake(self) -> None:
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._dirty or self._must_reread:
                try:
                    async with self._reading:
                        wait_s = await self._flush_once()
                except STORE_FAILURES:
                    self._must_reread = True
                    wait_s = _RETRY_S
                await asyncio.sleep(wait_s)
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
        live = await self._feeds.find_live(sorted({feed_id for _, feed_id in due}))
        counts = await self._results.unread_counts(
            [id_ for kind, id_ in due if kind == "count" and id_ in live]
        )
        self._sent_at |= dict.fromkeys(due, time.monotonic())
        self._apply(counts)
        for kind, feed_id in due:
            if kind == "progress" and feed_id in live:
                self._tell_progress(feed_id, live[feed_id].progress, calced=live[feed_id].calced)
        return 0.0

    async def _reread(self) -> None:
        feeds = await self._feeds.list_of(self.user_id)
        counts = await self._results.unread_counts([feed.id for feed in feeds])
        for feed_id in self._counts.keys() - counts.keys():
            self._remove(feed_id)
        self._apply(counts)
        for feed in feeds:
            if not feed.calced or feed.id in self._progress:
                self._tell_progress(feed.id, feed.progress, calced=feed.calced)

    def _apply(self, counts: dict[str, int]) -> None:
        changed = {feed_id: count for feed_id, count in counts.items() if self._counts.get(feed_id) != count}
        self._counts |= changed
        for feed_id, count in changed.items():
            frame = Frame("unread", feed_id=feed_id, unread_count=count, total=self._total())
            self._send(f"unread:{feed_id}", frame)

    def _tell_progress(self, feed_id: str, progress: float, *, calced: bool) -> None:
        if self._progress.get(feed_id) == (progress, calced):
            return
        self._progress[feed_id] = (progress, calced)
        if feed_id not in self._counts:
            self._counts[feed_id] = 0  # a new feed, before its first result
        self._send(
            f"progress:{feed_id}",
            Frame("progress", feed_id=feed_id, progress=round(progress, 3), calced=calced),
        )
        if calced:
            del self._progress[feed_id]

    def _total(self) -> int:
        return sum(self._counts.values())

    def _send(self, key: str, frame: Frame) -> None:
        for socket in self.sockets:
            socket.send(key, frame)


class Hub:
    """All sockets of this process. Belongs to one event loop."""

    def __init__(
        self, feeds: Feeds, results: Results, sessions: Sessions, events: Events, metrics: Metrics
    ) -> None:
        self._feeds = feeds
        self._results = results
        self._sessions = sessions
        self._events = events
        self._metrics = metrics
        self._channels: dict[str, Channel] = {}
        self._is_closing = False
        events.listen(self._hear)

    async def join(self, socket: Socket) -> None:
        """Take an authenticated socket in; the account's sixth closes its oldest.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        channel = self._channels.get(socket.user_id)
        if channel is None:
            channel = self._channels[socket.user_id] = Channel(socket.user_id, self._feeds, self._results)
        channel.joining += 1  # the last other socket may leave meanwhile, the channel must stay
        try:
            await channel.join(socket)
        finally:
            channel.joining -= 1
            self._drop_if_empty(channel)
        self._metrics.sockets.inc()
        if self._is_closing:
            socket.end(RESTARTING, "restarting")
        if socket.closed:
            self.leave(socket)  # while its snapshot was read
        while len(channel.sockets) > MAX_SOCKETS:
            oldest = channel.sockets[0]
            oldest.end(REPLACED, "replaced by a newer connection")
            self.leave(oldest)

    def leave(self, socket: Socket) -> None:
        """Forget a socket; one that never joined, or left already, is no error."""
        channel = self._channels.get(socket.user_id)
        if channel is None or socket not in channel.sockets:
            return
        channel.sockets.remove(socket)
        self._metrics.sockets.dec()
        self._metrics.frames.inc(socket.frames_sent)
        self._drop_if_empty(channel)

    async def run(self) -> None:
        """Re-read every account's counts and sessions now and then, until cancelled."""
        while True:
            await asyncio.sleep(_REREAD_EVERY_S if self._events.connected else _REREAD_WITHOUT_REDIS_S)
            self._reread_all()
            with contextlib.suppress(*STORE_FAILURES):
                await self._end_revoked()

    async def _end_revoked(self) -> None:
        """Close sockets whose session has ended, though no hint said so."""
        sockets = [socket for channel in self._channels.values() for socket in channel.sockets]
        valid = await self._sessions.still_valid([socket.token for socket in sockets])
        for socket in sockets:
            if socket.token not in valid:
                socket.end(NOT_AUTHENTICATED, "logged out")
                self.leave(socket)

    def close_all(self) -> None:
        """Close every socket, so that its client connects to another process."""
        self._is_closing = True
        for channel in list(self._channels.values()):
            channel.stop()
            for socket in list(channel.sockets):
                socket.end(RESTARTING, "restarting")
                self.leave(socket)

    def _drop_if_empty(self, channel: Channel) -> None:
        if not channel.sockets and not channel.joining and self._channels.get(channel.user_id) is channel:
            channel.stop()
            del self._channels[channel.user_id]

    def _reread_all(self) -> None:
        for channel in self._channels.values():
            channel.mark_all()

    def _hear(self, event: Event) -> None:
        if event.kind == "again":
            self._reread_all()
            return
        channel = self._channels.get(event.user)
        if channel is None:
            return
        if event.kind in {"count", "progress"}:
            channel.mark(event.kind, event.feed)
        elif event.kind == "removed":
            channel.mark_all()  # a read that is under way may still hold the feed: the next one does not
        elif event.kind == "revoked":
            for socket in [socket for socket in channel.sockets if socket.token == event.token]:
                socket.end(NOT_AUTHENTICATED, "logged out")
                self.leave(socket)
