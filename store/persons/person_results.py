"""What becomes of the results of one person in one list: one is listed, the others stand under it. No I/O.

The newest resume's result is the one that is listed; it has the ids of the others in `others`, newest first.
The others keep their documents. Their `deleted` is `UNDER`, so that no list and no number has them, and
`under` names the resume above them.

Read and deleted are the person's: a person was read if any of these results was, and deleted if the latest
click that deleted or restored one of them says so. The listed one shows that in `read`, `deleted` and
`reasons`, and where the person stands in `work` (`results.work`). What was clicked on itself, as far as that
differs, is in `own_read`, `own_deleted` and `own_reasons`, and comes back when the person is parted.
`docs/adr/0047` has the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from store.feeds.feedback import clicked
from store.results.result_documents import UNDER
from store.results.work import UNDECIDED, Outcome, Work

NO_OWN = {"own_read": "", "own_deleted": "", "own_reasons": ""}
"""What to `$unset` of a result that has nothing of its own that differs."""

FIELDS = (
    *("company", "feed", "resume", "arrived_at", "pub_time", "judged_at", "deleted_at", "clicked"),
    *("read", "deleted", "reasons", "under", "others", "possible", *NO_OWN),
    *("unlocked", "outcome", "outcome_at", "work"),
)
"""What of a result is read to arrange it."""

Document = Mapping[str, Any]

_TEACH_NOTHING = {"others", "unlocked", "outcome", "outcome_at", "work"}


class State(msgspec.Struct, frozen=True):
    """What a recruiter did to a result, or to a person.

    Attributes:
        judged_at: When it was deleted or restored last; None where it never was.
        unlocked: Whether its contact was unlocked from the list.
        outcome: What came of it last; None where nothing is known.
    """

    read: bool
    deleted: bool
    reasons: list[str]
    judged_at: datetime | None
    unlocked: bool
    outcome: Outcome | None

    @property
    def work(self) -> Work | None:
        """Where somebody stands; None where nobody has looked at them."""
        if self.outcome:
            return self.outcome.work
        return UNDECIDED if self.read or self.unlocked else None


class Move(msgspec.Struct, frozen=True):
    """A change of one result.

    Attributes:
        after: The fields that change, and some that stay.
        gone: The fields that it has no longer.
    """

    before: Document
    after: dict[str, Any]
    gone: list[str]

    @property
    def teaches(self) -> bool:
        """Whether its feed looks at it again, as what a click on it says may be another thing by now."""
        changed = {name for name, value in self.after.items() if self.before.get(name) != value}
        return bool(self.before.get("clicked") and changed.union(self.gone) - _TEACH_NOTHING)

    @property
    def change(self) -> dict[str, Any]:
        """The write as one by itself."""
        change: dict[str, Any] = {"$set": self.after} if self.after else {}
        if self.gone:
            change["$unset"] = dict.fromkeys(self.gone, "")
        if self.teaches:
            change |= clicked(self.before["feed"])
        return change

    @property
    def now(self) -> dict[str, Any]:
        """The fields that counters count by, as they are afterwards."""
        there = {name: value for name, value in self.before.items() if name not in self.gone}
        return {**there, **self.after}


def own_state(document: Document) -> State:
    """What was done to a result itself, not to others of its person."""
    return State(
        read=document.get("own_read", document["read"]),
        deleted=bool(document.get("own_deleted", document["deleted"])),
        reasons=list(document.get("own_reasons", document["reasons"])),
        judged_at=document.get("judged_at"),
        unlocked=document.get("unlocked", False),
        outcome=Outcome(document["outcome"], document["outcome_at"]) if "outcome" in document else None,
    )


def state_of_person(documents: Iterable[Document]) -> State:
    """The state of a person of whom a list has these results."""
    states = [(own_state(one), one["_id"]) for one in documents]
    judged = [(state.judged_at, id_, state) for state, id_ in states if state.judged_at is not None]
    outcomes = [(state.outcome.at, id_, state.outcome) for state, id_ in states if state.outcome]
    judged_at, _, last = max(judged, key=lambda one: one[:2], default=(None, None, None))
    return State(
        read=any(state.read for state, _ in states),
        deleted=last.deleted if last else False,
        reasons=last.reasons if last else [],
        judged_at=judged_at,
        unlocked=any(state.unlocked for state, _ in states),
        outcome=max(outcomes)[2] if outcomes else None,
    )


def newest_first(documents: Iterable[Document]) -> list[Document]:
    """Results in the order of their resumes, the newest first."""
    return sorted(documents, key=lambda one: (one["arrived_at"], one["_id"]), reverse=True)


def arrange(documents: Collection[Document], leaving: Collection[Any] = ()) -> list[Move]:
    """What has to change so that one result is listed and the others stand under it; nothing where it is so.

    All results of a person in a list are given, with `FIELDS`. Those `leaving`, by id, are about to be
    deleted: they are let go, and what was done to them stays with the person.

    Returns:
        What goes under comes before what comes up.
    """
    person = state_of_person(documents)
    staying = newest_first(one for one in documents if one["_id"] not in leaving)
    moves = [_move(one, {}, {"others"}) for one in documents if one["_id"] in leaving and "under" not in one]
    for position, one in enumerate(staying):
        own = person if leaving and position == 0 else own_state(one)
        if position:
            moves.append(_under(one, own, staying[0]))
        else:
            moves.append(_listed(one, own, person, [other["resume"] for other in staying[1:]]))
    return sorted((move for move in moves if move), key=lambda move: move.after.get("deleted") != UNDER)


def _under(document: Document, own: State, above: Document) -> Move | None:
    wanted = {
        "read": own.read,
        "deleted": UNDER,
        "reasons": own.reasons,
        "own_deleted": own.deleted,
        "under": above["resume"],
        **_judged(document, own),
    }
    return _move(document, wanted, {"others", "own_read", "own_reasons", "work"})


def _listed(document: Document, own: State, person: State, others: Sequence[Any]) -> Move | None:
    wanted = {"read": person.read, "deleted": person.deleted, "reasons": person.reasons}
    wanted |= _judged(document, own)
    if person.work:
        wanted["work"] = person.work
    if others:
        wanted["others"] = list(others)
    if own.read != person.read:
        wanted["own_read"] = own.read
    if own.deleted != person.deleted:
        wanted["own_deleted"] = own.deleted
    if own.reasons != person.reasons:
        wanted["own_reasons"] = own.reasons
    return _move(document, wanted, {"others", "under", "work", *NO_OWN} - wanted.keys())


def _judged(document: Document, own: State) -> dict[str, Any]:
    """What it keeps of what was done to others of its person, where its fields do not say so already."""
    was, wanted = own_state(document), dict[str, Any]()
    if own.judged_at != was.judged_at:
        wanted["judged_at"] = own.judged_at
    if own.unlocked != was.unlocked:
        wanted["unlocked"] = own.unlocked
    if own.outcome and own.outcome != was.outcome:
        wanted |= {"outcome": own.outcome.work, "outcome_at": own.outcome.at}
    return wanted


def _move(document: Document, wanted: dict[str, Any], without: Collection[str]) -> Move | None:
    gone = sorted(name for name in without if name in document)
    if not gone and all(name in document and document[name] == value for name, value in wanted.items()):
        return None
    return Move(document, wanted, gone)


def is_attached(document: Document) -> bool:
    """Whether a result stands under another, or another under it."""
    return "under" in document or "others" in document
