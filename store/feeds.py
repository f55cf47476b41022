"""Feeds: what recruiters ask for, their revision, and the work that a new revision means.

A feed whose `rev` is new carries `backfill_due`: a lease that any process may take once its time
has come. `updated_at` is set by MongoDB's own clock, so processes that poll for changes need not
agree on the time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.errors import NotFound, QuotaUsedUp
from store.ids import is_id
from store.mongo import Database, changed_after
from store.paging import pages

# A feed's last click is always written; processes learn of it at most so often, and count a feed
# as live for this much longer than it is, so that none stops scoring it too early.
CLICK_NEWS_AFTER = timedelta(hours=1)
# Changes are polled with this overlap: a write may become visible after one with a later time.
POLL_OVERLAP = timedelta(seconds=10)
# Feeds in a page: a job description has up to some thousand characters.
_PAGE = 500


class Choice(msgspec.Struct, frozen=True):
    """One chosen option of a list: its stable id and the name it had."""

    id: int
    name: str


class FeedForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a recruiter fills in; empty means no wish. Salaries are yuan a month."""

    title: str
    job_desc: str = ""
    keywords: list[str] = []
    skill_required: str = ""
    salary_min: int = 0
    salary_max: int = 1_000_000
    talent_level: list[str] = []
    expect_area: list[str] = []
    job_welfare: list[str] = []
    company_prefer: list[Choice] = []
    job_domain: list[Choice] = []
    categorys: list[Choice] = []
    analyze_job_domain: list[Choice] = []


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """One feed. `rev` grows with every submit; `calced` is false until it is scored against all resumes."""

    id: str
    user: str
    rev: int
    form: FeedForm
    start_time: datetime
    expires_at: datetime
    last_click_time: datetime
    updated_at: datetime
    progress: float
    calced: bool
    deleted: bool
    vip: bool
    partner: bool

    def has_expired(self, now: datetime) -> bool:
        """Whether the feed's service has ended."""
        return self.expires_at <= now

    def is_idle(self, now: datetime, idle_after: timedelta) -> bool:
        """Whether the feed was not opened for so long that it is not scored."""
        return self.last_click_time + idle_after <= now


class FeedState(msgspec.Struct, frozen=True):
    """Of a feed what a socket tells."""

    id: str
    progress: float
    calced: bool


