"""A feed's text to its query.

Only what the feed itself says is used here. What learned relations add is in `related`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.matching.analysis.career import OPEN_TITLE
from engine.matching.analysis.readers import WHOLE, TextReaders, share
from engine.matching.analysis.reading import Reading
from engine.matching.feed_query import MAX_NAMED, FeedQuery, Keyword
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon import degrees, experience
from engine.matching.lexicon.salary import MAX_YUAN
from engine.matching.lexicon.schools import CLASSES
from engine.matching.lexicon.titles import TitleReading
from engine.matching.score.breakdown import possible_gain
from engine.matching.score.rules import FULL
from engine.matching.score.tiers import CUTS
from engine.matching.text.normalise import as_text, normalise, squeeze

MAX_FEED_CHARS = 6_000
"""Characters of description and requirements together that are analysed."""
MAX_TITLE_CHARS = 200
"""Characters of the title in which skills are looked for."""
MAX_SHOWN_TITLE_CHARS = 40
"""Characters of the title that reasons show."""
MAX_AREAS = 40
"""Areas that are read; the form allows 30."""
MAX_AREA_CHARS = 40
"""Characters of one area that are read."""
MAX_KEYWORD_CHARS = 60
"""Characters of one keyword that are read; the form allows 50."""
MAX_SHOWN_KEYWORD_CHARS = 30
"""Characters of one keyword that reasons show."""
MAX_WORDS = 60
"""Other words of the description that are compared, the most telling first."""

NAMED, LISTED, DESCRIBED = 2.0, 1.0, 0.7
"""Weight of a word as a sign of the occupation: in the title, among the keywords, in the description."""
FEED_NEAR = 0.3
"""Relation to what is asked for at or above which an occupation opens the gate of the feed.

It lies between `GENERAL` and `SAME_FAMILY`: whoever does other work of the family is a candidate, whoever is
related only by a general title is not.
"""
SPECIAL = 0.5
"""Share of the description at or above which it says which occupation an open title means.

