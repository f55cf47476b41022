"""The words and option lists of `config/lexicon/` and `config/options/`, read into plain values.

For example::

    lexicon = load_lexicon()
    lexicon.skills[0].term, lexicon.cities[0].city
    load_options().job_domain[7]

`tables.py` says how the files are written. What lives here knows which columns they have, not what the words
are for. Nothing is read at import; both functions read the files anew on each call, share no state, and are
safe to call from any thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.tables import read_list, read_options, read_table

HERE = Path(__file__).resolve().parent
LEXICON_DIR = HERE / "lexicon"
OPTIONS_DIR = HERE / "options"
COMMON_PASSWORDS = HERE / "common_passwords.txt"
MAIL_SOURCES = HERE / "mail_sources.tsv"

MOST_WANTED_CITIES = 60
"""Cities that the form offers by name; all others are chosen by province. They are the first rows of
`cities.tsv`, which stand in the order of demand."""
MAX_LEVEL = 5
"""The highest rank of a level word: 0 is an intern, 5 a director."""

CREDENTIAL_KINDS = frozenset(("certificate", "licence", "language"))
NEGATION_KINDS = frozenset(
    {
        "deny_before",
        "deny_after",
        "lack",
        "unneeded",
        "weaken_before",
        "weaken_after",
        "others_before",
        "others",
    }
)
"""Where a cue stands: before or after the skill it is about, or (`others`) anywhere in its sentence; `lack`
and `unneeded` stand before it."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill.

    Attributes:
        term: Canonical spelling, Latin in lower case.
        aliases: Other spellings of the same thing; no alias belongs to two skills.
        trade: Short English id of the trade, such as `software`.
        guarded: Those of the spellings that are ordinary words too (`go`, `ps`), so that a single
            sighting proves little.
        kinds: Other skills of which each is one of this (`centos` of `linux`): it proves this one, but not
            the other way round. A kind without a row of its own is a skill with one spelling.
        beside: Other skills that show the same work, but prove nothing of this one: `装载机` beside `挖掘机`.
    """

    term: str
    aliases: tuple[str, ...]
    trade: str
    guarded: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """An occupation.

    Attributes:
        title: Canonical name, without level.
        aliases: Spellings that postings use; no alias belongs to two occupations.
        trade: As in `Skill`.
        family: Id of the neighbouring occupations that a recruiter may accept instead.
        signs: Words that speak for this occupation in a description whose title says nothing.
    """

    title: str
    aliases: tuple[str, ...]
    trade: str
    family: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class City:
    """A city of prefecture level, or a county-level one that answers to its province.

    Attributes:
        id: Its number, which it keeps for ever.
        province: Without 省.
        city: Without 市.
        aliases: Other names of the city itself.
        districts: Districts, counties and well-known quarters, each in this city alone.
        shared: Districts whose name other cities have too (`鼓楼区`).
        ambiguous: The bare city name is a district, a province or an ordinary word as well (`朝阳`).
    """

    id: int
    province: str
    city: str
    aliases: tuple[str, ...]
    districts: tuple[str, ...]
    shared: tuple[str, ...]
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Region:
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
    around: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country.

    Attributes:
        name: Its name.
        aliases: Other names, and those of its cities.
    """

    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class School:
    """A university.

    Attributes:
        name: Full name.
        aliases: Short and English names.
        classes: Of `985`, `211`, `双一流` and `海外`, the most telling first.
    """

    name: str
    aliases: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The most telling class."""
        return self.classes[0]


@dataclass(frozen=True, slots=True)
class Credential:
    """A level of a kind of certificate, licence or language.

    Attributes:
        kind: Of `CREDENTIAL_KINDS`.
        family: What its levels have in common.
        level: Higher ones include lower ones; 0 where none is named.
        names: What people write.
    """

    kind: str
    family: str
    level: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LexiconData:
    """All words, in file order.

    Attributes:
        skills: Skills.
        titles: Occupations.
        vague_titles: Titles that say nothing of the work.
        levels: Level words with their rank, 0 (intern) to 5 (director).
        stopwords: Words without evidence; none of them is a skill.
        negations: Cues as (kind, phrase); the kinds are `NEGATION_KINDS`.
        companies: Companies by the short names that people use.
        schools: Universities with a class.
        credentials: Certificates, licences and languages.
        domains: Name of a job domain -> words of its industry.
        cities: Cities, the most wanted first.
        regions: Regions.
        abroad: Countries.
    """

    skills: tuple[Skill, ...]
    titles: tuple[Title, ...]
    vague_titles: tuple[str, ...]
    levels: tuple[tuple[str, int], ...]
    stopwords: tuple[str, ...]
    negations: tuple[tuple[str, str], ...]
    companies: tuple[str, ...]
    schools: tuple[School, ...]
    credentials: tuple[Credential, ...]
    domains: Mapping[str, tuple[str, ...]]
    cities: tuple[City, ...]
    regions: tuple[Region, ...]
    abroad: tuple[Country, ...]


@dataclass(frozen=True, slots=True)
class CityOption:
    """A city as the form offers it.

    Attributes:
        id: Stable for ever.
        name: What a feed's `expect_area` says.
        aliases: Other names that people type for it; none belongs to two cities.
    """

    id: int
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Province:
    """A province with its cities, the most wanted first; a municipality is its own only city."""

    id: int
    name: str
    cities: tuple[CityOption, ...]


@dataclass(frozen=True, slots=True)
class OptionData:
    """What a feed's form offers.

    An id never changes its meaning: an option that is taken away leaves its number unused. Texts are
    shown as they stand. All lists are in the order of their files.

    Attributes:
        company_prefer: Id -> wish about former employers or schools.
        job_domain: Id -> domain.
        talent_level: Id -> level, lowest first.
        company_stage: Id -> stage or kind of a company.
        expect_area: Names of the most wanted cities, the most wanted first.
        job_welfare: Benefits.
        areas: All provinces in the customary order, each with its cities.
    """

    company_prefer: Mapping[int, str]
    job_domain: Mapping[int, str]
    talent_level: Mapping[int, str]
    company_stage: Mapping[int, str]
    expect_area: Sequence[str]
    job_welfare: Sequence[str]
    areas: Sequence[Province]


def load_lexicon(lexicon_dir: Path = LEXICON_DIR, options_dir: Path = OPTIONS_DIR) -> LexiconData:
    """Read the lexicon.

    Raises:
        ValueError: A line is malformed; the message names file and line.
        OSError: A file is missing or cannot be read.
    """
    domain_names = read_options(options_dir / "job_domain.tsv")
    return LexiconData(
        skills=tuple(
            Skill(row.text(0), row.items(1), row.text(2), row.items(3), row.items(4), row.items(5))
            for row in read_table(lexicon_dir / "skills.tsv", columns=6)
        ),
        titles=tuple(
            Title(row.text(0), row.items(1), row.text(2), row.text(3), row.items(4, required=True))
            for path in sorted((lexicon_dir / "titles").glob("*.tsv"))
            for row in read_table(path, columns=5)
        ),
        vague_titles=read_list(lexicon_dir / "vague_titles.txt"),
        levels=tuple(
            (row.text(0), row.number(1, highest=MAX_LEVEL))
            for row in read_table(lexicon_dir / "levels.tsv", columns=2)
        ),
        stopwords=read_list(lexicon_dir / "stopwords.txt"),
        companies=read_list(lexicon_dir / "companies.txt"),
        negations=tuple(
            (row.one_of(0, NEGATION_KINDS), row.text(1))
            for row in read_table(lexicon_dir / "negations.txt", columns=2)
        ),
        schools=tuple(
            School(row.text(0), row.items(1), row.items(2, required=True))
            for row in read_table(lexicon_dir / "schools.tsv", columns=3)
        ),
        credentials=tuple(
            Credential(
                row.one_of(0, CREDENTIAL_KINDS), row.text(1), row.number(2), row.items(3, required=True)
            )
            for row in read_table(lexicon_dir / "credentials.tsv", columns=4)
        ),
        domains=MappingProxyType(
            {
                domain_names[row.known(0, domain_names)]: row.items(1, required=True)
                for row in read_table(lexicon_dir / "domains.tsv", columns=2)
            }
        ),
        cities=_cities(options_dir),
        regions=tuple(
            Region(row.text(0), row.items(1), row.items(2, required=True), row.items(3))
            for row in read_table(lexicon_dir / "regions.tsv", columns=4)
        ),
        abroad=tuple(
            Country(row.text(0), row.items(1)) for row in read_table(lexicon_dir / "abroad.tsv", columns=2)
        ),
    )


def load_options(options_dir: Path = OPTIONS_DIR) -> OptionData:
    """Read the option lists.

    Raises:
        ValueError: A line is malformed; the message names file and line.
        OSError: A file is missing or cannot be read.
    """
    cities = _cities(options_dir)
    return OptionData(
        company_prefer=read_options(options_dir / "company_prefer.tsv"),
        job_domain=read_options(options_dir / "job_domain.tsv"),
        talent_level=read_options(options_dir / "talent_level.tsv"),
        company_stage=read_options(options_dir / "company_stage.tsv"),
        expect_area=tuple(row.city for row in cities[:MOST_WANTED_CITIES]),
        job_welfare=read_list(options_dir / "job_welfare.txt"),
        areas=tuple(
            Province(
                id_,
                name,
                tuple(CityOption(row.id, row.city, row.aliases) for row in cities if row.province == name),
            )
            for id_, name in read_options(options_dir / "provinces.tsv").items()
        ),
    )


def load_mail_sources(path: Path = MAIL_SOURCES) -> dict[str, str]:
    """Read which source mails are of, by the domain of their sender.

    Raises:
        ValueError: A line is malformed; the message names file and line.
        OSError: The file is missing or cannot be read.
    """
    return {row.text(0): row.text(1) for row in read_table(path, columns=2)}


def load_common_passwords(path: Path = COMMON_PASSWORDS) -> frozenset[str]:
    """Read the passwords that nobody may choose, in lower case."""
    return frozenset(read_list(path))


def _cities(options_dir: Path) -> tuple[City, ...]:
    provinces = frozenset(read_options(options_dir / "provinces.tsv").values())
    cities: dict[int, City] = {}
    for row in read_table(options_dir / "cities.tsv", columns=6):
        # The last column lists the names that other places or ordinary words share: of districts, or the
        # city's own.
        id_, city, doubtful = row.number(0), row.text(2), row.items(5)
        # Stored feeds and clients refer to a city by its id, so no id may come to mean two.
        if id_ in cities:
            raise row.error(f"the id {id_} stands here twice")
        cities[id_] = City(
            id=id_,
            province=row.one_of(1, provinces),
            city=city,
            aliases=row.items(3),
            districts=row.items(4),
            shared=tuple(name for name in doubtful if name != city),
            ambiguous=city in doubtful,
        )
    return tuple(cities.values())
