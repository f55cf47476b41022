"""Who is in a company: invitations, roles, leaving; and that everybody else has no say in it."""

from tests.api.company.team import colleague, feeds_of, invited, register, share
from tests.support import PASSWORD, PYTHON_FEED, Hr, python_resume


async def company(hr):
    answer = await hr.get("/company/")
    assert answer.status == "ok", answer.body
    return answer["data"]


def rows(data):
    return [(row["username"], row["role"], row["state"], row["live_feeds"]) for row in data["members"]]


async def test_registering_makes_a_company_and_an_invitation_takes_somebody_into_it(hr):
    assert (await company(hr))["name"] == "示例公司"
    await hr.submit(wait=False, **PYTHON_FEED)
    token = await invited(hr, "Wei@Example.com")
    assert rows(await company(hr))[1:] == [("wei@example.com", "recruiter", "invited", 0)]
    seen = await hr.get(f"/company/invite/{token}/")
    assert seen["data"] == {
        "company": "示例公司",
        "inviter": hr.email.partition("@")[0],
        "role": "recruiter",
        "email": "wei@example.com",
    }
    answer = await register(hr.port, "wei@example.com", invite=token)
    assert answer.status == "ok", answer.body
    wei = Hr.logged_in(hr.port, "wei@example.com", answer["auth_info"])
    own = await company(wei)
    assert (own["name"], own["role"]) == ("示例公司", "recruiter")
    assert rows(own) == [(hr.email, "owner", "active", 1), ("wei@example.com", "recruiter", "active", 0)]
    assert (await wei.get("/hr/profile/"))["data"]["company_name"] == "示例公司"
    assert (await hr.get(f"/company/invite/{token}/")).status == "token_error", "it is used"
    again = await register(hr.port, "other@example.com", invite=token)
    assert again.status == "token_error"
    login = {"username": "other@example.com", "password": PASSWORD}
    assert (await hr.post("/hr/login/", login)).status == "form_error", "no account was made"


async def test_the_latest_letter_counts_and_members_are_taken(hr, other_hr):
    first = await invited(hr, "wei@example.com")
    second = await invited(hr, "wei@example.com", role="owner")
    assert (await hr.get(f"/company/invite/{first}/")).status == "token_error"
    assert (await hr.get(f"/company/invite/{second}/"))["data"]["role"] == "owner"
    mine = await hr.post("/company/invite/", {"email": hr.email.upper(), "role": "recruiter"})
    assert mine.status == "taken"
    bad = await hr.post("/company/invite/", {"email": "nobody", "role": "recruiter"})
    assert (bad.status, [*bad["errors"]]) == ("form_error", ["email"])
    assert (await hr.post("/company/invite/", {"email": "a@b.cn", "role": "king"})).http == 400
    (_, awaited) = (await company(hr))["members"]
    assert (await other_hr.post(f"/company/members/{awaited['id']}/remove/", {})).http in (400, 404)
    assert (await hr.post(f"/company/members/{awaited['id']}/remove/", {})).status == "ok"
    assert (await hr.get(f"/company/invite/{second}/")).status == "token_error", "it was taken back"
    assert len((await company(hr))["members"]) == 1


async def test_an_account_joins_unless_it_has_feeds_of_its_own(hr, other_hr):
    token = await invited(hr, other_hr.email)
    feed, _ = await other_hr.feed_with(python_resume())
    (item,) = await other_hr.results(feed)
    await other_hr.get(f"/resumes/add_watch/{item['resume']['id']}", feed_id=feed)
    assert (await other_hr.post("/company/join/", {"invite": token})).status == "has_feeds"
    assert (await other_hr.post("/company/join/", {"invite": token + "x"})).status == "token_error"
    await other_hr.get(f"/feed/delete/{feed}")
    live = await other_hr.live()
    answer = await other_hr.post("/company/join/", {"invite": token})
    assert (answer.status, answer["data"]["company"]) == ("ok", "示例公司")
    assert await live.closed() == 1012, "its page comes back as one of the new company"
    assert [one["id"] for one in (await company(other_hr))["members"]] == [hr.user, other_hr.user]
    assert (await other_hr.get("/resume/follow/list/"))["total_count"] == 0
    mine = await hr.submit(wait=False, **PYTHON_FEED)
    await share(hr, mine, {other_hr: "work"})
    assert [*await feeds_of(other_hr)] == [mine]


async def test_owners_alone_rename_invite_and_change_roles_and_one_stays(hr):
    wei = await colleague(hr)
    for call in (
        wei.post("/company/", {"name": "别的"}),
        wei.post("/company/invite/", {"email": "a@b.cn", "role": "recruiter"}),
        wei.post(f"/company/members/{hr.user}/", {"role": "recruiter"}),
        wei.post(f"/company/members/{hr.user}/remove/", {"to": wei.user}),
        wei.get("/company/audit/"),
    ):
        assert (await call).http == 403
    assert (await hr.post("/company/", {"name": ""})).status == "form_error"
    assert (await hr.post("/company/", {"name": "未来公司"}))["data"]["name"] == "未来公司"
    assert (await wei.get("/hr/profile/"))["data"]["company_name"] == "未来公司"
    for name in ("未来的公司", "未来的公司"):
        await hr.post("/hr/profile/", {"company_name": name})
    lower = f"/company/members/{hr.user}/"
    assert (await hr.post(lower, {"role": "recruiter"})).status == "last_owner"
    assert (await hr.post(f"/company/members/{wei.user}/", {"role": "owner"})).status == "ok"
    assert (await company(wei))["role"] == "owner"
    assert (await wei.post(lower, {"role": "recruiter"})).status == "ok"
    assert (await hr.post("/company/", {"name": "又一个"})).http == 403
    assert (await wei.post(f"{lower}remove/", {"to": "0" * 24})).http == 404
    assert (await wei.post(f"/company/members/{wei.user}/remove/", {"to": hr.user})).status == "last_owner"
    acts = [(row["by"]["id"], row["act"]) for row in (await wei.get("/company/audit/"))["data"]]
    done = [(hr.user, "rename"), (hr.user, "rename"), (wei.user, "join"), (hr.user, "invite")]
    assert acts == [(wei.user, "role"), (hr.user, "role"), *done]


