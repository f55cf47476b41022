"""A feed as a recruiter wrote it: what `Analyzer.feed` takes."""

from __future__ import annotations

import msgspec


class FeedSpec(msgspec.Struct, frozen=True):
    """A saved job description. Salaries are yuan a month; 0..1000000 means negotiable.

    `company_prefer` and `job_domain` are names, not ids.
    """

    title: str
    job_desc: str = ""
    keywords: tuple[str, ...] = ()
    skill_required: str = ""
    salary_min: int = 0
    salary_max: int = 1_000_000
    talent_level: tuple[str, ...] = ()
    expect_area: tuple[str, ...] = ()
    company_prefer: tuple[str, ...] = ()
    job_domain: tuple[str, ...] = ()
