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

from engine.analyzer import Analyzer
from engine.erasure import clear
from engine.feedspec import spec_of
from engine.profile import ResumeProfile
from engine.relations import NOTHING_LEARNED
from engine.rocchio import Teacher, revision
from engine.slices import Slices
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feeds import Feed, Feeds
from store.lessons import Click, Lessons
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
        lessons: Lessons,
        resumes: Resumes,
        profiles: Profiles,
        erasures: Erasures,
        analyzer: Analyzer,
        events: Events,
    ) -> None:
        self.version = f"{analyzer.version}-{revision()}"
        self._feeds = feeds
        self._lessons = lessons
        self._resumes = resumes
        self._profiles = profiles
        self._erasures = erasures
        self._analyzer = analyzer
        self._events = events
        self._kicked = asyncio.Event()
        self._removed: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        events.listen(self._hear)

    def kick(self) -> None:
        """Learn soon: something was clicked."""
        self._kicked.set()

    def _hear(self, event: Event) -> None:
        if event.kind == "removed":
            self._removed.add(event.feed)
            self.kick()

    async def run(self) -> None:
        """Learn until cancelled; MongoDB's absence is waited out."""
        reviewed = False
        while True:
            try:
                if not reviewed:
                    await self._lessons.review(self.version)
                    reviewed = True
                await self._learn_due()
            except STORE_FAILURES as error:
                logger.warning("learning waits for MongoDB (%s)", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SWEEP_EVERY_S):
                    await self._kicked.wait()
            await asyncio.sleep(_GATHER_S)
            self._kicked.clear()

    async def _learn_due(self) -> None:
        while True:
            removed = list(self._removed)
            due = [*removed, *await self._lessons.due(_AT_ONCE)]
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
                turn = await self._lessons.begin(feed_id)
                if only_if_due and not turn.is_needed:
                    return turn.data
                feed = (await self._feeds.find_live([feed_id])).get(feed_id)
                if feed is None:
                    await self._lessons.drop(feed_id)
                    data, clicks = b"", []
                    break
                clicks = await self._lessons.clicks(feed.user, feed_id)
                if not (clicks or turn.number):
                    await self._lessons.finish(turn)  # of who was erased, or taken back at once
                    return b""
                data = await self._teach(feed, clicks)
                if await self._lessons.save(turn, clicks, data, feed_rev=feed.rev, version=self.version):
                    break
            if (data, self.version) != (turn.data, turn.version):
                await self._events.publish(Event("lesson", feed=feed_id))
            await self._lessons.finish(turn)
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
        teacher, slices = Teacher(query, self._analyzer.idf), Slices()
        for click in clicks:
            if click.resume in people:
                try:
                    teacher.add(click.act, click.reasons, ResumeProfile.decode(people[click.resume]))
                except Exception as error:  # noqa: BLE001 - one resume spoils no lesson
                    name = type(error).__name__
                    logger.error("resume %s cannot teach feed %s: %s", click.resume, feed.id, name)
            await slices.rest()
        return teacher.lesson().encode()

    async def _people(self, resume_ids: Sequence[str]) -> dict[str, bytes]:
        """The resumes' profiles; made here where the stored one is missing or of other rules."""
        people = {
            stored.resume: stored.data
            for stored in await self._profiles.load(resume_ids)
            if stored.version == self._analyzer.version
        }
        slices = Slices()
        for resume in await self._resumes.load([id_ for id_ in resume_ids if id_ not in people]):
            if resume.set_aside:
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
