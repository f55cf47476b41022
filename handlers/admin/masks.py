"""What a viewer is shown in place of what tells of people.

A file is called after its person, and so may a sheet be. Where a table has no header its first row is taken
for one. What a source calls a resume may be a phone. The text of a resume may name anybody, also where no
name was read. So of all these a viewer sees that they are there, and no more.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)

HIDDEN = "***"
_ENDINGS = frozenset(
    (
        *(
            "bin",
            "csv",
            "doc",
            "docx",
            "eml",
            "htm",
            "html",
            "jpeg",
            "jpg",
            "json",
            "md",
            "mht",
            "mhtml",
            "msg",
        ),
        *("ods", "pdf", "png", "rtf", "txt", "xls", "xlsx", "zip"),
    )
)
"""Endings of names that say what a file is. Another one is hidden too: it may be a name."""
_TOLD = frozenset({"id", "age", "start_time", "end_time", "enroll_time", "last_contact"})
"""What of a resume is no more than an id, an age or a date, which is checked when it comes in."""


def hidden(text: str) -> str:
    """That there is a text."""
    return HIDDEN if text else ""


def hidden_name(name: str) -> str:
    """What kind of file has this name."""
    ending = name.rpartition(".")[2].lower()
    return f"{HIDDEN}.{ending}" if "." in name and ending in _ENDINGS else HIDDEN


def column_name(index: int) -> str:
    """What spreadsheets call a column, from 0: `A`, `Z`, `AA`."""
    name = ""
    while index >= 0:
        index, letter = divmod(index, 26)
        name, index = chr(ord("A") + letter) + name, index - 1
    return name


def without_texts(resume: S) -> S:
    """A resume with its dates and the age alone; of all else it says that it is there."""
    changes = {name: _without(name, getattr(resume, name)) for name in resume.__struct_fields__}
    return msgspec.structs.replace(resume, **changes)


def _without(name: str, value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return without_texts(value)
    if isinstance(value, list):
        return [_without(name, one) for one in value]
    return value if name in _TOLD or value in ("", None) else HIDDEN
