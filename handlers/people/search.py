"""`GET /resumes/search/`: one search over the lists of all feeds, for whoever is on the phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import Annotated, Literal

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok
from handlers.api.errors import BadRequest
from handlers.api.fairness import HEAVY
from handlers.results.found_searches import MOST, Found, FoundSearches
from handlers.results.results import PageIndex, PageSize
from handlers.results.resume_search import ResumeSearch
from handlers.results.text_search import SearchField, has_all, searched_words
from handlers.views.items import Item, Items
from store.feeds.feeds import Feeds
from store.notes.marked import Marked
from store.results.result_counters import ResultCounters
from store.results.result_documents import Result
from store.results.result_filter import ResultFilter
from store.results.results import Results
from store.resumes.contacts import Contact
from store.resumes.resume_record import Resume

_FIELDS: Sequence[SearchField | Literal["contact"]] = (
    "name",
    "position_title",
    "company_name",
    "school",
    "contact",
)


class SearchQuery(msgspec.Struct, kw_only=True):
    """The parameters of the search.

    Attributes:
        q: Words, each of which must be in a title, the name of a company or of a school, or, once the
            contact is unlocked, in the name, the phone (four digits or more) or the e-mail.
        size: People a page.
    """

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    start: PageIndex = 0
    size: PageSize = 10


class SearchAnswer(Ok):
    """One page of who was found: those with the latest marks first, then those listed last.

    Attributes:
        total_count: How many were found.
        searched_count: How many people were looked at: at most the 1,000 first.
        next_start: `start` of the next page; -1 on the last.
    """

    total_count: int
    searched_count: int
    next_start: int
    data: list[Item]


class SearchHandler(ApiHandler):
    """Whom the account has in its lists, by what one knows of them."""

    contract = Contract("Search people over all feeds", query=SearchQuery, answer=SearchAnswer)
    units = HEAVY

    params: SearchQuery
    feeds: Feeds
    results: Results
    counts: ResultCounters
    people_marked: Marked
    search: ResumeSearch
    found: FoundSearches
    items: Items

    async def handle(self) -> None:
        """Each person once, in one of the feeds that list them; removed ones behind those that are listed.

        What was found among more than 100 people may be a minute old.
        """
        params = self.params
        words = searched_words(params.q)
        if not words:
            raise BadRequest({"q": ["不能为空"]})
        found = await self.found.of(("people", self.user_id, *words), lambda: self._find(words))
        begin = params.start * params.size
        results = await self._results([one.split("/") for one in found.resumes[begin : begin + params.size]])
        self.ok(
            data=await self.items.list_for(self.member, results, self.request_id),
            total_count=len(found.resumes),
            searched_count=found.looked_at,
            next_start=params.start + 1 if begin + params.size < len(found.resumes) else -1,
        )

    async def _find(self, words: Sequence[str]) -> Found:
        """Who is found, each as `feed/resume`."""
        feeds = [feed.id for feed in await self.feeds.list_for(self.member)]
        counts = (await self.counts.read([self.company_id]))[self.company_id]
        marked = await self.people_marked.page(self.member, "", skip=0, limit=MOST)
        of_marked, newest = dict[str, str](), dict[str, str]()
        # Who was called and then removed calls back, too.
        for removed, feed in product((False, True), feeds):
            if marked:
                which = ResultFilter(tier="all", resumes=tuple(marked), removed=removed)
                rows = await self.results.first(self.company_id, feed, which, order="new", most=MOST)
                of_marked |= {id_: feed for id_ in rows if id_ not in of_marked}
            which = ResultFilter(tier="all", removed=removed)
            length = (
                await self.results.count_removed(self.company_id, feed, which)
                if removed
                else counts.kept_of(feed, "all")
            )
            most = max(1, MOST // len(feeds))
            rows = await self.results.first(
                self.company_id, feed, which, order="new", most=most, length=length
            )
            newest |= {id_: feed for id_ in rows if id_ not in newest}
        looked_at = {id_: of_marked[id_] for id_ in marked if id_ in of_marked}
        looked_at |= {id_: feed for id_, feed in newest.items() if id_ not in looked_at}
        ids = list(looked_at)[:MOST]
        found = await self.search.among(
            self.member, ids, lambda resume, contact: is_found(words, resume, contact), self.request_id
        )
        return Found([f"{looked_at[id_]}/{id_}" for id_ in found], len(ids))

    async def _results(self, pairs: Sequence[Sequence[str]]) -> list[Result]:
        """The results of (feed, resume), in their order; those that are gone meanwhile are left out."""
        of_feed: defaultdict[str, list[str]] = defaultdict(list)
        for feed, resume in pairs:
            of_feed[feed].append(resume)
        rows: dict[tuple[str, str], Result] = {}
        for feed, resumes in of_feed.items():
            some = await self.results.some(self.company_id, feed, resumes)
            rows |= {(feed, id_): row for id_, row in some.items()}
        return [rows[feed, resume] for feed, resume in pairs if (feed, resume) in rows]


def is_found(words: Sequence[str], resume: Resume, contact: Contact | None) -> bool:
    """Whether each word is in a title, a company or a school, or in the name; or all are in the contact."""
    of_words = (any(has_all([word], field, resume, contact) for field in _FIELDS) for word in words)
    return all(of_words) or has_all(words, "contact", resume, contact)
