"""Where a person stands in a feed, by the latest outcome that was noted for it. No I/O.

    outcome_of(record.marks, feed)          # Outcome("interview", at), or None
    {…, outcome: "interview", outcome_at: …, unlocked: true, work: "interview"}

A result keeps what was done on its own resume: `outcome` with its time, `unlocked`, and `read`. The one that
is listed says in `work` where the person stands, by all of their results in the list (`person_results`); of a
new one it has none. Whoever was opened or unlocked and has no outcome is undecided, and is counted, so that
nobody is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from store.notes.candidate_records import Mark

Work = Literal["new", "undecided", "contacted", "interview", "offer", "hired", "rejected"]

UNDECIDED: Work = "undecided"
REJECTED: Work = "rejected"
OPEN: Sequence[Work | None] = (None, UNDECIDED)
"""Where somebody stands, as stored, of whom nothing came yet. Who is removed without an
outcome is rejected by that."""

OUTCOMES: Mapping[str, Work] = {
    **dict.fromkeys(("已联系", "没接", "稍后再打", "加了微信"), "contacted"),
    **dict.fromkeys(("约面试", "面试通过"), "interview"),
    **dict.fromkeys(("已发Offer", "已发 Offer"), "offer"),
    "已入职": "hired",
    **dict.fromkeys(("不合适", "对方不考虑", "面试未通过"), "rejected"),
}
"""By the names of marks that are outcomes, those of release 1.0.0 too. Others say nothing of where somebody
stands."""


STEPS: Sequence[Work] = (UNDECIDED, "contacted", "interview", "offer", "hired")
"""How far somebody can get, each step behind the one before."""


class Outcome(NamedTuple):
    """What came of somebody last, and when that was noted."""

    work: Work
    at: datetime


def outcome_of(marks: Iterable[Mark], feed_id: str) -> Outcome | None:
    """The latest outcome among marks that is about a feed."""
    known = [
        Outcome(OUTCOMES[mark.name], mark.at)
        for mark in marks
        if mark.feed == feed_id and mark.name in OUTCOMES
    ]
    return max(known, key=lambda one: one.at, default=None)


def furthest(marks: Iterable[Mark], feed_id: str) -> int:
    """The number of the furthest of `STEPS` to which somebody ever got with a feed, by their marks."""
    reached = (
        STEPS.index(work)
        for mark in marks
        if mark.feed == feed_id and (work := OUTCOMES.get(mark.name)) in STEPS
    )
    return max(reached, default=0)
