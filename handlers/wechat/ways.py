"""What of WeChat opens an account: seeing it, adding to it, taking away from it."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

from handlers.accounts.entry import MAX_LOGIN_BYTES, ticket_errors
from handlers.api.base import ApiHandler
from handlers.api.contract import FORM, JSON, Answer, Contract, Ok, Shape
from handlers.api.errors import BadRequest, Declined
from handlers.wechat.asking import NOBODY, AskingHandler, code_errors
from runtime.clock import clock_text
from runtime.decoding import Errors
from store.accounts.accounts import Accounts
from store.accounts.identities import Identities
from store.accounts.identity import Identity, Way
from store.accounts.sessions import Sessions
from store.accounts.wechat_tickets import WechatTickets
from store.errors import IdentityTaken, LastWay, TicketRefused
from wechat.apps import AppName
from wechat.wechat import Wechat

Unset = msgspec.UnsetType
_APPS: tuple[AppName, ...] = get_args(AppName)


class Bind(msgspec.Struct):
    """A person of WeChat: a code, or the ticket of a login that was `not_bound`.

    Attributes:
        app: Where the code comes from; a ticket knows it.
        code: As at a login by WeChat.
        wechat_ticket: In place of the two, for the page, which has no code.
    """

    app: AppName | Unset = msgspec.UNSET
    code: str = ""
    wechat_ticket: str = ""


class Unbind(msgspec.Struct):
    """Which app.

    Attributes:
        app: The mini-program, the official account, WeCom.
    """

    app: AppName


class BindAnswer(Answer):
    """Whether they are bound: `taken` where they open another account, `not_bound` where they may open none.

    Attributes:
        errors: What is wrong with each field, with `form_error`.
    """

    status: Literal["ok", "form_error", "taken", "not_bound"]
    errors: dict[str, list[str]]


class UnbindAnswer(Answer):
    """Whether nothing of the app opens the account now: `last_way` where nothing else would open it."""

    status: Literal["ok", "last_way"]


class WayView(Shape):
    """One app.

    Attributes:
        app: Which one.
        bound: Whether somebody of it opens the account.
        since: Since when; empty where nobody does.
    """

    app: AppName
    bound: bool
    since: str


class WaysAnswer(Ok):
    """What opens the account.

    Attributes:
        has_password: Whether a password does.
        data: Every app that the server offers.
    """

    has_password: bool
    data: list[WayView]


class WaysHandler(ApiHandler):
    """`GET /hr/wechat/ways/`."""

    contract = Contract("What of WeChat opens the account", answer=WaysAnswer)

    accounts: Accounts
    wechat: Wechat

    async def handle(self) -> None:
        """Nothing of it says who the person is to WeChat."""
        account = await self.accounts.get(self.user_id)
        views = [
            _view(app, account.wechat.get(app), self.wechat.apps.appids[app])
            for app in _APPS
            if app in self.wechat.apps.appids
        ]
        self.ok(has_password=bool(account.password_hash), data=views)


def _view(app: AppName, way: Way | None, appid: str) -> WayView:
    # Whoever was bound in another app of the kind, which was set before, opens nothing by it now.
    if way is None or way.appid != appid:
        return WayView(app=app, bound=False, since="")
    return WayView(app=app, bound=True, since=clock_text(way.at))


class BindHandler(AskingHandler):
    """`POST /hr/wechat/bind/`."""

    contract = Contract(
        "Let a person of WeChat open the account", body=Bind, body_kinds=(FORM, JSON), answer=BindAnswer
    )
    methods = ("POST",)
    max_body_bytes = MAX_LOGIN_BYTES

    form: Bind
    identities: Identities
    sessions: Sessions
    tickets: WechatTickets

    async def handle(self) -> None:
        """In place of the one of the same app who did so before; binding again is harmless."""
        try:
            if self.form.wechat_ticket:
                async with self.tickets.redeeming(self.form.wechat_ticket) as identity:
                    await self._bind(identity)
            else:
                await self._bind(await self._identity_by_code())
        except TicketRefused as error:
            raise self._refused("form_error", "绑定没有成功", ticket_errors(error)) from None
        except IdentityTaken:
            raise self._refused("taken", "这个微信已绑定其他账号") from None
        self.report("wechat_bind", "ok", self.user_id)
        self.answer("ok", "已绑定", errors={})

    async def _bind(self, identity: Identity) -> None:
        epoch = await self.sessions.epoch_of(self.token)
        await self.identities.bind(self.user_id, identity, epoch=epoch)

    async def _identity_by_code(self) -> Identity:
        app, code = self.form.app, self.form.code
        if isinstance(app, Unset):
            raise BadRequest({"app": ["请给出 app 和 code，或 wechat_ticket"]})
        self.require_app(app)
        who = await self.identity_of(app, code)
        if who is None:
            raise self._refused("form_error", "绑定没有成功", code_errors(code))
        if not isinstance(who, Identity):
            raise self._refused("not_bound", NOBODY[who])
        return who

    def _refused(self, status: str, msg: str, errors: Errors | None = None) -> Declined:
        self.report("wechat_bind", "refused", self.user_id)
        return Declined(status, msg, errors=dict(errors or {}))


class UnbindHandler(AskingHandler):
    """`POST /hr/wechat/unbind/`."""

    contract = Contract(
        "Let nobody of an app open the account", body=Unbind, body_kinds=(FORM, JSON), answer=UnbindAnswer
    )
    methods = ("POST",)

    form: Unbind
    identities: Identities

    async def handle(self) -> None:
        """Harmless where nobody does. Sessions stay."""
        self.require_app(self.form.app)
        try:
            await self.identities.unbind(self.user_id, self.form.app, self.wechat.apps.appids)
        except LastWay:
            self.report("wechat_unbind", "refused", self.user_id)
            raise Declined("last_way", "这是唯一的登录方式，请先设置密码或绑定其他方式") from None
        self.report("wechat_unbind", "ok", self.user_id)
        self.ok()
