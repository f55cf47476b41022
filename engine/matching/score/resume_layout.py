"""Where the numbers of a resume stand: a record of fixed fields, and a block of its words.

The mirror of `layout`. A block is as many items of two arrays, `ids` and `weights`. Its sections follow each
other in the order of `SECTIONS`, and the resume's record says how long each is. Only what is compared is
kept: titles, wording and tags stay with the stored profile.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.matching.lexicon.salary import is_open
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.arrays import Pool
from engine.matching.score.place_bits import all_held, held
from engine.matching.score.rules import TOPICS, UNSAID
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
        # Where it lies among the topics of the index's table; zeros where nothing is learned.
        ("topics", np.int8, (TOPICS,)),
    ]
)
"""The record of one resume."""

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
        """The places of a resume as bits, see `place_bits.held`."""
        begin = int(resume["block"]) + sum(int(resume[section]) for section in SECTIONS[:4])
        return held(self.items["ids"][begin : begin + int(resume["places"])].tolist())

    def all_near(self, resumes: NDArray[Any]) -> NDArray[np.uint64]:
        """The same of many resumes, by their records."""
        return all_held(begins_of(resumes, "places"), resumes["places"], self.items["ids"])

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
