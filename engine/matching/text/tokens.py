"""Normalised text to words: jieba's dictionary, our lexicon, Latin names in one piece.

Text is cut as jieba and jieba-rs cut it without their HMM, with the lexicon's words added under one explicit
frequency (tests hold the three together), but never inside of a Latin word. They always cut at spaces and
slashes, so names such as `spring boot` and `ci/cd` are joined afterwards. Which words mean the same is not
known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.text.characters import codes_of, kinds
from engine.matching.text.cutting import NO_WORD, cut_stretches, find_word
from engine.matching.text.idf import UNKNOWN_IDF, rarities
from engine.matching.text.names import Names, name_pieces, names_of
from engine.matching.text.vocabulary import Vocabulary, dictionary

WORD_FREQUENCY = 50_000
"""The frequency that every word of the lexicon is added with.

It is above the product of any two parts, so that the word stays whole, and below that of a full stop.
"""
KNOWN, BEGINS = 1, 2
"""Bits of what is known of a word."""
MAX_JOINED = 8
"""Pieces of the longest name that is joined."""

_WORD = re.compile(r"\w")
_VERSIONED = re.compile(r"([a-z][a-z.+#]+?)[-.]?\d+(?:\.\d+)*")


class Tokenizer:
    """Cuts normalised text. It does not change once it is built, so threads may share it.

    Args:
        words: Normalised words that stay in one piece. A word with a space is also known without it.
        idf: How telling words are, 0..`MAX_IDF`; None for jieba's table. Its words get numbers too.
        more: From the cut by the dictionary alone to further words that get numbers.

    Attributes:
        words: Those that are not empty.
        vocabulary: All words that have a number.
        known: By number: `KNOWN` for one of the words, `BEGINS` for what a name of several pieces begins
            with.
        rarities: The figures of the idf table, of which `facts` of the vocabulary has the place.
        is_letters: By number: whether it consists of letters alone.
        tables: What text is cut by, as `cutting.Words`, `names.Names` and `known`.
        word_of: By number of a piece: the number of the word that it is, else `NO_WORD`.
    """

    def __init__(
        self,
        words: Iterable[str],
        idf: Mapping[str, float] | None = None,
        more: Callable[[Callable[[list[str]], list[list[str]]]], Iterable[str]] | None = None,
    ) -> None:
        self.words = frozenset(word for word in words if word)
        self.vocabulary = vocabulary = Vocabulary()
        # Text is cut by the words that come first; the most frequent ones first of all, so that what most
        # texts have is close together in every table.
        frequency = vocabulary.fill(*dictionary())
        own = sorted(self.words)
        numbers = vocabulary.add(own)
        # Nothing is known until all words have a number: a name with a version is then cut as it stands.
        self._words, self.known = vocabulary.cut_by(frequency), vocabulary.facts["known"]
        others = more(self.cut_each) if more is not None else ()
        frequency = np.append(frequency, np.zeros(len(vocabulary) - len(frequency), np.int64))
        frequency[numbers] = WORD_FREQUENCY
        self._words, self.known = vocabulary.cut_by(frequency), vocabulary.facts["known"]
        vocabulary.add(sorted({*others}))
        known = [*numbers.tolist(), *vocabulary.add([word.replace(" ", "") for word in own]).tolist()]
        telling, figures = rarities() if idf is None else ([*idf], [*idf.values()])
        numbers = vocabulary.add(telling)
        self._names, begins = self._names_of(own)
        # Once more, because words came since then that text is not cut by, but that have a number.
        self._words = vocabulary.cut_by(frequency)
        spelled = vocabulary.close()
        figure_of = np.full(len(spelled) + 1, UNKNOWN_IDF)
        figure_of[numbers] = figures
        self.rarities, ranks = np.unique(figure_of, return_inverse=True)
        vocabulary.facts["rank"] = ranks
        self._ranks = ranks.astype(np.uint16)
        self.known = vocabulary.facts["known"][:-1]
        self.known[known] = KNOWN
        self.known[begins] |= BEGINS
        self.tables = (self._words, self._names, self.known)
        self.word_of = np.arange(len(spelled), dtype=np.int32)
        # Letters alone are a word; anything else may be a bare number, a sign, or a name with a version.
        self.is_letters = np.fromiter(map(str.isalpha, spelled), np.bool_, len(spelled))
        for number in np.flatnonzero(~self.is_letters & (self.known & KNOWN == 0)).tolist():
            self.word_of[number] = self._word(spelled[number])

    def cut(self, text: str) -> list[str]:
        """The words of normalised text, in order, without spaces, punctuation and bare numbers.

        A known Latin name with a version (`vue3`, `python3.8`) counts as the name.
        """
        if not text:
            return []
        codes = codes_of(text)
        pieces, runs = self.pieces(codes, np.array([[0, len(codes)]], np.int32))
        spelled, size = self.vocabulary.spelled, len(self.vocabulary)
        fresh = [text[begin:end] for begin, end in runs.tolist()]
        words = []
        for number in pieces[:, 2].tolist():
            if number >= size:
                words.append(fresh[number - size])
            elif (word := self.word_of[number]) != NO_WORD:
                words.append(spelled[word])
        return words

    def pieces(self, codes: NDArray[Any], stretches: NDArray[np.int32]) -> Any:
        """The words of some stretches of a text.

        Returns:
            Rows of where a piece begins and ends, its number, and the row of its stretch: those pieces that
            are in the vocabulary or are new words. And where the new words first stand: the first of them has
            the number behind the vocabulary's last, and so on.
        """
        pieces = cut_stretches(codes, stretches, self._words, self.known, kinds())
        count, runs = name_pieces(codes, pieces, self._names, self.known, kinds())
        return pieces[:count], runs

    def number(self, word: str) -> int:
        """The number of a word of the vocabulary; `NO_WORD` when it has none."""
        return int(find_word(codes_of(word + "\n"), 0, len(word), self._words.edges, self._words.first_words))

    def idf(self, word: str) -> float:
        """How telling a word is, 0..`MAX_IDF`; `UNKNOWN_IDF` for one that the table lacks."""
        return float(self.rarities[self._ranks[self.number(word)]])

    def cut_each(self, texts: Sequence[str]) -> list[list[str]]:
        """All that each of some texts consists of, in order. Names of several pieces are not joined."""
        text = "".join(texts)
        found: list[list[str]] = [[] for _ in texts]
        if text:
            ends = np.cumsum([*map(len, texts)], dtype=np.int32)
            stretches = np.column_stack((np.append(np.int32(0), ends[:-1]), ends))
            pieces = cut_stretches(codes_of(text), stretches, self._words, self.known, kinds())
            for begin, end, _, row in pieces.tolist():
                found[row].append(text[begin:end])
        return found

    def _names_of(self, words: Iterable[str]) -> tuple[Names, NDArray[np.int32]]:
        """The words that are cut apart, and the pieces that they begin with."""
        shapes = {}
        for pieces in self.cut_each([*words]):
            shape = tuple(piece for piece in pieces if not piece.isspace())
            if 1 < len(shape) <= MAX_JOINED:
                shapes[shape] = "".join(shape)
        number = dict(zip(chain(*shapes), self.vocabulary.add([*chain(*shapes)]).tolist(), strict=True))
        joined = self.vocabulary.add([*shapes.values()]).tolist()
        numbered = [tuple(number[piece] for piece in shape) for shape in shapes]
        begins = np.array([shape[0] for shape in numbered], np.int32)
        return names_of(dict(zip(numbered, joined, strict=True))), begins

    def _word(self, piece: str) -> int:
        """The number of the word that a piece is, if it is not known; `NO_WORD` when it is none."""
        number = self.number
        if piece.isdigit():
            return NO_WORD
        if piece.isascii() and (versioned := _VERSIONED.fullmatch(piece)):
            name = number(versioned[1])
            if name != NO_WORD and self.known[name] & KNOWN:
                return name
        return number(piece) if _WORD.search(piece) else NO_WORD
