"""Where the numbers of a resume stand: a record of fixed fields, and a block of its words.

The mirror of `layout`. A block is as many items of two arrays, `ids` and `weights`. Its sections follow each
other in the order of `SECTIONS`, and the resume's record says how long each is. Only what is compared is
kept: titles, wording and tags stay with the stored profile.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.compiled import compiled
from engine.matching.lexicon.salary import is_open
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.arrays import Pool
from engine.matching.score.rules import PLACE_BITS, UNSAID
from engine.matching.score.vocabulary import Vocabulary

SECTIONS = ("titled", "shown", "title_words", "terms", "places", "home", "domains", "classes", "key_terms")
"""The sections of a block, each a field of `ResumeProfile`. Those that are not weighed have weights of 0."""

RESUME = np.dtype(
    [
        # Looked at first, for every resume that shares a key term and a place with the feed.
        ("salary_low", np.int32),
        ("salary_high", np.int32),
        ("changed", np.int64),  # the version of the index that it came with
        ("block", np.int64),  # its block begins here
        *((section, np.uint16) for section in SECTIONS),  # how long each section of its block is
        ("months", np.int16),  # `UNSAID` where the resume does not say
        ("level", np.int8),  # likewise
        ("degree", np.int8),
        ("most_titled", np.uint8),
        ("all_shown", np.uint8),
        ("salary_is_open", np.bool_),
        # Not compared, but handed out with a match.
        ("rev", np.int32),  # 0 where no resume is
        ("arrived_at", np.int64),  # milliseconds since 1970
    ]
)
"""The record of one resume."""


_NOWHERE = 1 << PLACE_BITS
"""The bit of those that state no place."""

BLOCK_STEP = 8
"""Blocks are so many items long, or a multiple of it."""


class ResumeBlocks:
    """The blocks of all resumes.

    Attributes:
        items: `ids` and `weights`.
        words: Terms, occupations, places and whatever else is compared.
    """

    def __init__(self) -> None:
        self.items = Pool(step=BLOCK_STEP, ids=np.int32, weights=np.uint8)
        self.words = Vocabulary()

    def write(self, profile: ResumeProfile, resume: Any) -> None:
        """Keep a profile: its fixed fields in the resume's record, its words in a block.

        Args:
            profile: The profile.
            resume: The record, of type `RESUME`.

        Raises:
            OverflowError: A number of the profile is out of bounds. The analysis makes no such profile.
        """
        weighed = (profile.titled, profile.shown, profile.title_words, profile.terms)
        named = (profile.places, profile.home, profile.domains, profile.classes, profile.key_terms)
        for section, names in zip(SECTIONS, (*weighed, *named), strict=True):
            resume[section] = len(names)
        weights = [weight for shares in weighed for weight in shares.values()]
        weights += (0 for names in named for _ in names)
        size = len(weights)
        # NumPy refuses a number that does not fit. The words are counted after that, so that nothing is left
        # behind.
        packed = np.array(weights, np.uint8)
        resume["salary_low"], resume["salary_high"] = profile.salary_low, profile.salary_high
        resume["salary_is_open"] = is_open(profile.salary_low, profile.salary_high)
        resume["months"] = UNSAID if profile.months is None else profile.months
        resume["level"] = UNSAID if profile.level is None else profile.level
        resume["degree"] = profile.degree
        resume["most_titled"], resume["all_shown"] = profile.most_titled, profile.all_shown
        acquire = self.words.acquire
        ids = [acquire(name) for names in (*weighed, *named) for name in names]
        at = resume["block"] = self.items.take(size)
        self.items["ids"][at : at + size] = ids
        self.items["weights"][at : at + size] = packed

    def erase(self, resume: Any) -> None:
        """Give the block of a resume back, and the numbers that no other resume uses."""
        names, release = self.words.names, self.words.release
        begin, size = int(resume["block"]), self._size(resume)
        for number in self.items["ids"][begin : begin + size].tolist():
            release(names[number])
        self.items.give(begin, size)

    def near(self, resume: Any) -> int:
        """The places of a resume as bits, see `near_of_resume`."""
        begin = int(resume["block"]) + sum(int(resume[section]) for section in SECTIONS[:4])
        return near_of_resume(self.items["ids"][begin : begin + int(resume["places"])].tolist())

    def all_near(self, resumes: NDArray[Any]) -> NDArray[np.uint64]:
        """The same of many resumes, by their records."""
        near = np.zeros(len(resumes), np.uint64)
        ids, begins = self.items["ids"], begins_of(resumes, "places")
        _all_near(begins, resumes["places"], ids, np.uint64(PLACE_BITS), np.uint64(_NOWHERE), near)
        return near

    def key_terms(self, resume: Any) -> Any:
        """The numbers of a resume's key terms, an array of 32 bits each."""
        end = int(resume["block"]) + self._size(resume)
        return self.items["ids"][end - int(resume["key_terms"]) : end]

    @staticmethod
    def _size(resume: Any) -> int:
        return sum(int(resume[section]) for section in SECTIONS)


def sizes_of(resumes: NDArray[Any]) -> NDArray[np.int64]:
    """How long the blocks of many resumes are, by their records."""
    sizes = np.zeros(len(resumes), np.int64)
    for section in SECTIONS:
        sizes += resumes[section]
    return sizes


def begins_of(resumes: NDArray[Any], section: str) -> NDArray[np.int64]:
    """Where a section of their blocks begins."""
    begins: NDArray[np.int64] = resumes["block"].copy()
    for before in SECTIONS[: SECTIONS.index(section)]:
        begins += resumes[before]
    return begins


def near_of_resume(numbers: Iterable[int]) -> int:
    """The places of a resume as bits. Two places may have the same bit."""
    return _bits(numbers) or _NOWHERE


def near_of_feed(numbers: Iterable[int], *, is_anywhere: bool) -> int:
    """The places that a feed reaches as bits: those of its own places, and of resumes that state none."""
    return _NOWHERE | (_NOWHERE - 1 if is_anywhere else _bits(numbers))


def _bits(numbers: Iterable[int]) -> int:
    return functools.reduce(operator.or_, (1 << number % PLACE_BITS for number in numbers), 0)


@compiled
def _all_near(begins: Any, lengths: Any, ids: Any, bits: Any, nowhere: Any, near: Any) -> None:
    """As `near_of_resume`, which is for one."""
    for slot in range(len(begins)):
        near[slot] = nowhere if lengths[slot] == 0 else np.uint64(0)
        for item in range(begins[slot], begins[slot] + lengths[slot]):
            near[slot] |= np.uint64(1) << (np.uint64(ids[item]) % bits)
