"""What an account keeps of a person, and of whom it may keep anything."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

import store.notes.candidate_records
from store.errors import ListFull, NotFound
from store.ids import candidate_record_id
from tests.integration.gates import Killed, Trap
from tests.support import PYTHON_FEED, Hr, alone, nurse_resume, python_resume

USER, OTHER, FEED, FEED_2 = (str(ObjectId()) for _ in range(4))


class Records:
    """Reads, and the writes as they are made: in transactions that exclude others of the account."""

    def __init__(self, stores) -> None:
        self._reads, self._writes = stores.candidate_records, stores.person_records

    def __getattr__(self, name):
        is_write = name in {"watch", "unwatch", "unlock", "mark", "comment"}
        return getattr(self._writes if is_write else self._reads, name)


@pytest.fixture
def records(server):
    return Records(server.stores)


async def stored(server, count=1):
    """Ids of resumes that are there, and of nobody's list."""
    answer = await Hr(server.port).ingest(*(python_resume(number) for number in range(count)))
    return answer["ids"]


async def kept(records, resume, user=USER):
    return (await records.find_for(user, [resume]))[resume]


def ms_ago():
    """The time, a millisecond before: MongoDB keeps whole ones."""
    return datetime.now(UTC) - timedelta(milliseconds=1)


async def is_listed(records, user, resume):
    try:
        await records.require_listed(user, resume)
    except NotFound:
        return False
    return True


@pytest.mark.gen_test
async def test_a_favourite_keeps_its_time_and_takes_the_last_feed(server, records):
    (resume,) = await stored(server)
    began = ms_ago()
    await records.watch(USER, resume, FEED)
    first = (await kept(records, resume)).watch
    assert began < first.at <= datetime.now(UTC)
    await asyncio.sleep(0.005)
    await records.watch(USER, resume, FEED_2)
    assert (await kept(records, resume)).watch == first


@pytest.mark.gen_test
async def test_watching_at_once_makes_one_favourite_for_each_account(server, records):
    (resume,) = await stored(server)
    await asyncio.gather(*(records.watch(user, resume, FEED) for user in (USER, OTHER) * 10))
    assert await records.count_watched(USER) == await records.count_watched(OTHER) == 1
    assert await server.stores._database.candidate_records.count_documents({}) == 2


@pytest.mark.gen_test
async def test_unwatching_twice_is_harmless_and_watching_again_is_a_new_favourite(server, records):
    (resume,) = await stored(server)
    await records.unwatch(USER, resume)
    assert await records.find_for(USER, [resume]) == {}
    await records.watch(USER, resume, FEED)
    await records.comment(alone(USER), resume, "好")
    first = await kept(records, resume)
    await records.unwatch(USER, resume)
    await records.unwatch(USER, resume)
    after = await kept(records, resume)
    assert after.watch is None
    assert after.comments == first.comments
    assert await records.count_watched(USER) == 0
    await asyncio.sleep(0.005)
    await records.watch(USER, resume, FEED)
    assert (await kept(records, resume)).watch.at > first.watch.at


@pytest.mark.gen_test
async def test_unlocking_at_once_and_again_keeps_the_first_time(server, records):
    (resume,) = await stored(server)
    began = ms_ago()
    await asyncio.gather(*(records.unlock(USER, resume) for _ in range(10)))
    first = (await kept(records, resume)).unlocked_at
    assert began < first <= datetime.now(UTC)
    await asyncio.sleep(0.005)
    await records.unlock(USER, resume)
    assert (await kept(records, resume)).unlocked_at == first


@pytest.mark.gen_test
async def test_marks_and_comments_come_back_in_order(server, records):
    (resume,) = await stored(server)
    await records.mark(alone(USER), resume, FEED, "已面试", True)
    record = await records.mark(alone(USER), resume, FEED_2, "已拒绝", False)
    assert [(mark.name, mark.good, mark.feed) for mark in record.marks] == [
        ("已面试", True, FEED),
        ("已拒绝", False, FEED_2),
    ]
    began = ms_ago()
    await records.comment(alone(USER), resume, "一")
    record = await records.comment(alone(USER), resume, "二")
    assert [comment.content for comment in record.comments] == ["一", "二"]
    assert len(record.marks) == 2
    assert (record.company, record.resume) == (USER, resume)
    assert await kept(records, resume) == record
    assert all(began < row.at <= datetime.now(UTC) for row in record.comments)


