"""The stored resumes that feeds are scored against: an index in memory, kept equal to MongoDB's profiles.

    await resumes.refresh()
    search = resumes.search(query)

The mirror of `active_feeds`. A process's own percolation puts what it has saved; what other processes saved
or erased comes with the next `refresh`. Profiles of other rules are left out. Their resumes are named, as
they may not be waiting to be scored again yet: a backfill makes their profiles on the spot.

At the start the index is made from a snapshot of an earlier one, where there is a sound one, and then brought
up to date; without a snapshot every profile is read. Resumes are about people. So a snapshot is deleted as
soon as somebody is erased, and the next one is written without them.

The index holds so many resumes at most as the setting says. Those that arrived longest ago are *cold*: they
leave the index, and a backfill finds them through MongoDB (`Profiles.newest_cold`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta

from engine.indexes.resume_snapshots import pack, unpack
from engine.indexes.snapshot_file import Stored
from engine.indexes.snapshots import Snapshots
from engine.indexes.watermark import Watermark
from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.resume_index import ResumeIndex
from engine.matching.score.resume_search import ResumeSearch
from runtime.slices import Slices
from store.by_ids import chunks
from store.ends.erasures import LATE, Erasures
from store.resumes.profiles import ProfileChange, Profiles, StoredProfile
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
    """The stored resumes that are not cold, with an index over them. Belongs to one event loop.

    Args:
        profiles: Where they are stored.
        erasures: Who is erased meanwhile.
        version: The rules; profiles of others are left out.
        most: How many resumes the index holds at most.
        snapshots: Where a snapshot of the index may be; None where none is kept.
        topics: Gives the learned topics in force; resumes are placed among them.

    Attributes:
        loaded: Set once every profile was read.
        has_cold: Whether some are cold.
    """

    def __init__(
        self,
        profiles: Profiles,
        erasures: Erasures,
        version: str,
        most: int,
        snapshots: Snapshots | None = None,
        topics: Callable[[], Topics] = lambda: NO_TOPICS,
    ) -> None:
        self._topics = topics
        self._profiles = profiles
        self._erasures = erasures
        self._version = version
        self._most = most
        self._snapshots = snapshots
        self._one_at_a_time = asyncio.Lock()
        self._polls = 0
        # How often snapshots had to be dropped, and how often when the latest one was begun.
        self._drops = self._drops_before = 0
        self.loaded = asyncio.Event()
        self._empty()

    def __len__(self) -> int:
        return len(self._index)

    def _empty(self) -> None:
        """Know nothing of any resume."""
        self._index = ResumeIndex()
        self._watermark = Watermark()
        self._latest = ""  # whose profile was written at the watermark
        self._other_rules: set[str] = set()
        # Those that could not be taken in, and their revision: each is tried once, as polls see them again.
        self._refused: dict[str, int] = {}
        # The erasures that the last look found, by resume the revision, and when that look was.
        self._erased: dict[str, int] = {}
        self._looked_at = datetime.now(UTC)
        self.has_cold = False

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
            if self.loaded.is_set():
                await self._refresh(self._watermark.overlap if looks_back else timedelta(0))
            else:
                await self._load()
            await self._follow()

    async def _follow(self) -> None:
        """Place the resumes among the topics in force, where these are others than before.

        A feed's query is made by the topics that are in force by then, or by older ones: then the feed is
        scored again soon. So whoever searches refreshes first, and finds the same as resumes that come.
        """
        topics = self._topics()
        if self._index.table == topics.number:
            return
        placing, slices = self._index.adopt(topics), Slices()
        while not placing.is_done:
            placing.step()
            await slices.rest()

    async def _load(self) -> None:
        began = time.monotonic()
        restored = await self._restore()
        if not restored:
            # Without what an earlier try has read. What this process has put is stored, and so is read.
            self._empty()
            # The file may hold people who are erased since.
            await self._drop_snapshot()
            await self._refresh(timedelta(0))
        self.loaded.set()
        took = round(time.monotonic() - began, 1)
        taken = {"resumes": len(self._index), "from_snapshot": restored, "seconds": took}
        logger.info("resumes loaded", extra={"data": taken})

    async def _restore(self) -> bool:
        """Make the index from a snapshot and bring it up to date; false where there is none of use."""
        restored = await self._snapshots.restore(unpack) if self._snapshots else None
        if restored is None:
            return False
        watermark, known = restored
        self._empty()
        self._index, self._latest, self.has_cold = known.resumes, known.latest, known.has_cold
        self._other_rules.update(known.other_rules)
        self._watermark.see(watermark)
        # Who was erased while no process ran is in the snapshot, and their profile is not there to be read.
        self._looked_at = watermark
        newest = await self._refresh(self._watermark.overlap)
        # The profile that was written last is found again, unless it is erased or the database is younger
        # than the snapshot.
        if (newest is None or newest < watermark) and known.latest not in self._erased:
            logger.warning("the snapshot of resumes is not used: the database was set back")
            return False
        return True

    async def _refresh(self, overlap: timedelta) -> datetime | None:
        """Take over what changed since the watermark less an overlap.

        Returns:
            When the latest of the profiles was written that were found; None where none was.
        """
        newest: datetime | None = None
        latest = self._latest
        slices = Slices()
        async for changes in self._profiles.changed_since(self._watermark.at, overlap):
            for change in changes:
                if newest is None or change.updated_at > newest:
                    newest, latest = change.updated_at, change.resume
            for part in chunks(self._unknown(changes)):
                for stored in await self._profiles.load(part):
                    self.take(stored)
                    await slices.rest()
        await self._forget_erased()
        # Only now: until all is taken over, a snapshot must not say that it is, and an older part may be
        # missing.
        if newest is not None and (self._watermark.at is None or newest >= self._watermark.at):
            self._watermark.see(newest)
            self._latest = latest
        return newest

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
        """Take those out who are erased, and delete a snapshot that may have them."""
        now = datetime.now(UTC)
        # A profile may have been read just before its erasure, and be taken in after that was found.
        erased = dict(await self._erasures.since(self._looked_at - LATE))
        is_news = any(self._erased.get(resume, 0) < rev for resume, rev in erased.items())
        slices = Slices()
        for resume, rev in erased.items():
            if (known := self._index.rev(resume)) <= rev:
                self.remove([resume])
                is_news |= known > 0
            await slices.rest()
        if is_news:
            await self._drop_snapshot()
        self._erased, self._looked_at = erased, now

    async def _drop_snapshot(self) -> None:
        self._drops += 1
        if self._snapshots:
            await self._snapshots.drop()

    @property
    def changes(self) -> int:
        """How many changes the index has seen since it was empty or restored."""
        return self._index.version

    async def snapshot(self) -> Stored | None:
        """A snapshot of what is known, made in slices; None before all is read, and where there was nothing.

        Nobody is in it who was erased before this is called. After it is written, `check_snapshot` is due.
        """
        async with self._one_at_a_time:
            if not self.loaded.is_set():
                return None
            await self._refresh(self._watermark.overlap)
        if (watermark := self._watermark.at) is None:
            return None
        self._drops_before = self._drops
        # Who leaves these meanwhile has a later profile, or one that was made on the spot and is left out of
        # the copy: it must still be named.
        other_rules, latest = list(self._other_rules), self._latest
        slices = Slices()
        copying = self._index.copying()
        while not copying.is_done:
            copying.step()
            await slices.rest()
        # As it is now: those that became cold meanwhile are left out of the copy.
        has_cold = self.has_cold
        return Stored(watermark, await asyncio.to_thread(pack, copying, other_rules, has_cold, latest))

    async def check_snapshot(self) -> None:
        """Delete the snapshot that was written last if anybody was erased since it was begun."""
        async with self._one_at_a_time:
            await self._forget_erased()
        if self._drops != self._drops_before:
            await self._drop_snapshot()

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
        for part in chunks(oldest):
            # First there, then gone from here: a backfill in between finds them twice, and not never.
            self.has_cold = True
            revs = {id_: self._index.rev(id_) for id_ in part}
            await self._profiles.set_cold(part)
            # One that this process has scored anew meanwhile is not cold.
            self.remove([id_ for id_ in part if self._index.rev(id_) == revs[id_]])
        logger.info("resumes left to MongoDB", extra={"data": {"resumes": len(oldest)}})
