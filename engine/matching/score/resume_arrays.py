"""All resumes of an index as arrays: the state that `ResumeIndex` changes and that `ResumeSearch` reads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.matching.score.arrays import Pool
from engine.matching.score.layout import POINTS
from engine.matching.score.resume_layout import RESUME, ResumeBlocks
from engine.matching.score.resume_postings import ResumePostings

MAX_FOUND = 4_000
"""Matches that one step of a search has room for; so many take more than a millisecond to find."""
_FIRST_WORDS = 1024


class ResumeArrays:
    """The arrays. Not thread-safe; belongs to one index.

    Attributes:
        records: By slot, `resume` of type `resume_layout.RESUME`; `near`, its places as bits, which a search
            looks at before all else; and `id`, its twelve bytes.
        blocks: The words of resumes.
        postings: Which resumes have a key term.
        version: Grows with every change.
        local: By word, its number in the query of the feed at hand; 0 for a word that the feed does not
            name, and for all words between two steps of a search.
        table: The number of the table of topics by which all resumes are placed; 0 for none.
        found: Slots that a step found, while it runs.
        points: Their points, of type `layout.POINTS`.
    """

    def __init__(self) -> None:
        self.records = Pool(step=1, resume=RESUME, near=np.uint64, id=np.dtype("V12"))
        self.blocks = ResumeBlocks()
        self.postings = ResumePostings()
        self.version = self.table = 0
        self.local: NDArray[np.int32] = np.zeros(_FIRST_WORDS, np.int32)
        self.found = np.empty(MAX_FOUND, np.int32)
        self.points = np.empty(MAX_FOUND, POINTS)

    def reserve_words(self) -> None:
        """Have an item for each word of the vocabulary."""
        words = len(self.blocks.words.names)
        self.postings.reserve(words)
        if words > len(self.local):
            self.local.resize(words + words // 4, refcheck=False)
