"""Corrects marks and comments: changes one, takes it back, and gives it back again.

    await changes.change(member, [resume, *others], "comments", id_, {"content": "…"})
    await changes.change(member, [resume, *others], "marks", id_, taken_back=True)

What was taken back last stays beside the log for a day, so that it can be given back at its place and time.
It counts nowhere, nobody is shown it, and it ends with the next one that is taken back, or by retention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from bson import ObjectId

from store import spans
from store.accounts.companies import Member
from store.by_ids import find_by_ids, object_ids
from store.errors import ListFull, NotAllowed, NotFound
from store.ids import candidate_record_id, is_id
from store.mongo import Database
from store.notes import candidate_records
from store.notes.candidate_records import TAKEN_BACK, Kind, stands

TAKEN_BACK_FOR = timedelta(days=1)
"""How long what was taken back can be given back. Whoever notices a slip does so at once; what is kept longer
would be a text that its author believes gone."""

_FIELDS = dict.fromkeys(("company", "resume", *TAKEN_BACK, *TAKEN_BACK.values()), 1)


class Changed(NamedTuple):
    """A note, and the resume on which it was made."""

    resume: ObjectId
    entry: Mapping[str, Any]


class NoteChanges:
    """The collection `candidate_records`, as far as notes in it are changed: each by who made it."""

    def __init__(self, database: Database) -> None:
        self._records = database.candidate_records

    async def change(
        self,
        member: Member,
        resume_ids: Sequence[str],
        kind: Kind,
        id_: str,
        fields: Mapping[str, Any] = {},
        *,
        taken_back: bool | None = None,
    ) -> Changed:
        """Change a note of a person, and give it as it is then. The same change a second time is harmless.

        It was made on one of the person's resumes. Fields are given as they are stored; an empty text takes
        one away. With `taken_back` it is taken back (True) or given back (False); None leaves that as it is.

        Raises:
            NotFound: There is no such note, or it was taken back and stays so.
            NotAllowed: A colleague made it, or it was said by a hand-over, and the change comes by none.
            ListFull: There is no room for it as it would be.
        """
        key = ObjectId(id_) if is_id(id_) else None
        ids = object_ids(candidate_record_id(member.company, resume) for resume in resume_ids)
        own = {"company": ObjectId(member.company)}
        rows = [_with_notes(row) for row in await find_by_ids(self._records, ids, _FIELDS, where=own)]
        row = next((row for row in rows if key in _ids(row, kind)), None)
        if row is None:
            raise NotFound(f"no note {id_}")
        entry = next(one for one in (*row[kind], *row[TAKEN_BACK[kind]]) if one["id"] == key)
        is_own = str(entry.get("by", member.company)) == member.user
        if not is_own or ("handover" in entry and "handover" not in fields):
            raise NotAllowed
        after = _changed(row, kind, key, fields, taken_back=taken_back)
        _require_room(rows, row, after, kind)
        await self._write(row, after, kind)
        entry = next(one for one in (*after[kind], *after[TAKEN_BACK[kind]]) if one["id"] == key)
        return Changed(row["resume"], entry)

    async def _write(self, row: Mapping[str, Any], after: Mapping[str, Any], kind: Kind) -> None:
        """Write what a record becomes."""
        gone = TAKEN_BACK[kind]
        change: dict[str, Any] = {"$set": {kind: after[kind]}, "$unset": {}}
        change["$set" if after[gone] else "$unset"][gone] = after[gone]
        if kind == "marks":
            part = stands(row["company"], after[kind])
            change = {name: {**change[name], **part.get(name, {})} for name in change}
        change = {name: part for name, part in change.items() if part}
        await self._records.update_one({"_id": row["_id"], "company": row["company"]}, change)

    async def end(self, moment: datetime) -> int:
        """End what was taken back before a moment; returns how many records had some."""
        count = 0
        for gone in TAKEN_BACK.values():
            fields = {gone: 1, "company": 1}
            async for rows in spans.before(self._records, f"{gone}.gone_at", moment, fields=fields):
                for row in rows:
                    which = {"_id": row["_id"], "company": row["company"], gone: row[gone]}
                    await self._records.update_one(which, {"$unset": {gone: ""}})
                count += len(rows)
        return count


def _with_notes(document: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its notes, also where it has none of a kind."""
    row = {**document}
    for kind, gone in TAKEN_BACK.items():
        row[kind] = document.get(kind, [])
        row[gone] = document.get(gone, [])
    return row


def _ids(row: Mapping[str, Any], kind: Kind) -> set[ObjectId]:
    return {entry["id"] for entry in (*row[kind], *row[TAKEN_BACK[kind]])}


def _changed(
    row: Mapping[str, Any],
    kind: Kind,
    key: ObjectId | None,
    fields: Mapping[str, Any],
    *,
    taken_back: bool | None,
) -> dict[str, list[dict[str, Any]]]:
    """The notes of a record after a change."""
    gone = TAKEN_BACK[kind]
    was_gone = key not in {entry["id"] for entry in row[kind]}
    is_gone = was_gone if taken_back is None else taken_back
    if was_gone and is_gone and taken_back is None:
        raise NotFound(f"note {key} was taken back")
    found = next(entry for entry in (*row[kind], *row[gone]) if entry["id"] == key)
    entry = {name: value for name, value in {**found, **fields}.items() if value != ""}
    entry.pop("gone_at", None)
    others = [one for one in row[kind] if one["id"] != key]
    if is_gone:
        gone_at = found.get("gone_at") or datetime.now(UTC)
        return {kind: others, gone: [{**entry, "gone_at": gone_at}]}
    rest = [one for one in row[gone] if one["id"] != key]
    if was_gone:
        return {kind: sorted([*others, entry], key=lambda one: one["at"]), gone: rest}
    return {kind: [entry if one["id"] == key else one for one in row[kind]], gone: rest}


def _require_room(
    rows: Sequence[Mapping[str, Any]], row: Mapping[str, Any], after: Mapping[str, Any], kind: Kind
) -> None:
    """Refuse what would be more than is kept of one person, unless it is less than before."""
    before = [entry for one in rows for entry in one[kind]]
    now = [entry for one in rows for entry in (after if one is row else one)[kind]]
    if len(now) > len(before) and len(now) > candidate_records.MAX_ENTRIES:
        raise ListFull
    if kind == "comments" and _chars(now) > max(_chars(before), candidate_records.MAX_COMMENT_CHARS):
        raise ListFull


def _chars(comments: Sequence[Mapping[str, Any]]) -> int:
    return sum(len(comment["content"]) for comment in comments)
