"""How a search in resumes compares texts: the words it looks for, and where in a resume it looks.

Pure. Whoever searches reads the resumes, and the contacts that are unlocked, and asks here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from runtime.nfkc import nfkc
from store.resumes.contacts import Contact
from store.resumes.resume_record import Resume

SearchField = Literal["position_title", "company_name", "name", "school", "all"]

_FEWEST_DIGITS = 4
"""Digits of a number that are looked for: fewer stand in almost every one."""
_IN_NUMBERS = re.compile(r"[\s+().-]")
"""What people write between the digits of a phone."""

_WITH_COUNTRY = re.compile(r"^(?:00)?86(?=1\d{10}\Z)")
"""China's prefix before a mobile number, which few resumes have."""

_BLANKS = re.compile(r"\s+")
# A blank beside a Chinese character means nothing: 数据 挖掘 is 数据挖掘, Python 开发 is Python开发. A row of
# blanks is looked at from the first one alone, or it would be gone through once for each of them.
_CHINESE_GAP = re.compile(r"(?<=[㐀-鿿])\s+|(?<!\s)\s+(?=[㐀-鿿])")


def searched_words(keywords: str) -> list[str]:
    """The words to search for, each as it is compared; blanks and commas separate them."""
    text = nfkc(keywords).casefold()
    return list(dict.fromkeys(word for word in re.split(r"[\s,、]+", text) if word))


def has_all(
    words: Sequence[str], field: SearchField | Literal["contact"], resume: Resume, contact: Contact | None
) -> bool:
    """Whether every word of `searched_words` is in the texts that a search looks at.

    Of a phone or QQ four digits or more are found, also where they make up several words. The field `contact`
    is all of it but the name. The contact is None where the account has not unlocked it.
    """
    text = "\n".join(_folded(text) for text in _texts(field, resume, contact))
    numbers = f"{contact.phone}/{contact.qq}" if contact and field in ("all", "contact") else ""
    is_found = all(word in text or _is_part(word, numbers) for word in words)
    return is_found or _is_part("".join(words), numbers)


def _is_part(word: str, numbers: str) -> bool:
    digits = _WITH_COUNTRY.sub("", _IN_NUMBERS.sub("", word))
    is_long = len(digits) >= _FEWEST_DIGITS and digits.isdecimal()
    return is_long and digits in _IN_NUMBERS.sub("", nfkc(numbers))


def _folded(text: str) -> str:
    """A text as it is compared: without regard to case, width and blanks between Chinese characters."""
    text = nfkc(text).casefold()
    return _BLANKS.sub(" ", _CHINESE_GAP.sub("", text))


def _texts(field: SearchField | Literal["contact"], resume: Resume, contact: Contact | None) -> Iterator[str]:
    name, email = (contact.name, contact.email) if contact else ("", "")
    match field:
        case "position_title":
            yield from (work.position_title for work in resume.works)
            yield resume.job_target.job_career
        case "company_name":
            yield from (work.compnay_name for work in resume.works)
        case "school":
            yield from (school.school for school in resume.education)
        case "name":
            yield name
        case "contact":
            yield email
        case "all":
            yield from (name, email)
            yield from _all_texts(msgspec.to_builtins(resume))


def _all_texts(value: Any) -> Iterator[str]:
    """Every text and number in plain values."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _all_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _all_texts(part)
    elif value is not None:
        yield str(value)
