"""The page's way through WeChat: to its authorization, and back to the page with an exchange code.

    /hr/wechat/start/?app=mp&next=/feeds/…  ->  WeChat  ->  /hr/wechat/callback/?code=…&state=…
                                            ->  /#exchange=…&next=/feeds/…

The code is exchanged here, since only the server has the app's secret. What the page gets is in the fragment,
which no server and no log sees, and is no credential: it is good once, within a minute.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

import msgspec

from handlers.api.contract import Answer, Contract
from handlers.api.errors import ApiError
from handlers.api.page_notice import finish_page
from handlers.wechat.asking import AskingHandler
from handlers.wechat.states import VALID_S, States, own_path
from store.accounts.wechat_tickets import WechatTickets
from wechat.apps import AppName

_COOKIE = "wechat_state"
_PATH = "/hr/wechat/"
_FAILED = "微信登录没有成功"


class Start(msgspec.Struct):
    """Where to begin.

    Attributes:
        app: The official account, or WeCom, as the page runs in one of the two.
        next: A path of the page to go on to, with one leading slash; anything else is left out.
    """

    app: Literal["mp", "wecom"]
    next: str = ""


class Back(msgspec.Struct):
    """What WeChat sends back.

    Attributes:
        code: Good once, for five minutes.
        state: What was sent there.
    """

    code: str = ""
    state: str = ""


class CallbackAnswer(Answer):
    """`form_error` where the code or the state is used, expired or false, or of another browser."""

    status: Literal["form_error"]


class StartHandler(AskingHandler):
    """`/hr/wechat/start/`."""

    contract = Contract("Log in by WeChat on the page", query=Start, redirect="To WeChat's authorization.")
    methods = ("GET", "POST")
    needs_login = False
    needs_store = False
    changes_state = True

    params: Start
    states: States

    async def handle(self) -> None:
        """Sends the browser to WeChat, with a cookie that the way back needs."""
        app: AppName = self.params.app
        self.require_app(app)
        own = self.context.public_url or self.own_origin()
        state, cookie = self.states.make(app, own_path(self.params.next))
        self.set_cookie(
            _COOKIE,
            cookie,
            path=_PATH,
            max_age=VALID_S,
            httponly=True,
            samesite="Lax",  # of another site's requests it comes with the way back from WeChat alone
            secure=own.startswith("https:"),
        )
        back = own.rstrip("/") + _PATH + "callback/"
        self.redirect(self.wechat.authorize_url(self.params.app, back, state))


class CallbackHandler(AskingHandler):
    """`/hr/wechat/callback/`."""

    contract = Contract(
        "Where WeChat sends the page back to",
        query=Back,
        answer=CallbackAnswer,
        has_page=True,
        redirect="To the page, with an exchange code in the fragment.",
        throttled=True,
    )
    methods = ("GET", "POST")
    needs_login = False
    changes_state = True
    failed_title = _FAILED

    params: Back
    states: States
    tickets: WechatTickets

    def is_cross_site(self) -> bool:
        """Whether another site's page sends it, other than by a link: the state says whose way it was."""
        return self.request.method != "GET" and super().is_cross_site()

    async def handle(self) -> None:
        """Exchanges the code and sends the browser to the page; the code and the cookie are used up.

        A browser that asks for HTML gets a page where that fails, a program JSON.
        """
        begun = self.states.read(self.get_cookie(_COOKIE) or "", self.params.state)
        if begun is None:
            self._fail("登录已过期，或不是从这个页面开始的。")
            return
        self.clear_cookie(_COOKIE, path=_PATH)
        app, next_ = begun
        self.require_app(app)
        who = await self.identity_of(app, self.params.code)
        if who is None:
            self._fail("微信登录已失效。")
            return
        exchange = await self.tickets.make_exchange(who)
        self.redirect(f"/#exchange={exchange}" + (f"&next={quote(next_)}" if next_ else ""))

    def _fail(self, text: str) -> None:
        self.report("wechat_login", "failed")
        if self.wants_page():
            finish_page(self, _FAILED, text, link="回到 TalentFeed")
        else:
            self.answer("form_error", _FAILED + "，请重试")

    def text_of(self, refusal: ApiError) -> str:
        """What the page says of a refusal."""
        return f"{refusal.msg}。也可以用邮箱和密码登录。"
