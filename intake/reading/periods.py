"""Spans of time in a line: `2018.03 - 至今`, `2018年3月—2020年5月（2年2个月）`, `Mar 2018 - Present`.

A date is given as it is written where `intake.dates` takes it, else as `YYYY-MM`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.matching.lexicon import experience
from intake.dates import DATE, is_no_day

_MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
_DAY = (
    rf"(?:{_YEAR}\s?年\s?(?:\d{{1,2}}\s?月?(?:\s?\d{{1,2}}\s?[日号])?)?份?"
    rf"|{_YEAR}\s?[-./]\s?(?:1[0-2]|0?[1-9])(?!\d)(?:\s?[-./]\s?(?:3[01]|[12]\d|0?[1-9])(?![\d年]))?(?:\s?月)?"
    rf"|{_YEAR}(?:0[1-9]|1[0-2])(?!\d)"
    rf"|(?:1[0-2]|0?[1-9])\s?[-./]\s?{_YEAR}"
    rf"|{_MONTH_NAME}[.,]?\s?'?{_YEAR}"
    rf"|{_YEAR}(?![\d元人万个])"
    r"|'?(?:0\d|1\d|2\d)[./年](?:1[0-2]|0?[1-9])月?(?!\d))"
)
_NOW = r"(?:至今|迄今|现在|目前|当前|今|在读|在职|present|now|current(?:ly)?|today|ongoing|to date)"
_DASH = r"\s{0,3}(?:-{1,3}|–{1,2}|—{1,2}|―|─{1,2}|~{1,2}|～|〜|∼|→|>|至|到|to|until|till|/(?=\s))\s{0,3}"
_SPAN = re.compile(
    rf"(?<![\d.])(?P<start>{_DAY})(?:{_DASH}(?P<end>{_DAY}|{_NOW}|(?P<bare>1[0-2]|0?[1-9])\s?月)|\s{{0,3}}(?P<now>至今|迄今|现在|present)|(?P<open>\s{{0,2}}[-–—~至]{{1,2}})(?=\s*(?:$|[)\]|\t])))",
    re.IGNORECASE,
)
_SINGLE = re.compile(rf"(?<![\d.])(?:{_DAY})(?![\d%])", re.IGNORECASE)
_NOW_ALONE = re.compile(_NOW, re.IGNORECASE)
_FOR = re.compile(
    r"^\s{0,3}[(\[|·•,:]?\s{0,2}(?:共|约|时长)?\s?(?P<for>(?:\d{1,2}\s?年\s?(?:零?\s?\d{1,2}\s?个?月)?|\d{1,3}\s?个月|\d{1,2}\s?(?:years?|yrs?)(?:\s?\d{1,2}\s?(?:months?|mos?))?|\d{1,2}\s?(?:months?|mos?)))(?!\d|级|届)\s?[)\]]?",
    re.IGNORECASE,
)
_FORM = re.compile(DATE)
_DASHES = "-–—~～至到 "
_AROUND = "()[]{}|,:;<>·•-–—~/ \t"


class Span(NamedTuple):
    """A span of time in a line.

    Attributes:
        start: When it began, as `intake.dates` takes it; "" where that is not said.
        end: Its end, likewise.
        duration: How long it was, as written; "" where that is not said.
        begin: Where it stands in the line.
        stop: Where it ends there.
    """

    start: str
    end: str
    duration: str
    begin: int
    stop: int


NO_SPAN = Span("", "", "", 0, 0)
"""Stands for a time that is not said."""


def find_span(text: str) -> Span | None:
    """The first span of time in a line."""
    for found in _SPAN.finditer(text):
        start = date_text(found["start"])
        if found["bare"]:
            end = date_text(f"{start[:4]}-{int(found['bare']):02}")
        else:
            end = date_text(found["end"] or found["now"] or "")
        if not start or (end and _is_before(end, start)):
            continue
        stop = found.end()
        duration = _FOR.match(text[stop : stop + 40])
        if duration:
            stop += duration.end()
        return Span(start, end, duration["for"] if duration else "", found.start(), stop)
    return None


def find_date(text: str) -> str:
    """The first date in a text; "" where there is none."""
    found = _SINGLE.search(text)
    if found:
        return date_text(found[0])
    now = _NOW_ALONE.fullmatch(text.strip())
    return date_text(now[0]) if now else ""


def is_date(text: str) -> bool:
    """Whether a text is one date and nothing else."""
    bare = text.strip(_AROUND)
    return bool(_SINGLE.fullmatch(bare) or _NOW_ALONE.fullmatch(bare))


def broken_span(text: str, following: str) -> Span | None:
    """A span of which each date begins a line, as in a column of dates; None where these are none."""
    first, last = text.partition("\t")[0].rstrip(_DASHES), following.partition("\t")[0].lstrip(_DASHES)
    if not (is_date(first) and is_date(last)):
        return None
    start, end = date_text(first), date_text(last)
    return None if not start or _is_before(end, start) else Span(start, end, "", 0, len(text))


def date_text(written: str) -> str:
    """A date in a form that a resume may have; "" for none that a calendar has."""
    text = written.strip(_AROUND).removesuffix("份")
    if _NOW_ALONE.fullmatch(text):
        return text if _FORM.fullmatch(text) and text != "今" else "至今"
    if text and _FORM.fullmatch(text):
        return "" if is_no_day(text) else text
    if found := re.fullmatch(r"'?(\d\d)[./年](\d{1,2})月?", text):
        return f"20{found[1]}-{int(found[2]):02}"
    months = experience.month(text)
    return f"{months // 12}-{months % 12 + 1:02}" if months else ""


def _is_before(end: str, start: str) -> bool:
    last, first = experience.month(end), experience.month(start)
    # A year alone stands for its June, so half a year is nothing.
    return last is not None and first is not None and last < first - 6
