"""The audit: who read which contacts and resumes, who took data out or erased it.

Rows are added, never changed. A row names people by their resumes' ids alone. So it may stay when a person
is erased, as proof of who read their contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
from bson import ObjectId

from store.accounts.companies import Member
from store.audit.chain import AuditChain, now
from store.documents import read_as
from store.mongo import Database

MAX_RESUMES = 1000
"""Resumes in one row; a longer list makes several rows. The index has an entry for each of them, and a row
of so many is written in some ten milliseconds."""

ContactAction = Literal["unlock", "list", "search", "export", "original"]
"""What shows contacts."""

Action = Literal[
    ContactAction,
    "view",  # a whole resume was opened
    "handover",  # people were handed over to somebody without an account, in whose name the next two stand
    "review",  # what was handed over was opened
    "verdict",  # and somebody of it judged
    "export_list",  # a list was taken out, whether it shows contacts or not
    "erase",  # a resume was erased
    "company",  # the company, who is in it, or one of its feeds was changed; see `CompanyAct`
    "operator",  # a command of `manage.py`, or what was done at the desk
]

CompanyAct = Literal[
    "rename",
    "wecom",
    "invite",
    "withdraw",
    "join",
    "role",
    "remove",
    "submit",
    "edit",
    "pause",
    "resume",
    "delete",
    "share",
    "transfer",
    "revoke",
]
"""What is changed in a company: itself, its members (up to `remove`), its feeds, and
links by which people of them were handed over."""

_CONTACT_ACTIONS = frozenset(get_args(ContactAction))


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One reading: an account was given the contacts of these resumes, or was about to be."""

    at: datetime
    user: str
    action: str
    resumes: list[str]
    request: str


class Audit:
    """The collection `audit`."""

    def __init__(self, database: Database, chain: AuditChain) -> None:
        self._audit = database.audit
        self._chain = chain

    async def record(
        self,
        who: Member | str | None,
        action: Action,
        resume_ids: Sequence[str],
        request_id: str,
        *,
        feed_id: str | None = None,
        command: str | None = None,
        operator: str | None = None,
        act: CompanyAct | None = None,
        about: str | None = None,
    ) -> None:
        """Note what is about to happen; on return the note is journalled.

        Args:
            who: The account that acts, or that an operator's command is about; None where there is none. Of a
                member the row says the company too.
            action: What it does.
            resume_ids: About whom; many make several rows, none make one.
            request_id: The request, as the access log has it; "" outside of one.
            feed_id: Of which list.
            command: An operator's command with the names of its options, never their values; of the desk,
                what was done there.
            operator: Who gave it, at the desk; a shell does not say.
            act: What was changed in the company.
            about: Which account that was about.

        Raises:
            One of STORE_FAILURES: It may not be noted, so nothing may be done.
        """
        row: dict[str, Any] = {"at": now(), "action": action, "request": request_id}
        if isinstance(who, Member):
            row |= {"user": ObjectId(who.user), "company": ObjectId(who.company)}
        elif who is not None:
            row["user"] = ObjectId(who)
        if act is not None:
            row["act"] = act
        ids_of = {"about": about, "feed": feed_id, "operator": operator}
        row |= {name: ObjectId(id_) for name, id_ in ids_of.items() if id_ is not None}
        if command is not None:
            # By the second field servers find the commands of the last seconds, see `audit_history`.
            row |= {"command": command, "commanded_at": row["at"]}
        ids = [ObjectId(resume_id) for resume_id in resume_ids]
        parts = [ids[start : start + MAX_RESUMES] for start in range(0, len(ids), MAX_RESUMES)] or [[]]
        await self._chain.append(self._audit, [{**row, "resumes": part} for part in parts])

    async def changed(
        self,
        who: Member,
        act: CompanyAct,
        request_id: str,
        *,
        feed_id: str | None = None,
        about: str | None = None,
    ) -> None:
        """Note what a member has changed in their company: in which feed, or of which member."""
        await self.record(who, "company", [], request_id, feed_id=feed_id, act=act, about=about)

    async def reads_of(self, resume_id: str, *, views: bool = False) -> list[AuditEntry]:
        """Every reading of a resume's contact by an account, in order of time.

        With `views` there are openings of the whole resume, whose contact may have been hidden.
        """
        actions = _CONTACT_ACTIONS | {"view"} if views else _CONTACT_ACTIONS
        cursor = self._audit.find({"resumes": ObjectId(resume_id)})
        documents = await cursor.sort([("at", 1), ("_id", 1)]).to_list(None)
        return [read_as(AuditEntry, document) for document in documents if document["action"] in actions]
