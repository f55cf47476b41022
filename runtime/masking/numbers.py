"""Numbers by which a person is reached or known: mobile, landline, abroad, identity number.

    numbers_in("2019.03-2021.06，138-0000-1111")      # the span of the mobile number alone

A number is looked for among its digits alone, whatever stands between them, and then has to be grouped as
people group such a number. That tells `138-0000-1111` from `2019.03-2021.06` and `14.0.7015.1000`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

DIGIT = r"[\d〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖⓪①②③④⑤⑥⑦⑧⑨]"
"""One digit, as a pattern: `\\d` has those of all scripts and widths."""
GAP = (
    r"[ \t\u00a0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\ufe0f\u20e3\u00ad"
    r"\-‐‑‒–—―−－~_＿.．·•・/()（）\[\]]"
)
"""What may stand between two digits of a number, as a pattern. No line feed."""
_ODD = re.compile(r"1(?<!\d1)[3-9]\d((?!\*\*\*)[^\w\s、;；]{1,3})\d{4}\1\d{4}(?!\d)")
"""A mobile number with the same odd marks between its groups: `138*0000*1111`. Not those of a list."""
_LONG_NUMBER = re.compile(rf"{DIGIT}(?:{GAP}{{0,3}}{DIGIT}){{6,}}(?:{GAP}{{0,2}}[XxＸｘ](?!\w))?")
_SEVEN_DIGITS = re.compile(rf"{DIGIT}(?:{GAP}{{0,3}}{DIGIT}){{6}}")

_CHINESE = dict(
    zip(
        "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖⓪①②③④⑤⑥⑦⑧⑨",
        "001234567891123456789" + "0123456789",
        strict=True,
    )
)
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# Each alternative at every place, as the digits before a number may look like the begin of another.
_IDENTITY = re.compile(rf"(?=({_PROVINCE}\d{{4}}(?:18|19|20)\d\d{_MONTH_DAY}\d{{3}}[\dX]))")
_FORMER_IDENTITY = re.compile(rf"(?=({_PROVINCE}\d{{4}}\d\d{_MONTH_DAY}\d{{2}}[\dX]))")
_MOBILE = re.compile(r"(?=((?:(?:00)?86|0|179\d\d|12593)?)(1[3-9]\d{9}))")
_LANDLINE = re.compile(r"(?=((?:(?:00)?86)?)(0?(?:10|2\d|[3-9]\d\d)[2-8]\d{6,7}))")
_YEAR = re.compile(r"(?:19|20)\d\d$")

Span = tuple[int, int]


def has_long_number(text: str) -> bool:
    """Whether a text has seven digits in a row, or a mobile number with odd marks in it."""
    return _SEVEN_DIGITS.search(text) is not None or _ODD.search(text) is not None


def digits_of(text: str) -> str:
    """The digits of a text, as plain ones."""
    return "".join([_digit(char) for char in text if char.isdigit() or char in _CHINESE])


def _digit(char: str) -> str:
    known = _CHINESE.get(char)
    if known is not None:
        return known
    value = unicodedata.digit(char, None)
    return "" if value is None else str(value)


class _Run:
    """A long number: its digits, where each stands, and which begin and end a group.

    Attributes:
        digits: Plain digits; the check digit `X` counts as one.
        at: The place of each digit in the run's text.
        begins: Whether a digit is the first of its group.
        ends: Whether a digit is the last of its group.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        found = [
            (place, _digit(char) or ("X" if char in "XxＸｘ" else "")) for place, char in enumerate(text)
        ]
        found = [(place, digit) for place, digit in found if digit]
        self.digits = "".join(digit for _, digit in found)
        self.at = [place for place, _ in found]
        # `张三13800001111`: a digit of another kind belongs to another group.
        self.begins = [
            True,
            *(
                after - before > 1 or (text[before] in _CHINESE) != (text[after] in _CHINESE)
                for before, after in pairwise(self.at)
            ),
        ]
        self.ends = [*self.begins[1:], True]

    def is_whole(self, start: int, end: int) -> bool:
        """Whether digits `start` to `end` begin and end with a group.

        One in Chinese need not: in `张三一三八…` the name ends with a digit.
        """
        first, last = self.text[self.at[start]], self.text[self.at[end - 1]]
        return (self.begins[start] or first in _CHINESE) and (self.ends[end - 1] or last in _CHINESE)

    def groups(self, start: int, end: int) -> list[str]:
        """The groups of these digits."""
        cuts = [start, *(number for number in range(start + 1, end) if self.begins[number]), end]
        return [self.digits[one:two] for one, two in pairwise(cuts)]

    def gaps(self, start: int, end: int) -> set[str]:
        """What stands between the groups of these digits, blanks alike."""
        return {
            self.text[self.at[number - 1] + 1 : self.at[number]].strip() or " "
            for number in range(start + 1, end)
            if self.begins[number]
        }


