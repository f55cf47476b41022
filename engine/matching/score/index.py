"""All live feeds, found by what a resume can match at all, and scored by arrays.

A feed is listed under each pair of a gate term and a place; a resume touches only the lists of its own key
terms in its own places, so the work follows the matches and not the number of feeds. Not thread-safe: one
owner puts and asks.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score import kernel
from engine.matching.score.arrays import Pool
from engine.matching.score.layout import ANYWHERE, Columns
from engine.matching.score.match import Match
from engine.matching.score.search import Search

FOR_EVER = math.inf


class FeedIndex:
    """Feeds by gate term and by place, with all that their points are made of."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.slots = Pool(
            step=1, offset=np.int64, until=np.float64, changed=np.int64, entry=np.int64, entries=np.int32
        )
        self.lists = Pool(step=1, place=np.int32, head=np.int32, next=np.int32)
        self.entries = Pool(step=4, slot=np.int32, next=np.int32, last=np.int32, list=np.int32)
        self.ids: list[str] = []
        self.version = 0
        # By word of the vocabulary: its first list; what the resume at hand says of it.
        self.first_list: NDArray[np.int32] = np.full(1024, kernel.NONE, np.int32)
        self.says: NDArray[np.uint8] = np.zeros(1024, np.uint8)
        self.mine: NDArray[np.int16] = np.zeros(1024 * kernel.KINDS, np.int16)
        self._slot_of: dict[str, int] = {}
        self._anywhere = self.columns.words.number(ANYWHERE)

    def __len__(self) -> int:
        return len(self._slot_of)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._slot_of

    def put(self, feed_id: str, query: FeedQuery, until: float = FOR_EVER) -> None:
        """Add a feed, or replace what was known of it.

        Args:
            feed_id: The feed.
            query: What it asks for.
            until: When it ends to be scored, in seconds since 1970.
        """
        self.remove(feed_id)
        at = self.columns.write(query)
        gates = np.array(self.columns.gates(at), np.int64)
        words = self.columns.words
        places = np.array([*map(words.number, sorted(query.places))] or [self._anywhere], np.int64)
        self._make_room(len(words))
        entries = len(gates) * len(places)
        entry = self.entries.take(entries)
        self.lists.reserve(entries)
        lists = kernel.link(
            slot := self.slots.take(1),
            gates,
            places,
            entry,
            self.first_list,
            self.lists["place"],
            self.lists["head"],
            self.lists["next"],
            len(self.lists),
            self.entries["slot"],
            self.entries["next"],
            self.entries["last"],
            self.entries["list"],
        )
        self.lists.take(lists - len(self.lists))
        self.version += 1
        for name, value in (("offset", at), ("until", until), ("changed", self.version)):
            self.slots[name][slot] = value
        self.slots["entry"][slot], self.slots["entries"][slot] = entry, entries
        self._slot_of[feed_id] = slot
        if slot == len(self.ids):
            self.ids.append(feed_id)
        else:
            self.ids[slot] = feed_id

    def keep(self, feed_id: str, until: float) -> None:
        """Score a feed until another time.

        Raises:
            KeyError: The feed is not in the index.
        """
        self.slots["until"][self._slot_of[feed_id]] = until

    def until(self, feed_id: str) -> float:
        """When a feed ends to be scored.

        Raises:
            KeyError: The feed is not in the index.
        """
        return float(self.slots["until"][self._slot_of[feed_id]])

    def remove(self, feed_id: str) -> None:
        """Forget a feed; one that is not there is fine."""
        slot = self._slot_of.pop(feed_id, None)
        if slot is None:
            return
        entry, entries = int(self.slots["entry"][slot]), int(self.slots["entries"][slot])
        kernel.unlink(
            entry,
            entry + entries,
            self.lists["head"],
            self.entries["next"],
            self.entries["last"],
            self.entries["list"],
        )
        self.entries.give(entry, entries)
        self.columns.erase(int(self.slots["offset"][slot]))
        self.version += 1
        self.slots["until"][slot], self.slots["changed"][slot] = -FOR_EVER, self.version
        self.slots.give(slot, 1)
        self.ids[slot] = ""

    def get(self, feed_id: str) -> FeedQuery:
        """A feed's query.

        Raises:
            KeyError: The feed is not in the index.
        """
        return self.columns.read(int(self.slots["offset"][self._slot_of[feed_id]]))

    def search(self, profile: ResumeProfile, now: float = 0.0) -> Search:
        """A search in slices for the feeds that a resume matches and that are scored after `now`."""
        return Search(self, profile, now)

    def candidates(self, profile: ResumeProfile) -> list[str]:
        """The ids of the feeds worth scoring, sorted: they share a gate term, and places do not conflict."""
        search = self.search(profile)
        while not search.is_done:
            search.step()
        return sorted(self.ids[slot] for slot in search.candidates)

    def matches(
        self, profile: ResumeProfile, only: Collection[str] | None = None, now: float = 0.0
    ) -> Iterator[tuple[str, Match]]:
        """The matches of a resume, in feed id order, worded one at a time.

        Args:
            profile: The resume.
            only: Feed ids to keep to; None for all.
            now: Feeds that end to be scored before are left out.
        """
        search = self.search(profile, now)
        while not search.is_done:
            search.step()
        yield from search.worded(only)

    def _make_room(self, words: int) -> None:
        """Have an item for each word of the vocabulary."""
        known = len(self.first_list)
        if words > known:
            size = words + words // 4
            self.first_list.resize(size, refcheck=False)
            self.first_list[known:] = kernel.NONE
            self.says.resize(size, refcheck=False)
            self.mine.resize(size * kernel.KINDS, refcheck=False)


def warm() -> None:
    """Compile what compiles on first use, or read it from where it is kept: seconds, or a fraction of one."""
    index = FeedIndex()
    query = FeedQuery(gate_terms=frozenset({"w"}), title_words={"w": kernel.FULL})
    for feed_id in "ab":
        index.put(feed_id, query)
    list(index.matches(ResumeProfile(key_terms=("w",), title_words={"w": 100})))
    index.remove("a")
