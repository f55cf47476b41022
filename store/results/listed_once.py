"""Keeps a person once in each list of a company: each member's favourites, and those whom it has marked.

    await listed_once.settle([resume])

A list has records, and a person may have several, one a resume. One of them stands for the person: for
favourites the first, for marks the latest. The others keep what they have, and say under which resume they
are. So a list's index and its count have a person once, and a part gives each back its own. What has to be is
a function of the records and of who is one person; it is made so whenever either changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.by_ids import find_by_ids, object_ids
from store.mongo import Database
from store.notes.candidate_records import teaching
from store.persons.person_entries import PersonEntries
from store.results.result_counters import ResultCounters
from store.transactions import again_after_conflict

Record = Mapping[str, Any]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One list of a company.

    Attributes:
        since: The field that says since when a record is in it.
        whose: The field that says whose list it is; "" where the company has one.
        under: The field that says under which resume a record is.
        is_latest_first: Whether the latest record stands for the person, or the first.
        listed: The fields of a record that stands for its person.
        flags: The names of these fields, which the others lack.
        touch: What else to change where either changes.
    """

    since: str
    under: str
    whose: str = ""
    is_latest_first: bool
    listed: Callable[[Record], dict[str, Any]]
    flags: tuple[str, ...]
    touch: Callable[[Record], dict[str, Any]] = lambda _: {}


def _marked(record: Record) -> dict[str, Any]:
    by = record.get("marked_by", record["company"])
    return {"marked_of": by, **({"remind_of": by} if record.get("remind_on") else {})}


FAVOURITES = Kept(
    since="watched_at",
    under="watch_under",
    whose="watcher",
    is_latest_first=False,
    listed=lambda _: {"watched": True},
    flags=("watched",),
    touch=lambda record: teaching(record["watch_feed"]),
)
MARKED = Kept(
    since="marked_at",
    under="marked_under",
    is_latest_first=True,
    listed=_marked,
    flags=("marked_of", "remind_of"),
)

_FIELDS = dict.fromkeys(
    ("company", "resume", "watcher", "watch_feed", "marked_by", "remind_on", *(
        name for kept in (FAVOURITES, MARKED) for name in (kept.since, kept.under, *kept.flags)
    )), 1,
)  # fmt: skip


class ListedOnce:
    """The collection `candidate_records`, as far as records of one person have to do with each other."""

    def __init__(self, database: Database, counters: ResultCounters, entries: PersonEntries) -> None:
        self._records = database.candidate_records
        self._counters = counters
        self._entries = entries

    async def settle(self, resume_ids: Collection[str], company_id: str | None = None) -> None:
        """Settle the lists of all companies that have some resumes in them, or of one company."""
        if company_id is None:
            kept = {kept.since for kept in (FAVOURITES, MARKED)}
            fields = dict.fromkeys(("company", *kept), 1)
            rows = await find_by_ids(self._records, object_ids(resume_ids), fields, key="resume")
            companies = {str(row["company"]) for row in rows if not kept.isdisjoint(row)}
        else:
            companies = {company_id}
        for company in sorted(companies):
            await self._settle(resume_ids, company)

    @again_after_conflict
    async def _settle(self, resume_ids: Collection[str], company_id: str) -> None:
        async with self._counters.noting(company_id):
            for kept in (FAVOURITES, MARKED):
                await bulk(self._records, await self._unsettled(kept, resume_ids, company_id))

    async def _unsettled(self, kept: Kept, resume_ids: Collection[str], company_id: str) -> list[UpdateOne]:
        where = {kept.since: {"$exists": True}, "company": ObjectId(company_id)}
        ids = object_ids(resume_ids)
        rows = await find_by_ids(self._records, ids, {"resume": 1}, key="resume", where=where)
        if not rows:
            return []
        asked = {str(row["resume"]) for row in rows}
        seen = (await self._entries.seen_by({company_id: asked}))[company_id]
        persons = {frozenset((resume, *others)) for resume, others in seen.items()}
        resumes = object_ids(sorted({resume for person in persons for resume in person}))
        of_resume: dict[str, list[Record]] = {}
        for found in await find_by_ids(self._records, resumes, _FIELDS, key="resume", where=where):
            of_resume.setdefault(str(found["resume"]), []).append(found)
        changes = []
        for person in persons:
            lists: dict[Any, list[Record]] = {}
            for resume in person:
                for record in of_resume.get(resume, ()):
                    lists.setdefault(record.get(kept.whose), []).append(record)
            for records in lists.values():
                changes += arrange(records, kept)
        return changes


def arrange(records: Sequence[Record], kept: Kept) -> list[UpdateOne]:
    """What has to change so that one of a person's records is in a list and the others are under it."""
    in_order = sorted(records, key=lambda one: (one[kept.since], one["_id"]), reverse=kept.is_latest_first)
    changes = []
    for position, one in enumerate(in_order):
        fields = {kept.under: in_order[0]["resume"]} if position else kept.listed(one)
        others = {name for name in (kept.under, *kept.flags) if name not in fields}
        if not (fields.items() <= one.items() and others.isdisjoint(one)):
            change = {"$set": fields, "$unset": dict.fromkeys(sorted(others), "")}
            changes.append(
                UpdateOne({"_id": one["_id"], "company": one["company"]}, change | kept.touch(one))
            )
    return changes
