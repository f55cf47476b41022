"""`POST /special_feed/read/`: the form of a feed as a pasted posting fills it in. Nothing is saved.

The reading is `intake.posting`'s; here is what of it goes into the form.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec

from handlers.api.base import ApiHandler
from handlers.api.contract import Contract, Ok, Shape
from handlers.feeds.feed_view import RequirementsView
from handlers.feeds.options import OptionLists
from intake.posting import FormOptions, PostingReader, ReadPosting
from intake.posting.lines import MAX_CHARS

Unset = msgspec.UnsetType


class PastedPosting(msgspec.Struct, kw_only=True):
    """A posting as it was pasted.

    Attributes:
        text: Of 1 to 20,000 characters; a page's menus and footers may be in it.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_CHARS)]


class ReadForm(Shape):
    """What the posting says, as `submit_feed` takes it. What it does not say is left out.

    Attributes:
        title: The position.
        keywords: At most 10, in the posting's own spelling.
        expect_area: Cities of the form's list.
        salary_min: Yuan a month; 0 with a `salary_max` of 1000000 where the posting says 面议.
        salary_max: Yuan a month.
        talent_level: Levels that the title names, else those that the years of work usually bring.
        job_desc: What the work is.
        skill_required: What is asked for. Degree and years that stand elsewhere are its first line, by which
            they count.
        job_welfare: Benefits of the form's list.
        job_domain: Ids of the form's list.
        requirements: What people must have, or should; what is asked for plainly is in `must`.
    """

    title: str | Unset = msgspec.UNSET
    keywords: list[str] | Unset = msgspec.UNSET
    expect_area: list[str] | Unset = msgspec.UNSET
    salary_min: int | Unset = msgspec.UNSET
    salary_max: int | Unset = msgspec.UNSET
    talent_level: list[str] | Unset = msgspec.UNSET
    job_desc: str | Unset = msgspec.UNSET
    skill_required: str | Unset = msgspec.UNSET
    job_welfare: list[str] | Unset = msgspec.UNSET
    job_domain: list[int] | Unset = msgspec.UNSET
    requirements: RequirementsView | Unset = msgspec.UNSET


class ReadSources(Shape):
    """The piece of the posting that each field was read from, shortened; salaries have one."""

    title: str | Unset = msgspec.UNSET
    keywords: str | Unset = msgspec.UNSET
    expect_area: str | Unset = msgspec.UNSET
    salary: str | Unset = msgspec.UNSET
    talent_level: str | Unset = msgspec.UNSET
    job_desc: str | Unset = msgspec.UNSET
    skill_required: str | Unset = msgspec.UNSET
    requirements: str | Unset = msgspec.UNSET
    job_welfare: str | Unset = msgspec.UNSET
    job_domain: str | Unset = msgspec.UNSET
    degree: str | Unset = msgspec.UNSET
    years: str | Unset = msgspec.UNSET


class AskedYears(Shape):
    """Years of work; no `most` where there is no bound."""

    least: int
    most: int | Unset = msgspec.UNSET


class OtherPosting(Shape):
    """A further posting in the text, which may be read by itself; `title` may be empty."""

    title: str
    text: str


class PostingAnswer(Ok, rename={"sources": "from"}):
    """What was read; of several postings the first.

    Attributes:
        data: What the form takes.
        degree: The lowest degree that will do: 初中, 高中, 大专, 本科, 硕士 or 博士.
        years: Years of work that are asked for.
        from: What each of these was read from.
        others: The further postings.
        jobs: What the form takes of each of several postings, the first too; empty where there is one.
    """

    data: ReadForm
    sources: ReadSources
    others: list[OtherPosting]
    jobs: list[ReadForm]
    degree: str | Unset = msgspec.UNSET
    years: AskedYears | Unset = msgspec.UNSET


class ReadPostingHandler(ApiHandler):
    """`POST /special_feed/read/`."""

    contract = Contract("Read a pasted posting into a feed's form", body=PastedPosting, answer=PostingAnswer)
    methods = ("POST",)
    changes_state = False

    form: PastedPosting
    postings: PostingReader

    async def handle(self) -> None:
        """Nothing is saved, and nothing is made up. A text that says nothing is `ok` with empty `data`."""
        # An ordinary posting takes a millisecond or two, the worst text a quarter of a second.
        read = await asyncio.to_thread(self.postings.read, self.form.text)
        others = [OtherPosting(title, text) for title, text in read.others]
        jobs = [_form(one) for one in read.jobs]
        self.ok(
            data=_form(read), sources=ReadSources(**read.sources), others=others, jobs=jobs, **_asked(read)
        )


def options_of(lists: OptionLists) -> FormOptions:
    """What postings are read into."""
    return FormOptions(
        cities=frozenset(city.name for area in lists.areas for city in area.cities),
        levels=frozenset(lists.talent_level.values()),
        benefits=frozenset(lists.job_welfare),
        domains=lists.job_domain,
    )


def _form(read: ReadPosting) -> ReadForm:
    given = msgspec.structs.asdict(read.requirements)
    low, high = read.salary or (msgspec.UNSET, msgspec.UNSET)
    return ReadForm(
        title=read.title or msgspec.UNSET,
        keywords=read.keywords or msgspec.UNSET,
        expect_area=read.expect_area or msgspec.UNSET,
        salary_min=low,
        salary_max=high,
        talent_level=read.talent_level or msgspec.UNSET,
        job_desc=read.job_desc or msgspec.UNSET,
        skill_required=read.skill_required or msgspec.UNSET,
        job_welfare=read.job_welfare or msgspec.UNSET,
        job_domain=read.domains or msgspec.UNSET,
        requirements=RequirementsView(**given) if any(given.values()) else msgspec.UNSET,
    )


def _asked(read: ReadPosting) -> dict[str, str | AskedYears]:
    asked: dict[str, str | AskedYears] = {}
    if read.degree:
        asked["degree"] = read.degree
    if read.years:
        least, most = read.years
        asked["years"] = AskedYears(least, msgspec.UNSET if most is None else most)
    return asked
