"""Coming in by WeChat, against a double of it; one server for all of these tests."""

import asyncio
import re
import secrets
import time
from dataclasses import replace

import pytest
from bson import ObjectId

from tests.api.wechat_scene import bind, form, login, newcomer, somebody, unbind, ways
from tests.support import IN_TIME_S, PASSWORD, Hr, serving


async def test_a_stranger_gets_a_ticket_and_registers_without_a_password(api, wechat):
    openid = somebody()
    answer = await login(api, wechat.code(openid))
    assert (answer.http, answer.status, answer["auth_info"], answer["username"]) == (200, "not_bound", {}, "")
    ticket = answer["ticket"]
    fields = form(wechat_ticket=ticket)
    made = await api.call("POST", "/hr/register/", form=fields)
    assert (made.http, made.status) == (200, "ok")
    hr = Hr.logged_in(api.port, fields["user_email"], made["auth_info"])
    assert (await hr.get("/special_feed/page/")).http == 200
    assert await ways(hr) == (False, ["mini"])
    again = await login(api, wechat.code(openid))
    assert (again.status, again["auth_info"]["user"], again["username"]) == ("ok", hr.user, hr.email)
    assert "ticket" not in again.json
    assert again["auth_info"]["token"] != hr.token
    # The ticket is used up.
    used = await api.call("POST", "/hr/register/", form=form(wechat_ticket=ticket))
    assert (used.http, used.status, list(used["errors"])) == (200, "form_error", ["wechat_ticket"])


async def test_a_ticket_is_used_up_by_a_success_alone(api, wechat, hr):
    openid = somebody()
    ticket = (await login(api, wechat.code(openid)))["ticket"]
    for path, body, wrong in (
        ("/hr/login/", {"username": hr.email, "password": "wrong wrong"}, "password"),
        ("/hr/login/", {"username": hr.email, "password": ""}, "password"),
        ("/hr/register/", form(user_email=hr.email), "user_email"),
        ("/hr/register/", form(phone="x"), "phone"),
        ("/hr/register/", form(password="12345678"), "password"),
    ):
        answer = await api.post(path, {**body, "wechat_ticket": ticket})
        assert (answer.http, answer.status, list(answer["errors"])) == (200, "form_error", [wrong]), path
    assert (await login(api, wechat.code(openid))).status == "not_bound"
    body = {"username": hr.email, "password": PASSWORD, "wechat_ticket": ticket}
    answer = await api.call("POST", "/hr/login/", form=body)
    assert (answer.status, answer["auth_info"]["user"]) == ("ok", hr.user)
    assert (await login(api, wechat.code(openid)))["auth_info"]["user"] == hr.user
    used = await api.post("/hr/login/", body)
    assert (used.http, used.status, list(used["errors"])) == (200, "form_error", ["wechat_ticket"])
    assert used["auth_info"] == {}


async def test_false_and_old_tickets_are_form_errors(api, server, wechat, hr):
    ticket = (await login(api, wechat.code(somebody())))["ticket"]
    tickets = server.stores._database.wechat_tickets
    async for one in tickets.find({}):
        past = one["expires_at"].replace(year=2000)
        await tickets.update_one({"_id": one["_id"]}, {"$set": {"expires_at": past}})
    for false in (ticket, "x", "王", "x" * 4000, "$ne"):
        for path, body in (
            ("/hr/login/", {"username": hr.email, "password": PASSWORD}),
            ("/hr/register/", form()),
            ("/hr/wechat/bind/", {}),
        ):
            answer = await hr.post(path, {**body, "wechat_ticket": false})
            assert (answer.http, answer.status) == (200, "form_error"), (path, false)
            assert list(answer["errors"]) == ["wechat_ticket"]


