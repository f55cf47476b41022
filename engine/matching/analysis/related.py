"""What learned relations add to a feed's query: skills that go with its own, and what an unknown title means.

Relations only add: whoever matches without them matches with them. A title that the lexicon knows gets a few
related skills and no more, since the lexicon knows its trade better. How relations are learned is in
`engine.matching.learned.relations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from engine.matching.feed_query import MAX_RELATED, FeedQuery, Keyword
from engine.matching.learned.relations import Relations

RELATED_SHARE = 10
"""Percent of the skill points that related skills can earn; the skills that the feed names earn the rest."""
UNKNOWN_TITLE = 120
"""Percent of its nearness that a related occupation reaches, for a title that the lexicon does not know.

It is more than 100, since even two names of the same work rarely come with a nearness of 100.
"""
MAX_REACH = 7_000
"""Reach, in ten-thousandths, that such an occupation has at most.

It is below what makes a `title_match`, since nobody knows for sure what an unknown title means.
"""
UNKNOWN_NEAR = 1_500
"""Reach, in ten-thousandths, at or above which such an occupation opens the gate of the feed."""
OTHER_WORD = 50
"""Percent of its nearness that a related word weighs among the words of an unknown title."""


def extend(query: FeedQuery, relations: Relations, shown: Callable[[str], str]) -> FeedQuery:
    """The query with what is related to it.

    Args:
        query: As the feed's own text gives it.
        relations: What was learned. Without any the query is returned unchanged.
        shown: How a term is spelled for people.
    """
    if not relations.table:
        return query
    query = msgspec.structs.replace(query, keywords=_with_related_skills(query, relations, shown))
    return _of_unknown_title(query, relations) if query.clear and not query.known else query


def _with_related_skills(
    query: FeedQuery, relations: Relations, shown: Callable[[str], str]
) -> tuple[Keyword, ...]:
    """The keywords, and behind them the skills nearest to them that the feed does not name."""
    named = {term for keyword in query.keywords for term in keyword.terms}
    near: dict[str, int] = {}
    for keyword in query.keywords:
        if len(keyword.terms) == 1:
            for term, nearness in _of_kind("s:", relations.near(f"s:{keyword.terms[0]}")).items():
                if term not in named:
                    near[term] = max(near.get(term, 0), keyword.weight * nearness)
    best = sorted(near.items(), key=lambda item: (-item[1], item[0]))[:MAX_RELATED]
    total = sum(weight for _, weight in best)
    if not total:
        return query.keywords
    own = [
        msgspec.structs.replace(keyword, weight=keyword.weight * (100 - RELATED_SHARE) // 100)
        for keyword in query.keywords
    ]
    related = [
        Keyword(shown(term), (term,), 100 * RELATED_SHARE * weight // total, related=True)
        for term, weight in best
    ]
    return (*own, *related)


def _of_unknown_title(query: FeedQuery, relations: Relations) -> FeedQuery:
    """The query with the words that go with its title's words, and the occupations that have such words."""
    reach, words = dict(query.reach), dict(query.title_words)
    for word, share in query.title_words.items():
        near = relations.near(f"w:{word}")
        for name, nearness in _of_kind("o:", near).items():
            reached = min(UNKNOWN_TITLE * share * nearness // 10_000, MAX_REACH)
            reach[name] = max(reach.get(name, 0), reached)
        for other, nearness in _of_kind("w:", near).items():
            words.setdefault(other, OTHER_WORD * share * nearness // 10_000)
    gate = {f"o:{name}" for name, reached in reach.items() if reached >= UNKNOWN_NEAR}
    gate |= {f"w:{word}" for word in words}
    return msgspec.structs.replace(query, reach=reach, title_words=words, gate_terms=query.gate_terms | gate)


def _of_kind(kind: str, near: Mapping[str, int]) -> dict[str, int]:
    return {term.removeprefix(kind): nearness for term, nearness in near.items() if term.startswith(kind)}
