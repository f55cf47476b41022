"""Marks and comments as a record holds them: their ids, and what its marks say of how things stand.

Without I/O. Adding one is in `candidate_records`, changing one in `note_changes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from bson import ObjectId

Kind = Literal["marks", "comments"]
Entry = Mapping[str, Any]

TAKEN_BACK: Mapping[Kind, str] = {"marks": "gone_marks", "comments": "gone_comments"}
"""Where a record keeps what was taken back until it ends, see `note_changes`. It counts nowhere."""

STANDING = ("mark", "marked_at", "remind_on", "marked_of", "remind_of")
"""What a record says of its latest mark. Lists are read by `marked_of` and `remind_of`, which are the account
where the record stands for its person in them, and missing elsewhere: so the indexes that begin with them
hold nobody else's."""


class Mark(msgspec.Struct, frozen=True):
    """One step with a person: its name, whether it went well, and for which feed.

    Attributes:
        remind_on: The day in China, `YYYY-MM-DD`, on which to come back to the person; "" for none.
    """

    name: str
    good: bool
    feed: str
    at: datetime
    id: str = ""
    remind_on: str = ""


class Comment(msgspec.Struct, frozen=True):
    """One remark, the resume on which it was made, and whether it was corrected since."""

    content: str
    at: datetime
    resume: str = ""
    id: str = ""
    edited: bool = False


def marks_of(record: Mapping[str, Any]) -> list[Mark]:
    """The marks of a stored record, in the order in which they were made."""
    return [
        Mark(one["name"], one["good"], str(one["feed"]), one["at"], str(one["id"]), one.get("remind_on", ""))
        for one in record.get("marks", ())
    ]


def comments_of(record: Mapping[str, Any]) -> list[Comment]:
    """The comments of a stored record, in the order in which they were made."""
    resume = str(record["resume"])
    return [
        Comment(one["content"], one["at"], resume, str(one["id"]), one.get("edited", False))
        for one in record.get("comments", ())
    ]


def standing(user: ObjectId, marks: Sequence[Entry]) -> dict[str, Any]:
    """What a record says of its latest mark, as the fields of `STANDING`; none where it has no marks."""
    if not marks:
        return {}
    last = sorted(marks, key=lambda mark: mark["at"])[-1]
    reminder = {"remind_on": last["remind_on"], "remind_of": user} if last.get("remind_on") else {}
    return {"mark": last["name"], "marked_at": last["at"], "marked_of": user, **reminder}


def stands(user: ObjectId, marks: Sequence[Entry]) -> dict[str, Any]:
    """The part of a change that makes a record say so; that the person is listed once is settled after it."""
    fields = standing(user, marks)
    gone = {name: "" for name in (*STANDING, "marked_under") if name not in fields}
    return {"$set": fields, "$unset": gone} if fields else {"$unset": gone}
