"""Preparation: from resumes as they were sent to what is scored.

    prepared = await preparation.prepare(resumes)

It is found out who is one person with whom and who looks like it, and profiles are made. All of it is
idempotent. Who scores the profiles and stores them is `percolator`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.indexes.profiles import stored_profile
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.percolation.quarantine import PoisonGuard
from runtime.lanes import both
from runtime.slices import Slices
from store.resumes.profiles import StoredProfile
from store.resumes.resume_values import StoredResume
from store.stores import Stores


class Prepared(msgspec.Struct, frozen=True):
    """A resume with its profile.

    Attributes:
        resume: As it was read.
        stored: Its profile as it is stored, at the same revision.
        profile: The same, decoded.
    """

    resume: StoredResume
    stored: StoredProfile
    profile: ResumeProfile


class Preparation:
    """Prepares resumes in one process. Belongs to one event loop."""

    def __init__(self, stores: Stores, analyzer: Analyzer, guard: PoisonGuard) -> None:
        self._contacts = stores.contacts
        self._persons = stores.persons
        self._lookalikes = stores.lookalikes
        self._analyzer = analyzer
        self._guard = guard

    async def prepare(self, resumes: Sequence[StoredResume]) -> list[Prepared]:
        """Prepare resumes with their texts. One that cannot be analysed is the guard's, and left out."""
        if not resumes:
            return []
        prepared = await self._analyse(resumes)
        found = await self._contacts.comparable([resume.id for resume in resumes])
        keys = {id_: keys for id_, (keys, _) in found.items()}
        likenesses = {id_: likeness for id_, (_, likeness) in found.items()}
        changed = [resume.id for resume in resumes if resume.rev > 1]
        await both(self._persons.came(keys), self._lookalikes.settle(likenesses, changed))
        return prepared

    async def _analyse(self, resumes: Sequence[StoredResume]) -> list[Prepared]:
        prepared: list[Prepared] = []
        slices = Slices()
        for resume in resumes:
            try:
                profile = self._analyzer.resume(resume.body, resume.arrived_at)
                stored = stored_profile(resume, profile, self._analyzer.version)
                prepared.append(Prepared(resume, stored, profile))
            except Exception as error:  # noqa: BLE001 - whatever one text does, its neighbours go on
                await self._guard.failed(resume, error)
            await slices.rest()
        return prepared
