"""Links to an export, which open without credentials: what a browser needs that cannot save what a page made.

    links = ExportLinks(secret_key)
    token = links.make(ExportLink(user, session, feed, {"latest": 1}))
    links.read(token)                  # the same; None where it is forged or expired

Nothing is stored: any process takes what another has made. A link holds no longer than the session that asked
for it, of which it has the hash alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from runtime.signing import SignedValues

VALID_FOR = timedelta(minutes=10)
"""How long a link is good. Within it a recruiter copies it and opens it in another app; a browser's history
and whoever is sent it keep it for longer."""


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
    """Makes and reads them. Holds no state and may be used from any thread."""

    def __init__(self, secret_key: str, clock: Callable[[], float] = time.time) -> None:
        self._signed = SignedValues(secret_key, "export", VALID_FOR, clock)

    def make(self, link: ExportLink) -> str:
        """The link's token, one segment of a URL."""
        return self._signed.segment(msgspec.json.encode(link).decode())

    def read(self, token: str) -> ExportLink | None:
        """What a token opens; None where it is forged or expired, or no token."""
        text = self._signed.read_segment(token)
        return None if text is None else msgspec.json.decode(text, type=ExportLink)
