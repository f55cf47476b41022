"""A stored form as `engine.matching`, which knows no store, reads it."""

from __future__ import annotations

from engine.matching.feed_spec import FeedSpec
from store.feed_documents import FeedForm


def spec_of(form: FeedForm) -> FeedSpec:
    """What of a form the matching scores by; the rest, such as benefits, is only shown."""
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
        breadth=form.breadth,
        occupations=tuple(form.occupations),
    )
