"""How a stored resume comes to wait to be scored, and how it ceases to.

Who takes those that wait is `waiting_resumes` and `quarantine`.

A resume that waits has `pending`, and in `todo` the slots of feeds (`shares`) that are still to score it. A
process of one share takes its own slots off, and whoever takes the last ones ends the waiting in the same
write. One without `todo` is of the release before, and waits for all slots.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.int64 import Int64

from store.shards.shares import EVERY_SLOT, Share

UNTRIED = {"begun_by": "", "failures": "", "tries": "", "set_aside": "", "quarantine": ""}
"""What to `$unset` of a resume so that it counts as never tried; see `quarantine`."""

_ENDED = ("pending", "todo", "contact", *UNTRIED)
"""The fields that a resume has no more once all of its slots are scored; its contact was moved by then."""

_TODO = {"$ifNull": ["$todo", {"$cond": [{"$eq": ["$pending", True]}, EVERY_SLOT, Int64(0)]}]}


def waiting(now: datetime) -> dict[str, Any]:
    """The fields of a resume that waits to be scored by all.

    Args:
        now: Since when it waits.
    """
    return {"pending": True, "queued_at": now, "todo": EVERY_SLOT}


def waiting_again(now: datetime, **fields: Any) -> dict[str, Any]:
    """The change that makes a stored resume wait to be scored, as if it had not been tried before.

    Its revision grows, so that a process that scores the one before finds its work outdated.

    Args:
        now: Since when it waits.
        fields: What else changes.
    """
    return {
        "$set": {**fields, **waiting(now)},
        "$unset": {**UNTRIED, "scored_at": "", "repeats": ""},
        "$inc": {"rev": 1},
    }


def repeated(now: datetime, share: Share) -> list[dict[str, Any]]:
    """The change that makes a resume wait once more for the slots of one share, changed or not.

    Its revision grows as well, so that nobody takes these slots off who began before. `repeats` grows with
    it: the difference of the two is the revision that came with the text. By it other shares see that what
    they have scored is the same resume still, or those that work on it at the same time would outdate each
    other for ever.

    Args:
        now: Since when it waits.
        share: Who is to score it once more.
    """
    return [
        {
            "$set": {
                "pending": True,
                "queued_at": now,
                "todo": EVERY_SLOT if share.is_all else {"$bitOr": [_TODO, share.mask]},
                "rev": {"$add": ["$rev", 1]},
                "repeats": {"$add": [{"$ifNull": ["$repeats", 0]}, 1]},
            }
        },
        {"$unset": _tries_of(share)},
    ]


def scored(at: datetime, share: Share) -> Any:
    """The change that notes that one share has scored a resume that waits.

    Args:
        at: When its feeds were read. A resume keeps the earliest time of all shares.
        share: Who has scored it. Where that is everything, nothing is left to do whatever `todo` says.
    """
    if share.is_all:
        return {"$set": {"scored_at": at}, "$unset": dict.fromkeys(_ENDED, "")}
    left = {"$bitAnd": [_TODO, Int64(~share.mask)]}
    is_last = {"$eq": ["$todo", Int64(0)]}
    ended = {name: {"$cond": [is_last, "$$REMOVE", f"${name}"]} for name in _ENDED if name != "todo"}
    return [
        {"$set": {"todo": left, "scored_at": {"$min": ["$scored_at", at]}}},
        {"$unset": _tries_of(share)},
        {"$set": ended},
        # Last, as the others go by it.
        {"$set": {"todo": {"$cond": [is_last, "$$REMOVE", "$todo"]}}},
    ]


def _tries_of(share: Share) -> list[str]:
    return list(UNTRIED) if share.is_all else [f"tries.{share}"]
