"""The words and option lists of `config/lexicon/` and `config/options/`, read into plain values.

For example::

    lexicon = load_lexicon()
    lexicon.skills[0].term, lexicon.cities[0].city
    load_options()["job_domain"][7]

`tables.py` says how the files are written. What lives here knows which columns they have; what the rows
of the lexicon mean is said in `engine.matching.lexicon.rows`. Nothing is read at import; all functions read
their files anew on each call, share no state, and are safe to call from any thread. A malformed line raises a
`ValueError` that names file and line, a file that cannot be read an `OSError`.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

from config.tables import read_list, read_options, read_table
from engine.matching.lexicon.rows import (
    AbroadRow,
    CityRow,
    CredentialRow,
    LexiconData,
    RegionRow,
    SchoolRow,
    SkillRow,
    TitleRow,
)

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


def load_lexicon(lexicon_dir: Path = LEXICON_DIR, options_dir: Path = OPTIONS_DIR) -> LexiconData:
    """Read the lexicon."""
    domain_names = read_options(options_dir / "job_domain.tsv")
    return LexiconData(
        skills=tuple(
            SkillRow(row.text(0), row.items(1), row.text(2), row.items(3), row.items(4), row.items(5))
            for row in read_table(lexicon_dir / "skills.tsv", columns=6)
        ),
        titles=tuple(
            TitleRow(row.text(0), row.items(1), row.text(2), row.text(3), row.items(4, required=True))
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
            SchoolRow(row.text(0), row.items(1), row.items(2, required=True))
            for row in read_table(lexicon_dir / "schools.tsv", columns=3)
        ),
        credentials=tuple(
            CredentialRow(
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
            RegionRow(row.text(0), row.items(1), row.items(2, required=True), row.items(3))
            for row in read_table(lexicon_dir / "regions.tsv", columns=4)
        ),
        abroad=tuple(
            AbroadRow(row.text(0), row.items(1)) for row in read_table(lexicon_dir / "abroad.tsv", columns=2)
        ),
    )


def load_options(options_dir: Path = OPTIONS_DIR) -> dict[str, Any]:
    """Read the option lists, each in the order of its file, as `handlers.feeds.options` takes them.

    An id never changes its meaning: an option that is taken away leaves its number unused.
    """
    cities = _cities(options_dir)
    lists = ("company_prefer", "job_domain", "talent_level", "company_stage")
    return {
        **{name: read_options(options_dir / f"{name}.tsv") for name in lists},
        "expect_area": [row.city for row in cities[:MOST_WANTED_CITIES]],
        "job_welfare": read_list(options_dir / "job_welfare.txt"),
        "areas": [
            {
                "id": id_,
                "name": name,
                "cities": [
                    {"id": row.id, "name": row.city, "aliases": row.aliases}
                    for row in cities
                    if row.province == name
                ],
            }
            for id_, name in read_options(options_dir / "provinces.tsv").items()
        ],
    }


def load_mail_sources() -> dict[str, str]:
    """Read which source mails are of, by the domain of their sender."""
    return {row.text(0): row.text(1) for row in read_table(MAIL_SOURCES, columns=2)}


def load_common_passwords() -> frozenset[str]:
    """Read the passwords that nobody may choose, in lower case."""
    return frozenset(read_list(COMMON_PASSWORDS))


def _cities(options_dir: Path) -> tuple[CityRow, ...]:
    provinces = frozenset(read_options(options_dir / "provinces.tsv").values())
    cities: dict[int, CityRow] = {}
    for row in read_table(options_dir / "cities.tsv", columns=6):
        # The last column lists the names that other places or ordinary words share: of districts, or the
        # city's own.
        id_, city, doubtful = row.number(0), row.text(2), row.items(5)
        # Stored feeds and clients refer to a city by its id, so no id may come to mean two.
        if id_ in cities:
            raise row.error(f"the id {id_} stands here twice")
        cities[id_] = CityRow(
            id=id_,
            province=row.one_of(1, provinces),
            city=city,
            aliases=row.items(3),
            districts=row.items(4),
            shared=tuple(name for name in doubtful if name != city),
            ambiguous=city in doubtful,
        )
    return tuple(cities.values())
