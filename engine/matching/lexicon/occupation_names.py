"""The names of occupations, as people choose them: found by an id, searched for by words.

    names.find("java开发工程师")  # its id, which is its name in the lexicon, normalised
    names.like("前端", 20)        # those with such a name, the nearest first

An id lasts as long as the lexicon knows the name: an occupation that is renamed keeps its former name as an
alias, by which the id that somebody stored still finds it.
"""

from __future__ import annotations

from collections import defaultdict

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.titles import TitleReader, occupation_id


class OccupationNames:
    """Ids and names of all occupations. Threads may share it.

    Args:
        lexicon: Its rows name the occupations.
        titles: Knows every name.
    """

    def __init__(self, lexicon: Lexicon, titles: TitleReader) -> None:
        self._titles = titles
        self._shown: dict[str, str] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        spellings = _latin_spellings(lexicon)
        for row in lexicon.titles:
            name = occupation_id(row.title)
            self._shown[name] = _spelled(row.title.strip(), spellings)
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


def _latin_spellings(lexicon: Lexicon) -> dict[str, str]:
    """Latin spelling in lower case -> as the skill of that name is written (`java` -> `Java`)."""
    spellings: dict[str, str] = defaultdict(str)
    for term, shown in lexicon.display.items():
        if term.isascii():
            spellings[term.replace(" ", "")] = shown.replace(" ", "")
    return spellings


def _spelled(title: str, spellings: dict[str, str]) -> str:
    """A title whose Latin beginning is written as the skill of that name is, or in capitals."""
    end = next((at for at, char in enumerate(title) if not char.isascii()), len(title))
    latin = title[:end]
    if not latin or latin != latin.lower():
        return title
    return (spellings.get(latin) or latin.upper()) + title[end:]
