"""A feed's text to its query.

Which occupations it asks for is in `asking`. Only what the feed itself says is used here. What learned
relations add is in `related`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from engine.matching.analysis.asking import (
    FEED_NEAR,
    MAX_KEYWORD_CHARS,
    asked_by,
    meaning,
    said_by,
)
from engine.matching.analysis.readers import TextReaders, share
from engine.matching.analysis.reading import Reading
from engine.matching.feed_query import MAX_NAMED, Ask, FeedQuery, Keyword
from engine.matching.feed_spec import FeedSpec, Requirements
from engine.matching.lexicon import degrees, experience
from engine.matching.lexicon.credentials import LICENCE, LICENCES
from engine.matching.lexicon.degrees import DEGREE_NAMES
from engine.matching.lexicon.salary import MAX_YUAN
from engine.matching.lexicon.schools import CLASSES
from engine.matching.lexicon.titles import MAX_TITLE_CHARS, without_denied
from engine.matching.score.breakdown import possible_gain
from engine.matching.score.rules import FULL
from engine.matching.score.tiers import CUTS
from engine.matching.text.normalise import as_text, normalise, squeeze

MAX_SHOWN_TITLE_CHARS = 40
"""Characters of the title that reasons show."""
MAX_AREAS = 40
"""Areas that are read; the form allows 30."""
MAX_AREA_CHARS = 40
"""Characters of one area that are read."""
MAX_LEVELS, MAX_SHOWN_LEVEL_CHARS = 10, 20
"""Levels that are read, and characters of one that reasons show; the form allows no more."""
MAX_SHOWN_KEYWORD_CHARS = 30
"""Characters of one keyword that reasons show."""
MAX_WORDS = 60
"""Other words of the description that are compared, the most telling first."""

KNOWN_SKILL, OTHER_WORD = 1.0, 0.8
"""Weight of a keyword that is a known skill, and of any other, which counts by its rarity besides."""
TITLE_SKILL, TEXT_SKILL = 0.9, 0.45
"""Weight of a skill that is no keyword, but named in the title or in the description."""
RARE_IDF = 9.0
"""The idf at or above which a keyword that is no skill counts as rare as can be."""
COMMON = 0.3
"""Weight as a sign below which a word that is only a part of signs (`办理`) is said in every trade."""
REPEATED = 1.3
"""Factor for a word that the description says more than once."""

_ALTERNATIVES = re.compile(r"[/、,，|或]")
"""Between the jobs that one title offers."""

POSTED = "招聘"
"""What a posting says about itself (`招聘Java工程师`). It is a skill only where recruiting is the work."""


def query_of(readers: TextReaders, spec: FeedSpec) -> FeedQuery:
    """The query of a feed. Any text is accepted; a feed without a usable word matches nobody."""
    said = said_by(readers, spec)
    asked = asked_by(readers, said)
    title, described, text = said.title, said.described, said.text
    level, level_words = _levels(readers, spec)
    if not any(readers.occupations.is_sign(POSTED, name) for name in asked.occupations):
        described.terms.pop(POSTED, None)
    keywords = _keywords(readers, spec, said.named, described)
    reach = _reach(readers, asked.occupations)
    title_words = {} if title.vague else readers.title_words(title)
    taken = {term for keyword in keywords for term in keyword.terms}
    query = FeedQuery(
        gate_terms=_gate_terms(reach, title_words, () if asked.occupations else keywords),
        title=as_text(spec.title).strip()[:MAX_SHOWN_TITLE_CHARS] + meaning(readers, asked),
        clear=not title.vague or asked.known,
        known=asked.known,
        reach=reach,
        title_words={} if title.occupations else share(title_words),
        keywords=keywords,
        words=_content(readers, described, taken),
        places=frozenset(readers.places.wish(area[:MAX_AREA_CHARS] for area in spec.expect_area[:MAX_AREAS])),
        salary=(_yuan(spec.salary_min), _yuan(spec.salary_max)),
        months=_months(text),
        level=level,
        level_words=level_words,
        degree=degrees.required_degree(text),
        domains=frozenset(readers.domains.name(name) for name in spec.job_domain if name.strip()),
        preferences=frozenset(
            kind for kind in CLASSES if any(kind in normalise(name) for name in spec.company_prefer)
        ),
        cut=CUTS[spec.breadth],
        asks=tuple(_asks(readers, spec.requirements)),
    )
    # What the wishes cannot bring, the text can, so that every feed has a best score of 100.
    return msgspec.structs.replace(query, text_points=FULL - possible_gain(query))


def _asks(readers: TextReaders, given: Requirements) -> Iterator[Ask]:
    """The requirements, in the order of the form."""
    must = frozenset(given.must)
    if given.degree in DEGREE_NAMES[1:]:
        yield Ask("degree", given.degree, "degree" in must, DEGREE_NAMES.index(given.degree))
    for name, years, words in (
        ("years_min", given.years_min, "年以上"),
        ("years_max", given.years_max, "年以内"),
    ):
        if years is not None:
            yield Ask(name, f"{years}{words}", name in must, years)
    for name, texts in (("certificates", given.certificates), ("languages", given.languages)):
        for text in texts:
            family, level = readers.credentials.asked(text)
            yield Ask(name, text, name in must, level, family)
    if given.licence in LICENCES:
        yield Ask("licence", given.licence, "licence" in must, family=LICENCE)


def _yuan(amount: int) -> int:
    """An amount within the bounds that a form has, for a feed that did not come through one."""
    return min(max(amount, 0), MAX_YUAN)


def _reach(readers: TextReaders, occupations: Mapping[str, float]) -> dict[str, int]:
    """Occupation -> how near it is to those asked for, in ten-thousandths."""
    reach: dict[str, int] = {}
    for name, weight in occupations.items():
        for other, nearness in readers.occupations.related.get(name, {}).items():
            reach[other] = max(reach.get(other, 0), round(FULL * weight * nearness))
    return reach


def _gate_terms(
    reach: Mapping[str, int], title_words: Mapping[str, float], keywords: tuple[Keyword, ...]
) -> frozenset[str]:
    """The terms of which a resume must have one.

    Args:
        reach: See `_reach`.
        title_words: The words of the title.
        keywords: Those that open the gate as well; none where an occupation is known.
    """
    gate = {f"o:{name}" for name, nearness in reach.items() if nearness >= FEED_NEAR * FULL}
    gate.update(f"w:{word}" for word in title_words)
    gate.update(f"s:{keyword.terms[0]}" for keyword in keywords if len(keyword.terms) == 1)
    return frozenset(gate)


def _keywords(
    readers: TextReaders, spec: FeedSpec, named: Reading, described: Reading
) -> tuple[Keyword, ...]:
    """Keywords, then the skills that title and description name, with their share of the skill points."""
    found: dict[tuple[str, ...], tuple[str, float]] = {}
    for keyword in spec.keywords[:MAX_NAMED]:
        reading = readers.reader.read(normalise(keyword, MAX_KEYWORD_CHARS), lists=False)
        terms = tuple(sorted(reading.terms))
        if terms:
            known = any(term in readers.lexicon.skills for term in terms)
            rarity = max(min(readers.lexicon.idf(term) / RARE_IDF, 1.0) for term in terms)
            weight = KNOWN_SKILL if known else OTHER_WORD * rarity
            found.setdefault(terms, (keyword.strip()[:MAX_SHOWN_KEYWORD_CHARS], weight))
    for reading, weight in ((named, TITLE_SKILL), (described, TEXT_SKILL)):
        for term in reading.terms:
            if term in readers.lexicon.skills:
                found.setdefault((term,), (_own_word(readers, term, reading), weight))
    best = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))[:MAX_NAMED]
    total = sum(weight for _, (_, weight) in best)
    return tuple(Keyword(shown, terms, int(FULL * weight / total)) for terms, (shown, weight) in best)


def _own_word(readers: TextReaders, term: str, reading: Reading) -> str:
    """A term as the feed itself says it; in the lexicon's spelling where only space and case differ."""
    shown = readers.lexicon.shown(term)
    word = reading.wording.get(term, shown)
    return shown if squeeze(word) == squeeze(shown) else word


