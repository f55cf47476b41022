"""Contacts: how to reach the person of a resume. No contact is read before the reading is audited.

Beside it are the originals of those texts of the resume in which a contact is masked. A contact is what that
very resume says, and is never completed from another. Secrecy is the person's: what one source keeps secret,
none of their resumes shows, and nobody who uses the same number lifts that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal

import msgspec
from bson import ObjectId

from store.accounts.companies import Member
from store.audit.audit import Action, Audit
from store.by_ids import find_by_ids, find_by_keys, object_ids
from store.documents import read_as
from store.errors import NotFound
from store.mongo import Database
from store.persons.lookalikes import Likeness, likeness_from
from store.persons.persons import Persons
from store.resumes.masked_texts import Originals, masker_of

Status = Literal["public", "secret"]

_REACHED_BY = ("name", "phone", "email", "qq")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a person; all but `status` are empty where the person keeps it `secret`.

    Attributes:
        texts: The originals of the resume's texts that are masked, see `masked_texts.reveal`.
    """

    name: str
    phone: str
    email: str
    qq: str
    status: Status
    texts: Originals = {}


class Contacts:
    """The collection `contacts`; a contact has its resume's id."""

    def __init__(self, database: Database, audit: Audit, persons: Persons) -> None:
        self._persons = persons
        self._contacts = database.contacts
        self._audit = audit

    async def comparable(self, resume_ids: Sequence[str]) -> dict[str, tuple[list[str], Likeness]]:
        """By resume, what makes it one person's with others, and what it is compared by.

        The first is what `Persons.came` is told, the other what `Lookalikes.settle` is.
        """
        fields = dict.fromkeys(("keys", "alike", "signature", "gender", "name"), 1)
        found = await find_by_ids(self._contacts, object_ids(resume_ids), fields)
        return {str(row["_id"]): (row.get("keys", []), likeness_from(row)) for row in found}

    async def set_apart(self, resume_id: str, *, apart: bool) -> None:
        """Have a resume stand alone whatever keys it shares, or no more; for operators, and for everybody.

        Raises:
            NotFound: There is no such contact.
        """
        which = {"_id": ObjectId(resume_id)}
        change: dict[str, Any] = {"$set": {"apart": True}} if apart else {"$unset": {"apart": ""}}
        if not (await self._contacts.update_one(which, change)).matched_count:
            raise NotFound(f"no contact of {resume_id}")
        await self._persons.find_out([resume_id])

    async def statuses(self, company_id: str, resume_ids: Sequence[str]) -> dict[str, Status]:
        """Whether each person's contact is public or secret; those without a contact are left out.

        It is secret where the person keeps it so in one of their resumes, by their keys or as the company
        sees them: no part makes it public, and no number of others with the same name and phone.
        """
        found = await self._read(company_id, resume_ids, ("status",))
        return {resume_id: contact["status"] for resume_id, contact in found.items()}

    async def disclose(
        self, member: Member, resume_ids: Sequence[str], action: Action, request_id: str
    ) -> dict[str, Contact]:
        """Read contacts for somebody who may have them. The reading is audited first.

        The caller knows that the member's company has unlocked them. For none nothing is read and nothing
        audited.

        Returns:
            Contacts by resume id, as `statuses` has them. Ids without a contact, erased ones among them, are
            left out.

        Raises:
            One of STORE_FAILURES: The audit or the contacts cannot be reached; nothing is disclosed.
        """
        ids = list(dict.fromkeys(resume_ids))
        if not ids:
            return {}
        await self._audit.record(member, action, ids, request_id)
        found = await self._read(member.company, ids, ("status", *_REACHED_BY, "texts"))
        return {resume_id: _contact(contact) for resume_id, contact in found.items()}

    async def masked(self, resume_ids: Sequence[str], texts: Sequence[str]) -> list[str]:
        """Texts without the names and contacts of these people, nor numbers and accounts of anybody else."""
        found = await find_by_ids(self._contacts, object_ids(resume_ids), dict.fromkeys(_REACHED_BY, 1))
        masked = [*texts]
        for contact in (*found, {}):
            masked = masker_of(contact).mask_all(masked)
        return masked

    async def _read(
        self, company_id: str, resume_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The contact of each resume that has one, with the status that its person's secrecy gives it."""
        circles = await self._persons.circles(company_id, resume_ids)
        persons = {id_: {id_, *circle.seen, *circle.by_keys} for id_, circle in circles.items()}
        ids, names = object_ids(sorted(set().union(*persons.values()))), dict.fromkeys(("keys", *fields), 1)
        found = {str(row["_id"]): row for row in await find_by_ids(self._contacts, ids, names)}
        # Of a person with more resumes than one has, not all are among these.
        many = {id_: found[id_].get("keys", []) for id_ in found if id_ in circles and circles[id_].many}
        secret = await self._secret({key for keys in many.values() for key in keys})
        return {
            id_: found[id_] | {"status": "secret"}
            if any(found[one]["status"] == "secret" for one in person if one in found)
            or not secret.isdisjoint(many.get(id_, ()))
            else found[id_]
            for id_, person in persons.items()
            if id_ in found
        }

    async def _secret(self, keys: Collection[str]) -> set[str]:
        """Those of some keys with which somebody keeps a contact secret, however many resumes have them."""
        found = await find_by_keys(
            self._contacts, keys, {"keys": 1}, key="keys", most_each=1, where={"status": "secret"}
        )
        return {key for row in found for key in row["keys"]}.intersection(keys)


def _contact(contact: dict[str, Any]) -> Contact:
    if contact["status"] == "secret":
        return Contact(name="", phone="", email="", qq="", status="secret")
    return read_as(Contact, contact)
