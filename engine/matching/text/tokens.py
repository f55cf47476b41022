"""Normalised text to words: jieba's dictionary, our lexicon, Latin names in one piece.

The cutter is jieba-rs without its HMM. With the lexicon's words added under one explicit frequency it cuts
as jieba does (a test holds the two together), thirty times as fast. It always cuts at spaces and slashes,
so names such as `spring boot` and `ci/cd` are joined afterwards. Which words mean the same is not known
here.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import rjieba

WORD_FREQUENCY = 50_000
"""The frequency that every word of the lexicon is added with.

It is above the product of any two parts, so that the word stays whole, and below that of a full stop.
"""
MAX_PIECE_CHARS = 2_000
"""Characters given to one call of the cutter. The call holds up all other threads, so it must be short."""
MAX_JOINED = 8
"""Pieces of the longest name that is joined."""

MARK = "\x00"
"""Stands between texts that are cut together. Normalised text has none, and no word reaches across it."""

_WORD = re.compile(r"\w")
_VERSIONED = re.compile(r"([a-z][a-z.+#]*?)[-.]?\d+(?:\.\d+)*")


class Tokenizer:
    """Cuts normalised text. It does not change once it is built, so threads may share it.

    Args:
        words: Normalised words that stay in one piece. A word with a space is also known without it.

    Attributes:
        words: Those that are not empty.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._jieba = rjieba.Jieba()
        self.words = frozenset(word for word in words if word)
        joined: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for word in sorted(self.words):
            self._jieba.add_word(word, WORD_FREQUENCY, None)
        for word in sorted(self.words):
            pieces = tuple(piece for piece in self._jieba.cut(word, hmm=False) if not piece.isspace())
            if 1 < len(pieces) <= MAX_JOINED:
                joined[pieces[0]].add(pieces)
        self._joined = {
            first: sorted(pieces, key=lambda one: (-len(one), one)) for first, pieces in joined.items()
        }
        self._known = self.words | {word.replace(" ", "") for word in self.words}

    def cut(self, text: str) -> list[str]:
        """The words of normalised text, in order, without spaces, punctuation and bare numbers.

        A known Latin name with a version (`vue3`, `python3.8`) counts as the name.
        """
        return [word for piece in self.pieces((text,)) if (word := self.word(piece))]

    def pieces(self, texts: Sequence[str]) -> list[str]:
        """Everything that some normalised texts consist of, in order, with a `MARK` after each text.

        Names of several pieces are joined. One call for many short texts costs less than one call for each.
        """
        text = MARK.join((*texts, ""))
        pieces: list[str] = []
        while len(text) > MAX_PIECE_CHARS:
            # Behind a mark if there is one. A text that is longer than a call may be is cut in its middle.
            end = text.rfind(MARK, 0, MAX_PIECE_CHARS) + 1 or MAX_PIECE_CHARS
            pieces += self._jieba.cut(text[:end], hmm=False)
            text = text[end:]
        pieces += self._jieba.cut(text, hmm=False)
        firsts = self._joined.keys() & pieces
        return self._join(pieces, firsts) if firsts else pieces

    def word(self, piece: str) -> str | None:
        """The word that a piece is; None for a space, for punctuation and for a bare number."""
        if piece in self._known:
            return piece
        if piece.isdigit():
            return None
        if piece.isascii() and (versioned := _VERSIONED.fullmatch(piece)) and versioned[1] in self._known:
            return versioned[1]
        return piece if _WORD.search(piece) else None

    def _join(self, pieces: list[str], firsts: set[str]) -> list[str]:
        """Join the names of several pieces, whatever spaces stand between the pieces."""
        starts = sorted(position for first in firsts for position in _positions(pieces, first))
        joined: list[str] = []
        done = 0
        for start in starts:
            if start < done:
                continue
            for shape in self._joined[pieces[start]]:
                end = _end(pieces, start, shape)
                if end:
                    joined += pieces[done:start]
                    joined.append("".join(shape))
                    done = end
                    break
        return joined + pieces[done:] if done else pieces


def _positions(pieces: list[str], piece: str) -> Iterator[int]:
    """Where a piece stands. `list.index` runs in C, which a loop over all pieces would not."""
    position = -1
    with contextlib.suppress(ValueError):
        while True:
            position = pieces.index(piece, position + 1)
            yield position


def _end(pieces: list[str], start: int, shape: tuple[str, ...]) -> int:
    """Where the parts of a name that begins at `start` end; 0 when they do not all stand there."""
    position, end = start, len(pieces)
    for part in shape:
        while position < end and pieces[position].isspace():
            position += 1
        if position == end or pieces[position] != part:
            return 0
        position += 1
    return position
