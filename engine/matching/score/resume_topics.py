"""Places the resumes of an index among other topics, out of the words that the index has of them.

placing = Placing(resumes, topics)
while not placing.is_done:
    placing.step()          # others may change the index between two steps
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled_over
from engine.matching.learned import topics as topic_sums
from engine.matching.learned.topics import OCCUPATION, SHOWN_SHARE, Topics, sum_rows
from engine.matching.score.resume_arrays import ResumeArrays

AT_ONCE = 100
"""Resumes that one step places; it takes about a millisecond."""


class Placing:
    """Resumes on their way to their places.

    Args:
        resumes: The index's state. It has no topics until all are placed.
        topics: Whose topics they are placed among.

    Attributes:
        is_done: Whether all are placed.
    """

    def __init__(self, resumes: ResumeArrays, topics: Topics) -> None:
        self._resumes = resumes
        self._topics = topics
        resumes.table = 0
        self._version = resumes.version
        self.is_done = False
        self._at, self._end = 0, len(resumes.records)
        self._terms, self._occupations = self._rows(topics.terms), self._rows(topics.occupations)

    def _rows(self, table: Mapping[str, int]) -> NDArray[np.int32]:
        """By number of a word in the index, its row in the table; -1 for none."""
        names, find = self._resumes.blocks.words.names, self._resumes.blocks.words.find
        rows = np.full(len(names), -1, np.int32)
        for word, row in table.items():
            if (number := find(word)) is not None:
                rows[number] = row
        return rows

    def step(self) -> None:
        """Place some more."""
        resumes, begin = self._resumes, self._at
        self._at = min(begin + AT_ONCE, self._end)
        place_resumes(
            begin,
            self._at,
            resumes.records["resume"],
            resumes.blocks.items["ids"],
            resumes.blocks.items["weights"],
            self._terms,
            self._occupations,
            self._version,
            OCCUPATION,
            SHOWN_SHARE,
            *self._topics.arrays,
        )
        self.is_done = self._at == self._end
        if self.is_done:
            resumes.table = self._topics.number


@compiled_over(topic_sums)
def place_resumes(
    begin: int,
    end: int,
    resumes: Any,
    ids: Any,
    weights: Any,
    terms: Any,
    occupations: Any,
    version: int,
    often: int,
    share: int,
    directions: Any,
    scales: Any,
) -> None:
    """Place some resumes, as `Topics.locate` does out of a profile.

    Those that came after `version` are there already, and their words may have numbers of others. `often` and
    `share` are `topics.OCCUPATION` and `topics.SHOWN_SHARE`.
    """
    for slot in range(begin, end):
        resume = resumes[slot]
        if resume.rev == 0 or resume.changed > version:
            continue
        size = resume.titled + resume.shown + resume.title_words + resume.terms
        rows = np.empty(size, np.int64)
        counts = np.empty(size, np.int64)
        used = 0
        shown = resume.block + resume.titled
        words = shown + resume.shown
        for item in range(resume.block, words):
            row = occupations[ids[item]]
            count = np.int64(weights[item]) * often
            if item >= shown:
                count = often * (share * np.int64(weights[item]) // 100)
                # The more of the two counts, of an occupation that is both titled and shown.
                for other in range(resume.block, shown):
                    if ids[other] == ids[item]:
                        count = max(np.int64(0), count - often * np.int64(weights[other]))
            if row >= 0:
                rows[used], counts[used] = row, count
                used += 1
        for item in range(words, words + resume.title_words + resume.terms):
            row = terms[ids[item]]
            if row >= 0:
                rows[used], counts[used] = row, np.int64(weights[item])
                used += 1
        sum_rows(rows[:used], counts[:used], directions, scales, resume.topics)
