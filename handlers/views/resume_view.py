"""A resume as clients see it.

The fields and their texts are those of `store.resumes.resume_record`. The types here only add the id, and say
for the description of the API that an answer has every field and no other.
"""

from __future__ import annotations

import msgspec

from handlers.api.contract import Shape
from runtime.decoding import Id
from store.resumes.resume_record import Education, JobTarget, Resume, ResumeFields, Work


class JobTargetView(JobTarget, Shape):
    """What the candidate looks for; empty texts where nothing is known."""


class EducationView(Education, Shape):
    """One school."""


class WorkView(Work, Shape):
    """One job."""


class ResumeView(ResumeFields[JobTargetView, EducationView, WorkView], Shape, kw_only=True):
    """A resume without its contact; empty texts where nothing is known."""

    id: Id


def resume_view(resume_id: str, resume: Resume) -> ResumeView:
    """A resume with its id."""
    # Its parts stay the store's own types. They have the same fields as their views, and are encoded alike.
    return ResumeView(id=resume_id, **msgspec.structs.asdict(resume))
