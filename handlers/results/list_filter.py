"""The filters of a feed's list as clients give them.

What they mean to the store is in `store.results.result_filter`.
`mark`, `favourite` and `search` are about people, not about results: `list_picks` finds out whom they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, get_args

import msgspec

from engine.matching.lexicon.places import Places
from handlers.api.contract import Flag
from handlers.api.errors import BadRequest
from handlers.feeds.feed_form import Money
from runtime.clock import begin_of
from store.results.result_filter import Listed, ResultFilter
from store.results.result_lists import Order
from store.results.work import Work
from store.resumes.hunting_states import HuntingState

MAX_YEARS = 60
"""Years of work that can be asked for."""
_RANKS = {"high_school": 2, "college": 3, "bachelor": 4, "master": 5, "doctor": 6}
Degree = Literal["high_school", "college", "bachelor", "master", "doctor"]
_CLASSES = {
    "985": ("985",),
    "211": ("985", "211"),
    "first_class": ("985", "211", "双一流"),
    "abroad": ("海外",),
}
"""The classes of the engine's table that each word means. The table has the most telling class of a school
alone: every school of 985 is one of 211, and each of these is 双一流."""
_SEPARATORS = re.compile(r"[,，、;；]+")
Years = Annotated[int, msgspec.Meta(ge=0, le=MAX_YEARS)]


def _any_of(words: Iterable[str]) -> msgspec.Meta:
    """A text of some words with commas between them; each may stand once or several times."""
    some = list(words)
    one = rf"( *({'|'.join(some)}))? *"
    return msgspec.Meta(
        max_length=100,
        pattern=rf"^{one}(,{one})*\Z",
        examples=[",".join(some[:2])],
        extra={"message": f"应为 {'、'.join(some)}，用逗号分隔"},
    )


_IDS = msgspec.Meta(
    max_length=50 * 25,
    pattern=r"^([0-9a-fA-F]{24}(,[0-9a-fA-F]{24}){0,49})?\Z",
    examples=["64f0c0ffee0000000000a001,64f0c0ffee0000000000a002"],
    extra={"message": "应为最多 50 个简历 id，用逗号分隔"},
)
_DAY = msgspec.Meta(
    max_length=10,
    pattern=r"^(20[0-9]{2}-[0-9]{2}-[0-9]{2})?\Z",
    examples=["2026-11-30"],
    extra={"message": "应为 2026-11-30 这样的日期"},
)


class ListFilter(msgspec.Struct, kw_only=True):
    """Which results of a feed, and in which order. Filters combine.

    Attributes:
        tier: `strong` for what is worth reading, `possible` for the others, `all` for both.
        sort: `time` is newest day first, best score first within a day; `score` is by score alone, `new` by
            `pub_time` alone, newest first. With `removed`, `time` is the latest deletion first.
        latest: 1 for unread results only.
        read: 1 for those that were opened; with `latest` both.
        looked: Only those that were first opened in the week that begins on this day, as `looked` of a feed's
            statistics names it.
        send: 1 for those that the candidate sent.
        partner: 1 for those that a partner recommended.
        title_match: 1 for those whose title matches; with `extend_match` both kinds.
        extend_match: 1 for those that match otherwise; with `title_match` both kinds.
        reco_time: Listed within so many days.
        current_area: Where the candidate lives: cities, provinces or regions by any of their names, or else
            parts of the address, taken literally. One of several, with commas between them, is enough.
        salary_min: Yuan a month; the candidate's expected range ends at it or above.
        salary_max: Yuan a month; the candidate's expected range begins at it or below.
        degree: The least degree. Who does not say theirs is left out.
        years_min: Whole years of work, at least. Who does not say theirs is left out.
        years_max: Whole years of work, at most: with 5, somebody with five and a half has five.
        school: Classes of schools, one of which somebody must have been at: `985`; `211`, which every school
            of 985 is too; `first_class`, 双一流, which all of these are; `abroad`.
        score_min: Points, at least.
        state: Whether somebody looks for work, by what their resume says: has `left`, is `open` to offers,
            a `graduate`, or `closed` to offers. One of several is enough.
        mark: The last mark that the account has set for the person.
        favourite: 1 for favourites only.
        search: Words, each of which must be found in the resume as the account sees it. At most the first
            1,000 results that the other filters leave are looked at.
        removed: 1 for the deleted results instead of the others.
        work: Where the person stands, as an entry's `work` says.
        resumes: Those of these ids alone, up to 50 with commas between them.
        unclaimed: 1 leaves out whom a colleague is with just now.
    """

    tier: Listed = "strong"
    sort: Order = "time"
    latest: Flag = 0
    read: Flag = 0
    looked: Annotated[str, _DAY] = ""
    send: Flag = 0
    partner: Flag = 0
    title_match: Flag = 0
    extend_match: Flag = 0
    reco_time: Literal[7, 15, 30] | None = None
    current_area: Annotated[str, msgspec.Meta(max_length=200)] = ""
    salary_min: Money | None = None
    salary_max: Money | None = None
    degree: Degree | None = None
    years_min: Years | None = None
    years_max: Years | None = None
    school: Annotated[str, _any_of(_CLASSES)] = ""
    score_min: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    state: Annotated[str, _any_of(get_args(HuntingState))] = ""
    mark: Annotated[str, msgspec.Meta(max_length=50)] = ""
    favourite: Flag = 0
    search: Annotated[str, msgspec.Meta(max_length=200)] = ""
    removed: Flag = 0
    work: Work | None = None
    resumes: Annotated[str, _IDS] = ""
    unclaimed: Flag = 0

    def filter(self, places: Places) -> ResultFilter:
        """What of the filter results themselves say, as the store takes it.

        Raises:
            BadRequest: No number of years can be both, or `looked` is no day.
        """
        if self.years_min is not None and self.years_max is not None and self.years_min > self.years_max:
            raise BadRequest({"years_max": ["不能小于最少年数"]})
        areas, texts = _areas(self.current_area, places)
        kinds = {self.title_match, self.extend_match}
        return ResultFilter(
            tier=self.tier,
            removed=bool(self.removed),
            read=bool(self.read) if self.read != self.latest else None,
            looked_from=_begin_of(self.looked) if self.looked else None,
            send=bool(self.send),
            partner=bool(self.partner),
            title_match=bool(self.title_match) if len(kinds) == 2 else None,
            since=datetime.now(UTC) - timedelta(days=self.reco_time) if self.reco_time else None,
            areas=areas,
            area_texts=texts,
            salary_min=self.salary_min,
            salary_max=self.salary_max,
            degree_min=_RANKS[self.degree] if self.degree else 0,
            years_min=self.years_min,
            years_max=self.years_max,
            score_min=self.score_min,
            schools=tuple(sorted({kind for word in _words(self.school) for kind in _CLASSES[word]})),
            hunting=tuple(sorted(set(_words(self.state)))),
            work=self.work or "",
            resumes=tuple(dict.fromkeys(self.resumes.lower().split(","))) if self.resumes else None,
        )


def _begin_of(day: str) -> datetime:
    try:
        return begin_of(date.fromisoformat(day))
    except ValueError:
        raise BadRequest({"looked": ["没有这一天"]}) from None


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _areas(text: str, places: Places) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The place keys of the places that a text names, and what of it is to be looked for literally."""
    if whole := places.whole(text):
        return whole, ()
    keys, texts = set[str](), dict[str, None]()
    for part in filter(None, map(str.strip, _SEPARATORS.split(text))):
        found = places.whole(part)
        keys.update(found)
        if not found:
            texts[part] = None
    return tuple(sorted(keys)), tuple(texts)
