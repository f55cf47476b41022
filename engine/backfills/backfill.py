"""Backfill: scores the stored resumes for submitted feeds, many feeds at once, under leases.

It ends with the lists that percolation would have made. Whatever feeds wait are claimed together and make a
*pass*: each is searched for in the index of stored resumes, and what matches is written, the best of each
list first. Then the pass waits for the resumes that were unscored when it began: percolation scores them, but
perhaps by a process that does not know the feeds yet, and then they are searched once more
(`docs/adr/0004`). Other feeds have their passes meanwhile.

Here are the leases, the order of the work and its progress. How the lists of a pass are written is
`list_writer`, and what comes late to them `late_writer`; new resumes are scored in `worker`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from engine.backfills import unscored
from engine.backfills.late_writer import LateWriter
from engine.backfills.list_writer import ListWriter
from engine.backfills.match_writer import MatchWriter
from engine.backfills.passes import CLOCKS_DIFFER, Pass, Waiting, revisions
from engine.indexes.active_feeds import ActiveFeed, read_feed
from engine.indexes.profiles import CurrentProfiles
from engine.indexes.stored_resumes import StoredResumes
from engine.learning.feedback_learner import FeedbackLearner
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from runtime.lanes import Lanes
from runtime.metrics import Metrics
from runtime.slices import Slices
from runtime.tracing import span
from runtime.waiting import wait_at_most
from store.by_ids import SIZE
from store.errors import STORE_FAILURES
from store.feeds.feed_documents import Feed
from store.jobs.jobs import Job
from store.redis.events import Event
from store.retry import work_until_cancelled
from store.stores import Stores

logger = logging.getLogger(__name__)

# Feeds of one pass: as many as one query names. More would hold the first pages of the last ones up.
_FEEDS = 100

# Seconds that a pass should take, by what the feeds of the last one took: whoever comes next waits for its
# end. Shorter ones would spend more on what each pass reads. And what a feed is taken to need at first.
_PASS_S, _FEED_S = 1.0, 0.05

# A pass gives way to feeds that were just submitted, and then goes on for so many times as long as they took.
_GOES_ON = 0.5

# Seconds between two looks for feeds that nobody announced, and for leases that ran out.
_IDLE_S = 1.0

# Seconds between two looks at resumes that percolation has not got ready yet.
_WAIT_S = 0.1

# A pass begins after so many times as long as the last one took to read which resumes wait, at least. So that
# takes a fraction of the embedded store's time, however many feeds and resumes come.
_REST = 4

# After its backfill an account owes so many times as long as that took, without the time that others of its
# pass took. What it owes ends with time; beyond `_OWED_S` it waits, but no longer than `_LONGEST_REST_S`. Who
# submits in a loop has a quarter of this process's backfilling; who corrects a form a few times notices
# nothing.
_REST_OF_ACCOUNT, _LONGEST_REST_S, _OWED_S = 3, 5.0, 15.0


class Backfill:
    """One process's scorer of submitted feeds. Belongs to one event loop; `run` is its only task."""

    def __init__(
        self,
        stores: Stores,
        *,
        stored: StoredResumes,
        learner: FeedbackLearner,
        analyzer: Analyzer,
        relations: RelationsInForce,
        metrics: Metrics,
        first: Lanes,
    ) -> None:
        self._backfills = stores.backfills
        self._resumes = stores.resumes
        self._stored = stored
        self._results = stores.results
        self._feedback = stores.feedback
        self._learner = learner
        self._analyzer = analyzer
        self._relations = relations
        self._events = stores.events
        current = CurrentProfiles(stores.profiles, stores.resumes, analyzer)
        self._writer = writer = MatchWriter(
            profiles=current, results=stores.results, metrics=metrics, first=first
        )
        self._lists = ListWriter(stores, stored=stored, writer=writer, report=self._between)
        self._late = LateWriter(stores, stored=stored, profiles=current, lists=self._lists, writer=writer)
        self._passes: list[Pass] = []
        self._waiting = Waiting()
        self._next_pass = 0.0
        self._feed_s = _FEED_S
        # By account, until when it rests; it owes something for `_OWED_S` longer.
        self._resting: dict[str, float] = {}
        # Whether feeds were submitted since the last look for those that go first; when the next may be.
        self._is_submitted, self._next_urgent = False, 0.0
        self._woken = asyncio.Event()
        stores.events.listen(self._on_event, "feed")

    def _on_event(self, event: Event) -> None:
        if event.kind == "feed":
            self._is_submitted = True
            self._woken.set()

    async def run(self) -> None:
        """Score submitted feeds until cancelled; a feed whose process died is taken over in seconds."""
        await self._stored.loaded.wait()
        try:
            await work_until_cancelled(self._step, what="backfill", woken=self._woken, idle_s=_IDLE_S)
        finally:
            # Without this the feeds would wait until the leases end. If MongoDB is away they do.
            with contextlib.suppress(*STORE_FAILURES):
                for one in self._passes:
                    await self._backfills.release(one.jobs)

    async def _step(self) -> bool:
        asked_at = time.monotonic()
        is_begun = await self._pass(Pass())
        if not is_begun and self._passes:
            await wait_at_most(self._woken, _WAIT_S)
        elif not is_begun and (rest_ends := self._rest_ends(asked_at)):
            rest_s = rest_ends - time.monotonic()
            await wait_at_most(self._woken, min(max(rest_s, _WAIT_S), _IDLE_S))
            return True  # whoever rested may have feeds that wait
        await self._catch_up()
        return bool(is_begun or self._passes)

    async def _pass(self, one: Pass) -> bool:
        """Claim feeds, and begin their pass; false where none wait."""
        one.jobs, claimed = await self._claim(one)
        if not one.jobs:
            return False
        self._passes.append(one)
        began = time.monotonic()
        try:
            with span("backfill", feeds=len(claimed)):
                await self._begin(one, claimed)
        except STORE_FAILURES:
            await self._forget(one)  # its leases end by themselves
            raise
        one.has_begun = True
        took_s = time.monotonic() - began - one.gave_way_s
        if claimed:
            self._feed_s = took_s / len(claimed)
            self._let_rest(claimed, took_s)
        return True

    async def _between(self, one: Pass, progress: float) -> None:
        """Report, and let feeds that were submitted meanwhile have their pass before this one goes on."""
        await self._report(one, progress)
        began = time.monotonic()
        if one.is_urgent or not self._is_submitted or began < max(self._next_urgent, self._next_pass):
            return
        self._is_submitted = False
        if await self._pass(Pass(is_urgent=True)):
            self._is_submitted = True  # there may be more of them
            await self._catch_up()
        now = time.monotonic()
        one.gave_way_s += now - began
        self._next_urgent = now + _GOES_ON * (now - began)

    async def _claim(self, one: Pass) -> tuple[list[Job], list[Feed]]:
        # Each pass reads which resumes wait. Where that takes long, as there are thousands, passes rest.
        if time.monotonic() < self._next_pass:
            return [], []
        now = time.monotonic()
        self._resting = {user: end for user, end in self._resting.items() if end > now - _OWED_S}
        most = max(1, min(_FEEDS, int(_PASS_S / self._feed_s)))
        resting = {user for user, end in self._resting.items() if end > now}
        if one.is_urgent:
            return await self._backfills.claim_newest(most, but=resting)
        return await self._backfills.claim(most, but=resting)

    def _rest_ends(self, after: float) -> float | None:
        """When the first rest is over that was not over at a time; None where nobody rested then."""
        return min((end for end in (self._next_pass, *self._resting.values()) if end > after), default=None)

    def _let_rest(self, claimed: Sequence[Feed], took_s: float) -> None:
        """Have the accounts wait whose feeds were backfilled, as far as others had no share of that time."""
        now, share_s = time.monotonic(), took_s / len(claimed)
        for user, feeds in Counter(feed.owner for feed in claimed).items():
            own_s = share_s * feeds
            owed_s = _REST_OF_ACCOUNT * own_s - (took_s - own_s)
            if owed_s > 0:
                end = max(self._resting.get(user, 0.0), now - _OWED_S) + owed_s
                self._resting[user] = min(end, now + _LONGEST_REST_S)

    async def _begin(self, one: Pass, claimed: Sequence[Feed]) -> None:
        """Write what the feeds match among the stored resumes, and note which resumes to wait for."""
        await self._relations.refresh()
        slices = Slices()
        for feed in claimed:
            if active := read_feed(self._analyzer, feed):
                one.feeds[feed.id] = active
            else:
                one.unread[feed.id] = feed.company, feed.rev
            await slices.rest()
        await self._learn(one)
        # Before the index is brought up to date. A resume that is stored after this line is percolated by a
        # process that knows the feeds, so nobody falls between the two.
        one.began = datetime.now(UTC)
        asked_at = time.monotonic()
        waiting = await unscored.find(self._resumes, one.began, lambda: self._report(one, 0.0))
        answered_at = time.monotonic()
        self._next_pass = answered_at + _REST * (answered_at - asked_at)
        await self._stored.refresh()
        # Profiles of other rules cannot be searched. Their resumes may not be waiting to be scored yet.
        awaited = {*waiting, *self._stored.of_other_rules}
        one.ready = 1.0 - len(awaited) / max(1, len(awaited) + len(self._stored))
        written = await self._lists.write(one)
        if written:
            # Percolation saves a profile before its results. So where ours may stand over newer ones, the
            # newer profile is there by now. What else has changed is percolated after our writes, over them.
            await self._stored.refresh()
            for id_, rev in written.items():
                if self._stored.rev_of(id_) != rev:
                    one.written.add(id_)
                await slices.rest()
        await self._waiting.add(one, [*waiting, *self._stored.of_other_rules, *one.written])
        one.all_waiting = one.waiting

    async def _learn(self, one: Pass) -> None:
        """Learn the models of the pass's feeds anew, as forms may have changed and clicks count at once."""
        companies = {id_: feed.key.company for id_, feed in one.feeds.items()}
        for feed_id in await self._feedback.which_learn(companies):
            model = await self._learner.learn(companies[feed_id], feed_id)
            await self._report(one, 0.0)
            if model and feed_id in one.feeds:
                one.feeds[feed_id] = msgspec.structs.replace(one.feeds[feed_id], model=model)

    async def _catch_up(self) -> None:
        """Look at the resumes that passes wait for, as percolation gets them ready; end what waits no more.

        Percolation takes them in about their order, so only the first few are asked for. There may be
        thousands, and asking for all of them each time would take longer than scoring.
        """
        first = self._waiting.first(SIZE)
        states = await self._resumes.states(first)
        again: dict[Pass, list[str]] = defaultdict(list)
        for id_ in first:
            state = states.get(id_)
            if state and state.pending:
                continue  # so that it stays the first
            for one in self._waiting.take(id_):
                if state and (id_ in one.written or state.scored_at < one.began + CLOCKS_DIFFER):
                    again[one].append(id_)
        for one in list(again):
            await self._report(one, one.progress)
            try:
                late = await self._late.write(one, again[one])
            except STORE_FAILURES:
                for each, ids in again.items():  # nobody else remembers these resumes
                    await self._waiting.add(each, ids)
                raise
            del again[one]
            one.written.update(late)
            await self._waiting.add(one, late)
        for one in [one for one in self._passes if one.has_begun]:
            if not one.waiting or not one.feeds:
                await self._end(one)
                continue
            waiting = one.waiting / max(one.all_waiting, one.waiting)
            await self._report(one, 1.0 - (1.0 - one.ready) * waiting)

    async def _end(self, one: Pass) -> None:
        """End the backfill of a pass's feeds, which wait for nothing any more.

        What the feeds match no more is taken out of their lists, and it is noted that they are scored.
        """
        for feed in list(one.feeds.values()):
            if feed.key.rev > 1:
                # Last: what an older form had matched stays listed until the new list is there.
                async for _ in self._results.drop_outdated(feed.key.company, feed.key.id, feed.key.rev):
                    await self._report(one, 1.0)
                async for _ in self._writer.rescore_kept(feed):
                    await self._report(one, 1.0)
        done = await self._backfills.finish(one.jobs, {**one.unread, **revisions(one.feeds)})
        await self._tell(feed for id_, feed in one.feeds.items() if id_ in done)
        # Once more, after all that this pass has written. Another process may have scored a newer form of a
        # feed before we noticed that it is newer, and then nobody else takes away what we wrote since.
        feeds = one.given_up | one.feeds
        for feed_id, rev in (await self._backfills.scored_revisions(revisions(feeds))).items():
            if rev > 1:
                async for _ in self._results.drop_outdated(feeds[feed_id].key.company, feed_id, rev):
                    pass
        await self._forget(one)
        logger.info("feeds scored", extra={"data": {"feeds": len(done)}})

    async def _report(self, one: Pass, progress: float) -> None:
        """From time to time renew the leases, note the progress and tell the recruiters of it."""
        one.progress = max(one.progress, progress)
        # Of all passes: those that wait for resumes must not lose their leases meanwhile.
        feeds = sum(len(each.feeds) for each in self._passes)
        for each in self._passes:
            if each.must_renew:
                each.renewed_at = time.monotonic()
                each.give_up(each.feeds.keys() - await self._backfills.keep(each.jobs))
            if each.may_report(feeds):
                await self._report_now(each)

    async def _report_now(self, one: Pass) -> None:
        one.reported_at = time.monotonic()
        # Below 1, which `finish` alone writes.
        mine = await self._backfills.note_progress(revisions(one.feeds), min(one.progress, 0.99))
        one.give_up(one.feeds.keys() - mine)
        await self._tell(one.feeds.values())

    async def _tell(self, feeds: Iterable[ActiveFeed]) -> None:
        await self._events.publish(
            *(Event("progress", company=feed.key.company, feed=feed.key.id) for feed in feeds)
        )

    async def _forget(self, one: Pass) -> None:
        self._passes.remove(one)
        await self._waiting.forget(one)
