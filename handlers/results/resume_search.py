"""Looks through resumes as an account sees them: masked, and without the contact, until that is unlocked.

No index of the store can do that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from handlers.views.candidate_view import unlocked
from runtime.slices import Rests, Slices
from store.accounts.companies import Member
from store.by_ids import chunks
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.resumes.contacts import Contact, Contacts
from store.resumes.masked_texts import reveal
from store.resumes.resume_record import Resume
from store.resumes.resumes import Resumes

_CHUNK = 25
"""Resumes that are read at a time. It bounds the memory of a search, and how long others wait for the store
meanwhile."""


class ResumeSearch(msgspec.Struct, frozen=True):
    """Belongs to one event loop."""

    _resumes: Resumes
    _records: PersonRecords
    _contacts: Contacts
    _persons: Persons

    async def among(
        self,
        member: Member,
        resume_ids: Sequence[str],
        is_found: Callable[[Resume, Contact | None], bool],
        request_id: str,
    ) -> list[str]:
        """Those of some resumes that are looked for, in their order. Contacts that are looked at are audited.

        `is_found` is told the resume, and the contact where it is unlocked.
        """
        slices, rests, found = Slices(), Rests(), []
        for part in chunks(resume_ids, _CHUNK):
            resumes = await self._resumes.bodies(part)
            open_ids = unlocked(await self._records.find_for(member.company, part))
            contacts = await self._contacts.disclose(member, open_ids, "search", request_id)
            for id_ in part:
                contact = contacts.get(id_)
                if id_ not in resumes:
                    continue  # erased meanwhile
                resume = reveal(resumes[id_], contact.texts) if contact else resumes[id_]
                if is_found(resume, contact):
                    found.append(id_)
                await slices.rest()
            await rests.rest()
        return found

    async def among_persons(
        self,
        member: Member,
        resume_ids: Sequence[str],
        is_found: Callable[[Resume, Contact | None], bool],
        request_id: str,
    ) -> list[str]:
        """Those of some resumes whose persons are looked for, each by their newest resume; as `among`."""
        groups = await self._persons.groups_for(member.company, resume_ids)
        newest = await self._records.newest(member.company, groups)
        shown = list(dict.fromkeys(newest[id_] for id_ in resume_ids))
        found = set(await self.among(member, shown, is_found, request_id))
        return [id_ for id_ in resume_ids if newest[id_] in found]
