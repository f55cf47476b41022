"""A resume record to its profile.

How a text is read is in `reading`, how titles are weighed in `career`. Here both are put together and cut to
what is worth storing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.analysis.career import Career, weigh
from engine.matching.analysis.gathering import MAX_TERMS, NOTHING, show_duties, show_resume
from engine.matching.analysis.readers import TextReaders
from engine.matching.analysis.reading import Found
from engine.matching.analysis.tags import tags
from engine.matching.lexicon import experience
from engine.matching.lexicon.degrees import DEGREE, DEGREE_NAMES, Schooling
from engine.matching.resume_profile import MAX_SIGNS, ResumeProfile
from engine.matching.text.normalise import MAX_FIELD_CHARS, as_text, normalise, normalise_all, record, records
from engine.matching.text.traditional import is_traditional, own_words

OWN_TEXTS = 2
"""Texts of a resume that say something of the person; those about works stand behind them. Where no work has
a text, as in many a table, they are read as those of works are: nothing says it better."""
MAX_RESUME_CHARS = 10_000
"""Characters of a resume that are analysed. The latest work comes first, so the oldest is what is lost."""
MAX_ADDRESS_CHARS = 100
"""Characters of the address that a profile keeps."""
MAX_HUNTING_CHARS = 40
"""Characters of 求职状态 that a profile keeps; what people choose from has thirty at most."""
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
EMPLOYER = 40
"""Weight, in hundredths, of a company that only an employer's name names: that of a slight acquaintance."""
MIN_WEIGHT = 0.005
"""Weights below this would be rounded to 0 hundredths, and are left out."""


def profile_of(readers: TextReaders, body: Mapping[str, Any], arrived: date | None = None) -> ResumeProfile:
    """The profile of a resume record. Never raises: a field that cannot be read is unknown."""
    target = record(body.get("job_target"))
    works = list(records(body.get("works"), MAX_WORKS))
    works = list(experience.latest_first(works, [work.get("start_time") for work in works]))
    education = list(records(body.get("education"), MAX_EDUCATION))
    titles = [readers.title(work.get("position_title")) for work in works]
    wished = readers.title(target.get("job_career"))
    occupations = readers.occupations
    # Everything is read in one go, the titles too, because each call of a compiled loop has its price.
    found = _read(
        readers, body, works, [title.text for title in (*titles, wished) if not title.reading.vague]
    )
    has_duties = any(as_text(work.get("job_desc")).strip() for work in works)
    begin, behind = OWN_TEXTS if has_duties else 0, OWN_TEXTS + len(works)
    scores, numbers, shares = show_duties(found.rows, found.weights, begin, behind, occupations.signs)
    # Titles are words about the work too, but only now: the career is weighed by the duties alone.
    by_duties = occupations.named(numbers.tolist(), shares.tolist())
    is_lived = has_duties or not all(title.reading.vague for title in titles)
    career = weigh(readers, wished, titles, by_duties, scores, is_lived=is_lived)
    terms, numbers, shares, signs = show_resume(
        found.rows,
        found.weights,
        begin,
        behind,
        np.array([weight for _, weight in career.titles]),
        found.runs,
        readers.telling,
        readers.figures,
        readers.reader.lengths,
        occupations.signs,
        MAX_SIGNS,
    )
    shown = occupations.named(numbers.tolist(), shares.tolist())
    kept, wording, strong = _kept(readers, terms, found)
    _add_employers(readers, works, kept, wording)
    told = _signs(readers, numbers, signs, shown, found)
    if is_traditional(said := _written(body, target, works)):
        own = own_words(said, {*kept, *wording.values(), *chain.from_iterable(told.values())})
        wording |= {term: own[word] for term in kept if (word := wording.get(term, term)) in own}
        told = {name: tuple(own.get(word, word) for word in words) for name, words in told.items()}
    low, high = readers.salary(target.get("salary"))
    years = readers.years(body.get("work_years"))
    years = years if years is not None else experience.span(works, arrived)
    address = as_text(body.get("address")).strip()[:MAX_ADDRESS_CHARS]
    home, areas = readers.home(address)
    kinds = [readers.school(one.get("school")) for one in education]
    schooling = [readers.schooling(one.get("degree")) for one in education]
    return ResumeProfile(
        key_terms=_key_terms(career, shown, strong),
        tags=tags(education, kinds, schooling, works),
        salary_low=low,
        salary_high=high,
        address=address,
        titled=_hundredths(career.titled),
        title_of={name: title for name, title in career.title_of.items() if title != career.shown},
        shown=_hundredths(shown),
        signs=told,
        title_words=_hundredths(career.words),
        terms=kept,
        wording=wording,
        title=career.shown,
        places=readers.reach(target.get("expectation_area")),
        home=home,
        months=None if years is None else round(12 * years),
        degree=max((one.rank for one in schooling), default=0),
        level=career.level if career.level is not None else experience.level(years),
        domains=readers.domains.find(_industries(target, works)),
        classes=tuple(dict.fromkeys(filter(None, kinds))),
        meant=tuple(sorted(career.meant)),
        areas=areas,
        hunting=as_text(target.get("job_hunting_state")).strip()[:MAX_HUNTING_CHARS],
        credentials=(*_degree_said(schooling), *readers.credentials.find(_said(body, works))),
        level_word=career.level_word,
    )


