"""Links to an export, which open without credentials: what a browser needs that cannot save what a page made.

    links = ExportLinks(secret_key)
    token = links.make(ExportLink(user, session, feed, {"latest": 1}))
    links.read(token)                  # the same; None where it is forged or expired

Nothing is stored: any process takes what another has made. A link holds no longer than the session that asked
for it, of which it has the hash alone.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from tornado.web import create_signed_value, decode_signed_value

VALID_FOR = timedelta(minutes=10)
"""How long a link is good. Within it a recruiter copies it and opens it in another app; a browser's history
and whoever is sent it keep it for longer."""
_NAME = "export"
_VERSION = 2  # of Tornado's format; see `mail/links.py`


class ExportLink(msgspec.Struct, frozen=True, array_like=True):
    """What a link opens.

    Attributes:
        user: The account.
        session: The hash of the token with which it was asked for.
        feed: Whose list.
        filters: The parameters of the list that are not as they are by themselves.
    """

    user: str
    session: str
    feed: str
    filters: dict[str, Any]


class ExportLinks:
    """Makes and reads them. Holds no state and may be used from any thread.

    Args:
        secret_key: What signs them.
        clock: Seconds since the epoch.
    """

    def __init__(self, secret_key: str, clock: Callable[[], float] = time.time) -> None:
        self._key = secret_key
        self._clock = clock

    def make(self, link: ExportLink) -> str:
        """The link's token, one segment of a URL."""
        text = msgspec.json.encode(link).decode()
        return _wrap(create_signed_value(self._key, _NAME, text, _VERSION, self._clock))

    def read(self, token: str) -> ExportLink | None:
        """What a token opens; None where it is forged or expired, or no token."""
        try:
            signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError):
            return None
        if _wrap(signed) != token:  # one spelling alone
            return None
        days = VALID_FOR / timedelta(days=1)
        text = decode_signed_value(self._key, _NAME, signed, days, self._clock, min_version=_VERSION)
        return None if text is None else msgspec.json.decode(text, type=ExportLink)


def _wrap(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")
