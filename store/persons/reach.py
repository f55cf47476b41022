"""The keys by which a person is found, in one spelling.

    reach_of("138-0000 1111", "Lin@Example.com")            # ["e:lin@example.com", "p:13800001111"]
    person_keys(["p:13800001111"], "林 晚照")                # ["p:13800001111 林晚照"]

A reach is a phone, an e-mail, or what a site calls the person: an operator finds somebody by it, whatever
name stands beside it. A person's key has the name too: resumes that share one are one person's. Both are
stored beside each contact, and looked up by an index.

A resume says one phone and one e-mail, the first of each. Whoever writes nine into theirs has not named nine
people by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from runtime.nfkc import nfkc

_FEWEST_DIGITS = 7
"""Digits of a phone. Fewer are an extension or a part of one, and many people share them."""


_BETWEEN = re.compile(r"(?<=[0-9(+])[ \t().·-]+(?=[0-9(])|[()]")
_PHONE = re.compile(rf"(?:(?:\+|00)?86)?1[3-9][0-9]{{9}}|\+?[0-9]{{{_FEWEST_DIGITS},20}}")
_WORD = re.compile(r"[^\s,;:，；：、<>()（）/|]+")
_MAX_EMAIL_CHARS = 254
"""Characters of an e-mail address; what is longer is none (RFC 5321)."""

_MOST_IN_TEXT = 10
"""Phones, and e-mails, that are looked for in one cell of a table. A cell may be long; a person has a few."""

_SERVICE = re.compile(r"p:[48]00[0-9]{7}")
"""A number of 400 or 800, whose calls go to a company."""

_MASKED_NAME = re.compile(r"[*＊某xX○◯×]|先生|女士|小姐|同学|老师")


def reach_of(phone: str, email: str) -> list[str]:
    """The phone and the e-mail of a contact, the first of each: `p:` and digits, `e:` and the folded address.

    Width and case of letters, blanks, dashes and China's country code make no difference.
    """
    return sorted([*_emails(email)[:1], *_phones(phone)[:1]])


def all_reach(text: str) -> list[str]:
    """Every phone and e-mail in a text, each once; ten of each at most."""
    return sorted({*_emails(text)[:_MOST_IN_TEXT], *_phones(text)[:_MOST_IN_TEXT]})


def person_keys(reach: Iterable[str], name: str) -> list[str]:
    """What makes two resumes one person's: a phone, an e-mail or a site's person, with the name.

    A phone or an e-mail without a name is nobody's key, as it may be anybody's: an agency's, a friend's. So
    is a service number, which a site writes in place of everybody's own: namesakes would be one person by it.
    """
    folded = folded_name(name)
    own = [one for one in reach if one.startswith("s:") or (folded and not _SERVICE.fullmatch(one))]
    return [f"{one} {folded}" for one in own]


def folded_name(name: str) -> str:
    """A name as names are compared: width, case and blanks make no difference."""
    return "".join(nfkc(name).casefold().split())


def is_full_name(folded: str) -> bool:
    """Whether a folded name is a whole one, and not hidden in part as sites do (`林**`, `林女士`)."""
    return len(folded) > 1 and not _MASKED_NAME.search(folded)


def site_person(source: str, person_id: str) -> str:
    """The key of whom a site calls by an id of its own."""
    return f"s:{quote(source, safe='')}:{person_id}"


def _phones(text: str) -> list[str]:
    return [f"p:{_without_country(digits)}" for digits in _PHONE.findall(_BETWEEN.sub("", nfkc(text)))]


def _emails(text: str) -> list[str]:
    words = [word for word in _WORD.findall(nfkc(text)) if _is_email(word)]
    return [f"e:{address.strip('.').casefold()}" for address in words]


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
