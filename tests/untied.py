"""Which writes of what must agree are outside of a transaction (`docs/adr/0024`); `tests.rules` notes them.

    untied("update", {"update": "counters", "updates": [{"q": {"_id": 1}, "u": {"$inc": {"seq": 1}}}]})
    # ["counters.update(seq)"]: with `autocommit: False` it would be none

Such a write fails the test that made it, unless it is in `ALONE`, with the reason why it agrees with the rest
at any moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store import transactions

TIED = frozenset({"results", "counters", "candidate_records", "persons", "person_decisions"})
"""Collections whose documents must agree with each other."""

_LEARNED = "What a feed has to learn of is about no list, no number and no person."
_DELETED = "Of a company that is deleted: nobody sees what agreed, and a later look finds what is left."
_SETTLED = "The lists are settled by then. An entry that changed since has another `n`, and stays."
_TEXTS = "Texts of notes, by which nothing is listed or counted."

ALONE: Mapping[str, str] = {
    "results.update(clicked)": _LEARNED,
    "results.update(clicked,clicks)": _LEARNED,
    "candidate_records.update(to_teach)": _LEARNED,
    "counters.update(untold)": "Whoever was told is not told again, whatever the numbers are by then.",
    "persons.update(due,n)": _SETTLED,
    "persons.delete(_id,n)": _SETTLED,
    "candidate_records.update(comments)": _TEXTS,
    "candidate_records.update(verdicts)": _TEXTS,
    "candidate_records.update(mark,marks)": _TEXTS,
    "candidate_records.update(gone_comments)": _TEXTS,
    "candidate_records.update(gone_marks)": _TEXTS,
    "results.delete(_id,company)": _DELETED,
    "candidate_records.delete(_id,company)": _DELETED,
    "person_decisions.delete(_id,company)": _DELETED,
    "counters.delete(_id)": _DELETED,
}
"""Writes outside of transactions: updates by the fields that change, deletions by those of the query."""


def untied(name: str, command: Mapping[str, Any]) -> list[str]:
    """What of a command is a write of a collection of `TIED` outside of a transaction, as in `ALONE`.

    Args:
        name: What the command is called.
        command: As the driver sends it; empty where it holds a password.
    """
    collection = command.get(name)
    if not isinstance(collection, str) or collection not in TIED:
        return []
    # A write of many is a transaction by itself, in which nothing else is.
    if command.get("autocommit") is False and command.get("comment") != transactions.ALONE:
        return []
    if name == "insert":
        found = ["insert"]
    elif name == "delete":
        found = [f"delete({','.join(sorted(each['q']))})" for each in command["deletes"]]
    elif name == "update":
        found = [f"update({','.join(_changed(each['u']))})" for each in command["updates"]]
    elif name in {"findAndModify", "findandmodify"}:
        found = [f"update({','.join(_changed(command.get('update', {})))})"]
    else:
        found = []
    return [f"{collection}.{what}" for what in dict.fromkeys(found)]


def _changed(change: Any) -> list[str]:
    """The fields that an update changes, by operators or as a pipeline; of those within others the first."""
    steps = change if isinstance(change, list) else [change]
    names: set[str] = set()
    for fields in (fields for step in steps for fields in step.values()):
        names |= {fields} if isinstance(fields, str) else set(fields)
    return sorted({name.partition(".")[0] for name in names})
