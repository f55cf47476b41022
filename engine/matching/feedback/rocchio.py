"""Likeness to the people who were kept, and to those who were deleted without a reason.

The idea is Rocchio's (1971, Relevance feedback in information retrieval): towards the kept, away from the
deleted, each side as the mean of its people. The part of the query itself is left out, since the feed earns
its points for that anyway; so nothing that the feed asks for is ever turned against it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from engine.matching.feed_query import FeedQuery
from engine.matching.feedback.credit import CLICK_WEIGHT, Act, credit
from engine.matching.feedback.features import asked_features, occupation_strength
from engine.matching.feedback.model import Preference
from engine.matching.learned.topics import NO_TOPICS, TOPICS, Topics, unit
from engine.matching.resume_profile import ResumeProfile

LIKED_TOPICS = 1_000
"""Hundredths that being about the same as the kept can bring. To move away from the deleted as well brought
nothing: whom a list shows is about the same already."""
LIKED_POINTS, DISLIKED_POINTS = 800, 500
"""Hundredths that complete likeness to the kept can bring, and to the deleted can take.

Deletions without a reason get less: nobody said what was wrong with those people.
"""
MAX_FEATURES = 30
"""Features that a preference keeps, the heaviest first; those behind hardly tell two people apart."""
GROUP_IDF = 80
"""How telling an occupation or an industry is, in tenths, on the scale of a word's idf (0..110)."""
_SCALE = 1_000_000
"""The weights of one person add up to about this, so that means stay exact enough as whole numbers."""


class Likeness:
    """Gathers the features of the kept and of those deleted without a reason.

    Args:
        query: The feed, analysed.
        idf: How telling a word is, 0..11.
        topics: The learned topics in force.
    """

    def __init__(self, query: FeedQuery, idf: Callable[[str], float], topics: Topics = NO_TOPICS) -> None:
        self._idf = idf
        self._topics = topics
        self._place = [0] * TOPICS
        self._asked = asked_features(query)
        self._kept = Counter[Act]()
        self._liked, self._disliked = _Mean(), _Mean()

    def add(self, act: Act, profile: ResumeProfile) -> None:
        """Count a person who was kept, or deleted without a reason."""
        if act == "deleted":
            self._disliked.add(self._features(profile), CLICK_WEIGHT[act])
        else:
            self._kept[act] += 1
            self._liked.add(self._features(profile), CLICK_WEIGHT[act])
            place = self._topics.locate(profile).vector.tolist()
            for topic, part in enumerate(place):
                self._place[topic] += CLICK_WEIGHT[act] * part

    def preferences(self) -> Iterator[Preference]:
        """What the kept have more of, what the deleted have more of, and what the kept are about."""
        liked, disliked = self._liked.weights(), self._disliked.weights()
        labels: tuple[tuple[Act, str], ...] = (("favourite", "收藏"), ("read", "已读"))
        kept = "、".join(f"{label}{self._kept[act]}人" for act, label in labels if self._kept[act])
        if features := _excess(liked, disliked):
            yield Preference(credit(LIKED_POINTS, self._liked.quarters), f"与{kept}相近", features)
        if features := _excess(disliked, liked):
            quarters = self._disliked.quarters
            label = f"与删除{quarters // CLICK_WEIGHT['deleted']}人相近"
            yield Preference(-credit(DISLIKED_POINTS, quarters), label, features)
        if any(self._place):
            points = credit(LIKED_TOPICS, self._liked.quarters)
            topics = unit(self._place)
            yield Preference(points, f"与{kept}经历相近", table=self._topics.number, topics=topics)

    def _features(self, profile: ResumeProfile) -> dict[str, int]:
        """The features that the feed does not ask for -> strength times how telling they are."""
        weights = {
            f"o:{name}": occupation_strength(name, profile) * GROUP_IDF
            for name in (*profile.titled, *profile.shown)
        }
        weights |= {f"d:{name}": 100 * GROUP_IDF for name in profile.domains}
        for kind, words in (("w", profile.title_words), ("t", profile.terms)):
            weights |= self._words(kind, words)
        return {name: weight for name, weight in weights.items() if weight and name not in self._asked}

    def _words(self, kind: str, words: Mapping[str, int]) -> dict[str, int]:
        idf = self._idf
        return {f"{kind}:{word}": min(weight, 100) * round(10 * idf(word)) for word, weight in words.items()}


class _Mean:
    """The mean of some people's features. Each person weighs the same, however long their resume is."""

    def __init__(self) -> None:
        self.quarters = 0
        self._total = Counter[str]()

    def add(self, weights: Mapping[str, int], quarters: int) -> None:
        self.quarters += quarters
        whole = sum(weights.values())
        for name, weight in weights.items():
            self._total[name] += quarters * weight * _SCALE // whole

    def weights(self) -> Counter[str]:
        return Counter({name: weight // self.quarters for name, weight in self._total.items()})


def _excess(mine: Counter[str], others: Counter[str]) -> dict[str, int]:
    """The features that weigh more on one side, the greatest differences first, ties by name."""
    more = {name: weight - others[name] for name, weight in mine.items() if weight > others[name]}
    best = heapq.nsmallest(MAX_FEATURES, more, key=lambda name: (-more[name], name))
    return {name: more[name] for name in best}
