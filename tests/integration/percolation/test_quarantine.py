"""A resume that cannot be scored is tried some times and set aside; its neighbours do not wait for it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine.indexes.profiles import stored_profile
from engine.percolation import work_source
from engine.percolation.quarantine import MAX_CRASHED_ATTEMPTS, MAX_FAILURES, PoisonGuard
from store.ids import resume_id
from store.redis import registry as registry_module
from store.redis.registry import Registry
from tests.integration.gates import Gate
from tests.integration.processes import check_stores, manage, urls
from tests.support import PYTHON_FEED, eventually, python_resume

POISON = "毒药"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """Who said once that it lives does so for as long as a test takes."""
    monkeypatch.setattr(registry_module, "_FORGET_S", 3600.0)


@pytest.fixture
def not_swept(monkeypatch):
    """The server does not take what a test has wait for a guard of its own."""
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(hours=1))


@pytest.fixture
def failing(analyzer, monkeypatch, sweeping):
    """Resumes whose evaluation is `POISON` raise this many more times, and count how often they did."""
    state = {"left": 10**6, "seen": 0}
    read = analyzer.resume

    def reading(body, *arrived):
        if body.get("self_evaluation") == POISON and state["left"]:
            state["left"] -= 1
            state["seen"] += 1
            raise ValueError(f"cannot read {body}")
        return read(body, *arrived)

    monkeypatch.setattr(analyzer, "resume", reading)
    return state


async def lost(resume_ids):
    """A stream that loses what it is given: the sweep finds it, some time later."""
    return True


def command(settings, *words):
    return asyncio.to_thread(manage, settings.data_dir, *words, **urls(settings))


async def listed(hr, feed_id, count):
    async def check():
        return await hr.unread(feed_id) == count

    await eventually(check, what="the neighbours")


async def said(stores, name):
    """The place in the registry of a process that lives."""
    registry = Registry(stores._redis, stores._database.name, name)
    await registry.announce("engine")
    await registry.say()
    return registry


async def tried(guard, resumes, *, begun=False):
    """What a process tries of some resumes, as it has read them, batch by batch."""
    return [[one.id for one in batch] async for batch in guard.batches(resumes, begun=begun)]


async def set_aside(server, count=1):
    await eventually(lambda: has(server, count), within_s=40, what="the quarantine")


async def has(server, count):
    return await server.stores.quarantine.count() == count


@pytest.mark.long
async def test_it_is_tried_some_times_and_then_shown_with_its_reason(server, settings, hr, failing):
    feed_id = await hr.submit(**PYTHON_FEED)
    bad = python_resume(self_evaluation=POISON)
    gate = Gate(server.stores.quarantine, "add")  # else it may be there before anybody has looked
    bad_id = (await hr.ingest(python_resume(), bad, python_resume()))["ids"][1]
    await listed(hr, feed_id, 2)
    assert not await has(server, 1)
    gate.open()
    await set_aside(server)
    assert failing["seen"] == MAX_FAILURES
    assert (await hr.get("/readyz"))["unscored"] == 0
    shown = (await command(settings, "quarantine")).stdout.decode()
    assert f"{bad_id}  20" in shown
    assert f"tries {MAX_FAILURES}  ValueError at test_quarantine.py:" in shown
    assert "in quarantine: 1" in shown
    assert POISON not in shown
    assert "王小明" not in shown
    assert "resumes quarantined  1" in (await command(settings, "stats")).stdout.decode()
    await asyncio.to_thread(check_stores, settings.data_dir, **urls(settings))


@pytest.mark.long
async def test_one_that_is_released_is_scored(server, settings, hr, failing):
    feed_id = await hr.submit(**PYTHON_FEED)
    bad_id = (await hr.ingest(python_resume(self_evaluation=POISON)))["ids"][0]
    await set_aside(server)
    failing["left"] = 0
    assert b"not in quarantine" in (await command(settings, "quarantine", "--retry", "0" * 24)).stderr
    assert b"takes 24 hex digits" in (await command(settings, "quarantine", "--retry", "x")).stderr
    released = await command(settings, "quarantine", "--retry", bad_id.upper())
    assert released.stdout == b"resumes to score again: 1\n"
    await hr.all_scored()
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [bad_id]
    assert await has(server, 0)
    assert (await command(settings, "quarantine")).stdout.startswith(b"in quarantine: 0\n")


@pytest.mark.long
async def test_a_failure_that_passes_leaves_no_trace(server, hr, failing):
    feed_id = await hr.submit(**PYTHON_FEED)
    failing["left"] = MAX_FAILURES - 1
    await hr.scored(python_resume(self_evaluation=POISON))
    assert len(await hr.results(feed_id)) == 1
    (stored,) = await server.stores._database.resumes.find().to_list(None)
    assert stored.keys().isdisjoint({"failures", "begun_by", "set_aside", "quarantine", "pending"})


async def test_what_several_processes_ended_over_is_set_aside_unseen_and_keeps_its_contact(
    sweeping, server, settings, hr
):
    """As four processes would have left it that ended while they scored a resume."""
    feed_id = await hr.submit(**PYTHON_FEED)
    bad, innocent = python_resume(), python_resume()
    ids = [resume_id(one["source"], one["source_id"]) for one in (bad, innocent)]
    server.stores.queue.add = lost
    sweep = Gate(server.stores.resumes, "load", every=True)  # none of ours tries them before all have ended
    await hr.ingest(bad, innocent)
    for number in range(MAX_CRASHED_ATTEMPTS):
        await server.stores.quarantine.claim(ids if number else ids[:1], f"gone-{number}", fewer_than=9)
    sweep.open()
    await hr.all_scored()
    (row,) = await server.stores.quarantine.list(10)
    assert (row.resume, row.crashed_attempts) == (ids[0], MAX_CRASHED_ATTEMPTS)
    assert f"{MAX_CRASHED_ATTEMPTS} processes ended" in row.reason
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == ids[1:]
    await asyncio.to_thread(check_stores, settings.data_dir, **urls(settings))


@pytest.mark.usefixtures("not_swept")
async def test_those_that_may_have_ended_somebody_are_tried_alone_and_last(server, hr):
    await hr.scored(*(python_resume() for _ in range(4)))
    stores = server.stores
    ids = sorted(str(one["_id"]) for one in await stores._database.resumes.find({}, {"_id": 1}).to_list(None))
    await stores._database.resumes.update_many(
        {}, {"$set": {"pending": True, "queued_at": datetime.now(UTC)}}
    )
    guard = PoisonGuard(stores.quarantine, stores.persons, stores.registry, "me")
    await stores.quarantine.claim(ids[:2], "one", fewer_than=9)
    await stores.quarantine.claim(ids[:1], "another", fewer_than=9)
    batches = await tried(guard, await stores.resumes.load(ids))
    assert batches == [ids[2:], ids[1:2], ids[:1]]


@pytest.mark.usefixtures("not_swept")
async def test_a_stop_in_the_middle_leaves_no_claims(server, hr):
    await hr.scored(*(python_resume() for _ in range(2)))
    stores = server.stores
    await stores._database.resumes.update_many(
        {}, {"$set": {"pending": True, "queued_at": datetime.now(UTC)}}
    )
    ids = [str(one["_id"]) for one in await stores._database.resumes.find({}, {"_id": 1}).to_list(None)]
    batches = PoisonGuard(stores.quarantine, stores.persons, stores.registry, "me").batches(
        await stores.resumes.load(ids), begun=True
    )
    await anext(batches)
    assert [one.claimed_by for one in await stores.resumes.load(ids)] == [["me"], ["me"]]
    await batches.aclose()
    assert [one.claimed_by for one in await stores.resumes.load(ids)] == [[], []]


@pytest.mark.long
async def test_a_backfill_leaves_it_alone(server, hr, failing):
    """It may be one that ends whoever reads it."""
    bad_id = (await hr.ingest(python_resume(self_evaluation=POISON), python_resume()))["ids"][0]
    await set_aside(server)
    # As after an upgrade of the rules: there is a profile, of other ones.
    failing["left"] = 0
    (whole,) = await server.stores.resumes.load([bad_id])
    profile = stored_profile(whole, server._analyzer.resume(whole.body), "other rules")
    await server.stores.profiles.save([profile])
    failing.update(left=10**6, seen=0)
    feed_id = await hr.submit(**PYTHON_FEED)
    assert len(await hr.results(feed_id)) == 1
    assert failing["seen"] == 0


async def test_what_processes_that_live_have_claimed_is_set_aside_only_once_they_are_gone(engine):
    """As where five start together, and the last reads what the others have just claimed."""
    stores = engine.stores
    ids = await engine.arrive(*(python_resume() for _ in range(3)))
    others = [await said(stores, f"other-{number}") for number in range(MAX_CRASHED_ATTEMPTS)]
    for number in range(MAX_CRASHED_ATTEMPTS):
        await stores.quarantine.claim(ids, f"other-{number}", fewer_than=9)
    mine = await said(stores, "me")
    guard = PoisonGuard(stores.quarantine, stores.persons, mine, "me")
    resumes = await stores.resumes.load(ids)
    assert await tried(guard, resumes, begun=True) == []
    assert await stores.quarantine.count() == 0
    # One of them has scored some, and ends over another.
    await stores.resumes.mark_scored(resumes[:2], datetime.now(UTC))
    for other in others[1:]:
        await other.leave()
    assert await tried(guard, resumes[2:]) == []
    assert await stores.quarantine.count() == 0
    # While Redis is away, or was wiped, nobody knows who lives.
    await mine.leave()
    await others[0].leave()
    assert await tried(guard, resumes[2:]) == []
    assert await stores.quarantine.count() == 0
    guard = PoisonGuard(stores.quarantine, stores.persons, await said(stores, "me"), "me")
    assert await tried(guard, resumes[2:]) == []
    assert [one.resume for one in await stores.quarantine.list(9)] == ids[2:]
