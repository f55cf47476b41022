"""Which occupation a text is about, from the words in it that are signs of one.

    scores = occupations.scores({"测试用例": 1.0, "回归测试": 1.0})
    occupations.shown(scores)  # {"软件测试工程师": 0.9, ...}

Titles are read elsewhere (`titles`). How occupations are related is in `occupation_relations`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.occupation_relations import (
    related_occupations,
    shared_names,
    special_occupations,
)
from engine.matching.lexicon.occupation_sums import (
    MAX_SHOWN,
    NOTHING,
    UNKNOWN,
    Signs,
    add_up,
    greatest,
    shares_of,
)
from engine.matching.lexicon.titles import occupation_id
from engine.matching.text.cutting import NO_WORD
from engine.matching.text.normalise import normalise

NAME_WEIGHT = 0.8
"""Weight of an occupation's own short name in a description, against 1.0 for a sign.

A description may name an occupation without being of it (`与会计对接`).
"""
NAME_CHARS = range(2, 5)
"""Lengths of the names that count as signs. Longer ones are cut into words, one character says nothing."""
BESIDE = 0.8
"""Weight of a skill that goes with a sign, see `Lexicon.beside`."""
PART_WEIGHT = 0.4
"""Weight of a word that is only part of a sign or of a name."""
PART_IDF = 8.0
"""The idf at or above which a part has its whole weight; commoner words have less in proportion."""
MIN_SHARE = 0.04
"""Share below which an occupation is not shown."""
ASKED_CONTRAST = 2.5
"""Exponent that spreads the scores of a posting's occupations relative to the best one."""
MIN_ASKED = 0.2
"""Weight, against 1.0 for the best, below which a posting does not ask for an occupation."""
OPEN_LIKE = 16
"""A title with at least so many special occupations in its own trade is open.

`软件工程师` and `教师` say less than `会计`. Those of other trades do not count: `工艺工程师` ends titles in
every industry, and is an occupation all the same.
"""

ELSEWHERE = 0.65
"""Share of another's occupation in the text at or above which a title that both share means that one.
Lower, and a text about something else would overrule titles that are right."""
TELLING_TEXT, FAR_LESS = 1.0, 0.5
"""A short text says it as well: with so many signs of another's occupation, and at most this part of them for
the title's own."""

OccupationScores = NDArray[np.float64]
"""How much speaks for each occupation, in signs, by its number; 0 where nothing does."""


