"""A resume record to its profile.

How a text is read is in `reading`, how titles are weighed in `career`. Here both are put together and cut to
what is worth storing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.matching.analysis.career import Career, weigh
from engine.matching.analysis.gathering import NOTHING, choose, gather, gather_resume
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.reading import Found
from engine.matching.analysis.tags import tags
from engine.matching.lexicon import experience
from engine.matching.resume_profile import MAX_SIGNS, ResumeProfile
from engine.matching.text.normalise import as_text, normalise_all, record, records

MAX_RESUME_CHARS = 10_000
"""Characters of a resume that are analysed. The latest work comes first, so the oldest is what is lost."""
MAX_ADDRESS_CHARS = 100
"""Characters of the address that a profile keeps."""
MAX_WORKS = 20
"""Works that are read, the latest first."""
MAX_EDUCATION = 10
"""Schools that are read, in the order of the resume."""
MAX_INDUSTRY_WORKS = 3
"""Works whose employers say which industries somebody knows; older ones are too long ago."""
MAX_INDUSTRY_CHARS = 60
"""Characters of one industry or company name that are read."""

MAX_KEY_TERMS = 64
"""Key terms of a profile. Each is an entry of a database index and a list that a search walks."""
MAX_KEY_OCCUPATIONS = 8
"""Key terms that are occupations: so many from titles, and so many from duties."""
MAX_KEY_WORDS = 12
"""Key terms that are words of titles. Skills get the key terms that are left."""
KEY_WEIGHT = 30
"""Weight, in hundredths, at or above which a skill is a key term. A skill from a long list has less."""
MAX_TERMS = 110
"""Terms that a profile keeps. The bytes of a profile are mostly these; an ordinary resume has fewer."""
MAX_TERM_CHARS = 24
"""Characters of the longest term that is kept. A longer one is no word but an accident."""
MIN_WEIGHT = 0.005
"""Weights below this would be rounded to 0 hundredths, and are left out."""

TERM_RECENCY = (1.0, 0.9, 0.75, 0.6)
"""Weight of the duties of the latest work, of the one before it, and so on; the last is for all others."""
SELF = 0.7
"""Weight of what somebody says about themselves, against 1 for duties that they describe."""


class Terms(NamedTuple):
    """The terms of a resume: the number of each, its weight, and the number of the resume's word for it."""

    numbers: NDArray[np.int32]
    weights: NDArray[np.float64]
    words: NDArray[np.int32]


def profile_of(readers: TextReaders, body: Mapping[str, Any]) -> ResumeProfile:
    """The profile of a resume record. Never raises: a field that cannot be read is unknown."""
    target = record(body.get("job_target"))
    works = list(records(body.get("works"), MAX_WORKS))
    education = list(records(body.get("education"), MAX_EDUCATION))
    titles = [readers.title(work.get("position_title")) for work in works]
    wished = readers.title(target.get("job_career"))
    # Everything is read in one go, the titles too, because each call of a compiled loop has its price.
    own, duties = _texts(body, works)
    worded = [title.text for title in (*titles, wished) if not title.reading.vague]
    first, behind = len(own), len(own) + len(duties)
    found = readers.reader.find((*own, *duties, *worded), behind)
    factors = np.zeros(behind + len(worded))
    factors[first:behind] = [*TERM_RECENCY, *repeat(TERM_RECENCY[-1], len(works))][: len(works)]
    occupations = readers.occupations
    scores = occupations.scores_of(*gather(found.rows, found.weights, factors))
    career = weigh(readers, wished, titles, scores)
    # Titles are words about the work too, but only now: the career is weighed by the duties alone.
    factors[:first] = SELF
    factors[behind:] = [weight for _, weight in career.titles]
    terms = Terms(*gather_resume(found.rows, found.weights, factors, first, behind))
    shown = occupations.shown(occupations.scores_of(terms.numbers, terms.weights))
    kept, wording = _kept(readers, terms, found)
    low, high = readers.salary(target.get("salary"))
    years = readers.years(body.get("work_years"))
    years = years if years is not None else experience.span(works)
    address = as_text(body.get("address")).strip()[:MAX_ADDRESS_CHARS]
    kinds = [readers.school(one.get("school")) for one in education]
    degrees = [readers.degree(one.get("degree")) for one in education]
    return ResumeProfile(
        key_terms=_key_terms(readers, career, shown, kept),
        tags=tags(education, kinds, degrees, works),
        salary_low=low,
        salary_high=high,
        address=address,
        titled=_hundredths(career.titled),
        title_of={name: title for name, title in career.title_of.items() if title != career.shown},
        shown=_hundredths(shown),
        signs=_signs(readers, shown, terms, found),
        title_words=_hundredths(career.words),
        terms=kept,
        wording=wording,
        title=career.shown,
        places=readers.reach(target.get("expectation_area")),
        home=readers.reach(address),
        months=None if years is None else round(12 * years),
        degree=max(degrees, default=0),
        level=career.level if career.level is not None else experience.level(years),
        domains=readers.domains.find(_industries(target, works)),
        classes=tuple(dict.fromkeys(filter(None, kinds))),
    )


