"""How a stored resume comes to wait to be scored, and how it ceases to.

A resume that waits has `pending`. Who takes those that wait is `waiting_resumes` and `quarantine`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

UNTRIED = {"begun_by": "", "failures": "", "set_aside": "", "quarantine": ""}
"""What to `$unset` of a resume so that it counts as never tried; see `quarantine`."""


def waiting(now: datetime) -> dict[str, Any]:
    """The fields of a resume that waits to be scored since a time."""
    return {"pending": True, "queued_at": now}


def waiting_again(now: datetime, **fields: Any) -> dict[str, Any]:
    """The change, of more fields too, that makes a stored resume wait to be scored as if never tried.

    Its revision grows, so that a process that scores the one before finds its work outdated.
    """
    return {
        "$set": {**fields, **waiting(now)},
        "$unset": {**UNTRIED, "scored_at": ""},
        "$inc": {"rev": 1},
    }


def scored(at: datetime) -> dict[str, Any]:
    """The change that notes that a resume is scored against the feeds as they were read at a time."""
    return {"$set": {"scored_at": at}, "$unset": {"pending": "", **UNTRIED}}
