"""Persons: which resumes are one person's, for everybody and as one company decided.

    await persons.came({resume_id: ["p:13800001111 林晚照"]})   # its contact is stored
    await persons.groups([resume_id])                       # {resume_id: [other, …]}
    await persons.part(company_id, resume_id, other)           # for that company, until it joins them

Whenever keys are stored, change or go, who is one person is found out anew, for everybody who is concerned.
What was found is stored in one transaction, then the lists are settled by it, and last it is noted that they
are: a process that is killed in between is followed by one that does the rest, as whoever stores keys of a
resume does so again until it is scored. Keys are stored before they are looked for, so of two processes the
later one finds both. The transaction touches the resumes that it found: who scores one of them at the same
time does so again, and knows.

What a company decides is one transaction with its lists.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.by_ids import chunks, object_ids, update_by_ids
from store.errors import ListFull, PersonFull
from store.ids import decision_id
from store.mongo import Database
from store.persons.person_entries import NOTHING, Around, Entry, PersonEntries
from store.persons.person_groups import MOST_RESUMES, Decision, others_in
from store.persons.person_lists import PersonLists
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

MOST_DECISIONS = 1_000
"""Pairs of which a company may have decided; more are refused. All are read, and who is one person is found
out by them, wherever one of their resumes is: with so many it takes some milliseconds of the loop that all
companies share. With fewer, a recruiter might come near it by hand; this is three a day for a year."""


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """The resumes that have to do with one.

    Attributes:
        seen: The others of its person, as a company sees it.
        by_keys: The others of its person by their keys.
        many: More resumes than a person has share keys with it, so that `by_keys` may not be all of them.
    """

    seen: list[str]
    by_keys: list[str]
    many: bool


class Persons:
    """The collections `persons` and `person_decisions`. Belongs to one event loop.

    What decides raises `ListFull` where the company decided of as many pairs as it may.
    """

    def __init__(self, database: Database, counters: ResultCounters) -> None:
        self._database = database
        self._counters = counters
        self._resumes = database.resumes
        self._persons = database.persons
        self._decisions = database.person_decisions
        self.entries = PersonEntries(database)
        self.lists = PersonLists(database, counters, self.entries)
        self.listed_once = self.lists.listed_once

    async def groups(self, resume_ids: Sequence[str]) -> dict[str, list[str]]:
        """The other resumes of each resume's person, by their keys: ids in order, none for one alone."""
        entries = await self.entries.find(resume_ids)
        return {id_: sorted(entries.get(id_, NOTHING).others) for id_ in resume_ids}

    async def groups_for(self, company_id: str, resume_ids: Sequence[str]) -> dict[str, list[str]]:
        """The same as a company sees it, which may have joined and parted some."""
        return (await self.entries.seen_by({company_id: resume_ids}))[company_id]

    async def circles(self, company_id: str, resume_ids: Sequence[str]) -> dict[str, Circle]:
        """The resumes that have to do with each of some, for a company."""
        entries = await self.entries.find(resume_ids)
        seen = (await self.entries.seen_by({company_id: resume_ids}, entries))[company_id]
        return {
            id_: Circle(seen=seen[id_], by_keys=sorted(entry.others), many=entry.many)
            for id_ in resume_ids
            for entry in [entries.get(id_, NOTHING)]
        }

    async def same_by_keys(self, groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Those of each resume's others that its keys lead to, so that no join of a company is among them.

        For those who are alone nothing is read.
        """
        by_keys = await self.groups([id_ for id_, others in groups.items() if others])
        return {id_: sorted({*others}.intersection(by_keys.get(id_, ()))) for id_, others in groups.items()}

    async def if_joined(self, company_id: str, a: str, b: str) -> list[str]:
        """All resumes of the person that a join would make; the two first, `b` unless parts keep it away.

        Raises:
            PersonFull: They would be more than `MOST_RESUMES`.
        """
        first, second = sorted((a, b))
        former = await self._with_room(company_id, (first, second))
        join = Decision(first, second, True, datetime.now(UTC))
        others = await self.entries.seen_with({**former, join.pair: join}.values(), a)
        is_joined = join.pair in former and former[join.pair].same
        if len(others) >= MOST_RESUMES and not is_joined:
            raise PersonFull
        return [a, *sorted(others, key=lambda id_: (id_ != b, id_))]

    async def parted(self, company_id: str) -> set[tuple[str, str]]:
        """The pairs that a company took for two persons', the lesser id first."""
        decisions = await self.entries.decisions(company_id)
        return {decision.pair for decision in decisions if not decision.same}

    async def join(self, company_id: str, a: str, b: str) -> None:
        """Take two resumes for one person's in a company; on return its lists are so."""
        await self._decide(company_id, a, b, same=True)

    async def part(self, company_id: str, a: str, b: str) -> None:
        """Take two resumes for two persons' in a company; on return its lists are so."""
        await self._decide(company_id, a, b, same=False)

    async def came(self, keys: Mapping[str, Collection[str]]) -> None:
        """Find out whose some resumes are whose keys have just been stored, and settle lists by it."""
        for part in chunks(list(keys)):
            await self._find_out(part, {id_: keys[id_] for id_ in part})

    async def find_out(self, resume_ids: Sequence[str]) -> None:
        """The same of resumes whatever is stored of them; also lists that nobody settled are settled."""
        for part in chunks(resume_ids):
            await self._find_out(part, {})
            entries = await self.entries.find(part)
            await self.lists.settle_all([id_ for id_, entry in entries.items() if not entry.is_alone])

    async def gone(self, resume_id: str) -> None:
        """Let a resume go whose contact is deleted in this transaction, with what was decided of it."""
        entries = await self.entries.find([resume_id])
        if entries:
            await self._find_out([resume_id], {})
            await self._forget_decisions(resume_id)
            await self._persons.delete_one({"_id": ObjectId(resume_id)})

    async def _with_room(self, company_id: str, pair: tuple[str, str]) -> dict[tuple[str, str], Decision]:
        """What a company decided, by pair."""
        former = {decision.pair: decision for decision in await self.entries.decisions(company_id)}
        if pair not in former and len(former) >= MOST_DECISIONS:
            raise ListFull
        return former

    @again_after_conflict
    async def _decide(self, company_id: str, a: str, b: str, *, same: bool) -> None:
        first, second = sorted((a, b))
        async with self._counters.noting(company_id):
            await self._with_room(company_id, (first, second))
            mark = {"$set": {"decided": True}, "$inc": {"n": 1}}
            await bulk(
                self._persons, [UpdateOne({"_id": id_}, mark, upsert=True) for id_ in object_ids((a, b))]
            )
            # Who was one person before may not be any more, and has to be looked at too.
            before = await self.groups_for(company_id, [a, b])
            fields = {
                "company": ObjectId(company_id),
                "resumes": object_ids((first, second)),
                "same": same,
                "at": datetime.now(UTC),
            }
            key = {"_id": ObjectId(decision_id(company_id, first, second))}
            await self._decisions.update_one(key, {"$set": fields}, upsert=True)
            after = await self.groups_for(company_id, [a, b])
            everybody = {
                a,
                b,
                *(one for groups in (before, after) for some in groups.values() for one in some),
            }
            await self.lists.settle_all(everybody, company_id)

    async def _forget_decisions(self, resume_id: str) -> None:
        """Delete what was decided of a resume that is gone; what it held together is settled."""
        for row in await self._decisions.find({"resumes": ObjectId(resume_id)}).to_list(None):
            company, named = str(row["company"]), [str(id_) for id_ in row["resumes"]]
            async with self._counters.noting(company):
                seen = await self.groups_for(company, named)
                await self._decisions.delete_one({"_id": row["_id"]})
                everybody = {*named, *(id_ for others in seen.values() for id_ in others)}
                await self.lists.settle_all(everybody, company)

    async def _find_out(self, start: Sequence[str], keys: Mapping[str, Collection[str]]) -> None:
        # Of those who are alone nothing is written, and of the others both are read again.
        entries, around = await self.entries.find(start), await self.entries.around(start, keys)
        alone = _alone(start, entries, around)
        start = [id_ for id_ in start if id_ not in alone]
        if not start:
            return
        concerned = set(start) | _wider(start, set(start), entries, around)
        due, stored = await self._store(start, concerned)
        if due:
            await self.lists.settle_all(due)
            await self.entries.settled(stored)

    @again_after_conflict
    async def _store(self, start: Sequence[str], concerned: set[str]) -> tuple[set[str], dict[str, int]]:
        """Store what is found of resumes; returns whose lists are due, and the numbers of the entries."""
        async with self._database.transaction():
            several, concerned, entries, around = await self._look(start, concerned)
            found = _found(several, concerned, entries, around)
            changes = {
                id_: (entries.get(id_, NOTHING), entry)
                for id_, entry in found.items()
                if not entry.says(entries.get(id_, NOTHING))
            }
            await self.entries.replace(changes)
            await update_by_ids(self._resumes, object_ids(changes), {"$inc": {"persons": 1}})
        numbers = {id_: found[id_].n + (id_ in changes) for id_ in several if found[id_].due}
        return {other for id_ in numbers for other in found[id_].due}, numbers

    async def _look(
        self, start: Sequence[str], concerned: set[str]
    ) -> tuple[Sequence[str], set[str], dict[str, Entry], Around]:
        """Those of some resumes that are not alone, whom they concern, and what is stored of these."""
        while True:
            entries = await self.entries.find(concerned)
            around = await self.entries.around(concerned)
            wider = _wider(start, concerned, entries, around)
            if wider <= concerned:
                return start, concerned, entries, around
            alone = _alone(start, entries, around)
            start = [id_ for id_ in start if id_ not in alone]
            concerned = (concerned | wider) - alone


def _wider(
    start: Sequence[str], concerned: set[str], entries: Mapping[str, Entry], around: Around
) -> set[str]:
    """Whom some resumes concern too, by what was read of those that they were known to concern."""
    persons = around.persons()
    wider = {other for id_ in concerned for other in persons.get(id_, ())}
    wider |= {other for id_ in concerned for other in entries.get(id_, NOTHING).others}
    wider |= {other for id_ in start for other in around.many.get(id_, ())}
    return wider | {other for id_ in start for other in entries.get(id_, NOTHING).due}


def _alone(start: Collection[str], entries: Mapping[str, Entry], around: Around) -> set[str]:
    """Those who share no key and never did. They are done, as who shares one from now on looks itself."""
    named = {id_ for entry in entries.values() for id_ in entry.others | entry.due}
    return {id_ for id_ in start if id_ not in entries and around.is_alone(id_)} - named


def _found(
    start: Sequence[str], concerned: Collection[str], entries: Mapping[str, Entry], around: Around
) -> dict[str, Entry]:
    """What is to be stored of everybody who is concerned."""
    persons = around.persons()
    found = {
        id_: msgspec.structs.replace(
            entries.get(id_, NOTHING),
            others=frozenset(others_in(persons, id_)),
            many=id_ in around.many,
        )
        for id_ in concerned
    }
    changed = {id_ for id_, entry in found.items() if entry.others != entries.get(id_, NOTHING).others}
    for position, id_ in enumerate(start):
        before, entry = entries.get(id_, NOTHING), found[id_]
        # The first also has those that another's going or coming has moved: the seventeenth.
        mine = changed & {id_, *before.others, *entry.others}
        due = before.due | (mine if position else changed)
        found[id_] = msgspec.structs.replace(entry, due=due)
    return found
