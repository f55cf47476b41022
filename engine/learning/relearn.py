"""Relations between terms, and topics: the step that learns them, and how every process comes to use them.

    await relations.refresh()                       # RelationsInForce, in every process
    learned = await relearn(profiles=..., ...)      # the step, which `learning_task` or an operator takes

What is learned changes queries, as an edit of the form does. So the feeds whose query it changes get a new
revision and are scored again. Whoever finds a feed of a new revision calls `RelationsInForce.refresh` before
making its query, and so has the tables that the revision belongs to, or newer ones.

Relations change a few feeds. New topics place every feed anew, and so have all of them scored again: they are
learned when there are a fifth more or fewer resumes than they were learned from, and stay otherwise.

What feeds learn from clicks is another matter, see `learner`. The counting is
`engine.matching.learned.relations` and `engine.matching.learned.topic_learning`, in a process of its own
(`computing`).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

import msgspec

from engine.indexes.specs import spec_of
from engine.learning.computing import Computing
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec
from engine.matching.learned.relations import Relations, relations_of
from engine.matching.learned.revision import revision_of
from engine.matching.learned.topic_learning import MIN_RESUMES
from engine.matching.learned.topics import Topics
from runtime.slices import Rests, Slices
from store.feeds.relations import Basis, RelationsStore, StoredRelations, StoredTopics
from store.meta import Meta
from store.stores import Stores

logger = logging.getLogger(__name__)

_Tables = tuple[Relations, Topics]

_OTHER_BY = 5
"""Topics are learned anew where the number of resumes is other by one in so many."""

# Feeds that one write asks to be scored again: as many ids as one query names, see `store.by_ids`.
_FEEDS_AT_ONCE = 100


class RelationsInForce:
    """Keeps one process's analyzer at the relations that are in force."""

    def __init__(self, relations: RelationsStore, analyzer: Analyzer) -> None:
        self._relations = relations
        self._analyzer = analyzer

    async def refresh(self) -> None:
        """Take over what was learned since the last time; most often this is one small read."""
        if await self._relations.revision() == self._analyzer.learned:
            return
        stored = await self._relations.load()
        self._analyzer.adopt(relations_of(stored.table), _topics(stored))
        logger.info("relations taken over", extra={"data": {"revision": stored.revision}})


class Learned(msgspec.Struct, frozen=True):
    """What one step came to.

    Attributes:
        resumes: How many it learned from.
        terms: How many terms have relations.
        words: How many words have a place among the topics.
        topics_are_new: Whether the topics are other than before.
        is_new: Whether relations or topics are other than before.
        feeds: How many feeds are scored again.
    """

    resumes: int
    terms: int
    words: int
    topics_are_new: bool
    is_new: bool
    feeds: int


class OtherRules(Exception):
    """Not all profiles come from the matching rules of this process, so there is too little to learn from.

    Attributes:
        is_outdated: Whether all comes from other rules: then this process is of another release.
    """

    def __init__(self, *, is_outdated: bool) -> None:
        self.is_outdated = is_outdated
        super().__init__(
            "the servers go by other matching rules than this process, which has to be started anew"
            if is_outdated
            else "the matching rules changed, and not all resumes are scored by the new ones yet"
        )


