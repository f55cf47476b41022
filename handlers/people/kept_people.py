"""People whom an account keeps: each one's resume, with the contact where it is unlocked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from handlers.views.candidate_view import ContactInfo
from handlers.views.resume_view import ResumeView
from store.accounts.companies import Member
from store.resumes.contacts import Contact, Contacts, Status
from store.resumes.masked_texts import reveal
from store.resumes.resumes import Resumes


class FollowContact(ContactInfo, kw_only=True):
    """The contact; `status` alone until it is unlocked."""

    status: Literal["public", "secret"]


class FollowResume(ResumeView, kw_only=True):
    """A resume with its contact."""

    contact_info: FollowContact


class KeptPerson(msgspec.Struct, frozen=True):
    """One of them as clients see it; the flags are as in an `Item`."""

    resume: FollowResume
    to_confirm: bool
    has_original: bool


class KeptPeople(msgspec.Struct, frozen=True):
    """Reads resumes and contacts together."""

    _resumes: Resumes
    _contacts: Contacts

    async def shown(
        self, member: Member, ids: Sequence[str], open_ids: Collection[str], request_id: str
    ) -> dict[str, KeptPerson]:
        """Resumes as an account sees them, by id; what was erased meanwhile is left out.

        It has unlocked the contacts of `open_ids`; each showing of one is audited.
        """
        resumes = await self._resumes.shown(ids)
        statuses = await self._contacts.statuses(member.company, ids)
        contacts = await self._contacts.disclose(
            member, [id_ for id_ in ids if id_ in open_ids], "list", request_id
        )
        for id_, contact in contacts.items():
            # Not where it became secret between the two reads.
            if id_ in resumes and statuses.get(id_, "secret") == "public":
                reveal(resumes[id_].body, contact.texts)
        return {
            id_: KeptPerson(
                FollowResume(
                    id=id_,
                    contact_info=_contact_info(statuses.get(id_, "secret"), contacts.get(id_)),
                    **msgspec.structs.asdict(shown.body),
                ),
                shown.to_confirm,
                shown.has_original,
            )
            for id_, shown in resumes.items()
        }


def _contact_info(status: Status, contact: Contact | None) -> FollowContact:
    """The contact with its status, or the status alone.

    The status is read apart from the contact. Either may have become `secret` in between, and then nothing
    is shown.
    """
    if contact is None or "secret" in {status, contact.status}:
        return FollowContact(status=status)
    return FollowContact(
        name=contact.name, phone=contact.phone, email=contact.email, qq=contact.qq, status=status
    )
