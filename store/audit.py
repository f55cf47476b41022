"""The audit: who read which contacts, when, and by which request. Rows are added, never changed.

A row names people by their resumes' ids alone. So it may stay when a person is erased, as proof of who
read their contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import InsertOne

from store.bulk import bulk
from store.mongo import Database

MAX_RESUMES = 1000
"""Resumes in one row; a longer list makes several rows. The index has an entry for each of them, and a row
of so many is written in some ten milliseconds."""

Action = Literal["unlock", "list", "search", "export", "view"]


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One reading: an account was given the contacts of these resumes, or was about to be."""

    at: datetime
    user: str
    action: str
    resumes: list[str]
    request: str


class Audit:
    """The collection `audit`."""

    def __init__(self, database: Database) -> None:
        self._audit = database.audit

    async def record(self, user_id: str, action: Action, resume_ids: Sequence[str], request_id: str) -> None:
        """Note a reading that is about to happen; on return the note is journalled.

        Args:
            user_id: The account that reads.
            action: What it does.
            resume_ids: Whose contacts; many make several rows.
            request_id: The request, as the access log has it.

        Raises:
            One of STORE_FAILURES: It may not be noted, so nothing may be read.
        """
        row = {"at": datetime.now(UTC), "user": ObjectId(user_id), "action": action, "request": request_id}
        ids = [ObjectId(resume_id) for resume_id in resume_ids]
        rows: list[dict[str, Any]] = [
            {**row, "resumes": ids[start : start + MAX_RESUMES]} for start in range(0, len(ids), MAX_RESUMES)
        ]
        await bulk(self._audit, [InsertOne(row) for row in rows])

    async def reads_of(self, resume_id: str) -> list[AuditEntry]:
        """Every reading of a resume's contact, in order of time."""
        cursor = self._audit.find({"resumes": ObjectId(resume_id)})
        documents = await cursor.sort([("at", 1), ("_id", 1)]).to_list(None)
        return [_entry(document) for document in documents]


def _entry(document: dict[str, Any]) -> AuditEntry:
    return AuditEntry(
        at=document["at"],
        user=str(document["user"]),
        action=document["action"],
        resumes=[str(resume) for resume in document["resumes"]],
        request=document["request"],
    )
