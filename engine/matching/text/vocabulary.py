"""All words that have a number: jieba's dictionary, the words of the idf table, and the lexicon's own.

Compiled loops see words as these numbers. The numbers differ from one lexicon to the next and are stored
nowhere.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.text.characters import codes_of
from engine.matching.text.cutting import (
    EMPTY,
    NO_WORD,
    PAIR_MASK,
    Words,
    add_words,
    pack,
    rehash,
)

FIRST_EDGES = 2**16
"""Initial length of a hash table of edges; it doubles when more than half of it could be taken."""
CHUNK = 20_000
"""Sequences that are added at a time, so that a table grows by what they need and not by what all might."""


class Trie:
    """Sequences of codes, numbered in the order in which they are added.

    Args:
        codes: One above the highest code.

    Attributes:
        edges, roots, words: See `cutting.Words`. They are others after the next `add`.
    """

    def __init__(self, codes: int) -> None:
        self.edges = np.full(FIRST_EDGES, EMPTY, np.int64)
        self.roots = np.zeros(codes, np.int32)
        self.words = np.full(FIRST_EDGES, NO_WORD, np.int32)
        self._counts = np.array([1, 0], np.int64)

    @property
    def nodes(self) -> int:
        """How many nodes there are, with the root."""
        return int(self._counts[0])

    def add(self, codes: NDArray[Any], lengths: Sequence[int]) -> NDArray[np.int32]:
        """Add sequences that stand one behind the other.

        Returns:
            The number of each, an older one if it was there already; `NO_WORD` for an empty one.
        """
        numbers = np.empty(len(lengths), np.int32)
        ends = np.cumsum(lengths, dtype=np.int64)
        begin = 0
        for first in range(0, len(ends), CHUNK):
            part = slice(first, first + CHUNK)
            end = int(ends[part][-1])
            while int(self._counts[0]) + end - begin > len(self.edges) * 3 // 4:
                self._grow()
            add_words(
                codes[begin:end],
                ends[part] - begin,
                self.edges,
                self.roots,
                self.words,
                self._counts,
                numbers[part],
            )
            begin = end
        return numbers

    def _grow(self) -> None:
        edges = np.full(2 * len(self.edges), EMPTY, np.int64)
        rehash(self.edges, edges)
        self.edges = edges
        self.words = np.concatenate((self.words, np.full_like(self.words, NO_WORD)))


class Vocabulary:
    """Words and their numbers.

    Attributes:
        spelled: The word of each number.
    """

    def __init__(self) -> None:
        self._trie = Trie(sys.maxunicode + 1)
        self.spelled: list[str] = []

    def __len__(self) -> int:
        return len(self.spelled)

    def add(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Number some words; see `Trie.add`."""
        known = len(self.spelled)
        numbers = self._trie.add(codes_of("".join(words) + "\n"), list(map(len, words)))
        before = np.maximum.accumulate(np.concatenate(([known - 1], numbers[:-1])))
        self.spelled += compress(words, (numbers > before).tolist())
        return numbers

    def cut_by(self, frequency: NDArray[np.int64]) -> Words:
        """What text is cut by.

        Args:
            frequency: By number of a word: how often it was seen; 0 for one that text is not cut by. Beyond
                its end all are 0.
        """
        frequency = padded(frequency, len(self))
        trie = self._trie
        total = math.log(frequency.sum())
        # By `math.log`, as that of numpy may differ in the last bit, and equal ways must stay equal.
        figures, places = np.unique(np.append(frequency, 0), return_inverse=True)
        scores = np.array([math.log(figure) - total if figure else 0.0 for figure in figures.tolist()])
        edges = np.full(len(trie.edges), EMPTY, np.int64)
        words = np.full(len(edges), NO_WORD, np.int32)
        first_scores = np.zeros(len(trie.roots), np.int32)
        first_words = np.full(len(trie.roots), NO_WORD, np.int32)
        pairs = np.zeros((PAIR_MASK + 1) // 8, np.uint8)
        pack(
            trie.edges,
            trie.roots,
            trie.words,
            trie.nodes,
            places,
            edges,
            words,
            first_scores,
            first_words,
            pairs,
        )
        return Words(edges, scores, words, first_scores, first_words, pairs, 0.0 - total)


def padded(figures: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Figures with zeros behind them."""
    return np.concatenate((figures, np.zeros(length - len(figures), np.int64)))


def dictionary() -> tuple[list[str], list[int]]:
    """The words that jieba cuts by, and how often each was seen.

    Of a word that is listed twice the later figure counts.
    """
    # jieba is found but not imported: at import it reads 270,000 words from a file that it never closes.
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba, whose dictionary is used, is not installed")
    rows = (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8").split()
    return rows[::3], list(map(int, rows[1::3]))
