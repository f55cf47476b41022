"""The terms of the texts of a resume to what a profile keeps of them. The loops are compiled.

Terms and words are numbers here, and `rows` and `weights` are what `counting.count_terms` returns. The texts
of a resume stand in this order: what is said of the person, the duties of each work, and titles.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.matching.compiled import compiled, compiled_over
from engine.matching.lexicon import occupation_sums
from engine.matching.lexicon.occupation_sums import Signs, shares_of, sum_up, tell_most

TERM_RECENCY = (1.0, 0.9, 0.75, 0.6)
"""Weight of the duties of the latest work, of the one before it, and so on; the last is for all others."""
SELF = 0.7
"""Weight of what somebody says about themselves, against 1 for duties that they describe."""
MAX_TERMS = 110
"""Terms that a profile keeps. The bytes of a profile are mostly these; an ordinary resume has fewer."""
KEY_WEIGHT = 30
"""Weight, in hundredths, at or above which a skill is a key term. A skill from a long list has less."""
MAX_TERM_CHARS = 24
"""Characters of the longest term that is kept. A longer one is no word but an accident."""

SKILL_RANK = 20.0
"""What a skill counts, beside the idf (0..11) of other words, when a profile must choose what to keep.

It is above every idf, so a profile that is full drops all other words before it drops a skill.
"""

NOTHING = -1
"""Stands for no term and no word."""
_BY_TERM, _SHIFT = 455432628211, 20  # as in `cutting`


@compiled
def slot_of(term: int, terms: Any, seen: Any) -> int:
    """Where a term stands in a hash table of terms, or will stand."""
    slot = (int(term) * _BY_TERM >> _SHIFT) & (len(seen) - 1)
    while seen[slot] >= 0 and terms[seen[slot]] != term:
        slot = (slot + 1) & (len(seen) - 1)
    return slot


@compiled
def gather_into(rows: Any, weights: Any, factors: Any, terms: Any, most: Any, seen: Any) -> int:
    """Write the terms of some texts and the greatest weight of each; returns how many there are.

    Args:
        rows: Of the texts.
        weights: Of the texts.
        factors: By text: what its weights are multiplied by; 0 for a text that does not count.
        terms: Written, in the order in which the texts name them.
        most: Written: the greatest weight of each.
        seen: A hash table of the terms; changed.
    """
    count = 0
    for row in range(len(rows)):
        term, weight = rows[row, 0], weights[row] * factors[rows[row, 2]]
        if weight == 0.0 or rows[row, 3]:
            continue
        slot = slot_of(term, terms, seen)
        if seen[slot] < 0:
            seen[slot] = count
            terms[count], most[count] = term, weight
            count += 1
        elif weight > most[seen[slot]]:
            most[seen[slot]] = weight
    return count


@compiled
def hash_table(items: int) -> Any:
    """An empty hash table for at most so many items."""
    size = 16
    while size <= 2 * items:
        size *= 2
    return np.full(size, NOTHING, np.int32)


@compiled
def gather(rows: Any, weights: Any, factors: Any) -> Any:
    """The terms of some texts, and the greatest weight of each; see `gather_into`."""
    terms, most, seen = np.empty(len(rows), np.int32), np.empty(len(rows)), hash_table(len(rows))
    count = gather_into(rows, weights, factors, terms, most, seen)
    return terms[:count], most[:count]


@compiled
def gather_resume(rows: Any, weights: Any, factors: Any, first_work: int, behind_works: int) -> Any:
    """The terms of a resume: the weight of each, and the word that a reader is shown for it.

    What is denied anywhere (不会) is denied everywhere. Of several words for a term the last one counts,
    where the texts of works come first.

    Args:
        rows: Of all texts.
        weights: Of all texts.
        factors: By text: what its weights are multiplied by.
        first_work: The first text that is a work's.
        behind_works: The text behind the last such.

    Returns:
        The terms, in the order of the texts; the weight of each; and the word of each, `NOTHING` for the term
        itself.
    """
    terms, most, seen = np.empty(len(rows), np.int32), np.empty(len(rows)), hash_table(len(rows))
    count = gather_into(rows, weights, factors, terms, most, seen)
    words = np.full(count, NOTHING, np.int32)
    for turn in range(2):
        for row in range(len(rows)):
            is_work = first_work <= rows[row, 2] < behind_works
            if is_work == (turn == 0):
                place = seen[slot_of(rows[row, 0], terms, seen)]
                if place >= 0 and rows[row, 3]:
                    most[place] = 0.0
                if place >= 0 and rows[row, 1] != NOTHING:
                    words[place] = rows[row, 1]
    kept = 0
    for place in range(count):
        if most[place] > 0.0:
            terms[kept], most[kept], words[kept] = terms[place], most[place], words[place]
            kept += 1
    return terms[:kept], most[:kept], words[:kept]


@compiled
def choose(terms: Any, weights: Any, words: Any, ranks: Any, figures: Any, lengths: Any, runs: Any) -> Any:
    """The terms that a profile keeps, at most `MAX_TERMS`, best first, and of equals the first first.

    Args:
        terms: Terms.
        weights: The weight of each.
        words: The word of each that a reader is shown.
        ranks: By term: the place of the figure that says how telling it is; the last item is for all others.
        figures: Figures; that of a skill is `SKILL_RANK`.
        lengths: By term: its characters.
        runs: Where the new words, whose numbers are behind those of all others, begin and end.

    Returns:
        The terms; the weight of each, in hundredths; its word; and 1 for a skill that is a key term, else 0.
    """
    room = min(MAX_TERMS, len(terms))
    best, keys, kept, count = np.empty(room, np.int64), np.empty(room), np.empty((4, room), np.int64), 0
    for place in range(len(terms)):
        key = weights[place] * figures[ranks[min(terms[place], len(ranks) - 1)]]
        if count == room and key <= keys[room - 1]:
            continue
        slot = min(count, room - 1)
        while slot > 0 and keys[slot - 1] < key:
            keys[slot], best[slot] = keys[slot - 1], best[slot - 1]
            slot -= 1
        keys[slot], best[slot] = key, place
        count = min(count + 1, room)
    count = 0
    for chosen in best:
        term = terms[chosen]
        new = term - len(lengths)
        length = lengths[term] if new < 0 else runs[new, 1] - runs[new, 0]
        hundredth = int(np.rint(100 * weights[chosen]))
        if hundredth > 0 and length <= MAX_TERM_CHARS:
            is_skill = figures[ranks[min(term, len(ranks) - 1)]] == SKILL_RANK
            kept[0, count], kept[1, count], kept[2, count] = term, min(hundredth, 100), words[chosen]
            kept[3, count] = is_skill and hundredth >= KEY_WEIGHT
            count += 1
    return kept[:, :count]


@compiled_over(occupation_sums)
def show_duties(rows: Any, weights: Any, first_work: int, behind_works: int, signs: Signs) -> Any:
    """What the duties of all works show.

    Args:
        rows: Of all texts.
        weights: Of all texts.
        first_work: The first text that is a work's.
        behind_works: The text behind the last such.
        signs: Of occupations.

    Returns:
        The sum of each occupation, the numbers of those that are shown, and their shares.
    """
    factors = np.zeros(rows[len(rows) - 1, 2] + 1 if len(rows) > 0 else 0)
    for text in range(first_work, min(behind_works, len(factors))):
        factors[text] = TERM_RECENCY[min(text - first_work, len(TERM_RECENCY) - 1)]
    terms, said = gather(rows, weights, factors)
    sums = sum_up(terms, said, signs)
    numbers, parts = shares_of(sums)
    return sums, numbers, parts


@compiled_over(occupation_sums)
def show_resume(
    rows: Any,
    weights: Any,
    first_work: int,
    behind_works: int,
    titles: Any,
    runs: Any,
    ranks: Any,
    figures: Any,
    lengths: Any,
    signs: Signs,
    told: int,
) -> Any:
    """What a profile keeps of the terms of a resume.

    Arguments that `show_duties` or `choose` has too are the same as there. `titles` is the weight of the
    words of each title as words about the work, `told` how many words are named of each occupation, at most.

    Returns:
        The terms, see `choose`; the numbers of the occupations that are shown; their shares; and for each of
        them the words that tell most of it, with `NOTHING` behind the last one.
    """
    factors = np.empty(behind_works + len(titles))
    for text in range(len(factors)):
        if text < first_work:
            factors[text] = SELF
        elif text < behind_works:
            factors[text] = TERM_RECENCY[min(text - first_work, len(TERM_RECENCY) - 1)]
        else:
            factors[text] = titles[text - behind_works]
    terms, said, words = gather_resume(rows, weights, factors, first_work, behind_works)
    sums = sum_up(terms, said, signs)
    numbers, parts = shares_of(sums)
    places = tell_most(numbers, terms, said, signs, told)
    for row in range(len(places)):
        for column in range(told):
            place = places[row, column]
            if place != NOTHING:
                places[row, column] = terms[place] if words[place] == NOTHING else words[place]
    kept = choose(terms, said, words, ranks, figures, lengths, runs)
    return kept, numbers, parts, places
