"""A result's reasons as a recruiter would say them: `5年总账会计，用友、报税，杭州`.

Every word is the resume's own, or the feed's. The points stand beside the reasons themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from engine.matching.lexicon.salary import MAX_YUAN
from store.results.result_documents import Reason, ScoredResult
from store.resumes.resume_record import Resume

MOST = 3
"""Reasons that are said; more are read by nobody."""
MAX_NAMES = 3
"""Skills, words or cities that one reason names."""
MAX_TITLE_CHARS = 20
"""Characters of a title that are said; a longer one has more in it than the title."""


def summary_of(scored: ScoredResult, resume: Resume, opened: Callable[[str], str]) -> str:
    """At most `MOST` reasons; empty where there is none.

    What the person does comes first, then what they know, where they are and what they expect. Of what speaks
    against them the gravest is the last one.
    """
    why = [msgspec.structs.replace(row, matched=opened(row.matched)) for row in scored.why]
    losses = [row for row in why if row.points < 0 and row.field in _WISHES]
    against = [_against(min(losses, key=lambda row: row.points))] if losses else []
    known = {row.field: row for row in reversed(why) if row.points > 0 and row.matched}
    skills = _skills(why)
    said = [_role(known, resume, scored.years), "、".join(skills)]
    said += [say(known[field]) for field, say in _WISHES.items() if field in known]
    told = {skill.lower() for skill in skills}
    said += [_names(known[field], " ", told) for field in ("description", "similar") if field in known]
    return "，".join([*list(filter(None, said))[: MOST - len(against)], *against])


def _role(known: Mapping[str, Reason], resume: Resume, years: int | None) -> str:
    """What somebody does, did or wants to do, and for how long they have worked."""
    worked = f"工作{years}年" if years else ""
    if "title" not in known:
        said = f"做过{_names(known['duties'], ' ')}" if "duties" in known else ""
    else:
        title = known["title"].matched
        titles = [work.position_title.strip() for work in resume.works]
        said = title[:MAX_TITLE_CHARS]
        if not any(one.startswith(title) for one in titles):
            said = f"想做{said}"
        elif not titles[0].startswith(title):
            said = f"做过{said}"
        elif worked and len(set(titles)) == 1:
            return f"{years}年{said}"
    return f"{said}（{worked}）" if said and worked else said or worked


def _skills(why: Sequence[Reason]) -> list[str]:
    """The skills that bring most; in the feed's spelling where they are written alike."""
    rows = [row for row in why if row.field == "skill" and row.points > 0 and row.matched]
    names = [row.term if row.term.lower() == row.matched else row.matched for row in rows]
    return [*dict.fromkeys(names)][:MAX_NAMES]


def _named(row: Reason) -> str:
    return _names(row, ",")


def _pay(row: Reason) -> str:
    asked, found = _bounds(row.term), _bounds(row.matched)
    is_within = asked[0] <= found[0] and found[1] <= asked[1]
    return f"期望{_money(*found)}" + ("在范围内" if is_within else f"（给{_money(*asked)}）")


_WISHES: dict[str, Callable[[Reason], str]] = {
    "city": _named,
    "salary": _pay,
    "degree": _named,
    "level": lambda row: "" if row.matched.startswith("工作") else _named(row),  # said with what they do
    "domain": lambda row: f"{_named(row)}行业",
    "preference": _named,
    "years": lambda row: f"{row.matched}经验",
}
"""How each wish is said that somebody meets, the more telling ones first."""


def _against(row: Reason) -> str:
    """What somebody has in place of what is asked for."""
    if row.field == "salary" and row.matched:
        return _pay(row)
    asked = row.term.replace(",", "、")
    return f"{_named(row)}（要{asked}）" if row.matched else f"未写明{asked}"


def _names(row: Reason, by: str, told: Collection[str] = ()) -> str:
    names = [name for name in row.matched.split(by) if name.lower() not in told]
    return "、".join(names[:MAX_NAMES])


def _bounds(text: str) -> tuple[int, int]:
    """Yuan a month of a range in words, see `reasons.pay_range`."""
    low, _, high = text.removesuffix("以上").partition("-")
    return int(low), int(high) if high else MAX_YUAN


def _money(low: int, high: int) -> str:
    least, most = (f"{yuan / 1000:.1f}".removesuffix(".0") for yuan in (low, high))
    if high >= MAX_YUAN:
        return f"{least}K以上"
    return f"{least}-{most}K" if low < high else f"{least}K"
