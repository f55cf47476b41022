"""The feedback models in force: what feeds have learned, at most a second behind MongoDB.

    await feedback.refresh()
    model = feedback.model_of(feed_id)

Here models are bytes that are looked up. They are made in `learner`; what is in them is known to
`engine.matching.feedback` alone.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from engine.indexes.active_feeds import ActiveFeed
from engine.indexes.watermark import Watermark
from runtime.slices import Slices
from store.feeds.feedback import FeedbackStore, StoredModel
from store.redis.events import Event, Events

# Seconds between two polls, which make up for lost hints. `refresh` is called for each batch of resumes: with
# less a busy worker would poll many times a second. With more it would score by an older model for longer.
_POLL_EVERY_S = 1.0

# Hinted models that one refresh reads. A batch of resumes waits for it, so the rest is left to the next.
_HINTS_AT_ONCE = 500


class FeedbackModels:
    """The feedback models of all feeds, by one version of the rules. Belongs to one event loop.

    Whoever scores calls `refresh` first. A hint brings a model at the next refresh. What a lost hint was
    about comes with the next poll.
    """

    def __init__(self, feedback: FeedbackStore, version: str, events: Events) -> None:
        self._feedback = feedback
        self._version = version
        self._known: dict[str, bytes] = {}
        self._hinted: set[str] = set()
        self._watermark = Watermark()
        self._polled_at = float("-inf")
        self._loaded = False
        events.listen(self._on_event, "feedback", "resync")

    def with_model(self, feed: ActiveFeed) -> ActiveFeed:
        """The feed with its model; the same feed where it has learned nothing."""
        model = self.model_of(feed.key.id)
        return msgspec.structs.replace(feed, model=model) if model else feed

    def model_of(self, feed_id: str) -> bytes:
        """What a feed has learned, encoded; empty for nothing."""
        return self._known.get(feed_id, b"")

    async def refresh(self) -> None:
        """Take over what was learned since the last time; the first time, everything."""
        if not self._loaded:
            slices = Slices()
            async for model in self._feedback.each():
                self._watermark.see(model.updated_at)
                self._take(model)
                await slices.rest()
            self._loaded = True
        now, hinted = time.monotonic(), sorted(self._hinted)[:_HINTS_AT_ONCE]
        if hinted:
            # Before the read: a hint that arrives meanwhile may be about a newer model than the read finds.
            self._hinted.difference_update(hinted)
            await self._reread(hinted)
        if now >= self._polled_at + _POLL_EVERY_S:
            self._polled_at = now
            await self._poll()

    async def profiles_changed(self, resume_ids: Sequence[str]) -> None:
        """Note that resumes have new profiles: the feeds that learned from them learn anew."""
        await self._feedback.set_pending(resume_ids)

    async def _reread(self, feed_ids: Sequence[str]) -> None:
        # The watermark stays: there may be older models whose hints were lost, and the next poll finds those.
        found = {model.feed: model for model in await self._feedback.find(feed_ids)}
        for feed_id in feed_ids:
            if model := found.get(feed_id):
                self._take(model)
            else:
                self._known.pop(feed_id, None)

    async def _poll(self) -> None:
        for model in await self._feedback.changed_since(self._watermark.at, self._watermark.overlap):
            self._watermark.see(model.updated_at)
            self._take(model)

    def _take(self, model: StoredModel) -> None:
        # A process of other rules made it, so it cannot be applied here. An empty one is of a person who was
        # erased, or of clicks that were all taken back.
        if model.data and model.version == self._version:
            self._known[model.feed] = model.data
        else:
            self._known.pop(model.feed, None)

    def _on_event(self, event: Event) -> None:
        if event.kind == "feedback":
            self._hinted.add(event.feed)
        elif event.kind == "resync":
            self._polled_at = float("-inf")  # hints may have been lost: poll at the next refresh
