"""The live preview over HTTP: it promises what a submit then lists, and leaves nothing behind."""

import asyncio

import pytest

from config.demo import DEMO_FEEDS, demo_resumes
from tests.support import PYTHON_FEED, WANG, nurse_resume, python_resume

PATH = "/special_feed/preview/"
pytestmark = pytest.mark.usefixtures("unhurried_preview")


async def test_the_promise_is_kept_by_a_submit(hr):
    await hr.scored(*(python_resume() for _ in range(7)), nurse_resume())
    answer = await hr.post(PATH, PYTHON_FEED)
    assert (answer.http, answer.status, answer["complete"], answer["total_count"]) == (200, "ok", True, 7)
    items = await hr.results(await hr.submit(**PYTHON_FEED), sort="score")
    assert len(items) == 7
    assert [item["resume"]["id"] for item in answer["data"]] == [item["resume"]["id"] for item in items[:5]]
    for promised, listed in zip(answer["data"], items, strict=False):
        for name in ("resume", "tier", "fit", "score", "why", "missing", "tags", "title_match"):
            assert promised[name] == listed[name]
    assert (answer["strong_count"], answer["possible_count"]) == (7, 0)


async def test_of_a_person_with_several_resumes_one_is_shown(hr):
    one, two = (python_resume(number, source=f"site {number}", phone="13800001234") for number in (1, 2))
    await hr.scored(one, two, python_resume(3, phone="13800005678"))
    answer = await hr.post(PATH, PYTHON_FEED)
    items = await hr.results(await hr.submit(**PYTHON_FEED))
    assert (answer["total_count"], len(answer["data"]), len(items)) == (3, 2, 2)


async def test_it_tells_the_strong_from_the_possible_as_the_list_does(hr):
    await hr.scored(*demo_resumes(60))
    for breadth in ("strict", "balanced", "broad"):
        form = DEMO_FEEDS[0] | {"breadth": breadth}
        answer = await hr.post(PATH, form)
        items = await hr.results(await hr.submit(**form))
        strong = sum(item["tier"] == "strong" for item in items)
        assert (answer["strong_count"], answer["possible_count"]) == (strong, len(items) - strong)
        assert answer["total_count"] == len(items)


async def test_where_nothing_is_strong_it_says_which_wish_keeps_most_out(hr):
    await hr.scored(*(python_resume() for _ in range(3)))
    form = PYTHON_FEED | {"expect_area": "乌鲁木齐", "breadth": "strict"}
    answer = await hr.post(PATH, form)
    assert answer["strong_count"] == 0
    for row in answer["advice"]:
        without = {"salary_min": {"salary_min": 0, "salary_max": 1_000_000}}.get(
            row["field"], {row["field"]: ""}
        )
        assert (await hr.post(PATH, form | without))["strong_count"] == row["strong_count"]
    assert [row["strong_count"] for row in answer["advice"]] == sorted(
        (row["strong_count"] for row in answer["advice"]), reverse=True
    )
    assert answer["advice"], "one of them is in the way"
    assert (await hr.post(PATH, PYTHON_FEED))["advice"] == []
    poor = {name: value for name, value in PYTHON_FEED.items() if not name.startswith("salary")}
    answer = await hr.post(PATH, {**poor, "salary_max": 500, "breadth": "strict"})
    assert answer["strong_count"] == 0
    assert "salary_min" in [row["field"] for row in answer["advice"]], "an upper end alone is a wish too"


async def test_nothing_is_saved_and_no_contact_is_shown(server, hr):
    (resume_id,) = await hr.scored(python_resume(**WANG))
    answer = await hr.post(PATH, PYTHON_FEED)
    assert "contact_info" not in answer["data"][0]
    assert "10000000001" not in answer.body.decode()
    assert (await hr.get("/special_feed/page/")).status == "no_feed"
    assert await server.stores.results.total() == 0
    assert await server.stores.audit.reads_of(resume_id) == []
    # Nor does it count as having had the person in a list.
    feed_id = await hr.submit(title="护士")
    assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).http == 404


async def test_nothing_stored_is_a_zero(hr):
    answer = await hr.post(PATH, {"title": "Python开发"})
    assert (answer.status, answer["total_count"], answer["complete"], answer["data"]) == ("ok", 0, True, [])


async def test_it_works_with_the_quota_used_up_and_for_a_feed_that_is_edited(hr):
    feeds = [await hr.submit(wait=False, **PYTHON_FEED) for _ in range(5)]
    await hr.scored(python_resume(), nurse_resume(send_to=[feeds[0]]))
    assert (await hr.post(PATH, PYTHON_FEED))["total_count"] == 1
    edited = await hr.post(PATH, {**PYTHON_FEED, "feed_id": feeds[0]})
    assert (edited.status, edited["total_count"]) == ("ok", 2)
    assert (edited["strong_count"], edited["possible_count"]) == (2, 0), "who was sent is strong"


async def test_a_bad_form_and_a_foreign_feed_are_told_as_submit_tells_them(hr, other_hr):
    answer = await hr.post(PATH, {"title": " ", "salary_min": 9, "salary_max": 8})
    assert (answer.http, answer.status) == (200, "form_error")
    assert answer["errors"].keys() == {"title", "salary_min"}
    theirs = await other_hr.submit(**PYTHON_FEED)
    foreign = await hr.post(PATH, {**PYTHON_FEED, "feed_id": theirs})
    missing = await hr.post(PATH, {**PYTHON_FEED, "feed_id": "0" * 24})
    assert (foreign.http, foreign.status) == (200, "feed_error")
    assert foreign.body == missing.body
    for body, named in (({"titel": "x"}, "titel"), ({"title": 5}, "title"), ({"feed_id": "x"}, "feed_id")):
        answer = await hr.post(PATH, body)
        assert (answer.http, answer["errors"].keys()) == (400, {named})


async def test_of_many_at_once_the_last_one_is_answered(hr):
    await hr.scored(*(python_resume() for _ in range(100)))
    answers = await asyncio.gather(*(hr.post(PATH, PYTHON_FEED) for _ in range(8)))
    assert {answer.http for answer in answers} <= {200, 429}
    assert sum(answer.http == 200 for answer in answers) >= 1
    for answer in answers:
        if answer.http == 429:
            assert (answer.status, answer.headers["Retry-After"]) == ("too_many", "1")
