"""How telling a word is: its inverse document frequency (Sparck Jones 1972), from jieba's fixed table.

The table ships with jieba and does not change with what is stored, so no score depends on the order in which
resumes came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN_IDF = 9.0
"""For a word that the table lacks. It is rare, but so are typing errors, so it is not the rarest."""
MAX_IDF = 11.0
"""The table's rarest words are names and accidents, so more than this tells no more."""


class Idf:
    """Word to inverse document frequency, 0..`MAX_IDF`. jieba's table is read at the first use, in 0.1 s."""

    def __init__(self, table: Mapping[str, float] | None = None) -> None:
        self._given = table

    @cached_property
    def table(self) -> Mapping[str, float]:
        """The words that the table has."""
        return _table(*self.rows())

    def rows(self) -> tuple[list[str], NDArray[np.float64]]:
        """The words that the table has, and the figure of each. It is read each time."""
        if self._given is not None:
            words, figures = list(self._given), list(self._given.values())
        else:
            # jieba is found but not imported: at import it reads 270,000 words from a file that it never
            # closes.
            spec = find_spec("jieba")
            if spec is None or spec.origin is None:
                raise ModuleNotFoundError("jieba, whose idf table is used, is not installed")
            path = Path(spec.origin).parent / "analyse" / "idf.txt"
            rows = path.read_text(encoding="utf-8").split()
            words, figures = rows[::2], [*map(float, rows[1::2])]
        return words, np.minimum(np.array(figures, np.float64), MAX_IDF)

    def share(self, words: Iterable[str], figures: NDArray[np.float64]) -> None:
        """Have the table hold these strings, which somebody else holds too, rather than strings of its own.

        Args:
            words: The words that `rows` gives, in its order.
            figures: The figures that it gives.
        """
        self.table = _table(words, figures)

    def __call__(self, word: str) -> float:
        """The word's idf, capped at `MAX_IDF`."""
        return self.table.get(word, UNKNOWN_IDF)


def _table(words: Iterable[str], figures: NDArray[np.float64]) -> dict[str, float]:
    """The figure of each word. Equal figures, of which there are many, are one object."""
    distinct, places = np.unique(figures, return_inverse=True)
    return dict(zip(words, map(distinct.tolist().__getitem__, places.tolist()), strict=True))
