"""All feeds of an index as arrays: the state that `FeedIndex` changes and that `Search` reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.matching.score.arrays import Pool
from engine.matching.score.layout import FEED, Blocks
from engine.matching.score.postings import Postings

ANYWHERE = ""
"""The place of a feed that names none."""
COLUMNS = 4
"""Of `mine`, see `rules.TERM` and the others."""
_FIRST_WORDS = 1024


class FeedArrays:
    """The arrays. Not thread-safe; belongs to one index.

    Attributes:
        records: By slot, the fixed fields of a feed, `feed` of type `layout.FEED`; and `near`, its places as
            bits, 0 where no feed is.
        ids: By slot, the feed's id; empty where none is.
        blocks: What feeds ask for.
        postings: Which feeds share a gate term and a place.
        version: Grows with every change.
        says: By word, what the resume at hand says of it, as bits; 0 between two steps of a search.
        mine: By word, the weights of the resume at hand; 0 between two steps of a search.
    """

    def __init__(self) -> None:
        self.records = Pool(step=1, feed=FEED, near=np.uint64)
        self.ids: list[str] = []
        self.blocks = Blocks()
        self.postings = Postings()
        self.version = 0
        self.says: NDArray[np.uint8] = np.zeros(_FIRST_WORDS, np.uint8)
        self.mine: NDArray[np.int16] = np.zeros((_FIRST_WORDS, COLUMNS), np.int16)
        self.anywhere = self.blocks.words.acquire(ANYWHERE)

    def reserve_words(self) -> None:
        """Have an item for each word of the vocabulary."""
        words = len(self.blocks.words.names)
        self.postings.reserve(words)
        if words > len(self.says):
            size = words + words // 4
            self.says.resize(size, refcheck=False)
            self.mine.resize((size, COLUMNS), refcheck=False)
