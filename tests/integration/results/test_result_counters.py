"""Counters are those of the results, whichever processes write at once and whichever of them are killed.

A process here is what one has of the store; one that is killed is never asked to settle. Each test makes one
race happen, and fails without the rule that it names.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from store.ends.erasures import Erasures
from store.feeds.feed_documents import FeedForm
from store.notes.candidate_records import CandidateRecords
from store.redis.events import Events
from store.results import result_counters, result_counts
from store.results.counter_documents import DOUBT, count_results
from store.results.result_counters import ResultCounters
from store.results.results import Results
from tests.integration.gates import Gate
from tests.support import eventually, scored_result

USER = str(ObjectId())
DEAD_AFTER = timedelta(minutes=5)


class Process:
    """One process's part of the store, with everything that it told."""

    def __init__(self, stores) -> None:
        database = stores._database
        self.told: list[tuple[str, str]] = []
        events = Events(stores._redis, "redis://nobody.listens", "nobody listens")
        events.listen(lambda event: self.told.append((event.kind, event.feed)), "unread")
        self.counters = ResultCounters(database, events)
        self.counts = ResultCounters(database, self.counters)
        self.results = Results(database, CandidateRecords(database), self.counters)
        self.erasures = Erasures(database, self.counters, stores.audit)

    async def numbers(self, feed_id):
        """(unread, kept) of a feed, as a client is told."""
        counts = (await self.counts.read([USER]))[USER]
        return counts.unread_of(feed_id), counts.kept_of(feed_id)

    async def save(self, *scored):
        return await self.results.save(scored)


@pytest.fixture(autouse=True)
def long_alive(monkeypatch):
    """No process is taken for dead, as none is heard of for three seconds, because a machine is busy."""
    monkeypatch.setattr(result_counts, "DEAD_AFTER", DEAD_AFTER)


@pytest.fixture
def process(stores):
    return lambda: Process(stores)


@pytest.fixture
def feed(stores, io_loop):
    return io_loop.run_sync(lambda: submit(stores))


@pytest.fixture
def document(stores):
    async def read():
        return await stores._database.counters.find_one({"_id": ObjectId(USER)})

    return read


@pytest.fixture
def grow_old(stores):
    """Let a time pass, by making all marks and counts older by it."""

    async def pass_(time=DEAD_AFTER):
        async for one in stores._database.counters.find({}):
            fields = {f"marks.{name}": since - time for name, since in one.get("marks", {}).items()}
            if "counted_at" in one:
                fields["counted_at"] = one["counted_at"] - time
            await stores._database.counters.update_one({"_id": one["_id"]}, {"$set": fields})

    return pass_


@pytest.fixture
def counted(monkeypatch):
    """How many times the results themselves were counted."""
    times = []

    async def count(database, user):
        times.append(str(user))
        return await count_results(database, user)

    monkeypatch.setattr(result_counts, "count_results", count)
    return times


async def submit(stores, user=USER):
    feed = await stores.feeds.create(user, FeedForm(title="会计"), quota=50, service_days=1, vip=False)
    return feed.id


def scored(feed, **changes):
    return scored_result(**{"feed": feed, "user": USER, **changes})


class Losing:
    """Lets a method do its work, or not, and lose the answer; once."""

    def __init__(self, owner, name, *, does_it) -> None:
        self.owner, self.name, self.does_it = owner, name, does_it
        self.method = getattr(owner, name)
        self.lost = None
        setattr(owner, name, self.call)

    async def call(self, *args, **kwargs):
        setattr(self.owner, self.name, self.method)
        self.lost = lambda: self.method(*args, **kwargs)
        if self.does_it:
            await self.lost()
        raise AutoReconnect("the answer is lost")


