"""Keeps each person once in each list: settles which of their results is listed, and lets results go.

    async with counters.changing(lists) as change:
        placed = await person_lists.place(documents)       # how they will stand
        ...                                                # insert them
        await person_lists.make(placed, change)            # and move those that are there

All of that is one transaction. Who is one person may change beside it: whoever finds that out stores it
first, and settles the lists after that (`persons`). So whoever writes results of many resumes looks once more
afterwards, by `settle_saved`: of the two the later one finds both. What has to change is decided in
`person_results`, who is one person in `person_entries`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo import UpdateMany, UpdateOne

from store.bulk import bulk, set_each
from store.by_ids import chunks, find_by_ids, object_ids, of_companies
from store.ids import result_id
from store.mongo import Database
from store.persons.person_entries import NOTHING, PersonEntries, card_of
from store.persons.person_groups import MOST_RESUMES, Card, components, others_in, persons_of
from store.persons.person_results import FIELDS, Document, Move, arrange, is_attached
from store.results.listed_once import ListedOnce
from store.results.result_counters import Changing, ResultCounters
from store.results.result_documents import key_of
from store.results.work import Outcome
from store.transactions import again_after_conflict

_MOVES = 50
"""Results that are moved in one round trip. On a busy machine the embedded store may take longer for more
than the driver waits."""

_WRITES = 20
"""Writes in one round trip, for the same reason: each may be of one result."""

_READ = 50
"""Results that one query names. For a hundred the embedded store takes half as long again."""

List = tuple[str, str]
"""A list: its company and its feed."""


class PersonLists:
    """The collection `results`, as far as results of one person have to do with each other."""

    def __init__(self, database: Database, counters: ResultCounters, entries: PersonEntries) -> None:
        self._results = database.results
        self._counters = counters
        self._entries = entries
        self.listed_once = ListedOnce(database, counters, entries)

    async def settle_saved(self, saved: Collection[tuple[str, str, str]]) -> None:
        """Settle lists into which results were written just now, as (company, feed, resume).

        Most resumes are alone, which one look for all shows.
        """
        await self.settle(await self._shared(saved))

    async def place(self, documents: Sequence[dict[str, Any]]) -> list[Move]:
        """Give results that are about to be inserted the place and the state that they will have.

        Returns:
            What has to change in results that are there already, for `make` after the insert.
        """
        lists = await self._shared([(str(o["company"]), str(o["feed"]), str(o["resume"])) for o in documents])
        fresh = {one["_id"]: one for one in documents}
        rest = []
        for move in (await self.unsettled(lists, fresh))[0] if lists else []:
            if (document := fresh.get(move.before["_id"])) is move.before:
                document.update(move.after)
            else:
                rest.append(move)
        return rest

    async def _shared(self, results: Collection[tuple[str, str, str]]) -> dict[List, set[str]]:
        """Of (company, feed, resume), by list the resumes that may be one person's with others."""
        found = await self._entries.find({resume for _, _, resume in results})
        lists: defaultdict[List, set[str]] = defaultdict(set)
        for company, feed, resume in results:
            if resume in found and not found[resume].is_alone:
                lists[company, feed].add(resume)
        return lists

    async def settle_all(self, resume_ids: Collection[str], company_id: str | None = None) -> None:
        """Settle all lists that have one of some resumes, favourites too; or those of one company."""
        entries = await self._entries.find(resume_ids)
        everybody = {*resume_ids, *(other for entry in entries.values() for other in entry.others)}
        entries |= await self._entries.find(everybody.difference(resume_ids))
        where = {"company": ObjectId(company_id)} if company_id else {}
        fields = dict.fromkeys(("company", "feed", "resume", "under", "others"), 1)
        rows = await find_by_ids(self._results, object_ids(everybody), fields, key="resume", where=where)
        found: defaultdict[List, list[Document]] = defaultdict(list)
        for row in rows:
            found[str(row["company"]), str(row["feed"])].append(row)
        # Whose result stands alone in a list, by all their resumes, is there once, unless a company decided.
        is_decided = company_id is not None or any(entry.decided for entry in entries.values())
        lists = {
            one: {str(row["resume"]) for row in those}
            for one, those in found.items()
            if is_decided or len(those) > 1 or is_attached(those[0])
        }
        for part in chunks(list(lists)):
            await self.settle({one: lists[one] for one in part})
        await self.listed_once.settle(resume_ids, company_id)

    @again_after_conflict
    async def settle(self, lists: Mapping[List, Collection[str]]) -> None:
        """Have each person once in lists, as far as some of their resumes, given by list, are concerned."""
        todo = {one: set(resumes) for one, resumes in lists.items()}
        if not todo:
            return
        async with self._counters.changing(list(todo)) as change:
            while todo:
                moves, todo = await self.unsettled(todo)
                await self.make(moves, change)

    async def unsettled(
        self, lists: Mapping[List, set[str]], fresh: Mapping[ObjectId, Document] = {}
    ) -> tuple[list[Move], dict[List, set[str]]]:
        """What has to change in lists, by the resumes that are asked for, and whom to look at afterwards.

        `fresh` are results that are about to be inserted, unless they are there.
        """
        asked: defaultdict[str, set[str]] = defaultdict(set)
        for (company, _), resumes in lists.items():
            asked[company] |= resumes
        seen = await self._entries.seen_by(asked)
        persons = {
            one: _disjoint([{id_, *seen[one[0]][id_]} for id_ in sorted(resumes)])
            for one, resumes in lists.items()
        }
        found = {**fresh} | await self._read(
            {
                ObjectId(result_id(feed, id_)): ObjectId(company)
                for (company, feed), groups in persons.items()
                for person in groups
                for id_ in person
            }
        )
        moves: list[Move] = []
        again: dict[List, set[str]] = {}
        for one, groups in persons.items():
            for person in groups:
                rows = [found[key] for id_ in person if (key := ObjectId(result_id(one[1], id_))) in found]
                if changes := arrange(rows):
                    # Those that it was one with before have to be looked at too.
                    if apart := {str(id_) for row in rows for id_ in _attached_to(row)} - person:
                        again.setdefault(one, set()).update(apart)
                    moves += changes
        return moves, again

    async def note_outcome(
        self, company_id: str, feed_id: str, resume_id: str, outcome: Outcome | None
    ) -> None:
        """Have a result say what came of its resume last; nothing where the resume is not in the list."""
        id_, company = ObjectId(result_id(feed_id, resume_id)), ObjectId(company_id)
        which = {"_id": id_, "company": company, "feed": ObjectId(feed_id)}
        change: dict[str, Any] = (
            {"$set": {"outcome": outcome.work, "outcome_at": outcome.at}}
            if outcome
            else {"$unset": {"outcome": "", "outcome_at": ""}}
        )
        if (await self._results.update_one(which, change)).matched_count:
            await self.settle({(company_id, feed_id): [resume_id]})

    async def leave(self, documents: Sequence[Document], change: Changing) -> None:
        """Let results go that are about to be deleted: what stands under one comes up, and keeps the state.

        They are given with `company`, `feed`, `under` and `others`, as far as they have them. Those that
        stand alone already cost nothing.
        """
        attached = [one for one in documents if is_attached(one)]
        leaving = {one["_id"] for one in attached}
        for family in await self._families(attached):
            await self.make(arrange(family, leaving), change)

    async def _families(self, documents: Iterable[Document]) -> list[list[Document]]:
        """All results of the persons that some results belong to, list by list."""
        tops = {_top(one): one["company"] for one in documents}
        found = await self._read(tops)
        under = await self._read(
            {
                ObjectId(result_id(str(top["feed"]), str(id_))): top["company"]
                for top in found.values()
                for id_ in top.get("others", ())
            }
        )
        families: defaultdict[Any, list[Document]] = defaultdict(list)
        for row in [*found.values(), *under.values()]:
            families[_top(row)].append(row)
        return [rows for top, rows in families.items() if top in tops]

    async def _read(self, companies: Mapping[ObjectId, ObjectId]) -> dict[ObjectId, Document]:
        """Results, of which the company is known, by id."""
        rows = await find_by_ids(
            self._results, companies, dict.fromkeys(FIELDS, 1), companies=companies, size=_READ
        )
        return {row["_id"]: row for row in rows}

    async def make(self, moves: Sequence[Move], change: Changing) -> None:
        """Make changes of results, a part at a time."""
        for part in chunks(moves, _MOVES):
            for writes in chunks(_writes(part), _WRITES):
                await bulk(self._results, writes)
            for move in part:
                change.add(move.before, -1)
                change.add(move.now, 1)


