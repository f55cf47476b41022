"""Finding somebody in a feed's list: filters about people, the search, and what was removed."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from bson import ObjectId

from handlers.results import found_searches
from tests.api.results.test_results import listed
from tests.support import WANG, make_possible, python_resume

PATH = "/special_feed/feed_list/"


def schooled(school, degree="本科", **changes):
    return python_resume(education=[{"school": school, "degree": degree}], **changes)


def hunting(state, **changes):
    return python_resume(job_target={"job_career": "Python开发工程师", "job_hunting_state": state}, **changes)


async def exported(hr, feed_id, query):
    answer = await hr.call("GET", f"/feed/export/{feed_id}.csv?{query}")
    rows = answer.body.decode("utf-8-sig").splitlines()[1:]
    return [row.rsplit(",", 1)[-1].strip('"') for row in rows]


async def test_degree_years_and_score_have_bounds_and_who_says_none_is_left_out(hr):
    feed_id, ids = await hr.feed_with(
        schooled("北京邮电大学", "硕士", work_years="3年"),
        schooled("北京邮电大学", "本科", work_years="5.5年"),
        schooled("北京职业学院", "大专", work_years="10年"),
        schooled("北京邮电大学", "", work_years="", works=[]),
    )
    assert set(await listed(hr, feed_id, degree="college")) == set(ids[:3])
    assert set(await listed(hr, feed_id, degree="bachelor")) == set(ids[:2])
    assert await listed(hr, feed_id, degree="master") == ids[:1]
    assert set(await listed(hr, feed_id, years_min=5)) == set(ids[1:3])
    assert set(await listed(hr, feed_id, years_max=5)) == set(ids[:2])
    assert await listed(hr, feed_id, years_min=5, years_max=5) == ids[1:2]
    scores = {item["resume"]["id"]: item["score"] for item in await hr.results(feed_id)}
    middle = int(sorted(scores.values())[1]) + 1
    assert set(await listed(hr, feed_id, score_min=middle)) == {
        id_ for id_, score in scores.items() if score >= middle
    }
    answer = await hr.get(f"{PATH}{feed_id}", tier="all", degree="bachelor", years_max=3)
    assert (answer["feed_query_count"], answer["total_count"], len(answer["data"])) == (1, 1, 1)
    assert await exported(hr, feed_id, "tier=all&degree=bachelor&years_max=3") == ids[:1]


async def test_classes_of_schools_hold_those_above_them(hr):
    feed_id, ids = await hr.feed_with(
        *map(schooled, ("清华大学", "北京邮电大学", "上海科技大学", "University of Oxford", "某学院"))
    )
    for school, places in (("985", [0]), ("211", [0, 1]), ("first_class", [0, 1, 2]), ("abroad,985", [0, 3])):
        assert set(await listed(hr, feed_id, school=school)) == {ids[at] for at in places}, school


async def test_states_are_those_that_resumes_say(hr):
    feed_id, ids = await hr.feed_with(
        *map(hunting, ("离职-随时到岗", "在职-考虑机会", "在职-暂不考虑", "应届毕业生", ""))
    )
    for state, places in (("left", [0]), ("left,open", [0, 1]), ("closed", [2]), ("graduate", [3])):
        assert set(await listed(hr, feed_id, state=state)) == {ids[at] for at in places}, state


async def test_one_of_several_places_is_enough_whether_known_or_literal(hr):
    feed_id, ids = await hr.feed_with(
        *(python_resume(address=address) for address in ("北京海淀", "四川成都", "西二旗地铁站", "广州"))
    )
    assert set(await listed(hr, feed_id, current_area="成都，西二旗")) == set(ids[1:3])
    assert set(await listed(hr, feed_id, current_area="北京,成都")) == set(ids[:2])
    assert await listed(hr, feed_id, current_area="成都,西二旗", search="地铁") == ids[2:3]
    assert await listed(hr, feed_id, current_area="(,)") == []


async def test_marks_and_favourites_filter_by_the_person_and_the_last_mark_counts(hr):
    contact = {"name": "王小明", "phone": "13800001111"}
    feed_id, ids = await hr.feed_with(
        python_resume(1), python_resume(2), python_resume(3, **contact), python_resume(4, **contact)
    )
    (newest,) = set(await listed(hr, feed_id)) & set(ids[2:])  # of a person the list has the newest alone
    (older,) = set(ids[2:]) - {newest}
    for id_ in (ids[0], ids[1], older):
        await hr.mark(feed_id, id_, "已联系")
    await hr.mark(feed_id, ids[1], "约面试")
    for id_ in (older, ids[1]):
        await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
    assert set(await listed(hr, feed_id, mark="已联系")) == {ids[0], newest}
    assert await listed(hr, feed_id, mark="约面试") == [ids[1]]
    assert await listed(hr, feed_id, mark="没有过") == []
    assert set(await listed(hr, feed_id, favourite=1)) == {ids[1], newest}
    assert await listed(hr, feed_id, favourite=1, mark="已联系") == [newest]
    assert await exported(hr, feed_id, "tier=all&favourite=1&mark=%E5%B7%B2%E8%81%94%E7%B3%BB") == [newest]
    # A later mark on another resume of the person is the person's last one.
    await hr.mark(feed_id, newest, "约面试")
    assert await listed(hr, feed_id, mark="已联系") == [ids[0]]
    assert set(await listed(hr, feed_id, mark="约面试")) == {ids[1], newest}


async def test_some_may_be_named_beside_the_other_filters(hr):
    feed_id, ids = await hr.feed_with(*[python_resume(age=20 + number) for number in range(4)])
    await hr.post(f"/resumes/add_watch/{ids[0]}", feed_id=feed_id)
    stranger = "0" * 24
    for query, found in [
        ({"resumes": f"{ids[0]},{ids[2].upper()},{stranger},{ids[0]}"}, {ids[0], ids[2]}),
        ({"resumes": f"{ids[0]},{ids[2]}", "favourite": 1}, {ids[0]}),
        ({"resumes": stranger}, set()),
        ({"resumes": ""}, set(ids)),
    ]:
        assert {item["resume"]["id"] for item in await hr.results(feed_id, **query)} == found
        assert set(await exported(hr, feed_id, urlencode({"tier": "all"} | query))) == found
    for wrong in ("x", f"{ids[0]},", ",".join([stranger] * 51)):
        answer = await hr.get(f"/special_feed/feed_list/{feed_id}", resumes=wrong)
        assert (answer.http, answer["errors"]) == (400, {"resumes": ["应为最多 50 个简历 id，用逗号分隔"]})


@pytest.mark.usefixtures("within_a_day")
async def test_who_was_opened_is_listed_by_the_week_and_is_as_many_as_statistics_say(server, hr):
    feed_id, ids = await hr.feed_with(*[python_resume(age=20 + number) for number in range(4)])
    for id_ in ids[:3]:
        await hr.get(f"/feed/get/{feed_id}/{id_}")
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=ids[1], reco_index=-150)
    weeks = (await hr.get(f"/special_feed/statistics/{feed_id}"))["data"]["looked"]
    *_, before, now = [week["week"] for week in weeks]
    await server.stores._database.results.update_many(
        {"resume": ObjectId(ids[2])}, {"$set": {"read_at": datetime.now(UTC) - timedelta(weeks=1)}}
    )
    for query, found in [
        ({"read": 1}, {ids[0], ids[2]}),
        ({"latest": 1}, {ids[3]}),
        ({"read": 1, "latest": 1}, {ids[0], ids[2], ids[3]}),
        ({"read": 1, "removed": 1}, {ids[1]}),
        ({"looked": now}, {ids[0]}),
        ({"looked": now, "removed": 1}, {ids[1]}),
        ({"looked": before}, {ids[2]}),
        ({"looked": "2020-01-06"}, set()),
        ({"looked": ""}, {ids[0], ids[2], ids[3]}),
    ]:
        assert set(await listed(hr, feed_id, **query)) == found, query
        assert set(await exported(hr, feed_id, urlencode({"tier": "all"} | query))) == found, query
    looked = (await hr.get(f"/special_feed/statistics/{feed_id}"))["data"]["looked"]
    assert [week["count"] for week in looked][-2:] == [1, 2]
    path = f"/special_feed/feed_list/{feed_id}"
    for wrong, said in [("2026-02-30", "没有这一天"), ("1", "应为 2026-11-30 这样的日期")]:
        answer = await hr.get(path, looked=wrong)
        assert (answer.http, answer["errors"]) == (400, {"looked": [said]})


async def test_others_marks_and_favourites_are_nobodys_filter(server, hr, other_hr):
    feed_id, ids = await hr.feed_with(python_resume())
    await hr.mark(feed_id, ids[0], "已联系")
    await hr.get(f"/resumes/add_watch/{ids[0]}", feed_id=feed_id)
    theirs, _ = await other_hr.feed_with()
    assert await listed(other_hr, theirs, mark="已联系") == await listed(other_hr, theirs, favourite=1) == []
    assert (await other_hr.get(f"{PATH}{feed_id}", search="python")).status == "no_feed"


async def test_a_search_looks_at_the_texts_as_the_account_sees_them(hr):
    told = python_resume(**WANG, self_evaluation="熟悉Kafka，电话10000000001")
    feed_id, ids = await hr.feed_with(told, python_resume(self_evaluation="用过 ＫＡＦＫＡ 和Redis"))
    assert set(await listed(hr, feed_id, search="kafka")) == set(ids)
    assert await listed(hr, feed_id, search="Kafka，redis") == ids[1:]
    for secret in ("王小明", "10000000001", "wang@example.com"):
        assert await listed(hr, feed_id, search=secret) == []
    await hr.unlock(feed_id, ids[0])
    for open_word in ("王小明", "10000000001"):
        assert await listed(hr, feed_id, search=open_word) == ids[:1]
    answer = await hr.get(f"{PATH}{feed_id}", tier="all", search="redis")
    assert (answer["feed_query_count"], answer["searched_count"]) == (1, 2)
    assert (await hr.get(f"{PATH}{feed_id}", search=" , "))["searched_count"] == 0
    assert await exported(hr, feed_id, "tier=all&search=redis") == ids[1:]


async def test_a_search_is_within_the_other_filters_and_in_their_order(hr, monkeypatch):
    feed_id, _ = await hr.feed_with(*(python_resume(number, address="上海") for number in range(6)))
    monkeypatch.setattr("handlers.results.list_picks.MOST", 4)
    answer = await hr.get(f"{PATH}{feed_id}", tier="all", search="python", sort="new", size=3)
    newest = await listed(hr, feed_id, sort="new")
    assert [item["resume"]["id"] for item in answer["data"]] == newest[:3]
    assert (answer["searched_count"], answer["total_count"], answer["next_start"]) == (4, 4, 1)
    assert await listed(hr, feed_id, search="python", current_area="北京") == []


async def test_the_next_page_of_a_long_search_does_not_search_again(hr, monkeypatch):
    feed_id, _ = await hr.feed_with(*(python_resume(number) for number in range(4)))
    monkeypatch.setattr(found_searches, "FEW", 2)
    first = await hr.get(f"{PATH}{feed_id}", tier="all", search="python", size=2)
    monkeypatch.setattr("handlers.results.list_picks.has_all", None)  # would fail
    second = await hr.get(f"{PATH}{feed_id}", tier="all", search="python", size=2, start=1)
    shown = {item["resume"]["id"] for answer in (first, second) for item in answer["data"]}
    assert (len(shown), second["total_count"], second["next_start"]) == (4, 4, -1)


async def test_a_search_in_many_favourites_knows_those_that_came_since_the_last_one(hr, monkeypatch):
    feed_id, ids = await hr.feed_with(*(python_resume(number) for number in range(4)))
    monkeypatch.setattr(found_searches, "FEW", 2)

    async def found():
        answer = await hr.get("/resume/follow/list/", keywords="python", search_fields="all")
        return {item["resume"]["id"] for item in answer["data"]}

    for number, id_ in enumerate(ids, 1):
        await hr.get(f"/resumes/add_watch/{id_}", feed_id=feed_id)
        assert await found() == set(ids[:number])
    await hr.get(f"/resumes/remove_watch/{ids[0]}", feed_id=feed_id)
    assert await found() == set(ids[1:])


async def test_removed_ones_are_listed_with_their_reasons_and_come_back(server, hr):
    feed_id, ids = await hr.feed_with(*(python_resume(number) for number in range(4)))
    modify = "/feed/modify_feed_result"
    await hr.get(modify, feed_id=feed_id, resume_id=ids[2], reco_index=-150, feedback="area,title")
    await hr.get(modify, feed_id=feed_id, resume_id=ids[0], reco_index=-150)
    await make_possible(server.stores, feed_id, ids[3:])
    answer = await hr.get(f"{PATH}{feed_id}", removed=1)
    assert [item["resume"]["id"] for item in answer["data"]] == [ids[0], ids[2]]  # the latest first
    assert [item["feedback"] for item in answer["data"]] == [[], ["area", "title"]]
    assert all(len(item["removed_time"]) == 19 for item in answer["data"])
    assert (answer["feed_query_count"], answer["total_recommend_count"]) == (2, 1)
    assert await listed(hr, feed_id, removed=1, search="python") == [ids[0], ids[2]]
    assert await listed(hr, feed_id, tier="possible", removed=1) == []
    assert await exported(hr, feed_id, "removed=1") == [ids[0], ids[2]]
    (kept,) = [item for item in await hr.results(feed_id) if item["resume"]["id"] == ids[1]]
    assert (kept["feedback"], kept["removed_time"]) == ([], "")
    await hr.get(modify, feed_id=feed_id, resume_id=ids[2], reco_index=150)
    assert await listed(hr, feed_id, removed=1) == [ids[0]]
    assert ids[2] in await listed(hr, feed_id)


async def test_a_list_says_what_is_understood_of_its_feed(hr):
    feed_id, _ = await hr.feed_with()
    understood = (await hr.get(f"{PATH}{feed_id}"))["understood"]
    assert understood == (await hr.get(f"/special_feed/edit_feed/{feed_id}/"))["understood"]
    assert understood["occupations"]
