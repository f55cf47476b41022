"""What happens to feeds around their list: the newcomer's mission, VIP accounts, partners, kinds of jobs."""

import asyncio
from datetime import UTC, datetime

import pytest

from tests.support import PYTHON_FEED, nurse_resume


async def submit(hr, **fields):
    return await hr.post("/special_feed/submit_feed/", {**PYTHON_FEED, **fields})


async def listed(hr):
    page = await hr.get("/special_feed/page/")
    return page["data"], [row["feed"] for row in page["data"]["all_feed"]]


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_a_vip_has_vip_feeds_and_more_of_them(server, hr):
    ordinary = await hr.submit(**PYTHON_FEED)
    await server.stores.accounts._accounts.update_one({"email": hr.email}, {"$set": {"vip": True}})
    for number in range(6):
        assert (await submit(hr, title=f"Python开发{number}")).status == "ok"
    data, feeds = await listed(hr)
    assert (data["vip_user"], data["has_rest_feed"]) == (True, True)
    assert {feed["id"]: feed["feed_type"] for feed in feeds}[ordinary] == 1
    assert [feed["feed_type"] for feed in feeds].count(2) == 6


@pytest.mark.gen_test
async def test_a_feed_that_partners_recommend_for_says_so(hr):
    served, other = await hr.submit(**PYTHON_FEED), await hr.submit(**PYTHON_FEED)
    await hr.ingest(nurse_resume(partner_for=[served]))
    await hr.all_scored()
    _, feeds = await listed(hr)
    assert {feed["id"]: feed["partner_feed"] for feed in feeds} == {served: True, other: False}
    (item,) = await hr.results(served, partner=1)
    # Judged like any other: nothing but her city fits, and she is to be read all the same.
    assert [row["field"] for row in item["why"]] == ["city"]
    assert (item["tier"], item["title_match"]) == ("strong", False)


@pytest.mark.parametrize(
    ("title", "kind"), [("Python开发", "全职"), ("Python开发实习生", "实习"), ("兼职会计", "兼职")]
)
@pytest.mark.gen_test
async def test_the_kind_of_job_is_what_its_title_says(hr, title, kind):
    await hr.submit(wait=False, title=title)
    _, (feed,) = await listed(hr)
    assert feed["job_type"] == kind
