"""The words and option lists of `config/lexicon/` and `config/options/`, read into plain values.

For example::

    lexicon = load_lexicon()
    lexicon.skills[0].term, lexicon.cities[0].city
    load_options().job_domain[7]

The files are UTF-8. A `.tsv` has one header line that starts with `#` and names its columns; `|` separates
the items of a list; trailing empty columns may be left out. A `.txt` has one item a line; blank lines and
lines that start with `#` count for nothing.

What lives here knows files and columns, not what the words are for. Nothing is read at import; both
functions read the files anew on each call, share no state, and are safe to call from any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).resolve().parent
LEXICON_DIR = HERE / "lexicon"
OPTIONS_DIR = HERE / "options"

MOST_WANTED_CITIES = 60
"""The form offers so many cities: the first rows of `cities.tsv`, which stand in the order of demand."""
MAX_LEVEL = 5

NEGATION_KINDS = frozenset(
    {"deny_before", "deny_after", "weaken_before", "weaken_after", "others_before", "others"}
)
"""Where a cue stands: before or after the skill it is about, or (`others`) anywhere in its sentence."""


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill.

    Attributes:
        term: Canonical spelling, Latin in lower case.
        aliases: Other spellings of the same thing; no alias belongs to two skills.
        trade: Short English id of the trade, such as `software`.
        guarded: Those of the spellings that are ordinary words too (`go`, `ps`), so that a single
            sighting proves little.
    """

    term: str
    aliases: tuple[str, ...]
    trade: str
    guarded: tuple[str, ...]


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
        province: Without 省.
        city: Without 市.
        aliases: Other names of the city itself.
        districts: Districts, counties and well-known quarters, each in this city alone.
        shared: Districts whose name other cities have too (`鼓楼区`).
        ambiguous: The bare city name is a district, a province or an ordinary word as well (`朝阳`).
    """

    province: str
    city: str
    aliases: tuple[str, ...]
    districts: tuple[str, ...]
    shared: tuple[str, ...]
    ambiguous: bool


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
class LexiconData:
    """All words, in file order.

    Attributes:
        skills: Skills.
        titles: Occupations.
        vague_titles: Titles that say nothing of the work.
        levels: Level words with their rank, 0 (intern) to 5 (director).
        stopwords: Words without evidence; none of them is a skill.
        negations: Cues as (kind, phrase); the kinds are `NEGATION_KINDS`.
        schools: Universities with a class.
        domains: Name of a job domain -> words of its industry.
        cities: Cities, the most wanted first.
    """

    skills: tuple[Skill, ...]
    titles: tuple[Title, ...]
    vague_titles: tuple[str, ...]
    levels: tuple[tuple[str, int], ...]
    stopwords: tuple[str, ...]
    negations: tuple[tuple[str, str], ...]
    schools: tuple[School, ...]
    domains: Mapping[str, tuple[str, ...]]
    cities: tuple[City, ...]


@dataclass(frozen=True, slots=True)
class OptionData:
    """What a feed's form offers; ids are stable for ever, texts are shown as they stand.

    Attributes:
        company_prefer: Id -> wish about former employers or schools.
        job_domain: Id -> domain.
        expect_area: Cities, the most wanted first.
        job_welfare: Benefits.
        talent_level: Levels, lowest first.
        company_stage: Stages of a company.
    """

    company_prefer: Mapping[int, str]
    job_domain: Mapping[int, str]
    expect_area: tuple[str, ...]
    job_welfare: tuple[str, ...]
    talent_level: tuple[str, ...]
    company_stage: tuple[str, ...]


def load_lexicon(lexicon_dir: Path = LEXICON_DIR, options_dir: Path = OPTIONS_DIR) -> LexiconData:
    """Read the lexicon.

    Raises:
        ValueError: A line is malformed; the message names file and line.
        OSError: A file is missing or cannot be read.
    """
    domain_names = _options(options_dir / "job_domain.tsv")
    return LexiconData(
        skills=tuple(
            Skill(row.text(0), row.items(1), row.text(2), row.items(3))
            for row in _table(lexicon_dir / "skills.tsv", columns=4)
        ),
        titles=tuple(
            Title(row.text(0), row.items(1), row.text(2), row.text(3), row.items(4, required=True))
            for row in _table(lexicon_dir / "titles.tsv", columns=5)
        ),
        vague_titles=_lines(lexicon_dir / "vague_titles.txt"),
        levels=tuple(
            (row.text(0), row.number(1, highest=MAX_LEVEL))
            for row in _table(lexicon_dir / "levels.tsv", columns=2)
        ),
        stopwords=_lines(lexicon_dir / "stopwords.txt"),
        negations=tuple(
            (row.one_of(0, NEGATION_KINDS), row.text(1))
            for row in _table(lexicon_dir / "negations.txt", columns=2)
        ),
        schools=tuple(
            School(row.text(0), row.items(1), row.items(2, required=True))
            for row in _table(lexicon_dir / "schools.tsv", columns=3)
        ),
        domains=MappingProxyType(
            {
                domain_names[row.known(0, domain_names)]: row.items(1, required=True)
                for row in _table(lexicon_dir / "domains.tsv", columns=2)
            }
        ),
        cities=_cities(options_dir / "cities.tsv"),
    )


def load_options(options_dir: Path = OPTIONS_DIR) -> OptionData:
    """Read the option lists.

    Raises:
        ValueError: A line is malformed; the message names file and line.
        OSError: A file is missing or cannot be read.
    """
    return OptionData(
        company_prefer=_options(options_dir / "company_prefer.tsv"),
        job_domain=_options(options_dir / "job_domain.tsv"),
        expect_area=tuple(row.city for row in _cities(options_dir / "cities.tsv")[:MOST_WANTED_CITIES]),
        job_welfare=_lines(options_dir / "job_welfare.txt"),
        talent_level=_lines(options_dir / "talent_level.txt"),
        company_stage=_lines(options_dir / "company_stage.txt"),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a table; it knows where it stands, so that its errors can say so."""

    file: Path
    line: int
    cells: tuple[str, ...]

    def text(self, column: int) -> str:
        """A cell that may not be empty."""
        if not self.cells[column]:
            raise self.error(f"column {column + 1} is empty")
        return self.cells[column]

    def items(self, column: int, *, required: bool = False) -> tuple[str, ...]:
        """A list; empty where the cell is, unless `required`."""
        cell = self.text(column) if required else self.cells[column]
        items = tuple(item.strip() for item in cell.split("|")) if cell else ()
        if not all(items):
            raise self.error(f"an empty item in column {column + 1}")
        return items

    def number(self, column: int, *, highest: int | None = None) -> int:
        """A whole number from 0 to `highest`."""
        text = self.text(column)
        if not (text.isascii() and text.isdigit()) or (highest is not None and int(text) > highest):
            raise self.error(f"{text!r} is no number that may stand here")
        return int(text)

    def one_of(self, column: int, allowed: frozenset[str]) -> str:
        """A word out of a fixed set."""
        text = self.text(column)
        if text not in allowed:
            raise self.error(f"{text!r} is none of {', '.join(sorted(allowed))}")
        return text

    def known(self, column: int, ids: Mapping[int, str]) -> int:
        """An id that another file defines."""
        number = self.number(column)
        if number not in ids:
            raise self.error(f"no option has the id {number}")
        return number

    def error(self, what: str) -> ValueError:
        """The error to raise about this line."""
        return _malformed(self.file, self.line, what)


