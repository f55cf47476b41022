"""What a process is to score now, of resumes that it was told of: read with as little as that takes.

    found = await pending.load(resume_ids)
    await percolator.score(found.resumes, found.made)

One share prepares a resume, its *owner*, which covers the resume's id; the others score the profile that the
owner has stored, and never read the text. Whether the owner is through is told by the resume's own slot in
`todo`, which the owner alone takes off, last.

A dead owner holds nobody up. While no process of its share is seen, the next share stands in for it. Where
whoever is to prepare resumes has prepared none for long, the next one does, and later the one after that. One
that prepares others meanwhile is only late, and left to itself: its work would be done a second time, with
time that everybody needs for their own.
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
"""How long a resume waits for a share that is seen and prepares nothing, until the next one prepares it. With
less, one that a busy machine holds up would have its work done twice; with more, feeds would wait longer for
a share that hangs."""

_CLAIMED_PATIENCE = timedelta(minutes=5)
"""How much longer one waits that somebody has claimed, and that may have ended its owner. The owner is back
after 5 to 80 seconds, and may set it aside after some such starts, before it ends processes of other shares
too. More would only hold up what an owner had claimed that is gone for good."""


class Pending(msgspec.Struct, frozen=True):
    """Resumes to score.

    Attributes:
        resumes: In the order in which they were asked for.
        made: Of those that others have prepared, the profile; these resumes are without text.
        taken_over: Whether some are another share's that may have ended over them.
        is_left: Whether others are left to a share that is late with them, and may end before it does them.
    """

    resumes: list[StoredResume]
    made: dict[str, StoredProfile] = {}
    taken_over: bool = False
    is_left: bool = False


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
        # When each share was last seen to have prepared something. It may be seen late, as a long sweep reads
        # nothing from the stream meanwhile; then the next share does a little of its work twice.
        self._prepared_at: dict[Share, datetime] = {}

    async def load(self, resume_ids: Sequence[str]) -> Pending:
        """Read those of some resumes that this process's share is to score, and can score now.

        A delivery may be late: the sweep, or another process, may have scored its resume.
        """
        share = self._queue.share
        own = [id_ for id_ in resume_ids if share.covers(id_)]
        found = {one.id: one for one in await self._resumes.load(own) if _waits(one, share)}
        made: dict[str, StoredProfile] = {}
        taken_over = is_left = False
        if others := [id_ for id_ in resume_ids if not share.covers(id_)]:
            brief = [one for one in await self._resumes.load_briefly(others) if _waits(one, share)]
            profiles = await self._profiles_of(brief)
            made = {id_: stored for id_, stored in profiles.items() if stored.version == self._version}
            found |= {one.id: one for one in brief if one.id in made}
            team = await self._queue.team()
            now = datetime.now(UTC)
            self._prepared_at |= {team.share_for(id_): now for id_ in made}
            orphans: list[str] = []
            for one in brief:
                if one.id in made:
                    continue
                if self._stands_in(one, team, now, is_read=one.id in profiles):
                    orphans.append(one.id)
                    taken_over |= one.id not in profiles
                elif not any(one.claimed_by):
                    is_left |= now > one.queued_at + _OWNER_PATIENCE
            found |= {one.id: one for one in await self._resumes.load(orphans) if _waits(one, share)}
        resumes = [found[id_] for id_ in resume_ids if id_ in found]
        return Pending(resumes, made, taken_over=taken_over, is_left=is_left)

    async def _profiles_of(self, resumes: Sequence[StoredResume]) -> dict[str, StoredProfile]:
        """The profiles of those that are prepared by whatever rules, at the revision that is scored."""
        known = {one.id: one for one in resumes}
        found = {}
        for stored in await self._profiles.load(list(known)):
            resume = known[stored.resume]
            # Since it was made the resume may have been queued once more, as the same.
            if resume.content_rev <= stored.rev <= resume.rev:
                found[resume.id] = msgspec.structs.replace(stored, rev=resume.rev)
        return found

    def _stands_in(self, resume: StoredResume, team: Team, now: datetime, *, is_read: bool) -> bool:
        """Whether this process prepares a resume that is another share's, which has not done it.

        Args:
            resume: The resume.
            team: The shares that are there.
            now: The time.
            is_read: Whether there is a profile of other rules: whoever has made that makes none of ours.
        """
        if is_read:
            return now > resume.queued_at + _OWNER_PATIENCE
        before = team.before(self._queue.share, resume.id)
        if any(resume.claimed_by):
            return now > resume.queued_at + _CLAIMED_PATIENCE + before * _OWNER_PATIENCE
        if not before:
            return True
        at_work = self._prepared_at.get(team.share_for(resume.id), resume.queued_at)
        return now > max(resume.queued_at, at_work) + before * _OWNER_PATIENCE


def _waits(resume: StoredResume, share: Share) -> bool:
    return bool(resume.pending and resume.todo & share.mask)
