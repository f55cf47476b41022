"""All of WeChat that is set, as one object: what handlers and whoever sends notices are given."""

from __future__ import annotations

import asyncio
from typing import Literal

from runtime.metrics import Metrics
from store.accounts.app_tokens import AppTokenDocuments
from store.accounts.identity import Identity
from wechat.apps import AppName, WechatApps
from wechat.errors import Unavailable
from wechat.http import WechatHttp
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.wecom import Robots, WeCom

Nobody = Literal["snapshot", "outsider"]
"""A visitor with a good code who is nobody that could have an account: the made-up user of a page that WeChat
shows as a snapshot, or somebody in WeCom who is no member of the company."""

_LOGIN_S = 1.9
"""Seconds that a code may take, tokens included. A request has 2.3 s, and opens a session afterwards."""


class Wechat:
    """The apps of one process, None for one that is not set. Belongs to one event loop.

    Robots of WeCom groups need no app.
    """

    def __init__(self, apps: WechatApps, documents: AppTokenDocuments, metrics: Metrics) -> None:
        http = self._http = WechatHttp(metrics)
        self.apps = apps
        self.mini = MiniProgram(apps.mini, apps.api_url, http, documents) if apps.mini else None
        self.mp = OfficialAccount(apps.mp, apps.api_url, apps.open_url, http, documents) if apps.mp else None
        self.wecom = (
            WeCom(apps.wecom, apps.wecom_api_url, apps.open_url, http, documents) if apps.wecom else None
        )
        self.robots = Robots(apps.wecom_api_url, http)

    async def identity_of(self, app: AppName, code: str) -> Identity | Nobody:
        """Who a code is of; the code is used up.

        Raises:
            KeyError: The app is not set.
            CodeRefused: The code is used, expired or false.
            Unavailable: WeChat says nothing of it within the time that a login has.
            One of STORE_FAILURES: MongoDB does not answer.
        """
        found = {"mini": self.mini, "mp": self.mp, "wecom": self.wecom}[app]
        if found is None:
            raise KeyError(app)
        try:
            async with asyncio.timeout(_LOGIN_S):
                return await found.identity_of(code)
        except TimeoutError:
            raise Unavailable(app, outcome="no_answer") from None

    def authorize_url(self, app: Literal["mp", "wecom"], redirect_uri: str, state: str) -> str:
        """Where a browser is sent to be asked who uses it.

        Raises:
            KeyError: The app is not set.
        """
        found = self.mp if app == "mp" else self.wecom
        if found is None:
            raise KeyError(app)
        return found.authorize_url(redirect_uri, state)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
