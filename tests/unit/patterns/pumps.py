"""Texts that make a pattern take many steps, made of the pattern itself.

A repeat that overlaps with what stands beside it, or a repeat in a repeat, is tried at each of its lengths.
So for each repeat: what stands before it, what it repeats many times over, and an end at which all fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice, product
from typing import Any

_parser: Any = re._parser  # type: ignore[attr-defined]
_ops: Any = re._constants  # type: ignore[attr-defined]

END = "\x00"
"""Matches next to nothing."""
_CHARS = "1a中 .-@/,，:：;；()（）[]【】\t\nA0k年月x　１ａ_+*#·一万"
_MOST_CHARS, _MOST_SAMPLES = 4, 6
"""Of a set the characters that are tried, and of a part of a pattern the texts."""

FIXED = (
    *("1", "a", "中", " ", ".", "-", "@", "(", "（", "\t", "\n", "　", "１", ",", "，", "/", ":", "："),
    *("1 1 1", "1-", "a.", "a@", "-dot-x", " at ", "中 ", "a1", "1a", "中1", "a ", "1,", "1.", "中a", " \t"),
    *("2018年", "2018.03-", "2018-", "1K", "20-30K", "公司", "工程师", "姓名：", "姓 ", "> ", "|", "【", "["),
    *(
        "13800138000",
        "138 0013 8000 ",
        "+86",
        "a@b.c ",
        "qq",
        "微信",
        "wx",
        "http://",
        "1年",
        "经验",
        "a b. ",
    ),
)
"""What is repeated for every pattern and every reader."""
MOST_PUMPS = 40
"""Texts that are tried on a pattern, besides the fixed ones."""
LONG_CHARS = 3_000
"""Characters of a pattern that is a long list of words."""
STARTS = ("", "a@x", "电话：", "微信：")


def fixed() -> Iterator[tuple[str, str]]:
    """Starts and bodies that are tried on everything."""
    yield from product(STARTS[:1], FIXED)
    yield from (
        ("a@x", "-dot-x"),
        ("a@x", ".x"),
        ("电话：", "1 "),
        ("微信：", "a"),
        ("微信", " "),
        ("1", " "),
    )


def pumped(start: str, body: str, chars: int, end: str = END) -> str:
    """A text of so many characters."""
    return start + body * max(1, (chars - len(start)) // len(body)) + end


def pumps_of(pattern: str | bytes, flags: int) -> list[tuple[str, str]]:
    """Starts and bodies for a pattern, each once."""
    parsed = _parser.parse(pattern, flags)
    maker = _Maker(parsed, flags)
    found = [*maker.pumps(list(parsed), [""]), *(("", one) for one in maker.near_misses(list(parsed)))]
    found = list(dict.fromkeys((start, body) for start, body in found if body))
    # Of a list of a thousand words a few: what is the matter with one is with all, and each takes long.
    most = MOST_PUMPS if len(pattern) < LONG_CHARS else 5
    return found[:: -(-len(found) // most)] if found else []


class _Maker:
    """Makes texts of a parsed pattern."""

    def __init__(self, parsed: Any, flags: int) -> None:
        self._ignores_case = bool((flags | parsed.state.flags) & re.IGNORECASE)
        self._sets = [*self._all_sets(parsed)]
        literals = [chr(value) for op, value in self._all(parsed) if op is _ops.LITERAL]
        self._chars = list(dict.fromkeys([*_CHARS, *literals[:60]]))
        # First what most sets of the pattern have: where they overlap, a text may be cut in many ways.
        self._chars.sort(key=lambda char: -sum(self._is_in(char, one) for one in self._sets))
        self._groups: dict[int, list[Any]] = {}

    def _all(self, part: Any) -> Iterator[tuple[Any, Any]]:
        for op, value in part:
            yield op, value
            for inner in _inside(op, value):
                yield from self._all(inner)

    def _all_sets(self, parsed: Any) -> Iterator[Any]:
        yield from (value for op, value in self._all(parsed) if op is _ops.IN)

    def _is_in(self, char: str, items: Any) -> bool:
        codes = {ord(char), ord(char.lower()[0]), ord(char.upper()[0])} if self._ignores_case else {ord(char)}
        is_in = negated = False
        for op, value in items:
            if op is _ops.NEGATE:
                negated = True
            elif op is _ops.LITERAL:
                is_in |= value in codes
            elif op is _ops.RANGE:
                is_in |= any(value[0] <= code <= value[1] for code in codes)
            elif op is _ops.CATEGORY:
                is_in |= _CATEGORIES[value](char)
        return is_in != negated

    def samples(self, part: Iterable[Any]) -> list[str]:
        """Some texts that a part matches, the usual ones first."""
        texts = [""]
        for item in part:
            more = self._item(*item)
            texts = list(dict.fromkeys(islice(_mixed(texts, more), _MOST_SAMPLES)))
        return texts

    def _item(self, op: Any, value: Any) -> list[str]:
        if op is _ops.LITERAL:
            return [chr(value)]
        if op is _ops.NOT_LITERAL:
            return [char for char in self._chars if ord(char) != value][:_MOST_CHARS]
        if op is _ops.ANY:
            return self._chars[:_MOST_CHARS]
        if op is _ops.IN:
            chars = [char for char in self._chars if self._is_in(char, value)][:_MOST_CHARS]
            return (
                chars
                or [chr(arg[0] if code is _ops.RANGE else arg) for code, arg in value if code in _TEXT][:1]
            )
        if op in _REPEATS:
            least, _, body = value
            some = self.samples(body)
            return [one * max(least, 1) for one in some] + ([""] if not least else [])
        if op is _ops.BRANCH:
            each = [self.samples(branch) for branch in value[1]]
            return (
                list(chain.from_iterable(zip(*each, strict=False)))
                if len(each) < 4
                else [some[0] for some in each if some]
            )
        if op is _ops.SUBPATTERN:
            made = self._groups[value[0]] = self.samples(value[3])
            return made
        if op is _ops.ATOMIC_GROUP:
            return self.samples(value)
        if op is _ops.ASSERT and value[0] < 0:
            return self.samples(value[1])
        if op is _ops.GROUPREF:
            return self._groups.get(value, [""])
        if op is _ops.GROUPREF_EXISTS:
            return self.samples(value[1])
        return [""]

    def pumps(self, part: list[Any], starts: list[str]) -> Iterator[tuple[str, str]]:
        """A start and a body for each repeat in a part, and those inside it."""
        for at, (op, value) in enumerate(part):
            before = [
                one + more for one in starts[:2] for more in self.samples(part[max(0, at - 6) : at])[:2]
            ]
            behind = self.samples(part[at + 1 : at + 3])[:2]
            if op in _REPEATS and value[1] > 2:
                for body in self.samples(value[2]):
                    yield from ((start, body) for start in before[:2])
                    yield "", before[0] + body * min(value[1], 8)
                    yield from ((before[0], body + one) for one in behind[:1])
            for inner in _inside(op, value):
                yield from self.pumps(list(inner), before)

    def near_misses(self, part: list[Any]) -> Iterator[str]:
        """What the whole pattern matches, and the same without its end."""
        for one in self.samples(part):
            yield from (one, one[:-1], one[: len(one) // 2])


_TEXT = {_ops.LITERAL, _ops.RANGE}
_REPEATS = {_ops.MAX_REPEAT, _ops.MIN_REPEAT, _ops.POSSESSIVE_REPEAT}
_CATEGORIES = {
    _ops.CATEGORY_DIGIT: str.isdecimal,
    _ops.CATEGORY_NOT_DIGIT: lambda char: not char.isdecimal(),
    _ops.CATEGORY_SPACE: str.isspace,
    _ops.CATEGORY_NOT_SPACE: lambda char: not char.isspace(),
    _ops.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
    _ops.CATEGORY_NOT_WORD: lambda char: not (char.isalnum() or char == "_"),
}


def _inside(op: Any, value: Any) -> list[Any]:
    """The parts within an item of a pattern."""
    if op in _REPEATS:
        return [value[2]]
    if op is _ops.BRANCH:
        return list(value[1])
    if op is _ops.SUBPATTERN:
        return [value[3]]
    if op is _ops.ATOMIC_GROUP:
        return [value]
    if op in (_ops.ASSERT, _ops.ASSERT_NOT):
        return [value[1]]
    if op is _ops.GROUPREF_EXISTS:
        return [one for one in value[1:] if one is not None]
    return []


def _mixed(texts: list[str], more: list[str]) -> Iterator[str]:
    """Texts with more behind them: each of both once before all pairs."""
    for at in range(max(len(texts), len(more))):
        yield texts[at % len(texts)] + more[at % len(more)]
    yield from (one + other for one, other in product(texts, more))
