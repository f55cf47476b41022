"""The share of all work that one scoring process does, and the slots that work is counted in.

    share = Share(3, 16)                 # the third of sixteen
    share.covers(feed_id)                # whether this process scores the feed
    document["todo"] & share.mask        # whether it has something left to do there

Whatever has an id is in one of 64 slots. A share is a range of slots, and the shares of one count cover each
slot once. What is left to do is noted by slots, and never by shares. So processes may go by different counts
while the number of shares is changed: each takes its own slots off, whoever else works on the same document.

A slot is made of the leading bits of the field `part` (`store.shards.parts`), which documents have already.
So the documents of a share are those of a range of that field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
from bson import ObjectId
from bson.int64 import Int64

from store.shards.parts import PARTS, part_of

SLOTS = 64
"""In how many slots work is counted: as many as one 64-bit integer has bits. There are no more
shares than that, as a slot is not divided."""

EVERY_SLOT = Int64(-1)
"""The mask of all slots, as MongoDB stores it."""

_WIDTH = PARTS // SLOTS
_UNSIGNED = (1 << SLOTS) - 1


def slot_of(id_: str) -> int:
    """The slot of what has this id, 0..63."""
    return part_of(ObjectId(id_)) // _WIDTH


def count_slots(mask: int) -> int:
    """How many slots a mask holds, 0..64."""
    return (mask & _UNSIGNED).bit_count()


class Share(msgspec.Struct, frozen=True):
    """One of the shares that all slots are divided into.

    Attributes:
        number: Which of them, from 1 on.
        count: How many there are, at most `SLOTS`.
    """

    number: int
    count: int

    @property
    def slots(self) -> range:
        """Its slots; those of two shares of one count differ in number by one at most."""
        return range(SLOTS * (self.number - 1) // self.count, SLOTS * self.number // self.count)

    @property
    def mask(self) -> Int64:
        """Its slots as the bits of a signed 64-bit integer."""
        bits = sum(1 << slot for slot in self.slots)
        return Int64(bits - (1 << SLOTS) if bits >> (SLOTS - 1) else bits)

    @property
    def parts(self) -> tuple[int, int]:
        """The range of `part` that its documents have: the first, and the one after the last."""
        slots = self.slots
        return slots.start * _WIDTH, slots.stop * _WIDTH

    @property
    def is_all(self) -> bool:
        """Whether there is no other."""
        return self.count == 1

    @property
    def suffix(self) -> str:
        """What names of its files end with; nothing where there is no other share."""
        return "" if self.is_all else f"-{self.number}-of-{self.count}"

    def covers(self, id_: str) -> bool:
        """Whether what has this id is in the share."""
        return self.is_all or slot_of(id_) in self.slots

    @property
    def others(self) -> list[Share]:
        """The other shares of its count."""
        return [Share(n, self.count) for n in range(1, self.count + 1) if n != self.number]

    @classmethod
    def of(cls, text: str) -> Share:
        """The share that is written like this, as `3/16`.

        Raises:
            ValueError: None is.
        """
        number, count = map(int, text.split("/"))
        if not 1 <= number <= count <= SLOTS:
            raise ValueError(f"no share {text}")
        return cls(number, count)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


WHOLE = Share(1, 1)
"""The share of a process that does everything."""


def complete(shares: Iterable[Share]) -> int | None:
    """Of how many shares a set of them covers all slots; the larger number of two, None for none."""
    seen = set(shares)
    counts = {one.count for one in seen}
    return max((n for n in counts if sum(one.count == n for one in seen) == n), default=None)


def uncovered(shares: Iterable[Share]) -> list[int]:
    """The slots that none of these shares has."""
    covered = {slot for share in shares for slot in share.slots}
    return [slot for slot in range(SLOTS) if slot not in covered]


class Team(msgspec.Struct, frozen=True):
    """The shares of one count, and which of them are there: who does what is to be done once for all.

    Attributes:
        count: How many shares there are.
        present: The numbers of those that some process has.
    """

    count: int
    present: frozenset[int] = frozenset()

    @classmethod
    def of(cls, shares: Iterable[Share], default: int) -> Team:
        """The team that is the most complete, the larger of two; one of `default` where nobody is there."""
        numbers: defaultdict[int, set[int]] = defaultdict(set)
        for share in shares:
            numbers[share.count].add(share.number)
        if not numbers:
            return cls(default)
        count = max(numbers, key=lambda count: (len(numbers[count]) / count, count))
        return cls(count, frozenset(numbers[count]))

    def share_for(self, id_: str) -> Share:
        """The share that covers an id; where nobody has that, the next one that somebody has."""
        if self.count == 1:
            return WHOLE
        around = self._around(id_)
        return Share(next((n for n in around if n in self.present), around[0]), self.count)

    def before(self, share: Share, id_: str) -> int:
        """How many shares come before one where something is to be done once for an id.

        The one that covers it is the first, and then those after it. Who is not there is passed over, unless
        nobody is seen. A share of another count comes after all.
        """
        around = self._around(id_)
        there = self.present or {*around}
        if share.count != self.count:
            return len(there)
        return sum(number in there for number in around[: around.index(share.number)])

    def _around(self, id_: str) -> Sequence[int]:
        """All numbers, from that of the share on which covers an id."""
        slot = slot_of(id_)
        number = next(n for n in range(1, self.count + 1) if slot in Share(n, self.count).slots)
        return *range(number, self.count + 1), *range(1, number)
