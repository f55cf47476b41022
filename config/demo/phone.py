"""The phone of the demo's account: a double of WeChat, and what it shows as lines on the terminal.

async with Phone() as phone:
settings = phone.connected(settings)    # the server asks the double, and nobody else
phone.code()                            # what `wx.login` would give on this phone
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.demo.wechat_server import WechatServer
from config.settings import Settings

_OPENID = "phone-of-the-demo"
_CONSENTS = 50
_GRACE_S = 15
"""Two minutes would be long to wait for the first message, and in less than this only one or two matches have
arrived."""


class Phone:
    """Belongs to one event loop; open as long as it is a context."""

    def __init__(self) -> None:
        self._wechat = WechatServer()
        self._wechat.consents[_OPENID] = _CONSENTS
        self._wechat.takes_any_robot = True
        self._wechat.delivered = _show

    async def __aenter__(self) -> Phone:
        await self._wechat.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wechat.stop()

    def connected(self, settings: Settings) -> Settings:
        """Settings by which a server's mini-program is the one on this phone."""
        of_wechat = self._wechat.settings()
        # Of the three apps the one that a page in any browser can do without.
        asked = {
            name: value for name, value in of_wechat.items() if name.endswith("_url") or "_mini_" in name
        }
        return replace(settings, **asked, notice_grace_s=min(settings.notice_grace_s, _GRACE_S))

    def code(self) -> str:
        """What `wx.login` gives; good once."""
        return self._wechat.code(_OPENID)


def line_of(who: str, what: Any, page: str) -> str:
    """A message in one line: of a robot its text, else the values of the template, by field."""
    if not isinstance(what, Mapping):
        return f"群机器人 | {' '.join(str(what).split())}"
    title, unread, best = what["thing1"], int(what["number2"]), what["number3"]
    if not unread:
        return f"手机 | {title}"
    return f"手机 | 有 {unread} 份强匹配简历未读：{title}，最高匹配度 {best} → {page}"


def _show(who: str, what: Any, page: str) -> None:
    sys.stdout.write(f"  {line_of(who, what, page)}\n")
    sys.stdout.flush()
