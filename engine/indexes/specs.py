"""A stored form as `engine.matching`, which knows no store, reads it."""

from __future__ import annotations

import functools
import logging

from engine.matching.analysis.analyzer import Analyzer
from engine.matching.feed_spec import FeedSpec, Requirements
from engine.matching.understood import Understood
from store.feeds.feed_documents import FeedForm, FeedRequirements

logger = logging.getLogger(__name__)

_KEPT = 1_000
"""Forms of which it is remembered what was understood: some MB at most. It is told with every page of a list,
and takes 0.15 ms to find out."""


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
        requirements=_requirements_of(form.requirements),
    )


def _requirements_of(given: FeedRequirements) -> Requirements:
    return Requirements(
        degree=given.degree,
        years_min=given.years_min,
        years_max=given.years_max,
        certificates=tuple(given.certificates),
        licence=given.licence,
        languages=tuple(given.languages),
        must=tuple(given.must),
    )


def understood_of(analyzer: Analyzer, form: FeedForm) -> Understood:
    """What is understood of a form; nothing of one that cannot be read, which can be edited all the same."""
    try:
        return _understood(analyzer, spec_of(form))
    except Exception as error:  # noqa: BLE001 - any text may be in a form, as for `active_feeds.read_feed`
        logger.error("a form cannot be understood: %s", type(error).__name__)
        return Understood(ask=True)


@functools.lru_cache(_KEPT)
def _understood(analyzer: Analyzer, spec: FeedSpec) -> Understood:
    return analyzer.understood(spec)
