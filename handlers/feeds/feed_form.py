"""The form of a feed as `submit_feed` and `preview` take it, and the check of its contents.

There are two kinds of limits. Those in the types are wide and protect the server: a body beyond them is HTTP
400. Those in `check_form` are what a recruiter may run into: they are answered as `form_error`, with the
errors of all fields at once. The form as it is given back is in `feed_view`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast, get_args

import msgspec

from engine.matching.lexicon.experience import MAX_YEARS
from engine.matching.lexicon.salary import MAX_YUAN
from engine.matching.understood import MAX_CHOSEN, Occupation
from handlers.api.contract import Truth
from handlers.feeds.options import OptionLists
from runtime.decoding import Errors, OptionalId
from store.feeds.feed_documents import Breadth, Choice, FeedForm, FeedRequirements

MAX_GIVEN_KEYWORDS = 15
"""Keywords that a recruiter may give. The interface promises so many; with more, each would say less. A
query takes more, as it adds the skills that the text names, see `engine.matching.feed_query.MAX_NAMED`."""

REQUIRED = {
    "degree": "学历",
    "years_min": "最少年限",
    "years_max": "最多年限",
    "certificates": "证书",
    "licence": "驾照",
    "languages": "语言",
}
"""The requirements, as recruiters read their names."""
ASKED_DEGREES = ("大专", "本科", "硕士", "博士")
ASKED_LICENCES = ("A1", "A2", "B1", "B2", "C1", "C2")
MAX_REQUIRED_CHARS = 50
_MOST_OPTIONS = 20
_LISTS = {"certificates": 10, "languages": 5}

Money = Annotated[int, msgspec.Meta(ge=0, le=MAX_YUAN)]
# Wide bounds: what a recruiter fills in by hand stays far below them.
Texts = Annotated[list[str], msgspec.Meta(max_length=200)] | Annotated[str, msgspec.Meta(max_length=20_000)]
# An id that no list has is a `form_error`, so this only keeps out what is no id at all.
OptionId = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class OptionRow(msgspec.Struct):
    """An option as clients send it back: `{id, name}` or `{id, category}`."""

    id: OptionId
    name: str = ""
    category: str = ""


Chosen = (
    Annotated[list[OptionId | OptionRow], msgspec.Meta(max_length=200)]
    | Annotated[str, msgspec.Meta(max_length=2_000)]
)


class OccupationRow(msgspec.Struct):
    """An occupation as clients send it back."""

    id: str
    name: str = ""
    weight: float = 0.0


Occupations = (
    Annotated[list[str | OccupationRow], msgspec.Meta(max_length=200)]
    | Annotated[str, msgspec.Meta(max_length=2_000)]
)


Years = Annotated[int, msgspec.Meta(ge=0, le=1_000)]


class SubmittedRequirements(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a feed requires of people; left out or empty for nothing. It changes no score.

    Attributes:
        degree: At least this one of `大专`, `本科`, `硕士`, `博士`.
        years_min: Whole years of work, at most 50.
        years_max: The same.
        certificates: At most 10, of at most 50 characters each, as people call them.
        licence: A class of driving licence: `A1`, `A2`, `B1`, `B2`, `C1` or `C2`, or a higher one.
        languages: At most 5, of at most 50 characters each: languages, or certificates such as `CET-6`.
        must: Names of those of these fields that are more than a wish: who does not meet one is `possible`.
    """

    degree: Annotated[str, msgspec.Meta(max_length=100)] = ""
    years_min: Years | None = None
    years_max: Years | None = None
    certificates: Texts = []
    licence: Annotated[str, msgspec.Meta(max_length=100)] = ""
    languages: Texts = []
    must: Texts = []


