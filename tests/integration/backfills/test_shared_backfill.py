"""Backfills that several processes make together, each for its share of the resumes."""

import asyncio
import contextlib
from datetime import UTC, datetime
from functools import partial

import pytest
from bson import ObjectId

from config.demo import DEMO_FEEDS, demo_resumes
from engine.backfills import backfill, passes
from store.feeds.feed_documents import FeedForm
from store.shards.shares import Share, slot_of
from store.stores import Stores
from tests.integration.engines import NURSE, Engine, lease_ends
from tests.integration.gates import Gate
from tests.support import eventually, nurse_resume, python_resume

FORMS = [
    FeedForm(title=form["title"], keywords=tuple(form["keywords"].split(",")), job_desc=form["job_desc"])
    for form in DEMO_FEEDS[:4]
]


@pytest.fixture(autouse=True)
def nobody_rests(monkeypatch):
    """On a busy machine passes and accounts rest so long that a step takes nothing."""
    monkeypatch.setattr(backfill, "_REST", 0)
    monkeypatch.setattr(backfill, "_REST_OF_ACCOUNT", 0)


class Shares:
    """Processes of shares, on the stores of a test."""

    def __init__(self, stores, urls, analyzer):
        self._stores, self._urls, self._analyzer = stores, urls, analyzer
        self._opened = []

    async def start(self, *shares):
        """A process for each share, such as `3/4`; more than one where it is named more than once."""
        engines = []
        for share in shares:
            stores = Stores(self._urls["mongo"], self._stores._database.name, self._urls["redis"])
            self._opened.append(stores)
            engines.append(Engine(stores, self._analyzer, share=Share.of(share)))
            await engines[-1].load()
        return engines

    async def stop(self):
        for stores in self._opened:
            await stores.close()


@pytest.fixture
def shares(stores, store_urls, analyzer, io_loop):
    """Starts processes that each do a share."""
    started = Shares(stores, store_urls, analyzer)
    yield started
    io_loop.run_sync(started.stop)


async def score_feeds(*engines):
    """Let all take steps at once until no feed waits."""

    async def done():
        await asyncio.gather(*(engine.backfill._step() for engine in engines))
        return not await engines[0].stores.backfills.count() and not any(
            engine.backfill._passes for engine in engines
        )

    await eventually(done, within_s=60, what="the backfills")


async def feed_of(engine, share):
    """A feed that scorers of a share hold."""
    while not share.covers((feed := await engine.submit()).id):
        await engine.stores.feeds.delete(feed.user, feed.id)
    return feed


async def noted(calls, method, *args):
    """Call a method, and note of what."""
    calls.append(args)
    return await method(*args)


async def kill(engine):
    """What is left of a process that dies with feeds in hand: its leases, until they end."""
    engine.backfill._passes.clear()
    await lease_ends(engine.stores)


def by_share(ids, share):
    return {id_ for id_ in ids if Share.of(share).covers(id_)}


async def in_both_halves(arrive, count):
    """Store so many resumes, or more until each half has some: one without any neither writes nor waits."""
    ids = await arrive(*(python_resume() for _ in range(count)))
    while not all(by_share(ids, half) for half in ("1/2", "2/2")):
        ids += await arrive(python_resume())
    return ids


def everything(results):
    """All that a list says of its people."""
    return {
        resume: (one.score, one.strong, one.fit, one.title_match, one.why, one.missing, one.read)
        for resume, one in results.items()
    }


QUARTERS = ("1/4", "2/4", "3/4", "4/4")


@pytest.mark.gen_test(timeout=240)
async def test_four_shares_come_to_the_lists_of_one_process(stores, engine, shares):
    await engine.load()
    await engine.bring(*demo_resumes(80))
    alone = [await engine.submit(form) for form in FORMS]
    sent = await engine.bring(nurse_resume(), send_to=[alone[0].id])
    await engine.score_feeds()
    engines = await shares.start(*QUARTERS)
    assert sum(len(one.stored) for one in engines) == 81
    assert min(len(one.stored) for one in engines) > 0
    together = [await engine.submit(form) for form in FORMS]
    await engine.bring(nurse_resume(source_id="sent again"), send_to=[together[0].id])
    await score_feeds(*engines)
    assert await engine.calced(together) == [True] * len(FORMS)
    for one, other in zip(alone, together, strict=True):
        lists = [everything(await engine.results_of(feed)) for feed in (one, other)]
        lists[1] = {id_: row for id_, row in lists[1].items() if id_ in lists[0]}
        for row in sent:
            lists[0].pop(row, None)
        assert lists[0] == lists[1]
        assert len(lists[0]) >= 3
    assert [line async for line in stores.invariants.broken()] == []
    assert await stores._database.share_passes.count_documents({}) == 0


