"""Contacts in a resume's texts are `***` wherever they are shown, until the contact is unlocked."""

import csv
import io

import pytest

from tests.api.scene import CONTACT, FULL_FEED, FULL_RESUME, listed_person, small_resume

SECRETIVE = {
    **FULL_RESUME,
    "self_evaluation": "林晚照，熟悉Python、MySQL、Linux，微信：lin_wz90",
    "address": "北京海淀 139-0000-1234",
    "hr_evaluate": "沟通顺畅，回电林 晚 照",
    "job_target": {**FULL_RESUME["job_target"], "job_career": "Python开发工程师 QQ：987654321"},
    "works": [
        {
            **FULL_RESUME["works"][0],
            "compnay_name": "甲乙丙科技lin.wanzhao@example.com",
            "position_title": "Python开发工程师13900001234",
            "company_category": "上市公司 vx lin_wz90",
        }
    ],
    "education": [
        {**FULL_RESUME["education"][0], "school": "清华大学 林晚照", "major": "软件工程 QQ987654321"}
    ],
}
NEEDLES = ("lin_wz90", "林晚照", "林 晚 照", "13900001234", "139-0000-1234", "987654321", "lin.wanzhao")


def needles_in(answer):
    text = answer.body.decode()
    return {needle for needle in NEEDLES if needle in text}


async def views(scene):
    """All that shows the resume and can show its contact."""
    return {
        "list": await scene.hr.get(f"/special_feed/feed_list/{scene.feed_id}"),
        "by score": await scene.hr.get(f"/special_feed/feed_list/{scene.feed_id}", sort="score"),
        "item": await scene.hr.get(f"/feed/get/{scene.feed_id}/{scene.resume_id}"),
        "favourites": await scene.hr.get("/resume/follow/list/"),
        "export": await scene.hr.get(f"/feed/export/{scene.feed_id}.csv"),
    }


async def preview(scene):
    return await scene.hr.post("/special_feed/preview/", FULL_FEED)


@pytest.mark.usefixtures("unhurried_preview")
async def test_contacts_in_texts_are_masked_until_they_are_unlocked_and_for_others_after(hr, other_hr):
    scene = await listed_person(hr, SECRETIVE)
    await scene.watch()
    answers = {**await views(scene), "preview": await preview(scene)}
    assert {name: needles_in(answer) for name, answer in answers.items()} == {name: set() for name in answers}
    for name in ("list", "by score", "favourites"):
        (item,) = answers[name]["data"]
        resume = item["resume"]
        assert resume["self_evaluation"] == "***，熟悉Python、MySQL、Linux，微信：***"
        assert resume["works"][0]["position_title"] == "Python开发工程师***"
        assert resume["education"][0]["school"] == "清华大学 ***"
    (item,) = answers["list"]["data"]
    # What is said of a resume is taken out of the masked texts.
    assert {"软件工程 QQ***", "上市公司 vx ***"} <= set(item["tags"])
    assert any(row["matched"] == "Python开发工程师***" for row in item["why"])

    await scene.unlock()
    after = await views(scene)
    for name in ("list", "by score", "item", "favourites"):
        assert needles_in(after[name]) == set(NEEDLES), name
    (row,) = csv.DictReader(io.StringIO(after["export"].body.decode("utf-8-sig"), newline=""))
    assert row["自我评价"] == SECRETIVE["self_evaluation"]
    assert row["最近公司"] == SECRETIVE["works"][0]["compnay_name"]
    (item,) = after["list"]["data"]
    assert {"软件工程 QQ987654321", "上市公司 vx lin_wz90"} <= set(item["tags"])
    assert any(row["matched"] == "Python开发工程师13900001234" for row in item["why"])
    shown = {**item["resume"], "id": None}
    assert shown == {**{name: SECRETIVE[name] for name in shown.keys() - {"id"}}, "id": None}
    assert item["contact_info"] == {**CONTACT, "resume_id": scene.resume_id}
    previewed = await preview(scene)
    assert needles_in(previewed) == set(NEEDLES)
    (best,) = previewed["data"]
    assert "***" not in f"{best['tags']}{best['why']}"
    theirs = await other_hr.submit(**FULL_FEED)
    assert needles_in(await other_hr.get(f"/special_feed/feed_list/{theirs}")) == set()


