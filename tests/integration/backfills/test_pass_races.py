"""Passes and percolation come to the same lists, whatever happens between their steps: each race is made.

`engine` scores the feeds; `other` is another process. What agrees with what, and why, is told in
`docs/adr/0004`.
"""

import asyncio
import contextlib
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from engine.backfills import backfill, list_writer, match_writer, passes, unscored
from store.feeds.feed_documents import FeedForm
from tests.integration.engines import NURSE, PYTHON, Engine, lease_ends
from tests.integration.gates import Gate
from tests.support import nurse_resume, python_resume

PATIENT = timedelta(seconds=30)


def turned(body):
    """The same person as a nurse, whom no Python feed matches."""
    return nurse_resume(source_id=body["source_id"])


def nth_call(number):
    """True of that call of a method."""
    calls = itertools.count(1)
    return lambda *_: next(calls) == number


POINTS = {
    "before anything is read": lambda engine: (engine.stores.profiles, "forced_into"),
    "between search and read": lambda engine: (engine.stores.profiles, "load"),
    "before the first write": lambda engine: (engine.stores.results, "save"),
    "after the last": lambda engine: (engine.stored, "refresh", nth_call(2)),
    "before the end": lambda engine: (engine.stores.backfills, "finish"),
}
"""Of a pass: what `Gate` takes."""
MORE = pytest.mark.faults
"""Races that differ from one of the sample in one thing alone, which another of the sample has."""


@contextlib.asynccontextmanager
async def held_step(engine, *where):
    """A step of the backfill, held where a gate is until the block is left."""
    gate = Gate(*where)
    engine.backfill._next_pass = 0.0  # on a busy machine passes rest
    step = asyncio.create_task(engine.backfill._step())
    await gate.reached.wait()
    yield
    gate.open()
    await step


async def test_after_each_write_new_resumes_are_scored_first(engine):
    await engine.load()
    (id_,) = await engine.bring(python_resume())
    feed = await engine.submit()
    async with held_step(engine, engine.worker.lanes, "let_pass"):
        assert [*await engine.listed(feed)] == [id_]
        assert await engine.calced([feed]) == [False]
    assert await engine.calced([feed]) == [True]


async def waits_for_a_resume(engine, *others):
    """A feed whose pass waits for a resume, and the resume; the other processes have read all before."""
    for one in (engine, *others):
        await one.load()
    (id_,) = await engine.arrive(python_resume())
    feed = await engine.submit()
    await engine.until_passes_wait()
    return feed, id_


class TestUnscoredWhenItBegins:
    async def test_what_is_then_scored_by_a_process_that_does_not_know_the_feed_is_listed(
        self, engine, other
    ):
        feed, id_ = await waits_for_a_resume(engine, other)
        await other.percolate_unaware()
        assert await engine.listed(feed) == {}
        assert await engine.calced([feed]) == [False]
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [id_]

    async def test_what_is_then_scored_by_one_that_does_is_not_searched_again(self, stores, engine, other):
        feed, _ = await waits_for_a_resume(engine, other)
        engine.backfill._passes[0].began -= PATIENT  # as if it had waited for so long
        again = []
        engine.backfill._late.write = lambda *args: again.append(args)
        await other.percolate()
        await engine.score_feeds()
        assert again == []
        assert len(await engine.listed(feed)) == 1

    @pytest.mark.parametrize(("late", "searched"), [(1.9, True), (2.1, False)])
    async def test_clocks_may_differ_by_two_seconds(self, stores, engine, late, searched):
        feed, id_ = await waits_for_a_resume(engine)
        scored_at = engine.backfill._passes[0].began + timedelta(seconds=late)
        await stores.resumes.mark_scored(await stores.resumes.load([id_]), scored_at)
        await engine.score_feeds()
        assert bool(await engine.listed(feed)) is searched

    async def test_what_a_process_of_the_release_before_scored_is_searched(self, stores, engine, other):
        """It does not say when it read the feeds."""
        feed, id_ = await waits_for_a_resume(engine, other)
        await other.percolate_unaware()
        await stores._database.resumes.update_many({}, {"$unset": {"scored_at": ""}})
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [id_]

    async def test_what_changed_to_no_match_meanwhile_leaves_the_list(self, engine, other):
        """The list held it from an earlier form's time, or from a process that wrote late."""
        await engine.load()
        await other.load()
        body = python_resume()
        feed = await engine.submit()
        await engine.score_feeds()
        await engine.bring(body)
        assert len(await engine.listed(feed)) == 1
        await engine.arrive(turned(body))
        await engine.stores.backfills.request([feed.id])
        await engine.until_passes_wait()
        other.feeds.is_scored = lambda _: False  # it does not know the feed at all
        await other.percolate_unaware()
        await engine.score_feeds()
        assert await engine.listed(feed) == {}

    async def test_what_is_erased_meanwhile_holds_nothing_up(self, stores, engine):
        feed, id_ = await waits_for_a_resume(engine)
        await stores.erasures.erase(id_)
        await engine.score_feeds()
        assert await engine.listed(feed) == {}
        assert await engine.calced([feed]) == [True]

    async def test_what_is_quarantined_meanwhile_holds_nothing_up_and_is_listed_as_it_was(
        self, stores, engine
    ):
        await engine.load()
        body = python_resume()
        ids = await engine.bring(body)
        await engine.arrive({**body, "age": 40})
        feed = await engine.submit()
        await engine.until_passes_wait()
        (resume,) = await stores.resumes.load(ids)
        await stores.quarantine.add(resume, "it cannot be analysed")
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == ids
        assert await engine.calced([feed]) == [True]

    async def test_what_is_scored_between_the_look_for_it_and_the_index_is_listed(
        self, engine, other, monkeypatch
    ):
        """Whoever refreshed the index first would find it neither unscored nor in the index."""
        monkeypatch.setattr(unscored, "find", unscored.find)  # so that it is without a gate in the end
        await engine.load()
        await other.load()
        (id_,) = await engine.arrive(python_resume())
        feed = await engine.submit()
        async with held_step(engine, unscored, "find"):
            await other.percolate_unaware()
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [id_]


