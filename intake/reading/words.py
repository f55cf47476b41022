"""The words of `words.toml`, compiled: headings, labels, values and surnames.

Which of them counts where is for others.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from engine.matching.text.normalise import squeeze

HERE = Path(__file__).resolve().parent

MAX_HEADING_CHARS = 40
"""Characters of the longest heading, with its decoration."""

_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_NUMBERING = re.compile(r"^(?:第?[一二三四五六七八九十]{1,2}(?:部分)?|[0-9]{1,2})[、.,:\s]+")
_NOTE = re.compile(r"\([^()]{0,16}\)$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_AND = re.compile(r"[与和及/、&+]|(?<=[a-z])and(?=[a-z])")
_LATIN = re.compile(r"[a-z][a-z&/'. -]*")


class Words(msgspec.Struct, frozen=True):
    """What `words.toml` says, and what a layout adds to it.

    Attributes:
        sections: Kind of a section -> what its heading matches as a whole.
        labels: Field -> the words that stand before its value.
        states: What a job seeker's state looks like, as the next three in normalised text.
        kinds: Full time, part time …
        company_kinds: Who owns a company.
        scales: How many people a company has.
        industries: Names of industries, normalised.
        surnames: Of one character.
        double_surnames: Of two.
        never: What begins with a surname and is no name.
        never_latin: Words that no Latin name has.
    """

    sections: Mapping[str, re.Pattern[str]]
    labels: Mapping[str, tuple[str, ...]]
    states: re.Pattern[str]
    kinds: re.Pattern[str]
    company_kinds: re.Pattern[str]
    scales: re.Pattern[str]
    industries: frozenset[str]
    surnames: frozenset[str]
    double_surnames: frozenset[str]
    never: frozenset[str]
    never_latin: frozenset[str]

    def section(self, text: str) -> str | None:
        """The kind of section that a line is the heading of; None for any other line."""
        if len(text) > MAX_HEADING_CHARS:
            return None
        keys = heading_keys(text)
        return next(filter(None, map(self._of_key, keys)), None) or self._of_two(keys)

    def _of_key(self, key: str) -> str | None:
        return next((kind for kind, pattern in self.sections.items() if pattern.fullmatch(key)), None)

    def _of_two(self, keys: list[str]) -> str | None:
        """The first kind of a heading that names several: `证书与语言`."""
        for key in keys:
            parts = _AND.split(key)
            kinds = [self._of_key(part) for part in parts]
            if 2 <= len(parts) <= 4 and all(kinds):
                return kinds[0]
        return None


def heading_keys(text: str) -> list[str]:
    """As what a heading may be looked up: without decoration, and each language of two by itself."""
    bare = _AROUND.sub("", text)
    bare = _AROUND.sub("", _NUMBERING.sub("", bare))
    whole = squeeze(bare)
    if not whole:
        return []
    keys = [whole, squeeze(_NOTE.sub("", f"{bare})" if "(" in bare and ")" not in bare else bare))]
    if _HAN.search(whole) and len(latin := _LATIN.findall(whole)) == 1 and len(latin[0]) > 2:
        keys += [_AROUND.sub("", whole.replace(latin[0], ""))]
    return [key for key in dict.fromkeys(keys) if key]


@cache
def words() -> Words:
    """The words of all resumes."""
    return read_words(HERE / "words.toml")


def read_words(path: Path, base: Words | None = None) -> Words:
    """Read a file of words; what it lacks is as in `base`, and what both have counts in both."""
    data = tomllib.loads(path.read_text("utf-8"))
    sections: dict[str, re.Pattern[str]] = {}
    for kind, patterns in data.get("sections", {}).items():
        known = [base.sections[kind].pattern] if base and kind in base.sections else []
        # At the beginning alone: else what repeats in them would be gone through at each place.
        sections[kind] = re.compile(rf"\A(?:{'|'.join([*known, *patterns])})")
    labels = {name: tuple(map(str.lower, found)) for name, found in data.get("labels", {}).items()}
    if base:
        # Its own headings are looked at first: one may mean another thing than everywhere else.
        sections |= {kind: pattern for kind, pattern in base.sections.items() if kind not in sections}
        names = base.labels.keys() | labels.keys()
        merged = {name: (*labels.get(name, ()), *base.labels.get(name, ())) for name in sorted(names)}
        return msgspec.structs.replace(base, sections=sections, labels=merged)
    values, names_of = data["values"], data["names"]
    return Words(
        sections=sections,
        labels=labels,
        states=re.compile(rf"\A(?:{values['states']})"),
        kinds=re.compile(values["kinds"]),
        company_kinds=re.compile(values["company_kinds"]),
        scales=re.compile(values["scales"]),
        industries=frozenset(values["industries"]),
        surnames=frozenset(names_of["single"]),
        double_surnames=frozenset(names_of["double"]),
        never=frozenset(names_of["never"]),
        never_latin=frozenset(names_of["never_latin"].split()),
    )


def spaced(word: str) -> str:
    """A pattern of a label, with a few blanks allowed between its characters where they are Chinese."""
    parts = []
    for position, character in enumerate(word):
        between = position and (_HAN.match(character) or _HAN.match(word[position - 1]))
        parts.append(
            (r"\s{0,4}" if between else "") + (r"\s{1,2}" if character == " " else re.escape(character))
        )
    return "".join(parts)


def any_of(labels: Iterable[str]) -> str:
    """A pattern of several labels; the longest wins."""
    return "|".join(map(spaced, sorted(set(labels), key=len, reverse=True)))
