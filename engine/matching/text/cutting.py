"""The compiled loops of the tokenizer: a trie of words, the best way through it, and joined names.

The way is jieba's: of all ways to cut a stretch into words of the dictionary, that with the greatest product
of frequencies (Viterbi 1967), equal ones decided for the longer word. It is computed from right to left.

A trie is a hash table of edges. An edge is one number: the node above, the code below it, and the node that
it leads to, 21 bits each. The edges from the root have an array of their own, by code. Node 0 is the root,
and stands for "none" where an edge leads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.matching.compiled import compiled

EMPTY = -1
"""Marks an empty place of a hash table."""
NO_WORD = -1
"""The number of a piece that is no word of the vocabulary."""
BITS, MASK = 21, 2**21 - 1
"""Bits of a code and of a node, and the mask of so many."""
FACTOR = -7046029254386353131
"""The golden ratio in 64 bits: multiplied by it, neighbouring keys fall far apart (Knuth 1973)."""
SHIFT = 40
"""Bits dropped from the product; those above are mixed best."""
SCORE_MASK, MORE, KEY_SHIFT = 2**16 - 1, 2**16, 17
"""Where a packed edge has the place of its score, whether more follows, and its key; see `Words`."""
NO_EDGE = -1
"""The place of an edge that there is not."""
PAIR_MASK = 2**21 - 1
"""The mask of a bit's number in the filter of `may_begin`, which is 256 KiB long."""
MAX_BLOCK = 2_000
"""Characters of a stretch that are cut in one go; a longer one is cut in its middle."""

_WORD, _DIGIT, _SPACE, _CUT, _LATIN = 1, 2, 4, 8, 16  # as in `characters`
_A, _Z = 0x61, 0x7A


class Words(NamedTuple):
    """The words that text is cut into, packed so that a step from character to character reads one number.

    An edge stands where the hash of its key does; its place is the node that it leads to. From the highest
    bits on, it is made of the node above, the code, whether anything is below, and the score's place in
    `scores`. A node that one character leads to is `len(edges)` plus the character's code.

    Attributes:
        edges: The hash table; its length is a power of two.
        scores: The logarithms of words' shares of all words. The first is for none.
        words: By place in `edges`: the number of the word that ends there, else `NO_WORD`.
        first_scores: By code: the place in `scores` of a word of this one character.
        first_words: By code: the number of such a word, else `NO_WORD`.
        pairs: See `may_begin`.
        one: The score of a word that was seen once.
    """

    edges: Any
    scores: Any
    words: Any
    first_scores: Any
    first_words: Any
    pairs: Any
    one: float


class Names(NamedTuple):
    """The names that are joined: a trie whose codes are the numbers of pieces.

    Attributes:
        edges, roots: As in `Words`.
        shapes: By node: the number of the sequence of pieces that ends there, else `NO_WORD`.
        joined: By number of a sequence: the number of the word that it makes.
    """

    edges: Any
    roots: Any
    shapes: Any
    joined: Any


@compiled
def step(edges: Any, roots: Any, node: int, code: int) -> int:
    """The node below another one; 0 when there is none."""
    if node == 0:
        return int(roots[code])
    key = int(node) << BITS | int(code)
    place = (key * FACTOR >> SHIFT) & (len(edges) - 1)
    while edges[place] != EMPTY:
        if edges[place] >> BITS == key:
            return int(edges[place] & MASK)
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
    begin = 0
    for word in range(len(ends)):
        node = 0
        for position in range(begin, ends[word]):
            code = codes[position]
            below = step(edges, roots, node, code)
            if below == 0:
                below = counts[0]
                counts[0] += 1
                if node == 0:
                    roots[code] = below
                else:
                    key = int(node) << BITS | int(code)
                    place = (key * FACTOR >> SHIFT) & (len(edges) - 1)
                    while edges[place] != EMPTY:
                        place = (place + 1) & (len(edges) - 1)
                    edges[place] = key << BITS | below
            node = below
        if node > 0 and words[node] == NO_WORD:
            words[node] = counts[1]
            counts[1] += 1
        numbers[word] = words[node] if node > 0 else NO_WORD
        begin = ends[word]


