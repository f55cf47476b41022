"""A feed's list: order, pages, filters, counters, fields; read, delete, restore."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from runtime.clock import day_of
from store.ids import result_id
from tests.support import PYTHON_FEED, WANG, case, make_possible, nurse_resume, python_resume


async def listed(hr, feed_id, **query):
    return [item["resume"]["id"] for item in await hr.results(feed_id, **query)]


async def age(server, feed_id, resume_id, days):
    """Make a result as old as if it had been listed `days` ago."""
    then = datetime.now(UTC) - timedelta(days=days)
    await server.stores._database.results.update_one(
        {"_id": ObjectId(result_id(feed_id, resume_id))}, {"$set": {"pub_time": then, "day": day_of(then)}}
    )


async def test_the_evidence_adds_up_to_the_score(hr):
    feed_id, _ = await hr.feed_with(python_resume(), python_resume(work_years="1年", self_evaluation=""))
    for item in await hr.results(feed_id):
        assert 0 < item["score"] <= 100
        assert item["why"]
        assert round(sum(row["points"] for row in item["why"]), 2) == item["score"]
        assert all(row.keys() == {"field", "term", "matched", "points"} for row in item["why"])


async def test_pages_join_to_the_whole_list_without_gap_or_repetition(hr):
    feed_id, ids = await hr.feed_with(*(python_resume(number, age=20 + number) for number in range(23)))
    seen, start = [], 0
    while start != -1:
        answer = await hr.get(f"/special_feed/feed_list/{feed_id}", start=start)
        assert (answer["total_count"], answer["feed_query_count"], answer["total_recommend_count"]) == (
            23,
            23,
            23,
        )
        seen += [item["resume"]["id"] for item in answer["data"]]
        start = answer["next_start"]
    assert len(seen) == 23
    assert set(seen) == set(ids)
    beyond = await hr.get(f"/special_feed/feed_list/{feed_id}", start=9)
    assert (beyond["data"], beyond["next_start"]) == ([], -1)
    assert len((await hr.get(f"/special_feed/feed_list/{feed_id}", size=20))["data"]) == 20


async def test_the_newest_day_comes_first_and_the_best_first_in_it(server, hr):
    weak = {"works": [], "self_evaluation": "", "job_target": {"job_career": "Python开发工程师"}}
    feed_id, ids = await hr.feed_with(
        python_resume(), python_resume(**weak), python_resume(), python_resume(**weak)
    )
    await age(server, feed_id, ids[2], 1)
    await age(server, feed_id, ids[3], 1)
    assert await listed(hr, feed_id) == ids
    by_score = await listed(hr, feed_id, sort="score")
    assert by_score == [ids[2], ids[0], ids[3], ids[1]]  # equal scores: the later arrival first


async def test_a_list_is_of_one_tier_with_its_own_pages_orders_and_filters(server, hr):
    feed_id, ids = await hr.feed_with(*(python_resume(number) for number in range(8)))
    live = await hr.socket()
    assert (await live.until("snapshot"))["total"] == 8
    await make_possible(server.stores, feed_id, ids[:5])
    assert (await live.until("unread", unread_count=3))["total"] == 3
    strong, weak = set(ids[5:]), set(ids[:5])
    path = f"/special_feed/feed_list/{feed_id}"
    counters = ("total_recommend_count", "newest_recommend_count", "total_count", "possible_count")
    for tier, some in (("strong", strong), ("possible", weak), ("all", strong | weak)):
        for sort in ("time", "score", "new"):
            items = await hr.results(feed_id, tier=tier, sort=sort)
            assert {item["resume"]["id"] for item in items} == some
            assert {item["resume"]["id"] for item in items if item["tier"] == "strong"} == some & strong
        answer = await hr.get(path, tier=tier, size=2)
        assert [answer[name] for name in counters] == [3, 3, len(some), 5]
        assert (len(answer["data"]), answer["next_start"]) == (2, 1)
        csv = (await hr.call("GET", f"/feed/export/{feed_id}.csv?tier={tier}")).body.decode("utf-8-sig")
        assert csv.count("强匹配") == len(some & strong)
        assert csv.count("可能合适") == len(some & weak)
    assert await listed(hr, feed_id, tier="strong") == [
        id_ for id_ in await listed(hr, feed_id) if id_ in strong
    ]
    assert {item["fit"] for item in await hr.results(feed_id, tier="possible")} == {0.25}
    assert (await hr.get(f"/feed/get/{feed_id}/{ids[0]}"))["data"]["tier"] == "possible"
    await hr.get(f"/feed/get/{feed_id}/{ids[7]}")
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=ids[1], reco_index=-150)
    assert set(await listed(hr, feed_id, tier="possible", latest=1)) == set(ids[2:5])
    assert set(await listed(hr, feed_id, tier="strong", latest=1)) == set(ids[5:7])
    answer = await hr.get(path, latest=1, reco_time=7)
    assert [answer[name] for name in counters] == [3, 2, 2, 4]
    (feed,) = [row["feed"] for row in (await hr.get("/special_feed/page/"))["data"]["all_feed"]]
    assert (feed["unread_count"], feed["possible_count"]) == (2, 4)
    numbers = (await hr.get(f"/special_feed/statistics/{feed_id}"))["data"]
    assert (numbers["total_count"], numbers["read_count"], numbers["deleted_count"]) == (3, 1, 0)


async def test_new_is_by_the_time_of_the_listing_whatever_the_score(server, hr):
    weak = {"works": [], "self_evaluation": "", "job_target": {"job_career": "Python开发工程师"}}
    feed_id, ids = await hr.feed_with(python_resume(), python_resume(**weak), python_resume())
    for days, id_ in ((2, ids[0]), (0, ids[1]), (1, ids[2])):
        await age(server, feed_id, id_, days)
    assert await listed(hr, feed_id, sort="new") == [ids[1], ids[2], ids[0]]
    assert await listed(hr, feed_id, sort="score") == [ids[2], ids[0], ids[1]]


async def test_breadth_moves_the_cut_and_leaves_states(hr):
    form = dict(PYTHON_FEED)
    # The right duties under a title that leaves the occupation open, or names another one.
    between = [
        python_resume(
            job_target={},
            works=[{"position_title": title, "job_desc": "使用Python、Django和MySQL开发后端接口"}],
        )
        for title in ("软件工程师", "程序员", "Java开发工程师", "测试工程师")
    ]
    feed_id, _ = await hr.feed_with(*(python_resume() for _ in range(4)), *between)
    data = (await hr.get(f"/special_feed/edit_feed/{feed_id}"))["data"]
    assert data["feed"]["breadth"] == "balanced"
    every = await hr.results(feed_id)
    read, gone = (item["resume"]["id"] for item in every[:2])
    await hr.get(f"/feed/get/{feed_id}/{read}")
    await hr.get("/feed/modify_feed_result", feed_id=feed_id, resume_id=gone, reco_index=-150)
    numbers = []
    for breadth in ("strict", "balanced", "broad", "strict"):
        await hr.submit(feed_id=feed_id, **form, breadth=breadth)
        data = (await hr.get(f"/special_feed/edit_feed/{feed_id}"))["data"]
        assert data["feed"]["breadth"] == breadth
        items = await hr.results(feed_id)
        strong = {item["resume"]["id"] for item in items if item["tier"] == "strong"}
        assert len(items) == len(every) - 1
        assert await hr.unread(feed_id) == len(strong - {read})
        assert [item["resume"]["id"] for item in items if item["user_read_status"] == "read"] == [read]
        numbers.append(len(strong))
    assert 3 <= numbers[0] < numbers[1] <= numbers[2] <= len(every) - 1
    assert numbers[3] == numbers[0]


async def test_filters_choose_and_combine(server, hr):
    feed_id, ids = await hr.feed_with(
        python_resume(address="北京朝阳"),
        python_resume(
            address="四川成都高新区", job_target={"job_career": "Python开发工程师", "salary": "4000-6000"}
        ),
        python_resume(address="", job_target={"job_career": "Python开发工程师", "salary": "面议"}),
    )
    await age(server, feed_id, ids[0], 10)
    await hr.get(f"/feed/get/{feed_id}/{ids[1]}")
    assert set(await listed(hr, feed_id, latest=1)) == {ids[0], ids[2]}
    assert set(await listed(hr, feed_id, reco_time=7)) == {ids[1], ids[2]}
    assert set(await listed(hr, feed_id, reco_time=15)) == set(ids)
    assert await listed(hr, feed_id, current_area="成都") == [ids[1]]
    assert await listed(hr, feed_id, current_area=".*") == []
    for area in ("四川", "成都市", "蓉城", "Chengdu", "西南", "四川省成都市", "新一线城市", "高新区"):
        assert await listed(hr, feed_id, current_area=area) == [ids[1]], area
    for area in ("帝都", "京津冀", "一线城市", "朝阳"):
        assert await listed(hr, feed_id, current_area=area) == [ids[0]], area
    assert set(await listed(hr, feed_id, current_area="北京、成都")) == {ids[0], ids[1]}
    assert (
        await listed(hr, feed_id, current_area="珠三角")
        == await listed(hr, feed_id, current_area="海淀")
        == []
    )
    assert set(await listed(hr, feed_id, salary_min=5500)) == {ids[1], ids[2]}
    assert set(await listed(hr, feed_id, salary_max=3500)) == {ids[0], ids[2]}
    assert await listed(hr, feed_id, latest=1, reco_time=7) == [ids[2]]
    answer = await hr.get(f"/special_feed/feed_list/{feed_id}", latest=1, reco_time=7)
    assert (answer["total_recommend_count"], answer["newest_recommend_count"]) == (3, 2)
    assert (answer["feed_query_count"], answer["total_count"]) == (1, 1)


async def test_title_and_extended_matches_are_listed_apart_or_together(hr):
    extended = python_resume(
        job_target={"job_career": "Java开发工程师", "salary": "3000-5000", "expectation_area": "北京"},
        works=[
            {"position_title": "后端开发工程师", "job_desc": "用Python、Django、MySQL开发后端接口，Flask服务"}
        ],
    )
    feed_id, ids = await hr.feed_with(python_resume(), extended)
    whole = {item["resume"]["id"]: item["title_match"] for item in await hr.results(feed_id)}
    assert whole == {ids[0]: True, ids[1]: False}
    assert await listed(hr, feed_id, title_match=1) == [ids[0]]
    assert await listed(hr, feed_id, extend_match=1) == [ids[1]]
    assert len(await listed(hr, feed_id, title_match=1, extend_match=1)) == 2
    assert len(await listed(hr, feed_id, title_match=0, extend_match=0)) == 2


WRONG_PARAMETERS = [
    ({"size": 0}, "size"),
    ({"size": 51}, "size"),
    ({"start": -1}, "start"),
    ({"start": "x"}, "start"),
    ({"start": 10**30}, "start"),
    ({"sort": "best"}, "sort"),
    ({"tier": "weak"}, "tier"),
    ({"latest": 2}, "latest"),
    ({"reco_time": 8}, "reco_time"),
    ({"salary_min": "a"}, "salary_min"),
    ({"current_area": "x" * 201}, "current_area"),
    ({"degree": "phd"}, "degree"),
    ({"years_min": -1}, "years_min"),
    ({"years_max": 61}, "years_max"),
    ({"years_min": 5, "years_max": 3}, "years_max"),
    ({"school": "985,oxbridge"}, "school"),
    ({"score_min": 101}, "score_min"),
    ({"score_min": "1.5"}, "score_min"),
    ({"state": "busy"}, "state"),
    ({"mark": "x" * 51}, "mark"),
    ({"favourite": 2}, "favourite"),
    ({"search": "x" * 201}, "search"),
    ({"removed": "yes"}, "removed"),
    ({"current_area": "a\0"}, "current_area"),
]


async def test_a_wrong_parameter_is_400_and_named(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    for query, named in WRONG_PARAMETERS:
        with case(query):
            answer = await hr.get(f"/special_feed/feed_list/{feed_id}", **query)
            assert (answer.http, list(answer["errors"])) == (400, [named])


async def test_an_empty_list_is_ok(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    answer = await hr.get(f"/special_feed/feed_list/{feed_id}/")
    assert (answer.status, answer["data"], answer["next_start"], answer["total_count"]) == ("ok", [], -1, 0)


async def test_opening_the_list_is_a_click_unless_another_site_opens_it(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    feeds = server.stores.feeds
    old = datetime.now(UTC) - timedelta(hours=5)
    await server.stores._database.feeds.update_one(
        {"_id": ObjectId(feed_id)}, {"$set": {"last_click_time": old}}
    )
    other_site, foreign = {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}
    for headers in (other_site, foreign, {"Purpose": "prefetch"}):
        assert (await hr.call("GET", f"/special_feed/feed_list/{feed_id}", headers=headers)).status == "ok"
    await hr.call("HEAD", f"/special_feed/feed_list/{feed_id}")
    assert (await feeds.get(hr.user, feed_id)).last_click_time.timestamp() == pytest.approx(
        old.timestamp(), abs=1
    )
    await hr.get(f"/special_feed/feed_list/{feed_id}")
    assert (await feeds.get(hr.user, feed_id)).last_click_time > datetime.now(UTC) - timedelta(minutes=1)


async def test_deleting_and_restoring_are_idempotent_and_keep_the_read_mark(hr):
    feed_id, ids = await hr.feed_with(python_resume(), python_resume())
    await hr.get(f"/feed/get/{feed_id}/{ids[0]}")
    for _ in range(2):
        for resume_id in ids:
            answer = await hr.get(
                "/feed/modify_feed_result",
                feed_id=feed_id,
                resume_id=resume_id,
                reco_index=-150,
                feedback="title,area",
            )
            assert answer.json == {"status": "ok", "msg": "ok"}
    assert await listed(hr, feed_id) == []
    assert await hr.unread(feed_id) == 0
    for resume_id in ids:
        form = {"feed_id": feed_id, "resume_id": resume_id, "reco_index": "150"}
        assert (await hr.call("POST", "/feed/modify_feed_result/", form=form)).status == "ok"
    assert {item["resume"]["id"]: item["user_read_status"] for item in await hr.results(feed_id)} == {
        ids[0]: "read",
        ids[1]: "unread",
    }
    assert await hr.unread(feed_id) == 1


WRONG_CHANGES = [
    ({"reco_index": 0}, "reco_index"),
    ({"reco_index": ""}, "reco_index"),
    ({"feed_id": "x"}, "feed_id"),
    ({"resume_id": ""}, "resume_id"),
    ({"feedback": "ugly"}, "feedback"),
]


async def test_a_wrong_change_is_400_and_changes_nothing(hr):
    feed_id, ids = await hr.feed_with(python_resume())
    for changes, named in WRONG_CHANGES:
        with case(changes):
            query = {"feed_id": feed_id, "resume_id": ids[0], "reco_index": -150} | changes
            answer = await hr.get("/feed/modify_feed_result", **query)
            assert (answer.http, list(answer["errors"])) == (400, [named])
            assert await hr.unread(feed_id) == 1


async def test_a_read_result_of_an_edited_feed_stays_and_unread_ones_go(hr):
    feed_id, ids = await hr.feed_with(python_resume(), python_resume(), nurse_resume())
    before = (await hr.get(f"/feed/get/{feed_id}/{ids[0]}"))["data"]
    assert before["why"][0]["field"] == "title"
    await hr.submit(feed_id=feed_id, title="护士")
    best, kept = await hr.results(feed_id, sort="score")
    assert (best["resume"]["id"], best["user_read_status"]) == (ids[2], "unread")
    assert (kept["resume"]["id"], kept["user_read_status"]) == (ids[0], "read")
    assert await hr.unread(feed_id) == 1
    # It is judged by the form as it is, and stays where it is listed.
    assert (kept["tier"], kept["title_match"], kept["pub_time"]) == ("strong", False, before["pub_time"])
    assert "title" not in {row["field"] for row in kept["why"]}
    await hr.submit(feed_id=feed_id, **PYTHON_FEED)
    again = (await hr.get(f"/feed/get/{feed_id}/{ids[0]}"))["data"]
    assert again["why"][0] == before["why"][0]


async def test_a_person_who_was_read_comes_again_by_another_way_and_no_badge_moves(hr):
    feed_id, (old,) = await hr.feed_with(python_resume(**WANG))
    live = await hr.socket()
    await live.until("snapshot")  # which may else have the click already
    await hr.get(f"/feed/get/{feed_id}/{old}")
    await live.until("unread", feed_id=feed_id, unread_count=0)
    (new,) = (await hr.ingest(python_resume(**WANG, source="elsewhere")))["ids"]
    (stranger,) = (await hr.ingest(python_resume()))["ids"]
    # The next frame that says another number is the stranger's.
    while (frame := await live.until("unread", feed_id=feed_id))["unread_count"] == 0:
        pass
    assert frame["unread_count"] == 1
    await hr.all_scored()
    items = {item["resume"]["id"]: item for item in await hr.results(feed_id)}
    assert items.keys() == {new, stranger}
    assert (items[new]["others"], items[new]["user_read_status"]) == ([old], "read")
    opened = await hr.get(f"/feed/get/{feed_id}/{old}")
    assert (opened["data"]["resume"]["id"], opened["data"]["others"]) == (old, [])
