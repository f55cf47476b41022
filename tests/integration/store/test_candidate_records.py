"""What an account keeps of a person, and of whom it may keep anything."""

import pytest
from bson import ObjectId

from store.errors import NotFound
from store.ids import candidate_record_id
from tests.integration.gates import Killed, Trap
from tests.support import PYTHON_FEED, alone, nurse_resume, python_resume

USER, FEED = str(ObjectId()), str(ObjectId())


async def test_who_writes_of_an_erased_person_leaves_nothing(server, api):
    (resume,) = (await api.ingest(python_resume()))["ids"]
    records = server.stores.person_records
    await server.stores.erasures.erase(resume)
    for write in (
        records.watch(alone(USER), resume, FEED),
        records.unlock(USER, resume),
        records.mark(alone(USER), resume, FEED, "x", True),
        records.comment(alone(USER), resume, "x"),
    ):
        with pytest.raises(NotFound):
            await write
    assert await server.stores._database.candidate_records.count_documents({}) == 0


async def test_a_favourite_stays_in_its_list_when_the_form_or_the_resume_changes(hr, other_hr):
    feed, second = await hr.submit(**PYTHON_FEED), await hr.submit(**PYTHON_FEED)
    theirs = await other_hr.submit(**PYTHON_FEED)
    resumes = [python_resume() for _ in range(3)]
    ids = await hr.scored(*resumes)
    kept, changed, _ = ids
    for id_ in (kept, changed):
        assert (await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed)).status == "ok"
    nurse = {name: nurse_resume()[name] for name in ("job_target", "works")}
    await hr.scored(resumes[1] | nurse | {"self_evaluation": "", "address": ""})
    assert {item["resume"]["id"] for item in await hr.results(feed)} == set(ids)
    for who, where in ((hr, second), (other_hr, theirs)):  # where it is not the favourite
        assert {item["resume"]["id"] for item in await who.results(where)} == set(ids) - {changed}
    await hr.submit(feed_id=feed, title="护士", keywords="护理")
    assert {item["resume"]["id"] for item in await hr.results(feed)} == {kept, changed}
    assert await hr.unread(feed) == 2
    assert (await hr.get(f"/feed/get/{feed}/{kept}")).status == "ok"
    # Each is judged by the form and the resume as they are now.
    followed = {
        item["resume"]["id"]: item["keywords"] for item in (await hr.get("/resume/follow/list/"))["data"]
    }
    assert followed == {kept: [], changed: ["护理"]}
    # What was read stays too, and what is no favourite any more goes the next time.
    assert (await hr.get(f"/resumes/remove_watch/{changed}", feed_id=feed)).status == "ok"
    await hr.submit(feed_id=feed, title="会计", keywords="总账")
    assert [item["resume"]["id"] for item in await hr.results(feed)] == [kept]


async def test_nothing_is_taken_off_a_list_without_a_trace(server, hr):
    feed_id, (resume,) = await hr.feed_with(python_resume())
    results = server.stores.results
    trap = Trap(server.stores.candidate_records, "trace")
    with pytest.raises(Killed):
        _ = [part async for part in results.drop_outdated(hr.user, feed_id, 2)]
    with pytest.raises(Killed):
        await results.drop_unmatched(resume, 1, {feed_id}.__contains__, ())
    assert await hr.unread(feed_id) == 1
    trap.take_away()
    await results.drop_unmatched(resume, 1, {feed_id}.__contains__, ())
    assert await hr.unread(feed_id) == 0
    assert (await server.stores.candidate_records.find_for(hr.user, [resume])).keys() == {resume}


async def test_a_long_list_is_dropped_in_parts_with_all_its_traces(server, hr):
    feed_id, (resume,) = await hr.feed_with(python_resume())
    collection = server.stores._database.results
    one = await collection.find_one({})
    copies = [{**one, "_id": ObjectId(), "resume": ObjectId()} for _ in range(249)]
    await collection.insert_many(copies)
    parts = [part async for part in server.stores.results.drop_outdated(hr.user, feed_id, 2)]
    assert sum(parts) == 250
    assert max(parts) <= 100
    assert await collection.count_documents({}) == 0
    traced = {document["_id"] async for document in server.stores._database.candidate_records.find({})}
    resumes = [resume, *(str(copy["resume"]) for copy in copies)]
    assert traced == {ObjectId(candidate_record_id(hr.user, resume)) for resume in resumes}