@pytest.mark.gen_test
async def test_a_read_counts_nothing_once_the_account_was_counted(process, feed, counted):
    one, other = process(), process()
    assert await one.numbers(feed) == (0, 0)
    await one.save(*(scored(feed) for _ in range(5)))
    assert await one.numbers(feed) == (5, 5), "before it is settled"
    assert [await each.numbers(feed) for each in (one, other)] == [(5, 5), (5, 5)]
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_an_account_without_a_document_is_counted_by_its_first_reader(process, feed, counted):
    one, other = process(), process()
    await one.save(scored(feed))
    assert await other.numbers(feed) == (1, 1)
    assert await one.numbers(feed) == (1, 1)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_every_click_moves_the_numbers_once_and_for_every_process(process, feed, document):
    one, other = process(), process()
    result = scored(feed)
    await one.save(result, scored(feed))
    assert await other.numbers(feed) == (2, 2)
    key = (USER, feed, result.resume)

    async def delete(**how):
        await one.results.set_deleted(*key, **how)

    for click, numbers in (
        (lambda: delete(deleted=True), (1, 1)),
        (lambda: delete(deleted=True), (1, 1)),
        (lambda: delete(deleted=True, reasons=["area"]), (1, 1)),
        (lambda: one.results.mark_read(*key), (1, 1)),
        (lambda: delete(deleted=False), (1, 2)),
        (lambda: delete(deleted=False), (1, 2)),
        (lambda: one.results.mark_read(*key), (1, 2)),
        (lambda: delete(deleted=True), (1, 1)),
    ):
        await click()
        assert await other.numbers(feed) == numbers
        assert (await document())["marks"] == {}
        assert one.told[-1] == ("unread", feed)
        one.told.clear()


@pytest.mark.gen_test
@pytest.mark.parametrize("does_it", [False, True])
async def test_what_a_killed_process_wrote_or_not_is_counted(process, feed, grow_old, does_it):
    dead, other = process(), process()
    assert await other.numbers(feed) == (0, 0)
    if does_it:
        await dead.save(scored(feed))
    else:
        await dead.counters._begin({USER: None})  # killed between the mark and the write
    await grow_old()
    assert await other.numbers(feed) == (int(does_it), int(does_it))
    assert not (await other.counters.documents([USER]))[USER].marks


@pytest.mark.gen_test
async def test_two_processes_that_write_at_once_are_both_settled(process, feed, counted):
    one, other = process(), process()
    await one.numbers(feed)
    await asyncio.gather(one.save(scored(feed), scored(feed)), other.save(scored(feed)))
    await asyncio.gather(one.counters.settle(), other.counters.settle())
    assert await one.numbers(feed) == (3, 3)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_the_same_result_written_by_two_processes_is_counted_once(process, feed):
    one, other = process(), process()
    await one.numbers(feed)
    result = scored(feed)
    fresh = await asyncio.gather(one.save(result), other.save(result))
    assert sorted(map(len, fresh)) == [0, 1]
    await asyncio.gather(one.counters.settle(), other.counters.settle())
    assert await one.numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_what_was_counted_is_not_settled_again(process, feed, counted):
    one = process()
    await one.save(scored(feed))
    assert await one.numbers(feed) == (1, 1)
    assert await one.numbers(feed) == (1, 1)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_a_count_between_a_write_and_its_settling_is_not_kept(process, feed, document, stores):
    writer, reader = process(), process()
    await writer.save(scored(feed))
    assert await reader.numbers(feed) == (1, 1), "it was never counted, so it is counted now"
    assert (await document())["stale"], "but kept it would be one too many once the writer settles"
    assert await reader.numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_a_count_during_which_somebody_wrote_and_settled_is_made_again(
    process, feed, counted, monkeypatch
):
    writer, reader = process(), process()
    await writer.save(scored(feed))
    gate = Gate(result_counts, "count_results")
    counting = asyncio.create_task(reader.numbers(feed))
    await gate.reached.wait()
    assert await count_results(reader.counts._database, ObjectId(USER))  # the count has been made
    await writer.save(scored(feed))
    gate.open()
    assert await counting == (2, 2)
    assert await writer.numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_a_count_during_which_somebody_only_marked_is_not_kept(process, feed, grow_old, monkeypatch):
    writer, reader = process(), process()
    await writer.save(scored(feed))
    counting = result_counts.count_results

    async def count(database, user):
        found = await counting(database, user)
        if not writer.counters.unsettled(USER).is_marked:
            await writer.counters._begin({USER: None})
        return found

    monkeypatch.setattr(result_counts, "count_results", count)
    assert await reader.numbers(feed) == (1, 1)
    await writer.save(scored(feed))  # and is killed
    await grow_old()
    assert await reader.numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_nobody_in_the_same_process_writes_while_an_account_is_counted(process, feed):
    one = process()
    await one.save(scored(feed))
    gate = Gate(result_counts, "count_results")
    counting = asyncio.create_task(one.numbers(feed))
    await gate.reached.wait()
    writing = asyncio.create_task(one.save(scored(feed)))
    settling = asyncio.create_task(one.counters.settle())
    await asyncio.wait({writing, settling}, timeout=0.1)
    assert not writing.done()
    gate.open()
    assert await counting == (1, 1)
    await asyncio.gather(writing, settling)
    assert await one.numbers(feed) == (2, 2)
    assert await process().numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_an_account_is_counted_once_the_writes_of_the_same_process_are_answered(process, feed):
    one = process()
    gate = Gate(one.results._results, "bulk_write")
    writing = asyncio.create_task(one.save(scored(feed)))
    await gate.reached.wait()
    counting = asyncio.create_task(one.numbers(feed))
    await asyncio.wait({counting}, timeout=0.05)
    gate.open()
    await writing
    assert await counting == (1, 1)
    assert await process().numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_a_count_is_not_kept_over_what_one_settled_who_was_taken_for_dead(
    process, feed, grow_old, monkeypatch
):
    late, reader = process(), process()
    await late.numbers(feed)
    await late.save(scored(feed))
    await grow_old()
    counting = result_counts.count_results

    async def count(database, user):
        found = await counting(database, user)
        if late.counters.unsettled(USER).is_marked:
            await late.save(scored(feed))
        return found

    monkeypatch.setattr(result_counts, "count_results", count)
    assert await reader.numbers(feed) == (2, 2)
    assert await late.numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_a_process_that_was_taken_for_dead_has_the_account_counted(process, feed, grow_old):
    late, other = process(), process()
    assert await late.numbers(feed) == (0, 0)
    await late.save(scored(feed))
    await grow_old()
    assert await other.numbers(feed) == (1, 1)
    assert await late.numbers(feed) == (1, 1), "though it has a change that is not settled"
    await late.save(scored(feed))
    assert [await each.numbers(feed) for each in (other, late)] == [(2, 2), (2, 2)]
    await grow_old()
    assert await other.numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_who_finds_its_mark_gone_adds_nothing_to_what_was_counted(process, feed, grow_old):
    late, other = process(), process()
    await late.numbers(feed)
    await late.save(scored(feed))
    await grow_old()
    assert await other.numbers(feed) == (1, 1)
    await grow_old()
    assert await other.numbers(feed) == (1, 1)


