"""What a posting requires of people, as a form has it: degree, years, certificates, licence, languages.

What it asks for plainly is a must. What it would rather have (`优先`), and what it says it may do without
(`优秀者可放宽学历`), is a wish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from engine.matching.lexicon.credentials import LICENCES, OTHER, Credentials, Mention
from engine.matching.lexicon.degrees import DEGREE_NAMES
from engine.matching.lexicon.demands import is_asked_for
from engine.matching.text.normalise import normalise
from intake.posting import facts
from store.feeds.feed_documents import FeedRequirements

_MOST = {"certificates": 10, "languages": 5}
"""As many as the form takes."""
_FIELDS = {"certificate": "certificates", "language": "languages", "licence": "licence"}
_MAX_CHARS = 20_000
_LOWEST = DEGREE_NAMES.index("大专")
"""Hardly anybody names a lower degree as a requirement that somebody might not have."""
_ANY = re.compile(r"不限")
_EASED = re.compile(r"放宽|放低|破格|降低[^,]{0,6}(?:要求|条件|标准)|[不非](?:[做作是]|作为)?硬性")
_WHO = re.compile(r"^[^,]{0,30}者")
"""`经验丰富者可放宽学历` is not about experience."""
_OTHERS = re.compile(r"年龄|岁|专业|性别|身高|行业")
_NAMES = {
    "degree": re.compile("学历|学位|本科|大专|硕士"),
    "years_min": re.compile("年限|经验|年以上"),
    "certificates": re.compile("证"),
    "licence": re.compile("驾"),
    "languages": re.compile("语"),
}
_HIGHEST = 99
_BESIDE = re.compile(r"[、/或和及与]{1,2}")
_SENTENCE = re.compile(r"[^。;\n]+")


def required_by(
    text: str, degree: facts.Degree | None, years: facts.Years | None, credentials: Credentials
) -> FeedRequirements:
    """What a posting requires, by all that it asks for, and the degree and years that it names."""
    found: dict[str, Any] = {}
    must: dict[str, None] = {}
    if degree and degree.rank >= _LOWEST:
        found["degree"], must["degree"] = DEGREE_NAMES[degree.rank], None
    if years and years.least:
        found["years_min"], must["years_min"] = years.least, None
        found["years_max"] = years.most if years.most < facts.NO_TOP else None  # hardly anybody means it
    said = normalise(text, _MAX_CHARS)
    ends = _ends_of_lists(said, list(credentials.mentions(said)))
    asked = {one: is_asked_for(said, one.begin, end) for one, end in ends.items()}
    must |= {_FIELDS[credentials.kind(one.family)]: None for one in asked if asked[one]}
    # A wish beside a must would be one.
    kept = [one for one in asked if asked[one] or _FIELDS[credentials.kind(one.family)] not in must]
    for one in _lowest(kept):
        name = _FIELDS[credentials.kind(one.family)]
        if name == "licence" and name not in found and one.level in LICENCES:
            found[name] = one.level
        elif name != "licence" and len(some := found.setdefault(name, [])) < _MOST[name]:
            is_language = name == "languages" and one.level == "0"
            some.append(one.family if is_language else said[one.begin : one.end].upper())
    eased = _eased(said, must)
    return FeedRequirements(**found, must=[name for name in must if name in found and name not in eased])


def _ends_of_lists(said: str, mentions: Iterable[Mention]) -> dict[Mention, int]:
    """Where the last of some names ends that stand beside each other: `西班牙语、俄语优先` prefers both."""
    ends: dict[Mention, int] = {}
    behind: Mention | None = None
    for one in sorted(mentions, key=lambda one: one.begin, reverse=True):
        is_beside = behind and behind.begin > one.end and _BESIDE.fullmatch(said, one.end, behind.begin)
        ends[one] = ends[behind] if behind and is_beside else one.end
        behind = one
    return dict(sorted(ends.items(), key=lambda item: item[0].begin))


def _lowest(mentions: Iterable[Mention]) -> list[Mention]:
    """Of each family the lowest level that is named, which will do: `英语老师`, `四级以上（最好六级）`."""
    lowest: dict[str, Mention] = {}
    for one in mentions:
        # What no table has is a family of its own, and of driving licences the first class is meant.
        key = one.family if one.level.isdecimal() and one.family != OTHER else f"{one.family}:{one.begin}"
        known = lowest.get(key)
        if known is None or 0 < int(one.level) < (int(known.level) or _HIGHEST):
            lowest[key] = one
    return list(lowest.values())


def said_of(given: FeedRequirements) -> str:
    """All of it in a line, empty for nothing."""
    years = [f"{given.years_min}年以上"] if given.years_min else []
    words = [given.degree, *years, *given.certificates, given.licence, *given.languages]
    return "、".join(filter(None, words))


def _eased(said: str, names: Iterable[str]) -> set[str]:
    """What the posting may do without: what a clause says is eased, or else its sentence, or else all."""
    eased = set[str]()
    for sentence in _SENTENCE.findall(said):
        for clause in filter(_ANY.search, sentence.split(",")):
            eased |= {name for name in names if _NAMES[name].search(clause)}
        for found in _EASED.finditer(sentence):
            before, behind = sentence[: found.start()], sentence[found.end() :].partition(",")[0]
            own = _WHO.sub("", before.rpartition(",")[2])
            if _OTHERS.search(own + behind):
                continue
            # `可放宽学历`, `学历可放宽`, `本科，优秀者可放宽`
            named = ({name for name in names if _NAMES[name].search(one)} for one in (behind, own, before))
            eased |= next(filter(None, named), set(names))
    return eased
