"""A double of WeChat's and WeCom's servers, for tests and the demo: what they document, and how they fail.

    wechat = await WechatServer().start()
    code = wechat.code("openid-1", unionid="union-1")       # what `wx.login` would give
    wechat.stalls = True                                    # what comes from now on gets no answer
    wechat.calls                                            # what came

Codes are good once and for five minutes; tokens end; a new one ends the old one only where it is forced. What
WeChat refuses it says with HTTP 200 and the errcode of its documents.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import tornado.httpserver
import tornado.web
from tornado.netutil import bind_sockets

CODE_S = 300
"""Seconds that a code is good."""
TOKEN_S = 7200
"""Seconds that an app's token is good."""

MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40056: "invalid agentid",
    40125: "invalid appsecret",
    40163: "code been used",
    41008: "missing code",
    42001: "access_token expired",
    42003: "code expired",
    43101: "user refuse to accept the msg",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    47003: "argument invalid!",
    81013: "user & party & tag all invalid",
    93000: "invalid webhook url",
}


class Refusal(Exception):
    """What it answers with an errcode."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode


class WechatServer:
    """Listens on 127.0.0.1. Attributes may be changed while it runs.

    Attributes:
        secrets: The apps there are, and their secrets; of WeCom the corpid's.
        agentid: The agent of WeCom.
        calls: What came: the path, the query, and the body as JSON.
        stalls: It takes requests, and never answers those that it took.
        says: What it answers in place of anything sensible, as bytes; with HTTP `http`.
        refuses: By path, errcodes that the next calls get, in order.
        quota: By path, how many calls it still takes; then it is 45009.
        consents: By openid, how many subscribed messages may be sent.
        members: Of WeCom.
        robots: Keys of robots.
        takes_any_robot: Every key is one of a robot.
        inbox: What a phone would show: who, and the values or text.
        delivered: Called with each of them too: who, what, and the page of the mini-program, if any.
        renewing: How many ask for a token just now.
        clock: Seconds; a test may put it forward.
    """

    MINI, MP, CORP = "wxmini0000000001", "wxmp000000000001", "wwcorp0000000001"

    def __init__(self) -> None:
        self.secrets = {
            self.MINI: "mini-secret-0123456789",
            self.MP: "mp-secret-0123456789",
            self.CORP: "wecom-secret-0123456789",
        }
        self.agentid = 1000002
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.stalls = False
        self.says: bytes | None = None
        self.http = 200
        self.refuses: dict[str, list[int]] = {}
        self.quota: dict[str, int] = {}
        self.consents: Counter[str] = Counter()
        self.members = {"zhangsan"}
        self.robots: set[str] = set()
        self.takes_any_robot = False
        self.inbox: list[tuple[str, Any]] = []
        self.delivered: Callable[[str, Any, str], None] = lambda who, what, page: None
        self.clock = time.time
        self.token_s = TOKEN_S
        self.answers_after_s = 0.0
        self.visitor: dict[str, Any] = {"openid": "visitor"}
        self._codes: dict[str, tuple[dict[str, Any], float]] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, tuple[str, float]] = {}
        self._ended: set[str] = set()
        self._numbers = itertools.count(1)
        self.renewing = 0
        self.port = 0

    async def start(self, port: int = 0) -> WechatServer:
        """Listen, on a free port unless one is named."""
        application = tornado.web.Application(
            [(path, _Handler, {"server": self, "answer": answer}) for path, answer in _ROUTES.items()],
            log_function=lambda _: None,  # URLs have secrets in them, which no log may have
        )
        self._http = tornado.httpserver.HTTPServer(application)
        sockets = bind_sockets(port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        self._http.add_sockets(sockets)
        return self

    async def stop(self) -> None:
        """Listen no more, and close what is open."""
        self._http.stop()
        await self._http.close_all_connections()

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def settings(self) -> dict[str, Any]:
        """All three apps, as the settings of a server name them."""
        fields = {"title": "thing1", "count": "number2", "score": "number3"}
        return {
            "wechat_mini_appid": self.MINI,
            "wechat_mini_secret": self.secrets[self.MINI],
            "wechat_mini_template": ("template-mini-01", fields),
            "wechat_mp_appid": self.MP,
            "wechat_mp_secret": self.secrets[self.MP],
            "wechat_mp_template": ("template-mp-0001", fields),
            "wecom_corpid": self.CORP,
            "wecom_agentid": self.agentid,
            "wecom_secret": self.secrets[self.CORP],
            "wechat_api_url": self.url,
            "wechat_open_url": self.url,
            "wecom_api_url": self.url,
        }

    def code(self, openid: str = "", **more: Any) -> str:
        """A code of somebody: `unionid`, `is_snapshotuser`, of WeCom `userid` in place of an openid."""
        code = f"code{next(self._numbers):06d}"
        who = {"openid": openid, **more} if openid else more
        self._codes[code] = (who, self.clock() + CODE_S)
        return code

    def end_token(self, appid: str) -> None:
        """Let the app's token hold no more, as a reset of the secret does."""
        token, _ = self._tokens.pop(appid)
        self._ended.add(token)

    def count(self, path: str) -> int:
        """How often a path was asked."""
        return sum(1 for called, _, _ in self.calls if called == path)

    # What the routes answer.

    def session(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """Who a code of `wx.login` is of."""
        self._check_secret(query.get("appid", ""), query.get("secret", ""), self.MINI)
        return {"session_key": "c2Vzc2lvbi1rZXk=", **self._spend(query.get("js_code", ""))}

    def access(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """Who a code of the official account is of."""
        self._check_secret(query.get("appid", ""), query.get("secret", ""), self.MP)
        more = {
            "access_token": "personal",
            "expires_in": 7200,
            "refresh_token": "r",
            "scope": "snsapi_userinfo",
        }
        return {**more, **self._spend(query.get("code", ""))}

    def authorize(self, query: dict[str, str], body: Any) -> str:
        """A user who says yes at once."""
        code = self.code(**self.visitor)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def stable_token(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """The token of a mini-program or official account."""
        self._check_secret(body.get("appid", ""), body.get("secret", ""))
        return self._token(body["appid"], force=body.get("force_refresh", False))

    def get_token(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """WeCom's token."""
        corpid = query.get("corpid", "")
        if corpid != self.CORP:
            raise Refusal(40013)
        if query.get("corpsecret") != self.secrets[corpid]:
            raise Refusal(40001)
        return self._token(corpid, force=False)

    def user_info(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """Which member of WeCom a code is of."""
        self._check_token(query, self.CORP)
        return self._spend(query.get("code", ""))

    def agent(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """What `manage.py wechat check` asks WeCom."""
        self._check_token(query, self.CORP)
        if query.get("agentid") != str(self.agentid):
            raise Refusal(40056)
        return {"agentid": self.agentid, "name": "TalentFeed"}

    def send(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """A message of WeCom's app."""
        self._check_token(query, self.CORP)
        if body["agentid"] != self.agentid:
            raise Refusal(40056)
        if body["touser"] not in self.members:
            raise Refusal(81013)
        self._deliver(body["touser"], body[body["msgtype"]])
        return {"invaliduser": "", "msgid": "x"}

    def send_mini(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """A subscribed message of the mini-program."""
        self._check_token(query, self.MINI)
        return self._subscribed(body, "template-mini-01")

    def send_mp(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """A subscribed message of the official account."""
        self._check_token(query, self.MP)
        return self._subscribed(body, "template-mp-0001")

    def robot(self, query: dict[str, str], body: Any) -> dict[str, Any]:
        """What a robot says in its group."""
        if query.get("key") not in self.robots and not self.takes_any_robot:
            raise Refusal(93000)
        self._deliver("robot", body[body["msgtype"]]["content"])
        return {}

    def _subscribed(self, body: Any, template: str) -> dict[str, Any]:
        openid, data = body["touser"], body["data"]
        if openid not in self.consents:
            raise Refusal(40003)
        if body["template_id"] != template:
            raise Refusal(40037)
        if data.keys() != {"thing1", "number2", "number3"} or len(data["thing1"]["value"]) > 20:
            raise Refusal(47003)
        if self.consents[openid] <= 0:
            raise Refusal(43101)
        self.consents[openid] -= 1
        self._deliver(openid, {name: one["value"] for name, one in data.items()}, body.get("page", ""))
        return {"msgid": 1}

    def _deliver(self, who: str, what: Any, page: str = "") -> None:
        self.inbox.append((who, what))
        self.delivered(who, what, page)

    def _spend(self, code: str) -> dict[str, Any]:
        if not code:
            raise Refusal(41008)
        if code in self._used:
            raise Refusal(40163)
        who, ends_at = self._codes.pop(code, ({}, 0.0))
        if not who:
            raise Refusal(40029)
        self._used.add(code)
        if ends_at < self.clock():
            raise Refusal(42003)
        return who

    def _check_secret(self, appid: str, secret: str, only: str = "") -> None:
        if appid not in self.secrets or (only and appid != only):
            raise Refusal(40013)
        if secret != self.secrets[appid]:
            raise Refusal(40125)

    def _token(self, appid: str, *, force: bool) -> dict[str, Any]:
        now = self.clock()
        token, ends_at = self._tokens.get(appid, ("", 0.0))
        if force and token:
            self._ended.add(token)
        if force or ends_at - now < min(300, self.token_s / 2):  # it gives a new one five minutes early
            token, ends_at = f"token{next(self._numbers)}-{appid}", now + self.token_s
            self._tokens[appid] = (token, ends_at)
        return {"access_token": token, "expires_in": int(ends_at - now)}

    def _check_token(self, query: dict[str, str], appid: str) -> None:
        token = query.get("access_token", "")
        known, ends_at = self._tokens.get(appid, ("", 0.0))
        if token in self._ended:
            raise Refusal(40001)
        if token != known:
            raise Refusal(40014)
        if ends_at <= self.clock():
            raise Refusal(42001)


_ROUTES = {
    "/sns/jscode2session": WechatServer.session,
    "/sns/oauth2/access_token": WechatServer.access,
    "/connect/oauth2/authorize": WechatServer.authorize,
    "/cgi-bin/stable_token": WechatServer.stable_token,
    "/cgi-bin/message/subscribe/send": WechatServer.send_mini,
    "/cgi-bin/message/subscribe/bizsend": WechatServer.send_mp,
    "/cgi-bin/gettoken": WechatServer.get_token,
    "/cgi-bin/auth/getuserinfo": WechatServer.user_info,
    "/cgi-bin/agent/get": WechatServer.agent,
    "/cgi-bin/message/send": WechatServer.send,
    "/cgi-bin/webhook/send": WechatServer.robot,
}


class _Handler(tornado.web.RequestHandler):
    def initialize(self, server: WechatServer, answer: Any) -> None:
        self.server = server
        self.answer = answer
        self.is_gone = asyncio.Event()

    def on_connection_close(self) -> None:
        """The caller gave up."""
        self.is_gone.set()

    async def get(self) -> None:
        server, path = self.server, self.request.path
        query = {name: values[-1].decode() for name, values in self.request.query_arguments.items()}
        body = json.loads(self.request.body) if self.request.body else {}
        server.calls.append((path, query, body))
        if server.stalls:
            # Also once it stalls no more: an answer in the moment in which the caller gives up would be one
            # that did and did not come.
            await self.is_gone.wait()
            return
        is_renewal = path.endswith("token") and "cgi-bin" in path
        server.renewing += is_renewal
        await asyncio.sleep(server.answers_after_s)
        server.renewing -= is_renewal
        self.set_header("Content-Type", "text/plain")  # as WeChat calls its JSON
        self.set_status(server.http)
        if server.says is not None:
            self.finish(server.says)
            return
        try:
            said = self._said(path, query, body)
        except Refusal as refusal:
            errcode = refusal.errcode
            # WeChat's texts quote what was sent, so none of them may be shown or logged.
            text = f"{MESSAGES.get(errcode, 'error')}, {urlencode(query)}, rid: 64f0-{errcode}"
            said = {"errcode": errcode, "errmsg": text}
        if isinstance(said, str):
            self.redirect(said)
        else:
            self.finish(json.dumps({"errcode": 0, "errmsg": "ok", **said}, ensure_ascii=False))

    post = get

    def _said(self, path: str, query: dict[str, str], body: Any) -> Any:
        server = self.server
        if server.refuses.get(path):
            raise Refusal(server.refuses[path].pop(0))
        if path in server.quota:
            server.quota[path] -= 1
            if server.quota[path] < 0:
                raise Refusal(45009)
        return self.answer(server, query, body)
