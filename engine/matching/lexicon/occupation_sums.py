"""The two compiled loops of `occupations`: adding up scores, and finding the greatest.

They stand apart because numba keeps compiled code by file: whoever edits `occupations` compiles nothing anew.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.matching.compiled import compiled

UNKNOWN = -1
"""The number of a word that is a sign of nothing."""


@compiled
def add_up(words: Any, weights: Any, starts: Any, owners: Any, shares: Any, sums: Any) -> None:
    """Add each word's weight times its share to the sum of every owner, in the order of the words.

    The order is part of the result: floats that are added in another order give other bits.

    Args:
        words: Numbers of words, `UNKNOWN` among them.
        weights: The weight of each.
        starts: By word, where its owners begin in the next two arrays; one item more than there are words.
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