def numbers_in(text: str, known: Sequence[str] = ()) -> Iterator[Span]:
    """Where such numbers stand in a text; also those of `known` digits, six or more, however grouped."""
    for match in _LONG_NUMBER.finditer(text):
        run, begin = _Run(match[0]), match.start()
        has_plus = begin > 0 and text[begin - 1] in "+＋" and not (begin > 1 and text[begin - 2].isalnum())
        for start, end in _in_run(run, known, has_plus=has_plus):
            plus = 1 if has_plus and not start else 0
            yield begin + run.at[start] - plus, begin + run.at[end - 1] + 1
    yield from (match.span() for match in _ODD.finditer(text))
    for number in known:
        if len(number) < 7:  # too short for a run
            for match in re.finditer(rf"(?<!\d){number}(?!\d)", text):
                yield match.span()


def _in_run(run: _Run, known: Sequence[str], *, has_plus: bool) -> Iterator[Span]:
    """The numbers in a run, by their digits' places; they may overlap."""
    if has_plus and (end := _abroad(run)):
        yield 0, end
    for pattern in (_IDENTITY, _FORMER_IDENTITY):
        for match in pattern.finditer(run.digits):
            start, end = match.span(1)
            if run.is_whole(start, end) and (end - start == 18 or _is_chunked(run.groups(start, end))):
                yield start, end
    for match in _MOBILE.finditer(run.digits):
        (start, _), (core, end) = match.span(1), match.span(2)
        if run.is_whole(start, end) and _is_mobile(run.groups(core, end), run.gaps(core, end)):
            yield start, end
    for match in _LANDLINE.finditer(run.digits):
        (start, _), (core, end) = match.span(1), match.span(2)
        if run.is_whole(start, end) and _is_landline(run.groups(start, end), has_country=core > start):
            yield start, end
    for number in known:
        start = run.digits.find(number)
        while start >= 0:
            if run.is_whole(start, start + len(number)):
                yield start, start + len(number)
            start = run.digits.find(number, start + 1)


def _abroad(run: _Run) -> int:
    """Digits at the begin of a run that make a number with its country, 10 to 13 of them; 0 for none."""
    groups = run.groups(0, len(run.digits))
    if _YEAR.match(groups[0]):
        return 0
    end = total = 0
    for group in groups:
        total += len(group)
        if total > 13:
            break
        end = total if total >= 10 else end
    return end


def _is_chunked(groups: list[str]) -> bool:
    """Whether a former identity number is one piece, begins with six digits, or is spelled digit by digit."""
    return len(groups) == 1 or len(groups[0]) == 6 or all(len(group) == 1 for group in groups)


def _is_mobile(groups: list[str], gaps: set[str]) -> bool:
    """Whether people group a mobile number like this; dates, versions and amounts are grouped otherwise."""
    sizes = [len(group) for group in groups]
    if max(sizes) <= 2:
        return sizes.count(1) in {1, 11}
    if sizes[0] == 3:
        return len(gaps) <= 1 or sizes in ([3, 4, 4], [3, 8])
    if sizes[:2] == [4, 4] and all(_YEAR.match(group) for group in groups[:2]):
        return False
    return sizes in ([11], [7, 4], [4, 4, 3], [4, 3, 4])


def _is_landline(groups: list[str], *, has_country: bool) -> bool:
    """Whether the area's code stands by itself, or all of the number is one piece and begins with 0 or 86."""
    if has_country:
        groups = groups[1:] if len(groups[0]) <= 4 and groups[0].endswith("86") else groups
        return len(groups) > 1 or groups[0].startswith(("86", "00", "0"))
    if not groups[0].startswith("0"):
        return False
    sizes = [len(group) for group in groups]
    if len(sizes) == 1 or max(sizes) == 1 or sizes in ([7, 4], [8, 4]):
        return True
    return sizes[0] in {3, 4} and min(sizes[1:]) >= 3 and len(sizes) <= 3