@compiled
def rehash(edges: Any, larger: Any) -> None:
    """Copy a hash table of edges into a larger one that is empty."""
    for edge in edges:
        if edge != EMPTY:
            place = ((edge >> BITS) * FACTOR >> SHIFT) & (len(larger) - 1)
            while larger[place] != EMPTY:
                place = (place + 1) & (len(larger) - 1)
            larger[place] = edge


@compiled
def find_edge(edges: Any, node: int, code: int) -> int:
    """The place of an edge in the table of `Words`; `NO_EDGE` when there is none."""
    key = int(node) << BITS | int(code)
    place = (key * FACTOR >> SHIFT) & (len(edges) - 1)
    while edges[place] != EMPTY:
        if edges[place] >> KEY_SHIFT == key:
            return place
        place = (place + 1) & (len(edges) - 1)
    return NO_EDGE


@compiled
def find_word(codes: Any, begin: int, end: int, trie: Any) -> int:
    """The number of the word that some codes spell; `NO_WORD` when there is none."""
    if end - begin < 2:
        return int(trie.first_words[codes[begin]]) if begin < end else NO_WORD
    node = len(trie.edges) + codes[begin]
    for position in range(begin + 1, end):
        node = find_edge(trie.edges, node, codes[position])
        if node == NO_EDGE:
            return NO_WORD
    return int(trie.words[node])


@compiled
def find_way(codes: Any, begin: int, end: int, trie: Any, best: Any, way: Any) -> None:
    """The best way through a block.

    Args:
        codes: Of the text.
        begin: Of the block.
        end: Of the block.
        trie: The `Words`.
        best: Room for the score of the best way from each position; written.
        way: By position: where the best word that begins there ends, and its number; written.
    """
    # Taken out of the tuple only once, as each time counts references.
    edges, scores, words, pairs = trie.edges, trie.scores, trie.words, trie.pairs
    first_scores, first_words, one = trie.first_scores, trie.first_words, trie.one
    best[end] = 0.0
    for start in range(end - 1, begin - 1, -1):
        code = codes[start]
        # A character that is no word is cut off as if it had been seen once, but only where no longer word
        # begins.
        score = first_scores[code]
        is_known = score > 0
        most = (scores[score] if is_known else one) + best[start + 1]
        stop, leaf = start + 1, NO_EDGE
        position = start + 1
        if position < end and may_begin(pairs, code, codes[position]):
            node = len(edges) + code
            while position < end:
                node = find_edge(edges, node, codes[position])
                if node == NO_EDGE:
                    break
                position += 1
                score = edges[node] & SCORE_MASK
                if score > 0:
                    value = scores[score] + best[position]
                    if not is_known or value >= most:
                        most, stop, leaf = value, position, node
                    is_known = True
                if not edges[node] & MORE:
                    break
        best[start] = most
        way[start, 0] = stop
        way[start, 1] = first_words[code] if leaf == NO_EDGE else words[leaf]


@compiled
def may_begin(pairs: Any, first: int, second: int) -> bool:
    """Whether a word may begin with two codes: never wrong where one does, rarely where none does.

    It is a Bloom filter (Bloom 1970) that fits into a fast cache, which the table of edges does not.
    """
    bit = pair_bit(first, second)
    return bool((pairs[bit >> 3] >> (bit & 7)) & 1)


@compiled
def pair_bit(first: int, second: int) -> int:
    """The number of the bit of two codes."""
    return ((int(first) << BITS | int(second)) * FACTOR >> SHIFT) & PAIR_MASK


@compiled
def cut_block(
    codes: Any, begin: int, end: int, trie: Any, kinds: Any, way: Any, pieces: Any, count: int
) -> int:
    """Follow the best way through a block, and take single Latin letters and digits together.

    Returns:
        How many pieces there are now.
    """
    position, run = begin, EMPTY
    while position < end:
        stop = way[position, 0]
        is_latin = stop == position + 1 and kinds[codes[position]] & _LATIN
        if is_latin and run == EMPTY:
            run = position
        if run != EMPTY and not is_latin:
            pieces[count, 0], pieces[count, 1] = run, position
            pieces[count, 2] = find_word(codes, run, position, trie)
            count += 1
            run = EMPTY
        if not is_latin:
            pieces[count, 0], pieces[count, 1], pieces[count, 2] = (
                position,
                stop,
                way[position, 1],
            )
            count += 1
        position = stop
    if run != EMPTY:
        pieces[count, 0], pieces[count, 1] = run, end
        pieces[count, 2] = find_word(codes, run, end, trie)
        count += 1
    return count


