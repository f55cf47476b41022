"""Which resumes are one person's, as a function of their keys and of what a recruiter decided. No I/O.

    persons_of([Card("a", ("p:1 林晚照",)), Card("b", ("p:1 林晚照", "e:x@y 林晚照"))])
    # {"a": {"a", "b"}, "b": {"a", "b"}}

A key is a phone, an e-mail or a site's person, each with the name beside it (`store.persons.reach`), so
nobody is one person with somebody of another name. What keys connect, directly or by way of third resumes of
that name, is one person's, `MOST_RESUMES` at most. So is what a recruiter joined, for their account, and what
they parted is not, whatever the keys say. The answer depends on these alone, never on the order in which they
came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import combinations

import msgspec

MOST_RESUMES = 16
"""Resumes that one person may have. A person is at a dozen sites at most; whoever knows somebody's name and
phone could else put a resume without end under them."""


class Card(msgspec.Struct, frozen=True):
    """What of a resume says whose it is: its keys."""

    resume: str
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


def users_of(cards: Iterable[Card]) -> dict[str, list[str]]:
    """The resumes that have each key, in the order of their ids."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for card in sorted(cards, key=lambda card: card.resume):
        for key in dict.fromkeys(card.keys):
            users[key].append(card.resume)
    return users


def persons_of(cards: Collection[Card], decisions: Collection[Decision] = ()) -> dict[str, frozenset[str]]:
    """For each resume, all resumes of its person, itself among them.

    Of more than `MOST_RESUMES` that keys connect, those with the least ids are the person, and each of the
    others stands alone: one that is added then changes two of them and not all. With decisions, joins are
    made first, those that were decided last before others, and then what keys connect, in the order of keys
    and ids. What would bring a parted pair together, or too many, is left out, so that a part holds and the
    rest stays together as far as it can.

    Args:
        cards: Resumes, with everybody who has one of their keys.
        decisions: Those of one account, one a pair.
    """
    kept = {id_ for component in components(cards) for id_ in component[:MOST_RESUMES]}
    parted = {decision.pair for decision in decisions if not decision.same}
    joins = [decision for decision in decisions if decision.same]
    joins.sort(key=lambda decision: (-decision.at.timestamp(), decision.pair))
    named = [id_ for decision in decisions for id_ in decision.pair]
    persons = _Partition([*(card.resume for card in cards), *named], parted)
    for decision in joins:
        persons.unite(*decision.pair)
    for _, users in sorted(users_of(card for card in cards if card.resume in kept).items()):
        for one, other in combinations(users, 2):
            persons.unite(one, other)
    return {id_: frozenset(members) for members in persons.members.values() for id_ in members}


def components(cards: Collection[Card]) -> list[list[str]]:
    """The resumes that keys connect, directly or by way of others, each component in the order of ids."""
    found = _Partition([card.resume for card in cards], most=len(cards))
    for users in users_of(cards).values():
        for other in users[1:]:
            found.unite(users[0], other)
    return [sorted(members) for members in found.members.values()]


class _Partition:
    """Sets of ids that grow together up to a size, but for pairs that stay apart."""

    def __init__(
        self, ids: Iterable[str], parted: Collection[tuple[str, str]] = (), *, most: int = MOST_RESUMES
    ) -> None:
        self._most = most
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
        if len(self.members[one]) + len(self.members[other]) > self._most:
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


def others_in(persons: Mapping[str, Collection[str]], resume_id: str) -> list[str]:
    """The other resumes of a person, in the order of their ids."""
    return sorted(id_ for id_ in persons.get(resume_id, ()) if id_ != resume_id)
