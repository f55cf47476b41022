"""Titles in Latin letters: where words end once spaces are gone, plurals, and the word order of English.

Titles are looked up without spaces, so that `front end`, `front-end` and `frontend` are one. But a word must
still be whole: `hr manager` names HR, and `chrome` does not. So the places at which a space stood between two
Latin words are remembered as joints.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from engine.matching.text.latin import is_latin

MIN_PLURAL = 4
"""Letters of the shortest alias that may stand in the plural; behind a shorter one an `s` is another word."""

# `head of hr` is an hr head: in English the head noun may come first.
_OF = re.compile(r"(?=[a-z .+#/]++\Z)(.+?) (?:of|for) (.+)")
# What follows the name of a field without changing whose work it is.
_ROLE = re.compile(
    r"(?:developer|engineer|programmer|manager|specialist|consultant|officer|executive|associate|supervisor"
    r"|representative|coordinator|lead|leader|head|director|vp|expert)s?"
)
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_LOOSE_SPACE = re.compile(r"(?<![0-9a-zß-ɏ]) | (?![0-9a-zß-ɏ])")


def unhyphened(text: str) -> str:
    """The text with spaces for the hyphens between letters."""
    return _HYPHEN.sub(" ", text)


def head_last(text: str) -> str:
    """An English title whose head noun comes first, turned round; another one as it is."""
    found = _OF.fullmatch(text.strip())
    return f"{found[2]} {found[1]}" if found else text


def loosely_squeezed(text: str) -> str:
    """The text without spaces, but for those between Latin words."""
    return _LOOSE_SPACE.sub("", text)


def squeezed(text: str) -> tuple[str, frozenset[int]]:
    """The text without spaces, and its joints: where a Latin word begins at once behind another one."""
    joined, joints = "", set()
    for piece in text.split():
        if joined and is_latin(joined[-1]) and is_latin(piece[0]):
            joints.add(len(joined))
        joined += piece
    return joined, frozenset(joints)


def whole_end(text: str, begin: int, end: int, joints: Collection[int]) -> int:
    """Where an alias that stands in a title ends, with its plural; -1 where it is only part of a word."""
    if not _is_edge(text, begin, joints):
        return -1
    # A version may follow: `java8`.
    if _is_edge(text, end, joints) or (text[end].isdigit() and not text[end - 1].isdigit()):
        return end
    if text[end] == "s" and end - begin >= MIN_PLURAL and _is_edge(text, end + 1, joints):
        return end + 1
    return -1


def is_role(rest: str) -> bool:
    """Whether what stands behind an occupation's name is only a word for whoever does such work."""
    return _ROLE.fullmatch(rest) is not None


def _is_edge(text: str, at: int, joints: Collection[int]) -> bool:
    if at in (0, len(text)) or at in joints:
        return True
    return not (is_latin(text[at - 1]) and is_latin(text[at]))
