"""Which terms go together, learned from how often they do in the stored resumes.

    counting = Counting()
    for profile in profiles:
        counting.add(profile.key_terms)
    relations = counting.relations()
    relations.near("s:photoshop")  # {"s:illustrator": 92, "o:平面设计师": 69, ...}

Terms are the key terms of profiles: `o:` occupations, `s:` skills, `w:` words of titles. What is learned
depends on the resumes, not on their order. What relations do to a query is in `analysis.related`; when they
are learned is in `engine.learning.relearn`.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

MIN_TOGETHER = 5
"""Resumes that must have both terms. Fewer are an accident, or one person with several resumes."""
MIN_NEARNESS = 0.35
"""Nearness, 0..1, below which two terms are not related: chance brings them together almost as often."""
MAX_NEAR = 8
"""Related terms kept of each term, the nearest first."""
MAX_SHARE = 0.3
"""Share of all resumes above which a term has no relations: what everybody has goes with everything."""
_BATCH_PAIRS = 4_000_000
"""Pairs that wait until they are merged into the counts: 32 MB, and merging costs a sort of all counts."""

Table = Mapping[str, Mapping[str, int]]


class Relations(msgspec.Struct, frozen=True):
    """Learned relations.

    Attributes:
        table: Term -> related term -> nearness in hundredths, nearest first.
        revision: A digest of the table's content; "" for an empty table.
    """

    table: Table = {}
    revision: str = ""

    def near(self, term: str) -> Mapping[str, int]:
        """The terms related to one, nearest first, with their nearness in hundredths."""
        return self.table.get(term, {})


NOTHING_LEARNED = Relations()


def relations_of(table: Table) -> Relations:
    """Relations of a table, with its revision."""
    content = sorted((term, sorted(near.items())) for term, near in table.items())
    revision = hashlib.sha256(repr(content).encode()).hexdigest()[:16] if table else ""
    return Relations(table, revision)


class Counting:
    """Counts terms and pairs of terms, some resumes at a time. Not safe to share between threads.

    Attributes:
        resumes: How many were counted.
    """

    def __init__(self) -> None:
        # Terms are numbered, and a pair is one number of 64 bits: the lower term above, the higher below.
        self._numbers: dict[str, int] = {}
        self._waiting: list[npt.NDArray[np.int64]] = []
        self._waiting_pairs = 0
        self._pairs: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._counts: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._having: dict[int, int] = defaultdict(int)
        self.resumes = 0

    def add(self, key_terms: Sequence[str]) -> None:
        """Count one resume's terms."""
        self.resumes += 1
        numbers = self._numbers
        mine = np.array(sorted({numbers.setdefault(term, len(numbers)) for term in key_terms}), np.int64)
        for number in mine.tolist():
            self._having[number] += 1
        first, second = np.triu_indices(len(mine), 1)
        self._waiting.append(mine[first] << 32 | mine[second])
        self._waiting_pairs += len(first)
        if self._waiting_pairs >= _BATCH_PAIRS:
            self._settle()

    def _settle(self) -> None:
        """Merge the pairs that wait into the counts."""
        # With an empty array, because `concatenate` needs at least one.
        fresh, count = np.unique(np.concatenate([*self._waiting, self._pairs[:0]]), return_counts=True)
        pairs, place = np.unique(np.concatenate([self._pairs, fresh]), return_inverse=True)
        counts = np.zeros(len(pairs), np.int64)
        np.add.at(counts, place, np.concatenate([self._counts, count]))
        self._pairs, self._counts = pairs, counts
        self._waiting, self._waiting_pairs = [], 0

    def relations(self) -> Relations:
        """The relations that the counts give.

        Nearness is normalised pointwise mutual information (Bouma 2009), log(p(a, b) / p(a) p(b)) divided
        by -log p(a, b): 1 where neither term comes without the other, 0 where they come together as chance
        has it.
        """
        self._settle()
        names = list(self._numbers)
        table: dict[str, dict[str, int]] = defaultdict(dict)
        often = self._counts >= MIN_TOGETHER
        for pair, together in zip(self._pairs[often].tolist(), self._counts[often].tolist(), strict=True):
            one, other = pair >> 32, pair & 0xFFFFFFFF
            nearness = _npmi(together, self._having[one], self._having[other], self.resumes)
            if nearness >= MIN_NEARNESS and self._tells(one) and self._tells(other):
                table[names[one]][names[other]] = table[names[other]][names[one]] = round(100 * nearness)
        return relations_of({term: _best(near) for term, near in sorted(table.items())})

    def _tells(self, number: int) -> bool:
        """Whether a term is rare enough to have relations, see `MAX_SHARE`."""
        return self._having[number] <= MAX_SHARE * self.resumes


def _npmi(together: int, one: int, other: int, total: int) -> float:
    if together == total:  # every resume has both: the quotient would be 0 / 0
        return 0.0
    return math.log(together * total / (one * other)) / -math.log(together / total)


def _best(near: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(near.items(), key=lambda item: (-item[1], item[0]))[:MAX_NEAR])
