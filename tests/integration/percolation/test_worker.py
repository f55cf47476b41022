"""The worker: two batches under way at once, and what may end a process by itself."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.percolation import percolator, work_source
from runtime.slices import SLICE_S
from tests.integration.engines import Engine, pending
from tests.integration.gates import Gate, calls_of
from tests.support import eventually, nurse_resume, python_resume


@pytest.fixture
def by_stream_alone(monkeypatch):
    """A resume that is held for long comes once more neither by a sweep nor as if its process was gone."""
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(hours=1))
    monkeypatch.setattr(work_source, "_TAKE_OVER_IDLE_S", 3600.0)


@contextlib.asynccontextmanager
async def at_work(engine):
    """The worker, once it has looked for what others left."""
    await engine.load()
    running = asyncio.create_task(engine.worker.run())
    try:
        await eventually(lambda: not engine.worker._source._is_new, what="the first sweep")
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def send(engine, count):
    ids = await engine.arrive(*(python_resume() for _ in range(count)))
    await engine.stores.queue.add(ids)
    return ids


@pytest.mark.usefixtures("by_stream_alone")
async def test_a_batch_is_scored_while_another_waits_for_the_store(engine, stores):
    feed = await engine.submit()
    await engine.score_feeds()
    gate = Gate(engine.percolator, "_write")
    async with at_work(engine):
        first = await send(engine, 1)
        await gate.reached.wait()
        second = await send(engine, 3)

        async def second_is_listed():
            return set(second) <= (await engine.listed(feed)).keys()

        await eventually(second_is_listed, what="the second batch")
        assert set(first).isdisjoint(await engine.listed(feed))
        gate.open()

        async def all_are_listed():
            return (await engine.listed(feed)).keys() == {*first, *second}

        await eventually(all_are_listed, what="both batches")

        async def nothing_is_left():
            return not await pending(stores) and not await stores.queue.behind()

        await eventually(nothing_is_left, what="the end")


@pytest.mark.usefixtures("by_stream_alone")
async def test_one_that_changed_while_it_was_scored_is_scored_as_it_is_now_before_any_sweep(engine, stores):
    feed = await engine.submit()
    await engine.score_feeds()
    gate = Gate(engine.percolator, "_write")
    async with at_work(engine):
        sent = python_resume()
        (id_,) = await engine.arrive(sent)
        await stores.queue.add([id_])
        await gate.reached.wait()
        await engine.arrive({**sent, "self_evaluation": "Python"})
        await stores.queue.add([id_])

        async def nothing_waits():
            return not await pending(stores)

        await eventually(nothing_waits, what="the new text")
        gate.open()

        async def nothing_is_left():
            return not await stores.queue.behind()

        await eventually(nothing_is_left, what="the end")
    result = await stores._database.results.find_one({"feed": ObjectId(feed.id)})
    assert result["resume_rev"] == (await stores._database.resumes.find_one({}))["rev"] == 2


@pytest.mark.usefixtures("by_stream_alone")
async def test_what_may_have_ended_a_process_is_scored_while_nothing_else_is(engine, stores):
    await engine.submit()
    await engine.score_feeds()
    gate = Gate(stores.results, "save")
    scored = calls_of(engine.percolator, "score")
    async with at_work(engine):
        (innocent,) = await send(engine, 1)
        await gate.reached.wait()
        (suspect,) = await engine.arrive(python_resume())
        await stores.quarantine.claim([suspect], "a process that is gone", fewer_than=1)
        await stores.queue.add([suspect])

        async def is_taken():
            return await stores.queue.behind() == 2 and len(await pending(stores)) == 2

        await eventually(is_taken, what="the suspect")
        await asyncio.sleep(0.2)  # it could have begun by now
        assert [[one.id for one in batch] for (batch,) in scored] == [[innocent]]
        gate.open()

        async def both_are_scored():
            return not await pending(stores)

        await eventually(both_are_scored, what="both")
        assert [[one.id for one in batch] for (batch,) in scored] == [[innocent], [suspect]]


async def test_what_others_have_claimed_is_looked_at_again_until_they_are_gone(
    stores, analyzer, registries, monkeypatch
):
    monkeypatch.setattr(work_source, "_SWEEP_EVERY_S", 0.1)
    engine = Engine(stores, analyzer)
    registries()
    other = registries("other")
    await other.announce("engine")
    async with at_work(engine):
        ids = await engine.arrive(*(python_resume() for _ in range(3)))
        for name in ("other", "gone-1", "gone-2", "gone-3"):
            await stores.quarantine.claim(ids, name, fewer_than=9)
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        await stores._database.resumes.update_many({}, {"$set": {"queued_at": long_ago}})
        await stores.queue.add(ids)

        async def is_taken():
            return not await stores.queue.behind()

        await eventually(is_taken, what="the stream")
        assert await stores.quarantine.count() == 0
        await other.leave()

        async def are_set_aside():
            return await stores.quarantine.count() == len(ids)

        await eventually(are_set_aside, what="another look")


async def test_a_changed_resume_that_many_have_read_lets_others_run_while_it_is_scored(engine, monkeypatch):
    await engine.load()
    user, body = str(ObjectId()), python_resume()
    for _ in range(20):
        await engine.submit(user=user)
    await engine.score_feeds()
    await engine.bring(body)
    seen = await engine.stores._database.results.update_many({}, {"$set": {"read": True}})
    assert seen.modified_count == 20
    turns, seen, score = 0, [], percolator.kept_row

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def slowly(*args, **how):
        seen.append(turns)
        until = time.perf_counter() + 2 * SLICE_S
        while time.perf_counter() < until:
            pass
        return score(*args, **how)

    monkeypatch.setattr(percolator, "kept_row", slowly)
    counting = asyncio.create_task(count())
    await engine.bring(nurse_resume(source_id=body["source_id"]))
    counting.cancel()
    assert len(seen) == len({*seen}) == 20
    rows = await engine.stores._database.results.find({}, {"resume_rev": 1}).to_list(None)
    assert [row["resume_rev"] for row in rows] == [2] * 20
