"""The tools of a trade that a posting names, whether or not a table knows them: `会用金蝶、数控930等系统`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAX_TOOLS = 8
"""Tools that are read; more are no choice."""

_USES = re.compile(
    r"(?:使用|操作|运用|应用|熟练|熟悉|精通|掌握|了解|会用?)(?:使用|操作|运用|掌握|应用|用|过)?[:：]?([^，。；;,:：\n]{2,60})"
)
_KIND = re.compile(r"(?:等|财务|设计|绘图|专业|相关|常用|主流|三维|数控){0,3}(?:软件|系统|工具|机床|仪器)")
_ITEMS = re.compile(r"[、和或及与等]|(?<=[一-鿿])/|/(?=[一-鿿])")
_MODEL = re.compile(
    r"[A-Za-z]{2}[\w+#. -]{1,20}|[一-鿿]{2,5}\s?(?:[A-Za-z]{0,4}\d[\w-]{0,6}|[A-Z][A-Za-z]{1,8})", re.ASCII
)
"""A name that shows by itself that it is one: `Virtuoso`, `数控 930`, `广联达GTJ`."""
_BEGUN = re.compile(
    r"((?<![\w])[A-Za-z]{2}[\w+#. -]{1,20})(?=[一-鿿])"
    r"|([一-鿿]{2,5}\s?\d{3,4}[A-Za-z]{0,2})(?=数控|车床|铣床|机床|系统|加工中心)",
    re.ASCII,
)
_NAME = re.compile(r"[一-鿿]{2,5}")
"""A name that needs the kind of thing behind it: `会用通达信软件`."""
_NO_NAME = re.compile("的|各类|各种|各大|多种|一种|以上|基本|办公|电脑|计算机|自动化|相关|常用|主流|公司|本")


def tools_in(lines: Iterable[str]) -> list[str]:
    """Names of tools, in the order of the text."""
    return list(dict.fromkeys(tool for line in lines for tool in _tools(line)))[:MAX_TOOLS]


def _tools(line: str) -> Iterator[str]:
    for found in _USES.finditer(line):
        kind = max(_KIND.finditer(found[1]), key=re.Match.start, default=None)
        for item in _ITEMS.split(found[1][: kind.start()] if kind else found[1]):
            item = item.strip(' .-“”"《》（）()')
            # `数控930车床`, `Calibre完成验证`: what it is, or what it does, stands right behind.
            begun = _BEGUN.match(item)
            name = (begun[1] or begun[2]).rstrip(" -.") if begun else _KIND.sub("", item)
            if _MODEL.fullmatch(name) or (kind and _NAME.fullmatch(name) and not _NO_NAME.search(name)):
                yield name
