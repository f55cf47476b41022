"""A feed's form as `edit_feed` gives it back. How it is taken and checked is in `feed_form`."""

from __future__ import annotations

import msgspec

from handlers.api.contract import Shape
from handlers.feeds.occupations import OccupationView
from handlers.feeds.options import Category, Option, categories, chosen, company_fields
from runtime.decoding import OptionalId
from store.accounts.accounts import Account
from store.feeds.feed_documents import Breadth, Feed, FeedForm


class CompanyView(Shape):
    """The account's company; empty texts where nothing is known."""

    company_name: str
    categroys: list[Category]
    url: str = ""
    product_url: str = ""
    company_stage: str = ""
    key_points: str = ""
    desc: str = ""


class RequirementsView(Shape):
    """What a feed requires of people: what is not required is empty, or null.

    Attributes:
        degree: At least this one.
        years_min: Whole years of work.
        years_max: The same.
        must: Names of the fields that are more than a wish.
    """

    degree: str
    years_min: int | None
    years_max: int | None
    certificates: list[str]
    licence: str
    languages: list[str]
    must: list[str]


class FeedView(Shape):
    """A feed's form; that of a new one is empty.

    Attributes:
        id: Empty for a new one.
        salary_min: Yuan a month.
        salary_max: Yuan a month.
        breadth: How likely a match must be to count as strong.
        occupations: Those that were chosen; empty where title and text decide.
        requirements: What people must have, or should.
        paused: Nothing is scored for it until it goes on.
    """

    id: OptionalId
    title: str
    job_desc: str
    skill_required: str
    keywords: list[str]
    salary_min: int
    salary_max: int
    talent_level: list[str]
    expect_area: list[str]
    job_welfare: list[str]
    company_prefer: list[Option]
    job_domain: list[Category]
    analyze_job_domain: list[Category]
    breadth: Breadth
    occupations: list[OccupationView]
    requirements: RequirementsView
    company: CompanyView
    paused: bool = False


def feed_view(
    feed: Feed | None, form: FeedForm, account: Account, occupations: list[OccupationView]
) -> FeedView:
    """The form of a feed, which is None for a new one; `occupations` are those that it chose.

    The company is the account's, but for its domains where the feed names its own.
    """
    company = company_fields(account.company)
    if form.categorys:
        company["categroys"] = categories(form.categorys)
    return FeedView(
        id=feed.id if feed else "",
        title=form.title,
        job_desc=form.job_desc,
        skill_required=form.skill_required,
        keywords=form.keywords,
        salary_min=form.salary_min,
        salary_max=form.salary_max,
        talent_level=form.talent_level,
        expect_area=form.expect_area,
        job_welfare=form.job_welfare,
        company_prefer=chosen(form.company_prefer),
        job_domain=categories(form.job_domain),
        analyze_job_domain=categories(form.analyze_job_domain),
        breadth=form.breadth,
        occupations=occupations,
        requirements=RequirementsView(**msgspec.structs.asdict(form.requirements)),
        paused=feed is not None and feed.paused,
        company=CompanyView(company_name=account.company_name, **company),
    )
