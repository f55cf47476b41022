"""One account in one process: its sockets, what they were last told, and what has changed since.

Counts and progress are absolute numbers, read from MongoDB after the hint that something changed. The hub
says that something changed, `flusher` reads it for many accounts at once, and what is sent is decided here.

Counts are the company's. Of its feeds an account is told of those that it is in.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from handlers.live.flusher import Flusher
from handlers.live.frames import (
    UNNUMBERED,
    FeedCount,
    FrameText,
    ProgressFrame,
    RemovedFrame,
    ServerFrame,
    SnapshotFrame,
    UndecidedFrame,
    UnreadFrame,
)
from handlers.live.loaders import DataLoaders
from handlers.live.tasks import Tasks
from handlers.live.writer import SocketWriter
from store.feeds.feed_documents import FeedState
from store.results.counter_documents import Counts
from store.retry import until_answered

COALESCE_S = 0.1
"""The least time between two frames of one kind about one feed. A person cannot see a badge move faster;
while resumes pour in, an account costs some reads a second."""

Kind = Literal["unread", "progress"]
Change = tuple[Kind, str]
"""What changed, and of which feed."""
_Numbers = tuple[int, int]
"""How many of a feed are unread, and how many undecided."""


class Channel:
    """The sockets of one account in this process, and what they were last told."""

    def __init__(
        self, company_id: str, user_id: str, loaders: DataLoaders, flusher: Flusher, tasks: Tasks
    ) -> None:
        self.company_id = company_id
        self.user_id = user_id
        self.sockets: list[SocketWriter] = []
        self.joining = 0
        self.may_have_missed = False
        """Whether the company was not heard of when it was read last: nothing told of what changed since."""
        self._loaders = loaders
        self._flusher = flusher
        self._tasks = tasks
        self._counts: dict[str, _Numbers] = {}
        # Of feeds that are being scored: progress, and whether it is done.
        self._progress: dict[str, tuple[float, bool]] = {}
        self._others: set[str] = set()
        """Feeds of the company that the account is not in, as far as it was asked since all was read."""
        # What changed, and when each was last sent: both by (kind, feed id).
        self._dirty: set[Change] = set()
        self._sent_at: dict[Change, float] = {}
        self._must_reread = False
        self.reading = asyncio.Lock()
        """Held by who reads. Reads are applied in the order they were made: an older count never follows a
        newer one."""
        self.is_queued = False
        """Whether the flusher has noted it."""
        self.is_stopped = False
        self._rereader: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def join(self, socket: SocketWriter) -> None:
        """Send a socket the snapshot, and everything that changes from then on.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        # The lock is held from the read to the append, so that no change falls between snapshot and frames.
        async with self.reading:
            await self._reread()
            feeds = [FeedCount(feed_id=id_, unread_count=unread) for id_, (unread, _) in self._counts.items()]
            snapshot = SnapshotFrame(seq=UNNUMBERED, feeds=feeds, total=self._total())
            socket.send(FrameText(snapshot))
            self.sockets.append(socket)

    async def reread(self) -> None:
        """Read everything anew, and tell what differs.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        async with self.reading:
            await self._reread()

    def note_changed(self, kind: Kind, feed_id: str) -> None:
        """Note that a feed's count or progress changed."""
        if feed_id in self._others:
            return
        self._dirty.add((kind, feed_id))
        self._flusher.note(self)

    def note_all_changed(self) -> None:
        """Note that anything may have changed, or that a read is lost: everything is read anew."""
        self._must_reread = True
        if self._rereader is None or self._rereader.done():
            self._rereader = self._tasks.start(self._reread_until_answered())

    def has(self, feed_id: str) -> bool:
        """Whether the account is in a feed, as far as it was told."""
        return feed_id in self._counts

    def send(self, text: FrameText) -> None:
        """Send all sockets a frame."""
        for socket in self.sockets:
            socket.send(text)

    def stop(self) -> None:
        """Stop reading for sockets that are gone."""
        self.is_stopped = True
        for one in (self._rereader, self._timer):
            if one is not None:
                one.cancel()

    def take_due(self, now: float) -> list[Change]:
        """Take the changes that may be sent now; the others come when their time has."""
        due = sorted(item for item in self._dirty if self._sent_at.get(item, 0.0) + COALESCE_S <= now)
        self._dirty.difference_update(due)
        self._sent_at |= dict.fromkeys(due, now)
        if self._dirty and self._timer is None:
            wait_s = min(self._sent_at[item] for item in self._dirty) + COALESCE_S - now
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._on_time)
        return due

    def give_back(self, changes: Iterable[Change]) -> None:
        """Take changes back that could not be told: everything is read anew, and then they are told."""
        self._dirty.update(changes)
        self.note_all_changed()

    def unknown_among(self, changes: Sequence[Change]) -> set[tuple[str, str, str]]:
        """The feeds to look up, as (company, account, feed): a known one exists until `removed` comes."""
        return {
            (self.company_id, self.user_id, feed_id)
            for kind, feed_id in changes
            if kind == "progress" or feed_id not in self._counts
        }

    def tell(
        self, changes: Sequence[Change], states: Mapping[tuple[str, str, str], FeedState], counts: Counts
    ) -> None:
        """Tell the sockets of changes that were taken.

        The states are of the feeds that were looked up, those that the account is in; the counts are the
        company's.
        """
        asked = self.unknown_among(changes)
        found = {key[-1]: states[key] for key in asked if key in states}
        self._others |= {feed_id for _, _, feed_id in asked} - found.keys()
        unread = [feed_id for kind, feed_id in changes if kind == "unread"]
        known = [one for one in unread if one in self._counts or one in found]
        self._tell_counts(_numbers(counts, known))
        for kind, feed_id in changes:
            if kind == "progress" and (state := found.get(feed_id)):
                self._tell_progress(state)

    def _on_time(self) -> None:
        self._timer = None
        self._flusher.note(self)

    async def _reread_until_answered(self) -> None:
        while self._must_reread:
            self._must_reread = False
            # No warning, as thousands of channels may wait: the hub's own reads warn of the outage.
            await until_answered(self.reread, what="a channel", level=logging.DEBUG)
        if self._dirty:
            self._flusher.note(self)

    async def _reread(self) -> None:
        self._others.clear()
        member = (self.company_id, self.user_id)
        feeds = (await self._loaders.feeds_of.get([member])).get(member, [])
        counts = await self._counts_of([feed.id for feed in feeds])
        for feed_id in self._counts.keys() - counts.keys():
            self._tell_removed(feed_id)
        self._tell_counts(counts)
        for feed in feeds:
            if not feed.calced or feed.id in self._progress:
                self._tell_progress(feed)

    async def _counts_of(self, feed_ids: Sequence[str]) -> dict[str, _Numbers]:
        if not feed_ids:
            return {}
        return _numbers((await self._loaders.counts.get([self.company_id]))[self.company_id], feed_ids)

    def _tell_removed(self, feed_id: str) -> None:
        self._progress.pop(feed_id, None)
        del self._counts[feed_id]
        kinds: tuple[Kind, ...] = ("unread", "progress")
        for kind in kinds:
            self._sent_at.pop((kind, feed_id), None)
        self._send(RemovedFrame(seq=UNNUMBERED, feed_id=feed_id, total=self._total()))

    def _tell_counts(self, counts: dict[str, _Numbers]) -> None:
        changed = {feed_id: now for feed_id, now in counts.items() if self._counts.get(feed_id) != now}
        known = {feed_id: self._counts[feed_id] for feed_id in changed if feed_id in self._counts}
        self._counts |= changed
        total = self._total()
        for feed_id, (unread, undecided) in changed.items():
            before = known.get(feed_id, (None, None))
            if unread != before[0]:
                self._send(UnreadFrame(seq=UNNUMBERED, feed_id=feed_id, unread_count=unread, total=total))
            if undecided != before[1]:
                frame = FrameText(UndecidedFrame(seq=UNNUMBERED, feed_id=feed_id, undecided_count=undecided))
                for socket in self.sockets:
                    if socket.hears_undecided:
                        socket.send(frame)

    def _tell_progress(self, feed: FeedState) -> None:
        now = (feed.progress, feed.calced)
        if self._progress.get(feed.id) == now:
            return
        self._progress[feed.id] = now
        if feed.id not in self._counts:
            self._counts[feed.id] = (0, 0)  # a new feed, before its first result
        progress = round(feed.progress, 3)
        self._send(
            ProgressFrame(seq=UNNUMBERED, feed_id=feed.id, progress=progress, calced=feed.calced),
        )
        if feed.calced:
            del self._progress[feed.id]

    def _total(self) -> int:
        return sum(unread for unread, _ in self._counts.values())

    def _send(self, frame: ServerFrame) -> None:
        self.send(FrameText(frame))


def _numbers(counts: Counts, feed_ids: Iterable[str]) -> dict[str, _Numbers]:
    return {feed_id: (counts.unread_of(feed_id), counts.undecided.get(feed_id, 0)) for feed_id in feed_ids}
