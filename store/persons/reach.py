"""The keys by which a person is found, in one spelling: who has the same phone or e-mail shares a text.

    reach_of("138-0000 1111 / 010-87654321", "Lin@Example.com")
    # ["e:lin@example.com", "p:1087654321", "p:13800001111"]

It is stored beside each contact, so that a person is found over all sources by an index.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from runtime.nfkc import nfkc

_FEWEST_DIGITS = 7
"""Digits of a phone. Fewer are an extension or a part of one, and many people share them."""

_MOST = 10
"""Phones and e-mails of one contact that count. A text may be long; a person has a few."""

_BETWEEN = re.compile(r"(?<=[0-9(+])[ \t().·-]+(?=[0-9(])|[()]")
_PHONE = re.compile(rf"(?:(?:\+|00)?86)?1[3-9][0-9]{{9}}|\+?[0-9]{{{_FEWEST_DIGITS},20}}")
_WORD = re.compile(r"[^\s,;:，；：、<>()（）/|]+")
_MAX_EMAIL_CHARS = 254
"""Characters of an e-mail address; what is longer is none (RFC 5321)."""

SHARED_BY = 3
"""Names that may use one phone or e-mail before it counts as nobody's own: an agency's, a front desk's."""


def reach_of(phone: str, email: str) -> list[str]:
    """The phones and e-mails of a contact, each once: `p:` and digits, `e:` and the folded address.

    Width and case of letters, blanks, dashes and China's country code make no difference.
    """
    phones = _PHONE.findall(_BETWEEN.sub("", nfkc(phone)))
    emails = [word for word in _WORD.findall(nfkc(email)) if _is_email(word)]
    found = {f"p:{_without_country(digits)}" for digits in phones[:_MOST]}
    return sorted(found | {f"e:{address.strip('.').casefold()}" for address in emails[:_MOST]})


def site_person(source: str, person_id: str) -> str:
    """The key of whom a site calls by an id of its own."""
    return f"s:{quote(source, safe='')}:{person_id}"


def _is_email(word: str) -> bool:
    """Whether a word without separators is `a@b.c`.

    By hand: a pattern of three parts tries each letter of a long text as the first one, and a field of
    100,000 letters takes half a minute.
    """
    at = word.find("@", 1) if len(word) <= _MAX_EMAIL_CHARS else -1
    return at > 0 and word.find(".", at + 2, -1) > 0


def _without_country(digits: str) -> str:
    bare = digits.lstrip("+0")
    # 86 and a mobile number, or 86 and an area code without its 0.
    return bare[2:] if bare.startswith("86") and len(bare) in {12, 13} else bare