@pytest.mark.parametrize(
    ("matches", "knows"),
    [
        pytest.param(True, False, id="a match, does not know the feed"),
        pytest.param(False, True, id="no match, knows the feed"),
        pytest.param(True, True, id="a match, knows the feed", marks=MORE),
        pytest.param(False, False, id="no match, does not know the feed", marks=MORE),
    ],
)
class TestChanges:
    """A resume that matches comes anew, and another process scores it."""

    async def changes(self, engine, other, body, matches, knows):
        await other.arrive({**body, "age": 40} if matches else turned(body))
        if knows:
            for one in engine.backfill._passes:
                one.began -= (
                    PATIENT  # it is scored long after, so that alone would be no reason to look again
                )
            await other.percolate()
        else:
            other.feeds.is_scored = lambda _: False
            await other.percolate_unaware()

    async def is_right(self, engine, feed, id_, matches):
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == ([id_] if matches else [])
        revs = [one["resume_rev"] async for one in engine.stores._database.results.find({})]
        assert revs == ([2] if matches else [])

    @pytest.mark.long
    @pytest.mark.parametrize("point", ["between search and read", "before the first write", "after the last"])
    async def test_in_a_pass(self, engine, other, matches, knows, point):
        await engine.load()
        await other.load()
        body = python_resume()
        (id_,) = await engine.bring(body)
        feed = await engine.submit()
        async with held_step(engine, *POINTS[point](engine)):
            await self.changes(engine, other, body, matches, knows)
        await self.is_right(engine, feed, id_, matches)

    async def test_before_a_late_score_is_written(self, engine, other, matches, knows):
        await engine.load()
        await other.load()
        body = python_resume()
        (id_,) = await engine.arrive(body)
        feed = await engine.submit()
        await engine.until_passes_wait()
        await other.percolate_unaware()
        async with held_step(engine, engine.stores.results, "save"):
            await self.changes(engine, other, body, matches, knows)
        await self.is_right(engine, feed, id_, matches)

    async def test_in_this_process_between_two_feeds_that_find_it(
        self, engine, other, matches, knows, monkeypatch
    ):
        """The second feed finds the newer revision, which must not hide that the first found the older."""
        monkeypatch.setattr(list_writer, "_PAIRS", 1)  # each feed is written before the next is searched for
        await engine.load()
        await other.load()
        body = python_resume()
        (id_,) = await engine.bring(body)
        feed = await engine.submit()
        second = await engine.submit(PYTHON if matches else NURSE)
        async with held_step(engine, engine.stores.results, "save"):
            await self.changes(engine, other, body, matches, knows)
            await engine.stored.refresh()
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == ([id_] if matches else [])
        assert [*await engine.listed(second)] == [id_]


async def test_what_an_upgrade_lets_wait_between_search_and_read_is_waited_for(stores, engine, monkeypatch):
    """It is in the index as it was, by a profile made on the spot, and no newer one is saved yet."""
    monkeypatch.setattr(match_writer, "_KEPT", 0)
    await engine.load()
    ids = await engine.bring(python_resume())
    await stores._database.profiles.update_many({}, {"$set": {"version": "other rules"}})
    started = Engine(stores, engine.backfill._analyzer)
    await started.load()
    await started.submit()
    await started.score_feeds()
    feed = await started.submit()
    async with held_step(started, stores.profiles, "load"):
        await stores.resumes.requeue(ids)
    assert await started.calced([feed]) == [False]
    await started.percolate()
    await started.score_feeds()
    assert [*await started.listed(feed)] == ids


