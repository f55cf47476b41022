"""Learns from clicks, soon after each and however many there are.

A click only marks what was clicked, and kicks. A moment later the feeds with marks are learned, each from
all of its clicks that stand. What other processes left, killed or not, a sweep finds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence

from engine.erasure import clear
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feedback.rocchio import FeedbackTrainer
from engine.matching.relations import NOTHING_LEARNED
from engine.matching.resume_profile import ResumeProfile
from engine.specs import spec_of
from runtime.slices import Slices
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feed_documents import Feed
from store.feedback import Click, FeedbackStore
from store.feeds import Feeds
from store.profiles import Profiles
from store.resumes import Resumes

logger = logging.getLogger(__name__)

# Clicks of so long are learned together: a feed is not learned more often.
_GATHER_S = 0.3
_SWEEP_EVERY_S = 2.0
_AT_ONCE = 200


class Learner:
    """One process's learner. Belongs to one event loop; `run` is its only task, but anybody may `learn`.

    Attributes:
        version: The rules that its lessons are learned by.
    """

    def __init__(
        self,
        *,
        feeds: Feeds,
        feedback: FeedbackStore,
        resumes: Resumes,
        profiles: Profiles,
        erasures: Erasures,
        analyzer: Analyzer,
        events: Events,
    ) -> None:
        self.version = analyzer.version
        self._feeds = feeds
        self._feedback = feedback
        self._resumes = resumes
        self._profiles = profiles
        self._erasures = erasures
        self._analyzer = analyzer
        self._events = events
        self._woken = asyncio.Event()
        self._removed: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        events.listen(self._on_event)

    def wake(self) -> None:
        """Learn soon: something was clicked."""
        self._woken.set()

    def _on_event(self, event: Event) -> None:
        if event.kind == "removed":
            self._removed.add(event.feed)
            self.wake()

    async def run(self) -> None:
        """Learn until cancelled; MongoDB's absence is waited out."""
        reviewed = False
        while True:
            try:
                if not reviewed:
                    await self._feedback.review(self.version)
                    reviewed = True
                await self._learn_due()
            except STORE_FAILURES as error:
                logger.warning("learning waits for MongoDB (%s)", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SWEEP_EVERY_S):
                    await self._woken.wait()
            await asyncio.sleep(_GATHER_S)
            self._woken.clear()

    async def _learn_due(self) -> None:
        while True:
            removed = list(self._removed)
            due = [*removed, *await self._feedback.due(_AT_ONCE)]
            # Others may be at the same feeds: in another order there is less of that.
            for feed_id in random.sample(due, len(due)):
                await self.learn(feed_id, only_if_due=feed_id not in self._removed)
            self._removed.difference_update(removed)
            if len(due) < _AT_ONCE:
                return

    async def learn(self, feed_id: str, *, only_if_due: bool = False) -> bytes:
        """Learn what the clicks in a feed's list say now, for the feed as it is now.

        Args:
            feed_id: The feed; the lesson of one that is deleted is deleted too.
            only_if_due: Leave it as it is where nothing was clicked since.

        Returns:
            The lesson, encoded.
        """
        async with self._one_at_a_time:
            while True:
                turn = await self._feedback.begin(feed_id)
                if only_if_due and not turn.is_needed:
                    return turn.data
                feed = (await self._feeds.find_active([feed_id])).get(feed_id)
                if feed is None:
                    await self._feedback.drop(feed_id)
                    data, clicks = b"", []
                    break
                clicks = await self._feedback.clicks(feed.user, feed_id)
                if not (clicks or turn.number):
                    await self._feedback.finish(turn)  # of who was erased, or taken back at once
                    return b""
                data = await self._teach(feed, clicks)
                if await self._feedback.save(turn, clicks, data, feed_rev=feed.rev, version=self.version):
                    break
            if (data, self.version) != (turn.data, turn.version):
                await self._events.publish(Event("feedback", feed=feed_id))
            await self._feedback.finish(turn)
            await self._clear_erased([click.resume for click in clicks])
            return data

    async def _teach(self, feed: Feed, clicks: Sequence[Click]) -> bytes:
        try:
            # Without learned relations: they change, and it is what the feed itself asks for that counts.
            query = self._analyzer.feed(spec_of(feed.form), NOTHING_LEARNED)
        except Exception as error:  # noqa: BLE001 - whatever one text does
            logger.error("feed %s cannot be read: %s", feed.id, type(error).__name__)
            return b""
        people = await self._people([click.resume for click in clicks])
        teacher, slices = FeedbackTrainer(query, self._analyzer.idf), Slices()
        for click in clicks:
            if click.resume in people:
                try:
                    teacher.add(click.act, click.reasons, ResumeProfile.decode(people[click.resume]))
                except Exception as error:  # noqa: BLE001 - one resume spoils no lesson
                    name = type(error).__name__
                    logger.error("resume %s cannot teach feed %s: %s", click.resume, feed.id, name)
            await slices.rest()
        return teacher.model().encode()

    async def _people(self, resume_ids: Sequence[str]) -> dict[str, bytes]:
        """The resumes' profiles; made here where the stored one is missing or of other rules."""
        people = {
            stored.resume: stored.data
            for stored in await self._profiles.load(resume_ids)
            if stored.version == self._analyzer.version
        }
        slices = Slices()
        for resume in await self._resumes.load([id_ for id_ in resume_ids if id_ not in people]):
            if resume.is_quarantined:
                continue
            try:
                people[resume.id] = self._analyzer.resume(resume.body).encode()
            except Exception as error:  # noqa: BLE001 - one resume that cannot be read spoils no lesson
                name = type(error).__name__
                logger.error("resume %s cannot be read for a lesson: %s", resume.id, name)
            await slices.rest()
        return people

    async def _clear_erased(self, resume_ids: Sequence[str]) -> None:
        """Take back what was learned from people who were erased meanwhile."""
        there = await self._resumes.revisions(resume_ids)
        await clear(self._erasures, self._events, [id_ for id_ in resume_ids if id_ not in there])
