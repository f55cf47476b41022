"""Members of a WeCom corporation join the company whose owner lets them, and nobody else does."""

import pytest

from store.accounts import corporations
from tests.api.company.team import colleague, feeds_of, invited
from tests.api.wechat_scene import bind, form, login, somebody, unbind
from tests.support import PASSWORD, PYTHON_FEED, Hr


async def member(api, wechat, userid=None):
    """What somebody of the corporation is answered who has no account."""
    answer = await login(api, wechat.code(userid=userid or somebody()), "wecom")
    assert answer.status == "not_bound", answer.body
    return answer


async def register(api, ticket, **changes):
    fields = form(wechat_ticket=ticket, **changes)
    answer = await api.call("POST", "/hr/register/", form=fields)
    return answer, fields["user_email"]


async def joined(api, wechat, userid=None):
    """Somebody of the corporation who joins, as they are logged in."""
    ticket = (await member(api, wechat, userid))["ticket"]
    answer, email = await register(api, ticket, join=1, company_name="")
    assert answer.status == "ok", answer.body
    return Hr.logged_in(api.port, email, answer["auth_info"])


async def turn(hr, on):
    return await hr.post("/company/", {"wecom": on})


@pytest.fixture
def owner(hr, wechat, io_loop):
    """An owner who lets the members of the corporation join; one company may at a time."""

    async def begin():
        assert (await bind(hr, wechat.code(userid=somebody()), "wecom")).status == "ok"
        assert (await turn(hr, 1))["data"]["wecom"] == "on"

    async def end():
        await turn(hr, 0)

    io_loop.run_sync(begin)
    yield hr
    io_loop.run_sync(end)


async def test_a_member_is_told_the_company_and_joins_it_as_a_recruiter(api, wechat, owner):
    await owner.submit(wait=False, **PYTHON_FEED)
    assert (await member(api, wechat))["company"] == "示例公司"
    wei = await joined(api, wechat)
    data = (await wei.get("/company/"))["data"]
    assert (data["name"], data["role"], data["wecom"]) == ("示例公司", "recruiter", "on")
    assert [one["id"] for one in data["members"]] == [owner.user, wei.user]
    assert await feeds_of(wei) == {}, "nothing is shared with them"
    newest = (await owner.get("/company/audit/"))["data"][0]
    assert (newest["act"], newest["by"]["id"]) == ("join", wei.user)
    # Who does not want to makes a company of their own, as ever.
    answer, _ = await register(api, (await member(api, wechat))["ticket"], company_name="另一家")
    assert answer.status == "ok"
    assert len((await owner.get("/company/"))["data"]["members"]) == 2


async def test_nobody_joins_once_it_is_ended_and_the_ticket_stays_good(api, wechat, owner):
    ticket = (await member(api, wechat))["ticket"]
    assert (await turn(owner, 0))["data"]["wecom"] == "off"
    assert "company" not in (await member(api, wechat)).json
    refused, email = await register(api, ticket, join=1)
    assert (refused.status, list(refused["errors"])) == ("form_error", ["join"])
    assert (await api.post("/hr/login/", {"username": email, "password": PASSWORD})).status == "form_error"
    assert (await register(api, ticket))[0].status == "ok"
    acts = [row["act"] for row in (await owner.get("/company/audit/"))["data"]]
    assert acts == ["wecom", "wecom"]


async def test_no_other_way_in_joins(api, wechat, owner):
    by_mini = await login(api, wechat.code(somebody()))
    visitor = await login(api, wechat.code("a visitor", external_userid="x"), "wecom")
    assert not {"company", "ticket"} & visitor.json.keys()
    assert "company" not in by_mini.json
    for ticket in (by_mini["ticket"], ""):
        refused, _ = await register(api, ticket, join=1, password=PASSWORD)
        assert (refused.status, list(refused["errors"])) == ("form_error", ["join"])
    assert len((await owner.get("/company/"))["data"]["members"]) == 1


async def test_an_owner_who_is_a_member_themself_says_so_for_one_company(api, wechat, owner, server):
    other = await Hr.register(server.port)
    refused = await turn(other, 1)
    assert (refused.status, list(refused["errors"])) == ("form_error", ["wecom"])
    assert "登录方式" in refused["errors"]["wecom"][0]
    await bind(other, wechat.code(userid=somebody()), "wecom")
    refused = await turn(other, 1)
    assert refused["errors"]["wecom"] == ["你们企业的成员已可加入另一家公司，请联系管理员合并"]
    assert refused["data"]["wecom"] == "off"
    assert (await turn(await joined(api, wechat), 0)).http == 403
    assert (await other.post("/company/", {})).http == 400
    await turn(owner, 0)
    assert (await turn(other, 1)).status == "ok"
    await turn(other, 0)


async def test_who_was_taken_out_comes_back_by_a_letter_alone(api, wechat, owner):
    userid = somebody()
    wei = await joined(api, wechat, userid)
    removed = await owner.post(f"/company/members/{wei.user}/remove/", {"to": owner.user})
    assert removed.status == "ok"
    back = await login(api, wechat.code(userid=userid), "wecom")
    wei = Hr.logged_in(api.port, wei.email, back["auth_info"])
    await wei.post("/hr/profile/", {"phone": "010-1234567"})
    assert (await bind(wei, wechat.code(somebody()))).status == "ok"
    assert (await unbind(wei, "wecom")).status == "ok"
    answer = await member(api, wechat, userid)
    assert "company" not in answer.json
    refused, _ = await register(api, answer["ticket"], join=1)
    assert list(refused["errors"]) == ["join"]
    assert (await wei.post("/company/join/", {"invite": await invited(owner, wei.email)})).status == "ok"


async def test_a_full_company_says_so(api, wechat, owner, monkeypatch):
    await colleague(owner)
    monkeypatch.setattr(corporations, "MOST_MEMBERS", 2)
    refused, _ = await register(api, (await member(api, wechat))["ticket"], join=1)
    assert (refused.status, list(refused["errors"])) == ("form_error", ["join"])
    assert "最多" in refused["errors"]["join"][0]
