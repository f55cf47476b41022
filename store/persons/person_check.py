"""Checks that each person is once in each list, for `invariants`: by what is stored alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any

from store.by_ids import chunks
from store.persons.person_entries import NOTHING, PersonEntries, card_of
from store.persons.person_groups import MOST_RESUMES, Card, components, others_in, persons_of
from store.persons.person_lists import List, PersonLists
from store.persons.person_results import is_attached

_RECHECKS = 3
_AGAIN_S = 0.2
"""Seconds between two looks at what a running server may just be changing."""


class PersonCheck:
    """Takes every contact and every result as they are read, and then says what is wrong."""

    def __init__(self, entries: PersonEntries, lists: PersonLists) -> None:
        self._entries = entries
        self._lists = lists
        self._cards: list[Card] = []
        self._attached: defaultdict[List, set[str]] = defaultdict(set)
        self._all: defaultdict[str, list[List]] = defaultdict(list)

    def note_contact(self, contact: Mapping[str, Any]) -> None:
        """Take a contact, as `card_of` takes it."""
        self._cards.append(card_of(contact))

    def note_result(self, result: Mapping[str, Any]) -> None:
        """Take a result."""
        one, resume = (str(result["user"]), str(result["feed"])), str(result["resume"])
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
                is_known = id_ in many or sorted(entry.others) == others_in(persons, id_)
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
            await asyncio.sleep(_AGAIN_S)
        return True

    async def _is_unsettled(self, lists: Mapping[List, set[str]]) -> bool:
        for _ in range(_RECHECKS):
            moves, _again = await self._lists.unsettled(lists)
            if not moves:
                return False
            await asyncio.sleep(_AGAIN_S)
        return True
