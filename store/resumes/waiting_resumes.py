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
from store.mongo import Database
from store.resumes.resume_values import ScoringState, StoredResume, WaitingResume
from store.resumes.scoring_queue import repeated, scored, waiting_again
from store.shards.shares import EVERY_SLOT, WHOLE, Share

_NEVER = datetime.fromtimestamp(0, UTC)

_COUNT_AGAIN_AFTER = 10
"""The number of resumes that wait is counted again after so many times as long as counting took. Counting
then takes a tenth of the embedded store's time at most, however many wait and however many ask."""

_LONGEST_MS = 300
"""How long one query of a sweep may take, in milliseconds. The embedded store reads some 6,000 resumes in it,
and answers nobody meanwhile; where more wait they are read by shorter spans of time."""

_BRIEF = dict.fromkeys(
    (
        *("rev", "repeats", "arrived_at", "pending", "todo", "queued_at", "send_to", "partner_for"),
        *("begun_by", "tries", "set_aside"),
    ),
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

    async def changes(self, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Each resume's revision, and the one that came with its text."""
        documents = await find_by_ids(self._resumes, object_ids(ids), {"rev": 1, "repeats": 1})
        return {str(d["_id"]): (d["rev"], d["rev"] - d.get("repeats", 0)) for d in documents}

    async def states(self, ids: Sequence[str]) -> dict[str, ScoringState]:
        """How far each resume is; unknown ids are left out."""
        fields = {"pending": 1, "todo": 1, "scored_at": 1, "rev": 1, "repeats": 1}
        documents = await find_by_ids(self._resumes, object_ids(ids), fields)
        return {
            str(document["_id"]): ScoringState(
                document.get("pending", False),
                document.get("scored_at", _NEVER),
                _todo(document),
                document["rev"],
                document["rev"] - document.get("repeats", 0),
            )
            for document in documents
        }

    async def mark_scored(
        self, scored_resumes: Sequence[StoredResume], at: datetime, share: Share = WHOLE
    ) -> list[str]:
        """Note that a share has scored resumes, their contacts moved; one that was updated since waits on.

        Args:
            scored_resumes: The resumes, at the revision that was scored.
            at: When the feeds were read that they were scored against.
            share: Which feeds those were.

        Returns:
            Ids among which are all that were not as they were scored, and some others; mostly none.
        """
        by_rev: dict[int, list[str]] = defaultdict(list)
        for resume in scored_resumes:
            by_rev[resume.rev].append(resume.id)
        unsure: list[str] = []
        for rev, ids in by_rev.items():
            # Slots are taken off what waits alone, or a resume that others have scored would get a `todo`.
            where = {"rev": rev} if share.is_all else {"rev": rev, "pending": True}
            if await update_by_ids(self._resumes, object_ids(ids), scored(at, share), where=where) < len(ids):
                unsure += ids
        return unsure

    async def requeue(self, ids: Sequence[str]) -> None:
        """Have resumes scored again by all, as a new revision of each."""
        await update_by_ids(self._resumes, object_ids(ids), waiting_again(datetime.now(UTC)))

    async def repeat(self, ids: Sequence[str], share: Share) -> None:
        """Have resumes scored once more by one share, which may have written what is outdated.

        One that was quarantined meanwhile stays there: with the slots of this share done it would count as
        scored by all.
        """
        where = {} if share.is_all else {"set_aside": None}
        await update_by_ids(self._resumes, object_ids(ids), repeated(datetime.now(UTC), share), where=where)

    async def pending_for(
        self, share: Share, *, since: datetime | None, until: datetime
    ) -> AsyncGenerator[list[str], None]:
        """Ids of resumes that wait for a share, some at a time, of each time those that wait longest first.

        Each is given once. One that begins to wait again meanwhile does so after `until`.

        Args:
            share: Whose feeds are to score them.
            since: From when on they wait; None for ever.
            until: Until when they began to wait.
        """
        mine = {"$or": [{"todo": None}, {"todo": {"$bitsAnySet": list(share.slots)}}]}
        found = self._queued(since or spans.BEGINNING, until, {} if share.is_all else mine)
        async with aclosing(found) as parts:
            async for rows in parts:
                yield [str(row["_id"]) for row in rows]

    async def waiting(self, since: datetime, until: datetime) -> AsyncGenerator[list[WaitingResume], None]:
        """The resumes that wait, whoever is to score them: some at a time, the latest times first.

        Each is given once, and of each time those that wait longest first. One that begins to wait again
        meanwhile, or goes to the end of the queue, may be left out: it waits from a later time on.

        Args:
            since: From when on they wait.
            until: Until when they began to wait.
        """
        async with aclosing(self._queued(since, until)) as parts:
            async for rows in parts:
                yield [WaitingResume(str(row["_id"]), row["queued_at"], _slots(row)) for row in rows]

    async def _queued(
        self, since: datetime, until: datetime, beside: Mapping[str, Any] = {}
    ) -> AsyncGenerator[list[dict[str, Any]], None]:
        """What waits since a time between two, some at a time; `beside` as in `spans.before`."""
        found = spans.before(
            self._resumes,
            "queued_at",
            until + timedelta(milliseconds=1),
            where={"pending": True},
            fields={"queued_at": 1, "todo": 1},
            beside=beside,
            since=since,
            first=spans.EVER,
            longest_ms=_LONGEST_MS,
        )
        async with aclosing(found) as parts:
            async for rows in parts:
                yield sorted(rows, key=itemgetter("queued_at"))

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
    tries: Mapping[str, Any] = document.get("tries", {})
    return StoredResume(
        id=str(document["_id"]),
        rev=document["rev"],
        repeats=document.get("repeats", 0),
        arrived_at=document["arrived_at"],
        pending=document.get("pending", False),
        todo=_todo(document),
        queued_at=document.get("queued_at", _NEVER),
        send_to=[str(feed) for feed in document["send_to"]],
        partner_for=[str(feed) for feed in document["partner_for"]],
        body=document.get("body", {}),
        contact=document.get("contact", {}),
        claimed_by=[document.get("begun_by", []), *(one.get("begun_by", []) for one in tries.values())],
        is_quarantined=document.get("set_aside", False),
    )


def _todo(document: Mapping[str, Any]) -> int:
    return _slots(document) if document.get("pending") else 0


def _slots(document: Mapping[str, Any]) -> int:
    """The slots that are to score what waits."""
    return int(document.get("todo", EVERY_SLOT))
