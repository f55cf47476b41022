"""All feeds that are scored, found by what a resume can match at all.

    index = FeedIndex()
    index.put(feed_id, analyzer.feed(spec))
    for feed_id, match in index.matches(analyzer.resume(body)):
        ...

Not thread-safe: one owner puts and asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.matching.feed_query import FeedQuery, Keyword
from engine.matching.learned.topics import NO_TOPICS, Topics, topics_of
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import resume_snapshot
from engine.matching.score.breakdown import breakdown_of
from engine.matching.score.feed_arrays import FeedArrays
from engine.matching.score.feed_snapshot import copy_of, fill, packed
from engine.matching.score.place_bits import held
from engine.matching.score.reasons import Match
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.rules import FULL
from engine.matching.score.search import Search
from engine.matching.score.snapshot import Copying, Snapshot

FOR_EVER = math.inf
"""Stands for "no end" where a time in seconds since 1970 is expected."""


class FeedIndex:
    """Feeds by gate term and by place, with all that their points are made of."""

    def __init__(self) -> None:
        self._feeds = FeedArrays()
        self._slots: dict[str, int] = {}

    @classmethod
    def restored(cls, snapshot: Snapshot) -> FeedIndex:
        """An index of the feeds of a snapshot, whose arrays belong to it from now on.

        It takes a second for 100,000 feeds. Threads may call it.
        """
        index = cls()
        fill(index._feeds, snapshot)
        index._slots = {feed_id: slot for slot, feed_id in enumerate(index._feeds.ids)}
        return index

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._slots

    def put(self, feed_id: str, query: FeedQuery, until: float = FOR_EVER) -> None:
        """Add a feed, or replace what was known of it.

        Args:
            feed_id: The feed.
            query: What it asks for.
            until: When it ends to be scored, in seconds since 1970.

        Raises:
            ValueError: A number of the query is out of bounds, see `layout`; the feed is not in the index
                then.
        """
        self.remove(feed_id)
        feeds = self._feeds
        # Written before anything is linked: a query that is refused leaves nothing behind.
        record = np.zeros(1, feeds.records["feed"].dtype)[0]
        feeds.blocks.write(query, record)
        find = feeds.blocks.words.find
        places = [number for place in sorted(query.places) if (number := find(place)) is not None]
        feeds.reserve_words()
        slot = feeds.records.take(1)
        record["entry"], record["entries"] = feeds.postings.add(
            slot,
            np.array(feeds.blocks.gates(record), np.int64),
            np.array(places or [feeds.anywhere], np.int64),
        )
        feeds.version += 1
        record["until"], record["changed"] = until, feeds.version
        feeds.records["feed"][slot] = record
        feeds.records["near"][slot] = held(places)
        self._slots[feed_id] = slot
        if slot == len(feeds.ids):
            feeds.ids.append(feed_id)
        else:
            feeds.ids[slot] = feed_id

    def keep(self, feed_id: str, until: float) -> None:
        """Score a feed until another time.

        Raises:
            KeyError: The feed is not in the index.
        """
        self._record(feed_id)["until"] = until

    def until(self, feed_id: str) -> float:
        """When a feed ends to be scored.

        Raises:
            KeyError: The feed is not in the index.
        """
        return float(self._record(feed_id)["until"])

    def remove(self, feed_id: str) -> None:
        """Forget a feed; one that is not there is fine."""
        if feed_id not in self._slots:
            return
        feeds, slot, record = self._feeds, self._slots[feed_id], self._record(feed_id)
        feeds.postings.remove(int(record["entry"]), int(record["entries"]))
        feeds.blocks.erase(record)
        feeds.version += 1
        # A running search may already hold this slot. The new version keeps it from scoring the feed that
        # gets the slot next.
        record["until"], record["changed"] = -FOR_EVER, feeds.version
        feeds.records["near"][slot] = 0
        feeds.records.give(slot, 1)
        feeds.ids[slot] = ""
        del self._slots[feed_id]

    def get(self, feed_id: str) -> FeedQuery:
        """A feed's query.

        Raises:
            KeyError: The feed is not in the index.
        """
        return self._feeds.blocks.read(self._record(feed_id))

    @property
    def version(self) -> int:
        """Grows with each feed that comes, changes or goes."""
        return self._feeds.version

    def copying(self) -> Copying:
        """A copy that is about to be made, for `feed_snapshot.packed`; feeds may come and go meanwhile."""
        return copy_of(self._feeds)

    def search(self, profile: ResumeProfile, now: float = 0.0, topics: Topics = NO_TOPICS) -> Search:
        """A search in slices for the feeds that a resume matches and that are scored after `now`.

        Args:
            profile: The resume.
            now: Feeds whose scoring ended by then are left out.
            topics: The learned topics in force. Feeds whose queries were made by others have none.
        """
        return Search(self._feeds, profile, now, topics.locate(profile))

    def matches(
        self, profile: ResumeProfile, now: float = 0.0, topics: Topics = NO_TOPICS
    ) -> Iterator[tuple[str, Match]]:
        """The matches of a resume, in feed id order, worded one at a time, in one go; see `search`."""
        search = self.search(profile, now, topics)
        while not search.is_done:
            search.step()
        yield from search.worded()

    def _record(self, feed_id: str) -> Any:
        return self._feeds.records["feed"][self._slots[feed_id]]


def warm() -> None:
    """Compile what compiles on first use, or read it from where it is kept: seconds, or a fraction of one.

    Call it in a thread, and before anything is scored on an event loop: a first call there would hold the
    loop until the compiler is done, even where another thread compiles already.
    """
    index = FeedIndex()
    keyword = Keyword("w", ("w",), FULL)
    profile = ResumeProfile(
        key_terms=("w",), title_words={"w": 100}, terms={"w": 100}, salary_low=1, salary_high=2
    )
    # With topics too: they may be learned at any time.
    topics = topics_of(("t:w",), bytes([127, *[0] * 39]), bytes([1, 0, 0, 0]))
    place = topics.locate(profile)
    query = FeedQuery(
        gate_terms=frozenset({"w"}),
        title_words={"w": FULL},
        keywords=(keyword,),
        salary=(1, 2),
        table=place.table,
        topics=place.vector.tobytes(),
    )
    for feed_id in "ab":
        index.put(feed_id, query)
    list(index.matches(profile, 0.0, topics))
    index.remove("a")
    resumes = ResumeIndex()
    for resume_id in (f"{1:024x}", f"{2:024x}"):
        resumes.put(resume_id, profile, rev=1, arrived_at=0)
    search = resumes.search(query)
    while not search.is_done:
        search.step()
    resumes.remove(f"{1:024x}")
    placing = resumes.adopt(topics)
    placing.step()
    copies = index.copying(), resumes.copying()
    for copy in copies:
        while not copy.is_done:
            copy.step()
    FeedIndex.restored(packed(copies[0]))
    ResumeIndex.restored(resume_snapshot.packed(copies[1]))
    # Backfills and previews call each rule by itself, for which numba reads it from disk once more.
    breakdown_of(query, profile, place)
