"""Feedback models: what each feed has learned, from which clicks, and which feeds have to learn anew.

The clicks are what stands in the results (read, deleted with reasons) and in the candidate records
(favourites, verdicts of hand-overs). A click notes in its own document, in the same write, that its feed has
pending feedback: a process that is killed cannot lose one of the two, and whoever looks next finds it. A feed
learns in rounds:

    round_ = await feedback.begin(company_id, feed_id)  # what is pending, before the clicks are read
    clicks = await feedback.clicks(company_id, feed_id)
    if await feedback.save(round_, ...):             # false: another process was faster, begin again
        await feedback.finish(round_)                # that is no longer pending, unless clicked meanwhile

Every save gives the model the number of the next round, also where it changes nothing else. So a process
that has read older clicks cannot write over it.

A candidate record names the feeds that have pending feedback in `to_teach`. A result that was ever clicked
on has a list `clicked`. It holds the feed, and `pending_mark` of the feed while there is pending feedback. So
one sparse index finds what is pending, in all feeds or in one, and what was clicked on in a feed. Other
results are not in that index.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.bulk import bulk
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.documents import read_as
from store.gate import Gate
from store.mongo import Collection, Database, changed_after
from store.notes.candidate_records import teaching
from store.paging import pages
from store.results.result_documents import UNDER
from store.transactions import again_after_conflict

MAX_CLICKS = 200
"""A feed learns from its newest clicks; older ones no longer count. It bounds what a round reads, which is
done again after every click."""

DUE: dict[str, Any] = {"$set": {"due": True}, "$inc": {"round": 1}}
"""The change of a model that makes its feed learn anew where no click can say so. A round that is under way
begins again."""

FORGET: dict[str, Any] = {
    "$set": {"due": True, "data": b"", "resumes": [], "basis": ""},
    "$inc": {"round": 1},
    "$currentDate": {"updated_at": True},
}
"""The change that empties a model at once, as an erasure demands, until the feed has learned anew."""

ANY_PENDING: dict[str, Any] = {"clicked": {"$gte": "pending", "$lt": "pendinh"}}
"""The query for results with pending feedback of whatever feed: a text of the list begins with "pending"."""

_NEVER = datetime.fromtimestamp(0, UTC)
_LEAST_ID = ObjectId("0" * 24)

Act = Literal["deleted", "favourite", "read"]
_ACT_OF: Mapping[str, Act] = {"yes": "favourite", "no": "deleted"}
"""What a verdict teaches like; `maybe` teaches nothing."""


def pending_mark(feed: ObjectId) -> str:
    """What stands in the list `clicked` of a feed's result while the feed has to learn of a click on it."""
    return f"pending {feed}"


def clicked(feed: ObjectId) -> dict[str, Any]:
    """The part of a click's write that says that a result's feed has to learn of it.

    The number of clicks tells a round whether there was another one since.
    """
    return {"$addToSet": {"clicked": {"$each": [feed, pending_mark(feed)]}}, "$inc": {"clicks": 1}}


class Click(msgspec.Struct, frozen=True, kw_only=True):
    """A click that stands; a deletion counts more than a favourite, and that more than a read."""

    resume: str
    act: Act
    reasons: list[str]
    at: datetime


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A round of learning for one feed: what was stored, and what was pending, when it began.

    Attributes:
        number: Of the round; 0 where there is no model yet.
        basis: The digest of the clicks that it was learned from; see `basis`.
        feed_rev: The revision of the feed that it was learned for.
        version: The rules that it was learned by.
        due: Whether the feed has to learn anew whatever was clicked.
        results: The results with pending feedback, and the number of clicks on each.
        candidate_records: The same of candidate records.
    """

    feed: str
    company: str
    number: int = 0
    data: bytes = b""
    basis: str = ""
    feed_rev: int = 0
    version: str = ""
    due: bool = False
    results: list[tuple[ObjectId, int]]
    candidate_records: list[tuple[ObjectId, int]]

    @property
    def is_needed(self) -> bool:
        """Whether the feed has anything to learn."""
        return self.due or bool(self.results or self.candidate_records)


class StoredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the engine's own encoding, learned by the rules that `version` names."""

    feed: str
    data: bytes = b""
    version: str = ""
    updated_at: datetime = _NEVER


