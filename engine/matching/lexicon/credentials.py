"""Certificates, driving licences and languages: what a resume says somebody has, and what a feed asks for.

    table = Credentials(rows)
    table.find("持有二级建造师证，驾照B2")      # ('建造师:1:二级建造师证', '驾照:B2:驾照b2')
    table.asked("一建")                         # ('建造师', 2)

Names are of a family, and stand in it at a level: who has a higher one has what the lower one asks for.
Level 0 is the family named alone (`建造师证`), which says neither that somebody has a level nor that not. Of
driving licences the classes stand in the place of levels, see `LICENCES`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.matching.lexicon.rows import CredentialRow
from engine.matching.text.normalise import normalise

LICENCES = {
    "A1": ("A1", "A3", "B1", "B2", "C1", "C2"),
    "A2": ("A2", "B1", "B2", "C1", "C2"),
    "A3": ("A3", "C1", "C2"),
    "B1": ("B1", "C1", "C2"),
    "B2": ("B2", "C1", "C2"),
    "C1": ("C1", "C2"),
    "C2": ("C2",),
}
"""Class of a driving licence -> the classes of what its holder may drive."""
LICENCE = "驾照"
"""The family of driving licences."""
OTHER = "其他"
"""The family of certificates that the table does not have; they are compared by what they are called."""

MAX_FOUND = 20
"""Credentials that are kept of a resume."""
MAX_ASKED_CHARS = 50
"""Characters of what a feed asks for that are read."""

_CLASSES = "|".join(LICENCES).lower()
_LICENSED = re.compile(
    rf"(?<![a-z0-9])({_CLASSES})\s?(?:类|型)?(?:驾驶?[证照本]|驾驶执照|驾|[照证本](?!科))"
    rf"|(?:驾照|驾驶[证本]|驾驶执照)(?:类[型别]|等级|[:(\s为是])?[:(\s]?({_CLASSES})(?![a-z0-9])"
)
_NAMED = re.compile(r"(?:资格|执业|上岗|操作|从业|技能|等级)(?:证书|证)")
"""What the name of a certificate of whatever kind ends in: `宠物美容师资格证`."""
_NAME = re.compile(r"[一-鿿a-z0-9]{2,12}\Z")
_NAME_CHARS = 12
_HAS = re.compile(r"^.*(?:持有|具有|具备|拥有|考取|取得|获得|考过|已有|持|有|和|及|的|并)(?=..)")
"""What stands before the name in its sentence."""
_NOT_HAD = re.compile(
    r"(?:无|没有|未|暂无|尚未|还没|备考|报考|拟考|在考|正考|考试中|准备考?|计划考?|培训|辅导|指导|协助|考过期|不会)"
    r"[^,。;、\n]{0,4}$"
)
_NOT_YET = re.compile(
    r"[^,。;\n]{0,4}?(?:[一二两三四五六1-6]\s?[科门]|在考|在读|备考|考试中|待考|[未没](?:通过|过(?!期))|不合格|学习中"
    r"|笔试已?通?过|(?<![未没])(?:注销|过期|失效))"
    r"|(?:考前)?(?:培训|课程|题库)"
)
_LATIN = re.compile(r"[a-z0-9]")
_BEFORE, _BEHIND = 8, 8
_HEAD = 2
"""Characters of a name by which it is looked up; none is shorter."""
_TAILS = re.compile(r"(?:资格|执业|从业|等级)?(?:证书|证)$")


class Mention(NamedTuple):
    """A name in a text: its family, its level or class, and where it stands."""

    family: str
    level: str
    begin: int
    end: int


class Credentials:
    """The table, by names.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(self, rows: Iterable[CredentialRow]) -> None:
        self._of: dict[str, tuple[str, int]] = {}
        self._kinds: dict[str, str] = {}
        for row in rows:
            self._kinds[row.family] = row.kind
            for name in row.names:
                self._of.setdefault(normalise(name), (row.family, row.level))
        self.revision = hashlib.sha256(repr(sorted(self._of.items())).encode()).hexdigest()[:16]
        lengths: dict[str, set[int]] = {}
        for name in self._of:
            lengths.setdefault(name[:_HEAD], set()).add(len(name))
        self._lengths = {head: sorted(some, reverse=True) for head, some in lengths.items()}
        firsts = "".join(sorted({head[0] for head in lengths}))
        # Not compiled, as what is built is kept in a file.
        self._first = f"[{re.escape(firsts)}]" if firsts else "(?!)"

    def find(self, text: str) -> tuple[str, ...]:
        """What a normalised text says that somebody has: `family:level:words`, each family's best ones.

        What is only wanted, taught or not passed yet is left out. Linear in the text.
        """
        found: dict[tuple[str, str], str] = {}
        for family, level, begin, end in self.mentions(text):
            if _NOT_HAD.search(text[max(0, begin - _BEFORE) : begin]) or _NOT_YET.match(
                text[end : end + _BEHIND]
            ):
                continue
            found.setdefault((family, level), text[begin:end])
            if len(found) >= MAX_FOUND:
                break
        return tuple(f"{family}:{level}:{words}" for (family, level), words in found.items())

    def mentions(self, text: str) -> Iterator[Mention]:
        """All names in a normalised text, whatever is said of them; those of a kind in their order."""
        for match in _LICENSED.finditer(text):
            yield Mention(LICENCE, (match[1] or match[2]).upper(), *match.span())
        for begin, end in self._names(text):
            family, level = self._of[text[begin:end]]
            yield Mention(family, str(level), begin, end)
        for match in _NAMED.finditer(text):
            begin, end = match.span()
            before = _NAME.search(text[max(0, begin - _NAME_CHARS) : begin])
            name = _HAS.sub("", before[0]) if before else ""
            if len(name) > 1 and name + match[0] not in self._of:
                yield Mention(OTHER, "0", begin - len(name), end)

    def _names(self, text: str) -> Iterator[tuple[int, int]]:
        """Where names stand, the longest at each place; Latin ones stand by themselves."""
        until = 0
        for match in re.finditer(self._first, text):
            begin = match.start()
            if begin < until:
                continue
            for length in self._lengths.get(text[begin : begin + _HEAD], ()):
                end = min(begin + length, len(text))
                if text[begin:end] in self._of and not _is_in_word(text, begin, end):
                    until = end
                    yield begin, end
                    break

    def asked(self, text: str) -> tuple[str, int]:
        """The family and the level that a feed's words ask for.

        Returns:
            `OTHER` where the table has no such name.
        """
        words = normalise(text, MAX_ASKED_CHARS)
        if words in self._of:
            return self._of[words]
        found = [self._of[words[begin:end]] for begin, end in self._names(words)]
        # `英语CET-6` names a language and a level of it.
        return max(found, key=lambda one: one[1], default=(OTHER, 0))

    def kind(self, family: str) -> str:
        """`certificate`, `licence` or `language`."""
        return self._kinds.get(family, "certificate")


def is_called(asked: str, words: str) -> bool:
    """Whether a certificate that a resume names is one that a feed asks for, by what both are called."""
    wanted = _TAILS.sub("", normalise(asked, MAX_ASKED_CHARS))
    return len(wanted) > 1 and wanted in words


def _is_in_word(text: str, begin: int, end: int) -> bool:
    """Whether a Latin word or a number goes on beyond a piece of a text."""
    return bool(_LATIN.match(text[begin]) and begin and _LATIN.match(text[begin - 1])) or bool(
        _LATIN.match(text[end - 1]) and end < len(text) and _LATIN.match(text[end])
    )
