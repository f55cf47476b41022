"""Learns topics from profiles.

    gathering = Gathering()
    for profile in profiles:
        gathering.add(profile)
    topics = gathering.topics()

What is learned depends on the resumes, not on their order, and every process on a machine learns the same
bytes of the same resumes: words and resumes are sorted, sums run in one order, the start is fixed, and so is
the sign of each axis. All resumes are counted. Of these, at most `MAX_RESUMES` are looked at for which words
keep company: those whose digest is lowest, which is a sample that no order changes.
"""

from __future__ import annotations

import hashlib
import heapq
import math
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.learned.topics import LENGTH, NO_TOPICS, TOPICS, Topics, Words, topics_of, words_of
from engine.matching.resume_profile import ResumeProfile

MIN_RESUMES = 100
"""Resumes that there must be: of 50 hardly any word is had by `MIN_HAVING`."""
FEW_RESUMES, FEW_TOPICS = 200, 20
"""Of fewer resumes than this, so many topics alone: more make the order of lists worse than none."""
MIN_HAVING = 5
"""Resumes that must have a word. Rarer ones are names and accidents, and could give somebody away."""
MAX_SHARE = 0.3
"""Share of all resumes above which a word says nothing of what they are about."""
MAX_WORDS = 20_000
"""Words of a table, those that most resumes have; it takes about a megabyte."""
MAX_RESUMES = 20_000
"""Resumes that topics are computed of; 40 topics need no more, and their words take 40 MB."""
HEAVIEST = 10_000
"""The weight of the word that says most."""
NOTHING = 1e-9
"""A length under this is one of rounding."""
_ROUNDS = 8
"""Rounds of the iteration. The order of lists no longer changes after five."""
_SPARE = 10
"""Axes beside the topics, with which the iteration finds these sooner (Halko et al. 2011)."""

Matrix = NDArray[np.float64]


