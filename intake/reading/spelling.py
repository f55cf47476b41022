"""Gives texts back as the writer spelt them: `（中国）`, `，`, `℃`.

Readers read NFKC, in which a bracket or a comma is one character however it is written. A recruiter has
to read what the writer wrote, and NFKC gives a Chinese text the punctuation of another language.

    spelling = Spelling(document)
    spelling.restored("负责网关(上海),带3人", first=4)      # "负责网关（上海），带3人"
"""

from __future__ import annotations

import re
import unicodedata

from intake.files.document import Document

RESTORED = frozenset(
    {
        "address",
        "company_category",
        "compnay_name",
        "industry_category",
        "job_career",
        "job_category",
        "job_desc",
        "job_industry",
        "major",
        "position_category",
        "position_title",
        "school",
        "self_evaluation",
    }
)
"""Fields that are texts for people. The others (contacts, dates, pay, degrees) are values, and stay plain."""
_UNCOUNTED = re.compile(r"[\s*_`#>]")
"""Blanks, and the marks of Markdown and quoting, which may be gone from what was read."""
_SHORTEST = 6
"""Characters of a part of a line that is looked for by itself: shorter ones stand anywhere."""
_MOST_SEARCHES = 2_000
"""Searches of a document, at most 0.2 ms each. A resume takes one a line; beyond, its lines stay folded."""


class Spelling:
    """What the characters of a document were before they were folded."""

    def __init__(self, document: Document) -> None:
        folded: list[str] = []
        self._origins: list[str] = []
        self._starts: list[int] = []
        self._changed: set[str] = set()
        self._searches = 0
        forms: dict[str, str] = {}
        for block in document.blocks:
            self._starts.append(len(self._origins))
            for letter in _UNCOUNTED.sub("", block.text):
                form = forms.get(letter)
                if form is None:
                    form = forms[letter] = _UNCOUNTED.sub("", unicodedata.normalize("NFKC", letter))
                    if form != letter:
                        self._changed.update(form)
                # The first character of `...` stands for the whole `…`, the others for nothing.
                folded.append(form)
                self._origins += [letter, *[""] * (len(form) - 1)] if form else []
        self._text = "".join(folded)

    def restored(self, text: str, first: int) -> str:
        """A text that was read, as the document has it from block `first` on; what is not found stays."""
        if not self._changed:
            return text
        at = self._starts[first] if first < len(self._starts) else 0
        lines = []
        for line in text.split("\n"):
            restored, at = self._line(line, at)
            lines.append(restored)
        return "\n".join(lines)

    def _line(self, line: str, at: int) -> tuple[str, int]:
        """A line as it was written, and where the next one is looked for."""
        if self._changed.isdisjoint(line):
            return line, at
        bare = _UNCOUNTED.sub("", line)
        origins: list[str] = []
        done = 0
        while done < len(bare) and self._searches <= _MOST_SEARCHES:
            length, found = self._longest(bare[done:], at)
            if length < min(_SHORTEST, len(bare)) or not self._origins[found]:
                origins += bare[done : done + max(length, 1)]
                done += max(length, 1)
                continue
            origins += self._origins[found : found + length]
            done, at = done + length, found + length
        letters = iter([*origins, *bare[done:]])
        return "".join(one if _UNCOUNTED.match(one) else next(letters) for one in line), at

    def _longest(self, text: str, at: int) -> tuple[int, int]:
        """How much of the beginning of a text stands in the document, and where, after `at` if it does."""
        low, high = 0, len(text)
        length = high  # mostly all of it
        while low < high:
            if self._find(text[:length], at) >= 0:
                low = length
            else:
                high = length - 1  # what a beginning lacks, each longer one lacks as well
            length = (low + high + 1) // 2
        return low, self._find(text[:low], at) if low else -1

    def _find(self, text: str, at: int) -> int:
        self._searches += 1
        if self._searches > _MOST_SEARCHES:
            return -1
        found = self._text.find(text, at)
        return found if found >= 0 or not at else self._text.find(text)
