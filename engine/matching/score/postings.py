"""Which feeds are listed under which gate term and place: linked lists in arrays, found in compiled loops.

A feed is listed under each pair of one of its gate terms and one of its places. A resume walks the lists of
its own key terms in its own places, so the work follows what it can match and not the number of feeds.

By term there is a chain of lists, one a place; by list a chain of entries, one a feed. Entries are linked
both ways, so a feed is taken off without looking for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.score.arrays import Pool

END = -1
"""The end of a chain."""
_ENTRY_STEP = 4
"""A feed's entries are so many, or a multiple of it."""
_AT_ONCE = 4096
"""Feeds that are listed in one call. For each call there is room for as many lists as it could make."""
_FIRST_TERMS = 1024
"""Terms there is room for at first; the room grows by a quarter at a time."""


class Postings:
    """The lists of all feeds, which are known by their slots. Not thread-safe."""

    def __init__(self) -> None:
        # By term, its first list.
        self._first: NDArray[np.int32] = np.full(_FIRST_TERMS, END, np.int32)
        self._lists = Pool(step=1, place=np.int32, head=np.int32, next=np.int32)
        self._entries = Pool(step=_ENTRY_STEP, slot=np.int32, next=np.int32, last=np.int32, list=np.int32)

    def reserve(self, terms: int) -> None:
        """Make room for so many terms."""
        known = len(self._first)
        if terms > known:
            self._first.resize(terms + terms // 4, refcheck=False)
            self._first[known:] = END

    def add(self, slot: int, gates: NDArray[np.int64], places: NDArray[np.int64]) -> tuple[int, int]:
        """List a feed under every pair of a gate term and a place.

        Returns:
            Where its entries begin, and how many they are: what `remove` takes.
        """
        count = len(gates) * len(places)
        begin = self._entries.take(count)
        self._lists.reserve(count)
        lists = _link(slot, gates, places, begin, *self._chains())
        self._lists.take(lists - len(self._lists))
        return begin, count

    def add_all(self, feeds: NDArray[Any], ids: NDArray[np.int32], anywhere: int) -> None:
        """List all feeds, where none is listed yet.

        Args:
            feeds: By slot, the feed's record, of type `layout.FEED`; where its entries are is set.
            ids: The column of items that their blocks are in.
            anywhere: The place of a feed that names none.
        """
        counts = feeds["gates"].astype(np.int64) * np.maximum(feeds["places"], 1)
        rooms = -(-counts // _ENTRY_STEP) * _ENTRY_STEP
        ends = self._entries.take(int(rooms.sum())) + np.cumsum(rooms)
        feeds["entry"], feeds["entries"] = ends - rooms, counts
        for begin in range(0, len(feeds), _AT_ONCE):
            end = min(begin + _AT_ONCE, len(feeds))
            self._lists.reserve(int(counts[begin:end].sum()))
            lists = _link_all(begin, end, feeds, ids, anywhere, *self._chains())
            self._lists.take(lists - len(self._lists))

    def _chains(self) -> tuple[Any, ...]:
        """What `_link` changes, in its order; others once there is room for more, so asked for each call."""
        lists, entries = self._lists, self._entries
        return (
            self._first,
            lists["place"],
            lists["head"],
            lists["next"],
            len(lists),
            entries["slot"],
            entries["next"],
            entries["last"],
            entries["list"],
        )

    def remove(self, begin: int, count: int) -> None:
        """Take a feed off its lists."""
        _unlink(
            begin,
            begin + count,
            self._lists["head"],
            self._entries["next"],
            self._entries["last"],
            self._entries["list"],
        )
        self._entries.give(begin, count)

    def gather(
        self,
        terms: NDArray[np.int64],
        says: NDArray[np.uint8],
        near: int,
        seen: NDArray[np.uint8],
        found: NDArray[np.int32],
        count: int,
        most: int,
    ) -> tuple[int, int]:
        """Collect the feeds under some key terms that lie in places within reach, each once.

        Args:
            terms: Key terms, as numbers.
            says: By place, what the resume says of it, as bits.
            near: The bit of a place within reach; 0 where every place is.
            seen: By slot, whether the feed was found before; changed.
            found: Where slots are written.
            count: How many stand there already.
            most: Entries after which no further term is begun.

        Returns:
            How many terms are done, and how many slots stand there now.
        """
        done, found_now = _gather(
            terms,
            says,
            near,
            self._first,
            self._lists["place"],
            self._lists["head"],
            self._lists["next"],
            self._entries["slot"],
            self._entries["next"],
            seen,
            found,
            count,
            most,
        )
        return done, found_now


@compiled
def _gather(
    terms: Any,
    says: Any,
    near: int,
    first: Any,
    list_place: Any,
    list_head: Any,
    list_next: Any,
    entry_slot: Any,
    entry_next: Any,
    seen: Any,
    found: Any,
    count: int,
    most: int,
) -> tuple[int, int]:
    done = visits = 0
    for term in terms:
        if visits >= most:
            break
        done += 1
        one = first[term]
        while one >= 0:
            if not near or says[list_place[one]] & near:
                entry = list_head[one]
                while entry >= 0:
                    visits += 1
                    slot = entry_slot[entry]
                    # A slot beyond `seen` came while the search was under way.
                    if slot < len(seen) and not seen[slot]:
                        seen[slot] = 1
                        found[count] = slot
                        count += 1
                    entry = entry_next[entry]
            one = list_next[one]
    return done, count


@compiled
def _link(
    slot: int,
    gates: Any,
    places: Any,
    entry: int,
    first: Any,
    list_place: Any,
    list_head: Any,
    list_next: Any,
    lists: int,
    entry_slot: Any,
    entry_next: Any,
    entry_last: Any,
    entry_list: Any,
) -> int:
    """List a feed, with entries from `entry` on; returns how many lists there are now."""
    for gate in gates:
        for place in places:
            one = first[gate]
            while one >= 0 and list_place[one] != place:
                one = list_next[one]
            if one < 0:
                one = lists
                lists += 1
                list_place[one], list_head[one], list_next[one] = place, END, first[gate]
                first[gate] = one
            head = list_head[one]
            entry_slot[entry], entry_list[entry] = slot, one
            entry_next[entry], entry_last[entry] = head, END
            if head >= 0:
                entry_last[head] = entry
            list_head[one] = entry
            entry += 1
    return lists


@compiled
def _link_all(
    begin: int,
    end: int,
    feeds: Any,
    ids: Any,
    anywhere: int,
    first: Any,
    list_place: Any,
    list_head: Any,
    list_next: Any,
    lists: int,
    entry_slot: Any,
    entry_next: Any,
    entry_last: Any,
    entry_list: Any,
) -> int:
    """List feeds, whose records name their entries; returns how many lists there are now."""
    nowhere = np.full(1, anywhere, ids.dtype)
    for slot in range(begin, end):
        feed = feeds[slot]
        # The last sections of a block are places, domains, preferences and gate terms.
        gates = feed.block + feed.length - feed.gates
        places = gates - feed.preferences - feed.domains - feed.places
        lists = _link(
            slot,
            ids[gates : gates + feed.gates],
            ids[places : places + feed.places] if feed.places > 0 else nowhere,
            feed.entry,
            first,
            list_place,
            list_head,
            list_next,
            lists,
            entry_slot,
            entry_next,
            entry_last,
            entry_list,
        )
    return lists


@compiled
def _unlink(begin: int, end: int, list_head: Any, entry_next: Any, entry_last: Any, entry_list: Any) -> None:
    """Take entries off their lists."""
    for entry in range(begin, end):
        after, before = entry_next[entry], entry_last[entry]
        if after >= 0:
            entry_last[after] = before
        if before >= 0:
            entry_next[before] = after
        else:
            list_head[entry_list[entry]] = after
