"""The feeds that resumes are scored against: an index in memory, kept equal to MongoDB.

Whoever scores reads resumes first, then calls `refresh`: a feed written before a resume was read is
in the index by then, and a feed written later finds that resume in its own backfill.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import msgspec

from engine.analyzer import Analyzer
from engine.feedspec import FeedSpec
from engine.index import FeedIndex
from engine.profile import ResumeProfile
from engine.query import FeedQuery
from engine.slices import Slices
from store.feeds import CLICK_NEWS_AFTER, Feed, FeedForm, Feeds

logger = logging.getLogger(__name__)


class LiveFeed(msgspec.Struct, frozen=True):
    """A feed at one revision, ready to be scored."""

    feed: Feed
    query: FeedQuery


class LiveFeeds:
    """All feeds that are not deleted, with an index over them. Belongs to one event loop."""

    def __init__(self, feeds: Feeds, analyzer: Analyzer, idle_after: timedelta) -> None:
        self._feeds = feeds
        self._analyzer = analyzer
        self._index = FeedIndex()
        self._entries: dict[str, LiveFeed] = {}
        self._watermark: datetime | None = None
        # Others learn of a click with a delay; a feed counts as live for that much longer.
        self._idle_after = idle_after + 2 * CLICK_NEWS_AFTER
        self.loaded = False

    def __len__(self) -> int:
        return len(self._entries)

    async def load(self) -> None:
        """Read every live feed; called once, before anything is scored."""
        slices = Slices()
        async for feed in self._feeds.all_live():
            self._take(feed)
            await slices.rest()
        self.loaded = True
        logger.info("feeds loaded", extra={"data": {"feeds": len(self._entries)}})

    async def refresh(self) -> None:
        """Take over what changed in MongoDB since the last time."""
        slices = Slices()
        for feed in await self._feeds.changed_since(self._watermark):
            self._take(feed)
            await slices.rest()

    def candidates(self, profile: ResumeProfile) -> list[LiveFeed]:
        """The feeds that can match a resume and are scored at present, in id order."""
        return [self._entries[id_] for id_ in self._index.candidates(profile) if self.is_scored(id_)]

    def find(self, feed_id: str) -> LiveFeed | None:
        """The feed, scored at present or not; None when it is deleted or unknown."""
        return self._entries.get(feed_id)

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
            query = self._analyzer.feed(spec_of(feed.form))
            self._entries[feed.id] = LiveFeed(feed, query)
            self._index.put(feed.id, query)
        elif known.feed.rev == feed.rev:
            self._entries[feed.id] = LiveFeed(feed, known.query)  # opened since, perhaps


def spec_of(form: FeedForm) -> FeedSpec:
    """What of a form the engine scores by."""
    return FeedSpec(
        title=form.title,
        job_desc=form.job_desc,
        keywords=tuple(form.keywords),
        skill_required=form.skill_required,
        salary_min=form.salary_min,
        salary_max=form.salary_max,
        talent_level=tuple(form.talent_level),
        expect_area=tuple(form.expect_area),
        company_prefer=tuple(choice.name for choice in form.company_prefer),
        job_domain=tuple(choice.name for choice in form.job_domain),
    )
