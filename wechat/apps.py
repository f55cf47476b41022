"""Which apps are set, and how they prove themselves, as values. None of them shows its secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

AppName = Literal["mini", "mp", "wecom"]
"""The mini-program, the official account, WeCom."""


class Template(msgspec.Struct, frozen=True):
    """A message's template: what WeChat calls it, and under which of its fields each of our values goes.

    Of `title`, `count` and `score` the fields name those that it has, as `{"title": "thing1"}`.
    """

    id: str
    fields: Mapping[str, str]


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A mini-program or an official account; without a template it sends nothing."""

    appid: str
    secret: str
    template: Template | None = None

    def __repr__(self) -> str:
        return f"App({self.appid})"


class WeComApp(msgspec.Struct, frozen=True, kw_only=True):
    """An agent of a company in WeCom (企业微信)."""

    corpid: str
    agentid: int
    secret: str

    def __repr__(self) -> str:
        return f"WeComApp({self.corpid}, {self.agentid})"


class WechatApps(msgspec.Struct, frozen=True, kw_only=True):
    """What is set, and where it is asked.

    Attributes:
        api_url: The mini-program's and the official account's calls.
        open_url: Where a browser is sent to be asked who uses it.
        wecom_api_url: WeCom's calls, and group robots.
    """

    mini: App | None = None
    mp: App | None = None
    wecom: WeComApp | None = None
    api_url: str = "https://api.weixin.qq.com"
    open_url: str = "https://open.weixin.qq.com"
    wecom_api_url: str = "https://qyapi.weixin.qq.com"

    @property
    def appids(self) -> dict[str, str]:
        """The apps that are set, by name, each with what WeChat calls it."""
        found: dict[str, str] = {}
        if self.mini:
            found["mini"] = self.mini.appid
        if self.mp:
            found["mp"] = self.mp.appid
        if self.wecom:
            found["wecom"] = self.wecom.corpid
        return found
