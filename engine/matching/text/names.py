"""Pieces of text to words: names of several pieces are joined, and runs that no table knows get a number.

The loops are compiled. Which names there are is told by `tokens`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

_EMPTY = -1
_ROOM = 4  # places of the table for each step of a name
_VERSIONED = -2  # as in `cutting`
_BEGINS, _STEP = 2, 20  # of `Names.known`; bits of a number and of a node
_BY_NODE, _BY_CODE, _SHIFT = 679535556991, 455432628211, 20  # as in `cutting`
_HASH, _BY_HASH = 2**32 - 1, 1327217885  # of a new word: bits that are kept, and a factor of half as many
_WORD, _DIGIT, _SPACE, _LATIN = 1, 2, 4, 16  # as in `characters`


class Names(NamedTuple):
    """The names that are joined, as a trie whose codes are the numbers of pieces. Node 0 is the root.

    Attributes:
        steps: A hash table of steps: from the highest bits on the node above, the number of a piece, and the
            node below.
        joined: By node: the number of the word that the pieces up to it make, else -1.
    """

    steps: Any
    joined: Any


def names_of(words: Mapping[tuple[int, ...], int]) -> Names:
    """The names that some sequences of pieces make.

    Args:
        words: Numbers of pieces -> the number of the word that they make.
    """
    nodes: dict[tuple[int, ...], int] = {(): 0}
    joined = [_EMPTY]
    for pieces in words:
        for length in range(1, len(pieces) + 1):
            if pieces[:length] not in nodes:
                nodes[pieces[:length]] = len(nodes)
                joined.append(words.get(pieces[:length], _EMPTY))
    size = 16
    while size < _ROOM * len(nodes):
        size *= 2
    steps = np.full(size, _EMPTY, np.int64)
    for pieces, node in nodes.items():
        if pieces:
            put_step(steps, nodes[pieces[:-1]], pieces[-1], node)
    return Names(steps, np.array(joined, np.int32))


@compiled
def put_step(steps: Any, node: int, piece: int, below: int) -> None:
    """Add a step to a table that has room for it."""
    key = int(node) << _STEP | int(piece)
    place = (int(node) * _BY_NODE + int(piece) * _BY_CODE >> _SHIFT) & (len(steps) - 1)
    while steps[place] != _EMPTY:
        place = (place + 1) & (len(steps) - 1)
    steps[place] = key << _STEP | below


@compiled
def step(steps: Any, node: int, piece: int) -> int:
    """The node below another one; 0 when there is none."""
    key = int(node) << _STEP | int(piece)
    place = (int(node) * _BY_NODE + int(piece) * _BY_CODE >> _SHIFT) & (len(steps) - 1)
    while steps[place] != _EMPTY:
        if steps[place] >> _STEP == key:
            return int(steps[place] & (2**_STEP - 1))
        place = (place + 1) & (len(steps) - 1)
    return 0


@compiled
def number_new(
    codes: Any, begin: int, end: int, first: int, kinds: Any, runs: Any, seen: Any, count: int
) -> int:
    """The number of a new word; equal ones share a number. A bare number is no word, so -1.

    `first` is the number of the first new word, `count` how many there are. Of these, `runs` has where each
    begins and ends, and `seen` is a hash table; both are changed.
    """
    digits = end
    while digits > begin and kinds[codes[digits - 1]] & _DIGIT:
        digits -= 1
    if digits == begin:
        return _EMPTY
    key = 0
    for position in range(begin, end):
        key = (key * _BY_HASH + int(codes[position])) & _HASH
    place = (key >> 8) & (len(seen) - 1)
    while seen[place] != _EMPTY:
        run = int(seen[place])
        if runs[run, 1] - runs[run, 0] == end - begin:
            same = True
            for offset in range(end - begin):
                same &= codes[runs[run, 0] + offset] == codes[begin + offset]
            if same:
                return first + run
        place = (place + 1) & (len(seen) - 1)
    seen[place] = count
    runs[count, 0], runs[count, 1] = begin, end
    return first + count


@compiled
def name_pieces(codes: Any, pieces: Any, names: Names, known: Any, kinds: Any) -> Any:
    """Join the pieces of names, whatever spaces stand between them, and number what is new.

    Of several names the longest counts. The pieces of a name stand in one stretch.

    Args:
        codes: Of the text.
        pieces: See `cutting.follow_way`. Changed: those that are words move up.
        names: The names.
        known: By number: a sum of bits, of which the second says that a name of several pieces begins so.
        kinds: The kind of each character.

    Returns:
        How many pieces are words. And where the new words begin and end: the first one has the number
        `len(known)`.
    """
    steps, joined = names
    kept, at, news = 0, 0, 0
    runs, seen = np.empty((0, 2), np.int32), np.empty(0, np.int32)
    while at < len(pieces):
        begin, end, number, stretch = pieces[at, 0], pieces[at, 1], int(pieces[at, 2]), pieces[at, 3]
        behind = at + 1
        if number >= 0 and known[number] & _BEGINS:
            node = step(steps, 0, number)
            position = at + 1
            while node > 0:
                while (
                    position < len(pieces)
                    and pieces[position, 3] == stretch
                    and kinds[codes[pieces[position, 0]]] & _SPACE
                ):
                    position += 1
                if position == len(pieces) or pieces[position, 3] != stretch or pieces[position, 2] < 0:
                    break
                node = step(steps, node, int(pieces[position, 2]))
                position += 1
                if node > 0 and joined[node] >= 0:
                    behind, end, number = position, pieces[position - 1, 1], int(joined[node])
        if number <= _VERSIONED:
            number = _VERSIONED - number
        elif number < 0 and kinds[codes[begin]] & (_WORD | _LATIN):
            if len(seen) == 0:
                size = 16
                while size <= 2 * (len(pieces) - at):
                    size *= 2
                runs, seen = np.empty((len(pieces) - at, 2), np.int32), np.full(size, _EMPTY, np.int32)
            number = number_new(codes, begin, end, len(known), kinds, runs, seen, news)
            if number == len(known) + news:
                news += 1
        if number >= 0:
            pieces[kept, 0], pieces[kept, 1], pieces[kept, 2], pieces[kept, 3] = begin, end, number, stretch
            kept += 1
        at = behind
    return kept, runs[:news]
