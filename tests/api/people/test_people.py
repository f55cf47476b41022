"""What an account keeps of a person: favourites, unlocked contacts, marks, comments; and who may."""

import asyncio

from store.notes.candidate_records import MAX_COMMENT_CHARS, MAX_ENTRIES
from tests.support import PYTHON_FEED, WANG, each, nurse_resume, python_resume

UNKNOWN = "0" * 24
CONTACT = {"name": "王小明", **WANG, "qq": "10001"}


async def with_result(hr, **changes):
    feed_id = await hr.submit(**PYTHON_FEED)
    (resume_id,) = (await hr.ingest(python_resume(**{**WANG, "qq": "10001", **changes})))["ids"]
    await hr.all_scored()
    return feed_id, resume_id


async def item(hr, feed_id):
    return (await hr.results(feed_id))[0]


async def unlock(hr, feed_id, resume_id):
    return await hr.call("POST", f"/resumes/download/{resume_id}", form={"feed_id": feed_id})


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


async def test_an_unlocked_contact_is_shown_from_then_on_to_this_account_alone(hr, other_hr):
    feed_id, resume_id = await with_result(hr)
    theirs = await other_hr.submit(**PYTHON_FEED)
    assert (await item(hr, feed_id))["contact_info"] == {}
    answer = await unlock(hr, feed_id, resume_id)
    shown = {**CONTACT, "resume_id": resume_id}
    assert (answer.http, answer.status, answer["contact_info"]) == (200, "ok", shown)
    assert (await item(hr, feed_id))["contact_info"] == shown
    assert (await hr.get(f"/feed/get/{feed_id}/{resume_id}"))["data"]["contact_info"] == shown
    assert (await item(other_hr, theirs))["contact_info"] == {}


async def test_every_contact_that_is_shown_is_audited_and_none_else(server, hr):
    feed_id, resume_id = await with_result(hr)
    await hr.results(feed_id)
    assert await server.stores.audit.reads_of(resume_id) == []
    unlocked = await unlock(hr, feed_id, resume_id)
    listed = await hr.get(f"/special_feed/feed_list/{feed_id}")
    reads = await server.stores.audit.reads_of(resume_id)
    requests = [answer.headers["X-Request-Id"] for answer in (unlocked, listed)]
    assert sorted((read.user, read.action, read.request) for read in reads) == sorted(
        [(hr.user, "unlock", requests[0]), (hr.user, "list", requests[1])]
    )


async def test_a_secret_contact_is_never_shown_even_if_it_was_unlocked_before(hr):
    feed_id, resume_id = await with_result(hr, source_id="person-1")
    assert (await unlock(hr, feed_id, resume_id)).status == "ok"
    await hr.ingest(python_resume(source_id="person-1", **WANG, qq="10001", contact_status="secret"))
    # At once, though the update waits to be scored.
    assert (await item(hr, feed_id))["contact_info"] == {}
    await hr.all_scored()
    answer = await unlock(hr, feed_id, resume_id)
    assert (answer.http, answer.status, answer["contact_info"]) == (200, "secret", {})
    assert (await item(hr, feed_id))["contact_info"] == {}


async def test_marks_and_comments_are_kept_in_order_and_seen_by_their_account_alone(hr, other_hr):
    feed_id, resume_id = await with_result(hr)
    theirs = await other_hr.submit(**PYTHON_FEED)
    first = await hr.post(
        f"/resumes/mark/{resume_id}", {"feed_id": feed_id, "mark_name": " 已面试 ", "good_result": True}
    )
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


async def test_a_watch_without_its_feed_is_400(hr):
    for what in ("add_watch", "remove_watch"):
        answer = await hr.get(f"/resumes/{what}/{UNKNOWN}")
        assert (answer.http, answer["errors"]) == (400, {"feed_id": ["必填"]})


async def test_a_person_who_never_was_in_a_list_of_the_account_is_404_for_everything(hr, other_hr):
    feed_id, resume_id = await with_result(hr)
    theirs = await other_hr.submit(title="护士", expect_area="上海")
    bodies = []
    for feed, resume in ((theirs, resume_id), (theirs, UNKNOWN), (feed_id, resume_id)):
        for answer in (
            await other_hr.get(f"/resumes/add_watch/{resume}", feed_id=feed),
            await other_hr.get(f"/resumes/remove_watch/{resume}", feed_id=feed),
            await unlock(other_hr, feed, resume),
            await other_hr.post(
                f"/resumes/mark/{resume}", {"feed_id": feed, "mark_name": "x", "good_result": True}
            ),
            await other_hr.post(f"/resumes/comment/{resume}", {"content": "x"}),
        ):
            assert answer.http == 404
            bodies.append(answer.body)
    assert len(set(bodies)) == 1


async def test_who_was_in_a_list_once_can_be_kept_though_the_list_has_moved_on(hr):
    feed_id, resume_id = await with_result(hr)
    await hr.submit(feed_id=feed_id, title="护士", expect_area="上海")
    assert await hr.results(feed_id) == []
    assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).status == "ok"
    assert (await unlock(hr, feed_id, resume_id)).status == "ok"
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


async def test_a_log_that_is_full_says_so(hr, monkeypatch):
    feed_id, resume_id = await with_result(hr)
    monkeypatch.setattr("store.notes.candidate_records.MAX_ENTRIES", 2)
    for number in range(2):
        assert (await hr.post(f"/resumes/comment/{resume_id}", {"content": str(number)})).status == "ok"
    answer = await hr.post(f"/resumes/comment/{resume_id}", {"content": "2"})
    assert (answer.http, answer["errors"]) == (
        400,
        {"content": [f"最多 {MAX_ENTRIES} 条备注，共 {MAX_COMMENT_CHARS} 个字符"]},
    )
    assert [row["content"] for row in (await item(hr, feed_id))["comment_log"]] == ["0", "1"]


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
    await hr.ingest(python_resume(source_id="person-1", **WANG, age=31), nurse_resume())
    await hr.all_scored()
    kept = await item(hr, feed_id)
    assert (kept["favStatus"], kept["comment_log"][0]["content"], kept["resume"]["age"]) == (True, "留用", 31)
