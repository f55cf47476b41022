"""Which resumes are one person's, as a function of their keys and of what a recruiter decided. No I/O.

    persons_of([Card("a", "林晚照", ("p:1",)), Card("b", "林晚照", ("p:1", "e:x@y"))])
    # {"a": {"a", "b"}, "b": {"a", "b"}}

A key is a phone, an e-mail or a site's person, in the spelling of `store.persons.reach`. One that more than
`SHARED_BY` names or more than `MOST_RESUMES` resumes use is nobody's own and connects nobody. What the others
connect, directly or by way of third resumes, is one person's. So is what a recruiter joined, for their
account, and what they parted is not, whatever the keys say. The answer depends on these alone, never on the
order in which they came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from store.persons.reach import SHARED_BY

MOST_RESUMES = 64
"""Resumes that may use one key, and that one person may have. Whoever has more is an agency, a site's own
number or a test; without a bound one such number would make every arrival read all resumes with it."""


class Card(msgspec.Struct, frozen=True):
    """What of a resume says whose it is: the name in it, and its keys."""

    resume: str
    name: str
    keys: tuple[str, ...]


class Decision(msgspec.Struct, frozen=True):
    """That an account says of two resumes that they are one person's, or are not; `a` before `b`."""

    a: str
    b: str
    same: bool
    at: datetime

    @property
    def pair(self) -> tuple[str, str]:
        """Both resumes."""
        return self.a, self.b


def is_nobodys(cards: Collection[Card]) -> bool:
    """Whether a key that all of these use is nobody's own."""
    return len(cards) > MOST_RESUMES or len({name for card in cards if (name := card.name)}) > SHARED_BY


def users_of(cards: Iterable[Card]) -> dict[str, list[Card]]:
    """Who uses each key, in the order of their ids."""
    users: defaultdict[str, list[Card]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: card.resume):
        for key in dict.fromkeys(card.keys):
            users[key].append(card)
    return users


def persons_of(cards: Collection[Card], decisions: Collection[Decision] = ()) -> dict[str, frozenset[str]]:
    """For each resume, all resumes of its person, itself among them.

    Joins are made first, those that were decided last before others, and then what keys connect, in the order
    of keys and ids. What would bring a parted pair together is left out, so that a part holds and the rest
    stays together as far as it can.

    Args:
        cards: Resumes, with everybody who uses one of their keys.
        decisions: Those of one account, one a pair.
    """
    connections = list(_connections(cards))
    persons = _Partition(card.resume for card in cards)
    for pair in connections:
        persons.unite(*pair)
    if not decisions and all(len(members) <= MOST_RESUMES for members in persons.members.values()):
        return persons.told()
    # A person of too many resumes is nobody: their keys lead from one to the next.
    connections = [pair for pair in connections if len(persons.members[persons.of[pair[0]]]) <= MOST_RESUMES]
    parted = {decision.pair for decision in decisions if not decision.same}
    joins = [decision for decision in decisions if decision.same]
    joins.sort(key=lambda decision: (-decision.at.timestamp(), decision.pair))
    decided = _Partition(
        [*(card.resume for card in cards), *(id_ for decision in decisions for id_ in decision.pair)], parted
    )
    for pair in (*(decision.pair for decision in joins), *connections):
        decided.unite(*pair)
    return decided.told()


def _connections(cards: Collection[Card]) -> Iterator[tuple[str, str]]:
    """The pairs that own keys connect, in a fixed order."""
    for _, users in sorted(users_of(cards).items()):
        if not is_nobodys(users):
            for position, one in enumerate(users):
                for other in users[position + 1 :]:
                    yield one.resume, other.resume


class _Partition:
    """Sets of ids that grow together, but for pairs that stay apart."""

    def __init__(self, ids: Iterable[str], parted: Collection[tuple[str, str]] = ()) -> None:
        self.of: dict[str, str] = {id_: id_ for id_ in ids}
        self.members: dict[str, list[str]] = {id_: [id_] for id_ in self.of}
        # By the root of each set, the roots of those that it stays apart from.
        self._apart: defaultdict[str, set[str]] = defaultdict(set)
        for a, b in parted:
            self._apart[a].add(b)
            self._apart[b].add(a)

    def unite(self, a: str, b: str) -> None:
        one, other = self.of[a], self.of[b]
        if one == other or other in self._apart[one]:
            return
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        for member in self.members[other]:
            self.of[member] = one
        self.members[one] += self.members.pop(other)
        for third in self._apart.pop(other, ()):
            self._apart[third].remove(other)
            self._apart[third].add(one)
            self._apart[one].add(third)

    def told(self) -> dict[str, frozenset[str]]:
        sets = {root: frozenset(members) for root, members in self.members.items()}
        return {id_: sets[root] for id_, root in self.of.items()}


def others_in(persons: Mapping[str, Collection[str]], resume_id: str) -> list[str]:
    """The other resumes of a person, in the order of their ids."""
    return sorted(id_ for id_ in persons.get(resume_id, ()) if id_ != resume_id)
