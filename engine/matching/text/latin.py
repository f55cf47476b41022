"""Latin words in text: where one ends.

Chinese is written without spaces, so a Chinese word may stand anywhere. A Latin one only counts whole: `go`
does not stand in `google`. The cutter has the same rule in its compiled loops.
"""

from __future__ import annotations


def is_latin(character: str) -> bool:
    """Whether a character is a Latin letter or an ASCII digit, as in `characters.LATIN`."""
    if character.isascii():
        return character.isalnum()
    return ("À" <= character <= "ɏ" and character.isalpha()) or "Ḁ" <= character <= "ỿ"


def is_whole(text: str, begin: int, end: int) -> bool:
    """Whether a part of a text neither begins nor ends inside of a Latin word."""
    if 0 < begin < len(text) and is_latin(text[begin]) and is_latin(text[begin - 1]):
        return False
    return not (0 < end < len(text) and is_latin(text[end - 1]) and is_latin(text[end]))


def stands_in(word: str, text: str) -> bool:
    """Whether a word stands in a text, and not only as a part of a Latin word."""
    begin = text.find(word)
    while begin >= 0:
        if is_whole(text, begin, begin + len(word)):
            return True
        begin = text.find(word, begin + 1)
    return False
