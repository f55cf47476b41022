"""The rows of the tables of words, as `config` loads them and the tables here are built from.

How their files are written is said in `config/tables.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class SkillRow(msgspec.Struct, frozen=True):
    """A skill.

    Attributes:
        term: Canonical spelling, Latin in lower case.
        aliases: Other spellings of the same thing; no alias belongs to two skills.
        trade: Short English id of the trade, such as `software`.
        guarded: Those of the spellings that are ordinary words too (`go`, `ps`), and count only beside
            another skill.
        kinds: Other skills of which each is one of this (`centos` of `linux`): it proves this one, but not
            the other way round. A kind without a row of its own is a skill with one spelling.
        beside: Other skills that show the same work, but prove nothing of this one: `装载机` beside `挖掘机`.
    """

    term: str
    aliases: tuple[str, ...]
    trade: str
    guarded: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class TitleRow(msgspec.Struct, frozen=True):
    """An occupation.

    Attributes:
        title: Canonical name, without level.
        aliases: Spellings that postings use; no alias belongs to two occupations.
        trade: As in `SkillRow`.
        family: Id of the neighbouring occupations that a recruiter may accept instead, such as `backend`.
        signs: Words that speak for this occupation in a description whose title says nothing.
    """

    title: str
    aliases: tuple[str, ...]
    trade: str
    family: str
    signs: tuple[str, ...]


class CityRow(msgspec.Struct, frozen=True):
    """A city of prefecture level, or a county-level one that answers to its province.

    Attributes:
        province: Without 省.
        city: Without 市.
        aliases: Other names of the city itself, such as `帝都`, `SZ`.
        districts: Districts, counties and well-known quarters, with their suffix, each in this city alone.
        shared: Districts whose name other cities have too (`鼓楼区`).
        ambiguous: The bare city name is a district, a province or an ordinary word as well (`朝阳`).
        id: Its number in the form, which it keeps for ever.
    """

    province: str
    city: str
    aliases: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    ambiguous: bool = False
    id: int = 0


class RegionRow(msgspec.Struct, frozen=True):
    """A region of several cities or provinces.

    Attributes:
        name: Its name (`珠三角`).
        aliases: Other names; none belongs to two regions.
        members: Names of cities, provinces and countries.
        around: Cities whose surroundings (`上海周边`) it is. Those of other cities are their provinces.
    """

    name: str
    aliases: tuple[str, ...]
    members: tuple[str, ...]
    around: tuple[str, ...] = ()


class AbroadRow(msgspec.Struct, frozen=True):
    """A country: its name, and other names of it and those of its cities."""

    name: str
    aliases: tuple[str, ...]


class SchoolRow(msgspec.Struct, frozen=True):
    """A university.

    Attributes:
        name: Full name.
        aliases: Short and English names.
        classes: Of `985`, `211`, `双一流` and `海外`, the most telling first.
    """

    name: str
    aliases: tuple[str, ...]
    classes: tuple[str, ...]


class CredentialRow(msgspec.Struct, frozen=True):
    """A level of a kind of certificate, licence or language.

    Attributes:
        kind: `certificate`, `licence` or `language`.
        family: What its levels have in common.
        level: Higher ones include lower ones; 0 where none is named.
        names: What people write.
    """

    kind: str
    family: str
    level: int
    names: tuple[str, ...]


class LexiconData(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, in file order.

    Attributes:
        vague_titles: Titles that say nothing of the work (`员工`, `专员`).
        levels: Level words with their rank, 0 (intern) to 5 (director).
        stopwords: Words without evidence; none of them is a skill.
        negations: Cues as (kind, phrase); the kinds are the keys of `lexicon.CUES`.
        companies: Companies by the short names that people use.
        domains: Name of a job domain -> words of its industry.
        cities: Cities, the most wanted first.
    """

    skills: tuple[SkillRow, ...] = ()
    titles: tuple[TitleRow, ...] = ()
    vague_titles: tuple[str, ...] = ()
    levels: tuple[tuple[str, int], ...] = ()
    stopwords: tuple[str, ...] = ()
    negations: tuple[tuple[str, str], ...] = ()
    companies: tuple[str, ...] = ()
    schools: tuple[SchoolRow, ...] = ()
    credentials: tuple[CredentialRow, ...] = ()
    domains: Mapping[str, tuple[str, ...]] = {}
    cities: tuple[CityRow, ...] = ()
    regions: tuple[RegionRow, ...] = ()
    abroad: tuple[AbroadRow, ...] = ()
