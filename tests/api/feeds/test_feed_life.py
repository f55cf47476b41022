"""What happens to feeds around their list: the newcomer's mission, VIP accounts, partners, kinds of jobs."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.support import PYTHON_FEED, change_account, nurse_resume, python_resume


async def submit(hr, **fields):
    return await hr.post("/special_feed/submit_feed/", {**PYTHON_FEED, **fields})


async def listed(hr):
    page = await hr.get("/special_feed/page/")
    return page["data"], [row["feed"] for row in page["data"]["all_feed"]]


async def test_the_first_feed_of_an_account_begins_the_newcomers_mission_which_is_shown_once(hr, other_hr):
    refused = await submit(hr, title="")
    assert (refused["mission_time"], refused["show_mission"]) == (0, False)
    first = await submit(hr)
    assert first["show_mission"] is True
    assert abs(first["mission_time"] - datetime.now(UTC).timestamp()) < 60
    for later in (await submit(hr), await submit(hr, feed_id=first["feed_id"]), await submit(hr, title="")):
        assert (later["mission_time"], later["show_mission"]) == (first["mission_time"], False)
    answers = await asyncio.gather(*(submit(other_hr) for _ in range(4)))
    assert sorted(answer["show_mission"] for answer in answers) == [False, False, False, True]


async def test_a_vip_has_vip_feeds_and_more_of_them(server, hr):
    ordinary = await hr.submit(**PYTHON_FEED)
    await change_account(server.stores, hr.user, vip=True)
    for number in range(6):
        assert (await submit(hr, title=f"Python开发{number}")).status == "ok"
    data, feeds = await listed(hr)
    assert (data["vip_user"], data["has_rest_feed"]) == (True, True)
    assert {feed["id"]: feed["feed_type"] for feed in feeds}[ordinary] == 1
    assert [feed["feed_type"] for feed in feeds].count(2) == 6


async def test_a_feed_that_partners_recommend_for_says_so(hr):
    served, other = await hr.submit(**PYTHON_FEED), await hr.submit(**PYTHON_FEED)
    await hr.scored(nurse_resume(partner_for=[served]))
    _, feeds = await listed(hr)
    assert {feed["id"]: feed["partner_feed"] for feed in feeds} == {served: True, other: False}
    (item,) = await hr.results(served, partner=1)
    # Judged like any other: nothing but her city fits, and she is to be read all the same.
    assert [row["field"] for row in item["why"]] == ["city"]
    assert (item["tier"], item["title_match"]) == ("strong", False)


async def test_the_kind_of_job_is_what_its_title_says(hr):
    kinds = {"Python开发": "全职", "Python开发实习生": "实习", "兼职会计": "兼职"}
    for title in kinds:
        await hr.submit(wait=False, title=title)
    _, feeds = await listed(hr)
    assert {feed["title"]: feed["job_type"] for feed in feeds} == kinds


async def pause(hr, feed_id, paused):
    return await hr.post("/special_feed/pause/", {"feed_id": feed_id, "paused": paused})


async def test_a_paused_feed_keeps_its_list_and_catches_up_when_it_goes_on(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    for number in range(4):
        await hr.submit(wait=False, title=f"会计{number}")
    await hr.scored(python_resume(1))
    for _ in range(2):
        answer = await pause(hr, feed_id, 1)
        assert (answer.status, answer["paused"]) == ("ok", True)
    await hr.scored(python_resume(2), nurse_resume(send_to=[feed_id]))
    assert len(await hr.results(feed_id)) == 1, "opening its list does not wake it"
    data, feeds = await listed(hr)
    assert {feed["id"]: feed["paused"] for feed in feeds}[feed_id] is True
    assert (data["has_rest_feed"], data["feed_quota"]) == (True, 5)
    form = (await hr.get(f"/special_feed/edit_feed/{feed_id}"))["data"]["feed"]
    assert form["paused"] is True
    # The form goes back as it came, and it stays paused.
    assert (await submit(hr, **form, feed_id=feed_id)).status == "ok"
    assert (await hr.get(f"/special_feed/edit_feed/{feed_id}"))["data"]["feed"]["paused"] is True
    for _ in range(2):
        answer = await pause(hr, feed_id, 0)
        assert (answer.status, answer["paused"]) == ("ok", False)
    await hr.calced(feed_id)
    assert len(await hr.results(feed_id)) == 3


@pytest.mark.long
async def test_the_place_of_a_paused_or_deleted_feed_is_free_at_once(server, hr):
    async def submitted():
        answer = await submit(hr, title="会计")
        data, _ = await listed(hr)
        assert (answer.status == "ok") or not data["has_rest_feed"]
        return answer.json.get("feed_id") or None

    feeds = [await submitted() for _ in range(5)]
    assert await submitted() is None
    assert (await hr.get("/special_feed/edit_feed/")).status == "no_rest_feed"
    for _ in range(7):  # as often as one likes
        await hr.get(f"/feed/delete/{feeds.pop()}")
        feeds.append(await submitted())
    for feed in feeds[:2]:
        await pause(hr, feed, 1)
    assert (await pause(hr, feeds[0], 0)).status == "ok"
    await pause(hr, feeds[0], 1)
    others = [await submitted() for _ in range(2)]
    assert await submitted() is None
    for feed in feeds[:2]:
        answer = await pause(hr, feed, 0)
        assert (answer.http, answer.status, answer["paused"]) == (200, "no_feed", True)
    await hr.get(f"/feed/delete/{others[0]}")
    together = await asyncio.gather(*(pause(hr, feed, 0) for feed in feeds[:2]))
    assert sorted(answer.status for answer in together) == ["no_feed", "ok"]
    assert await submitted() is None
    assert [line async for line in server.stores.invariants.broken()] == []


async def test_pausing_names_what_is_wrong_and_takes_forms_too(hr):
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    for body, field in (
        ({"feed_id": feed_id, "paused": 2}, "paused"),
        ({"feed_id": feed_id}, "paused"),
        ({"feed_id": "x", "paused": 1}, "feed_id"),
        ({"paused": 1}, "feed_id"),
    ):
        answer = await hr.post("/special_feed/pause/", body)
        assert (answer.http, list(answer["errors"])) == (400, [field])
    answer = await hr.call("POST", "/special_feed/pause/", form={"feed_id": feed_id, "paused": "1"})
    assert answer["paused"] is True
    await hr.get(f"/feed/delete/{feed_id}")
    assert (await pause(hr, feed_id, 0)).http == 404
