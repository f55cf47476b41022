"""Who was found to be one person with whom, and what recruiters decided about it: what is stored, and read.

    {_id: resume, others: [resume, …], due: [resume, …], decided: true, many: false, n: 7}           persons
    {_id: …, company: …, resumes: [a, b], same: true, at: …}                               person_decisions

A resume that shares no key with another has no entry, as nearly all. `others` are the other resumes of its
person. `due` are those whose lists have to be settled for it. `decided` says that some company joined or
parted it. `many` says that more resumes than a person has share keys with it, so that `others` may not be all
of them. `n` grows with every write.

The truth are the keys in `contacts`; an entry follows from them (`person_groups`). A contact that an operator
set apart counts as one without keys. Who writes when is in `persons`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import DeleteOne, InsertOne, UpdateMany, UpdateOne

from store.bulk import bulk, set_each
from store.by_ids import find_by_ids, find_by_keys, object_ids
from store.mongo import Database
from store.persons.person_groups import (
    MOST_RESUMES,
    Card,
    Decision,
    components,
    others_in,
    persons_of,
    users_of,
)

CROWD = 100
"""Resumes that keys connect, from which on they are nobody's: each stands alone, and no more are read. A
person has a dozen; only whoever sends one name and number over and over comes near it."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of one resume."""

    others: frozenset[str] = frozenset()
    due: frozenset[str] = frozenset()
    decided: bool = False
    many: bool = False
    n: int = 0

    @property
    def is_alone(self) -> bool:
        """Whether nobody takes it for the same person's as another."""
        return not (self.others or self.decided)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to store."""
        return not (self.others or self.due or self.decided or self.many)

    def says(self, other: Entry) -> bool:
        """Whether another entry says the same."""
        return msgspec.structs.replace(self, n=0) == msgspec.structs.replace(other, n=0)


NOTHING = Entry()


class Around:
    """Some resumes and all that keys connect with them.

    Attributes:
        cards: By resume; those of a crowd have no keys.
        many: For each resume with which more are connected than a person has, those that come first.
    """

    def __init__(self, cards: Iterable[Card]) -> None:
        self.cards = {card.resume: card for card in cards}
        self.many: dict[str, list[str]] = {}
        for component in components(self.cards.values()):
            if len(component) > MOST_RESUMES:
                self.many |= dict.fromkeys(component, component[:MOST_RESUMES])
            if len(component) > CROWD:
                self.cards |= {id_: Card(id_, ()) for id_ in component}
        self._users = users_of(self.cards.values())

    def persons(self, decisions: Collection[Decision] = ()) -> dict[str, frozenset[str]]:
        """Who is one person's with whom; certain for those that were asked for, and all of theirs."""
        return persons_of(self.cards.values(), decisions)

    def is_alone(self, resume_id: str) -> bool:
        """Whether nobody shares a key with a resume that was asked for."""
        card = self.cards.get(resume_id)
        return all(len(self._users[key]) == 1 for key in (card.keys if card else ()))


