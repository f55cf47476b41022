"""Which resumes wait to be scored, and what becomes of those that were: the scoring part of `resumes`.

Scoring ends the waiting only at the revision that it scored, so an update in between is scored again. The
changes themselves are in `scoring_queue`.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from store import spans
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.data_loader import DataLoader
from store.documents import read_as
from store.mongo import Database
from store.resumes.resume_values import ScoringState, StoredResume
from store.resumes.scoring_queue import scored, waiting_again

_NEVER = datetime.fromtimestamp(0, UTC)

_COUNT_AGAIN_AFTER = 10
"""The number of resumes that wait is counted again after so many times as long as counting took. Counting
then takes a tenth of the embedded store's time at most, however many wait and however many ask."""

_LONGEST_MS = 300
"""How long one query of a sweep may take, in milliseconds. The embedded store reads some 6,000 resumes in it,
and answers nobody meanwhile; where more wait they are read by shorter spans of time."""

_BRIEF = dict.fromkeys(
    (*("rev", "arrived_at", "pending", "queued_at", "send_to", "partner_for", "begun_by", "set_aside"),),
    1,
)


class WaitingResumes:
    """What of the collection `resumes` is about scoring."""

    def __init__(self, database: Database) -> None:
        self._resumes = database.resumes
        self._counts: DataLoader[str, int] = DataLoader(self._count_pending)
        self._waiting = 0
        self._count_again_at = 0.0

    async def load_briefly(self, ids: Sequence[str]) -> list[StoredResume]:
        """Read resumes without text and contact, in the order of `ids`; unknown ids are left out."""
        documents = await find_by_ids(self._resumes, object_ids(ids), _BRIEF)
        found = {str(document["_id"]): stored_resume(document) for document in documents}
        return [found[id_] for id_ in ids if id_ in found]

    async def revisions(self, ids: Sequence[str]) -> dict[str, tuple[int, bool]]:
        """Each resume's revision, and whether it waits to be scored."""
        documents = await find_by_ids(self._resumes, object_ids(ids), {"rev": 1, "pending": 1})
        return {str(d["_id"]): (d["rev"], d.get("pending", False)) for d in documents}

    async def states(self, ids: Sequence[str]) -> dict[str, ScoringState]:
        """How far each resume is; unknown ids are left out."""
        fields = {"pending": 1, "scored_at": 1, "rev": 1}
        documents = await find_by_ids(self._resumes, object_ids(ids), fields)
        return {
            str(document["_id"]): ScoringState(
                document.get("pending", False), document.get("scored_at", _NEVER), document["rev"]
            )
            for document in documents
        }

    async def mark_scored(self, scored_resumes: Sequence[StoredResume], at: datetime) -> int:
        """Note that resumes are scored at this revision; one that was updated since waits on.

        The feeds that they were scored against were read at a time. Returns how many waited at that revision.
        """
        by_rev: dict[int, list[str]] = defaultdict(list)
        for resume in scored_resumes:
            by_rev[resume.rev].append(resume.id)
        count = 0
        for rev, ids in by_rev.items():
            where = {"rev": rev, "pending": True}
            count += await update_by_ids(self._resumes, object_ids(ids), scored(at), where=where)
        return count

    async def requeue(self, ids: Sequence[str]) -> None:
        """Have resumes scored again, as a new revision of each."""
        await update_by_ids(self._resumes, object_ids(ids), waiting_again(datetime.now(UTC)))

    async def pending(
        self, until: datetime, since: datetime = spans.BEGINNING
    ) -> AsyncGenerator[list[str], None]:
        """Ids of the resumes that began to wait within a time: some at a time, the latest times first.

        Each is given once, and of each time those that wait longest first. One that begins to wait again
        meanwhile, or goes to the end of the queue, may be left out: it waits from a later time on.
        """
        found = spans.before(
            self._resumes,
            "queued_at",
            until + timedelta(milliseconds=1),
            where={"pending": True},
            fields={"queued_at": 1},
            since=since,
            first=spans.EVER,
            longest_ms=_LONGEST_MS,
        )
        async with aclosing(found) as parts:
            async for rows in parts:
                yield [str(row["_id"]) for row in sorted(rows, key=itemgetter("queued_at"))]

    async def count_pending(self) -> int:
        """How many resumes wait to be scored; that none wait is never an old answer.

        Counting many takes the embedded store long. So one count serves all who ask meanwhile, it goes on
        when they give up, and its answer is given again for a while.
        """
        if self._waiting and time.monotonic() < self._count_again_at:
            return self._waiting
        return (await self._counts.get(["pending"]))["pending"]

    async def _count_pending(self, names: Sequence[str]) -> dict[str, int]:
        began = time.monotonic()
        self._waiting = int(await self._resumes.count_documents({"pending": True}))
        now = time.monotonic()
        self._count_again_at = now + _COUNT_AGAIN_AFTER * (now - began)
        return dict.fromkeys(names, self._waiting)


def stored_resume(document: Mapping[str, Any]) -> StoredResume:
    """A resume from its document; what was not read of it is empty."""
    return read_as(
        StoredResume,
        document,
        claimed_by=document.get("begun_by", []),
        is_quarantined=document.get("set_aside", False),
    )
