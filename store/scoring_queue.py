"""How a stored resume comes to wait to be scored. Who takes those that wait is `resumes` and `quarantine`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

UNTRIED = {"begun_by": "", "failures": "", "set_aside": "", "quarantine": ""}
"""What to `$unset` of a resume so that it counts as never tried; see `quarantine`."""


def waiting_again(now: datetime, **fields: Any) -> dict[str, Any]:
    """The change that makes a stored resume wait to be scored, as if it had not been tried before.

    Its revision grows, so that a process that scores the one before finds its work outdated.

    Args:
        now: Since when it waits.
        fields: What else changes.
    """
    return {
        "$set": {**fields, "pending": True, "queued_at": now},
        "$unset": UNTRIED,
        "$inc": {"rev": 1},
    }
