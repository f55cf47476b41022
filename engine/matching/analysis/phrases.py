"""The phrases that change what the words around them count for, as arrays that compiled loops search.

What a phrase of each kind does is in `stretches`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from engine.matching.analysis.stretches import (
    DENY_AFTER,
    DENY_BEFORE,
    GLUE,
    LACK,
    OTHERS_ANYWHERE,
    OTHERS_BEFORE,
    PERSON,
    UNNEEDED,
    WEAKEN,
    Phrases,
)

KINDS = {
    "deny_before": DENY_BEFORE,
    "deny_after": DENY_AFTER,
    "lack": LACK,
    "unneeded": UNNEEDED,
    "weaken_before": WEAKEN,
    "weaken_after": WEAKEN,
    "others": OTHERS_ANYWHERE,
    "others_before": OTHERS_BEFORE,
}
"""Kind of a cue in the lexicon -> its bit."""
PERSONS = ("工程师", "开发团队", "团队", "经理", "程序员", "设计师", "专员", "顾问", "开发")
"""Words for colleagues: a cue such as 配合 is about others only where one of these follows."""
GLUES = ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
"""Small words of English. They show that a sentence is one, where a list would have the same spaces."""


def phrases_of(cues: Mapping[str, Iterable[str]]) -> Phrases:
    """The phrases to search for.

    Args:
        cues: Kind, as in `KINDS` -> phrases.
    """
    bits = {**dict.fromkeys(PERSONS, PERSON), **dict.fromkeys(GLUES, GLUE)}
    for kind, phrases in cues.items():
        for phrase in phrases:
            bits[phrase] = bits.get(phrase, 0) | KINDS[kind]
    # By first character, and of these the longest first.
    ordered = sorted(bits, key=lambda phrase: (phrase[0], -len(phrase), phrase))
    groups = np.full(max(ord(phrase[0]) for phrase in ordered) + 1, -1, np.int16)
    for number in reversed(range(len(ordered))):
        groups[ord(ordered[number][0])] = number
    starts = np.zeros(len(groups), np.int32)
    for phrase, kinds in bits.items():
        starts[ord(phrase[0])] |= kinds
    codes = np.array([ord(character) for phrase in ordered for character in phrase], np.int32)
    ends = np.cumsum([len(phrase) for phrase in ordered], dtype=np.int32)
    return Phrases(starts, groups, codes, ends, np.array([bits[phrase] for phrase in ordered], np.int32))
