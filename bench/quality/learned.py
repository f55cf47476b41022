"""What is learned from stored resumes, measured on others.

Postings repeat between resumes: a company's posting is told as the work of several people. Whoever learns
from all resumes and is judged by the same ones has seen the answers. Here the companies are dealt into two
halves. A resume whose companies all stand in one half belongs to it. What is judged is one half; what is
learned comes from the other, without the resumes that share a sentence with one that is judged. Then the
halves change places, and the two judgements are averaged.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from bench.quality.data import Judged
from bench.quality.lists import NOTHING, Learned, Texts, lists_of
from bench.quality.pooled import Pooled
from bench.quality.tiers import HEAD
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.learned.relations import Counting
from engine.matching.learned.topic_learning import Gathering
from engine.matching.resume_profile import ResumeProfile

MIN_SENTENCE = 12
"""Characters from which on a sentence that two resumes share is no accident, but one posting."""
_ENDS = re.compile(r"[。；;，,\n]")


def learn(profiles: Iterable[ResumeProfile]) -> Learned:
    """What `manage.py learn` learns from so many stored resumes."""
    counting, gathering = Counting(), Gathering()
    for profile in profiles:
        counting.add(profile.key_terms)
        gathering.add(profile)
    return Learned(counting.relations(), gathering.topics())


def halves(resumes: Iterable[dict[str, Any]]) -> Iterator[tuple[set[str], set[str]]]:
    """Twice: the resumes to learn from, and those to judge by, by `source_id`."""
    dealt: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for resume in resumes:
        sides = {_side(company) for company in _companies(resume)}
        if len(sides) == 1:
            dealt[sides.pop()].append(resume)
    for judged, learned in (dealt, dealt[::-1]):
        told = {sentence for resume in judged for sentence in _sentences(resume)}
        fresh = [resume for resume in learned if told.isdisjoint(_sentences(resume))]
        yield {resume["source_id"] for resume in fresh}, {resume["source_id"] for resume in judged}


def learned_lines(judged: Judged, texts: Texts, analyzer: Analyzer) -> list[str]:
    """The measures over both halves: with nothing learned, and with what the other half teaches."""
    pooled: dict[str, Pooled] = defaultdict(Pooled)
    for number, (teachers, stored) in enumerate(halves(judged.resumes), 1):
        half = _judging(judged, stored)
        for name, learned in (
            ("nothing learned", NOTHING),
            ("learned from other companies", learn(texts.profiles[one] for one in sorted(teachers))),
            ("learned from all, which leaks", learn(texts.profiles.values())),
        ):
            pooled[name].add(f"half {number}", half, lists_of(texts, analyzer, learned, stored))
    orders = [one.line(name) for name, one in pooled.items()]
    return [*orders, HEAD, *(one.tier_line(f"strong, {name}") for name, one in pooled.items())]


def _judging(judged: Judged, stored: set[str]) -> Judged:
    """The same judgements of some resumes alone, and of the feeds that one of these fits."""
    grades = {
        key: {one: grade for one, grade in grades.items() if one in stored}
        for key, grades in judged.grades.items()
    }
    return judged._replace(
        feeds=[feed for feed in judged.feeds if any(grades.get(feed["feed_key"], ()))],
        resumes=[resume for resume in judged.resumes if resume["source_id"] in stored],
        grades=grades,
    )


def _side(company: str) -> int:
    return hashlib.sha256(company.encode()).digest()[0] % 2


def _companies(resume: dict[str, Any]) -> set[str]:
    return {name for work in resume.get("works") or () if (name := work.get("compnay_name"))}


def _sentences(resume: dict[str, Any]) -> set[str]:
    texts = [resume.get("self_evaluation"), *(work.get("job_desc") for work in resume.get("works") or ())]
    return {
        sentence.strip()
        for text in texts
        for sentence in _ENDS.split(text or "")
        if len(sentence.strip()) >= MIN_SENTENCE
    }
