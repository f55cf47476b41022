"""Percolation: scores new resumes against all live feeds, the moment they arrive.

Work comes from the stream; a sweep over MongoDB finds what the stream lost, and is the only source
while Redis is away. A resume loses its mark only after its results are journalled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from engine.active_feeds import ActiveFeeds
from engine.erasure import clear
from engine.feedback_models import FeedbackModels
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.quarantine import PoisonGuard
from engine.rows import row_of, score_row, stored_profile
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.contacts import Contacts
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.profiles import Profiles, StoredProfile
from store.queue import Delivery, WorkQueue
from store.redis_client import REDIS_FAILURES
from store.result_documents import ScoredResult
from store.results import Results
from store.resumes import Resumes, StoredResume

logger = logging.getLogger(__name__)

BATCH = 32
SAVE = 200
_SWEEP_BATCH = 1000
_SWEEP_EVERY_S = 2.0
_SWEEP_AFTER = timedelta(seconds=5)
_TAKE_OVER_EVERY_S = 5.0
_TAKE_OVER_IDLE_S = 10.0
_RETRY_S = 0.5

Analysed = tuple[StoredResume, StoredProfile, ResumeProfile]


class Worker:
    """One process's scorer of new resumes. Belongs to one event loop; `run` is its only task."""

    def __init__(
        self,
        *,
        resumes: Resumes,
        contacts: Contacts,
        profiles: Profiles,
        results: Results,
        erasures: Erasures,
        live: ActiveFeeds,
        learned: FeedbackModels,
        analyzer: Analyzer,
        queue: WorkQueue,
        suspects: PoisonGuard,
        events: Events,
        metrics: Metrics,
    ) -> None:
        self._resumes = resumes
        self._contacts = contacts
        self._profiles = profiles
        self._results = results
        self._erasures = erasures
        self._live = live
        self._learned = learned
        self._analyzer = analyzer
        self._queue = queue
        self._suspects = suspects
        self._events = events
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._is_new = True
        self._next_sweep = 0.0
        self._next_take_over = 0.0

    def wake(self) -> None:
        """Look for work in MongoDB, as the stream does not answer."""
        self._next_sweep = 0.0
        self._woken.set()

    async def run(self) -> None:
        """Score until cancelled. MongoDB's absence is waited out; nothing is lost by either."""
        while True:
            try:
                if not self._live.loaded:
                    await self._live.load()
                deliveries, begun = await self._take()
                await self.score([resume_id for _, resume_id in deliveries], begun=begun)
                await self._queue.done(deliveries)
                await self._sweep()
            except STORE_FAILURES as error:
                logger.warning("scoring waits for MongoDB (%s)", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _take(self) -> tuple[list[Delivery], bool]:
        """Some work, and whether another process may have begun with it."""
        try:
            now = time.monotonic()
            if now >= self._next_take_over:
                self._next_take_over = now + _TAKE_OVER_EVERY_S
                if taken := await self._queue.take_over(_TAKE_OVER_IDLE_S):
                    return taken, True
            return await self._queue.take(BATCH), False
        except REDIS_FAILURES:
            # Ingest kicks; what other processes took in is found once a second.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._woken.wait()
            self._woken.clear()
            self._next_sweep = 0.0
            return [], False

    async def _sweep(self) -> None:
        now = time.monotonic()
        if now < self._next_sweep:
            return
        # What came in just now is on its way through the stream, unless there is none. What comes in from
        # now on is left to it: a sweep as long as an upload would leave the other processes nothing to do.
        before = datetime.now(UTC) - (_SWEEP_AFTER if self._next_sweep else timedelta())
        self._next_sweep = now + _SWEEP_EVERY_S
        while ids := await self._resumes.pending(_SWEEP_BATCH, before):
            await self.score(ids, begun=self._is_new)
        self._is_new = False

    async def score(self, resume_ids: Sequence[str], *, begun: bool = False) -> None:
        """Score those of the resumes that wait for it, and write what matches.

        Args:
            resume_ids: Their ids.
            begun: Whether somebody who is gone may have begun with them.
        """
        for start in range(0, len(resume_ids), BATCH):
            loaded = await self._resumes.load(resume_ids[start : start + BATCH])
            waiting = [resume for resume in loaded if resume.pending]
            async with contextlib.aclosing(self._suspects.batches(waiting, begun=begun)) as batches:
                async for batch in batches:
                    await self._score_batch(batch)

    async def _score_batch(self, resumes: Sequence[StoredResume]) -> None:
        await self._live.refresh()
        await self._learned.refresh()
        await self._contacts.move(resumes)
        analysed = await self._analyse(resumes)
        # Before the results: whoever reads a feed's candidates from now on finds these.
        await self._profiles.save([stored for _, stored, _ in analysed])
        used = await self._write(analysed)
        await self._settle(resumes, used)

    async def _settle(self, resumes: Sequence[StoredResume], used: dict[str, set[tuple[str, int]]]) -> None:
        """Take the marks off, unless what we wrote may have come after something newer.

        Another process may have scored a newer revision of a resume, or of a feed, while we worked:
        then our older writes could stand over its newer ones, so the resume is scored once more. Or
        the resume was erased, and what we wrote of it must go too.
        """
        now = await self._resumes.revisions([resume.id for resume in resumes])
        await self._live.refresh()
        settled, stale, overtaken = [], [], []
        for resume in resumes:
            rev, _ = now.get(resume.id, (0, False))
            if rev != resume.rev:
                overtaken.append(resume.id)
            if not rev or resume.id not in used:  # erased, or it failed
                continue
            feeds_moved = any(self._live.rev_of(feed) != rev for feed, rev in used[resume.id])
            # The same revision scored by somebody else wrote the same: only a newer one is a reason.
            if rev == resume.rev and not feeds_moved:
                settled.append(resume)
            else:
                stale.append(resume.id)
        await clear(self._erasures, self._events, overtaken)
        if stale:
            await self._resumes.requeue(stale)
        await self._learned.people_changed([resume.id for resume in settled if resume.rev > 1])
        await self._resumes.mark_scored(settled)
        self._metrics.scored.inc(len(settled))
        for resume in settled:
            if resume.rev == 1:
                self._metrics.score_lag.observe((datetime.now(UTC) - resume.arrived_at).total_seconds())

    async def _analyse(self, resumes: Sequence[StoredResume]) -> list[Analysed]:
        analysed: list[Analysed] = []
        slices = Slices()
        for resume in resumes:
            try:
                profile = self._analyzer.resume(resume.body)
                analysed.append((resume, stored_profile(resume, profile, self._analyzer.version), profile))
            except Exception as error:  # noqa: BLE001 - whatever one text does, its neighbours go on
                await self._suspects.failed(resume, error)
            await slices.rest()
        return analysed

    async def _write(self, analysed: list[Analysed]) -> dict[str, set[tuple[str, int]]]:
        """Score and write a batch; returns, by resume, the feeds that matched and their revisions."""
        scored: list[ScoredResult] = []
        moved: set[tuple[str, str]] = set()
        used: dict[str, set[tuple[str, int]]] = {}
        slices = Slices()
        for resume, stored, profile in list(analysed):
            try:
                matches = await self._match(resume, stored, profile, slices)
            except Exception as error:  # noqa: BLE001 - as above
                analysed.remove((resume, stored, profile))
                await self._suspects.failed(resume, error)
                continue
            used[resume.id] = {(result.feed, result.feed_rev) for result in matches}
            scored += matches
            if resume.rev > 1:
                matched = {result.feed for result in matches}
                moved |= await self._results.drop_unmatched(
                    resume.id, resume.rev, self._live.is_scored, matched
                )
        for start in range(0, len(scored), SAVE):
            saved = scored[start : start + SAVE]
            self._metrics.results.inc(len(await self._results.save(saved)))
            # For all, not the new ones alone: an earlier try may have written and died before it told.
            moved |= {(result.user, result.feed) for result in saved}
            await self._events.publish(
                *(Event("unread", user=user, feed=feed) for user, feed in sorted(moved))
            )
            moved.clear()
        await self._events.publish(*(Event("unread", user=user, feed=feed) for user, feed in sorted(moved)))
        return used

    async def _match(
        self, resume: StoredResume, stored: StoredProfile, profile: ResumeProfile, slices: Slices
    ) -> list[ScoredResult]:
        """What to write of a resume: its matches, and whatever it was sent to."""
        matches: dict[str, ScoredResult] = {}
        async for feed, match in self._live.matches(profile, slices):
            if result := row_of(feed, self._learned.model_of(feed.id), stored, profile, match):
                matches[result.feed] = result
        for feed_id in (*resume.send_to, *resume.partner_for):
            sent = None if feed_id in matches else self._live.find(feed_id)
            if sent and (result := score_row(self._learned.with_model(sent), stored, profile)):
                matches[feed_id] = result
        return list(matches.values())