class SubmittedFeed(msgspec.Struct, kw_only=True):
    """A feed's form. Lists of texts may be one text with commas instead.

    Attributes:
        feed_id: The feed that is edited; left out for a new one.
        title: The position; required, at most 100 characters.
        job_desc: At most 20,000 characters.
        keywords: At most 15, of at most 50 characters each.
        skill_required: At most 5,000 characters.
        salary_min: Yuan a month; with a `salary_max` of 1000000, 0 means negotiable.
        salary_max: Yuan a month.
        talent_level: At most 10.
        expect_area: Cities, at most 30.
        job_welfare: At most 30.
        company_prefer: Ids of options, or the options themselves, at most 20.
        job_domain: Ids of options, or the options themselves, at most 20.
        categorys: The company's domains, as in `job_domain`.
        analyze_job_domain: As in `job_domain`.
        breadth: How likely a match must be to count as strong: `strict`, `balanced` or `broad`.
        client_id: A new feed's, chosen by the client: 8 to 64 letters, digits, `_` and `-`. For a day the
            same one is answered with the feed that it made first, which stays as it is.
        occupations: Ids or names of occupations, or the occupations themselves, at most 5: the feed asks for
            these alone, whatever its title says. Empty for what title and text say.
        requirements: What people must have, or should.
        id: As `edit_feed` gives it; `feed_id` says which feed is meant.
        company: As `edit_feed` gives it; it is the account's, and not changed here.
        paused: As `edit_feed` gives it; it is not changed here.
    """

    feed_id: OptionalId = ""
    title: str = ""
    job_desc: str = ""
    keywords: Texts = []
    skill_required: str = ""
    salary_min: Money = 0
    salary_max: Money = MAX_YUAN
    talent_level: Texts = []
    expect_area: Texts = []
    job_welfare: Texts = []
    company_prefer: Chosen = []
    job_domain: Chosen = []
    categorys: Chosen = []
    analyze_job_domain: Chosen = []
    breadth: Annotated[str, msgspec.Meta(max_length=100, examples=["balanced"])] = "balanced"
    client_id: Annotated[str, msgspec.Meta(max_length=1_000, examples=["c7Yw-93bq_A1"])] = ""
    occupations: Occupations = []
    requirements: SubmittedRequirements | None = None
    id: OptionalId = ""
    company: dict[str, Any] = {}
    paused: Truth = False


_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# What people type between words, with a Chinese or a Latin keyboard.
_SEPARATORS = re.compile(r"[,，、;；\n]+")


def texts(value: Texts) -> list[str]:
    """A list of texts, from a list or from one text with commas; without blank and repeated ones."""
    items = value if isinstance(value, list) else _SEPARATORS.split(value)
    return list(dict.fromkeys(text for item in items if (text := item.strip())))


