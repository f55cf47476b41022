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
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.matching.text.characters import codes_of
from engine.matching.text.cutting import EMPTY, FILTER, MAX_WORDS, NO_WORD, Words, pack
from engine.matching.text.trie import Trie

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


class Vocabulary:
    """Words and their numbers.

    Attributes:
        spelled: The word of each number.
        facts: By number, and behind the last one of any word that has none: the places are filled in by
            `cut_by`, all others by those who know them.
    """

    def __init__(self) -> None:
        self._trie = Trie(sys.maxunicode + 1)
        self.spelled: list[str] = []
        self.facts = np.zeros(1, FACTS)

    def __len__(self) -> int:
        return len(self.spelled)

    def add(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Number some words; see `Trie.add`."""
        known = len(self.spelled)
        numbers = self._trie.add(codes_of("".join(words) + "\n"), list(map(len, words)))
        before = np.maximum.accumulate(np.concatenate(([known - 1], numbers[:-1])))
        self.spelled += compress(words, (numbers > before).tolist())
        return numbers

    def fill(self, words: Sequence[str], figures: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number words when there are none, the most frequent first.

        Then what most texts have stands close together, in memory and in every table by number.

        Args:
            words: Words.
            figures: How often each was seen; of a word that comes twice the later figure counts.

        Returns:
            By number: how often the word was seen.
        """
        # Words that begin alike are added together, which is several times as fast as by frequency.
        numbers = self.add(words)
        frequency = np.zeros(len(self), np.int64)
        frequency[numbers] = figures
        order = np.argsort(-frequency, kind="stable")
        ranks = np.empty(len(order), np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        self._trie.renumber(ranks)
        # Made anew, as strings stand in memory in the order in which they are made.
        self.spelled = "\n".join(itemgetter(*order.tolist())(self.spelled)).split("\n")
        return frequency[order]

    def close(self) -> None:
        """Free what is needed to add more words: nothing is added from now on."""
        del self._trie

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
        above, codes, words = self._trie.unpacked()
        edges = np.full(len(self._trie.edges), EMPTY, np.int64)
        firsts = np.zeros(int(codes.max()) + 1, FIRSTS)
        first_words, first_places = firsts["word"], firsts["place"]
        first_words[:] = NO_WORD
        some = np.zeros(FILTER // 8, np.uint8)
        pack(above, codes, words, edges, first_words, some)
        is_cut = (first_words >= 0) & (first_words < len(places))
        first_places[is_cut] = places[first_words[is_cut]]
        return Words(edges, places, scores, first_words, first_places, some)


def dictionary() -> tuple[list[str], NDArray[np.int64]]:
    """The words that jieba cuts by, and how often each was seen; a word may come twice."""
    # jieba is found but not imported: at import it reads 270,000 words from a file that it never closes.
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba, whose dictionary is used, is not installed")
    rows = (Path(spec.origin).parent / "dict.txt").read_text(encoding="utf-8").split()
    return rows[::3], np.array([*map(int, rows[1::3])], np.int64)