@compiled
def join_names(codes: Any, first: int, count: int, names: Any, kinds: Any, pieces: Any) -> int:
    """Join the pieces of names, whatever spaces stand between them; of several names the longest counts.

    Args:
        codes: Of the text.
        first: The first piece that is looked at.
        count: One behind the last.
        names: The `Names`.
        kinds: The kind of each character.
        pieces: Changed: those behind a joined name move up.

    Returns:
        How many pieces are left.
    """
    edges, roots, shapes, joined = names.edges, names.roots, names.shapes, names.joined
    kept, at = first, first
    while at < count:
        end, name = at + 1, pieces[at, 2]
        node = roots[name] if name >= 0 else 0
        position = at + 1
        while node > 0:
            while position < count and kinds[codes[pieces[position, 0]]] & _SPACE:
                position += 1
            if position == count or pieces[position, 2] < 0:
                break
            node = step(edges, roots, node, pieces[position, 2])
            position += 1
            if node > 0 and shapes[node] >= 0:
                end, name = position, joined[shapes[node]]
        if end > at + 1 or kept < at:
            pieces[kept, 0], pieces[kept, 1], pieces[kept, 2] = pieces[at, 0], pieces[end - 1, 1], name
        kept += 1
        at = end
    return kept


@compiled
def number_run(
    codes: Any, begin: int, end: int, trie: Any, known: Any, kinds: Any, runs: Any, seen: Any, count: int
) -> int:
    """The number of a Latin run, or of a single letter, that is no word of the vocabulary.

    A known name with a version (`vue3`) is that name. A bare number is no word. Any other run is a new word:
    the first one gets the number behind the vocabulary's last, and so on; equal ones share a number.

    Args:
        codes: Of the text.
        begin: Of the run.
        end: Of the run.
        trie: The `Words`.
        known: By number: whether it is a word of the lexicon.
        kinds: The kind of each character.
        runs: Where new words begin and end; written.
        seen: A hash table of the new words; changed.
        count: How many new words there are.
    """
    digits = end
    while digits > begin and kinds[codes[digits - 1]] & _DIGIT:
        digits -= 1
    if digits == begin:
        return NO_WORD
    if digits < end:
        is_name = True
        for position in range(begin, digits):
            is_name &= _A <= codes[position] <= _Z
        if is_name:
            name = find_word(codes, begin, digits, trie)
            if name >= 0 and known[name]:
                return name
    key = 0
    for position in range(begin, end):
        key = key * FACTOR + codes[position]
    place = (key * FACTOR >> SHIFT) & (len(seen) - 1)
    while seen[place] != EMPTY:
        run = seen[place]
        if runs[run, 1] - runs[run, 0] == end - begin:
            same = True
            for offset in range(end - begin):
                same &= codes[runs[run, 0] + offset] == codes[begin + offset]
            if same:
                return len(known) + int(run)
        place = (place + 1) & (len(seen) - 1)
    seen[place] = count
    runs[count, 0], runs[count, 1] = begin, end
    return len(known) + count


@compiled
def cut_stretch(
    codes: Any, begin: int, end: int, trie: Any, kinds: Any, best: Any, way: Any, pieces: Any, count: int
) -> int:
    """Cut one stretch into everything that it consists of.

    Args:
        codes: Of the text.
        begin: Of the stretch.
        end: Of the stretch.
        trie: The `Words`.
        kinds: The kind of each character.
        best: See `find_way`.
        way: See `find_way`.
        pieces: Rows of where a piece begins and ends, and its number; written from row `count` on.
        count: How many pieces there are.

    Returns:
        How many pieces there are now.
    """
    first_words = trie.first_words
    for start in range(begin, end, MAX_BLOCK):
        stop = min(start + MAX_BLOCK, end)
        position = start
        while position < stop:
            block = position
            while position < stop and kinds[codes[position]] & _CUT:
                position += 1
            if position > block:
                find_way(codes, block, position, trie, best, way)
                count = cut_block(codes, block, position, trie, kinds, way, pieces, count)
            else:
                position += 1
                pieces[count, 0], pieces[count, 1] = block, position
                pieces[count, 2] = first_words[codes[block]]
                count += 1
    return count


