"""One field of text to weighted terms: who does what, what is denied, what is merely listed.

The weight of a term says how far the text bears it out: 1 for a plain statement, less for a basic
acquaintance, little for what colleagues do or for one item of a long list, nothing for what is denied.
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
MAX_REMEMBERED = 200_000
"""Pieces of text that are remembered; the dictionary's words and the commoner names are fewer."""

_STOPS = re.compile(r"[,;]|(?<=[\w)]) (?=[^\sa-z0-9])")
_SPACE_STOP = re.compile(r" (?<=[\w)] )(?=[^\sa-z0-9])")
_ITEM_END = re.compile(r"[、/,;| ]")
_ITEMS = re.compile(f"{_ITEM_END.pattern}+")
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


class _Odd(msgspec.Struct, frozen=True):
    """A piece that needs a second look: another spelling of a term, or a guarded one."""

    word: str
    term: str
    guarded: bool


_MARK = _Odd("", "", guarded=False)

# What a stretch of text is worth: the weight of its words, where they go, and the sentence that ends
# with it, if one does, with the weight of that.
_Stretch = tuple[float, Reading, str, float]


class _Entries(dict[str, str | _Odd | None]):
    """Piece -> the term it counts for, worked out once; None where it counts for nothing."""

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
    """Reads normalised text against a lexicon."""

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
            lists: Whether enumerations may be padding, as in a resume; a feed means what it lists.
        """
        return self.read_all((text,), lists=lists)[0]

    def read_all(self, texts: Iterable[str], *, lists: bool = True) -> list[Reading]:
        """What each of some texts says: as `read` of each, in one go over all of them."""
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
                    # The other stops are pieces of their own, which no name reaches across.
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
        return bool(self._others.search(sentence)) and bool(_PERSON.search(sentence))

    def _list_weight(self, sentence: str) -> float:
        if len(_ITEM_END.findall(sentence)) < LIST_ITEMS - 1:
            return 1.0
        items = [item for item in _ITEMS.split(sentence) if item]
        short = sum(len(item) <= MAX_ITEM_CHARS for item in items)
        if short < LIST_ITEMS or short < 0.7 * len(items):
            return 1.0
        return LONG_LIST if short > LONG_ITEMS else SHORT_LIST

    def _scopes(
        self, clause: str, weight: float, reading: Reading, *, lists: bool
    ) -> Iterator[tuple[str, float]]:
        """The stretches of a clause with the weight of their words; what it denies is noted at once."""
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
        """Add the pieces of stretches, each ended by a mark, to their readings."""
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
        """Count the guarded spellings of a sentence that stand alone or beside a skill of their own trade."""
        trades = self._lexicon.trades
        around = {trades[term] for term in reading.terms if term in trades}
        for one in guarded:
            if one.word == sentence or trades[one.term] in around:
                reading.wording.setdefault(one.term, one.word)
                reading.terms[one.term] = min(reading.terms.get(one.term, 0.0) + weight, TERM_CAP)


def _cue_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """The longest of some phrases at a place. As a trie: many of them begin alike (`不会`, `不懂`)."""
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
