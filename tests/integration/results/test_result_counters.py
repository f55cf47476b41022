"""Counters are those of the results, whichever processes write at once and whichever of them are killed."""

import asyncio
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from store.errors import Conflict
from store.results.counter_documents import count_results
from tests.integration.gates import Gate, beside, done_again
from tests.integration.stored import new_feed
from tests.support import scored_result

USER = str(ObjectId())


class Process:
    """One process's stores, with every list that it told of."""

    def __init__(self, stores) -> None:
        self.stores, self.results, self.counters = stores, stores.results, stores.result_counters
        self.told = []
        stores.events.listen(lambda event: self.told.append(event.feed), "unread")

    async def numbers(self, feed):
        """(unread, kept) of a list's strong results, and how many are possible, as clients are told."""
        counts = (await self.counters.read([USER]))[USER]
        return counts.unread_of(feed), counts.kept_of(feed), counts.kept_of(feed, "possible")

    async def save(self, *scores):
        return await self.results.save(scores)


@pytest.fixture
def one(stores):
    return Process(stores)


@pytest.fixture
def two(elsewhere):
    return Process(elsewhere)


@pytest.fixture
def feed(stores, io_loop):
    return io_loop.run_sync(lambda: new_feed(stores, USER)).id


def scored(feed, **changes):
    return scored_result(**{"feed": feed, "company": USER, **changes})


async def listed(stores, feed):
    """The results of a list themselves, as `Process.numbers` gives them."""
    counts = await count_results(stores._database, ObjectId(USER))
    return counts.unread_of(feed), counts.kept_of(feed), counts.kept_of(feed, "possible")


async def test_every_click_moves_the_numbers_once_and_for_every_process(one, two, feed):
    strong, weak = scored(feed), scored(feed, strong=False)
    await one.save(strong, weak, scored(feed))
    assert await two.numbers(feed) == (2, 2, 1)
    read = lambda of, by: by.results.mark_read(USER, feed, of.resume)  # noqa: E731
    judge = lambda of, by, **how: by.results.set_deleted(USER, feed, of.resume, **how)  # noqa: E731
    for click, numbers in (
        (judge(strong, one, deleted=True), (1, 1, 1)),
        (judge(strong, two, deleted=True), (1, 1, 1)),
        (judge(strong, one, deleted=True, reasons=["area"]), (1, 1, 1)),
        (read(strong, two), (1, 1, 1)),
        (judge(strong, one, deleted=False), (1, 2, 1)),
        (judge(strong, two, deleted=False), (1, 2, 1)),
        (read(strong, one), (1, 2, 1)),
        (read(weak, two), (1, 2, 1)),
        (judge(weak, one, deleted=True), (1, 2, 0)),
        (judge(weak, two, deleted=False), (1, 2, 1)),
    ):
        await click
        assert [await each.numbers(feed) for each in (one, two)] == [numbers, numbers]
    counts = (await one.counters.read([USER]))[USER]
    assert (counts.unread_of(feed, "possible"), counts.kept_of(feed, "all")) == (0, 3)


@pytest.mark.parametrize("state", ["unread", "read", "deleted"])
async def test_a_new_score_moves_a_result_to_the_other_tier_and_leaves_its_state(one, two, feed, state):
    moved = scored(feed)
    await one.save(moved, scored(feed))
    if state == "read":
        await one.results.mark_read(USER, feed, moved.resume)
    if state == "deleted":
        await one.results.set_deleted(USER, feed, moved.resume, deleted=True)
    is_kept = state != "deleted"
    before = (1 + (state == "unread"), 1 + is_kept, 0)
    assert await two.numbers(feed) == before
    await two.save(scored(feed, resume=moved.resume, strong=False, feed_rev=2))
    assert await one.numbers(feed) == (1, 1, int(is_kept))
    await one.save(scored(feed, resume=moved.resume))  # of the older revision
    assert await one.numbers(feed) == (1, 1, int(is_kept))
    await one.save(scored(feed, resume=moved.resume, feed_rev=3))
    assert await two.numbers(feed) == before


async def test_an_error_leaves_neither_results_nor_numbers_and_nothing_is_told(one, feed, monkeypatch):
    class Bug(Exception):
        """What nobody foresaw."""

    async def fail(*_):
        raise Bug

    await one.save(scored(feed))
    one.told.clear()
    monkeypatch.setattr(one.results._persons, "make", fail)  # once the results are inserted
    with pytest.raises(Bug):
        await one.save(scored(feed))
    assert await one.numbers(feed) == await listed(one.stores, feed) == (1, 1, 0)
    assert one.told == []