class PersonEntries:
    """Reads and writes both collections, and reads the keys in `contacts`."""

    def __init__(self, database: Database) -> None:
        self._persons = database.persons
        self._decisions = database.person_decisions
        self._contacts = database.contacts

    async def find(self, resume_ids: Iterable[str]) -> dict[str, Entry]:
        """The entries of those that have one."""
        found = await find_by_ids(self._persons, object_ids(resume_ids))
        return {str(row["_id"]): _entry(row) for row in found}

    async def replace(self, entries: Mapping[str, tuple[Entry, Entry]]) -> None:
        """Write entries, as read and as they are to be, in the transaction in which they were read."""
        writes: list[InsertOne[dict[str, Any]] | UpdateOne | DeleteOne] = []
        for resume_id, (before, after) in entries.items():
            key = {"_id": ObjectId(resume_id)}
            fields = _fields(after) | {"n": before.n + 1}
            if not before.n:
                writes.append(InsertOne({**key, **fields}))
            else:
                writes.append(DeleteOne(key) if after.is_empty else UpdateOne(key, {"$set": fields}))
        await bulk(self._persons, writes)

    async def settled(self, numbers: Mapping[str, int]) -> None:
        """Note that the lists are settled for which some resumes had something due.

        Each is given with the number of the entry that said so. Of one that has changed since it stays.
        """
        found = await self.find(numbers)
        fields: defaultdict[int, dict[ObjectId, dict[str, Any]]] = defaultdict(dict)
        writes: list[UpdateMany | DeleteOne] = []
        for id_, entry in found.items():
            if entry.n != numbers[id_]:
                continue
            if msgspec.structs.replace(entry, due=frozenset()).is_empty:
                writes.append(DeleteOne({"_id": ObjectId(id_), "n": entry.n}))
            else:
                fields[entry.n][ObjectId(id_)] = {"due": [], "n": entry.n + 1}
        writes += [set_each(some, where={"n": n}) for n, some in fields.items()]
        await bulk(self._persons, writes)

    async def around(self, resume_ids: Collection[str], keys: Mapping[str, Collection[str]] = {}) -> Around:
        """Who shares a key with resumes, who with those, and so on, up to a crowd.

        Keys that are given are not read.
        """
        fields = {"keys": 1, "apart": 1}
        unread = [id_ for id_ in resume_ids if id_ not in keys]
        cards = {id_: Card(id_, tuple(keys[id_])) for id_ in resume_ids if id_ in keys}
        for row in await find_by_ids(self._contacts, object_ids(unread), fields):
            cards[str(row["_id"])] = card_of(row)
        around, asked = Around(cards.values()), set[str]()
        while todo := {key for card in around.cards.values() for key in card.keys} - asked:
            for row in await find_by_keys(self._contacts, todo, fields, key="keys", most_each=CROWD + 1):
                cards[str(row["_id"])] = card_of(row)
            asked |= todo
            around = Around(cards.values())
        return around

    async def decisions(self, company_id: str) -> list[Decision]:
        """What a company decided, in the order of pairs."""
        rows = await self._decisions.find({"company": ObjectId(company_id)}).to_list(None)
        return sorted((_decision(row) for row in rows), key=lambda decision: decision.pair)

    async def seen_by(
        self, asked: Mapping[str, Collection[str]], entries: Mapping[str, Entry] | None = None
    ) -> dict[str, dict[str, list[str]]]:
        """The other resumes of each resume's person, as companies see it, which are asked for by company.

        Returns:
            By company and resume, the ids in order; of those that are alone none.
        """
        if entries is None:
            entries = await self.find({id_ for ids in asked.values() for id_ in ids})
        # A company may have decided about another resume of the same person.
        others = {id_ for entry in entries.values() for id_ in entry.others}
        entries = {**entries, **await self.find(others - entries.keys())}
        seen: dict[str, dict[str, list[str]]] = {}
        for company, ids in asked.items():
            seen[company] = {id_: sorted(entries.get(id_, NOTHING).others) for id_ in ids}
            persons = {one for id_ in ids for one in (id_, *entries.get(id_, NOTHING).others)}
            if any(entries.get(id_, NOTHING).decided for id_ in persons):
                seen[company] = await self._decided(await self.decisions(company), ids, entries)
        return seen

    async def seen_with(self, decisions: Collection[Decision], resume_id: str) -> list[str]:
        """The other resumes of a resume's person, as a company sees it that decided so."""
        return (await self._decided(decisions, [resume_id], {}))[resume_id]

    async def _decided(
        self, decisions: Collection[Decision], ids: Collection[str], entries: Mapping[str, Entry]
    ) -> dict[str, list[str]]:
        if not decisions:
            return {id_: sorted(entries.get(id_, NOTHING).others) for id_ in ids}
        named = {id_ for decision in decisions for id_ in decision.pair}
        entries = {**entries, **await self.find(named)}
        everybody = {other for id_ in {*ids, *named} for other in (id_, *entries.get(id_, NOTHING).others)}
        persons = (await self.around(everybody)).persons(decisions)
        return {id_: others_in(persons, id_) for id_ in ids}


def card_of(contact: Mapping[str, Any]) -> Card:
    """What a stored contact says of whose it is, of its fields `keys` and `apart`."""
    return Card(str(contact["_id"]), () if contact.get("apart") else tuple(contact.get("keys", ())))


def _entry(row: Mapping[str, Any]) -> Entry:
    sets = {name: frozenset(map(str, row.get(name, ()))) for name in ("others", "due")}
    return Entry(**sets, decided=row.get("decided", False), many=row.get("many", False), n=row["n"])


def _fields(entry: Entry) -> dict[str, Any]:
    sets = {name: object_ids(sorted(getattr(entry, name))) for name in ("others", "due")}
    return {**sets, "decided": entry.decided, "many": entry.many}


def _decision(row: Mapping[str, Any]) -> Decision:
    a, b = sorted(map(str, row["resumes"]))
    return Decision(a, b, row["same"], row["at"])
