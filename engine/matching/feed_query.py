"""What the engine keeps of a feed: everything `score` needs, computed once.

Weights are whole ten-thousandths.
"""

from __future__ import annotations

import msgspec

MAX_KEYWORDS = 28
"""Keywords of a query: those of the feed and the skills of its text, at most 24, and 4 related ones."""


class Keyword(msgspec.Struct, frozen=True):
    """A keyword or skill of the feed.

    Attributes:
        shown: The feed's own spelling.
        terms: The terms that must all be there.
        weight: Share of the skill points, all keywords of a feed adding up to at most 10,000.
        related: Whether the feed does not name it: it goes with what the feed names, and is never missed.
    """

    shown: str
    terms: tuple[str, ...]
    weight: int
    related: bool = False


class FeedQuery(msgspec.Struct, frozen=True):
    """A feed, analysed.

    Attributes:
        gate_terms: A resume that shares none of these cannot match; they are looked up in `key_terms`.
        title: The feed's title, as written.
        clear: Whether the title says anything of the work.
        known: Whether the occupations come from the title itself.
        reach: Occupation -> how near it is to what is asked for, 0..10,000.
        title_words: Word of the title -> weight, adding up to at most 10,000.
        keywords: Keywords and skills, heaviest first.
        words: Other content word of the description -> weight, adding up to at most 10,000.
        text_points: Points, in hundredths, that the text can bring; the wishes made can bring the rest.
        places: Place keys; empty for anywhere.
        salary: Low and high, yuan a month.
        months: Months of experience asked for, least and most; None when none are.
        level: Lowest and highest level rank asked for; None when none is.
        degree: Lowest degree rank asked for, 0 for none.
        domains: Domain names wished for.
        preferences: Classes of school or company preferred.
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
    places: frozenset[str] = frozenset()
    salary: tuple[int, int] = (0, 1_000_000)
    months: tuple[int, int] | None = None
    level: tuple[int, int] | None = None
    degree: int = 0
    domains: frozenset[str] = frozenset()
    preferences: frozenset[str] = frozenset()
