"""The feeds that resumes are scored against: an index in memory, kept equal to MongoDB.

    await feeds.refresh()
    async for key, match in feeds.matches(profile, Slices()):
        ...

A feed is *active* until it is deleted. An active feed is *scored* while it is in service, was opened lately
and is not paused; the index knows until when. What feeds have learned from clicks is `feedback_models`.

At the start the index is made from a snapshot of an earlier one, where there is a sound one, and then brought
up to date; without a snapshot every active feed is read and analysed. `snapshots` has the rest.

Whoever scores reads resumes first and calls `refresh` then. So a feed that was written before a resume was
read is in the index by then, and a feed that is written later finds that resume in its own backfill.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import msgspec
import numpy as np

from engine.indexes.snapshot_file import SnapshotFile, Stored
from engine.indexes.snapshots import Snapshots
from engine.indexes.specs import spec_of
from engine.indexes.watermark import Watermark
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.feed_snapshot import COLUMNS, NAMES, packed
from engine.matching.score.index import FeedIndex
from engine.matching.score.reasons import Match
from engine.matching.score.snapshot import Copying, Snapshot
from runtime.slices import Slices
from store.feeds.feed_documents import Feed
from store.feeds.feeds import CLICK_NEWS_AFTER, Feeds
from store.meta import Meta
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

_KEEP_UP_S = 5.0
"""Seconds between two polls where no resume comes. In that time learned relations may change some thousand
feeds, which one poll can take."""


# Seconds between two polls that look back for writes which became visible late. Every batch of resumes polls,
# and after a thousand submits each look back reads a thousand feeds. A feed that is seen so much later misses
# no resume, as its own backfill scores those of these seconds once more.
_LOOK_BACK_EVERY_S = 2.0

_PAUSED = 0.0
"""Until when a paused feed is scored: a time that no other feed has."""


class FeedKey(msgspec.Struct, frozen=True):
    """Which feed, whose, and at which revision."""

    id: str
    company: str
    rev: int


class ActiveFeed(msgspec.Struct, frozen=True):
    """A feed at one revision, ready to be scored.

    Attributes:
        key: Which feed it is.
        query: What it asks for.
        model: Its feedback model, encoded; empty where nothing was learned.
        topics: The topics in force when it was read, by which its query was made.
    """

    key: FeedKey
    query: FeedQuery
    model: bytes = b""
    topics: Topics = NO_TOPICS


class ActiveFeeds:
    """All active feeds, with an index over them. Belongs to one event loop.

    Of their forms nothing is kept but what the index holds: less than 2 KiB a feed.

    Attributes:
        loaded: Whether each of these feeds was read once; nothing is scored before.
    """

    def __init__(
        self,
        feeds: Feeds,
        relations: RelationsInForce,
        analyzer: Analyzer,
        idle_after: timedelta,
        snapshots: Snapshots | None = None,
    ) -> None:
        self._feeds = feeds
        self._relations = relations
        self._analyzer = analyzer
        self._snapshots = snapshots
        self._refreshing = asyncio.Lock()
        self._empty()
        # Other processes see a feed's last click up to `CLICK_NEWS_AFTER` late. Without an allowance they
        # would stop scoring a feed that is in use. Twice the delay leaves a margin.
        self._idle_after = idle_after + 2 * CLICK_NEWS_AFTER
        self.loaded = False

    def __len__(self) -> int:
        return len(self._keys)

    def _empty(self) -> None:
        """Know nothing of any feed."""
        self._index = FeedIndex()
        self._keys: dict[str, FeedKey] = {}
        self._watermark = Watermark()
        self._looked_back_at = float("-inf")

    async def load(self) -> None:
        """Make the index of these feeds; called before anything is scored, and again if it fails."""
        began = time.monotonic()
        await self._relations.refresh()
        restored = await self._restore()
        if not restored:
            # Without what an earlier try has read: a feed that was deleted since would not be seen again.
            self._empty()
            await self.refresh()
        self.loaded = True
        took = round(time.monotonic() - began, 2)
        about = {"feeds": len(self._keys), "from_snapshot": restored, "seconds": took}
        logger.info("feeds loaded", extra={"data": about})

    async def _restore(self) -> bool:
        """Make the index from a snapshot and bring it up to date; false where there is none of use."""
        restored = await self._snapshots.restore(_unpacked) if self._snapshots else None
        if restored is None:
            return False
        watermark, (self._index, self._keys) = restored
        # From the snapshot's own watermark on, with the overlap, as it counts as just seen.
        self._watermark = Watermark()
        self._watermark.see(watermark)
        self._looked_back_at = float("-inf")
        newest = await self.refresh()
        # The feed that was changed last is found again, unless the database is younger than the snapshot.
        if newest is None or newest < watermark:
            logger.warning("the snapshot of feeds is not used: the database was set back")
            return False
        return True

    async def run(self) -> NoReturn:
        """Keep up while no resume comes, until cancelled. What piles up could be too much for one poll."""
        await work_until_cancelled(self._keep_up, what="reading feeds", idle_s=_KEEP_UP_S)

    async def _keep_up(self) -> bool:
        if self.loaded:
            await self.refresh()
        return False  # there is nothing more at once

    async def refresh(self) -> datetime | None:
        """Take over what changed in MongoDB since the last time.

        Returns:
            When the latest of the feeds was changed that were read; None where none was.
        """
        async with self._refreshing:
            return await self._refresh()

    async def _refresh(self) -> datetime | None:
        slices = Slices()
        newest: datetime | None = None
        now, overlap = time.monotonic(), timedelta(0)
        if now >= self._looked_back_at + _LOOK_BACK_EVERY_S:
            self._looked_back_at, overlap = now, self._watermark.overlap
        async for changed in self._feeds.changed_since(self._watermark.at, overlap):
            # A revision may belong to relations that were learned since. They must be there before its query
            # is made, or the feed would be scored by the old ones until it changes again.
            if any(self.rev_of(feed.id) < feed.rev for feed in changed):
                await self._relations.refresh()
            for feed in changed:
                newest = max(newest or feed.updated_at, feed.updated_at)
                self._take(feed)
                await slices.rest()
        # Only now: until all are taken over, nobody who reads on from the watermark may leave one out.
        if newest is not None:
            self._watermark.see(newest)
        return newest

    @property
    def changes(self) -> int:
        """How many changes the index has seen since it was empty or restored."""
        return self._index.version

    async def snapshot(self) -> Stored | None:
        """A snapshot of the index, made in slices; None before it is loaded, and where there was no feed."""
        watermark = self._watermark.at
        if not self.loaded or watermark is None:
            return None
        slices = Slices()
        copying = self._index.copying()
        while not copying.is_done:
            copying.step()
            await slices.rest()
        # Those of feeds that have not changed are the same as at the beginning.
        return Stored(watermark, await asyncio.to_thread(_packed, copying, self._keys.copy()))

    async def matches(self, profile: ResumeProfile, slices: Slices) -> AsyncIterator[tuple[FeedKey, Match]]:
        """The feeds that are scored at present and match a resume, in id order, with the match of each.

        Others run meanwhile. A feed that is deleted in that time is left out. So is one that changes: its
        own backfill finds the resume.
        """
        search = self._index.search(profile, time.time(), self._analyzer.topics)
        while not search.is_done:
            search.step()
            await slices.rest()
        for feed_id, match in search.worded():
            if key := self._keys.get(feed_id):
                yield key, match
            await slices.rest()

    def find(self, feed_id: str) -> ActiveFeed | None:
        """The feed, scored at present or not; None when it is deleted or unknown."""
        key = self._keys.get(feed_id)
        return ActiveFeed(key, self._index.get(feed_id), topics=self._analyzer.topics) if key else None

    def is_paused(self, feed_id: str) -> bool:
        """Whether the feed is paused. One that is only idle still lists what is sent to it."""
        return feed_id in self._keys and self._index.until(feed_id) == _PAUSED

    def rev_of(self, feed_id: str) -> int:
        """The feed's revision; 0 when it is deleted or unknown."""
        key = self._keys.get(feed_id)
        return key.rev if key else 0

    def is_scored(self, feed_id: str) -> bool:
        """Whether new resumes are scored for the feed: it is in service, in use, and not paused."""
        return feed_id in self._keys and self._index.until(feed_id) > time.time()

    def _take(self, feed: Feed) -> None:
        """Bring the index up to a feed as it was read; an older revision than the known one is ignored."""
        known = self._keys.get(feed.id)
        until = _PAUSED
        if not feed.paused:
            until = min(feed.expires_at, feed.last_click_time + self._idle_after).timestamp()
        if feed.deleted:
            self._index.remove(feed.id)
            self._keys.pop(feed.id, None)
        elif known is None or known.rev < feed.rev:
            active = read_feed(self._analyzer, feed)
            if active is not None:
                self._put(active, until)
        elif known.rev == feed.rev:
            self._index.keep(feed.id, until)  # it may have been opened or paused since

    def _put(self, active: ActiveFeed, until: float) -> None:
        """Index a feed; one that the index refuses must stop no other, like one that cannot be read."""
        feed_id = active.key.id
        try:
            self._index.put(feed_id, active.query, until)
        except ValueError as error:
            logger.error("feed %s cannot be indexed: %s", feed_id, error)  # the text is bounds alone
            self._keys.pop(feed_id, None)  # `put` has removed its older revision from the index
        else:
            self._keys[feed_id] = active.key


