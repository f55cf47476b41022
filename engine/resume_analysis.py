"""A resume record to its profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import experience, salary
from engine.career import Career, weigh
from engine.parts import Parts
from engine.profile import MAX_SIGNS, ResumeProfile
from engine.tags import tags
from engine.text import MAX_FIELD_CHARS, as_text, normalise, record, records

MAX_RESUME_CHARS = 10_000
"""Characters of a resume that are analysed; the latest work comes first, so the oldest is what is lost."""
MAX_ADDRESS_CHARS = 100
MAX_WORKS = 20
MAX_EDUCATION = 10
MAX_KEY_TERMS = 64
MAX_TERMS = 110
MAX_TERM_CHARS = 24
KEY_WEIGHT = 30
"""Weight, in hundredths, from which on a skill is a key term."""

TERM_RECENCY = (1.0, 0.9, 0.75, 0.6)
"""Weight of the duties of the present work, the one before it, and so on; the last serves the rest."""
SELF = 0.6
"""Weight of what the self-evaluation says, against 1 for the duties."""
OF_TITLE = 0.5
"""Weight of the words of a title among the terms."""
SKILL_RANK = 20.0
"""What a skill counts, against the idf of another word, when a profile must choose what to keep."""


class _Terms:
    """The terms of one resume while they are gathered."""

    def __init__(self, parts: Parts) -> None:
        self._read = parts.reader.read
        self.denied: set[str] = set()
        self.wording: dict[str, str] = {}

    def read(self, into: dict[str, float], text: str, factor: float, *, lists: bool = True) -> None:
        """Add a text's terms to others; of two weights the greater counts."""
        reading = self._read(text, lists=lists)
        for term, weight in reading.terms.items():
            into[term] = max(into.get(term, 0.0), weight * factor)
        self.denied |= reading.denied
        self.wording.update(reading.wording)


def profile_of(parts: Parts, body: Mapping[str, Any]) -> ResumeProfile:
    """The profile of a resume record. Never raises: what cannot be read is unknown."""
    target = record(body.get("job_target"))
    works = list(records(body.get("works"), MAX_WORKS))
    education = list(records(body.get("education"), MAX_EDUCATION))
    budget = MAX_RESUME_CHARS
    gathered = _Terms(parts)
    duties: dict[str, float] = {}
    for i, work in enumerate(works):
        text = normalise(work.get("job_desc"), min(budget, MAX_FIELD_CHARS))
        budget -= len(text)
        gathered.read(duties, text, TERM_RECENCY[min(i, len(TERM_RECENCY) - 1)])
    terms: dict[str, float] = {}
    for field in ("self_evaluation", "hr_evaluate"):
        text = normalise(body.get(field), min(budget, MAX_FIELD_CHARS))
        budget -= len(text)
        gathered.read(terms, text, SELF)
    occupations = parts.occupations
    career = weigh(parts, target.get("job_career"), works, occupations.evidence(_capped(duties)))
    for title, weight in career.titles:
        gathered.read(duties, title, OF_TITLE * weight, lists=False)
    for term, weight in duties.items():
        terms[term] = max(terms.get(term, 0.0), weight)
    for term in gathered.denied:
        terms.pop(term, None)
    capped = _capped(terms)
    shown = occupations.shown(occupations.evidence(capped))
    signs = occupations.signs(shown, capped, MAX_SIGNS)
    kept = _kept(parts, terms)
    low, high = salary.parse(target.get("salary"))
    years = experience.years(body.get("work_years"))
    years = years if years is not None else experience.span(works)
    address = as_text(body.get("address")).strip()[:MAX_ADDRESS_CHARS]
    kinds = dict.fromkeys(parts.schools.kind(one.get("school")) for one in education)
    return ResumeProfile(
        key_terms=_key_terms(parts, career, shown, kept),
        tags=tags(parts.schools, education, works),
        salary_low=low,
        salary_high=high,
        address=address,
        titled=_hundredths(career.titled),
        title_of={name: title for name, title in career.title_of.items() if title != career.shown},
        shown=_hundredths(shown),
        signs={name: tuple(gathered.wording.get(word, word) for word in signs[name]) for name in shown},
        title_words=_hundredths(career.words),
        terms=kept,
        wording={term: gathered.wording[term] for term in kept if term in gathered.wording},
        title=career.shown,
        places=parts.places.reach(parts.places.wish((as_text(target.get("expectation_area")),))),
        home=parts.places.reach(parts.places.wish((address,))),
        months=None if years is None else round(12 * years),
        degree=max((experience.degree(one.get("degree")) for one in education), default=0),
        level=career.level if career.level is not None else experience.level(years),
        domains=parts.domains.find(_industries(target, works)),
        classes=tuple(kind for kind in kinds if kind),
    )


def _industries(target: Mapping[Any, Any], works: list[dict[Any, Any]]) -> str:
    fields = [target.get("job_industry")]
    fields += [work.get(field) for work in works[:3] for field in ("industry_category", "compnay_name")]
    return " ".join(as_text(field)[:60] for field in fields)


def _kept(parts: Parts, terms: Mapping[str, float]) -> dict[str, int]:
    """The terms a profile keeps: skills before other words, the more telling before the less."""
    skills, idf = parts.lexicon.skills, parts.lexicon.idf
    ranked = sorted(
        ((weight * (SKILL_RANK if term in skills else idf(term)), term) for term, weight in terms.items()),
        key=lambda item: (-item[0], item[1]),
    )
    kept = ((term, round(100 * min(terms[term], 1.0))) for _, term in ranked[:MAX_TERMS])
    return {term: weight for term, weight in kept if weight and len(term) <= MAX_TERM_CHARS}


def _key_terms(
    parts: Parts, career: Career, shown: Mapping[str, float], kept: Mapping[str, int]
) -> tuple[str, ...]:
    keys: dict[str, None] = {}
    for names in (career.titled, shown):
        for name in sorted(names, key=lambda one: (-names[one], one))[:8]:
            keys[f"o:{name}"] = None
    words = career.words
    for word in sorted(words, key=lambda one: (-words[one], one))[:12]:
        keys[f"w:{word}"] = None
    strong = [term for term, weight in kept.items() if weight >= KEY_WEIGHT and term in parts.lexicon.skills]
    for term in strong[: MAX_KEY_TERMS - len(keys)]:
        keys[f"s:{term}"] = None
    return tuple(sorted(keys))


def _capped(terms: Mapping[str, float]) -> dict[str, float]:
    return {term: min(weight, 1.0) for term, weight in terms.items()}


def _hundredths(weights: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * weight) for name, weight in weights.items() if weight >= 0.005}
