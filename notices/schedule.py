"""When a notice is due: pure computing with clocks, in China's time.

    rules = Rules(quiet=quiet_from("22:00-08:00"), digests=digests_from("09:00,14:00"), grace=_2_MINUTES)
    due_at(rules, oldest=arrived, best=63.5, last_sent=None)    # the next moment that may carry it

A notice tells of strong results that are unread and were not told yet. It is due when all of this holds:

- the grace since the oldest of them arrived is over;
- a digest time has passed since then, or the best of them reaches the score that is told at once;
- it is an hour since the account's last notice;
- it is not quiet.

Whether somebody looks at the page at that moment is not known here.

The rules are what the account wishes, and what the server says where it wishes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from runtime.clock import SHANGHAI
from store.notes.news import FeedNews
from store.notes.notices import Wishes

DAY = 24 * 60
"""Minutes of a day."""
SPACING = timedelta(hours=1)
"""From one notice of an account to the next."""
MAX_DIGESTS = 6
"""Digest times of a day."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """When an account wants to be told.

    Attributes:
        quiet: From and until which minute of the day nothing is sent; the same twice for never quiet.
        digests: Minutes of the day at which whatever is new is told, ascending.
        at_once_score: From which score on a result need not wait for a digest; None for none.
        grace: How long a result may be read on the page before anybody is told of it.
    """

    quiet: tuple[int, int]
    digests: tuple[int, ...]
    grace: timedelta
    at_once_score: float | None = None


def rules_from(quiet: str, digests: str, grace_s: int) -> Rules:
    """The server's own rules, as its settings spell them.

    Raises:
        ValueError: As `quiet_from` and `digests_from`.
    """
    return Rules(quiet=quiet_from(quiet), digests=digests_from(digests), grace=timedelta(seconds=grace_s))


def due_at(rules: Rules, *, oldest: datetime, best: float, last_sent: datetime | None) -> datetime | None:
    """When the account may be told, if nothing changes until then; None for never.

    Args:
        rules: When it wants to be told.
        oldest: When the first of the results arrived that it was not told of.
        best: The best score of them.
        last_sent: When it was told something for the last time.
    """
    due = oldest + rules.grace
    if rules.at_once_score is None or best < rules.at_once_score:
        digest = _next_digest(rules.digests, oldest)
        if digest is None:
            return None
        due = max(due, digest)
    if last_sent is not None:
        due = max(due, last_sent + SPACING)
    return after_quiet(rules.quiet, due)


def due_of(rules: Rules, news: Sequence[FeedNews], last_sent: datetime | None) -> datetime | None:
    """As `due_at`, for news that an account was not told of; None for none."""
    if not news:
        return None
    oldest, best = min(feed.oldest for feed in news), max(feed.best for feed in news)
    return due_at(rules, oldest=oldest, best=best, last_sent=last_sent)


def is_quiet(quiet: tuple[int, int], moment: datetime) -> bool:
    """Whether nothing may be sent at a moment; the first minute is quiet, the last is not."""
    begin, end = quiet
    minute = _minute(moment)
    if begin <= end:
        return begin <= minute < end
    return minute >= begin or minute < end


def after_quiet(quiet: tuple[int, int], moment: datetime) -> datetime:
    """The first moment that is not quiet, at or after one."""
    if not is_quiet(quiet, moment):
        return moment
    local = moment.astimezone(SHANGHAI)
    waits = (quiet[1] - _minute(local)) % DAY
    return local.replace(second=0, microsecond=0) + timedelta(minutes=waits)


def quiet_from(text: str) -> tuple[int, int]:
    """The minutes of `22:00-08:00`.

    Raises:
        ValueError: It is no range of times.
    """
    begin, separator, end = text.strip().partition("-")
    if not separator:
        raise ValueError("a range of times looks like 22:00-08:00")
    return _clock(begin), _clock(end)


def digests_from(text: str) -> tuple[int, ...]:
    """The minutes of `09:00,14:00`, ascending, each once; an empty text has none.

    Raises:
        ValueError: It is no list of times, or a longer one than `MAX_DIGESTS`.
    """
    parts = [part for part in re.split(r"[,，、]", text) if part.strip()]
    if len(parts) > MAX_DIGESTS:
        raise ValueError(f"at most {MAX_DIGESTS} times a day")
    return tuple(sorted({_clock(part) for part in parts}))


def quiet_text(quiet: tuple[int, int]) -> str:
    """The reverse of `quiet_from`."""
    return "-".join(map(_clock_text, quiet))


def digests_text(digests: Sequence[int]) -> str:
    """The reverse of `digests_from`."""
    return ",".join(map(_clock_text, digests))


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError("a time looks like 09:00")
    return int(found[1]) * 60 + int(found[2])


def _clock_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(moment: datetime) -> int:
    local = moment.astimezone(SHANGHAI)
    return local.hour * 60 + local.minute


def _next_digest(digests: Sequence[int], moment: datetime) -> datetime | None:
    """The first digest time at or after a moment."""
    if not digests:
        return None
    local = moment.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    times = [midnight + timedelta(minutes=minute) for minute in (*digests, digests[0] + DAY)]
    return next(time for time in times if time >= local)


def rules_of(wishes: Wishes, defaults: Rules) -> Rules:
    """The rules of one account."""
    return Rules(
        quiet=defaults.quiet if wishes.quiet is None else wishes.quiet,
        digests=defaults.digests if wishes.digests is None else wishes.digests,
        at_once_score=wishes.at_once_score,
        grace=defaults.grace,
    )
