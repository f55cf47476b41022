"""Where a person stands in a feed: who was opened or called is not forgotten, whatever resume it was on."""

from datetime import datetime, time, timedelta

import pytest
from bson import ObjectId

from runtime.clock import SHANGHAI
from store.results.work import OUTCOMES
from tests.support import PYTHON_FEED, python_resume

STATES = ("new", "undecided", "contacted", "interview", "offer", "hired", "rejected")


async def stands(hr, feed):
    """By resume, what its item says; every filter gives those who stand so, and nobody else."""
    return await stand_among(hr, feed, removed=0)


async def stand_among(hr, feed, removed):
    found = {item["resume"]["id"]: item["work"] for item in await hr.results(feed, removed=removed)}
    for state in STATES:
        listed = {item["resume"]["id"] for item in await hr.results(feed, work=state, removed=removed)}
        assert listed == {id_ for id_, work in found.items() if work == state}, state
    return found


async def undecided(hr, feed):
    page = await hr.read("/special_feed/page/")
    (count,) = (
        row["feed"]["undecided_count"] for row in page["data"]["all_feed"] if row["feed"]["id"] == feed
    )
    answer = await hr.get(f"/special_feed/feed_list/{feed}", tier="all", work="undecided", size=1)
    assert answer["feed_query_count"] == count
    return count


async def is_settled(server):
    assert [line async for line in server.stores.invariants.broken()] == []


async def test_who_was_opened_or_unlocked_is_undecided_until_something_came_of_it(server, hr):
    feed, (opened, unlocked, new) = await hr.feed_with(*(python_resume() for _ in range(3)))
    assert await stands(hr, feed) == dict.fromkeys((opened, unlocked, new), "new")
    read = await hr.get(f"/feed/get/{feed}/{opened}")
    assert read["data"]["work"] == "undecided"
    assert (await hr.unlock(feed, unlocked)).status == "ok"
    assert await stands(hr, feed) == {opened: "undecided", unlocked: "undecided", new: "new"}
    assert await undecided(hr, feed) == 2
    await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=opened, reco_index=-150)
    assert await undecided(hr, feed) == 1
    await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=opened, reco_index=150)
    assert await undecided(hr, feed) == 2
    await hr.mark(feed, opened, "没接")
    await hr.mark(feed, unlocked, "约面试")
    assert await stands(hr, feed) == {opened: "contacted", unlocked: "interview", new: "new"}
    assert await undecided(hr, feed) == 0
    await is_settled(server)


async def test_who_is_removed_without_an_outcome_is_rejected_and_no_more_undecided(server, hr):
    feed, (new, opened, called, kept) = await hr.feed_with(*(python_resume() for _ in range(4)))
    await hr.get(f"/feed/get/{feed}/{opened}")
    await hr.mark(feed, called, "没接")
    for id_ in (new, opened, called):
        await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=id_, reco_index=-150)
    gone = {new: "rejected", opened: "rejected", called: "contacted"}
    assert await stand_among(hr, feed, removed=1) == gone
    assert (await hr.get(f"/feed/get/{feed}/{new}"))["data"]["work"] == "rejected"
    assert await stands(hr, feed) == {kept: "new"}
    for id_ in gone:
        await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=id_, reco_index=150)
    back = {new: "undecided", opened: "undecided", called: "contacted", kept: "new"}
    assert await stands(hr, feed) == back
    await is_settled(server)


@pytest.mark.long
async def test_every_outcome_says_where_somebody_stands_and_other_marks_nothing(server, hr):
    feed, (one,) = await hr.feed_with(python_resume())
    for name, state in OUTCOMES.items():
        await hr.mark(feed, one, name)
        assert (await stands(hr, feed))[one] == state, name
        await hr.mark(feed, one, "看过作品")
        assert (await stands(hr, feed))[one] == state
    assert set(OUTCOMES.values()) == {*STATES} - {"new", "undecided"}


async def test_an_outcome_that_is_taken_back_or_corrected_leaves_the_one_before(server, hr):
    feed, other = [await hr.submit(**PYTHON_FEED) for _ in range(2)]
    (one,) = await hr.scored(python_resume())
    called = (await hr.mark(feed, one, "已联系"))["mark_log"][-1]["id"]
    offered = (await hr.mark(feed, one, "已发Offer"))["mark_log"][-1]["id"]
    assert (await stands(hr, other))[one] == "new", "it is about one feed"
    for taken_back, state in ((True, "contacted"), (False, "offer")):
        await hr.post(f"/resumes/mark/{one}/{offered}", {"taken_back": taken_back})
        assert (await stands(hr, feed))[one] == state
    await hr.post(f"/resumes/mark/{one}/{offered}", {"mark_name": "已入职"})
    assert (await stands(hr, feed))[one] == "hired"
    for id_ in (offered, called):
        await hr.post(f"/resumes/mark/{one}/{id_}", {"taken_back": True})
    assert (await stands(hr, feed))[one] == "undecided", "who was marked was looked at"
    assert await undecided(hr, feed) == 1
    await is_settled(server)


