"""Masks what the other files find, and a person's own name.

A name may stand in a text with blanks or dots between its characters or words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from runtime.masking.accounts import accounts_in, may_have_accounts, narrow
from runtime.masking.numbers import Span, digits_of, has_long_number, numbers_in
from runtime.nfkc import nfkc

_MAX_CHARS = 60
"""Characters of a name that are looked for; the rest of a longer one is not."""

# What senders write who keep a name to themselves.
_NO_NAMES = frozenset(
    ("匿名", "保密", "未知", "先生", "女士", "小姐", "同学", "求职者", "候选人", "应聘者", "某某", "姓名",
     "佚名", "用户", "本人", "unknown", "anonymous", "none", "null", "name", "test", "candidate", "user")
)  # fmt: skip
_CHINESE = r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]"
_DOTS = "·•‧・.．"
_CHINESE_NAME = re.compile(rf"{_CHINESE}+(?:[{_DOTS}]{_CHINESE}+)*")
_SPACED_NAME = re.compile(rf"(?<!{_CHINESE}){_CHINESE}{{1,3}}(?:\s+{_CHINESE}{{1,3}})+(?!{_CHINESE})")
_MAX_SPACED_CHARS = 4
"""Characters of a Chinese name with blanks in it; more are two names."""
_POLITE = re.compile(r"(?:先生|女士|小姐|同学|老师)$")
_LETTER = r"[^\W\d_㐀-鿿]"
_GAP = r"[\s.'’\-]+"
_OTHER_NAME = re.compile(rf"{_LETTER}+(?:{_GAP}{_LETTER}+)*")
# Also what nobody sees: soft hyphens, zero-width characters, marks of direction.
_BETWEEN = r"[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff·•‧・._*＊/|\-–—]{0,3}"


class Name:
    """One way to write a name: its characters or words, in order.

    Most texts lack one of them, so the pattern is made only where it is needed: making it takes longer than
    all else.
    """

    def __init__(self, parts: Sequence[str], *, is_chinese: bool) -> None:
        self._parts = [part.lower() for part in parts]
        self._is_chinese = is_chinese

    def may_be_in(self, lower: str) -> bool:
        """Whether all parts stand in a text, which is in lower case."""
        return all(part in lower for part in self._parts)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The whole name, whatever stands between its parts."""
        joined = _BETWEEN.join(map(re.escape, self._parts))
        if self._is_chinese:
            return re.compile(joined)
        return re.compile(rf"(?<![A-Za-z0-9]){joined}(?![A-Za-z0-9])", re.IGNORECASE)


def names_of(name: str) -> Iterator[Name]:
    """The ways to write a name. None for one of one character, and for what stands in the place of a name."""
    name = nfkc(name)[:_MAX_CHARS]
    # `张　三`, as names of two characters are set beside those of three.
    spaced = ["".join(part.split()) for part in _SPACED_NAME.findall(name)]
    parts = [part for part in spaced if len(part) <= _MAX_SPACED_CHARS] + _CHINESE_NAME.findall(name)
    for written in dict.fromkeys(one for part in parts for one in (part, _POLITE.sub("", part))):
        chars = [char for char in written if char not in _DOTS]
        if len(chars) > 1 and "".join(chars) not in _NO_NAMES:
            yield Name(chars, is_chinese=True)
    for part in _OTHER_NAME.findall(name):
        words = re.split(_GAP, part)
        if len("".join(words)) > 1 and part.lower() not in _NO_NAMES:
            yield Name(words, is_chinese=False)
            if len(words) == 2:  # family names come first or last
                yield Name(words[::-1], is_chinese=False)


MASK = "***"

_MIN_KNOWN_DIGITS = 6
"""Digits of a known number that is looked for wherever it stands. Fewer are often an amount."""
_ABROAD_DIGITS = 10
"""Digits of a number with its country's or area's code."""
_MAX_KNOWN_DIGITS = 20
"""Digits of a known number; more are no number to reach somebody by."""


class Masker:
    """Masks contacts, and what is known of one person. A name of one character alone is not looked for."""

    def __init__(self, *, name: str = "", phone: str = "", email: str = "", qq: str = "") -> None:
        numbers = {*_spellings(digits_of(phone)), digits_of(qq)} if phone or qq else set()
        self._numbers = tuple(one for one in numbers if _MIN_KNOWN_DIGITS <= len(one) <= _MAX_KNOWN_DIGITS)
        self._email = email.strip().lower()
        self._names = tuple(names_of(name)) if name else ()

    def mask(self, text: str) -> str:
        """A text with `***` for each contact in it."""
        return self.mask_all([text])[0]

    def mask_all(self, texts: Sequence[str]) -> list[str]:
        """The same of several texts. Most hold nothing to mask, which is seen of all of them at once."""
        joined = "\n".join(texts)
        lower = narrow(joined).lower()
        if (
            may_have_accounts(lower)
            or any(name.may_be_in(lower) for name in self._names)
            or any(one in joined for one in self._numbers)
        ):
            return [self._masked(text) for text in texts]
        if has_long_number(joined):
            return [self._masked(text) if has_long_number(text) else text for text in texts]
        return list(texts)

    def _masked(self, text: str) -> str:
        # Until nothing is left: `13800001111wx:lin_wz90` names an id only once the digits before it are gone.
        while (masked := self._masked_once(text)) != text:
            text = masked
        return text

    def _masked_once(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for start, stop in sorted(self._spans(text)):
            if start >= end:
                parts += (text[end:start], MASK)
            end = max(end, stop)
        return "".join([*parts, text[end:]]) if parts else text

    def _spans(self, text: str) -> Iterator[Span]:
        plain = narrow(text)
        lower = plain.lower()
        yield from accounts_in(plain, lower)
        yield from numbers_in(text, self._numbers)
        # A few letters are longer in lower case. Then places in the two texts are not the same.
        if self._email and len(lower) == len(text):
            yield from _literal(lower, self._email)
        for name in self._names:
            if name.may_be_in(lower):
                yield from (match.span() for match in name.pattern.finditer(plain))


def _spellings(digits: str) -> Iterator[str]:
    """A phone number with and without what comes before it: a country's code, or an area's."""
    yield digits
    yield digits[-11:]
    if len(digits) >= _ABROAD_DIGITS and not (len(digits[-11:]) == 11 and digits[-11:].startswith("1")):
        # `+886 912 345 678` is 0912 345 678 there, and `+852 9123 4567` 9123 4567; so is a landline.
        yield from (digits[-8:], digits[-9:], f"0{digits[-9:]}")


def _literal(text: str, part: str) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))
