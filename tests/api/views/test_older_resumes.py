"""A resume that was stored before a field was defined has the field's default, wherever it is shown."""

import pytest
from bson import ObjectId

from tests.support import python_resume

pytestmark = pytest.mark.usefixtures("unhurried_preview")


async def older_resume(server, hr):
    """A favourite whose stored document lacks fields of every part; its feed's id, and its own."""
    feed_id, ids = await hr.feed_with(python_resume(age=31, hr_evaluate="沟通顺畅"), python_resume(age=32))
    for resume_id in ids:
        assert (await hr.get(f"/resumes/add_watch/{resume_id}", feed_id=feed_id)).status == "ok"
    missing = (
        *("body.hr_evaluate", "body.gender", "body.age", "body.job_target.salary"),
        *("body.works.0.compnay_name", "body.works.0.duration", "body.education.0.school"),
    )
    outcome = await server.stores.resumes._resumes.update_one(
        {"_id": ObjectId(ids[0])}, {"$unset": dict.fromkeys(missing, "")}
    )
    assert outcome.modified_count == 1
    return feed_id, ids[0]


def has_defaults(resume):
    job, school = resume["works"][0], resume["education"][0]
    texts = (
        *(resume["hr_evaluate"], resume["gender"], resume["job_target"]["salary"]),
        *(job["compnay_name"], job["duration"], school["school"]),
    )
    return set(texts) == {""} and resume["age"] is None and job["position_title"] == "Python开发工程师"


async def test_a_list_and_a_single_result_show_the_defaults(server, hr):
    feed_id, resume_id = await older_resume(server, hr)
    items = {item["resume"]["id"]: item["resume"] for item in await hr.results(feed_id)}
    assert len(items) == 2
    assert has_defaults(items[resume_id])
    other = next(resume for id_, resume in items.items() if id_ != resume_id)
    assert items[resume_id].keys() == other.keys()
    assert list(items[resume_id]["works"][0]) == list(other["works"][0])
    assert (await hr.get(f"/feed/get/{feed_id}/{resume_id}"))["data"]["resume"] == items[resume_id]


async def test_the_favourites_show_it_and_a_search_finds_it(server, hr):
    _, resume_id = await older_resume(server, hr)
    for search in ({}, {"keywords": "python"}, {"search_fields": "position_title", "keywords": "python"}):
        answer = await hr.get("/resume/follow/list/", **search)
        favourites = {item["resume"]["id"]: item["resume"] for item in answer["data"]}
        assert len(favourites) == 2
        assert has_defaults(favourites[resume_id])
    for field, word in (("company_name", "甲乙丙"), ("school", "北京邮电"), ("all", "甲乙丙")):
        answer = await hr.get("/resume/follow/list/", search_fields=field, keywords=word)
        (found,) = [item["resume"]["id"] for item in answer["data"]]
        assert found != resume_id
