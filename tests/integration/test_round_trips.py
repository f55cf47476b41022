"""How often MongoDB is asked for a resume: figures that nobody raises without noticing (`docs/adr/0066`)."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo.errors import ExecutionTimeout
from pymongo.monitoring import CommandListener

from runtime.clock import day_of
from store import mongo, spans
from store.ids import result_id
from tests.integration.engines import Engine, pending
from tests.support import python_resume, scored_result
from tests.unit.persons.test_likeness import prose

_COUNTED = {"find", "insert", "update", "delete", "aggregate", "getMore", "commitTransaction"}


class Commands(CommandListener):
    """Counts the commands of one client, by name and collection."""

    def __init__(self):
        self.seen = Counter()
        self.queries = []

    def started(self, event):
        # The driver's own, such as logging in on a new connection, belong to no resume, nor does the note of
        # a session, which is made once.
        what = event.command.get(event.command_name)
        if event.command_name in _COUNTED and what != "transactors":
            self.seen[event.command_name, what] += 1
        if event.command_name in {"find", "aggregate"}:
            stages = event.command.get("pipeline") or [{"$match": event.command["filter"]}]
            self.queries.append((event.command[event.command_name], [*stages[0]["$match"]]))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
def commands():
    return Commands()


@pytest.fixture
def counted(commands, analyzer, monkeypatch, request):
    """What one process scores with, each of whose commands is counted."""
    monkeypatch.setattr(mongo, "listeners", lambda: [commands])
    return Engine(request.getfixturevalue("stores"), analyzer)


async def asked_for(engine, commands, count):
    """The commands for so many new resumes, all of which match a feed."""
    await engine.load()
    await engine.submit()
    await engine.score_feeds()
    await engine.bring(python_resume())
    ids = await engine.arrive(*(python_resume(self_evaluation=prose(n)) for n in range(count)))
    engine.percolator._feedback._polled_at = float("inf")  # it polls by the clock
    commands.seen.clear()
    await engine.worker._begin(ids, begun=False)
    await engine.worker.lanes.empty()
    assert not await pending(engine.stores)
    del commands.seen["find", "resumes"]  # of this look
    return commands.seen + Counter({("find", "resumes"): 1})


WRITES = {
    ("insert", "profiles"): 1,
    ("insert", "results"): 1,
    ("update", "resumes"): 1,
    ("update", "counters"): 1,
    ("commitTransaction", 1): 1,
}
READS = {("find", "resumes"): 1, ("find", "persons"): 2, ("aggregate", "feeds"): 1}


async def test_a_resume_is_scored_by_eleven_commands(counted, commands):
    seen = await asked_for(counted, commands, 1)
    assert seen == WRITES | READS | {("find", "contacts"): 2}


async def test_a_batch_is_scored_by_as_many_but_for_the_keys_that_one_query_cannot_name(counted, commands):
    seen = await asked_for(counted, commands, 32)
    others = {what: times for what, times in seen.items() if what != ("find", "contacts")}
    assert others == WRITES | READS
    assert seen["find", "contacts"] <= 5


async def test_what_an_edited_feed_matches_no_more_is_looked_for_in_its_own_list(
    counted, commands, monkeypatch
):
    monkeypatch.setattr(spans, "LONGEST_MS", 0)  # a store that stands still would be asked in parts
    # For a query that names more than an index begins with the embedded store reads all lists of the account:
    # with 40,000 results that took longer than a command may, and no backfill of anybody ended meanwhile.
    results = counted.stores.results
    user, feed = str(ObjectId()), str(ObjectId())
    await results.save([scored_result(company=user, feed=feed) for _ in range(3)])
    commands.queries.clear()
    assert [count async for count in results.drop_outdated(user, feed, 2)] == [3]
    looks = [sorted(names) for collection, names in commands.queries if collection == "results"]
    assert looks.count(["company", "day", "deleted", "feed"]) == 2
    assert all("_id" in names for names in looks if names != ["company", "day", "deleted", "feed"])


async def test_a_long_list_is_looked_through_in_parts_that_its_index_begins_with(
    counted, commands, monkeypatch
):
    # With 20,000 results a look at all of them took longer than a command may, and no backfill of anybody
    # ended meanwhile.
    results, now = counted.stores.results, datetime.now(UTC)
    user, feed = str(ObjectId()), str(ObjectId.from_datetime(now - timedelta(days=100)))
    listed = [scored_result(company=user, feed=feed, score=float(number)) for number in range(100)]
    await results.save([*listed, scored_result(company=user, feed=feed, feed_rev=2)])
    for number, one in enumerate(listed[:30]):
        which = {
            "_id": ObjectId(result_id(feed, one.resume)),
            "company": ObjectId(user),
            "feed": ObjectId(feed),
        }
        day = day_of(now - timedelta(days=4 * number))
        await counted.stores._database.results.update_one(which, {"$set": {"day": day}})
    for one in listed[20:40]:
        await results.mark_read(user, feed, one.resume)
    await results.set_deleted(user, feed, listed[40].resume, deleted=True)

    read, found = spans.read, []

    async def impatient(collection, which, beside, fields, longest_ms):
        if longest_ms and await collection.count_documents(which) > 5:
            raise ExecutionTimeout("too long")
        found.append(await read(collection, which, beside, fields, longest_ms))
        return found[-1]

    monkeypatch.setattr(spans, "read", impatient)
    commands.queries.clear()
    assert sum([count async for count in results.drop_outdated(user, feed, 2)]) == 79
    kept = [one.resume async for part in results.kept_of_feed(user, feed, 2) for one in part]
    assert sorted(kept) == sorted(one.resume for one in listed[20:41])
    assert max(map(len, found)) <= 5
    looks = {tuple(names) for collection, names in commands.queries if collection == "results"}
    assert {names for names in looks if "_id" not in names} == {
        ("company", "feed", "deleted", "day"),
        ("company", "feed", "deleted", "day", "score"),
    }
