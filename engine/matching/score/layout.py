"""Where the numbers of a feed stand: a record of fixed fields, and a block of the words that it asks for.

A query of Python objects takes some ten kilobytes, most of them words that other queries have too. As
numbers it takes less than one, and each word is kept once for all feeds. `Blocks` writes a query and reads
it back, equal.

A block is as many items of two arrays, `ids` and `weights`. Its sections follow each other in this order,
and the feed's record says how long each is:

=============  ==================================================================================
section        items
=============  ==================================================================================
reach          an occupation, and how near it is to what is asked for
title_words    a word of the title, and its share
keywords       for each keyword: how many terms, with its weight; its spelling, with whether it is
               related; then its terms
words          another word of the description, and its share
places         a place
domains        a domain
preferences    a class of school
gates          a gate term
=============  ==================================================================================
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import numpy as np

from engine.matching.feed_query import MAX_KEYWORDS, Ask, FeedQuery, Keyword
from engine.matching.lexicon.salary import is_open
from engine.matching.score.arrays import Pool
from engine.matching.score.breakdown import ScoreBreakdown
from engine.matching.score.rules import TOPICS, UNSAID, WISHES
from engine.matching.score.vocabulary import Vocabulary

MAX_WEIGHT = 2**15 - 1
"""The greatest weight that an item holds. Weights are ten-thousandths, so this is three wholes."""
MAX_NUMBER = 2**31 - 1
"""The greatest number that a field of the record holds. Pay ends at a million."""

FEED = np.dtype(
    [
        # Looked at first, for every feed that shares a key term with the resume.
        ("until", np.float64),  # when its scoring ends, in seconds since 1970
        ("changed", np.int64),  # the version of the index that it came with
        # Where its other numbers stand.
        ("block", np.int64),  # its block begins here
        ("length", np.int32),  # and is so many items long
        ("entry", np.int64),  # its entries in the postings begin here
        ("entries", np.int32),  # and are so many
        # What it asks for, as in `FeedQuery`.
        ("text_points", np.int32),
        ("cut", np.int32),
        ("salary_low", np.int32),
        ("salary_high", np.int32),
        ("months_low", np.int32),  # `UNSAID` where no experience is asked for
        ("months_high", np.int32),
        ("title", np.int32),  # the number of its text
        ("degree", np.int8),
        ("level_low", np.int8),  # `UNSAID` where no level is asked for
        ("level_high", np.int8),
        ("level_words", np.int32),  # the number of its text
        ("salary_is_open", np.bool_),
        ("known", np.bool_),
        ("clear", np.bool_),
        # How long each section of its block is; of `keywords`, how many keywords there are.
        ("reach", np.int32),
        ("title_words", np.int32),
        ("keywords", np.int32),
        ("words", np.int32),
        ("places", np.int32),
        ("domains", np.int32),
        ("preferences", np.int32),
        ("gates", np.int32),
        # Where it lies among learned topics.
        ("table", np.int64),
        ("topics", np.int8, (TOPICS,)),
        ("about", np.int32),  # the number of its text
        ("asks", np.int32),  # the number of the text that holds its requirements
    ]
)
"""The record of one feed."""
# As Python values: read in one go, it takes a quarter of the time that the fields take one by one.
_Record: Any = namedtuple("_Record", list(FEED.names or ()))  # type: ignore[misc] # its fields are those of FEED

POINTS = np.dtype(
    [
        ("title", np.int32),
        ("duties", np.int32),
        ("words", np.int32),
        ("near_title", np.int32),
        ("total", np.int32),
        ("logit", np.int32),
        ("similar", np.int32),
        ("wishes", np.int32, (len(WISHES),)),
        ("skills", np.int32, (MAX_KEYWORDS,)),
    ]
)
"""The points of one pair: a `ScoreBreakdown` and its total."""
_WISHES, _SKILLS = 7, 7 + len(WISHES)
"""Where these begin, counted in numbers of 32 bits, of which the whole record consists."""


class Mine(NamedTuple):
    """The numbers of a resume's words, by what they are compared with."""

    terms: Collection[int]
    title_words: Collection[int]
    occupations: Collection[int]


BLOCK_STEP = 16
"""Blocks are so many items long, or a multiple of it."""


