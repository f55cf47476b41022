"""Names of places in a text: the longest name at each place, and what its neighbours make of it.

    names.find("广东省广州市天河区")     广州
    names.find("京/沪")                 北京, 上海

What a name stands for is `places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple


class Named(NamedTuple):
    """A place that a text names.

    Attributes:
        keys: Its keys: several for a region, none for a name that stands for no one city.
        is_whole: Whether it is a whole city, province or region, not a part of a city.
        is_region: Whether it is a region.
    """

    keys: tuple[str, ...] = ()
    is_whole: bool = False
    is_region: bool = False


_STREET = re.compile(r"[东南西北中一二三]?(?:大道|大街|路|街(?!道)|巷|大厦|大学|学院|银行|火车站|饭店|酒店)")
"""Behind a name: it is the name of something else (`上海市南京西路`)."""
_WITHIN = re.compile(r"[\s\-—>·/\\:(]*")
"""Between a place and a part of it. Other marks stand between the items of a list."""
_BEHIND = re.compile(r"\(?")
"""Between a city and its province, where that stands behind."""
_MARKS = re.compile(r"[\s,、;/·—\-和与及或]*")
"""What may stand around names in a text that says nothing else."""
_SIGNS = (
    "京北京 津天津 沪上海 渝重庆 冀河北 晋山西 辽辽宁 黑黑龙江 苏江苏 浙浙江 皖安徽 闽福建 赣江西 鲁山东"
    " 豫河南 鄂湖北 湘湖南 粤广东 桂广西 琼海南 川四川 蜀四川 黔贵州 滇云南 藏西藏 陕陕西 甘甘肃 蒙内蒙古"
    " 港香港 澳澳门 深深圳 穗广州 杭杭州 甬宁波 蓉成都"
)
_SHORT = {word[0]: word[1:] for word in _SIGNS.split()}
"""Signs of provinces, as on number plates, and of cities. One counts where nothing but signs stands between
two marks (`京/沪`), as most are ordinary characters too."""
_SHORTS = re.compile(rf"(?<![^\W_])[{''.join(_SHORT)}]{{1,8}}(?![^\W_])")


class Found(NamedTuple):
    """A name in a text: where it stands, and the place."""

    begin: int
    end: int
    place: Named


class PlaceNames:
    """Looks names up in texts.

    Args:
        names: Normalised name -> place.
        parts: City -> names of its parts, also of those that other cities have too.
        provinces: City -> its province.
    """

    def __init__(
        self, names: Mapping[str, Named], parts: Mapping[str, Set[str]], provinces: Mapping[str, str]
    ) -> None:
        self._places = names
        self._parts = parts
        self._provinces = provinces
        self._lengths = sorted({len(name) for name in names}, reverse=True)
        self._firsts = {name[0] for name in names if name}

    def find(self, text: str) -> Iterator[Named]:
        """The places that a normalised text names, in order."""
        return (one.place for one in self._meant(text, list(self._found(text))))

    def wholes(self, text: str) -> list[Named]:
        """The same where a normalised text consists of names of whole places alone; else nothing."""
        found = list(self._found(text))
        at = 0
        for one in found:
            if not one.place.is_whole or not _MARKS.fullmatch(text, at, one.begin):
                return []
            at = one.end
        return [one.place for one in self._meant(text, found)] if _MARKS.fullmatch(text, at) else []

    def _found(self, text: str) -> Iterator[Found]:
        """Every name, the longest one at each place, and no two that overlap."""
        shorts = {found.start(): found.end() for found in _SHORTS.finditer(text)}
        position = 0
        while position < len(text):
            found = self._longest(text, position)
            if found is None and position in shorts:
                for at in range(position, shorts[position]):
                    if place := self._places.get(_SHORT[text[at]]):
                        yield Found(at, at + 1, place)
                position = shorts[position]
            elif found is None:
                position += 1
            else:
                yield found
                position = found.end

    def _longest(self, text: str, position: int) -> Found | None:
        if text[position] not in self._firsts:
            return None
        for length in self._lengths:
            end = position + length
            place = self._places.get(text[position:end])
            if place is not None and not (
                _is_letter(text, position - 1, position) or _is_letter(text, end, end - 1)
            ):
                return Found(position, end, place)
        return None

    def _meant(self, text: str, found: list[Found]) -> Iterator[Found]:
        """Of some names those that are places of their own."""
        before: Found | None = None
        for number, one in enumerate(found):
            if before is not None and self._belongs(text, before, one):
                before = Found(before.begin, one.end, before.place)
                continue
            rest = found[number + 1 : number + 2]
            # A province before one of its own cities says nothing more.
            is_prefix = (
                bool(rest)
                and self._is_province_of(one, rest[0])
                and _WITHIN.fullmatch(text, one.end, rest[0].begin) is not None
            )
            # A part of it may begin like a street: 台州市路桥区.
            is_street = _STREET.match(text, one.end) and not (rest and self._belongs(text, one, rest[0]))
            if not is_prefix and not is_street:
                yield one
            before = one

    def _belongs(self, text: str, before: Found, one: Found) -> bool:
        """Whether a name is a part of the place before it, or says of it no more than its province."""
        if one.place.is_region and before.end == one.begin:
            return True
        if self._is_province_of(one, before) and _BEHIND.fullmatch(text, before.end, one.begin):
            return True
        if not _WITHIN.fullmatch(text, before.end, one.begin) or len(before.place.keys) != 1:
            return False
        city, part = before.place.keys[0], text[one.begin : one.end]
        if part in self._parts.get(city, ()):
            return True
        # A better known city may have a district of that name too: 鹤岗市南山区 is not in 深圳.
        is_district = part[-1] == "区" and not one.place.is_whole
        return is_district and before.place.is_whole and city[0] != "@" and before.end == one.begin

    def _is_province_of(self, one: Found, other: Found) -> bool:
        province = one.place.keys[0] if len(one.place.keys) == 1 else ""
        cities = other.place.keys
        return (
            province[:1] == "@"
            and bool(cities)
            and all(f"@{self._provinces.get(city)}" == province for city in cities)
        )


def _is_letter(text: str, *positions: int) -> bool:
    """Whether Latin letters or digits stand at all of these positions: a name between would be cut out."""
    return all(0 <= at < len(text) and text[at].isascii() and text[at].isalnum() for at in positions)
