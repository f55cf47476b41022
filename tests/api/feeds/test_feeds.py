"""Feeds: the form, submit, the list, delete, the quota."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from store.errors import QuotaUsedUp
from store.feeds.feed_documents import Feed, FeedForm
from store.feeds.feeds import Feeds
from tests.support import PYTHON_FEED, alone, each, python_resume


async def submit(hr, **fields):
    return await hr.post("/special_feed/submit_feed/", fields)


async def test_a_form_can_be_sent_back_as_it_was_given(hr):
    feed_id = (await submit(hr, title="Python开发", keywords="python", job_domain=[7]))["feed_id"]
    form = (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["data"]["feed"]
    assert (await submit(hr, **form, feed_id=feed_id)).status == "ok"
    again = (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["data"]["feed"]
    assert again == form


async def test_lists_come_as_lists_or_as_text_with_any_comma(hr):
    for value in (["北京", "上海"], "北京,上海", "北京，上海", "北京、上海", " 北京 , ,上海,北京 "):
        answer = await submit(hr, title="测试", expect_area=value)
        assert answer.status == "ok"
        form = (await hr.get(f"/special_feed/edit_feed/{answer['feed_id']}"))["data"]["feed"]
        assert form["expect_area"] == ["北京", "上海"]


@each(
    "fields, named",
    [
        ({}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 101}, "title"),
        ({"title": "a", "job_desc": "x" * 20_001}, "job_desc"),
        ({"title": "a", "salary_min": 9000, "salary_max": 8000}, "salary_min"),
        ({"title": "a", "keywords": [str(n) for n in range(16)]}, "keywords"),
        ({"title": "a", "keywords": "x" * 51}, "keywords"),
        ({"title": "a", "company_prefer": [9999]}, "company_prefer"),
        ({"title": "a", "job_domain": "O2O"}, "job_domain"),
    ],
)
async def test_contents_that_are_wrong_are_a_form_error_and_save_nothing(hr, fields, named):
    answer = await submit(hr, **fields)
    assert (answer.http, answer.status) == (200, "form_error")
    assert list(answer["errors"]) == [named]
    assert (await hr.get("/special_feed/page/")).status == "no_feed"


@each(
    "fields, named",
    [
        ({"title": 5}, "title"),
        ({"title": "a", "salary_min": "3000"}, "salary_min"),
        ({"title": "a", "salary_min": -1}, "salary_min"),
        ({"title": "a", "salary_max": 2**64}, "salary_max"),
        ({"title": "a", "salary_max": 1.5}, "salary_max"),
        ({"title": "a", "keywords": [1]}, "keywords"),
        ({"title": "a", "job_domain": [{"id": "7"}]}, "job_domain"),
        ({"title": "a\0b"}, "title"),
        ({"title": "a", "feed_id": "xyz"}, "feed_id"),
        ({"title": "a", "$where": "1"}, "$where"),
        ({"title": "a", "a.b": 1}, "a.b"),
    ],
)
async def test_a_body_of_the_wrong_shape_is_400_and_saves_nothing(hr, fields, named):
    answer = await submit(hr, **fields)
    assert (answer.http, answer.status) == (400, "bad_request")
    assert named in answer["errors"]
    assert (await hr.get("/special_feed/page/")).status == "no_feed"


async def test_page_lists_newest_first(hr):
    assert (await hr.get("/special_feed/page/")).json["data"]["all_feed"] == []
    first, second = [await hr.submit(wait=False, title=title) for title in ("Python开发", "会计")]
    data = (await hr.get("/special_feed/page"))["data"]
    assert [row["feed"]["id"] for row in data["all_feed"]] == [second, first]
    assert (data["has_rest_feed"], data["vip_user"]) == (True, False)


async def test_the_quota_is_kept_however_many_submits_come_at_once(server, hr):
    # By the store itself: of an account one process works on one submit after the other.
    feeds = [Feeds(server.stores._database, server.stores.jobs) for _ in range(3)]
    asked = {"quota": 5, "service_days": 365, "vip": False}
    outcomes = await asyncio.gather(
        *(
            feeds[number % 3].create(alone(hr.user), FeedForm(title=f"职位{number}"), **asked)
            for number in range(12)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, QuotaUsedUp) for outcome in outcomes) == 7
    assert sum(isinstance(outcome, Feed) for outcome in outcomes) == 5
    answers = await asyncio.gather(*(submit(hr, title=f"职位{number}") for number in range(6)))
    assert {answer.status for answer in answers} == {"no_feed"}
    assert (await hr.get("/special_feed/edit_feed/")).status == "no_rest_feed"
    page = await hr.get("/special_feed/page/")
    assert page["data"]["has_rest_feed"] is False
    assert (await hr.get(f"/feed/delete/{page['data']['all_feed'][0]['feed']['id']}")).status == "ok"
    assert (await hr.get("/special_feed/edit_feed/")).status == "ok"
    assert (await submit(hr, title="又一个")).status == "ok"


async def test_a_quota_that_was_lowered_admits_no_more(server, hr):
    feeds = [await hr.submit(title=f"职位{number}") for number in range(5)]
    await server.stores.accounts._accounts.update_one({"email": hr.email}, {"$set": {"quota": 3}})
    await hr.get(f"/feed/delete/{feeds[0]}")
    assert (await hr.get("/special_feed/edit_feed/")).status == "no_rest_feed"
    assert (await submit(hr, title="又一个")).status == "no_feed"


async def test_an_edit_keeps_the_place_and_a_deleted_feed_cannot_be_edited(hr):
    feed_id = await hr.submit(title="一")
    assert await hr.submit(feed_id=feed_id, title="二") == feed_id
    page = await hr.get("/special_feed/page/")
    assert [row["feed"]["title"] for row in page["data"]["all_feed"]] == ["二"]
    await hr.get(f"/feed/delete/{feed_id}")
    assert (await submit(hr, feed_id=feed_id, title="三")).status == "feed_error"
    assert (await hr.get(f"/special_feed/edit_feed/{feed_id}/")).status == "feed_error"
    assert (await hr.get("/special_feed/page/")).status == "no_feed"


async def test_an_idle_feed_is_not_scored_and_catches_up_when_it_is_opened(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    long_ago = datetime.now(UTC) - timedelta(days=8)
    await server.stores._database.feeds.update_one(
        {"_id": ObjectId(feed_id)},
        {"$set": {"last_click_time": long_ago}, "$currentDate": {"updated_at": True}},
    )
    page = await hr.get("/special_feed/page/")
    assert page["data"]["all_feed"][0]["feed"]["expire_status"] is True
    await hr.scored(python_resume())
    assert await hr.unread(feed_id) == 0
    await hr.get(f"/special_feed/feed_list/{feed_id}")
    await hr.calced(feed_id)
    assert await hr.unread(feed_id) == 1


async def test_an_expired_feed_is_shown_as_such_gives_its_slot_back_and_is_not_scored(server, hr):
    feeds = [await hr.submit(**PYTHON_FEED | {"title": f"Python开发{n}"}) for n in range(5)]
    await server.stores._database.feeds.update_one(
        {"_id": ObjectId(feeds[0])},
        {"$set": {"expires_at": datetime.now(UTC)}, "$currentDate": {"updated_at": True}},
    )
    page = await hr.get("/special_feed/page/")
    assert [row["feed"]["has_expire"] for row in page["data"]["all_feed"]] == [False] * 4 + [True]
    await hr.scored(python_resume())
    assert await hr.unread(feeds[0]) == 0
    assert await hr.unread(feeds[1]) == 1
    assert page["data"]["has_rest_feed"] is True
    assert (await submit(hr, title="第六个")).status == "ok"


async def test_a_new_feed_that_is_submitted_twice_under_one_name_is_made_once(server, hr, other_hr):
    named = PYTHON_FEED | {"client_id": "c7Yw-93bq_A1"}
    first, second = await asyncio.gather(submit(hr, **named), submit(hr, **named))
    assert (first.status, second.status) == ("ok", "ok")
    feed_id = first["feed_id"]
    assert second["feed_id"] == feed_id
    again = await submit(hr, **named | {"title": "护士"})
    assert (again.status, again["feed_id"], again["understood"]) == ("ok", feed_id, first["understood"])
    data = (await hr.get(f"/special_feed/edit_feed/{feed_id}"))["data"]
    assert data["feed"]["title"] == PYTHON_FEED["title"], "it stays as it is"
    assert "client_id" not in data["feed"]
    # Another name, another account and no name make feeds of their own.
    others = [await submit(who, **form) for who, form in ((hr, PYTHON_FEED), (other_hr, named))]
    assert len({feed_id, *(answer["feed_id"] for answer in others)}) == 3
    # The quota is not asked for what was made already.
    for number in range(3):
        await submit(hr, **PYTHON_FEED, client_id=f"another-{number}")
    assert (await submit(hr, **PYTHON_FEED)).status == "no_feed"
    assert (await submit(hr, **named))["feed_id"] == feed_id
    await hr.get(f"/feed/delete/{feed_id}")
    assert (await submit(hr, **named))["feed_id"] == feed_id
    repeats, then = server.stores._database.repeats, datetime.now(UTC) - timedelta(days=1)
    await repeats.update_one({"said": feed_id}, {"$set": {"ends_at": then}})
    later = await submit(hr, **named)
    assert later.status == "ok"
    assert later["feed_id"] != feed_id


@each(
    "field, value",
    [
        ("client_id", "short"),
        ("client_id", "x" * 65),
        ("client_id", "with blank"),
        ("client_id", "trailing\n"),
        ("breadth", "wide"),
        ("breadth", ""),
    ],
)
async def test_a_malformed_name_or_breadth_is_a_form_error(hr, field, value):
    answer = await submit(hr, **PYTHON_FEED, **{field: value})
    assert (answer.http, answer.status, list(answer["errors"])) == (200, "form_error", [field])


async def test_chosen_occupations_are_kept_given_back_and_taken_back(hr):
    edit = "/special_feed/edit_feed/{}/"
    vague = {"title": "专员", "job_desc": "编写测试用例，提交缺陷，做回归测试"}
    blank = await hr.get("/special_feed/edit_feed/")
    assert blank["understood"] == {"occupations": [], "ask": False}
    assert blank["data"]["feed"]["occupations"] == []
    guessed = await submit(hr, **vague)
    assert guessed["understood"]["ask"]
    assert sum(one["weight"] for one in guessed["understood"]["occupations"]) == pytest.approx(1)
    feed_id = guessed["feed_id"]
    # Ids, names of any spelling and whole entries, as a list or as one text.
    nurse, java = {"id": "护士", "name": "护士"}, {"id": "java开发工程师", "name": "Java开发工程师"}
    for given in (["护士", "JAVA"], "护士，java开发工程师", [{**nurse, "weight": 0.5}, java]):
        form = {**vague, "feed_id": feed_id, "occupations": given}
        told = await submit(hr, **form)
        assert told["understood"] == {
            "occupations": [{**java, "weight": 0.5}, {**nurse, "weight": 0.5}],
            "ask": False,
        }
        opened = await hr.get(edit.format(feed_id))
        assert opened["data"]["feed"]["occupations"] == [nurse, java]
        preview = await hr.post("/special_feed/preview/", form)
        assert told["understood"] == opened["understood"] == preview["understood"]
    assert (await submit(hr, **vague, feed_id=feed_id, occupations=[]))["understood"] == guessed["understood"]
    assert (await hr.get(edit.format(feed_id)))["data"]["feed"]["occupations"] == []


async def test_an_occupation_that_nobody_knows_and_a_sixth_are_told(hr):
    for given, said in (
        (["量子炼金师"], "量子炼金师"),
        ("", None),
        (["护士"] * 6, "最多 5 个"),
        ([""], "没有"),
    ):
        answer = await submit(hr, title="专员", occupations=given)
        assert answer.http == 200
        if said:
            assert (answer.status, list(answer["errors"])) == ("form_error", ["occupations"])
            assert said in answer["errors"]["occupations"][0]
            assert answer["understood"] == {"occupations": [], "ask": False}
        else:
            assert answer.status == "ok"
    assert (await submit(hr, title="专员", occupations=[7])).http == 400


async def test_a_chosen_occupation_that_a_later_lexicon_lacks_is_kept_and_no_error(server, hr):
    feed_id = await hr.submit(title="护士", occupations=["护士"])
    await server.stores._database.feeds.update_one(
        {"_id": ObjectId(feed_id)}, {"$set": {"form.occupations": ["量子炼金师"]}}
    )
    opened = await hr.get(f"/special_feed/edit_feed/{feed_id}/")
    assert opened["data"]["feed"]["occupations"] == [{"id": "量子炼金师", "name": "量子炼金师"}]
    assert opened["understood"]["occupations"][0]["id"] == "护士"
    assert opened["understood"]["ask"]


async def test_occupations_are_found_by_a_part_of_any_of_their_names(hr):
    found = await hr.get("/special_feed/occupations/", words="前端")
    assert found["data"][0] == {"id": "前端开发工程师", "name": "前端开发工程师"}
    assert len(found["data"]) <= 20
    assert (await hr.get("/special_feed/occupations/"))["data"] == []
    assert (await hr.get("/special_feed/occupations/", words="x" * 61)).http == 400
