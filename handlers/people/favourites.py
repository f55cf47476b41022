"""`GET /resume/follow/list/`: the favourites, page by page, and the search in them.

How a search compares texts is in `text_search`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Moment, Ok, Shape
from handlers.people.kept_people import FollowResume, KeptPeople
from handlers.results.found_searches import MOST, Found, FoundSearches
from handlers.results.results import PageIndex, PageSize
from handlers.results.resume_search import ResumeSearch
from handlers.results.text_search import SearchField, has_all, searched_words
from handlers.views.candidate_view import unlocked
from handlers.views.page_answer import answer_page
from runtime.clock import clock_text
from runtime.decoding import Id
from store.notes.candidate_records import CandidateRecord, CandidateRecords
from store.persons.person_records import PersonRecords, regrouped
from store.persons.persons import Persons
from store.results.results import Results


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

    searches_by = "keywords"

    params: FollowQuery
    results: Results
    candidate_records: CandidateRecords
    records: PersonRecords
    persons: Persons
    search: ResumeSearch
    found: FoundSearches
    people: KeptPeople

    async def handle(self) -> None:
        """Without `keywords` all favourites are listed, each person once. A search looks at the 1,000 newest.

        What is found among more than 100 may be a minute old, unless some were added or removed.
        """
        start, size = self.params.start, self.params.size
        words = searched_words(self.params.keywords)
        if words:
            # A search has to read all favourites anyway, so each page of it is cut from all that it found.
            found = await self._found(words)
            total, some = len(found), found[start * size : (start + 1) * size]
            records = await self.candidate_records.find_for(self.company_id, some, watcher=self.user_id)
            # One that was removed since it was found is none any more.
            page = [records[one] for one in some if one in records and records[one].watch]
        else:
            total = await self.candidate_records.count_watched(self.member)
            page = await self.candidate_records.watched(self.member, skip=start * size, limit=size)
        next_start = start + 1 if (start + 1) * size < total else -1
        await answer_page(self, await self._view(page), total_count=total, next_start=next_start)

    async def _found(self, words: Sequence[str]) -> list[str]:
        """The resumes of the favourites in which every word is found, newest first."""
        count = await self.candidate_records.count_watched(self.member)
        newest = [one.watch for one in await self.candidate_records.watched(self.member, limit=1)]
        search = (self.user_id, "favourites", self.params.search_fields, tuple(words), count, *newest)

        async def look() -> Found:
            watched = await self.candidate_records.watched(self.member, limit=MOST)
            resumes = await self.search.among_persons(
                self.member,
                [one.resume for one in watched],
                lambda resume, contact: has_all(words, self.params.search_fields, resume, contact),
                self.request_id,
            )
            return Found(resumes, len(watched))

        return (await self.found.of(search, look)).resumes

    async def _view(self, watched: Sequence[CandidateRecord]) -> list[FollowItem]:
        """Favourites as clients see them; one whose resume was erased meanwhile is left out."""
        page = [(one.watch, one.resume) for one in watched if one.watch]
        groups = await self.persons.groups_for(self.company_id, [found for _, found in page])
        newest = await self.records.newest(self.company_id, groups)
        kept = await self.records.find_in(self.company_id, regrouped(groups, newest))
        shown = [newest[found] for _, found in page]
        people = await self.people.shown(self.member, shown, unlocked(kept), self.request_id)
        keywords = await self.results.find_keywords(
            self.company_id, [(watch.feed, id_) for watch, found in page for id_ in {newest[found], found}]
        )
        return [
            FollowItem(
                feed_id=watch.feed,
                add_time=clock_text(watch.at),
                # The newest resume need not be in the list in which an older one was found.
                keywords=keywords.get((watch.feed, newest[found])) or keywords.get((watch.feed, found), []),
                resume=people[newest[found]].resume,
                to_confirm=people[newest[found]].to_confirm,
                has_original=people[newest[found]].has_original,
            )
            for watch, found in page
            if newest[found] in people
        ]