@pytest.mark.parametrize(
    "point",
    [
        *("before anything is read", "before the first write", "before the end"),
        pytest.param("between search and read", marks=MORE),
        pytest.param("after the last", marks=MORE),
    ],
)
class TestEdits:
    """A feed changes while its pass is under way, and its two forms match different people."""

    async def scene(self, engine):
        """Feeds that wait, and the resumes: a Python developer and a nurse."""
        await engine.load()
        ids = await engine.bring(python_resume(), nurse_resume())
        return await engine.submit(), await engine.submit(), ids

    async def test_an_edited_feed_ends_with_its_last_form(self, engine, point):
        feed, neighbour, (python, nurse) = await self.scene(engine)
        async with held_step(engine, *POINTS[point](engine)):
            await engine.stores.feeds.update(feed.company, feed.id, NURSE)
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [nurse]
        assert [*await engine.listed(neighbour)] == [python]
        assert (await engine.stores.feeds.get(feed.company, feed.id)).rev == 2

    async def test_also_where_another_process_has_scored_that_form_already(self, engine, other, point):
        feed, neighbour, (python, nurse) = await self.scene(engine)
        async with held_step(engine, *POINTS[point](engine)):
            await engine.stores.feeds.update(feed.company, feed.id, NURSE)
            await other.load()
            while (await other.calced([feed])) == [False]:
                await other.backfill._step()
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [nurse]
        assert [*await engine.listed(neighbour)] == [python]

    async def test_also_where_that_process_is_about_to_say_so(self, engine, other, point):
        feed, _, (_, nurse) = await self.scene(engine)
        async with held_step(engine, *POINTS[point](engine)):
            await engine.stores.feeds.update(feed.company, feed.id, NURSE)
            await other.load()
            ending = Gate(other.stores.backfills, "finish")
            ended = asyncio.create_task(other.score_feeds())
            await ending.reached.wait()  # it has taken out of the list what the new form does not match
        await engine.backfill._step()
        ending.open()
        await ended
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [nurse]

    async def test_a_deleted_feed_holds_nothing_up(self, engine, point):
        feed, neighbour, (python, _) = await self.scene(engine)
        async with held_step(engine, *POINTS[point](engine)):
            await engine.stores.feeds.delete(feed.company, feed.id)
        await engine.score_feeds()
        assert [*await engine.listed(neighbour)] == [python]
        assert engine.backfill._passes == []
        assert [line async for line in engine.stores.invariants.broken()] == []


async def test_a_feed_that_is_edited_while_its_pass_waits_is_given_up_and_scored_anew(engine, monkeypatch):
    monkeypatch.setattr(passes, "_REPORT_EVERY_S", 0.0)
    monkeypatch.setattr(passes, "_REPORT_A_FEED_S", 0.0)
    await engine.load()
    python, nurse = await engine.arrive(python_resume(), nurse_resume())
    feed, neighbour = await engine.submit(), await engine.submit()
    await engine.until_passes_wait()
    await engine.stores.feeds.update(feed.company, feed.id, NURSE)
    await engine.until_passes_wait(2)
    await engine.backfill._step()
    assert [{*one.feeds} for one in engine.backfill._passes] == [{neighbour.id}, {feed.id}]
    await engine.percolate_unaware()
    await engine.score_feeds()
    assert [*await engine.listed(feed)] == [nurse]
    assert [*await engine.listed(neighbour)] == [python]


async def test_a_pass_that_waits_keeps_its_leases_while_others_begin(stores, engine, other, monkeypatch):
    monkeypatch.setattr(passes, "_RENEW_EVERY_S", 0.0)
    monkeypatch.setattr(backfill, "_REST_OF_ACCOUNT", 0)  # else others may take what its account rests from
    await engine.load()
    await engine.arrive(python_resume())
    first = await engine.submit()
    await engine.until_passes_wait()
    await lease_ends(stores)
    await engine.submit(FeedForm(title="会计"))
    # The next one has begun, and looks at nothing late yet.
    async with held_step(engine, stores.resumes, "states"):
        claimed, _ = await other.stores.backfills.claim(10)
        assert first.id not in {job.key for job in claimed}


async def test_the_time_that_percolation_notes_is_that_before_it_read_the_feeds(stores, engine):
    await engine.load()
    ids = await engine.arrive(python_resume())
    gate = Gate(engine.feeds, "refresh")
    scoring = asyncio.create_task(engine.percolate())
    await gate.reached.wait()
    before = datetime.now(UTC)
    await asyncio.sleep(0.01)
    gate.open()
    await scoring
    assert (await stores.resumes.states(ids))[ids[0]].scored_at <= before