@compiled
def cut_all(codes: Any, trie: Any, kinds: Any) -> Any:
    """Cut a text into everything that it consists of, as `cut_stretch` does."""
    pieces = np.empty((len(codes), 4), np.int32)
    best, way = np.empty(len(codes) + 1), np.empty((len(codes), 2), np.int32)
    return pieces[: cut_stretch(codes, 0, len(codes), trie, kinds, best, way, pieces, 0)]


@compiled
def cut_stretches(codes: Any, stretches: Any, trie: Any, names: Any, known: Any, kinds: Any) -> Any:
    """Cut some stretches of a text into words.

    Args:
        codes: Of the text.
        stretches: Rows that begin with where a stretch begins and ends.
        trie: The `Words`.
        names: The `Names`.
        known: By number: whether it is a word of the lexicon.
        kinds: The kind of each character.

    Returns:
        Rows of where a piece begins and ends, its number, and the row of its stretch: those pieces that are
        in the vocabulary or are new words. And where the new words first stand, see `number_run`.
    """
    total = 0
    for row in range(len(stretches)):
        total += stretches[row, 1] - stretches[row, 0]
    pieces, runs = np.empty((total, 4), np.int32), np.empty((total, 2), np.int32)
    best, way = np.empty(len(codes) + 1), np.empty((len(codes), 2), np.int32)
    size = 16
    while size <= total:
        size *= 2
    seen = np.full(size, EMPTY, np.int32)
    count, news = 0, 0
    for row in range(len(stretches)):
        first = count
        count = cut_stretch(
            codes, stretches[row, 0], stretches[row, 1], trie, kinds, best, way, pieces, count
        )
        count = join_names(codes, first, count, names, kinds, pieces)
        kept = first
        for piece in range(first, count):
            begin, stop, number = pieces[piece, 0], pieces[piece, 1], pieces[piece, 2]
            if number < 0 and kinds[codes[begin]] & (_WORD | _LATIN):
                number = number_run(codes, begin, stop, trie, known, kinds, runs, seen, news)
                if number == len(known) + news:
                    news += 1
            if number >= 0:
                pieces[kept, 0], pieces[kept, 1], pieces[kept, 2] = begin, stop, number
                pieces[kept, 3] = row
                kept += 1
        count = kept
    return pieces[:count], runs[:news]


@compiled
def pack(
    edges: Any,
    roots: Any,
    words: Any,
    nodes: int,
    scores: Any,
    packed: Any,
    at: Any,
    first_scores: Any,
    first_words: Any,
    pairs: Any,
) -> None:
    """Pack a trie that is complete, see `Words`.

    Args:
        edges: Of the trie.
        roots: Of the trie.
        words: Of the trie.
        nodes: How many nodes it has.
        scores: By number of a word: the place of its score.
        packed: The table of edges; written, as all that follows.
        at: By place in it: the number of a word.
        first_scores: By code.
        first_words: By code.
        pairs: See `may_begin`.
    """
    above, codes = np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    has_more = np.zeros(nodes, np.uint8)
    for edge in edges:
        if edge != EMPTY:
            node = edge & MASK
            above[node], codes[node] = edge >> BITS >> BITS, edge >> BITS & MASK
            has_more[above[node]] = 1
    # By node: where it is in the packed table. A node has a higher number than the one above it.
    places = np.zeros(nodes, np.int64)
    for code in range(len(roots)):
        node = int(roots[code])
        if node > 0:
            places[node] = len(packed) + code
            first_words[code] = words[node]
            if words[node] >= 0:
                first_scores[code] = scores[words[node]]
    for node in range(1, nodes):
        if above[node] == 0:
            continue
        key = places[above[node]] << BITS | codes[node]
        place = (key * FACTOR >> SHIFT) & (len(packed) - 1)
        while packed[place] != EMPTY:
            place = (place + 1) & (len(packed) - 1)
        score = int(scores[words[node]]) if words[node] >= 0 else 0
        packed[place] = key << KEY_SHIFT | has_more[node] * MORE | score
        at[place] = words[node]
        places[node] = place
        if above[above[node]] == 0:
            bit = pair_bit(places[above[node]] - len(packed), codes[node])
            pairs[bit >> 3] |= 1 << (bit & 7)
