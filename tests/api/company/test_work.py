"""What members did in a week, as owners see it: by member, by week, and nobody ranked."""

from datetime import timedelta

import pytest
from bson import ObjectId

from store.notes import team_work
from tests.api.company.team import colleague, share
from tests.support import PYTHON_FEED, each, python_resume

NOTHING = (0, 0, 0, 0)


async def work(owner, **query):
    """The numbers by member, in the order of the answer."""
    answer = await owner.get("/company/work/", **query)
    assert answer.status == "ok", answer.body
    rows = {
        row["member"]["id"]: (row["looked_at"], row["unlocked"], row["called"], row["interviews"])
        for row in answer["data"]
    }
    return rows, answer


@pytest.fixture
def scene(hr, other_hr, io_loop):
    """Wei works in a feed of the owner's, Lan does nothing, and another company does the same."""

    async def fill():
        wei, lan = await colleague(hr), await colleague(hr)
        feed, theirs = await hr.submit(**PYTHON_FEED), await other_hr.submit(**PYTHON_FEED)
        await share(hr, feed, {wei: "work"})
        ids = await hr.scored(*(python_resume() for _ in range(3)))
        for one, of, some in (
            (wei, feed, ids[:2]),
            (wei, feed, ids[:1]),
            (hr, feed, ids),
            (other_hr, theirs, ids),
        ):
            for id_ in some:
                await one.get(f"/feed/get/{of}/{id_}")
        for one, of in ((wei, feed), (wei, feed), (other_hr, theirs)):
            await one.unlock(of, ids[0])
            await one.mark(of, ids[0], "没接")
        await wei.mark(feed, ids[0], "不合适")
        await wei.mark(feed, ids[1], "约面试")
        await hr.mark(feed, ids[0], "已入职")
        await hr.mark(feed, ids[2], "不合适")  # who was spoken to and does not fit
        return wei, lan, feed, ids

    return io_loop.run_sync(fill, timeout=120)


async def test_an_owner_sees_with_how_many_people_each_member_did_what(hr, scene):
    wei, lan, *_ = scene
    rows, answer = await work(hr)
    assert list(rows.items()) == [(hr.user, (3, 0, 1, 0)), (wei.user, (2, 1, 2, 1)), (lan.user, NOTHING)]
    assert answer["is_whole"] is True
    assert answer["data"][1]["member"]["name"] == wei.email.partition("@")[0]
    assert set((await work(hr, week=1))[0].values()) == {NOTHING}
    assert (await wei.get("/company/work/")).http == 403


async def test_each_week_has_its_own(hr, server, scene):
    wei, _, _, ids = scene
    database, week = server.stores._database, timedelta(weeks=1)
    for row in await database.audit.find({"user": ObjectId(wei.user)}).to_list(None):
        await database.audit.update_one({"_id": row["_id"]}, {"$set": {"at": row["at"] - week}})
    record = await database.candidate_records.find_one(
        {"company": ObjectId(hr.user), "resume": ObjectId(ids[0]), "marks": {"$exists": True}}
    )
    first, *others = record["marks"]
    before = {"$set": {"marks": [{**first, "at": first["at"] - week}, *others]}}
    await database.candidate_records.update_one({"_id": record["_id"], "company": record["company"]}, before)
    assert (await work(hr))[0][wei.user] == (0, 0, 2, 1)
    rows, answer = await work(hr, week=1)
    assert rows[wei.user] == (2, 1, 1, 0)
    now = (await work(hr))[1]
    assert (now["first_day"] > answer["last_day"] > answer["first_day"]) is True


async def test_who_has_left_comes_last_with_what_they_did(hr, scene):
    wei, lan, *_ = scene
    assert (await hr.post(f"/company/members/{wei.user}/remove/", {"to": hr.user})).status == "ok"
    rows, answer = await work(hr)
    assert list(rows) == [hr.user, lan.user, wei.user]
    assert rows[wei.user] == (2, 1, 2, 1)
    assert answer["data"][2]["member"]["name"] == wei.email.partition("@")[0]


@each("name, least", [("MOST_ROWS", 2), ("LONGEST_S", -1.0)])
async def test_a_week_with_too_much_says_so(hr, scene, monkeypatch, name, least):
    monkeypatch.setattr(team_work, name, least)
    _, answer = await work(hr)
    assert answer["is_whole"] is False


@each("week", [-1, 52, "x"])
async def test_a_week_that_there_is_not_is_named(hr, week):
    answer = await hr.get("/company/work/", week=week)
    assert (answer.http, list(answer["errors"])) == (400, ["week"])
