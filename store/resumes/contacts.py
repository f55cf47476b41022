"""Contacts: how to reach the person of a resume. No contact is read before the reading is audited.

Beside it are the originals of those texts of the resume in which a contact is masked. A contact is the
person's: what one source keeps secret, none of their resumes shows.

A contact arrives embedded in its resume and moves into the collection `contacts` when the resume is
scored. Until then the embedded one is the newer, and is the one that counts: the contact of a person who
turned `secret` a moment ago is not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import ReplaceOne, UpdateOne

from store.audit.audit import Action, Audit
from store.bulk import bulk, insert_or
from store.by_ids import find_by_ids, object_ids
from store.mongo import Database
from store.persons.likeness import Likeness
from store.persons.lookalikes import likeness_fields
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.resumes.masked_texts import Originals
from store.resumes.resume_values import StoredResume

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

    def __init__(self, database: Database, audit: Audit, persons: Persons, records: PersonRecords) -> None:
        self._persons = persons
        self._records = records
        self._contacts = database.contacts
        self._resumes = database.resumes
        self._audit = audit

    async def move(self, resumes: Sequence[StoredResume]) -> None:
        """Put the contacts that came with resumes where they belong, and find out whose they are."""
        await self._persons.came(await self.put(resumes))

    async def put(
        self, resumes: Sequence[StoredResume], likenesses: Mapping[str, Likeness] | None = None
    ) -> dict[str, list[str]]:
        """Put the contacts that came with resumes where only `disclose` reads them; a newer one stays.

        Args:
            resumes: The resumes.
            likenesses: What they are compared by, as `Lookalikes.read` gives it.

        Returns:
            The keys of each that came with one, which `Persons.came` has to be told.
        """
        alike = {id_: likeness_fields(likeness) for id_, likeness in (likenesses or {}).items()}
        contacts = [
            {"_id": ObjectId(resume.id), "rev": resume.rev, **resume.contact, **alike.pop(resume.id, {})}
            for resume in resumes
            if resume.contact
        ]

        def replace(position: int) -> ReplaceOne[dict[str, Any]] | UpdateOne:
            contact = contacts[position]
            which = {"_id": contact["_id"], "rev": {"$lte": contact["rev"]}}
            if "status" in contact:
                return ReplaceOne(which, contact)
            return UpdateOne(which, {"$set": {name: contact[name] for name in contact if name != "_id"}})

        # One whose status was not sent has it here already, unless its resume was erased meanwhile.
        await insert_or(self._contacts, [{"status": "secret", **contact} for contact in contacts], replace)
        # What is left is of contacts that are here already.
        await bulk(
            self._contacts,
            [UpdateOne({"_id": ObjectId(id_)}, {"$set": fields}) for id_, fields in alike.items()],
        )
        return {str(contact["_id"]): contact.get("reach", []) for contact in contacts}

    async def statuses(self, user_id: str, resume_ids: Sequence[str]) -> dict[str, Status]:
        """Whether each person's contact is public or secret; those without a contact are left out.

        It is secret where the person keeps it so in one of their resumes, by their keys or as the account
        sees them: no part makes it public.
        """
        found = await self._of_persons(user_id, resume_ids, ("status",))
        return {resume_id: contact["status"] for resume_id, contact in found.items()}

    async def disclose(
        self, user_id: str, resume_ids: Sequence[str], action: Action, request_id: str
    ) -> dict[str, Contact]:
        """Read contacts for an account that may have them. The reading is audited first.

        Args:
            user_id: The account. The caller knows that it has unlocked these contacts.
            resume_ids: Whose contacts. For none, nothing is read and nothing audited.
            action: What the account does.
            request_id: The request, as the access log has it.

        Returns:
            Contacts by resume id, as `statuses` has them; what one lacks is taken from the latest of the
            person's others that has it, but of none that the account joined and has not unlocked. Ids without
            a contact, erased ones among them, are left out.

        Raises:
            One of STORE_FAILURES: The audit or the contacts cannot be reached; nothing is disclosed.
        """
        ids = list(dict.fromkeys(resume_ids))
        if not ids:
            return {}
        await self._audit.record(user_id, action, ids, request_id)
        found = await self._of_persons(user_id, ids, ("status", *_REACHED_BY, "texts", "news_at"))
        return {resume_id: _contact(contact) for resume_id, contact in found.items()}

    async def _of_persons(
        self, user_id: str, resume_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        seen, by_keys = await asyncio.gather(
            self._persons.groups_for(user_id, resume_ids), self._persons.groups(resume_ids)
        )
        ids = {id_ for groups in (seen, by_keys) for resume in groups for id_ in (resume, *groups[resume])}
        locked = await self._locked(user_id, seen, by_keys)
        found = await self._newest(sorted(ids), fields)
        return {
            id_: _completed(
                found[id_],
                [found[other] for other in seen[id_] if other in found and other not in locked],
                is_secret=any(
                    found[other]["status"] == "secret"
                    for other in (*seen[id_], *by_keys[id_])
                    if other in found
                ),
            )
            for id_ in resume_ids
            if id_ in found
        }

    async def _locked(
        self, user_id: str, seen: Mapping[str, Sequence[str]], by_keys: Mapping[str, Sequence[str]]
    ) -> set[str]:
        """The resumes that an account joined with others, and whose contact it has not unlocked."""
        joined = {
            other: [one for one in (id_, *others) if one != other]
            for id_, others in seen.items()
            for other in others
            if other not in by_keys[id_]
        }
        kept = await self._records.find_in(user_id, joined) if joined else {}
        return {id_ for id_ in joined if id_ not in kept or kept[id_].unlocked_at is None}

    async def _newest(self, resume_ids: Sequence[str], fields: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The newest contact of each resume that still exists.

        Resumes are read first. A contact that moves between the two reads is then found twice; the other
        way round it would be found nowhere.
        """
        embedded = {"rev": 1, **{f"contact.{name}": 1 for name in fields}}
        moved = {"rev": 1, **dict.fromkeys(fields, 1)}
        ids = object_ids(resume_ids)
        resumes = await find_by_ids(self._resumes, ids, embedded)
        contacts = {contact["_id"]: contact for contact in await find_by_ids(self._contacts, ids, moved)}
        newest: dict[str, dict[str, Any]] = {}
        for resume in resumes:
            contact = contacts.get(resume["_id"])
            if resume.get("contact") and (contact is None or contact["rev"] <= resume["rev"]):
                # What was not sent with an update is kept: its status.
                contact = {**(contact or {}), **resume["contact"]}
            if contact is not None:
                # Of one that says nothing nobody knows better.
                newest[str(resume["_id"])] = {"status": "secret", **contact}
        return newest


def _completed(
    contact: dict[str, Any], others: Sequence[dict[str, Any]], *, is_secret: bool
) -> dict[str, Any]:
    """A contact with what is known of the person by their other resumes.

    Args:
        contact: The resume's own.
        others: Those of the person's other resumes that it is completed by.
        is_secret: Whether it is kept secret in another one.
    """
    if not others and not is_secret:
        return contact
    status = "secret" if is_secret else contact["status"]
    known = sorted(others, key=lambda one: (str(one.get("news_at", "")), str(one["_id"])), reverse=True)
    fill = {
        name: next((one[name] for one in (contact, *known) if one.get(name)), "")
        for name in _REACHED_BY
        if name in contact
    }
    return {**contact, **fill, "status": status}


def _contact(contact: dict[str, Any]) -> Contact:
    if contact["status"] == "secret":
        return Contact(name="", phone="", email="", qq="", status="secret")
    return Contact(
        name=contact["name"],
        phone=contact["phone"],
        email=contact["email"],
        qq=contact["qq"],
        texts=contact.get("texts", {}),
        status="public",
    )
