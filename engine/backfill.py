"""Backfill: scores the stored resumes for submitted feeds, many feeds at once, under leases.

It ends with the lists that percolation would have made. Whatever feeds wait are claimed together and make a
*pass*: each is searched for in the index of stored resumes, and what matches is written, the best of each
list first. Then the pass waits for the resumes that were unscored when it began: percolation scores them, but
perhaps by a process that does not know the feeds yet, and then they are searched once more
(`docs/adr/0004`). Other feeds have their passes meanwhile.

Here are the leases, the order of the work and its progress. How a match is worded and written is
`match_writer`; new resumes are scored in `worker`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from engine.active_feeds import ActiveFeed, read_feed
from engine.learner import Learner
from engine.match_writer import MatchWriter
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.score.resume_search import Found, ResumeSearch
from engine.profiles import CurrentProfiles
from engine.relearn import RelationsInForce
from engine.stored_resumes import StoredResumes
from runtime.metrics import Metrics
from runtime.slices import Slices
from runtime.waiting import wait_at_most
from store.backfills import Backfills
from store.by_ids import SIZE
from store.erasures import Erasures
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feed_documents import Feed
from store.feedback import FeedbackStore
from store.profiles import Profiles
from store.results import Results
from store.resumes import Resumes
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

MAX_LISTED = 20_000
"""The most matches that a backfill writes for a feed, newest first. Nobody reads a list further than that."""

FIRST_PAGE = 40
"""The best results of each list, which are written before all others."""

# Feeds of one pass: as many as one query names. More would hold the first pages of the last ones up.
_FEEDS = 100

# Matches that are written together, whosever they are. They are in memory, at some hundred bytes each.
_PAIRS = 20_000

# Matches of one feed that are taken out of the index in one go; it takes about a millisecond.
_TAKE = 500

# Seconds between two looks for feeds that nobody announced, and for leases that ran out.
_IDLE_S = 1.0

# Seconds between two looks at resumes that percolation has not got ready yet.
_WAIT_S = 0.1

# Seconds between two reports of a pass, at least, and for each of its feeds: a report is a write for each.
_REPORT_EVERY_S, _REPORT_A_FEED_S = 0.2, 0.01

# A pass begins after so many times as long as the last one took to read which resumes wait, at least. So that
# takes a fraction of the embedded store's time, however many feeds and resumes come.
_REST = 4

# How far the clocks of two machines may differ. A resume that was scored so long after a pass began was
# scored against its feeds.
_CLOCKS_DIFFER = timedelta(seconds=2)


_Searched = tuple[ActiveFeed, ResumeSearch]


class _Pass:
    """Feeds that are scored together.

    Attributes:
        holder: The name of its leases.
        claimed: Ids of all that were claimed.
        feeds: Those of them that can be read and are still as they were claimed, by id.
        began: After the feeds could be read by every process, and before resumes were.
        written: Resumes that were written about and changed meanwhile: they are scored again, whoever has
            scored them since.
        waiting: How many resumes it waits for.
        all_waiting: How many it waited for at first.
        ready: The share of the resumes that it need not wait for, 0..1.
        given_up: Feeds that changed meanwhile, or were taken over, by id.
    """

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self.claimed: list[str] = []
        self.feeds: dict[str, ActiveFeed] = {}
        self.given_up: dict[str, ActiveFeed] = {}
        self.began = datetime.now(UTC)
        self.written: set[str] = set()
        self.waiting = self.all_waiting = 0
        self.progress, self.ready = 0.0, 1.0
        self.reported_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether its progress has to be reported."""
        pause_s = max(_REPORT_EVERY_S, _REPORT_A_FEED_S * len(self.feeds))
        return time.monotonic() >= self.reported_at + pause_s


