"""Lines under their headings, and several postings in one text apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from intake.posting import facts
from intake.posting.lines import Line
from intake.posting.titles import Title, TitleFinder
from intake.posting.words import Part

TITLE_BEFORE = 3
"""Lines before a heading in which the title of another posting is looked for."""
MAX_TAG_CHARS = 12
"""Characters of a line that may be a tag."""
MAX_TAGS = 15
"""Tags right behind a heading; more are no tags."""

MAX_OTHERS = 9
"""Further postings that are told of; what follows belongs to the last."""

_BEGINNING: tuple[Part, ...] = ("duties", "wants", "body")
_NO_JOBS: tuple[Part, ...] = ("benefits", "company", "place", "tags", "left out")
_ENTRY_LINES = 2
"""Lines of a job of which a list says no more than a line: the title, and what stands behind it."""
_ITEM = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）、.．]|[•·●\-*])")
_WHOSE = re.compile(r"\s*([^\s：:，,。]{2,8})[：:]")
_FIRST = re.compile(r"[，,；;。\s(（]")
_VERB = re.compile(r"负责|熟悉|熟练|具备|具有|参与|完成|协助|能够|精通|掌握|了解|配合|有")
_SENTENCE = re.compile(r"[，。；,;:：！!？?]|\d[、.．]")


class Posting:
    """One posting.

    Attributes:
        lines: All of its lines.
        head: Those before any heading.
        tags: Short lines right behind a heading that says `职位描述`, as sites list them.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)
        self.tags: list[str] = []
        self._parts: list[Part] = []
        self._text: str | None = None
        part: Part = "head"
        tags = 0
        for number, line in enumerate(self.lines):
            if line.heading:
                part = line.heading
                if part == "body" and not line.value and not self.tags:
                    self.tags = _tags(self.lines[number + 1 :])
                    tags = len(self.tags) + 1
            tags -= 1
            is_tag = 0 <= tags < len(self.tags)
            self._parts.append("tags" if is_tag else part)

    @property
    def head(self) -> list[Line]:
        """The lines before any heading."""
        return self.of("head")

    def of(self, *parts: Part) -> list[Line]:
        """The lines of some parts in the order of the text, headings among them."""
        return [line for line, part in zip(self.lines, self._parts, strict=True) if part in parts]

    def labelled(self, label: str) -> tuple[list[str], list[str]]:
        """The values of a label before any heading, and those behind one."""
        values: tuple[list[str], list[str]] = ([], [])
        for line, part in zip(self.lines, self._parts, strict=True):
            if line.label == label and line.value:
                clause = _FIRST.split(line.value, maxsplit=1)[0]
                values[part != "head"].extend(dict.fromkeys((line.value, clause)))
        return values

    def all_but(self, *parts: Part) -> list[Line]:
        """The lines of all other parts."""
        return [line for line, part in zip(self.lines, self._parts, strict=True) if part not in parts]

    def spelling(self, word: str) -> str:
        """A word as the posting first writes it, where only case differs."""
        if self._text is None:
            self._text = "\n".join(line.text for line in self.lines)
        found = re.search(re.escape(word), self._text, re.IGNORECASE)
        return found[0] if found else word

    @property
    def told(self) -> list[Line]:
        """What the posting says of the work, wherever."""
        return self.of("head", "body", "duties", "wants")


