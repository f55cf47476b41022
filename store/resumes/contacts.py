"""Contacts: how to reach the person of a resume. No contact is read before the reading is audited.

Beside it are the originals of those texts of the resume in which a contact is masked. A contact is what that
very resume says, and is never completed from another. Secrecy is the person's: what one source keeps secret,
none of their resumes shows, and nobody who uses the same number lifts that.

A contact arrives embedded in its resume and moves into the collection `contacts` when the resume is
scored. Until then the embedded one is the newer, and is the one that counts: the contact of a person who
turned `secret` a moment ago is not shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.audit.audit import Action, Audit
from store.bulk import bulk, insert_or
from store.by_ids import find_by_ids, find_by_keys, object_ids
from store.errors import NotFound
from store.mongo import Database
from store.persons.lookalikes import Likeness, likeness_fields
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

    def __init__(self, database: Database, audit: Audit, persons: Persons) -> None:
        self._persons = persons
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

        def replace(position: int) -> UpdateOne:
            contact = contacts[position]
            # What else stands here stays: whether an operator set it apart, and a status that was not sent.
            fields = {name: contact[name] for name in contact if name != "_id"}
            return UpdateOne({"_id": contact["_id"], "rev": {"$lte": contact["rev"]}}, {"$set": fields})

        # One whose status was not sent has it here already, unless its resume was erased meanwhile.
        await insert_or(self._contacts, [{"status": "secret", **contact} for contact in contacts], replace)
        # What is left is of contacts that are here already.
        await bulk(
            self._contacts,
            [UpdateOne({"_id": ObjectId(id_)}, {"$set": fields}) for id_, fields in alike.items()],
        )
        return {str(contact["_id"]): contact.get("keys", []) for contact in contacts}

    async def set_apart(self, resume_id: str, *, apart: bool) -> None:
        """Have a resume stand alone whatever keys it shares, or no more; for operators, and for everybody.

        Raises:
            NotFound: There is no such contact; that of a resume that waits to be scored is not here yet.
        """
        which = {"_id": ObjectId(resume_id)}
        change: dict[str, Any] = {"$set": {"apart": True}} if apart else {"$unset": {"apart": ""}}
        if not (await self._contacts.update_one(which, change)).matched_count:
            raise NotFound(f"no contact of {resume_id}")
        await self._persons.find_out([resume_id])

    async def statuses(self, user_id: str, resume_ids: Sequence[str]) -> dict[str, Status]:
        """Whether each person's contact is public or secret; those without a contact are left out.

        It is secret where the person keeps it so in one of their resumes, by their keys or as the account
        sees them: no part makes it public, and no number of others with the same name and phone.
        """
        found = await self._read(user_id, resume_ids, ("status",))
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
            Contacts by resume id, as `statuses` has them. Ids without a contact, erased ones among them, are
            left out.

        Raises:
            One of STORE_FAILURES: The audit or the contacts cannot be reached; nothing is disclosed.
        """
        ids = list(dict.fromkeys(resume_ids))
        if not ids:
            return {}
        await self._audit.record(user_id, action, ids, request_id)
        found = await self._read(user_id, ids, ("status", *_REACHED_BY, "texts"))
        return {resume_id: _contact(contact) for resume_id, contact in found.items()}

    async def _read(
        self, user_id: str, resume_ids: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The contact of each resume that has one, with the status that its person's secrecy gives it."""
        circles = await self._persons.circles(user_id, resume_ids)
        persons = {id_: {id_, *circle.seen, *circle.by_keys} for id_, circle in circles.items()}
        found = await self._newest(sorted(set().union(*persons.values())), ("keys", *fields))
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
