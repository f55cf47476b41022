"""A preview promises what the submitted feed then lists, is bounded in every way, and writes nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine.indexes.stored_resumes import StoredResumes
from engine.learning.relearn import RelationsInForce
from engine.previews import preview as module
from engine.previews.preview import Preview
from engine.previews.preview_slots import Superseded
from store.feeds.feed_documents import FeedForm
from store.resumes.profiles import Profiles
from store.resumes.resumes import Resumes
from tests.integration.engines import PYTHON
from tests.integration.gates import Gate
from tests.integration.stored import incoming, new_profile
from tests.support import alone, eventually, python_resume

LEISURE_S = 30.0


@pytest.fixture
def profiles(server) -> Profiles:
    """Profiles that only previews use, so that a test may hold them up."""
    return Profiles(server.stores._database)


@pytest.fixture
def resumes(server) -> Resumes:
    """Resumes that only previews ask for, likewise."""
    return Resumes(server.stores._database)


@pytest.fixture
def preview(server, profiles, resumes, analyzer, io_loop, monkeypatch) -> Preview:
    """A preview with all the time that a busy machine takes, over an index that has read everything."""
    monkeypatch.setattr(module, "_ASKING_S", LEISURE_S)
    stored = StoredResumes(profiles, server.stores.erasures, analyzer.version, 1_000_000)
    io_loop.run_sync(stored.refresh)
    return Preview(
        stored=stored,
        profiles=profiles,
        resumes=resumes,
        feedback=server.stores.feedback,
        relations=RelationsInForce(server.stores.relations, analyzer),
        analyzer=analyzer,
    )


async def people(profiles, analyzer, count, **changes) -> list[str]:
    """Store profiles of Python developers that arrived one after the other; their ids, newest first."""
    profile, now = analyzer.resume(python_resume()), datetime.now(UTC)
    of_all = {"key_terms": [*profile.key_terms], "data": profile.encode(), "version": analyzer.version}
    stored = [
        new_profile(arrived_at=now - timedelta(seconds=number), **{**of_all, **changes})
        for number in range(count)
    ]
    await profiles.save(stored)
    return [one.resume for one in stored]


async def documents(server) -> dict[str, int]:
    """How many documents each collection holds."""
    database = server.stores._database
    names = await database.list_collection_names()
    return {name: await database[name].count_documents({}) for name in names}


async def test_a_preview_writes_nothing(server, hr, preview):
    await hr.scored(python_resume())

    async def is_counted():
        return await server.stores._database.arrivals.count_documents({}) == 2

    await eventually(is_counted, what="the day's count of arrivals, which comes every two seconds")
    before = await documents(server)
    outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert outcome.total == 1
    assert await documents(server) == before


async def test_a_form_that_says_nothing_matches_nobody(hr, preview):
    await hr.scored(python_resume())
    outcome = await preview.count(FeedForm(title="!"), member=alone(hr.user), feed_id=None)
    assert (outcome.total, outcome.candidates, outcome.complete, outcome.best) == (0, 0, True, [])


async def test_profiles_of_other_rules_are_left_out_and_said_to_be(hr, preview, profiles, analyzer):
    await people(profiles, analyzer, 3)
    await people(profiles, analyzer, 2, version="older rules")
    outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert (outcome.total, outcome.candidates, outcome.complete) == (3, 3, False)


async def test_what_other_processes_saved_just_before_is_counted(hr, preview, profiles, analyzer):
    for count in (1, 2, 3):
        await people(profiles, analyzer, 1)
        outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
        assert (outcome.total, outcome.complete) == (count, True)


@pytest.mark.long
async def test_a_resume_that_waits_to_be_analysed_makes_it_incomplete(server, hr, preview):
    held = Gate(server.stores.profiles, "save")
    await server.stores.resumes.save(
        [incoming(python_resume())]
    )  # nobody is told, so the sweep finds it in seconds
    outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert (outcome.total, outcome.complete) == (0, False)
    held.open()
    await hr.all_scored()
    outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert (outcome.total, outcome.complete) == (1, True)


async def test_one_pair_that_cannot_be_scored_stops_no_other(hr, preview, profiles, analyzer, caplog):
    await people(profiles, analyzer, 2)
    (broken,) = await people(profiles, analyzer, 1, data=b"no profile")
    outcome = await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert outcome.total == 2
    assert broken in caplog.text


async def test_a_newer_preview_of_an_account_ends_its_older_one_at_once(
    hr, other_hr, preview, profiles, analyzer
):
    await people(profiles, analyzer, 1)
    await preview._stored.refresh()
    gates = [Gate(profiles, "load"), Gate(profiles, "load")]
    older, others = [
        asyncio.create_task(preview.count(PYTHON, member=alone(one.user), feed_id=None))
        for one in (hr, other_hr)
    ]
    await asyncio.gather(*(gate.reached.wait() for gate in gates))
    newer = preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    assert (await newer).total == 1  # both slots were taken, one of them by its own older one
    with pytest.raises(Superseded):
        await older
    assert not others.done()
    for gate in gates:
        gate.open()
    assert (await others).total == 1


async def test_only_two_run_at_once(preview, profiles, analyzer):
    await people(profiles, analyzer, 1)
    await preview._stored.refresh()
    load, now, most = profiles.load, 0, 0
    has_company = asyncio.Event()

    async def counted(ids):
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 2:
            has_company.set()
        await asyncio.wait_for(has_company.wait(), LEISURE_S)
        await asyncio.sleep(0.01)
        found = await load(ids)
        now -= 1
        return found

    profiles.load = counted
    outcomes = await asyncio.gather(
        *(preview.count(PYTHON, member=alone(str(number)), feed_id=None) for number in range(8))
    )
    assert [outcome.total for outcome in outcomes] == [1] * 8
    assert most == 2


async def test_clients_that_go_away_leave_their_slots(hr, preview, profiles, analyzer):
    await people(profiles, analyzer, 1)
    await preview._stored.refresh()
    for user in "abc":
        gate = Gate(profiles, "load")
        left = asyncio.create_task(preview.count(PYTHON, member=alone(user), feed_id=None))
        await gate.reached.wait()
        left.cancel()
        with pytest.raises(asyncio.CancelledError):
            await left
    assert (await preview.count(PYTHON, member=alone("a"), feed_id=None)).total == 1


async def test_a_store_that_fails_is_heard_of_and_leaves_no_slot_taken(hr, preview, resumes):
    async def failing():
        raise ConnectionError

    count_pending, resumes.count_pending = resumes.count_pending, failing
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await preview.count(PYTHON, member=alone(hr.user), feed_id=None)
    resumes.count_pending = count_pending
    assert (await preview.count(PYTHON, member=alone(hr.user), feed_id=None)).complete
