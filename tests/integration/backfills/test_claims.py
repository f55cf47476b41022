"""Feeds that wait for their backfill are held under leases, many at once; two holders never hold the same."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store.feeds import backfills as module
from store.feeds.feed_documents import FeedForm
from tests.integration.gates import Gate
from tests.support import alone


async def submit(stores, count, user=None):
    """Feeds of one account, or of as many accounts; their ids in the order in which they came."""
    made = []
    for _ in range(count):
        owner = user or str(ObjectId())
        feed = await stores.feeds.create(
            alone(owner), FeedForm(title="会计"), quota=1000, service_days=1, vip=False
        )
        made.append(feed)
        # Two of the same millisecond would have no order.
        due = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_seconds))
        await stores._database.feeds.update_one({"_id": ObjectId(feed.id)}, {"$set": {"backfill_due": due}})
    return made


_seconds = itertools.count()


def ids(feeds):
    return [feed.id for feed in feeds]


async def calced(stores, feed):
    return (await stores.feeds.get(feed.company, feed.id)).calced


async def lease_ends(stores, holder):
    past = {"$set": {"until": datetime(2026, 1, 1, tzinfo=UTC)}}
    assert (await stores._database.passes.update_one({"_id": holder}, past)).matched_count
    stores.backfills._look_at = 0.0


async def leases(stores):
    return {lease["_id"] for lease in await stores._database.passes.find({}).to_list(None)}


@pytest.mark.gen_test
async def test_a_waiting_feed_is_claimed_by_one_alone(stores):
    waiting = await submit(stores, 12)

    async def claim_all(process):
        claimed = []
        for number in range(12):  # others may have taken what was chosen, and then there are more
            claimed += ids(await stores.backfills.claim(f"{process}/{number}", 5))
        return claimed

    claimed = await asyncio.gather(*(claim_all(f"process-{number}") for number in range(4)))
    assert sorted(itertools.chain(*claimed)) == sorted(ids(waiting))


@pytest.mark.gen_test
async def test_those_that_another_takes_or_a_recruiter_changes_meanwhile_are_not_claimed(stores, monkeypatch):
    taken, edited, deleted, mine = await submit(stores, 4)
    monkeypatch.setattr(module, "update_by_ids", module.update_by_ids)  # put back afterwards
    held = Gate(module, "update_by_ids")
    claiming = asyncio.create_task(stores.backfills.claim("one", 10))
    await held.reached.wait()  # it has read which wait
    assert ids(await stores.backfills.claim("two", 1)) == [taken.id]
    await stores.feeds.update(edited.company, edited.id, FeedForm(title="出纳"))
    await stores.feeds.delete(deleted.company, deleted.id)
    held.open()
    assert ids(await claiming) == [mine.id]
    assert await stores.backfills.note_progress("two", [taken.id], 0.5) == {taken.id}


@pytest.mark.gen_test
async def test_those_that_wait_longest_come_first_but_of_each_account_in_turn(stores):
    a, b = str(ObjectId()), str(ObjectId())
    many = await submit(stores, 5, a)
    few = await submit(stores, 2, b)
    (single,) = await submit(stores, 1)
    first = await stores.backfills.claim("one", 4)
    assert ids(first) == ids([many[0], few[0], single, many[1]])
    assert ids(await stores.backfills.claim("two", 100)) == ids([many[2], few[1], many[3], many[4]])


@pytest.mark.gen_test
async def test_the_feeds_of_accounts_that_rest_wait_on(stores):
    a, b = str(ObjectId()), str(ObjectId())
    resting, other = await submit(stores, 2, a), await submit(stores, 1, b)
    assert ids(await stores.backfills.claim("one", 10, but={a})) == ids(other)
    assert await stores.backfills.claim("two", 10, but={a}) == []
    assert ids(await stores.backfills.claim("three", 10)) == ids(resting)


@pytest.mark.gen_test
async def test_what_was_just_submitted_is_claimed_by_itself_unless_its_account_submits_many(stores):
    await submit(stores, 1)  # a while ago
    feeds = []
    for user, count in (("a", 1), ("b", module._FEW + 1), ("c", 2), ("d", 1)):
        for _ in range(count):
            form, owner = FeedForm(title="会计"), user * 24
            feeds.append(await stores.feeds.create(alone(owner), form, quota=9, service_days=1, vip=False))
            await asyncio.sleep(0.002)  # two of the same millisecond would have no order
    claimed = await stores.backfills.claim_newest("one", 2, but={"d" * 24})
    assert ids(claimed) == [feeds[-2].id, feeds[-3].id]
    assert ids(await stores.backfills.claim_newest("two", 9, but=())) == [feeds[-1].id, feeds[0].id]
    assert await stores.backfills.claim_newest("three", 9, but=()) == []


@pytest.mark.gen_test
async def test_a_feed_that_changes_is_claimed_anew_and_what_held_it_is_told(stores):
    (feed,), (other,) = await submit(stores, 1), await submit(stores, 1)
    assert ids(await stores.backfills.claim("one", 10)) == [feed.id, other.id]
    await stores.feeds.update(feed.company, feed.id, FeedForm(title="出纳"))
    both = [feed.id, other.id]
    assert await stores.backfills.note_progress("one", both, 0.5) == {other.id}
    assert await stores.backfills.finish("one", both) == {other.id}
    assert (await calced(stores, feed), await calced(stores, other)) == (False, True)
    (again,) = await stores.backfills.claim("two", 10)
    assert (again.id, again.rev, again.form.title) == (feed.id, 2, "出纳")
    # The one that held it before can neither end it nor give it back.
    assert await stores.backfills.finish("one", [feed.id]) == set()
    await stores.backfills.release("one", [feed.id])
    assert await stores.backfills.claim("three", 10) == []
    assert await stores.backfills.finish("two", [feed.id]) == {feed.id}
    assert await calced(stores, feed)


@pytest.mark.gen_test
async def test_a_feed_that_is_deleted_is_not_kept(stores):
    feeds = await submit(stores, 2)
    await stores.backfills.claim("one", 10)
    await stores.feeds.delete(feeds[0].company, feeds[0].id)
    assert await stores.backfills.note_progress("one", ids(feeds), 0.5) == {feeds[1].id}
    assert await stores.backfills.scored_revisions(ids(feeds)) == {}
    await stores.backfills.finish("one", ids(feeds))
    assert await stores.backfills.scored_revisions(ids(feeds)) == {feeds[1].id: 1}


@pytest.mark.gen_test
async def test_a_lease_that_is_kept_is_nobody_elses_and_one_that_ends_is(stores):
    feeds = await submit(stores, 3)
    await stores.backfills.claim("one", 10)
    assert await stores.backfills.claim("two", 10) == []
    await lease_ends(stores, "one")
    # Late, and still in time: nobody has looked.
    assert await stores.backfills.keep("one")
    assert await stores.backfills.claim("three", 10) == []
    assert await stores.backfills.finish("one", [feeds[0].id]) == {feeds[0].id}
    await lease_ends(stores, "one")
    assert set(ids(await stores.backfills.claim("four", 10))) == set(ids(feeds[1:]))
    # The one that was taken for dead holds nothing any more.
    assert not await stores.backfills.keep("one")
    assert await stores.backfills.note_progress("one", ids(feeds), 0.6) == set()
    assert await stores.backfills.finish("one", ids(feeds)) == {feeds[0].id}
    assert await stores.backfills.note_progress("four", ids(feeds), 0.5) == set(ids(feeds[1:]))


@pytest.mark.gen_test
async def test_leases_that_nobody_needs_are_not_left(stores):
    feeds = await submit(stores, 2)
    await stores.backfills.claim("one", 1)
    await stores.backfills.claim("two", 1)
    assert await stores.backfills.claim("three", 1) == []
    assert await leases(stores) == {"one", "two"}
    await stores.backfills.end("one")
    await stores.backfills.release("two", ids(feeds[1:]))
    assert await leases(stores) == set()


@pytest.mark.gen_test
async def test_a_process_that_stood_still_before_it_took_feeds_takes_none(stores, monkeypatch):
    (feed,) = await submit(stores, 1)
    monkeypatch.setattr(module, "update_by_ids", module.update_by_ids)  # put back afterwards
    held = Gate(module, "update_by_ids")
    claiming = asyncio.create_task(stores.backfills.claim("slow", 10))
    await held.reached.wait()  # it has its lease, and no feeds
    await lease_ends(stores, "slow")
    await stores.backfills._let_wait_again()
    assert await leases(stores) == set()
    held.open()
    assert await claiming == []
    assert ids(await stores.backfills.claim("two", 10)) == [feed.id]


@pytest.mark.gen_test
async def test_a_lease_that_is_given_back_can_be_claimed_at_once(stores):
    feeds = await submit(stores, 2)
    await stores.backfills.claim("one", 10)
    await stores.backfills.release("one", ids(feeds))
    assert set(ids(await stores.backfills.claim("two", 10))) == set(ids(feeds))


@pytest.mark.gen_test
async def test_an_end_whose_answer_was_lost_can_be_told_again(stores):
    feeds = await submit(stores, 2)
    await stores.backfills.claim("one", 10)
    for _ in range(2):
        assert await stores.backfills.finish("one", ids(feeds)) == set(ids(feeds))


@pytest.mark.gen_test
async def test_of_many_that_wait_a_claim_reads_some_and_the_next_goes_on(stores, monkeypatch):
    monkeypatch.setattr(module, "_ENOUGH", 10)
    waiting = await submit(stores, 40)
    find, read = stores.backfills._feeds.find, []

    class Noted:
        def find(self, which, *args):
            read.append(which.get("backfill_due"))
            return find(which, *args)

        def __getattr__(self, name):
            return getattr(stores._database.feeds, name)

    monkeypatch.setattr(stores.backfills, "_feeds", Noted())
    claimed = [ids(await stores.backfills.claim(f"me/{number}", 10)) for number in range(5)]
    assert list(itertools.chain(*claimed)) == ids(waiting)
    spans = [which["$lte"] - which["$gte"] for which in read if which]
    assert min(spans) <= timedelta(seconds=10) < max(spans)
    # Nothing waits, so the next claim looks at all times again: a lease may have ended.
    await lease_ends(stores, "me/0")
    assert ids(await stores.backfills.claim("me/6", 10)) == ids(waiting[:10])


@pytest.mark.gen_test
async def test_a_span_that_takes_too_long_is_read_in_shorter_ones(stores, monkeypatch):
    waiting = await submit(stores, 6)
    find = stores.backfills._feeds.find

    class Slow:
        def find(self, which, *args):
            due = which.get("backfill_due")
            if due and due["$lte"] - due["$gte"] > timedelta(days=30):
                raise NetworkTimeout("too long")
            return find(which, *args)

        def __getattr__(self, name):
            return getattr(stores._database.feeds, name)

    monkeypatch.setattr(stores.backfills, "_feeds", Slow())
    assert ids(await stores.backfills.claim("me", 10)) == ids(waiting)


@pytest.mark.gen_test
async def test_a_look_for_what_was_just_submitted_that_takes_too_long_finds_nothing(stores, monkeypatch):
    class Slow:
        def find(self, *_):
            raise NetworkTimeout("too long")

    monkeypatch.setattr(stores.backfills, "_feeds", Slow())
    assert await stores.backfills.claim_newest("me", 10, but=()) == []
