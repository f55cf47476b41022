"""Coming in by WeChat, against a double of it; one server for all of these tests."""

import asyncio
import itertools
import re
import secrets
import time
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from bson import ObjectId
from tornado.platform.asyncio import AsyncIOLoop

from config.demo.wechat_server import WechatServer
from config.settings import Settings
from tests.api.scene import serving
from tests.support import INGEST_TOKEN, PASSWORD, Api, Hr

CODE = "/sns/jscode2session"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def io_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    wrapped = AsyncIOLoop(asyncio_loop=loop, make_current=False)
    yield wrapped
    loop.run_until_complete(loop.shutdown_default_executor())
    asyncio.set_event_loop(None)
    wrapped.close()


@pytest.fixture(scope="module")
def world(io_loop, store_urls, analyzer, tmp_path_factory):
    wechat = WechatServer()
    io_loop.run_sync(wechat.start)
    settings = Settings(
        port=0,
        mongo_url=store_urls["mongo"],
        redis_url=store_urls["redis"],
        mongo_db=f"test-{secrets.token_hex(6)}",
        data_dir=tmp_path_factory.mktemp("wechat"),
        ingest_token=INGEST_TOKEN,
        secret_key="test-secret-key-0123456789",
        account_budget=1_000_000,
        register_per_minute=100_000,
        **wechat.settings(),
    )
    context = serving(settings, analyzer)
    server = io_loop.run_sync(context.__aenter__, timeout=60)
    yield wechat, server, settings
    io_loop.run_sync(lambda: context.__aexit__(None, None, None), timeout=60)
    io_loop.run_sync(wechat.stop)


@pytest.fixture(autouse=True)
def current(io_loop):
    asyncio.set_event_loop(io_loop.asyncio_loop)


@pytest.fixture
def wechat(world):
    wechat, _, _ = world
    yield wechat
    wechat.stalls, wechat.says, wechat.http, wechat.refuses = False, None, 200, {}


@pytest.fixture
def server(world):
    return world[1]


@pytest.fixture
def api(server):
    client = Api(server.port)
    yield client
    client.http.close()


@pytest.fixture
def hr(server, io_loop):
    client = io_loop.run_sync(lambda: Hr.register(server.port), timeout=10)
    yield client
    client.http.close()


def somebody():
    return f"openid-{next(NUMBERS)}"


async def login(api, code, app="mini"):
    return await api.post("/hr/wechat/login/", {"app": app, "code": code})


async def bind(hr, code, app="mini"):
    return await hr.post("/hr/wechat/bind/", {"app": app, "code": code})


async def unbind(hr, app="mini"):
    return await hr.post("/hr/wechat/unbind/", {"app": app})


def form(**changes):
    email = f"wechat{next(NUMBERS)}@example.com"
    return {"user_email": email, "company_name": "示例公司", "phone": "010-12345678", **changes}


async def newcomer(api, wechat, openid, **changes):
    """An account that is registered without a password."""
    ticket = (await login(api, wechat.code(openid)))["ticket"]
    fields = form(wechat_ticket=ticket, **changes)
    answer = await api.call("POST", "/hr/register/", form=fields)
    assert answer.status == "ok", answer.json
    return Hr.logged_in(api.port, fields["user_email"], answer["auth_info"])


async def ways(hr):
    answer = await hr.get("/hr/wechat/ways/")
    return answer["has_password"], [row["app"] for row in answer["data"] if row["bound"]]


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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
    # Whoever makes one removes those that have expired.
    await login(api, wechat.code(somebody()))
    assert await tickets.count_documents({}) == 1