def _content(readers: TextReaders, reading: Reading, taken: set[str]) -> dict[str, int]:
    """The description's other words, the most telling first, as shares.

    Latin words that are no skills are left out: they are names, units and parts of links. So are common ones.
    """
    idf, skills, telling = readers.lexicon.idf, readers.lexicon.skills, readers.occupations.telling
    weights = {
        term: idf(term) ** 2 * (REPEATED if count > 1 else 1.0)
        for term, count in reading.terms.items()
        if term not in taken
        and (term in skills or (not term.isascii() and telling.get(term, COMMON) >= COMMON))
    }
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MAX_WORDS]
    return share(dict(best))


def _months(text: str) -> tuple[int, int] | None:
    years = experience.required_years(text)
    return (round(12 * years[0]), round(12 * years[1])) if years else None


def _levels(readers: TextReaders, spec: FeedSpec) -> tuple[tuple[int, int] | None, str]:
    """The lowest and the highest level rank that a feed asks for, and its words; None, "" when there is none.

    Without a choice of levels its title tells (`销售总监`), unless a part of it names none (`会计/会计主管`).
    Of several words for a rank all are given where it is the only one, else the first.
    """
    named: dict[int, list[str]] = {}
    for level in spec.talent_level[:MAX_LEVELS]:
        rank, _ = readers.level(normalise(level))
        if rank is not None:
            named.setdefault(rank, []).append(as_text(level).strip()[:MAX_SHOWN_LEVEL_CHARS])
    if not named:
        for part in _ALTERNATIVES.split(without_denied(normalise(spec.title, MAX_TITLE_CHARS))):
            rank, word = readers.level(part)
            if rank is None:
                return None, ""
            named.setdefault(rank, []).append(word)
    if not named:
        return None, ""
    low, high = min(named), max(named)
    words = ",".join(dict.fromkeys(named[low])) if low == high else f"{named[low][0]}-{named[high][0]}"
    return (low, high), words
