"""Clicks to a lesson: what a recruiter's deletions, reads and favourites say of the people to come.

    teacher = Teacher(query, analyzer.idf)
    teacher.add("deleted", ("salary_high",), profile)
    lesson = teacher.lesson()

Pure, and a function of the clicks that stand alone: not of their order, nor of what was clicked and taken
back. The idea is Rocchio's (1971): towards the kept, away from the deleted, each side as the mean of its
people. Two things are ours. A reason teaches its own matter alone: who was too dear says nothing of his
skills. And nothing that the feed itself asks for is turned against it, unless a reason names that.

Every voice has its bound and is believed as far as there are clicks behind it, n of n + k (the credibility
of Buehlmann 1967), so that one click says little and three say it clearly.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Literal

from engine.matching.feed_query import FeedQuery
from engine.matching.feedback.model import (
    LABELS,
    NAMES,
    PAY_STEP,
    FeedbackModel,
    Preference,
    Step,
    Unwanted,
    Verdict,
    measured,
    occupation,
)
from engine.matching.resume_profile import ResumeProfile

CREDIBLE = 3
"""k: so many clicks are believed by half."""
REASON_POINTS = 1200
"""Hundredths that deletions for one reason can take."""
LIKED_POINTS, DISLIKED_POINTS = 800, 500
"""Hundredths for likeness to the kept, and to those deleted without a reason."""
UNIT = {"deleted": 4, "favourite": 4, "read": 1}
"""What a click weighs, in quarters of a deletion: who is read was at least not deleted."""
PAY_MARGIN = 5
"""Percent that a salary may be below a deleted one and still be as dear."""
MAX_NAMED = 40
"""Titles, places or industries that one reason remembers."""
MAX_NAMES = 5
"""Who has more places or industries than this teaches nothing of any."""
MAX_FEATURES = 30
SURE = 7_500
"""Reach of an occupation, in ten-thousandths, from which on it is what the feed asks for."""
GROUP_IDF = 80
"""What an occupation or an industry tells, in tenths, as the idf of a word."""
_MEAN = 1_000_000
_ELSEWHERE = ""
"""The name of being at none of the places, or in none of the industries, that the feed asks for."""

Act = Literal["deleted", "favourite", "read"]


def credit(bound: int, quarters: int) -> int:
    """Of a bound what so many quarters of a click are believed: none for none or less."""
    return bound * quarters // (quarters + 4 * CREDIBLE) if quarters > 0 else 0


class FeedbackTrainer:
    """Gathers the clicks on one feed's people, a fraction of a millisecond each.

    Args:
        query: The feed, analysed.
        idf: How telling a word is, 0..11.
    """

    def __init__(self, query: FeedQuery, idf: Callable[[str], float]) -> None:
        self._query = query
        self._idf = idf
        self._asked = _asked(query)
        self._kept = Counter[Act]()
        self._values = {reason: _Values() for reason in LABELS if reason not in NAMES}
        self._names = {reason: _Names(reason, query) for reason in NAMES}
        self._liked, self._disliked = _Mean(), _Mean()

    def add(self, act: Act, reasons: Collection[str], profile: ResumeProfile) -> None:
        """Take one click into account.

        Args:
            act: What was done to somebody in the feed's list.
            reasons: With which reasons he was deleted; unknown ones say nothing.
            profile: Who it is.
        """
        if act == "deleted":
            for reason in LABELS:
                if reason in reasons:
                    self._say(reason, act, profile)
            if not reasons:
                self._disliked.add(self._telling(profile), UNIT[act])
        else:
            self._kept[act] += 1
            for reason in LABELS:
                self._say(reason, act, profile)
            self._liked.add(self._telling(profile), UNIT[act])

    def model(self) -> FeedbackModel:
        """The lesson of these clicks; one that says nothing where they say nothing."""
        thresholds = {reason: steps for reason, one in self._values.items() if (steps := one.steps(reason))}
        unwanted = {
            reason: found for reason, one in self._names.items() if (found := one.unwanted()) != Unwanted()
        }
        return FeedbackModel(thresholds, unwanted, tuple(self._tastes()))

    def _say(self, reason: str, act: Act, profile: ResumeProfile) -> None:
        if reason in NAMES:
            self._names[reason].add(act, profile)
        elif (value := measured(reason, profile)) is not None:
            self._values[reason].add(act, reason, value)

    def _tastes(self) -> Iterator[Preference]:
        """What the kept have in common and those deleted without a reason have not, and the reverse."""
        liked, disliked = self._liked.weights(), self._disliked.weights()
        labels: tuple[tuple[Act, str], ...] = (("favourite", "收藏"), ("read", "已读"))
        who = "、".join(f"{label}{self._kept[act]}人" for act, label in labels if self._kept[act])
        if features := _more(liked, disliked):
            yield Preference(credit(LIKED_POINTS, self._liked.units), f"与{who}相近", features)
        if features := _more(disliked, liked):
            units = self._disliked.units
            says = f"与删除{units // UNIT['deleted']}人相近"
            yield Preference(-credit(DISLIKED_POINTS, units), says, features)

    def _telling(self, profile: ResumeProfile) -> dict[str, int]:
        """The features of a resume that the feed does not ask for, by strength and how telling they are."""
        weights = {
            f"o:{name}": occupation(name, profile) * GROUP_IDF for name in (*profile.titled, *profile.shown)
        }
        weights |= {f"d:{name}": 100 * GROUP_IDF for name in profile.domains}
        for kind, words in (("w", profile.title_words), ("t", profile.terms)):
            weights |= self._words(kind, words)
        return {name: weight for name, weight in weights.items() if weight and name not in self._asked}

    def _words(self, kind: str, words: Mapping[str, int]) -> dict[str, int]:
        idf = self._idf
        return {f"{kind}:{word}": min(weight, 100) * round(10 * idf(word)) for word, weight in words.items()}


class _Values:
    """What the deleted and the kept have of something that can be too much."""

    def __init__(self) -> None:
        self._edges: list[int] = []
        self._kept = Counter[int]()

    def add(self, act: Act, reason: str, value: int) -> None:
        if act == "deleted":
            self._edges.append(_edge(reason, value))
        else:
            self._kept[value] += UNIT[act]

    def steps(self, reason: str) -> tuple[Step, ...]:
        """What each value costs; it can only rise with the value.

        Every deletion at or below a value says that it is too much, every kept person at or above it
        that it is not.
        """
        if not self._edges:
            return ()
        edges, values = sorted(self._edges), sorted(self._kept)
        above = [0]  # what those kept at the last i values weigh together
        for value in reversed(values):
            above.append(above[-1] + self._kept[value])
        steps: list[Step] = []
        last = (0, 0)
        for value in sorted({*edges, *(one + 1 for one in values)}):
            times = bisect_right(edges, value)
            not_below = len(values) - bisect_left(values, value)
            points = credit(REASON_POINTS, UNIT["deleted"] * times - above[not_below])
            now = (points, times if points else 0)
            if now != last:
                steps.append(Step(value, *now))
                last = now
        return tuple(steps)


def _edge(reason: str, value: int) -> int:
    """The value from which on somebody is as far out as one who was deleted."""
    if not reason.startswith("salary"):
        return value
    return (value - abs(value) * PAY_MARGIN // 100) // PAY_STEP * PAY_STEP


class _Names:
    """The titles, places or industries of the deleted, less those of the kept."""

    def __init__(self, reason: str, query: FeedQuery) -> None:
        self._names = NAMES[reason]
        self._most = MAX_NAMES if reason != "title" else 10**6
        self._spared = _in_title(query) if reason == "title" else frozenset[str]()
        self._asked = {"industry": query.domains, "area": query.places}.get(reason, frozenset())
        self._votes = Counter[str]()
        self._times = Counter[str]()

    def add(self, act: Act, profile: ResumeProfile) -> None:
        names = {name for name in self._names(profile) if name not in self._spared}
        if len(names) > self._most:
            return
        if self._asked and names and names.isdisjoint(self._asked):
            names.add(_ELSEWHERE)
        for name in names:
            self._votes[name] += UNIT[act] if act == "deleted" else -UNIT[act]
            self._times[name] += act == "deleted"

    def unwanted(self) -> Unwanted:
        verdicts = {
            name: Verdict(points, self._times[name])
            for name, votes in self._votes.items()
            if (points := credit(REASON_POINTS, votes))
        }
        elsewhere = verdicts.pop(_ELSEWHERE, Verdict())
        best = heapq.nsmallest(MAX_NAMED, verdicts, key=lambda name: (-verdicts[name].points, name))
        asked = tuple(sorted(self._asked)) if elsewhere.points else ()
        return Unwanted({name: verdicts[name] for name in best}, elsewhere, asked)


class _Mean:
    """The mean of some people, each with the weights of one: a long resume says no more than a short one."""

    def __init__(self) -> None:
        self.units = 0
        self._total = Counter[str]()

    def add(self, weights: Mapping[str, int], units: int) -> None:
        self.units += units
        whole = sum(weights.values())
        for name, weight in weights.items():
            self._total[name] += units * weight * _MEAN // whole

    def weights(self) -> Counter[str]:
        return Counter({name: weight // self.units for name, weight in self._total.items()})


def _more(mine: Counter[str], others: Counter[str]) -> dict[str, int]:
    """The features that weigh more on one side, the greatest differences first."""
    more = {name: weight - others[name] for name, weight in mine.items() if weight > others[name]}
    best = heapq.nsmallest(MAX_FEATURES, more, key=lambda name: (-more[name], name))
    return {name: more[name] for name in best}


def _in_title(query: FeedQuery) -> frozenset[str]:
    """What the feed's own title says: it cannot be what is wrong with somebody's title.

    An occupation that was only guessed from the description can be.
    """
    words = {f"w:{word}" for word in query.title_words}
    if query.known:
        words.update(_occupations(query))
    return frozenset(words)


def _asked(query: FeedQuery) -> frozenset[str]:
    """The features that the feed itself asks for: they earn their points already, and lose none here."""
    words: Iterable[str] = {
        *query.title_words,
        *query.words,
        *(term for keyword in query.keywords for term in keyword.terms),
    }
    return frozenset(
        {f"{kind}:{word}" for word in words for kind in "tw"}
        | {f"d:{name}" for name in query.domains}
        | _occupations(query)
    )


def _occupations(query: FeedQuery) -> set[str]:
    return {f"o:{name}" for name, near in query.reach.items() if near >= SURE}
