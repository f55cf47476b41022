"""Backfill: scores the stored resumes for a submitted feed, newest first, under a lease.

It ends with the list that percolation would have made: what is still unscored when it starts is
waited for, and a resume that changes while it is scored is scored again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable

import msgspec

from engine.active_feeds import ActiveFeed, read_feed
from engine.erasure import clear
from engine.learner import Learner
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.relearn import RelationsInForce
from engine.rows import score_row, stored_profile
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.backfills import Backfills
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feed_documents import Feed
from store.profiles import Profiles, StoredProfile
from store.results import Results
from store.resumes import Resumes

logger = logging.getLogger(__name__)

# A feed's list is bounded by its newest candidates: nobody reads further.
MAX_CANDIDATES = 20_000
# The first page comes at once, the rest in larger bites.
_FIRST_CHUNK, _CHUNK = 40, 100
# So many are scored as they are found, before the rest is even looked for: the first page is among them.
_AT_ONCE = 3_000
_IDLE_S = 1.0
_WAIT_S = 0.1


class _LeaseLost(Exception):
    """The feed was changed or deleted, or another process took over."""


class Backfill:
    """One process's scorer of submitted feeds. Belongs to one event loop; `run` is its only task."""

    def __init__(
        self,
        *,
        name: str,
        backfills: Backfills,
        resumes: Resumes,
        profiles: Profiles,
        results: Results,
        erasures: Erasures,
        learner: Learner,
        analyzer: Analyzer,
        relations: RelationsInForce,
        events: Events,
        metrics: Metrics,
    ) -> None:
        self._name = name
        self._backfills = backfills
        self._resumes = resumes
        self._profiles = profiles
        self._results = results
        self._erasures = erasures
        self._learner = learner
        self._analyzer = analyzer
        self._relations = relations
        self._events = events
        self._metrics = metrics
        self._woken = asyncio.Event()
        events.listen(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.kind == "feed":
            self._woken.set()

    async def run(self) -> None:
        """Score submitted feeds until cancelled; a feed whose process died is taken over in seconds."""
        while True:
            self._woken.clear()
            try:
                feed = await self._backfills.claim(self._name)
                if feed is not None:
                    await self._run_one(feed)
                    continue
            except STORE_FAILURES as error:
                logger.warning("backfill waits for MongoDB (%s)", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_S):
                    await self._woken.wait()

    async def _run_one(self, feed: Feed) -> None:
        try:
            await self._score(feed)
        except _LeaseLost:
            logger.info("backfill of feed %s given up: it changed", feed.id)
        except asyncio.CancelledError:
            with contextlib.suppress(*STORE_FAILURES):
                await self._backfills.release(self._name, feed)
            raise

    async def _score(self, feed: Feed) -> None:
        await self._relations.refresh()
        live = read_feed(self._analyzer, feed)
        if live is None:
            await self._backfills.finish(self._name, feed)
            return
        # One lesson for all, learned anew: the form may have changed, and clicks of this moment count.
        live = msgspec.structs.replace(live, model=await self._learner.learn(feed.id))
        # In this order: a resume stored after this line is percolated by a process that knows the feed.
        unscored = await self._resumes.pending(limit=1_000_000)
        found: list[str] = []
        again: list[str] = []
        done = 0

        async def score_up_to(end: int, total: int) -> None:
            nonlocal done
            while done < end:
                chunk = found[done : min(done + (_CHUNK if done else _FIRST_CHUNK), end)]
                again.extend(await self._score_chunk(live, await self._profiles.load(chunk)))
                done += len(chunk)
                await self._report(feed, done / (total + len(unscored)))

        gates = sorted(live.query.gate_terms)
        newest = self._profiles.newest(feed.id, gates, MAX_CANDIDATES, live.query.places)
        async with contextlib.aclosing(newest) as pages:
            async for page in pages:
                found += page
                await score_up_to(min(len(found), _AT_ONCE), MAX_CANDIDATES)
        await score_up_to(len(found), len(found))
        await self._catch_up(feed, live, dict.fromkeys([*unscored, *again]), done)
        async for _ in self._results.drop_outdated(feed.id, feed.rev):
            await self._events.publish(Event("unread", user=feed.user, feed=feed.id))
            await self._report(feed, 1.0)
        if not await self._backfills.finish(self._name, feed):
            raise _LeaseLost
        await self._events.publish(Event("progress", user=feed.user, feed=feed.id))
        logger.info(
            "feed scored", extra={"data": {"feed": feed.id, "rev": feed.rev, "candidates": len(found)}}
        )

    async def _catch_up(self, feed: Feed, live: ActiveFeed, late: Iterable[str], done: int) -> None:
        """Score the resumes that were not ready at first, as percolation gets them ready.

        It does so in about their order, so only the first are asked for: there may be thousands, many times.
        """
        waiting = deque(late)
        total = done + len(waiting)
        while waiting:
            first = [waiting.popleft() for _ in range(min(_CHUNK, len(waiting)))]
            states = await self._resumes.revisions(first)
            ready = [id_ for id_ in first if id_ in states and not states[id_][1]]
            unready = [id_ for id_ in first if id_ in states and states[id_][1]]
            again = await self._score_chunk(live, await self._analyse(ready)) if ready else []
            waiting.extendleft(reversed(unready))
            waiting.extend(again)
            await self._report(feed, (total - len(waiting)) / total)
            if unready or again:
                await asyncio.sleep(_WAIT_S)

    async def _score_chunk(self, live: ActiveFeed, profiles: list[StoredProfile]) -> list[str]:
        """Score resumes and write what matches; returns the ids of those to look at once more."""
        feed = live.feed
        slices = Slices()
        scored = []
        current = [profile for profile in profiles if profile.version == self._analyzer.version]
        for stored in current:
            try:
                if result := score_row(live, stored, ResumeProfile.decode(stored.data)):
                    scored.append(result)
            except Exception as error:  # noqa: BLE001 - one pair that cannot be scored stops no other
                name = type(error).__name__
                logger.error("resume %s cannot be scored for feed %s: %s", stored.resume, feed.id, name)
            await slices.rest()
        fresh = await self._results.save(scored)
        self._metrics.results.inc(len(fresh))
        moved = bool(scored)  # not the new ones alone: an earlier try may have died before it told
        matched = {result.resume for result in scored}
        for stored in current:
            if stored.rev > 1 and stored.resume not in matched:
                moved |= bool(
                    await self._results.drop_unmatched(stored.resume, stored.rev, {feed.id}.__contains__, ())
                )
        if moved:
            await self._events.publish(Event("unread", user=feed.user, feed=feed.id))
        # A resume that changed since may have been percolated before our older score was written,
        # or waits for it now: look again.
        now = await self._resumes.revisions([stored.resume for stored in profiles])
        overtaken = [one.resume for one in current if now.get(one.resume, (0, False))[0] != one.rev]
        await clear(self._erasures, self._events, overtaken)
        settled = {stored.resume for stored in current if now.get(stored.resume) == (stored.rev, False)}
        return [stored.resume for stored in profiles if stored.resume in now.keys() - settled]

    async def _analyse(self, resume_ids: list[str]) -> list[StoredProfile]:
        """The resumes' profiles; made here where the stored one is missing or of other rules."""
        stored = {profile.resume: profile for profile in await self._profiles.load(resume_ids)}
        revisions = await self._resumes.revisions(resume_ids)
        unusable = [
            id_
            for id_ in resume_ids
            if id_ not in stored
            or stored[id_].version != self._analyzer.version
            or (stored[id_].rev, False) != revisions.get(id_)
        ]
        slices = Slices()
        for resume in await self._resumes.load(unusable):
            if resume.is_quarantined:
                stored.pop(resume.id, None)
                continue
            try:
                profile = self._analyzer.resume(resume.body)
            except Exception as error:  # noqa: BLE001 - one resume that cannot be read spoils no feed
                name = type(error).__name__
                logger.error("resume %s cannot be read for a backfill: %s", resume.id, name)
                stored.pop(resume.id, None)
                continue
            stored[resume.id] = stored_profile(resume, profile, self._analyzer.version)
            await slices.rest()
        return list(stored.values())

    async def _report(self, feed: Feed, progress: float) -> None:
        if not await self._backfills.keep(self._name, feed, min(progress, 0.99)):
            raise _LeaseLost
        await self._events.publish(Event("progress", user=feed.user, feed=feed.id))
