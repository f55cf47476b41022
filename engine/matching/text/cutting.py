"""Text to words: the best way through it. The loops are compiled.

The way is jieba's: of all ways to cut a stretch into words of the dictionary, that with the greatest product
of frequencies (Viterbi 1967), equal ones decided for the longer word. It is computed from right to left.
Unlike jieba we never cut inside a Latin word: a run of Latin letters and digits is taken as if it were one
character, so that `windows` holds no `wind` and `https` no `tps`.

The table of words is larger than a fast cache, so that what costs most is to wait for memory. Therefore words
are looked up for all positions of a text at once, character by character: these reads do not depend on each
other, and a processor waits for many at the same time. The names that are made of several words are joined in
`names`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

EMPTY = -1
"""Marks an empty place of a hash table, and the end of a list."""
NO_WORD = -1
"""The number of a piece that is no word of the vocabulary."""
VERSIONED = -2
"""The number of a piece that is word 0 with a version, one less for word 1, and so on."""
MAX_WORDS = 2**20 - 1
"""Words that a table can number; the number behind the last one stands for none."""
FILTER = 2**22
"""Bits of the filter of edges, which is 512 KiB long."""
MAX_BLOCK = 2_000
"""Characters of a stretch that are cut in one go; a longer one is cut in its middle."""

BITS = 21
"""Of a code."""
# A node and a code are hashed by multiplying each and dropping the lowest bits of the sum (Knuth 1973). The
# factors have 40 bits, so that nothing overflows: where signed numbers do, LLVM may compile anything.
BY_NODE, BY_CODE, SHIFT = 679535556991, 455432628211, 20
NUMBER, MORE, KEY_SHIFT, _KEY = 2**20 - 1, 2**20, 21, 2**43 - 1  # of an edge, see `Words`
_DIGIT, _CUT, _LATIN = 2, 8, 16  # as in `characters`
_KNOWN = 1  # as in `tokens`
_A, _Z, _DOT = 0x61, 0x7A, 0x2E
_MIN_NAME = 2  # letters of the shortest name that has versions: `c2` is no version of C


class Words(NamedTuple):
    """The words that text is cut into, packed so that a step from character to character reads one number.

    An edge stands where the hash of its key does; its place is the node that it leads to. From the highest
    bits on, it is made of the node above, the code, whether anything is below, and the number of the word
    that ends there. A node that one character leads to is `len(edges)` plus the character's code.

    Attributes:
        edges: The hash table; its length is a power of two.
        places: By number of a word that text is cut by, which are the first ones: where its score is.
        scores: The logarithms of words' shares of all words. The first is that of a word seen once.
        first_words: By code: the number of the word that is this one character, else `NO_WORD`.
        first_places: By code: where the score of such a word is.
        some: A filter of the edges (Bloom 1970): never wrong where there is one, rarely where there is none.
            It fits into a fast cache.
    """

    edges: Any
    places: Any
    scores: Any
    first_words: Any
    first_places: Any
    some: Any


@compiled
def find_edge(edges: Any, node: int, code: int) -> int:
    """The place of an edge; `EMPTY` when there is none."""
    key = int(node) << BITS | int(code)
    place = (int(node) * BY_NODE + int(code) * BY_CODE >> SHIFT) & (len(edges) - 1)
    while edges[place] != EMPTY:
        if edges[place] >> KEY_SHIFT & _KEY == key:
            return place
        place = (place + 1) & (len(edges) - 1)
    return EMPTY


@compiled
def find_word(codes: Any, begin: int, end: int, edges: Any, first_words: Any) -> int:
    """The number of the word that some codes spell; `NO_WORD` when there is none."""
    if begin == end:
        return NO_WORD
    if end - begin == 1:
        return int(first_words[codes[begin]]) if codes[begin] < len(first_words) else NO_WORD
    node = len(edges) + codes[begin]
    for position in range(begin + 1, end):
        node = find_edge(edges, node, codes[position])
        if node == EMPTY:
            return NO_WORD
    number = edges[node] & NUMBER
    return NO_WORD if number == NUMBER else int(number)


@compiled
def is_latin_at(codes: Any, position: int, end: int, kinds: Any) -> bool:
    """Whether a Latin letter or digit stands at a position before some end."""
    return bool(position < end and kinds[codes[position]] & _LATIN)


@compiled
def cut_off(codes: Any, begin: int, end: int, kinds: Any) -> int:
    """Where what is cut in one go ends: `MAX_BLOCK` behind its beginning, or before the Latin run there."""
    if end - begin <= MAX_BLOCK:
        return end
    stop = begin + MAX_BLOCK
    while stop > begin and is_latin_at(codes, stop, end, kinds) and is_latin_at(codes, stop - 1, end, kinds):
        stop -= 1
    return stop if stop > begin else begin + MAX_BLOCK


@compiled
def find_blocks(
    codes: Any, kinds: Any, stretches: Any, blocks: Any, ends: Any, inner: Any, active: Any
) -> Any:
    """The blocks of some stretches that are looked up, and where words of several characters may begin.

    Args:
        codes: Of the text.
        kinds: The kind of each character.
        stretches: Rows that begin with where a stretch begins and ends.
        blocks: Rows of where a block begins and ends; written.
        ends: By position: the end of its block; written.
        inner: By position: 1 where it is inside of a Latin run, so that no word begins or ends there;
            written, and 0 before.
        active: Positions in a block where a word of several characters may begin; written.

    Returns:
        How many blocks there are, and how many such positions.
    """
    count, found = 0, 0
    for row in range(len(stretches)):
        stop = int(stretches[row, 0])
        while stop < stretches[row, 1]:
            position = stop
            stop = cut_off(codes, position, stretches[row, 1], kinds)
            while position < stop:
                block = position
                while position < stop and kinds[codes[position]] & _CUT:
                    position += 1
                if position == block:
                    position += 1
                    continue
                blocks[count, 0], blocks[count, 1] = block, position
                count += 1
                was_latin = False
                for first in range(block, position):
                    ends[first] = position
                    is_latin = kinds[codes[first]] & _LATIN != 0
                    # A dot in a name (`a.net`) does not begin one (`.net`).
                    is_joint = (
                        was_latin and codes[first] == _DOT and is_latin_at(codes, first + 1, position, kinds)
                    )
                    inner[first] = is_latin and was_latin
                    active[found] = first
                    found += first + 1 < position and not is_joint and not inner[first]
                    was_latin = is_latin
    return count, found


@compiled
def find_words(
    codes: Any, edges: Any, some: Any, cut: int, ends: Any, inner: Any, active: Any, found: int, lists: Any
) -> Any:
    """All words of several characters that text is cut by and that begin at some positions.

    Args:
        codes: Of the text.
        edges: See `Words`.
        some: See `Words`.
        cut: How many words text is cut by.
        ends: By position: the end of its block.
        inner: See `find_blocks`.
        active: The positions; changed.
        found: How many there are.
        lists: By position: its longest word, a row of what is returned; written.

    Returns:
        Rows of where a word ends, its number, and the row of the next shorter word at the same position, else
        `EMPTY`.
    """
    words, count = np.empty((found + 16, 3), np.int32), 0
    nodes, read, slots = np.empty(found, np.int32), np.empty(found, np.int64), np.empty(found, np.int32)
    for one in range(found):
        nodes[one] = len(edges) + codes[active[one]]
    depth = 1
    while found > 0:
        # What the filter excludes is written too, and written over: a branch guessed wrong would cost more.
        left = 0
        for one in range(found):
            begin, node = active[one], nodes[one]
            key = int(node) * BY_NODE + int(codes[begin + depth]) * BY_CODE >> SHIFT
            bit = key & (FILTER - 1)
            active[left], nodes[left], slots[left] = begin, node, key & (len(edges) - 1)
            left += int(some[bit >> 3] >> (bit & 7)) & 1
        found = left
        # Reads that wait for memory together: nothing is decided between them.
        for one in range(found):
            read[one] = edges[slots[one]]
        if count + found > len(words):
            more = np.empty((2 * (count + found), 3), np.int32)
            more[:count] = words[:count]
            words = more
        left = 0
        depth += 1
        for one in range(found):
            begin, slot, edge = active[one], int(slots[one]), read[one]
            key = int(nodes[one]) << BITS | int(codes[begin + depth - 1])
            while edge != EMPTY and edge >> KEY_SHIFT & _KEY != key:
                slot = (slot + 1) & (len(edges) - 1)
                edge = edges[slot]
            number = edge & NUMBER
            words[count, 0], words[count, 1], words[count, 2] = begin + depth, number, lists[begin]
            is_word = (number < cut) & (inner[begin + depth] == 0)
            lists[begin] = count if is_word else lists[begin]
            count += is_word
            active[left], nodes[left] = begin, slot
            left += (edge != EMPTY) & (edge & MORE != 0) & (begin + depth < ends[begin])
        found = left
    return words


@compiled
def find_way(
    codes: Any,
    begin: int,
    end: int,
    places: Any,
    scores: Any,
    first_words: Any,
    first_places: Any,
    inner: Any,
    lists: Any,
    words: Any,
    best: Any,
    way: Any,
) -> None:
    """The best way through a block.

    `lists` has by position its longest word, a row of `words`, see `find_words`. `best` is room for the score
    of the best way from each position. `way` is written: by position, where the best word that begins there
    ends, and its number. For the rest see `Words` and `find_blocks`.
    """
    best[end] = 0.0
    behind = end
    for start in range(end - 1, begin - 1, -1):
        if inner[start]:
            continue
        # One character, or all of a Latin run.
        code, stop, behind = codes[start], behind, start
        place, number = 0, NO_WORD
        if stop == start + 1 and code < len(first_places):
            place, number = int(first_places[code]), int(first_words[code])
        row = lists[start]
        most = scores[place] + best[stop]
        if row != EMPTY:
            # A character that is no word is cut off as if it had been seen once, but only where no longer
            # word begins.
            single, is_known = most, place > 0
            most, stop = scores[places[words[row, 1]]] + best[words[row, 0]], words[row, 0]
            number_of_one, number = number, words[row, 1]
            row = words[row, 2]
            while row != EMPTY:
                value = scores[places[words[row, 1]]] + best[words[row, 0]]
                if value > most:
                    most, stop, number = value, words[row, 0], words[row, 1]
                row = words[row, 2]
            if is_known and single > most:
                most, stop, number = single, start + 1, number_of_one
        best[start] = most
        way[start, 0], way[start, 1] = stop, number


@compiled
def number_run(codes: Any, begin: int, end: int, edges: Any, first_words: Any, known: Any, kinds: Any) -> int:
    """The number of a Latin run: of a word, of a known name between digits (`vue3`, `02cad`), or `NO_WORD`.

    `known` has by number a sum of bits, of which the first says that it is a word of the lexicon.
    """
    number = find_word(codes, begin, end, edges, first_words)
    first, last = begin, end
    while last > begin and kinds[codes[last - 1]] & _DIGIT:
        last -= 1
    while first < last and kinds[codes[first]] & _DIGIT:
        first += 1
    if number != NO_WORD or last - first < _MIN_NAME or last - first == end - begin:
        return number
    for position in range(first, last):
        if not _A <= codes[position] <= _Z:
            return NO_WORD
    name = find_word(codes, first, last, edges, first_words)
    return VERSIONED - name if name >= 0 and known[name] & _KNOWN else NO_WORD


@compiled
def follow_way(
    codes: Any,
    stretches: Any,
    edges: Any,
    first_words: Any,
    known: Any,
    kinds: Any,
    way: Any,
    pieces: Any,
) -> int:
    """Follow the best ways, and number the Latin runs that are no words to cut by.

    Stretches are rows that begin with where one begins and ends. What stands outside of blocks ends behind
    itself in `way`, see `find_way`.

    Returns:
        How many `pieces` were written: rows of where one begins and ends, its number, and the row of its
        stretch.
    """
    count = 0
    for row in range(len(stretches)):
        begin, end = int(stretches[row, 0]), int(stretches[row, 1])
        position = begin
        while position < end:
            stop, number = int(way[position, 0]), int(way[position, 1])
            if number == NO_WORD and kinds[codes[position]] & _LATIN:
                number = number_run(codes, position, stop, edges, first_words, known, kinds)
            pieces[count, 0], pieces[count, 1] = position, stop
            pieces[count, 2], pieces[count, 3] = number, row
            count += 1
            position = stop
    return count


@compiled
def cut_stretches(codes: Any, stretches: Any, table: Words, known: Any, kinds: Any) -> Any:
    """Cut some stretches of a text into everything that they consist of.

    Args:
        codes: Of the text.
        stretches: Rows that begin with where a stretch begins and ends.
        table: The words.
        known: By number: a sum of bits, of which the first says that it is a word of the lexicon.
        kinds: The kind of each character.

    Returns:
        See `follow_way`.
    """
    # Taken out of the tuple only once, as each time counts references.
    edges, places, scores, first_words, first_places, some = table
    length = len(codes)
    blocks, ends = np.empty((length, 2), np.int32), np.empty(length, np.int32)
    active, lists = np.empty(length + 1, np.int32), np.full(length, EMPTY, np.int32)
    best, way = np.empty(length + 1), np.empty((length, 2), np.int32)
    inner = np.zeros(length + 1, np.uint8)
    count, found = find_blocks(codes, kinds, stretches, blocks, ends, inner, active)
    words = find_words(codes, edges, some, len(places), ends, inner, active, found, lists)
    for position in range(length):
        code = codes[position]
        way[position, 0] = position + 1
        way[position, 1] = first_words[code] if code < len(first_words) else NO_WORD
    for block in range(count):
        find_way(
            codes,
            blocks[block, 0],
            blocks[block, 1],
            places,
            scores,
            first_words,
            first_places,
            inner,
            lists,
            words,
            best,
            way,
        )
    pieces = np.empty((length, 4), np.int32)
    return pieces[: follow_way(codes, stretches, edges, first_words, known, kinds, way, pieces)]
