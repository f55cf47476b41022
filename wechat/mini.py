"""The mini-program: who is it that `wx.login` gave a code to, and subscribed messages (订阅消息)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from store.accounts.app_tokens import AppTokenDocuments
from store.accounts.identity import Identity
from wechat.apps import App, AppName
from wechat.errors import Unavailable
from wechat.http import Call, Done, WechatHttp
from wechat.tokens import AppTokens, Granted

_CODE = Call("jscode2session", "/sns/jscode2session", carries="secret")
_TOKEN = Call("stable_token", "/cgi-bin/stable_token", carries="secret", is_repeatable=True)
_SEND = Call("subscribe_send", "/cgi-bin/message/subscribe/send", carries="token", is_message=True)


class _Session(msgspec.Struct):
    """What a code says. `session_key` is not read: what it would decrypt is not asked for."""

    openid: str
    unionid: str = ""


async def ask_stable_token(app: App, api_url: str, http: WechatHttp, *, force: bool = False) -> Granted:
    """The token of a mini-program or an official account, which is asked for alike.

    Without `force` it is the one that holds, so asking twice harms nobody. With it the former ends: WeChat
    allows that 20 times a day.
    """
    body = {
        "grant_type": "client_credential",
        "appid": app.appid,
        "secret": app.secret,
        "force_refresh": force,
    }
    return await http.ask(_TOKEN, api_url, Granted, body=body)


class TemplateApp:
    """What a mini-program and an official account have in common: such a token, and messages by template."""

    name: AppName

    def __init__(self, app: App, api_url: str, http: WechatHttp, documents: AppTokenDocuments) -> None:
        self.app = app
        self._url = api_url
        self._http = http
        key = f"{self.name}:{app.appid}"
        self._tokens = AppTokens(
            documents, key, lambda force: ask_stable_token(app, api_url, http, force=force)
        )

    async def _send(
        self, call: Call, openid: str, template_id: str, values: Mapping[str, str], page: str, **more: str
    ) -> None:
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {name: {"value": value} for name, value in values.items()},
            **more,
        }
        await self._tokens.use(
            lambda token: self._http.ask(call, self._url, Done, query={"access_token": token}, body=body)
        )


class MiniProgram(TemplateApp):
    """One mini-program. Belongs to one event loop."""

    name = "mini"

    async def identity_of(self, code: str) -> Identity:
        """Who a code of `wx.login` is of, as `Wechat.identity_of`."""
        query = {
            "appid": self.app.appid,
            "secret": self.app.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        session = await self._http.ask(_CODE, self._url, _Session, query=query)
        return identity("mini", self.app.appid, session.openid, session.unionid, _CODE)

    async def send(self, openid: str, template_id: str, values: Mapping[str, str], page: str) -> None:
        """Send a subscribed message, which uses up one consent.

        The values are of the template's fields, as `{"thing1": "Python开发"}`; a tap opens the page, as
        `pages/feeds/feeds?feed=…`.

        Raises:
            Refused: It is not taken; 43101 where there is no consent, 40003, 47003 for good.
            Unavailable: Whether it was taken is not known, or it was not.
        """
        await self._send(_SEND, openid, template_id, values, page, lang="zh_CN")


def identity(app: str, appid: str, openid: str, unionid: str, call: Call) -> Identity:
    """An identity as WeChat gives it.

    Raises:
        Unavailable: It is empty, or no name of anybody.
    """
    if not (0 < len(openid) <= 128 and len(unionid) <= 128 and "\0" not in openid + unionid):
        raise Unavailable(call.name, outcome="no_json")
    return Identity(app=app, appid=appid, openid=openid, unionid=unionid)