class Backfill:
    """One process's scorer of submitted feeds. Belongs to one event loop; `run` is its only task."""

    def __init__(
        self,
        *,
        name: str,
        backfills: Backfills,
        resumes: Resumes,
        profiles: Profiles,
        stored: StoredResumes,
        results: Results,
        erasures: Erasures,
        feedback: FeedbackStore,
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
        self._current = CurrentProfiles(profiles, resumes, analyzer)
        self._stored = stored
        self._results = results
        self._erasures = erasures
        self._feedback = feedback
        self._learner = learner
        self._analyzer = analyzer
        self._relations = relations
        self._events = events
        self._writer = MatchWriter(
            profiles=self._current,
            results=results,
            metrics=metrics,
        )
        self._numbers = itertools.count(1)
        # Those that wait for resumes, and by resume, in the order in which they will be scored, who waits.
        self._passes: list[_Pass] = []
        self._late: dict[str, list[_Pass]] = {}
        self._next_pass = 0.0
        self._woken = asyncio.Event()
        events.listen(self._on_event)

    def _on_event(self, event: Event) -> None:
        if event.kind == "feed":
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
                    await self._backfills.release(one.holder, one.claimed)

    async def _step(self) -> bool:
        one = _Pass(f"{self._name}/{next(self._numbers)}")
        claimed = await self._claim(one)
        if claimed:
            one.claimed = [feed.id for feed in claimed]
            self._passes.append(one)
            try:
                await self._begin(one, claimed)
            except STORE_FAILURES:
                self._forget(one)  # its leases end by themselves
                raise
        elif self._passes:
            await wait_at_most(self._woken, _WAIT_S)
        await self._catch_up()
        return bool(claimed or self._passes)

    async def _claim(self, one: _Pass) -> list[Feed]:
        # Each pass reads which resumes wait. Where that takes long, as there are thousands, passes rest.
        if time.monotonic() < self._next_pass:
            return []
        return await self._backfills.claim(one.holder, _FEEDS)

    async def _begin(self, one: _Pass, claimed: Sequence[Feed]) -> None:
        """Write what the feeds match among the stored resumes, and note which resumes to wait for."""
        await self._relations.refresh()
        slices = Slices()
        for feed in claimed:
            if active := read_feed(self._analyzer, feed):
                one.feeds[feed.id] = active
            await slices.rest()
        unread = [feed.id for feed in claimed if feed.id not in one.feeds]
        await self._backfills.finish(one.holder, unread)
        for feed_id in await self._feedback.which_learn(list(one.feeds)):
            # Learned anew, as the form may have changed and clicks of this moment count. The whole list is
            # then scored with this one model.
            model = await self._learner.learn(feed_id)
            if feed_id in one.feeds:
                one.feeds[feed_id] = msgspec.structs.replace(one.feeds[feed_id], model=model)
            await self._report(one, 0.0)
        # Before the index is brought up to date. A resume that is stored after this line is percolated by a
        # process that knows the feeds, so nobody falls between the two.
        one.began = datetime.now(UTC)
        unscored = await self._unscored()
        await self._stored.refresh()
        # Profiles of other rules cannot be searched. Their resumes may not be waiting to be scored yet.
        unscored += self._stored.of_other_rules
        one.ready = 1.0 - len(unscored) / max(1, len(unscored) + len(self._stored))
        written = await self._write_lists(one)
        if written:
            # The same again, in the same order: who has changed since is unscored still, or in the index.
            changed = {*await self._unscored()}
            await self._stored.refresh()
            changed |= {id_ for id_, rev in written.items() if self._stored.rev_of(id_) != rev}
            one.written = changed & written.keys()
            await self._erasures.clear([id_ for id_ in one.written if not self._stored.rev_of(id_)])
        self._wait_for(one, [*unscored, *one.written])
        one.all_waiting = one.waiting

    async def _unscored(self) -> list[str]:
        asked_at = time.monotonic()
        unscored = await self._resumes.pending(limit=1_000_000)
        answered_at = time.monotonic()
        self._next_pass = answered_at + _REST * (answered_at - asked_at)
        return unscored

    async def _write_lists(self, one: _Pass) -> dict[str, int]:
        """Search for each feed and write what it matches; returns the resumes written about, see `write`."""
        forced = await self._profiles.forced_into(list(one.feeds))
        written = await self._writer.write(
            _by_resume((id_, one.feeds[feed_id], None) for feed_id, ids in forced.items() for id_ in ids)
        )
        searches: list[_Searched] = []
        found = done = 0
        feeds = list(one.feeds.values())
        for number, feed in enumerate(feeds, 1):
            await self._report(one, one.progress)
            if feed.key.id in one.feeds and (search := await self._search(feed)):
                searches.append((feed, search))
                found += len(search)
            if found >= _PAIRS or number == len(feeds):
                begin, end = (one.ready * part / len(feeds) for part in (done, number))
                _note(written, await self._write_matches(one, searches, begin, end))
                done, found = number, 0
                searches.clear()
        if self._stored.has_cold:
            for feed in feeds:
                _note(written, await self._write_cold(one, feed))
        return written

    async def _search(self, feed: ActiveFeed, among: Collection[str] | None = None) -> ResumeSearch | None:
        """What a feed matches in the index; None where the index cannot hold what it asks for."""
        try:
            search = self._stored.search(feed.query, among)
        except ValueError as error:
            logger.error("feed %s cannot be searched for: %s", feed.key.id, error)  # the text is bounds alone
            return None
        slices = Slices()
        while not search.is_done:
            search.step()
            await slices.rest()
        return search

    async def _write_matches(
        self, one: _Pass, searches: Sequence[_Searched], begun: float, done: float
    ) -> dict[str, int]:
        """Write what some feeds match, the first page of each before the rest of any.

        Args:
            one: The pass.
            searches: The feeds.
            begun: The pass's progress before.
            done: Its progress afterwards.
        """
        first = [
            (found.resume_id, feed, found) for feed, search in searches for found in search.best(FIRST_PAGE)
        ]
        written = await self._write_parts(one, first, begun, begun)
        listed = {(feed.key.id, resume_id) for resume_id, feed, _ in first}
        rest: list[tuple[str, ActiveFeed, Found]] = []
        slices = Slices()
        for feed, search in searches:
            for begin in range(0, min(len(search), MAX_LISTED), _TAKE):
                rest += [
                    (found.resume_id, feed, found)
                    for found in search.matches(begin, min(begin + _TAKE, MAX_LISTED))
                    if (feed.key.id, found.resume_id) not in listed
                ]
                await slices.rest()
        _note(written, await self._write_parts(one, rest, begun, done))
        return written

    async def _write_parts(
        self, one: _Pass, found: Sequence[tuple[str, ActiveFeed, Found]], begun: float, done: float
    ) -> dict[str, int]:
        """Write some matches, a part at a time; those of feeds that were given up are left out."""
        written: dict[str, int] = {}
        pairs = _by_resume(found)
        ids = list(pairs)
        for start in range(0, len(ids), SIZE):
            part = ids[start : start + SIZE]
            await self._report(one, begun + (done - begun) * start / len(ids))
            _note(
                written,
                await self._writer.write(
                    {
                        id_: [(feed, found) for feed, found in pairs[id_] if feed.key.id in one.feeds]
                        for id_ in part
                    }
                ),
            )
        return written

    async def _write_cold(self, one: _Pass, feed: ActiveFeed) -> dict[str, int]:
        """Score for a feed the resumes that are not in the index, each by itself."""
        written: dict[str, int] = {}
        pages = self._profiles.newest_cold(sorted(feed.query.gate_terms), MAX_LISTED, feed.query.places)
        async with contextlib.aclosing(pages):
            async for page in pages:
                await self._report(one, one.ready)
                if feed.key.id not in one.feeds:
                    break
                scored = await self._writer.write({id_: [(feed, None)] for id_ in page})
                # The index cannot tell which of these have changed since.
                states = await self._resumes.revisions(list(scored))
                written |= {id_: rev for id_, rev in scored.items() if states.get(id_) != (rev, False)}
        return written

    def _wait_for(self, one: _Pass, resume_ids: Iterable[str]) -> None:
        for id_ in dict.fromkeys(resume_ids):
            waits = self._late.setdefault(id_, [])
            if one not in waits:
                waits.append(one)
                one.waiting += 1

    async def _catch_up(self) -> None:
        """Look at the resumes that passes wait for, as percolation gets them ready; end what waits no more.

        Percolation takes them in about their order, so only the first few are asked for. There may be
        thousands, and asking for all of them each time would take longer than scoring.
        """
        first = list(itertools.islice(self._late, _FEEDS))
        states = await self._resumes.states(first)
        again: dict[_Pass, list[str]] = defaultdict(list)
        for id_ in first:
            state = states.get(id_)
            if state is not None and state.pending:
                continue
            for one in self._late.pop(id_):
                one.waiting -= 1
                if state is None:
                    continue
                if id_ in one.written or state.scored_at < one.began + _CLOCKS_DIFFER:
                    again[one].append(id_)
        for one in list(again):
            await self._report(one, one.progress)
            try:
                late = await self._score_late(one, again[one])
            except STORE_FAILURES:
                for each, ids in again.items():  # nobody else remembers these resumes
                    self._wait_for(each, ids)
                raise
            del again[one]
            one.written.update(late)
            self._wait_for(one, late)
        for one in list(self._passes):
            if not (one.waiting and one.feeds):
                await self._end(one)
            else:
                waiting = one.waiting / max(one.all_waiting, one.waiting)
                await self._report(one, 1.0 - (1.0 - one.ready) * waiting)

    async def _score_late(self, one: _Pass, resume_ids: Sequence[str]) -> list[str]:
        """Score resumes that were not ready at first; returns those to look at once more."""
        await self._stored.refresh()
        profiles = await self._current.load_settled(resume_ids, purpose="a backfill")
        slices = Slices()
        for stored in profiles:
            self._stored.take(stored)
            await slices.rest()
        pairs: list[tuple[str, ActiveFeed, Found | None]] = []
        for feed in list(one.feeds.values()):
            if search := await self._search(feed, resume_ids):
                pairs += [(found.resume_id, feed, found) for found in search.matches()]
        matched = {(resume_id, feed.key.id) for resume_id, feed, _ in pairs}
        for stored in profiles:
            for feed_id in {*stored.send_to, *stored.partner_for} & one.feeds.keys():
                if (stored.resume, feed_id) not in matched:
                    pairs.append((stored.resume, one.feeds[feed_id], None))
                    matched.add((stored.resume, feed_id))
        written = await self._writer.write(_by_resume(pairs), again=True)
        for stored in profiles:
            # Only a resume that was changed can be in a list without matching any more.
            if stored.rev > 1:
                listed = {feed_id for resume_id, feed_id in matched if resume_id == stored.resume}
                await self._results.drop_unmatched(stored.resume, stored.rev, one.feeds.__contains__, listed)
        # A resume that changed may have been percolated before our older score was written, which then stands
        # over the newer one; or it waits to be percolated by a process that does not know the feeds.
        revisions = await self._resumes.revisions(list(written))
        await self._erasures.clear([id_ for id_ in written if id_ not in revisions])
        return [id_ for id_, rev in written.items() if id_ in revisions and revisions[id_] != (rev, False)]

    async def _end(self, one: _Pass) -> None:
        """Take out of the lists what the feeds match no more, and note that they are scored."""
        for feed in list(one.feeds.values()):
            if feed.key.rev > 1:
                # Last: what an older form had matched stays listed until the new list is there.
                async for _ in self._results.drop_outdated(feed.key.id, feed.key.rev):
                    await self._report(one, 1.0)
        done = await self._backfills.finish(one.holder, list(one.feeds))
        await self._tell(feed for id_, feed in one.feeds.items() if id_ in done)
        # Once more, after all that this pass has written. Another process may have scored a newer form of a
        # feed before we noticed that it is newer, and then nobody else takes away what we wrote since.
        feeds = one.given_up | one.feeds
        for feed_id, rev in (await self._backfills.scored_revisions(list(feeds))).items():
            if rev > 1:
                async for _ in self._results.drop_outdated(feed_id, rev):
                    pass
        self._forget(one)
        logger.info("feeds scored", extra={"data": {"feeds": len(done)}})

    async def _report(self, one: _Pass, progress: float) -> None:
        """From time to time extend the leases, note the progress and tell the recruiters of it."""
        one.progress = max(one.progress, progress)
        # Of all passes: those that wait for resumes must not lose their leases meanwhile.
        for each in self._passes:
            if each.is_due:
                await self._report_now(each)

    async def _report_now(self, one: _Pass) -> None:
        one.reported_at = time.monotonic()
        # Below 1, which `finish` alone writes.
        mine = await self._backfills.keep(one.holder, list(one.feeds), min(one.progress, 0.99))
        for feed_id in one.feeds.keys() - mine:
            logger.info("backfill of feed %s given up: it changed", feed_id)
            one.given_up[feed_id] = one.feeds.pop(feed_id)
        await self._tell(one.feeds.values())

    async def _tell(self, feeds: Iterable[ActiveFeed]) -> None:
        await self._events.publish(
            *(Event("progress", user=feed.key.user, feed=feed.key.id) for feed in feeds)
        )

    def _forget(self, one: _Pass) -> None:
        self._passes.remove(one)
        for id_, waits in list(self._late.items()):
            if one in waits:
                waits.remove(one)
                if not waits:
                    del self._late[id_]


def _note(written: dict[str, int], more: Mapping[str, int]) -> None:
    """Add resumes that were written about. Of two revisions the older one is what has to be looked at."""
    for id_, rev in more.items():
        written[id_] = min(rev, written.get(id_, rev))


def _by_resume(
    found: Iterable[tuple[str, ActiveFeed, Found | None]],
) -> dict[str, list[tuple[ActiveFeed, Found | None]]]:
    pairs: dict[str, list[tuple[ActiveFeed, Found | None]]] = defaultdict(list)
    for resume_id, feed, match in found:
        pairs[resume_id].append((feed, match))
    return pairs
