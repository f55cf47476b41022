"""One resume's way through the index: candidates, points, and at last words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import kernel, points
from engine.matching.score.layout import ANYWHERE, Mine
from engine.matching.score.match import Match, score
from engine.matching.score.points import ScoreBreakdown
from engine.matching.score.reasons import match_of

if TYPE_CHECKING:
    from engine.matching.score.index import FeedIndex

MAX_AT_ONCE = 4_000
"""Candidates whose points are worked out in one step; it takes about a millisecond."""
MAX_VISITS = 100_000
"""Entries of lists from which on a step ends at the next term."""
_RULES = kernel.rules_of(points)


class Search:
    """A search in slices, between which others may run and feeds may come and go.

    A feed that comes or changes after the search began is left out: it finds the resume by itself.

        search = index.search(profile)
        while not search.is_done:
            search.step()
        for feed_id, match in search.worded():
            ...
    """

    def __init__(self, index: FeedIndex, profile: ResumeProfile, now: float) -> None:
        self._index = index
        self._profile = profile
        self._now = now
        self._version = index.version
        find = index.columns.words.find
        terms = [number for term in profile.key_terms if (number := find(term)) is not None]
        self._terms = np.array(terms, np.int64)
        where: list[int] = []
        weights: list[int] = []
        for kind, mine, more in (
            (kernel.OF_TERM, profile.terms, 0),
            (kernel.OF_TITLE_WORD, profile.title_words, 0),
            (kernel.OF_TITLED, profile.titled, 1),
            (kernel.OF_SHOWN, profile.shown, 1),
        ):
            for word, weight in mine.items():
                if (number := find(word)) is not None:
                    where.append(kernel.KINDS * number + kind)
                    weights.append(weight + more)
        self._where, self._weights = np.array(where, np.int64), np.array(weights, np.int16)
        said: dict[int, int] = defaultdict(int)
        for what, names in (
            (kernel.NEAR, (ANYWHERE, *profile.places)),
            (kernel.HOME, profile.home),
            (kernel.DOMAIN, profile.domains),
            (kernel.CLASS, profile.classes),
        ):
            for name in names:
                if (number := find(name)) is not None:
                    said[number] |= what
        self._said, self._saying = np.array([*said], np.int64), np.array([*said.values()], np.uint8)
        self._facts = np.array(
            (
                profile.salary_low,
                profile.salary_high,
                kernel.NONE if profile.months is None else profile.months,
                profile.degree,
                kernel.NONE if profile.level is None else profile.level,
                bool(profile.places),
                bool(profile.home),
                bool(profile.domains),
                bool(profile.classes),
            ),
            np.int64,
        )
        self._gathered = self._scored = 0
        self._seen = np.zeros(len(index.ids), np.uint8)
        self._found = np.empty(len(index.ids), np.int32)
        self._count = 0
        self._parts: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []

    @property
    def is_done(self) -> bool:
        """Whether all candidates are gathered and scored."""
        return self._gathered == len(self._terms) and self._scored == self._count

    @property
    def candidates(self) -> NDArray[np.int32]:
        """The slots of the feeds gathered so far: they share a key term, and places do not conflict."""
        return self._found[: self._count]

    def step(self) -> None:
        """Do some more, for a millisecond or so."""
        index = self._index
        says = index.says
        says[self._said] = self._saying
        if self._gathered < len(self._terms):
            gathered, self._count = kernel.gather(
                self._terms[self._gathered :],
                says,
                not self._profile.places,
                index.first_list,
                index.lists["place"],
                index.lists["head"],
                index.lists["next"],
                index.entries["slot"],
                index.entries["next"],
                self._seen,
                self._found,
                self._count,
                MAX_VISITS,
            )
            self._gathered += gathered
        elif self._scored < self._count:
            slots = self._found[self._scored : self._count][:MAX_AT_ONCE]
            found = np.empty(len(slots), np.int32)
            rows = np.empty((len(slots), kernel.ROW), np.int32)
            index.mine[self._where] = self._weights
            matches = kernel.evaluate(
                slots,
                index.columns.pool["ids"],
                index.columns.pool["weights"],
                index.slots["offset"],
                index.slots["until"],
                index.slots["changed"],
                index.mine,
                says,
                self._facts,
                _RULES,
                self._now,
                self._version,
                found,
                rows,
            )
            index.mine[self._where] = 0
            self._parts.append((found[:matches], rows[:matches]))
            self._scored += len(slots)
        says[self._said] = 0

    def best(self, most: int) -> list[tuple[str, float]]:
        """The feeds with the highest scores and these, best first, ties by id."""
        ranked = []
        for found, rows in self._parts:
            totals = rows[:, kernel.TOTAL]
            if len(found) > most and not (rows[:, kernel.TITLE] == kernel.UNKNOWN).any():
                keep = totals >= np.partition(totals, -most)[-most]
                found, totals = found[keep], totals[keep]
                rows = rows[keep]
            ranked += [
                (-total if title != kernel.UNKNOWN else -self._by_hand(slot), self._index.ids[slot])
                for slot, total, title in zip(
                    found.tolist(), totals.tolist(), rows[:, kernel.TITLE].tolist(), strict=True
                )
            ]
        return [(feed_id, -total / 100) for total, feed_id in sorted(ranked)[:most] if total]

    def worded(self, only: Collection[str] | None = None) -> Iterator[tuple[str, Match]]:
        """The matches in feed id order, worded one at a time.

        Args:
            only: Feed ids to keep to; None for all.
        """
        ids, version, columns = self._index.ids, self._version, self._index.columns
        mine = self._mine()
        places = sorted(
            (ids[slot], slot, part, row)
            for part, (found, _) in enumerate(self._parts)
            for row, slot in enumerate(found.tolist())
        )
        for feed_id, slot, part, row in places:
            if (only is not None and feed_id not in only) or self._index.slots["changed"][slot] > version:
                continue
            query = columns.read_for(int(self._index.slots["offset"][slot]), mine)
            match = self._match(query, self._parts[part][1][row])
            if match is not None:
                yield feed_id, match

    def _mine(self) -> Mine:
        numbers: list[int] = (self._where // kernel.KINDS).tolist()
        kinds: list[int] = (self._where % kernel.KINDS).tolist()
        of: list[set[int]] = [set() for _ in range(kernel.KINDS)]
        for number, kind in zip(numbers, kinds, strict=True):
            of[kind].add(number)
        occupations = of[kernel.OF_TITLED] | of[kernel.OF_SHOWN]
        return Mine(of[kernel.OF_TERM], of[kernel.OF_TITLE_WORD], occupations)

    def _match(self, query: FeedQuery, row: NDArray[np.int32]) -> Match | None:
        if row[kernel.TITLE] == kernel.UNKNOWN:
            return score(query, self._profile)
        figures: list[int] = row.tolist()
        return match_of(
            query,
            self._profile,
            ScoreBreakdown(
                title=figures[kernel.TITLE],
                duties=figures[kernel.DUTIES],
                skills=tuple(figures[kernel.SKILLS : kernel.SKILLS + len(query.keywords)]),
                words=figures[kernel.TEXT_WORDS],
                wishes=tuple(figures[kernel.WISHES : kernel.SKILLS]),
                near_title=figures[kernel.NEAR_TITLE],
            ),
        )

    def _by_hand(self, slot: int) -> int:
        match = score(self._index.get(self._index.ids[slot]), self._profile)
        return round(100 * match.score) if match else 0