class Occupations:
    """Words to occupations.

    A sign that occupations of many families share tells little. Its weight is its inverse frequency over the
    families (Sparck Jones 1972, with families as the documents): what a whole family shares tells the family,
    however finely it is divided. So the table is fixed with the lexicon.

    Attributes:
        telling: Word -> the weight that it has as a sign of the occupation that it tells most of.
        titles: Occupation -> its title, as written.
        number: Occupation -> its place in `OccupationScores`.
        signs: What compiled loops look up.
        special: General occupation -> its special ones. A title of the general one ends theirs, as
            `开发工程师` ends `算法开发工程师`; so it leaves open which of them is meant.
        related: Occupation -> related occupation -> 0..1, itself 1.
    """

    def __init__(self, lexicon: Lexicon, plain_cut: Callable[[str], Iterable[str]]) -> None:
        raw: dict[str, dict[str, float]] = defaultdict(dict)
        self.titles: dict[str, str] = {}
        for row in lexicon.titles:
            name = occupation_id(row.title)
            self.titles[name] = row.title
            whole = {lexicon.fold(normalise(sign)) for sign in row.signs}
            beside = {other for word in whole for other in lexicon.beside.get(word, ())}
            names = {lexicon.fold(normalise(alias)) for alias in (row.title, *row.aliases)}
            for word in whole:
                raw[word][name] = 1.0
            for word in beside:
                raw[word].setdefault(name, BESIDE)
            for word in names:
                if len(word) in NAME_CHARS:
                    raw[word].setdefault(name, NAME_WEIGHT)
            for text in whole | names:
                for word in plain_cut(text):
                    if len(word) >= 2 and word not in lexicon.stopwords:
                        term, weight = (
                            lexicon.fold(word),
                            PART_WEIGHT * min(lexicon.idf(word) / PART_IDF, 1.0),
                        )
                        raw[term][name] = max(raw[term].get(name, 0.0), weight)
        total = max(len(self.titles), 1)
        # Sorted, because sets have another order in every process, and so would the sums over them.
        families = {occupation_id(row.title): row.family for row in lexicon.titles}
        owners_of = {
            word: {
                name: weight * _rarity(len({families[one] for one in owners}), total)
                for name, weight in owners.items()
            }
            for word, owners in sorted(raw.items())
        }
        self.telling = {word: max(owners.values()) for word, owners in owners_of.items()}
        self._shares_of: dict[str, dict[str, float]] = {name: {} for name in self.titles}
        for word, owners in owners_of.items():
            for name, share in owners.items():
                self._shares_of[name][word] = share
        # The same as arrays. Occupations are numbered by name, so that ties by number are ties by name.
        self._names = sorted(self.titles)
        self.number = {name: number for number, name in enumerate(self._names)}
        self._word = {word: number for number, word in enumerate(owners_of)}
        owned = [pair for owners in owners_of.values() for pair in owners.items()]
        # By number of a term in the vocabulary; the last item is for terms that are not in it.
        vocabulary = lexicon.tokenizer.vocabulary
        words = np.full(len(vocabulary) + 1, UNKNOWN, np.int16)
        for word, sign in self._word.items():
            # A word that the vocabulary lacks stands in no text, as it is cut apart there.
            if (number := lexicon.tokenizer.number(word)) != NO_WORD:
                words[number] = sign
        self.signs = Signs(
            words,
            np.cumsum([0, *map(len, owners_of.values())], dtype=np.int32),
            np.array([self.number[name] for name, _ in owned], np.int16),
            np.array([share for _, share in owned], np.float64),
            len(self._names),
        )
        self.special = special_occupations(lexicon)
        self.related = related_occupations(lexicon, self.special)
        trades = {occupation_id(row.title): row.trade for row in lexicon.titles}
        kin = {name: {one for one in self.titles if families[one] == families[name]} for name in self.titles}
        self._meant = {
            name: sorted({self.number[kind] for one in others for kind in kin[one]} - {self.number[name]})
            for name, others in self.special.items()
        }
        self._shared = {
            text: (
                sorted({self.number[kind] for one in (owner, *others) for kind in kin[one]}),
                frozenset(kin[owner]),
            )
            for text, (owner, others) in shared_names(lexicon).items()
        }
        self._open = {
            name
            for name, others in self.special.items()
            if sum(trades[other] == trades[name] for other in others) >= OPEN_LIKE
        }

    def scores(self, words: Mapping[str, float]) -> OccupationScores:
        """The scores of all occupations."""
        numbers = np.fromiter(map(self._word.get, words, repeat(UNKNOWN)), np.int32, len(words))
        sums = np.zeros(len(self._names))
        weights = np.fromiter(words.values(), np.float64, len(words))
        add_up(numbers, weights, self.signs.starts, self.signs.owners, self.signs.shares, sums)
        return sums

    def is_sign(self, word: str, name: str) -> bool:
        """Whether a word is a sign of an occupation."""
        return word in self._shares_of.get(name, ())

    def is_open(self, name: str) -> bool:
        """Whether a title that names the occupation leaves open which of many special ones is meant."""
        return name in self._open

    def meant(self, name: str, scores: OccupationScores) -> dict[str, float]:
        """What an open title that names `name` may mean, with shares as in `shown`.

        It may mean its special occupations, and those of their families, whatever these are called.
        """
        meant = self._meant[name]
        sums = np.zeros_like(scores)
        sums[meant] = scores[meant]
        return self.shown(sums)

    def meant_elsewhere(self, text: str, scores: OccupationScores) -> dict[str, float]:
        """What a title that trades share (`测试`, `前端`) means by scores that bear its own trade's out less.

        Args:
            text: All that the title says.
            scores: From what else is said.

        Returns:
            Occupations of other families, with shares as in `shown`; nothing where the title is no shared
            one, or means its own.
        """
        if text not in self._shared:
            return {}
        meant, own = self._shared[text]
        sums = np.zeros_like(scores)
        sums[meant] = scores[meant]
        shown = {name: share for name, share in self.shown(sums).items() if name not in own}
        ranked = dict(self._best(sums, MAX_SHOWN))
        best = max((score for name, score in ranked.items() if name not in own), default=0.0)
        its_own = max((score for name, score in ranked.items() if name in own), default=0.0)
        is_told = best >= TELLING_TEXT and its_own <= FAR_LESS * best
        return shown if is_told or max(shown.values(), default=0.0) >= ELSEWHERE else {}

    def shown(self, scores: OccupationScores) -> dict[str, float]:
        """The share of each occupation that the scores support, best first, at most `MAX_SHOWN`.

        The shares are those of a naive Bayes classifier (Lewis 1998) whose log odds are the scores times
        `SHARPNESS` of `occupation_sums`, with an unknown occupation as one of the classes; they add up to at
        most 1. Ties by name.
        """
        numbers, shares = shares_of(scores)
        return self.named(numbers.tolist(), shares.tolist())

    def named(self, numbers: Iterable[int], shares: Iterable[float]) -> dict[str, float]:
        """Occupation -> share, for those whose share is large enough to be shown."""
        names = self._names
        return {
            names[number]: rounded
            for number, share in zip(numbers, shares, strict=True)
            if (rounded := round(share, 3)) >= MIN_SHARE
        }

    def asked(self, scores: OccupationScores) -> dict[str, float]:
        """The occupations that a posting asks for: the best 1.0, the others by how near they come to it.

        It separates them less sharply than `shown`: a posting is long, and names the work of colleagues too.
        """
        ranked = self._best(scores, MAX_SHOWN)
        if not ranked or ranked[0][1] < NOTHING:
            return {}
        best = ranked[0][1]
        asked = ((name, round((value / best) ** ASKED_CONTRAST, 3)) for name, value in ranked)
        return {name: share for name, share in asked if share >= MIN_ASKED}

    def _best(self, scores: OccupationScores, most: int) -> list[tuple[str, float]]:
        """The occupations with the highest scores, best first, ties by name."""
        numbers = greatest(scores, most)
        return [
            (self._names[number], value)
            for number, value in zip(numbers.tolist(), scores[numbers].tolist(), strict=True)
        ]


def _rarity(families: int, total: int) -> float:
    """The inverse frequency of a sign: 1 where one family has it, less the more have it.

    Args:
        families: Families that have the sign.
        total: How many occupations there are, so that a sign of one family weighs 1.
    """
    return math.log1p(total / families) / math.log1p(total)