@pytest.mark.gen_test
async def test_two_who_redeem_one_ticket_at_once_are_one(api, wechat):
    openid = somebody()
    ticket = (await login(api, wechat.code(openid)))["ticket"]
    answers = await asyncio.gather(*(api.post("/hr/register/", form(wechat_ticket=ticket)) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == ["form_error"] * 5 + ["ok"]
    (won,) = [answer["auth_info"]["user"] for answer in answers if answer.status == "ok"]
    assert (await login(api, wechat.code(openid)))["auth_info"]["user"] == won


@pytest.mark.gen_test
async def test_two_tickets_of_one_person_make_one_account(api, wechat):
    openid = somebody()
    tickets = [(await login(api, wechat.code(openid)))["ticket"] for _ in range(4)]
    answers = await asyncio.gather(
        *(api.post("/hr/register/", form(wechat_ticket=ticket)) for ticket in tickets)
    )
    assert sorted(answer.status for answer in answers) == ["form_error"] * 3 + ["ok"]
    lost = next(answer for answer in answers if answer.status != "ok")
    assert lost["errors"] == {"wechat_ticket": ["这个微信已绑定其他账号"]}


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_an_app_that_there_is_not_is_400_and_named(api, hr, wechat):
    for path in ("/hr/wechat/login/", "/hr/wechat/bind/", "/hr/wechat/unbind/"):
        for body in ({"app": "x", "code": "x"}, {"code": "x"}, {"app": 5, "code": "x"}):
            answer = await hr.post(path, body)
            assert (answer.http, list(answer["errors"])) == (400, ["app"]), (path, body)
    for query in ({"app": "mini"}, {}, {"app": "x"}):
        answer = await hr.get("/hr/wechat/start/", **query)
        assert (answer.http, list(answer["errors"])) == (400, ["app"])


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_an_account_that_binds_two_at_once_has_one(api, wechat, hr):
    openids = [somebody() for _ in range(4)]
    answers = await asyncio.gather(*(bind(hr, wechat.code(openid)) for openid in openids))
    assert [answer.status for answer in answers] == ["ok"] * 4
    found = [(await login(api, wechat.code(openid))).status for openid in openids]
    assert sorted(found) == ["not_bound"] * 3 + ["ok"]


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_a_wrong_person_of_the_same_app_is_not_put_in_place_of_the_right_one(api, wechat, hr):
    union, bound, same = somebody(), somebody(), somebody()
    assert (await bind(hr, wechat.code(bound))).status == "ok"
    assert (await bind(hr, wechat.code(somebody(), unionid=union), "mp")).status == "ok"
    assert (await login(api, wechat.code(same, unionid=union)))["auth_info"]["user"] == hr.user
    assert (await login(api, wechat.code(bound)))["auth_info"]["user"] == hr.user  # nothing was replaced


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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


@pytest.mark.gen_test
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
    mine = Hr.logged_in(api.port, mine.email, again["auth_info"])
    assert await ways(mine) == (True, ["mini"])
    assert (await unbind(mine)).status == "ok"


@pytest.mark.gen_test
async def test_a_session_by_wechat_ends_as_any_other(api, wechat, server):
    openid = somebody()
    mine = await newcomer(api, wechat, openid)
    socket = await mine.socket()
    await socket.until("snapshot")
    async with server.stores.revocations.of(mine.user):
        await server.stores.accounts.end_sessions(mine.user)
    assert await socket.closed() == 4401
    assert (await mine.get("/special_feed/page/")).http == 401
    assert (await login(api, wechat.code(openid))).status == "ok"  # the way in stays


@pytest.mark.gen_test
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


@pytest.mark.gen_test
async def test_wechat_away_is_503_in_time_and_login_by_password_goes_on(api, wechat, hr):
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
        assert time.monotonic() - began < 2.5
    vars(wechat).update({"stalls": True, "says": None, "http": 200})
    began = time.monotonic()
    away = await login(api, "code", "wecom")
    assert (away.http, time.monotonic() - began < 2.5) == (503, True)


class Browser:
    """Follows redirects and keeps cookies, as the browser in WeChat does."""

    def __init__(self, api):
        self.api = api
        self.cookies = {}

    async def get(self, url, **headers):
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if cookie:
            headers["Cookie"] = cookie
        answer = await self.api.call(
            "GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        for line in answer.headers.get_list("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
            self.line = line
        return answer

    async def start(self, app="mp", **query):
        answer = await self.get(
            f"/hr/wechat/start/?app={app}" + "".join(f"&{n}={v}" for n, v in query.items())
        )
        assert answer.http == 302, answer.body
        return answer.headers["Location"]

    async def allow(self, wechat, location, **who):
        """Say yes in WeChat; the way back, as path and query."""
        asked = parse_qs(urlsplit(location).query)
        back = urlsplit(asked["redirect_uri"][0])
        assert back.path == "/hr/wechat/callback/"
        return f"{back.path}?code={wechat.code(**who)}&state={asked['state'][0]}"


def fragment(answer):
    assert answer.http == 302, answer.body
    location = answer.headers["Location"]
    assert location.startswith("/#exchange=")
    return {name: unquote(value) for name, _, value in (
        part.partition("=") for part in location[2:].split("&")
    )}  # fmt: skip


@pytest.mark.gen_test
async def test_the_page_comes_in_through_wechat(api, wechat, hr):
    browser, openid = Browser(api), somebody()
    location = await browser.start(next="/feeds/1%3Fx=%26")
    parts = urlsplit(location)
    assert location.startswith(f"{wechat.url}/connect/oauth2/authorize?appid={wechat.MP}&redirect_uri=")
    assert (parts.fragment, parse_qs(parts.query)["scope"]) == ("wechat_redirect", ["snsapi_userinfo"])
    assert {"httponly", "samesite=lax", "path=/hr/wechat/", "max-age=600"} <= {
        part.strip().lower() for part in browser.line.split(";")
    }
    back = await browser.allow(wechat, location, openid=openid)
    answer = await browser.get(back, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    found = fragment(answer)
    assert found["next"] == "/feeds/1?x=&"
    assert browser.cookies == {}
    assert openid not in str(dict(answer.headers))
    said = await api.post("/hr/wechat/exchange/", {"exchange": found["exchange"]})
    assert (said.http, said.status) == (200, "not_bound")
    assert (await hr.post("/hr/wechat/bind/", {"wechat_ticket": said["ticket"]})).status == "ok"
    again = await api.call("POST", "/hr/wechat/exchange/", form={"exchange": found["exchange"]})
    assert (again.http, again.status, list(again["errors"])) == (200, "form_error", ["exchange"])
    back = await browser.allow(wechat, await browser.start(), openid=openid)
    found = fragment(await browser.get(back))
    assert found.keys() == {"exchange"}
    said = await api.post("/hr/wechat/exchange/", {"exchange": found["exchange"]})
    assert (said.status, said["auth_info"]["user"]) == ("ok", hr.user)
    location = await browser.start("wecom")
    query = parse_qs(urlsplit(location).query)
    assert (query["appid"], query["agentid"]) == ([wechat.CORP], [str(wechat.agentid)])


@pytest.mark.gen_test
async def test_the_way_back_is_the_browsers_own(api, wechat):
    browser, stranger = Browser(api), Browser(api)
    back = await browser.allow(wechat, await browser.start(), openid=somebody())
    before = len(wechat.calls)
    await stranger.start()
    for wrong in (await stranger.get(back), await Browser(api).get(back), await browser.get(back + "x")):
        assert (wrong.http, wrong.status) == (200, "form_error")
    assert (await browser.get("/hr/wechat/callback/")).status == "form_error"
    assert (await api.call("HEAD", back)).http == 405
    assert (await browser.get(back, Sec_Purpose="prefetch")).http == 403
    assert len(wechat.calls) == before  # none of it has used the code up
    assert (await browser.get(back)).http == 302
    assert (await browser.get(back)).status == "form_error"
    page = await browser.get(back, Accept="text/html,*/*")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "微信登录没有成功" in page.body.decode()


@pytest.mark.gen_test
async def test_a_way_that_another_site_begins_is_refused(api):
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Purpose": "prefetch"},
        {"Origin": "https://evil.example"},
    ):
        answer = await api.call("GET", "/hr/wechat/start/?app=mp", headers=headers)
        assert (answer.http, answer.status) == (403, "forbidden")
        assert "Set-Cookie" not in answer.headers
    assert (await api.call("HEAD", "/hr/wechat/start/?app=mp")).http == 405
    posted = await api.call("POST", "/hr/wechat/start/", form={"app": "mp", "next": "/me"})
    assert posted.http == 302


@pytest.mark.gen_test
async def test_the_page_goes_on_nowhere_else(api, wechat):
    for next_ in ("//evil.example", "https://evil.example", "/%5Cevil.example", "%5C/evil.example", "/%09/x"):
        browser = Browser(api)
        back = await browser.allow(wechat, await browser.start(next=next_), openid=somebody())
        assert fragment(await browser.get(back)).keys() == {"exchange"}, next_


@pytest.mark.gen_test
async def test_an_exchange_code_ends_after_a_minute_and_two_who_use_it_are_one(api, wechat, server):
    async def exchange():
        browser = Browser(api)
        back = await browser.allow(wechat, await browser.start(), openid=somebody())
        return {"exchange": fragment(await browser.get(back))["exchange"]}

    body = await exchange()
    answers = await asyncio.gather(*(api.post("/hr/wechat/exchange/", body) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == ["form_error"] * 4 + ["not_bound"]
    body, tickets = await exchange(), server.stores._database.wechat_tickets
    (kept,) = await tickets.find({"kind": "exchange"}).sort("expires_at", -1).limit(1).to_list(None)
    left_s = kept["expires_at"].timestamp() - time.time()
    assert 30 < left_s < 61
    await tickets.update_one(
        {"_id": kept["_id"]}, {"$set": {"expires_at": kept["expires_at"].replace(year=2000)}}
    )
    assert (await api.post("/hr/wechat/exchange/", body)).status == "form_error"
    # A ticket is no exchange code, and the other way round.
    ticket = (await login(api, wechat.code(somebody())))["ticket"]
    assert (await api.post("/hr/wechat/exchange/", {"exchange": ticket})).status == "form_error"
    assert (await api.post("/hr/wechat/exchange/", {})).status == "form_error"
    assert ticket not in str(await tickets.find({}).to_list(None))


@pytest.mark.gen_test
async def test_a_snapshot_and_a_visitor_come_back_to_be_told_so(api, wechat):
    for app, who, told in (
        ("mp", {"openid": somebody(), "is_snapshotuser": 1}, "使用完整服务"),
        ("wecom", {"openid": somebody()}, "成员"),
    ):
        browser = Browser(api)
        back = await browser.allow(wechat, await browser.start(app), **who)
        said = await api.post(
            "/hr/wechat/exchange/", {"exchange": fragment(await browser.get(back))["exchange"]}
        )
        assert (said.http, said.status, "ticket" in said.json) == (200, "not_bound", False)
        assert told in said["msg"]


@pytest.mark.gen_test
async def test_the_way_back_while_wechat_is_away_is_503_and_may_be_gone_again(api, wechat):
    browser = Browser(api)
    back = await browser.allow(wechat, await browser.start(), openid=somebody())
    wechat.stalls = True
    began = time.monotonic()
    page = await browser.get(back, Accept="text/html")
    assert (page.http, time.monotonic() - began < 2.5) == (503, True)
    assert "邮箱和密码" in page.body.decode()
    wechat.stalls = False
    assert (
        await browser.get(await browser.allow(wechat, await browser.start(), openid=somebody()))
    ).http == 302


@pytest.mark.gen_test
async def test_openids_and_codes_are_in_no_log(api, wechat, caplog):
    openid, union = "openid-of-a-person", "unionid-of-a-person"
    code = wechat.code(openid, unionid=union)
    caplog.set_level("INFO")
    await login(api, code)
    wechat.refuses[CODE] = [40013]
    await login(api, "code-of-a-person")
    said = "\n".join(f"{line.getMessage()} {line.__dict__}" for line in caplog.records)
    secrets_ = [*wechat.secrets.values(), openid, union, code, "code-of-a-person"]
    assert [secret for secret in secrets_ if secret in said] == []
    assert "jscode2session: 40013" in said


@pytest.mark.gen_test
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
