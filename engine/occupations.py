"""Which occupation a text is about, from the words that give it away, and how occupations are related."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from engine.lexicon import Lexicon
from engine.text import normalise, squeeze
from engine.titles import occupation_id

NAME_WEIGHT = 0.8
"""An occupation's own short name in a description, against 1.0 for a sign."""
PART_WEIGHT = 0.4
"""A word that is only part of a sign or a name."""
SHARPNESS = 3.0
"""How fast one more sign makes the others improbable: the logarithm of the odds that one sign is worth."""
NOTHING = 0.4
"""Evidence, in signs, that a text about no known occupation has anyhow."""
TELLING = 0.25
"""Share of the best sign's evidence from which on another is named beside it."""
MAX_SHOWN = 6
MAX_RANKED = 16
MIN_SHARE = 0.04
ASKED_CONTRAST = 2.5
MIN_ASKED = 0.2

SAME_FAMILY = 0.6
MIN_LIKE = 2
LONG_END = 5
OPEN_LIKE = 12
GENERAL = 0.25
"""Between a general occupation and its special ones."""
SAME_TRADE = 0.35
NARROW_TRADE = 8
"""Occupations of a trade with up to so many members are related by it; of a wider one less and less."""
MAX_RELATED = 0.65
MIN_RELATION = 0.15
MAX_SHARED = 60
"""A word that more occupations than this share relates nobody to anybody."""


