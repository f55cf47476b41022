"""Whom of a feed's list the filters about people mean: those with a mark, favourites, and who a search finds.

What they are about is not in a result, but in what the account keeps of a person and in resumes. So they
become the resumes of a `ResultFilter`, whose results are read by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from handlers.results.found_searches import MOST, Found, FoundSearches
from handlers.results.list_filter import ListFilter
from handlers.results.text_search import has_all, searched_words
from handlers.views.candidate_view import unlocked
from runtime.slices import Rests, Slices
from store.accounts.companies import Member
from store.by_ids import chunks
from store.notes.candidate_records import CandidateRecords
from store.notes.marked import Marked
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.results.result_filter import ResultFilter
from store.results.results import Results
from store.resumes.contacts import Contacts
from store.resumes.masked_texts import reveal
from store.resumes.resumes import Resumes

MOST_KEPT = 1_000
"""People with a mark, and favourites, that a list is filtered by, the latest. A query reads a hundred."""
_CHUNK = 25
"""Resumes that a search reads at a time. It bounds the memory of a search, and how long others wait for the
store meanwhile."""


class Picked(msgspec.Struct, frozen=True):
    """A filter with the people that it means.

    Attributes:
        which: The filter as the store takes it.
        looked_at: How many results a search has looked at; 0 without one.
    """

    which: ResultFilter
    looked_at: int = 0


class ListPicks:
    """Belongs to one event loop."""

    def __init__(
        self,
        results: Results,
        resumes: Resumes,
        contacts: Contacts,
        candidate_records: CandidateRecords,
        people_marked: Marked,
        records: PersonRecords,
        persons: Persons,
        found: FoundSearches,
    ) -> None:
        self._results = results
        self._resumes = resumes
        self._contacts = contacts
        self._candidate_records = candidate_records
        self._people_marked = people_marked
        self._records = records
        self._persons = persons
        self._found = found

    async def pick(
        self,
        member: Member,
        feed_id: str,
        params: ListFilter,
        which: ResultFilter,
        *,
        length: int,
        request_id: str,
    ) -> Picked:
        """Find out whom the parameters mean.

        What a search found among more than 100 results may be a minute old.

        Args:
            member: Who asks; the feed is one of their company's.
            feed_id: The feed.
            params: What the client asks for.
            which: The filter of the same parameters.
            length: How many results the list has about, without filters.
            request_id: For the audit of the contacts that a search looks at.
        """
        if params.mark or params.favourite:
            which = msgspec.structs.replace(which, resumes=await self._kept(member.company, params))
        words = searched_words(params.search)
        if not words:
            return Picked(which)
        search = (member.company, feed_id, *_fields(params), tuple(words))
        found = self._found.find(search)
        if found is None:
            first = await self._results.first(
                member.company, feed_id, which, order=params.sort, most=MOST, length=length
            )
            found = Found(await self._search(member, words, first, request_id), len(first))
            self._found.keep(search, found)
        return Picked(msgspec.structs.replace(which, resumes=tuple(found.resumes)), found.looked_at)

    async def _kept(self, company_id: str, params: ListFilter) -> tuple[str, ...]:
        """The resumes of the people with a last mark, and of favourites; of both who is both."""
        found: set[str] | None = None
        if params.favourite:
            watched = await self._candidate_records.all_watched(company_id, limit=MOST_KEPT)
            groups = await self._persons.groups_for(company_id, [one.resume for one in watched])
            found = {id_ for resume, others in groups.items() for id_ in (resume, *others)}
        if params.mark:
            marked = await self._marked(company_id, params.mark)
            found = marked if found is None else found & marked
        return tuple(sorted(found or ()))

    async def _marked(self, company_id: str, mark: str) -> set[str]:
        marked = await self._people_marked.page(company_id, mark, skip=0, limit=MOST_KEPT)
        groups = await self._persons.groups_for(company_id, marked)
        return {id_ for resume, others in groups.items() for id_ in (resume, *others)}

    async def _search(
        self, member: Member, words: Sequence[str], resume_ids: Sequence[str], request_id: str
    ) -> list[str]:
        """Those of some resumes in which every word is found, in their order.

        Texts are compared as the account sees them: masked, and without the name, until the contact is
        unlocked. No index of the store can do that.
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
                if has_all(words, "all", resume, contact.name if contact else ""):
                    found.append(id_)
                await slices.rest()
            await rests.rest()
        return found


def _fields(params: ListFilter) -> tuple[object, ...]:
    """The values of a filter, without those that only say which page of it."""
    return tuple(getattr(params, name) for name in ListFilter.__struct_fields__)
