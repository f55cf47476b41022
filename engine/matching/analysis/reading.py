"""Texts to weighted terms: what is stated, what is denied, what colleagues do, what is merely listed.

The weight of a term says how far the text supports it: 1 for a plain statement, less for a slight
acquaintance, little for what colleagues do or for one item of a long list, nothing for what is denied.

All texts of a resume go through four compiled loops together: sentences (`text.sentences`), stretches of one
weight (`stretches`), pieces (`text.cutting`) and terms (`counting`). What a word counts for is looked up in
tables that are made once; here they are made, and texts are handed from loop to loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.matching.analysis.counting import FIRST_ODD, NOTHING, Terms, count_terms
from engine.matching.analysis.phrases import phrases_of
from engine.matching.analysis.stretches import find_stretches
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.text.characters import codes_of, kinds
from engine.matching.text.sentences import MARK, find_sentences

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
        runs: Where in all the texts the new words begin and end, see `cutting.number_run`.
        new: These words.
    """

    rows: NDArray[np.int32]
    weights: NDArray[np.float64]
    runs: NDArray[np.int32]
    new: list[str]


class Reader:
    """Reads normalised text against a lexicon. It does not change, so threads may share it.

    Attributes:
        lengths: By number of a word: its characters.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._tokenizer = lexicon.tokenizer
        self._spelled = lexicon.tokenizer.vocabulary.spelled
        self._terms, self.lengths = _terms_of(lexicon)
        self._phrases = phrases_of(lexicon.cues)

    def find(self, texts: Sequence[str], lists: int) -> Found:
        """The terms of each of some texts.

        Args:
            texts: Normalised texts.
            lists: How many of them, counted from the first, are a resume's: lists may be padding there, and
                what is said may be about colleagues. Any other text means what it lists.
        """
        text = MARK.join((*texts, ""))
        codes = codes_of(text)
        sentences = find_sentences(codes, kinds())
        stretches, weights, wholes = find_stretches(codes, sentences, lists, kinds(), self._phrases)
        pieces, runs = self._tokenizer.pieces(codes, stretches)
        rows, said = count_terms(codes, pieces, stretches, weights, sentences, wholes, self._terms)
        return Found(rows, said, runs, [text[begin:end] for begin, end in runs.tolist()])

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

    def spelled(self, found: Found, numbers: Iterable[int]) -> list[str]:
        """The words that have some numbers."""
        known, new = self._spelled, found.new
        if not new:
            return [known[number] for number in numbers]
        return [known[number] if number < len(known) else new[number - len(known)] for number in numbers]


def _terms_of(lexicon: Lexicon) -> tuple[Terms, NDArray[np.int32]]:
    """What each word of the vocabulary counts for, and how many characters it has."""
    tokenizer = lexicon.tokenizer
    number, spelled = tokenizer.number, tokenizer.vocabulary.spelled
    length = np.fromiter(map(len, spelled), np.int32, len(spelled))
    # By word: its term.
    term = np.arange(len(spelled), dtype=np.int32)
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
    odd: list[tuple[int, int, bool, int, int]] = []
    own = np.arange(len(spelled))
    special = {number(spelling) for spelling in lexicon.terms}
    for piece in {*special, *np.flatnonzero((word != own) & (what != NOTHING)).tolist()}:
        name = int(word[piece])
        skill = spelled[what[piece]]
        trade = trades[lexicon.trades[skill]] if skill in lexicon.trades else NOTHING
        odd.append((name, int(what[piece]), spelled[name] in lexicon.guarded, len(spelled[name]), trade))
        what[piece] = FIRST_ODD - (len(odd) - 1)
    return Terms(what, np.array(odd, np.int32).reshape(-1, 5), len(trades)), length
