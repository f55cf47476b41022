"""The ways of a notice, as the sender sees them: whether one can serve an account, and what became of it.

A channel is a small object with a `kind`; `WAYS` is the order in which they are tried. What a channel sends,
and to whom, is its own business; it reads what it needs of the account.
"""

from __future__ import annotations

from typing import Protocol

from notices.wording import Notice
from store.notices import Wishes

WAYS = ("wecom", "robot", "mini", "mp", "mail")
"""Kinds of channels, in the order in which they are tried."""
APPS = ("mini", "mp")
"""Those that need a consent for each message."""


class NobodyAnswers(Exception):
    """The other side is away, or asks to be asked later: the message is sent once it is back."""


class GivenUp(Exception):
    """The channel will not serve this account any more.

    Args:
        reason: Why, in words for the recruiter.
        used_up: Whether it is for want of consents.
    """

    def __init__(self, reason: str, *, used_up: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.used_up = used_up


class Channel(Protocol):
    """One way to an account."""

    kind: str

    async def can_serve(self, user_id: str, wishes: Wishes) -> bool:
        """Whether there is something to send to: an address, a bound app, a key."""

    async def send(self, user_id: str, wishes: Wishes, notice: Notice) -> None:
        """Hand a message over; it is on its way when this returns.

        Raises:
            NobodyAnswers: Not now.
            GivenUp: Never again.
        """


def is_on(kind: str, wishes: Wishes) -> bool:
    """Whether an account wants a channel: what can serve is on until it is turned off, or fails for good."""
    return wishes.on.get(kind, True) and kind not in wishes.failed
