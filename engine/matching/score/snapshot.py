"""An index as it stands at one moment, copied while it goes on changing, and packed for a file.

    copying = Copying((records, items), {"feeds": ids, "words": words.names}, changed, version)
    while not copying.is_done:
        copying.step()                      # others may change the index between two steps

The index changes while `Copying` copies its arrays in slices, so what was copied last is younger than what
was copied first. Therefore it ends with a look at which slots have not changed since it began. These are
whole; all others are left out. `pack`, `count`, `keep` and `renumber` then take out of the copy what nobody
uses, in a thread. The result is a `Snapshot`, from which an index of that kind can be made again.

Which items of a block are numbers of words is known to whoever has written it, see `feed_snapshot`. Files are
written elsewhere: nothing here reads or writes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.score.arrays import Pool

_SLICE_BYTES = 1 << 18
"""Bytes of an array that one step copies. It takes a fifth of a millisecond, and one where the system has to
find all of the memory first."""
_SLICE_NAMES = 20_000
"""Names that one step copies; it takes a tenth of a millisecond."""


class Snapshot(NamedTuple):
    """An index, packed: only what is in use, without gaps.

    Attributes:
        arrays: By name, arrays of one dimension.
        names: By name, lists of text.
    """

    arrays: dict[str, NDArray[Any]]
    names: dict[str, list[str]]


class Copying:
    """A copy of some arrays and lists that others append to and change between two steps.

    Args:
        pools: Where the arrays are; all columns have names of their own.
        names: The lists.
        changed: Gives, by slot, the version of the index at which it changed last. Asked in the last step.
        version: The version of the index at the moment.

    Attributes:
        arrays: By column, what was copied, as long as the array was at the beginning.
        names: By name, what was copied of each list, as long as it was at the beginning.
        is_done: Whether all is copied.
        same: By slot, whether it has not changed since the beginning; there once all is copied. What was
            copied of such a slot, of its block and of its words belongs together.
    """

    def __init__(
        self,
        pools: Sequence[Pool],
        names: Mapping[str, list[str]],
        changed: Callable[[], NDArray[np.int64]],
        version: int,
    ) -> None:
        self.arrays = {name: np.empty(len(pool), pool[name].dtype) for pool in pools for name in pool.columns}
        self.names: dict[str, list[str]] = {name: [] for name in names}
        self.same: NDArray[np.bool_] = np.empty(0, np.bool_)
        self.is_done = False
        self._lengths = {name: len(values) for name, values in names.items()}
        self._slots = len(changed())
        self._changed = changed
        self._version = version
        self._steps = self._copy(pools, names)

    def step(self) -> None:
        """Copy some more, for a millisecond at most."""
        if next(self._steps, None) is None:
            self.same = self._changed()[: self._slots] <= self._version
            self.is_done = True

    def _copy(self, pools: Sequence[Pool], names: Mapping[str, list[str]]) -> Iterator[bool]:
        for pool in pools:
            for name in pool.columns:
                copy = self.arrays[name]
                size = max(1, _SLICE_BYTES // copy.itemsize)
                for begin in range(0, len(copy), size):
                    end = min(begin + size, len(copy))
                    # Fetched anew each time: the array is another one when it has grown.
                    copy[begin:end] = pool[name][begin:end]
                    yield True
        for name, values in names.items():
            for begin in range(0, self._lengths[name], _SLICE_NAMES):
                end = min(begin + _SLICE_NAMES, self._lengths[name])
                self.names[name] += values[begin:end]
                yield True


def pack(
    begins: NDArray[np.int64], sizes: NDArray[np.int64], step: int, ids: NDArray[Any], weights: NDArray[Any]
) -> int:
    """Move blocks of items together, in place, in the order in which they stand; gaps are lost.

    Args:
        begins: Where each block begins; changed.
        sizes: How long each is.
        step: Each takes a multiple of so many items; what is beyond its length becomes 0.
        ids: A column of items; changed.
        weights: The other column; changed.

    Returns:
        Where the last block ends.
    """
    return int(_move(np.argsort(begins, kind="stable"), begins, sizes, step, ids, weights))


def keep(names: list[str], uses: NDArray[np.int64]) -> tuple[list[str], NDArray[np.int32]]:
    """Leave out names that nobody uses.

    Returns:
        The names that are left, in order, and by old number the new one.
    """
    left = np.flatnonzero(uses)
    fresh = np.full(len(names), -1, np.int32)
    fresh[left] = np.arange(len(left))
    return [names[number] for number in left.tolist()], fresh


@compiled
def _move(order: Any, begins: Any, sizes: Any, step: int, ids: Any, weights: Any) -> int:
    # No block moves to where another one still stands, since each moves down and those before it are done.
    end = 0
    for one in order:
        begin, size = begins[one], sizes[one]
        begins[one] = end
        for item in range(size):
            ids[end + item] = ids[begin + item]
            weights[end + item] = weights[begin + item]
        room = -(-size // step) * step
        for item in range(end + size, end + room):
            ids[item] = 0
            weights[item] = 0
        end += room
    return end


@compiled
def count(items: Any, kinds: Any, kind: int, names: int) -> Any:
    """How often each of so many numbers stands among the items of one kind."""
    uses = np.zeros(names, np.int64)
    for item in range(len(items)):
        if kinds[item] == kind:
            uses[items[item]] += 1
    return uses


@compiled
def renumber(items: Any, kinds: Any, kind: int, fresh: Any) -> None:
    """Put the new numbers in place of the old ones in all items of one kind."""
    for item in range(len(items)):
        if kinds[item] == kind:
            items[item] = fresh[items[item]]
