"""Feeds that wait are claimed many at once; what is noted of a backfill is of the revision scored."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from pymongo.errors import NetworkTimeout

from store.feeds import backfills as module
from store.feeds.feed_documents import FeedForm
from tests.integration.engines import lease_ends
from tests.integration.gates import Gate, done_again
from tests.integration.stored import new_feed


async def submit(stores, count, user=""):
    """Feeds of one account, or of as many accounts, in the order in which they came."""
    made = []
    for _ in range(count):
        feed = await new_feed(stores, user)
        made.append(feed)
        # Two of the same millisecond would have no order.
        due = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_seconds))
        await stores._database.jobs.update_one({"_id": f"backfill:{feed.id}"}, {"$set": {"due": due}})
    return made


_seconds = itertools.count()


def ids(feeds):
    return [feed.id for feed in feeds]


def revisions(*feeds):
    return {feed.id: (feed.company, feed.rev) for feed in feeds}


async def claim(stores, most=10, **how):
    """The feeds that a claim gives."""
    jobs, feeds = await stores.backfills.claim(most, **how)
    assert [job.key for job in jobs] == ids(feeds)
    return feeds


async def calced(stores, feed):
    return (await stores.feeds.get(feed.company, feed.id)).calced


async def test_a_waiting_feed_is_claimed_by_one_alone(stores):
    waiting = await submit(stores, 12)

    async def claim_all():
        claimed = []
        for _ in range(12):  # others may have taken what was chosen, and then there are more
            claimed += ids(await claim(stores, 5))
        return claimed

    claimed = await asyncio.gather(*(claim_all() for _ in range(4)))
    assert sorted(itertools.chain(*claimed)) == sorted(ids(waiting))


async def test_those_that_another_takes_or_a_recruiter_ends_meanwhile_are_not_claimed(stores, monkeypatch):
    taken, deleted, paused, mine = await submit(stores, 4)
    held = Gate(stores.jobs, "_end_leases")
    claiming = asyncio.create_task(stores.backfills.claim(10))
    await held.reached.wait()
    reading = Gate(module, "find_by_ids")
    held.open()
    await reading.reached.wait()  # it has claimed all, and reads which feeds these are
    monkeypatch.setattr(module, "find_by_ids", reading._method)
    for feed in (taken, mine):
        await stores.feeds.update(feed.company, feed.id, FeedForm(title="出纳"))
    assert ids(await claim(stores, 1)) == [taken.id]
    await stores.feeds.delete(deleted.company, deleted.id)
    await stores.feeds.pause(paused.company, paused.id)
    reading.open()
    jobs, feeds = await claiming
    assert set(ids(feeds)) == {taken.id, mine.id}
    assert await stores.backfills.keep(jobs) == set()


async def test_those_that_wait_longest_come_first_but_of_each_account_in_turn(stores):
    a, b = str(ObjectId()), str(ObjectId())
    many = await submit(stores, 5, a)
    few = await submit(stores, 2, b)
    (single,) = await submit(stores, 1)
    assert ids(await claim(stores, 4)) == ids([many[0], few[0], single, many[1]])
    assert ids(await claim(stores, 100)) == ids([many[2], few[1], many[3], many[4]])


async def test_what_was_just_submitted_is_claimed_by_itself_unless_its_account_submits_many(stores):
    await submit(stores, 1)  # a while ago
    feeds = []
    for user, count in (("a", 1), ("b", module._FEW + 1), ("c", 2), ("d", 1)):
        for _ in range(count):
            feeds.append(await new_feed(stores, user * 24))
            await asyncio.sleep(0.002)  # two of the same millisecond would have no order

    async def newest(most, but=()):
        return ids((await stores.backfills.claim_newest(most, but=but))[1])

    assert await newest(2, {"d" * 24}) == [feeds[-2].id, feeds[-3].id]
    assert await newest(9) == [feeds[-1].id, feeds[0].id]
    assert await newest(9) == []


async def test_a_feed_that_changes_is_claimed_anew_and_what_held_it_is_told(stores):
    (feed,), (other,) = await submit(stores, 1), await submit(stores, 1)
    jobs, before = await stores.backfills.claim(10)
    assert ids(before) == [feed.id, other.id]
    await stores.feeds.update(feed.company, feed.id, FeedForm(title="出纳"))
    assert await stores.backfills.keep(jobs) == {other.id}
    assert await stores.backfills.note_progress(revisions(*before), 0.5) == {other.id}
    new, (again,) = await stores.backfills.claim(10)
    assert (again.id, again.rev, again.form.title) == (feed.id, 2, "出纳")
    # The one that held it before can neither end it nor give it back.
    assert await stores.backfills.finish(jobs, revisions(*before)) == {other.id}
    await stores.backfills.release(jobs)
    assert await claim(stores) == []
    assert (await calced(stores, feed), await calced(stores, other)) == (False, True)
    assert await stores.backfills.finish(new, revisions(again)) == {feed.id}
    assert await calced(stores, feed)
    assert await stores.jobs.count("backfill") == 0


async def test_a_feed_that_is_edited_at_the_moment_of_its_end_waits(stores):
    (feed,) = await submit(stores, 1)
    jobs, claimed = await stores.backfills.claim(10)
    ending = Gate(stores.jobs, "done")
    ended = asyncio.create_task(stores.backfills.finish(jobs, revisions(*claimed)))
    await ending.reached.wait()  # the feed's document is written, and nothing is committed
    edited = asyncio.create_task(stores.feeds.update(feed.company, feed.id, FeedForm(title="出纳")))
    again = done_again()
    while done_again() == again:  # it has met the other
        await asyncio.sleep(0.01)
    ending.open()
    await asyncio.gather(ended, edited)
    assert not await calced(stores, feed)
    assert [one.rev for one in await claim(stores)] == [2]


async def test_feeds_that_are_deleted_or_paused_are_not_kept(stores):
    feeds = await submit(stores, 3)
    jobs, _ = await stores.backfills.claim(10)
    await stores.feeds.delete(feeds[0].company, feeds[0].id)
    await stores.feeds.pause(feeds[1].company, feeds[1].id)
    assert await stores.backfills.keep(jobs) == {feeds[2].id}
    assert await stores.backfills.note_progress(revisions(*feeds), 0.5) == {feeds[2].id}
    assert await stores.backfills.scored_revisions(revisions(*feeds)) == {}
    await stores.backfills.finish(jobs, revisions(*feeds))
    assert await stores.backfills.scored_revisions(revisions(*feeds)) == {feeds[2].id: 1}
    assert await stores.jobs.count("backfill") == 0


async def test_what_a_process_that_stood_still_notes_is_no_step_back(stores):
    """Its lease ended, and another has scored the same since."""
    (feed,) = await submit(stores, 1)
    slow, _ = await stores.backfills.claim(10)
    await lease_ends(stores)
    other, _ = await stores.backfills.claim(10)
    assert await stores.backfills.keep(slow) == set()
    assert await stores.backfills.finish(other, revisions(feed)) == {feed.id}
    assert await stores.backfills.note_progress(revisions(feed), 0.6) == set()
    assert await calced(stores, feed)


async def test_an_end_whose_answer_was_lost_can_be_told_again(stores):
    feeds = await submit(stores, 2)
    jobs, _ = await stores.backfills.claim(10)
    for _ in range(2):
        assert await stores.backfills.finish(jobs, revisions(*feeds)) == set(ids(feeds))


async def test_all_are_scored_again_on_request_but_those_that_are_deleted_or_paused(stores):
    scored, waiting, paused, deleted = feeds = await submit(stores, 4)
    jobs, _ = await stores.backfills.claim(10)
    await stores.backfills.finish(jobs, revisions(*feeds))
    await stores.feeds.pause(paused.company, paused.id)
    await stores.feeds.delete(deleted.company, deleted.id)
    await stores.feeds.update(waiting.company, waiting.id, FeedForm(title="出纳"))
    assert await stores.backfills.request() == 2
    assert sorted((feed.id, feed.rev) for feed in await claim(stores)) == sorted(
        [(scored.id, 2), (waiting.id, 3)]
    )
    assert [line async for line in stores.invariants.broken()] == []


class Waiting:
    """The jobs that wait; the times that a look is about are told before it."""

    def __init__(self, stores, tell):
        self._jobs, self._tell = stores.backfills._waiting, tell

    def find(self, which, *args):
        self._tell(which.get("due"))
        return self._jobs.find(which, *args)

    def __getattr__(self, name):
        return getattr(self._jobs, name)


async def test_of_many_that_wait_a_claim_reads_some_and_the_next_goes_on(stores, monkeypatch):
    monkeypatch.setattr(module, "_ENOUGH", 10)
    waiting, read = await submit(stores, 40), []
    monkeypatch.setattr(stores.backfills, "_waiting", Waiting(stores, read.append))
    claimed = [ids(await claim(stores)) for _ in range(5)]
    assert list(itertools.chain(*claimed)) == ids(waiting)
    spans = [which["$lte"] - which["$gte"] for which in read if which]
    assert min(spans) <= timedelta(seconds=10) < max(spans)
    # Nothing waits, so the next claim looks at all times again: a lease may have ended.
    await lease_ends(stores)
    assert len({*ids(await claim(stores))} & {*ids(waiting)}) == 10


async def test_a_span_that_takes_too_long_is_read_in_shorter_ones(stores, monkeypatch):
    waiting = await submit(stores, 6)

    def take_long(due):
        if due and due["$lte"] - due["$gte"] > timedelta(days=30):
            raise NetworkTimeout("too long")

    monkeypatch.setattr(stores.backfills, "_waiting", Waiting(stores, take_long))
    assert ids(await claim(stores)) == ids(waiting)


async def test_a_look_for_what_was_just_submitted_that_takes_too_long_finds_nothing(stores, monkeypatch):
    def take_long(_):
        raise NetworkTimeout("too long")

    monkeypatch.setattr(stores.backfills, "_waiting", Waiting(stores, take_long))
    assert await stores.backfills.claim_newest(10, but=()) == ([], [])
