"""The names of occupations, as people choose them: found by an id, searched for by words.

    names.find("java开发工程师")  # its id, which is its name in the lexicon, normalised
    names.like("前端", 20)        # those with such a name, the nearest first

An id lasts as long as the lexicon knows the name: an occupation that is renamed keeps its former name as an
alias, by which the id that somebody stored still finds it.
"""

from __future__ import annotations

import re

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.titles import TitleReader, occupation_id

MAX_ABBREVIATION_CHARS = 4
"""Characters of the longest Latin word that is taken for an abbreviation (`PLC`); a longer one is a name."""

_LATIN = re.compile(r"[a-z0-9.+#]+")
# Short words that are no abbreviations.
_WRITTEN = {name.lower(): name for name in ("Go", "iOS", "Java", "Node.js", "Ruby", "Rust", "Vue", "Web")}


class OccupationNames:
    """Ids and names of all occupations. Threads may share it."""

    def __init__(self, lexicon: Lexicon, titles: TitleReader) -> None:
        self._titles = titles
        self._shown: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        for row in lexicon.titles:
            name = occupation_id(row.title)
            self._shown[name] = _spelled(row.title.strip())
            self._names[name] = (name, *(occupation_id(alias) for alias in row.aliases))

    def find(self, text: str) -> str | None:
        """The id of the occupation with this id or whole name; None where none has it."""
        key = occupation_id(text)
        return key if key in self._shown else self._titles.named(text)

    def shown(self, name: str) -> str:
        """How an occupation is spelled for people; one that the lexicon lacks as it stands."""
        return self._shown.get(name, name)

    def like(self, words: str, most: int) -> list[str]:
        """The ids of occupations, one of whose names contains some words.

        A name that is the words comes before one that begins with them, this before any other, and a short
        one before a long one; ties by id. Nothing for no words.
        """
        key = occupation_id(words)
        if not key:
            return []
        ranked = []
        for name, others in self._names.items():
            ranks = [
                (other != key, not other.startswith(key), len(other)) for other in others if key in other
            ]
            if ranks:
                ranked.append((min(ranks), name))
        return [name for _, name in sorted(ranked)[:most]]


def _spelled(title: str) -> str:
    """A title whose Latin words are written as people write them, where it has none but small letters."""
    return _LATIN.sub(_written, title) if title == title.lower() else title


def _written(word: re.Match[str]) -> str:
    text = word.group()
    if text in _WRITTEN:
        return _WRITTEN[text]
    return text.upper() if len(text) <= MAX_ABBREVIATION_CHARS else text.capitalize()