async def test_an_owner_finds_and_manages_the_feeds_of_colleagues_and_sees_what_became_of_each(hr):
    wei, lan = await colleague(hr), await colleague(hr)
    await hr.submit(wait=False, **PYTHON_FEED)
    older, newer = [await wei.submit(wait=False, **PYTHON_FEED) for _ in range(2)]
    await share(wei, newer, {lan: "work"})
    assert (await wei.get("/company/feeds/")).http == 403

    async def found(**query):
        answer = await hr.get("/company/feeds/", **query)
        return [(one["id"], one["owner"]["id"]) for one in answer["data"]], answer["next_start"]

    assert await found() == ([(newer, wei.user), (older, wei.user)], -1)
    assert await found(size=1) == ([(newer, wei.user)], 1)
    assert await found(size=1, start=1) == ([(older, wei.user)], -1)
    assert (await hr.post("/special_feed/pause/", {"feed_id": older, "paused": 1})).status == "ok"
    (_, paused) = (await hr.get("/company/feeds/"))["data"]
    assert (paused["paused"], paused["members"]) == (True, [])
    assert (await hr.post(f"/special_feed/transfer/{older}", {"to": lan.user})).status == "ok"
    assert (await hr.get(f"/feed/delete/{newer}")).status == "ok"
    assert await found() == ([(older, lan.user)], -1)
    assert (await hr.post(f"/special_feed/transfer/{older}", {"to": hr.user})).status == "ok"
    assert await found() == ([], -1)
    rows = (await hr.get("/company/audit/"))["data"]
    acts = [(row["by"]["id"], row["act"]) for row in rows if row["feed_id"] == older]
    assert acts == [(hr.user, "transfer"), (hr.user, "transfer"), (hr.user, "pause"), (wei.user, "submit")]
    ended = [row for row in rows if row["act"] == "delete"]
    assert [(row["feed_id"], row["feed_title"]) for row in ended] == [(newer, PYTHON_FEED["title"])]


async def test_whoever_is_removed_is_out_and_what_was_theirs_is_a_colleagues(hr):
    wei, lan = await colleague(hr), await colleague(hr)
    feed = await wei.submit(**PYTHON_FEED)
    other = await hr.submit(wait=False, **PYTHON_FEED)
    await share(hr, other, {wei: "work"})
    mine = await hr.submit(wait=False, **{**PYTHON_FEED, "title": "Python讲师"})
    ids = await wei.scored(*(python_resume() for _ in range(3)))
    await wei.get(f"/feed/get/{feed}/{ids[0]}")
    await wei.mark(feed, ids[1], "稍后再打")
    before = await wei.results(feed)
    live, his = await lan.live(), await wei.live()
    assert (await hr.post(f"/company/members/{wei.user}/remove/", {"to": ""})).http == 400
    assert (await hr.post(f"/company/members/{wei.user}/remove/", {"to": wei.user})).http == 400
    removed = await hr.post(f"/company/members/{wei.user}/remove/", {"to": lan.user})
    assert removed.status == "ok"
    assert await his.closed() == 4401
    assert (await wei.get("/special_feed/page/")).http == 401
    assert (await live.until("unread", feed_id=feed))["unread_count"] == 1, "who is marked is read"
    after = await lan.results(feed)
    assert [row["resume"]["id"] for row in after] == [row["resume"]["id"] for row in before]
    assert [row["user_read_status"] for row in after] == [row["user_read_status"] for row in before]
    assert {one: row["owner"]["id"] for one, row in (await feeds_of(lan)).items()} == {feed: lan.user}
    hers = {one: row["owner"]["id"] for one, row in (await feeds_of(hr)).items()}
    assert hers == {other: hr.user, mine: hr.user}, "nobody else's feeds change hands"
    assert (await lan.get("/resumes/marked/"))["marked_count"] == 1, "whom to come back to is hers"
    (marked,) = (await lan.get("/resumes/marked/"))["data"]
    assert marked["mark_log"][0]["by"] == {"id": wei.user, "name": wei.email.partition("@")[0]}
    login = {"username": wei.email, "password": PASSWORD}
    back = Hr.logged_in(wei.port, wei.email, (await wei.post("/hr/login/", login))["auth_info"])
    assert rows(await company(back)) == [(wei.email, "owner", "active", 0)]
    assert await feeds_of(back) == {}
    assert (await back.get(f"/special_feed/feed_list/{feed}")).status == "no_feed"
    assert (await back.get("/resumes/marked/"))["marked_count"] == 0
