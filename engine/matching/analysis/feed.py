"""A feed's text to its query."""

from __future__ import annotations

import msgspec

from engine.matching.analysis.career import OPEN_TITLE
from engine.matching.analysis.readers import WHOLE, TextReaders, share
from engine.matching.analysis.reading import Reading
from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.feed_spec import FeedSpec
from engine.matching.lexicon import experience
from engine.matching.lexicon.salary import MAX_YUAN, is_open
from engine.matching.lexicon.schools import CLASSES
from engine.matching.lexicon.titles import TitleReading
from engine.matching.score.rules import FULL, GAINS
from engine.matching.text.normalise import as_text, normalise, squeeze

MAX_FEED_CHARS = 6_000
"""Characters of description and requirements that are analysed."""
MAX_AREAS = 40
MAX_AREA_CHARS = 40
MAX_KEYWORD_CHARS = 60
MAX_KEYWORDS = 24
MAX_WORDS = 60
FEED_NEAR = 0.3
"""Nearness of an occupation from which on a feed's candidates include it."""
NAMED, LISTED, DESCRIBED = 2.0, 1.0, 0.7
"""Weight of a word as a sign of the occupation: in the title, among the keywords, in the description."""
SPECIAL = 0.5
"""Support by the description from which on it says which occupation a general title means."""
SOUGHT = 3.0
"""Evidence, in signs, of an occupation that the description names as the one sought."""
BESIDE = 0.5
"""Weight of a related occupation that the description is about, beside the one that the title names."""

POSTED = "招聘"
"""What a posting says of itself (`招聘Java工程师`); a skill where the occupation is known by it."""


def query_of(readers: TextReaders, spec: FeedSpec) -> FeedQuery:
    """The query of a feed. Any text will do; a feed without a usable word matches nobody."""
    title = readers.titles.read(spec.title)
    text = normalise(f"{spec.skill_required}\n{spec.job_desc}", MAX_FEED_CHARS)
    listed = readers.reader.read(
        normalise("\n".join(keyword[:MAX_KEYWORD_CHARS] for keyword in spec.keywords[:MAX_KEYWORDS])),
        lists=False,
    )
    described = readers.reader.read(text, lists=False)
    named = readers.reader.read("" if title.vague else normalise(spec.title, 200), lists=False)
    occupations, known = _asked(readers, title, named, listed, described, text)
    if not any(readers.occupations.is_sign(POSTED, name) for name in occupations):
        described.terms.pop(POSTED, None)
    keywords = _keywords(readers, spec, named, described)
    reach: dict[str, int] = {}
    for name, weight in occupations.items():
        for other, nearness in readers.occupations.related.get(name, {}).items():
            reach[other] = max(reach.get(other, 0), round(WHOLE * weight * nearness))
    title_words = {} if title.vague else readers.title_words(title)
    taken = {term for keyword in keywords for term in keyword.terms}
    gate = {f"o:{name}" for name, nearness in reach.items() if nearness >= FEED_NEAR * WHOLE}
    gate.update(f"w:{word}" for word in title_words)
    skills = sorted(
        (keyword for keyword in keywords if len(keyword.terms) == 1),
        key=lambda one: (-one.weight, one.shown),
    )
    if not occupations:
        gate.update(f"s:{keyword.terms[0]}" for keyword in skills)
    salary = (_yuan(spec.salary_min), _yuan(spec.salary_max))
    query = FeedQuery(
        gate_terms=frozenset(gate),
        title=as_text(spec.title).strip()[:40],
        clear=not title.vague,
        known=known,
        reach=reach,
        title_words={} if known else share(title_words),
        keywords=keywords,
        words=_content(readers, described, taken),
        places=frozenset(readers.places.wish(area[:MAX_AREA_CHARS] for area in spec.expect_area[:MAX_AREAS])),
        salary=salary,
        months=_months(text),
        level=_levels(readers, spec),
        degree=experience.required_degree(text),
        domains=frozenset(readers.domains.name(name) for name in spec.job_domain if name.strip()),
        preferences=frozenset(
            kind for kind in CLASSES if any(kind in normalise(name) for name in spec.company_prefer)
        ),
    )
    return msgspec.structs.replace(query, text_points=FULL - _wished(query))


def _yuan(amount: int) -> int:
    """An amount within the bounds that a form has, for a feed that did not come through one."""
    return min(max(amount, 0), MAX_YUAN)


def _wished(query: FeedQuery) -> int:
    """What the wishes that a feed makes can bring, in hundredths of a point."""
    made: tuple[object, ...] = (
        query.places,
        not is_open(*query.salary),
        query.degree,
        query.months,
        query.level,
        query.domains,
        query.preferences,
    )
    return sum(gain for gain, is_made in zip(GAINS, made, strict=True) if is_made)


def _asked(
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
    if title.occupations:
        asked = dict(title.occupations)
        for name in filter(readers.occupations.is_open, title.occupations):
            meant = readers.occupations.meant(name, scores)
            best = max(meant.values(), default=0.0)
            for one, share in meant.items():
                if best >= SPECIAL and share >= SPECIAL * best:
                    asked[one] = max(asked.get(one, 0.0), round(share / best, 3))
                    asked[name] = OPEN_TITLE * title.occupations[name]
        for name, weight in shown.items():
            near = max(readers.occupations.related[other].get(name, 0.0) for other in title.occupations)
            if name not in asked and near >= FEED_NEAR:
                asked[name] = BESIDE * weight
        return asked, True
    return shown, False


def _keywords(
    readers: TextReaders, spec: FeedSpec, named: Reading, described: Reading
) -> tuple[Keyword, ...]:
    """Keywords, then the skills that title and description name, with their share of the points."""
    found: dict[tuple[str, ...], tuple[str, float]] = {}
    for keyword in spec.keywords[:MAX_KEYWORDS]:
        reading = readers.reader.read(normalise(keyword, MAX_KEYWORD_CHARS), lists=False)
        terms = tuple(sorted(reading.terms))
        if terms:
            known = any(term in readers.lexicon.skills for term in terms)
            rarity = max(min(readers.lexicon.idf(term) / 9, 1.0) for term in terms)
            found.setdefault(terms, (keyword.strip()[:30], 1.0 if known else 0.8 * rarity))
    for reading, weight in ((named, 0.9), (described, 0.45)):
        for term in reading.terms:
            if term in readers.lexicon.skills:
                found.setdefault((term,), (_own_word(readers, term, reading), weight))
    best = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))[:MAX_KEYWORDS]
    total = sum(weight for _, (_, weight) in best)
    return tuple(Keyword(shown, terms, int(WHOLE * weight / total)) for terms, (shown, weight) in best)


def _own_word(readers: TextReaders, term: str, reading: Reading) -> str:
    """A term as the feed itself says it, but for space and case."""
    shown = readers.lexicon.shown(term)
    word = reading.wording.get(term, shown)
    return shown if squeeze(word) == squeeze(shown) else word


def _content(readers: TextReaders, reading: Reading, taken: set[str]) -> dict[str, int]:
    """The description's other words, the most telling first, as shares."""
    idf, skills = readers.lexicon.idf, readers.lexicon.skills
    weights = {
        term: idf(term) ** 2 * (1.0 + 0.3 * (count > 1))
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
