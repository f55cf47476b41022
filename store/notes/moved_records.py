"""What a company keeps of people, as another one keeps it into which it goes. Without I/O.

    moved(rows, into, there)      # by id, what is to be stored: of a person what both know, as one record

Marks and comments stand in the order of time. A claim is over. Favourites stay each member's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bson import ObjectId

from store.ids import candidate_record_id, favourite_id, handover_note, note_id
from store.notes.candidate_records import STANDING, TAKEN_BACK, UNCLAIMED, UNWATCHED, standing

Record = Mapping[str, Any]

_NOTES = ("marks", "comments", *TAKEN_BACK.values())
_COMMENTS = {"comments", TAKEN_BACK["comments"]}
_LISTS = (*_NOTES, "verdicts", "ended", "to_teach")
_SETTLED = (*STANDING, "marked_under", "watch_under", *UNCLAIMED)
"""What is settled anew, by the latest of all marks and by the person's other records."""


def moved(
    records: Iterable[Record], into: ObjectId, there: Mapping[ObjectId, Record] = {}
) -> dict[ObjectId, dict[str, Any]]:
    """The documents that take the place of others, by id.

    Args:
        records: As one company has them.
        into: The other company.
        there: What it has under the ids that come out.
    """
    new: dict[ObjectId, dict[str, Any]] = {}
    for record in records:
        for one in _parted(record, into):
            id_ = one["_id"]
            before = new.get(id_) or there.get(id_)
            new[id_] = _joined(before, one) if before else one
    for one in new.values():
        one |= standing(into, one.get("marks", ()))
    return new


def _parted(record: Record, into: ObjectId) -> Iterator[dict[str, Any]]:
    """What the company knows, and whose favourite it is: whoever made a company has the two in one."""
    company, resume = str(record["company"]), str(record["resume"])
    own = {name: value for name, value in record.items() if name not in _SETTLED}
    for name in _NOTES:
        if name in own:
            # Those of release 1.0.0 are by whoever made the company.
            own[name] = [{"by": record["company"], **entry} for entry in own[name]]
    if str(record["_id"]) == candidate_record_id(company, resume):
        known = {name: value for name, value in own.items() if name not in UNWATCHED}
        id_ = candidate_record_id(str(into), resume)
        for name in known.keys() & _COMMENTS:
            known[name] = [_renamed(entry, id_) for entry in known[name]]
        yield {**known, **_key(into, resume, id_)}
        own = {name: value for name, value in own.items() if name in UNWATCHED}
    if "watched_at" in record:
        id_ = favourite_id(str(into), resume, str(record["watcher"]))
        yield {**own, **_key(into, resume, id_), "watched": True}


def _renamed(comment: Record, record_id: str) -> Record:
    """A comment; one by a hand-over is found by its record's id, and takes the place of what was said."""
    if "handover" not in comment:
        return comment
    id_ = note_id(record_id, "comments", handover_note(comment["handover"]))
    return {**comment, "id": ObjectId(id_)}


def _key(into: ObjectId, resume: str, id_: str) -> dict[str, ObjectId]:
    return {"_id": ObjectId(id_), "company": into, "resume": ObjectId(resume)}


def _joined(one: Record, other: Record) -> dict[str, Any]:
    """What two records of one resume say together."""
    both = {name: value for name, value in {**other, **one}.items() if name not in _SETTLED}
    for name in _LISTS:
        entries = [*one.get(name, ())]
        entries += [entry for entry in other.get(name, ()) if entry not in entries]
        if entries:
            both[name] = sorted(entries, key=lambda entry: entry["at"]) if name in _NOTES else entries
    if unlocked := [record["unlocked_at"] for record in (one, other) if "unlocked_at" in record]:
        both["unlocked_at"] = min(unlocked)
    if clicks := one.get("clicks", 0) + other.get("clicks", 0):
        both["clicks"] = clicks
    return both
