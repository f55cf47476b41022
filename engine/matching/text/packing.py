"""The words that text is cut into, packed into one hash table. It is built level by level, by NumPy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.text.characters import codes_of
from engine.matching.text.cutting import (
    BITS,
    BY_CODE,
    BY_NODE,
    EMPTY,
    FILTER,
    KEY_SHIFT,
    MORE,
    NO_WORD,
    NUMBER,
    SHIFT,
)

FIRST_ROOM = 2**16
"""Length of the table for few words."""


class Packed:
    """Some words as a trie; see `cutting.Words`, of which it has what does not depend on frequencies.

    Args:
        words: Without an empty one, each once. The number of a word is its place here.

    Attributes:
        edges: See `cutting.Words`.
        some: Likewise.
        first_words: By code: the number of the word that is this one character, else `NO_WORD`.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._length = len(words)
        codes, lengths = codes_of("".join(words)), np.fromiter(map(len, words), np.int64, len(words))
        begins = np.cumsum(lengths) - lengths
        self.first_words = np.full(int(codes.max(initial=0)) + 1, NO_WORD, np.int32)
        single = np.flatnonzero(lengths == 1)
        self.first_words[codes[begins[single]]] = single
        levels = [*_levels(codes, begins, lengths)]
        # A quarter stays free, so that searches are short.
        room = FIRST_ROOM
        while sum(len(level[0]) for level in levels) > room * 3 // 4:
            room *= 2
        self.edges = np.full(room, EMPTY, np.int64)
        passed = np.zeros(FILTER, np.bool_)
        # One character leads to a node behind all places of the table.
        places = len(self.edges) + np.arange(len(self.first_words))
        for above, code, edge in levels:
            node = places[above]
            hashed = node * BY_NODE + code * BY_CODE >> SHIFT
            passed[hashed & (FILTER - 1)] = True
            edge |= (node << BITS | code) << KEY_SHIFT
            places = _put(self.edges, hashed & (len(self.edges) - 1), edge)
        self.some = np.packbits(passed, bitorder="little")

    def __len__(self) -> int:
        return self._length


def _levels(
    codes: NDArray[Any], begins: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """The edges of the trie by the characters before them, from one on.

    Yields:
        Of each edge: the node above, which is a code on the first level and the place of an edge in the level
        before on all others; its code; and the lower bits of its number, see `cutting.Words`.
    """
    words = np.flatnonzero(lengths > 1)
    above = codes[begins[words]].astype(np.int64)
    depth = 1
    while len(words):
        keys, edge = np.unique(above << BITS | codes[begins[words] + depth], return_inverse=True)
        depth += 1
        ends = lengths[words] == depth
        low = np.full(len(keys), NUMBER, np.int64)
        low[edge[ends]] = words[ends]
        words, above = words[~ends], edge[~ends]
        more = np.zeros(len(keys), np.bool_)
        more[above] = True
        yield keys >> BITS, keys & ((1 << BITS) - 1), low | np.where(more, MORE, 0)


def _put(edges: NDArray[np.int64], places: NDArray[np.int64], new: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put edges, which all differ, into a table at the first free place from some places on.

    Returns:
        Where they stand.
    """
    left = np.arange(len(new))
    while len(left):
        free = left[edges[places[left]] == EMPTY]
        # Of those that take one place the last one has it, and the others go on.
        edges[places[free]] = new[free]
        left = left[edges[places[left]] != new[left]]
        places[left] = (places[left] + 1) & (len(edges) - 1)
    return places
