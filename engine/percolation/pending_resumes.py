"""What a process is to score now, of resumes that it was told of: read with as little as that takes.

    found = await pending.load(resume_ids)
    await percolator.score(found.resumes, found.made)

One share prepares a resume, its *owner*, which covers the resume's id; the others score the profile that the
owner has stored, and never read the text. Whether the owner is through is told by the resume's own slot in
`todo`, which the owner alone takes off, last.

A dead owner holds nobody up. While no process of its share is seen, the next share stands in for it; and a
resume that was not prepared for long is prepared by whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from store.redis.queue import WorkQueue
from store.resumes.profiles import Profiles, StoredProfile
from store.resumes.resume_values import StoredResume
from store.resumes.resumes import Resumes
from store.shards.shares import Share, Team

_OWNER_PATIENCE = timedelta(seconds=30)
"""How long a resume waits for an owner that is seen and does not come to it. An owner that was killed by it
is back after some seconds, claims it and may set it aside, before the resume kills the other shares too."""


class Pending(msgspec.Struct, frozen=True):
    """Resumes to score.

    Attributes:
        resumes: In the order in which they were asked for.
        made: Of those that others have prepared, the profile; these resumes are without text.
    """

    resumes: list[StoredResume]
    made: dict[str, StoredProfile] = {}


class PendingResumes:
    """Reads for the scorer of one process. Belongs to one event loop.

    Args:
        resumes: Where resumes are.
        profiles: Where their profiles are.
        queue: Knows this process's share, and which others are there.
        version: The rules whose profiles are of use.
    """

    def __init__(self, resumes: Resumes, profiles: Profiles, queue: WorkQueue, version: str) -> None:
        self._resumes = resumes
        self._profiles = profiles
        self._queue = queue
        self._version = version

    async def load(self, resume_ids: Sequence[str]) -> Pending:
        """Read those of some resumes that this process's share is to score, and can score now.

        A delivery may be late: the sweep, or another process, may have scored its resume.
        """
        share = self._queue.share
        own = [id_ for id_ in resume_ids if share.covers(id_)]
        found = {one.id: one for one in await self._resumes.load(own) if _waits(one, share)}
        made: dict[str, StoredProfile] = {}
        if others := [id_ for id_ in resume_ids if not share.covers(id_)]:
            brief = [one for one in await self._resumes.load_briefly(others) if _waits(one, share)]
            made = await self._made(brief)
            found |= {one.id: one for one in brief if one.id in made}
            team = await self._queue.team()
            orphans = [one.id for one in brief if one.id not in made and self._stands_in(one, team)]
            found |= {one.id: one for one in await self._resumes.load(orphans) if _waits(one, share)}
        return Pending([found[id_] for id_ in resume_ids if id_ in found], made)

    async def _made(self, resumes: Sequence[StoredResume]) -> dict[str, StoredProfile]:
        """The profiles of those that are prepared, at the revision that is scored."""
        known = {one.id: one for one in resumes}
        made = {}
        for stored in await self._profiles.load(list(known)):
            resume = known[stored.resume]
            # Since it was made the resume may have been queued once more, as the same.
            is_same = resume.content_rev <= stored.rev <= resume.rev
            if is_same and stored.version == self._version:
                made[resume.id] = msgspec.structs.replace(stored, rev=resume.rev)
        return made

    def _stands_in(self, resume: StoredResume, team: Team) -> bool:
        """Whether this process prepares a resume that is another share's, which has not done it."""
        if resume.queued_at < datetime.now(UTC) - _OWNER_PATIENCE:
            return True
        share = self._queue.share
        # One that somebody claims may have ended its owner.
        is_free = not any(resume.claimed_by)
        return is_free and team.count == share.count and team.share_for(resume.id) == share


def _waits(resume: StoredResume, share: Share) -> bool:
    return bool(resume.pending and resume.todo & share.mask)
