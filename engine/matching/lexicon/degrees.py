"""Degrees as people write them, as ranks that can be compared: 1 (初中) to 6 (博士), 0 when unknown."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.matching.lexicon.demands import is_asked_for
from engine.matching.text.latin import stands_in
from engine.matching.text.normalise import normalise

DEGREES = {
    "博士": 6,
    "硕博": 6,
    "直博": 6,
    "硕士": 5,
    "研究生": 5,
    "本硕": 5,
    "mba": 5,
    "emba": 5,
    "本科": 4,
    "专升本": 4,
    "学士": 4,
    "大专": 3,
    "专科": 3,
    "高职": 3,
    "中专": 2,
    "中职": 2,
    "高中": 2,
    "职高": 2,
    "技校": 2,
    "中技": 2,
    "初中": 1,
    "小学": 1,
    "phd": 6,
    "ph.d": 6,
    "doctor": 6,
    "doctorate": 6,
    "master": 5,
    "masters": 5,
    "msc": 5,
    "m.sc": 5,
    "postgraduate": 5,
    "bachelor": 4,
    "bachelors": 4,
    "bsc": 4,
    "b.sc": 4,
    "bba": 4,
    "undergraduate": 4,
    "associate degree": 3,
    "college diploma": 3,
    "high school": 2,
}
"""Degree word -> rank."""
DEGREE_NAMES = ("", "初中", "高中", "大专", "本科", "硕士", "博士")
"""The name of each rank, by rank, for people."""
DEGREE = "学历"
"""The family of a credential that says of a degree what its rank does not."""

MAX_DEGREE_CHARS = 40
"""Characters of a degree field that are read; the degree is always among the first."""

_BROKEN_OFF = re.compile(r"肄业|辍学|退学|[未没]有?毕业")
_STUDYING = re.compile(r"在读|就读|在校")
_BELOW = (0, 0, 1, 2, 2, 4, 5)
"""The rank that whoever studied for one had before; 专科 is none that one has before 本科."""

_WORD = "博士|硕士|研究生|本科|学士|大专|专科|高职|中专|高中|职高|技校|中技|初中"
_ANY = re.compile(rf"(?:博士|硕士)研究生|{_WORD}")
# A degree counts as asked for only beside such a word: a posting may name one for other reasons (`本科教学`).
_REQUIRED = re.compile(
    rf"(?:{_WORD})(?!(?:学历)?[及或]?以下)[^,。;\n]{{0,6}}?(?:以上|及以上|起|毕业|学历)(?![及或]?以下)"
    r"(?![一-鿿]{0,4}(?:教师|教资))"
    rf"|(?:学历|不低于|至少)[^,。;\n]{{0,6}}?(?:{_WORD})(?!(?:学历)?[及或]?以下)"
)
_REQUIRED_ENGLISH = re.compile(
    r"\b(phd|ph\.d|doctorate|masters?|bachelors?)(?:'s|’s)?[^,.;。\n]{0,8}"
    r"(?:degree|or above|or higher|required)"
)


class Schooling(NamedTuple):
    """What a degree field says.

    Attributes:
        rank: The rank for which somebody is taken: who still studies for the highest one.
        finished: The rank that they have for certain.
        words: What people call it: `中专`, `本科在读`, `大专肄业`; empty where it is unknown.
    """

    rank: int
    finished: int
    words: str


def schooling(value: object) -> Schooling:
    """A degree field; of several degrees the highest."""
    text = normalise(value, MAX_DEGREE_CHARS)
    ranks = {word: rank for word, rank in DEGREES.items() if stands_in(word, text)}
    rank = max(ranks.values(), default=0)
    name = DEGREE_NAMES[rank]
    # Four kinds of school have the rank of one, and nobody of 技校 says that they went to 高中.
    named = [word for word, one in ranks.items() if one == rank and not word.isascii()]
    if rank == DEGREE_NAMES.index("高中") and named and name not in named:
        name = named[0]
    if rank and (broken_off := _BROKEN_OFF.search(text)):
        return Schooling(_BELOW[rank], _BELOW[rank], name + broken_off[0])
    if rank and _STUDYING.search(text):
        return Schooling(rank, _BELOW[rank], f"{name}在读")
    return Schooling(rank, rank, name)


def required_degree(text: str) -> int:
    """The lowest degree that a posting's normalised text asks for (`大专以上`, `本科及以上学历`); 0 for none.

    A sentence that only prefers a degree (`硕士优先`) asks for nothing, and neither does one that needs none
    (`无需本科学历`) or only bounds it above (`高中及以下`). Of several (`博士或硕士学历`) the lowest counts.
    """
    ranks = []
    for found in _REQUIRED.finditer(text):
        if is_asked_for(text, *found.span()):
            ranks += [DEGREES[name.removesuffix("研究生") or name] for name in _ANY.findall(found[0])]
    for found in _REQUIRED_ENGLISH.finditer(text):
        if is_asked_for(text, *found.span()):
            ranks.append(DEGREES[found[1]])
    return min(ranks, default=0)
