"""All stored resumes, found by what a feed can match at all: the mirror of `index`.

    index = ResumeIndex()
    index.put(resume_id, analyzer.resume(body), rev=1, arrived_at=1_700_000_000_000)
    search = index.search(analyzer.feed(spec))
    while not search.is_done:
        search.step()
    search.count, search.best(5)

Not thread-safe: one owner puts and asks.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.matching.feed_query import FeedQuery
from engine.matching.learned.topics import NO_TOPICS, Topics
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.resume_arrays import ResumeArrays
from engine.matching.score.resume_search import ResumeSearch
from engine.matching.score.resume_snapshot import copy_of, fill
from engine.matching.score.resume_topics import Placing
from engine.matching.score.snapshot import Copying, Snapshot


class ResumeIndex:
    """Resumes by key term, with all that their points are made of; not what reasons show."""

    def __init__(self) -> None:
        self._resumes = ResumeArrays()
        self._slots: dict[bytes, int] = {}
        self._topics = NO_TOPICS

    @classmethod
    def restored(cls, snapshot: Snapshot) -> ResumeIndex:
        """An index of the resumes of a snapshot, whose arrays belong to it from now on. Threads may call it.

        Raises:
            ValueError: An id is there twice.
        """
        index = cls()
        fill(index._resumes, snapshot)
        ids = snapshot.arrays["id"].tobytes()
        index._slots = {ids[at : at + 12]: at // 12 for at in range(0, len(ids), 12)}
        if len(index) != len(snapshot.arrays["id"]):
            raise ValueError("no snapshot of resumes: an id is there twice")
        return index

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, resume_id: str, profile: ResumeProfile, *, rev: int, arrived_at: int) -> None:
        """Add a resume, or replace what was known of it.

        Args:
            resume_id: The resume, 24 hexadecimal digits.
            profile: The resume, analysed.
            rev: Its revision, 1 and up.
            arrived_at: When it arrived, in milliseconds since 1970.

        Raises:
            ValueError: The id is not of that form.
            OverflowError: A number of the profile is out of bounds, see `resume_layout`; the resume is not in
                the index then.
        """
        key = _key(resume_id)
        self.remove(resume_id)
        resumes = self._resumes
        # Written before anything is linked: a profile that is refused leaves nothing behind.
        record = np.zeros(1, resumes.records["resume"].dtype)[0]
        record["rev"], record["arrived_at"] = rev, arrived_at
        resumes.blocks.write(profile, record)
        resumes.reserve_words()
        record["topics"] = self._topics.locate(profile).vector
        slot = resumes.records.take(1)
        resumes.version += 1
        record["changed"] = resumes.version
        resumes.records["resume"][slot] = record
        resumes.records["near"][slot] = resumes.blocks.near(record)
        resumes.records["id"][slot] = key
        resumes.postings.add(slot, resumes.blocks.key_terms(record))
        self._slots[key] = slot

    def remove(self, resume_id: str) -> None:
        """Forget a resume; one that is not there is fine."""
        slot = self._slots.pop(_key(resume_id), None)
        if slot is None:
            return
        resumes = self._resumes
        record = resumes.records["resume"][slot]
        resumes.postings.remove(slot, resumes.blocks.key_terms(record))
        resumes.blocks.erase(record)
        resumes.version += 1
        # A running search may have found this slot. The new version keeps it from taking the resume that gets
        # the slot next for the one it found.
        record["rev"], record["changed"] = 0, resumes.version
        resumes.records["near"][slot] = 0
        resumes.records.give(slot, 1)

    def rev(self, resume_id: str) -> int:
        """The revision of a resume; 0 for one that is not there."""
        slot = self._slots.get(_key(resume_id))
        return 0 if slot is None else int(self._resumes.records["resume"]["rev"][slot])

    def oldest(self, count: int) -> list[str]:
        """Those that arrived longest ago, at most so many, in no particular order."""
        slots = np.fromiter(self._slots.values(), np.int64, len(self._slots))
        arrived = self._resumes.records["resume"]["arrived_at"][slots]
        if count < len(slots):
            slots = slots[np.argpartition(arrived, count)[:count]]
        return [key.tobytes().hex() for key in self._resumes.records["id"][slots]]

    @property
    def table(self) -> int:
        """The number of the topics that all resumes are placed among; 0 for none."""
        return self._resumes.table

    def adopt(self, topics: Topics) -> Placing:
        """Place all resumes among other topics, in steps; whatever comes meanwhile is placed at once.

        Until the last step searches know no topics. One adoption at a time.
        """
        self._topics = topics
        return Placing(self._resumes, topics)

    @property
    def version(self) -> int:
        """Grows with each resume that comes, changes or goes."""
        return self._resumes.version

    def copying(self) -> Copying:
        """A copy that is about to be made, for `resume_snapshot.packed`; others may change it meanwhile."""
        return copy_of(self._resumes)

    def search(self, query: FeedQuery, among: Iterable[str] | None = None) -> ResumeSearch:
        """A search in slices for the resumes that a feed matches.

        Args:
            query: What the feed asks for.
            among: Of these alone; None for all. Those that are not there are left out.

        Raises:
            ValueError: A number of the query is out of bounds, see `layout`.
        """
        if among is None:
            return ResumeSearch(self._resumes, query)
        found = (self._slots.get(_key(resume_id)) for resume_id in among)
        return ResumeSearch(self._resumes, query, [slot for slot in found if slot is not None])


def _key(resume_id: str) -> bytes:
    key = bytes.fromhex(resume_id)
    if len(key) != 12:
        raise ValueError(f"{resume_id!r} is no id of 24 hexadecimal digits")
    return key
