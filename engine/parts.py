"""What analysing feeds and analysing resumes have in common: the readers, and the words of a title."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import rjieba

from engine.domains import Domains
from engine.lexicon import Lexicon
from engine.occupations import Occupations
from engine.places import Places
from engine.reading import Reader
from engine.tags import SchoolRow, Schools
from engine.titles import TitleReader, TitleReading

WHOLE = 10_000
"""All shares together, at most."""


class Parts:
    """Readers over one lexicon; built once and then only read."""

    def __init__(
        self,
        lexicon: Lexicon,
        places: Places,
        domains: Mapping[str, Iterable[str]],
        schools: Iterable[SchoolRow],
    ) -> None:
        self.lexicon = lexicon
        self.places = places
        self.reader = Reader(lexicon)
        self.titles = TitleReader(lexicon.titles, lexicon.vague)
        plain = rjieba.Jieba()
        self.occupations = Occupations(lexicon, lambda text: plain.cut(text, hmm=False))
        self.domains = Domains(domains)
        self.schools = Schools(schools)

    def title_words(self, reading: TitleReading) -> dict[str, float]:
        """The words of a title with their idf, without levels, stop words and what any title may hold."""
        lexicon = self.lexicon
        words: dict[str, float] = {}
        for word in lexicon.tokenizer.cut(reading.text):
            term = lexicon.fold(word)
            if term in lexicon.stopwords or term in lexicon.vague or term in lexicon.levels:
                continue
            if len(term) < 2 and term not in lexicon.skills:
                continue
            words[term] = lexicon.idf(term)
        return words

    def level(self, title: str) -> int | None:
        """The rank of the highest level word in a normalised title; None when there is none."""
        return max((rank for word, rank in self.lexicon.levels.items() if word in title), default=None)


def share(weights: Mapping[str, float]) -> dict[str, int]:
    """Weights as whole ten-thousandths of their sum, rounded down."""
    total = sum(weights.values())
    return {term: int(WHOLE * weight / total) for term, weight in weights.items()} if total else {}
