"""Profiles of stored resumes by the rules of this process: read where they are stored, else made on the spot.

    found = await profiles.load(resume_ids)

The worker makes and stores the profile of every resume that arrives. After an upgrade of the rules the stored
ones are of other rules until it has come round to them. Who cannot wait for that asks here. What is made here
is not stored: that is left to the worker, whose order of writes others rely on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from runtime.slices import Slices
from store.resumes.profiles import Profiles, StoredProfile
from store.resumes.resume_values import StoredResume
from store.resumes.resumes import Resumes

logger = logging.getLogger(__name__)


class CurrentProfiles:
    """Profiles of this process's rules. Belongs to one event loop."""

    def __init__(self, profiles: Profiles, resumes: Resumes, analyzer: Analyzer) -> None:
        self._profiles = profiles
        self._resumes = resumes
        self._analyzer = analyzer

    async def load(self, resume_ids: Sequence[str]) -> list[StoredProfile]:
        """The resumes' profiles of our rules, whatever revision of the resume a stored one is of.

        Resumes that are gone, set aside or cannot be analysed are left out.
        """
        stored = await self._of_our_rules(resume_ids)
        return await self._complete(resume_ids, stored)

    async def load_settled(self, resume_ids: Sequence[str]) -> list[StoredProfile]:
        """As `load`, but a stored one is used only if it is of the revision that is scored.

        For resumes that may be changing. Otherwise the profile is made anew from the resume as it is.
        """
        stored = await self._of_our_rules(resume_ids)
        states = await self._resumes.states(list(stored))
        settled = {id_: one for id_, one in stored.items() if id_ in states and states[id_].has(one.rev)}
        return await self._complete(resume_ids, settled)

    async def _of_our_rules(self, resume_ids: Sequence[str]) -> dict[str, StoredProfile]:
        found = await self._profiles.load(resume_ids)
        return {one.resume: one for one in found if one.version == self._analyzer.version}

    async def _complete(
        self, resume_ids: Sequence[str], usable: dict[str, StoredProfile]
    ) -> list[StoredProfile]:
        """Add to the usable profiles those that have to be made; all in the order of `resume_ids`."""
        complete = dict(usable)
        slices = Slices()
        for resume in await self._resumes.load([id_ for id_ in resume_ids if id_ not in usable]):
            if resume.is_quarantined:
                continue  # analysing it may end the process, see `quarantine`
            try:
                profile = self._analyzer.resume(resume.body, resume.arrived_at)
            except Exception as error:  # noqa: BLE001 - one resume must not spoil the work on the others
                name = type(error).__name__
                logger.error("resume %s cannot be analysed: %s", resume.id, name)
                continue
            complete[resume.id] = stored_profile(resume, profile, self._analyzer.version)
            await slices.rest()
        return [complete[id_] for id_ in resume_ids if id_ in complete]


def stored_profile(resume: StoredResume, profile: ResumeProfile, version: str) -> StoredProfile:
    """A resume's profile as it is stored, made by the rules of `version`."""
    return StoredProfile(
        resume=resume.id,
        rev=resume.rev,
        arrived_at=resume.arrived_at,
        send_to=resume.send_to,
        partner_for=resume.partner_for,
        key_terms=list(profile.key_terms),
        data=profile.encode(),
        version=version,
        places=list(profile.places),
    )
