"""The compiled loops of `occupations`: adding up scores, finding the greatest, and what tells most of them.

They stand apart because numba keeps compiled code by file: whoever edits `occupations` compiles nothing anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

UNKNOWN = -1
"""The number of a word that is a sign of nothing."""
SHARPNESS = 2.5
"""How fast one more sign makes the other occupations improbable: the log odds that one sign is worth."""
NOTHING = 0.4
"""Score, in signs, of "no known occupation". An occupation must beat it to be believed."""
TELLING = 0.25
"""A sign is named as a reason if it tells at least this share of what the best sign tells."""
MAX_RANKED = 16
"""Occupations that shares are computed among; those behind would get nothing to speak of."""
MAX_SHOWN = 6
"""Occupations that one text shows, or that one posting asks for, at most."""


class Signs(NamedTuple):
    """Which words are signs of which owners.

    Attributes:
        words: By number of a term: the number of a word; the last item is for all other terms.
        starts: By word, where its owners begin in the next two arrays; one item more than there are words.
        owners: Numbers of owners.
        shares: The share of each owner.
        total: How many owners there are.
    """

    words: Any
    starts: Any
    owners: Any
    shares: Any
    total: int


@compiled
def add_up(words: Any, weights: Any, starts: Any, owners: Any, shares: Any, sums: Any) -> None:
    """Add each word's weight times its share to the sum of every owner, in the order of the words.

    The order is part of the result: floats that are added in another order give other bits.

    Args:
        words: Numbers of words, `UNKNOWN` among them.
        weights: The weight of each.
        starts: See `Signs`, as for the next two.
        owners: Numbers of owners.
        shares: The share of each owner.
        sums: What is added to, by number of owner.
    """
    for position in range(len(words)):
        word, weight = words[position], weights[position]
        if word == UNKNOWN:
            continue
        for item in range(starts[word], starts[word + 1]):
            sums[owners[item]] += weight * shares[item]


@compiled
def greatest(sums: Any, most: int) -> Any:
    """The numbers of the greatest sums above 0, at most `most`, greatest first, ties by number.

    Insertion into a short sorted list: `most` is far smaller than the number of sums, most of which are 0.
    """
    ranked = np.empty(most, np.int64)
    count = 0
    for number in range(len(sums)):
        value = sums[number]
        if value <= 0.0 or (count == most and value <= sums[ranked[most - 1]]):
            continue
        place = min(count, most - 1)
        while place > 0 and sums[ranked[place - 1]] < value:
            ranked[place] = ranked[place - 1]
            place -= 1
        ranked[place] = number
        count = min(count + 1, most)
    return ranked[:count]


@compiled
def shares_of(sums: Any) -> Any:
    """The `MAX_SHOWN` greatest sums, and the share of each in the sum of the exponentials.

    Args:
        sums: By number of owner.

    Returns:
        Numbers, see `greatest`, and the share of each.
    """
    numbers = greatest(sums, MAX_RANKED)
    odds = np.empty(len(numbers))
    total = 0.0
    for place in range(len(numbers)):
        # Relative to the best, so that the exponential cannot overflow.
        odds[place] = np.exp(SHARPNESS * (sums[numbers[place]] - sums[numbers[0]]))
        total += odds[place]
    if len(numbers) > 0:
        total += np.exp(SHARPNESS * (NOTHING - sums[numbers[0]]))
    return numbers[:MAX_SHOWN], odds[:MAX_SHOWN] / total if len(numbers) > 0 else odds[:MAX_SHOWN]


@compiled
def sum_up(terms: Any, weights: Any, signs: Signs) -> Any:
    """The sums of all owners, as `add_up` makes them.

    Args:
        terms: Numbers of terms.
        weights: The weight of each; one above 1 counts as 1.
        signs: The table.
    """
    # Taken out of the tuple only once, as each time counts references.
    known, starts, owners, shares, total = signs
    words, capped = np.empty(len(terms), np.int32), np.empty(len(terms))
    for place in range(len(terms)):
        words[place], capped[place] = known[min(terms[place], len(known) - 1)], min(weights[place], 1.0)
    sums = np.zeros(total)
    add_up(words, capped, starts, owners, shares, sums)
    return sums


@compiled
def tell_most(told: Any, terms: Any, weights: Any, signs: Signs, most: int) -> Any:
    """The places of the terms that tell most of the owners `told`, best first, ties by number of the word.

    Of one owner they are `most` at most, and each tells `TELLING` of what the best one tells at least. For
    terms and weights see `sum_up`.

    Returns:
        A row for each owner, with `UNKNOWN` behind its last term.
    """
    known, starts, owners, shares, _ = signs
    places = np.full((len(told), most), UNKNOWN, np.int32)
    values, words = np.zeros((len(told), most)), np.zeros((len(told), most), np.int32)
    for position in range(len(terms)):
        word = known[min(terms[position], len(known) - 1)]
        if word == UNKNOWN:
            continue
        for item in range(starts[word], starts[word + 1]):
            for row in range(len(told)):
                if owners[item] != told[row]:
                    continue
                value = min(weights[position], 1.0) * shares[item]
                place = most
                while place > 0 and (
                    places[row, place - 1] == UNKNOWN
                    or values[row, place - 1] < value
                    or (values[row, place - 1] == value and words[row, place - 1] > word)
                ):
                    place -= 1
                    if place + 1 < most:
                        places[row, place + 1] = places[row, place]
                        values[row, place + 1], words[row, place + 1] = values[row, place], words[row, place]
                if place < most:
                    places[row, place], values[row, place], words[row, place] = position, value, word
    for row in range(len(told)):
        for place in range(most):
            if values[row, place] < TELLING * values[row, 0]:
                places[row, place] = UNKNOWN
    return places
