"""Job titles to occupations: the head noun decides, the level is taken off, the rest is context.

Chinese titles end in their head noun: `Java讲师` is a teacher, `Java开发销售经理` sells, `测试开发` tests.
So the last occupation named in a title is the one meant, and what stands before it only narrows it down.
English ones do too, or name it before an `of`; what is particular to Latin letters is in `latin_titles`.
Levels are read elsewhere (`analysis.readers`); what duties say of an occupation is in `occupations`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

import msgspec

from engine.matching.lexicon.latin_titles import (
    head_last,
    is_role,
    loosely_squeezed,
    squeezed,
    unhyphened,
    whole_end,
)
from engine.matching.lexicon.rows import TitleRow
from engine.matching.text.normalise import clauses, normalise
from engine.matching.text.sentences import sentences

MAX_TITLE_CHARS = 60
"""Characters of a title that are read. A longer one is a description in the wrong field."""
ASSISTANT = 0.4
"""Trust in an occupation that 助理 or the like follows: assistants may do that work, or only type for it."""
FOLLOWED, MAX_TAIL_CHARS = 0.8, 3
"""Trust in an occupation that more characters follow: the real head noun may be unknown to us."""
SECOND = 0.7
"""Weight of a second occupation in one title (`出纳兼人事行政`)."""

SOUGHT_SENTENCES = 12
"""Sentences of a posting in which it may name the person sought; later ones name colleagues."""
PERSON_CHARS = 3
"""Shortest name of a person sought. Two characters are too often the end of another word."""

# A clause with one of these is about colleagues.
_BESIDE = re.compile(r"[与和跟向给对]|配合|协助|合作|沟通")
# Ends of names of persons; other aliases name fields of work (`后端`) or things.
_PERSON = re.compile(r"(?:师|员|经理|顾问|代表|主管|助理|会计|出纳|主播|司机|厨)$")
# Level words, and what recruiters put before a title to be noticed.
_LEVEL = re.compile(
    r"(?:初|中|高)?(?:初级|中级|高级)|资深|首席|实习生?|见习|储备|急聘|诚聘|急招|高薪|招聘?(?=后厨|店员|普工)"
    r"|(?<![a-z])(?:(?:junior|senior|intern|trainee|principal|entry[ -]level|mid[ -]level)(?![a-z])"
    r"|[sj]r(?![a-z])\.?|(?:lead|staff) (?=[a-z]))|(?<=[a-z]) lead$"
)
_BRACKET = re.compile(r"[(\[【{<《]([^)\]】}>》]{0,40})[)\]】}>》]?")
# Between two occupations in one title.
_PARTS = re.compile(r"[/、,|+&;]|兼(?!职)|(?<=.)和(?=.)|(?<=[a-z]) and (?=[a-z])|\s-\s|——")
# Salaries, benefits, numbers of vacancies and signs; a number inside a name (`vue3`) stays.
_NOISE = re.compile(
    r"(?<![a-z\d])\d+(?:-\d+)?k?(?![a-z\d])|[^\w+#./ ]|双休|五险一金|包吃住?|包住|社招|校招|应届生?|急|岗位?$"
    r"|(?<![a-z\d])[a-z]?\d+$|(?<=[a-z]) (?:i{1,3}|iv|v)(?![a-z])"
)
# What the work is not (`客服专员-无销售性质`): the occupation named last would be just that.
_DENIED = re.compile(
    r"(?:无需?|非|不是|不做|不含|不用做)(?:任何)?(?:电话)?(?:销售|推销|电销|地推|技术|外包)(?:性质?|类|岗位?|任务|指标|压力)*"
)
HELPS = re.compile(r"(?:助理|助手|学徒|秘书|assistants?|secretary)$")
"""Behind an occupation or a leader: somebody who helps with it, or them."""


class TitleReading(msgspec.Struct, frozen=True):
    """What a title says.

    Attributes:
        occupations: Occupation -> trust, 0..1; empty for a vague or unknown title.
        text: The normalised title without level words, brackets, noise, and spaces but between Latin words.
        vague: Whether the title says nothing about the work.
    """

    occupations: dict[str, float]
    text: str
    vague: bool


class TitleReader:
    """Reads titles against the lexicon's aliases; the longest alias at each place wins."""

    def __init__(self, rows: Iterable[TitleRow], vague: Iterable[str]) -> None:
        self._aliases: dict[str, str] = {}
        # Canonical titles first, so that no alias of another occupation takes one of them.
        for row in rows:
            name = occupation_id(row.title)
            self._aliases[_key(row.title)] = name
        for row in rows:
            for alias in row.aliases:
                self._aliases.setdefault(_key(alias), occupation_id(row.title))
        self._vague = frozenset(map(_key, vague))
        self._lengths = sorted({len(alias) for alias in self._aliases}, reverse=True)
        # By first character, because few lengths are worth a look at any one place.
        firsts: dict[str, set[int]] = defaultdict(set)
        for alias in filter(None, self._aliases):
            firsts[alias[0]].add(len(alias))
        self._firsts = {first: sorted(lengths, reverse=True) for first, lengths in firsts.items()}

    def read(self, title: object) -> TitleReading:
        """The occupations of one title, in the order in which its parts name them."""
        text = without_denied(normalise(title, MAX_TITLE_CHARS))
        extra = " ".join(_BRACKET.findall(text))
        plain = unhyphened(_LEVEL.sub("", _BRACKET.sub(" ", text))).strip()
        stripped = _NOISE.sub("", plain)
        bare, text = squeezed(stripped)[0], loosely_squeezed(stripped)
        # Where the title itself says nothing, its brackets may: `工程师(Java)`.
        if not bare or bare in self._vague:
            occupations = self._read_parts(extra)
            return TitleReading(occupations, text, vague=not occupations)
        occupations = self._read_parts(plain)
        if not occupations and extra:
            occupations = self._read_parts(extra)
        return TitleReading(occupations, text, vague=False)

    def named(self, text: str) -> str | None:
        """The occupation that has a text as one of its whole names; None where none has."""
        return self._aliases.get(_key(text))

    def sought(self, text: str) -> list[str]:
        """The occupations that the first sentences of a posting say are sought.

        A clause that ends in an occupation (`寻找一名有想象力的产品经理`) says so. One in which it stands
        anywhere else (`与产品经理合作`) is about colleagues.
        """
        found: dict[str, None] = {}
        for sentence in islice(sentences(text), SOUGHT_SENTENCES):
            for clause in clauses(sentence):
                bare = clause.replace(" ", "")[-MAX_TITLE_CHARS:]
                if _BESIDE.search(bare):
                    continue
                for length in self._lengths:
                    name = self._aliases.get(bare[-length:]) if PERSON_CHARS <= length <= len(bare) else None
                    if name and _PERSON.search(bare):
                        found[name] = None
                        break
        return list(found)

    def _read_parts(self, text: str) -> dict[str, float]:
        whole = self._aliases.get(_key(text))
        if whole:
            return {whole: 1.0}
        found: dict[str, float] = {}
        for part in _PARTS.split(head_last(text)):
            name, trust = self._head(*squeezed(_NOISE.sub("", part)))
            if name:
                found[name] = max(found.get(name, 0.0), trust * (SECOND if found else 1.0))
        return found

    def _head(self, text: str, joints: frozenset[int]) -> tuple[str, float]:
        """The last occupation named in one part, and how far it can be trusted."""
        if text in self._vague:
            return "", 0.0
        if text in self._aliases:
            return self._aliases[text], 1.0
        hits = self._hits(text, joints)
        if not hits:
            return "", 0.0
        # The head noun is the last one; but a VP of sales is first of all in sales.
        begin, end, name = hits[-1]
        if len(hits) > 1 and is_role(text[begin:end]):
            begin, end, name = hits[-2]
        rest = text[end:]
        if HELPS.search(rest):
            return name, ASSISTANT
        return name, 1.0 if len(rest) <= MAX_TAIL_CHARS or is_role(rest) else FOLLOWED

    def _hits(self, text: str, joints: frozenset[int]) -> list[tuple[int, int, str]]:
        """Aliases in the text as (begin, end, occupation), left to right, the longest at each place."""
        hits = []
        position = 0
        while position < len(text):
            step = 1
            for length in self._firsts.get(text[position], ()):
                alias = text[position : position + length]
                if len(alias) == length and alias in self._aliases and alias not in self._vague:
                    end = whole_end(text, position, position + length, joints)
                    if end < 0:
                        continue
                    hits.append((position, end, self._aliases[alias]))
                    step = end - position
                    break
            position += step
        return hits


def without_denied(title: str) -> str:
    """A normalised title without what it says that the work is not."""
    return _DENIED.sub(" ", title).strip()


@lru_cache(4096)
def occupation_id(title: str) -> str:
    """The key of an occupation: its canonical title, normalised."""
    return _key(title)


def _key(text: str) -> str:
    return unhyphened(normalise(text, MAX_TITLE_CHARS)).replace(" ", "")
