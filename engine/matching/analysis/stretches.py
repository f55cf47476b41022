"""Sentences to stretches of text whose words all count the same. The loops are compiled.

A sentence without a cue is one stretch. Another is cut into clauses, and these where a cue begins or ends to
hold: `熟悉MySQL,不会Java` has a stretch that is stated and one that is denied.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

WEAK = 0.4
"""Weight of a slight acquaintance (了解即可), against 1 for a plain statement."""
OTHERS = 0.08
"""Weight of what colleagues do (配合Java工程师). Not 0: whoever works beside it knows something about it."""
SHORT_LIST, LONG_LIST = 0.6, 0.15
"""Weight of one item in a list of `LIST_ITEMS` or more, and in one of more than `LONG_ITEMS`.

A long list of words without work behind it is how resumes are stuffed.
"""
LIST_ITEMS = 5
"""A sentence with at least so many short items is a list."""
LONG_ITEMS = 12
"""Short items above which a list is a long one."""
MAX_ITEM_CHARS = 12
"""Characters of a short item; longer ones are clauses."""
LIST_SHARE = 0.7
"""Share of a sentence's items that must be short for it to be a list."""
MAX_OTHERS_CHARS = 16
"""Characters behind a cue such as 配合 within which the others that it is about must be named."""
MAX_WHOLE_CHARS = 2_000
"""Characters of the longest sentence without a cue that is not cut into clauses."""

DENY_BEFORE, DENY_AFTER, WEAKEN, OTHERS_ANYWHERE, OTHERS_BEFORE = 1, 2, 4, 8, 16
"""Bits of the kinds of cues, see `lexicon.CUES`."""
PERSON = 32
"""Bit of the words for colleagues, which are no cues by themselves."""
GLUE = 64
"""Bit of the small words of English (`of`): where one stands, spaces are between words and not items."""
LACK, UNNEEDED = 128, 256
"""Bits of two more kinds: one denies what stands before `HELD` at the end of its clause, the other what a
posting does without. Resumes do much without: 无需指导."""
ANY_CUE = 31 | LACK | UNNEEDED
"""The bits of all cues."""
HELD = (
    (0x7ECF, 0x9A8C),
    (0x7ECF, 0x5386),
    (0x57FA, 0x7840),
    (0x80CC, 0x666F),
    (0x8BC1, 0x4E66),
    (0x9A7E, 0x7167),
)
"""What `没有` denies somebody: 经验, 经历, 基础, 背景, 证书 and 驾照, as codes. Much else is no lack:
没有酒驾记录."""

STATED, DENIED = 0, 1
"""How a stretch counts."""

_WORD, _SPACE, _LATIN, _SMALL, _ITEM_END = 1, 4, 16, 32, 128  # as in `characters`
_COMMA, _SEMICOLON, _BLANK, _CLOSING = 0x2C, 0x3B, 0x20, 0x29


class Phrases(NamedTuple):
    """Phrases, ordered by their first character and then by length, the longest first.

    Attributes:
        starts: By code of a character: the bits of all phrases that begin with it.
        groups: By code of a character: the first phrase that begins with it, else -1.
        codes: The codes of all phrases.
        ends: Where each phrase ends in them.
        kinds: By phrase: a sum of bits.
    """

    starts: Any
    groups: Any
    codes: Any
    ends: Any
    kinds: Any


@compiled
def is_whole(codes: Any, begin: int, end: int, kinds: Any) -> bool:
    """Whether a part of a text neither begins nor ends inside of a Latin word."""
    if begin > 0 and kinds[codes[begin]] & kinds[codes[begin - 1]] & _LATIN:
        return False
    return end == len(codes) or not kinds[codes[end - 1]] & kinds[codes[end]] & _LATIN


@compiled
def find_phrases(codes: Any, phrases: Any, kinds_of: Any) -> Any:
    """All phrases that stand in some texts, those in Latin letters only as whole words.

    Returns:
        Rows of where one begins and ends, and its bits: in the order of the texts, and of those at one place
        the longest first.
    """
    # Taken out of the tuple only once, as each time counts references.
    starts, groups, letters, ends, kinds = phrases
    found, count = np.empty((16, 3), np.int32), 0
    for start in range(len(codes)):
        code = codes[start]
        if code >= len(starts) or starts[code] == 0:
            continue
        phrase = int(groups[code])
        while phrase < len(ends):
            first = ends[phrase - 1] if phrase > 0 else 0
            if letters[first] != code:
                break
            stop = start + ends[phrase] - first
            position = start + 1
            while position < min(stop, len(codes)) and letters[first + position - start] == codes[position]:
                position += 1
            if position == stop and is_whole(codes, start, stop, kinds_of):
                if count == len(found):
                    more = np.empty((2 * count, 3), np.int32)
                    more[:count] = found
                    found = more
                found[count, 0], found[count, 1], found[count, 2] = start, stop, kinds[phrase]
                count += 1
            phrase += 1
    return found[:count]