@pytest.mark.gen_test(timeout=240)
async def test_each_share_fills_its_part_of_the_list_and_the_last_ends_the_backfill(engine, shares):
    await engine.load()
    ids = await engine.bring(*(python_resume() for _ in range(24)))
    engines = await shares.start(*QUARTERS)
    feed = await engine.submit()
    progress = [0.0]
    listed = set()
    for share, one in zip(QUARTERS, engines, strict=True):
        await do_share(one, feed)
        listed |= by_share(ids, share)
        assert (await engine.listed(feed)).keys() == listed
        (state,) = (await engine.stores.feeds.states([(feed.user, feed.id)])).values()
        progress.append(state.progress)
        assert state.calced == (share == "4/4")
    assert progress == [0.0, 0.25, 0.5, 0.75, 1.0]


async def do_share(engine, feed):
    """Let a process do its share of a feed that waits for it."""
    engine.backfill._resting.clear()  # its account may have waited long enough
    mask = engine.stored.share.mask

    async def done():
        await engine.backfill._step()
        document = await engine.stores._database.feeds.find_one({"_id": ObjectId(feed.id)})
        is_left = "backfill_due" in document and document.get("backfill_by", {}).get("left", -1) & mask
        return not (is_left or engine.backfill._passes)

    await eventually(done, what=f"the share {engine.stored.share}")


@pytest.mark.gen_test(timeout=240)
async def test_a_share_that_nobody_does_holds_up_its_resumes_alone(engine, shares):
    await engine.load()
    ids = await engine.bring(*(python_resume() for _ in range(24)))
    feed = await engine.submit()
    others = await shares.start("1/4", "3/4", "4/4")
    for one in others * 2:
        await one.backfill._step()
    assert (await engine.listed(feed)).keys() == set(ids) - by_share(ids, "2/4")
    assert await engine.calced([feed]) == [False]
    # Nobody is there for it until somebody of another count is.
    (half,) = await shares.start("1/2")
    await score_feeds(half)
    assert (await engine.listed(feed)).keys() == set(ids)
    assert await engine.calced([feed]) == [True]


@pytest.mark.gen_test(timeout=240)
async def test_the_number_of_shares_changes_while_feeds_are_submitted(engine, shares):
    await engine.load()
    ids = await engine.bring(*(python_resume() for _ in range(20)))
    running = await shares.start(*QUARTERS)
    feeds = [await engine.submit()]
    await asyncio.gather(*(one.backfill._step() for one in running[:3]))
    more = await shares.start("1/5", "2/5", "3/5", "4/5", "5/5")
    feeds.append(await engine.submit())
    await asyncio.gather(*(one.backfill._step() for one in (*running[1:], *more[:2])))
    await asyncio.gather(*(kill(one) for one in running))
    feeds.append(await engine.submit())
    await score_feeds(*more)
    fewer = await shares.start("1/3", "2/3", "3/3")
    feeds.append(await engine.submit())
    await asyncio.gather(*(one.backfill._step() for one in (*more[3:], *fewer[:2])))
    await asyncio.gather(*(kill(one) for one in more))
    await score_feeds(*fewer)
    for feed in feeds:
        assert (await engine.listed(feed)).keys() == set(ids)
    assert await engine.calced(feeds) == [True] * len(feeds)
    assert await engine.stores.results.total() == len(feeds) * len(ids)


@pytest.mark.gen_test(timeout=240)
async def test_a_killed_share_is_taken_over_by_another_process_of_it(engine, shares):
    await engine.load()
    ids = await in_both_halves(engine.bring, 12)
    first, second, other = await shares.start("1/2", "1/2", "2/2")
    feed = await engine.submit()
    gate = Gate(first.stores.results, "save")
    killed = asyncio.create_task(first.backfill._step())
    await gate.reached.wait()
    assert not await second.backfill._step(), "it is held"
    await other.backfill._step()
    assert (await engine.listed(feed)).keys() == by_share(ids, "2/2")
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    await kill(second)
    await score_feeds(second, other)
    assert (await engine.listed(feed)).keys() == set(ids)
    assert await engine.calced([feed]) == [True]


@pytest.mark.gen_test(timeout=240)
async def test_a_process_that_does_the_whole_may_run_beside_shares(engine, shares):
    """As while work is divided for the first time."""
    await engine.load()
    ids = await in_both_halves(engine.bring, 12)
    halves = await shares.start("1/2", "2/2")
    feed, later = await engine.submit(), await engine.submit(NURSE)
    gate = Gate(halves[0].stores.results, "save")
    slow = asyncio.create_task(halves[0].backfill._step())
    await gate.reached.wait()
    await engine.score_feeds()
    assert await engine.calced([feed, later]) == [True] * 2
    gate.open()
    await slow
    await score_feeds(*halves)
    assert (await engine.listed(feed)).keys() == set(ids)
    # And the other way: what it holds, shares leave to it until it is dead.
    gate = Gate(engine.stores.results, "save")
    again = await engine.submit()
    slow = asyncio.create_task(engine.backfill._step())
    await gate.reached.wait()
    assert not await halves[0].backfill._step()
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)
    await kill(halves[0])
    await score_feeds(*halves)
    assert (await engine.listed(again)).keys() == set(ids)
    assert await engine.calced([again]) == [True]