def _texts(body: Mapping[str, Any], works: list[dict[Any, Any]]) -> tuple[list[str], list[str]]:
    """The long texts: what is said of the person, and the duties of each work; normalised and bounded."""
    fields = [work.get("job_desc") for work in works]
    texts = normalise_all((*fields, body.get("self_evaluation"), body.get("hr_evaluate")), MAX_RESUME_CHARS)
    return texts[len(works) :], texts[: len(works)]


def _industries(target: Mapping[Any, Any], works: list[dict[Any, Any]]) -> str:
    """The fields that name industries, as one text."""
    fields = [target.get("job_industry")]
    for work in works[:MAX_INDUSTRY_WORKS]:
        fields += [work.get("industry_category"), work.get("compnay_name")]
    return " ".join(as_text(field)[:MAX_INDUSTRY_CHARS] for field in fields)


def _kept(readers: TextReaders, terms: Terms, found: Found) -> tuple[dict[str, int], dict[str, str]]:
    """The terms that a profile keeps, in hundredths: skills before other words, the more telling first.

    Returns:
        Term -> weight, and term -> the resume's own word for it, where that differs.
    """
    reader = readers.reader
    rows = choose(*terms, readers.telling, reader.lengths, found.runs, MAX_TERMS, MAX_TERM_CHARS)
    numbers, weights, words = rows.T.tolist()
    names = reader.spelled(found, numbers)
    said = {name: word for name, word in zip(names, words, strict=True) if word != NOTHING}
    wording = dict(zip(said, reader.spelled(found, said.values()), strict=True))
    return dict(zip(names, weights, strict=True)), wording


def _signs(
    readers: TextReaders, names: Iterable[str], terms: Terms, found: Found
) -> dict[str, tuple[str, ...]]:
    """The resume's own words that tell most of each occupation."""
    places = readers.occupations.signs(names, terms.numbers, terms.weights, MAX_SIGNS)
    words = np.where(terms.words == NOTHING, terms.numbers, terms.words)
    return {
        name: tuple(readers.reader.spelled(found, words[row].tolist()))
        for name, row in zip(names, places, strict=True)
    }


def _key_terms(
    readers: TextReaders, career: Career, shown: Mapping[str, float], kept: Mapping[str, int]
) -> tuple[str, ...]:
    """The terms that make a match possible, sorted; see `ResumeProfile.key_terms`."""
    keys = {f"o:{name}" for name in _heaviest(career.titled, MAX_KEY_OCCUPATIONS)}
    keys.update([f"o:{name}" for name in _heaviest(shown, MAX_KEY_OCCUPATIONS)])
    keys.update([f"w:{word}" for word in _heaviest(career.words, MAX_KEY_WORDS)])
    skills = readers.lexicon.skills
    strong = [f"s:{term}" for term, weight in kept.items() if weight >= KEY_WEIGHT and term in skills]
    keys.update(strong[: MAX_KEY_TERMS - len(keys)])
    return tuple(sorted(keys))


def _heaviest(weights: Mapping[str, float], most: int) -> Iterable[str]:
    """The names that weigh most, ties by name; in any order."""
    if len(weights) <= most:
        return weights
    return sorted(weights, key=lambda one: (-weights[one], one))[:most]


def _hundredths(weights: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * weight) for name, weight in weights.items() if weight >= MIN_WEIGHT}
