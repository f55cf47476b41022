"""A pass: feeds whose backfill is done together, and the resumes that passes wait for.

What is done in a pass, and when, is `backfill`.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from engine.indexes.active_feeds import ActiveFeed
from runtime.slices import Slices
from store.feeds.backfills import Revisions
from store.jobs.jobs import Job
from store.jobs.kinds import KINDS

logger = logging.getLogger(__name__)

CLOCKS_DIFFER = timedelta(seconds=2)
"""How far the clocks of two machines may differ. A resume that was scored so long after a pass began was
scored against its feeds."""

# Seconds between two renewals of leases, a third of one.
_RENEW_EVERY_S = KINDS["backfill"].lease.total_seconds() / 3

# Seconds between two reports of a pass, at least, and for each feed of all passes: a report writes to each
# feed of its own. However many feeds wait, that takes a few percent of the embedded store's time.
_REPORT_EVERY_S, _REPORT_A_FEED_S = 0.2, 0.02


class Pass:
    """Feeds that are scored together.

    Attributes:
        jobs: All that were claimed.
        feeds: Those of them that can be read and are still as they were claimed, by id.
        unread: Those that cannot be read, whose backfill is nothing.
        began: After the feeds could be read by every process, and before resumes were.
        written: Resumes that were written about and changed meanwhile: they are scored again, whoever has
            scored them since.
        waiting: How many resumes it waits for.
        all_waiting: How many it waited for at first.
        ready: The share of the resumes that it need not wait for, 0..1.
        given_up: Feeds that changed meanwhile or were taken over, by id.
        is_urgent: Whether its feeds were submitted while another pass was under way, which gives way to it.
        gave_way_s: Seconds for which it gave way itself.
        has_begun: Whether what matches is written; until then it waits for nothing.
    """

    def __init__(self, *, is_urgent: bool = False) -> None:
        self.is_urgent = is_urgent
        self.gave_way_s = 0.0
        self.has_begun = False
        self.jobs: list[Job] = []
        self.feeds: dict[str, ActiveFeed] = {}
        self.unread: dict[str, tuple[str, int]] = {}
        self.given_up: dict[str, ActiveFeed] = {}
        self.began = datetime.now(UTC)
        self.written: set[str] = set()
        self.waiting = 0
        self.all_waiting = 0
        self.progress, self.ready = 0.0, 1.0
        self.renewed_at = self.reported_at = time.monotonic()

    def give_up(self, feed_ids: Iterable[str]) -> None:
        """Score nothing for feeds any more that changed or were taken over."""
        for feed_id in feed_ids:
            logger.info("backfill of feed %s given up: it changed", feed_id)
            self.given_up[feed_id] = self.feeds.pop(feed_id)

    @property
    def must_renew(self) -> bool:
        """Whether its leases have to be renewed."""
        return time.monotonic() >= self.renewed_at + _RENEW_EVERY_S

    def may_report(self, feeds: int) -> bool:
        """Whether its progress may be reported, where all passes together have so many feeds."""
        return time.monotonic() >= self.reported_at + max(_REPORT_EVERY_S, _REPORT_A_FEED_S * feeds)


def revisions(feeds: Mapping[str, ActiveFeed]) -> Revisions:
    """By feed, which revision is scored."""
    return {id_: (feed.key.company, feed.key.rev) for id_, feed in feeds.items()}


class Waiting:
    """The resumes that passes wait for, in the order in which they will be scored.

    Belongs to one task of an event loop. What walks over all of them lets others run meanwhile.
    """

    def __init__(self) -> None:
        self._passes: dict[str, set[Pass]] = {}

    async def add(self, one: Pass, resume_ids: Iterable[str]) -> None:
        """Have a pass wait for resumes; after an upgrade these may be all there are."""
        slices = Slices()
        for id_ in resume_ids:
            waits = self._passes.setdefault(id_, set())
            if one not in waits:
                waits.add(one)
                one.waiting += 1
            await slices.rest()

    def first(self, count: int) -> list[str]:
        """The resumes that will be scored first."""
        return list(itertools.islice(self._passes, count))

    def take(self, resume_id: str) -> set[Pass]:
        """The passes that waited for a resume, which need not any more."""
        waits = self._passes.pop(resume_id)
        for one in waits:
            one.waiting -= 1
        return waits

    async def forget(self, one: Pass) -> None:
        """Have a pass wait for nothing."""
        if not one.waiting:
            return
        slices = Slices()
        for id_, waits in list(self._passes.items()):
            waits.discard(one)
            if not waits:
                del self._passes[id_]
            await slices.rest()
        one.waiting = 0
