"""The worker: two batches under way at once, and what may end a process by itself."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.indexes.profiles import stored_profile
from engine.percolation import percolator, work_source
from engine.percolation.worker import FEW
from runtime.slices import SLICE_S
from store.errors import WriteFailed
from store.shards.shares import Share
from tests.integration.engines import Engine, pending
from tests.integration.gates import Gate
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
        await eventually(lambda: settled(engine.worker._source), what="the first sweep")
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def settled(source):
    return not source._is_new


async def send(engine, count):
    ids = await engine.arrive(*(python_resume() for _ in range(count)))
    await engine.stores.queue.add(ids)
    return ids


@pytest.mark.gen_test
@pytest.mark.usefixtures("by_stream_alone")
async def test_a_batch_is_scored_while_another_waits_for_the_store(engine, stores):
    feed = await engine.submit()
    await engine.score_feeds()
    gate = Gate(stores.results, "save")
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


@pytest.mark.gen_test
@pytest.mark.usefixtures("by_stream_alone")
async def test_one_that_changed_while_it_was_scored_is_scored_once_more_before_any_sweep(
    engine, stores, monkeypatch
):
    feed = await engine.submit()
    await engine.score_feeds()
    gate, again = Gate(stores.results, "save"), []
    async with at_work(engine):
        sent = python_resume()
        (id_,) = await engine.arrive(sent)
        await stores.queue.add([id_])
        await gate.reached.wait()
        await engine.arrive({**sent, "self_evaluation": "Python"})
        await stores.queue.add([id_])

        async def the_new_one_is_through():
            return not await pending(stores)

        await eventually(the_new_one_is_through, what="the new text")
        repeat = stores.resumes.repeat

        async def repeated(ids, share):
            again.extend(ids)
            await repeat(ids, share)

        monkeypatch.setattr(stores.resumes, "repeat", repeated)
        gate.open()

        async def all_is_done():
            return again == [id_] and not await pending(stores)

        await eventually(all_is_done, what="scoring once more")
    assert (await stores._database.results.find_one({"feed": ObjectId(feed.id)}))["resume_rev"] > 1


@pytest.mark.gen_test
@pytest.mark.usefixtures("by_stream_alone")
async def test_what_may_have_ended_a_process_is_scored_while_nothing_else_is(engine, stores):
    await engine.submit()
    await engine.score_feeds()
    gate = Gate(stores.results, "save")
    scored, score = [], engine.percolator.score

    async def note(resumes, made):
        scored.append([one.id for one in resumes])
        await score(resumes, made)

    engine.percolator.score = note
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
        assert scored == [[innocent]]
        gate.open()

        async def both_are_scored():
            return not await pending(stores)

        await eventually(both_are_scored, what="both")
        assert scored == [[innocent], [suspect]]


@pytest.mark.gen_test
async def test_a_batch_that_the_store_did_not_take_is_scored_later(sweeping, engine, stores, monkeypatch):
    feed = await engine.submit()
    await engine.score_feeds()
    save, failures = stores.results.save, [WriteFailed("codes [1]")]

    async def fail_once(*args):
        if failures:
            raise failures.pop()
        return await save(*args)

    monkeypatch.setattr(stores.results, "save", fail_once)
    async with at_work(engine):
        ids = await send(engine, 2)

        async def are_listed():
            return (await engine.listed(feed)).keys() == set(ids)

        await eventually(are_listed, what="the batch")


@pytest.mark.parametrize("is_suspect", [False, True])
@pytest.mark.gen_test
async def test_counts_are_settled_at_once_when_nothing_more_is_to_be_scored(engine, stores, is_suspect):
    hurried = stores.result_counters._is_hurried
    await engine.submit()
    await engine.score_feeds()
    gate = Gate(stores.results, "save")
    async with at_work(engine):
        hurried.clear()
        ids = await engine.arrive(python_resume())
        if is_suspect:
            await stores.quarantine.claim(ids, "a process that is gone", fewer_than=1)
        await stores.queue.add(ids)
        await gate.reached.wait()
        assert not hurried.is_set()
        gate.open()
        async with asyncio.timeout(40):
            await hurried.wait()


@pytest.mark.parametrize("count", [FEW, FEW + 1])
@pytest.mark.gen_test
async def test_counts_are_settled_at_once_after_few_also_while_others_are_scored(engine, stores, count):
    hurried = stores.result_counters._is_hurried
    feed = await engine.submit()
    await engine.score_feeds()
    await engine.load()
    # As one of two batches that are under way.
    ids = await engine.arrive(*(python_resume() for _ in range(count)))
    hurried.clear()
    await engine.worker._score_beside(await engine.worker._pending.load(ids), [])
    assert (await engine.listed(feed)).keys() == set(ids)
    assert hurried.is_set() == (count == FEW)


@pytest.mark.gen_test
async def test_what_is_left_to_others_is_looked_at_again_however_long_it_waits(
    stores, analyzer, registries, monkeypatch
):
    """A share looks back a minute, and at everything only now and then."""
    monkeypatch.setattr(work_source, "_SWEEP_EVERY_S", 0.1)
    monkeypatch.setattr(work_source, "_LOOK_AGAIN_S", 0.1)
    engine = Engine(stores, analyzer, share=Share(1, 2))
    registries()
    other = registries("other")
    other.announce("score", Share(1, 2))
    async with at_work(engine):
        ids = [id_ for id_ in await engine.arrive(*(python_resume() for _ in range(9))) if own(id_)]
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


def own(resume_id):
    return Share(1, 2).covers(resume_id)


@pytest.mark.parametrize("is_delivered", [False, True])
@pytest.mark.gen_test
async def test_what_another_share_may_have_ended_over_is_claimed(
    stores, analyzer, registries, is_delivered, monkeypatch
):
    """So the share after this one does not take it over in turn, where this one ends over it, too."""
    monkeypatch.setattr(work_source, "_SWEEP_AFTER", timedelta(0))
    monkeypatch.setattr(work_source, "_SWEEP_EVERY_S", 0.1 if not is_delivered else 3600)
    engine = Engine(stores, analyzer, share=Share(1, 2))
    await engine.submit()
    registries()  # of the other share nobody is there
    gate = Gate(stores.contacts, "put")
    async with at_work(engine):
        orphans = []
        while not orphans:
            orphans = [id_ for id_ in await engine.arrive(python_resume()) if not own(id_)]
        if is_delivered:
            await stores.queue.add(orphans)
        await gate.reached.wait()
        (resume,) = await stores.resumes.load(orphans)
        claims = [name for some in resume.claimed_by for name in some]
        assert claims == ([] if is_delivered else [stores.name])
        gate.open()

        async def is_scored():
            (resume,) = await stores.resumes.load_briefly(orphans)
            return resume.todo == Share(2, 2).mask and not any(resume.claimed_by)

        await eventually(is_scored, what="the resume")


@pytest.mark.gen_test
async def test_what_a_late_owner_was_left_is_prepared_soon_after_it_ends(
    stores, analyzer, registries, monkeypatch
):
    monkeypatch.setattr(work_source, "_SWEEP_EVERY_S", 0.1)
    monkeypatch.setattr(work_source, "_LOOK_AGAIN_S", 0.1)
    engine = Engine(stores, analyzer, share=Share(1, 2))
    registries()
    owner = registries("owner")
    owner.announce("score", Share(2, 2))
    async with at_work(engine):
        ids = []
        while len(ids) < 2:
            ids += [id_ for id_ in await engine.arrive(python_resume()) if not own(id_)]
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        await stores._database.resumes.update_many({}, {"$set": {"queued_at": long_ago}})
        (whole,) = await stores.resumes.load(ids[:1])
        await stores.profiles.save([stored_profile(whole, analyzer.resume(whole.body), analyzer.version)])
        await stores.queue._add({Share(1, 2): ids}, expires=True)

        async def left():
            states = await stores.resumes.states(ids)
            return [id_ for id_ in ids if states[id_].todo & Share(1, 2).mask]

        async def the_first_is_scored():
            return await left() == ids[1:]

        await eventually(the_first_is_scored, what="what the owner has prepared")
        await owner.leave()

        async def both_are_scored():
            return not await left()

        await eventually(both_are_scored, what="what it was late with")


async def kept_by_many(engine, feeds):
    """A resume that feeds of one account have listed and somebody has read in all, and its changed text."""
    await engine.load()
    user = str(ObjectId())
    for _ in range(feeds):
        await engine.submit(user=user)
    await engine.score_feeds()
    body = python_resume()
    await engine.bring(body)
    seen = await engine.stores._database.results.update_many({}, {"$set": {"read": True}})
    assert seen.modified_count == feeds
    return nurse_resume(source_id=body["source_id"])


@pytest.mark.gen_test
async def test_a_changed_resume_that_many_have_read_lets_others_run_while_it_is_scored(engine, monkeypatch):
    changed = await kept_by_many(engine, 20)
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
    await engine.bring(changed)
    counting.cancel()
    assert len(seen) == len({*seen}) == 20
    rows = await engine.stores._database.results.find({}, {"resume_rev": 1}).to_list(None)
    assert [row["resume_rev"] for row in rows] == [2] * 20


@pytest.mark.gen_test
async def test_one_that_cannot_be_scored_where_it_was_read_stops_no_other(engine, stores, monkeypatch):
    changed = await kept_by_many(engine, 1)
    monkeypatch.setattr(percolator, "kept_row", None)
    ids = await engine.arrive(changed, python_resume())
    await engine.percolator.score(await stores.resumes.load(ids))
    states = await stores.resumes.states(ids)
    assert [states[id_].pending for id_ in ids] == [True, False]
