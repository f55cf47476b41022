"""Lines under their headings, and several postings in one text apart."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.posting.lines import Line
from intake.posting.titles import TitleFinder
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
_ITEM = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）、.．]|[•·●\-*])")
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

    One begins with its label, or with a title before a heading that was there before.
    """
    if not lines:
        return []
    starts = [0]
    seen: set[Part] = set()
    has_title = False
    for number, line in enumerate(lines):
        begin = None
        if line.label == "title" and line.value:
            if has_title and seen:
                begin = number
            has_title = True
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
            has_title = True
    ends = [*starts[1:], len(lines)]
    return [Posting(lines[start:end]) for start, end in zip(starts, ends, strict=True) if start < end]


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
