"""Phone, e-mail and QQ in a text. A WeChat id has no field: it stays in the text, where masking knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import phonenumbers

from intake.reading.periods import find_span

MAX_NUMBERS = 50
"""Numbers of a line that are looked at. A line with more of them is a table of figures."""

_NUMBER = re.compile(
    r"(?<![\d.@A-Za-z_-])(?:(?:\+|00)?\(?\+?86\)?[ -]{0,2})?1\d{2}[ -]?\d{4}[ -]?\d{4}(?!\d)"
    r"|(?<![\d.@A-Za-z_-])(?:\+|00)?\(?\+?\d(?:[\d]|[ \-‐‑–—()./]{1,3}(?=[\d(+])){5,18}(?![\d@]"
    r"|[A-Za-z_]{2})"
)
_MOBILE = re.compile(r"(?:\+?0{0,2}86)?(1\d{10})")
_LABEL = re.compile(
    r"(?:手\s?机|电\s?话|联系方式|联络|tel|mobile|phone|cell|call|\bm\b|\bt\b|\bp\b|whatsapp|微信同号|📱|☎|📞|☏)[^\d+()]{0,12}\(?\+?$",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(
    r"(?:qq|身份证|编号|证号|id|no\.?|微信号?|邮编|传真|fax|学号|工号|金额|账号|帐号)[^\d+]{0,4}$",
    re.IGNORECASE,
)
_HONG_KONG = re.compile(r"香港|hong kong|\bhk\b|\+?852", re.IGNORECASE)
_NORTH_AMERICA = re.compile(r"\(\d{3}\)\s?\d{3}[-. ]\d{4}")
_TAIWAN = re.compile(r"台湾|臺灣|taiwan|\btw\b|\+?886", re.IGNORECASE)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}\s?(?:@|\(at\)|\[at\])\s?(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,12}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CUT_EMAIL = re.compile(
    r"(?:[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9.-]{0,60}|(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+-]{3,63})$"
)
_EMAIL_TAIL = re.compile(
    r"^@?[A-Za-z0-9.-]{1,60}(?:\.(?:com|cn|net|org|edu|hk|tw|io|me)\b(?:\.cn)?|com\b|cn\b)", re.IGNORECASE
)
_QQ = re.compile(r"qq\s?(?:号码?)?\s{0,3}[:：]?\s{0,3}([1-9]\d{4,10}|0\d{6,10})(?!\d|@)", re.IGNORECASE)


class Contact(NamedTuple):
    """One contact.

    Attributes:
        value: A Chinese mobile number in its eleven digits, another number as E.164; an e-mail as written.
        confidence: 0..1.
    """

    value: str
    confidence: float
    begin: int
    end: int


def phones(text: str, *, is_labelled: bool = False) -> Iterator[Contact]:
    """The phone numbers of a line, in their order; `is_labelled`: it is the value of a label that says so."""
    for found in islice(_NUMBER.finditer(text), MAX_NUMBERS):
        before = text[max(0, found.start() - 24) : found.start()]
        says_phone = is_labelled or bool(_LABEL.search(before))
        digits = re.sub(r"\D", "", found[0])
        if not 7 <= len(digits) <= 15 or (not says_phone and _OTHER_LABEL.search(before)):
            continue
        is_abroad = re.match(r"\(?(?:\+|00)(?!\s?\(?86)", found[0])
        if not is_abroad and (mobile := _MOBILE.fullmatch(digits)):
            good = _valid(mobile[1], "CN") is not None
            yield Contact(
                mobile[1],
                (0.99 if says_phone else 0.95) if good else (0.85 if says_phone else 0.6),
                found.start(),
                found.end(),
            )
            continue
        if find_span(found[0]) or re.fullmatch(
            r"(?:19|20)\d\d[-./ ]?\d{1,2}(?:[-./ ]?\d{1,2})?", found[0].strip("() ")
        ):
            continue
        if number := _abroad(found[0], text[max(0, found.start() - 40) : found.end() + 20]):
            yield Contact(number, 0.97 if says_phone else 0.85, found.start(), found.end())
        elif says_phone:
            yield Contact(digits, 0.5, found.start(), found.end())


def _abroad(written: str, text: str) -> str | None:
    """A number that is no Chinese mobile, in E.164, by what stands around it; None for no valid one."""
    regions = ["CN"]
    if _HONG_KONG.search(text):
        regions.insert(0, "HK")
    if _TAIWAN.search(text):
        regions.insert(0, "TW")
    if _NORTH_AMERICA.fullmatch(written):
        regions = ["US"]
    has_plus = written.lstrip("( ").startswith(("+", "00"))
    # Without a country's code or the 0 of an area, any eight digits may be a number.
    if not has_plus and regions == ["CN"] and not re.match(r"\(?0\d{2,3}", written):
        return None
    for region in regions:
        if number := _valid(re.sub(r"^\(?00", "+", written) if has_plus else written, region):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _valid(written: str, region: str) -> phonenumbers.PhoneNumber | None:
    """A number as it is written in a region; None for no valid one."""
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def emails(text: str) -> Iterator[Contact]:
    """The e-mail addresses of a line."""
    for found in _EMAIL.finditer(text):
        value = re.sub(r"\s", "", re.sub(r"[(\[]at[)\]]", "@", found[0], flags=re.IGNORECASE))
        yield Contact(value, 0.99, found.start(), found.end())


def broken_email(text: str, following: str) -> Contact | None:
    """An address that begins at the end of a line and ends on the next."""
    head = _CUT_EMAIL.search(text[-130:])
    tail = _EMAIL_TAIL.match(following[:80]) if head else None
    if not head or not tail or ("@" in head[0]) == ("@" in tail[0]):
        return None
    whole = _EMAIL.fullmatch(head[0] + tail[0])
    begin = len(text) - len(text[-130:]) + head.start()
    return Contact(whole[0], 0.9, begin, len(text)) if whole else None


def qq(text: str) -> Contact | None:
    """A QQ number with its label."""
    found = _QQ.search(text)
    return Contact(found[1], 0.95, found.start(), found.end()) if found else None
