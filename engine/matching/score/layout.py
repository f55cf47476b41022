"""Queries of feeds as numbers in two long arrays, as `kernel` reads them, and back.

A query of Python objects takes some ten kilobytes, most of them words that other queries have too; here it
takes less than one, and its words are kept once for all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from msgspec import structs

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.score import kernel
from engine.matching.score.arrays import Pool

ANYWHERE = ""
"""The place of a feed that names none."""
MAX_WEIGHT = 2**15 - 1
MAX_NUMBER = 2**31 - 1


class Vocabulary:
    """Names and their numbers, 0 and up. A name stays, whoever else forgets it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.names: list[str] = []
        self.find = self._numbers.get

    def __len__(self) -> int:
        return len(self.names)

    def number(self, name: str) -> int:
        """The name's number; a new one for a new name."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number


class Mine(NamedTuple):
    """The numbers of a resume's words, by what they are compared with."""

    terms: Collection[int]
    title_words: Collection[int]
    occupations: Collection[int]


class Columns:
    """Blocks of numbers, a query each.

    Attributes:
        pool: `ids` and `weights`; `kernel` says what stands where.
        words: Terms, occupations, places and whatever else is compared.
        texts: What is only shown.
    """

    def __init__(self) -> None:
        self.pool = Pool(step=16, ids=np.int32, weights=np.int16)
        self.words = Vocabulary()
        self.texts = Vocabulary()
        self._by_hand: dict[int, FeedQuery] = {}

    def write(self, query: FeedQuery) -> int:
        """Keep a query; returns where its block begins."""
        by_hand = not _fits(query)
        block = _Block(self.words, self.texts)
        if by_hand:
            block.ids[kernel.FLAGS] = kernel.BY_HAND
            block.names(kernel.GATES, sorted(query.gate_terms))
        else:
            block.write(query)
        size = block.ids[kernel.SIZE] = len(block.ids)
        at = self.pool.take(size)
        self.pool["ids"][at : at + size] = block.ids
        self.pool["weights"][at : at + size] = block.weights
        if by_hand:
            self._by_hand[at] = query
        return at

    def erase(self, at: int) -> None:
        """Forget the query whose block begins there."""
        self._by_hand.pop(at, None)
        self.pool.give(at, int(self.pool["ids"][at + kernel.SIZE]))

    def gates(self, at: int) -> list[int]:
        """The numbers of a query's gate terms."""
        size, count = (int(self.pool["ids"][at + field]) for field in (kernel.SIZE, kernel.GATES))
        gates: list[int] = self.pool["ids"][at + size - count : at + size].tolist()
        return gates

    def read(self, at: int) -> FeedQuery:
        """The query whose block begins there, equal to the one that was written."""
        query = self.read_for(at, None)
        return query if at in self._by_hand else structs.replace(query, gate_terms=self._gate_terms(at))

    def read_for(self, at: int, mine: Mine | None) -> FeedQuery:
        """As `read`, but without gate terms, and of what is compared with one resume only what it has too.

        Words that a resume lacks bring it nothing and are not shown, and most of a query's are of that sort.

        Args:
            at: Where the block begins.
            mine: The numbers of the resume's words; None for everything.
        """
        if query := self._by_hand.get(at):
            return query
        size = int(self.pool["ids"][at + kernel.SIZE])
        ids: list[int] = self.pool["ids"][at : at + size].tolist()
        weights: list[int] = self.pool["weights"][at : at + size].tolist()
        words, texts = self.words.names, self.texts.names
        position = kernel.HEAD

        def names(field: int) -> list[str]:
            nonlocal position
            begin, position = position, position + ids[field]
            return [words[number] for number in ids[begin:position]]

        def shares(field: int, wanted: Collection[int] | None) -> dict[str, int]:
            nonlocal position
            begin, position = position, position + ids[field]
            pairs = zip(ids[begin:position], weights[begin:position], strict=True)
            if wanted is None:
                return {words[number]: weight for number, weight in pairs}
            return {words[number]: weight for number, weight in pairs if number in wanted}

        reach = shares(kernel.REACH, mine and mine.occupations)
        title_words = shares(kernel.TITLE_WORDS, mine and mine.title_words)
        keywords = []
        for _ in range(ids[kernel.KEYWORDS]):
            begin, position = position + 2, position + 2 + ids[position]
            terms = tuple([words[number] for number in ids[begin:position]])
            weight, related = weights[begin - 2 : begin]
            keywords.append(Keyword(texts[ids[begin - 1]], terms, weight, bool(related)))
        flags = ids[kernel.FLAGS]
        months, level = ids[kernel.MONTHS_LOW], ids[kernel.LEVEL_LOW]
        return FeedQuery(
            title=texts[ids[kernel.SHOWN_TITLE]],
            clear=bool(flags & kernel.CLEAR),
            known=bool(flags & kernel.KNOWN),
            reach=reach,
            title_words=title_words,
            keywords=tuple(keywords),
            words=shares(kernel.WORDS, mine and mine.terms),
            text_points=ids[kernel.TEXT_POINTS],
            places=frozenset(names(kernel.PLACES)),
            salary=(ids[kernel.SALARY_LOW], ids[kernel.SALARY_HIGH]),
            months=None if months == kernel.NONE else (months, ids[kernel.MONTHS_HIGH]),
            level=None if level == kernel.NONE else (level, ids[kernel.LEVEL_HIGH]),
            degree=ids[kernel.DEGREE],
            domains=frozenset(names(kernel.DOMAINS)),
            preferences=frozenset(names(kernel.PREFERENCES)),
        )

    def _gate_terms(self, at: int) -> frozenset[str]:
        return frozenset(self.words.names[number] for number in self.gates(at))


