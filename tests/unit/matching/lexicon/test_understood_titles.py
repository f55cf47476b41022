"""Titles as job boards write them are understood: each names the occupation that a person would say it is.

The files of `understood_titles/` have one title a line, a tab, and the canonical name of its occupation. They
were written from what is known of each trade, before looking at the lexicon. A title that people write and
that is understood wrong is one more line.
"""

from pathlib import Path

import pytest

from config.data import load_lexicon
from engine.matching.lexicon.titles import TitleReader, occupation_id

FILES = sorted((Path(__file__).parent / "understood_titles").glob("*.tsv"))


@pytest.fixture(scope="module")
def reader() -> TitleReader:
    lexicon = load_lexicon()
    return TitleReader(lexicon.titles, lexicon.vague_titles)


def lines(file: Path) -> list[tuple[str, str]]:
    """The titles of a file with their occupations."""
    rows = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
    return [(title, occupation) for title, occupation in rows]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_titles_that_people_write_are_understood(reader: TitleReader, file: Path) -> None:
    wrong = {}
    for title, occupation in lines(file):
        found = reader.read(title).occupations
        best = max(found, key=lambda name: found[name], default="")
        if best != occupation_id(occupation):
            wrong[title] = (occupation, best)
    assert wrong == {}
