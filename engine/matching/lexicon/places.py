"""Cities: names, aliases and districts, folded to one canonical name.

A place key is a canonical city (`广州`) or, where only a province is named, `@` and the province (`@广东`).
Whether two places agree is decided elsewhere, by comparing their keys.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable

from engine.matching.lexicon.rows import CityRow
from engine.matching.text.normalise import normalise

MAX_PLACES = 64
"""Place keys kept of one field. A list of more means 全国, so it counts as no wish at all."""
MAX_AREA_CHARS = 1_000
"""Characters of one wished area that are read."""
MAX_UNKNOWN_CHARS = 20
"""Characters kept of a place that the table does not know."""

# A wish with one of these is no wish, whatever else it names.
_OPEN = re.compile(r"不限|全国|均可|都可|任意|不挑|各地|any|remote|远程|^-$|^无$|面议")
_SPLIT = re.compile(r"[,、;|/\s·\-—>]+")
_SUFFIX = re.compile(r"(?:特别行政区|自治州|地区|新区|市|区|县|盟|州)$")
_PROVINCE_SUFFIX = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$")


class Places:
    """The city table, ready to look names up.

    A district's name counts when it belongs to one city alone, and its short form (`天河` for `天河区`) when
    no city is called that. A name that two cities share is known but stands for neither, so that the 朝阳区
    of 北京 is not taken for the city of 朝阳. The table never changes once built, so threads may share it.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(self, cities: Iterable[CityRow]) -> None:
        self._province: dict[str, str] = {}
        self._members: dict[str, list[str]] = defaultdict(list)
        sure: dict[str, str] = {}
        # Names that lose against sure ones. An empty key means that the name stands for no one city.
        loose: dict[str, str] = {}
        claims: dict[str, set[str]] = defaultdict(set)
        for row in cities:
            city, province = normalise(row.city), _PROVINCE_SUFFIX.sub("", normalise(row.province))
            shared = set(map(normalise, row.shared))
            self._province[city] = province
            self._members[province].append(city)
            sure[city + "市"] = city
            for name in (city, *map(normalise, row.aliases)):
                (loose if row.ambiguous and name == city else sure)[name] = city
            for name in shared:
                loose[name] = ""
            for district in set(map(normalise, row.districts)) - shared:
                claims[district].add(city)
                short = _SUFFIX.sub("", district)
                if len(short) >= 2 and short != district:
                    claims[short].add(city)
        taken = sure.keys() | loose.keys()
        for name, owners in claims.items():
            if name not in taken:
                loose[name] = next(iter(owners)) if len(owners) == 1 else ""
        for province in self._members:
            if province not in taken:
                sure[province] = "@" + province
            for suffix in ("省", "自治区"):
                sure.setdefault(province + suffix, "@" + province)
        self._names = {**loose, **sure}
        self.revision = hashlib.sha256(repr(sorted(self._names.items())).encode()).hexdigest()[:16]
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)
        self._firsts = {name[0] for name in self._names if name}

    def _named(self, text: str) -> list[str]:
        """The place keys that a normalised text names, each once, in order; longer names win.

        A name that stands for no one city gives an empty key.
        """
        found: dict[str, None] = {}
        position = 0
        while position < len(text):
            if text[position] not in self._firsts:
                position += 1
                continue
            for length in self._lengths:
                name = text[position : position + length]
                key = self._names.get(name)
                if key is not None:
                    found[key] = None
                    position += len(name)
                    break
            else:
                position += 1
        # A province beside one of its own cities says nothing more.
        named = {self._province.get(key) for key in found}
        return [key for key in found if not (key[:1] == "@" and key[1:] in named)]

    def wish(self, areas: Iterable[str]) -> tuple[str, ...]:
        """The place keys of a wish such as a feed's `expect_area` or a resume's `expectation_area`.

        Returns:
            Place keys, sorted. A piece that names no known place is kept as it stands, so that equal
            spellings still agree. Empty when any place will do or none is stated.
        """
        keys: set[str] = set()
        for area in areas:
            text = normalise(area, MAX_AREA_CHARS)
            if _OPEN.search(text):
                return ()
            for piece in filter(None, _SPLIT.split(text)):
                named = self._named(piece)
                keys.update(key for key in named if key)
                if not named:
                    keys.add(_SUFFIX.sub("", piece)[:MAX_UNKNOWN_CHARS] or piece[:MAX_UNKNOWN_CHARS])
        return () if len(keys) > MAX_PLACES else tuple(sorted(keys))

    def reach(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The wishes of feeds that a candidate with these place keys satisfies, sorted.

        They are the candidate's cities with their provinces, and all cities of a province that was named
        without a city.
        """
        reached: set[str] = set()
        for key in keys:
            reached.add(key)
            if key[0] == "@":
                reached.update(self._members.get(key[1:], ()))
            elif key in self._province:
                reached.add("@" + self._province[key])
        return tuple(sorted(reached))
