"""Whom of a feed's list the filters about people mean: those with a mark, favourites, and who a search finds.

What they are about is not in a result, but in what the account keeps of a person and in resumes. So they
become the resumes of a `ResultFilter`, whose results are read by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from handlers.results.found_searches import MOST, Found, FoundSearches
from handlers.results.list_filter import ListFilter
from handlers.results.resume_search import ResumeSearch
from handlers.results.text_search import has_all, searched_words
from store.accounts.companies import Member
from store.notes.candidate_records import CandidateRecords
from store.notes.marked import Marked
from store.persons.persons import Persons
from store.results.result_filter import ResultFilter
from store.results.results import Results

MOST_KEPT = 1_000
"""People with a mark, and favourites, that a list is filtered by, the latest. A query reads a hundred."""


class Picked(msgspec.Struct, frozen=True):
    """A filter with the people that it means.

    Attributes:
        which: The filter as the store takes it.
        looked_at: How many results a search has looked at; 0 without one.
    """

    which: ResultFilter
    looked_at: int = 0


class ListPicks(msgspec.Struct, frozen=True):
    """Belongs to one event loop."""

    _results: Results
    _search: ResumeSearch
    _candidate_records: CandidateRecords
    _people_marked: Marked
    _persons: Persons
    _found: FoundSearches

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
        """Find out whom the parameters of a list mean, of which `which` is the filter.

        The feed is one of the member's company, and has about `length` results without filters. What a search
        found among more than 100 results may be a minute old; the contacts that it looks at are audited.
        """
        if params.mark or params.favourite:
            kept = await self._kept(member, params)
            named = kept if which.resumes is None else tuple(id_ for id_ in kept if id_ in which.resumes)
            which = msgspec.structs.replace(which, resumes=named)
        if params.unclaimed:
            which = msgspec.structs.replace(which, without=await self._claimed(member))
        words = searched_words(params.search)
        if not words:
            return Picked(which)
        search = (member.user, feed_id, *_fields(params), tuple(words))

        async def look() -> Found:
            first = await self._results.first(
                member.company, feed_id, which, order=params.sort, most=MOST, length=length
            )
            resumes = await self._search.among(
                member,
                first,
                lambda resume, contact: has_all(words, "all", resume, contact),
                request_id,
            )
            return Found(resumes, len(first))

        found = await self._found.of(search, look)
        return Picked(msgspec.structs.replace(which, resumes=tuple(found.resumes)), found.looked_at)

    async def _kept(self, member: Member, params: ListFilter) -> tuple[str, ...]:
        """The resumes of the people with a last mark, and of favourites; of both who is both."""
        found: set[str] | None = None
        if params.favourite:
            watched = await self._candidate_records.watched(member, limit=MOST_KEPT)
            found = await self._persons_of(member, [one.resume for one in watched])
        if params.mark:
            of_mark = await self._people_marked.of_company(member.company, params.mark, limit=MOST_KEPT)
            marked = await self._persons_of(member, of_mark)
            found = marked if found is None else found & marked
        return tuple(sorted(found or ()))

    async def _claimed(self, member: Member) -> tuple[str, ...]:
        """All resumes of whom colleagues are with."""
        claims = await self._candidate_records.claimed(member.company)
        resumes = [claim.resume for claim in claims if claim.by != member.user]
        return tuple(sorted(await self._persons_of(member, resumes)))

    async def _persons_of(self, member: Member, resumes: Sequence[str]) -> set[str]:
        """All resumes of the persons of some."""
        groups = await self._persons.groups_for(member.company, resumes)
        return {id_ for resume, others in groups.items() for id_ in (resume, *others)}


def _fields(params: ListFilter) -> tuple[object, ...]:
    """The values of a filter, without those that only say which page of it."""
    return tuple(getattr(params, name) for name in ListFilter.__struct_fields__)