async def test_it_is_the_persons_whichever_resume_is_listed(server, hr):
    feed = await hr.submit(**PYTHON_FEED)
    person = {"phone": "13900000001", "email": "lin@example.com"}
    (first,) = await hr.scored(python_resume(source_id="a", **person))
    await hr.mark(feed, first, "已联系")
    (second,) = await hr.scored(python_resume(source_id="b", **person))
    assert await stands(hr, feed) == {second: "contacted"}
    await hr.mark(feed, second, "约面试")
    assert await stands(hr, feed) == {second: "interview"}
    await hr.post("/resumes/part/", {"resume_id": first, "other_id": second})
    assert await stands(hr, feed) == {first: "contacted", second: "interview"}
    await hr.post("/resumes/join/", {"resume_id": first, "other_id": second})
    assert await stands(hr, feed) == {second: "interview"}
    await is_settled(server)


async def test_who_was_called_stays_listed_when_the_form_changes(server, hr):
    feed, (called, new) = await hr.feed_with(python_resume(), python_resume())
    await hr.mark(feed, called, "已联系")
    await hr.post(
        "/special_feed/submit_feed/", {"feed_id": feed, "title": "病房护士", "job_desc": "静脉采血"}
    )
    await hr.calced(feed)
    assert {item["resume"]["id"] for item in await hr.results(feed)} == {called}
    assert new not in await stands(hr, feed)
    await is_settled(server)


async def test_a_state_that_is_none_is_refused_and_the_export_filters_by_it(hr):
    feed, (one, _) = await hr.feed_with(python_resume(), python_resume())
    answer = await hr.get(f"/special_feed/feed_list/{feed}", work="gone")
    assert (answer.http, [*answer["errors"]]) == (400, ["work"])
    await hr.mark(feed, one, "已入职")
    text = (await hr.get(f"/feed/export/{feed}.csv", work="hired")).body.decode("utf-8-sig")
    assert len(text.strip().splitlines()) == 2


async def test_the_funnel_counts_whoever_ever_got_so_far_each_once(hr):
    feed = await hr.submit(**PYTHON_FEED)
    person = {"phone": "13900000002", "email": "su@example.com"}
    older, called, hired, seen, _ = await hr.scored(
        python_resume(source_id="older", **person), *(python_resume() for _ in range(4))
    )
    await hr.mark(feed, older, "约面试")
    (newer,) = await hr.scored(python_resume(source_id="newer", **person))
    await hr.mark(feed, newer, "不合适")
    await hr.mark(feed, called, "没接")
    for name in ("约面试", "已发Offer", "已入职", "不合适"):
        await hr.mark(feed, hired, name)
    await hr.get(f"/feed/get/{feed}/{seen}")
    funnel = (await hr.get(f"/special_feed/statistics/{feed}"))["data"]["funnel"]
    assert [(row["work"], row["count"]) for row in funnel] == [
        ("undecided", 4),
        ("contacted", 3),
        ("interview", 2),
        ("offer", 1),
        ("hired", 1),
    ]


@pytest.mark.usefixtures("within_a_day")
async def test_the_funnel_tells_in_which_week_people_were_first_opened(server, hr):
    feed, ids = await hr.feed_with(*(python_resume() for _ in range(5)))
    for id_ in ids[:4]:
        await hr.get(f"/feed/get/{feed}/{id_}")
    await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=ids[3], reco_index=-150)
    today = datetime.now(SHANGHAI).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time(), SHANGHAI)
    for id_, at in (
        (ids[0], monday - timedelta(minutes=1)),
        (ids[1], monday - timedelta(days=49)),
        (ids[2], monday - timedelta(days=49, minutes=1)),
    ):
        which = {"company": ObjectId(hr.user), "feed": ObjectId(feed), "resume": ObjectId(id_)}
        await server.stores._database.results.update_many(which, {"$set": {"read_at": at}})
    data = (await hr.get(f"/special_feed/statistics/{feed}"))["data"]
    assert data["funnel"][0] == {"work": "undecided", "count": 4}
    assert [row["count"] for row in data["looked"]] == [1, 0, 0, 0, 0, 0, 1, 1]
    weeks = [f"{monday - timedelta(weeks=back):%Y-%m-%d}" for back in range(7, -1, -1)]
    assert [row["week"] for row in data["looked"]] == weeks
