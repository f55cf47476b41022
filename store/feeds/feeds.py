"""Feeds: what recruiters ask for, and their revisions.

A feed is active while it is not deleted, in service until it expires, and scored while it is in service,
was opened lately and is not paused. The quota counts those in service that are not paused. Whoever adds one
writes the company too (`keep_members`), so that of two at once the later one counts the other.

Whatever gives a feed a new revision asks for its backfill in the same transaction, see `backfills`.
`updated_at` is set by MongoDB's own clock, so processes that poll for changes need not agree on the time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from store.accounts.companies import OWNER, Member
from store.by_ids import find_by_ids, object_ids, update_by_ids
from store.errors import NotAllowed, NotFound, QuotaUsedUp
from store.feeds.feed_documents import (
    CALCED,
    STATE_FIELDS,
    Feed,
    FeedForm,
    FeedState,
    Need,
    SharedRole,
    feed_from,
    new_revision,
    state_from,
)
from store.feeds.sharing import FeedSharing, is_in
from store.ids import is_id
from store.jobs.jobs import Jobs
from store.mongo import Database, changed_after, time_of
from store.notes.repeats import Repeats
from store.paging import pages
from store.parts import in_parts, part_of
from store.transactions import again_after_conflict

logger = logging.getLogger(__name__)

CLICK_NEWS_AFTER = timedelta(hours=1)
"""The last click on a feed is always written, but processes hear of it at most so often: every click would
make all of them read the feed anew. They score a feed for a while longer than they know it to be opened, so
that none stops too early."""

POLL_OVERLAP = timedelta(seconds=10)
"""How far a poll for changes looks back behind the latest change it has seen. A write may become visible
after another one with a later time."""

_ACTIVE = {"deleted": False}

_LONGEST_POLL_MS = 1500
"""Milliseconds that MongoDB works on a poll. It gives up before the driver does, or it would go on working
for nobody."""

_PAGE = 500
"""Feeds in a page, half of what is usual: a job description may have some thousand characters."""


class Feeds:
    """The collection `feeds`. For an id that is foreign, deleted or unknown all raise `NotFound` alike."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._feeds = database.feeds
        self._repeats = Repeats(database)
        self._sharing = FeedSharing(database)
        self._jobs = jobs

    @again_after_conflict
    async def create(
        self,
        member: Member,
        form: FeedForm,
        *,
        quota: int,
        service_days: int,
        vip: bool,
        client_id: str = "",
    ) -> Feed:
        """Add a feed, which is in service for some days.

        A feed that the account made in the last day under the same `client_id`, which the client gives, is
        given as it is now, deleted or not, and none is made.

        Raises:
            NotFound: The account is not in the company any more.
            QuotaUsedUp: The account has `quota` feeds in service.
        """

        async def make() -> list[str]:
            await self._require_place(_of(member), quota)
            _id, now = ObjectId(), datetime.now(UTC)
            document = {
                "part": part_of(_id),
                "rev": 1,
                "form": msgspec.to_builtins(form),
                "start_time": now,
                "expires_at": now + timedelta(days=service_days),
                "last_click_time": now,
                "progress": 0.0,
                "deleted": False,
                "vip": vip,
                "partner": False,
            }
            # An upsert, as only an update can set `updated_at` by MongoDB's clock.
            new = {"$setOnInsert": document, "$currentDate": {"updated_at": True}}
            await self._feeds.update_one({"_id": _id, **_of(member)}, new, upsert=True)
            await self._jobs.ask("backfill", str(_id), of=member)
            return [str(_id)]

        name = f"feed {member.company} {client_id}" if client_id else ""
        async with self._database.transaction():
            [feed_id] = await self._repeats.once(member.user, name, make)
            return feed_from(await self._feeds.find_one(_ever_own(member.company, feed_id)))

    @again_after_conflict
    async def update(self, company_id: str, feed_id: str, form: FeedForm) -> None:
        """Replace a feed's form; it is scored again from then on, one that is paused once it goes on."""
        async with self._database.transaction():
            feed = await self.get(company_id, feed_id)
            fields = {"form": msgspec.to_builtins(form), "last_click_time": datetime.now(UTC)}
            if feed.paused:
                # It gets its new revision when it goes on: nothing is scored by this one.
                await self._change(feed, {"$set": fields, "$currentDate": {"updated_at": True}})
            else:
                await self._revise(feed, **fields)

    @again_after_conflict
    async def pause(self, company_id: str, feed_id: str) -> bool:
        """Score nothing for a feed any more; a backfill that is under way is given up.

        Returns:
            Whether that is new; pausing again is harmless.
        """
        async with self._database.transaction():
            feed = await self.get(company_id, feed_id)
            if not feed.paused:
                change = {"$set": {"paused": True, "progress": CALCED}, "$currentDate": {"updated_at": True}}
                await self._change(feed, change)
                await self._jobs.drop(["backfill"], feed_id)
        return not feed.paused

    @again_after_conflict
    async def resume(self, company_id: str, feed_id: str, quota: int) -> bool:
        """Have a paused feed scored again, also against what came meanwhile, as an idle one that is opened.

        Returns:
            Whether that is new; resuming again is harmless.

        Raises:
            QuotaUsedUp: The owner has `quota` others in service.
        """
        async with self._database.transaction():
            feed = await self.get(company_id, feed_id)
            if feed.paused:
                await self._require_place(_of(Member(feed.owner, company_id)), quota)
                await self._revise(feed, paused=False, last_click_time=datetime.now(UTC))
        return feed.paused

    async def _revise(self, feed: Feed, **fields: Any) -> None:
        """Give a feed a new revision, within a transaction in which it was read."""
        await self._change(feed, new_revision(**fields))
        await self._jobs.ask("backfill", feed.id, of=Member(feed.owner, feed.company))

    async def _change(self, feed: Feed, change: dict[str, Any]) -> None:
        await self._feeds.update_one(_own(feed.company, feed.id), change)

    async def get(self, company_id: str, feed_id: str) -> Feed:
        """Get one of the company's feeds."""
        document = await self._feeds.find_one(_own(company_id, feed_id))
        if document is None:
            raise NotFound(f"no feed {feed_id}")
        return feed_from(document)

    async def seen_by(self, member: Member, feed_id: str, need: Need = "view") -> Feed:
        """Get a feed that a member is in, for what they want to do with it.

        Raises:
            NotFound: The company has no such feed, or they are not in it. Owners may manage it all the same.
            NotAllowed: They are, and may not do that.
        """
        feed = await self.get(member.company, feed_id)
        _require(feed, member, need)
        return feed

    async def require_seen(self, member: Member, feed_id: str, need: Need) -> None:
        """As `seen_by`; one that was deleted is there as before."""
        document = await self._feeds.find_one(_ever_own(member.company, feed_id))
        if document is None:
            raise NotFound(f"no feed {feed_id}")
        _require(feed_from(document), member, need)

    async def list_for(self, member: Member) -> list[Feed]:
        """The active feeds that a member is in: their own first, then shared ones, each newest first."""
        user, active = ObjectId(member.user), {"company": ObjectId(member.company), **_ACTIVE}
        own, shared = await asyncio.gather(
            self._feeds.find({**active, "owner": user}).to_list(None),
            self._feeds.find({**active, "shares.user": user}).to_list(None),
        )
        return [
            feed_from(document)
            for documents in (own, shared)
            for document in sorted(documents, key=_start, reverse=True)
        ]

    async def of_colleagues(self, member: Member, *, skip: int, limit: int) -> list[Feed]:
        """The active feeds of a member's company that others own, the newest first: some from `skip` on."""
        where, user = {"company": ObjectId(member.company), **_ACTIVE}, ObjectId(member.user)
        rows = await self._feeds.find(where, {"owner": 1, "start_time": 1}).to_list(None)
        theirs = sorted((row for row in rows if row["owner"] != user), key=_start, reverse=True)
        ids = [row["_id"] for row in theirs[skip : skip + limit]]
        found = {row["_id"]: row for row in await find_by_ids(self._feeds, ids, where=where)}
        return [feed_from(found[id_]) for id_ in ids if id_ in found]

    async def titles(self, company_id: str, feed_ids: Iterable[str]) -> dict[str, str]:
        """The titles of some of a company's feeds, deleted ones too."""
        company = {"company": ObjectId(company_id)}
        rows = await find_by_ids(self._feeds, object_ids(feed_ids), {"form.title": 1}, where=company)
        return {str(row["_id"]): row["form"]["title"] for row in rows}

    async def live_owners(self, company_id: str, now: datetime) -> list[str]:
        """The owner of each feed in service of a company."""
        where = {"company": ObjectId(company_id), **_ACTIVE}
        rows = await self._feeds.find(where, {"owner": 1, "expires_at": 1, "paused": 1}).to_list(None)
        return [str(row["owner"]) for row in rows if row["expires_at"] > now and not row.get("paused")]

    async def states_for(self, members: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[FeedState]]:
        """The active feeds that members, as (company, account), are in, newest first; none is left out."""
        fields = {**STATE_FIELDS, "company": 1, "start_time": 1, "owner": 1, "shares": 1}
        companies = {ObjectId(user): ObjectId(company) for company, user in members}
        asked, states = set(members), dict[tuple[str, str], list[FeedState]]()
        found: dict[ObjectId, dict[str, Any]] = {}
        for key in ("owner", "shares.user"):
            rows = await find_by_ids(
                self._feeds, companies, fields, key=key, where=_ACTIVE, companies=companies
            )
            found |= {row["_id"]: row for row in rows}
        for row in sorted(found.values(), key=_start, reverse=True):
            for user in (row["owner"], *(one["user"] for one in row.get("shares", ()))):
                if (member := (str(row["company"]), str(user))) in asked:
                    states.setdefault(member, []).append(state_from(row))
        return states

    async def states(self, feeds: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], FeedState]:
        """The states of the active ones among some feeds, as (company, account that is in it, feed)."""
        companies = {ObjectId(feed): ObjectId(company) for company, _, feed in feeds}
        fields = {**STATE_FIELDS, "company": 1, "owner": 1, "shares": 1}
        rows = await find_by_ids(self._feeds, companies, fields, where=_ACTIVE, companies=companies)
        found = {(str(row["company"]), str(row["_id"])): row for row in rows}
        return {
            (company, user, feed): state_from(row)
            for company, user, feed in feeds
            if (row := found.get((company, feed))) and is_in(row, user)
        }

    @again_after_conflict
    async def share(self, company_id: str, feed_id: str, roles: Mapping[str, SharedRole]) -> None:
        """Say who else is in a feed, and as what, by account; it takes the place of what was.

        Raises:
            NotFound: One of them is not in the company.
        """
        own = _ever_own(company_id, feed_id)
        shares = [{"user": ObjectId(user), "role": role} for user, role in roles.items()]
        async with self._database.transaction():
            await self._sharing.keep_members(own["company"], object_ids(roles))
            change = {"$set": {"shares": shares}, "$currentDate": {"updated_at": True}}
            await self._feeds.update_one(own, change)

    @again_after_conflict
    async def transfer(self, company_id: str, feed_id: str, to: str) -> None:
        """Give a feed to another member.

        Raises:
            NotFound: They are not in the company.
        """
        own, owner = _ever_own(company_id, feed_id), ObjectId(to)
        async with self._database.transaction():
            await self._sharing.keep_members(own["company"], [owner])
            await self._sharing.give({**own, "owner": {"$ne": owner}}, owner)

    async def has_place(self, member: Member, quota: int) -> bool:
        """Whether the account may have one more feed in service."""
        return await self._count_in_service(_of(member)) < quota

    async def open(self, before: Feed, idle_after: timedelta) -> tuple[Feed, bool]:
        """Note that a recruiter looks at a feed; an idle one is scored again, as nothing scored it.

        One that is paused stays so.

        Returns:
            The feed as it now is, and whether it was idle and has to catch up.
        """
        company_id, feed_id = before.company, before.id
        now, own = datetime.now(UTC), _own(company_id, feed_id)
        if before.is_idle(now, idle_after) and await self._wake(company_id, feed_id, now, idle_after):
            return await self.get(company_id, feed_id), True
        change: dict[str, Any] = {"$set": {"last_click_time": now}}
        # By both times: clicks that follow each other closely would never be heard of by the first, nor one
        # that follows another change by the second.
        if min(before.last_click_time, before.updated_at) < now - CLICK_NEWS_AFTER:
            change["$currentDate"] = {"updated_at": True}
        await self._feeds.update_one(own, change)
        return msgspec.structs.replace(before, last_click_time=now), False

    @again_after_conflict
    async def _wake(self, company_id: str, feed_id: str, now: datetime, idle_after: timedelta) -> bool:
        """Have an idle feed scored again that is not paused, if nobody else has opened it meanwhile."""
        async with self._database.transaction():
            feed = await self.get(company_id, feed_id)
            wakes = feed.is_idle(now, idle_after) and not feed.paused
            if wakes:
                await self._revise(feed, last_click_time=now)
        return wakes

    @again_after_conflict
    async def delete(self, company_id: str, feed_id: str) -> None:
        """Take a feed off the company's list; harmless when that was done before.

        Raises:
            NotFound: The company never had such a feed.
        """
        own = _ever_own(company_id, feed_id)
        change = {"$set": {"deleted": True}, "$currentDate": {"updated_at": True}}
        async with self._database.transaction():
            if (await self._feeds.update_one({**own, "deleted": False}, change)).matched_count:
                await self._jobs.drop(["backfill"], feed_id)
            elif await self._feeds.find_one(own, {"_id": 1}) is None:
                raise NotFound(f"no feed {feed_id}")

    async def find_active(self, companies: Mapping[str, str]) -> dict[str, Feed]:
        """The active ones among feeds, which are given with their companies."""
        ids = _object_ids(companies)
        documents = await find_by_ids(self._feeds, ids, where=_ACTIVE, companies=ids)
        return {str(document["_id"]): feed_from(document) for document in documents}

    async def find_anybodys(self, feed_ids: Sequence[str]) -> dict[str, Feed]:
        """The active ones among feeds of which it is not known whose they are: all shards are asked."""
        documents = await find_by_ids(self._feeds, object_ids(feed_ids), where=_ACTIVE)
        return {str(document["_id"]): feed_from(document) for document in documents}

    async def companies_of(self, feed_ids: Sequence[str]) -> dict[str, str]:
        """By feed, its company, which never changes; deleted feeds too. All shards are asked."""
        documents = await find_by_ids(self._feeds, object_ids(feed_ids), {"company": 1})
        return {str(document["_id"]): str(document["company"]) for document in documents}

    async def mark_partner(self, companies: Mapping[str, str]) -> None:
        """Note that partners recommend people for feeds, given as `find_active` takes them."""
        ids = _object_ids(companies)
        await update_by_ids(self._feeds, ids, {"$set": {"partner": True}}, companies=ids)

    async def all_active(self) -> AsyncIterator[Feed]:
        """Every active feed, in no order."""
        async for page in in_parts(self._feeds, {"deleted": False}, _PAGE):
            for document in page:
                yield feed_from(document)

    async def changed_since(
        self, watermark: datetime | None, overlap: timedelta
    ) -> AsyncIterator[list[Feed]]:
        """The feeds changed since `watermark` less an overlap, deleted ones among them, some at a time.

        A feed may come twice. One that changes meanwhile may be missed, and is then of a later time than all
        that came. Where nothing was seen so far (None) all feeds come that are not deleted.
        """
        if watermark is not None:
            stages = [{"$match": changed_after(watermark, overlap)}]
            try:
                changed = self._feeds.aggregate(stages, maxTimeMS=_LONGEST_POLL_MS)
                async for page in pages(changed, _PAGE):
                    yield [feed_from(one) for one in page]
                return
            except (ExecutionTimeout, NetworkTimeout):
                # So much has changed that to read everything is better, or MongoDB does not answer at all.
                logger.info("more feeds have changed than one query can give: all are read")
        # What changes from here on is left to the next poll. A part that was read before another may lack it.
        now = await time_of(self._database)
        since = watermark - overlap if watermark else None
        where = {} if watermark else {"deleted": False}
        async for page in in_parts(self._feeds, where, _PAGE):
            yield [
                feed
                for feed in map(feed_from, page)
                if feed.updated_at <= now and (not since or feed.updated_at > since)
            ]

    async def count(self) -> int:
        """How many active feeds there are."""
        return int(await self._feeds.count_documents({"deleted": False}))

    async def _count_in_service(self, own: dict[str, Any]) -> int:
        """How many feeds of an account its quota counts."""
        now, fields = datetime.now(UTC), {"expires_at": 1, "paused": 1}
        rows = await self._feeds.find({**own, **_ACTIVE}, fields).to_list(None)
        return sum(row["expires_at"] > now and not row.get("paused") for row in rows)

    async def _require_place(self, own: dict[str, Any], quota: int) -> None:
        """Check that an account may have one more feed in service, within the transaction that adds it.

        Raises:
            NotFound: The account is not in the company any more.
            QuotaUsedUp: It has `quota` of them, or more where the quota was lowered.
        """
        if await self._count_in_service(own) >= quota:
            raise QuotaUsedUp
        await self._sharing.keep_members(own["company"], [own["owner"]])


