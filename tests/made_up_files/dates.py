"""Dates as one layout or another spells them, and lines made of them."""

from __future__ import annotations

from collections.abc import Callable

from tests.made_up_files.person import NOW

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def in_english(text: str) -> str:
    """`Mar 2018`, and `Present` for what goes on."""
    if text == NOW:
        return "Present"
    year, _, month = text.partition("-")
    return f"{_MONTHS[int(month) - 1]} {year}" if month else year


def with_dots(text: str) -> str:
    """`2018.03`."""
    return text.replace("-", ".")


def in_chinese(text: str) -> str:
    """`2018年3月`."""
    year, _, month = text.partition("-")
    return text if text == NOW else f"{year}年{int(month)}月" if month else f"{year}年"


def with_slashes(text: str) -> str:
    """`2018/3`, and 现在 for what goes on."""
    year, _, month = text.partition("-")
    return "现在" if text == NOW else f"{year}/{int(month)}" if month else year


def span(start: str, end: str, spell: Callable[[str], str], dash: str) -> str:
    """From when to when; "" where that is not known."""
    return f"{spell(start)}{dash}{spell(end)}" if start else ""


def joined(mark: str, *texts: str) -> str:
    """The texts that are there, with a mark between two."""
    return mark.join(text for text in texts if text)
