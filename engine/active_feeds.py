"""The feeds that resumes are scored against: an index in memory, kept equal to MongoDB.

Whoever scores reads resumes first, then calls `refresh`: a feed written before a resume was read is
in the index by then, and a feed written later finds that resume in its own backfill.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import FeedIndex, warm
from engine.matching.score.match import Match
from engine.relearn import RelationsInForce
from engine.specs import spec_of
from runtime.slices import Slices
from store.feed_documents import Feed
from store.feeds import CLICK_NEWS_AFTER, POLL_OVERLAP, Feeds

logger = logging.getLogger(__name__)


class FeedKey(msgspec.Struct, frozen=True):
    """Which feed, whose, and at which revision."""

    id: str
    user: str
    rev: int


class ActiveFeed(msgspec.Struct, frozen=True):
    """A feed at one revision, ready to be scored; `lesson` is what it has learned, encoded."""

    feed: FeedKey
    query: FeedQuery
    model: bytes = b""


class ActiveFeeds:
    """All feeds that are not deleted, with an index over them. Belongs to one event loop.

    Of their forms nothing is kept but what the index holds: less than 2 KiB a feed.
    """

    def __init__(
        self, feeds: Feeds, relations: RelationsInForce, analyzer: Analyzer, idle_after: timedelta
    ) -> None:
        self._feeds = feeds
        self._relations = relations
        self._analyzer = analyzer
        self._index = FeedIndex()
        self._keys: dict[str, FeedKey] = {}
        self._watermark: datetime | None = None
        self._moved_at = 0.0
        # Others learn of a click with a delay; a feed counts as live for that much longer.
        self._idle_after = idle_after + 2 * CLICK_NEWS_AFTER
        self.loaded = False

    def __len__(self) -> int:
        return len(self._keys)

    async def load(self) -> None:
        """Read every live feed; called once, before anything is scored."""
        await asyncio.to_thread(warm)
        await self._relations.refresh()
        slices = Slices()
        async for feed in self._feeds.all_active():
            self._take(feed)
            await slices.rest()
        self.loaded = True
        logger.info("feeds loaded", extra={"data": {"feeds": len(self._keys)}})

    async def refresh(self) -> None:
        """Take over what changed in MongoDB since the last time."""
        slices = Slices()
        before, now = self._watermark, time.monotonic()
        # Behind the newest change others may still become visible, but not for ever.
        overlap = POLL_OVERLAP if now < self._moved_at + POLL_OVERLAP.total_seconds() else timedelta(0)
        changed = await self._feeds.changed_since(before, overlap)
        if any(self.rev_of(feed.id) < feed.rev for feed in changed):
            await self._relations.refresh()
        for feed in changed:
            self._take(feed)
            await slices.rest()
        if self._watermark != before:
            self._moved_at = now

    async def matches(self, profile: ResumeProfile, slices: Slices) -> AsyncIterator[tuple[FeedKey, Match]]:
        """The feeds that are scored at present and match a resume, in id order, with the match of each.

        Time is given to others meanwhile; a feed that changes in it is left out, as its own backfill finds
        the resume.
        """
        search = self._index.search(profile, time.time())
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
        return ActiveFeed(key, self._index.get(feed_id)) if key else None

    def rev_of(self, feed_id: str) -> int:
        """The feed's revision; 0 when it is deleted or unknown."""
        key = self._keys.get(feed_id)
        return key.rev if key else 0

    def is_scored(self, feed_id: str) -> bool:
        """Whether new resumes are scored for the feed: it is there, in service, and was opened lately."""
        return feed_id in self._keys and self._index.until(feed_id) > time.time()

    def _take(self, feed: Feed) -> None:
        if self._watermark is None or feed.updated_at > self._watermark:
            self._watermark = feed.updated_at
        known = self._keys.get(feed.id)
        until = min(feed.expires_at, feed.last_click_time + self._idle_after).timestamp()
        if feed.deleted:
            self._index.remove(feed.id)
            self._keys.pop(feed.id, None)
        elif known is None or known.rev < feed.rev:
            live = read_feed(self._analyzer, feed)
            if live is not None:
                self._index.put(feed.id, live.query, until)
                self._keys[feed.id] = live.feed
        elif known.rev == feed.rev:
            self._index.keep(feed.id, until)  # opened since, perhaps


def read_feed(analyzer: Analyzer, feed: Feed) -> ActiveFeed | None:
    """A feed ready to be scored; None for one that cannot be read, which must stop no other."""
    try:
        return ActiveFeed(FeedKey(feed.id, feed.user, feed.rev), analyzer.feed(spec_of(feed.form)))
    except Exception as error:  # noqa: BLE001 - whatever one text does
        logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
        return None