async def test_of_two_processes_that_write_one_account_at_once_one_does_it_again(one, two, feed):
    before = done_again()
    gate = Gate(one.results._persons, "make")  # the results are inserted, the numbers are not
    writing = asyncio.create_task(one.save(scored(feed), scored(feed)))
    await gate.reached.wait()
    await two.save(scored(feed))
    gate.open()
    await writing
    assert done_again() > before
    assert await one.numbers(feed) == await listed(one.stores, feed) == (3, 3, 0)


async def test_who_takes_longer_than_the_others_is_refused_once_and_then_goes_through(one, two):
    """Else it would meet another that is faster each time, until it gives up."""
    others = []

    async def change():
        async with two.counters.noting(USER):
            pass

    async def work_longer():
        await one.counters.read([USER])
        (done,) = await asyncio.wait_for(asyncio.gather(beside(change()), return_exceptions=True), 60)
        others.append(done)

    await asyncio.wait_for(one.counters.together(USER, lambda: noted(one, work_longer)), 60)
    assert [type(done) for done in others] == [type(None), Conflict]


async def noted(process, work):
    async with process.counters.noting(USER):
        await work()


async def test_lists_are_told_of_after_the_commit_even_if_nothing_is_new(one, two, feed):
    result, seen = scored(feed), []
    gate = Gate(one.counters._database, "_publish")
    writing = asyncio.create_task(one.save(result))
    await gate.reached.wait()
    seen.append(await two.numbers(feed))
    assert one.told == []
    gate.open()
    await writing
    assert (seen, one.told) == ([(1, 1, 0)], [feed])
    await one.save(result)
    assert one.told == [feed, feed]


async def test_results_that_go_leave_the_numbers(one, two, stores, feed):
    resume = str(ObjectId())
    row = {"_id": ObjectId(resume), "source": "test", "rev": 1, "arrived_at": datetime.now(UTC)}
    await stores._database.resumes.insert_one(row)
    read, deleted = scored(feed), scored(feed)
    await one.save(scored(feed, resume=resume), read, deleted, *(scored(feed) for _ in range(3)))
    await one.save(
        scored(feed, strong=False), scored(feed, feed_rev=2), scored(feed, feed_rev=2, strong=False)
    )
    await one.results.mark_read(USER, feed, read.resume)
    await one.results.set_deleted(USER, feed, deleted.resume, deleted=True)
    assert await two.numbers(feed) == (5, 6, 2)
    await two.stores.erasures.erase(resume)
    assert await one.numbers(feed) == (4, 5, 2)
    assert [part async for part in two.results.drop_outdated(USER, feed, 2)] == [4]
    assert await one.numbers(feed) == await listed(stores, feed) == (1, 2, 1)
    (feeds,) = [page async for page in stores.retention.feeds()]
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert sum([part async for part in two.stores.retention.end_results(feeds[0], later)]) == 4
    assert await one.numbers(feed) == await listed(stores, feed) == (0, 0, 0)


@pytest.mark.parametrize("killed", ["cancelled", "closed"])
async def test_who_dies_between_two_writes_leaves_nothing_and_holds_nobody_up(one, two, feed, killed):
    await one.save(scored(feed))
    gate = Gate(two.results._persons, "make")
    dying = asyncio.create_task(two.save(scored(feed)), context=Context())
    await gate.reached.wait()
    if killed == "cancelled":
        dying.cancel()
    else:
        two.stores._mongo.close()
        two.stores.transactors._noted.clear()  # nor does it say that it leaves
        gate.open()
    await asyncio.wait({dying})
    await one.stores.transactors.end_those_of_the_dead()
    assert dying.cancelled() or dying.exception()
    assert await one.numbers(feed) == await listed(one.stores, feed) == (1, 1, 0)
    await one.save(scored(feed))
    assert await one.numbers(feed) == await listed(one.stores, feed) == (2, 2, 0)


async def test_check_finds_a_wrong_number(one, stores, feed):
    async def broken():
        return [line async for line in stores.invariants.broken() if "counts" in line]

    await one.save(scored(feed))
    assert await broken() == []
    await stores._database.counters.update_one({}, {"$inc": {f"unread.{feed}": 1}})
    assert await broken() == [
        f"feed {feed} counts 2 unread, 0 read, 0 possible unread, 0 possible read, 0 undecided, "
        "its list has 1 unread, 0 read, 0 possible unread, 0 possible read, 0 undecided"
    ]
    changes = {f"unread.{feed}": -1, f"possible_read.{feed}": 1}
    await stores._database.counters.update_one({}, {"$inc": changes})
    (line,) = await broken()
    assert "1 possible read, 0 undecided, its list" in line
