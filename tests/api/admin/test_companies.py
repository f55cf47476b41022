"""Companies at the desk: found, who is in them, and a quota that holds for each member."""

from tests.api.admin.desk import world
from tests.api.company.team import colleague, invited, register
from tests.api.wechat_scene import io_loop
from tests.support import Hr, eventually

__all__ = ["io_loop", "world"]


async def of(world, hr):
    """The company of an account, as the desk shows it."""
    answer = await world.viewer.read(f"companies/{hr.user}/")
    assert answer.status == "ok", answer.body
    return answer["company"]


async def set_quota(world, hr, quota):
    answer = await world.admin.do(f"companies/{hr.user}/limits/", quota=quota)
    assert answer.status == "ok", answer.body
    return answer["company"]


async def submits(hr):
    return (await hr.post("/special_feed/submit_feed/", {"title": "会计"})).status


async def test_companies_are_found_by_a_part_of_the_name_with_their_members_and_feeds(world):
    hr = await Hr.register(world.server.port)
    await hr.post("/company/", {"name": "寻找 (Gamma.) 一号"})
    await hr.submit(wait=False, title="会计")
    gone = await hr.submit(wait=False, title="出纳")
    await hr.get(f"/feed/delete/{gone}")
    wei = await colleague(hr)
    other = await Hr.register(world.server.port)
    await other.post("/company/", {"name": "寻找二号"})

    async def found(**form):
        answer = await world.viewer.do("companies/find/", **form)
        rows = [(one["name"], one["members"], one["feeds"], one["quota"]) for one in answer["companies"]]
        return rows, answer["total"], answer["next_start"]

    first, second = ("寻找 (Gamma.) 一号", 2, 1, None), ("寻找二号", 1, 0, None)
    assert await found(q="(gamma.") == ([first], 1, -1)
    assert await found(q="寻找") == ([second, first], 2, -1)
    assert await found(q="寻找", size=1, start=1) == ([first], 2, -1)
    assert await found(q=".*") == ([], 0, -1)
    assert (await found(size=1))[2] == 1
    assert [(one["email"], one["role"], one["live_feeds"]) for one in (await of(world, hr))["accounts"]] == [
        (hr.email, "owner", 1),
        (wei.email, "recruiter", 0),
    ]
    assert (await world.viewer.read(f"companies/{wei.user}/")).http == 404
    for wrong in ({"size": 0}, {"start": -1}, {"q": "x" * 101}):
        assert (await world.viewer.do("companies/find/", **wrong)).http == 400, wrong


async def test_a_companys_quota_holds_for_each_member_and_who_comes_later(world):
    hr = await Hr.register(world.server.port)
    wei = await colleague(hr)
    ordinary = (await of(world, hr))["accounts"][0]["feed_quota"]
    company = await set_quota(world, hr, 1)
    assert company["quota"] == 1
    assert [one["feed_quota"] for one in company["accounts"]] == [1, 1]
    assert [await submits(one) for one in (hr, hr, wei, wei)] == ["ok", "no_feed", "ok", "no_feed"]

    async def is_full():  # an account is known for moments
        return not (await hr.get("/special_feed/page/"))["data"]["has_rest_feed"]

    await eventually(is_full, what="the page to say so")
    lan = await colleague(hr)
    joins = await Hr.register(world.server.port)
    assert (await joins.post("/company/join/", {"invite": await invited(hr, joins.email)})).status == "ok"
    for one in (lan, joins):
        assert [await submits(one) for _ in range(2)] == ["ok", "no_feed"]
    # Whoever leaves begins a company of their own, with the ordinary number.
    assert (await hr.post(f"/company/members/{lan.user}/remove/", {"to": hr.user})).status == "ok"
    left = await world.viewer.read(f"accounts/{lan.user}/")
    assert (left["account"]["quota"], left["account"]["feed_quota"]) == (None, ordinary)
    assert (await set_quota(world, hr, -1))["quota"] is None
    assert {one["feed_quota"] for one in (await of(world, hr))["accounts"]} == {ordinary}
    email = "after@companies.example"
    await register(hr.port, email, invite=await invited(hr, email))
    assert (await of(world, hr))["accounts"][-1]["feed_quota"] == ordinary
    for wrong in ({"quota": 1001}, {"quota": "x"}, {}):
        refused = await world.admin.do(f"companies/{hr.user}/limits/", **wrong)
        assert (refused.http, list(refused["errors"])) == (400, ["quota"])


async def test_the_audit_says_of_which_company_the_quota_was_set(world):
    hr = await Hr.register(world.server.port)
    await set_quota(world, hr, 2)
    (row,) = await world.server.stores._database.audit.find({}).sort("at", -1).limit(1).to_list(1)
    assert (row["command"], str(row["about"])) == ("desk companies limits", hr.user)
