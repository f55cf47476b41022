"""`GET /resumes/marked/`: whom the account has marked, over all its feeds, by how things stand.

How many they are is counted each time where they are few, in milliseconds. To count many takes the store
long: their number is kept for a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated

import msgspec
from cachetools import TTLCache

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Flag, Ok, Seconds, Shape
from handlers.people.kept_people import FollowResume, KeptPeople
from handlers.people.search import is_found
from handlers.results.found_searches import MOST
from handlers.results.results import PageIndex, PageSize
from handlers.results.resume_search import ResumeSearch
from handlers.results.text_search import searched_words
from handlers.views.candidate_view import CommentView, MarkView, authors_of, comment_log, mark_log, unlocked
from handlers.views.member_names import Names
from handlers.views.page_answer import answer_page
from runtime.clock import SHANGHAI, unix_seconds
from runtime.decoding import Id
from store.accounts.companies import Member
from store.notes.marked import MarkCounts, Marked
from store.persons.person_records import PersonRecords, regrouped
from store.persons.persons import Persons

FEW = 300
"""Marked people up to which each request counts anew."""
_KEPT_S = 60.0
"""Seconds for which the counts of more are given again, unless this process changes a mark of the account."""
_MAX_ACCOUNTS = 1_000
"""Accounts whose counts are kept; each is some names and numbers."""


class KeptCounts:
    """The counts of one process. Belongs to one event loop."""

    def __init__(self, marked: Marked) -> None:
        self._marked = marked
        self._kept: TTLCache[str, tuple[date, MarkCounts]] = TTLCache(_MAX_ACCOUNTS, _KEPT_S)

    async def of(self, member: Member, today: date) -> MarkCounts:
        """How many people an account has marked; of more than `FEW` it may be a minute old."""
        day, kept = self._kept.get(member.user, (today, None))
        if kept is not None and day == today:
            return kept
        counts = await self._marked.counts(member, today)
        if counts.total > FEW:
            self._kept[member.user] = today, counts
        return counts

    def forget(self, user_id: str) -> None:
        """The account has changed a mark."""
        self._kept.pop(user_id, None)


class MarkedQuery(msgspec.Struct, kw_only=True):
    """The parameters of `marked`.

    Attributes:
        size: People a page.
        mark_name: Whose latest mark has this name; left out for any.
        remind: 1 for those with a reminder only, in the order in which to come back to them: today's, then
            those that are overdue, then the coming ones; within a day by the hour.
        q: Words, as the search over all feeds takes them; looked for in the first 1,000.
    """

    start: PageIndex = 0
    size: PageSize = 10
    mark_name: Annotated[str, msgspec.Meta(max_length=50)] = ""
    remind: Flag = 0
    q: Annotated[str, msgspec.Meta(max_length=50)] = ""


class MarkCount(Shape):
    """How many people's latest mark has a name."""

    mark_name: str
    count: int


class MarkedItem(Shape):
    """One person.

    Attributes:
        feed_id: The feed for which the latest mark was made.
        mark_name: The latest mark's, as are `good_result`, `mark_time`, `remind_on` and `remind_at`.
        is_due: Whether the day of the reminder has come.
        favStatus: As in an `Item`, as are the logs, `to_confirm` and `has_original`.
    """

    feed_id: Id
    mark_name: str
    good_result: bool
    mark_time: Seconds
    remind_on: str
    remind_at: str
    is_due: bool
    favStatus: bool
    mark_log: list[MarkView]
    comment_log: list[CommentView]
    resume: FollowResume
    to_confirm: bool
    has_original: bool


class MarkedAnswer(Ok):
    """One page of marked people, the latest mark first; with `remind` in the order of that.

    Attributes:
        total_count: What paging can reach.
        marked_count: All marked people.
        due_count: Those whose day to come back has come.
        later_count: Those whose day is to come.
        marks: How many there are by their latest mark, the most first.
        next_start: `start` of the next page; -1 on the last.
    """

    total_count: int
    marked_count: int
    due_count: int
    later_count: int
    marks: list[MarkCount]
    next_start: int
    data: list[MarkedItem]


