"""How telling a word is: its inverse document frequency (Sparck Jones 1972), from jieba's fixed table.

The table ships with jieba and does not change with what is stored, so no score depends on the order in which
resumes came.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UNKNOWN_IDF = 9.0
"""For a word that the table lacks. It is rare, but so are typing errors, so it is not the rarest."""
MAX_IDF = 11.0
"""The table's rarest words are names and accidents, so more than this tells no more."""


def jieba_file(name: str) -> str:
    """The text of a file that comes with jieba."""
    # jieba is found but not imported: at import it reads 270,000 words from a file that it never closes.
    spec = find_spec("jieba")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("jieba, whose tables are used, is not installed")
    return (Path(spec.origin).parent / name).read_text(encoding="utf-8")


def rarities() -> tuple[list[str], NDArray[np.float64]]:
    """The words of jieba's table, and the inverse document frequency of each, 0..`MAX_IDF`."""
    text = jieba_file("analyse/idf.txt")
    words = re.findall(r"^\S+", text, re.MULTILINE)
    figures = np.array([*map(float, re.findall(r"\S+$", text, re.MULTILINE))], np.float64)
    return words, np.minimum(figures, MAX_IDF)