A second one is meant too where its share is at least this part of the first one's.
"""
SOUGHT = 3.0
"""Score, in signs, of an occupation that the description names as the person sought."""
BESIDE = 0.5
"""Weight of a related occupation that the description is about, beside the one that the title names."""

KNOWN_SKILL, OTHER_WORD = 1.0, 0.8
"""Weight of a keyword that is a known skill, and of any other, which counts by its rarity besides."""
TITLE_SKILL, TEXT_SKILL = 0.9, 0.45
"""Weight of a skill that is no keyword, but named in the title or in the description."""
RARE_IDF = 9.0
"""The idf at or above which a keyword that is no skill counts as rare as can be."""
REPEATED = 1.3
"""Factor for a word that the description says more than once."""

POSTED = "招聘"
"""What a posting says about itself (`招聘Java工程师`). It is a skill only where recruiting is the work."""


def query_of(readers: TextReaders, spec: FeedSpec) -> FeedQuery:
    """The query of a feed. Any text is accepted; a feed without a usable word matches nobody."""
    title = readers.titles.read(spec.title)
    text = normalise(f"{spec.skill_required}\n{spec.job_desc}", MAX_FEED_CHARS)
    listed = readers.reader.read(
        normalise("\n".join(keyword[:MAX_KEYWORD_CHARS] for keyword in spec.keywords[:MAX_NAMED])),
        lists=False,
    )
    described = readers.reader.read(text, lists=False)
    named = readers.reader.read("" if title.vague else normalise(spec.title, MAX_TITLE_CHARS), lists=False)
    occupations, known = _occupations(readers, title, named, listed, described, text)
    if not any(readers.occupations.is_sign(POSTED, name) for name in occupations):
        described.terms.pop(POSTED, None)
    keywords = _keywords(readers, spec, named, described)
    reach = _reach(readers, occupations)
    title_words = {} if title.vague else readers.title_words(title)
    taken = {term for keyword in keywords for term in keyword.terms}
    query = FeedQuery(
        gate_terms=_gate_terms(reach, title_words, () if occupations else keywords),
        title=as_text(spec.title).strip()[:MAX_SHOWN_TITLE_CHARS],
        clear=not title.vague,
        known=known,
        reach=reach,
        title_words={} if known else share(title_words),
        keywords=keywords,
        words=_content(readers, described, taken),
        places=frozenset(readers.places.wish(area[:MAX_AREA_CHARS] for area in spec.expect_area[:MAX_AREAS])),
        salary=(_yuan(spec.salary_min), _yuan(spec.salary_max)),
        months=_months(text),
        level=_levels(readers, spec),
        degree=degrees.required_degree(text),
        domains=frozenset(readers.domains.name(name) for name in spec.job_domain if name.strip()),
        preferences=frozenset(
            kind for kind in CLASSES if any(kind in normalise(name) for name in spec.company_prefer)
        ),
        cut=CUTS[spec.breadth],
    )
    # What the wishes cannot bring, the text can, so that every feed has a best score of 100.
    return msgspec.structs.replace(query, text_points=FULL - possible_gain(query))


def _yuan(amount: int) -> int:
    """An amount within the bounds that a form has, for a feed that did not come through one."""
    return min(max(amount, 0), MAX_YUAN)


def _occupations(
    readers: TextReaders, title: TitleReading, named: Reading, listed: Reading, described: Reading, text: str
) -> tuple[dict[str, float], bool]:
    """The occupations that a feed asks for, and whether its title names them."""
    words = dict.fromkeys(described.terms, DESCRIBED)
    words.update(dict.fromkeys(listed.terms, LISTED))
    words.update(dict.fromkeys(named.terms, NAMED))
    scores = readers.occupations.scores(words)
    if not title.occupations:
        for name in readers.titles.sought(text):
            scores[readers.occupations.number[name]] += SOUGHT
    shown = readers.occupations.asked(scores)
    if not title.occupations:
        return shown, False
    asked = dict(title.occupations)
    for name in filter(readers.occupations.is_open, title.occupations):
        meant = readers.occupations.meant(name, scores)
        best = max(meant.values(), default=0.0)
        for one, part in meant.items():
            if best >= SPECIAL and part >= SPECIAL * best:
                asked[one] = max(asked.get(one, 0.0), round(part / best, 3))
                asked[name] = OPEN_TITLE * title.occupations[name]
    for name, weight in shown.items():
        near = max(readers.occupations.related[other].get(name, 0.0) for other in title.occupations)
        if name not in asked and near >= FEED_NEAR:
            asked[name] = BESIDE * weight
    return asked, True


def _reach(readers: TextReaders, occupations: Mapping[str, float]) -> dict[str, int]:
    """Occupation -> how near it is to those asked for, in ten-thousandths."""
    reach: dict[str, int] = {}
    for name, weight in occupations.items():
        for other, nearness in readers.occupations.related.get(name, {}).items():
            reach[other] = max(reach.get(other, 0), round(WHOLE * weight * nearness))
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
    gate = {f"o:{name}" for name, nearness in reach.items() if nearness >= FEED_NEAR * WHOLE}
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
    return tuple(Keyword(shown, terms, int(WHOLE * weight / total)) for terms, (shown, weight) in best)


def _own_word(readers: TextReaders, term: str, reading: Reading) -> str:
    """A term as the feed itself says it; in the lexicon's spelling where only space and case differ."""
    shown = readers.lexicon.shown(term)
    word = reading.wording.get(term, shown)
    return shown if squeeze(word) == squeeze(shown) else word


def _content(readers: TextReaders, reading: Reading, taken: set[str]) -> dict[str, int]:
    """The description's other words, the most telling first, as shares.

    Latin words that are no skills are left out: they are names, units and parts of links.
    """
    idf, skills = readers.lexicon.idf, readers.lexicon.skills
    weights = {
        term: idf(term) ** 2 * (REPEATED if count > 1 else 1.0)
        for term, count in reading.terms.items()
        if term not in taken and (term in skills or not term.isascii())
    }
    best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MAX_WORDS]
    return share(dict(best))


def _months(text: str) -> tuple[int, int] | None:
    years = experience.required_years(text)
    return (round(12 * years[0]), round(12 * years[1])) if years else None


def _levels(readers: TextReaders, spec: FeedSpec) -> tuple[int, int] | None:
    """The lowest and the highest level rank that a feed asks for; None when it asks for none."""
    named = (readers.level(normalise(level)) for level in spec.talent_level)
    ranks = [rank for rank in named if rank is not None]
    return (min(ranks), max(ranks)) if ranks else None