class MarkedHandler(ApiHandler):
    """`GET /resumes/marked/`."""

    contract = Contract("Marked people, by how things stand", query=MarkedQuery, answer=MarkedAnswer)

    searches_by = "q"

    params: MarkedQuery
    marked: Marked
    counts: KeptCounts
    records: PersonRecords
    persons: Persons
    people: KeptPeople
    names: Names
    search: ResumeSearch

    async def handle(self) -> None:
        """Each person is listed once, by their latest mark, whichever of their resumes it was made on.

        Of more than 300 people the counts may be a minute old.
        """
        params, today = self.params, datetime.now(UTC).astimezone(SHANGHAI).date()
        counts = await self.counts.of(self.member, today)
        skip, few = params.start * params.size, counts.total <= FEW
        if words := searched_words(params.q):
            all_found = await self.search.among_persons(
                self.member,
                await self._page(today, 0, MOST, few=few),
                lambda resume, contact: is_found(words, resume, contact),
                self.request_id,
            )
            found, total = all_found[skip : skip + params.size + 1], len(all_found)
        else:
            found = await self._page(today, skip, params.size + 1, few=few)
            # What is read now is newer than the counts.
            total = max(_total(counts, params), skip + len(found) if found else 0)
        has_more = len(found) > params.size
        await answer_page(
            self,
            await self._view(found[: params.size], today.isoformat()),
            total_count=total if has_more or not found else skip + len(found),
            marked_count=counts.total,
            due_count=counts.due,
            later_count=counts.later,
            marks=[
                MarkCount(name, count)
                for name, count in sorted(counts.by_mark.items(), key=lambda one: (-one[1], one[0]))
            ],
            next_start=params.start + 1 if has_more else -1,
        )

    async def _page(self, today: date, skip: int, limit: int, *, few: bool) -> list[str]:
        """Resumes of those who are asked for, in order."""
        name = self.params.mark_name
        if not self.params.remind:
            return await self.marked.page(self.member, name, skip=skip, limit=limit)
        return await self.marked.reminders(self.member, name, today, skip=skip, limit=limit, few=few)

    async def _view(self, found: Sequence[str], today: str) -> list[MarkedItem]:
        """People as clients see them; one whose resume was erased meanwhile is left out."""
        groups = await self.persons.groups_for(self.company_id, found)
        newest = await self.records.newest(self.company_id, groups)
        found_in = regrouped(groups, newest)
        kept = await self.records.find_in(self.company_id, found_in, watcher=self.user_id)
        shown = dict.fromkeys(newest[id_] for id_ in found)
        ids = [id_ for id_ in shown if id_ in kept and kept[id_].marks]
        names = await self.names.of(authors_of(kept.values()), known=self.account)
        people = await self.people.shown(self.member, ids, unlocked(kept), self.request_id)
        items = []
        for id_ in ids:
            if id_ not in people:
                continue
            candidate, person = kept[id_], people[id_]
            last = candidate.marks[-1]
            items.append(
                MarkedItem(
                    feed_id=last.feed,
                    mark_name=last.name,
                    good_result=last.good,
                    mark_time=unix_seconds(last.at),
                    remind_on=last.remind_on,
                    remind_at=last.remind_at,
                    is_due=bool(last.remind_on) and last.remind_on <= today,
                    favStatus=candidate.watch is not None,
                    mark_log=mark_log(candidate, names),
                    comment_log=comment_log(candidate, names),
                    resume=person.resume,
                    to_confirm=person.to_confirm,
                    has_original=person.has_original,
                )
            )
        return items


def _total(counts: MarkCounts, params: MarkedQuery) -> int:
    """How many people a query finds, as far as they were counted."""
    if params.remind:
        return counts.due + counts.later
    return counts.by_mark.get(params.mark_name, 0) if params.mark_name else counts.total
