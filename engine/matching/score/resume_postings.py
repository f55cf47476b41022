"""Which resumes have which key term: by term a list of slots in ascending order, found in compiled loops.

New resumes mostly get the greatest slot and are appended. A list that is full moves to a block twice as
long. Taking a resume off moves what follows it, which is a copy of some kilobytes at most.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.score.arrays import Pool

_FIRST_TERMS = 1024
"""Terms there is room for at first; the room grows by a quarter at a time."""
_FIRST_ROOM = 4
"""Slots that the shortest list has room for. Most key terms are rare."""

_LIST = np.dtype([("begin", np.int64), ("length", np.int32), ("room", np.int32)])


class ResumePostings:
    """The lists of all resumes, which are known by their slots. Not thread-safe."""

    def __init__(self) -> None:
        self._lists: NDArray[Any] = np.zeros(_FIRST_TERMS, _LIST)
        self._entries = Pool(step=_FIRST_ROOM, slot=np.int32)

    def reserve(self, terms: int) -> None:
        """Make room for so many terms."""
        if terms > len(self._lists):
            self._lists.resize(terms + terms // 4, refcheck=False)

    def add(self, slot: int, terms: NDArray[np.int32]) -> None:
        """List a resume under its key terms."""
        done = 0
        while True:
            done += _insert(slot, terms[done:], self._lists, self._entries["slot"])
            if done == len(terms):
                return
            self._widen(int(terms[done]))

    def _widen(self, term: int) -> None:
        """Move a list that is full to where it has twice the room."""
        one = self._lists[term]
        length, room = int(one["length"]), int(one["room"])
        begin = self._entries.take(2 * room or _FIRST_ROOM)
        if room:
            old = int(one["begin"])
            slots = self._entries["slot"]
            slots[begin : begin + length] = slots[old : old + length]
            self._entries.give(old, room)
        one["begin"], one["room"] = begin, 2 * room or _FIRST_ROOM

    def add_all(self, begins: NDArray[np.int64], lengths: NDArray[np.int64], ids: NDArray[np.int32]) -> None:
        """List all resumes, where none is listed yet.

        Args:
            begins: By slot, where the resume's key terms begin.
            lengths: How many they are.
            ids: The column of items that they are in.
        """
        _count(begins, lengths, ids, self._lists)
        begin = self._entries.take(_lay_out(self._lists, 0))
        _lay_out(self._lists, begin)
        _list_all(begins, lengths, ids, self._lists, self._entries["slot"])

    def remove(self, slot: int, terms: NDArray[np.int32]) -> None:
        """Take a resume off the lists of its key terms."""
        _delete(slot, terms, self._lists, self._entries["slot"])
        for term in terms[self._lists["length"][terms] == 0].tolist():
            one = self._lists[term]
            if one["room"]:
                self._entries.give(int(one["begin"]), int(one["room"]))
                one["room"] = 0

    def mark(self, terms: NDArray[np.int64], seen: NDArray[np.uint8], most: int) -> int:
        """Mark the resumes under some key terms.

        Args:
            terms: Key terms, as numbers.
            seen: By slot, set to 1; slots beyond its end are passed over.
            most: Entries after which no further term is begun.

        Returns:
            How many terms are done.
        """
        done: int = _mark(terms, self._lists, self._entries["slot"], seen, most)
        return done


@compiled
def _at(slots: Any, begin: int, end: int, slot: int) -> int:
    """Where a slot stands among ascending ones, or would have to stand."""
    if begin == end or slots[end - 1] < slot:
        return end
    while begin < end:
        middle = (begin + end) // 2
        if slots[middle] < slot:
            begin = middle + 1
        else:
            end = middle
    return begin


@compiled
def _insert(slot: int, terms: Any, lists: Any, slots: Any) -> int:
    """List a slot under terms up to the first whose list is full; returns how many that are."""
    done = 0
    for term in terms:
        one = lists[term]
        if one.length == one.room:
            break
        end = one.begin + one.length
        at = _at(slots, one.begin, end, slot)
        for entry in range(end, at, -1):
            slots[entry] = slots[entry - 1]
        slots[at] = slot
        one.length += 1
        done += 1
    return done


@compiled
def _count(begins: Any, lengths: Any, ids: Any, lists: Any) -> None:
    """Note how long each list is going to be."""
    for slot in range(len(begins)):
        for item in range(begins[slot], begins[slot] + lengths[slot]):
            lists[ids[item]].length += 1


@compiled
def _lay_out(lists: Any, begin: int) -> int:
    """Give each list the room that it would have if it had grown; returns how many entries that takes."""
    taken = 0
    for one in lists:
        if one.length:
            room = _FIRST_ROOM
            while room < one.length:
                room *= 2
            one.begin, one.room = begin + taken, room
            taken += room
    return taken


@compiled
def _list_all(begins: Any, lengths: Any, ids: Any, lists: Any, slots: Any) -> None:
    """List resumes under their key terms, in ascending order, where lists are laid out."""
    for one in lists:
        one.length = 0
    for slot in range(len(begins)):
        for item in range(begins[slot], begins[slot] + lengths[slot]):
            one = lists[ids[item]]
            slots[one.begin + one.length] = slot
            one.length += 1


@compiled
def _delete(slot: int, terms: Any, lists: Any, slots: Any) -> None:
    for term in terms:
        one = lists[term]
        end = one.begin + one.length
        for entry in range(_at(slots, one.begin, end, slot), end - 1):
            slots[entry] = slots[entry + 1]
        one.length -= 1


@compiled
def _mark(terms: Any, lists: Any, slots: Any, seen: Any, most: int) -> int:
    done = visits = 0
    for term in terms:
        if visits >= most:
            break
        done += 1
        one = lists[term]
        for entry in range(one.begin, one.begin + one.length):
            slot = slots[entry]
            # A slot beyond `seen` came while the search was under way.
            if slot < len(seen):
                seen[slot] = 1
        visits += one.length
    return done