async def relearn(
    stores: Stores,
    analyzer: Analyzer,
    *,
    least: int = MIN_RESUMES,
    progress: Callable[[int], None] = lambda _: None,
) -> Learned:
    """Learn from all stored resumes, and have the feeds that this changes scored again.

    Killed or cancelled at any point, it leaves the old table in force, or a new one that the next step
    applies.
    The event loop is held up by slices alone, and others have the store for as long as this had it.

    Args:
        stores: What is learned from, but for profiles that other rules made, and where what is learned is.
        analyzer: Of the rules that the servers run.
        least: Resumes that there must be for topics.
        progress: Told how many more profiles were counted.

    Raises:
        OtherRules: Some profiles are of other rules, or all. What these have taught would be forgotten.
        LearningFailed: It could not be computed.
    """
    await _refuse_other_rules(stores.meta, analyzer)
    # As whoever decides when to learn counts them.
    count, resumes, rests = await stores.profiles.count(), 0, Rests(math.inf)
    async with Computing.started(least=least) as computing:
        async for part in stores.profiles.all_data(analyzer.version):
            await computing.add(part)
            resumes += len(part)
            progress(len(part))
            await rests.rest()
        stored = await stores.relations.load()
        are_due = _are_due(stored.topics, resumes, analyzer.version) or is_other(count, stored.profiles)
        computed = await computing.tables(topics=are_due)
    if resumes < least:
        # The count has one already that is not committed yet: it is learned again, for topics.
        count = min(count, resumes)
    fresh = Relations(computed.relations, computed.relations_revision)
    topics = _topics(stored)
    if are_due:
        topics = Topics(computed.words, computed.directions, computed.weights, computed.topics_revision)
    about = stored.topics
    if are_due:
        about = StoredTopics(
            words=topics.words,
            directions=topics.directions,
            weights=topics.weights,
            revision=topics.revision,
            resumes=resumes,
            rules=analyzer.version,
        )
    learned = Learned(
        resumes=resumes,
        terms=len(fresh.table),
        words=len(topics.words),
        topics_are_new=topics.revision != stored.topics.revision,
        is_new=True,
        feeds=0,
    )
    revision = revision_of(fresh, topics)
    basis = Basis(resumes=resumes, profiles=count if are_due else stored.profiles, rules=analyzer.version)
    if stored.applied and stored.revision == revision:
        await stores.relations.note(about, revision, basis)
        return msgspec.structs.replace(learned, is_new=False)
    # Where an earlier step died before its table was applied, some feeds follow that table and some an older
    # one. What each was scored by is then unknown, so all of them are scored again.
    before = (relations_of(stored.table), _topics(stored)) if stored.applied else None
    # Once more, as servers of other rules may have started since.
    await _refuse_other_rules(stores.meta, analyzer)
    # The table first: a process that meets a feed's new revision must find it in force.
    await stores.relations.save(fresh.table, about, revision, basis)
    changed, slices = [], Slices()
    async for feed in stores.feeds.all_active():
        if _changes(analyzer, spec_of(feed.form), before, (fresh, topics)):
            changed.append(feed.id)
        await slices.rest()
    for start in range(0, len(changed), _FEEDS_AT_ONCE):
        await stores.backfills.request(changed[start : start + _FEEDS_AT_ONCE])
    await stores.relations.set_applied(revision)
    return msgspec.structs.replace(learned, feeds=len(changed))


async def _refuse_other_rules(meta: Meta, analyzer: Analyzer) -> None:
    rules = await meta.rules()
    if rules.version and not rules.are_settled(analyzer.version):
        raise OtherRules(is_outdated=rules.unsettled is None)


def _topics(stored: StoredRelations) -> Topics:
    """The topics in force."""
    kept = stored.topics
    return Topics(kept.words, kept.directions, kept.weights, kept.revision)


def _are_due(stored: StoredTopics, resumes: int, rules: str) -> bool:
    """Whether topics are worth learning anew."""
    return not stored.revision or stored.rules != rules or is_other(resumes, stored.resumes)


def is_other(count: int, before: int) -> bool:
    """Whether so many resumes are by a fifth more or fewer than those that were learned from."""
    return count != before and _OTHER_BY * abs(count - before) >= before


def _changes(analyzer: Analyzer, spec: FeedSpec, before: _Tables | None, after: _Tables) -> bool:
    """Whether what was learned changes a feed's query.

    Args:
        analyzer: Makes the queries.
        spec: The feed. One that cannot be read has no query to change.
        before: By what it was scored; None when that is unknown, which counts as a change.
        after: What is new.
    """
    if before is None:
        return True
    try:
        return analyzer.feed(spec, *before) != analyzer.feed(spec, *after)
    except Exception as error:  # noqa: BLE001 - any text may be in a form
        logger.error("a feed cannot be read: %s", type(error).__name__)
        return False