class Blocks:
    """The blocks of all feeds.

    Attributes:
        items: `ids` and `weights`.
        words: Terms, occupations, places and whatever else is compared.
        texts: What is only shown.
    """

    def __init__(self) -> None:
        self.items = Pool(step=BLOCK_STEP, ids=np.int32, weights=np.int16)
        self.words = Vocabulary()
        self.texts = Vocabulary()

    def write(self, query: FeedQuery, feed: Any) -> None:
        """Keep a query: its fixed fields in the feed's record, its words in a block.

        Raises:
            ValueError: A number of the query is out of bounds. The analysis makes no such query.
        """
        _check(query)
        block = _Block(self.words, self.texts)
        for section, shares in (("reach", query.reach), ("title_words", query.title_words)):
            feed[section] = block.shares(shares)
        feed["keywords"] = block.keywords(query.keywords)
        feed["words"] = block.shares(query.words)
        for section in ("places", "domains", "preferences"):
            feed[section] = block.names(sorted(getattr(query, section)))
        feed["gates"] = block.names(sorted(query.gate_terms))
        feed["text_points"], feed["cut"] = query.text_points, query.cut
        feed["salary_low"], feed["salary_high"] = query.salary
        feed["salary_is_open"] = is_open(*query.salary)
        feed["months_low"], feed["months_high"] = query.months or (UNSAID, UNSAID)
        feed["level_low"], feed["level_high"] = query.level or (UNSAID, UNSAID)
        feed["level_words"] = self.texts.acquire(query.level_words)
        feed["degree"] = query.degree
        feed["known"], feed["clear"] = query.known, query.clear
        feed["title"], feed["about"] = self.texts.acquire(query.title), self.texts.acquire(query.about)
        feed["asks"] = self.texts.acquire(_encode_asks(query.asks))
        feed["table"] = query.table
        feed["topics"] = np.frombuffer(query.topics, np.int8) if query.topics else 0
        size = feed["length"] = len(block.ids)
        at = feed["block"] = self.items.take(size)
        self.items["ids"][at : at + size] = block.ids
        self.items["weights"][at : at + size] = block.weights

    def erase(self, feed: Any) -> None:
        """Give the block of a feed back, and the numbers that no other feed uses."""
        query = self.read(feed)
        for name in _words_of(query):
            self.words.release(name)
        for text in (
            query.title,
            query.about,
            query.level_words,
            _encode_asks(query.asks),
            *(keyword.shown for keyword in query.keywords),
        ):
            self.texts.release(text)
        self.items.give(int(feed["block"]), int(feed["length"]))

    def gates(self, feed: Any) -> list[int]:
        """The numbers of a feed's gate terms."""
        end = int(feed["block"]) + int(feed["length"])
        gates: list[int] = self.items["ids"][end - int(feed["gates"]) : end].tolist()
        return gates

    def read(self, feed: Any, mine: Mine | None = None) -> FeedQuery:
        """The query of a feed.

        Args:
            feed: Its record.
            mine: The numbers of a resume's words, for a query that is compared with that resume alone. It
                comes without gate terms, and of what is compared only what the resume has too: most of a
                query's words are not in one resume, bring it nothing and are not shown. None for the whole
                query.
        """
        record: Any = _Record._make(feed.item())
        at, end = record.block, record.block + record.length
        block = _Reading(self.items["ids"][at:end].tolist(), self.items["weights"][at:end].tolist(), self)
        reach = block.shares(record.reach, mine and mine.occupations)
        title_words = block.shares(record.title_words, mine and mine.title_words)
        keywords = block.keywords(record.keywords)
        words = block.shares(record.words, mine and mine.terms)
        places, domains, preferences = (
            block.names(length) for length in (record.places, record.domains, record.preferences)
        )
        months, level = record.months_low, record.level_low
        return FeedQuery(
            gate_terms=frozenset() if mine else block.names(record.gates),
            title=self.texts.names[record.title],
            clear=record.clear,
            known=record.known,
            reach=reach,
            title_words=title_words,
            keywords=keywords,
            words=words,
            text_points=record.text_points,
            cut=record.cut,
            places=places,
            salary=(record.salary_low, record.salary_high),
            months=None if months == UNSAID else (months, record.months_high),
            level=None if level == UNSAID else (level, record.level_high),
            level_words=self.texts.names[record.level_words],
            degree=record.degree,
            domains=domains,
            preferences=preferences,
            table=record.table,
            topics=record.topics.tobytes() if record.table else b"",
            about=self.texts.names[record.about],
            asks=_decode_asks(self.texts.names[record.asks]),
        )


