"""How telling a word is: its inverse document frequency (Sparck Jones 1972), from jieba's fixed table.

The table ships with jieba and does not change with what is stored, so no score depends on the order in which
resumes came.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

UNKNOWN_IDF = 9.0
"""For a word that the table lacks. It is rare, but so are typing errors, so it is not the rarest."""
MAX_IDF = 11.0
"""The table's rarest words are names and accidents, so more than this tells no more."""


class Idf:
    """Word to inverse document frequency, 0..`MAX_IDF`. jieba's table is read at the first use, in 0.2 s."""

    def __init__(self, table: Mapping[str, float] | None = None) -> None:
        self._given = table

    @cached_property
    def table(self) -> Mapping[str, float]:
        """The words that the table has."""
        if self._given is not None:
            return {word: min(figure, MAX_IDF) for word, figure in self._given.items()}
        # jieba is found but not imported: at import it reads 270,000 words from a file that it never closes.
        spec = find_spec("jieba")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("jieba, whose idf table is used, is not installed")
        text = (Path(spec.origin).parent / "analyse" / "idf.txt").read_text(encoding="utf-8")
        pairs = (line.rsplit(" ", 1) for line in text.splitlines() if " " in line)
        return {word: min(float(figure), MAX_IDF) for word, figure in pairs}

    def __call__(self, word: str) -> float:
        """The word's idf, capped at `MAX_IDF`."""
        return self.table.get(word, UNKNOWN_IDF)
