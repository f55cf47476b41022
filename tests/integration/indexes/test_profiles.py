"""Profiles of our own rules are used as they are stored; others are made on the spot, and not stored."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from engine.indexes.profiles import CurrentProfiles, stored_profile
from engine.matching.resume_profile import ResumeProfile
from tests.integration.stored import new_resumes
from tests.support import python_resume


@pytest.fixture
def profiles(stores, analyzer) -> CurrentProfiles:
    return CurrentProfiles(stores.profiles, stores.resumes, analyzer)


@pytest.fixture
def made(analyzer, monkeypatch):
    """The resumes that were analysed; one whose evaluation is "unreadable" cannot be."""
    read, made = analyzer.resume, []

    def reading(body, *arrived):
        made.append(body["source_id"])
        if body["self_evaluation"] == "unreadable":
            raise ValueError(body)
        return read(body, *arrived)

    monkeypatch.setattr(analyzer, "resume", reading)
    return made


async def arrive(stores, *bodies):
    """Store resumes as the ingest does, and count them as scored; they have no profile yet."""
    loaded = await new_resumes(stores, *bodies)
    await stores.resumes.mark_scored(loaded, datetime.now(UTC))
    return loaded


async def analysed(stores, analyzer, resumes, version):
    await stores.profiles.save([stored_profile(one, analyzer.resume(one.body), version) for one in resumes])


async def test_those_of_our_rules_are_used_and_the_others_are_made(stores, analyzer, profiles, made):
    ours, other, missing = resumes = await arrive(stores, *(python_resume() for _ in range(3)))
    await analysed(stores, analyzer, [ours], analyzer.version)
    await analysed(stores, analyzer, [other], "other rules")
    made.clear()
    for load in (profiles.load, profiles.load_settled):
        found = await load([one.id for one in reversed(resumes)])
        assert [one.resume for one in found] == [one.id for one in reversed(resumes)]
        assert {one.version for one in found} == {analyzer.version}
    assert sorted(made) == sorted(2 * [one.body["source_id"] for one in (other, missing)])
    assert [one.version for one in await stores.profiles.load([other.id])] == ["other rules"]
    assert await stores.profiles.load([missing.id]) == []


async def test_who_is_gone_set_aside_or_cannot_be_read_is_left_out(stores, profiles, made, caplog):
    good, aside, broken = await arrive(
        stores, python_resume(), python_resume(), python_resume(self_evaluation="unreadable")
    )
    await stores._database.resumes.update_one({"_id": ObjectId(aside.id)}, {"$set": {"set_aside": True}})
    ids = [str(ObjectId()), aside.id, broken.id, good.id]
    for load in (profiles.load, profiles.load_settled):
        assert [one.resume for one in await load(ids)] == [good.id]
    assert aside.body["source_id"] not in made
    assert caplog.text.count(f"resume {broken.id} cannot be analysed: ValueError") == 2
    assert "unreadable" not in caplog.text


async def test_a_job_that_goes_on_is_as_long_for_whoever_makes_the_profile(server, hr, analyzer):
    works = [{**python_resume()["works"][0], "start_time": "2018.3", "end_time": "Present"}]
    (id_,) = await hr.scored(python_resume(works=works, work_years=""))
    stores = server.stores
    (scored,) = await stores.profiles.load([id_])
    await stores._database.profiles.delete_one({"_id": ObjectId(id_)})
    made_anew = CurrentProfiles(stores.profiles, stores.resumes, analyzer)
    (fresh,) = await made_anew.load([id_])
    assert ResumeProfile.decode(scored.data) == ResumeProfile.decode(fresh.data)
    arrived = scored.arrived_at
    assert ResumeProfile.decode(scored.data).months == 12 * (arrived.year - 2018) + arrived.month - 3