def _encode_asks(asks: tuple[Ask, ...]) -> str:
    """Requirements as one text, which feeds that ask for the same share."""
    return msgspec.json.encode(asks).decode() if asks else ""


def _decode_asks(text: str) -> tuple[Ask, ...]:
    return msgspec.json.decode(text, type=tuple[Ask, ...]) if text else ()


def breakdown_from(points: Any, keywords: int) -> ScoreBreakdown:
    """The breakdown that a record of type `POINTS` holds, of a feed with so many keywords."""
    # One list of all numbers takes a third of the time that the fields take one by one.
    figures: list[int] = np.frombuffer(points, np.int32).tolist()
    title, duties, words, near_title, total, logit, similar = figures[:_WISHES]
    return ScoreBreakdown(
        title=title,
        duties=duties,
        skills=tuple(figures[_SKILLS : _SKILLS + keywords]),
        words=words,
        wishes=tuple(figures[_WISHES:_SKILLS]),
        near_title=near_title,
        similar=similar,
        logit=logit,
        total=total,
    )


class _Block:
    """The items of one query while they are gathered; each method returns how long its section is."""

    def __init__(self, words: Vocabulary, texts: Vocabulary) -> None:
        self._number = words.acquire
        self._text = texts.acquire
        self.ids: list[int] = []
        self.weights: list[int] = []

    def shares(self, shares: Mapping[str, int]) -> int:
        self.ids += map(self._number, shares)
        self.weights += shares.values()
        return len(shares)

    def keywords(self, keywords: Collection[Keyword]) -> int:
        for keyword in keywords:
            self.ids += (len(keyword.terms), self._text(keyword.shown), *map(self._number, keyword.terms))
            self.weights += (keyword.weight, keyword.related, *(0 for _ in keyword.terms))
        return len(keywords)

    def names(self, names: Collection[str]) -> int:
        self.ids += map(self._number, names)
        self.weights += (0 for _ in names)
        return len(names)


class _Reading:
    """The items of one block while they are read, section by section."""

    def __init__(self, ids: list[int], weights: list[int], blocks: Blocks) -> None:
        self._ids = ids
        self._weights = weights
        self._words = blocks.words.names
        self._texts = blocks.texts.names
        self._at = 0

    def shares(self, length: int, wanted: Collection[int] | None) -> dict[str, int]:
        begin, self._at = self._at, self._at + length
        words = self._words
        pairs = zip(self._ids[begin : self._at], self._weights[begin : self._at], strict=True)
        if wanted is None:
            return {words[number]: weight for number, weight in pairs}
        return {words[number]: weight for number, weight in pairs if number in wanted}

    def keywords(self, count: int) -> tuple[Keyword, ...]:
        ids, weights, words = self._ids, self._weights, self._words
        keywords = []
        for _ in range(count):
            begin = self._at + 2
            self._at = begin + ids[begin - 2]
            terms = tuple([words[number] for number in ids[begin : self._at]])
            weight, related = weights[begin - 2 : begin]
            keywords.append(Keyword(self._texts[ids[begin - 1]], terms, weight, bool(related)))
        return tuple(keywords)

    def names(self, length: int) -> frozenset[str]:
        begin, self._at = self._at, self._at + length
        return frozenset([self._words[number] for number in self._ids[begin : self._at]])


def _words_of(query: FeedQuery) -> Iterator[str]:
    """Every use of a word that a query's block has."""
    yield from query.reach
    yield from query.title_words
    for keyword in query.keywords:
        yield from keyword.terms
    yield from query.words
    for names in (query.places, query.domains, query.preferences, query.gate_terms):
        yield from names


def _check(query: FeedQuery) -> None:
    """Refuse a query whose numbers the arrays cannot hold, rather than keep other numbers than it has."""
    if len(query.keywords) > MAX_KEYWORDS:
        raise ValueError(f"{len(query.keywords)} keywords, at most {MAX_KEYWORDS}")
    numbers = (query.text_points, *query.salary, *(query.months or ()))
    ranks = (query.degree, *(query.level or ()))
    weights = (
        *query.reach.values(),
        *query.title_words.values(),
        *query.words.values(),
        *(keyword.weight for keyword in query.keywords),
    )
    for name, values, most in (
        ("number", numbers, MAX_NUMBER),
        ("rank", ranks, 127),
        ("weight", weights, MAX_WEIGHT),
    ):
        if values and not 0 <= min(values) <= max(values) <= most:
            raise ValueError(f"a {name} is not within 0..{most}")