@pytest.mark.gen_test
@pytest.mark.parametrize("does_it", [False, True])
async def test_a_write_whose_answer_is_lost_has_the_account_counted(process, feed, grow_old, does_it):
    one, other = process(), process()
    await one.numbers(feed)
    losing = Losing(one.results._results, "bulk_write", does_it=does_it)
    with pytest.raises(AutoReconnect):
        await one.save(scored(feed))
    numbers = (int(does_it), int(does_it))
    assert await one.numbers(feed) == numbers, "before it is settled"
    assert [await each.numbers(feed) for each in (one, other)] == [numbers, numbers]
    if not does_it:
        await losing.lost()  # a store that stood still does it after all
    await grow_old()
    assert [await each.numbers(feed) for each in (one, other)] == [(1, 1), (1, 1)]


@pytest.mark.gen_test
@pytest.mark.parametrize("does_it", [False, True])
async def test_a_settling_whose_answer_is_lost_is_not_done_twice(process, feed, grow_old, does_it):
    one, other = process(), process()
    await one.numbers(feed)
    await one.save(scored(feed))
    Losing(one.counters._counters, "bulk_write", does_it=does_it)
    with pytest.raises(AutoReconnect):
    assert await one.numbers(feed) == (1, 1)
    assert one.told == []
    assert one.told == [("unread", feed)]
    await grow_old()
    assert [await each.numbers(feed) for each in (one, other)] == [(1, 1), (1, 1)]


@pytest.mark.gen_test
@pytest.mark.parametrize("does_it", [False, True])
async def test_a_mark_whose_answer_is_lost_lets_nothing_be_written(process, feed, grow_old, does_it):
    one, other = process(), process()
    await one.numbers(feed)
    Losing(one.counters._counters, "update_many", does_it=does_it)
    with pytest.raises(AutoReconnect):
        await one.save(scored(feed))
    assert await count_results(one.counts._database, ObjectId(USER)) == (await one.counts.read([USER]))[USER]
    await one.save(scored(feed))
    assert [await each.numbers(feed) for each in (one, other)] == [(1, 1), (1, 1)]


@pytest.mark.gen_test
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_read_beside_a_settling_sees_each_change_once(process, feed, moment):
    one = process()
    await one.numbers(feed)
    await one.save(scored(feed))
    collection = one.counters._counters
    write, reached, opened = collection.bulk_write, asyncio.Event(), asyncio.Event()

    async def held(*args, **kwargs):
        if moment == "after":
            outcome = await write(*args, **kwargs)
        reached.set()
        await opened.wait()
        return await write(*args, **kwargs) if moment == "before" else outcome

    collection.bulk_write = held
    settling = asyncio.create_task(one.counters.settle())
    await reached.wait()
    reading = asyncio.create_task(one.numbers(feed))
    await asyncio.wait({reading}, timeout=0.05)
    opened.set()
    assert await reading == (1, 1)
    await settling


