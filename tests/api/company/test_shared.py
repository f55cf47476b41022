"""Feeds of a team: one list, one unread count; what is each one's own, and what each role may do."""

from tests.api.company.team import colleague, feeds_of, share
from tests.support import PYTHON_FEED, eventually, python_resume


async def shared(hr, roles, count=3):
    """A feed with people in it that is shared; gives the feed and the people."""
    team = [await colleague(hr) for _ in roles]
    feed = await hr.submit(**PYTHON_FEED)
    await share(hr, feed, dict(zip(team, roles, strict=True)))
    ids = await hr.scored(*(python_resume() for _ in range(count)))
    return feed, ids, team


async def test_without_a_share_a_colleagues_feed_is_neither_listed_nor_searched(hr, other_hr):
    """What each role may ask for by a feed's id is in `test_roles.py`."""
    _, _, (wei,) = await shared(hr, ["work"])
    for one in (await colleague(hr), other_hr):
        assert await feeds_of(one) == {}
        assert (await one.get("/resumes/search/", q="python"))["total_count"] == 0
    assert (await wei.get("/resumes/search/", q="python"))["total_count"] == 3


async def test_who_works_in_it_has_the_same_list_and_count_and_frames(hr):
    feed, ids, (wei,) = await shared(hr, ["work"])
    own = await wei.submit(wait=False, **{**PYTHON_FEED, "title": "测试"})
    assert [*await feeds_of(wei)] == [own, feed], "own ones first"
    seen = (await feeds_of(wei))[feed]
    assert (seen["role"], seen["owner"]["id"], seen["unread_count"]) == ("work", hr.user, 3)
    assert (await feeds_of(hr))[feed]["role"] == "own"
    mine, his = await hr.live(), await wei.live()
    await wei.get(f"/feed/get/{feed}/{ids[0]}")
    for live in (mine, his):
        frame = await live.until("unread", feed_id=feed, unread_count=2)
        assert frame["total"] >= 2
    await hr.get("/feed/modify_feed_result", feed_id=feed, resume_id=ids[1], reco_index=-150)
    await his.until("unread", feed_id=feed, unread_count=1)
    assert {row["resume"]["id"] for row in await wei.results(feed)} == {ids[0], ids[2]}
    await wei.mark(feed, ids[2], "约面试")
    (row,) = [row for row in await hr.results(feed) if row["resume"]["id"] == ids[2]]
    assert row["work"] == "interview"
    assert row["mark_log"][0]["by"] == {"id": wei.user, "name": wei.email.partition("@")[0]}
    assert [row["resume"]["id"] for row in await hr.results(feed, mark="约面试")] == [ids[2]]
    assert (await hr.get("/resumes/marked/"))["marked_count"] == 0, "who marked comes back to them"
    await wei.unlock(feed, ids[2])
    (row,) = [row for row in await hr.results(feed) if row["resume"]["id"] == ids[2]]
    assert row["contact_info"]["phone"]


async def test_favourites_are_each_ones_own(hr):
    feed, (one, two, _), (wei,) = await shared(hr, ["work"])
    await hr.get(f"/resumes/add_watch/{one}", feed_id=feed)
    await wei.get(f"/resumes/add_watch/{two}", feed_id=feed)

    async def kept(hr):
        rows = (await hr.get("/resume/follow/list/"))["data"]
        stars = {row["resume"]["id"] for row in await hr.results(feed) if row["favStatus"]}
        listed = {row["resume"]["id"] for row in await hr.results(feed, favourite=1)}
        assert {row["resume"]["id"] for row in rows} == stars == listed
        return stars

    assert (await kept(hr), await kept(wei)) == ({one}, {two})
    await hr.get(f"/resumes/add_watch/{two}", feed_id=feed)
    await wei.get(f"/resumes/remove_watch/{two}", feed_id=feed)
    assert (await kept(hr), await kept(wei)) == ({one, two}, set())


