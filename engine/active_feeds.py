"""The feeds that resumes are scored against: an index in memory, kept equal to MongoDB.

    await feeds.refresh()
    async for key, match in feeds.matches(profile, Slices()):
        ...

A feed is *active* until it is deleted. An active feed is *scored* while it is in service and was opened
lately; the index knows until when. What feeds have learned from clicks is `feedback_models`.

Whoever scores reads resumes first and calls `refresh` then. So a feed that was written before a resume was
read is in the index by then, and a feed that is written later finds that resume in its own backfill.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import FeedIndex
from engine.matching.score.reasons import Match
from engine.relearn import RelationsInForce
from engine.specs import spec_of
from engine.watermark import Watermark
from runtime.slices import Slices
from store.feed_documents import Feed
from store.feeds import CLICK_NEWS_AFTER, Feeds

logger = logging.getLogger(__name__)


class FeedKey(msgspec.Struct, frozen=True):
    """Which feed, whose, and at which revision."""

    id: str
    user: str
    rev: int


class ActiveFeed(msgspec.Struct, frozen=True):
    """A feed at one revision, ready to be scored.

    Attributes:
        key: Which feed it is.
        query: What it asks for.
        model: Its feedback model, encoded; empty where nothing was learned.
    """

    key: FeedKey
    query: FeedQuery
    model: bytes = b""


class ActiveFeeds:
    """All active feeds, with an index over them. Belongs to one event loop.

    Of their forms nothing is kept but what the index holds: less than 2 KiB a feed.

    Attributes:
        loaded: Whether every active feed was read once; nothing is scored before.
    """

    def __init__(
        self, feeds: Feeds, relations: RelationsInForce, analyzer: Analyzer, idle_after: timedelta
    ) -> None:
        self._feeds = feeds
        self._relations = relations
        self._analyzer = analyzer
        self._index = FeedIndex()
        self._keys: dict[str, FeedKey] = {}
        self._watermark = Watermark()
        # Other processes see a feed's last click up to `CLICK_NEWS_AFTER` late. Without an allowance they
        # would stop scoring a feed that is in use. Twice the delay leaves a margin.
        self._idle_after = idle_after + 2 * CLICK_NEWS_AFTER
        self.loaded = False

    def __len__(self) -> int:
        return len(self._keys)

    async def load(self) -> None:
        """Read every active feed; called once, before anything is scored."""
        await self._relations.refresh()
        slices = Slices()
        # Reading all takes long, and a feed may change after its page was read. So the watermark begins at
        # what was newest before, not at what is newest afterwards: the first `refresh` then finds that
        # change.
        newest = await self._feeds.newest_change()
        async for feed in self._feeds.all_active():
            self._take(feed)
            await slices.rest()
        if newest is not None:
            self._watermark.see(newest)
        self.loaded = True
        logger.info("feeds loaded", extra={"data": {"feeds": len(self._keys)}})

    async def refresh(self) -> None:
        """Take over what changed in MongoDB since the last time."""
        slices = Slices()
        changed = await self._feeds.changed_since(self._watermark.at, self._watermark.overlap)
        # A revision may belong to relations that were learned since. They must be there before its query is
        # made, or the feed would be scored by the old ones until it changes again.
        if any(self.rev_of(feed.id) < feed.rev for feed in changed):
            await self._relations.refresh()
        for feed in changed:
            self._watermark.see(feed.updated_at)
            self._take(feed)
            await slices.rest()

    async def matches(self, profile: ResumeProfile, slices: Slices) -> AsyncIterator[tuple[FeedKey, Match]]:
        """The feeds that are scored at present and match a resume, in id order, with the match of each.

        Others run meanwhile. A feed that is deleted in that time is left out. So is one that changes: its
        own backfill finds the resume.
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
        """Whether new resumes are scored for the feed: it is active, in service, and was opened lately."""
        return feed_id in self._keys and self._index.until(feed_id) > time.time()

    def _take(self, feed: Feed) -> None:
        """Bring the index up to a feed as it was read; an older revision than the known one is ignored."""
        known = self._keys.get(feed.id)
        until = min(feed.expires_at, feed.last_click_time + self._idle_after).timestamp()
        if feed.deleted:
            self._index.remove(feed.id)
            self._keys.pop(feed.id, None)
        elif known is None or known.rev < feed.rev:
            active = read_feed(self._analyzer, feed)
            if active is not None:
                self._put(active, until)
        elif known.rev == feed.rev:
            self._index.keep(feed.id, until)  # it may have been opened since

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


def read_feed(analyzer: Analyzer, feed: Feed) -> ActiveFeed | None:
    """A feed ready to be scored; None for one that cannot be read, which must stop no other."""
    try:
        return ActiveFeed(FeedKey(feed.id, feed.user, feed.rev), analyzer.feed(spec_of(feed.form)))
    except Exception as error:  # noqa: BLE001 - any text may be in a form, and one feed must not stop the others
        logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
        return None
