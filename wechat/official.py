"""The official account (公众号): who came back from its authorization, and subscription notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

import msgspec

from store.accounts.app_tokens import AppTokenDocuments
from store.accounts.identity import Identity
from wechat.apps import App
from wechat.http import Call, WechatHttp
from wechat.mini import TemplateApp, identity

_CODE = Call("oauth2_access_token", "/sns/oauth2/access_token", carries="secret")
_SEND = Call("subscribe_bizsend", "/cgi-bin/message/subscribe/bizsend", carries="token", is_message=True)
_SCOPE = "snsapi_userinfo"
"""WeChat gives a `unionid` for this scope alone, and says for this one alone whether the page is shown as a
snapshot, to a user who is nobody. `snsapi_base` would ask nobody anything, and link no apps."""


class _Access(msgspec.Struct):
    """What a code says. The person's own token is not read: nothing else of them is asked for."""

    openid: str
    unionid: str = ""
    is_snapshotuser: int = 0


class OfficialAccount(TemplateApp):
    """One official account. Belongs to one event loop."""

    name = "mp"

    def __init__(
        self, app: App, api_url: str, open_url: str, http: WechatHttp, documents: AppTokenDocuments
    ) -> None:
        super().__init__(app, api_url, http, documents)
        self._open_url = open_url

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """Where a browser in WeChat is sent; it comes back to `redirect_uri` with `code` and `state`."""
        query = {
            "appid": self.app.appid,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": _SCOPE,
            "state": state,
        }
        return authorize(self._open_url, query)

    async def identity_of(self, code: str) -> Identity | Literal["snapshot"]:
        """Who a code is of, or that it is of a snapshot's made-up user, as `Wechat.identity_of`."""
        query = {
            "appid": self.app.appid,
            "secret": self.app.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        access = await self._http.ask(_CODE, self._url, _Access, query=query)
        if access.is_snapshotuser:
            return "snapshot"
        return identity("mp", self.app.appid, access.openid, access.unionid, _CODE)

    async def send(self, openid: str, template_id: str, values: Mapping[str, str], url: str) -> None:
        """Send a subscription notice, as `MiniProgram.send`; a tap opens a URL."""
        await self._send(_SEND, openid, template_id, values, url)


def authorize(open_url: str, query: Mapping[str, str]) -> str:
    """A URL of WeChat's authorization; it wants its parameters in this order, and the fragment."""
    return f"{open_url.rstrip('/')}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"
