"""A resume record to its profile.

How a text is read is in `reading`, how titles are weighed in `career`. Here both are put together and cut to
what is worth storing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.matching.analysis.career import Career, weigh
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.tags import tags
from engine.matching.lexicon import experience
from engine.matching.resume_profile import MAX_SIGNS, ResumeProfile
from engine.matching.text.normalise import MAX_FIELD_CHARS, as_text, normalise, record, records

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


def profile_of(readers: TextReaders, body: Mapping[str, Any]) -> ResumeProfile:
    """The profile of a resume record. Never raises: a field that cannot be read is unknown."""
    target = record(body.get("job_target"))
    works = list(records(body.get("works"), MAX_WORKS))
    education = list(records(body.get("education"), MAX_EDUCATION))
    # Read in one go, because one call of the tokenizer for all texts costs less than one for each.
    readings = readers.reader.read_all(_texts(body, works))
    duties: dict[str, float] = {}
    for i, reading in enumerate(readings[: len(works)]):
        _gather(duties, reading.terms, TERM_RECENCY[min(i, len(TERM_RECENCY) - 1)])
    terms: dict[str, float] = {}
    for reading in readings[len(works) :]:
        _gather(terms, reading.terms, SELF)
    occupations = readers.occupations
    career = weigh(readers, target.get("job_career"), works, occupations.scores(duties, 1.0))
    # Titles are words about the work too, but only now: the career is weighed by the duties alone.
    for title, weight in career.titles:
        readings.append(title.terms)
        _gather(duties, title.terms.terms, weight)
    _gather(terms, duties)
    wording: dict[str, str] = {}
    for reading in readings:
        wording.update(reading.wording)
        # Denied anywhere (不会) is denied everywhere.
        for term in reading.denied:
            terms.pop(term, None)
    capped = _capped(terms)
    shown = occupations.shown(occupations.scores(terms, 1.0))
    signs = occupations.signs(shown, capped, MAX_SIGNS)
    kept = _kept(readers, terms)
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
        signs={name: tuple(wording.get(word, word) for word in signs[name]) for name in shown},
        title_words=_hundredths(career.words),
        terms=kept,
        wording={term: wording[term] for term in kept if term in wording},
        title=career.shown,
        places=readers.reach(target.get("expectation_area")),
        home=readers.reach(address),
        months=None if years is None else round(12 * years),
        degree=max(degrees, default=0),
        level=career.level if career.level is not None else experience.level(years),
        domains=readers.domains.find(_industries(target, works)),
        classes=tuple(dict.fromkeys(filter(None, kinds))),
    )


def _texts(body: Mapping[str, Any], works: list[dict[Any, Any]]) -> list[str]:
    """The long texts: the duties of each work, then what is said of the person; normalised and bounded."""
    budget = MAX_RESUME_CHARS
    texts = []
    for value in (
        *(work.get("job_desc") for work in works),
        body.get("self_evaluation"),
        body.get("hr_evaluate"),
    ):
        text = normalise(value, min(budget, MAX_FIELD_CHARS))
        budget -= len(text)
        texts.append(text)
    return texts


def _gather(into: dict[str, float], weights: Mapping[str, float], factor: float = 1.0) -> None:
    """Add terms to others; of two weights the greater counts."""
    for term, weight in weights.items():
        weight *= factor
        if weight > into.get(term, 0.0):
            into[term] = weight


def _industries(target: Mapping[Any, Any], works: list[dict[Any, Any]]) -> str:
    """The fields that name industries, as one text."""
    fields = [target.get("job_industry")]
    for work in works[:MAX_INDUSTRY_WORKS]:
        fields += [work.get("industry_category"), work.get("compnay_name")]
    return " ".join(as_text(field)[:MAX_INDUSTRY_CHARS] for field in fields)


def _kept(readers: TextReaders, terms: Mapping[str, float]) -> dict[str, int]:
    """The terms that a profile keeps, in hundredths: skills before other words, the more telling first."""
    telling = readers.telling
    ranks = {term: weight * telling[term] for term, weight in terms.items()}
    kept = {}
    # The sort is stable, so of equal ranks the term that is said first is kept.
    for term in sorted(ranks, key=ranks.__getitem__, reverse=True)[:MAX_TERMS]:
        weight = round(100 * terms[term])
        if weight and len(term) <= MAX_TERM_CHARS:
            kept[term] = weight if weight < 100 else 100
    return kept


def _key_terms(
    readers: TextReaders, career: Career, shown: Mapping[str, float], kept: Mapping[str, int]
) -> tuple[str, ...]:
    """The terms that make a match possible, sorted; see `ResumeProfile.key_terms`."""
    keys: dict[str, None] = {}
    for names in (career.titled, shown):
        for name in sorted(names, key=lambda one: (-names[one], one))[:MAX_KEY_OCCUPATIONS]:
            keys[f"o:{name}"] = None
    words = career.words
    for word in sorted(words, key=lambda one: (-words[one], one))[:MAX_KEY_WORDS]:
        keys[f"w:{word}"] = None
    skills = readers.lexicon.skills
    strong = [term for term, weight in kept.items() if weight >= KEY_WEIGHT and term in skills]
    for term in strong[: MAX_KEY_TERMS - len(keys)]:
        keys[f"s:{term}"] = None
    return tuple(sorted(keys))


def _capped(terms: Mapping[str, float]) -> dict[str, float]:
    return {term: weight if weight < 1.0 else 1.0 for term, weight in terms.items()}


def _hundredths(weights: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * weight) for name, weight in weights.items() if weight >= MIN_WEIGHT}
