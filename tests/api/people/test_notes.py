"""Marks and comments are corrected, taken back and given back; marked people are listed, and reminded of."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from runtime.clock import SHANGHAI
from tests.api.scene import INGEST, UNKNOWN
from tests.support import PYTHON_FEED, WANG, each, python_resume


def day(ahead):
    return (datetime.now(UTC).astimezone(SHANGHAI).date() + timedelta(days=ahead)).isoformat()


async def with_people(hr, *resumes):
    """A feed, and the ids of those whom it lists."""
    feed_id, ids = await hr.feed_with(*(resumes or (python_resume(**WANG),)))
    return feed_id, ids


async def mark(hr, feed_id, resume_id, name, good=True, **more):
    body = {"feed_id": feed_id, "mark_name": name, "good_result": good, **more}
    return await hr.post(f"/resumes/mark/{resume_id}", body)


def names(answer):
    return [row["mark_name"] for row in answer["mark_log"]]


def contents(answer):
    return [row["content"] for row in answer["comment_log"]]


async def marked(hr, **query):
    answer = await hr.get("/resumes/marked/", **query)
    assert answer.status == "ok", answer.body
    return answer


def people(answer):
    return [row["resume"]["id"] for row in answer["data"]]


async def test_a_comment_is_corrected_at_its_place_taken_back_and_given_back(hr):
    feed_id, (resume,) = await with_people(hr)
    for content in ("一", "二", "三"):
        answer = await hr.post(f"/resumes/comment/{resume}", {"content": content})
    before = answer["comment_log"]
    path = f"/resumes/comment/{resume}/{before[1]['id']}"
    for _ in range(2):
        answer = await hr.post(path, {"content": " 二，改过 "})
        assert contents(answer) == ["一", "二，改过", "三"]
        assert answer["comment_log"][1] == {**before[1], "content": "二，改过", "edited": True}
    for _ in range(2):
        assert contents(await hr.call("POST", path, form={"taken_back": "1"})) == ["一", "三"]
    assert contents((await hr.results(feed_id))[0]) == ["一", "三"]
    assert (await hr.post(path, {"content": "还在？"})).http == 404
    for _ in range(2):
        assert contents(await hr.post(path, {"taken_back": False})) == ["一", "二，改过", "三"]
    item = (await hr.get(f"/feed/get/{feed_id}/{resume}"))["data"]
    assert [row["edited"] for row in item["comment_log"]] == [False, True, False]


async def test_of_two_that_are_taken_back_the_last_can_be_given_back(hr):
    _, (resume,) = await with_people(hr)
    for content in ("一", "二"):
        log = (await hr.post(f"/resumes/comment/{resume}", {"content": content}))["comment_log"]
    for row in log:
        await hr.post(f"/resumes/comment/{resume}/{row['id']}", {"taken_back": True})
    first, second = (f"/resumes/comment/{resume}/{row['id']}" for row in log)
    assert (await hr.post(first, {"taken_back": False})).http == 404
    assert contents(await hr.post(second, {"taken_back": False})) == ["二"]


async def test_what_was_taken_back_makes_room_and_has_none_when_it_is_full_again(hr, monkeypatch):
    monkeypatch.setattr("store.notes.candidate_records.MAX_ENTRIES", 1)
    _, (resume,) = await with_people(hr)
    log = (await hr.post(f"/resumes/comment/{resume}", {"content": "一"}))["comment_log"]
    path = f"/resumes/comment/{resume}/{log[0]['id']}"
    await hr.post(path, {"taken_back": True})
    assert (await hr.post(f"/resumes/comment/{resume}", {"content": "二"})).status == "ok"
    assert (await hr.post(path, {"taken_back": False})).http == 400


@pytest.mark.usefixtures("within_a_day")
async def test_a_mark_that_is_taken_back_leaves_things_as_they_stood_before(hr):
    feed_id, (resume,) = await with_people(hr)
    await mark(hr, feed_id, resume, "已联系")
    log = (await mark(hr, feed_id, resume, "不合适", good=False, remind_on=day(1)))["mark_log"]
    path = f"/resumes/mark/{resume}/{log[1]['id']}"
    assert people(await marked(hr, mark_name="不合适", remind=1)) == [resume]
    assert names(await hr.post(path, {"taken_back": True})) == ["已联系"]
    answer = await marked(hr)
    assert answer["marks"] == [{"mark_name": "已联系", "count": 1}]
    assert (answer["data"][0]["mark_name"], answer["later_count"]) == ("已联系", 0)
    assert names(await hr.post(path, {"taken_back": False, "mark_name": "约面试"})) == ["已联系", "约面试"]
    assert (await marked(hr))["data"][0]["remind_on"] == day(1)
    for row in log:
        answer = await hr.post(f"/resumes/mark/{resume}/{row['id']}", {"taken_back": True})
    assert (names(answer), (await marked(hr))["data"]) == ([], [])


async def test_a_request_whose_answer_was_lost_adds_nothing_twice(hr):
    feed_id, (resume,) = await with_people(hr)
    for _ in range(2):
        answer = await mark(hr, feed_id, resume, "已联系", client_id="client-0001")
        assert names(answer) == ["已联系"]
        body = {"content": "一", "client_id": "client-0001"}
        assert contents(await hr.post(f"/resumes/comment/{resume}", body)) == ["一"]
    assert names(await mark(hr, feed_id, resume, "已联系", client_id="client-0002")) == ["已联系"] * 2
    answer = await mark(hr, feed_id, resume, "已联系")
    assert names(answer) == ["已联系"] * 3
    # It was taken back meanwhile, perhaps at another screen.
    first = answer["mark_log"][0]["id"]
    assert names(await hr.post(f"/resumes/mark/{resume}/{first}", {"taken_back": True})) == ["已联系"] * 2
    assert names(await mark(hr, feed_id, resume, "已联系", client_id="client-0001")) == ["已联系"] * 2


async def test_notes_of_another_account_or_of_nobody_are_404(hr, other_hr):
    feed_id, (resume,) = await with_people(hr)
    await other_hr.submit(**PYTHON_FEED)
    marks = (await mark(hr, feed_id, resume, "已联系"))["mark_log"]
    comments = (await hr.post(f"/resumes/comment/{resume}", {"content": "一"}))["comment_log"]
    for who, what, id_ in (
        (other_hr, "mark", marks[0]["id"]),
        (other_hr, "comment", comments[0]["id"]),
        (hr, "mark", comments[0]["id"]),
        (hr, "comment", UNKNOWN),
    ):
        assert (await who.post(f"/resumes/{what}/{resume}/{id_}", {"taken_back": True})).http == 404
    assert (await marked(other_hr))["data"] == []
    (item,) = await hr.results(feed_id)
    assert (item["mark_log"], item["comment_log"]) == (marks, comments)


@each(
    "path, body, named",
    [
        ("mark/{0}", {"remind_on": "2024-1-1"}, "remind_on"),
        ("mark/{0}", {"remind_on": "2099-02-30"}, "remind_on"),
        ("mark/{0}", {"remind_on": "2024-02-28"}, "remind_on"),
        ("mark/{0}", {"client_id": "short"}, "client_id"),
        ("mark/{0}/{0}", {"remind_on": "明天"}, "remind_on"),
        ("mark/{0}/{0}", {"mark_name": " "}, "mark_name"),
        ("mark/{0}/{0}", {"taken_back": "no"}, "taken_back"),
        ("mark/{0}/x", {}, "mark_id"),
        ("comment/{0}", {"content": "x", "client_id": "a" * 65}, "client_id"),
        ("comment/{0}/{0}", {"content": "长" * 2001}, "content"),
    ],
)
async def test_what_is_wrong_is_named_in_chinese(hr, path, body, named):
    needed = {"feed_id": UNKNOWN, "mark_name": "x", "good_result": True} if path == "mark/{0}" else {}
    answer = await hr.post(f"/resumes/{path.format(UNKNOWN)}", {**needed, **body})
    assert (answer.http, list(answer["errors"])) == (400, [named])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in answer["errors"][named][0])


async def test_marked_people_are_listed_over_all_feeds_by_their_latest_mark_newest_first(hr):
    feed_id, ids = await with_people(hr, *(python_resume(number) for number in range(5)))
    second = await hr.submit(**PYTHON_FEED)
    for number, resume in enumerate(ids):
        await mark(hr, (feed_id, second)[number % 2], resume, "已联系")
    await mark(hr, second, ids[0], "约面试")
    answer = await marked(hr)
    assert people(answer) == [ids[0], *ids[:0:-1]]
    assert answer["marks"] == [{"mark_name": "已联系", "count": 4}, {"mark_name": "约面试", "count": 1}]
    assert (answer["total_count"], answer["marked_count"], answer["next_start"]) == (5, 5, -1)
    assert (answer["data"][0]["feed_id"], names(answer["data"][0])) == (second, ["已联系", "约面试"])
    pages = [await marked(hr, mark_name="已联系", size=3, start=start) for start in (0, 1, 2)]
    assert [people(page) for page in pages] == [ids[:1:-1], ids[1:2], []]
    assert [page["next_start"] for page in pages] == [1, -1, -1]
    assert {page["total_count"] for page in pages} == {4}


@pytest.mark.usefixtures("within_a_day")
async def test_whom_to_call_today_comes_first_then_the_overdue_then_the_coming_days(hr, server):
    feed_id, ids = await with_people(hr, *(python_resume(number) for number in range(6)))
    ahead = dict(zip(ids, (40, 0, 2, None, 0, 0), strict=True))
    for resume, days in ahead.items():
        await mark(hr, feed_id, resume, "没接", **({} if days is None else {"remind_on": day(days)}))
    # Two whose day has passed meanwhile.
    for resume, days in ((ids[4], -2), (ids[5], -400)):
        await server.stores._database.candidate_records.update_one(
            {"resume": ObjectId(resume)}, {"$set": {"remind_on": day(days)}}
        )
    answer = await marked(hr, remind=1)
    assert people(answer) == [ids[1], ids[4], ids[5], ids[2], ids[0]]
    assert (answer["due_count"], answer["later_count"], answer["total_count"]) == (3, 2, 5)
    assert people(await marked(hr, remind=1, size=2, start=1)) == [ids[5], ids[2]]
    first = answer["data"][0]
    assert (first["is_due"], first["remind_on"]) == (True, day(0))
    path = f"/resumes/mark/{ids[1]}/{first['mark_log'][0]['id']}"
    assert (await hr.post(path, {"remind_on": day(3)}))["mark_log"][0]["remind_on"] == day(3)
    assert people(await marked(hr, remind=1))[-2:] == [ids[1], ids[0]]
    assert (await hr.post(path, {"remind_on": ""}))["mark_log"][0]["remind_on"] == ""
    assert ids[1] not in people(await marked(hr, remind=1))
    assert (await marked(hr))["marked_count"] == 6


async def test_marked_people_are_searched_within_what_is_shown(hr):
    zhang = python_resume(name="张三丰", phone="13600009999", works=[{"compnay_name": "武当科技"}])
    feed_id, (zhang, other) = await with_people(hr, zhang, python_resume())
    await mark(hr, feed_id, zhang, "已联系", remind_on="2099-01-01")
    await mark(hr, feed_id, other, "没接")
    assert people(await marked(hr, q="Python")) == [other, zhang]
    answer = await marked(hr, q="武当 python")
    assert (people(answer), answer["total_count"], answer["marked_count"]) == ([zhang], 1, 2)
    assert people(await marked(hr, q="武当", mark_name="没接")) == []
    assert people(await marked(hr, q="武当", remind=1)) == [zhang]
    assert people(await marked(hr, q="张三丰")) == [], "nobody is named before they are unlocked"
    await hr.unlock(feed_id, zhang)
    for q in ("张三丰", "9999"):
        assert people(await marked(hr, q=q)) == [zhang], q
    page = await marked(hr, q="python", size=1)
    assert (people(page), page["next_start"], page["total_count"]) == ([other], 1, 2)
    assert people(await marked(hr, q="python", size=1, start=1)) == [zhang]
    assert (await hr.get("/resumes/marked/", q="x" * 51)).http == 400


async def test_a_person_of_two_resumes_is_marked_once_until_they_are_told_apart(hr):
    feed_id, ids = await with_people(hr, python_resume(0), python_resume(1))
    first = (await mark(hr, feed_id, ids[0], "已联系"))["mark_log"][0]["id"]
    pair = {"resume_id": ids[0], "other_id": ids[1]}
    await hr.post("/resumes/join/", pair)
    assert names(await mark(hr, feed_id, ids[1], "约面试", remind_on=day(1))) == ["已联系", "约面试"]
    answer = await marked(hr)
    assert (len(answer["data"]), answer["marks"]) == (1, [{"mark_name": "约面试", "count": 1}])
    # A mark that was made on one resume is corrected by the other.
    answer = await hr.post(f"/resumes/mark/{ids[1]}/{first}", {"mark_name": "没接"})
    assert names(answer) == ["没接", "约面试"]
    await hr.post("/resumes/part/", pair)
    answer = await marked(hr)
    assert people(answer) == [ids[1], ids[0]]
    assert [row["mark_name"] for row in answer["data"]] == ["约面试", "没接"]


async def test_contacts_of_marked_people_are_hidden_until_they_are_unlocked_and_go_with_the_person(hr):
    secret = python_resume(1, contact_status="secret")
    feed_id, ids = await with_people(hr, python_resume(**WANG), secret)
    for resume in ids:
        await mark(hr, feed_id, resume, "已联系")
    shown = {row["resume"]["id"]: row["resume"]["contact_info"] for row in (await marked(hr))["data"]}
    assert shown == {ids[0]: {"status": "public"}, ids[1]: {"status": "secret"}}
    await hr.unlock(feed_id, ids[0])
    (found,) = [row for row in (await marked(hr))["data"] if row["resume"]["id"] == ids[0]]
    assert found["resume"]["contact_info"]["phone"] == WANG["phone"]
    assert (await hr.call("DELETE", f"/resumes/{ids[0]}", headers=INGEST)).status == "ok"
    answer = await marked(hr)
    assert (people(answer), answer["marked_count"]) == ([ids[1]], 1)


async def test_who_stays_by_an_older_resume_stands_as_was_noted_on_it(hr):
    feed_id, ids = await with_people(hr, python_resume(0), python_resume(1))
    await hr.post("/resumes/join/", {"resume_id": ids[0], "other_id": ids[1]})
    await mark(hr, feed_id, ids[0], "已联系")
    await mark(hr, feed_id, ids[1], "约面试")
    assert people(await marked(hr)) == [ids[1]]
    assert (await hr.call("DELETE", f"/resumes/{ids[1]}", headers=INGEST)).status == "ok"
    answer = await marked(hr)
    assert (people(answer), answer["data"][0]["mark_name"]) == ([ids[0]], "已联系")
