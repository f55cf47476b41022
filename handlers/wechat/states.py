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

import msgspec
from tornado.web import create_signed_value, decode_signed_value

from wechat.apps import AppName

VALID_S = 600
"""How long somebody may take to say yes to WeChat."""
MAX_NEXT_CHARS = 500
_NAME = "wechat_state"
_VERSION = 2  # of Tornado's format; see `mail/links.py`

_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")
"""One leading slash, and nothing that a browser takes for a second one."""


class _Carried(msgspec.Struct, array_like=True):
    state: str
    app: AppName
    next: str


class States:
    """Makes and reads them. Holds no state of its own and may be used from any thread.

    Args:
        secret_key: What signs them.
        clock: Seconds since the epoch.
    """

    def __init__(self, secret_key: str, clock: Callable[[], float] = time.time) -> None:
        self._key = secret_key
        self._clock = clock

    def make(self, app: AppName, next_: str) -> tuple[str, str]:
        """A state for the URL, and the cookie that belongs to it."""
        state = secrets.token_urlsafe(24)
        text = msgspec.json.encode(_Carried(state, app, next_)).decode()
        return state, create_signed_value(self._key, _NAME, text, _VERSION, self._clock).decode()

    def read(self, cookie: str, state: str) -> tuple[AppName, str] | None:
        """The app and where to go next; None where the two do not belong together, or are old."""
        days = VALID_S / (24 * 3600)
        signed = decode_signed_value(self._key, _NAME, cookie, days, self._clock, min_version=_VERSION)
        if signed is None:
            return None
        carried = msgspec.json.decode(signed, type=_Carried)
        # As bytes: `compare_digest` refuses texts that are not ASCII.
        same = hmac.compare_digest(carried.state.encode(), state.encode("utf-8", "surrogatepass"))
        return (carried.app, carried.next) if same else None


def own_path(text: str) -> str:
    """A path of our own, or "" for whatever else: it must lead nowhere else, however a browser reads it."""
    return text if len(text) <= MAX_NEXT_CHARS and _PATH.fullmatch(text) else ""
