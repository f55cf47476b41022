"""A person's own name, as it may stand in a text: with blanks or dots between its characters or words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from runtime.nfkc import nfkc

_MAX_CHARS = 60
"""Characters of a name that are looked for; the rest of a longer one is not."""

# What senders write who keep a name to themselves.
_NO_NAMES = frozenset(
    (
        *(
            "匿名",
            "保密",
            "未知",
            "先生",
            "女士",
            "小姐",
            "同学",
            "求职者",
            "候选人",
            "应聘者",
            "某某",
            "姓名",
            "佚名",
        ),
        *("用户", "本人", "unknown", "anonymous", "none", "null", "name", "test", "candidate", "user"),
    )
)
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
