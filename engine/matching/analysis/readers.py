"""The readers that feeds and resumes are analysed with: of long texts, and of short fields.

Short fields repeat from one resume to the next, so the answers for them are remembered. What is made of the
answers is decided in `feed`, `resume` and `career`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec
import numpy as np

from engine.matching.analysis.gathering import SKILL_RANK
from engine.matching.analysis.reading import MIN_WORD_CHARS, Reader
from engine.matching.lexicon import degrees, experience, salary
from engine.matching.lexicon.credentials import Credentials
from engine.matching.lexicon.domains import Domains
from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.lexicon.occupation_names import OccupationNames
from engine.matching.lexicon.occupations import Occupations
from engine.matching.lexicon.places import Places
from engine.matching.lexicon.proper_names import proper_names, without
from engine.matching.lexicon.rows import CredentialRow, SchoolRow
from engine.matching.lexicon.schools import Schools
from engine.matching.lexicon.titles import (
    HELPS,
    MAX_TITLE_CHARS,
    TitleReader,
    TitleReading,
    without_denied,
)
from engine.matching.score.rules import FULL
from engine.matching.text.latin import stands_in
from engine.matching.text.normalise import as_text, normalise

T = TypeVar("T")

MAX_SHOWN_CHARS = 40
"""Characters of a title that a list shows."""
REMEMBERED = 8192
"""Answers remembered of each kind of field, some 10 MiB in all; one more, and all are forgotten."""
MAX_REMEMBERED_CHARS = 200
"""Characters of the longest field whose answer is remembered: a longer text does not come twice."""
LEADS = 4
"""Rank of a level word at or above which it says that somebody leads others, as in 主管."""

# A beginner's title begins with such a word; further behind it is whom they look after.
_BEGINS = re.compile(r"(?:初级|实习|见习|储备|junior)")
# Names of work that sound like a rank.
_WORK = re.compile(r"(?:产品|项目|客户|理财|信贷|投资|大堂)经理|班主任")


class Title(msgspec.Struct, frozen=True):
    """Everything that is read from a title. Resumes share these, so they must not be changed.

    Attributes:
        shown: As written, cut to what a list shows.
        reading: Its occupations.
        level: Rank of the highest level word in it; None when there is none.
        level_word: That word; "" when there is none.
        words: Its words with their idf, see `TextReaders.title_words`.
        text: Normalised, as a text that is read.
    """

    shown: str
    reading: TitleReading
    level: int | None
    level_word: str
    words: dict[str, float]
    text: str


class TextReaders:
    """Readers over one lexicon. Threads may share them: only their memories of answers change.

    Attributes:
        lexicon: Words.
        places: Cities.
        reader: Reads long texts.
        titles: Reads titles.
        occupations: Words to occupations.
        names: The names of occupations.
        domains: Industries.
        schools: Schools.
        credentials: Certificates, licences and languages.
        telling: By number of a term: where `figures` has how telling it is of a person; the last item is for
            new words.
        figures: Figures of the idf table, and `SKILL_RANK`.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        places: Places,
        domains: Mapping[str, Iterable[str]],
        schools: Iterable[SchoolRow],
        credentials: Iterable[CredentialRow] = (),
    ) -> None:
        self.lexicon = lexicon
        self.places = places
        self.reader = Reader(lexicon)
        self.titles = TitleReader(lexicon.titles, lexicon.vague)
        self.occupations = Occupations(lexicon, lexicon.parts.__getitem__)
        self.names = OccupationNames(lexicon, self.titles)
        self.domains = Domains(domains)
        self.schools = Schools(schools)
        self.credentials = Credentials(credentials)
        self.figures = np.append(lexicon.tokenizer.rarities, SKILL_RANK)
        self.telling = lexicon.tokenizer.vocabulary.facts["rank"]
        self.telling[[lexicon.tokenizer.number(skill) for skill in lexicon.skills]] = len(self.figures) - 1
        self._titles = Answers(self._read_title)
        self._reached = Answers(self._find_reach)
        self._homes = Answers(self._find_home)
        self._salaries = Answers(salary.parse)
        self._years = Answers(experience.years)
        self._degrees = Answers(degrees.schooling)
        self._kinds = Answers(self.schools.kind)
        self._employers = Answers(lexicon.companies.find)
        self._proper = Answers(proper_names)

    def title(self, value: object) -> Title:
        """A job title."""
        return self._titles[as_text(value)]

    def reach(self, value: object) -> tuple[str, ...]:
        """A wish: the keys of the places that it names, and of all that they reach."""
        return self._reached[as_text(value)]

    def home(self, value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """An address: `ResumeProfile.home` and `ResumeProfile.areas`."""
        return self._homes[as_text(value)]

    def salary(self, value: object) -> tuple[int, int]:
        """A salary, see `salary.parse`."""
        return self._salaries[value] if isinstance(value, str) else salary.parse(value)

    def years(self, value: object) -> float | None:
        """Years of work, see `experience.years`."""
        return self._years[value] if isinstance(value, str) else experience.years(value)

    def schooling(self, value: object) -> degrees.Schooling:
        """A degree, see `degrees.schooling`."""
        return self._degrees[as_text(value)]

    def school(self, value: object) -> str:
        """The class of a school, see `Schools.kind`."""
        return self._kinds[as_text(value)]

    def employer(self, value: object) -> tuple[str, ...]:
        """The companies that an employer's name names, see `Companies.find`."""
        return self._employers[as_text(value)]

    def proper(self, value: object) -> tuple[str, ...]:
        """The names of an employer or a school that are no evidence, see `proper_names`."""
        return self._proper[as_text(value)]

    def without(self, text: str, names: Iterable[str]) -> str:
        """A text without these names, and without those of companies and events, see `proper_names`."""
        return without(text, names, self.lexicon.terms.__contains__)

    def title_words(self, reading: TitleReading) -> dict[str, float]:
        """The words of a title with their idf, without level words, stop words and vague words (`专员`)."""
        lexicon = self.lexicon
        words: dict[str, float] = {}
        for word in lexicon.tokenizer.cut(reading.text):
            term = lexicon.fold(word)
            if term in lexicon.stopwords or term in lexicon.vague or term in lexicon.levels:
                continue
            if len(term) < MIN_WORD_CHARS and term not in lexicon.skills:
                continue
            words[term] = lexicon.idf(term)
        return words

    def level(self, title: str) -> tuple[int | None, str]:
        """The rank of the highest level word in a normalised title, and that word; None and "" for none.

        Whoever only begins (`见习经理`) has the rank of a beginner. Work that is called 经理 (`客户经理`) is
        no rank, and who helps a leader (`总经理助理`) has not theirs: both say nothing.
        """
        plain = _WORK.sub("", title)
        if begins := _BEGINS.match(plain):
            plain = begins[0]
        # Of two with the same rank the longer one, which may hold the other.
        rank, _, word = max(
            ((rank, len(word), word) for word, rank in self.lexicon.levels.items() if stands_in(word, plain)),
            default=(None, 0, ""),
        )
        if rank is None or (rank >= LEADS and HELPS.search(plain)):
            return None, ""
        return rank, word

    def _read_title(self, title: str) -> Title:
        text = without_denied(normalise(title, MAX_TITLE_CHARS))
        reading = self.titles.read(title)
        level, level_word = self.level(text)
        return Title(
            shown=title.strip()[:MAX_SHOWN_CHARS],
            reading=reading,
            level=level,
            level_word=level_word,
            words=self.title_words(reading),
            text=text,
        )

    def _find_reach(self, text: str) -> tuple[str, ...]:
        return self.places.reach(self.places.wish((text,)))

    def _find_home(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        named = self.places.home(text)
        return self.places.reach(named), self.places.within(named)


class Answers(dict[str, T]):
    """What a function answers to texts, computed when it is asked for first. Threads may share it.

    It forgets all at once: to know which answers were asked for last, each look would have to write.
    """

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, text: str) -> T:
        answer = self._function(text)
        if len(text) <= MAX_REMEMBERED_CHARS:
            if len(self) >= REMEMBERED:
                self.clear()
            self[text] = answer
        return answer


def share(weights: Mapping[str, float]) -> dict[str, int]:
    """Weights as whole ten-thousandths of their sum, rounded down; together at most one whole."""
    total = sum(weights.values())
    return {term: int(FULL * weight / total) for term, weight in weights.items()} if total else {}
