"""Texts to terms in one compiled call: one loop behind the other, as each call from Python has its price."""

from __future__ import annotations

from typing import Any

from engine.matching.analysis import counting, stretches
from engine.matching.analysis.counting import count_terms
from engine.matching.analysis.stretches import find_stretches
from engine.matching.compiled import compiled_over
from engine.matching.text import cutting, folding, names, sentences
from engine.matching.text.cutting import Words, cut_stretches
from engine.matching.text.folding import fold
from engine.matching.text.names import Names, name_pieces
from engine.matching.text.sentences import find_sentences


@compiled_over(folding, sentences, stretches, cutting, names, counting)
def find_terms(
    codes: Any,
    raw: int,
    lists: int,
    folds: Any,
    kinds: Any,
    phrases: Any,
    words: Words,
    named: Names,
    known: Any,
    terms: Any,
) -> Any:
    """The terms of some texts.

    `codes` are the texts, with a mark behind each; they are changed. Those before `raw` are not normalised
    yet, and those from the number `lists` on are no resume's. For the tables see `folding.folds`,
    `characters.kinds`, `Phrases`, `Words`, `Names` and `Terms`; `known` is that of `tokens.Tokenizer`.

    Returns:
        Whether all raw texts could be normalised here; if not, the rest is of no use. The rows and weights of
        `counting.count_terms`. And where in `codes` the new words begin and end.
    """
    length = len(codes)
    if raw > 0:
        length = fold(codes, raw, folds)
    is_folded = length >= 0
    codes = codes[: max(length, 0)]
    found = find_sentences(codes, kinds)
    parts, weights, wholes = find_stretches(codes, found, lists, kinds, phrases)
    pieces = cut_stretches(codes, parts, words, known, kinds)
    count, runs = name_pieces(codes, pieces, named, known, kinds)
    rows, said = count_terms(codes, pieces[:count], parts, weights, found, wholes, lists, terms)
    return is_folded, rows, said, runs
