"""Words to numbers: a trie that grows while words are added. Its loops are compiled.

The trie is a hash table of edges. An edge is one number: the node above, the code below it, and the node
that it leads to, 21 bits each. The edges from the root have an array of their own, by code. Node 0 is the
root, and stands for "none" where an edge leads. What text is cut by is packed from it, see `cutting`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled

NO_WORD = -1
"""The number of what is no word."""
FIRST_EDGES = 2**16
"""Initial length of the table of edges; it doubles when more than three quarters of it could be taken."""
CHUNK = 20_000
"""Sequences that are added at a time, so that a table grows by what they need and not by what all might."""

_EMPTY = -1
_BITS, _MASK = 21, 2**21 - 1  # of a code and of a node
_BY_NODE, _BY_CODE, _SHIFT = 679535556991, 455432628211, 20  # as in `cutting`


class Trie:
    """Words, numbered in the order in which they are added.

    Args:
        codes: One above the highest code.

    Attributes:
        edges: The hash table.
        roots: The edges from the root.
        words: By node: the number of the word that ends there, else `NO_WORD`.
    """

    def __init__(self, codes: int) -> None:
        self.edges = np.full(FIRST_EDGES, _EMPTY, np.int64)
        self.roots = np.zeros(codes, np.int32)
        self.words = np.full(FIRST_EDGES, NO_WORD, np.int32)
        self._counts = np.array([1, 0], np.int64)

    @property
    def nodes(self) -> int:
        """How many nodes there are, with the root. A node has a higher number than the one above it."""
        return int(self._counts[0])

    def add(self, codes: NDArray[Any], lengths: Sequence[int]) -> NDArray[np.int32]:
        """Add words that stand one behind the other.

        Returns:
            The number of each, an older one if it was there already; `NO_WORD` for an empty one.
        """
        numbers = np.empty(len(lengths), np.int32)
        ends = np.cumsum(lengths, dtype=np.int64)
        begin = 0
        for first in range(0, len(ends), CHUNK):
            part = slice(first, first + CHUNK)
            end = int(ends[part][-1])
            while int(self._counts[0]) + end - begin > len(self.edges) * 3 // 4:
                self._grow()
            add_words(
                codes[begin:end],
                ends[part] - begin,
                self.edges,
                self.roots,
                self.words,
                self._counts,
                numbers[part],
            )
            begin = end
        return numbers

    def renumber(self, numbers: NDArray[np.int32]) -> None:
        """Give every word another number.

        Args:
            numbers: By number of a word: its new one.
        """
        is_word = self.words != NO_WORD
        self.words[is_word] = numbers[self.words[is_word]]

    def unpacked(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """By node: the node above it, the code that leads to it, and the number of its word."""
        above, codes = np.zeros(self.nodes, np.int32), np.zeros(self.nodes, np.int32)
        edges = self.edges[self.edges != _EMPTY]
        nodes = edges & _MASK
        above[nodes], codes[nodes] = edges >> 2 * _BITS, edges >> _BITS & _MASK
        first = np.flatnonzero(self.roots)
        codes[self.roots[first]] = first
        return above, codes, self.words[: self.nodes]

    def _grow(self) -> None:
        edges = np.full(2 * len(self.edges), _EMPTY, np.int64)
        rehash(self.edges, edges)
        self.edges = edges
        self.words = np.concatenate((self.words, np.full_like(self.words, NO_WORD)))


@compiled
def step(edges: Any, roots: Any, node: int, code: int) -> int:
    """The node below another one; 0 when there is none."""
    if node == 0:
        return int(roots[code])
    key = int(node) << _BITS | int(code)
    place = (int(node) * _BY_NODE + int(code) * _BY_CODE >> _SHIFT) & (len(edges) - 1)
    while edges[place] != _EMPTY:
        if edges[place] >> _BITS == key:
            return int(edges[place] & _MASK)
        place = (place + 1) & (len(edges) - 1)
    return 0


@compiled
def add_words(codes: Any, ends: Any, edges: Any, roots: Any, words: Any, counts: Any, numbers: Any) -> None:
    """Add words to a trie. A new one gets the next number.

    Args:
        codes: The codes of all words, one word after the other.
        ends: Where each word ends in them. An empty word is none.
        edges: The hash table; its length is a power of two, and above the number of nodes.
        roots: The edges from the root.
        words: By node: the number of the word that ends there, else `NO_WORD`.
        counts: How many nodes and how many words there are; changed.
        numbers: The number of each word; written.
    """
    begin, before = 0, 0
    # The nodes of the word before: what begins as it does has its nodes.
    path = np.zeros(len(codes) + 1, np.int32)
    for word in range(len(ends)):
        shared = 0
        while (
            before + shared < begin
            and begin + shared < ends[word]
            and codes[before + shared] == codes[begin + shared]
        ):
            shared += 1
        node = int(path[shared])
        for position in range(begin + shared, ends[word]):
            code = codes[position]
            below = step(edges, roots, node, code)
            if below == 0:
                below = counts[0]
                counts[0] += 1
                if node == 0:
                    roots[code] = below
                else:
                    key = int(node) << _BITS | int(code)
                    place = (int(node) * _BY_NODE + int(code) * _BY_CODE >> _SHIFT) & (len(edges) - 1)
                    while edges[place] != _EMPTY:
                        place = (place + 1) & (len(edges) - 1)
                    edges[place] = key << _BITS | below
            node = below
            path[position - begin + 1] = node
        if node > 0 and words[node] == NO_WORD:
            words[node] = counts[1]
            counts[1] += 1
        numbers[word] = words[node] if node > 0 else NO_WORD
        begin, before = ends[word], begin


@compiled
def rehash(edges: Any, larger: Any) -> None:
    """Copy a hash table of edges into a larger one that is empty."""
    for edge in edges:
        if edge != _EMPTY:
            place = ((edge >> 2 * _BITS) * _BY_NODE + (edge >> _BITS & _MASK) * _BY_CODE >> _SHIFT) & (
                len(larger) - 1
            )
            while larger[place] != _EMPTY:
                place = (place + 1) & (len(larger) - 1)
            larger[place] = edge