def postings_of(lines: Sequence[Line], titles: TitleFinder) -> list[Posting]:
    """The postings of a text, in order.

    One begins with its label, with a title before a heading that was there before, or as an entry of a list.
    What stands before the entries of a list, or behind the last one and is about no job alone, holds for all.
    """
    lines, entries = _spread(lines, titles)
    if not lines:
        return []
    starts = [0]
    seen: set[Part] = set()
    title = ""
    for number, line in enumerate(lines):
        begin = None
        if line.label == "title" and line.value:
            is_other = number in entries or (line.value != title and _has_pay(lines[starts[-1] : number]))
            if number == min(entries, default=None) or (title and (seen or is_other)):
                begin = number
            title = line.value
        elif line.heading in _BEGINNING:
            if line.heading in seen:
                before = range(max(starts[-1] + 1, number - TITLE_BEFORE), number)
                begin = next(
                    (at for at in before if not _is_told(lines[at]) and titles.single(lines[at])), None
                )
            seen.add(line.heading)
        if begin is not None and len(starts) <= MAX_OTHERS:
            starts.append(begin)
            seen = {line.heading} if line.heading in _BEGINNING else set()
            title = title or "-"
    parts = [list(lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    ahead: list[Line] = []
    if entries and not any(
        (line.label == "title" and line.value) or line.heading in _BEGINNING for line in parts[0]
    ):
        ahead = [line for line in parts.pop(0) if titles.tells(line)]
    if len(parts) > 1:
        behind = _shared(parts, max(entries.items(), default=(0, 0))[1])
        parts = [[*ahead, *part, *(behind if part is not parts[-1] else ())] for part in parts]
        names = [next((line.value.lower() for line in part if line.label == "title"), "") for part in parts]
        parts = [
            [line for line in part if not _is_anothers(line, name, names)]
            for part, name in zip(parts, names, strict=True)
        ]
    return [Posting(part) for part in parts if part]


def _is_anothers(line: Line, name: str, names: Sequence[str]) -> bool:
    """Whether a line begins with what only other jobs are called: `前端：熟悉Vue`."""
    whose = _WHOSE.match(line.text.lower())
    if not whose or line.label == "title" or whose[1] in name:
        return False
    return any(whose[1] in other for other in names)


def _spread(lines: Sequence[Line], titles: TitleFinder) -> tuple[list[Line], dict[int, int]]:
    """The lines with each job of a list on its own, its title as label.

    Returns:
        The lines; and for the number of each job's first line, how many a list has of it.
    """
    found: list[tuple[Line, list[tuple[Title, str]]]] = []
    part: Part = "head"
    seen = set[Part]()
    for number, line in enumerate(lines):
        part = "head" if line.label == "title" else line.heading or part
        if part in seen and line.heading:
            seen.clear()
        seen.add(part)
        jobs: list[tuple[Title, str]] = []
        if part not in _NO_JOBS:
            jobs = titles.entries(line) if part == "head" else []
            if not jobs and (job := titles.entry(line)) and (part == "head" or facts.pay_in(line.text)):
                jobs = [job]
            # `会计`, and on the next line `6-8K 本科`; or `1.会计`, and a heading. Among a job's duties that
            # is one of them, unless the heading was there before.
            if not jobs and not line.label and number + 1 < len(lines):
                behind = lines[number + 1].heading
                is_duty = part != "head" and behind not in seen
                is_begun = _ITEM.match(line.text) and behind in _BEGINNING and not is_duty
                if is_begun or (facts.pay_in(lines[number + 1].text) and not _is_told(line)):
                    single = titles.single(line)
                    jobs = [(single, line.text)] if single else []
        found.append((line, jobs))
    # Of a job that a list names again the later entry says more: a headline only calls for people.
    best = {title.text.lower(): number for number, (_, jobs) in enumerate(found) for title, _ in jobs}
    for number, (_, jobs) in enumerate(found):
        # It may call them by a longer name (`保洁阿姨`). A `会计主管` with an entry of their own is another.
        for name in [title.text.lower() for title, said in jobs if len(jobs) > 1 and said == title.text]:
            is_last = best.get(name) == number
            if is_last and any(at > number and name.startswith(other) for other, at in best.items()):
                del best[name]
    if len(best) < 2:
        return list(lines), {}
    spread: list[Line] = []
    entries: dict[int, int] = {}
    for number, (line, jobs) in enumerate(found):
        for title, said in jobs:
            if best.get(title.text.lower()) == number:
                del best[title.text.lower()]
                rest = said.partition(title.text)[2].strip(" \t:：，,、）)")
                entries[len(spread)] = 1 + bool(rest)
                spread.append(Line(title.text, label="title", value=title.text))
                spread += [Line(rest, value=rest)] if rest else []
        spread += [line] if not jobs else []
    return spread, entries


def _has_pay(lines: Sequence[Line]) -> bool:
    return any(line.label == "pay" or facts.pay_in(line.text) for line in lines)


def _shared(parts: Sequence[Sequence[Line]], own: int) -> list[Line]:
    """What stands behind the last job of a list and holds for the others too.

    Where these have no further lines that is all of it, else place and benefits. `own` says how many lines a
    list has of the last one; 0 where there is no list.
    """
    last = parts[-1]
    if all(part[-1].label == "title" for part in parts[:-1]):
        own = own or 1  # `岗位一：会计 5-8K` in a line each
    if own and max(map(len, parts[:-1])) <= _ENTRY_LINES:
        return list(last[own:])
    if any(line.label == "place" or line.heading == "place" for part in parts[:-1] for line in part):
        return []
    posting = Posting(last)
    return [line for line in last if line.label == "place" or line in posting.of("place", "benefits")]


def _is_told(line: Line) -> bool:
    """Whether a line is a sentence or an item of a list."""
    return bool(_ITEM.match(line.text) or _SENTENCE.search(line.text)) and line.label != "title"


def _tags(lines: Sequence[Line]) -> list[str]:
    tags: list[str] = []
    for line in lines:
        is_tag = not line.heading and not line.label and len(line.text) <= MAX_TAG_CHARS
        if not is_tag or _SENTENCE.search(line.text) or _VERB.match(line.text):
            break
        tags.append(line.text)
    return tags if 2 <= len(tags) <= MAX_TAGS else []
