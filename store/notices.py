"""Notices: what an account wants to be told and by which ways, what it was told, and when to look again.

    {_id: user, due: …, seq: 4, tries: 0, told_until: …, told: [result, …], last_sent: …,
     quiet: [1320, 480], digests: [540, 840], at_once_score: 80, robot_key: …,
     channels: {mini: {on: true}, robot: {on: false, failed: "…"}}, left: {mini: 2},
     tests: {day: 20260302, count: 1}}

An account that never changed a wish and was never told anything has no document, or one that says when to
look at it alone. `due` says when, and claiming an account moves it on, which is lease and back-off in one.
`seq` grows with whatever may make an earlier look wrong, so what a look found out never hides what came
meanwhile.

How an account gets to be looked at: whoever adds unread strong results writes the time into the account's
counter document, `untold`, in the write that adds the numbers. `gather` takes these marks over. What there
is to tell is read from the results themselves, see `store.news`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from runtime.clock import day_of
from store.bulk import bulk
from store.mongo import Database

LEASE = timedelta(seconds=30)
"""How long nobody else looks at an account that was claimed. A send is given up after ten seconds, and an
account has five channels at most, of which mostly one is tried. A process that dies delays its accounts by so
much."""

WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 60))
"""After each failed try, how long until the next; the last one again and again. More than a minute would
delay what is due once a server that was away is back."""

_GATHERED = 500
"""Marks taken over in one go."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What an account set; None where it set nothing.

    Attributes:
        quiet: From and until which minute of the day.
        digests: Minutes of the day.
        at_once_score: 0..100.
        robot_key: The key of a group's robot.
        on: By kind of channel, whether it was turned on or off.
        failed: By kind of channel, why it was given up.
        left: By app, consents that were not used yet.
    """

    quiet: tuple[int, int] | None = None
    digests: tuple[int, ...] | None = None
    at_once_score: float | None = None
    robot_key: str = ""
    on: Mapping[str, bool] = {}
    failed: Mapping[str, str] = {}
    left: Mapping[str, int] = {}


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """An account that this process looks at.

    Attributes:
        user: The account.
        seq: What `settle` compares.
        tries: How many sends failed in a row.
        told_until: Results that were listed by then were told, or are told no more.
        told: Results listed since then that were told all the same.
        last_sent: When it was told something for the last time.
    """

    user: str
    seq: int
    tries: int
    wishes: Wishes
    told_until: datetime | None
    told: frozenset[str]
    last_sent: datetime | None


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a message that was sent changes.

    Attributes:
        at: When.
        until: See `Claimed.told_until`.
        results: See `Claimed.told`.
    """

    at: datetime
    until: datetime
    results: Sequence[str]


