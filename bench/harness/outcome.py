"""What came of a run, compared with another's: without the ids, times and turns of a deployment.

    python -m bench.harness.outcome MONGO_URL DATABASE OTHER_MONGO_URL OTHER_DATABASE

Give two deployments the same accounts, feeds and resumes, wait until both are quiet, and call it. Results,
numbers and records are compared document by document. An account is called by its e-mail, a feed by its
account and its place among the account's feeds. Ids of resumes follow from their sources, so these are the
same. The exit status is 1 where something differs.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from bson import ObjectId

from store import mongo

_OF_A_RUN = frozenset(
    {
        *("_id", "id", "part", "rev", "feed_rev", "resume_rev", "tier_rev", "scored_rev", "seq"),
        *("start_time", "last_click_time", "mark_time", "mission_time", "pub_time", "calc_time", "add_time"),
        *("comment_time", "arrived_time", "created", "add_date", "expires_at"),
        *("clicks", "moves", "known", "round", "n", "digest"),
    }
)
"""Fields that say when, in which turn, or under which random id something was done."""
_EMPTY_RECORD = {"resume", "company"}
"""What a record has of which nothing was noted. It stays of who was in a list and is not any more, as where a
form changed before or after somebody was scored by it: nobody sees it."""
_RECORDS = ("candidate_records", "feedback", "profiles", "person_decisions")
"""What is compared whole beside the results; what `manage.py check` proves by itself is left out."""
_NUMBERS = ("unread", "read", "possible_unread", "possible_read")
_SHOWN = 5
"""Differences of a kind that are printed."""
_AROUND = 80
"""Characters that are shown before and after the first one that differs."""
_PATIENCE_S = 120.0


class Outcome(msgspec.Struct):
    """What came of it.

    Attributes:
        results: By feed and resume, the stored document.
        counters: By feed, the stored numbers.
        records: By collection, its documents as texts, sorted.
    """

    results: dict[tuple[str, str], Any]
    counters: dict[str, Any]
    records: dict[str, list[str]]


async def outcome_of(database: Any) -> Outcome:
    """Read it, when there is quiet."""
    names = {str(row["_id"]): row["email"] async for row in database.accounts.find({}, {"email": 1})}
    placed: Counter[str] = Counter()
    feeds: dict[str, str] = {}
    async for row in database.feeds.find({}, {"owner": 1}).sort([("start_time", 1), ("_id", 1)]):
        name = f"{names.get(str(row['owner']))}, feed"
        placed[name] += 1
        feeds[str(row["_id"])] = f"{name} {placed[name]}"
    names |= feeds
    outcome = Outcome({}, {}, {})
    async for row in database.results.find({}):
        key = names.get(str(row["feed"]), str(row["feed"])), str(row["resume"])
        outcome.results[key] = plain(row, names)
    async for row in database.counters.find({}):
        for kind in _NUMBERS:
            for feed, number in row.get(kind, {}).items():
                if number and feed in feeds:
                    outcome.counters.setdefault(names[feed], {})[kind] = number
    for name in _RECORDS:
        rows = [plain(row, names) async for row in database[name].find({})]
        outcome.records[name] = sorted(repr(row) for row in rows if row.keys() != _EMPTY_RECORD)
    resumes = database.resumes.find({}, {"body": 1, "source": 1, "source_id": 1})
    outcome.records["resumes"] = sorted([f"{row['_id']} {plain(row, names)!r}" async for row in resumes])
    return outcome


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
        "results": list(_differences(one.results, other.results)),
        "numbers": list(_differences(one.counters, other.counters)),
        "records": list(_records_that_differ(one.records, other.records)),
    }


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
    mine, theirs = str(one), str(other)
    pairs = enumerate(zip(mine, theirs, strict=False))
    same = next((place for place, (a, b) in pairs if a != b), min(len(mine), len(theirs)))
    start = max(0, same - _AROUND)
    return f"...{mine[start : same + _AROUND]} and ...{theirs[start : same + _AROUND]}"


async def _read(url: str, name: str) -> Outcome:
    client = mongo.connect(url, patience_s=_PATIENCE_S)
    try:
        return await outcome_of(client[name])
    finally:
        client.close()


def main(argv: Sequence[str]) -> int:
    """Read both databases and print what differs; 1 where something does."""
    if len(argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    one, other = (asyncio.run(_read(url, name)) for url, name in (argv[:2], argv[2:]))
    found = compare(one, other)
    for kind, lines in found.items():
        print(f"{kind}: {len(lines)} differences", *lines[:_SHOWN], sep="\n  ")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
