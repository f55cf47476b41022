"""Moments as answers give them: Unix seconds, and the time in China. MongoDB and the code hold aware UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one time zone and no summer time, so a fixed offset is right and needs no database of zones."""


def clock_text(moment: datetime) -> str:
    """A moment as clients read it: `YYYY-MM-DD HH:MM:SS`."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def minute_text(moment: datetime) -> str:
    """A moment to the minute: `YYYY-MM-DD HH:MM`."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def unix_seconds(moment: datetime | None) -> int:
    """A moment in Unix seconds, rounded down; 0 for none."""
    return int(moment.timestamp()) if moment else 0


def day_of(moment: datetime) -> int:
    """The day of a moment, as YYYYMMDD."""
    return int(f"{moment.astimezone(SHANGHAI):%Y%m%d}")


def monday_of(moment: datetime) -> date:
    """The Monday of a moment's week."""
    day = moment.astimezone(SHANGHAI).date()
    return day - timedelta(days=day.weekday())


def begin_of(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), SHANGHAI)
