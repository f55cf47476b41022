"""What must always hold of the stored data; `manage.py check` looks at every document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from runtime.clock import day_of
from store.audit.check import AuditCheck
from store.feeds.feed_documents import CALCED
from store.feeds.feedback import FeedbackStore, basis
from store.files.originals import broken_originals
from store.ids import favourite_id, result_id
from store.jobs.jobs import id_of
from store.mongo import Database
from store.paging import pages
from store.persons.person_lists import PersonCheck
from store.persons.persons import Persons
from store.results.counter_documents import KINDS, Change, Counts, count_results, counts_from
from store.results.result_documents import shown_of

_ENDED_WITHIN = timedelta(minutes=1)
"""What ended less long ago may not be finished yet, and is nothing to report. Processes look for what is
unfinished every few seconds, so within a minute it is, whatever died in it."""

_RECHECKS = 3
"""How often something is looked at again before it is reported. Beside a running server two reads may fall
on both sides of a write; they hardly do so three times."""

# What is about a resume: the collection, its field with the resume's id, its field with the revision.
_ABOUT = {
    "contacts": ("_id", "rev"),
    "profiles": ("_id", "rev"),
    "results": ("resume", "resume_rev"),
    "candidate_records": ("resume", ""),
}


class Invariants:
    """Reads every collection once; writes nothing. Safe beside a running server."""

    def __init__(self, database: Database, audit: AuditCheck, persons: Persons) -> None:
        self._audit = audit
        self._persons = persons
        self._database = database
        self._counters = database.counters
        self._feedback = FeedbackStore(database)

    async def broken(self, tick: Callable[[str], None] = lambda _: None) -> AsyncIterator[str]:
        """Give a line for each broken invariant.

        Args:
            tick: Called with a collection's name for each of its documents.
        """
        feeds = {document["_id"]: document async for document in self._each("feeds", tick)}
        erased = {}
        async for tombstone in self._each("erasures", tick):
            erased[tombstone["_id"]] = tombstone["rev"]
        async for line in self._broken_companies(tick):
            yield line
        backfills = set[str]()
        async for job in self._each("jobs", tick):
            if job["kind"] == "backfill":
                backfills.add(job["key"])
            since: datetime = job.get("lease") or job.get("due") or datetime.now(UTC)
            if job["kind"] in {"deletion", "merger"} and since <= datetime.now(UTC) - _ENDED_WITHIN:
                yield f"{job['kind']} of {job['key']} is not finished"
        resumes = {
            document["_id"]: document.get("pending", False)
            async for document in self._each("resumes", tick, {"pending": 1})
        }
        contacts, persons = set(), PersonCheck(self._persons.entries, self._persons.lists)
        async for contact in self._each("contacts", tick, {"rev": 1, "keys": 1, "apart": 1}):
            contacts.add(contact["_id"])
            persons.note_contact(contact, waits=resumes.get(contact["_id"], False))
            if wrong := await self._astray("contacts", contact, resumes, erased):
                yield f"contact {contact['_id']} {wrong}"
        for resume in resumes:
            if resume not in contacts and await self._lacks_contact(resume):
                yield f"resume {resume} has no contact"
        async for line in broken_originals(self._database, tick):
            yield line
        async for profile in self._each("profiles", tick, {"rev": 1}):
            if wrong := await self._astray("profiles", profile, resumes, erased):
                yield f"profile {profile['_id']} {wrong}"
        async for record in self._each("candidate_records", tick, {"company": 1, "resume": 1, "watcher": 1}):
            if wrong := await self._astray("candidate_records", record, resumes, erased):
                yield f"candidate record {record['_id']} {wrong}"
            company = str(record["company"])
            whose = str(record.get("watcher", company))
            if str(record["_id"]) != favourite_id(company, str(record["resume"]), whose):
                yield f"candidate record {record['_id']} has an id of something else"
        async for handover in self._each("handovers", tick, {"resumes": 1}):
            for gone in [id_ for id_ in handover["resumes"] if id_ not in resumes]:
                if await self._still_shows(handover["_id"], gone):
                    yield f"hand-over {handover['_id']} has somebody who is gone"
        for feed_id, feed in feeds.items():
            has_job = str(feed_id) in backfills
            if _disagrees(feed, has_job=has_job) and await self._still_disagrees(feed_id):
                state = "is not scored and has" if has_job else "waits to be scored without"
                yield f"feed {feed_id} {state} a job"
        models = {model["_id"] async for model in self._each("feedback", tick, {"_id": 1})}
        for feed_id, feed in feeds.items():
            if not feed["deleted"] and await self._has_to_learn(feed):
                yield f"feed {feed_id} has a feedback model that its clicks do not give"
            elif feed["deleted"] and feed_id in models and await self._keeps_model(feed):
                yield f"feed {feed_id} is deleted and still has a feedback model"
        for feed_id in models - feeds.keys():
            yield f"feedback model {feed_id} has no feed"
        changes: defaultdict[str, Change] = defaultdict(Change)
        async for result in self._each("results", tick):
            changes[str(result["feed"])].add(result, 1)
            persons.note_result(result)
            if wrong := await self._astray("results", result, resumes, erased):
                yield f"result {result['_id']} {wrong}"
            for line in _broken_result(result, feeds):
                yield line
        async for line in persons.broken():
            yield line
        listed = Counts().plus(changes)
        active = defaultdict(set)
        for feed_id, feed in feeds.items():
            if not feed["deleted"]:
                active[feed["company"]].add(str(feed_id))
        async for document in self._each("counters", tick):
            mine = active[document["_id"]]
            if _miscounted(counts_from(document), listed, mine):
                for line in await self._miscounts(document["_id"], mine):
                    yield line
        async for line in self._audit.broken(tick):
            yield line

    async def _broken_companies(self, tick: Callable[[str], None]) -> AsyncIterator[str]:
        """Companies in which nobody is, and accounts in none that is there."""
        companies = {one["_id"] async for one in self._each("companies", tick, {"_id": 1})}
        accounts = self._each("accounts", tick, {"company_id": 1})
        for id_ in companies ^ {account["company_id"] async for account in accounts}:
            # Once more: accounts come and go meanwhile.
            company, account = await self._now(companies={"_id": id_}, accounts={"company_id": id_})
            if account and not company:
                yield f"account {account['_id']} is in company {id_}, which is not there"
            elif company and not account:
                yield f"company {id_} has no account"

    async def _miscounts(self, company: ObjectId, feeds: Collection[str]) -> list[str]:
        """The lists of which a company's counter and its results differ, both read in one snapshot."""
        async with self._database.transaction():
            counts = counts_from(await self._counters.find_one({"_id": company}) or {})
            listed = await count_results(self._database, company)
        return [
            f"feed {feed} counts {_said(counts, feed)}, its list has {_said(listed, feed)}"
            for feed in _miscounted(counts, listed, feeds)
        ]

    async def _still_disagrees(self, feed_id: ObjectId) -> bool:
        """Whether a feed and the job of its backfill contradict each other."""
        feed, job = await self._now(feeds={"_id": feed_id}, jobs={"_id": id_of("backfill", str(feed_id))})
        return feed is not None and _disagrees(feed, has_job=job is not None)

    async def _has_to_learn(self, feed: Mapping[str, Any]) -> bool:
        """Whether a feed's model is not of the clicks that stand, and nothing says that it has to learn."""
        feed_id, company_id = str(feed["_id"]), str(feed["company"])
        for _ in range(_RECHECKS):
            round_ = await self._feedback.begin(company_id, feed_id)
            clicks = await self._feedback.clicks(company_id, feed_id)
            is_of_older_form = round_.feed_rev < feed["rev"] and round_.number and feed["progress"] == CALCED
            if round_.is_needed or (round_.basis == basis(clicks) and not is_of_older_form):
                return False
        return True

    async def _keeps_model(self, feed: Mapping[str, Any]) -> bool:
        """Whether the model of a deleted feed is still there, and has been for long."""
        if feed["updated_at"] > datetime.now(UTC) - _ENDED_WITHIN:
            return False
        return not (await self._feedback.begin(str(feed["company"]), str(feed["_id"]))).is_needed

    async def _astray(
        self, name: str, document: Mapping[str, Any], resumes: Mapping[Any, bool], erased: Mapping[Any, int]
    ) -> str:
        """What is wrong with the resume that a document is about; empty where nothing is.

        Beside a running server resumes arrive and are erased. So what looks wrong by what was read before is
        looked at again.
        """
        key, rev_field = _ABOUT[name]
        id_ = document[key]
        # A candidate record has no revision: it goes when the resume goes.
        rev = document[rev_field] if rev_field else float("inf")
        if id_ in resumes and rev > erased.get(id_, 0):
            return ""
        which = {field: document[field] for field in ("_id", "company") if field in document}
        there, resume, tombstone = await self._now(
            **{name: which}, resumes={"_id": id_}, erasures={"_id": id_}
        )
        if there is None:
            return ""
        if resume is None:
            return "has no resume"
        return "is of an erased resume" if tombstone and rev <= tombstone["rev"] else ""

    async def _still_shows(self, handover: ObjectId, resume: ObjectId) -> bool:
        """Whether a hand-over has a resume that is not there."""
        shown, there = await self._now(handovers={"_id": handover}, resumes={"_id": resume})
        return shown is not None and resume in shown["resumes"] and there is None

    async def _lacks_contact(self, resume: Any) -> bool:
        contact, there = await self._now(contacts={"_id": resume}, resumes={"_id": resume})
        return contact is None and there is not None

    async def _now(self, **which: Mapping[str, Any]) -> list[dict[str, Any] | None]:
        """A document of each collection, as all are at one moment."""
        async with self._database.transaction():
            return [await self._database[name].find_one(query) for name, query in which.items()]

    async def _each(
        self, name: str, tick: Callable[[str], None], projection: dict[str, int] | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        async for page in pages(self._database[name].find({}, projection)):
            for document in page:
                tick(name)
                yield document


def _miscounted(counts: Counts, listed: Counts, feeds: Collection[str]) -> list[str]:
    """Those of the feeds of which two counts differ."""
    return sorted(
        feed
        for feed in feeds
        if any(getattr(counts, kind).get(feed, 0) != getattr(listed, kind).get(feed, 0) for kind in KINDS)
    )


def _said(counts: Counts, feed: str) -> str:
    return ", ".join(f"{getattr(counts, kind).get(feed, 0)} {kind.replace('_', ' ')}" for kind in KINDS)


def _disagrees(feed: Mapping[str, Any], *, has_job: bool) -> bool:
    """Whether a feed that is not scored has a backfill to be done, or one that waits for it has none."""
    if has_job:
        return bool(feed["deleted"] or feed.get("paused"))
    return not feed["deleted"] and bool(feed["progress"] < CALCED)


def _broken_result(result: dict[str, Any], feeds: dict[Any, Any]) -> list[str]:
    lines = []
    name = f"result {result['_id']}"
    feed = feeds.get(result["feed"])
    if feed is None:
        lines.append(f"{name} has no feed")
    elif (
        # Of a feed that goes into another company, see `mergers`, results go before it, and late ones follow.
        result["company"] not in {feed["company"], feed.get("moves_to"), feed.get("moved_from")}
        or result["feed_rev"] > feed["rev"]
    ):
        lines.append(f"{name} does not fit its feed")
    if str(result["_id"]) != result_id(str(result["feed"]), str(result["resume"])):
        lines.append(f"{name} has an id of something else")
    if result["day"] != day_of(result["pub_time"]):
        lines.append(f"{name} is listed under another day")
    shown = shown_of(result)
    is_barred = any(one.state == "unmet" for one in shown.requirements)
    if (result["send"] or result["partner"]) and result.get("possible") and not is_barred:
        lines.append(f"{name} was sent, leaves nothing unmet, and is only possible")
    if not 0 <= result.get("fit", 0) <= 1:
        lines.append(f"{name} has a fit of {result['fit']}")
    why = shown.why
    if why and abs(sum(row.points for row in why) - result["score"]) > 0.006:
        lines.append(f"{name} has reasons that do not add up to its score")
    return lines
