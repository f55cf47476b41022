"""What a result is, and how MongoDB keeps it. Reading and writing results is in `results`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from runtime.clock import day_of
from store.ids import result_id


class Reason(msgspec.Struct, frozen=True):
    """One reason for a score: where, the feed's term, the resume's words for it, and its points."""

    field: str
    term: str
    matched: str
    points: float


class ScoredResult(msgspec.Struct, frozen=True, kw_only=True):
    """What scoring says of one resume in one feed, at one revision of each."""

    feed: str
    user: str
    resume: str
    feed_rev: int
    resume_rev: int
    arrived_at: datetime
    score: float
    title_match: bool
    why: list[Reason]
    missing: list[str]
    keywords: list[str]
    tags: list[str]
    send: bool
    partner: bool
    address: str
    salary_low: int
    salary_high: int


class Result(ScoredResult, frozen=True, kw_only=True):
    """One entry of a feed's list, with what the recruiter did to it.

    Attributes:
        pub_time: When it entered the list; scoring it again does not change that.
        calc_time: When it was last scored.
    """

    id: str
    pub_time: datetime
    calc_time: datetime
    read: bool
    deleted: bool


def new_document(one: ScoredResult, now: datetime) -> dict[str, Any]:
    """The document of a result that enters its list now, unread."""
    return {
        "_id": ObjectId(result_id(one.feed, one.resume)),
        "feed": ObjectId(one.feed),
        "user": ObjectId(one.user),
        "resume": ObjectId(one.resume),
        "arrived_at": one.arrived_at,
        "pub_time": now,
        "day": day_of(now),
        "read": False,
        "deleted": False,
        "reasons": [],
        **_scores(one, now),
    }


def rescore(one: ScoredResult, now: datetime) -> UpdateOne:
    """The write that gives a stored result its new score.

    It does nothing where the stored score comes from a newer revision of the feed or of the resume.
    """
    return UpdateOne(
        {
            "_id": ObjectId(result_id(one.feed, one.resume)),
            "feed_rev": {"$lte": one.feed_rev},
            "resume_rev": {"$lte": one.resume_rev},
        },
        {"$set": _scores(one, now)},
    )


def _scores(one: ScoredResult, now: datetime) -> dict[str, Any]:
    """The fields that scoring writes; none of what a recruiter did."""
    return {
        "feed_rev": one.feed_rev,
        "resume_rev": one.resume_rev,
        "score": one.score,
        "title_match": one.title_match,
        "why": msgspec.to_builtins(one.why),
        "missing": one.missing,
        "keywords": one.keywords,
        "tags": one.tags,
        "send": one.send,
        "partner": one.partner,
        "address": one.address,
        "salary_low": one.salary_low,
        "salary_high": one.salary_high,
        "calc_time": now,
    }


def result_from(document: dict[str, Any]) -> Result:
    """A result from its document."""
    return Result(
        id=str(document["_id"]),
        feed=str(document["feed"]),
        user=str(document["user"]),
        resume=str(document["resume"]),
        feed_rev=document["feed_rev"],
        resume_rev=document["resume_rev"],
        arrived_at=document["arrived_at"],
        score=document["score"],
        title_match=document["title_match"],
        why=[Reason(**row) for row in document["why"]],
        missing=document["missing"],
        keywords=document["keywords"],
        tags=document["tags"],
        send=document["send"],
        partner=document["partner"],
        address=document["address"],
        salary_low=document["salary_low"],
        salary_high=document["salary_high"],
        pub_time=document["pub_time"],
        calc_time=document["calc_time"],
        read=document["read"],
        deleted=document["deleted"],
    )
