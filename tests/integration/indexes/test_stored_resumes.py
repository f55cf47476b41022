"""The index of stored resumes is equal to what is stored, whichever process has written it."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from bson import ObjectId

import engine.indexes.watermark
from engine.indexes.profiles import stored_profile
from engine.indexes.stored_resumes import StoredResumes
from engine.matching.feed_spec import FeedSpec
from store.resumes.profiles import StoredProfile
from tests.integration.gates import Gate
from tests.integration.stored import new_resumes
from tests.support import nurse_resume, python_resume

MANY = 1_000_000


@pytest.fixture
def make(stores, analyzer):
    """Makes the index of a process that has not read anything yet."""
    return lambda most=MANY: StoredResumes(stores.profiles, stores.erasures, analyzer.version, most)


@pytest.fixture
def index(make) -> StoredResumes:
    return make()


async def saved(stores, analyzer, *bodies, **changes) -> list[StoredProfile]:
    """Resumes that are stored, and their profiles, as another process saves them."""
    made = [
        msgspec.structs.replace(stored_profile(one, analyzer.resume(one.body), analyzer.version), **changes)
        for one in await new_resumes(stores, *bodies)
    ]
    await stores.profiles.save(made)
    return made


def found(index, analyzer, title="Python开发") -> set[str]:
    search = index.search(analyzer.feed(FeedSpec(title=title)))
    while not search.is_done:
        search.step()
    return {one.resume_id for one in search.matches()}


async def written_at(stores, profile, at) -> None:
    await stores._database.profiles.update_one(
        {"_id": ObjectId(profile.resume)}, {"$set": {"updated_at": at}}
    )


async def test_what_other_processes_save_change_and_erase_is_taken_over(stores, analyzer, index):
    assert not index.loaded.is_set()
    body = python_resume()
    one, two = await saved(stores, analyzer, body, python_resume())
    await index.refresh()
    assert index.loaded.is_set()
    assert found(index, analyzer) == {one.resume, two.resume}
    (three,) = await saved(stores, analyzer, python_resume())
    await saved(stores, analyzer, nurse_resume(source_id=body["source_id"]))
    await stores.erasures.erase(two.resume)
    await index.refresh()
    assert found(index, analyzer) == {three.resume}
    assert found(index, analyzer, "护士") == {one.resume}
    assert (index.rev_of(one.resume), index.rev_of(two.resume), len(index)) == (2, 0, 2)


async def test_who_comes_again_after_an_erasure_stays(stores, analyzer, index):
    body = python_resume()
    (first,) = await saved(stores, analyzer, body)
    await index.refresh()
    await stores.erasures.erase(first.resume)
    assert await stores.erasures.lift(first.resume)
    (again,) = await saved(stores, analyzer, body)
    for _ in range(2):
        await index.refresh()
        assert index.rev_of(again.resume) == again.rev == 2


async def test_a_write_that_becomes_visible_late_is_found(stores, analyzer, index, monkeypatch):
    overlap = timedelta(hours=1)  # a busy machine may take longer than the ten seconds in service
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", overlap)
    (newest,) = await saved(stores, analyzer, python_resume())
    await index.refresh()
    (late,) = await saved(stores, analyzer, python_resume())
    await written_at(stores, late, datetime.now(UTC) - overlap + timedelta(seconds=2))
    await index.refresh()
    assert found(index, analyzer) == {newest.resume, late.resume}


async def test_what_is_saved_while_all_are_read_is_found_by_the_next_look(
    stores, analyzer, index, monkeypatch
):
    """Also with a look that goes no further back than the newest that was read."""
    monkeypatch.setattr(engine.indexes.watermark, "POLL_OVERLAP", timedelta(0))
    await saved(stores, analyzer, python_resume())
    gate = Gate(stores.profiles, "load")
    reading = asyncio.create_task(index.refresh())
    await gate.reached.wait()
    (late,) = await saved(stores, analyzer, python_resume())
    gate.open()
    await reading
    await index.refresh()
    assert late.resume in found(index, analyzer)


async def test_profiles_of_other_rules_are_left_out_and_named(stores, analyzer, index, caplog):
    body = python_resume()
    (ours,) = await saved(stores, analyzer, python_resume())
    (other,) = await saved(stores, analyzer, body, version="other rules")
    await index.refresh()
    assert found(index, analyzer) == {ours.resume}
    assert index.of_other_rules == [other.resume]
    # Made on the spot it stays, though the stored one is of other rules still.
    index.take(msgspec.structs.replace(other, version=analyzer.version))
    for _ in range(2):
        assert found(index, analyzer) == {ours.resume, other.resume}
        assert index.of_other_rules == []
        await index.refresh()
    # A newer revision of other rules takes its place, as what is known is outdated.
    await saved(stores, analyzer, {**body, "age": 30}, version="other rules")
    await index.refresh()
    assert found(index, analyzer) == {ours.resume}
    assert index.of_other_rules == [other.resume]
    await stores.erasures.erase(other.resume)
    await index.refresh()
    assert index.of_other_rules == []
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_one_that_cannot_be_read_stops_no_other_and_is_told_of_once(stores, analyzer, index, caplog):
    (good,) = await saved(stores, analyzer, python_resume())
    (bad,) = await saved(stores, analyzer, python_resume(), data=b"no profile")
    for _ in range(3):
        await index.refresh()
    assert found(index, analyzer) == {good.resume}
    assert caplog.text.count(f"the profile of resume {bad.resume} cannot be read") == 1
    assert "no profile" not in caplog.text


async def test_one_that_the_index_refuses_stops_no_other_and_is_taken_when_it_changes(
    stores, analyzer, index, caplog
):
    body = python_resume()
    beyond = msgspec.structs.replace(analyzer.resume(body), title_words={"python": 1000})
    (good,) = await saved(stores, analyzer, python_resume())
    (bad,) = await saved(stores, analyzer, body, data=beyond.encode())
    for _ in range(3):
        await index.refresh()
    assert found(index, analyzer) == {good.resume}
    assert caplog.text.count(f"resume {bad.resume} cannot be indexed") == 1
    await saved(stores, analyzer, {**body, "age": 30})
    await index.refresh()
    assert found(index, analyzer) == {good.resume, bad.resume}


async def test_the_oldest_leave_the_index_and_are_found_in_mongodb(stores, analyzer, make):
    index = make(10)
    everybody = await saved(stores, analyzer, *(python_resume() for _ in range(14)))
    await index._step()
    assert index.has_cold
    assert len(index) == 10
    newest = sorted(everybody, key=lambda one: one.arrived_at)[4:]
    assert found(index, analyzer) == {one.resume for one in newest}
    query = analyzer.feed(FeedSpec(title="Python开发"))
    cold = [id_ async for page in stores.profiles.newest_cold(sorted(query.gate_terms), 100) for id_ in page]
    assert set(cold) == {one.resume for one in everybody} - found(index, analyzer)
    # They do not come back, neither here nor in a process that starts now.
    other = make(10)
    for one in (index, other):
        await one._step()
        assert (len(one), one.has_cold) == (10, True)
        assert found(one, analyzer) == {one.resume for one in newest}
