"""The lessons in force: what every feed has learned, in memory, kept equal to MongoDB within a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import msgspec

from engine.active_feeds import ActiveFeed
from runtime.slices import Slices
from store.events import Event, Events
from store.feedback import FeedbackStore, StoredModel
from store.feeds import POLL_OVERLAP

_POLL_EVERY_S = 1.0
_ENOUGH = 500


class FeedbackModels:
    """All lessons of one version of the rules, as bytes. Belongs to one event loop.

    Whoever scores calls `refresh` first. A hint brings a lesson at the next refresh; a lost hint is made up
    for by a poll, once a second at most.
    """

    def __init__(self, feedback: FeedbackStore, version: str, events: Events) -> None:
        self._feedback = feedback
        self._version = version
        self._known: dict[str, bytes] = {}
        self._changed: set[str] = set()
        self._watermark: datetime | None = None
        self._moved_at = self._polled_at = float("-inf")
        self._loaded = False
        events.listen(self._on_event)

    def with_model(self, live: ActiveFeed) -> ActiveFeed:
        """A feed with its lesson; the same where it has learned nothing."""
        model = self.model_of(live.feed.id)
        return msgspec.structs.replace(live, model=model) if model else live

    def model_of(self, feed_id: str) -> bytes:
        """What a feed has learned, encoded; empty for nothing."""
        return self._known.get(feed_id, b"")

    async def refresh(self) -> None:
        """Take over what was learned since the last time; the first time, everything."""
        if not self._loaded:
            slices = Slices()
            async for model in self._feedback.each():
                self._take(model)
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
        await self._feedback.set_pending(resume_ids)

    async def _reread(self, feed_ids: Sequence[str]) -> None:
        found = {model.feed: model for model in await self._feedback.find(feed_ids)}
        for feed_id in feed_ids:
            if model := found.get(feed_id):
                self._take(model)
            else:
                self._known.pop(feed_id, None)

    async def _poll(self, now: float) -> None:
        # As with feeds: behind the newest change others may still become visible, but not for ever.
        before = self._watermark
        overlap = POLL_OVERLAP if now < self._moved_at + POLL_OVERLAP.total_seconds() else 0 * POLL_OVERLAP
        for model in await self._feedback.changed_since(before, overlap):
            self._take(model)
        if self._watermark != before:
            self._moved_at = now

    def _take(self, model: StoredModel) -> None:
        if self._watermark is None or model.updated_at > self._watermark:
            self._watermark = model.updated_at
        if model.data and model.version == self._version:
            self._known[model.feed] = model.data
        else:
            self._known.pop(model.feed, None)

    def _on_event(self, event: Event) -> None:
        if event.kind == "feedback":
            self._changed.add(event.feed)
        elif event.kind == "resync":
            self._polled_at = float("-inf")