@pytest.mark.gen_test
async def test_a_full_list_takes_no_more_however_many_come_at_once(server, records, monkeypatch):
    monkeypatch.setattr(store.notes.candidate_records, "MAX_ENTRIES", 3)
    (resume,) = await stored(server)
    for name, add in (
        ("comments", lambda: records.comment(alone(USER), resume, "x")),
        ("marks", lambda: records.mark(alone(USER), resume, FEED, "x", True)),
    ):
        outcomes = await asyncio.gather(*(add() for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(outcome, ListFull) for outcome in outcomes) == 5
        assert len(getattr(await kept(records, resume), name)) == 3
        with pytest.raises(ListFull):
            await add()


@pytest.mark.gen_test
async def test_comments_may_only_be_so_long_together_since_every_page_carries_them(
    server, records, monkeypatch
):
    monkeypatch.setattr(store.notes.candidate_records, "MAX_COMMENT_CHARS", 10)
    (resume,) = await stored(server)
    await records.comment(alone(USER), resume, "六个字的备注")
    with pytest.raises(ListFull):
        await records.comment(alone(USER), resume, "五个字的话")
    await records.comment(alone(USER), resume, "四个字呢")
    assert len((await kept(records, resume)).comments) == 2


@pytest.mark.gen_test
async def test_a_record_belongs_to_its_account_alone(server, records):
    mine, theirs = await stored(server, 2)
    await records.watch(USER, mine, FEED)
    await records.comment(alone(OTHER), mine, "x")
    await records.watch(OTHER, theirs, FEED)
    found = await records.find_for(USER, [mine, theirs, str(ObjectId())])
    assert found.keys() == {mine}
    assert found[mine].comments == []
    assert [record.resume for record in await records.watched(USER, skip=0, limit=9)] == [mine]
    assert [record.resume for record in await records.all_watched(OTHER)] == [theirs]
    assert await records.find_for(USER, []) == {}


@pytest.mark.gen_test
async def test_favourites_are_paged_newest_first_and_equal_times_have_one_order(server, records):
    ids = await stored(server, 7)
    await records.comment(alone(USER), ids[0], "no favourite")
    for resume in ids[1:]:
        await records.watch(USER, resume, FEED)
        await asyncio.sleep(0.002)
    everything = [record.resume for record in await records.all_watched(USER)]
    assert everything == ids[:0:-1]
    same = {"$set": {"watched_at": datetime.now(UTC)}}
    await server.stores._database.candidate_records.update_many({"watched": True}, same)
    pages = [await records.watched(USER, skip=skip, limit=2) for skip in (0, 2, 4, 6)]
    paged = [record.resume for page in pages for record in page]
    assert sorted(paged) == sorted(ids[1:])
    assert paged == [record.resume for record in await records.all_watched(USER)]
    assert await records.count_watched(USER) == 6


@pytest.mark.gen_test
async def test_all_favourites_come_without_what_was_said_of_them(server, records):
    (resume,) = await stored(server)
    await records.watch(USER, resume, FEED)
    await records.unlock(USER, resume)
    await records.comment(alone(USER), resume, "x")
    (record,) = await records.all_watched(USER)
    assert (record.marks, record.comments) == ([], [])
    assert record.unlocked_at is not None
    (record,) = await records.watched(USER, skip=0, limit=1)
    assert len(record.comments) == 1


@pytest.mark.gen_test
async def test_who_writes_of_an_erased_person_leaves_nothing(server, records):
    (resume,) = await stored(server)
    await server.stores.erasures.erase(resume)
    for write in (
        records.watch(USER, resume, FEED),
        records.unlock(USER, resume),
        records.mark(alone(USER), resume, FEED, "x", True),
        records.comment(alone(USER), resume, "x"),
    ):
        with pytest.raises(NotFound):
            await write
    assert await server.stores._database.candidate_records.count_documents({}) == 0


@pytest.mark.gen_test
async def test_only_who_has_or_had_a_resume_in_a_list_may_deal_with_it(server, hr, other_hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    listed, unlisted = (await hr.ingest(python_resume(), nurse_resume()))["ids"]
    await hr.all_scored()
    assert await is_listed(records, hr.user, listed)
    assert not await is_listed(records, hr.user, unlisted)
    assert not await is_listed(records, other_hr.user, listed)
    assert not await is_listed(records, hr.user, str(ObjectId()))
    assert not await is_listed(records, hr.user, "no id")
    await hr.get(f"/feed/delete/{feed_id}")
    assert await is_listed(records, hr.user, listed)
    await records.watch(hr.user, listed, feed_id)
    await server.stores.erasures.erase(listed)
    assert not await is_listed(records, hr.user, listed)


@pytest.mark.gen_test
async def test_a_record_alone_lets_its_account_go_on(server, hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    (resume,) = (await hr.ingest(python_resume()))["ids"]
    await hr.all_scored()
    await records.watch(hr.user, resume, feed_id)
    await server.stores._database.results.delete_many({})
    assert await is_listed(records, hr.user, resume)
    await server.stores._database.resumes.delete_many({})
    assert not await is_listed(records, hr.user, resume)


@pytest.mark.gen_test
async def test_a_resume_that_an_edited_feed_no_longer_matches_was_in_its_list(server, hr, other_hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    ids = (await hr.ingest(*(python_resume(number) for number in range(3))))["ids"]
    await hr.all_scored()
    await records.watch(hr.user, ids[0], feed_id)
    before = await kept(records, ids[0], hr.user)
    await hr.submit(feed_id=feed_id, title="护士")
    assert [item["resume"]["id"] for item in await hr.results(feed_id)] == [ids[0]]  # the favourite
    for resume in ids:
        assert await is_listed(records, hr.user, resume)
        assert not await is_listed(records, other_hr.user, resume)
    assert await kept(records, ids[0], hr.user) == before
    trace = await kept(records, ids[1], hr.user)
    assert (trace.watch, trace.unlocked_at, trace.marks, trace.comments) == (None, None, [], [])
    assert await records.count_watched(hr.user) == 1


@pytest.mark.gen_test
async def test_a_resume_that_changed_away_from_a_feed_was_in_its_list(hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (id_,) = (await hr.ingest(resume))["ids"]
    await hr.all_scored()
    nurse = {name: nurse_resume()[name] for name in ("job_target", "works")}
    await hr.ingest(resume | nurse | {"self_evaluation": "", "address": ""})
    await hr.all_scored()
    assert await hr.results(feed_id) == []
    assert await is_listed(records, hr.user, id_)


@pytest.mark.gen_test
async def test_a_favourite_stays_in_its_list_when_the_form_or_the_resume_changes(hr, other_hr):
    feed, second = await hr.submit(**PYTHON_FEED), await hr.submit(**PYTHON_FEED)
    theirs = await other_hr.submit(**PYTHON_FEED)
    resumes = [python_resume() for _ in range(3)]
    ids = (await hr.ingest(*resumes))["ids"]
    await hr.all_scored()
    kept, changed, _ = ids
    for id_ in (kept, changed):
        assert (await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed)).status == "ok"
    nurse = {name: nurse_resume()[name] for name in ("job_target", "works")}
    await hr.ingest(resumes[1] | nurse | {"self_evaluation": "", "address": ""})
    await hr.all_scored()
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


@pytest.mark.gen_test
async def test_nothing_is_taken_off_a_list_without_a_trace(server, hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    (resume,) = (await hr.ingest(python_resume()))["ids"]
    await hr.all_scored()
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
    assert (await records.find_for(hr.user, [resume])).keys() == {resume}


@pytest.mark.gen_test
async def test_a_long_list_is_dropped_in_parts_with_all_its_traces(server, hr, records):
    feed_id = await hr.submit(**PYTHON_FEED)
    (resume,) = (await hr.ingest(python_resume()))["ids"]
    await hr.all_scored()
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
