"""Nothing ends before its time and everything after it, whoever reads meanwhile and whoever is killed."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from engine.ends.retention import RetentionPolicy, RetentionTask
from runtime.clock import day_of
from store.ends import retention as retention_module
from store.results import results as results_module
from store.resumes import resumes as resumes_module
from tests.integration.ends.test_erasure import about, all_delivered, broken
from tests.integration.gates import Gate, Killed, Trap
from tests.support import PYTHON_FEED, eventually, python_resume

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def later(server):
    """Looks once, so much later than now; with the settings that a test names."""

    async def look(time, **days):
        stores = server.stores
        policy = RetentionPolicy(**days)
        task = RetentionTask(stores.retention, stores.audit_retention, policy)

        async def has_looked():
            await let_go(server)
            async with stores.jobs.holding("retention") as job:
                if job is not None:
                    await task.end(now=datetime.now(UTC) + time)
            return job is not None

        # The server's own task may be at it, which takes milliseconds.
        await eventually(has_looked, what="the lease")

    return look


async def let_go(server):
    """Let whoever comes next look at once."""
    await server.stores.jobs.ask("retention")


async def listed(hr, feed_id):
    return {item["resume"]["id"] for item in await hr.results(feed_id)}


async def is_settled(server):
    """No lesson is left to be learned, and everything is in order."""

    async def nothing_due():
        return not await server.stores.feedback.due(10)

    await eventually(nothing_due, what="learning")
    return await broken(server) == []


@pytest.mark.long
async def test_a_result_ends_on_its_day_and_what_was_noted_stays(server, hr, other_hr, later):
    feed_id, theirs = await hr.submit(**PYTHON_FEED), await other_hr.submit(**PYTHON_FEED)
    read, favourite, deleted, unread = ids = await hr.scored(*(python_resume() for _ in range(4)))
    await hr.get(f"/feed/get/{feed_id}/{read}")
    await hr.get(f"/resumes/add_watch/{favourite}", feed_id=feed_id)
    await hr.post(f"/resumes/comment/{favourite}", {"content": "约了周五"})
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=deleted, reco_index=-150)
    await later(30 * DAY - MINUTE, result_days=30)
    assert await listed(other_hr, theirs) == set(ids)
    await later(10_000 * DAY)
    assert await listed(other_hr, theirs) == set(ids)
    live = await hr.live(total=2)
    await later(30 * DAY + MINUTE, result_days=30)
    await live.until("unread", feed_id=feed_id, unread_count=0)
    assert (await listed(hr, feed_id), await listed(other_hr, theirs)) == (set(), set())
    assert (await hr.unread(feed_id), await other_hr.unread(theirs)) == (0, 0)
    assert (await hr.get(f"/feed/get/{feed_id}/{unread}")).http == 404
    assert await server.stores.results.total() == 0
    (kept,) = (await hr.get("/resume/follow/list/"))["data"]
    assert kept["resume"]["id"] == favourite
    note = await hr.post(f"/resumes/comment/{favourite}", {"content": "周五来过"})
    assert [row["content"] for row in note["comment_log"]] == ["约了周五", "周五来过"]
    # Who was in a list once may be dealt with further.
    mark = {"feed_id": feed_id, "mark_name": "再联系", "good_result": True}
    assert (await hr.post(f"/resumes/mark/{unread}", mark)).status == "ok"
    assert await server.stores.resumes.count() == 4
    assert await is_settled(server)


async def test_what_has_ended_is_not_listed_again_until_there_is_news(
    sweeping, server, hr, later, monkeypatch
):
    # What arrived just now is as old as anything.
    monkeypatch.setattr(results_module, "_YOUNGEST_ENDED", -DAY)
    monkeypatch.setattr(resumes_module, "_YOUNGEST_ENDED", -DAY)
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    id_, other = await hr.scored(resume, python_resume())
    await later(31 * DAY, result_days=30)
    await hr.submit(**PYTHON_FEED | {"feed_id": feed_id, "title": "Python工程师"})
    assert await listed(hr, feed_id) == set()
    await server.stores.resumes.requeue([id_, other])
    await hr.all_scored()
    assert await listed(hr, feed_id) == set()
    # Another feed never had them.
    assert await listed(hr, await hr.submit(**PYTHON_FEED)) == {id_, other}
    await hr.scored(resume | {"age": 29})
    assert await listed(hr, feed_id) == {id_}
    assert await is_settled(server)


@pytest.mark.long
async def test_a_resume_without_news_ends_with_all_that_was_noted_and_may_come_again(server, hr, later):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume(consent="勾选同意")
    (id_,) = await hr.scored(resume)
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    await hr.post(f"/resumes/comment/{id_}", {"content": "约了周五"})
    await later(30 * DAY, resume_days=30)
    assert await listed(hr, feed_id) == {id_}
    assert await is_settled(server)  # what is learned late of whom is gone would be cleared a moment later
    await all_delivered(server)
    await later(31 * DAY, resume_days=30)
    assert await listed(hr, feed_id) == set()
    assert (await hr.get("/resume/follow/list/"))["data"] == []
    assert await about(server, id_) == set()
    assert await is_settled(server)
    assert (await hr.ingest(resume))["accepted"] == 1
    await hr.all_scored()
    (item,) = await hr.results(feed_id)
    assert (item["user_read_status"], item["favStatus"], item["comment_log"]) == ("unread", False, [])
    assert await is_settled(server)


@pytest.mark.parametrize("changes", [{}, {"age": 29}], ids=["the same", "changed"])
async def test_a_resume_that_comes_again_has_news(server, hr, later, changes):
    news, silent = python_resume(), python_resume()
    news_id, _ = await hr.scored(news, silent)
    long_ago = datetime.now(UTC) - 40 * DAY
    await server.stores._database.contacts.update_many({}, {"$set": {"news_at": long_ago}})
    await hr.scored(news | changes)
    await later(timedelta(0), resume_days=30)
    assert [str(row["_id"]) async for row in server.stores._database.resumes.find({})] == [news_id]


@pytest.mark.parametrize(
    ("at", "changes"), [("end", {}), ("_thin_out", {}), ("_thin_out", {"age": 29})], ids=str
)
async def test_a_resume_that_comes_in_the_middle_does_not_end(server, hr, later, at, changes):
    feed_id = await hr.submit(**PYTHON_FEED)
    resume = python_resume()
    (id_,) = await hr.scored(resume)
    await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    long_ago = datetime.now(UTC) - 40 * DAY
    await server.stores._database.contacts.update_many({}, {"$set": {"news_at": long_ago}})
    # Its page is read, and it is not reached yet; or it was looked at, and nothing is deleted.
    gate = Gate(server.stores.erasures, at)
    ending = asyncio.create_task(later(timedelta(0), resume_days=30))
    await gate.reached.wait()
    await hr.scored(resume | changes)
    gate.open()
    await ending
    assert await listed(hr, feed_id) == {id_}
    assert len((await hr.get("/resume/follow/list/"))["data"]) == 1
    assert await server.stores._database.erasures.count_documents({}) == 0
    assert await is_settled(server)


STEPS = [("candidate_records", "end"), ("retention", "_end"), ("erasures", "_bury"), ("erasures", "_delete")]


@pytest.mark.long
@pytest.mark.parametrize(("part", "step"), STEPS)
async def test_what_was_killed_in_the_middle_is_finished(server, hr, later, part, step):
    feed_id, (id_, other) = await hr.feed_with(python_resume(), python_resume())
    await hr.get(f"/feed/get/{feed_id}/{id_}")
    assert await is_settled(server)  # what is learned late of whom is gone would be cleared a moment later
    await all_delivered(server)
    days = {"result_days": 30} if part != "erasures" else {"resume_days": 30}
    trap = Trap(getattr(server.stores, part), step)
    with pytest.raises(Killed):
        await later(31 * DAY, **days)
    trap.take_away()
    await later(31 * DAY, **days)
    assert await listed(hr, feed_id) == set()
    if part == "erasures":
        assert await about(server, id_) | await about(server, other) == set()
    assert await is_settled(server)


async def test_a_machine_whose_clock_is_ahead_of_the_stores_ends_nothing_before_its_time(stores, monkeypatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=400)

    monkeypatch.setattr(retention_module, "datetime", Ahead)
    assert await stores.retention.time() < datetime.now(UTC) + MINUTE


@pytest.mark.settings(result_days=2, resume_days=3, audit_days=4)
async def test_a_server_ends_what_is_old_by_itself(server, hr):
    feed_id, (old, gone, new) = await hr.feed_with(*(python_resume() for _ in range(3)))
    await hr.unlock(feed_id, new)
    database, now = server.stores._database, datetime.now(UTC)
    await database.feeds.update_one({"_id": ObjectId(feed_id)}, {"$set": {"start_time": now - 4 * DAY}})
    for days, resume in ((1, new), (3, old)):
        listed_at = now - days * DAY
        change = {"$set": {"pub_time": listed_at, "day": day_of(listed_at)}}
        await database.results.update_one({"resume": ObjectId(resume)}, change)
    for days, resume in ((2, new), (2, old), (4, gone)):
        change = {"$set": {"news_at": now - days * DAY}}
        await database.contacts.update_one({"_id": ObjectId(resume)}, change)
    await let_go(server)

    async def is_done():
        return await listed(hr, feed_id) == {new}

    await eventually(is_done, what="the server's look")
    assert set(await server.stores.resumes.bodies([old, gone, new])) == {old, new}
    assert await is_settled(server)
