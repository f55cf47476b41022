"""A pass scores many feeds together, and each gets the list that it would have got alone."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from config.demo import DEMO_FEEDS, demo_resumes
from engine.backfills import backfill, list_writer, passes
from engine.indexes.active_feeds import read_feed
from engine.indexes.profiles import stored_profile
from engine.indexes.rows import score_row
from engine.matching.resume_profile import ResumeProfile
from store.feeds.feed_documents import FeedForm
from store.redis.events import Event
from tests.integration.engines import NURSE, PYTHON, Engine, lease_ends
from tests.integration.gates import Gate, calls_of
from tests.support import eventually, nurse_resume, python_resume

FORMS = [
    FeedForm(title=form["title"], keywords=tuple(form["keywords"].split(",")), job_desc=form["job_desc"])
    for form in DEMO_FEEDS[:4]
]
CHOOSY = FeedForm(title="Python开发", keywords=("Django", "MySQL"))


def lesser_resume(**changes):
    """A Python developer who shows less of what `CHOOSY` asks for."""
    return python_resume(works=[], self_evaluation="", **changes)


async def wanted(stores, analyzer, feed, ids):
    """What the definition of a score lists."""
    active = read_feed(analyzer, feed)
    rows = [score_row(active, one, ResumeProfile.decode(one.data)) for one in await stores.profiles.load(ids)]
    return {row.resume: row.score for row in rows if row}


async def test_many_feeds_of_some_accounts_are_scored_in_one_pass_as_each_would_be_alone(
    stores, analyzer, engine
):
    await engine.load()
    ids = await engine.bring(*demo_resumes(60))
    owners = [str(ObjectId()) for _ in range(3)]
    feeds = [await engine.submit(form, user=owner) for owner in owners for form in FORMS]
    begun = calls_of(engine.backfill, "_begin")
    await engine.score_feeds()
    ((_, one),) = begun
    assert len(one) == len(feeds)
    assert [feed.company for feed in one[:3]] == owners  # each account in turn
    for feed in feeds:
        lists = await engine.listed(feed)
        assert lists == await wanted(stores, analyzer, feed, ids)
        assert len(lists) >= 3
    assert await engine.calced(feeds) == [True] * len(feeds)
    assert [line async for line in stores.invariants.broken()] == []


async def test_a_feed_that_is_submitted_during_a_pass_is_scored_before_the_pass_goes_on(engine, monkeypatch):
    monkeypatch.setattr(list_writer, "FIRST_PAGE", 2)
    # The next pass begins as soon as it may, however long this one took to read which resumes wait.
    monkeypatch.setattr(backfill, "_REST", 0)
    await engine.load()
    ids = await engine.bring(*(python_resume() for _ in range(6)))
    feeds, user = [await engine.submit() for _ in range(3)], str(ObjectId())
    gate = Gate(engine.stores.results, "save")
    passing = asyncio.create_task(engine.backfill._step())
    await gate.reached.wait()
    late = await engine.submit(user=user)
    await engine.stores.events.publish(Event("feed", company=user, feed=late.id))
    finished = calls_of(engine.stores.backfills, "finish")
    gate.open()
    await passing
    await engine.score_feeds()
    assert [[*revisions] for _, revisions in finished] == [[late.id], [feed.id for feed in feeds]]
    for feed in (*feeds, late):
        assert (await engine.listed(feed)).keys() == set(ids)


async def test_a_pass_takes_as_many_feeds_as_it_has_time_for_by_what_the_last_one_took(engine, monkeypatch):
    monkeypatch.setattr(backfill, "_PASS_S", 1e-9)
    await engine.load()
    await engine.bring(python_resume())
    feeds = [await engine.submit() for _ in range(2)]
    await engine.backfill._step()
    assert sorted(await engine.calced(feeds)) == [False, True]


async def test_who_corrects_a_form_and_saves_it_again_does_not_wait(engine, monkeypatch):
    monkeypatch.setattr(backfill, "_OWED_S", 3600.0)
    await engine.load()
    await engine.bring(python_resume())
    first = await engine.submit()
    claims = calls_of(engine.stores.backfills, "claim")
    await engine.score_feeds()
    await engine.submit(user=first.company)
    await engine.score_feeds()
    assert claims
    assert not any(resting for _, resting in claims)


async def test_the_first_page_of_every_feed_is_written_before_the_rest_of_any(engine, monkeypatch):
    monkeypatch.setattr(list_writer, "FIRST_PAGE", 2)
    await engine.load()
    good = await engine.bring(*(python_resume() for _ in range(2)))
    # They came later and are listed lower.
    await engine.bring(*(lesser_resume() for _ in range(4)))
    feeds = [await engine.submit(CHOOSY) for _ in range(3)]
    saves = calls_of(engine.stores.results, "save")
    await engine.score_feeds()
    written = [[(row.feed, row.resume) for row in rows] for rows, *_ in saves]
    assert set(written[0]) == {(feed.id, id_) for feed in feeds for id_ in good}
    assert sum(map(len, written)) == 18  # nothing twice


async def test_of_too_many_matches_the_newest_and_the_best_are_listed(engine, monkeypatch):
    monkeypatch.setattr(list_writer, "FIRST_PAGE", 1)
    monkeypatch.setattr(list_writer, "MAX_LISTED", 5)
    monkeypatch.setattr(list_writer, "_TAKE", 2)
    await engine.load()
    (best,) = await engine.bring(python_resume())
    others = await engine.bring(*(lesser_resume() for _ in range(8)))
    feed = await engine.submit(CHOOSY)
    await engine.score_feeds()
    assert set(await engine.listed(feed)) == {best, *others[-5:]}
    assert await engine.calced([feed]) == [True]


async def test_a_feed_that_cannot_be_read_or_searched_for_stops_no_other(
    engine, analyzer, monkeypatch, caplog
):
    await engine.load()
    (id_,) = await engine.bring(python_resume())
    read = analyzer.feed

    def reading(spec, *others):
        if spec.title == "unreadable":
            raise ValueError(spec)
        query = read(spec, *others)
        return msgspec.structs.replace(query, words={"甲": 40_000}) if spec.title == "护士" else query

    monkeypatch.setattr(analyzer, "feed", reading)
    feeds = [await engine.submit(form) for form in (FeedForm(title="unreadable"), NURSE, PYTHON)]
    await engine.score_feeds()
    assert [[*await engine.listed(feed)] for feed in feeds] == [[], [], [id_]]
    assert await engine.calced(feeds) == [True] * 3
    assert f"feed {feeds[0].id} cannot be read" in caplog.text
    assert f"feed {feeds[1].id} cannot be searched for" in caplog.text


async def test_whoever_was_sent_is_listed_whatever_their_score_also_when_they_come_late(engine):
    await engine.load()
    feed, elsewhere = await engine.submit(), await engine.submit()
    sent = await engine.arrive(nurse_resume(), send_to=[feed.id])
    recommended = await engine.arrive(nurse_resume(), partner_for=[feed.id])
    (matching,) = await engine.arrive(python_resume(), send_to=[feed.id])
    await engine.percolate_unaware()
    late = await engine.arrive(nurse_resume(), send_to=[feed.id])
    late += await engine.arrive(nurse_resume(), partner_for=[feed.id])
    await engine.until_passes_wait()
    lists = await engine.listed(feed)
    assert lists.keys() == {*sent, *recommended, matching}
    assert lists.pop(matching) > 0
    assert set(lists.values()) == {0.0}
    await engine.percolate_unaware()
    await engine.score_feeds()
    assert (await engine.listed(feed)).keys() == {*sent, *recommended, matching, *late}
    assert (await engine.listed(elsewhere)).keys() == {matching}


async def test_leases_are_kept_while_models_are_learned_and_while_resumes_are_searched(
    stores, engine, monkeypatch
):
    monkeypatch.setattr(passes, "_RENEW_EVERY_S", 0.0)
    await engine.load()
    await engine.bring(python_resume())
    feeds = [await engine.submit() for _ in range(4)]
    order, keep, search = [], stores.backfills.keep, engine.backfill._lists.search

    async def kept(*args):
        order.append("keep")
        return await keep(*args)

    async def learned(user_id, feed_id):
        order.append("learn")
        return b""

    async def searched(*args):
        order.append("search")
        return await search(*args)

    async def all_learn(ids):
        return set(ids)

    monkeypatch.setattr(stores.backfills, "keep", kept)
    monkeypatch.setattr(stores.feedback, "which_learn", all_learn)
    monkeypatch.setattr(engine.learner, "learn", learned)
    monkeypatch.setattr(engine.backfill._lists, "search", searched)
    await engine.score_feeds()
    for what in ("learn", "search"):
        assert order.count(what) == len(feeds)
        assert f"{what} {what}" not in " ".join(order)


async def test_progress_never_falls(stores, engine, monkeypatch):
    monkeypatch.setattr(passes, "_REPORT_EVERY_S", 0.0)
    monkeypatch.setattr(passes, "_REPORT_A_FEED_S", 0.0)
    await engine.load()
    await engine.bring(*(python_resume() for _ in range(6)))
    await engine.arrive(*(python_resume() for _ in range(6)))
    notes = calls_of(stores.backfills, "note_progress")
    await engine.submit()
    await engine.until_passes_wait()
    assert 0.4 < notes[-1][1] < 0.6  # half of the resumes wait
    await engine.percolate_unaware()
    await engine.score_feeds()
    seen = [progress for _, progress in notes]
    assert seen == sorted(seen)


class TestEnds:
    async def test_a_pass_whose_process_is_killed_is_taken_over_and_nothing_is_doubled(
        self, engine, other, monkeypatch
    ):
        monkeypatch.setattr(list_writer, "FIRST_PAGE", 2)
        await engine.load()
        ids = await engine.bring(*(python_resume() for _ in range(6)))
        feeds = [await engine.submit() for _ in range(3)]
        gate = Gate(engine.stores.results, "save", when=lambda rows: len(rows) > 6)  # the first page is there
        killed = asyncio.create_task(engine.backfill._step())
        await gate.reached.wait()
        assert len(await engine.listed(feeds[0])) == 2
        killed.cancel()  # its lease stays, as `run` alone gives it back
        await asyncio.gather(killed, return_exceptions=True)
        await other.load()
        assert not await other.backfill._step()
        await lease_ends(other.stores)
        await other.score_feeds()
        for feed in feeds:
            assert (await other.listed(feed)).keys() == set(ids)
        assert await other.stores.results.total() == 18
        assert await other.calced(feeds) == [True] * 3

    async def test_two_that_do_the_same_work_double_nothing(self, engine, other):
        """As where a lease ends while its process lives."""
        await engine.load()
        ids = await engine.bring(*(python_resume() for _ in range(3)))
        feed = await engine.submit()
        gate = Gate(engine.stores.results, "save")
        slow = asyncio.create_task(engine.backfill._step())
        await gate.reached.wait()
        await lease_ends(other.stores)
        await other.load()
        await other.score_feeds()
        gate.open()
        await slow
        await engine.score_feeds()
        assert (await other.listed(feed)).keys() == set(ids)
        assert await other.calced([feed]) == [True]

    async def test_an_account_that_submits_again_and_again_rests_and_nobody_else_waits_for_it(
        self, engine, monkeypatch
    ):
        monkeypatch.setattr(backfill, "_REST_OF_ACCOUNT", 1_000_000)
        monkeypatch.setattr(backfill, "_LONGEST_REST_S", 3600.0)  # longer than the other's backfill takes
        await engine.load()
        await engine.bring(*(python_resume() for _ in range(3)))
        first = await engine.submit()
        await engine.score_feeds()
        again, other = await engine.submit(user=first.company), await engine.submit()

        async def other_is_done():
            await engine.backfill._step()
            return await engine.calced([other]) == [True]

        await eventually(other_is_done, what="the other's backfill")
        assert await engine.calced([again]) == [False]
        engine.backfill._resting.clear()  # it is over
        await engine.score_feeds()
        assert await engine.calced([again]) == [True]

    async def test_feeds_of_an_account_that_rests_are_scored_once_it_has_rested(self, engine, monkeypatch):
        monkeypatch.setattr(backfill, "_IDLE_S", 3600.0)  # nobody looks for them by the clock
        monkeypatch.setattr(backfill, "_FEEDS", 1)
        await engine.load()
        await engine.bring(*(python_resume() for _ in range(3)))
        user = str(ObjectId())
        feeds = [await engine.submit(user=user) for _ in range(3)]
        running = asyncio.create_task(engine.backfill.run())

        async def are_done():
            return await engine.calced(feeds) == [True] * 3

        await eventually(are_done, what="their backfills")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    async def test_a_stop_gives_the_leases_of_all_passes_back(self, engine, other):
        await engine.load()
        await engine.arrive(python_resume())
        feeds = [await engine.submit()]
        running = asyncio.create_task(engine.backfill.run())
        while len(engine.backfill._passes) < 1:
            await asyncio.sleep(0.01)
        feeds.append(await engine.submit())
        while len(engine.backfill._passes) < 2:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        _, claimed = await other.stores.backfills.claim(10)
        assert {feed.id for feed in claimed} == {feed.id for feed in feeds}

    async def test_a_pass_that_mongodb_fails_before_it_waits_is_done_again(self, stores, engine):
        await engine.load()
        ids = await engine.bring(python_resume())
        feed = await engine.submit()
        await fail_once(stores.results, "save", engine)
        assert engine.backfill._passes == []
        assert await engine.calced([feed]) == [False]
        await lease_ends(stores)
        await engine.score_feeds()
        assert (await engine.listed(feed)).keys() == set(ids)

    @pytest.mark.parametrize("method", ["save", "drop_unmatched"])
    async def test_resumes_that_came_late_to_several_passes_are_lost_to_none_when_mongodb_fails(
        self, stores, engine, method
    ):
        await engine.load()
        body = python_resume()
        await engine.arrive(body)
        ids = await engine.arrive({**body, "age": 30})  # a second revision, as those alone are dropped
        feeds = []
        for count in (1, 2, 3):
            feeds.append(await engine.submit())
            await engine.until_passes_wait(count)
        await engine.percolate_unaware()
        await fail_once(stores.results, method, engine)
        await engine.score_feeds()
        for feed in feeds:
            assert (await engine.listed(feed)).keys() == set(ids)

    @pytest.mark.parametrize("method", ["drop_outdated", "finish"])
    async def test_an_end_that_mongodb_fails_is_done_again(self, stores, engine, method):
        await engine.load()
        (id_, _) = await engine.bring(nurse_resume(), python_resume())
        feed = await engine.submit()
        await engine.score_feeds()
        await stores.feeds.update(feed.company, feed.id, NURSE)
        owner = stores.backfills if method == "finish" else stores.results
        await fail_once(owner, method, engine)
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [id_]


async def fail_once(owner, name, engine: Engine):
    """Take steps until MongoDB has failed a method once."""
    method, failed = getattr(owner, name), False

    def fails(*_, **__):
        nonlocal failed
        failed = True
        setattr(owner, name, method)
        raise AutoReconnect("gone")

    setattr(owner, name, fails)
    while not failed:
        try:
            await engine.backfill._step()
        except AutoReconnect:
            assert failed


class TestNotInTheIndex:
    async def test_cold_resumes_are_found_through_mongodb(self, stores, analyzer):
        engine = Engine(stores, analyzer, index_size=3)
        await engine.load()
        bodies = [python_resume() for _ in range(8)]
        ids = await engine.bring(*bodies)
        nurses = await engine.bring(*(nurse_resume() for _ in range(2)))
        await engine.stored._step()
        assert len(engine.stored) == 3
        python, nurse = await engine.submit(), await engine.submit(NURSE)
        await engine.score_feeds()
        assert (await engine.listed(python)).keys() == set(ids)
        assert (await engine.listed(nurse)).keys() == set(nurses)
        # One that changes is not cold any more, and is listed once.
        await engine.bring({**bodies[0], "age": 30})
        again = await engine.submit()
        await engine.score_feeds()
        assert (await engine.listed(again)).keys() == set(ids)

    async def test_a_cold_one_that_changes_to_no_match_while_it_is_written_is_not_listed(
        self, stores, analyzer, other
    ):
        engine = Engine(stores, analyzer, index_size=0)
        await engine.load()
        body = python_resume()
        await engine.bring(body)
        await engine.stored._step()
        feed = await engine.submit()
        gate = Gate(stores.results, "save")
        scoring = asyncio.create_task(engine.backfill._step())
        await gate.reached.wait()
        await other.load()
        await other.bring(nurse_resume(source_id=body["source_id"]))
        gate.open()
        await scoring
        await engine.score_feeds()
        assert await engine.listed(feed) == {}

    async def test_resumes_whose_profiles_are_of_other_rules_are_listed_by_ours(self, stores, engine):
        """Those too that do not wait to be scored: an upgrade lets them wait one part after the other."""
        await engine.load()
        ids = await engine.bring(python_resume(), python_resume(), nurse_resume())
        await stores._database.profiles.update_many({}, {"$set": {"version": "other rules"}})
        started = Engine(stores, engine.backfill._analyzer)
        await started.load()
        assert len(started.stored) == 0
        for _ in range(2):
            feed = await started.submit()
            await started.score_feeds()
            assert (await started.listed(feed)).keys() == set(ids[:2])
            assert started.stored.of_other_rules == []

    async def test_a_profile_that_cannot_be_read_stops_no_pass(self, stores, engine, caplog):
        await engine.load()
        (good,) = await engine.bring(python_resume())
        (bad,) = await engine.arrive(python_resume())
        feed = await engine.submit()
        await engine.until_passes_wait()
        (resume,) = await stores.resumes.load([bad])
        await stores.profiles.save([broken_profile(resume, engine)])
        await stores.resumes.mark_scored([resume], datetime(2026, 1, 1, tzinfo=UTC))
        await engine.score_feeds()
        assert [*await engine.listed(feed)] == [good]
        assert f"the profile of resume {bad} cannot be read" in caplog.text


def broken_profile(resume, engine):
    profile = engine.backfill._analyzer.resume(resume.body)
    made = stored_profile(resume, profile, engine.backfill._analyzer.version)
    return msgspec.structs.replace(made, data=b"no profile")