@compiled
def skip(found: Any, row: int, begin: int) -> int:
    """The first phrase, from a row on, that begins at a position or behind it."""
    while row < len(found) and found[row, 0] < begin:
        row += 1
    return row


@compiled
def find(found: Any, begin: int, end: int, kind: int) -> Any:
    """The first phrase of some kind in a part of a text, the longest of those at one place.

    Args:
        found: See `find_phrases`; those before the part may be left out.
        begin: Of the part.
        end: Of the part.
        kind: A sum of bits.

    Returns:
        Where it begins and ends; -1 and -1 when there is none.
    """
    for row in range(len(found)):
        if found[row, 0] >= end:
            break
        if found[row, 0] >= begin and found[row, 1] <= end and found[row, 2] & kind:
            return found[row, 0], found[row, 1]
    return -1, -1


@compiled
def list_weight(codes: Any, begin: int, end: int, kinds: Any, is_prose: bool) -> float:
    """The weight of a sentence's words: less than 1 where it is a list of short items.

    In prose of Latin words a space ends no item.
    """
    ends = 0
    for position in range(begin, end):
        if kinds[codes[position]] & _ITEM_END and not (is_prose and codes[position] == _BLANK):
            ends += 1
    if ends < LIST_ITEMS - 1:
        return 1.0
    items, short, item_begin = 0, 0, begin
    for position in range(begin, end + 1):
        if position < end and (
            not kinds[codes[position]] & _ITEM_END or (is_prose and codes[position] == _BLANK)
        ):
            continue
        if position > item_begin:
            items += 1
            if position - item_begin <= MAX_ITEM_CHARS:
                short += 1
        item_begin = position + 1
    if short < LIST_ITEMS or short < LIST_SHARE * items:
        return 1.0
    return LONG_LIST if short > LONG_ITEMS else SHORT_LIST


@compiled
def ends_clause(codes: Any, begin: int, end: int, position: int, kinds: Any) -> bool:
    """Whether a space ends a clause: only before a Chinese character, as Latin names hold spaces."""
    if codes[position] != _BLANK or position == begin or position + 1 == end:
        return False
    before, behind = codes[position - 1], kinds[codes[position + 1]]
    if not (kinds[before] & _WORD or before == _CLOSING):
        return False
    return bool(behind & (_SPACE | _SMALL) == 0)


@compiled
def is_blank(codes: Any, begin: int, end: int, kinds: Any) -> bool:
    """Whether a part of a text is nothing but white space."""
    while begin < end and kinds[codes[begin]] & _SPACE:
        begin += 1
    return begin >= end


@compiled
def ends_held(codes: Any, begin: int, end: int, kinds: Any) -> bool:
    """Whether a clause ends in a word of `HELD`, but for marks such as a closing bracket."""
    while end > begin and not kinds[codes[end - 1]] & _WORD:
        end -= 1
    if end - begin < 2:
        return False
    for first, second in HELD:  # noqa: SIM110 - a generator is not compiled
        if codes[end - 2] == first and codes[end - 1] == second:
            return True
    return False


@compiled
def denied_from(codes: Any, begin: int, end: int, kinds: Any, found: Any, is_own: bool) -> Any:
    """Where the cue begins and ends behind which the rest of a clause is denied; -1 and -1 for none.

    `found` has the phrases of the clause, see `find_phrases`. `is_own` says whether it is a resume's.
    """
    start, stop = find(found, begin, end, DENY_BEFORE if is_own else DENY_BEFORE | UNNEEDED)
    if start < 0:
        start, stop = find(found, begin, end, LACK)
        if start >= 0 and not ends_held(codes, stop, end, kinds):
            return -1, -1
    return start, stop


@compiled
def is_about_others(found: Any, begin: int, end: int) -> bool:
    """Whether a whole sentence is about colleagues."""
    if find(found, begin, end, OTHERS_ANYWHERE)[0] < 0:
        return False
    return bool(find(found, begin, end, PERSON)[0] >= 0)


