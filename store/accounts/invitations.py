"""Invitations into a company: who is awaited, as what, and until when.

    {_id: …, company: …, email: "wei@example.com", role: "recruiter", by: user, serial: 2, ends_at: …}

There is one for each address that a company awaits. Inviting it again begins it anew, with the next serial:
only the link of the latest letter is good. Whoever follows it is awaited, whatever the address of their
account; an invitation is used once. It ends with its maker's part in the company: nobody keeps a way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.accounts.companies import Companies, CompanyRole, Member
from store.documents import read_as
from store.errors import CompanyFull, EmailTaken, InvitationOver
from store.ids import invitation_id, is_id
from store.jobs.jobs import Jobs
from store.mongo import Database
from store.transactions import again_after_conflict

INVITED_FOR = timedelta(days=7)
"""How long an invitation is good."""
MOST_MEMBERS = 200
"""Members of a company, those who are awaited among them. Lists of members are read whole."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that is good.

    Attributes:
        by: The account that invites.
        serial: How often the address was invited.
    """

    id: str
    company: str
    email: str
    role: CompanyRole
    by: str
    serial: int


class Invitations:
    """The collection `invitations`."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._accounts = database.accounts
        self._companies = Companies(database)
        self._invitations = database.invitations
        self._jobs = jobs

    @again_after_conflict
    async def invite(self, member: Member, email: str, role: CompanyRole) -> Invitation:
        """Await an address, which is folded; it gets a letter.

        Raises:
            EmailTaken: It is a member's.
            CompanyFull: The company has `MOST_MEMBERS`.
        """
        company = ObjectId(member.company)
        id_ = ObjectId(invitation_id(member.company, email))
        async with self._database.transaction():
            await self._companies.touch(company)
            if await self._accounts.find_one({"email": email, "company_id": company}, {"_id": 1}):
                raise EmailTaken(email)
            before = await self._invitations.find_one({"_id": id_})
            if before is None and await self._count(company) >= MOST_MEMBERS:
                raise CompanyFull
            document = {
                "company": company,
                "email": email,
                "role": role,
                "by": ObjectId(member.user),
                "serial": before["serial"] + 1 if before else 1,
                "ends_at": datetime.now(UTC) + INVITED_FOR,
            }
            await self._invitations.update_one({"_id": id_}, {"$set": document}, upsert=True)
            await self._jobs.ask("join", str(id_))
        return read_as(Invitation, {"_id": id_, **document})

    async def list_for(self, company_id: str) -> list[Invitation]:
        """Who is awaited, by address."""
        which = {"company": ObjectId(company_id)}
        rows = await self._invitations.find(which).to_list(None)
        good = [read_as(Invitation, row) for row in rows if _is_good(row)]
        return sorted(good, key=lambda invitation: invitation.email)

    async def read(self, id_: str, serial: int | None = None) -> Invitation:
        """An invitation, by the serial of the letter that was followed; None for the latest.

        Raises:
            InvitationOver: It is not good, or not any more.
        """
        row = await self._invitations.find_one({"_id": ObjectId(id_)}) if is_id(id_) else None
        if row is None or not _is_good(row) or serial not in (None, row["serial"]):
            raise InvitationOver
        return read_as(Invitation, row)

    async def take(self, id_: str, serial: int) -> Invitation:
        """Use an invitation up, within the transaction that takes somebody into the company.

        Raises:
            InvitationOver: It is not good, or not any more.
        """
        invitation = await self.read(id_, serial)
        await self._invitations.delete_one({"_id": ObjectId(id_)})
        return invitation

    async def withdraw(self, company_id: str, id_: str) -> bool:
        """Take an invitation back; false where the company has none under that id."""
        which = {"_id": ObjectId(id_), "company": ObjectId(company_id)}
        return bool((await self._invitations.delete_one(which)).deleted_count)

    async def end_of(self, company: ObjectId, user: ObjectId) -> None:
        """Take back those that a member made, within the transaction in which they are an owner no more."""
        await self._invitations.delete_many({"company": company, "by": user})

    async def _count(self, company: ObjectId) -> int:
        members = await self._accounts.find({"company_id": company}, {"_id": 1}).to_list(MOST_MEMBERS)
        awaited = await self._invitations.find({"company": company}, {"_id": 1}).to_list(MOST_MEMBERS)
        return len(members) + len(awaited)


def _is_good(row: Mapping[str, Any]) -> bool:
    return bool(row["ends_at"] > datetime.now(UTC))