async def test_who_may_look_reads_and_comments(hr):
    feed, (resume, *_), (lan,) = await shared(hr, ["view"])
    assert (await feeds_of(lan))[feed]["role"] == "view"
    item = (await lan.get(f"/feed/get/{feed}/{resume}"))["data"]
    assert (item["user_read_status"], item["work"]) == ("unread", "new")
    assert await hr.unread(feed) == 3
    said = await lan.post(f"/resumes/comment/{resume}", {"content": "不错"})
    assert said["comment_log"][0]["by"]["id"] == lan.user


async def test_notes_are_corrected_by_who_made_them(hr):
    _, (resume, *_), (wei,) = await shared(hr, ["work"])
    (mine,) = (await hr.post(f"/resumes/comment/{resume}", {"content": "先别打"}))["comment_log"]
    path = f"/resumes/comment/{resume}/{mine['id']}"
    assert (await wei.post(path, {"content": "打吧"})).http == 403
    assert (await wei.post(path, {"taken_back": True})).http == 403
    assert (await hr.post(path, {"content": "可以打"})).status == "ok"


async def test_a_share_and_its_end_are_told_at_once(hr):
    feed, _, (wei,) = await shared(hr, ["work"])
    lan = await colleague(hr)
    live = await lan.socket()
    assert (await live.until("snapshot"))["feeds"] == []
    await share(hr, feed, {wei: "work", lan: "view"})
    assert (await live.until("unread", feed_id=feed))["unread_count"] == 3
    await share(hr, feed, {lan: "work"})
    assert await feeds_of(wei) == {}
    await share(hr, feed, {})
    await live.until("removed", feed_id=feed)
    for members in (
        [{"id": hr.user, "role": "work"}],
        [{"id": lan.user, "role": "work"}] * 2,
        [{"id": lan.user, "role": "own"}],
    ):
        answer = await hr.post(f"/special_feed/share/{feed}", {"members": members})
        assert answer.http == 400, answer.body


async def test_a_feed_is_given_away_whole_whatever_the_quota(hr, other_hr):
    feed, ids, (wei,) = await shared(hr, ["work"])
    lan = await colleague(hr, role="owner")
    for number in range(5):
        await lan.submit(wait=False, **{**PYTHON_FEED, "title": f"职位{number}"})
    assert (await lan.post("/special_feed/submit_feed/", PYTHON_FEED)).status == "no_feed"
    await hr.get(f"/feed/get/{feed}/{ids[0]}")
    assert (await hr.post(f"/special_feed/transfer/{feed}", {"to": other_hr.user})).http == 404
    assert (await hr.post(f"/special_feed/transfer/{feed}", {"to": lan.user})).status == "ok"
    assert [*await feeds_of(hr)] == []
    assert (await feeds_of(wei))[feed]["owner"]["id"] == lan.user
    mine = (await feeds_of(lan))[feed]
    assert (mine["role"], mine["unread_count"], len(await feeds_of(lan))) == ("own", 2, 6)
    # An owner of the company who is not in it manages it, and sees nothing of it.
    assert (await hr.get(f"/special_feed/feed_list/{feed}")).status == "no_feed"
    assert (await hr.post("/special_feed/pause/", {"feed_id": feed, "paused": 1}))["paused"] is True
    assert (await hr.post(f"/special_feed/transfer/{feed}", {"to": hr.user})).status == "ok"
    assert (await feeds_of(hr))[feed]["paused"] is True


async def test_a_deleted_account_leaves_its_feeds_to_the_company(hr, server):
    feed, ids, (wei,) = await shared(hr, ["view"])
    await server.stores.deletions.delete(hr.user)
    mine = (await feeds_of(wei))[feed]
    assert (mine["role"], mine["unread_count"]) == ("own", 3)
    assert (await wei.get("/company/"))["data"]["role"] == "owner"

    async def is_gone():
        return (await hr.get("/special_feed/page/")).http == 401

    await eventually(is_gone, what="the end of the session")
    assert len(await wei.results(feed)) == len(ids)