class Occupations:
    """Signs to occupations.

    A sign shared by many occupations tells little: its weight is its inverse frequency over them (the
    idea of tf-idf with occupations as the documents), so the table is fixed with the lexicon.

    Attributes:
        titles: Occupation -> its title, as written.
        special: General occupation -> its special ones. A title of the general one ends theirs, as
            `开发工程师` ends `算法开发工程师`; so it leaves open which of them is meant.
        related: Occupation -> related occupation -> 0..1, itself 1.
    """

    def __init__(self, lexicon: Lexicon, plain_cut: Callable[[str], Iterable[str]]) -> None:
        raw: dict[str, dict[str, float]] = defaultdict(dict)
        self.titles: dict[str, str] = {}
        self._group: dict[str, tuple[str, str]] = {}
        for row in lexicon.titles:
            name = occupation_id(row.title)
            self.titles[name] = row.title
            self._group[name] = (row.trade, row.family)
            whole = {lexicon.fold(normalise(sign)) for sign in row.signs}
            names = {lexicon.fold(normalise(alias)) for alias in (row.title, *row.aliases)}
            for word in whole:
                raw[word][name] = 1.0
            for word in names:
                if 2 <= len(word) <= 4:
                    raw[word].setdefault(name, NAME_WEIGHT)
            for text in whole | names:
                for word in plain_cut(text):
                    if len(word) >= 2 and word not in lexicon.stopwords:
                        raw[lexicon.fold(word)].setdefault(
                            name, PART_WEIGHT * min(lexicon.idf(word) / 8, 1.0)
                        )
        total = max(len(self.titles), 1)
        self._signs = {
            word: tuple((name, weight * _rarity(len(owners), total)) for name, weight in owners.items())
            for word, owners in raw.items()
        }
        self.special = _specialise(lexicon)
        self.related = self._relate()

    def kin(self, name: str, shares: Mapping[str, float], least: float) -> list[str]:
        """The special occupations with at least a share that a title naming the general `name` may mean."""
        special = self.special.get(name, frozenset())
        return [other for other, share in shares.items() if share >= least and other in special]

    def evidence(self, words: Mapping[str, float]) -> dict[str, float]:
        """Evidence per occupation, in signs, from words with their weight (0..1)."""
        sums: dict[str, float] = defaultdict(float)
        signs = self._signs
        for word, weight in words.items():
            for name, share in signs.get(word, ()):
                sums[name] += weight * share
        return sums

    def signs(self, names: Iterable[str], words: Mapping[str, float], most: int) -> dict[str, list[str]]:
        """The words that are most evidence of each occupation, at most `most`, best first, ties by word.

        A word that tells far less than the best one is left out.
        """
        found: dict[str, list[tuple[float, str]]] = {name: [] for name in names}
        for word, weight in words.items():
            for name, share in self._signs.get(word, ()):
                if name in found:
                    found[name].append((weight * share, word))
        told: dict[str, list[str]] = {}
        for name, shares in found.items():
            best = sorted(shares, key=lambda item: (-item[0], item[1]))[:most]
            told[name] = [word for share, word in best if share >= TELLING * best[0][0]]
        return told

    def meant(self, name: str, evidence: Mapping[str, float]) -> dict[str, float]:
        """Which special occupations a title that names the general `name` may mean: their share, as `shown`."""
        special = self.special.get(name, frozenset())
        if len(special) < OPEN_LIKE:
            return {}
        return self.shown({other: value for other, value in evidence.items() if other in special})

    def shown(self, evidence: Mapping[str, float]) -> dict[str, float]:
        """The share of each occupation that the evidence supports, best first, at most `MAX_SHOWN`.

        The shares are those of a naive Bayes classifier whose log odds are the evidence times `SHARPNESS`,
        with an unknown occupation as one of the classes; they add up to at most 1. Ties by name.
        """
        if not evidence:
            return {}
        ranked = sorted(evidence.items(), key=lambda item: (-item[1], item[0]))[:MAX_RANKED]
        best = ranked[0][1]
        odds = [(name, math.exp(SHARPNESS * (value - best))) for name, value in ranked]
        total = sum(value for _, value in odds) + math.exp(SHARPNESS * (NOTHING - best))
        shown = ((name, round(value / total, 3)) for name, value in odds[:MAX_SHOWN])
        return {name: share for name, share in shown if share >= MIN_SHARE}

    def asked(self, evidence: Mapping[str, float]) -> dict[str, float]:
        """The occupations a posting is about, the best 1.0 and the others by how near their evidence comes.

        Gentler than `shown`: a posting speaks at length, and its colleagues' work is in it too.
        """
        ranked = sorted(evidence.items(), key=lambda item: (-item[1], item[0]))[:MAX_SHOWN]
        if not ranked or ranked[0][1] < NOTHING:
            return {}
        best = ranked[0][1]
        asked = ((name, round((value / best) ** ASKED_CONTRAST, 3)) for name, value in ranked)
        return {name: share for name, share in asked if share >= MIN_ASKED}

    def _relate(self) -> dict[str, dict[str, float]]:
        """Occupation -> related occupation -> 0..1, itself 1: by family, and by signs in common (cosine)."""
        norms: dict[str, float] = defaultdict(float)
        dots: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for owners in self._signs.values():
            for name, weight in owners:
                norms[name] += weight * weight
            if 1 < len(owners) <= MAX_SHARED:
                for one, weight in owners:
                    row = dots[one]
                    for other, other_weight in owners:
                        row[other] += weight * other_weight
        sizes = Counter(trade for trade, _ in self._group.values())
        related: dict[str, dict[str, float]] = {}
        for one, (trade, family) in self._group.items():
            near = {one: 1.0}
            for other, (other_trade, other_family) in self._group.items():
                if other == one:
                    continue
                dot = dots[one].get(other, 0.0)
                value = 1.5 * dot / math.sqrt(norms[one] * norms[other]) if dot else 0.0
                if family == other_family and trade == other_trade:
                    value = max(value, SAME_FAMILY)
                elif other in self.special.get(one, ()) or one in self.special.get(other, ()):
                    value = max(value, GENERAL)
                elif trade == other_trade:
                    value = max(value, SAME_TRADE * min(1.0, NARROW_TRADE / sizes[trade]))
                if value >= MIN_RELATION:
                    near[other] = round(min(value, MAX_RELATED), 3)
            related[one] = near
        return related


def _rarity(owners: int, total: int) -> float:
    return math.log1p(total / owners) / math.log1p(total)


def _specialise(lexicon: Lexicon) -> dict[str, frozenset[str]]:
    """General occupation -> special ones, from how their titles end; one chance likeness is not enough.

    Across trades only a long end counts: 开发工程师 says something, 代表 does not.
    """
    owners = {
        squeeze(alias): occupation_id(row.title)
        for row in lexicon.titles
        for alias in (row.title, *row.aliases)
        if squeeze(alias) not in lexicon.vague
    }
    trades = {occupation_id(row.title): row.trade for row in lexicon.titles}
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
        if count >= MIN_LIKE:
            found[name].add(special)
    return {name: frozenset(others) for name, others in found.items()}
