"""A pass: feeds whose backfill is done together, and the resumes that passes wait for.

What is done in a pass, and when, is `backfill`.
"""

from __future__ import annotations

import functools
import itertools
import operator
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from engine.indexes.active_feeds import ActiveFeed
from runtime.slices import Slices
from store.shards.shares import slot_of

CLOCKS_DIFFER = timedelta(seconds=2)
"""How far the clocks of two machines may differ. A resume that was scored so long after a pass began was
scored against its feeds."""

# Seconds between two renewals of a lease.
_RENEW_EVERY_S = 2.0

# Seconds between two reports of a pass, at least, and for each feed of all passes: a report writes to each
# feed of its own. However many feeds wait, that takes a few percent of the embedded store's time.
_REPORT_EVERY_S, _REPORT_A_FEED_S = 0.2, 0.02

# Seconds after which a pass that waits ends those of its feeds that need not wait. With less, scorers that
# are a moment apart would make several ends of one, each of some writes.
_END_SOME_EVERY_S = 1.0


class Pass:
    """Feeds that are scored together.

    Attributes:
        holder: The name of its lease.
        claimed: Ids of all that were claimed.
        feeds: Those of them that can be read and are still as they were claimed, by id.
        began: After the feeds could be read by every process, and before resumes were.
        written: Resumes that were written about and changed meanwhile: they are scored again, whoever has
            scored them since.
        waits: How many resumes it waits for, by the slots of those of its feeds that wait for them, as masks.
        all_waiting: How many it waited for at first.
        ready: The share of the resumes that it need not wait for, 0..1.
        given_up: Feeds that changed meanwhile, were taken over, or are ended by another share, by id.
    """

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self.claimed: list[str] = []
        self.feeds: dict[str, ActiveFeed] = {}
        self.given_up: dict[str, ActiveFeed] = {}
        self.began = datetime.now(UTC)
        self.written: set[str] = set()
        self.waits: Counter[int] = Counter()
        self.all_waiting = 0
        self.progress, self.ready = 0.0, 1.0
        self.renewed_at = self.reported_at = self.ended_at = time.monotonic()

    @property
    def waiting(self) -> int:
        """How many resumes it waits for."""
        return self.waits.total()

    @property
    def slots(self) -> int:
        """The slots of its feeds, as a mask."""
        return mask_of(self.feeds)

    @property
    def ended(self) -> list[str]:
        """Its feeds that wait for no resume any more."""
        if not self.waits:
            return list(self.feeds)
        awaited = functools.reduce(operator.or_, self.waits)
        return [id_ for id_ in self.feeds if not mask_of([id_]) & awaited]

    @property
    def may_end_some(self) -> bool:
        """Whether those may be ended before the others, as the others wait for long."""
        return time.monotonic() >= self.ended_at + _END_SOME_EVERY_S

    @property
    def must_renew(self) -> bool:
        """Whether its lease has to be renewed."""
        return time.monotonic() >= self.renewed_at + _RENEW_EVERY_S

    def may_report(self, feeds: int) -> bool:
        """Whether its progress may be reported, where all passes together have so many feeds."""
        return time.monotonic() >= self.reported_at + max(_REPORT_EVERY_S, _REPORT_A_FEED_S * feeds)


class Waiting:
    """The resumes that passes wait for, in the order in which they will be scored.

    Where the feeds are divided among scorers, a resume is scored against some of them before others. Each
    feed waits for its own scorer alone, so that one that is dead holds up no others.

    Belongs to one task of an event loop. What walks over all of them lets others run meanwhile.
    """

    def __init__(self) -> None:
        self._passes: dict[str, dict[Pass, int]] = {}

    async def add(self, one: Pass, resumes: Mapping[str, int]) -> None:
        """Have a pass wait for resumes; after an upgrade these may be all there are.

        Args:
            one: The pass. Where it waits for a resume already, it waits for all that is asked.
            resumes: By resume the slots of those of its feeds that wait for it.
        """
        slices = Slices()
        for id_, slots in resumes.items():
            waits = self._passes.setdefault(id_, {})
            before = waits.get(one, 0)
            waits[one] = before | slots
            _count(one, before, waits[one])
            await slices.rest()

    def first(self, count: int) -> list[str]:
        """The resumes that will be scored first."""
        return list(itertools.islice(self._passes, count))

    def take(self, resume_id: str, todo: int) -> list[tuple[Pass, int]]:
        """The passes with feeds that need not wait for a resume any more, and the slots of these feeds.

        Args:
            resume_id: The resume; where other feeds wait for it on, it is looked at after all others.
            todo: The slots of the feeds that are still to score it.
        """
        found: list[tuple[Pass, int]] = []
        waits = self._passes[resume_id]
        for one, slots in list(waits.items()):
            if ready := slots & ~todo:
                found.append((one, ready))
            if left := slots & todo:
                waits[one] = left
            else:
                del waits[one]
            _count(one, slots, left)
        del self._passes[resume_id]
        if waits:
            self._passes[resume_id] = waits
        return found

    async def forget(self, one: Pass) -> None:
        """Have a pass wait for nothing."""
        if not one.waiting:
            return
        slices = Slices()
        for id_, waits in list(self._passes.items()):
            waits.pop(one, None)
            if not waits:
                del self._passes[id_]
            await slices.rest()


def mask_of(feed_ids: Iterable[str]) -> int:
    """The slots of some feeds."""
    return functools.reduce(operator.or_, (1 << slot_of(id_) for id_ in feed_ids), 0)


def _count(one: Pass, before: int, after: int) -> None:
    """Note that a pass waits for a resume by other slots than before; 0 for not at all."""
    if before:
        one.waits[before] -= 1
        one.waits += Counter()  # without those that are 0
    if after:
        one.waits[after] += 1
