"""The ways of a notice, as the sender sees them: whether one can serve an account, and what became of it.

What each sends, and to whom, is in `ways`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from notices.wording import Notice
from store.accounts.accounts import Account
from store.notes.notices import Wishes

WAYS = ("wecom", "robot", "mini", "mp", "mail")
"""Kinds of channels, in the order in which they are tried."""
APPS = ("mini", "mp")
"""Those that need a consent for each message."""


class Receiver(msgspec.Struct, frozen=True):
    """Who is told.

    Attributes:
        email: The account's address.
        openids: By app that the server has, who the recruiter is to it.
        wishes: What the recruiter set.
    """

    user: str
    email: str
    openids: Mapping[str, str]
    wishes: Wishes

    def wants(self, kind: str) -> bool:
        """Whether a channel is on: it is until it is turned off, or given up."""
        return self.wishes.on.get(kind, True) and kind not in self.wishes.failed


class NobodyAnswers(Exception):
    """The other side is away, or asks to be asked later: the message is sent once it is back."""


class NotTaken(Exception):
    """The message was not taken this time: the next channel serves."""


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
    """One way to recruiters, which this server has."""

    kind: str

    def lacks(self, receiver: Receiver) -> str:
        """What is missing before anything can be sent, in words for the recruiter; empty for nothing."""

    async def send(self, receiver: Receiver, notice: Notice) -> None:
        """Hand a message over; it is on its way when this returns.

        Raises:
            NobodyAnswers: Not now.
            NotTaken: Not this one.
            GivenUp: Never again.
        """


def receiver_of(account: Account, appids: Mapping[str, str], wishes: Wishes) -> Receiver:
    """An account as channels see it.

    Args:
        account: The account.
        appids: The apps that the server has, by name. Who was bound to another app is nobody to these.
        wishes: What it set.
    """
    openids = {app: way.openid for app, way in account.wechat.items() if appids.get(app) == way.appid}
    if account.proved_at is not None and wishes.robot_at < account.proved_at:
        # Whoever registered somebody else's address gave it: the owner's group is another one.
        wishes = msgspec.structs.replace(wishes, robot_key="")
    return Receiver(account.id, account.email, openids, wishes)
