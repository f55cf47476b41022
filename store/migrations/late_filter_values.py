"""Gives results of the release before what lists are filtered by: degree, years, schools, and the state.

Most results get these as all resumes are scored again under the rules of this release. What is not scored
again is looked for here: a result that somebody clicked on stays listed where it matches no more, and nothing
scores a feed that is out of service. The values are those of the resume's profile as that release stored it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId

from store.bulk import bulk_matched, set_each
from store.by_ids import chunks, find_by_ids
from store.mongo import Database
from store.paging import pages
from store.results.result_documents import UNDER
from store.results.results_by_day import until
from store.resumes.hunting_states import hunting_state
from store.shards.parts import in_parts

_FEEDS = 100
"""Feeds that are read in one go."""
_PART = 50
"""Results that are changed in one write; the embedded store takes a tenth of a second for them."""
_CLOCKS_DIFFER = timedelta(days=1)
"""Results of a day that has not begun yet by this machine's clock are looked at too."""
_FIELDS = {"resume": 1, "degree": 1}

# Where a profile, which is an array, has them. Fields of a profile are never moved.
_MONTHS, _DEGREE, _CLASSES = 15, 16, 19
_UNKNOWN: Mapping[str, Any] = {"degree": 0, "years": None, "schools": [], "hunting": ""}


async def give_filter_values(database: Database) -> None:
    """Give the values to what may never be scored again; repeating it, or a part of it, changes nothing.

    Raises:
        One of STORE_FAILURES: The store does not answer. A part of them may have theirs.
    """
    now = datetime.now(UTC)
    async for feeds in in_parts(database.feeds, {}, _FEEDS, {"expires_at": 1, "deleted": 1}):
        for feed in feeds:
            if feed.get("deleted"):
                continue
            expires_at = feed.get("expires_at")
            if expires_at and expires_at <= now:
                await _give_all(database, feed["_id"], now + _CLOCKS_DIFFER)
            else:
                async for rows in pages(database.results.find({"clicked": feed["_id"]}, _FIELDS)):
                    await _give(database, rows)


async def _give_all(database: Database, feed: ObjectId, moment: datetime) -> None:
    for deleted in (False, True, UNDER):
        which = {"feed": feed, "deleted": deleted}
        async for rows in until(database.results, which, _FIELDS, feed.generation_time, moment):
            await _give(database, rows)


async def _give(database: Database, rows: Iterable[Mapping[str, Any]]) -> None:
    for part in chunks([row for row in rows if "degree" not in row], _PART):
        found = await _values(database, [row["resume"] for row in part])
        fields = {row["_id"]: found[row["resume"]] for row in part}
        # Not what this release scores meanwhile, in another process.
        await bulk_matched(database.results, [set_each(fields, where={"degree": None})])


async def _values(database: Database, resumes: Sequence[ObjectId]) -> dict[ObjectId, Mapping[str, Any]]:
    """What resumes say, by id; nothing of those that are not analysed, which are scored again anyway."""
    profiles = await find_by_ids(database.profiles, resumes, {"data": 1})
    bodies = await find_by_ids(database.resumes, resumes, {"body.job_target.job_hunting_state": 1})
    texts = {one["_id"]: _text(one) for one in bodies}
    found: dict[ObjectId, Mapping[str, Any]] = dict.fromkeys(resumes, _UNKNOWN)
    for profile in profiles:
        array = msgspec.msgpack.decode(profile["data"])
        if len(array) > _CLASSES:
            months = array[_MONTHS]
            found[profile["_id"]] = {
                "degree": array[_DEGREE],
                "years": None if months is None else months // 12,
                "schools": list(array[_CLASSES]),
                "hunting": hunting_state(texts.get(profile["_id"], "")),
            }
    return found


def _text(resume: Mapping[str, Any]) -> str:
    target = resume.get("body", {}).get("job_target", {})
    text = target.get("job_hunting_state", "") if isinstance(target, dict) else ""
    return text if isinstance(text, str) else ""
