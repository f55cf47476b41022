"""The texts of a resume, masked: readers get these, and the originals stand beside the contact.

    body, originals = masked_body(body, contact)    # {"works/0/job_desc": "微信 lin_wz90"}
    reveal(resume, originals)                       # for an account that has unlocked the contact

What is masked in a text is `runtime.masking`'s. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_origin

import msgspec

from runtime.masking import MASK, Masker
from store.resumes.resume_record import Date, Resume, Time

Originals = dict[str, str]
"""The texts that masking changed, as they were, by their path (`works/0/job_desc`)."""

_CUT_CHARS = 20
"""Characters of the shortest piece that may be only the beginning of a text: lists cut majors off there."""


def _dates_of(kind: Any) -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        if field.type in (Date, Time):
            yield field.name
        for part in (field.type, *get_args(field.type)):
            origin = get_origin(part) or part
            if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
                yield from _dates_of(part)


DATES = frozenset(_dates_of(Resume))
"""The fields that hold nothing but dates: they stay, and are never taken for a number."""


def masker_of(contact: Mapping[str, Any]) -> Masker:
    """What masks a contact, as it is stored: `name`, `phone`, `email`, `qq`, any of which may be missing."""
    return Masker(**{name: contact.get(name) or "" for name in ("name", "phone", "email", "qq")})


def masked_body(body: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple[dict[str, Any], Originals]:
    """A copy of a resume's record with its contacts masked, and the original of each text that changed."""
    masker = masker_of(contact)
    texts = dict(_texts(body))
    pairs = zip(texts, masker.mask_all([*texts.values()]), strict=True)
    changed = {path: text for path, text in pairs if text != texts[path]}
    if not changed:
        return dict(body), {}
    return with_texts(body, changed), {path: texts[path] for path in changed}


def reveal(resume: Resume, originals: Mapping[str, str]) -> Resume:
    """Change a masked resume to its original texts, and give it back.

    An original for which it has no place is left out.
    """
    for holder, name, text in _places(resume, originals):
        setattr(holder, name, text)
    return resume


def opener(resume: Resume, originals: Mapping[str, str]) -> Callable[[str], str]:
    """How pieces that were taken out of a resume's masked texts are shown where these are revealed.

    It takes the resume before `reveal` changes it.

    Returns:
        A function of a piece, which is a whole text, such as a title or a major, or the beginning of a long
        one: it gives the same of the original, and the piece itself where no text is known to begin with it.
    """
    pairs = [
        (masked.strip(), text.strip())
        for holder, name, text in _places(resume, originals)
        if isinstance(masked := getattr(holder, name), str)
    ]

    def open_piece(piece: str) -> str:
        for masked, text in pairs if MASK in piece else ():
            if masked == piece:
                return text
            if len(piece) >= _CUT_CHARS and masked.startswith(piece):
                return text[: len(piece)]
        return piece

    return open_piece


def _places(resume: Resume, originals: Mapping[str, str]) -> Iterator[tuple[Any, str, str]]:
    """Where originals belong: what holds the text, the name of its field, and the original."""
    for path, text in originals.items():
        *way, name = path.split("/")
        holder: Any = resume
        for step in way:
            if isinstance(holder, list):
                holder = holder[int(step)] if int(step) < len(holder) else None
            else:
                holder = getattr(holder, step, None)
        if hasattr(holder, name):
            yield holder, name, text


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a record with its path, dates apart."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in pairs:
        if isinstance(part, str):
            if part and name not in DATES:
                yield f"{path}{name}", part
        elif isinstance(part, (dict, list)):
            yield from _texts(part, f"{path}{name}/")


def with_texts(value: Any, texts: Mapping[str, str], path: str = "") -> Any:
    """A copy of a record, or of its part at `path`, with other texts where `texts` names a place."""
    if isinstance(value, dict):
        return {
            name: with_texts(part, texts, f"{path}/{name}" if path else name) for name, part in value.items()
        }
    if isinstance(value, list):
        return [with_texts(part, texts, f"{path}/{at}") for at, part in enumerate(value)]
    return texts.get(path, value)
