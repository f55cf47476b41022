"""What all endpoints of the desk share: the role, the audit, pages of lists.

class DisableHandler(AdminHandler):
    contract = Contract("Shut an account")

What an admin does is in the audit before it is done, with their name, and servers report it as a security
event like a command of `manage.py`. Nothing of what is typed stands there, as that may be of a person.

A viewer is not shown what tells of people. A file is called after its person, and so may a sheet be. Where a
table has no header its first row is taken for one. What a source calls a resume may be a phone. The text of a
resume may name anybody, also where no name was read. So of all these a viewer sees that they are there, and
no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, TypeVar

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Count, Ok
from store.accounts.operators import Operator, Role
from store.audit.audit import Audit

_PREFIX = "/admin/api/"


class Paging(msgspec.Struct):
    """Which part of a list.

    Attributes:
        start: Index of the page, from 0.
        size: Rows of a page.
    """

    start: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20

    @property
    def skip(self) -> int:
        """How many rows stand before the page."""
        return self.start * self.size

    def of(self, total: int) -> dict[str, int]:
        """What a `PageOk` says of a list of so many rows."""
        return {"total": total, "next_start": self.start + 1 if self.skip + self.size < total else -1}


class PageOk(Ok):
    """One page of a list.

    Attributes:
        total: Rows of the whole list.
        next_start: The index of the next page; -1 at the end.
    """

    total: Count
    next_start: Annotated[int, msgspec.Meta(ge=-1)]


class DeskHandler(ApiHandler):
    """Base of every endpoint of the desk for operators who are signed in."""

    needs_login = False
    is_for_operators = True
    needs_role: ClassVar[Role | None] = "viewer"
    is_noted: ClassVar[bool] = True
    """Whether what an admin does is put into the audit; false where the handler itself says when."""

    audit: Audit

    @property
    def operator(self) -> Operator:
        """Who is signed in."""
        return self.signed_in.operator

    @property
    def sees_people(self) -> bool:
        """Whether names, contacts and texts of people are shown to whoever asks; else see `hidden`."""
        return self.operator.role == "admin"

    async def before(self, named: Mapping[str, str]) -> None:
        """Note what an admin is about to do."""
        if self.needs_role == "admin" and self.is_noted:
            resumes = [named["resume_id"]] if "resume_id" in named else []
            await self.note(resumes, account=named.get("account_id"), about=named.get("company_id"))

    async def note(
        self, resumes: Sequence[str] = (), *, account: str | None = None, about: str | None = None
    ) -> None:
        """Note in the audit what the operator is about to do, and to which resumes, account or company."""
        command, operator = self.words(), self.operator.id
        await self.audit.record(
            account, "operator", resumes, self.request_id, command=command, operator=operator, about=about
        )

    def words(self) -> str:
        """What is done, as the audit has it: `desk accounts disable`."""
        path = re.sub(r"\{\w+\}", "", self.route.removeprefix(_PREFIX))
        return " ".join(["desk", *filter(None, path.split("/"))])


class AdminHandler(DeskHandler):
    """Base of what an admin alone does: by POST, as it changes something or is a row of the audit."""

    methods = ("POST",)
    needs_role = "admin"


S = TypeVar("S", bound=msgspec.Struct)

HIDDEN = "***"
_ENDINGS = frozenset(
    ("bin", "csv", "doc", "docx", "eml", "htm", "html", "jpeg", "jpg", "json", "md", "mht", "mhtml", "msg",
     "ods", "pdf", "png", "rtf", "txt", "xls", "xlsx", "zip")
)  # fmt: skip
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
