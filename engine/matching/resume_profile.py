"""A resume, analysed: everything that scoring needs of it, as it is stored beside the resume.

`analysis` makes profiles, `score` and `feedback` read them. Weights are whole hundredths, so that the bytes
are few and equal in every process.
"""

from __future__ import annotations

import msgspec

MAX_SIGNS = 4
"""Words that a profile keeps as the signs of one occupation; a reason shows all of them."""

WHOLE = 100
"""One whole, in hundredths. The shares of what the duties show add up to it at most, but for rounding."""


class ResumeProfile(msgspec.Struct, array_like=True):
    """A resume, analysed.

    It is stored as an array: a new field goes to the end, and none may be moved. Bytes that an older version
    stored decode all the same, and are made anew because the version of the rules has changed.

    Attributes:
        key_terms: Sorted, at most 64: the terms that make a match possible (`o:` occupations, `s:` skills,
            `w:` words of titles). The database finds the candidates of a feed by them.
        tags: Class of school, degree, major, class of company, as shown to people.
        salary_low, salary_high: Expected, yuan a month; 0 to 1,000,000 when negotiable or unknown.
        titled: Occupation -> weight, from the titles; the wish and the latest work weigh most.
        title_of: Key term of a title -> the title that holds it, as written, where that is not `title`.
        shown: Occupation -> weight, from what the duties show.
        signs: Occupation of `shown` -> the resume's words that tell most of it, at most `MAX_SIGNS`.
        title_words: Word of the titles -> weight.
        terms: Skill or content word -> weight, over all text, at most 100.
        wording: Term -> the resume's own word for it, where that differs.
        address: Where the candidate lives, as written.
        title: The title that a list shows for the resume, as written.
        places: Place keys of the wish, with their provinces; empty for anywhere or unknown.
        home: Place keys of the address, with their provinces, and the cities of a province named alone.
        months: Months of work; None when unknown.
        degree: Rank 1..6, 0 when unknown.
        level: Level rank, 0 (intern) to 5, as the titles name it or else from the years; None when unknown.
        domains: Names of industries and domains mentioned.
        classes: School and company classes, for preferences.
        meant: Occupations of `titled` that no title names: the duties say that an open title means them.
        areas: Place keys of the address, with the provinces of its cities; what a list is filtered by. Unlike
            `home` it does not name the cities of a province that stands alone.
        hunting: Whether somebody looks for work (求职状态), as written; no score depends on it.
        credentials: Certificates, driving licences and languages, as `Credentials.find` gives them; of the
            family `学历` a degree whose rank does not say all of it: the rank that is finished, and words.
        level_word: The word of a title that names the level; "" where it comes from the years.
    """

    key_terms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    salary_low: int = 0
    salary_high: int = 1_000_000
    address: str = ""
    titled: dict[str, int] = {}
    title_of: dict[str, str] = {}
    shown: dict[str, int] = {}
    signs: dict[str, tuple[str, ...]] = {}
    title_words: dict[str, int] = {}
    terms: dict[str, int] = {}
    wording: dict[str, str] = {}
    title: str = ""
    places: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    months: int | None = None
    degree: int = 0
    level: int | None = None
    domains: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    hunting: str = ""
    credentials: tuple[str, ...] = ()
    level_word: str = ""

    def of_family(self, family: str) -> list[tuple[str, str]]:
        """Level and words of the credentials of a family."""
        split = (one.split(":", 2) for one in self.credentials)
        return [(level, words) for name, level, words in split if name == family]

    @property
    def most_titled(self) -> int:
        """The greatest weight of an occupation of the titles; 0 where they name none."""
        return max(self.titled.values(), default=0)

    @property
    def all_shown(self) -> int:
        """The weights of the occupations that the duties show, together; 0 where they show none."""
        return min(sum(self.shown.values()), WHOLE)

    def encode(self) -> bytes:
        """MessagePack. `decode` gives back an equal profile."""
        return _ENCODER.encode(self)

    @staticmethod
    def decode(data: bytes) -> ResumeProfile:
        """A profile from `encode`'s bytes.

        Raises:
            msgspec.DecodeError: The bytes are not a profile of this shape.
        """
        return _DECODER.decode(data)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ResumeProfile)
