"""A feed as a recruiter wrote it: what `Analyzer.feed` takes."""

from __future__ import annotations

import msgspec

from store.feeds import FeedForm


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


def spec_of(form: FeedForm) -> FeedSpec:
    """What of a form the engine scores by."""
    return FeedSpec(
        title=form.title,
        job_desc=form.job_desc,
        keywords=tuple(form.keywords),
        skill_required=form.skill_required,
        salary_min=form.salary_min,
        salary_max=form.salary_max,
        talent_level=tuple(form.talent_level),
        expect_area=tuple(form.expect_area),
        company_prefer=tuple(choice.name for choice in form.company_prefer),
        job_domain=tuple(choice.name for choice in form.job_domain),
    )
