"""Settings that are times of the day: what they look like. What they mean is in `notices.schedule`.

Errors are `ValueError`s whose text says what the setting takes; `settings.py` puts its name before it.
"""

from __future__ import annotations

import re

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"{_CLOCK}-{_CLOCK}")
_TIMES = re.compile(f"(?:{_CLOCK}(?:,{_CLOCK}){{0,5}})?")


def hours(text: str) -> str:
    """From one time of the day until another; the same twice for none."""
    if not _HOURS.fullmatch(text):
        raise ValueError(f"takes times such as 22:00-08:00, not {text!r}")
    return text


def times(text: str) -> str:
    """At most six times of the day; none where it is empty."""
    if not _TIMES.fullmatch(text):
        raise ValueError(f"takes times such as 09:00,14:00, at most six, not {text!r}")
    return text
