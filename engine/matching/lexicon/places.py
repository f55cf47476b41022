"""Places as people write them, folded to one canonical key each.

A place key is a canonical city (`广州`) or, where only a province is named, `@` and the province (`@广东`). A
region (`珠三角`) is not a key of its own: it is read as its cities and provinces. Countries are cities of the
province `海外`. Whether two places agree is decided elsewhere, by comparing their keys.

What cannot be read gives no key, and so stands in nobody's way: `附近` is a wish that we do not know. How the
names stand in a text is `place_names`.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from engine.matching.lexicon.place_names import Named, PlaceNames
from engine.matching.lexicon.rows import AbroadRow, CityRow, RegionRow
from engine.matching.text.normalise import normalise

MAX_PLACES = 64
"""Place keys kept of one field. A list of more means 全国, so it counts as no wish at all."""
MAX_AREA_CHARS = 1_000
"""Characters of one field of places that are read."""
ABROAD = "海外"
"""The province of all countries."""
_ABROAD_NAMES = (ABROAD, "国外", "境外", "overseas", "abroad")

_REFUSED = re.compile(
    r"除了?[^,;|()]{0,40}?(?:之外|以外|除外|外|都|均)|[^,、;|()]{1,20}除外|除外"
    # 非北京不去 and 北京以外不去 want 北京.
    r"|(?<![^,、;|()\s])(?!非)[^,、;|()\s]{1,12}(?<![外不])(?:不(?:去|想去|考虑|接受|愿意?去)|勿扰|免谈)(?![^,、;|()\s])"
    r"|[^,、;|()\s]{1,12}[以之]外(?!\s*(?:不|勿|免))"
    r"|不(?:再|太|想|愿意?|考虑|接受|去|到|选|要)[^,、;|()]*"
)
"""Places that somebody does not want (`不考虑外地`, `除北京外均可`); they are taken off first."""
_OPEN = re.compile(
    r"不限|全国|国内(?!新?一线)|各地|各省|各市|任意|任何|不挑|随意|随便"
    r"|哪里都|哪儿都|哪都|去哪|都可以去|异地|外地|其[他它][^,;]{0,6}[均都也可]|服从|听从"
    r"|远程|居家办公|在家办公|线上办公|面议|\bany\b|\banywhere\b|\bremote\b|\bnationwide\b|relocat|flexible|worldwide|^-$|^无$"
)
"""A wish with one of these is no wish, whatever else it names."""
_AROUND = re.compile(r"附近|周边|周围|一带|邻近|临近|及周")
"""Opens the cities that are named to their surroundings."""
_IN_PROVINCE = re.compile(r"省内|全省|本省|区内各市")
"""Opens the cities that are named to their provinces."""
_SUFFIX = re.compile(r"(?:特别行政区|自治州|自治县|自治旗|地区|新区|市|区|县|旗|盟|州|镇|街道)$")
_PROVINCE_SUFFIX = re.compile(r"(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$")
_PROVINCE_NAMES = ("省", "自治区", "壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "全省", "省内")


_UNSURE = Named()


class Places:
    """The table of places, ready to look names up.

    A district's name counts when it belongs to one city alone, and its short form (`天河` for `天河区`) when
    no city is called that. A name that two cities share is known but stands for neither, so that the 朝阳区
    of 北京 is not taken for the city of 朝阳; behind its own city it is a part of that. The table never
    changes once built, so threads may share it.

    Attributes:
        revision: Changes whenever a row does.
    """

    def __init__(
        self,
        cities: Iterable[CityRow],
        regions: Iterable[RegionRow] = (),
        abroad: Iterable[AbroadRow] = (),
    ) -> None:
        self._province: dict[str, str] = {}
        self._members: dict[str, list[str]] = defaultdict(list)
        self._around: dict[str, tuple[str, ...]] = {}
        sure: dict[str, Named] = {}
        # Names that lose against sure ones.
        loose: dict[str, Named] = {}
        parts: dict[str, set[str]] = defaultdict(set)
        claims: dict[str, set[str]] = defaultdict(set)
        for row in cities:
            city, province = normalise(row.city), _PROVINCE_SUFFIX.sub("", normalise(row.province))
            shared = set(map(normalise, row.shared))
            self._add(city, province)
            sure[city + "市"] = Named((city,), is_whole=True)
            for name in (city, *map(normalise, row.aliases)):
                is_sure = not (row.ambiguous and name == city)
                (sure if is_sure else loose)[name] = Named((city,), is_whole=is_sure)
            for name in shared:
                loose[name] = _UNSURE
            for district in {*map(normalise, row.districts), *shared}:
                names = {name for name in (district, _SUFFIX.sub("", district)) if len(name) >= 2}
                parts[city] |= names
                for name in names if district not in shared else ():
                    # 中山路南口 is not in 唐山: without 区 such a district is one behind its city alone.
                    if name == district or name[0] != "路":
                        claims[name].add(city)
        for place in abroad:
            country = normalise(place.name)
            self._add(country, ABROAD)
            for name in (country, *map(normalise, place.aliases)):
                sure[name] = Named((country,), is_whole=True)
        taken = sure.keys() | loose.keys()
        for name, owners in claims.items():
            if name not in taken:
                loose[name] = Named((next(iter(owners)),)) if len(owners) == 1 else _UNSURE
        for province in self._members:
            key = Named((f"@{province}",), is_whole=True)
            # The name of a province that a city of it has too (吉林) is read as the wider one.
            if province not in taken or len(self._members[province]) > 1:
                sure.setdefault(province, key)
            for suffix in _PROVINCE_NAMES:
                sure.setdefault(province + suffix, key)
        for name in _ABROAD_NAMES if ABROAD in self._members else ():
            sure[name] = Named((f"@{ABROAD}",), is_whole=True)
        for region in regions:
            self._add_region(region, sure)
        self._names = PlaceNames({**loose, **sure}, parts, self._province)
        digest = repr((sorted({**loose, **sure}.items()), sorted(self._around.items())))
        self.revision = hashlib.sha256(digest.encode()).hexdigest()[:16]

    def _add(self, city: str, province: str) -> None:
        self._province[city] = province
        self._members[province].append(city)

    def _add_region(self, row: RegionRow, names: dict[str, Named]) -> None:
        keys = tuple(self._key_of(normalise(member)) for member in row.members)
        for name in (row.name, *row.aliases):
            names.setdefault(normalise(name), Named(keys, is_whole=True, is_region=True))
        self._around.update(dict.fromkeys(map(normalise, row.around), keys))

    def _key_of(self, member: str) -> str:
        """The key of a region's member: a city, or else a province."""
        if member in self._province and len(self._members.get(member, ())) <= 1:
            return member
        if member in self._members:
            return f"@{member}"
        raise ValueError(f"no city and no province is called {member}")

    def wish(self, areas: Iterable[str]) -> tuple[str, ...]:
        """The place keys of a wish such as a feed's `expect_area` or a resume's `expectation_area`.

        Returns:
            Place keys, sorted. Empty when any place will do, when none is stated, and when nothing that is
            stated can be read.
        """
        keys: set[str] = set()
        for area in areas:
            text = normalise(area, MAX_AREA_CHARS)
            wanted = _REFUSED.sub(" ", text)
            if _OPEN.search(wanted):
                return ()
            named = {key for one in self._names.find(wanted) for key in one.keys}
            if _AROUND.search(wanted):
                named.update(near for key in list(named) for near in self._surroundings(key))
            if _IN_PROVINCE.search(wanted):
                named.update(f"@{self._province[key]}" for key in list(named) if key in self._province)
            keys |= named
        return () if len(keys) > MAX_PLACES else tuple(sorted(keys))

    def home(self, address: object) -> tuple[str, ...]:
        """The place keys of an address, sorted.

        A region beside a city is part of a name (`华东师范大学`), and so is a district of another city
        (`重庆市渝中区解放碑`, where 焦作 has a 解放区).
        """
        named = list(self._names.find(normalise(address, MAX_AREA_CHARS)))
        exact = [one for one in named if one.keys and not one.is_region]
        cities = [one for one in exact if one.is_whole and one.keys[0][0] != "@"]
        return tuple(sorted({key for one in cities or exact or named for key in one.keys}))

    def whole(self, text: str) -> tuple[str, ...]:
        """The place keys of a text that names whole cities, provinces or regions and nothing else.

        Returns:
            Place keys, sorted; empty where it names a part of a city, or something that is not known.
        """
        named = self._names.wholes(normalise(text, MAX_AREA_CHARS))
        return tuple(sorted({key for one in named for key in one.keys}))

    def reach(self, keys: Iterable[str]) -> tuple[str, ...]:
        """The wishes of feeds that a candidate with these place keys satisfies, sorted.

        They are the candidate's cities with their provinces, and all cities of a province that was named
        without a city.
        """
        reached = set(self.within(keys))
        for key in keys:
            if key[0] == "@":
                reached.update(self._members.get(key[1:], ()))
        return tuple(sorted(reached))

    def within(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Place keys with the provinces of their cities, sorted."""
        return tuple(sorted(set(keys) | {f"@{self._province[key]}" for key in keys if key in self._province}))

    def _surroundings(self, key: str) -> Sequence[str]:
        return self._around.get(key) or ([f"@{self._province[key]}"] if key in self._province else ())