@pytest.mark.gen_test
async def test_a_settling_while_a_document_is_on_its_way_does_not_hide_the_change(process, feed):
    one = process()
    await one.numbers(feed)
    await one.save(scored(feed))
    find = one.counters._find

    async def find_and_be_late(users):
        one.counters._find = find
        found = await find(users)
        return found

    one.counters._find = find_and_be_late
    assert await one.numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_a_mark_stays_while_a_write_is_under_way(process, feed, grow_old):
    one, other = process(), process()
    await one.numbers(feed)
    await one.save(scored(feed))
    async with one.counters.changing([(USER, feed)]) as change:
        await one.counters.settle()  # what is known, and the rest later
        assert await other.numbers(feed) == (1, 1)
        listed = {"user": ObjectId(USER), "feed": ObjectId(feed), "read": False, "deleted": False}
        await one.results._results.insert_one(listed)
        change.add({"user": USER, "feed": feed, "read": False, "deleted": False}, 1)
    # Killed here: the write was answered, and nobody has settled it.
    await grow_old()
    assert await other.numbers(feed) == (2, 2)


@pytest.mark.gen_test
async def test_lists_are_told_of_after_their_numbers_are_stored_even_if_nothing_is_new(
    process, feed, document
):
    one = process()
    result = scored(feed)
    await one.numbers(feed)
    await one.save(result)
    assert one.told == []
    stored = []
    one.counters._events.listen(lambda event: stored.append(event.feed), "unread")
    assert (await document())["unread"] == {feed: 1}
    assert one.told == [("unread", feed)]
    await one.save(result)
    assert one.told == [("unread", feed)] * 2


@pytest.mark.gen_test
async def test_what_a_killed_process_left_is_found_and_told_by_who_has_read_the_account(
    process, feed, grow_old, monkeypatch
):
    monkeypatch.setattr(result_counts, "_LOOK_S", 0.01)
    dead, other = process(), process()
    await other.numbers(feed)
    await dead.save(scored(feed))
    assert await other.numbers(feed) == (0, 0), "it may be alive, and settle"
    await grow_old()
    other.counts._look_at[USER] -= DEAD_AFTER.total_seconds()
    looking = asyncio.create_task(other.counts.run())
    while ("unread", feed) not in other.told:
        await asyncio.sleep(0.01)
        assert not looking.done(), looking
    looking.cancel()
    assert await other.numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_an_old_count_is_made_anew_as_nobody_else_mends_what_no_mark_says(
    process, feed, grow_old, monkeypatch, stores
):
    monkeypatch.setattr(result_counts, "_LOOK_S", 0.01)
    one = process()
    await one.numbers(feed)
    # A server of a release without counters.
    row = {"user": ObjectId(USER), "feed": ObjectId(feed), "read": False, "deleted": False}
    await stores._database.results.insert_one(row)
    await grow_old(timedelta(minutes=59))
    assert await one.numbers(feed) == (0, 0)
    assert one.counts._look_at == {}
    await grow_old(timedelta(minutes=2))
    await one.numbers(feed)
    looking = asyncio.create_task(one.counts.run())
    while ("unread", feed) not in one.told:
        await asyncio.sleep(0.01)
        assert not looking.done(), looking
    looking.cancel()
    assert await one.numbers(feed) == (1, 1)


@pytest.mark.gen_test
@pytest.mark.parametrize("clicked", [0, 1])
async def test_what_is_dropped_leaves_the_numbers_though_some_were_clicked_meanwhile(
    process, stores, feed, grow_old, clicked
):
    one, other = process(), process()
    second = await submit(stores)
    resume = str(ObjectId())
    mine, theirs = scored(feed, resume=resume), scored(second, resume=resume)
    await one.numbers(feed)
    await one.save(mine, theirs, scored(feed))
    gate = Gate(one.results._candidate_records, "trace")
    dropping = asyncio.create_task(one.results.drop_unmatched(resume, 1, lambda _: True, ()))
    await gate.reached.wait()
    await other.results.mark_read(USER, (feed, second)[clicked], resume)
    gate.open()
    await dropping
    numbers = [[(1, 2), (0, 0)], [(1, 1), (0, 1)]][clicked]
    assert [await one.numbers(each) for each in (feed, second)] == numbers
    await grow_old()
    assert [await other.numbers(each) for each in (feed, second)] == numbers