class TestChanges:
    """A feed changes while several shares are at it."""

    @contextlib.asynccontextmanager
    async def held(self, shares, engine):
        """Two shares at a feed, of which one is just writing."""
        await engine.load()
        self.ids = await in_both_halves(engine.bring, 8)
        self.nurses = await engine.bring(*(nurse_resume() for _ in range(8)))
        self.halves = await shares.start("1/2", "2/2")
        self.feed = await engine.submit()
        gate = Gate(self.halves[0].stores.results, "save")
        slow = asyncio.create_task(self.halves[0].backfill._step())
        await gate.reached.wait()
        await self.halves[1].backfill._step()
        yield
        gate.open()
        await slow
        await score_feeds(*self.halves)

    @pytest.mark.gen_test(timeout=240)
    async def test_one_that_is_edited_ends_with_its_last_form(self, engine, shares):
        async with self.held(shares, engine):
            await engine.stores.feeds.update(self.feed.user, self.feed.id, NURSE)
            await self.halves[1].backfill._step()
        assert (await engine.listed(self.feed)).keys() == set(self.nurses)
        assert await engine.calced([self.feed]) == [True]

    @pytest.mark.gen_test(timeout=240)
    async def test_what_a_form_matches_no_more_goes_with_the_last_share_and_not_before(self, engine, shares):
        async with self.held(shares, engine):
            pass
        await engine.stores.feeds.update(self.feed.user, self.feed.id, NURSE)
        first, last = self.halves
        await do_share(first, self.feed)
        assert (await engine.listed(self.feed)).keys() == {*self.ids, *by_share(self.nurses, "1/2")}
        await do_share(last, self.feed)
        assert (await engine.listed(self.feed)).keys() == set(self.nurses)

    @pytest.mark.gen_test(timeout=240)
    async def test_one_that_is_paused_lists_nothing_more_and_makes_up_for_it(self, engine, shares):
        async with self.held(shares, engine):
            await engine.stores.feeds.pause(self.feed.user, self.feed.id)
        assert await engine.calced([self.feed]) == [True]
        await engine.stores.feeds.resume(self.feed.user, self.feed.id)
        await score_feeds(*self.halves)
        assert (await engine.listed(self.feed)).keys() == set(self.ids)

    @pytest.mark.gen_test(timeout=240)
    async def test_one_that_is_deleted_is_let_go(self, engine, shares):
        async with self.held(shares, engine):
            await engine.stores.feeds.delete(self.feed.user, self.feed.id)
        document = await engine.stores._database.feeds.find_one({"_id": ObjectId(self.feed.id)})
        assert "backfill_by" not in document


@pytest.mark.gen_test(timeout=240)
async def test_resumes_that_wait_are_searched_again_by_their_own_share(engine, other, shares):
    await engine.load()
    await other.load()
    halves = await shares.start("1/2", "2/2")
    ids = await in_both_halves(engine.arrive, 8)
    feed = await engine.submit()
    for one in halves:
        await one.until_passes_wait()
    assert [one.backfill._passes[0].waiting for one in halves] == [
        len(by_share(ids, "1/2")),
        len(by_share(ids, "2/2")),
    ]
    await other.percolate_unaware()
    await score_feeds(*halves)
    assert (await engine.listed(feed)).keys() == set(ids)


@pytest.mark.gen_test(timeout=240)
async def test_what_a_share_has_scored_once_more_is_still_the_same_resume(engine, shares):
    await engine.load()
    halves = await shares.start("1/2", "2/2")
    ids = await in_both_halves(engine.bring, 8)
    feed = await engine.submit()
    # By the share of the feed, so that its profile is not made again where another share owns the resume.
    share = next(one.stored.share for one in halves if one.stored.share.covers(feed.id))
    resumes = engine.stores.resumes
    await resumes.repeat(ids, share)
    for one in halves:
        await one.until_passes_wait()
    await resumes.mark_scored(await resumes.load(ids), datetime.now(UTC), share)
    await score_feeds(*halves)
    assert (await engine.listed(feed)).keys() == set(ids)
    assert await engine.calced([feed]) == [True]