def _writes(moves: Iterable[Move]) -> list[UpdateOne | UpdateMany]:
    """As few writes as make some moves."""
    writes: list[UpdateOne | UpdateMany] = []
    alike: defaultdict[tuple[Any, ...], list[Move]] = defaultdict(list)
    for move in moves:
        if move.teaches:
            writes.append(UpdateOne(key_of(move.before), move.change))
        else:
            alike[tuple(move.after), tuple(move.gone)].append(move)
    for same in alike.values():
        fields = {move.before["_id"]: move.after for move in same}
        where = of_companies(move.before["company"] for move in same)
        writes.append(set_each(fields, where=where, without=same[0].gone))
    return writes


def _disjoint(groups: Iterable[set[str]]) -> list[set[str]]:
    """Groups, those that overlap made one: while others write who is one person, the answers may differ."""
    found: list[set[str]] = []
    for group in groups:
        overlapping = [one for one in found if not one.isdisjoint(group)]
        found = [one for one in found if one.isdisjoint(group)]
        found.append(group.union(*overlapping))
    return found


def _attached_to(document: Document) -> list[Any]:
    return [*document.get("others", ()), *([document["under"]] if "under" in document else [])]


def _top(document: Document) -> ObjectId:
    """The id of the result that is listed for a result's person."""
    if "under" in document:
        return ObjectId(result_id(str(document["feed"]), str(document["under"])))
    return ObjectId(document["_id"])