class Notices:
    """The collection `notices`."""

    def __init__(self, database: Database) -> None:
        self._notices = database.notices
        self._counters = database.counters

    async def gather(self, grace: timedelta) -> int:
        """Take over which accounts have results that nobody told of; how many they are.

        A mark is taken away after the account is due, and only if no newer one came: killed in between, it is
        gathered again.
        """
        marks = await self._counters.find({"untold": {"$exists": True}}, {"untold": 1}).to_list(_GATHERED)
        if marks:
            await bulk(
                self._notices,
                [
                    UpdateOne(
                        {"_id": mark["_id"]},
                        {"$min": {"due": mark["untold"] + grace}, "$inc": {"seq": 1}},
                        upsert=True,
                    )
                    for mark in marks
                ],
            )
            await bulk(
                self._counters,
                [
                    UpdateOne({"_id": mark["_id"], "untold": mark["untold"]}, {"$unset": {"untold": ""}})
                    for mark in marks
                ],
            )
        return len(marks)

    async def claim(self, now: datetime, most: int) -> list[Claimed]:
        """Take accounts that are due; nobody else gets them before `LEASE` is over."""
        due = await self._notices.find({"due": {"$lte": now}}, sort=[("due", 1)]).to_list(most)
        claimed = []
        # Another process finds the same ones: each takes them in another order.
        for document in random.sample(due, len(due)):
            outcome = await self._notices.update_one(
                {"_id": document["_id"], "due": document["due"]}, {"$set": {"due": now + LEASE}}
            )
            if outcome.modified_count:
                claimed.append(_claimed(document))
        return claimed

    async def settle(self, claimed: Claimed, due: datetime | None, told: Told | None = None) -> None:
        """End a look at an account.

        Args:
            claimed: As `claim` gave it.
            due: When to look again; None for once something new comes.
            told: What was sent.
        """
        change: dict[str, Any] = {"$set": {"tries": 0}}
        if told:
            ids = [ObjectId(result) for result in told.results]
            change["$set"] |= {"last_sent": told.at, "told_until": told.until, "told": ids}
        later: dict[str, Any] = {"$unset": {"due": ""}} if due is None else {}
        if due is not None:
            later = {"$set": change["$set"] | {"due": due}}
        user = ObjectId(claimed.user)
        outcome = await self._notices.update_one({"_id": user, "seq": claimed.seq}, {**change, **later})
        if not outcome.matched_count:
            # Something came meanwhile that this look may not have seen: the next one is at once.
            soon = {"$set": change["$set"] | {"due": datetime.now(UTC)}}
            await self._notices.update_one({"_id": user}, {**change, **soon})

    async def failed(self, claimed: Claimed, now: datetime) -> None:
        """Note that nobody answered: the next try is a little later, see `WAITS`."""
        wait = WAITS[min(claimed.tries, len(WAITS) - 1)]
        await self._notices.update_one(
            {"_id": ObjectId(claimed.user)}, {"$set": {"due": now + wait}, "$inc": {"tries": 1}}
        )

    async def give_up(self, user_id: str, kind: str, reason: str, *, used_up: str = "") -> None:
        """Turn a channel off that will not serve any more.

        Args:
            user_id: The account.
            kind: The channel.
            reason: Why, in the recruiter's words.
            used_up: The app whose consents are used up, as it says.
        """
        change: dict[str, Any] = {f"channels.{kind}.failed": reason}
        if used_up:
            change[f"left.{used_up}"] = 0
        await self._notices.update_one({"_id": ObjectId(user_id)}, {"$set": change}, upsert=True)

    async def use_consent(self, user_id: str, app: str) -> None:
        """Note that a message used up one of an app's consents."""
        which = {"_id": ObjectId(user_id), f"left.{app}": {"$gt": 0}}
        await self._notices.update_one(which, {"$inc": {f"left.{app}": -1}})

    async def wishes(self, user_id: str) -> Wishes:
        """What an account set."""
        return _wishes(await self._notices.find_one({"_id": ObjectId(user_id)}) or {})

    async def change(self, user_id: str, changes: Mapping[str, Any]) -> None:
        """Set what an account wishes: fields of its document. It is looked at anew, by the new wishes."""
        await self._notices.update_one(
            {"_id": ObjectId(user_id)},
            {"$set": {**changes, "due": datetime.now(UTC)}, "$inc": {"seq": 1}},
            upsert=True,
        )

    async def add_consents(self, user_id: str, app: str, accepted: int, most: int) -> int:
        """Note that somebody agreed to messages of an app; returns how many may be sent now.

        Args:
            user_id: The account.
            app: The app.
            accepted: How many more.
            most: How many there may be.
        """
        user = ObjectId(user_id)
        await self._notices.update_one({"_id": user}, {"$inc": {f"left.{app}": accepted}}, upsert=True)
        await self._notices.update_one(
            {"_id": user, f"left.{app}": {"$gt": most}}, {"$set": {f"left.{app}": most}}
        )
        await self.change(user_id, {f"channels.{app}.on": True, f"channels.{app}.failed": ""})
        return (await self.wishes(user_id)).left.get(app, 0)

    async def take_test(self, user_id: str, most: int) -> bool:
        """Count a test message of today; False where there were `most` already."""
        user, today = ObjectId(user_id), day_of(datetime.now(UTC))
        await self._notices.update_one({"_id": user}, {"$setOnInsert": {"seq": 0}}, upsert=True)
        counted = await self._notices.update_one(
            {"_id": user, "tests.day": today, "tests.count": {"$lt": most}}, {"$inc": {"tests.count": 1}}
        )
        if counted.modified_count:
            return True
        first = await self._notices.update_one(
            {"_id": user, "tests.day": {"$ne": today}}, {"$set": {"tests": {"day": today, "count": 1}}}
        )
        return bool(first.modified_count)

    async def waiting(self) -> list[tuple[str, datetime]]:
        """The accounts that will be looked at, with the time, the next one first."""
        rows = self._notices.find({"due": {"$exists": True}}, {"due": 1}, sort=[("due", 1)])
        return [(str(row["_id"]), row["due"]) async for row in rows]


def _claimed(document: Mapping[str, Any]) -> Claimed:
    return Claimed(
        user=str(document["_id"]),
        seq=document["seq"],
        tries=document.get("tries", 0),
        wishes=_wishes(document),
        told_until=document.get("told_until"),
        told=frozenset(map(str, document.get("told", ()))),
        last_sent=document.get("last_sent"),
    )


def _wishes(document: Mapping[str, Any]) -> Wishes:
    channels: Mapping[str, Mapping[str, Any]] = document.get("channels", {})
    quiet, digests = document.get("quiet"), document.get("digests")
    return Wishes(
        quiet=None if quiet is None else (quiet[0], quiet[1]),
        digests=None if digests is None else tuple(digests),
        at_once_score=document.get("at_once_score"),
        robot_key=document.get("robot_key", ""),
        on={kind: one["on"] for kind, one in channels.items() if "on" in one},
        failed={kind: one["failed"] for kind, one in channels.items() if one.get("failed")},
        left=document.get("left", {}),
    )
