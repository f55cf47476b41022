"""Where in a posting its pay, places, degree and years are looked for, and in which order.

Labels before any heading come first, then the cells of the head, then labels behind a heading, and at last
what stands in sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from intake.posting import facts
from intake.posting.lines import Line
from intake.posting.parts import Posting
from intake.posting.titles import CELLS

MAX_CELLS = 400
"""Cells of the head in which facts are looked for; a page with its menus has some hundred."""

_IN_CITY = re.compile(
    r"(?:工作地点|工作地址|上班地点|办公地点|工作城市|base\s*+(?:地|in)?|坐标|地点|驻地|常驻|工地(?=在)"
    r"|based in|located in)\s*+(?:在|为|是|位于|[:：])?\s*+([一-鿿A-Za-z]{2,24})",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\s*(?:[(（]?\d{1,2}(?:[)）、]|[.．](?!\d))|[①-⑳•·●\-*])")
_BRACKETS = re.compile(r"[（(【\[]([^）)】\]]{2,16})[）)】\]]")

T = TypeVar("T")


def head_cells(posting: Posting) -> list[str]:
    """What stands in the lines before any heading, and in their parts."""
    return list(islice(chain.from_iterable(map(_cells, posting.head)), MAX_CELLS))


def pay(posting: Posting, head: Sequence[str]) -> facts.Pay | None:
    """The pay that a posting states."""
    first, later = posting.labelled("pay")
    rest = (*posting.of("benefits"), *posting.of("duties", "body", "wants"))
    return _first(
        chain(
            map(facts.pay_of, first),
            (facts.pay_in(line.text) for line in posting.head),
            map(facts.pay_of, later),
            map(facts.pay_of, filter(facts.is_negotiable, head)),
            (facts.pay_in(line.text) for line in rest),
        )
    )


def area(posting: Posting, head: Sequence[str], cities: facts.Cities) -> facts.Area | None:
    """Where the work is; as `pay`."""
    first, later = posting.labelled("place")
    said = (_IN_CITY.search(line.text) for line in posting.lines)
    bracketed = (_BRACKETS.search(line.text) for line in posting.head[:10])
    return _first(
        chain(
            map(cities.of, first),
            map(cities.cell, head),
            map(cities.of, later),
            (cities.of(line.value or line.text) for line in posting.of("place")[:4]),
            (cities.of(found[1]) for found in said if found),
            (cities.cell(found[1]) for found in bracketed if found),
            (cities.begun(line.text) for line in posting.lines if not line.label and not line.heading),
        )
    )


def degree(posting: Posting, head: Sequence[str]) -> facts.Degree | None:
    """The degree that is asked for; as `pay`."""
    first, later = posting.labelled("degree")
    if found := _first(map(facts.degree_of, (*first, *head, *later))):
        return found
    if found := facts.degree_in("\n".join((*first, *later, *_asking(posting)))):
        return found
    # `要求：3年以上经验，本科`, `1、本科；`
    clauses = islice(chain.from_iterable(_clauses(posting)), MAX_CELLS)
    return _first(facts.degree_of(one) for one in clauses if "优先" not in one)


def years(posting: Posting, head: Sequence[str]) -> facts.Years | None:
    """The years of work that are asked for; as `pay`."""
    first, later = posting.labelled("years")
    found = _first(map(facts.years_of, (*first, *head, *later)))
    if found := found or facts.years_in("\n".join((*first, *later, *_asking(posting)))):
        return found
    # `大专，3年以上`: of a line that says more they may be of anything else.
    alone = (
        line for line in _clauses(posting) if all(facts.years_of(one) or facts.degree_of(one) for one in line)
    )
    return _first(facts.years_of(one) for one in islice(chain.from_iterable(alone), MAX_CELLS))


def _first(found: Iterable[T | None]) -> T | None:
    return next(filter(None, found), None)


def _cells(line: Line) -> list[str]:
    if line.heading or (line.label and line.label != "title"):
        return []
    cells = CELLS.split(line.value if line.label else line.text)
    return [
        cell.strip(" ()（）")
        for whole in cells
        for cell in (whole, *re.split(r"\s+|/|[，,；;。]|(?<=[一-鿿])·(?=\d)", whole))
        if cell
    ]


def _clauses(posting: Posting) -> Iterator[list[str]]:
    """What each line says of what is asked for, without its numbers."""
    for line in posting.of("wants"):
        clauses = (_NUMBER.sub("", one).strip() for one in re.split(r"[，,。；;]", line.value or line.text))
        yield list(filter(None, clauses))


def _asking(posting: Posting) -> list[str]:
    """The lines that say what is asked for; all where no heading tells them apart."""
    return [line.text for line in posting.of("wants")] or [line.text for line in posting.told]
