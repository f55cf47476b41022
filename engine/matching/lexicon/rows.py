"""What a row of each table has: the shapes that `config` loads and that the tables here are built from.

They are protocols, because nothing here may import `config`. The meaning of a column is said here once; how
the files are written is said in `config/tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol


class SkillRow(Protocol):
    """A skill: its canonical spelling and everything else it is called."""

    @property
    def term(self) -> str:
        """As it is shown."""

    @property
    def aliases(self) -> Iterable[str]:
        """Other spellings that mean exactly this."""

    @property
    def trade(self) -> str:
        """The trade it belongs to."""

    @property
    def guarded(self) -> Iterable[str]:
        """The spellings that are ordinary words too (`go`, `r`), and count only beside another skill."""

    @property
    def kinds(self) -> Iterable[str]:
        """Skills each of which is one of this: whoever knows CentOS knows Linux."""

    @property
    def beside(self) -> Iterable[str]:
        """Other skills that are signs of the same occupations, and prove nothing of this one."""


class TitleRow(Protocol):
    """An occupation: its canonical title, other titles of it, and the words that give its work away."""

    @property
    def title(self) -> str:
        """As it is shown."""

    @property
    def aliases(self) -> Iterable[str]:
        """Other titles of the same work."""

    @property
    def trade(self) -> str:
        """The wide group, such as `software`."""

    @property
    def family(self) -> str:
        """The narrow group whose members can do each other's work, such as `backend`."""

    @property
    def signs(self) -> Iterable[str]:
        """Words that give the work away in a description."""


class CityRow(Protocol):
    """A city."""

    @property
    def province(self) -> str:
        """The province, without 省."""

    @property
    def city(self) -> str:
        """The canonical name, without 市."""

    @property
    def aliases(self) -> Iterable[str]:
        """Other names, such as `帝都`, `SZ`."""

    @property
    def districts(self) -> Iterable[str]:
        """Districts and counties, with their suffix."""

    @property
    def shared(self) -> Iterable[str]:
        """Districts whose name other cities have too, such as `朝阳区`."""

    @property
    def ambiguous(self) -> bool:
        """Whether the bare name means something else as often."""


class RegionRow(Protocol):
    """A region of several cities or provinces."""

    @property
    def name(self) -> str:
        """Its name, such as `珠三角`."""

    @property
    def aliases(self) -> Iterable[str]:
        """Other names."""

    @property
    def members(self) -> Iterable[str]:
        """Names of cities, provinces and countries."""

    @property
    def around(self) -> Iterable[str]:
        """The cities whose surroundings it is; those of other cities are their provinces."""


class AbroadRow(Protocol):
    """A country."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def aliases(self) -> Iterable[str]:
        """Other names, and those of its cities."""


class SchoolRow(Protocol):
    """A school and its class."""

    @property
    def name(self) -> str:
        """Full name."""

    @property
    def aliases(self) -> Iterable[str]:
        """Short names."""

    @property
    def kind(self) -> str:
        """`985`, `211` or `海外`."""


class CredentialRow(Protocol):
    """A level of a kind of certificate, licence or language, and what it is called."""

    @property
    def kind(self) -> str:
        """`certificate`, `licence` or `language`."""

    @property
    def family(self) -> str:
        """What its levels have in common."""

    @property
    def level(self) -> int:
        """Higher ones include lower ones; 0 where none is named."""

    @property
    def names(self) -> Iterable[str]:
        """What people write."""


class LexiconData(Protocol):
    """The rows of words."""

    @property
    def skills(self) -> Iterable[SkillRow]:
        """Skills."""

    @property
    def titles(self) -> Iterable[TitleRow]:
        """Occupations."""

    @property
    def vague_titles(self) -> Iterable[str]:
        """Titles that say nothing about the work (`员工`, `专员`)."""

    @property
    def levels(self) -> Iterable[tuple[str, int]]:
        """Level words and their rank."""

    @property
    def stopwords(self) -> Iterable[str]:
        """Words without content."""

    @property
    def negations(self) -> Iterable[tuple[str, str]]:
        """Cues as (kind, phrase); the kinds are the keys of `lexicon.CUES`."""

    @property
    def companies(self) -> Iterable[str]:
        """Companies by the short names that people use."""


class RulesData(LexiconData, Protocol):
    """All rows that matching works with."""

    @property
    def cities(self) -> Iterable[CityRow]:
        """Cities."""

    @property
    def regions(self) -> Iterable[RegionRow]:
        """Regions."""

    @property
    def abroad(self) -> Iterable[AbroadRow]:
        """Countries."""

    @property
    def domains(self) -> Mapping[str, Iterable[str]]:
        """Name of a domain -> words of its industry."""

    @property
    def schools(self) -> Iterable[SchoolRow]:
        """Universities with a class."""

    @property
    def credentials(self) -> Iterable[CredentialRow]:
        """Certificates, licences and languages."""
