"""Pieces of text to weighted terms, text by text. The loops are compiled.

A piece has the number of a word. Words that mean the same have one term, which is a number of a word too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

TERM_CAP = 2.0
"""Weight that repetition can bring a term to. What is said ten times is no truer than what is said twice."""
NOTHING = -1
"""Stands for no term, no word and no trade."""
MIN_NEW_CHARS = 2
"""Characters of the shortest new word that is a term."""

_DENIED = 1  # as in `stretches`
_ZERO, _NINE = 0x30, 0x39
_BY_TEXT, _BY_TERM, _SHIFT = 679535556991, 455432628211, 20  # as in `cutting`


FIRST_ODD = -2
"""Stands for the first row of `Terms.odd`, one less for the second, and so on."""


class Terms(NamedTuple):
    """What each piece of the vocabulary counts for.

    Attributes:
        what: By number of a piece: its term, if that is the piece itself and no skill; `NOTHING`; or the row
            of `odd`, see `FIRST_ODD`.
        odd: Rows of the word that a piece is, its term, whether that counts only beside a skill of its trade,
            the characters of the word, the number of the term's trade, else `NOTHING`, and the term that it
            proves besides, else `NOTHING`.
        trades: How many trades there are.
    """

    what: Any
    odd: Any
    trades: int


@compiled
def row_of(text: int, term: int, seen: Any, rows: Any, weights: Any, count: int) -> Any:
    """The row of a term of a text, a new one if there is none, and how many rows there are then."""
    place = (int(text) * _BY_TEXT + int(term) * _BY_TERM >> _SHIFT) & (len(seen) - 1)
    while seen[place] >= 0:
        row = seen[place]
        if rows[row, 0] == term and rows[row, 2] == text:
            return row, count
        place = (place + 1) & (len(seen) - 1)
    seen[place] = count
    rows[count, 0], rows[count, 1], rows[count, 2], rows[count, 3] = term, NOTHING, text, 0
    weights[count] = 0.0
    return count, count + 1


@compiled
def state(
    text: int, term: int, wording: int, weight: float, seen: Any, rows: Any, weights: Any, count: int
) -> int:
    """Count a term that a text states; returns how many rows there are then.

    Args:
        text: Its number.
        term: The term.
        wording: The word that a reader is shown for it, unless the text has said another before; `NOTHING`
            for the term itself.
        weight: What is added.
        seen: A hash table of the rows.
        rows: See `count_terms`.
        weights: By row.
        count: How many rows there are.
    """
    row, count = row_of(text, term, seen, rows, weights, count)
    if rows[row, 1] == NOTHING:
        rows[row, 1] = wording
    weights[row] = min(weights[row] + weight, TERM_CAP)
    return count


@compiled
def prove(
    text: int, term: int, wording: int, weight: float, seen: Any, rows: Any, weights: Any, count: int
) -> int:
    """As `state`, for a term that a text only proves: where it states the term too, that is what is shown."""
    row, after = row_of(text, term, seen, rows, weights, count)
    if after > count:
        rows[row, 1] = wording
    weights[row] = min(weights[row] + weight, TERM_CAP)
    return int(after)


@compiled
def count_terms(
    codes: Any, pieces: Any, stretches: Any, weights: Any, sentences: Any, wholes: Any, lists: int, terms: Any
) -> Any:
    """The terms of some texts.

    A special skill proves the general one too where a resume names it. A posting asks for what it says alone.
    A guarded word waits for the end of its sentence. It counts if it is all of the sentence, or if the text
    has named a skill of its trade by then.

    Args:
        codes: Of the texts.
        pieces: See `cutting.cut_stretches`.
        stretches: See `stretches.find_stretches`.
        weights: Of the stretches.
        wholes: Of the sentences.
        sentences: See `sentences.find_sentences`.
        lists: The number of the first text that is not a resume's.
        terms: The `Terms`.

    Returns:
        Rows of a term, the word that it was read from (`NOTHING` where that is the term), the text, and 1
        where the text says that the term is not known (else 0), in the order in which each text names them.
        And the weight of each, 0..`TERM_CAP`.
    """
    # Each piece names two terms at most.
    rows, said = np.empty((2 * len(pieces), 4), np.int32), np.empty(2 * len(pieces))
    size = 16
    while size <= 4 * len(pieces):
        size *= 2
    seen = np.full(size, NOTHING, np.int32)
    # By trade: the last text that names one of its skills.
    trades = np.full(terms.trades, NOTHING, np.int32)
    guarded, waiting = np.empty(len(pieces), np.int32), 0
    count = 0
    what, odd = terms.what, terms.odd
    for piece in range(len(pieces)):
        begin, end, number = pieces[piece, 0], pieces[piece, 1], int(pieces[piece, 2])
        stretch = pieces[piece, 3]
        sentence = stretches[stretch, 2]
        text = sentences[sentence, 2]
        term, word, is_guarded, trade, general = number, number, False, NOTHING, NOTHING
        if number < len(what):
            term = int(what[number])
            if term <= FIRST_ODD:
                row = FIRST_ODD - term
                word, term, is_guarded = int(odd[row, 0]), int(odd[row, 1]), odd[row, 2] > 0
                trade, general = int(odd[row, 4]), int(odd[row, 5])
        elif end - begin < MIN_NEW_CHARS or _ZERO <= codes[begin] <= _NINE:
            term = NOTHING
        if term == NOTHING:
            pass
        elif stretches[stretch, 3] == _DENIED:
            row, count = row_of(text, term, seen, rows, said, count)
            rows[row, 3] = 1
        elif is_guarded:
            guarded[waiting] = piece
            waiting += 1
        else:
            wording = word if word != term else NOTHING
            count = state(text, term, wording, weights[stretch], seen, rows, said, count)
            if trade >= 0:
                trades[trade] = text
            if general >= 0 and text < lists:
                count = prove(text, general, word, weights[stretch], seen, rows, said, count)
        if waiting == 0 or (piece + 1 < len(pieces) and stretches[pieces[piece + 1, 3], 2] == sentence):
            continue
        # Which of them count is settled before any does: they do not vouch for each other.
        first, last = sentences[sentence, 0], sentences[sentence, 1]
        for one in range(waiting):
            row = FIRST_ODD - what[pieces[guarded[one], 2]]
            is_all = (
                pieces[guarded[one], 0] == first
                and pieces[guarded[one], 1] == last
                and last - first == odd[row, 3]
            )
            if not is_all and trades[odd[row, 4]] != text:
                guarded[one] = NOTHING
        for one in range(waiting):
            if guarded[one] != NOTHING:
                row = FIRST_ODD - what[pieces[guarded[one], 2]]
                count = state(text, odd[row, 1], odd[row, 0], wholes[sentence], seen, rows, said, count)
                trades[odd[row, 4]] = text
                if odd[row, 5] >= 0 and text < lists:
                    count = prove(text, odd[row, 5], odd[row, 0], wholes[sentence], seen, rows, said, count)
        waiting = 0
    return rows[:count], said[:count]
