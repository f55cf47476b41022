"""How well a resume was read: its facts against the true ones.

    judged = judge(truth, read.record)
    judged[("contact", "name")].f1

A fact is one field: of the contact `name`, `phone`, `email`; of a job `title`, `company`, `start`, `end`;
of a school `school`, `major`, `degree`, `start`, `end`. A fact that was read is right if it equals the true
one: texts in NFKC, blanks and case aside; phones by their digits, +86 aside; dates by year and month, and
by the year where that alone is written. A wrong one counts twice, as read wrongly and as missed.

Jobs that were read are set beside true ones one to one, those with most equal fields first. So a job found
twice, or a heading read as a job, is wrong, and so is a company beside another one's title.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tests.made_up_files.truth import Truth

CONTACT = ("name", "phone", "email")
JOB = {"title": "position_title", "company": "compnay_name", "start": "start_time", "end": "end_time"}
SCHOOL = {"school": "school", "major": "major", "degree": "degree", "start": "start_time", "end": "end_time"}
FIELDS = (
    *(("contact", name) for name in CONTACT),
    *(("works", name) for name in JOB),
    *(("education", name) for name in SCHOOL),
)
"""Every field with its group, in the order of tables."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOW = ("至今", "迄今", "现在", "目前", "当前", "今", "present", "now", "current", "todate")
_NOT_SAID = re.compile(r"^[\s\-•·●◆*]*(\d{1,2}[.、)）]\s*)?(\w{2,4}[：:])?")
"""What stands before what was done: signs of a list, and a label such as 工作内容."""

Field = tuple[str, str]


class Tally(msgspec.Struct):
    """Facts, counted.

    Attributes:
        right: Read as they are.
        wrong: Read, and not so.
        missed: True, and not read.
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, other: Tally) -> None:
        """Count another one's too."""
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where there is nothing to read and nothing read."""
        all_ = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / all_ if all_ else 1.0


class Mistake(msgspec.Struct, frozen=True):
    """A fact that is not as it should be; "" where there is none."""

    field: Field
    true: str
    read: str


class Judged(msgspec.Struct):
    """What came of one file.

    Attributes:
        by_path: Whether each field that was read is right, by its path in the record (`works[0].start_time`).
        kept: Lines of what was done that stand in the right job, and how many there are.
    """

    tallies: dict[Field, Tally]
    mistakes: list[Mistake]
    by_path: dict[str, bool]
    kept: tuple[int, int]

    def __getitem__(self, field: Field) -> Tally:
        return self.tallies[field]


def judge(truth: Truth, read: Mapping[str, Any]) -> Judged:
    """Set a record that was read beside the true one; an empty one where nothing was read."""
    judged = Judged(defaultdict(Tally), [], {}, (0, 0))
    true = truth.record
    for name in CONTACT:
        said = str(read.get(name) or "")
        wanted = true[name]
        if name == "name" and truth.latin_name and _text(said) in _names_of(truth):
            wanted = said
        _count(judged, ("contact", name), name, wanted, said, _phone if name == "phone" else _text)
    pairs = _entries(judged, "works", JOB, true["works"], read.get("works") or [])
    _entries(judged, "education", SCHOOL, true["education"], read.get("education") or [])
    judged.kept = _kept(pairs)
    return judged


def total(all_: Iterable[Judged], group: str, name: str = "") -> Tally:
    """The facts of many files in one group, or of one field of it."""
    sum_ = Tally()
    for judged in all_:
        for field, tally in judged.tallies.items():
            if field[0] == group and name in ("", field[1]):
                sum_.add(tally)
    return sum_


def _entries(
    judged: Judged, group: str, fields: Mapping[str, str], true: Sequence[Any], read: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Count the facts of a list of jobs or schools; the pairs of a true one and the one read."""
    beside = _beside(fields, true, read)
    nothing: dict[str, Any] = {}
    pairs = [(entry, read[beside[at]] if at in beside else nothing) for at, entry in enumerate(true)]
    places = [beside.get(at) for at in range(len(true))]
    strays = sorted(set(range(len(read))) - set(beside.values()))
    for place, (entry, found) in zip(
        [*places, *strays], [*pairs, *((nothing, read[at]) for at in strays)], strict=True
    ):
        for name, key in fields.items():
            path = f"{group}[{place}].{key}"
            _count(judged, (group, name), path, entry.get(key) or "", found.get(key) or "", _reader(name))
    return pairs


def _beside(fields: Mapping[str, str], true: Sequence[Any], read: Sequence[Any]) -> dict[int, int]:
    """The place of a true entry -> that of the one read which shares most fields with it."""

    def shared(here: int, there: int) -> int:
        return sum(
            bool(true[here].get(key))
            and _reader(name)(true[here][key]) == _reader(name)(read[there].get(key) or "")
            for name, key in fields.items()
        )

    offers = sorted(
        (-shared(here, there), abs(here - there), here, there)
        for here in range(len(true))
        for there in range(len(read))
    )
    beside: dict[int, int] = {}
    for _, _, here, there in offers:
        if here not in beside and there not in beside.values():
            beside[here] = there
    return beside


def _count(judged: Judged, field: Field, path: str, true: str, read: str, form: Callable[[str], str]) -> None:
    tally = judged.tallies[field]
    is_right = bool(true) and bool(read) and form(true) == form(read)
    tally.right += is_right
    tally.wrong += bool(read) and not is_right
    tally.missed += bool(true) and not is_right
    if read:
        judged.by_path[path] = is_right
    if (true or read) and not is_right:
        judged.mistakes.append(Mistake(field, true, read))


def _reader(name: str) -> Callable[[str], str]:
    return _date if name in ("start", "end") else _text


def _text(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _names_of(truth: Truth) -> set[str]:
    """The name alone, or with the English one in any of the usual ways."""
    name, latin = _text(truth.record["name"]), _text(truth.latin_name)
    return {name, f"{name}({latin})", f"{name}{latin}", f"{name}/{latin}"}


def _phone(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text)).removeprefix("86")[-11:]


def _date(text: str) -> str:
    """`2018-03`, `2018`, `now`, or the text where it is no date."""
    plain = _text(text)
    if plain in _NOW:
        return "now"
    month = next((f"{at:02d}" for at, name in enumerate(_MONTHS, 1) if plain.startswith(name)), "")
    numbers = re.findall(r"\d+", plain)
    if not numbers:
        return plain
    if len(numbers[0]) == len("201803"):
        return f"{numbers[0][:4]}-{numbers[0][4:]}"
    if len(numbers[0]) < len("2018"):
        numbers[:2] = numbers[1::-1]
    year, *others = numbers
    month = month or (f"{int(others[0]):02d}" if others else "")
    return f"{year}-{month}" if month else year


def _kept(pairs: Iterable[tuple[Any, Any]]) -> tuple[int, int]:
    kept = all_ = 0
    for entry, found in pairs:
        text = _text(found.get("job_desc") or "")
        lines = [_text(_NOT_SAID.sub("", line)) for line in (entry.get("job_desc") or "").split("\n")]
        kept += sum(line in text for line in lines)
        all_ += len(lines)
    return kept, all_
