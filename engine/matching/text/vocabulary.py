"""All words that have a number: jieba's dictionary, the words of the idf table, and the lexicon's own.

Compiled loops see words as these numbers. The numbers differ from one lexicon to the next and are stored
nowhere.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from engine.matching.text.cutting import MAX_WORDS, NO_WORD, Words
from engine.matching.text.idf import jieba_file
from engine.matching.text.packing import Packed

FACTS = np.dtype(
    [
        ("term", np.int32),
        ("rank", np.uint16),
        ("place", np.uint16),
        ("length", np.uint8),
        ("known", np.uint8),
        ("unused", np.uint16),
    ]
)
"""What compiled loops look up of a word. It stands together, because to wait for memory is what costs."""
FIRSTS = np.dtype([("word", np.int32), ("place", np.uint16), ("unused", np.uint16)])
"""What they look up of a character, see `Words`."""


class Spelled(dict[int, str]):
    """The word of each number: a string is made once it is asked for, as most words are in no text."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self._text = "".join(words)
        self._ends = array("i", [0, *accumulate(map(len, words))])

    def __missing__(self, number: int) -> str:
        word = self[number] = self._text[self._ends[number] : self._ends[number + 1]]
        return word


class Vocabulary:
    """Words and their numbers.

    Attributes:
        facts: By number, and behind the last one of any word that has none: the places are filled in by
            `cut_by`, all others by those who know them.
        lengths: By number: the word's characters; there once it is closed.
        spelled: The word of each number; likewise.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._packed = Packed([])
        self.facts = np.zeros(1, FACTS)
        self.lengths = np.zeros(0, np.int32)
        self.spelled = Spelled([])

    def __len__(self) -> int:
        return len(self.lengths) or len(self._numbers)

    def add(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Number some words.

        Returns:
            The number of each, an older one if it was there already; `NO_WORD` for an empty one.
        """
        numbers = self._numbers
        found = (numbers.setdefault(word, len(numbers)) if word else NO_WORD for word in words)
        return np.fromiter(found, np.int32, len(words))

    def fill(self, words: Sequence[str], figures: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number words when there are none, the most frequent first.

        Then what most texts have stands close together, in every table by number.

        Args:
            words: Words.
            figures: How often each was seen; of a word that comes twice the later figure counts.

        Returns:
            By number: how often the word was seen.
        """
        counts = dict(zip(words, figures.tolist(), strict=True))
        distinct, frequency = [*counts], np.fromiter(counts.values(), np.int64, len(counts))
        order = np.argsort(-frequency, kind="stable")
        self._numbers = dict(zip(map(distinct.__getitem__, order.tolist()), range(len(order)), strict=True))
        return frequency[order]

    def close(self) -> list[str]:
        """Free what is needed to add more words: nothing is added from now on.

        Returns:
            All words, by number.
        """
        words = [*self._numbers]
        self._numbers = {}
        self.spelled = Spelled(words)
        self.lengths = np.fromiter(map(len, words), np.int32, len(words))
        return words

    def cut_by(self, frequency: NDArray[np.int64]) -> Words:
        """What text is cut by.

        Args:
            frequency: By number of a word: how often it was seen, once at least. Text is not cut by the words
                beyond its end.
        """
        if len(self) > MAX_WORDS:
            raise ValueError(f"{len(self)} words are more than {MAX_WORDS}")
        total = math.log(frequency.sum())
        # By `math.log`, as that of numpy may differ in the last bit, and equal ways must stay equal. The
        # first score is that of a character that is no word.
        figures, places = np.unique(frequency, return_inverse=True)
        scores = np.array([math.log(figure) - total for figure in (1, *figures.tolist())])
        self.facts = np.zeros(len(self) + 1, FACTS)
        self.facts["place"][: len(places)] = places + 1
        places = self.facts["place"][: len(places)]
        if len(self._packed) < len(self):
            self._packed = Packed([*self._numbers])
        packed = self._packed
        firsts = np.zeros(len(packed.first_words), FIRSTS)
        first_words, first_places = firsts["word"], firsts["place"]
        first_words[:] = packed.first_words
        is_cut = (first_words >= 0) & (first_words < len(places))
        first_places[is_cut] = places[first_words[is_cut]]
        return Words(packed.edges, places, scores, first_words, first_places, packed.some)


def dictionary() -> tuple[list[str], NDArray[np.int64]]:
    """The words that jieba cuts by, and how often each was seen; a word may come twice."""
    text = jieba_file("dict.txt")
    # One column after the other: what is left of the figures is no gap between the words then.
    words = re.findall(r"^\S+", text, re.MULTILINE)
    return words, np.array([*map(int, re.findall(r"^\S+ (\d+)", text, re.MULTILINE))], np.int64)
