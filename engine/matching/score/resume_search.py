"""One feed's way through the resumes: candidates, their points, and at last the best or all of them.

The mirror of `search`. A search works in slices of about a millisecond. Between two of them others may run,
and resumes may come and go. A resume that comes or changes after the search began is left out, and so is
one that goes: whoever put it into the index has it scored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.matching.feed_query import FeedQuery
from engine.matching.score import rules
from engine.matching.score.breakdown import ScoreBreakdown
from engine.matching.score.feed_arrays import COLUMNS
from engine.matching.score.layout import FEED, POINTS, Blocks, breakdown_from
from engine.matching.score.place_bits import sought
from engine.matching.score.resume_arrays import ResumeArrays

MAX_VISITS = 500_000
"""Entries of postings after which a step begins no further term; they take less than a millisecond."""
MAX_ITEMS = 200_000
"""Items of the feed and of resumes that a step compares, which takes about a millisecond. An ordinary pair
has one or two hundred; there are pairs of a thousand."""
MAX_SLOTS = 100_000
"""Slots that a step looks at; if none is a pair, they take less than a millisecond."""
_SKILLS: int = POINTS.fields["skills"][1]  # type: ignore[index]
"""Bytes of a record of points before those of the keywords, of which each takes four."""
_NONE: NDArray[np.int32] = np.empty(0, np.int32)
_OTHERS = "\0"
"""Stands in a query's vocabulary for all words that the query does not name. No word is written so."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A resume that matches.

    Attributes:
        resume_id: The resume, 24 hexadecimal digits.
        rev: Its revision.
        arrived_at: When it arrived, in milliseconds since 1970.
        total: The score, in hundredths.
        points: The points of type `layout.POINTS`, as bytes that end after the last keyword's.
        keywords: How many keywords the feed has.
    """

    resume_id: str
    rev: int
    arrived_at: int
    total: int
    points: bytes
    keywords: int

    @property
    def breakdown(self) -> ScoreBreakdown:
        """The points part by part."""
        return breakdown_from(self.points, self.keywords)


class ResumeSearch:
    """A search for one feed.

    Args:
        resumes: The index's state.
        query: What the feed asks for.
        among: The slots that are searched; None for all.
    """

    def __init__(self, resumes: ResumeArrays, query: FeedQuery, among: Iterable[int] | None = None) -> None:
        self._resumes = resumes
        self._version = resumes.version
        self._keywords = len(query.keywords)
        self._table = query.table
        self._feed = np.zeros(1, FEED)
        # The query gets a small vocabulary of its own. A resume's weights of these words fill an array of few
        # rows, which stays in the processor's cache.
        blocks = Blocks()
        blocks.words.acquire(_OTHERS)
        blocks.write(query, self._feed[0])
        self._ids, self._weights = blocks.items["ids"], blocks.items["weights"]
        names = blocks.words.names
        self._mine = np.zeros((len(names), COLUMNS), np.int16)
        self._says = np.zeros(len(names), np.uint8)
        find = resumes.blocks.words.find
        known = [(number, local) for local, name in enumerate(names) if (number := find(name)) is not None]
        self._known, self._local = np.array(known, np.int64).reshape(-1, 2).T
        places = [number for name in query.places if (number := find(name)) is not None]
        self._near = np.uint64(sought(places, is_anywhere=not query.places))
        gates = [number for term in query.gate_terms if (number := find(term)) is not None]
        self._gates = np.array(gates, np.int64)
        self._marked = self._at = 0
        # By slot, whether the resume shares a gate term with the feed.
        self._seen = np.zeros(len(resumes.records), np.uint8)
        if among is not None:
            self._seen[:] = rules.PASSED_OVER
            self._mark(among)
        self._slots: list[NDArray[np.int32]] = []
        self._points: list[NDArray[Any]] = []
        self._order: NDArray[np.int64] | None = None

    @property
    def is_done(self) -> bool:
        """Whether all candidates are gathered and scored."""
        is_idle = not self._marked and not self._table
        return self._marked == len(self._gates) and (is_idle or self._at == len(self._seen))

    def step(self) -> None:
        """Do some more, for a millisecond or so."""
        resumes = self._resumes
        if self._marked < len(self._gates):
            self._marked += resumes.postings.mark(self._gates[self._marked :], self._seen, MAX_VISITS)
        elif not self.is_done:
            self._evaluate()

    def _mark(self, slots: Iterable[int]) -> None:
        """Mark those of a few resumes that share a gate term with the feed."""
        records, gates = self._resumes.records["resume"], set(self._gates.tolist())
        for slot in slots:
            if not gates.isdisjoint(self._resumes.blocks.key_terms(records[slot]).tolist()):
                self._seen[slot] = 1
            else:
                self._seen[slot] = 0
        self._marked = len(self._gates)

    def _evaluate(self) -> None:
        resumes = self._resumes
        # The index has one such array for all searches: it is filled for this step, and emptied after it.
        resumes.local[self._known] = self._local
        self._at, count = rules.evaluate_resumes(
            self._feed,
            self._ids,
            self._weights,
            self._near,
            resumes.records["near"],
            self._seen,
            # While the index follows another table, and so belongs to none, there are no topics.
            resumes.table,
            self._at,
            min(self._at + MAX_SLOTS, len(self._seen)),
            MAX_ITEMS,
            resumes.records["resume"],
            resumes.blocks.items["ids"],
            resumes.blocks.items["weights"],
            resumes.local,
            self._mine,
            self._says,
            self._version,
            resumes.found,
            resumes.points,
        )
        resumes.local[self._known] = 0
        if count:
            self._slots.append(resumes.found[:count].copy())
            self._points.append(resumes.points[:count].copy())

    def __len__(self) -> int:
        """How many matches were found, with those that changed or went meanwhile."""
        return sum(map(len, self._slots))

    @property
    def candidates(self) -> int:
        """How many resumes share a gate term with the feed."""
        return int(np.count_nonzero(self._seen == 1))

    @property
    def count(self) -> int:
        """How many matches there are, without those that changed or went meanwhile."""
        return int(np.count_nonzero(self._stand(self._all_slots())))

    @property
    def strong(self) -> int:
        """How many of these are strong."""
        logits = np.concatenate([points["logit"] for points in self._points] or [_NONE])
        return int(np.count_nonzero(self._stand(self._all_slots()) & (logits >= self._feed["cut"][0])))

    def sample_of_strong(self, most: int) -> tuple[list[Found], float]:
        """The strong matches, or as many of more as may be; and how many each of them stands for."""
        logits = np.concatenate([points["logit"] for points in self._points] or [_NONE])
        rows = np.flatnonzero(self._stand(self._all_slots()) & (logits >= self._feed["cut"][0]))
        some = rows[:: max(1, -(-len(rows) // most))]
        return self._found(some), len(rows) / max(1, len(some))

    def best(self, most: int) -> list[Found]:
        """The matches of the highest total, best first; equal ones newest first, then by greater id."""
        slots = self._all_slots()
        rows = np.flatnonzero(self._stand(slots))
        totals = np.concatenate([points["total"] for points in self._points] or [_NONE])[rows]
        if len(rows) > most:
            # A sort of all would take ten times as long. Those that equal the last one stay for now.
            keep = totals >= np.partition(totals, -most)[-most]
            rows, totals = rows[keep], totals[keep]
        records = self._resumes.records
        arrived = records["resume"]["arrived_at"][slots[rows]]
        order = np.lexsort((records["id"][slots[rows]].view("S12"), arrived, totals))[::-1]
        return self._found(rows[order[:most]])

    def matches(self, begin: int = 0, end: int | None = None) -> list[Found]:
        """The matches `begin`..`end` of all `len(search)`, newest first.

        Those that changed or went meanwhile are left out, so the list may be shorter than the range.
        """
        slots = self._all_slots()
        if self._order is None:
            # Resumes mostly came in the order of their slots, which this sort takes advantage of.
            arrived = self._resumes.records["resume"]["arrived_at"][slots]
            self._order = np.argsort(arrived, kind="stable")[::-1]
        rows = self._order[begin:end]
        return self._found(rows[self._stand(slots[rows])])

    def _all_slots(self) -> NDArray[np.int32]:
        return np.concatenate(self._slots or [_NONE])

    def _stand(self, slots: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether each of some resumes is still what the search saw."""
        stand: NDArray[np.bool_] = self._resumes.records["resume"]["changed"][slots] <= self._version
        return stand

    def _found(self, rows: NDArray[np.int64]) -> list[Found]:
        """Some matches, which are counted through all steps, in this order."""
        slots, records = self._all_slots()[rows], self._resumes.records
        resumes, ids = records["resume"][slots], records["id"][slots].tobytes()
        size = _SKILLS + 4 * self._keywords
        ends = np.cumsum([len(part) for part in self._slots])
        parts = np.searchsorted(ends, rows, side="right")
        return [
            Found(
                ids[12 * number : 12 * number + 12].hex(),
                rev,
                arrived_at,
                int(points["total"]),
                points.tobytes()[:size],
                self._keywords,
            )
            for number, (rev, arrived_at, part, row) in enumerate(
                zip(
                    resumes["rev"].tolist(),
                    resumes["arrived_at"].tolist(),
                    parts.tolist(),
                    rows.tolist(),
                    strict=True,
                )
            )
            for points in [self._points[part][row - ends[part]]]
        ]
