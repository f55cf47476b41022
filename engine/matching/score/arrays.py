"""Arrays that grow, handed out in blocks; what is given back is handed out again, so nothing is moved."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST = 1024
"""Initial size in items. Arrays grow by a quarter, so copying stays cheap overall."""


class Pool:
    """Some arrays of one length, whose items are handed out together. Not thread-safe.

    Args:
        step: Blocks are so many items long, or a multiple of it, so that one given back fits another.
        columns: The name of each array and its type.
    """

    def __init__(self, *, step: int, **columns: Any) -> None:
        self._step = step
        self._arrays = {name: np.zeros(FIRST, kind) for name, kind in columns.items()}
        self._size = FIRST
        self._used = 0
        self._free: dict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        """How many items were ever handed out, which is where they end."""
        return self._used

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the arrays."""
        return tuple(self._arrays)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One of the arrays; another one after the next `take`."""
        return self._arrays[name]

    def reserve(self, length: int) -> None:
        """Make room for so many items beyond those that are handed out."""
        if self._used + length > self._size:
            self._size = max(self._used + length, self._size + self._size // 4)
            for array in self._arrays.values():
                # In place: the pages of a large array are moved, not copied. Nobody keeps a view of one.
                array.resize(self._size, refcheck=False)

    def take(self, length: int) -> int:
        """Allocate a block of at least this length and return its start. Its content is undefined."""
        length = self._rounded(length)
        if free := self._free.get(length):
            return free.pop()
        self.reserve(length)
        begin = self._used
        self._used += length
        return begin

    def give(self, begin: int, length: int) -> None:
        """Give a block back."""
        self._free[self._rounded(length)].append(begin)

    def fill(self, **arrays: NDArray[Any]) -> None:
        """Hold these items in place of whatever is held; all of them are handed out.

        Args:
            arrays: One for each column and of its type, all of one length, which is a multiple of the step.
                They belong to the pool from now on.
        """
        self._used = self._size = len(next(iter(arrays.values())))
        # An array that is a part of another one could not grow in place.
        self._arrays = {
            name: array if (array := arrays[name]).flags.owndata else array.copy() for name in self._arrays
        }
        self._free.clear()

    def _rounded(self, length: int) -> int:
        return -(-length // self._step) * self._step
