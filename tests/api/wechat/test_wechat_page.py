"""The page's way through WeChat and back, as a browser goes it; one server for all of these tests."""

import asyncio
import time
from urllib.parse import parse_qs, unquote, urlsplit

from tests.api.wechat_scene import login, somebody
from tests.support import IN_TIME_S


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


async def test_the_page_goes_on_nowhere_else(api, wechat):
    for next_ in ("//evil.example", "https://evil.example", "/%5Cevil.example", "%5C/evil.example", "/%09/x"):
        browser = Browser(api)
        back = await browser.allow(wechat, await browser.start(next=next_), openid=somebody())
        assert fragment(await browser.get(back)).keys() == {"exchange"}, next_


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


async def test_the_way_back_while_wechat_is_away_is_503_and_may_be_gone_again(wechat_in_time, api, wechat):
    browser = Browser(api)
    back = await browser.allow(wechat, await browser.start(), openid=somebody())
    wechat.stalls = True
    began = time.monotonic()
    page = await browser.get(back, Accept="text/html")
    assert (page.http, time.monotonic() - began < IN_TIME_S) == (503, True)
    assert "邮箱和密码" in page.body.decode()
    wechat.stalls = False
    assert (
        await browser.get(await browser.allow(wechat, await browser.start(), openid=somebody()))
    ).http == 302
