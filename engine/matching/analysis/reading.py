"""One text to weighted terms: what is stated, what is denied, what colleagues do, what is merely listed.

The weight of a term says how far the text supports it: 1 for a plain statement, less for a slight
acquaintance, little for what colleagues do or for one item of a long list, nothing for what is denied.

This is the hot loop of the analysis. Texts are cut into stretches of one weight, all stretches go through the
tokenizer in one call, and what each piece counts for is looked up once and remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from engine.matching.lexicon.lexicon import Lexicon
from engine.matching.text.normalise import sentences
from engine.matching.text.tokens import MARK, MAX_PIECE_CHARS

WEAK = 0.4
"""Weight of a slight acquaintance (了解即可), against 1 for a plain statement."""
OTHERS = 0.08
"""Weight of what colleagues do (配合Java工程师). Not 0: whoever works beside it knows something about it."""
SHORT_LIST, LONG_LIST = 0.6, 0.15
"""Weight of one item in a list of `LIST_ITEMS` or more, and in one of more than `LONG_ITEMS`.

A long list of words without work behind it is how resumes are stuffed.
"""
LIST_ITEMS = 5
"""A sentence with at least so many short items is a list."""
LONG_ITEMS = 12
"""Short items above which a list is a long one."""
MAX_ITEM_CHARS = 12
"""Characters of a short item; longer ones are clauses."""
LIST_SHARE = 0.7
"""Share of a sentence's items that must be short for it to be a list."""
MAX_OTHERS_CHARS = 16
"""Characters behind a cue such as 配合 within which the others that it is about must be named."""
TERM_CAP = 2.0
"""Weight that repetition can bring a term to. What is said ten times is no truer than what is said twice."""
MAX_REMEMBERED = 200_000
"""Pieces of text whose entry is remembered.

The dictionary's words and the commoner names are fewer. Above it all are forgotten and looked up again, so
that made-up texts cannot fill the memory.
"""

# Where a clause ends. A space ends one only before a Chinese character: Latin names hold spaces.
_STOPS = re.compile(r"[,;]|(?<=[\w)]) (?=[^\sa-z0-9])")
_SPACE_STOP = re.compile(r" (?<=[\w)] )(?=[^\sa-z0-9])")
_ITEM_END = re.compile(r"[、/,;| ]")
_ITEMS = re.compile(f"{_ITEM_END.pattern}+")
# Words for colleagues: a cue such as 配合 is about others only where one of these follows.
_PERSON = re.compile(r"工程师|开发团队|团队|经理|程序员|设计师|专员|顾问|开发")


class Reading(msgspec.Struct):
    """The terms of a text.

    Attributes:
        terms: Term -> weight, 0..`TERM_CAP`.
        denied: Terms said not to be known.
        wording: Term -> the word that it was read from, where that differs.
    """

    terms: dict[str, float] = {}
    denied: set[str] = set()
    wording: dict[str, str] = {}


class _Odd(msgspec.Struct, frozen=True):
    """A piece that needs a second look: another spelling of a term, or a guarded one."""

    word: str
    term: str
    guarded: bool


_MARK = _Odd("", "", guarded=False)

# How a stretch of text counts: the weight of its words, the reading they go to, and, where a sentence ends
# with it, that sentence and its weight; else an empty text and 0.
_Stretch = tuple[float, Reading, str, float]