async def test_two_who_redeem_one_ticket_at_once_are_one(api, wechat):
    openid = somebody()
    ticket = (await login(api, wechat.code(openid)))["ticket"]
    answers = await asyncio.gather(*(api.post("/hr/register/", form(wechat_ticket=ticket)) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == ["form_error"] * 5 + ["ok"]
    (won,) = [answer["auth_info"]["user"] for answer in answers if answer.status == "ok"]
    assert (await login(api, wechat.code(openid)))["auth_info"]["user"] == won


async def test_two_tickets_of_one_person_make_one_account(api, wechat):
    openid = somebody()
    tickets = [(await login(api, wechat.code(openid)))["ticket"] for _ in range(4)]
    answers = await asyncio.gather(
        *(api.post("/hr/register/", form(wechat_ticket=ticket)) for ticket in tickets)
    )
    assert sorted(answer.status for answer in answers) == ["form_error"] * 3 + ["ok"]
    lost = next(answer for answer in answers if answer.status != "ok")
    assert lost["errors"] == {"wechat_ticket": ["这个微信已绑定其他账号"]}


async def test_used_expired_and_forged_codes_are_form_errors(api, wechat, hr):
    used, old = wechat.code(somebody()), wechat.code(somebody())
    await login(api, used)
    wechat.clock = lambda: time.time() + 301
    try:
        for code in (used, old, "forged", "", "x" * 600, "a&openid=b", "\u200b"):
            answer = await login(api, code)
            assert (answer.http, answer.status, list(answer["errors"])) == (200, "form_error", ["code"]), code
            assert "ticket" not in answer.json
            answer = await bind(hr, code)
            assert (answer.http, answer.status, list(answer["errors"])) == (200, "form_error", ["code"]), code
    finally:
        wechat.clock = time.time


async def test_an_app_that_there_is_not_is_400_and_named(api, hr, wechat):
    for path in ("/hr/wechat/login/", "/hr/wechat/bind/", "/hr/wechat/unbind/"):
        for body in ({"app": "x", "code": "x"}, {"code": "x"}, {"app": 5, "code": "x"}):
            answer = await hr.post(path, body)
            assert (answer.http, list(answer["errors"])) == (400, ["app"]), (path, body)
    for query in ({"app": "mini"}, {}, {"app": "x"}):
        answer = await hr.get("/hr/wechat/start/", **query)
        assert (answer.http, list(answer["errors"])) == (400, ["app"])


async def test_binding_and_unbinding(api, wechat, hr, server):
    other = await Hr.register(server.port)
    first, second = somebody(), somebody()
    assert (await unbind(hr)).status == "ok"  # nothing is bound
    assert (await bind(hr, wechat.code(first))).status == "ok"
    assert (await bind(hr, wechat.code(first))).status == "ok"
    assert (await bind(other, wechat.code(first))).status == "taken"
    assert await ways(other) == (True, [])
    # A new one of the same app replaces the old, which is free at once.
    assert (
        await hr.call("POST", "/hr/wechat/bind/", form={"app": "mini", "code": wechat.code(second)})
    ).json["status"] == "ok"
    assert (await login(api, wechat.code(first))).status == "not_bound"
    assert (await login(api, wechat.code(second)))["auth_info"]["user"] == hr.user
    assert (await bind(other, wechat.code(first))).status == "ok"
    rows = (await hr.get("/hr/wechat/ways/"))["data"]
    assert [(row["app"], row["bound"]) for row in rows] == [("mini", True), ("mp", False), ("wecom", False)]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows[0]["since"])
    assert rows[1]["since"] == ""
    assert [(await unbind(hr)).status for _ in range(2)] == ["ok", "ok"]
    assert (await login(api, wechat.code(second))).status == "not_bound"
    assert (await bind(other, wechat.code(second))).status == "ok"


async def test_two_who_bind_one_person_at_once_are_one(api, wechat, server):
    hrs = [await Hr.register(server.port) for _ in range(4)]
    for app, who in (
        ("mini", {"openid": somebody()}),
        ("mini", {"openid": somebody(), "unionid": somebody()}),
    ):
        answers = await asyncio.gather(*(bind(hr, wechat.code(**who), app) for hr in hrs))
        assert sorted(answer.status for answer in answers) == ["ok"] + ["taken"] * 3
        (won,) = [hr.user for hr, answer in zip(hrs, answers, strict=True) if answer.status == "ok"]
        assert (await login(api, wechat.code(**who)))["auth_info"]["user"] == won


async def test_the_last_way_in_stays(api, wechat, server):
    hr = await newcomer(api, wechat, somebody())
    refused = await unbind(hr)
    assert (refused.http, refused.status) == (200, "last_way")
    assert await ways(hr) == (False, ["mini"])
    assert (await bind(hr, wechat.code(somebody()), "mp")).status == "ok"
    # Of two that are unbound at once one stays.
    answers = await asyncio.gather(unbind(hr, "mini"), unbind(hr, "mp"))
    assert sorted(answer.status for answer in answers) == ["last_way", "ok"]
    _, left = await ways(hr)
    assert len(left) == 1
    # What is not offered any more lets nobody in.
    accounts = server.stores._database.accounts
    assert (await bind(hr, wechat.code(somebody()), "mini")).status == "ok"
    assert (await bind(hr, wechat.code(somebody()), "mp")).status == "ok"
    await accounts.update_one({"email": hr.email}, {"$set": {"wechat.mp.appid": "another app"}})
    assert (await unbind(hr, "mini")).status == "last_way"


async def test_a_unionid_links_the_apps_of_one_owner(api, wechat, hr, server):
    union, mini, mp = somebody(), somebody(), somebody()
    assert (await bind(hr, wechat.code(mini, unionid=union))).status == "ok"
    answer = await login(api, wechat.code(mp, unionid=union), "mp")
    assert (answer.status, answer["auth_info"]["user"]) == ("ok", hr.user)
    assert await ways(hr) == (True, ["mini", "mp"])
    other = await Hr.register(server.port)
    for openid, app in ((mini, "mini"), (mp, "mp"), (somebody(), "mp")):
        assert (await bind(other, wechat.code(openid, unionid=union), app)).status == "taken"
    # An openid is an app's own: the same letters in another app are somebody else.
    assert (await login(api, wechat.code(mini), "mp")).status == "not_bound"
    for app in ("mini", "mp"):
        assert (await unbind(hr, app)).status == "ok"
    assert (await bind(other, wechat.code(somebody(), unionid=union), "mp")).status == "ok"


async def test_a_unionid_that_comes_with_a_later_login_links_the_apps(api, wechat, hr, server):
    union, mini, mp = somebody(), somebody(), somebody()
    assert (await bind(hr, wechat.code(mini))).status == "ok"
    off = {"channels": [{"kind": "mini", "on": False}]}
    assert (await hr.post("/hr/notices/", off)).status == "ok"
    for _ in range(2):
        assert (await login(api, wechat.code(mini, unionid=union))).status == "ok"
    channels = (await hr.get("/hr/notices/"))["channels"]
    assert [one["on"] for one in channels if one["kind"] == "mini"] == [False]
    assert (await login(api, wechat.code(mp, unionid=union), "mp"))["auth_info"]["user"] == hr.user
    assert await ways(hr) == (True, ["mini", "mp"])
    other = await Hr.register(server.port)
    assert (await bind(other, wechat.code(somebody(), unionid=union), "mp")).status == "taken"
    # One that is another account's lets nobody else in.
    theirs = somebody()
    assert (await bind(other, wechat.code(theirs))).status == "ok"
    assert (await login(api, wechat.code(theirs, unionid=union)))["auth_info"]["user"] == other.user
    assert (await login(api, wechat.code(mp, unionid=union), "mp"))["auth_info"]["user"] == hr.user


async def test_what_was_unbound_by_hand_stays_so_until_it_is_bound_by_hand(api, wechat, hr):
    union, mini, mp = somebody(), somebody(), somebody()
    assert (await bind(hr, wechat.code(mini, unionid=union))).status == "ok"
    assert (await bind(hr, wechat.code(mp, unionid=union), "mp")).status == "ok"
    assert (await unbind(hr, "mp")).status == "ok"
    for _ in range(2):
        assert (await login(api, wechat.code(mp, unionid=union), "mp"))["auth_info"]["user"] == hr.user
        assert await ways(hr) == (True, ["mini"])
    assert (await bind(hr, wechat.code(mp, unionid=union), "mp")).status == "ok"
    assert await ways(hr) == (True, ["mini", "mp"])


async def test_a_wrong_person_of_the_same_app_is_not_put_in_place_of_the_right_one(api, wechat, hr):
    union, bound, same = somebody(), somebody(), somebody()
    assert (await bind(hr, wechat.code(bound))).status == "ok"
    assert (await bind(hr, wechat.code(somebody(), unionid=union), "mp")).status == "ok"
    assert (await login(api, wechat.code(same, unionid=union)))["auth_info"]["user"] == hr.user
    assert (await login(api, wechat.code(bound)))["auth_info"]["user"] == hr.user  # nothing was replaced


async def test_members_come_in_by_wecom_and_visitors_do_not(api, wechat, hr):
    wechat.members.add("lisi")
    assert (await bind(hr, wechat.code(userid="lisi"), "wecom")).status == "ok"
    assert (await login(api, wechat.code(userid="lisi"), "wecom"))["auth_info"]["user"] == hr.user
    for answer in (
        await login(api, wechat.code("a visitor", external_userid="x"), "wecom"),
        await login(api, wechat.code("o1", is_snapshotuser=1), "mp"),
    ):
        assert (answer.http, answer.status, answer["auth_info"]) == (200, "not_bound", {})
        assert "ticket" not in answer.json
    assert "使用完整服务" in answer["msg"]
    for code, app in ((wechat.code("v"), "wecom"), (wechat.code("o", is_snapshotuser=1), "mp")):
        assert (await bind(hr, code, app)).status == "not_bound"


async def test_whoever_may_not_log_in_is_told_so_after_a_good_code(api, wechat, server):
    openid = somebody()
    hr = await newcomer(api, wechat, openid)
    accounts = server.stores._database.accounts
    for change, status in (
        ({"is_hr": False}, "not_hr"),
        ({"is_hr": True, "disabled": True}, "not_active"),
        ({"disabled": False, "active": False}, "not_active"),
    ):
        await accounts.update_one({"email": hr.email}, {"$set": change})
        answer = await login(api, wechat.code(openid))
        assert (answer.http, answer.status, answer["auth_info"]) == (200, status, {})
        assert "ticket" not in answer.json
    # A ticket is not used up by whoever may not log in.
    other = await Hr.register(server.port)
    ticket = (await login(api, wechat.code(somebody())))["ticket"]
    await server.stores.accounts.set_disabled(other.user, disabled=True)
    body = {"username": other.email, "password": PASSWORD, "wechat_ticket": ticket}
    assert (await api.post("/hr/login/", body)).status == "not_active"
    await server.stores.accounts.set_disabled(other.user, disabled=False)
    assert (await api.post("/hr/login/", body)).status == "ok"


async def test_an_account_without_a_password_is_opened_by_none(api, wechat, hr, server):
    openid = somebody()
    mine = await newcomer(api, wechat, openid)
    for password in ("no account has this password", "None", " ", "x"):
        answer = await api.post("/hr/login/", {"username": mine.email, "password": password})
        assert (answer.http, answer.status) == (200, "form_error"), password
    # Not by the session alone, which may be stolen: by the mailbox.
    change = await mine.post("/hr/password/", {"old_password": "x", "password": "another good one"})
    assert (change.status, list(change["errors"])) == ("form_error", ["old_password"])
    assert (await api.post("/hr/password/forgot/", {"username": mine.email})).status == "ok"
    link = server.services.outbox._links.make_reset(mine.user, 0).partition("=")[2]
    assert (await api.post(f"/hr/password/reset/{link}/", {"password": PASSWORD})).status == "ok"
    again = await api.post("/hr/login/", {"username": mine.email, "password": PASSWORD})
    # The person of WeChat came before the address was proved, see test_reset_unbinds.py: bound anew.
    mine = Hr.logged_in(api.port, mine.email, again["auth_info"])
    assert await ways(mine) == (True, [])
    assert (await bind(mine, wechat.code(openid))).status == "ok"
    assert (await unbind(mine)).status == "ok"


async def test_a_deleted_account_leaves_nothing_and_its_person_is_free(api, wechat, server):
    openid, union = somebody(), somebody()
    mine = await newcomer(api, wechat, openid)
    assert (await bind(mine, wechat.code(somebody(), unionid=union), "mp")).status == "ok"
    await server.stores.deletions.delete(mine.user)
    claims = server.stores._database.identities
    assert await claims.count_documents({"user": ObjectId(mine.user)}) == 0
    assert (await login(api, wechat.code(openid))).status == "not_bound"
    other = await newcomer(api, wechat, openid)
    assert (await bind(other, wechat.code(somebody(), unionid=union), "mp")).status == "ok"


@pytest.mark.long
async def test_wechat_away_is_503_in_time_and_login_by_password_goes_on(wechat_in_time, api, wechat, hr):
    kinds = {"stalls": True}, {"says": b"<html>"}, {"says": b""}, {"says": b'{"errcode":0}', "http": 502}
    errcodes = (-1, 45009, 45011, 40013, 40125, 40001, 99999)
    wechat_asks = [(hr, "/hr/wechat/login/"), (hr, "/hr/wechat/bind/")]
    for broken in (*kinds, *({"says": f'{{"errcode":{code},"errmsg":"x"}}'.encode()} for code in errcodes)):
        vars(wechat).update({"stalls": False, "says": None, "http": 200} | broken)
        began = time.monotonic()
        body = {"app": "mini", "code": "code"}
        asked = asyncio.gather(*(client.post(path, body) for client, path in wechat_asks))
        password = await api.post("/hr/login/", {"username": hr.email, "password": PASSWORD})
        assert password.status == "ok"
        for answer in await asked:
            assert (answer.http, answer.status) == (503, "unavailable"), (broken, answer.body)
            assert int(answer.headers["Retry-After"]) >= 1
        assert time.monotonic() - began < IN_TIME_S
    vars(wechat).update({"stalls": True, "says": None, "http": 200})
    began = time.monotonic()
    away = await login(api, "code", "wecom")
    assert (away.http, time.monotonic() - began < IN_TIME_S) == (503, True)


async def test_where_nothing_is_set_nothing_is_offered_and_attempts_are_counted_by_address(
    world, analyzer, tmp_path
):
    _, _, settings = world
    none = {
        name: None for name in vars(settings) if name.startswith(("wechat_", "wecom_")) and "url" not in name
    }
    bare = replace(
        settings, **none, register_per_minute=3, mongo_db=f"test-{secrets.token_hex(6)}", data_dir=tmp_path
    )
    async with serving(bare, analyzer) as server:
        hr = await Hr.register(server.port)
        for app in ("mini", "mp", "wecom"):
            for path in ("/hr/wechat/login/", "/hr/wechat/bind/", "/hr/wechat/unbind/"):
                answer = await hr.post(path, {"app": app, "code": "x"})
                assert (answer.http, answer.status, list(answer["errors"])) == (400, "bad_request", ["app"])
        for app in ("mp", "wecom"):
            answer = await hr.get("/hr/wechat/start/", app=app)
            assert (answer.http, list(answer["errors"])) == (400, ["app"])
        assert await ways(hr) == (True, [])
        assert "wechat-apps" not in (await hr.get("/")).body.decode()
        for _ in range(3):
            assert (await hr.post("/hr/wechat/exchange/", {"exchange": "x"})).status == "form_error"
        too_many = await hr.post("/hr/wechat/exchange/", {"exchange": "x"})
        assert (too_many.http, int(too_many.headers["Retry-After"]) > 0) == (429, True)
        hr.http.close()
