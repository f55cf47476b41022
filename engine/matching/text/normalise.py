"""Text as people typed it, made comparable: one width, one case, one kind of space, simplified characters.

Only characters are known here; words are in `tokens`. Also here: sentences and clauses, which end at certain
characters, and the reading of fields that may hold anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from engine.matching.text.traditional import to_simplified
from runtime.nfkc import nfkc

MAX_FIELD_CHARS = 6_000
"""Characters of one field that are read. What a person can say about one job fits; the rest is noise."""

# The characters that NFKC changes most often in Chinese text. With these replaced first, NFKC, which is slow,
# usually has nothing left to do and is skipped.
_WIDE = tuple(zip("，；：（）！？～％＋－．／　\xa0", ",;:()!?~%+-./  ", strict=True))
_ANY_WIDE = re.compile("[" + "".join(wide for wide, _ in _WIDE) + "]")
_SPACE = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_CLAUSE = re.compile(r"[,、:()\[\]{}<>|【】《》「」“”\"]+")


def as_text(value: object) -> str:
    """The text of a field that may hold anything: None is empty, a list is its items.

    Only plain values are read. A mapping, or any other object, is empty text.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ",".join(as_text(item) for item in value if isinstance(item, (str, int, float)))
    return ""


def normalise(value: object, limit: int = MAX_FIELD_CHARS) -> str:
    """Text in NFKC, in lower case and simplified characters, with single spaces.

    Line breaks stay, since they end sentences.

    Args:
        value: A field as it came.
        limit: Characters that are read; the rest is dropped before any work is done.
    """
    text = as_text(value)[: max(limit, 0)]
    if not text:
        return ""
    # Cut again, because one character such as ㌀ becomes four, and another becomes eighteen.
    return simplify(text, limit).strip()


def simplify(text: str, limit: int = MAX_FIELD_CHARS) -> str:
    """As `normalise`, but the white space around the text stays.

    Args:
        text: The text.
        limit: Characters that are kept of it in NFKC.
    """
    if _ANY_WIDE.search(text):
        for wide, narrow in _WIDE:
            text = text.replace(wide, narrow)
    if not unicodedata.is_normalized("NFKC", text):
        text = nfkc(text)[:limit]
    text = to_simplified(text.casefold()).replace("\r", "\n")
    # `isprintable` is fast, and false where there is a control or format character or an unusual space.
    if not text.replace("\n", "").isprintable():
        return _SPACE.sub(" ", _UNSEEN.sub("", text))
    return _SPACE.sub(" ", text) if "  " in text else text


def normalise_all(values: Iterable[object], budget: int) -> list[str]:
    """The normalised texts of some fields, each as by `normalise`.

    Args:
        values: Fields as they came.
        budget: Characters that all texts have together; what is beyond it is dropped.
    """
    texts = []
    for value in values:
        texts.append(normalise(value, min(budget, MAX_FIELD_CHARS)))
        budget -= len(texts[-1])
    return texts


def squeeze(text: str) -> str:
    """Normalised text without any white space: the key under which names are looked up."""
    return "".join(normalise(text).split())


def clauses(sentence: str) -> list[str]:
    """The parts of a sentence between its commas, enumeration marks and brackets."""
    return [clause.strip() for clause in _CLAUSE.split(sentence) if clause.strip()]


def records(value: object, limit: int) -> Iterable[dict[object, object]]:
    """The mappings among the first `limit` items of a list field such as `works`; other items are skipped."""
    if not isinstance(value, (list, tuple)):
        return []
    return [item for item in value[:limit] if isinstance(item, dict)]


def record(value: object) -> dict[object, object]:
    """A field that should be a mapping, such as `job_target`; empty when it is none."""
    return value if isinstance(value, dict) else {}
