"""What is learned from stored resumes, and how the calibration keeps answers from whoever is judged.

Postings repeat between resumes: a company's posting is told as the work of several people. Whoever learns
from all resumes and is judged by the same ones has seen the answers. So the companies are dealt into two
halves. A resume whose companies all stand in one half belongs to it. What is judged is one half; what is
learned comes from the other, without the resumes that share a sentence with one that is judged. And as the
judged roles are all in the lexicon, a random part of it is taken out for some draws.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bench.quality.lists import Learned
from engine.matching.learned.relations import Counting
from engine.matching.learned.topic_learning import Gathering
from engine.matching.lexicon.rows import LexiconData
from engine.matching.resume_profile import ResumeProfile

MIN_SENTENCE = 12
"""Characters from which on a sentence that two resumes share is no accident, but one posting."""
SHARE = 0.4
"""Part of the occupations, and of the skills, that a draw takes out of the lexicon."""
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


def without_some(data: LexiconData, seed: int) -> LexiconData:
    """The lexicon without `SHARE` of its occupations and skills.

    A seed always takes the same ones, whatever else the lexicon has, so that two lexicons can be compared.
    """
    titles = tuple(row for row in data.titles if _stays(seed, row.title))
    skills = tuple(row for row in data.skills if _stays(seed, row.term))
    return msgspec.structs.replace(data, titles=titles, skills=skills)


def _stays(seed: int, name: str) -> bool:
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >= SHARE * 2**64


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