class FeedbackStore:
    """The models, a document a feed, and the pending feedback in results and candidate records."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gate = Gate(database)
        self._models = database.feedback
        self._results = database.results
        self._records = database.candidate_records
        self._feeds = database.feeds

    async def due(self, limit: int) -> dict[str, str]:
        """Feeds that have to learn anew: at most `limit` of each of the three ways to say so.

        Returns:
            By feed, in order, its company; "" where only its model says that it has to.
        """
        found: dict[str, str] = {}
        async for model in self._models.find({"due": True}, {"_id": 1}).limit(limit):
            found[str(model["_id"])] = ""
        async for record in self._records.find({"to_teach": {"$gt": _LEAST_ID}}).limit(limit):
            found |= dict.fromkeys(map(str, record["to_teach"]), str(record["company"]))
        async for result in self._results.find(ANY_PENDING, {"company": 1, "feed": 1}).limit(limit):
            found[str(result["feed"])] = str(result["company"])
        return dict(sorted(found.items()))

    async def which_learn(self, companies: Mapping[str, str]) -> set[str]:
        """Those of some feeds, given with their companies, that have a model or anything to learn; few do."""
        of = {ObjectId(feed): ObjectId(company) for feed, company in companies.items()}
        ids = list(of)
        models = await find_by_ids(self._models, ids, {"_id": 1})
        marks = {pending_mark(feed): company for feed, company in of.items()}
        results = await find_by_ids(self._results, marks, {"feed": 1}, key="clicked", companies=marks)
        records = await find_by_ids(self._records, ids, {"to_teach": 1}, key="to_teach", companies=of)
        found = {model["_id"] for model in models} | {result["feed"] for result in results}
        found.update(feed for record in records for feed in record["to_teach"])
        return {str(feed) for feed in found.intersection(ids)}

    async def begin(self, company_id: str, feed_id: str) -> Round:
        """Begin a round for a company's feed, before the clicks are read."""
        company, feed = ObjectId(company_id), ObjectId(feed_id)
        model = await self._models.find_one({"_id": feed}) or {}
        pending = {"clicked": pending_mark(feed), "company": company}
        results = await self._results.find(pending, {"clicks": 1}).to_list(None)
        taught = {"to_teach": feed, "company": company}
        records = await self._records.find(taught, {"clicks": 1}).to_list(None)
        return read_as(
            Round,
            model,
            feed=feed_id,
            company=company_id,
            number=model.get("round", 0),
            results=[(row["_id"], row["clicks"]) for row in results],
            candidate_records=[(row["_id"], row["clicks"]) for row in records],
        )

    async def clicks(self, company_id: str, feed_id: str) -> list[Click]:
        """The newest `MAX_CLICKS` clicks that stand in a feed's list, one a resume, newest first.

        Of several clicks on a resume a deletion counts before a favourite, and that before a read. What was
        said of it by a hand-over counts as the click that it teaches like, and behind the recruiter's own.
        """
        company, feed = ObjectId(company_id), ObjectId(feed_id)
        found: dict[ObjectId, Click] = {}
        said = await self._said(company, feed)
        # Those that stand under another result count as they were clicked on themselves.
        which_under = {"clicked": feed, "deleted": UNDER, "company": company}
        under = (
            await self._results.find(which_under, _CLICKED).sort("_id", -1).limit(MAX_CLICKS).to_list(None)
        )
        kinds: tuple[tuple[Act, Collection, dict[str, Any], str], ...] = (
            ("deleted", self._results, {"clicked": feed, "deleted": True, "company": company}, "deleted_at"),
            (
                "favourite",
                self._records,
                {"company": company, "watched": True, "watch_feed": feed},
                "watched_at",
            ),
            (
                "read",
                self._results,
                {"clicked": feed, "deleted": False, "read": True, "company": company},
                "read_at",
            ),
        )
        for act, collection, which, at in kinds:
            cursor = collection.find(which, {"resume": 1, "reasons": 1, at: 1}).sort(at, -1).limit(MAX_CLICKS)
            rows = await cursor.batch_size(MAX_CLICKS).to_list(None)
            for row in rows + [row for row in under if act == _act_under(row)]:
                click = Click(
                    resume=str(row["resume"]),
                    act=act,
                    reasons=sorted(row.get("reasons", ())) if act == "deleted" else [],
                    at=row.get(at, _NEVER),
                )
                found.setdefault(row["resume"], click)
            for click in said:
                if click.act == act:
                    found.setdefault(ObjectId(click.resume), click)
        newest = sorted(found.values(), key=lambda click: (click.at, click.resume), reverse=True)
        return newest[:MAX_CLICKS]

    async def _said(self, company: ObjectId, feed: ObjectId) -> list[Click]:
        """What was said last of people of a feed by hand-overs, as far as it teaches."""
        which = {"verdicts.feed": feed, "company": company}
        clicks = []
        for row in await self._records.find(which, {"resume": 1, "verdicts": 1}).to_list(None):
            last = max((one for one in row["verdicts"] if one["feed"] == feed), key=itemgetter("at"))
            if act := _ACT_OF.get(last["verdict"]):
                resume, reasons = str(row["resume"]), last["reasons"]
                clicks.append(Click(resume=resume, act=act, reasons=reasons, at=last["at"]))
        return clicks

    @again_after_conflict
    async def save(
        self, round_: Round, clicks: Sequence[Click], data: bytes, *, feed_rev: int, version: str
    ) -> bool:
        """Store what was learned; false where another round has ended since this one, or a resume is gone.

        For the arguments see `Round`; `data` is empty where nothing was learned.
        """
        fields = {
            "data": data,
            "resumes": [ObjectId(click.resume) for click in clicks],
            "basis": basis(clicks),
            "feed_rev": feed_rev,
            "version": version,
        }
        change: dict[str, Any] = {"$set": fields, "$inc": {"round": 1}, "$unset": {"due": ""}}
        # Processes poll for `updated_at`: they need not read anew what is the same.
        if not round_.number or (data, version) != (round_.data, round_.version):
            change["$currentDate"] = {"updated_at": True}
        async with self._database.transaction():
            resumes = {click.resume for click in clicks}
            if resumes - await self._gate.spared(resumes):
                return False
            stored = await self._models.find_one({"_id": ObjectId(round_.feed)}, {"round": 1}) or {}
            if stored.get("round", 0) != round_.number:
                return False
            await self._models.update_one({"_id": ObjectId(round_.feed)}, change, upsert=True)
            await self._gate.enter()
        return True

    async def finish(self, round_: Round) -> None:
        """Note that what was pending when a round began is learned, except where somebody clicked since."""
        feed, own = ObjectId(round_.feed), {"company": ObjectId(round_.company)}
        learned, of_feed = {"$pull": {"clicked": pending_mark(feed)}}, {**own, "feed": feed}
        await bulk(
            self._results,
            [UpdateOne({"_id": id_, **of_feed, "clicks": n}, learned) for id_, n in round_.results],
        )
        taught = {"$pull": {"to_teach": feed}}
        await bulk(
            self._records,
            [UpdateOne({"_id": id_, **own, "clicks": n}, taught) for id_, n in round_.candidate_records],
        )

    async def drop(self, feed_id: str) -> None:
        """Delete the model of a feed that is no more."""
        await self._models.delete_one({"_id": ObjectId(feed_id)})

    async def set_pending(self, resume_ids: Sequence[str]) -> None:
        """Make the feedback on these resumes, which have changed, pending again in all feeds that had any."""
        ids = object_ids(resume_ids)
        which = {"clicked": {"$exists": True}}
        results = await find_by_ids(self._results, ids, {"company": 1, "feed": 1}, key="resume", where=which)
        await bulk(self._results, [UpdateOne(row, clicked(row["feed"])) for row in results])
        records = dict[ObjectId, dict[str, Any]]()
        fields = dict.fromkeys(("company", "watched", "watch_feed", "verdicts.feed"), 1)
        for where in ({"watched": True}, {"verdicts.feed": {"$exists": True}}):
            rows = await find_by_ids(self._records, ids, fields, key="resume", where=where)
            records |= {row["_id"]: row for row in rows}
        await bulk(self._records, [_teaching_again(record) for record in records.values()])

    async def review(self, version: str) -> None:
        """Have feeds learn anew whose models are of other rules than `version`, or that are no more.

        The learner drops the model of a feed that it does not find.
        """
        async for rows in pages(self._models.find({}, {"version": 1})):
            ids = [row["_id"] for row in rows]
            feeds = await find_by_ids(self._feeds, ids, {"_id": 1}, where={"deleted": False})
            active = {feed["_id"] for feed in feeds}
            due = [row["_id"] for row in rows if row.get("version") != version or row["_id"] not in active]
            await update_by_ids(self._models, due, DUE)

    async def find(self, feed_ids: Iterable[str]) -> list[StoredModel]:
        """The models of these feeds; feeds without one are left out."""
        return [_model_from(row) for row in await find_by_ids(self._models, object_ids(feed_ids), _SHORT)]

    async def each(self) -> AsyncIterator[StoredModel]:
        """Every model."""
        async for rows in pages(self._models.find({}, _SHORT)):
            for row in rows:
                yield _model_from(row)

    async def changed_since(self, watermark: datetime | None, overlap: timedelta) -> list[StoredModel]:
        """The models changed since `watermark` less an overlap; all of them where it is None."""
        rows = self._models.find(changed_after(watermark, overlap), _SHORT)
        return [_model_from(row) for row in await rows.to_list(None)]


_CLICKED = dict.fromkeys(("resume", "reasons", "read", "own_deleted", "deleted_at", "read_at"), 1)


def _act_under(row: Mapping[str, Any]) -> Act | None:
    """What was done to a result that stands under another."""
    return "deleted" if row["own_deleted"] else "read" if row["read"] else None


def _teaching_again(record: Mapping[str, Any]) -> UpdateOne:
    """The write that has feeds learn again of a favourite, and of what was said by hand-overs."""
    feeds = [one["feed"] for one in record.get("verdicts", ())]
    if record.get("watched"):
        feeds.append(record["watch_feed"])
    return UpdateOne({"_id": record["_id"], "company": record["company"]}, teaching(*feeds))


_SHORT = {"data": 1, "version": 1, "updated_at": 1}


def basis(clicks: Sequence[Click]) -> str:
    """A digest of the clicks that a model was learned from, the same in whatever order; empty for none."""
    if not clicks:
        return ""
    rows = sorted((click.resume, click.act, click.reasons) for click in clicks)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def _model_from(row: dict[str, Any]) -> StoredModel:
    return read_as(StoredModel, row, feed=str(row["_id"]))
