"""All live feeds, found by what a resume can match at all.

A feed is listed under each of its gate terms; a resume touches only the lists of its own key terms, so the
work follows the matches and not the number of feeds. Not thread-safe: one owner puts and asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from engine.profile import ResumeProfile
from engine.query import FeedQuery
from engine.score import Match, score

ANYWHERE = ""


class FeedIndex:
    """Feeds by gate term and by place."""

    def __init__(self) -> None:
        self._queries: dict[str, FeedQuery] = {}
        self._by_term: dict[str, set[str]] = defaultdict(set)
        self._by_place: dict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._queries)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._queries

    def put(self, feed_id: str, query: FeedQuery) -> None:
        """Add a feed, or replace what was known of it."""
        self.remove(feed_id)
        self._queries[feed_id] = query
        for term in query.gate_terms:
            self._by_term[term].add(feed_id)
        for place in query.places or (ANYWHERE,):
            self._by_place[place].add(feed_id)

    def remove(self, feed_id: str) -> None:
        """Forget a feed; one that is not there is fine."""
        query = self._queries.pop(feed_id, None)
        if query is None:
            return
        for table, keys in ((self._by_term, query.gate_terms), (self._by_place, query.places or (ANYWHERE,))):
            for key in keys:
                members = table[key]
                members.discard(feed_id)
                if not members:
                    del table[key]

    def get(self, feed_id: str) -> FeedQuery:
        """A feed's query.

        Raises:
            KeyError: The feed is not in the index.
        """
        return self._queries[feed_id]

    def candidates(self, profile: ResumeProfile) -> list[str]:
        """The ids of the feeds worth scoring, sorted: they share a gate term, and places do not conflict."""
        found: set[str] = set()
        for term in profile.key_terms:
            members = self._by_term.get(term)
            if members:
                found |= members
        if found and profile.places:
            reachable = set(self._by_place.get(ANYWHERE, ()))
            for place in profile.places:
                reachable |= self._by_place.get(place, set())
            found &= reachable
        return sorted(found)

    def matches(
        self, profile: ResumeProfile, only: Collection[str] | None = None
    ) -> Iterator[tuple[str, Match]]:
        """The matches of a resume, in feed id order, one at a time.

        A generator, so that the caller can give time to others between two pairs. Feeds put or removed in
        the meantime are scored as they are when their turn comes.

        Args:
            profile: The resume.
            only: Feed ids to keep to; None for all.
        """
        for feed_id in self.candidates(profile):
            if only is not None and feed_id not in only:
                continue
            query = self._queries.get(feed_id)
            match = score(query, profile) if query is not None else None
            if match is not None:
                yield feed_id, match
