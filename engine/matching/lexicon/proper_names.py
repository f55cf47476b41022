"""Names of employers and schools, which say nothing of what somebody does there.

Whoever receives guests at 金蝶软件 need not know 金蝶, and 达芬奇家居 sells furniture. So a resume's own
employers and schools are taken out of its texts before these are read, and what is called so by its end
(`金蝶集团`, `百度大厦`). Of an event whose kind is work too (`达芬奇艺术节`) only the skill goes that
names it. What a name says of a keyword that names the company is in `companies`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

MAX_NAME_CHARS = 60
"""Characters of the longest name that is looked for."""
MIN_NAME_CHARS = 4
"""Characters of the shortest; a shorter one may be any word (`淘宝`)."""

_KIND = r"(?:公司|集团|大学|学院|学校|中学|医院|银行|事务所|厂)"
_CORPORATE = re.compile(rf"{_KIND}$|[A-Za-z].{{0,20}}[一-鿿]|[一-鿿].{{0,20}}[A-Za-z]")
_SUFFIX = re.compile(r"(?:[（(][^（）()]{1,10}[）)]|股份|有限|责任|集团|控股|公司){1,6}$")
_REGION = re.compile(r"^[一-鿿]{2,6}?[省市区县]")
_ENDS = ("有限公司", "集团", "大厦", "大赛", "之夜")
_CALLED = re.compile(
    rf"(?:[一-鿿]{{2,4}}|[A-Za-z]{{2,12}})(?:软件|科技|网络|教育|信息|技术|中国)?(?:{'|'.join(_ENDS)})"
)
_EVENT = re.compile(r"艺术节|电影节|音乐节|文化节|嘉年华|博览会|展览会|杯")
_MAX_SKILL_CHARS = 16
"""Characters before such a word in which the skill that names the event is looked for."""


def proper_names(name: str) -> tuple[str, ...]:
    """What texts call an employer or a school: its whole name, and that without place and legal form.

    Nothing of a name that may be an ordinary word, such as `个体户` or `淘宝店铺`.
    """
    name = name.strip()
    if not MIN_NAME_CHARS <= len(name) <= MAX_NAME_CHARS or not _CORPORATE.search(name):
        return ()
    short = _SUFFIX.sub("", _REGION.sub("", name))
    return (name, short) if MIN_NAME_CHARS <= len(short) < len(name) else (name,)


def without(text: str, names: Iterable[str], is_skill: Callable[[str], bool] = lambda _: False) -> str:
    """A text with a comma in the place of each name, and of whatever its end calls a company or an event.

    Args:
        text: What a resume says of somebody.
        names: Of employers and schools.
        is_skill: Whether a word, in lower case, is the name of a skill.
    """
    if any(end in text for end in _ENDS):
        text = _CALLED.sub("，", text)
    text = "，".join(_without_skills(text, is_skill))
    for name in names:
        if name in text:
            text = text.replace(name, "，")
        elif name.lower() != name and name.lower() in (lower := text.lower()) and len(lower) == len(text):
            text = _spliced(text, lower, name.lower())
    return text


def _without_skills(text: str, is_skill: Callable[[str], bool]) -> Iterator[str]:
    """The parts of a text between the skills by which events are named."""
    begin = 0
    for event in _EVENT.finditer(text):
        end = event.start()
        before = text[max(begin, end - _MAX_SKILL_CHARS) : end].rstrip(' ”"》」’')
        named = (before[at:] for at in range(len(before)))
        if skill := next((word for word in named if is_skill(word.lower())), ""):
            at = text.rindex(skill, 0, end)
            yield text[begin:at]
            begin = at + len(skill)
    yield text[begin:]


def _spliced(text: str, lower: str, name: str) -> str:
    """A text with a comma in the place of a name, which stands in its lower case."""
    parts, at = [], 0
    while (found := lower.find(name, at)) >= 0:
        parts.append(text[at:found])
        at = found + len(name)
    return "，".join([*parts, text[at:]])