class Feeds:
    """The collection `feeds`. A foreign, deleted or unknown id is `NotFound` alike."""

    def __init__(self, database: Database) -> None:
        self._feeds = database.feeds

    async def create(self, user_id: str, form: FeedForm, *, quota: int, service_days: int, vip: bool) -> Feed:
        """Add a feed in a free slot of its account; two submits at once cannot share the last one.

        Raises:
            QuotaUsedUp: `quota` live feeds are there.
        """
        user, _id, now = ObjectId(user_id), ObjectId(), datetime.now(UTC)
        await self._free_expired_slots(user, now)
        for _ in range(quota + 1):
            taken = await self._taken_slots(user)
            if len(taken) >= quota:  # a quota that was lowered leaves slots beyond it
                break
            slot = next(slot for slot in range(quota) if slot not in taken)
            try:
                document = await self._feeds.find_one_and_update(
                    {"_id": _id},
                    {
                        "$setOnInsert": {
                            "user": user,
                            "slot": slot,
                            "rev": 1,
                            "form": msgspec.to_builtins(form),
                            "start_time": now,
                            "expires_at": now + timedelta(days=service_days),
                            "last_click_time": now,
                            "progress": 0.0,
                            "backfill_due": now,
                            "deleted": False,
                            "vip": vip,
                            "partner": False,
                        },
                        "$currentDate": {"updated_at": True},
                    },
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue  # somebody took this slot in between
            return feed_from(document)
        raise QuotaUsedUp(f"account {user_id} has {quota} live feeds")

    async def update(self, user_id: str, feed_id: str, form: FeedForm) -> None:
        """Replace a feed's form; it is scored again from then on.

        Raises:
            NotFound: The account has no such feed.
        """
        now = datetime.now(UTC)
        outcome = await self._feeds.update_one(
            _own(user_id, feed_id),
            new_revision(now, form=msgspec.to_builtins(form), last_click_time=now),
        )
        if not outcome.matched_count:
            raise NotFound(f"no feed {feed_id}")

    async def get(self, user_id: str, feed_id: str) -> Feed:
        """Get one of the account's feeds.

        Raises:
            NotFound: The account has no such feed.
        """
        document = await self._feeds.find_one(_own(user_id, feed_id))
        if document is None:
            raise NotFound(f"no feed {feed_id}")
        return feed_from(document)

    async def require_owned(self, user_id: str, feed_id: str) -> None:
        """Check that a feed is the account's; one that it deleted still is.

        Raises:
            NotFound: The account never had such a feed.
        """
        if await self._feeds.find_one(_ever_own(user_id, feed_id), {"_id": 1}) is None:
            raise NotFound(f"no feed {feed_id}")

    async def list_for(self, user_id: str) -> list[Feed]:
        """The account's feeds, newest first."""
        cursor = self._feeds.find({"user": ObjectId(user_id), "deleted": False})
        documents = await cursor.sort([("start_time", -1), ("_id", -1)]).to_list(None)
        return [feed_from(document) for document in documents]

    async def states_for(self, user_ids: Sequence[str]) -> dict[str, list[FeedState]]:
        """The feeds of several accounts, newest first; an account without feeds is left out."""
        documents = await find_by_ids(
            self._feeds,
            object_ids(user_ids),
            {**_STATE, "user": 1, "start_time": 1},
            key="user",
            where={"deleted": False},
        )
        documents.sort(key=lambda document: (document["start_time"], document["_id"]), reverse=True)
        states: dict[str, list[FeedState]] = {}
        for document in documents:
            states.setdefault(str(document["user"]), []).append(_state_from(document))
        return states

    async def states(self, feed_ids: Sequence[str]) -> dict[str, FeedState]:
        """Those of the feeds that exist and are not deleted, whoever owns them."""
        documents = await find_by_ids(self._feeds, object_ids(feed_ids), _STATE, where={"deleted": False})
        return {str(document["_id"]): _state_from(document) for document in documents}

    async def has_free_slot(self, user_id: str, quota: int) -> bool:
        """Whether the account may have one more live feed."""
        user = ObjectId(user_id)
        await self._free_expired_slots(user, datetime.now(UTC))
        return len(await self._taken_slots(user)) < quota

    async def open(self, user_id: str, feed_id: str, idle_after: timedelta) -> tuple[Feed, bool]:
        """Note that the recruiter looked at the feed; an idle one is scored again, as nothing scored it.

        Returns:
            The feed as it now is, and whether it was idle and has to catch up.

        Raises:
            NotFound: The account has no such feed.
        """
        now, own = datetime.now(UTC), _own(user_id, feed_id)
        before = await self.get(user_id, feed_id)
        if before.is_idle(now, idle_after):
            # One write, or a process that dies in between leaves a feed that is awake and never caught up.
            outcome = await self._feeds.update_one(
                {**own, "last_click_time": {"$lte": now - idle_after}},
                new_revision(now, last_click_time=now),
            )
            if outcome.matched_count:
                return await self.get(user_id, feed_id), True
        change: dict[str, Any] = {"$set": {"last_click_time": now}}
        if before.last_click_time < now - CLICK_NEWS_AFTER:
            change["$currentDate"] = {"updated_at": True}
        await self._feeds.update_one(own, change)
        return msgspec.structs.replace(before, last_click_time=now), False

    async def delete(self, user_id: str, feed_id: str) -> None:
        """Take a feed off the account's list and give its slot back; harmless when that was done before.

        Raises:
            NotFound: The account never had such a feed.
        """
        own = _ever_own(user_id, feed_id)
        outcome = await self._feeds.update_one(
            {**own, "deleted": False},
            {
                "$set": {"deleted": True},
                "$unset": {"slot": "", "backfill_due": "", "backfill_by": ""},
                "$currentDate": {"updated_at": True},
            },
        )
        if not outcome.matched_count and await self._feeds.find_one(own, {"_id": 1}) is None:
            raise NotFound(f"no feed {feed_id}")

    async def find_active(self, feed_ids: Sequence[str]) -> dict[str, Feed]:
        """Those of the feeds that exist and are not deleted, whoever owns them."""
        documents = await find_by_ids(self._feeds, object_ids(feed_ids), where={"deleted": False})
        return {str(document["_id"]): feed_from(document) for document in documents}

    async def mark_partner(self, feed_ids: Sequence[str]) -> None:
        """Note that partners recommend people for the feeds."""
        await update_by_ids(self._feeds, object_ids(feed_ids), {"$set": {"partner": True}})

    async def all_active(self) -> AsyncIterator[Feed]:
        """Every feed that is not deleted, in id order, read in pages."""
        async for page in pages(self._feeds, where={"deleted": False}, size=_PAGE):
            for document in page:
                yield feed_from(document)

    async def changed_since(self, watermark: datetime | None, overlap: timedelta) -> list[Feed]:
        """The feeds changed since `watermark` less an overlap, deleted ones among them.

        Args:
            watermark: The greatest `updated_at` seen so far; None means nothing was seen.
            overlap: How far back behind it to look.
        """
        documents = await self._feeds.find(changed_after(watermark, overlap)).to_list(None)
        return [feed_from(document) for document in documents]

    async def count(self) -> int:
        """How many live feeds there are."""
        return int(await self._feeds.count_documents({"deleted": False}))

    async def _taken_slots(self, user: ObjectId) -> set[int]:
        documents = await self._feeds.find({"user": user, "slot": {"$exists": True}}, {"slot": 1}).to_list(
            None
        )
        return {document["slot"] for document in documents}

    async def _free_expired_slots(self, user: ObjectId, now: datetime) -> None:
        await self._feeds.update_many(
            {"user": user, "slot": {"$exists": True}, "expires_at": {"$lte": now}}, {"$unset": {"slot": ""}}
        )


def _ever_own(user_id: str, feed_id: str) -> dict[str, Any]:
    if not is_id(feed_id):
        raise NotFound(f"no feed {feed_id}")
    return {"_id": ObjectId(feed_id), "user": ObjectId(user_id)}


def _own(user_id: str, feed_id: str) -> dict[str, Any]:
    return {**_ever_own(user_id, feed_id), "deleted": False}


_STATE = {"progress": 1, "backfill_due": 1}


def _state_from(document: dict[str, Any]) -> FeedState:
    return FeedState(str(document["_id"]), document["progress"], "backfill_due" not in document)


def new_revision(now: datetime, **fields: Any) -> dict[str, Any]:
    """The change that gives a feed a new revision, which waits to be scored against all resumes.

    It takes the lease from whoever scores the revision before.

    Args:
        now: Since when it waits.
        fields: What else changes.
    """
    return {
        "$set": {**fields, "progress": 0.0, "backfill_due": now},
        "$unset": {"backfill_by": ""},
        "$inc": {"rev": 1},
        "$currentDate": {"updated_at": True},
    }


def feed_from(document: dict[str, Any]) -> Feed:
    """A feed from its document."""
    return Feed(
        id=str(document["_id"]),
        user=str(document["user"]),
        rev=document["rev"],
        form=msgspec.convert(document["form"], FeedForm),
        start_time=document["start_time"],
        expires_at=document["expires_at"],
        last_click_time=document["last_click_time"],
        updated_at=document["updated_at"],
        progress=document["progress"],
        calced="backfill_due" not in document,
        deleted=document["deleted"],
        vip=document["vip"],
        partner=document["partner"],
    )
