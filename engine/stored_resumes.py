"""The stored resumes that feeds are scored against: an index in memory, kept equal to MongoDB's profiles.

    await resumes.refresh()
    search = resumes.search(query)

The mirror of `active_feeds`. A process's own percolation puts what it has saved; what other processes saved
or erased comes with the next `refresh`. Profiles of other rules are left out. Their resumes are named, as
they may not be waiting to be scored again yet: a backfill makes their profiles on the spot.

The index holds so many resumes at most as the setting says. Those that arrived longest ago are *cold*: they
leave the index, and a backfill finds them through MongoDB (`Profiles.newest_cold`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from engine.matching.feed_query import FeedQuery
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_search import ResumeSearch
from engine.watermark import Watermark
from runtime.slices import Slices
from store.by_ids import SIZE
from store.erasures import LATE, Erasures
from store.profiles import ProfileChange, Profiles, StoredProfile
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

# Seconds between two polls of the task that keeps the index current. A preview sees what other processes
# scored so late; whoever must not miss anything refreshes first.
_POLL_EVERY_S = 1.0

# Of so many polls only one looks back for writes that became visible late. To look back costs a read of all
# that was written in the last seconds, most of it by this process.
_LOOK_BACK_EVERY = 5

# The share of the index that leaves it at once when it is full. Fewer would mean a search for the oldest more
# often, which looks at all.
_LEAVING = 0.02


class StoredResumes:
    """All stored resumes that are not cold, with an index over them. Belongs to one event loop.

    Args:
        profiles: Where they are stored.
        erasures: Who is erased meanwhile.
        version: The rules; profiles of others are left out.
        most: How many resumes the index holds at most.

    Attributes:
        loaded: Set once every profile was read.
        has_cold: Whether some are cold.
    """

    def __init__(self, profiles: Profiles, erasures: Erasures, version: str, most: int) -> None:
        self._profiles = profiles
        self._erasures = erasures
        self._version = version
        self._most = most
        self._index = ResumeIndex()
        self._watermark = Watermark()
        self._other_rules: set[str] = set()
        # Those that could not be taken in, and their revision: each is tried once, as polls see them again.
        self._refused: dict[str, int] = {}
        self._one_at_a_time = asyncio.Lock()
        self._polls = 0
        self.loaded = asyncio.Event()
        self.has_cold = False

    def __len__(self) -> int:
        return len(self._index)

    async def run(self) -> None:
        """Read everything, then keep current until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="the index of resumes", idle_s=_POLL_EVERY_S)

    async def _step(self) -> bool:
        self._polls += 1
        await self.refresh(looks_back=not self._polls % _LOOK_BACK_EVERY)
        await self._let_go()
        return False

    async def refresh(self, *, looks_back: bool = True) -> None:
        """Take over what changed in MongoDB since the last time; the first time, everything.

        What was saved before this is called is in the index when it returns.

        Args:
            looks_back: Look for writes too that became visible after later ones. Without it those are missed
                until somebody does.
        """
        async with self._one_at_a_time:
            began = time.monotonic()
            # Until everything was read the watermark stands at nothing, as an older part may be missing.
            since, newest = self._watermark.at, None
            overlap = self._watermark.overlap if looks_back else timedelta(0)
            slices = Slices()
            async for changes in self._profiles.changed_since(since, overlap):
                newest = max([*(change.updated_at for change in changes), *([newest] if newest else [])])
                for part in _parts(self._unknown(changes)):
                    for stored in await self._profiles.load(part):
                        self.take(stored)
                        await slices.rest()
            if newest is not None:
                self._watermark.see(newest)
            await self._forget_erased()
            if not self.loaded.is_set():
                self.loaded.set()
                taken = {"resumes": len(self._index), "seconds": round(time.monotonic() - began, 1)}
                logger.info("resumes loaded", extra={"data": taken})

    def _unknown(self, changes: Iterable[ProfileChange]) -> list[str]:
        """The resumes that have to be read; those that are of no use leave the index."""
        wanted = []
        for change in changes:
            id_, rev = change.resume, change.rev
            known = self._index.rev(id_)
            self.has_cold |= change.cold
            if change.cold:
                if 0 < known <= rev:
                    self._index.remove(id_)
                self._other_rules.discard(id_)
            elif change.version != self._version:
                # At this very revision it was made on the spot, see `take`.
                if known < rev:
                    self.remove([id_])
                    self._other_rules.add(id_)
            elif max(known, self._refused.get(id_, 0)) < rev:
                wanted.append(id_)
        return wanted

    async def _forget_erased(self) -> None:
        # As long as somebody may still write late about an erased person, and so bring them into the index.
        for resume, rev in await self._erasures.since(datetime.now(UTC) - LATE):
            if self._index.rev(resume) <= rev:
                self.remove([resume])

    def put(self, stored: StoredProfile, profile: ResumeProfile) -> None:
        """Take in what this process has just saved.

        Args:
            stored: The profile as it was saved.
            profile: The same, decoded.
        """
        if self._index.rev(stored.resume) >= stored.rev:
            return
        self._other_rules.discard(stored.resume)
        try:
            self._index.put(
                stored.resume,
                profile,
                rev=stored.rev,
                arrived_at=round(1000 * stored.arrived_at.timestamp()),
            )
        except (OverflowError, ValueError) as error:
            # One that the index refuses must stop no other.
            self._refused[stored.resume] = stored.rev
            logger.error("resume %s cannot be indexed: %s", stored.resume, type(error).__name__)

    def remove(self, resume_ids: Iterable[str]) -> None:
        """Forget resumes that are gone."""
        for resume_id in resume_ids:
            self._index.remove(resume_id)
            self._other_rules.discard(resume_id)
            self._refused.pop(resume_id, None)

    @property
    def of_other_rules(self) -> list[str]:
        """The resumes that are left out as their profiles are of other rules."""
        return list(self._other_rules)

    def rev_of(self, resume_id: str) -> int:
        """The revision of a resume in the index; 0 for one that is not there."""
        return self._index.rev(resume_id)

    def search(self, query: FeedQuery, among: Collection[str] | None = None) -> ResumeSearch:
        """A search for the resumes that a feed matches, as they are now.

        Args:
            query: What the feed asks for.
            among: Of these resumes alone; None for all.

        Raises:
            ValueError: The index cannot hold a number of the query.
        """
        return self._index.search(query, among)

    def take(self, stored: StoredProfile) -> None:
        """Take in a profile as it was read, or as it was made on the spot; see `put`."""
        if stored.version != self._version:
            return
        try:
            profile = ResumeProfile.decode(stored.data)
        except Exception as error:  # noqa: BLE001 - one that cannot be read must stop no other
            self._refused[stored.resume] = stored.rev
            logger.error("the profile of resume %s cannot be read: %s", stored.resume, type(error).__name__)
            return
        self.put(stored, profile)

    async def _let_go(self) -> None:
        """Leave the oldest to MongoDB's index where there are more than the index may hold."""
        if len(self._index) <= self._most:
            return
        count = len(self._index) - self._most + int(_LEAVING * self._most)
        oldest = self._index.oldest(count)
        for part in _parts(oldest):
            # First there, then gone from here: a backfill in between finds them twice, and not never.
            self.has_cold = True
            revs = {id_: self._index.rev(id_) for id_ in part}
            await self._profiles.set_cold(part)
            # One that this process has scored anew meanwhile is not cold.
            self.remove([id_ for id_ in part if self._index.rev(id_) == revs[id_]])
        logger.info("resumes left to MongoDB", extra={"data": {"resumes": len(oldest)}})


def _parts(resume_ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(resume_ids), SIZE):
        yield resume_ids[start : start + SIZE]