class _Block:
    """The numbers of one query while they are gathered."""

    def __init__(self, words: Vocabulary, texts: Vocabulary) -> None:
        self._number = words.number
        self._text = texts.number
        self.ids = [0] * kernel.HEAD
        self.weights = [0] * kernel.HEAD

    def write(self, query: FeedQuery) -> None:
        ids = self.ids
        ids[kernel.TEXT_POINTS] = query.text_points
        ids[kernel.FLAGS] = (kernel.KNOWN if query.known else 0) | (kernel.CLEAR if query.clear else 0)
        ids[kernel.SALARY_LOW], ids[kernel.SALARY_HIGH] = query.salary
        ids[kernel.DEGREE] = query.degree
        ids[kernel.MONTHS_LOW], ids[kernel.MONTHS_HIGH] = query.months or (kernel.NONE, kernel.NONE)
        ids[kernel.LEVEL_LOW], ids[kernel.LEVEL_HIGH] = query.level or (kernel.NONE, kernel.NONE)
        ids[kernel.SHOWN_TITLE] = self._text(query.title)
        self._shares(kernel.REACH, query.reach)
        self._shares(kernel.TITLE_WORDS, query.title_words)
        ids[kernel.KEYWORDS] = len(query.keywords)
        for keyword in query.keywords:
            ids += (len(keyword.terms), self._text(keyword.shown), *map(self._number, keyword.terms))
            self.weights += (keyword.weight, keyword.related, *(0 for _ in keyword.terms))
        self._shares(kernel.WORDS, query.words)
        self.names(kernel.PLACES, sorted(query.places))
        self.names(kernel.DOMAINS, sorted(query.domains))
        self.names(kernel.PREFERENCES, sorted(query.preferences))
        self.names(kernel.GATES, sorted(query.gate_terms))

    def names(self, field: int, names: Collection[str]) -> None:
        self.ids[field] = len(names)
        self.ids += map(self._number, names)
        self.weights += (0 for _ in names)

    def _shares(self, field: int, shares: Mapping[str, int]) -> None:
        self.ids[field] = len(shares)
        self.ids += map(self._number, shares)
        self.weights += shares.values()


def _fits(query: FeedQuery) -> bool:
    """Whether the arrays can hold a query; one that they cannot is kept as it is."""
    numbers = (
        query.text_points,
        query.degree,
        *query.salary,
        *(query.months or ()),
        *(query.level or ()),
    )
    weights: Iterable[int] = (
        *query.reach.values(),
        *query.title_words.values(),
        *query.words.values(),
        *(keyword.weight for keyword in query.keywords),
    )
    return (
        len(query.keywords) <= kernel.MAX_KEYWORDS
        and all(0 <= number <= MAX_NUMBER for number in numbers)
        and all(0 <= weight <= MAX_WEIGHT for weight in weights)
    )
