"""The lists of judged feeds, made in this process: who is listed, in which order, and in which tier.

texts = Texts.of(judged, analyzer)
lists = lists_of(texts, analyzer)
lists["dev-f001"][0].is_strong
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Self

from bench.quality.data import Judged, spec_of
from bench.quality.measures import Rankings
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.learned.relations import NOTHING_LEARNED, Relations
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.index import FeedIndex


class Listed(NamedTuple):
    """A row of a list.

    Attributes:
        resume: Its `source_id`.
        fit: The probability that a recruiter calls it fitting, 0..1.
        is_strong: Whether it is worth reading, rather than merely possible.
    """

    resume: str
    fit: float
    is_strong: bool


Lists = Mapping[str, Sequence[Listed]]
"""Feed -> its rows, best first."""


class Learned(NamedTuple):
    """What was learned from stored resumes; nothing by default."""

    relations: Relations = NOTHING_LEARNED
    topics: Topics = NO_TOPICS


NOTHING = Learned()


class Texts(NamedTuple):
    """Judged feeds and resumes, those analysed: they are the same whatever was learned.

    Attributes:
        feeds: `feed_key` -> the body of `submit_feed`.
        profiles: `source_id` -> profile.
    """

    feeds: dict[str, Any]
    profiles: dict[str, ResumeProfile]

    @classmethod
    def of(cls, judged: Judged, analyzer: Analyzer, arrived: date | None = None) -> Self:
        """Read all resumes with one lexicon, a second or two.

        Args:
            judged: The judged data.
            analyzer: The analyzer.
            arrived: When the resumes came, as a server would have it; without it the same data always give
                the same.
        """
        return cls(
            {feed["feed_key"]: feed["submit"] for feed in judged.feeds},
            {resume["source_id"]: analyzer.resume(resume, arrived) for resume in judged.resumes},
        )


def lists_of(
    texts: Texts,
    analyzer: Analyzer,
    learned: Learned = NOTHING,
    breadth: str = "balanced",
) -> dict[str, list[Listed]]:
    """Every feed's list, best first, ties by resume.

    Args:
        texts: The feeds and resumes.
        analyzer: The analyzer that the profiles come from.
        learned: What was learned.
        breadth: Of all feeds.
    """
    index = FeedIndex()
    for key, submit in texts.feeds.items():
        index.put(key, analyzer.feed(spec_of(submit, breadth), *learned))
    found: dict[str, list[tuple[float, Listed]]] = defaultdict(list)
    for resume in texts.profiles:
        for key, match in index.matches(texts.profiles[resume], topics=learned.topics):
            found[key].append((-match.score, Listed(resume, match.fit, match.is_strong)))
    return {key: [row for _, row in sorted(rows)] for key, rows in found.items()}


def rankings_of(lists: Lists) -> Rankings:
    """The resumes alone, best first."""
    return {key: [row.resume for row in rows] for key, rows in lists.items()}