class Gathering:
    """Gathers words, a resume at a time. Not safe to share between threads.

    Attributes:
        resumes: How many were added.
    """

    def __init__(self, least: int = MIN_RESUMES) -> None:
        self.resumes = 0
        self._least = least
        self._having = Counter[str]()
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []
        # By digest, the highest first: negated, as a heap has its lowest first.
        self._sample: list[tuple[int, bytes, bytes]] = []

    def add(self, profile: ResumeProfile) -> None:
        """Take one resume into account."""
        self.resumes += 1
        words = _counted(words_of(profile))
        self._having.update(words.keys())
        content = repr(sorted(words.items())).encode()
        key = -int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
        if len(self._sample) == MAX_RESUMES and key <= self._sample[0][0]:
            return
        for word in words:
            if word not in self._numbers:
                self._numbers[word] = len(self._names)
                self._names.append(word)
        numbers = np.array([self._numbers[word] for word in words], np.int32)
        counts = np.array([*words.values()], np.int16)
        item = (key, numbers.tobytes(), counts.tobytes())
        if len(self._sample) < MAX_RESUMES:
            heapq.heappush(self._sample, item)
        else:
            heapq.heapreplace(self._sample, item)

    def topics(self) -> Topics:
        """The topics of what was added; none where it is too little."""
        words = self._words()
        if self.resumes < self._least or len(words) <= TOPICS + _SPARE:
            return NO_TOPICS
        idf = np.array([math.log(self.resumes / self._having[word]) + 1.0 for word in words])
        starts, rows, weights = self._matrix(words, idf)
        axes = _axes(starts, rows, weights, len(words))
        if self.resumes < FEW_RESUMES:
            axes[:, FEW_TOPICS:] = 0.0
        vectors = axes * idf[:, None]
        lengths = np.sqrt((vectors * vectors).sum(axis=1))
        scales = np.rint(HEAVIEST * lengths / max(lengths.max(), 1e-12)).astype("<i4")
        directions = np.rint(LENGTH * vectors / np.maximum(lengths, 1e-12)[:, None]).astype(np.int8)
        return topics_of(tuple(words), directions.tobytes(), scales.tobytes())

    def _words(self) -> list[str]:
        """The words of the table, sorted."""
        most = MAX_SHARE * self.resumes
        telling = [word for word, count in self._having.items() if MIN_HAVING <= count <= most]
        return sorted(heapq.nsmallest(MAX_WORDS, telling, key=lambda word: (-self._having[word], word)))

    def _matrix(
        self, words: list[str], idf: Matrix
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
        """The sample as rows of unit length: where each begins, the numbers of its words, their weights."""
        fresh = np.full(len(self._names), -1, np.int32)
        for row, word in enumerate(words):
            if (number := self._numbers.get(word)) is not None:
                fresh[number] = row
        all_rows, all_weights, starts = [], [], [0]
        # By content beside the digest: equal resumes are interchangeable.
        for _, numbers, counts in sorted(self._sample, key=lambda item: item[0], reverse=True):
            rows = fresh[np.frombuffer(numbers, np.int32)]
            kept = rows >= 0
            rows, own = rows[kept], np.frombuffer(counts, np.int16)[kept]
            order = np.argsort(rows)
            rows, weights = rows[order], own[order] * idf[rows[order]]
            all_rows.append(rows)
            all_weights.append(
                (weights / max(math.sqrt(float((weights * weights).sum())), 1e-12)).astype(np.float32)
            )
            starts.append(starts[-1] + len(rows))
        return np.array(starts, np.int64), np.concatenate(all_rows), np.concatenate(all_weights)


def _counted(words: Words) -> dict[str, int]:
    """By word of a table, how often it counts in a text."""
    counted = {f"t:{term}": weight for term, weight in words.terms.items()}
    for term, weight in words.titles.items():
        counted[f"t:{term}"] = counted.get(f"t:{term}", 0) + weight
    counted.update((f"o:{name}", weight) for name, weight in words.occupations.items())
    return counted


def _axes(
    starts: NDArray[np.int64], rows: NDArray[np.int32], weights: NDArray[np.float32], words: int
) -> Matrix:
    """The strongest axes among words: words by topics, orthonormal, the strongest first.

    By simultaneous iteration. The loops are compiled and run in one order, so that no library's number of
    threads changes a bit.
    """
    block = np.random.default_rng(0).standard_normal((words, TOPICS + _SPARE))
    _orthonormalise(block)
    for _ in range(_ROUNDS):
        block = _through(starts, rows, weights, block)
        _orthonormalise(block)
    image = _through(starts, rows, weights, block)
    _, turn = np.linalg.eigh(_products(block, image))
    axes: Matrix = _times(block, np.ascontiguousarray(turn[:, ::-1][:, :TOPICS]))
    for topic in range(TOPICS):
        # Which way an axis points is arbitrary: its greatest part is positive.
        if axes[np.argmax(np.abs(axes[:, topic])), topic] < 0:
            axes[:, topic] *= -1
    return axes


def warm() -> None:
    """Compile what compiles on first use, or read it from where it is kept."""
    words = TOPICS + _SPARE
    numbers = np.arange(words + 1)
    _axes(numbers, numbers[:-1].astype(np.int32), np.ones(words, np.float32), words)


@compiled
def _through(starts: Any, rows: Any, weights: Any, block: Any) -> Any:
    """The product of the matrix's square and a block, a resume at a time."""
    out = np.zeros_like(block)
    width = block.shape[1]
    line = np.zeros(width)
    for resume in range(len(starts) - 1):
        line[:] = 0.0
        for item in range(starts[resume], starts[resume + 1]):
            for column in range(width):
                line[column] += weights[item] * block[rows[item], column]
        for item in range(starts[resume], starts[resume + 1]):
            for column in range(width):
                out[rows[item], column] += weights[item] * line[column]
    return out


@compiled
def _products(one: Any, other: Any) -> Any:
    """The products of all columns of two blocks, made symmetric."""
    width = one.shape[1]
    found = np.zeros((width, width))
    for row in range(one.shape[0]):
        for first in range(width):
            for second in range(width):
                found[first, second] += one[row, first] * other[row, second]
    return (found + found.T) / 2.0


@compiled
def _times(block: Any, turn: Any) -> Any:
    out = np.zeros((block.shape[0], turn.shape[1]))
    for row in range(block.shape[0]):
        for middle in range(block.shape[1]):
            for column in range(turn.shape[1]):
                out[row, column] += block[row, middle] * turn[middle, column]
    return out


@compiled
def _orthonormalise(block: Any) -> None:
    """Make the columns of a block orthonormal, one after the other (modified Gram and Schmidt, twice)."""
    columns = block.T.copy()  # each in one piece
    height = columns.shape[1]
    for _ in range(2):
        for one in range(len(columns)):
            column = columns[one]
            for other in range(one):
                before = columns[other]
                product = 0.0
                for row in range(height):
                    product += before[row] * column[row]
                for row in range(height):
                    column[row] -= product * before[row]
            square = 0.0
            for row in range(height):
                square += column[row] * column[row]
            length = np.sqrt(square)
            # A column of nothing stays so: there are fewer topics than axes.
            for row in range(height):
                column[row] = column[row] / length if length > NOTHING else 0.0
    block[:] = columns.T
