"""WeCom (企业微信): which member of the company came, and messages of the company's app.

Whoever has the key of a robot of a group may speak in that group. The key is what a recruiter pastes, and the
address is ours: no request goes where a recruiter says.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from store.accounts.app_tokens import AppTokenDocuments
from store.accounts.identity import Identity
from wechat.apps import WeComApp
from wechat.errors import Refused
from wechat.http import Call, Done, WechatHttp
from wechat.mini import identity
from wechat.official import authorize
from wechat.tokens import AppTokens, Granted

_TOKEN = Call("gettoken", "/cgi-bin/gettoken", carries="secret", is_repeatable=True)
_WHO = Call("getuserinfo", "/cgi-bin/auth/getuserinfo", carries="token")
_SEND = Call("wecom_send", "/cgi-bin/message/send", carries="token", is_message=True)
_AGENT = Call("agent", "/cgi-bin/agent/get", carries="token", is_repeatable=True)

_NOBODY = 81013


class _Visitor(msgspec.Struct):
    """What a code says; `userid` is given for members alone."""

    userid: str = ""


class _Sent(msgspec.Struct):
    invaliduser: str = ""


async def ask_wecom_token(app: WeComApp, api_url: str, http: WechatHttp) -> Granted:
    """The app's token; WeCom gives the same one while it holds."""
    query = {"corpid": app.corpid, "corpsecret": app.secret}
    return await http.ask(_TOKEN, api_url, Granted, query=query)


async def ask_agent(app: WeComApp, api_url: str, http: WechatHttp, token: str) -> None:
    """See whether a token is of the agent that is set, and whether this machine may use it.

    Raises:
        WechatError: It is not, or may not.
    """
    await http.ask(_AGENT, api_url, Done, query={"access_token": token, "agentid": str(app.agentid)})


class WeCom:
    """One company's app. Belongs to one event loop."""

    def __init__(
        self, app: WeComApp, api_url: str, open_url: str, http: WechatHttp, documents: AppTokenDocuments
    ) -> None:
        self.app = app
        self._url = api_url
        self._open_url = open_url
        self._http = http
        # Every agent of a company has a token of its own. There is nothing to force: WeCom gives another one
        # once the former does not hold.
        self._tokens = AppTokens(
            documents, f"wecom:{app.corpid}:{app.agentid}", lambda force: ask_wecom_token(app, api_url, http)
        )

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where a browser in WeCom is sent; it comes back to `redirect_uri` with `code` and `state`."""
        query = {
            "appid": self.app.corpid,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
            "agentid": str(self.app.agentid),
        }
        return authorize(self._open_url, query)

    async def identity_of(self, code: str) -> Identity | Literal["outsider"]:
        """Which member a code is of, or that it is of nobody of the company, as `Wechat.identity_of`."""
        # Where the token does not hold the code was not looked at, and may be sent again.
        visitor = await self._tokens.use(
            lambda token: self._http.ask(
                _WHO, self._url, _Visitor, query={"access_token": token, "code": code}
            )
        )
        if not visitor.userid:
            return "outsider"
        return identity("wecom", self.app.corpid, visitor.userid, "", _WHO)

    async def send(self, userid: str, title: str, description: str, url: str) -> None:
        """Send a member a message with one link (文本卡片).

        Args:
            userid: To whom.
            title: At most 128 bytes.
            description: At most 512 bytes; `<div class="gray">` and the like are understood.
            url: Where a tap leads.

        Raises:
            Refused: It is not taken; for good where there is no such member, or they may not see the app.
            Unavailable: Whether it was taken is not known, or it was not.
        """
        body = {
            "touser": userid,
            "msgtype": "textcard",
            "agentid": self.app.agentid,
            "textcard": {"title": title, "description": description, "url": url, "btntxt": "查看"},
        }
        sent = await self._tokens.use(
            lambda token: self._http.ask(_SEND, self._url, _Sent, query={"access_token": token}, body=body)
        )
        if sent.invaliduser:
            raise Refused(_SEND.name, _NOBODY)


_SPEAK = Call("webhook_send", "/cgi-bin/webhook/send", carries="key", is_message=True)
_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_robot_key(text: str) -> bool:
    """Whether a text is spelled as a robot's key."""
    return _KEY.fullmatch(text) is not None


class Robots:
    """Sends by keys. Belongs to one event loop."""

    def __init__(self, api_url: str, http: WechatHttp) -> None:
        self._url = api_url
        self._http = http

    async def send(self, key: str, markdown: str) -> None:
        """Say something in a robot's group, at most 4,096 bytes; a robot may speak 20 times a minute.

        Raises:
            Refused: It is not taken; 93000 for good, where there is no such robot any more.
            Unavailable: Whether it was taken is not known, or it was not.
        """
        body = {"msgtype": "markdown", "markdown": {"content": markdown}}
        await self._http.ask(_SPEAK, self._url, Done, query={"key": key}, body=body)
