"""Backfill: scores the stored resumes for a submitted feed, newest first, under a lease.

It ends with the list that percolation would have made. Resumes that are still unscored when it starts are
waited for, and one that changes while it is scored is scored again (`docs/adr/0004`).

Here are the lease, the order of the work and its progress. A chunk of resumes is scored in `chunk_scorer`;
new resumes are scored in `worker`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable

import msgspec

from engine.active_feeds import ActiveFeed, read_feed
from engine.chunk_scorer import ChunkScorer
from engine.learner import Learner
from engine.matching.analysis.analyzer import Analyzer
from engine.profiles import CurrentProfiles
from engine.relearn import RelationsInForce
from runtime.metrics import Metrics
from store.backfills import Backfills
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feed_documents import Feed
from store.profiles import Profiles
from store.results import Results
from store.resumes import Resumes
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

MAX_CANDIDATES = 20_000
"""The most candidates that a backfill looks at, newest first. Nobody reads a list further than that."""

# Resumes scored between two reports of the progress. The first chunk is small, so that the first page of
# the list shows at once. The others hold as many as one query names (`store.by_ids`).
_FIRST_CHUNK, _CHUNK = 40, 100

# Candidates that are scored as they are found, so that the first pages show early. Those beyond are scored
# once all are found: from then on the total is known, and the progress is exact.
_EARLY = 3_000

# Seconds between two looks for feeds that nobody announced, and for leases that ran out.
_IDLE_S = 1.0

# Seconds between two looks at resumes that percolation has not got ready yet.
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
        self._current_profiles = CurrentProfiles(profiles, resumes, analyzer)
        self._results = results
        self._learner = learner
        self._analyzer = analyzer
        self._relations = relations
        self._events = events
        self._chunks = ChunkScorer(
            resumes=resumes,
            results=results,
            erasures=erasures,
            metrics=metrics,
            version=analyzer.version,
        )
        self._woken = asyncio.Event()
        events.listen(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.kind == "feed":
            self._woken.set()

    async def run(self) -> None:
        """Score submitted feeds until cancelled; a feed whose process died is taken over in seconds."""
        await work_until_cancelled(self._step, what="backfill", woken=self._woken, idle_s=_IDLE_S)

    async def _step(self) -> bool:
        feed = await self._backfills.claim(self._name)
        if feed is None:
            return False
        try:
            await self._score(feed)
        except _LeaseLost:
            logger.info("backfill of feed %s given up: it changed", feed.id)
        except asyncio.CancelledError:
            # Without this the feed would wait until the lease ends. If MongoDB is away it does.
            with contextlib.suppress(*STORE_FAILURES):
                await self._backfills.release(self._name, feed)
            raise
        return True

    async def _score(self, feed: Feed) -> None:
        await self._relations.refresh()
        active = read_feed(self._analyzer, feed)
        if active is None:
            await self._backfills.finish(self._name, feed)
            return
        # Learned anew, as the form may have changed and clicks of this moment count. The whole list is then
        # scored with this one model.
        active = msgspec.structs.replace(active, model=await self._learner.learn(feed.id))
        # Before the candidates are read. A resume that is stored after this line is percolated by a process
        # that knows the feed, so nobody falls between the two.
        unscored = await self._resumes.pending(limit=1_000_000)
        found: list[str] = []
        again: list[str] = []
        done = 0

        async def score_up_to(end: int, total: int) -> None:
            nonlocal done
            while done < end:
                chunk = found[done : min(done + (_CHUNK if done else _FIRST_CHUNK), end)]
                again.extend(await self._chunks.score(active, await self._profiles.load(chunk)))
                done += len(chunk)
                await self._report(feed, done / (total + len(unscored)))

        gates = sorted(active.query.gate_terms)
        newest = self._profiles.newest(feed.id, gates, MAX_CANDIDATES, active.query.places)
        async with contextlib.aclosing(newest) as pages:
            async for page in pages:
                found += page
                await score_up_to(min(len(found), _EARLY), MAX_CANDIDATES)
        await score_up_to(len(found), len(found))
        await self._catch_up(feed, active, dict.fromkeys([*unscored, *again]), done)
        # Last: what an older form had matched stays listed until the new list is there.
        async for _ in self._results.drop_outdated(feed.id, feed.rev):
            await self._report(feed, 1.0)
        if not await self._backfills.finish(self._name, feed):
            raise _LeaseLost
        await self._events.publish(Event("progress", user=feed.user, feed=feed.id))
        logger.info(
            "feed scored", extra={"data": {"feed": feed.id, "rev": feed.rev, "candidates": len(found)}}
        )

    async def _catch_up(self, feed: Feed, active: ActiveFeed, late: Iterable[str], done: int) -> None:
        """Score the resumes that were not ready at first, as percolation gets them ready.

        Percolation takes them in about their order, so only the first few are asked for. There may be
        thousands, and asking for all of them each time would take longer than scoring.
        """
        waiting = deque(late)
        total = done + len(waiting)
        while waiting:
            first = [waiting.popleft() for _ in range(min(_CHUNK, len(waiting)))]
            states = await self._resumes.revisions(first)
            ready = [id_ for id_ in first if id_ in states and not states[id_][1]]
            unready = [id_ for id_ in first if id_ in states and states[id_][1]]
            again = await self._score_late(active, ready) if ready else []
            waiting.extendleft(reversed(unready))
            waiting.extend(again)
            await self._report(feed, (total - len(waiting)) / total)
            if unready or again:
                await asyncio.sleep(_WAIT_S)

    async def _score_late(self, active: ActiveFeed, resume_ids: list[str]) -> list[str]:
        profiles = await self._current_profiles.load_settled(resume_ids, purpose="a backfill")
        return await self._chunks.score(active, profiles)

    async def _report(self, feed: Feed, progress: float) -> None:
        """Extend the lease, note the progress and tell the recruiter of it.

        Raises:
            _LeaseLost: The feed is somebody else's now, or of another revision.
        """
        # Below 1, which `finish` alone writes.
        if not await self._backfills.keep(self._name, feed, min(progress, 0.99)):
            raise _LeaseLost
        await self._events.publish(Event("progress", user=feed.user, feed=feed.id))
