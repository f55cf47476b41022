"""The kinds of jobs: how long a lease is, how long a try that failed waits for the next, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

Kind = Literal[
    "backfill",
    "import",
    "activation",
    "invitation",
    "reset",
    "registered",
    "join",
    "notice",
    "mention",
    "deletion",
    "merger",
    "retention",
    "rescoring",
    "learning",
    "migration",
    "app_token",
]


class Rule(NamedTuple):
    """How a kind of job is done.

    Attributes:
        lease: How long a process that died keeps the others from it.
        waits: After each try that failed, how long until the next.
        is_given_up: Whether it is given up after the last wait; else that one comes again and again.
        begins_anew: Whether asking for one that runs takes it away from whoever does it; else it is done once
            more afterwards.
    """

    lease: timedelta
    waits: Sequence[timedelta] = (timedelta(minutes=1),)
    is_given_up: bool = False
    begins_anew: bool = False


def _letter(*minutes: int) -> Rule:
    """A letter; that of a process that died is sent as soon as its lease is over."""
    return Rule(timedelta(seconds=15), [timedelta(minutes=one) for one in minutes], is_given_up=True)


_FOR_DAYS = _letter(1, 5, 30, 120, *[360] * 11)
"""Together three days, within which a mail server mostly comes back."""
_FOR_MINUTES = _letter(1, 5, 10)
"""Whoever waits for a link that resets a password for longer asks again."""

OF_ACCOUNTS: tuple[Kind, ...] = ("activation", "invitation", "reset", "registered", "notice")
"""Their keys are ids of accounts, with which they end."""
KINDS: Mapping[Kind, Rule] = {
    # The key is a feed, and who asks has given it another revision: what is done is of the one before. A
    # thousand may run: to renew them more often would take a share of the embedded store's time that shows.
    "backfill": Rule(timedelta(seconds=15), begins_anew=True),
    "activation": _FOR_DAYS,
    "invitation": _FOR_DAYS,
    "reset": _FOR_MINUTES,
    "registered": _FOR_MINUTES,
    # The key is an invitation.
    "join": _FOR_DAYS,
    # Longer than a send may take. With longer waits, what is due would be late once a server that was away is
    # back.
    "notice": Rule(timedelta(seconds=30), [timedelta(seconds=one) for one in (5, 10, 20, 40, 60)]),
    # The key is a member, a resume and a comment on it. A message of which no answer came comes once more.
    "mention": Rule(timedelta(seconds=30), [timedelta(minutes=1)], is_given_up=True),
    "deletion": Rule(timedelta(seconds=10)),
    # The key is a company, the one into which it goes, and since when.
    "merger": Rule(timedelta(seconds=10)),
    # Longer than a piece may take, and than whoever imports a table at a screen waits before the next one.
    "import": Rule(timedelta(seconds=30), [timedelta(minutes=one) for one in (1, 5, 30)], is_given_up=True),
    "retention": Rule(timedelta(seconds=30)),
    "rescoring": Rule(timedelta(seconds=10)),
    "learning": Rule(timedelta(seconds=30), [timedelta(minutes=one) for one in (1, 5, 30)]),
    "migration": Rule(timedelta(seconds=10)),
    # Longer than a request for a token is waited for.
    "app_token": Rule(timedelta(seconds=3)),
}
