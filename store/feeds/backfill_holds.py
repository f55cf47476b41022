"""How processes hold feeds while these are backfilled: alone, or each its share of a feed's resumes.

Who does the whole of a feed names itself in `backfill_by`, and moves the time from which the feed waits a day
on. Where the work is divided, several processes are at a feed at once, and `backfill_by` is a document:

    {left: …, held: {"3/16": {by: holder, progress: …}, …}, model: {version: …, data: …}}

`left` are the slots of resumes that the feed was not scored against yet, as a mask (`shares`); without it
these are all. So nothing has to be written when a feed begins to wait, and whatever changes a feed takes all
of this away with the one field, as servers of the release before do too. Whoever has done a share takes its
slots off, however many shares there are by then, and who has the last of them ends the backfill. All go by
one `model`. A process that does the whole takes a feed from those that do shares of it, never the other way.

Here are the conditions and the changes alone. Who makes them, and when, is `backfills`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bson.int64 import Int64

from store.mongo import Collection, Database
from store.shards.shares import EVERY_SLOT, SLOTS, Share

_HELD = timedelta(days=1)
"""After this a feed waits again, whatever became of its lease. No lease gets lost, so it is never needed."""

Condition = dict[str, Any]
Change = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Hold(Protocol):
    """A way to hold feeds.

    Attributes:
        names: What a lease says beside its holder, its feeds and its end; see `holding`.
        reads: What else has to be read of a feed that waits for `has_work`.
    """

    names: Mapping[str, str]
    reads: Mapping[str, int]

    def leases(self, database: Database) -> Collection:
        """The collection of its leases.

        Each way has its own, as servers of the release before end what they find in `passes` in their way.
        """

    def has_work(self, feed: Mapping[str, Any]) -> bool:
        """Whether a feed that waits has something left that nobody is at."""

    def is_free(self, now: datetime) -> Condition:
        """The condition that a feed can be taken."""

    def take(self, holder: str, now: datetime) -> Change:
        """The change that takes it."""

    def is_held(self, holder: str) -> Condition:
        """The condition that a feed is as it was taken: whatever changes it takes the holder's name away."""

    def give_back(self, now: datetime) -> Change:
        """The change that lets it wait again.

        It waits since now, so that whoever has looked at those that wait since earlier finds it.
        """

    def note(self, progress: float) -> Change:
        """The change that notes how far the holder is, 0..1."""


class Whole:
    """A process holds a feed alone."""

    names: Mapping[str, str] = {}
    reads: Mapping[str, int] = {}

    def leases(self, database: Database) -> Collection:
        """See `Hold`."""
        return database.passes

    def has_work(self, feed: Mapping[str, Any]) -> bool:
        """Always: the time of a feed that somebody holds is moved on."""
        return True

    def is_free(self, now: datetime) -> Condition:
        """See `Hold`; also of those that others do their shares of."""
        return {"backfill_due": {"$lte": now}, "deleted": False}

    def take(self, holder: str, now: datetime) -> Change:
        """See `Hold`."""
        return {"$set": {"backfill_due": now + _HELD, "backfill_by": holder}}

    def is_held(self, holder: str) -> Condition:
        """See `Hold`."""
        return {"backfill_by": holder, "deleted": False}

    def give_back(self, now: datetime) -> Change:
        """See `Hold`."""
        return {"$set": {"backfill_due": now}, "$unset": {"backfill_by": ""}}

    def note(self, progress: float) -> Change:
        """See `Hold`."""
        return {"$set": {"progress": progress}}


class Part:
    """A process holds its share of a feed.

    Args:
        share: Which of the shares.
    """

    reads: Mapping[str, int] = {"backfill_by.left": 1, "backfill_by.held": 1}

    def __init__(self, share: Share) -> None:
        self._share = share
        self.names: Mapping[str, str] = {"share": str(share)}
        self._held = f"backfill_by.held.{share}"
        self._others = [slot for slot in range(SLOTS) if slot not in share.slots]

    def leases(self, database: Database) -> Collection:
        """See `Hold`."""
        return database.share_passes

    def has_work(self, feed: Mapping[str, Any]) -> bool:
        """Whether slots of the share are left, and are not among those of a share that somebody holds."""
        shares = feed.get("backfill_by", {})
        left = int(shares.get("left", EVERY_SLOT)) & self._share.mask
        for share in shares.get("held", {}):
            left &= ~Share.of(share).mask
        return left != 0 and str(self._share) not in shares.get("held", {})

    def is_free(self, now: datetime) -> Condition:
        """See `Hold`; shares of another count may overlap, which costs a second search and spoils nothing."""
        return {"backfill_due": {"$lte": now}, "deleted": False, self._held: None}

    def take(self, holder: str, now: datetime) -> Change:
        """See `Hold`."""
        return [
            {
                "$set": {
                    "backfill_by.left": {"$ifNull": ["$backfill_by.left", EVERY_SLOT]},
                    self._held: {"by": {"$literal": holder}, "progress": {"$literal": 0.0}},
                }
            }
        ]

    def is_held(self, holder: str) -> Condition:
        """See `Hold`."""
        return {f"{self._held}.by": holder, "deleted": False}

    def give_back(self, now: datetime) -> Change:
        """See `Hold`."""
        return {"$set": {"backfill_due": now}, "$unset": {self._held: ""}}

    def note(self, progress: float) -> Change:
        """See `Hold`."""
        return {"$set": {f"{self._held}.progress": progress}}

    def others_have_work(self) -> Condition:
        """The condition that slots of other shares are left."""
        return {"backfill_by.left": {"$bitsAnySet": self._others}}

    def leave(self) -> Change:
        """The change that takes the slots of the share off, and the holder's name away."""
        mask = Int64(~int(self._share.mask))
        return {"$bit": {"backfill_by.left": {"and": mask}}, "$unset": {self._held: ""}}


def hold_of(share: Share) -> Whole | Part:
    """How a process of this share holds feeds."""
    return Whole() if share.is_all else Part(share)


def holding(lease: Mapping[str, Any]) -> Whole | Part:
    """How the holder of a lease holds its feeds."""
    return Part(Share.of(lease["share"])) if "share" in lease else Whole()