class FormCheck:
    """Reads the fields of a form and collects what is wrong with them, in `errors`.

    Each method returns something for a wrong value too, so that the next fields are checked.
    """

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def text(self, name: str, value: str, longest: int) -> str:
        """A text without outer blanks."""
        if len(value) > longest:
            self.errors[name] = [f"长度不能超过 {longest} 个字符"]
        return value.strip()

    def breadth(self, name: str, value: str) -> Breadth:
        """One of the breadths."""
        for breadth in get_args(Breadth):
            if value == breadth:
                return cast("Breadth", breadth)
        self.errors[name] = [f"应为 {'、'.join(get_args(Breadth))} 之一"]
        return "balanced"

    def texts(self, name: str, value: Texts, most: int, longest: int) -> list[str]:
        """A list of texts."""
        items = texts(value)
        if len(items) > most:
            self.errors[name] = [f"最多 {most} 个"]
        elif any(len(item) > longest for item in items):
            self.errors[name] = [f"每项不能超过 {longest} 个字符"]
        return items

    def chosen(self, name: str, value: Chosen, options: Mapping[int, str]) -> list[Choice]:
        """Options by their ids."""
        ids = self._ids(name, value)
        unknown = [id_ for id_ in ids if id_ not in options]
        if unknown:
            self.errors[name] = [f"没有编号为 {unknown[0]} 的选项"]
        elif len(ids) > _MOST_OPTIONS:
            self.errors[name] = [f"最多 {_MOST_OPTIONS} 个"]
        return [Choice(id_, options[id_]) for id_ in dict.fromkeys(ids) if id_ in options]

    def occupations(
        self, name: str, value: Occupations, find: Callable[[str], Occupation | None]
    ) -> list[str]:
        """The ids of occupations, by their ids or names."""
        rows = value if isinstance(value, list) else texts(value)
        words = [row.id if isinstance(row, OccupationRow) else row for row in rows]
        found = {word: find(word) for word in words[: MAX_CHOSEN + 1]}
        unknown = [word for word, one in found.items() if one is None]
        if unknown:
            self.errors[name] = [f"没有“{unknown[0][:20]}”这个职业"]
        elif len(words) > MAX_CHOSEN:
            self.errors[name] = [f"最多 {MAX_CHOSEN} 个"]
        return list(dict.fromkeys(one.id for one in found.values() if one))

    def requirements(self, given: SubmittedRequirements | None) -> FeedRequirements:
        """What is required; whatever is wrong with it stands under `requirements`."""
        if given is None:
            return FeedRequirements()
        wrong: list[str] = []
        lists = {}
        for name, most in _LISTS.items():
            lists[name] = texts(getattr(given, name))
            if len(lists[name]) > most:
                wrong.append(f"{REQUIRED[name]}最多 {most} 个")
            elif any(len(item) > MAX_REQUIRED_CHARS for item in lists[name]):
                wrong.append(f"{REQUIRED[name]}每项不能超过 {MAX_REQUIRED_CHARS} 个字符")
        degree, licence = given.degree.strip(), given.licence.strip().upper()
        if degree and degree not in ASKED_DEGREES:
            wrong.append(f"学历应为 {'、'.join(ASKED_DEGREES)} 之一")
        if licence and licence not in ASKED_LICENCES:
            wrong.append(f"驾照应为 {'、'.join(ASKED_LICENCES)} 之一")
        years = [one for one in (given.years_min, given.years_max) if one is not None]
        if any(one > MAX_YEARS for one in years):
            wrong.append(f"工作年限不能超过 {MAX_YEARS:g} 年")
        elif years != sorted(years):
            wrong.append("最少年限不能多于最多年限")
        found = FeedRequirements(
            degree=degree,
            years_min=given.years_min,
            years_max=given.years_max,
            licence=licence,
            must=texts(given.must),
            **lists,
        )
        for name in found.must:
            if name not in REQUIRED:
                wrong.append(f"must 中没有“{name[:20]}”这一项")
            elif getattr(found, name) in ("", None, []):
                wrong.append(f"“{REQUIRED[name]}”设为必须，但没有填写")
        if wrong:
            self.errors["requirements"] = wrong
        return found

    def _ids(self, name: str, value: Chosen) -> list[int]:
        if isinstance(value, list):
            return [row.id if isinstance(row, OptionRow) else row for row in value]
        words = texts(value)
        # No id has more than nine digits, and converting thousands of them would take long.
        if not all(re.fullmatch(r"[0-9]{1,9}", word) for word in words):
            self.errors[name] = ["应为选项编号"]
            return []
        return [int(word) for word in words]


def check_form(
    body: SubmittedFeed, options: OptionLists, find_occupation: Callable[[str], Occupation | None]
) -> tuple[FeedForm, Errors]:
    """Check a submitted feed's contents.

    Returns:
        The form, and what is wrong with each field; the form is usable only if nothing is.
    """
    check = FormCheck()
    title = check.text("title", body.title, 100)
    if not title:
        check.errors["title"] = ["请填写职位名称"]
    if body.salary_min > body.salary_max:
        check.errors["salary_min"] = ["最低薪资不能高于最高薪资"]
    if body.client_id and not _CLIENT_ID.fullmatch(body.client_id):
        check.errors["client_id"] = ["应为 8 至 64 个字母、数字、_ 或 -"]
    form = FeedForm(
        title=title,
        job_desc=check.text("job_desc", body.job_desc, 20_000),
        keywords=check.texts("keywords", body.keywords, MAX_GIVEN_KEYWORDS, 50),
        skill_required=check.text("skill_required", body.skill_required, 5_000),
        salary_min=body.salary_min,
        salary_max=body.salary_max,
        talent_level=check.texts("talent_level", body.talent_level, 10, 20),
        expect_area=check.texts("expect_area", body.expect_area, 30, 30),
        job_welfare=check.texts("job_welfare", body.job_welfare, 30, 50),
        company_prefer=check.chosen("company_prefer", body.company_prefer, options.company_prefer),
        job_domain=check.chosen("job_domain", body.job_domain, options.job_domain),
        categorys=check.chosen("categorys", body.categorys, options.job_domain),
        analyze_job_domain=check.chosen("analyze_job_domain", body.analyze_job_domain, options.job_domain),
        breadth=check.breadth("breadth", body.breadth),
        occupations=check.occupations("occupations", body.occupations, find_occupation),
        requirements=check.requirements(body.requirements),
    )
    return form, check.errors
