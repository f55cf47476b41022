"""How occupations are related: members of one family, and a general occupation with its special ones.

These relations are the lexicon's and fixed with it. Relations learned from stored resumes are in
`engine.matching.learned.relations`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.titles import occupation_id
from engine.matching.text.normalise import squeeze

SAME_FAMILY = 0.6
"""Relation between two occupations of one family: each can do the other's work after some time."""
KIND = 0.8
"""Relation of a general occupation to a special one of its family, which does part of the work asked for.

The other way round they are neighbours like all others (`SAME_FAMILY`).
"""
GENERAL = 0.25
"""Relation between a general occupation and each of its special ones in other families, both ways."""
MIN_ALIKE = 2
"""Titles of a special occupation that must end in the general one's. A single one may be chance."""
LONG_END = 4
"""A common end of titles with at least so many characters means something across trades.

`销售代表` says something wherever it stands. `代表` does not.
"""

SHARED_CHARS = (2, 3)
"""Characters of a name that trades may share. A longer one says by itself which it is."""
SHARED_ENGINEER = (5,)
"""The same of an engineer: `测试工程师`."""


def special_occupations(lexicon: Lexicon) -> dict[str, frozenset[str]]:
    """General occupation -> its special ones, found by how their titles end.

    `算法开发工程师` ends in `开发工程师`, so a developer is the general occupation of an algorithm engineer.
    """
    owners, trades = _owners(lexicon)
    counts: Counter[tuple[str, str]] = Counter()
    for alias, special in owners.items():
        ends: dict[str, None] = {}
        for start in range(1, len(alias) - 1):
            name = owners.get(alias[start:], special)
            if trades[name] == trades[special] or len(alias) - start >= LONG_END:
                ends[name] = None
        counts.update((name, special) for name in ends if name != special)
    found: dict[str, set[str]] = defaultdict(set)
    for (name, special), count in counts.items():
        if count >= MIN_ALIKE:
            found[name].add(special)
    return {name: frozenset(others) for name, others in found.items()}


def shared_names(lexicon: Lexicon) -> dict[str, tuple[str, list[str]]]:
    """Short name that trades share -> whose it is, and those of other families whose names end in it.

    `前端` alone is mostly a web developer, but `数字前端` designs chips. Found by how titles end, too.
    """
    owners, trades = _owners(lexicon)
    families = {occupation_id(row.title): row.family for row in lexicon.titles}
    shared: dict[str, set[str]] = defaultdict(set)
    for alias, other in owners.items():
        lengths = SHARED_ENGINEER if alias.endswith("工程师") else SHARED_CHARS
        for end in (alias[-length:] for length in lengths if length < len(alias)):
            if end in owners and families[owners[end]] != families[other]:
                shared[end].add(other)
    return {
        name: (owners[name], sorted(others))
        for name, others in shared.items()
        if any(trades[other] != trades[owners[name]] for other in others)
    }


def _owners(lexicon: Lexicon) -> tuple[dict[str, str], dict[str, str]]:
    """Title that is not vague -> its occupation; and occupation -> its trade."""
    owners = {
        name: occupation_id(row.title)
        for row in lexicon.titles
        for name in map(squeeze, (row.title, *row.aliases))
        if name not in lexicon.vague
    }
    return owners, {occupation_id(row.title): row.trade for row in lexicon.titles}


def related_occupations(
    lexicon: Lexicon, special: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, float]]:
    """Occupation asked for -> related one -> 0..1, itself 1. Of several relations the strongest counts."""
    groups = {occupation_id(row.title): (row.trade, row.family) for row in lexicon.titles}
    families: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, group in groups.items():
        families[group].append(name)
    related = {}
    for name, group in groups.items():
        near = dict.fromkeys(special.get(name, ()), GENERAL)
        near.update((general, GENERAL) for general, others in special.items() if name in others)
        near.update(dict.fromkeys(families[group], SAME_FAMILY))
        near.update((one, KIND) for one in special.get(name, ()) if groups[one] == group)
        related[name] = dict(sorted({**near, name: 1.0}.items()))
    return related