def _read(
    readers: TextReaders, body: Mapping[str, Any], works: list[dict[Any, Any]], titles: list[str]
) -> Found:
    """The terms of what is said of the person, of the duties of each work, and of some titles."""
    employers = [readers.proper(work.get("compnay_name")) for work in works]
    schools = [readers.proper(one.get("school")) for one in records(body.get("education"), MAX_EDUCATION)]
    names = [*chain.from_iterable(employers), *chain.from_iterable(schools)]
    own = [readers.without(as_text(body.get(field)), names) for field in ("self_evaluation", "hr_evaluate")]
    duties = [
        readers.without(as_text(work.get("job_desc")), name)
        for work, name in zip(works, employers, strict=True)
    ]
    lengths = [*map(len, own), *map(len, duties)]
    # Usually no limit is reached, and no character is unusual.
    if max(lengths) <= MAX_FIELD_CHARS and sum(lengths) <= MAX_RESUME_CHARS:
        found = readers.reader.find_raw((*own, *duties), titles)
        if found is not None:
            return found
    # The duties come first, so that what is lost of a long resume is what is said of the person.
    texts = normalise_all((*duties, *own), MAX_RESUME_CHARS)
    return readers.reader.find((*texts[len(works) :], *texts[: len(works)], *titles), len(texts))


def _degree_said(schooling: Iterable[Schooling]) -> Iterator[str]:
    """The highest degree as a credential, where its rank does not say all of it."""
    best = max(schooling := list(schooling), key=lambda one: one.rank, default=None)
    if best and best != (best.rank, best.rank, DEGREE_NAMES[best.rank]):
        yield f"{DEGREE}:{max(one.finished for one in schooling)}:{best.words}"


def _said(body: Mapping[str, Any], works: list[dict[Any, Any]]) -> str:
    """Where a resume names what somebody has: what is said of the person first."""
    fields = [body.get("self_evaluation"), body.get("hr_evaluate"), *(work.get("job_desc") for work in works)]
    return normalise("\n".join(as_text(field)[:MAX_FIELD_CHARS] for field in fields), MAX_RESUME_CHARS)


def _written(body: Mapping[str, Any], target: Mapping[Any, Any], works: list[dict[Any, Any]]) -> str:
    """What words may have been read from, as it was written; of a long resume only the beginning."""
    fields = [target.get("job_career"), body.get("self_evaluation"), body.get("hr_evaluate")]
    for work in works:
        fields += [work.get("position_title"), work.get("job_desc"), work.get("compnay_name")]
    return "\n".join(as_text(field)[:MAX_FIELD_CHARS] for field in fields)[: 2 * MAX_RESUME_CHARS]


def _industries(target: Mapping[Any, Any], works: list[dict[Any, Any]]) -> str:
    """The fields that name industries, as one text."""
    fields = [target.get("job_industry")]
    for work in works[:MAX_INDUSTRY_WORKS]:
        fields += [work.get("industry_category"), work.get("compnay_name")]
    return " ".join(as_text(field)[:MAX_INDUSTRY_CHARS] for field in fields)


def _kept(
    readers: TextReaders, terms: NDArray[np.int64], found: Found
) -> tuple[dict[str, int], dict[str, str], list[str]]:
    """The terms that a profile keeps, in hundredths: skills before other words, the more telling first.

    Returns:
        Term -> weight; term -> the resume's own word for it, where that differs; and the terms that are key
        terms.
    """
    spelled = readers.reader.spelled
    numbers, weights, words, strong = terms.tolist()
    names = spelled(found, numbers)
    said = [(name, word) for name, word in zip(names, words, strict=True) if word != NOTHING]
    own = spelled(found, [word for _, word in said])
    wording = {name: word for (name, _), word in zip(said, own, strict=True)}
    return dict(zip(names, weights, strict=True)), wording, [*compress(names, strong)]


def _add_employers(
    readers: TextReaders, works: list[dict[Any, Any]], kept: dict[str, int], wording: dict[str, str]
) -> None:
    """Add what only the names of employers say to the terms and their wording."""
    for work in works[:MAX_INDUSTRY_WORKS]:
        for word in readers.employer(work.get("compnay_name")):
            term = readers.lexicon.fold(word)
            if term not in kept and len(kept) < MAX_TERMS:
                kept[term] = EMPLOYER
                if word != term:
                    wording[term] = word


def _signs(
    readers: TextReaders,
    numbers: NDArray[np.int64],
    signs: NDArray[np.int32],
    shown: Mapping[str, float],
    found: Found,
) -> dict[str, tuple[str, ...]]:
    """The resume's own words that tell most of each occupation that is shown."""
    number, spelled = readers.occupations.number, readers.reader.spelled
    rows = dict(zip(numbers.tolist(), signs.tolist(), strict=True))
    return {
        name: tuple(spelled(found, [word for word in rows[number[name]] if word != NOTHING]))
        for name in shown
    }


def _key_terms(career: Career, shown: Mapping[str, float], skills: list[str]) -> tuple[str, ...]:
    """The terms that make a match possible, sorted; see `ResumeProfile.key_terms`."""
    keys = {f"o:{name}" for name in _heaviest(career.titled, MAX_KEY_OCCUPATIONS)}
    keys.update([f"o:{name}" for name in _heaviest(shown, MAX_KEY_OCCUPATIONS)])
    keys.update([f"w:{word}" for word in _heaviest(career.words, MAX_KEY_WORDS)])
    keys.update([f"s:{term}" for term in skills[: MAX_KEY_TERMS - len(keys)]])
    return tuple(sorted(keys))


def _heaviest(weights: Mapping[str, float], most: int) -> Iterable[str]:
    """The names that weigh most, ties by name; in any order."""
    if len(weights) <= most:
        return weights
    return sorted(weights, key=lambda one: (-weights[one], one))[:most]


def _hundredths(weights: Mapping[str, float]) -> dict[str, int]:
    return {name: round(100 * weight) for name, weight in weights.items() if weight >= MIN_WEIGHT}
