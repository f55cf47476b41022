"""What came of the work, in a form that can be compared: without ids, times and turns of a deployment.

    differences = compare(await outcome_of(work, database), other)

It is read twice over: results, counters and records document by document from the database, and lists, pages
and favourites as the API gives them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from bench.harness.table import Row, at_most
from bench.scale.recruiter import Unanswered
from bench.scale.work import Work, ordered

_OF_A_RUN = frozenset(
    {
        *("_id", "id", "part", "rev", "feed_rev", "resume_rev", "tier_rev", "scored_rev", "seq"),
        *("start_time", "last_click_time", "mark_time", "mission_time", "pub_time", "calc_time", "add_time"),
        *("comment_time", "arrived_time", "created", "add_date", "expires_at"),
        *("clicks", "moves", "known", "round", "n", "digest"),
    }
)
"""Fields that say when, in which turn, or under which random id something was done."""
_EMPTY_RECORD = {"resume", "user"}
"""What a record has of which nothing was noted. It stays of who was in a list and is not any more, as where a
form changed before or after somebody was scored by it: nobody sees it."""
_COLLECTIONS = ("candidate_records", "feedback", "profiles", "person_decisions")
"""What is compared whole beside the results; what `manage.py check` proves by itself is left out."""


_PREVIEW_S = 20.0
"""Seconds after which a preview that nobody answers is a difference, and no reason to end."""
_AROUND = 80
"""Characters that are shown before and after the first one that differs."""


class Outcome(msgspec.Struct):
    """What came of it.

    Attributes:
        results: By feed and resume, the stored document.
        lists: By feed, what the API lists by score.
        counts: By feed, the numbers of the page.
        counters: By feed, the stored numbers.
        records: By collection, its documents as texts, sorted.
        previews: What some forms would match.
        doubled: Results that a list has twice.
        unordered: Lists that are not in the order of their scores.
    """

    results: dict[tuple[int, str], Any]
    lists: dict[int, list[Any]]
    counts: dict[int, Any]
    counters: dict[int, Any]
    records: dict[str, list[str]]
    previews: list[Any]
    doubled: int = 0
    unordered: int = 0


async def outcome_of(work: Work, database: Any, forms: list[dict[str, Any]]) -> Outcome:
    """Read it, when there is quiet.

    Args:
        work: What was done.
        database: Of its deployment.
        forms: Those that are previewed.
    """
    names: dict[str, str] = {one.user: f"recruiter {number}" for number, one in enumerate(work.recruiters)}
    names |= {id_: f"feed {number}" for number, (_, id_) in work.feeds.items()}
    outcome = Outcome({}, {}, {}, {}, {}, [])
    for number, (owner, id_) in sorted(work.feeds.items()):
        async for row in database.results.find({"feed": ObjectId(id_)}):
            outcome.results[number, str(row["resume"])] = plain(row, names)
        items = await owner.results(id_, sort="score")
        scores = [item["score"] for item in items]
        outcome.unordered += scores != sorted(scores, reverse=True)
        outcome.doubled += len(items) - len({item["resume"]["id"] for item in items})
        outcome.lists[number] = [(item["resume"]["id"], plain(item, names)) for item in ordered(items)]
    for one in work.recruiters:
        numbers = {id_: number for number, (owner, id_) in work.feeds.items() if owner is one}
        for id_, row in (await one.counts()).items():
            outcome.counts[numbers[id_]] = plain(row, names)
        counter = await database.counters.find_one({"_id": ObjectId(one.user)}) or {}
        for id_, number in numbers.items():
            of_feed = {kind: counter.get(kind, {}).get(id_, 0) for kind in ("unread", "read")}
            possible = {
                kind: counter.get(kind, {}).get(id_, 0) for kind in ("possible_unread", "possible_read")
            }
            outcome.counters[number] = of_feed | possible
        favourites = (await one.ask("/resume/follow/list/?size=50"))["data"]
        outcome.records.setdefault("favourites", []).extend(
            sorted(f"{item['resume']['id']} {plain(item, names)!r}" for item in favourites)
        )
    for name in _COLLECTIONS:
        rows = [plain(row, names) async for row in database[name].find({})]
        outcome.records[name] = sorted(repr(row) for row in rows if row.keys() != _EMPTY_RECORD)
    resumes = database.resumes.find({}, {"body": 1, "source": 1, "source_id": 1})
    outcome.records["resumes"] = sorted([f"{row['_id']} {plain(row, names)!r}" async for row in resumes])
    for form in forms:
        # One after the other, as one account would.
        outcome.previews.append(plain(await preview(work, form), names))
    return outcome


async def preview(work: Work, form: Mapping[str, Any]) -> Any:
    """What a form would match, once whoever is asked has time for it and has heard of every resume."""
    answer: Any = "no answer"
    for _ in range(50):
        try:
            answer = await work.recruiters[0].post("/special_feed/preview/", form, patience_s=_PREVIEW_S)
        except Unanswered:
            break
        if answer["complete"]:
            break
        await asyncio.sleep(0.1)
    return answer


def plain(value: Any, names: Mapping[str, str]) -> Any:
    """A document, or a part of one, without what differs between two deployments that did the same.

    Args:
        value: The document.
        names: What accounts and feeds are called, by id.
    """
    if isinstance(value, Mapping):
        return {
            names.get(str(key), key): plain(one, names)
            for key, one in sorted(value.items(), key=lambda pair: str(pair[0]))
            if key not in _OF_A_RUN
        }
    if isinstance(value, (list, tuple)):
        return [plain(one, names) for one in value]
    if isinstance(value, (ObjectId, str)):
        return names.get(str(value), str(value))
    return "a time" if isinstance(value, datetime) else value


def compare(one: Outcome, other: Outcome) -> dict[str, list[str]]:
    """What differs, a line each, by kind; an empty list where a kind is equal."""
    return {
        "results, document by document": list(_differences(one.results, other.results)),
        "lists over the API": list(_differences(one.lists, other.lists)),
        "numbers of the page": list(_differences(one.counts, other.counts)),
        "stored counters": list(_differences(one.counters, other.counters)),
        "records, favourites, profiles": list(_records_that_differ(one.records, other.records)),
        "previews": list(_differences(dict(enumerate(one.previews)), dict(enumerate(other.previews)))),
    }


def rows_of(outcome: Outcome) -> list[Row]:
    """What must hold of one outcome by itself."""
    return [
        at_most(0, Row(measure="  results that a list has twice", figure=outcome.doubled, unit="")),
        at_most(0, Row(measure="  lists out of order", figure=outcome.unordered, unit="")),
    ]


def _differences(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(one.keys() | other.keys(), key=str):
        if key not in one or key not in other:
            yield f"{key}: only in the {'first' if key in one else 'second'}"
        elif one[key] != other[key]:
            yield f"{key}: {_where(one[key], other[key])}"


def _records_that_differ(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> Iterator[str]:
    """What one has more of than the other."""
    for name in sorted(one.keys() | other.keys()):
        mine, theirs = Counter(one.get(name, ())), Counter(other.get(name, ()))
        for where, more in (("first", mine - theirs), ("second", theirs - mine)):
            for text in more.elements():
                yield f"{name}: only in the {where}: {text[: 4 * _AROUND]}"


def _where(one: Any, other: Any) -> str:
    """The first place in which two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys(), key=str):
            if one.get(key) != other.get(key):
                return f"{key}: {_where(one.get(key), other.get(key))}"
    if isinstance(one, list) and isinstance(other, list):
        for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            if mine != theirs:
                return f"[{place}] {_where(mine, theirs)}"
        return f"{len(one)} and {len(other)} entries"
    mine, theirs = str(one), str(other)
    pairs = enumerate(zip(mine, theirs, strict=False))
    same = next((place for place, (a, b) in pairs if a != b), min(len(mine), len(theirs)))
    start = max(0, same - _AROUND)
    return f"...{mine[start : same + _AROUND]} and ...{theirs[start : same + _AROUND]}"