@pytest.mark.gen_test
async def test_an_older_form_s_results_leave_the_numbers_without_a_count(process, feed, counted):
    one = process()
    await one.numbers(feed)
    await one.save(*(scored(feed) for _ in range(3)), scored(feed, feed_rev=2))
    assert [part async for part in one.results.drop_outdated(USER, feed, 2)] == [3]
    assert await process().numbers(feed) == (1, 1)
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_an_erasure_takes_unread_read_and_deleted_results_from_the_numbers(process, stores, counted):
    one, other = process(), process()
    feeds = [await submit(stores) for _ in range(3)]
    resume = str(ObjectId())
    await stores._database.resumes.insert_one(
        {"_id": ObjectId(resume), "source": "test", "rev": 1, "arrived_at": datetime.now(UTC)}
    )
    await one.numbers(feeds[0])
    await one.save(*(scored(feed, resume=resume) for feed in feeds), *(scored(feed) for feed in feeds))
    await one.results.mark_read(USER, feeds[1], resume)
    await one.results.set_deleted(USER, feeds[2], resume, deleted=True)
    assert await one.erasures.erase(resume) == {(USER, feed) for feed in feeds}
    assert [await other.numbers(feed) for feed in feeds] == [(1, 1)] * 3
    assert len(counted) == 1


@pytest.mark.gen_test
async def test_a_result_that_is_clicked_while_its_person_is_erased_is_erased_in_its_new_state(
    process, stores, feed, grow_old
):
    one, other = process(), process()
    resume = str(ObjectId())
    await stores._database.resumes.insert_one(
        {"_id": ObjectId(resume), "source": "test", "rev": 1, "arrived_at": datetime.now(UTC)}
    )
    await one.numbers(feed)
    await one.save(scored(feed, resume=resume), scored(feed))
    gate = Gate(one.counters, "_begin")
    erasing = asyncio.create_task(one.erasures.erase(resume))
    await gate.reached.wait()
    await other.results.mark_read(USER, feed, resume)
    gate.open()
    await erasing
    assert await stores._database.results.count_documents({"resume": ObjectId(resume)}) == 0
    assert await one.numbers(feed) == (1, 1)
    await grow_old()
    assert await other.numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_a_stop_settles_what_was_written_last(process, stores, feed, document):
    await stores.result_counters.read([USER])
    await stores.results.save([scored(feed)])
    assert (await document())["marks"]
    await stores.result_counters.settle()  # as `close` does
    assert (await document())["marks"] == {}
    assert await process().numbers(feed) == (1, 1)


@pytest.mark.gen_test
async def test_while_results_are_written_settling_rests_and_who_has_written_all_ends_the_rest(
    process, feed, monkeypatch
):
    monkeypatch.setattr(result_counters, "_REST", 1e9)
    monkeypatch.setattr(result_counters, "_LATEST_S", 60.0)
    one = process()
    await one.numbers(feed)
    running = asyncio.create_task(one.counters.run())

    async def are_told(times):
        async def told():
            return len(one.told) == times

        await eventually(told, what=f"settling {times} times")

    await one.save(scored(feed))
    await are_told(1)
    await one.save(scored(feed))
    await asyncio.sleep(0.2)
    assert len(one.told) == 1
    one.counters.hurry()
    await are_told(2)
    running.cancel()
    await asyncio.wait({running})


@pytest.mark.gen_test
async def test_check_compares_settled_numbers_alone(process, stores, feed):
    async def broken():
        return [line async for line in stores.invariants.broken() if "counts" in line]

    one = process()
    await one.numbers(feed)
    # Of a resume and a feed that are there in no other collection: the other lines are of no matter here.
    await one.save(scored(feed))
    assert await broken() == []
    assert await broken() == []
    await stores._database.counters.update_one({}, {"$inc": {f"unread.{feed}": 1}})
    (line,) = await broken()
    assert line == (
        f"feed {feed} counts 2 unread (0 of them possible) and 0 read (0), "
        "its list has 1 unread (0 of them possible) and 0 read (0)"
    )
    await stores._database.counters.update_one(
        {}, {"$inc": {f"unread.{feed}": -1, f"possible_read.{feed}": 1}}
    )
    (line,) = await broken()
    assert "and 0 read (1), its list" in line
    await stores._database.counters.update_one({}, {"$set": {f"marks.{DOUBT}": datetime.now(UTC)}})
    assert await broken() == []