_RECHECKS = 3
_RECHECK_S = 0.2
"""Seconds between two looks at what a running server may just be changing."""


class PersonCheck:
    """For `invariants`: takes every contact and result as they are read, and then says what is wrong."""

    def __init__(self, entries: PersonEntries, lists: PersonLists) -> None:
        self._entries = entries
        self._lists = lists
        self._cards: list[Card] = []
        self._waiting: set[str] = set()
        self._attached: defaultdict[List, set[str]] = defaultdict(set)
        self._all: defaultdict[str, list[List]] = defaultdict(list)

    def note_contact(self, contact: Mapping[str, Any], *, waits: bool) -> None:
        """Take a contact, as `card_of` takes it; of whose resume waits it is not found out yet."""
        self._cards.append(card_of(contact))
        if waits:
            self._waiting.add(str(contact["_id"]))

    def note_result(self, result: Mapping[str, Any]) -> None:
        """Take a result."""
        one, resume = (str(result["company"]), str(result["feed"])), str(result["resume"])
        self._all[resume].append(one)
        if is_attached(result):
            self._attached[one].add(resume)

    async def broken(self) -> AsyncIterator[str]:
        """Give a line for each person that is not known as one, and for each that a list has wrongly."""
        persons = persons_of(self._cards)
        # Who is left out of too many changes when one of them goes, and is noted with their next news.
        many = {id_ for one in components(self._cards) if len(one) > MOST_RESUMES for id_ in one}
        lists = self._attached
        for part in chunks(sorted(persons)):
            entries = await self._entries.find(part)
            for id_ in part:
                entry = entries.get(id_, NOTHING)
                is_known = (
                    id_ in many
                    or not self._waiting.isdisjoint(persons[id_] | entry.others)
                    or sorted(entry.others) == others_in(persons, id_)
                )
                if not is_known and await self._is_unknown(id_):
                    yield f"resume {id_} is not known to be one person's with others, or is wrongly"
                if not entry.is_alone:
                    for one in self._all[id_]:
                        lists[one].add(id_)
        for names in chunks(sorted(lists)):
            if await self._is_unsettled({one: lists[one] for one in names}):
                for one in names:
                    if await self._is_unsettled({one: lists[one]}):
                        yield f"feed {one[1]} has a person twice, or in another state than the person's"

    async def _is_unknown(self, resume_id: str) -> bool:
        """Whether it is stored wrongly who is one person with a resume that does not wait to be scored."""
        for _ in range(_RECHECKS):
            entry = (await self._entries.find([resume_id])).get(resume_id, NOTHING)
            persons = (await self._entries.around([resume_id])).persons()
            if sorted(entry.others) == others_in(persons, resume_id):
                return False
            await asyncio.sleep(_RECHECK_S)
        return True

    async def _is_unsettled(self, lists: Mapping[List, set[str]]) -> bool:
        for _ in range(_RECHECKS):
            moves, _again = await self._lists.unsettled(lists)
            if not moves:
                return False
            await asyncio.sleep(_RECHECK_S)
        return True
