"""What a result is, and how MongoDB keeps it. Reading and writing results is in `results`.

What queries and counts look at is a field of its own. What only a page shows is one binary field, `shown`
(`docs/adr/0023`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from runtime.clock import day_of
from store.documents import read_as
from store.ids import result_id
from store.results.result_filter import is_possible, mark_of
from store.results.work import OPEN, REJECTED, Work


class Reason(msgspec.Struct, frozen=True, array_like=True):
    """One reason for a score: where, the feed's term, the resume's words for it, and its points."""

    field: str
    term: str
    matched: str
    points: float


class Requirement(msgspec.Struct, frozen=True, array_like=True):
    """One requirement of the feed: its name there, what is asked, what the resume says, and the state.

    Attributes:
        state: `met`, `unmet`, or `unknown` where the resume does not say.
    """

    field: str
    asked: str
    found: str
    state: str


class Words(msgspec.Struct, frozen=True, array_like=True):
    """What of the feed a resume has, and what it lacks: the beginning of `Shown`, decoded by itself."""

    keywords: list[str]
    missing: list[str]


class Shown(Words, frozen=True, array_like=True):
    """What of a result only a page, an export or statistics show.

    It is stored as an array of MessagePack, in the order of the fields. A new field goes to the end and has a
    default, so that what is stored stays readable.
    """

    tags: list[str]
    why: list[Reason]
    requirements: list[Requirement] = []


_encode = msgspec.msgpack.Encoder().encode
_decode_shown = msgspec.msgpack.Decoder(Shown).decode
_decode_words = msgspec.msgpack.Decoder(Words).decode

UNDER = "under"
"""In `deleted`, for a result that stands under a newer one of the same person; see `person_results`."""


class ScoredResult(msgspec.Struct, frozen=True, kw_only=True):
    """What scoring says of one resume in one feed, at one revision of each.

    Attributes:
        fit: The probability that a recruiter calls it fitting, 0..1.
        strong: Whether it is worth reading, see `result_filter`.
        areas: Keys of the cities and provinces of the address.
        degree: Rank of the highest degree, 1..6; 0 when unknown.
        years: Whole years of work; None when unknown.
        schools: Classes of the schools, as the engine's table has them.
        hunting: As `hunting_states` gives it.
        requirements: What the feed requires, in the order of its form.
    """

    feed: str
    company: str
    resume: str
    feed_rev: int
    resume_rev: int
    arrived_at: datetime
    score: float
    fit: float
    strong: bool
    title_match: bool
    why: list[Reason]
    missing: list[str]
    keywords: list[str]
    tags: list[str]
    send: bool
    partner: bool
    address: str
    areas: list[str] = []
    salary_low: int
    salary_high: int
    degree: int = 0
    years: int | None = None
    schools: list[str] = []
    hunting: str = ""
    requirements: list[Requirement] = []


class Result(ScoredResult, frozen=True, kw_only=True):
    """One entry of a feed's list, with what the recruiter did to it.

    Attributes:
        pub_time: When it entered the list; scoring it again does not change that.
        deleted: Also where it stands under another one of its person.
        others: Older resumes of the same person that stand under it, newest first.
        reasons: Why it was deleted, as far as the recruiter said.
        removed_at: When it was deleted; None where it is not, or that is not known.
    """

    id: str
    pub_time: datetime
    calc_time: datetime
    read: bool
    deleted: bool
    others: list[str] = []
    reasons: list[str] = []
    removed_at: datetime | None = None
    work: Work = "new"


def new_document(one: ScoredResult, now: datetime) -> dict[str, Any]:
    """The document of a result that enters its list now, unread."""
    return {
        "_id": ObjectId(result_id(one.feed, one.resume)),
        "feed": ObjectId(one.feed),
        "company": ObjectId(one.company),
        "resume": ObjectId(one.resume),
        "arrived_at": one.arrived_at,
        "pub_time": now,
        "day": day_of(now),
        "read": False,
        "deleted": False,
        "reasons": [],
        **_content(one),
        "calc_time": now,
    }


def key_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The query for one stored result, with its company and feed, see `docs/adr/0064`."""
    return {name: document[name] for name in ("_id", "company", "feed")}


def rescore(one: ScoredResult, seen: Mapping[str, Any], now: datetime) -> UpdateOne:
    """The write that gives a stored result, as it was seen, its new score."""
    return UpdateOne(key_of(seen), {"$set": {**_content(one), "calc_time": now}})


def is_newer(document: Mapping[str, Any], one: ScoredResult) -> bool:
    """Whether a stored score comes from a newer revision of the feed or of the resume."""
    return bool(document["feed_rev"] > one.feed_rev or document["resume_rev"] > one.resume_rev)


def has_content(document: Mapping[str, Any], one: ScoredResult) -> bool:
    """Whether a stored result says what scoring says, to the byte."""
    return all(document.get(name) == value for name, value in _content(one).items())


def _content(one: ScoredResult) -> dict[str, Any]:
    """The fields that say what the score is, with the revisions that it was computed from."""
    return {
        "feed_rev": one.feed_rev,
        "resume_rev": one.resume_rev,
        "score": one.score,
        "fit": one.fit,
        "possible": mark_of(strong=one.strong),
        "title_match": one.title_match,
        "shown": _encode(Shown(one.keywords, one.missing, one.tags, one.why, one.requirements)),
        "send": one.send,
        "partner": one.partner,
        "address": one.address,
        "areas": one.areas,
        "salary_low": one.salary_low,
        "salary_high": one.salary_high,
        "degree": one.degree,
        "years": one.years,
        "schools": one.schools,
        "hunting": one.hunting,
    }


def shown_of(document: Mapping[str, Any]) -> Shown:
    """What a page shows of a result, from its document with at least `shown`."""
    return _decode_shown(document["shown"])


def words_of(document: Mapping[str, Any]) -> Words:
    """The same, without tags and reasons, for a quarter of the time."""
    return _decode_words(document["shown"])


def result_from(document: dict[str, Any]) -> Result:
    """A result from its document."""
    shown, stands = shown_of(document), document.get("work")
    return read_as(
        Result,
        document,
        strong=not is_possible(document),
        why=shown.why,
        missing=shown.missing,
        keywords=shown.keywords,
        tags=shown.tags,
        requirements=shown.requirements,
        deleted=bool(document["deleted"]),
        removed_at=(document.get("deleted_at") or document.get("judged_at")) if document["deleted"] else None,
        work=REJECTED if document["deleted"] is True and stands in OPEN else stands or "new",
    )
