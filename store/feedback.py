"""Lessons: what each feed has learned, the clicks it learned from, and which feeds have to learn anew.

The clicks are what stands in the results (read, deleted with reasons) and in the dossiers (favourites).
A click marks its own document in the same write, so no process can die between the two; a mark that stays
is found by whoever looks next. A feed is learned in rounds:

    turn = await lessons.begin(feed_id)             # the marks that stand, before the clicks are read
    clicks = await lessons.clicks(user_id, feed_id)
    if await lessons.save(turn, ...):               # false: somebody else was faster, begin again
        await lessons.finish(turn)                  # takes those marks off, unless clicked again meanwhile

Every save moves the lesson's turn on, also where it changes nothing: a process that read older clicks can
then not write over it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from store.bulk import bulk
from store.by_ids import chunks, find_by_ids, object_ids, update_by_ids
from store.mongo import Collection, Database, changed_after
from store.paging import pages

MAX_CLICKS = 200
"""The newest clicks teach; older ones are forgotten."""

_NEVER = datetime.fromtimestamp(0, UTC)
_LEAST_ID = ObjectId("0" * 24)
PENDING_FEEDBACK: dict[str, Any] = {"untaught": True}
"""What a click sets in a result, beside `{"$inc": {"clicks": 1}}`. A dossier's `to_teach` names the feeds."""
DUE: dict[str, Any] = {"$set": {"due": True}, "$inc": {"turn": 1}}
"""What makes a feed learn anew where no click can say so; who is learning it begins again."""
FORGET: dict[str, Any] = {
    "$set": {"due": True, "data": b"", "resumes": [], "basis": ""},
    "$inc": {"turn": 1},
    "$currentDate": {"updated_at": True},
}
"""What takes everything out of a lesson until it is learned anew."""


Act = Literal["deleted", "favourite", "read"]


class Click(msgspec.Struct, frozen=True, kw_only=True):
    """A click that stands; a deletion counts more than a favourite, and that more than a read."""

    resume: str
    act: Act
    reasons: list[str]
    at: datetime


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A round of learning one feed: what was stored and which marks stood when it began.

    `basis` is the digest of the clicks that the stored lesson is of.
    """

    feed: str
    number: int
    data: bytes
    basis: str
    feed_rev: int
    version: str
    due: bool
    results: list[tuple[ObjectId, int]]
    candidate_records: list[tuple[ObjectId, int]]

    @property
    def is_needed(self) -> bool:
        """Whether anything was clicked since the feed was learned."""
        return self.due or bool(self.results or self.candidate_records)


class StoredModel(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson, in the engine's own encoding, of the rules that `version` names."""

    feed: str
    data: bytes
    version: str
    updated_at: datetime


