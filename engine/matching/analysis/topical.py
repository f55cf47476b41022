"""Where a feed lies among learned topics, as part of its query.

A resume is placed when it is matched, so a new table needs no new profiles. A feed is placed when its query
is made, so a new table is an edit of every feed that it places, see `engine.learning.relearn`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import OCCUPATION, Topics, Words
from engine.matching.score.rules import FULL

SURE = 7_500
"""Reach of an occupation, in ten-thousandths, at or above which it is what the feed asks for."""
ASKED, WORD = 120, 100
"""How often a word of the title or a keyword counts, which say what is asked for, and any other one, in
hundredths."""
GUESSED = 50
"""How often an occupation counts that a clear title does not name. It is guessed from the rest, and where the
lexicon lacks the right one it is a neighbour."""


def placed(
    query: FeedQuery, topics: Topics, title_words: Mapping[str, float], shown: Callable[[str], str]
) -> FeedQuery:
    """The query with its place; the query itself where nothing was learned of its words.

    Args:
        query: As the feed's own text gives it.
        topics: What was learned.
        title_words: The words of the feed's title, known occupation or not.
        shown: How a term is spelled for people.
    """
    terms = dict.fromkeys(query.words, WORD)
    for keyword in query.keywords:
        if not keyword.related:
            terms.update(dict.fromkeys(keyword.terms, ASKED))
    often = GUESSED if query.clear and not query.known else 100 * OCCUPATION
    occupations = {name: often * near // FULL for name, near in query.reach.items() if near >= SURE}
    place = topics.place(Words(terms, dict.fromkeys(title_words, ASKED), occupations))
    if not place.vector.any():
        return query
    about = " ".join(map(shown, place.nearest(place.vector))) or query.title
    return msgspec.structs.replace(query, table=place.table, topics=place.vector.tobytes(), about=about)
