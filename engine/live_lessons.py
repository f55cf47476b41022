"""The lessons in force: what every feed has learned, in memory, kept equal to MongoDB within a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import msgspec

from engine.live import LiveFeed
from engine.slices import Slices
from store.events import Event, Events
from store.feeds import POLL_OVERLAP
from store.lessons import Lessons, StoredLesson

_POLL_EVERY_S = 1.0
_ENOUGH = 500


class LiveLessons:
    """All lessons of one version of the rules, as bytes. Belongs to one event loop.

    Whoever scores calls `refresh` first. A hint brings a lesson at the next refresh; a lost hint is made up
    for by a poll, once a second at most.
    """

    def __init__(self, lessons: Lessons, version: str, events: Events) -> None:
        self._lessons = lessons
        self._version = version
        self._known: dict[str, bytes] = {}
        self._changed: set[str] = set()
        self._watermark: datetime | None = None
        self._moved_at = self._polled_at = float("-inf")
        self._loaded = False
        events.listen(self._hear)

    def taught(self, live: LiveFeed) -> LiveFeed:
        """A feed with its lesson; the same where it has learned nothing."""
        lesson = self.lesson_of(live.feed.id)
        return msgspec.structs.replace(live, lesson=lesson) if lesson else live

    def lesson_of(self, feed_id: str) -> bytes:
        """What a feed has learned, encoded; empty for nothing."""
        return self._known.get(feed_id, b"")

    async def refresh(self) -> None:
        """Take over what was learned since the last time; the first time, everything."""
        if not self._loaded:
            slices = Slices()
            async for lesson in self._lessons.each():
                self._take(lesson)
                await slices.rest()
            self._loaded = True
        now, changed = time.monotonic(), sorted(self._changed)[:_ENOUGH]
        if changed:
            self._changed.difference_update(changed)
            await self._reread(changed)
        if now >= self._polled_at + _POLL_EVERY_S:
            self._polled_at = now
            await self._poll(now)

    async def people_changed(self, resume_ids: Sequence[str]) -> None:
        """Note that resumes have new profiles: feeds that learned from them learn anew."""
        await self._lessons.mark(resume_ids)

    async def _reread(self, feed_ids: Sequence[str]) -> None:
        found = {lesson.feed: lesson for lesson in await self._lessons.find(feed_ids)}
        for feed_id in feed_ids:
            if lesson := found.get(feed_id):
                self._take(lesson)
            else:
                self._known.pop(feed_id, None)

    async def _poll(self, now: float) -> None:
        # As with feeds: behind the newest change others may still become visible, but not for ever.
        before = self._watermark
        overlap = POLL_OVERLAP if now < self._moved_at + POLL_OVERLAP.total_seconds() else 0 * POLL_OVERLAP
        for lesson in await self._lessons.changed_since(before, overlap):
            self._take(lesson)
        if self._watermark != before:
            self._moved_at = now

    def _take(self, lesson: StoredLesson) -> None:
        if self._watermark is None or lesson.updated_at > self._watermark:
            self._watermark = lesson.updated_at
        if lesson.data and lesson.version == self._version:
            self._known[lesson.feed] = lesson.data
        else:
            self._known.pop(lesson.feed, None)

    def _hear(self, event: Event) -> None:
        if event.kind == "lesson":
            self._changed.add(event.feed)
        elif event.kind == "again":
            self._polled_at = float("-inf")
