"""`GET /resume/follow/list/`: the favourites, page by page, and the search in them.

How a search compares texts is in `favourite_search`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Moment, Ok, Shape
from handlers.api.fairness import HEAVY
from handlers.candidate_view import ContactInfo, unlocked
from handlers.favourite_search import SearchField, has_all, searched_words
from handlers.found_favourites import FEW, MOST, FoundFavourites
from handlers.page_answer import answer_page
from handlers.results import PageIndex, PageSize
from handlers.resume_view import ResumeView
from runtime.clock import clock_text
from runtime.decoding import Id
from runtime.slices import Rests, Slices
from store.audit.audit import Action
from store.candidate_records import CandidateRecord, CandidateRecords
from store.contacts import Contact, Contacts, Status
from store.masked_texts import reveal
from store.results import Results
from store.resume_record import Resume
from store.resumes import Resumes

_CHUNK = 25
"""Favourites that a search reads at a time. It bounds the memory of a search, and how long others wait
for the store meanwhile."""


class FollowQuery(msgspec.Struct, kw_only=True):
    """The parameters of `follow/list`.

    Attributes:
        size: Favourites a page.
        search_fields: Where to search: the position, the companies, the name (only of unlocked contacts),
            the schools, or everywhere.
        keywords: Words, each of which must be found; left out for all favourites.
    """

    start: PageIndex = 0
    size: PageSize = 10
    search_fields: SearchField = "all"
    keywords: Annotated[str, msgspec.Meta(max_length=200)] = ""


class FollowContact(ContactInfo, kw_only=True):
    """The contact; `status` alone until it is unlocked."""

    status: Literal["public", "secret"]


class FollowResume(ResumeView, kw_only=True):
    """A resume with its contact."""

    contact_info: FollowContact


class FollowItem(Shape):
    """One favourite.

    Attributes:
        feed_id: The feed in whose list it became one.
        keywords: Keywords of that feed that the resume has.
        to_confirm: As in an `Item`, as is `has_original`.
    """

    feed_id: Id
    add_time: Moment
    keywords: list[str]
    resume: FollowResume
    to_confirm: bool
    has_original: bool


class FollowAnswer(Ok):
    """One page of favourites, newest first.

    Attributes:
        total_count: What paging can reach.
        next_start: `start` of the next page; -1 on the last.
    """

    total_count: int
    next_start: int
    data: list[FollowItem]


class FollowListHandler(ApiHandler):
    """`GET /resume/follow/list/`."""

    contract = Contract(
        "Favourites, newest first, and the search in them", query=FollowQuery, answer=FollowAnswer
    )

    params: FollowQuery
    resumes: Resumes
    results: Results
    records: CandidateRecords
    contacts: Contacts
    found: FoundFavourites

    def cost(self) -> int:
        """A search reads many resumes, a page ten."""
        return HEAVY if any(self.request.query_arguments.get("keywords", ())) else self.units

    async def handle(self) -> None:
        """Without `keywords` all favourites are listed. A search looks at the 1,000 newest.

        What is found among more than 100 may be a minute old.
        """
        start, size = self.params.start, self.params.size
        words = searched_words(self.params.keywords)
        if words:
            # A search has to read all favourites anyway, so each page of it is cut from all that it found.
            found = await self._found(words)
            total, some = len(found), found[start * size : (start + 1) * size]
            records = await self.records.find_for(self.user_id, some)
            # One that was removed since it was found is none any more.
            page = [records[one] for one in some if one in records and records[one].watch]
        else:
            total = await self.records.count_watched(self.user_id)
            page = await self.records.watched(self.user_id, skip=start * size, limit=size)
        next_start = start + 1 if (start + 1) * size < total else -1
        await answer_page(self, await self._view(page), total_count=total, next_start=next_start)

    async def _found(self, words: Sequence[str]) -> list[str]:
        """The resumes of the favourites in which every word is found, newest first."""
        search = (self.user_id, self.params.search_fields, tuple(words))
        found = self.found.find(search)
        if found is None:
            watched = await self.records.all_watched(self.user_id, limit=MOST)
            found = [one.resume for one in await self._search(words, watched)]
            if len(watched) > FEW:
                self.found.keep(search, found)
        return found

    async def _search(
        self, words: Sequence[str], watched: Sequence[CandidateRecord]
    ) -> list[CandidateRecord]:
        """Those of the favourites in which every word is found, in their order.

        Texts are compared as the account sees them: masked, and without the name, until the contact is
        unlocked. No index of the store can do that.
        """
        field, slices, rests, found = self.params.search_fields, Slices(), Rests(), []
        for at in range(0, len(watched), _CHUNK):
            if at:
                await rests.rest()
            chunk = watched[at : at + _CHUNK]
            resumes = {} if field == "name" else await self.resumes.bodies([one.resume for one in chunk])
            contacts = await self._disclose(chunk, "search")
            for candidate in chunk:
                # A resume that was erased meanwhile, or is not searched, has no text.
                resume = resumes.get(candidate.resume) or Resume()
                contact = contacts.get(candidate.resume)
                if contact is not None:
                    resume = reveal(resume, contact.texts)
                if has_all(words, field, resume, contact.name if contact else ""):
                    found.append(candidate)
                await slices.rest()
        return found

    async def _disclose(self, candidates: Sequence[CandidateRecord], action: Action) -> Mapping[str, Contact]:
        """The unlocked contacts, by resume; each reading is audited."""
        open_ids = unlocked({candidate.resume: candidate for candidate in candidates})
        return await self.contacts.disclose(self.user_id, open_ids, action, self.request_id)

    async def _view(self, page: Sequence[CandidateRecord]) -> list[FollowItem]:
        """Favourites as clients see them; one whose resume was erased meanwhile is left out."""
        ids = [candidate.resume for candidate in page]
        resumes = await self.resumes.shown(ids)
        keywords = await self.results.find_keywords(
            [(candidate.watch.feed, candidate.resume) for candidate in page if candidate.watch]
        )
        statuses = await self.contacts.statuses(ids)
        contacts = await self._disclose(page, "list")
        for resume_id, contact in contacts.items():
            # Not where it became secret between the two reads.
            if resume_id in resumes and statuses.get(resume_id, "secret") == "public":
                reveal(resumes[resume_id].body, contact.texts)
        return [
            FollowItem(
                feed_id=candidate.watch.feed,
                add_time=clock_text(candidate.watch.at),
                keywords=keywords.get((candidate.watch.feed, candidate.resume), []),
                resume=FollowResume(
                    id=candidate.resume,
                    contact_info=_contact_info(
                        statuses.get(candidate.resume, "secret"), contacts.get(candidate.resume)
                    ),
                    **msgspec.structs.asdict(resumes[candidate.resume].body),
                ),
                to_confirm=resumes[candidate.resume].to_confirm,
                has_original=resumes[candidate.resume].has_original,
            )
            for candidate in page
            if candidate.watch and candidate.resume in resumes
        ]


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
