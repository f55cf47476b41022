"""Relations between terms: the explicit step that learns them anew, and how every process comes to use them.

    await relations.refresh()                       # RelationsInForce, in every process
    learned = await relearn(profiles=..., ...)      # the step, which an operator or a nightly job takes

A relation changes queries, as an edit of the form does. So the feeds whose query it changes get a new
revision and are scored again. Whoever finds a feed of a new revision calls `RelationsInForce.refresh` before
making its query, and so has the table that the revision belongs to, or a newer one.

What feeds learn from clicks is another matter, see `learner`. The counting is `engine.matching.relations`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.relations import Counting, Relations, relations_of
from engine.specs import spec_of
from store.backfills import Backfills
from store.feeds import Feeds
from store.profiles import Profiles
from store.relations import RelationsStore

logger = logging.getLogger(__name__)

# Feeds that one write asks to be scored again: as many ids as one query names, see `store.by_ids`.
_FEEDS_AT_ONCE = 100


class RelationsInForce:
    """Keeps one process's analyzer at the relations that are in force."""

    def __init__(self, relations: RelationsStore, analyzer: Analyzer) -> None:
        self._relations = relations
        self._analyzer = analyzer

    async def refresh(self) -> None:
        """Take over what was learned since the last time; most often this is one small read."""
        if await self._relations.revision() == self._analyzer.relations.revision:
            return
        stored = await self._relations.load()
        self._analyzer.adopt(Relations(stored.table, stored.revision))
        logger.info("relations taken over", extra={"data": {"revision": stored.revision}})


class Learned(msgspec.Struct, frozen=True):
    """What one step came to.

    Attributes:
        resumes: How many it learned from.
        terms: How many terms have relations.
        is_new: Whether the relations are other than before.
        feeds: How many feeds are scored again.
    """

    resumes: int
    terms: int
    is_new: bool
    feeds: int


async def relearn(
    *,
    profiles: Profiles,
    relations: RelationsStore,
    feeds: Feeds,
    backfills: Backfills,
    analyzer: Analyzer,
    progress: Callable[[int], None],
) -> Learned:
    """Learn from all stored resumes, and have the feeds that this changes scored again.

    Killed at any point, it leaves the old table in force, or a new one that the next step applies.

    Args:
        profiles: What to learn from; those that other rules made are left out.
        relations: Where the table is.
        feeds: All active ones are looked at.
        backfills: Where feeds are scored again.
        analyzer: Of the rules that the servers run.
        progress: Told how many more profiles were counted.
    """
    counting = Counting()
    async for part in profiles.all_key_terms(analyzer.version):
        for key_terms in part:
            counting.add(key_terms)
        progress(len(part))
    fresh, stored = counting.relations(), await relations.load()
    if stored.applied and stored.revision == fresh.revision:
        return Learned(counting.resumes, len(fresh.table), is_new=False, feeds=0)
    # Where an earlier step died before its table was applied, some feeds follow that table and some an older
    # one. What each was scored by is then unknown, so all of them are scored again.
    before = relations_of(stored.table) if stored.applied else None
    # The table first: a process that meets a feed's new revision must find it in force.
    await relations.save(fresh.table, fresh.revision, counting.resumes)
    changed = [
        feed.id async for feed in feeds.all_active() if _changes(analyzer, spec_of(feed.form), before, fresh)
    ]
    for start in range(0, len(changed), _FEEDS_AT_ONCE):
        await backfills.request(changed[start : start + _FEEDS_AT_ONCE])
    await relations.set_applied(fresh.revision)
    return Learned(counting.resumes, len(fresh.table), is_new=True, feeds=len(changed))


def _changes(analyzer: Analyzer, spec: FeedSpec, before: Relations | None, after: Relations) -> bool:
    """Whether other relations change a feed's query.

    Args:
        analyzer: Makes the queries.
        spec: The feed. One that cannot be read has no query to change.
        before: The relations by which it was scored; None when they are unknown, which counts as a change.
        after: The new relations.
    """
    if before is None:
        return True
    try:
        return analyzer.feed(spec, before) != analyzer.feed(spec, after)
    except Exception as error:  # noqa: BLE001 - any text may be in a form
        logger.error("a feed cannot be read: %s", type(error).__name__)
        return False