class _Entries(dict[str, str | _Odd | None]):
    """Piece -> the term that it counts for, looked up once; None where it counts for nothing.

    A plain text is a term that needs no second look, which is the usual case and the fast one.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, piece: str) -> str | _Odd | None:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        entry = self[piece] = self._look_up(piece)
        return entry

    def _look_up(self, piece: str) -> str | _Odd | None:
        if piece == MARK:
            return _MARK
        lexicon = self._lexicon
        word = lexicon.tokenizer.word(piece)
        if word is None:
            return None
        term = lexicon.fold(word)
        if term in lexicon.skills:
            guarded = word in lexicon.guarded
            return _Odd(word, term, guarded) if guarded or term != word else term
        if len(word) < 2 or word in lexicon.stopwords or word[0].isdigit():
            return None
        return term


class Reader:
    """Reads normalised text against a lexicon. Threads may share it: only its memory of pieces changes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._entries = _Entries(lexicon)
        cues = lexicon.cues
        self._deny_before = _cue_pattern(cues["deny_before"])
        self._deny_after = _cue_pattern(cues["deny_after"])
        self._weaken = _cue_pattern((*cues["weaken_before"], *cues["weaken_after"]))
        self._others = _cue_pattern(cues["others"])
        self._others_before = _cue_pattern(cues["others_before"])
        self._any_cue = _cue_pattern(phrase for phrases in cues.values() for phrase in phrases)

    def read(self, text: str, *, lists: bool = True) -> Reading:
        """The terms of a text.

        Args:
            text: Normalised text.
            lists: Whether a list may be padding, as in a resume. A feed means what it lists.
        """
        return self.read_all((text,), lists=lists)[0]

    def read_all(self, texts: Iterable[str], *, lists: bool = True) -> list[Reading]:
        """The terms of each of some texts, as by `read` of each, but with one call of the tokenizer."""
        readings = []
        stretches: list[str] = []
        worth: list[_Stretch] = []
        for text in texts:
            reading = Reading(terms={}, denied=set(), wording={})
            readings.append(reading)
            for sentence in sentences(text):
                weight = self._list_weight(sentence) if lists else 1.0
                if self._any_cue.search(sentence):
                    if lists and self._is_others(sentence):
                        weight *= OTHERS
                elif len(sentence) <= MAX_PIECE_CHARS:
                    # Without a cue the whole sentence has one weight. A space can end a clause as a comma
                    # does, but does not stop names from being joined; the other stops do by themselves.
                    stretches.append(_SPACE_STOP.sub(",", sentence))
                    worth.append((weight, reading, sentence, weight))
                    continue
                for clause in _STOPS.split(sentence):
                    if not self._any_cue.search(clause):
                        stretches.append(clause)
                        worth.append((weight, reading, "", 0.0))
                        continue
                    for stretch, own in self._scopes(clause, weight, reading, lists=lists):
                        stretches.append(stretch)
                        worth.append((own, reading, "", 0.0))
                stretches.append("")
                worth.append((0.0, reading, sentence, weight))
        if stretches:
            self._count(self._lexicon.tokenizer.pieces(stretches), worth)
        for reading in readings:
            for term in reading.denied:
                reading.terms.pop(term, None)
        return readings

    def _is_others(self, sentence: str) -> bool:
        """Whether a whole sentence is about colleagues."""
        return bool(self._others.search(sentence)) and bool(_PERSON.search(sentence))

    def _list_weight(self, sentence: str) -> float:
        """The weight of a sentence's words: less than 1 where it is a list of short items."""
        if len(_ITEM_END.findall(sentence)) < LIST_ITEMS - 1:
            return 1.0
        items = [item for item in _ITEMS.split(sentence) if item]
        short = sum(len(item) <= MAX_ITEM_CHARS for item in items)
        if short < LIST_ITEMS or short < LIST_SHARE * len(items):
            return 1.0
        return LONG_LIST if short > LONG_ITEMS else SHORT_LIST

    def _scopes(
        self, clause: str, weight: float, reading: Reading, *, lists: bool
    ) -> Iterator[tuple[str, float]]:
        """The stretches of a clause, each with the weight of its words; denied words go to the reading."""
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
                yield clause[cue.end() :], weight * OTHERS
                clause = clause[: cue.end()]
        yield clause, weight

    def _deny(self, text: str, reading: Reading) -> None:
        reading.denied.update(map(self._lexicon.fold, self._lexicon.tokenizer.cut(text)))

    def _count(self, pieces: list[str], worth: list[_Stretch]) -> None:
        """Add the pieces of stretches to their readings.

        Args:
            pieces: Of all stretches, with a mark after each.
            worth: How each stretch counts.
        """
        stretches = iter(worth)
        weight, reading, sentence, whole = next(stretches)
        terms = reading.terms
        get = terms.get
        guarded: list[_Odd] = []
        entries = cast("Iterator[str | _Odd]", filter(None, map(self._entries.__getitem__, pieces)))
        for entry in entries:
            if isinstance(entry, str):
                said = get(entry, 0.0) + weight
                terms[entry] = said if said < TERM_CAP else TERM_CAP
            elif entry is _MARK:
                if sentence and guarded:
                    self._admit(guarded, sentence, whole, reading)
                    guarded = []
                weight, reading, sentence, whole = next(stretches, worth[-1])
                terms = reading.terms
                get = terms.get
            elif entry.guarded:
                guarded.append(entry)
            else:
                reading.wording.setdefault(entry.term, entry.word)
                terms[entry.term] = min(terms.get(entry.term, 0.0) + weight, TERM_CAP)

    def _admit(self, guarded: list[_Odd], sentence: str, weight: float, reading: Reading) -> None:
        """Count the guarded spellings of a sentence that are all of it, or beside a skill of their trade."""
        trades = self._lexicon.trades
        around = {trades[term] for term in reading.terms if term in trades}
        for one in guarded:
            if one.word == sentence or trades[one.term] in around:
                reading.wording.setdefault(one.term, one.word)
                reading.terms[one.term] = min(reading.terms.get(one.term, 0.0) + weight, TERM_CAP)


def _cue_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds the longest of some phrases at a place.

    It is built as a trie: many phrases begin alike (`不会`, `不懂`), and an alternation would try each of
    them.
    """
    trie: dict[str, Any] = {}
    for phrase in phrases:
        node = trie
        for character in phrase:
            node = node.setdefault(character, {})
        node[""] = {}
    return re.compile(_branches(trie) or r"(?!)")


def _branches(node: dict[str, Any]) -> str:
    found = [re.escape(character) + _branches(below) for character, below in node.items() if character]
    if not found:
        return ""
    return f"(?:{'|'.join(found)}){'?' if '' in node else ''}"
