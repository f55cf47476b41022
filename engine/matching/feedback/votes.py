"""Deletions with a reason against everybody who was kept: what is too high, too low, or the wrong one.

A reason teaches only its own matter: three Java developers who were deleted for their salary say nothing
against Java. Deletions vote for a penalty and kept people vote against it; `credit` turns what is left into
points.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import Counter

from engine.matching.feed_query import FeedQuery
from engine.matching.feedback.credit import CLICK_WEIGHT, Act, credit
from engine.matching.feedback.features import NAMES_BY_REASON, PAY_STEP, title_features
from engine.matching.feedback.model import Penalty, Step, Unwanted
from engine.matching.resume_profile import ResumeProfile

REASON_POINTS = 1200
"""Hundredths that deletions for one reason can take, however many there are."""
PAY_MARGIN = 5
"""Percent by which a salary may lie below a deleted one and still count as just as high."""
MAX_UNWANTED = 40
"""Titles, places or industries that a model keeps for one reason, those with the most points first."""
MAX_NAMES = 5
"""A resume with more places or industries than this does not vote: any of them may be the wrong one."""
_ELSEWHERE = ""
"""Stands for "none of the places, or industries, that the feed asks for" among the names."""


class ThresholdVotes:
    """Votes for one reason that says too high or too low, by the value that people have."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._edges: list[int] = []
        self._kept = Counter[int]()

    def add(self, act: Act, value: int) -> None:
        """Count a person with this `features.measure`."""
        if act == "deleted":
            self._edges.append(self._edge(value))
        else:
            self._kept[value] += CLICK_WEIGHT[act]

    def steps(self) -> tuple[Step, ...]:
        """The penalty of each value, which can only rise with the value.

        At a value every deletion at or below it votes for a penalty, and everybody kept at or above it
        votes against. Both can only move the sum up as the value rises.
        """
        if not self._edges:
            return ()
        edges, values = sorted(self._edges), sorted(self._kept)
        # Item i is what those kept at the i highest values weigh together.
        above = [0]
        for value in reversed(values):
            above.append(above[-1] + self._kept[value])
        steps: list[Step] = []
        last = (0, 0)
        # The sum changes only at a deleted value and just above a kept one.
        for value in sorted({*edges, *(one + 1 for one in values)}):
            deletions = bisect_right(edges, value)
            not_below = len(values) - bisect_left(values, value)
            points = credit(REASON_POINTS, CLICK_WEIGHT["deleted"] * deletions - above[not_below])
            now = (points, deletions if points else 0)
            if now != last:
                steps.append(Step(value, *now))
                last = now
        return tuple(steps)

    def _edge(self, value: int) -> int:
        """The lowest value that is as far out as that of a deleted person."""
        if not self._reason.startswith("salary"):
            return value
        return (value - abs(value) * PAY_MARGIN // 100) // PAY_STEP * PAY_STEP


class NameVotes:
    """Votes for one reason that says the wrong title, place or industry, by name."""

    def __init__(self, reason: str, query: FeedQuery) -> None:
        self._names = NAMES_BY_REASON[reason]
        # Titles are not limited: several occupations and words together are one title.
        self._max_names = MAX_NAMES if reason != "title" else 10**6
        self._spared = title_features(query) if reason == "title" else frozenset[str]()
        self._asked = {"industry": query.domains, "area": query.places}.get(reason, frozenset())
        self._votes = Counter[str]()
        self._deletions = Counter[str]()

    def add(self, act: Act, profile: ResumeProfile) -> None:
        """Count a person under each of their names."""
        names = {name for name in self._names(profile) if name not in self._spared}
        if len(names) > self._max_names:
            return
        if self._asked and names and names.isdisjoint(self._asked):
            names.add(_ELSEWHERE)
        for name in names:
            self._votes[name] += CLICK_WEIGHT[act] if act == "deleted" else -CLICK_WEIGHT[act]
            self._deletions[name] += act == "deleted"

    def unwanted(self) -> Unwanted:
        """The names that deletions outweigh."""
        penalties = {
            name: Penalty(points, self._deletions[name])
            for name, votes in self._votes.items()
            if (points := credit(REASON_POINTS, votes))
        }
        elsewhere = penalties.pop(_ELSEWHERE, Penalty())
        worst = heapq.nsmallest(MAX_UNWANTED, penalties, key=lambda name: (-penalties[name].points, name))
        asked = tuple(sorted(self._asked)) if elsewhere.points else ()
        return Unwanted({name: penalties[name] for name in worst}, elsewhere, asked)
