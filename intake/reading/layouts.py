r"""The layouts of the big sites: how each is known, what its words mean, and what is to be dropped.

A layout is a file of `layouts/`:

    name = "51job"
    marks = ["^51job", "ID:\d{6,}"]      # patterns; `least` of them must stand somewhere in the document
    least = 2
    drop = ["下载APP"]                     # how lines begin that are no part of the resume
    works = ["(?P<title>.+) \| (?P<company>.+)"]   # lines of a job's header, whole, by the names of labels
    [sections]                            # more headings, as in words.toml
    [labels]                              # more labels; person_id is the site's own number of the person
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache

import msgspec

from intake.reading.lines import Line
from intake.reading.words import HERE, Words, read_words, words

MARK_CHARS = 200
"""Characters of a line in which marks are looked for, and which a line to be dropped has at most."""


class Layout(msgspec.Struct, frozen=True, eq=False):
    """What a file of a layout says, and all words with its own; for any other resume the name is ""."""

    name: str
    marks: tuple[re.Pattern[str], ...]
    least: int
    drop: re.Pattern[str]
    works: tuple[re.Pattern[str], ...]
    words: Words

    def is_of(self, texts: Sequence[str]) -> bool:
        """Whether a document has this layout."""
        return sum(any(mark.search(text) for text in texts) for mark in self.marks) >= self.least

    def kept(self, lines: Sequence[Line]) -> list[Line]:
        """Lines without those that are no part of the resume."""
        return [line for line in lines if len(line.text) > MARK_CHARS or not self.drop.match(line.text)]


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts; the last one is that of any resume."""
    known = []
    plain = tomllib.loads((HERE / "words.toml").read_text("utf-8"))["drop"]
    for path in sorted((HERE / "layouts").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        known.append(
            Layout(
                name=data["name"],
                marks=tuple(re.compile(mark, re.IGNORECASE) for mark in data["marks"]),
                least=data.get("least", 1),
                drop=_any([*data.get("drop", ()), *plain]),
                works=tuple(re.compile(pattern) for pattern in data.get("works", ())),
                words=read_words(path, words()),
            )
        )
    return (*known, Layout("", (), 0, _any(plain), (), words()))


def layout_of(lines: Sequence[Line], title: str) -> Layout:
    """The layout of a document."""
    texts = [title[:MARK_CHARS], *(line.text[:MARK_CHARS] for line in lines)]
    return next(layout for layout in layouts() if layout.is_of(texts))


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"\A(?:{joined})", re.IGNORECASE)
