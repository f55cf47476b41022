"""Robots of WeCom groups: whoever has a robot's key may speak in its group.

The key is what a recruiter pastes, and the address is ours: no request goes where a recruiter says.
"""

from __future__ import annotations

import re

from wechat.http import Call, Done, WechatHttp

_SEND = Call("webhook_send", "/cgi-bin/webhook/send", carries="key")
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
        await self._http.ask(_SEND, self._url, Done, query={"key": key}, body=body)
