"""Masks what the other files find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runtime.masking.accounts import accounts_in, may_have_accounts, narrow
from runtime.masking.names import names_of
from runtime.masking.numbers import Span, digits_of, has_long_number, numbers_in

MASK = "***"

_MIN_KNOWN_DIGITS = 6
"""Digits of a known number that is looked for wherever it stands. Fewer are often an amount."""
_ABROAD_DIGITS = 10
"""Digits of a number with its country's or area's code."""
_MAX_KNOWN_DIGITS = 20
"""Digits of a known number; more are no number to reach somebody by."""


class Masker:
    """Masks contacts, and what is known of one person.

    Args:
        name: The person's name; one character alone is not looked for.
        phone: Their phone number.
        email: Their address.
        qq: Their QQ number.
    """

    def __init__(self, *, name: str = "", phone: str = "", email: str = "", qq: str = "") -> None:
        numbers = {*_spellings(digits_of(phone)), digits_of(qq)} if phone or qq else set()
        self._numbers = tuple(one for one in numbers if _MIN_KNOWN_DIGITS <= len(one) <= _MAX_KNOWN_DIGITS)
        self._email = email.strip().lower()
        self._names = tuple(names_of(name)) if name else ()

    def mask(self, text: str) -> str:
        """A text with `***` for each contact in it."""
        return self.mask_all([text])[0]

    def mask_all(self, texts: Sequence[str]) -> list[str]:
        """The same of several texts. Most hold nothing to mask, which is seen of all of them at once."""
        joined = "\n".join(texts)
        lower = narrow(joined).lower()
        if (
            may_have_accounts(lower)
            or any(name.may_be_in(lower) for name in self._names)
            or any(one in joined for one in self._numbers)
        ):
            return [self._masked(text) for text in texts]
        if has_long_number(joined):
            return [self._masked(text) if has_long_number(text) else text for text in texts]
        return list(texts)

    def _masked(self, text: str) -> str:
        # Until nothing is left: `13800001111wx:lin_wz90` names an id only once the digits before it are gone.
        while (masked := self._masked_once(text)) != text:
            text = masked
        return text

    def _masked_once(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for start, stop in sorted(self._spans(text)):
            if start >= end:
                parts += (text[end:start], MASK)
            end = max(end, stop)
        return "".join([*parts, text[end:]]) if parts else text

    def _spans(self, text: str) -> Iterator[Span]:
        plain = narrow(text)
        lower = plain.lower()
        yield from accounts_in(plain, lower)
        yield from numbers_in(text, self._numbers)
        # A few letters are longer in lower case. Then places in the two texts are not the same.
        if self._email and len(lower) == len(text):
            yield from _literal(lower, self._email)
        for name in self._names:
            if name.may_be_in(lower):
                yield from (match.span() for match in name.pattern.finditer(plain))


def _spellings(digits: str) -> Iterator[str]:
    """A phone number with and without what comes before it: a country's code, or an area's."""
    yield digits
    yield digits[-11:]
    if len(digits) >= _ABROAD_DIGITS and not (len(digits[-11:]) == 11 and digits[-11:].startswith("1")):
        # `+886 912 345 678` is 0912 345 678 there, and `+852 9123 4567` 9123 4567; so is a landline.
        yield from (digits[-8:], digits[-9:], f"0{digits[-9:]}")


def _literal(text: str, part: str) -> Iterator[Span]:
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))
