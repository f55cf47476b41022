"""One field of text to weighted terms: who does what, what is denied, what is merely listed.

The weight of a term says how far the text bears it out: 1 for a plain statement, less for a basic
acquaintance, little for what colleagues do or for one item of a long list, nothing for what is denied.
"""

from __future__ import annotations

import re

import msgspec

from engine.lexicon import Lexicon
from engine.text import sentences

WEAK = 0.4
OTHERS = 0.08
SHORT_LIST, LONG_LIST = 0.6, 0.15
"""Weight of one item in a list of five or more, and of more than twelve."""
LONG_ITEMS = 12
LIST_ITEMS = 5
MAX_ITEM_CHARS = 12
MAX_OTHERS_CHARS = 16
"""How far behind a cue such as 配合 the others that it is about may stand."""
TERM_CAP = 2.0
"""What repetition can bring a term to; said twice is said."""

_STOPS = re.compile(r"[,;]|(?<=[\w)])\s(?=[^\sa-z0-9])")
_ITEMS = re.compile(r"[、/,;|\s]+")
_LISTED = re.compile(r"(?:技能|关键词|关键字|标签|掌握|擅长|特长|熟悉|tags?|skills?)\s*[:：]?\s*$")
_PERSON = re.compile(r"工程师|开发团队|团队|经理|程序员|设计师|专员|顾问|开发")


class Reading(msgspec.Struct):
    """What a text says.

    Attributes:
        terms: Term -> weight, 0..`TERM_CAP`.
        denied: Terms said not to be known.
        wording: Term -> the word it was read from, where they differ.
    """

    terms: dict[str, float] = {}
    denied: set[str] = set()
    wording: dict[str, str] = {}


class Reader:
    """Reads normalised text against a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._cut = lexicon.tokenizer.cut
        cues = lexicon.cues
        self._deny_before = _cue_pattern(cues["deny_before"])
        self._deny_after = _cue_pattern(cues["deny_after"])
        self._weaken = _cue_pattern((*cues["weaken_before"], *cues["weaken_after"]))
        self._others = _cue_pattern(cues["others"])
        self._others_before = _cue_pattern(cues["others_before"])

    def read(self, text: str, *, lists: bool = True) -> Reading:
        """The terms of a text.

        Args:
            text: Normalised text.
            lists: Whether enumerations may be padding, as in a resume; a feed means what it lists.
        """
        reading = Reading(terms={}, denied=set(), wording={})
        for sentence in sentences(text):
            scope = OTHERS if lists and self._is_others(sentence) else 1.0
            listed = self._list_weight(sentence) if lists else 1.0
            guarded: list[str] = []
            for clause in _STOPS.split(sentence):
                self._read_clause(clause, scope * listed, reading, guarded, lists=lists)
            self._admit(guarded, sentence, scope * listed, reading)
        for term in reading.denied:
            reading.terms.pop(term, None)
        return reading

    def _is_others(self, sentence: str) -> bool:
        return bool(self._others.search(sentence)) and bool(_PERSON.search(sentence))

    def _list_weight(self, sentence: str) -> float:
        items = [item for item in _ITEMS.split(sentence) if item]
        short = sum(len(item) <= MAX_ITEM_CHARS for item in items)
        if short < LIST_ITEMS or short < 0.7 * len(items):
            return 1.0
        return LONG_LIST if short > LONG_ITEMS else SHORT_LIST

    def _read_clause(
        self, clause: str, weight: float, reading: Reading, guarded: list[str], *, lists: bool
    ) -> None:
        denial = self._deny_before.search(clause)
        if denial and clause[denial.end() :].strip():
            self._deny(clause[denial.end() :], reading)
            clause = clause[: denial.start()]
        else:
            denial = self._deny_after.search(clause)
            if denial and not clause[denial.end() :].strip():
                self._deny(clause[: denial.start()], reading)
                return
        if self._weaken.search(clause):
            weight *= WEAK
        if lists:
            cue = self._others_before.search(clause)
            if cue and _PERSON.search(clause, cue.end(), cue.end() + MAX_OTHERS_CHARS):
                self._add(clause[cue.end() :], weight * OTHERS, reading, guarded)
                clause = clause[: cue.end()]
        self._add(clause, weight, reading, guarded)

    def _deny(self, text: str, reading: Reading) -> None:
        reading.denied.update(map(self._lexicon.fold, self._cut(text)))

    def _add(self, text: str, weight: float, reading: Reading, guarded: list[str]) -> None:
        lexicon = self._lexicon
        fold, stopwords, skills, ordinary = (
            lexicon.terms.get,
            lexicon.stopwords,
            lexicon.skills,
            lexicon.guarded,
        )
        terms = reading.terms
        for word in self._cut(text):
            term = fold(word, word)
            if term in skills:
                if word in ordinary:
                    guarded.append(word)
                    continue
                if term != word:
                    reading.wording.setdefault(term, word)
            elif len(word) < 2 or word in stopwords or word[0].isdigit():
                continue
            terms[term] = min(terms.get(term, 0.0) + weight, TERM_CAP)

    def _admit(self, guarded: list[str], sentence: str, weight: float, reading: Reading) -> None:
        """Count the guarded spellings of a sentence that stand alone or beside a skill of their own trade."""
        trades = self._lexicon.trades
        around = {trades[term] for term in reading.terms if term in trades}
        for word in guarded:
            term = self._lexicon.fold(word)
            if word == sentence or trades[term] in around:
                reading.wording.setdefault(term, word)
                reading.terms[term] = min(reading.terms.get(term, 0.0) + weight, TERM_CAP)


def _cue_pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, phrases)) or r"(?!)")