class FeedbackStore:
    """The collection `lessons`, a document a feed, and the marks in `results` and `dossiers`."""

    def __init__(self, database: Database) -> None:
        self._lessons = database.lessons
        self._results = database.results
        self._dossiers = database.dossiers
        self._feeds = database.feeds

    async def due(self, limit: int) -> list[str]:
        """Feeds that have to learn anew, at most about `limit`."""
        found: set[str] = set()
        async for result in self._results.find({"untaught": True}, {"feed": 1}).limit(limit):
            found.add(str(result["feed"]))
        async for record in self._dossiers.find({"to_teach": {"$gt": _LEAST_ID}}).limit(limit):
            found.update(map(str, record["to_teach"]))
        async for model in self._lessons.find({"due": True}, {"_id": 1}).limit(limit):
            found.add(str(model["_id"]))
        return sorted(found)

    async def begin(self, feed_id: str) -> Round:
        """Begin a round, before the clicks are read."""
        feed = ObjectId(feed_id)
        model = await self._lessons.find_one({"_id": feed}) or {}
        marks = await self._results.find({"untaught": True, "feed": feed}, {"clicks": 1}).to_list(None)
        kept = await self._dossiers.find({"to_teach": feed}, {"clicks": 1}).to_list(None)
        return Round(
            feed=feed_id,
            number=model.get("turn", 0),
            data=model.get("data", b""),
            basis=model.get("basis", ""),
            feed_rev=model.get("feed_rev", 0),
            version=model.get("version", ""),
            due=model.get("due", False),
            results=[(mark["_id"], mark["clicks"]) for mark in marks],
            candidate_records=[(mark["_id"], mark["clicks"]) for mark in kept],
        )

    async def clicks(self, user_id: str, feed_id: str) -> list[Click]:
        """The newest `MAX_CLICKS` clicks that stand in a feed's list, one a resume, newest first."""
        user, feed = ObjectId(user_id), ObjectId(feed_id)
        found: dict[ObjectId, Click] = {}
        kinds: tuple[tuple[Act, Collection, dict[str, Any], str], ...] = (
            ("deleted", self._results, {"feed": feed, "deleted": True}, "deleted_at"),
            ("favourite", self._dossiers, {"user": user, "watched": True, "watch_feed": feed}, "watched_at"),
            ("read", self._results, {"feed": feed, "deleted": False, "read": True}, "read_at"),
        )
        for act, collection, which, at in kinds:
            cursor = collection.find(which, {"resume": 1, "reasons": 1, at: 1}).sort(at, -1).limit(MAX_CLICKS)
            async for row in cursor.batch_size(MAX_CLICKS):
                click = Click(
                    resume=str(row["resume"]),
                    act=act,
                    reasons=sorted(row.get("reasons", ())) if act == "deleted" else [],
                    at=row.get(at, _NEVER),
                )
                found.setdefault(row["resume"], click)
        newest = sorted(found.values(), key=lambda click: (click.at, click.resume), reverse=True)
        return newest[:MAX_CLICKS]

    async def save(
        self, round_: Round, clicks: Sequence[Click], data: bytes, *, feed_rev: int, version: str
    ) -> bool:
        """Store what was learned; false where the feed was learned since the round began.

        Args:
            round_: The round.
            clicks: What the lesson was learned from.
            data: The lesson.
            feed_rev: The revision of the feed that it was learned for.
            version: The rules that it was learned by.
        """
        fields = {
            "data": data,
            "resumes": [ObjectId(click.resume) for click in clicks],
            "basis": basis(clicks),
            "feed_rev": feed_rev,
            "version": version,
        }
        change: dict[str, Any] = {"$set": fields, "$inc": {"turn": 1}, "$unset": {"due": ""}}
        if not round_.number or (data, version) != (round_.data, round_.version):
            change["$currentDate"] = {"updated_at": True}
        try:
            outcome = await self._lessons.update_one(
                {"_id": ObjectId(round_.feed), "turn": round_.number}, change, upsert=not round_.number
            )
        except DuplicateKeyError:
            return False
        return bool(outcome.matched_count or outcome.upserted_id)

    async def finish(self, round_: Round) -> None:
        """Take off the marks that stood when a round began, where nobody has clicked since."""
        for part in chunks(round_.results):
            writes = [UpdateOne({"_id": i, "clicks": n}, {"$unset": {"untaught": ""}}) for i, n in part]
            await bulk(self._results, writes)
        feed = ObjectId(round_.feed)
        for part in chunks(round_.candidate_records):
            writes = [UpdateOne({"_id": i, "clicks": n}, {"$pull": {"to_teach": feed}}) for i, n in part]
            await bulk(self._dossiers, writes)

    async def drop(self, feed_id: str) -> None:
        """Delete the lesson of a feed that is no more."""
        await self._lessons.delete_one({"_id": ObjectId(feed_id)})

    async def set_pending(self, resume_ids: Sequence[str]) -> None:
        """Have the feeds learn anew in which somebody clicked on these resumes, which have changed."""
        ids = object_ids(resume_ids)
        clicked = {"$set": PENDING_FEEDBACK, "$inc": {"clicks": 1}}
        for state in ("read", "deleted"):
            await update_by_ids(self._results, ids, clicked, key="resume", where={state: True})
        watched = await find_by_ids(
            self._dossiers, ids, {"watch_feed": 1}, key="resume", where={"watched": True}
        )
        for part in chunks(watched):
            writes = [
                UpdateOne(
                    {"_id": row["_id"]}, {"$addToSet": {"to_teach": row["watch_feed"]}, "$inc": {"clicks": 1}}
                )
                for row in part
            ]
            await bulk(self._dossiers, writes)

    async def review(self, version: str) -> None:
        """Have all lessons of other rules learned anew, and those of feeds that are no more dropped."""
        async for rows in pages(self._lessons.find({}, {"version": 1})):
            ids = [row["_id"] for row in rows]
            feeds = await find_by_ids(self._feeds, ids, {"_id": 1}, where={"deleted": False})
            active = {feed["_id"] for feed in feeds}
            due = [row["_id"] for row in rows if row.get("version") != version or row["_id"] not in active]
            await update_by_ids(self._lessons, due, DUE)

    async def find(self, feed_ids: Iterable[str]) -> list[StoredModel]:
        """The lessons of these feeds; those that have none are left out."""
        return [_model_from(row) for row in await find_by_ids(self._lessons, object_ids(feed_ids), _SHORT)]

    async def each(self) -> AsyncIterator[StoredModel]:
        """Every lesson."""
        async for rows in pages(self._lessons.find({}, _SHORT)):
            for row in rows:
                yield _model_from(row)

    async def changed_since(self, watermark: datetime | None, overlap: timedelta) -> list[StoredModel]:
        """The lessons changed since `watermark` less an overlap; all of them where it is None."""
        rows = self._lessons.find(changed_after(watermark, overlap), _SHORT)
        return [_model_from(row) for row in await rows.to_list(None)]


_SHORT = {"data": 1, "version": 1, "updated_at": 1}


def basis(clicks: Sequence[Click]) -> str:
    """A digest of what a lesson was learned from, the same in whatever order; empty for nothing."""
    if not clicks:
        return ""
    rows = sorted((click.resume, click.act, click.reasons) for click in clicks)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


def _model_from(row: dict[str, Any]) -> StoredModel:
    return StoredModel(
        feed=str(row["_id"]),
        data=row.get("data", b""),
        version=row.get("version", ""),
        updated_at=row.get("updated_at", _NEVER),
    )
