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
from itertools import chain
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

DENIED = "!"
"""Begins the family of what a resume says somebody has not, or not yet."""

_CLASS = "|".join(LICENCES).lower()
_CLASSES = f"(?:{_CLASS})(?:[、,/和及兼]?(?:{_CLASS})){{0,6}}"
_LICENSED = re.compile(
    rf"(?<![a-z0-9])({_CLASSES})(?![a-z0-9])\s?(?:类|型)?(?:及以上|以上)?"
    r"(?:驾驶?[证照本]|驾驶执照|驾|[照证本](?![科书])|驾驶员|司机|大车)"
    rf"|(?:驾照|驾驶[证本]|驾驶执照|准驾车型|准驾|增驾)(?:类[型别]|等级|[:(\s为是])?[:(\s]?({_CLASSES})(?![a-z0-9])"
    # Alone a class may be one of a language or a vitamin.
    rf"|(?<!语)(?:没有|只有|持有?|(?<![德法英语])有)({_CLASSES})(?![a-z0-9级]|证书|水平)"
)
_EACH_CLASS = re.compile(_CLASS)
_NAMED = re.compile(r"(?:资格|执业|上岗|操作|从业|技能|等级)(?:证书|证)")
"""What the name of a certificate of whatever kind ends in: `宠物美容师资格证`."""
_NAME = re.compile(r"[一-鿿a-z0-9]{2,12}\Z")
_NAME_CHARS = 12
_HAS = re.compile(r"^.*(?:持有|具有|具备|拥有|考取|取得|获得|考过|已有|没有|持|有|无|和|及|的|并)(?=..)")
"""What stands before the name in its sentence."""
_TEACHING = re.compile(
    r"(幼儿园|小学|初级中学|初中|高级中学|高中|高校)(?:及以上|以上)?[一-鿿]{0,4}(?:教师资格|教资)(?:证书?)?"
)
"""A teacher's certificate with its subject: `高级中学数学教师资格证`."""
_BARE_GRADE = re.compile(
    r"(?:(?:备考|报考|没过|未过|未?通过|没通过|已?过了?|考过了?|英语|持有?|有)|(?<![一-鿿a-z0-9]))([四六])级"
    r"(?![一-鿿]{0,3}(?:工|师|技|职|员|残|保护|资质|总监))"
    r"(?=证|[已未没]?(?:通?过)|[:(\s]?[2-7]\d\d(?!\d)|$|[,。;、)\s])"
)
"""`四级已过`, `六级480`: of English, where nothing else has grades that are said so."""
_GRADES = {"四": 1, "六": 2}
_ENGLISH, _FAILED_BELOW = "英语", 425
_MARK = re.compile(r"[^\d,。;、\n]{0,4}?([2-7]\d\d)(?!\d)")
"""The mark behind a grade of English."""
_NOT_HAD = re.compile(
    r"(?:(?:无|没有?|未|暂无|尚未|还没有?|不[会懂]?)(?:有|考取?|取得|获得|办理?|通过|持有?|相关|过){0,3}"
    r"|(?:备考|报考|拟考|在考|正考|考试中|准备考?|计划考?|想考|打算考)[^,。;、\n]{0,4})$"
)
_NOT_YET = re.compile(
    r"[^,。;、\n]{0,4}?(?:[一二两三四五六1-6]\s?[科门]|在考|在读|备考|考试中|待考|[未没]有?(?:通过|过(?!期)|考)|不合格|学习中"
    r"|笔试已?通?过|(?<![未没])(?:注销|过期|失效))"
    r"|[证书]?[:\s]?(?:暂?无|没有)(?=$|[,。;、\s])"
)
_OF_OTHERS = re.compile(r"(?:培训|辅导|指导|协助|考过期|无)[^,。;、\n]{0,4}$")
_OF_A_COURSE = re.compile(r"(?:考前|考试)?(?:培训|辅导|课程|题库)")
"""What stands around the name of a certificate that others have, or nobody: nothing is said of the person."""
_LATIN = re.compile(r"[a-z0-9]")
_BEFORE, _BEHIND = 8, 8
_HEAD = 2
"""Characters of a name by which it is looked up; none is shorter."""
_TAILS = re.compile(r"(?:资格|执业|从业|等级)?(?:证书|证)$")
_LEVELS = ("一级", "二级", "三级", "四级", "五级", "初级", "中级", "高级")
_OTHER_WORDS = {"一级": ("壹级", "1级", "ⅰ级"), "二级": ("贰级", "2级", "ⅱ级")}
_HOWS = ("没有", "只有", "持有", "持", "有")
"""What a class that stands alone is read by, and is no part of it."""


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
        rows = list(rows)
        for row in rows:
            self._kinds[row.family] = row.kind
            for name in row.names:
                self._of.setdefault(normalise(name), (row.family, row.level))
        for row in rows:
            for name in chain.from_iterable(map(_variants, row.names)):
                self._of.setdefault(name, (row.family, row.level))
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

        The family of what they have not, or not yet, begins with `DENIED`. What is only taught is left out.
        Linear in the text.
        """
        found: dict[tuple[str, str], str] = {}
        for family, level, begin, end in self.mentions(text):
            before, behind = text[max(0, begin - _BEFORE) : begin], text[end : end + _BEHIND]
            words = text[begin:end]
            if lacks := _NOT_HAD.search(before):
                family, words = DENIED + family, lacks[0] + words
            elif yet := _NOT_YET.match(behind):
                family, words = DENIED + family, words + yet[0]
            elif _OF_OTHERS.search(before) or _OF_A_COURSE.match(behind):
                continue
            elif family == _ENGLISH and level in "12" and (mark := _MARK.match(behind)):
                words += f" {mark[1]}"
                family = DENIED + family if int(mark[1]) < _FAILED_BELOW else family
            found.setdefault((family, level), words)
            if len(found) >= MAX_FOUND:
                break
        return tuple(f"{family}:{level}:{words}" for (family, level), words in found.items())

    def mentions(self, text: str) -> Iterator[Mention]:
        """All names in a normalised text, whatever is said of them; those of a kind in their order."""
        for match in _LICENSED.finditer(text):
            begin, end = match.span()
            begin += next((len(how) for how in _HOWS if text.startswith(how, begin)), 0)
            for one in _EACH_CLASS.findall(match[1] or match[2] or match[3]):
                yield Mention(LICENCE, one.upper(), begin, end)
        taught = set()
        for match in _TEACHING.finditer(text):
            taught.add(match.end())
            if (name := f"{match[1]}教师资格") in self._of:
                yield Mention(*self._level_of(name), *match.span())
        named = list(self._names(text))
        for begin, end in named:
            yield Mention(*self._level_of(text[begin:end]), begin, end)
        covered = {place for begin, end in named for place in range(begin, end)}
        for match in _BARE_GRADE.finditer(text):
            if match.start(1) not in covered:
                yield Mention(_ENGLISH, str(_GRADES[match[1]]), match.start(1), match.end(1) + 1)
        for match in _NAMED.finditer(text):
            begin, end = match.span()
            before = _NAME.search(text[max(0, begin - _NAME_CHARS) : begin])
            name = _HAS.sub("", before[0]) if before else ""
            if len(name) > 1 and end not in taught and name + match[0] not in self._of:
                yield Mention(OTHER, "0", begin - len(name), end)

    def _level_of(self, name: str) -> tuple[str, str]:
        family, level = self._of[name]
        return family, str(level)

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
        named = [one for one in self.mentions(words) if one.family != OTHER]
        if any(one.family == LICENCE for one in named):
            return LICENCE, 0
        # `英语CET-6` names a language and a level of it.
        best = max(named, key=lambda one: int(one.level), default=None)
        return (best.family, int(best.level)) if best else (OTHER, 0)

    def kind(self, family: str) -> str:
        """`certificate`, `licence` or `language`."""
        return self._kinds.get(family, "certificate")


def _variants(name: str) -> Iterator[str]:
    """Other ways to write a name that begins with its level: `一级注册建造师`, `会计师(中级)`."""
    normalised = normalise(name)
    level, trade = normalised[:2], normalised[2:]
    if level not in _LEVELS or len(trade) < _HEAD:
        return
    registered = trade.removeprefix("注册")
    for one in (level, *_OTHER_WORDS.get(level, ())):
        yield from (f"{one}{registered}", f"{one}注册{registered}", f"注册{one}{registered}")
        yield from (
            f"{registered}({one})",
            f"{registered}{one}",
            f"{registered}:{one}",
            f"{registered} {one}",
        )


def class_in(asked: str) -> str:
    """The class of a driving licence that a feed's words ask for; empty where any will do."""
    found = _EACH_CLASS.search(normalise(asked, MAX_ASKED_CHARS))
    return found[0].upper() if found else ""


def is_called(asked: str, words: str) -> bool:
    """Whether a certificate that a resume names is one that a feed asks for, by what both are called."""
    wanted = _TAILS.sub("", normalise(asked, MAX_ASKED_CHARS))
    return len(wanted) > 1 and wanted in words


def _is_in_word(text: str, begin: int, end: int) -> bool:
    """Whether a Latin word or a number goes on beyond a piece of a text."""
    return bool(_LATIN.match(text[begin]) and begin and _LATIN.match(text[begin - 1])) or bool(
        _LATIN.match(text[end - 1]) and end < len(text) and _LATIN.match(text[end])
    )