def snapshots_of_feeds(
    folder: Path,
    database: str,
    meta: Meta,
    analyzer: Analyzer,
    idle_after: timedelta,
) -> Snapshots:
    """The snapshots of all active feeds.

    Args:
        folder: Where their file is.
        database: The name of the database.
        meta: Knows its id.
        analyzer: The rules that made the queries. Learned relations are not named: a feed whose query they
            change gets a new revision, and so is read again.
        idle_after: Until when a feed is scored depends on it.
    """
    path = folder / f"feeds-{database}.snapshot"
    file = SnapshotFile(path, {**COLUMNS, "revs": np.int64}, (*NAMES, "companies"))
    return Snapshots(
        file, meta, {"rules": analyzer.version, "idle_days": str(idle_after / timedelta(days=1))}
    )


def _packed(copying: Copying, keys: dict[str, FeedKey]) -> Snapshot:
    snapshot = packed(copying)
    mine = [keys[feed_id] for feed_id in snapshot.names["feeds"]]
    snapshot.arrays["revs"] = np.array([key.rev for key in mine], np.int64)
    snapshot.names["companies"] = [key.company for key in mine]
    return snapshot


def _unpacked(snapshot: Snapshot) -> tuple[FeedIndex, dict[str, FeedKey]]:
    companies, revs = snapshot.names["companies"], snapshot.arrays["revs"].tolist()
    ids = snapshot.names["feeds"]
    keys = {id_: FeedKey(id_, company, rev) for id_, company, rev in zip(ids, companies, revs, strict=True)}
    return FeedIndex.restored(snapshot), keys


def read_feed(analyzer: Analyzer, feed: Feed) -> ActiveFeed | None:
    """A feed ready to be scored; None for one that cannot be read, which must stop no other."""
    try:
        key, query = FeedKey(feed.id, feed.company, feed.rev), analyzer.feed(spec_of(feed.form))
        return ActiveFeed(key, query, topics=analyzer.topics)
    except Exception as error:  # noqa: BLE001 - any text may be in a form, and one feed must not stop the others
        logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
        return None
