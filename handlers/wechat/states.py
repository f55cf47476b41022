"""States: what a browser carries through WeChat and back, so that only the one that left comes back.

    state, cookie = states.make("mp", "/feeds/…")
    states.read(cookie, state)          # ("mp", "/feeds/…"); None for another browser's, or an old one

The state goes through WeChat in the URL, where others may read it; the cookie stays in the browser. Without
the cookie somebody could send a link with a code of their own, and whoever follows it would be logged in as
them.
Nothing is stored: any process takes what another has made.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from datetime import timedelta

import msgspec

from runtime.signing import SignedValues
from wechat.apps import AppName

VALID_S = 600
"""How long somebody may take to say yes to WeChat."""
MAX_NEXT_CHARS = 500

_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")
"""One leading slash, and nothing that a browser takes for a second one."""


class _Carried(msgspec.Struct, array_like=True):
    state: str
    app: AppName
    next: str


class States:
    """Makes and reads them. Holds no state of its own and may be used from any thread."""

    def __init__(self, secret_key: str, clock: Callable[[], float] = time.time) -> None:
        self._signed = SignedValues(secret_key, "wechat_state", timedelta(seconds=VALID_S), clock)

    def make(self, app: AppName, next_: str) -> tuple[str, str]:
        """A state for the URL, and the cookie that belongs to it."""
        state = secrets.token_urlsafe(24)
        text = msgspec.json.encode(_Carried(state, app, next_)).decode()
        return state, self._signed.make(text)

    def read(self, cookie: str, state: str) -> tuple[AppName, str] | None:
        """The app and where to go next; None where the two do not belong together, or are old."""
        text = self._signed.read(cookie)
        if text is None:
            return None
        carried = msgspec.json.decode(text, type=_Carried)
        # As bytes: `compare_digest` refuses texts that are not ASCII.
        same = hmac.compare_digest(carried.state.encode(), state.encode("utf-8", "surrogatepass"))
        return (carried.app, carried.next) if same else None


def own_path(text: str) -> str:
    """A path of our own, or "" for whatever else: it must lead nowhere else, however a browser reads it."""
    return text if len(text) <= MAX_NEXT_CHARS and _PATH.fullmatch(text) else ""
