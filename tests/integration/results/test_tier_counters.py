"""Counters know the tier of every result, whoever moves it and whatever happens meanwhile."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from tests.integration.gates import Gate
from tests.integration.results.test_result_counters import USER, Process, counted, feed, long_alive, scored

__all__ = ["counted", "feed", "long_alive"]


class Pair(Process):
    """A process that is asked for both tiers."""

    async def tiers(self, feed_id):
        """(unread, kept) of the strong results, and how many are possible."""
        counts = (await self.counts.read([USER]))[USER]
        return counts.unread_of(feed_id), counts.kept_of(feed_id), counts.kept_of(feed_id, "possible")


@pytest.fixture
def process(stores):
    return lambda: Pair(stores)


@pytest.mark.gen_test
async def test_what_is_possible_counts_in_no_badge_and_clicks_move_its_own_number(process, feed, counted):
    one, other = process(), process()
    assert await one.tiers(feed) == (0, 0, 0)
    weak = scored(feed, strong=False)
    await one.save(scored(feed), weak, scored(feed, strong=False))
    assert await one.tiers(feed) == (1, 1, 2)
    await one.results.mark_read(USER, feed, weak.resume)
    assert await other.tiers(feed) == (1, 1, 2)
    await one.results.set_deleted(USER, feed, weak.resume, deleted=True)
    assert await other.tiers(feed) == (1, 1, 1)
    await one.results.set_deleted(USER, feed, weak.resume, deleted=False)
    assert await other.tiers(feed) == (1, 1, 2)
    counts = (await other.counts.read([USER]))[USER]
    assert (counts.kept_of(feed, "all"), counts.unread_of(feed, "possible")) == (3, 1)
    assert len(counted) == 1


@pytest.mark.gen_test
@pytest.mark.parametrize("state", ["unread", "read", "deleted"])
async def test_a_new_score_moves_a_result_to_the_other_tier_and_leaves_its_state(
    process, stores, feed, counted, state
):
    one, other = process(), process()
    await one.tiers(feed)
    resume = str(ObjectId())
    await one.save(scored(feed, resume=resume), scored(feed))
    if state == "read":
        await one.results.mark_read(USER, feed, resume)
    if state == "deleted":
        await one.results.set_deleted(USER, feed, resume, deleted=True)
    before = await one.tiers(feed)
    is_unread, is_kept = state == "unread", state != "deleted"
    assert before == (1 + is_unread, 1 + is_kept, 0)
    one.told.clear()
    await one.save(scored(feed, resume=resume, strong=False, feed_rev=2))
    assert await other.tiers(feed) == (1, 1, int(is_kept))
    assert one.told == [("unread", feed)]
    row = await stores._database.results.find_one({"resume": ObjectId(resume)})
    assert (row["read"], row["deleted"]) == (state == "read", state == "deleted")
    await other.save(scored(feed, resume=resume, feed_rev=3))
    assert await one.tiers(feed) == before
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_a_score_of_an_older_revision_moves_nothing(process, feed, counted):
    one = process()
    await one.tiers(feed)
    resume = str(ObjectId())
    await one.save(scored(feed, resume=resume, feed_rev=2))
    await one.save(scored(feed, resume=resume, strong=False))
    assert await process().tiers(feed) == (1, 1, 0)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_a_result_that_is_clicked_while_it_moves_is_counted_in_its_new_state(process, feed, counted):
    one, other = process(), process()
    await one.tiers(feed)
    resume = str(ObjectId())
    await one.save(scored(feed, resume=resume))
    gate = Gate(one.results, "_rescore")
    moving = asyncio.create_task(one.save(scored(feed, resume=resume, strong=False, feed_rev=2)))
    await gate.reached.wait()
    gate.open()
    find = one.results._results.bulk_write

    async def clicked_first(writes, **how):
        one.results._results.bulk_write = find
        await other.results.mark_read(USER, feed, resume)
        return await find(writes, **how)

    one.results._results.bulk_write = clicked_first
    await moving
    assert await other.tiers(feed) == (0, 0, 1)
    counts = (await one.counts.read([USER]))[USER]
    assert (counts.unread_of(feed, "possible"), counts.unread_of(feed, "all")) == (0, 0)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_two_that_move_a_result_at_once_move_it_once(process, feed, counted):
    one, other = process(), process()
    await one.tiers(feed)
    resume = str(ObjectId())
    await one.save(scored(feed, resume=resume), scored(feed))
    weak = scored(feed, resume=resume, strong=False, feed_rev=2)
    await asyncio.gather(one.save(weak), other.save(weak))
    await asyncio.gather(one.counters.settle(), other.counters.settle())
    assert await one.tiers(feed) == (1, 1, 1)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_what_changes_tier_between_the_look_and_the_deletion_is_deleted_in_its_new_one(
    process, stores, feed, counted
):
    one, other = process(), process()
    await one.tiers(feed)
    resume = str(ObjectId())
    await one.save(scored(feed, resume=resume), scored(feed), scored(feed, strong=False))
    gate = Gate(one.results._candidate_records, "trace")
    dropping = asyncio.create_task(anext(aiter(one.results.drop_outdated(USER, feed, 3))))
    await gate.reached.wait()
    await other.save(scored(feed, resume=resume, strong=False, feed_rev=2))
    gate.open()
    assert await dropping == 2
    assert [part async for part in one.results.drop_outdated(USER, feed, 3)] == [1]
    assert await process().tiers(feed) == (0, 0, 0)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_an_erasure_takes_what_is_possible_from_its_number(process, stores, feed, counted):
    one = process()
    resume = str(ObjectId())
    await stores._database.resumes.insert_one(
        {"_id": ObjectId(resume), "source": "test", "rev": 1, "arrived_at": datetime.now(UTC)}
    )
    await one.tiers(feed)
    await one.save(scored(feed, resume=resume, strong=False), scored(feed, strong=False))
    await one.erasures.erase(resume)
    assert await process().tiers(feed) == (0, 0, 1)
    assert len(counted) == 1
