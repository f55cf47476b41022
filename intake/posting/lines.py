"""A pasted text as clean lines: broken before headings and labels, without the noise of pages."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from engine.matching.text.normalise import simplify
from intake.posting.words import FOOTER, HEADINGS, LABELS, NOISE, Part
from intake.reading.lines import UNSEEN

T = TypeVar("T")

MAX_CHARS = 20_000
"""Characters of a text that are read. A whole page with its menus has some 5,000."""
MAX_LINES = 1_500
"""Lines that are read."""
MAX_LINE_CHARS = 3_000
"""Characters of a line in which headings and facts are looked for. A posting in one paragraph has fewer."""
_REMEMBERED = 4_096
"""Short texts of which it is remembered what they head. The same ones come again and again."""
MAX_HEADING_CHARS = 24
"""Characters of the longest key that may be a heading or a label."""

EMOJI = (
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u20e3"
    "\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_EDGE = rf"[\s#*_>=~·•◦●○◆◇■□▪►▶★☆✓✔√◎※|｜\-—–]|{EMOJI}"
# A row of them is looked at from its first one alone, or it would be gone through once for each.
_DECORATION = re.compile(rf"^(?:{_EDGE})+|(?<!{_EDGE})(?:{_EDGE})+$")
_NUMBER = re.compile(
    r"^(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）、.．:：]\s?(?!\d)|[(（][一二三四五六七八九十]{1,2}[)）]|[①-⑳]|第[一二三四五六]部分)\s*"
)
_BRACKETS = str.maketrans(dict.fromkeys("【】[]《》〔〕「」『』", ""))
_BRACKETED = re.compile(r"(?<=[^\s【\[])[ \t]*(?=[【\[〔「『]([^】\]〕」』\n]{2,16})[】\]〕」』])")
_COLON = re.compile(r"[:：]")
_WORD = re.compile(r"[一-鿿A-Za-z/&’' ]{2,24}(?:[:：]|(?=\s{0,3}(?:1\s?[、.．)）]|①)))")
_CLOSED = re.compile(r"[【\[〔「『]([^】\]〕」』\n]{2,16})[】\]〕」』][:：]?[ \t]*")


class Line(NamedTuple):
    """A line.

    Attributes:
        text: As it stands there, without outer blanks and decoration.
        heading: The part that it begins; None where it is no heading.
        label: What its value is; empty where it has no label.
        value: What stands behind heading or label; else all of it.
    """

    text: str
    heading: Part | None = None
    label: str = ""
    value: str = ""


def lines_of(text: str) -> list[Line]:
    """The lines of a text, up to where its page goes on to other things."""
    found: list[Line] = []
    for raw in _broken(_clean(text[:MAX_CHARS])).split("\n")[:MAX_LINES]:
        bare = _DECORATION.sub("", raw.strip())
        key = key_of(bare) if len(bare) <= 140 else ""
        if not bare or (key and NOISE.fullmatch(key)):
            continue
        # A page's head may offer other positions too; only behind a description it is left for good.
        if key and FOOTER.fullmatch(key) and any(line.heading for line in found):
            break
        found.append(_line(bare))
    return found


def _clean(text: str) -> str:
    text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    return _BLANKS.sub(_shorter, text)


def _shorter(blanks: re.Match[str]) -> str:
    """A row of blanks as short as it may be and part cells all the same: patterns go through it at each."""
    row = blanks[0]
    return "\t" if "\t" in row else "  "[: len(row)]


def key_of(text: str) -> str:
    """The key of a short text, see `words`."""
    text = simplify(text.translate(_BRACKETS), 400)
    return "".join(_NUMBER.sub("", _DECORATION.sub("", text)).split()).strip(":：")


def _broken(text: str) -> str:
    """The text with a break before each heading and each label that stands in the middle of a line."""
    lines = []
    for line in text.split("\n"):
        if MAX_HEADING_CHARS < len(line) <= MAX_LINE_CHARS:
            line = _BRACKETED.sub(lambda found: "\n" if _is_head(found[1]) else found[0], line)
            line = _WORD.sub(_break_before, line)
        lines.append(line)
    return "\n".join(lines)


def _break_before(found: re.Match[str]) -> str:
    """Break before a heading, or before a label behind a blank, that a colon follows."""
    said, at = found[0], found.start()
    before = found.string[at - 1 : at]
    words = said.rstrip(":：")
    mark = said[len(words) :]
    if at == 0 and mark:
        return said
    # What stands before may be part of the match: the longest end of it that is a heading counts.
    for begin in range(len(words) - 1):
        tail = words[begin:]
        is_word_start = begin == 0 or words[begin - 1] == " " or not words[begin].isascii()
        if not is_word_start or not tail.strip():
            continue
        is_apart = (begin and words[begin - 1] == " ") or (not begin and before in " \t;；,，。.|｜/】)）")
        # Without a colon a number has to follow: `任职要求1、…`. There it heads the rest of the line.
        if _is_heading(tail) and len(key_of(tail)) >= 3:
            return f"{words[:begin]}\n{tail}{mark or ':'}"
        if mark and is_apart and _label(tail):
            return f"{words[:begin]}\n{tail}{mark}"
    return said


def _is_head(text: str) -> bool:
    return bool(_is_heading(text) or _label(text))


@functools.lru_cache(_REMEMBERED)
def _is_heading(text: str) -> Part | None:
    return _first(HEADINGS, key_of(text))


@functools.lru_cache(_REMEMBERED)
def _label(text: str) -> str:
    return _first(LABELS, key_of(text)) or ""


def _first(patterns: Mapping[T, re.Pattern[str]], key: str) -> T | None:
    if not 2 <= len(key) <= MAX_HEADING_CHARS:
        return None
    return next((name for name, pattern in patterns.items() if pattern.fullmatch(key)), None)


def _line(text: str) -> Line:
    whole = text.rstrip(":： ")
    if part := _is_heading(whole):
        return Line(text, part)
    if closed := _CLOSED.match(_NUMBER.sub("", text)):
        head, value = closed[1], _NUMBER.sub("", text)[closed.end() :]
    elif (colon := _COLON.search(text[: MAX_HEADING_CHARS + 12])) is not None:
        head, value = text[: colon.start()], text[colon.end() :]
    else:
        return Line(text, value=text)
    label, value = _label(head), value.strip()
    part = _is_heading(head)
    # Of words that are both, a short value makes it a label: `工作地点：深圳`, `薪资待遇：8-12K`.
    if label and (part is None or part in {"place", "tags", "company"} or len(value) <= 30):
        return Line(text, label=label, value=value)
    if part:
        return Line(text, part, value=value)
    return Line(text, value=text)
