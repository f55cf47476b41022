"""The resume record: the one definition of what is stored of a resume and shown of it, without the contact.

Every field has a default. `Resumes.bodies` fills these types from what is stored, so a field that is added
here has its default in resumes that were stored before. What follows from this definition:

* `intake.record` derives what a sender may send, with bounds for each kind of text and number;
* `handlers/views/resume_view.py` shows the fields in answers;
* the engine analyses the stored document as it is, and expects no field to be there.

Fields are spelled as in the API document (`compnay_name`), and answers have them in the order of this file.
"""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

import msgspec

# Kinds of values. The word in `Annotated` only tells them apart: reading checks the type alone, because a
# bound that becomes stricter must not make a stored resume unreadable. The bounds are in `intake.record`.
Text = Annotated[str, "text"]
Date = Annotated[str, "date"]
Time = Annotated[str, "time"]
Amount = Annotated[int | float | str, "amount"]
Years = Annotated[int | float | str, "years"]
Age = Annotated[int | None, "age"]


class JobTarget(msgspec.Struct):
    """What the candidate looks for.

    Attributes:
        salary: Yuan a month: a number, or a text as people write it: `8000-12000`, `1万5`, `日结400`, `面议`.
        enroll_time: `YYYY-MM-DD HH:MM:SS`; may be sent as `YYYY-MM-DD`, which is midnight.
    """

    job_career: Text = ""
    salary: Amount = ""
    job_category: Text = ""
    job_hunting_state: Text = ""
    job_industry: Text = ""
    enroll_time: Time = ""
    expectation_area: Text = ""


class Education(msgspec.Struct):
    """One school.

    Attributes:
        start_time: A date as people write it: `2019`, `2019-03`, `2017/7`, `2019年3月`, `至今`, `Present`.
        end_time: A date as people write it: `2019`, `2019-03`, `2017/7`, `2019年3月`, `至今`, `Present`.
    """

    school: Text = ""
    start_time: Date = ""
    end_time: Date = ""
    degree: Text = ""
    major: Text = ""


class Work(msgspec.Struct):
    """One job.

    Attributes:
        salary: Yuan a month: a number, or a text as people write it.
        start_time: A date as people write it: `2019`, `2019-03`, `2017/7`, `2019年3月`, `至今`, `Present`.
        end_time: A date as people write it: `2019`, `2019-03`, `2017/7`, `2019年3月`, `至今`, `Present`.
    """

    salary: Amount = ""
    company_category: Text = ""
    start_time: Date = ""
    position_category: Text = ""
    company_scale: Text = ""
    compnay_name: Text = ""
    industry_category: Text = ""
    position_title: Text = ""
    job_desc: Text = ""
    duration: Text = ""
    end_time: Date = ""


TargetT = TypeVar("TargetT")
EducationT = TypeVar("EducationT")
WorkT = TypeVar("WorkT")


class ResumeFields(msgspec.Struct, Generic[TargetT, EducationT, WorkT]):
    """A resume without its contact; empty texts where nothing is known.

    It is generic in its parts because answers describe these by types of their own.

    Attributes:
        age: null where it is not known.
        work_years: A number, or a text as people write it: `5年`, `3-5年`, `应届`.
        last_contact: `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai; may be sent as `YYYY-MM-DD`, which is midnight.
    """

    job_target: TargetT = msgspec.field(default_factory=JobTarget)  # type: ignore[assignment]
    education: list[EducationT] = []
    works: list[WorkT] = []
    address: Text = ""
    gender: Text = ""
    age: Age = None
    self_evaluation: Text = ""
    work_years: Years = ""
    hr_evaluate: Text = ""
    last_contact: Time = ""


Resume = ResumeFields[JobTarget, Education, Work]
"""A resume as it is stored."""