@pytest.mark.gen_test(timeout=240)
async def test_a_dead_scorer_holds_up_the_backfills_of_its_own_feeds_alone(engine, shares, monkeypatch):
    monkeypatch.setattr(passes, "_END_SOME_EVERY_S", 0.0)
    halves = await shares.start("1/2", "2/2")
    ids = await in_both_halves(engine.arrive, 6)
    feeds = {}
    while len(feeds) < 2:
        feed = await engine.submit()
        half = 0 if halves[0].stored.share.covers(feed.id) else 1
        if half in feeds:
            await engine.stores.feeds.delete(feed.user, feed.id)
        feeds.setdefault(half, feed)
    for one in halves:
        await one.until_passes_wait()
    await halves[0].percolator.score(await engine.stores.resumes.load(ids))

    async def first_is_done():
        await asyncio.gather(*(one.backfill._step() for one in halves))
        return await engine.calced([feeds[0]]) == [True]

    await eventually(first_is_done, what="the feed whose scorer lives")
    assert (await engine.listed(feeds[0])).keys() == set(ids)
    assert await engine.calced([feeds[1]]) == [False]
    await halves[1].percolator.score(await engine.stores.resumes.load(ids))
    await score_feeds(*halves)
    assert (await engine.listed(feeds[1])).keys() == set(ids)
    assert await engine.calced([feeds[1]]) == [True]


@pytest.mark.gen_test(timeout=240)
async def test_what_a_dead_scorer_has_left_is_not_searched_again_for_the_feeds_of_others(
    engine, shares, monkeypatch
):
    monkeypatch.setattr(passes, "_END_SOME_EVERY_S", 0.0)
    halves = await shares.start("1/2", "2/2")
    ids = await in_both_halves(engine.arrive, 6)
    await halves[0].percolator.score(await engine.stores.resumes.load(ids))
    # Feeds of both halves, which make one pass.
    feeds = [await feed_of(engine, one.stored.share) for one in halves]
    again = []
    for one in halves:
        write = one.backfill._late.write
        monkeypatch.setattr(one.backfill._late, "write", partial(noted, again, write))

    left = [len(by_share(ids, half)) for half in ("1/2", "2/2")]

    async def first_is_done():
        await asyncio.gather(*(one.backfill._step() for one in halves))
        waits = [sum(each.waiting for each in one.backfill._passes) for one in halves]
        return await engine.calced([feeds[0]]) == [True] and waits == left

    await eventually(first_is_done, what="the feed whose scorer lives")
    assert (await engine.listed(feeds[0])).keys() == set(ids)
    assert again == []
    assert await engine.calced([feeds[1]]) == [False]
    await halves[1].percolator.score(await engine.stores.resumes.load(ids))
    await score_feeds(*halves)
    assert (await engine.listed(feeds[1])).keys() == set(ids)
    assert await engine.calced([feeds[1]]) == [True]


@pytest.mark.gen_test(timeout=240)
async def test_all_shares_score_by_the_model_that_the_first_has_learned(stores, engine, shares):
    await engine.load()
    ids = []
    while min(len(by_share(ids, half)) for half in ("1/2", "2/2")) < 6:  # enough to learn from
        ids += await engine.bring(*(python_resume(job_target={"salary": "50K"}) for _ in range(4)))
    halves = await shares.start("1/2", "2/2")
    feed = await engine.submit()
    await score_feeds(*halves)
    *clicked, last = sorted(by_share(ids, "1/2"), key=slot_of)
    await stores.backfills.request([feed.id])
    await do_share(halves[0], feed)
    for id_ in clicked:
        await stores.results.set_deleted(feed.user, feed.id, id_, deleted=True, reasons=["salary_high"])
    await do_share(halves[1], feed)
    scores = await engine.listed(feed)
    assert len({scores[id_] for id_ in ids if id_ not in clicked}) == 1, "clicked too late for this list"
    await stores.backfills.request([feed.id])
    await score_feeds(*halves)
    assert (await engine.listed(feed))[last] < scores[last]


@pytest.mark.gen_test(timeout=240)
async def test_progress_is_that_of_all_shares_and_never_falls(engine, shares, monkeypatch):
    monkeypatch.setattr(passes, "_REPORT_EVERY_S", 0.0)
    monkeypatch.setattr(passes, "_REPORT_A_FEED_S", 0.0)
    await engine.load()
    ids = []
    while min(len(by_share(ids, half)) for half in ("1/2", "2/2")) < 2:
        ids += await engine.bring(*(python_resume() for _ in range(4)))
    await in_both_halves(engine.arrive, len(ids))
    halves = await shares.start("1/2", "2/2")
    feed = await engine.submit()
    seen = [0.0]

    async def looked():
        (state,) = (await engine.stores.feeds.states([(feed.user, feed.id)])).values()
        seen.append(state.progress)

    for one in halves:
        await one.until_passes_wait()
        await looked()
    assert 0.05 < seen[1] < seen[2] < 0.8, "half of the resumes wait"
    await engine.percolate_unaware()
    for one in halves:
        await do_share(one, feed)
        await looked()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert seen.count(1.0) == 1