@pytest.mark.usefixtures("unhurried_preview")
async def test_a_secret_contact_stays_masked_also_for_who_unlocked_it_before(hr):
    scene = await listed_person(hr, SECRETIVE)
    await scene.watch()
    await scene.unlock()
    assert needles_in(await hr.get(f"/special_feed/feed_list/{scene.feed_id}")) == set(NEEDLES)
    await hr.ingest({**SECRETIVE, "contact_status": "secret"})
    for scored in (False, True):
        if scored:
            await hr.all_scored()
        answers = await views(scene)
        assert {name: needles_in(answer) for name, answer in answers.items()} == {
            name: set() for name in answers
        }
    assert needles_in(await preview(scene)) == set()
    assert (await scene.unlock()).status == "secret"


async def test_a_search_looks_at_what_the_account_sees(hr):
    scene = await listed_person(hr, SECRETIVE)
    await scene.watch()

    async def found(field, word):
        return (await hr.get("/resume/follow/list/", search_fields=field, keywords=word))["total_count"]

    async def count(area):
        answer = await hr.get(f"/special_feed/feed_list/{scene.feed_id}", current_area=area)
        return answer["feed_query_count"]

    hidden = {
        "all": "lin_wz90",
        "company_name": "wanzhao",
        "position_title": "13900001234",
        "school": "林晚照",
        "name": "林晚照",
    }
    assert {field: await found(field, word) for field, word in hidden.items()} == dict.fromkeys(hidden, 0)
    assert [await count(area) for area in ("139", "海淀")] == [0, 1]
    assert await found("all", "微信") == 1
    await scene.unlock()
    assert {field: await found(field, word) for field, word in hidden.items()} == dict.fromkeys(hidden, 1)
    assert await count("139") == 0


async def test_the_same_resume_sent_again_is_a_duplicate_and_a_changed_one_gives_its_originals(hr):
    scene = await listed_person(hr, SECRETIVE)
    assert (await hr.ingest(SECRETIVE))["duplicate"] == 1
    await scene.unlock()
    await hr.ingest({**SECRETIVE, "self_evaluation": "熟悉Python，新微信：lin_new91", "works": []})
    (item,) = await hr.results(scene.feed_id)
    assert item["resume"]["self_evaluation"] == "熟悉Python，新微信：lin_new91"
    assert item["resume"]["works"] == []
    await hr.all_scored()
    assert (await hr.results(scene.feed_id))[0]["resume"][
        "self_evaluation"
    ] == "熟悉Python，新微信：lin_new91"


async def test_who_gives_a_contact_scores_as_who_gives_another_or_none(hr):
    feed_id = await hr.submit(**FULL_FEED)
    text = "熟悉Python、MySQL、Linux"
    resumes = [
        small_resume("plain", name="林晚照", self_evaluation=text),
        small_resume("one", name="林晚照", self_evaluation=f"{text}。林晚照 13900001234"),
        small_resume("two", name="高数据", self_evaluation=f"{text}。高数据 139-0000-9999"),
        small_resume("mail", name="高数据", self_evaluation=f"{text}。java.spring@golang.com"),
    ]
    await hr.scored(*resumes)
    assert len({item["score"] for item in await hr.results(feed_id)}) == 1
    assert len(await hr.results(feed_id)) == 4


async def test_what_only_looks_like_a_contact_is_shown(hr):
    text = "2019.03-2021.06 服务13800 users，订单1500000单，月薪15000-20000，版本14.0.7015.1000，熟悉Python"
    target = {"job_career": "Python开发工程师", "salary": "15000-20000"}
    scene = await listed_person(hr, {**small_resume("looks", self_evaluation=text), "job_target": target})
    (item,) = await hr.results(scene.feed_id)
    assert item["resume"]["self_evaluation"] == text
    assert item["resume"]["job_target"]["salary"] == "15000-20000"
