"""A feed as a recruiter wrote it: what `Analyzer.feed` takes."""

from __future__ import annotations

import msgspec


class Requirements(msgspec.Struct, frozen=True):
    """What a feed requires; empty for nothing.

    Attributes:
        degree: At least this one, a name of `degrees.DEGREE_NAMES`.
        years_min, years_max: Whole years of work.
        certificates: As the recruiter calls them.
        licence: A class of driving licence, a key of `credentials.LICENCES`.
        languages: Languages, or certificates of them.
        must: Names of those of these fields that are more than a wish.
    """

    degree: str = ""
    years_min: int | None = None
    years_max: int | None = None
    certificates: tuple[str, ...] = ()
    licence: str = ""
    languages: tuple[str, ...] = ()
    must: tuple[str, ...] = ()


class FeedSpec(msgspec.Struct, frozen=True):
    """A saved job description, or as much of it as matching looks at.

    Attributes:
        title: The position.
        job_desc: The description, as long as it is.
        keywords: Keywords, the recruiter's own spelling.
        skill_required: Further requirements, read as part of the description.
        salary_min, salary_max: Yuan a month; 0 to 1,000,000 when negotiable.
        talent_level: Level words.
        expect_area: Cities or other places; empty for anywhere.
        company_prefer: Names, not ids, of preferred schools and companies.
        job_domain: Names, not ids, of industries.
        occupations: Ids of the occupations that were chosen; empty for what title and text say.
        breadth: How likely a match must be to count as strong: a key of `score.tiers.CUTS`.
        requirements: They change no score.
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
    occupations: tuple[str, ...] = ()
    breadth: str = "balanced"
    requirements: Requirements = Requirements()
