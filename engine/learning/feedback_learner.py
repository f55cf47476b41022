"""Learns from clicks: makes a feed's feedback model anew, soon after each click and however many there are.

    learner.wake()                              # something was clicked
    model = await learner.learn(company_id, feed_id)        # now, and wait for it

A click sets pending feedback on what was clicked, in the same write, and wakes the learner. A moment later
every feed with pending feedback is learned, from all of its clicks that stand. What other processes left
behind, killed or not, a sweep finds.

What a click says of a feed is worked out in `engine.matching.feedback`; the rounds that keep two processes
from overwriting each other are `store.feeds.feedback`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence

from engine.indexes.profiles import CurrentProfiles
from engine.indexes.specs import spec_of
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feedback.trainer import FeedbackTrainer
from engine.matching.learned.relations import NOTHING_LEARNED
from engine.matching.learned.topics import NO_TOPICS
from engine.matching.resume_profile import ResumeProfile
from runtime.slices import Slices
from store.feeds.feed_documents import Feed
from store.feeds.feedback import Click
from store.redis.events import Event
from store.retry import work_until_cancelled
from store.stores import Stores

logger = logging.getLogger(__name__)

# Seconds for which clicks are gathered before they are learned together. Less would learn a feed anew for
# each of several quick clicks, from all of its clicks each time. More would let new resumes be scored by an
# older model for longer.
_GATHER_S = 0.3

# Seconds between two looks for clicks that nobody announced: those that a killed process left behind.
_SWEEP_EVERY_S = 2.0

# Feeds that one step learns. Where there were so many, the next step follows at once.
_FEEDS_AT_ONCE = 200


class FeedbackLearner:
    """One process's learner. Belongs to one event loop; `run` is its only task, but anybody may `learn`.

    Attributes:
        version: The rules by which its models are learned.
    """

    def __init__(
        self,
        stores: Stores,
        analyzer: Analyzer,
        relations: RelationsInForce,
    ) -> None:
        self._relations = relations
        self.version = analyzer.version
        self._feeds = stores.feeds
        self._feedback = stores.feedback
        self._resumes = stores.resumes
        self._profiles = CurrentProfiles(stores.profiles, stores.resumes, analyzer)
        self._analyzer = analyzer
        self._events = stores.events
        self._woken = asyncio.Event()
        self._is_reviewed = False
        # By feed, its account. They may have been deleted: then their models go, though no click says so.
        self._hinted: dict[str, str] = {}
        self._one_at_a_time = asyncio.Lock()

    def wake(self) -> None:
        """Learn soon: something was clicked."""
        self._woken.set()

    def note(self, event: Event) -> None:
        """Note a hint, where `run` runs: a feed may have been deleted, and the next sweep looks."""
        if event.feed and event.company:
            self._hinted[event.feed] = event.company

    async def run(self) -> None:
        """Learn until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(
            self._step, what="feedback", woken=self._woken, idle_s=_SWEEP_EVERY_S, gather_s=_GATHER_S
        )

    async def _step(self) -> bool:
        """Learn the feeds that are due; whether there may be more of them."""
        if not self._is_reviewed:
            await self._feedback.review(self.version)
            self._is_reviewed = True
        hinted, self._hinted = self._hinted, {}
        try:
            there = await self._feeds.find_active(hinted) if hinted else {}
            removed = {feed: company for feed, company in hinted.items() if feed not in there}
            companies = removed | await self._feedback.due(_FEEDS_AT_ONCE)
            companies |= await self._feeds.companies_of(
                [feed for feed, company in companies.items() if not company]
            )
            # Other processes sweep too. Each takes another order, so that two seldom learn the same feed at
            # once: one of them would do so in vain.
            for feed_id, company in random.sample(list(companies.items()), len(companies)):
                if company:
                    await self.learn(company, feed_id, only_if_due=feed_id not in removed)
                else:
                    await self._feedback.drop(feed_id)
        except BaseException:
            self._hinted |= hinted
            raise
        return len(companies) >= _FEEDS_AT_ONCE

    async def learn(self, company_id: str, feed_id: str, *, only_if_due: bool = False) -> bytes:
        """Learn what the clicks in a feed's list say now, for the feed as it is now.

        Args:
            company_id: The feed's company.
            feed_id: The feed. The model of one that was deleted is deleted too.
            only_if_due: Leave the model as it is where nothing was clicked since.

        Returns:
            The model, encoded.
        """
        async with self._one_at_a_time:
            # Again and again until a round is saved: one that another process overtook is of old clicks.
            while True:
                # The order matters: pending feedback is read before the clicks. A click in between is learned
                # and stays pending, which costs one round more. The other way round it could be lost.
                round_ = await self._feedback.begin(company_id, feed_id)
                if only_if_due and not round_.is_needed:
                    return round_.data
                feed = (await self._feeds.find_active({feed_id: company_id})).get(feed_id)
                if feed is None:
                    await self._feedback.drop(feed_id)
                    model, clicks = b"", []
                    break
                clicks = await self._feedback.clicks(company_id, feed_id)
                if not (clicks or round_.number):
                    # Nothing was learned before and no click stands: it was taken back, or its person erased.
                    await self._feedback.finish(round_)
                    return b""
                model = await self._train(feed, clicks)
                if await self._feedback.save(round_, clicks, model, feed_rev=feed.rev, version=self.version):
                    break
            if (model, self.version) != (round_.data, round_.version):
                await self._events.publish(Event("feedback", feed=feed_id))
            # After the save. A process that dies in between leaves the feedback pending: it is learned again.
            await self._feedback.finish(round_)
            return model

    async def _train(self, feed: Feed, clicks: Sequence[Click]) -> bytes:
        """The model that these clicks give, encoded; empty where the feed cannot be read."""
        # By the topics in force, as those who score know no others.
        await self._relations.refresh()
        try:
            # Without learned relations: they change, and it is what the feed itself asks for that counts.
            query = self._analyzer.feed(spec_of(feed.form), NOTHING_LEARNED, NO_TOPICS)
        except Exception as error:  # noqa: BLE001 - any text may be in a form, and one feed must not stop the others
            logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
            return b""
        clicked = [click.resume for click in clicks]
        profiles = {stored.resume: stored.data for stored in await self._profiles.load(clicked)}
        trainer, slices = FeedbackTrainer(query, self._analyzer.idf, self._analyzer.topics), Slices()
        for click in clicks:
            if click.resume in profiles:
                try:
                    trainer.add(click.act, click.reasons, ResumeProfile.decode(profiles[click.resume]))
                except Exception as error:  # noqa: BLE001 - one resume must not spoil the model
                    name = type(error).__name__
                    logger.error(
                        "resume %s cannot be learned from for feed %s: %s", click.resume, feed.id, name
                    )
            await slices.rest()
        return trainer.model().encode()
