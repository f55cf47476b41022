"""Places as bits, so that one comparison tells most pairs that have no place in common.

    held([12]) & sought([12, 40], is_anywhere=False)

What an index holds has `held`, what is looked for in it `sought`. Two places may have the same bit, so a pair
that passes is compared by name.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.score.rules import PLACE_BITS

_NOWHERE = 1 << PLACE_BITS
"""The bit of those that state no place."""


def held(numbers: Iterable[int]) -> int:
    """The places of something that an index holds; a bit of its own where it names none."""
    return _bits(numbers) or _NOWHERE


def sought(numbers: Iterable[int], *, is_anywhere: bool) -> int:
    """What is within reach of somebody who looks: the own places, and whatever states none."""
    return _NOWHERE | (_NOWHERE - 1 if is_anywhere else _bits(numbers))


def all_held(begins: NDArray[np.int64], lengths: NDArray[Any], ids: NDArray[np.int32]) -> NDArray[np.uint64]:
    """As `held`, of many.

    Args:
        begins: Where the places of each begin.
        lengths: How many there are.
        ids: Where they stand.
    """
    near = np.zeros(len(begins), np.uint64)
    _all_held(begins, lengths, ids, np.uint64(PLACE_BITS), np.uint64(_NOWHERE), near)
    return near


def _bits(numbers: Iterable[int]) -> int:
    return functools.reduce(operator.or_, (1 << number % PLACE_BITS for number in numbers), 0)


@compiled
def _all_held(begins: Any, lengths: Any, ids: Any, bits: Any, nowhere: Any, near: Any) -> None:
    for slot in range(len(begins)):
        near[slot] = nowhere if lengths[slot] == 0 else np.uint64(0)
        for item in range(begins[slot], begins[slot] + lengths[slot]):
            near[slot] |= np.uint64(1) << (np.uint64(ids[item]) % bits)
