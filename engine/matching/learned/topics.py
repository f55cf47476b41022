"""What texts are about: learned topics, and where among them a resume or a feed lies.

    topics.locate(profile).vector           # 40 signed bytes
    topics.locate(profile).nearest(other)   # ["java", "redis"], which bring it nearest to another place

Latent semantic analysis (Deerwester et al. 1990): words that keep the same company point the same way, so two
texts may be near each other without a word in common. What is learned is a table of words, each with a
direction and a weight; `topic_learning` learns it. Everything here is whole numbers, so that the same table
and the same words give the same bytes in every process.

A word is `t:` and a term or word of a title, or `o:` and an occupation.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.resume_profile import ResumeProfile

TOPICS = 40
"""Topics of a table, and bytes of a place among them."""
LENGTH = 127
"""The length of a place as a vector, the most that a signed byte holds."""
OCCUPATION = 2
"""How often an occupation counts where a word counts once: it sums many words up."""
SHOWN_SHARE = 75
"""Percent that an occupation counts for when the duties show it but no title names it."""
NEAREST = 3
"""Words that are shown of a feed, and of a resume."""
_ROOM = 1 << 20
"""The greatest sum of which the square of a vector is made, so that it fits 64 bits."""

Vector = NDArray[np.int8]


class Topics(msgspec.Struct, frozen=True, dict=True):
    """A learned table.

    Attributes:
        words: The words, sorted.
        directions: By word `TOPICS` signed bytes.
        weights: By word how much it says, 32 bits each, little-endian.
        revision: A digest of the table's content; "" for an empty one.
    """

    words: tuple[str, ...] = ()
    directions: bytes = b""
    weights: bytes = b""
    revision: str = ""

    @cached_property
    def number(self) -> int:
        """The revision as a number by which places of different tables are kept apart; 0 for nothing."""
        return int(self.revision, 16) >> 1 if self.revision else 0

    @cached_property
    def terms(self) -> Mapping[str, int]:
        """Term or word of a title -> its row."""
        return {word[2:]: row for row, word in enumerate(self.words) if word[0] == "t"}

    @cached_property
    def occupations(self) -> Mapping[str, int]:
        """Occupation -> its row."""
        return {word[2:]: row for row, word in enumerate(self.words) if word[0] == "o"}

    @cached_property
    def arrays(self) -> tuple[NDArray[np.int8], NDArray[np.int32]]:
        """Directions and weights by row. They are copies: compiled code knows no read-only arrays."""
        directions = np.frombuffer(self.directions, np.int8).reshape(-1, TOPICS).copy()
        return directions, np.frombuffer(self.weights, "<i4").astype(np.int32)

    def locate(self, profile: ResumeProfile) -> Located:
        """Where a resume lies. It takes some 20 µs."""
        return self.place(words_of(profile)) if self.number else NO_PLACE

    def place(self, words: Words) -> Located:
        """Where a text of these words lies."""
        if not self.number:
            return NO_PLACE
        rows: list[int] = []
        weights: list[int] = []
        for table, counts in (
            (self.terms, words.terms),
            (self.terms, words.titles),
            (self.occupations, words.occupations),
        ):
            for word, weight in counts.items():
                if (row := table.get(word)) is not None:
                    rows.append(row)
                    weights.append(weight)
        return Located(self, np.array(rows, np.int64), np.array(weights, np.int64))


class Words(NamedTuple):
    """The words of a text, and how often each counts, in hundredths.

    Attributes:
        terms: Terms of the text.
        titles: Words of its titles. One that is a term too counts as both.
        occupations: Occupations.
    """

    terms: Mapping[str, int]
    titles: Mapping[str, int]
    occupations: Mapping[str, int]


class Located:
    """Where a text lies among the topics of a table.

    Attributes:
        table: The table's number; 0 where nothing is learned.
        vector: The place; all zeros where the table has none of its words, and so like nothing.
    """

    def __init__(self, topics: Topics, rows: NDArray[np.int64], weights: NDArray[np.int64]) -> None:
        self.table = topics.number
        self._topics = topics
        self._rows, self._weights = rows, weights
        self.vector = np.zeros(TOPICS, np.int8)
        if topics.number:
            sum_rows(rows, weights, *topics.arrays, self.vector)

    def nearest(self, vector: Vector) -> list[str]:
        """The text's terms that bring it nearest to a place, at most `NEAREST`, best first."""
        if not len(self._rows):
            return []
        directions, scales = self._topics.arrays
        toward = directions[self._rows].astype(np.int64) @ vector.astype(np.int64)
        pulls = (toward * scales[self._rows] * self._weights).tolist()
        names = self._topics.words
        best: dict[str, int] = {}
        for row, pull in zip(self._rows.tolist(), pulls, strict=True):
            if pull > 0 and names[row][0] == "t":
                best[names[row][2:]] = best.get(names[row][2:], 0) + pull
        return sorted(best, key=lambda name: (-best[name], name))[:NEAREST]


def vector_of(data: bytes) -> Vector:
    """A place from its bytes; a copy, as compiled code knows no read-only arrays."""
    return np.frombuffer(data, np.int8).copy()


def unit(total: Sequence[int]) -> bytes:
    """The place in the direction of a sum of places, which is not all zeros."""
    length = math.isqrt(sum(one * one for one in total))
    return bytes(
        max(-LENGTH, min(LENGTH, (2 * LENGTH * one + length) // (2 * length))) & 255 for one in total
    )


NO_TOPICS = Topics()
NO_PLACE = Located(NO_TOPICS, np.empty(0, np.int64), np.empty(0, np.int64))


def topics_of(words: tuple[str, ...], directions: bytes, weights: bytes) -> Topics:
    """A table of these, with its revision."""
    content = repr(words).encode() + directions + weights
    return Topics(words, directions, weights, hashlib.sha256(content).hexdigest()[:16] if words else "")


def words_of(profile: ResumeProfile) -> Words:
    """The words of a resume."""
    occupations = {name: OCCUPATION * (SHOWN_SHARE * weight // 100) for name, weight in profile.shown.items()}
    for name, weight in profile.titled.items():
        occupations[name] = max(occupations.get(name, 0), OCCUPATION * weight)
    return Words(profile.terms, profile.title_words, occupations)


@compiled
def sum_rows(rows: Any, weights: Any, directions: Any, scales: Any, out: Any) -> None:
    """Write the place of some rows into `out`: their sum, brought to `LENGTH`."""
    total = np.zeros(TOPICS, np.int64)
    for item in range(len(rows)):
        row = rows[item]
        weight = weights[item] * scales[row]
        for topic in range(TOPICS):
            total[topic] += weight * directions[row, topic]
    most = 0
    for topic in range(TOPICS):
        most = max(most, abs(total[topic]))
    if most == 0:
        out[:] = 0
        return
    shrink = most // _ROOM + 1
    square = 0
    for topic in range(TOPICS):
        total[topic] //= shrink
        square += total[topic] * total[topic]
    length = np.int64(np.sqrt(square))
    while length * length > square:
        length -= 1
    while (length + 1) * (length + 1) <= square:
        length += 1
    length = max(length, np.int64(1))
    for topic in range(TOPICS):
        # To the nearest; rounding up may pass what a byte holds.
        out[topic] = max(-LENGTH, min(LENGTH, (2 * LENGTH * total[topic] + length) // (2 * length)))
