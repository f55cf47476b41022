"""What an account keeps of a person: favourites, unlocked contacts, marks, comments; and who may."""

import asyncio

from tests.api.scene import UNKNOWN
from tests.support import PYTHON_FEED, WANG, each, nurse_resume, python_resume

CONTACT = {"name": "王小明", **WANG, "qq": "10001"}


async def with_result(hr, **changes):
    feed_id, (resume_id,) = await hr.feed_with(python_resume(**{**WANG, "qq": "10001", **changes}))
    return feed_id, resume_id


async def item(hr, feed_id):
    return (await hr.results(feed_id))[0]


async def test_a_favourite_is_shown_in_every_list_of_the_account_until_it_is_none(hr):
    feed_id, resume_id = await with_result(hr)
    second = await hr.submit(**{**PYTHON_FEED, "title": "后端Python工程师"})
    assert (await item(hr, feed_id))["favStatus"] is False
    for _ in range(2):
        answer = await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
        assert (answer.http, answer.json) == (200, {"status": "ok", "msg": "ok"})
    assert (await item(hr, feed_id))["favStatus"] is True
    assert (await item(hr, second))["favStatus"] is True
    for method in ("GET", "POST"):
        answer = await hr.call(method, f"/resumes/remove_watch/{resume_id}/", feed_id=feed_id)
        assert (answer.http, answer.status) == (200, "ok")
        assert (await item(hr, feed_id))["favStatus"] is False


async def test_marks_and_comments_are_kept_in_order_and_seen_by_their_account_alone(hr, other_hr):
    feed_id, resume_id = await with_result(hr)
    theirs = await other_hr.submit(**PYTHON_FEED)
    first = await hr.mark(feed_id, resume_id, " 已面试 ")
    form = {"feed_id": feed_id, "mark_name": "已拒绝", "good_result": "false"}
    second = await hr.call("POST", f"/resumes/mark/{resume_id}", form=form)
    assert [row["mark_name"] for row in first["mark_log"]] == ["已面试"]
    assert [(row["mark_name"], row["good_result"]) for row in second["mark_log"]] == [
        ("已面试", True),
        ("已拒绝", False),
    ]
    await hr.post(f"/resumes/comment/{resume_id}", {"content": "电话里谈得不错"})
    answer = await hr.call("POST", f"/resumes/comment/{resume_id}", form={"content": "=HYPERLINK(1)"})
    assert [row["content"] for row in answer["comment_log"]] == ["电话里谈得不错", "=HYPERLINK(1)"]
    assert {row["resume_id"] for row in answer["comment_log"]} == {resume_id}
    mine, other = await item(hr, feed_id), await item(other_hr, theirs)
    assert (mine["mark_log"], mine["comment_log"]) == (second["mark_log"], answer["comment_log"])
    assert (other["mark_log"], other["comment_log"]) == ([], [])


@each(
    "what, body, named",
    [
        ("mark", {"mark_name": "x", "good_result": True}, "feed_id"),
        ("mark", {"feed_id": "xyz", "mark_name": "x", "good_result": True}, "feed_id"),
        ("mark", {"feed_id": UNKNOWN, "mark_name": " ", "good_result": True}, "mark_name"),
        ("mark", {"feed_id": UNKNOWN, "mark_name": "长" * 51, "good_result": True}, "mark_name"),
        ("mark", {"feed_id": UNKNOWN, "mark_name": "x", "good_result": "yes"}, "good_result"),
        ("mark", {"feed_id": UNKNOWN, "mark_name": "x"}, "good_result"),
        ("comment", {"content": "\u3000\n"}, "content"),
        ("comment", {"content": "长" * 2001}, "content"),
        ("comment", {"content": ["x"]}, "content"),
        ("comment", {"content": "a\0b"}, "content"),
        ("comment", {}, "content"),
        ("download", {}, "feed_id"),
        ("download", {"feed_id": {"$ne": ""}}, "feed_id"),
    ],
)
async def test_a_wrong_body_is_400_and_named(hr, what, body, named):
    answer = await hr.post(f"/resumes/{what}/{UNKNOWN}", body)
    assert (answer.http, answer.status) == (400, "bad_request")
    assert answer["errors"].keys() == {named}


async def test_who_was_in_a_list_once_can_be_kept_though_the_list_has_moved_on(hr):
    feed_id, resume_id = await with_result(hr)
    await hr.submit(feed_id=feed_id, title="护士", expect_area="上海")
    assert await hr.results(feed_id) == []
    assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).status == "ok"
    assert (await hr.unlock(feed_id, resume_id)).status == "ok"
    await hr.get(f"/feed/delete/{feed_id}")
    assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).status == "ok"
    (favourite,) = (await hr.get("/resume/follow/list/"))["data"]
    assert favourite["resume"]["contact_info"] == {**CONTACT, "status": "public"}


async def test_a_favourite_stays_with_the_feed_where_it_was_found(hr):
    feed_id, resume_id = await with_result(hr)
    other = await hr.submit(**PYTHON_FEED)
    for one in (feed_id, other):
        assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=one)).status == "ok"
    (favourite,) = (await hr.get("/resume/follow/list/"))["data"]
    assert favourite["feed_id"] == feed_id


async def test_comments_at_once_are_all_kept(hr):
    feed_id, resume_id = await with_result(hr)
    paths = [hr.post(f"/resumes/comment/{resume_id}", {"content": str(number)}) for number in range(6)]
    assert {answer.status for answer in await asyncio.gather(*paths)} == {"ok"}
    contents = {row["content"] for row in (await item(hr, feed_id))["comment_log"]}
    assert contents == {str(number) for number in range(6)}


async def test_what_is_kept_survives_an_edit_and_an_update(hr):
    feed_id, resume_id = await with_result(hr, source_id="person-1")
    await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)
    await hr.post(f"/resumes/comment/{resume_id}", {"content": "留用"})
    await hr.submit(**{**PYTHON_FEED, "feed_id": feed_id, "job_desc": "Python Django"})
    await hr.scored(python_resume(source_id="person-1", **WANG, age=31), nurse_resume())
    kept = await item(hr, feed_id)
    assert (kept["favStatus"], kept["comment_log"][0]["content"], kept["resume"]["age"]) == (True, "留用", 31)