def _malformed(file: Path, line: int, what: str) -> ValueError:
    return ValueError(f"{file.parent.name}/{file.name}:{line}: {what}")


def _table(file: Path, *, columns: int) -> Iterator[_Row]:
    for number, line in enumerate(_read(file), start=1):
        if number == 1 and not line.startswith("#"):
            raise _malformed(file, number, "the header line is missing")
        if line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if len(cells) < 2 or len(cells) > columns:
            raise _malformed(file, number, f"{len(cells)} columns, expected {columns}")
        yield _Row(file, number, cells + ("",) * (columns - len(cells)))


def _lines(file: Path) -> tuple[str, ...]:
    items: dict[str, None] = {}
    for number, line in enumerate(_read(file), start=1):
        item = line.strip()
        if not item or item.startswith("#"):
            continue
        if "\t" in item:
            raise _malformed(file, number, "a tab in a plain list")
        if item in items:
            raise _malformed(file, number, f"{item!r} stands here twice")
        items[item] = None
    return tuple(items)


def _options(file: Path) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for row in _table(file, columns=2):
        number = row.number(0)
        if number in found:
            raise row.error(f"the id {number} stands here twice")
        found[number] = row.text(1)
    return MappingProxyType(found)


def _cities(file: Path) -> tuple[City, ...]:
    cities = []
    for row in _table(file, columns=5):
        city, doubtful = row.text(1), row.items(4)
        cities.append(
            City(
                province=row.text(0),
                city=city,
                aliases=row.items(2),
                districts=row.items(3),
                shared=tuple(name for name in doubtful if name != city),
                ambiguous=city in doubtful,
            )
        )
    return tuple(cities)


def _read(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(file, error.object[: error.start].count(b"\n") + 1, "not UTF-8") from error
    return text.removesuffix("\n").split("\n")
