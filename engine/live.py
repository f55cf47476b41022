"""The feeds that resumes are scored against: an index in memory, kept equal to MongoDB.

Whoever scores reads resumes first, then calls `refresh`: a feed written before a resume was read is
in the index by then, and a feed written later finds that resume in its own backfill.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

import msgspec

from engine.analyzer import Analyzer
from engine.feedspec import spec_of
from engine.index import FeedIndex
from engine.profile import ResumeProfile
from engine.query import FeedQuery
from engine.relearn import CurrentRelations
from engine.slices import Slices
from store.feeds import CLICK_NEWS_AFTER, POLL_OVERLAP, Feed, Feeds

logger = logging.getLogger(__name__)


class LiveFeed(msgspec.Struct, frozen=True):
    """A feed at one revision, ready to be scored; `lesson` is what it has learned, encoded."""

    feed: Feed
    query: FeedQuery
    lesson: bytes = b""


class LiveFeeds:
    """All feeds that are not deleted, with an index over them. Belongs to one event loop."""

    def __init__(
        self, feeds: Feeds, relations: CurrentRelations, analyzer: Analyzer, idle_after: timedelta
    ) -> None:
        self._feeds = feeds
        self._relations = relations
        self._analyzer = analyzer
        self._index = FeedIndex()
        self._entries: dict[str, LiveFeed] = {}
        self._watermark: datetime | None = None
        self._moved_at = 0.0
        # Others learn of a click with a delay; a feed counts as live for that much longer.
        self._idle_after = idle_after + 2 * CLICK_NEWS_AFTER
        self.loaded = False

    def __len__(self) -> int:
        return len(self._entries)

    async def load(self) -> None:
        """Read every live feed; called once, before anything is scored."""
        await self._relations.refresh()
        slices = Slices()
        async for feed in self._feeds.all_live():
            self._take(feed)
            await slices.rest()
        self.loaded = True
        logger.info("feeds loaded", extra={"data": {"feeds": len(self._entries)}})

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

    def candidates(self, profile: ResumeProfile) -> list[LiveFeed]:
        """The feeds that can match a resume and are scored at present, in id order."""
        return [self._entries[id_] for id_ in self._index.candidates(profile) if self.is_scored(id_)]

    def find(self, feed_id: str) -> LiveFeed | None:
        """The feed, scored at present or not; None when it is deleted or unknown."""
        return self._entries.get(feed_id)

    def rev_of(self, feed_id: str) -> int:
        """The feed's revision; 0 when it is deleted or unknown."""
        live = self._entries.get(feed_id)
        return live.feed.rev if live else 0

    def is_scored(self, feed_id: str) -> bool:
        """Whether new resumes are scored for the feed: it is there, in service, and was opened lately."""
        live, now = self._entries.get(feed_id), datetime.now(UTC)
        return live is not None and not (
            live.feed.has_expired(now) or live.feed.is_idle(now, self._idle_after)
        )

    def _take(self, feed: Feed) -> None:
        if self._watermark is None or feed.updated_at > self._watermark:
            self._watermark = feed.updated_at
        known = self._entries.get(feed.id)
        if feed.deleted:
            self._index.remove(feed.id)
            self._entries.pop(feed.id, None)
        elif known is None or known.feed.rev < feed.rev:
            live = read_feed(self._analyzer, feed)
            if live is not None:
                self._entries[feed.id] = live
                self._index.put(feed.id, live.query)
        elif known.feed.rev == feed.rev:
            self._entries[feed.id] = LiveFeed(feed, known.query)  # opened since, perhaps


def read_feed(analyzer: Analyzer, feed: Feed) -> LiveFeed | None:
    """A feed ready to be scored; None for one that cannot be read, which must stop no other."""
    try:
        return LiveFeed(feed, analyzer.feed(spec_of(feed.form)))
    except Exception as error:  # noqa: BLE001 - whatever one text does
        logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
        return None