@compiled
def put(
    rows: Any, weights: Any, count: int, begin: int, end: int, sentence: int, how: int, weight: float
) -> int:
    """Add a stretch unless it is empty; returns how many there are now."""
    if begin == end:
        return count
    rows[count, 0], rows[count, 1], rows[count, 2], rows[count, 3] = begin, end, sentence, how
    weights[count] = weight
    return count + 1


@compiled
def cut_clause(
    codes: Any,
    begin: int,
    end: int,
    kinds: Any,
    found: Any,
    lists: bool,
    rows: Any,
    weights: Any,
    count: int,
    sentence: int,
    weight: float,
) -> int:
    """Add the stretches of a clause; returns how many there are now.

    `found` has the phrases of the clause, see `find_phrases`. `lists` says whether words may be about others,
    and `weight` is that of the clause's words.
    """
    if find(found, begin, end, ANY_CUE)[0] < 0:
        return put(rows, weights, count, begin, end, sentence, STATED, weight)
    start, stop = denied_from(codes, begin, end, kinds, found, lists)
    if start >= 0 and not is_blank(codes, stop, end, kinds):
        count = put(rows, weights, count, stop, end, sentence, DENIED, weight)
        end = start
    else:
        start, stop = find(found, begin, end, DENY_AFTER)
        if start >= 0 and is_blank(codes, stop, end, kinds):
            return put(rows, weights, count, begin, start, sentence, DENIED, weight)
    if find(found, begin, end, WEAKEN)[0] >= 0:
        weight *= WEAK
    if lists:
        start, stop = find(found, begin, end, OTHERS_BEFORE)
        if start >= 0:
            near = min(stop + MAX_OTHERS_CHARS, end)
            if find(found, stop, near, PERSON)[0] >= 0:
                count = put(rows, weights, count, stop, end, sentence, STATED, weight * OTHERS)
                end = stop
    return put(rows, weights, count, begin, end, sentence, STATED, weight)


@compiled
def find_stretches(codes: Any, sentences: Any, lists: int, kinds: Any, phrases: Any) -> Any:
    """The stretches of some sentences.

    Args:
        codes: Of the texts. A space that ends a clause becomes a comma where its sentence stays whole: it
            ends a clause as a comma does, but would not keep names from being joined.
        sentences: Rows of where a sentence begins and ends, and the number of its text.
        lists: The number of the first text in which lists are meant in full, and nothing is about others.
        kinds: The kind of each character.
        phrases: The `Phrases`.

    Returns:
        Rows of where a stretch begins and ends, its sentence and how it counts; the weight of the words of
        each stretch; and that of each sentence.
    """
    room = len(sentences)
    for sentence in range(len(sentences)):
        room += sentences[sentence, 1] - sentences[sentence, 0]
    rows, weights, count = np.empty((room, 4), np.int32), np.empty(room), 0
    wholes = np.empty(len(sentences))
    everything, before = find_phrases(codes, phrases, kinds), 0
    for sentence in range(len(sentences)):
        begin, end = sentences[sentence, 0], sentences[sentence, 1]
        is_own = sentences[sentence, 2] < lists
        before = skip(everything, before, begin)
        weight = list_weight(codes, begin, end, kinds, False) if is_own else 1.0
        if weight < 1.0 and find(everything[before:], begin, end, GLUE)[0] >= 0:
            weight = list_weight(codes, begin, end, kinds, True)
        has_cue = find(everything[before:], begin, end, ANY_CUE)[0] >= 0
        if has_cue and is_own and is_about_others(everything[before:], begin, end):
            weight *= OTHERS
        wholes[sentence] = weight
        if not has_cue and end - begin <= MAX_WHOLE_CHARS:
            for position in range(begin, end):
                if ends_clause(codes, begin, end, position, kinds):
                    codes[position] = _COMMA
            count = put(rows, weights, count, begin, end, sentence, STATED, weight)
            continue
        clause = begin
        for position in range(begin, end + 1):
            if position < end and not (
                codes[position] == _COMMA
                or codes[position] == _SEMICOLON
                or ends_clause(codes, begin, end, position, kinds)
            ):
                continue
            before = skip(everything, before, clause)
            count = cut_clause(
                codes,
                clause,
                position,
                kinds,
                everything[before:],
                is_own,
                rows,
                weights,
                count,
                sentence,
                weight,
            )
            clause = position + 1
    return rows[:count], weights[:count], wholes
