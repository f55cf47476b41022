"""Texts to weighted terms: what is stated, what is denied, what colleagues do, what is merely listed.

The weight of a term says how far the text supports it: 1 for a plain statement, less for a slight
acquaintance, little for what colleagues do or for one item of a long list, nothing for what is denied.

All texts of a resume go through compiled loops together, see `passing`. What a word counts for is looked up
in tables that are made once, here and in `text.tokens`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.matching.analysis.counting import FIRST_ODD, NOTHING, Terms
from engine.matching.analysis.passing import find_terms
from engine.matching.analysis.phrases import phrases_of
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.text.characters import codes_of, kinds
from engine.matching.text.folding import folds
from engine.matching.text.sentences import MARK

MAX_LENGTH = 255
"""Characters that are counted of a word."""
MIN_WORD_CHARS = 2
"""Shortest word that counts, unless it is a skill: one character says too little."""


class Reading(msgspec.Struct):
    """The terms of a text.

    Attributes:
        terms: Term -> weight, 0..`TERM_CAP`.
        denied: Terms said not to be known.
        wording: Term -> the word that it was read from, where that differs.
    """

    terms: dict[str, float] = {}
    denied: set[str] = set()
    wording: dict[str, str] = {}


class Found(NamedTuple):
    """The terms of some texts, in the order in which each text names them.

    Attributes:
        rows: The number of a term; the word that it was read from where that is another, else `NOTHING`; the
            number of the text; and 1 where the text says that the term is not known, else 0.
        weights: Of each row, 0..`TERM_CAP`.
        runs: Where the new words begin and end in `codes`.
        codes: All the texts, one behind the other.
    """

    rows: NDArray[np.int32]
    weights: NDArray[np.float64]
    runs: NDArray[np.int32]
    codes: NDArray[Any]


class Reader:
    """Reads normalised text against a lexicon. It does not change, so threads may share it.

    Attributes:
        lengths: By number of a word: its characters, or `MAX_LENGTH`.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        tokenizer = lexicon.tokenizer
        self._spelled, self._size = tokenizer.vocabulary.spelled, len(tokenizer.vocabulary)
        terms = _terms_of(lexicon)
        self.lengths = tokenizer.vocabulary.facts["length"][:-1]
        self._tables = (folds(), kinds(), phrases_of(lexicon.cues), *tokenizer.tables, terms)

    def find(self, texts: Sequence[str], lists: int) -> Found:
        """The terms of each of some texts.

        Args:
            texts: Normalised texts.
            lists: How many of them, counted from the first, are a resume's: lists may be padding there, and
                what is said may be about colleagues. Any other text means what it lists.
        """
        codes = codes_of(MARK.join((*texts, "")))
        _, rows, weights, runs = find_terms(codes, 0, lists, *self._tables)
        return Found(rows, weights, runs, codes)

    def find_raw(self, raw: Sequence[str], texts: Sequence[str]) -> Found | None:
        """The terms of each of some texts, as `find` finds them.

        Args:
            raw: Texts of a resume, as they came.
            texts: Normalised texts behind them.

        Returns:
            None where one has an unusual character, and must be normalised first.
        """
        joined = MARK.join((*raw, ""))
        if joined.count(MARK) != len(raw):
            return None
        codes = codes_of(joined + MARK.join((*texts, "")))
        is_folded, rows, weights, runs = find_terms(codes, len(joined), len(raw), *self._tables)
        return Found(rows, weights, runs, codes) if is_folded else None

    def read(self, text: str, *, lists: bool = True) -> Reading:
        """The terms of a text.

        Args:
            text: Normalised text.
            lists: Whether a list may be padding, as in a resume. A feed means what it lists.
        """
        reading = Reading(terms={}, denied=set(), wording={})
        found = self.find((text,), int(lists))
        terms = self.spelled(found, found.rows[:, 0].tolist())
        words = found.rows[:, 1].tolist()
        for term, word, is_denied, weight in zip(
            terms, words, found.rows[:, 3].tolist(), found.weights.tolist(), strict=True
        ):
            if is_denied:
                reading.denied.add(term)
            else:
                reading.terms[term] = weight
            if word != NOTHING:
                reading.wording[term] = self._spelled[word]
        return reading

    def spelled(self, found: Found, numbers: Sequence[int]) -> list[str]:
        """The words that have some numbers."""
        known, size = self._spelled, self._size
        if not numbers or max(numbers) < size:
            return [*map(known.__getitem__, numbers)]
        return [known[number] if number < size else _new_word(found, number - size) for number in numbers]


def _new_word(found: Found, run: int) -> str:
    begin, end = found.runs[run].tolist()
    return found.codes[begin:end].tobytes().decode("utf-32-le", "surrogatepass")


def _terms_of(lexicon: Lexicon) -> Terms:
    """What each word of the vocabulary counts for. Its length is written into the facts, too."""
    tokenizer = lexicon.tokenizer
    number, spelled = tokenizer.number, tokenizer.vocabulary.spelled
    length = tokenizer.vocabulary.lengths
    # By word: its term.
    term = np.arange(len(length), dtype=np.int32)
    term[length < MIN_WORD_CHARS] = NOTHING
    for one in np.flatnonzero(~tokenizer.is_letters).tolist():
        if spelled[one][:1].isdigit():
            term[one] = NOTHING
    term[[number(word) for word in lexicon.stopwords if word]] = NOTHING
    for spelling, skill in lexicon.terms.items():
        term[number(spelling)] = number(skill)
    trades = {name: place for place, name in enumerate(sorted(set(lexicon.trades.values())))}
    # By number of a piece: the term, or the row of `odd` where it needs a second look.
    word = tokenizer.word_of
    what = np.where(word == NOTHING, NOTHING, term[word])
    odd: list[tuple[int, int, bool, int, int, int]] = []
    own = np.arange(len(length))
    special = {number(spelling) for spelling in lexicon.terms}
    for piece in {*special, *np.flatnonzero((word != own) & (what != NOTHING)).tolist()}:
        name = int(word[piece])
        skill = spelled[what[piece]]
        trade = trades[lexicon.trades[skill]] if skill in lexicon.trades else NOTHING
        general = number(lexicon.general[skill]) if skill in lexicon.general else NOTHING
        is_guarded = spelled[name] in lexicon.guarded
        odd.append((name, int(what[piece]), is_guarded, len(spelled[name]), trade, general))
        what[piece] = FIRST_ODD - (len(odd) - 1)
    # Whoever reads with this lexicon writes the same.
    facts = tokenizer.vocabulary.facts[:-1]
    facts["term"], facts["length"] = what, np.minimum(length, MAX_LENGTH)
    return Terms(facts["term"], np.array(odd, np.int32).reshape(-1, 6), len(trades))
