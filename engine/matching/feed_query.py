"""A feed, analysed: everything that scoring needs of it, computed once.

`analysis` makes queries and `score` reads them. Weights are whole ten-thousandths.
"""

from __future__ import annotations

import msgspec

MAX_NAMED = 24
"""Keywords and skills that a query takes from the feed's own text, those that count most first.

A form has at most 15 keywords, so the rest are skills that its title and description name. Further ones would
earn almost nothing, because the skill points saturate, but would cost every resume that is scored.
"""
MAX_RELATED = 4
"""Skills that learned relations add behind those. The feed does not name them, so they earn little."""
MAX_KEYWORDS = MAX_NAMED + MAX_RELATED
"""Keywords of any query that the analysis makes. The compiled loop has room for the points of so many."""


class Keyword(msgspec.Struct, frozen=True):
    """A keyword or skill of the feed.

    Attributes:
        shown: The feed's own spelling.
        terms: The terms that a resume must have, all of them.
        weight: Share of the skill points; all keywords of a feed add up to at most 10,000.
        related: Whether the feed does not name it, but it often goes with what the feed names. Such a keyword
            is never reported as missing.
    """

    shown: str
    terms: tuple[str, ...]
    weight: int
    related: bool = False


class Ask(msgspec.Struct, frozen=True):
    """A requirement of the feed.

    Attributes:
        field: Its name in the form.
        shown: What is asked for, as the recruiter reads it.
        must: Whether a resume that does not meet it is possible at most.
        least: The rank, the years or the level that is asked for; of `years_max` the most.
        family: Of a certificate, a licence or a language; see `lexicon.credentials`.
    """

    field: str
    shown: str
    must: bool = False
    least: int = 0
    family: str = ""


class FeedQuery(msgspec.Struct, frozen=True):
    """A feed, analysed.

    Attributes:
        gate_terms: A resume without any of these in its `key_terms` cannot match.
        title: The feed's title, as written, with what it was taken to mean where that is a guess.
        clear: Whether the title says anything about the work, or somebody chose what it means.
        known: Whether the occupations come from the title itself, or were chosen.
        reach: Occupation -> how near it is to what is asked for, 0..10,000.
        title_words: Word of the title -> weight, adding up to at most 10,000.
        keywords: Keywords and skills, heaviest first; at most `MAX_KEYWORDS`.
        words: Other content word of the description -> weight, adding up to at most 10,000.
        text_points: Points, in hundredths, that the text can bring. The wishes that the feed makes can bring
            the rest.
        cut: From which likelihood on a match is strong, in thousandths of a logit; see `score.tiers`.
        places: Place keys; empty for anywhere.
        salary: Low and high, yuan a month; 0 to 1,000,000 when negotiable.
        months: Months of experience asked for, least and most; None when none are.
        level: Lowest and highest level rank asked for; None when none is.
        level_words: These in the feed's own words; "" when none is.
        degree: Lowest degree rank asked for, 0 for none.
        domains: Domain names wished for.
        preferences: Classes of school preferred.
        table: The number of the table of topics that the feed lies among; 0 where nothing is learned, or
            nothing of it says anything there.
        topics: Where it lies, `topics.TOPICS` signed bytes; empty where `table` is 0.
        about: The words that say most of where it lies, as they are shown.
        asks: Its requirements, which change no points.
    """

    gate_terms: frozenset[str] = frozenset()
    title: str = ""
    clear: bool = False
    known: bool = False
    reach: dict[str, int] = {}
    title_words: dict[str, int] = {}
    keywords: tuple[Keyword, ...] = ()
    words: dict[str, int] = {}
    text_points: int = 10_000
    cut: int = 0
    places: frozenset[str] = frozenset()
    salary: tuple[int, int] = (0, 1_000_000)
    months: tuple[int, int] | None = None
    level: tuple[int, int] | None = None
    level_words: str = ""
    degree: int = 0
    domains: frozenset[str] = frozenset()
    preferences: frozenset[str] = frozenset()
    table: int = 0
    topics: bytes = b""
    about: str = ""
    asks: tuple[Ask, ...] = ()
