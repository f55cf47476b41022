"""Bytes of a text to text: the marks at their beginning, a charset that is named, else what is likeliest.

Chinese files come as UTF-8, GB18030 (with GBK and GB2312 inside) and Big5, and seldom say which. A wrong one
of the last two decodes as well, to characters that nobody writes. Both put their common characters into a
range of their own, so the one of which most lies there is it.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz": "hz", "big5": "big5hkscs", "iso8859-1": "cp1252"}
"""What is meant by a name that is too narrow: a mail in `gb2312` holds names that only GB18030 has."""
_TEXT_CODECS = ("utf", "gb", "hz", "big5", "cp", "iso", "latin", "koi8", "ascii", "mac", "shift", "euc")
_SAMPLE_BYTES = 64 * 1024
"""How much is looked at to tell the two apart. A hundred characters would do."""
_FEW_ERRORS = 0.01
"""Share of a text's characters that may be broken, as where a program cut a text in the middle of one."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_GB_COMMON = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1-\xa3][\xa1-\xfe]")
_GB_RARE = re.compile(rb"[\x81-\xa0\xa4-\xaf\xd8-\xfe][\x40-\xfe]|[\xb0-\xd7][\x40-\xa0]")
_BIG5_COMMON = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1-\xa3][\x40-\x7e\xa1-\xfe]")
_BIG5_RARE = re.compile(rb"[\x81-\xa0\xc7-\xfe][\x40-\xfe]")
_OTHER_SCRIPTS = {0xC2, 0xC3, 0xC4, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1}
"""First bytes of Latin, Greek and Russian letters in UTF-8."""
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")


def charset_of(name: str | None) -> str | None:
    """The codec for the name of a charset in a mail or page; None for one that is unknown or no charset."""
    try:
        codec = codecs.lookup((name or "").strip(" \"'"))
    except (LookupError, ValueError):
        return None
    if not codec.name.startswith(_TEXT_CODECS):
        return None  # `base64`, `zip` and others turn bytes into bytes
    return _WIDER.get(codec.name, codec.name)


def decode_text(data: bytes, charset: str | None = None) -> str | None:
    """The text, line ends as line feeds; None where the bytes are no text.

    A charset that the file names is tried before the others, behind the marks.
    """
    text = _decode(data, charset)
    if text is None or len(_CONTROL.findall(text[:_SAMPLE_BYTES])) > len(text[:_SAMPLE_BYTES]) * _FEW_ERRORS:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, charset: str | None) -> str | None:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(codec, "replace")
            return text if text.count("\ufffd") <= len(text) * _FEW_ERRORS else None
    named = charset_of(charset)
    candidates = [*([named] if named and named != "ascii" else []), "utf-8"]
    if not named and _is_gb_all_the_same(data):
        candidates.insert(0, "gb18030")
    if wide := _unmarked_utf16(data):
        candidates.insert(0, wide)
    else:
        candidates += _chinese(data)
    for codec in candidates:
        try:
            return data.decode(codec)
        except UnicodeError:
            continue
    for codec in candidates:
        text = data.decode(codec, "replace")
        if text.count("\ufffd") <= len(text) * _FEW_ERRORS:
            return text
    return None


def _is_gb_all_the_same(data: bytes) -> bool:
    """Whether a text of a few words in GB18030 happens to be UTF-8 as well, as 应聘 does.

    It then has pairs alone, of letters that hardly anybody writes; Latin, Greek and Russian stay UTF-8.
    """
    pairs = _PAIR.findall(data[:_SAMPLE_BYTES])
    return (
        bool(pairs)
        and all(0xC2 <= pair[0] <= 0xDF and _GB_COMMON.fullmatch(pair) for pair in pairs)
        and any(pair[0] not in _OTHER_SCRIPTS for pair in pairs)
    )


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of its digits and line ends is 0, and none of the others."""
    sample = data[:_SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 50 < len(sample) or min(even, odd):
        return None
    return "utf-16-le" if odd else "utf-16-be"


def _chinese(data: bytes) -> list[str]:
    """GB18030 and Big5, the likelier first."""
    # Both read pairs one after another, so the pairs are found first: a search for the common ones alone
    # would also find those that begin in the middle of one.
    pairs = _PAIR.findall(data[:_SAMPLE_BYTES])
    gb = sum(1 if _GB_COMMON.match(pair) else -1 if _GB_RARE.match(pair) else 0 for pair in pairs)
    big5 = sum(1 if _BIG5_COMMON.match(pair) else -1 if _BIG5_RARE.match(pair) else 0 for pair in pairs)
    return ["gb18030", "big5hkscs"] if gb >= big5 else ["big5hkscs", "gb18030"]
