"""Which occupation a text is about, from the words that give it away, and how occupations are related."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.occupation_sums import UNKNOWN, add_up, greatest
from engine.matching.lexicon.titles import occupation_id
from engine.matching.text.normalise import normalise, squeeze

NAME_WEIGHT = 0.8
"""An occupation's own short name in a description, against 1.0 for a sign."""
PART_WEIGHT = 0.4
"""A word that is only part of a sign or a name."""
SHARPNESS = 2.5
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
"""Special occupations from which on a title is open: `软件工程师` and `教师` say less than `会计`."""
GENERAL = 0.25
"""Between a general occupation and its special ones."""

OccupationScores = NDArray[np.float64]
"""How much speaks for each occupation, in signs, by its number; 0 where nothing does."""


class Occupations:
    """Signs to occupations.

    A sign shared by many occupations tells little: its weight is its inverse frequency over them (the
    idea of tf-idf with occupations as the documents), so the table is fixed with the lexicon.

    Attributes:
        titles: Occupation -> its title, as written.
        number: Occupation -> its place in evidence.
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
                        term, weight = lexicon.fold(word), PART_WEIGHT * min(lexicon.idf(word) / 8, 1.0)
                        raw[term][name] = max(raw[term].get(name, 0.0), weight)
        total = max(len(self.titles), 1)
        # Sorted, for sets have another order in every process, and so would sums over them.
        signs = {
            word: {name: weight * _rarity(len(owners), total) for name, weight in owners.items()}
            for word, owners in sorted(raw.items())
        }
        self._shares_of: dict[str, dict[str, float]] = {name: {} for name in self.titles}
        for word, owners in signs.items():
            for name, share in owners.items():
                self._shares_of[name][word] = share
        # The same as arrays. Occupations are numbered by name, so that ties by number are ties by name.
        self._names = sorted(self.titles)
        self.number = {name: number for number, name in enumerate(self._names)}
        self._word = {word: number for number, word in enumerate(signs)}
        self._starts = np.cumsum([0, *map(len, signs.values())])
        owned = [pair for owners in signs.values() for pair in owners.items()]
        self._owners = np.array([self.number[name] for name, _ in owned], np.int64)
        self._shares = np.array([share for _, share in owned], np.float64)
        self.shown(self.scores({}))  # compiles, while nobody waits
        self.special = _specialise(lexicon)
        self.related = self._relate()

    def scores(self, words: Mapping[str, float], most: float = math.inf) -> OccupationScores:
        """What words with their weight are evidence of; a weight above `most` counts as that."""
        sums = np.zeros(len(self._names))
        add_up(
            np.fromiter(map(self._word.get, words, repeat(UNKNOWN)), np.int64, len(words)),
            np.fromiter(words.values(), np.float64, len(words)).clip(max=most),
            self._starts,
            self._owners,
            self._shares,
            sums,
        )
        return sums

    def signs(self, names: Iterable[str], words: Mapping[str, float], most: int) -> dict[str, list[str]]:
        """The words that are most evidence of each occupation, at most `most`, best first, ties by word.

        A word that tells far less than the best one is left out.
        """
        told: dict[str, list[str]] = {}
        for name in names:
            shares = self._shares_of[name]
            known = shares.keys() & words.keys()
            best = sorted((-words[word] * shares[word], word) for word in known)[:most]
            told[name] = [word for share, word in best if share <= TELLING * best[0][0]]
        return told

    def is_sign(self, word: str, name: str) -> bool:
        """Whether a word is evidence of an occupation."""
        return word in self._shares_of.get(name, ())

    def is_open(self, name: str) -> bool:
        """Whether a title that names the occupation leaves open which of many special ones is meant."""
        return len(self.special.get(name, ())) >= OPEN_LIKE

    def meant(self, name: str, scores: OccupationScores) -> dict[str, float]:
        """What an open title that names `name` may mean: special occupations with shares as in `shown`."""
        special = [self.number[other] for other in self.special[name]]
        sums = np.zeros_like(scores)
        sums[special] = scores[special]
        return self.shown(sums)

    def shown(self, scores: OccupationScores) -> dict[str, float]:
        """The share of each occupation that the evidence supports, best first, at most `MAX_SHOWN`.

        The shares are those of a naive Bayes classifier whose log odds are the evidence times `SHARPNESS`,
        with an unknown occupation as one of the classes; they add up to at most 1. Ties by name.
        """
        ranked = self._best(scores, MAX_RANKED)
        if not ranked:
            return {}
        best = ranked[0][1]
        odds = [(name, math.exp(SHARPNESS * (value - best))) for name, value in ranked]
        total = sum(value for _, value in odds) + math.exp(SHARPNESS * (NOTHING - best))
        shown = ((name, round(value / total, 3)) for name, value in odds[:MAX_SHOWN])
        return {name: share for name, share in shown if share >= MIN_SHARE}

    def asked(self, scores: OccupationScores) -> dict[str, float]:
        """The occupations a posting is about, the best 1.0 and the others by how near their evidence comes.

        Gentler than `shown`: a posting speaks at length, and its colleagues' work is in it too.
        """
        ranked = self._best(scores, MAX_SHOWN)
        if not ranked or ranked[0][1] < NOTHING:
            return {}
        best = ranked[0][1]
        asked = ((name, round((value / best) ** ASKED_CONTRAST, 3)) for name, value in ranked)
        return {name: share for name, share in asked if share >= MIN_ASKED}

    def _best(self, scores: OccupationScores, most: int) -> list[tuple[str, float]]:
        """The occupations with the most evidence, best first, ties by name."""
        numbers = greatest(scores, most)
        return [
            (self._names[number], value)
            for number, value in zip(numbers.tolist(), scores[numbers].tolist(), strict=True)
        ]

    def _relate(self) -> dict[str, dict[str, float]]:
        """Occupation -> related occupation -> 0..1, itself 1: its family, and general with special ones."""
        families: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, group in self._group.items():
            families[group].append(name)
        related = {}
        for name, group in self._group.items():
            near = dict.fromkeys(self.special.get(name, ()), GENERAL)
            near.update((other, GENERAL) for other, special in self.special.items() if name in special)
            near.update(dict.fromkeys(families[group], SAME_FAMILY))
            related[name] = dict(sorted({**near, name: 1.0}.items()))
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
