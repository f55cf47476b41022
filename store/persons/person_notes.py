"""Notes of recruiters in which an erased person may stand: comments and marks about somebody else.

A phone, an e-mail or a QQ number is one person's, so it is masked wherever it stands. A name may be another
person's too: the notes that have it are told to the operator, who reads them with their author.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from runtime.masking import MASK
from runtime.nfkc import nfkc
from runtime.slices import Slices
from store import spans
from store.mongo import Database
from store.notes.candidate_records import standing

_FEWEST_QQ_DIGITS = 5
"""Digits of a QQ number. A shorter one would be found in any number."""
_SHORTEST_NAME = 2
"""Characters of a name that is looked for."""
_LONGEST_HANDOVER = timedelta(days=31)
"""A hand-over that is made now ends within so long."""
_BETWEEN_DIGITS = r"[\s().·-]*"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9０-９])", r"(?![0-9０-９])"


_NOTES = (
    ("comments", "content", "at"),
    ("marks", "name", "at"),
    ("verdicts", "comment", "at"),
    ("gone_comments", "content", "gone_at"),
    ("gone_marks", "name", "gone_at"),
)
"""Where notes stand, the text of each, and the time by which it is found."""


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking through notes.

    Attributes:
        notes: How many notes were changed.
        named: (account, resume) of notes that have one of the names: who made each, and about whom. Of a
            note of release 1.0.0, and of what was said by a hand-over, that is the company's first owner. The
            note of a hand-over is about the first person in it.
    """

    notes: int
    named: list[tuple[str, str]]


class Traits:
    """What a person is known by in a text: phones and e-mails (`store.persons.reach`), QQ numbers, names."""

    def __init__(self, reach: Iterable[str], contacts: Iterable[Mapping[str, Any]]) -> None:
        patterns = [_pattern(one) for one in reach]
        self.names: set[str] = set()
        for contact in contacts:
            qq = re.sub(r"\D", "", nfkc(str(contact.get("qq", ""))))
            if len(qq) >= _FEWEST_QQ_DIGITS:
                patterns.append(f"{_NO_DIGIT_BEFORE}{_number(qq)}{_NO_DIGIT_AFTER}")
            name = str(contact.get("name", "")).strip()
            if len(name) >= _SHORTEST_NAME:
                self.names.add(name)
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def mask(self, text: str) -> str:
        """The text with every phone, e-mail and QQ number of the person masked."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def names_in(self, text: str) -> bool:
        """Whether the text has one of the person's names."""
        return any(name in text for name in self.names)


def _pattern(reach: str) -> str:
    kind, _, value = reach.partition(":")
    if kind == "p":
        country = rf"(?:(?:\+|00)?86{_BETWEEN_DIGITS})?0?"
        return rf"{_NO_DIGIT_BEFORE}{country}{_number(value)}{_NO_DIGIT_AFTER}"
    address = "".join(_wide(letter) for letter in value)
    return rf"(?<![a-z0-9_.+-]){address}(?!\.?[a-z0-9_-])"


def _number(digits: str) -> str:
    """A number with whatever people write between its digits, in both widths."""
    return _BETWEEN_DIGITS.join(_wide(digit) for digit in digits)


def _wide(character: str) -> str:
    """A character as it is, or of full width."""
    if "!" <= character <= "~":
        return f"[{re.escape(character)}{chr(ord(character) + 0xFEE0)}]"
    return re.escape(character)


class PersonNotes:
    """The texts of all candidate records, and of hand-overs."""

    def __init__(self, database: Database) -> None:
        self._records = database.candidate_records
        self._handovers = database.handovers

    async def mask(self, traits: Traits) -> Masked:
        """Mask a person in the notes about others; a second time is harmless."""
        changed, named, slices = 0, set[tuple[str, str]](), Slices()
        now = datetime.now(UTC) + timedelta(days=1)  # clocks differ
        for kind, text, at in _NOTES:
            seen: set[ObjectId] = set()
            fields = {"company": 1, "resume": 1, kind: 1}
            async for rows in spans.before(self._records, f"{kind}.{at}", now, fields=fields):
                for row in rows:
                    await slices.rest()
                    if row["_id"] in seen:
                        continue
                    seen.add(row["_id"])
                    for note in row.get(kind, ()):
                        if any(map(traits.names_in, _texts(note, text))):
                            named.add((str(note.get("by", row["company"])), str(row["resume"])))
                    changed += await self._mask_row(row, kind, text, traits)
        changed += await self._mask_handovers(traits, slices, named)
        return Masked(notes=changed, named=sorted(named))

    async def _mask_handovers(self, traits: Traits, slices: Slices, named: set[tuple[str, str]]) -> int:
        """Mask them in what stands beside people who are handed over; returns in how many hand-overs."""
        changed, last = 0, datetime.now(UTC) + _LONGEST_HANDOVER
        fields = dict.fromkeys(("to", "note", "by", "resumes"), 1)
        async for rows in spans.before(self._handovers, "until", last, fields=fields):
            for row in rows:
                await slices.rest()
                if row["resumes"] and any(traits.names_in(row[name]) for name in ("to", "note")):
                    named.add((str(row["by"]), str(row["resumes"][0])))
                masked = {name: traits.mask(row[name]) for name in ("to", "note")}
                if any(masked[name] != row[name] for name in masked):
                    await self._handovers.update_one({"_id": row["_id"]}, {"$set": masked})
                    changed += 1
        return changed

    async def _mask_row(self, row: Mapping[str, Any], kind: str, text: str, traits: Traits) -> int:
        for _ in range(10):  # as often as somebody adds a note meanwhile
            notes = row.get(kind, [])
            masked = [_masked(note, text, traits) for note in notes]
            count: int = sum(one != other for one, other in zip(notes, masked, strict=True))
            if not count:
                return 0
            key = {"_id": row["_id"], "company": row["company"]}
            # The name of the latest mark stands beside them, too.
            latest = {"mark": standing(row["company"], masked)["mark"]} if kind == "marks" else {}
            change = {"$set": {kind: masked, **latest}}
            if (await self._records.update_one({**key, kind: notes}, change)).matched_count:
                return count
            row = await self._records.find_one(key) or key
        return 0


_OF_INTERVIEW = ("place", "note")
"""What of an interview's date a recruiter wrote."""


def _texts(note: Mapping[str, Any], text: str) -> list[str]:
    """All that a note says."""
    return [note[text], *(note["interview"][name] for name in _OF_INTERVIEW if "interview" in note)]


def _masked(note: Mapping[str, Any], text: str, traits: Traits) -> dict[str, Any]:
    masked = {**note, text: traits.mask(note[text])}
    if interview := note.get("interview"):
        said = {name: traits.mask(interview[name]) for name in _OF_INTERVIEW}
        masked["interview"] = {**interview, **said}
    return masked