def _require(feed: Feed, member: Member, need: Need) -> None:
    """Check that a member may do what they want to do with a feed of their company."""
    role = feed.role_of(member.user)
    if need == "manage" and (role == "own" or member.role == OWNER):
        return
    if role is None:
        raise NotFound(f"no feed {feed.id}")
    if need == "manage" or (need == "work" and role == "view"):
        raise NotAllowed


def _start(row: Mapping[str, Any]) -> tuple[datetime, ObjectId]:
    return row["start_time"], row["_id"]


def _object_ids(companies: Mapping[str, str]) -> dict[ObjectId, ObjectId]:
    """Feeds with their companies, as MongoDB keeps ids."""
    return {ObjectId(feed): ObjectId(company) for feed, company in companies.items()}


def _of(member: Member) -> dict[str, Any]:
    """The query for the feeds that an account owns."""
    return {"company": ObjectId(member.company), "owner": ObjectId(member.user)}


def _ever_own(company_id: str, feed_id: str) -> dict[str, Any]:
    """The query for one of the company's feeds, deleted or not."""
    if not is_id(feed_id):
        raise NotFound(f"no feed {feed_id}")
    return {"_id": ObjectId(feed_id), "company": ObjectId(company_id)}


def _own(company_id: str, feed_id: str) -> dict[str, Any]:
    """The query for one of the company's active feeds."""
    return {**_ever_own(company_id, feed_id), "deleted": False}
