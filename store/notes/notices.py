"""Notices: what an account wants to be told and by which ways, and what it was told; looking at it is a job.

    {_id: user, told_until: …, told: [result, …], last_sent: …, quiet: [1320, 480], digests: [540, 840],
     at_once_score: 80, robot_key: …, channels: {mini: {on: true}, robot: {on: false, failed: "…"}},
     left: {mini: 2}, unanswered: 1}

An account that never changed a wish and was never told anything has no document. Where the job's `due` is
what `stands` says, new results do not make it sooner: somebody has the page open, or it waits for a digest.

How an account gets to be looked at: whoever adds unread strong results marks its company's counter document
with the time, `untold`, in the write that adds the numbers. A mark that is there already stays as it is.
`gather` takes marks over when they are as old as the grace. What there is to tell is read from the results
themselves, see `store.notes.news`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bson import ObjectId
from pymongo import UpdateOne

from store.accounts.companies import Companies
from store.bulk import bulk_matched
from store.by_ids import find_by_ids, object_ids
from store.documents import read_as
from store.jobs.jobs import Job, Jobs
from store.mongo import Database
from store.transactions import again_after_conflict

_PART, _PARTS = 20, 5
"""Marks taken over by one write, and writes in one go. The embedded store takes 2 ms for each mark, and those
who mark or count results wait for the last of them. With more writes the sender would look at nobody for
longer."""
_NO_TIME = datetime.fromtimestamp(0, UTC)


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What an account set; None where it set nothing.

    Attributes:
        quiet: From and until which minute of the day.
        digests: Minutes of the day.
        at_once_score: 0..100.
        on: By kind of channel, whether it was turned on or off.
        failed: By kind of channel, why it was given up.
        left: By app, consents that were not used yet.
    """

    quiet: tuple[int, int] | None = None
    digests: tuple[int, ...] | None = None
    at_once_score: float | None = None
    robot_key: str = ""
    robot_at: datetime = _NO_TIME
    on: Mapping[str, bool] = {}
    failed: Mapping[str, str] = {}
    left: Mapping[str, int] = {}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What an account set, and what it was told.

    Attributes:
        told_until: Results that were listed by then were told, or are told no more.
        told: Results listed since then that were told all the same.
        last_sent: When it was told something for the last time.
    """

    wishes: Wishes
    told_until: datetime | None
    told: frozenset[str]
    last_sent: datetime | None


class Claimed(Known, frozen=True, kw_only=True):
    """An account that this process looks at.

    Attributes:
        unanswered: How many messages since the last went out of which no answer came.
    """

    job: Job
    unanswered: int

    @property
    def user(self) -> str:
        """The account."""
        return self.job.key


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a message that was sent changes, see `Known`."""

    at: datetime
    until: datetime
    results: Sequence[str]


class Waiting(Known, frozen=True, kw_only=True):
    """An account that will be looked at.

    Attributes:
        tries: How many sends failed in a row.
    """

    user: str
    due: datetime
    tries: int


class Notices:
    """The collection `notices`."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self.jobs = jobs
        self._notices = database.notices
        self._counters = database.counters
        self._companies = Companies(database)

    async def gather(self, now: datetime, grace: timedelta, spacing: timedelta) -> bool:
        """Take over which accounts have results that nobody told of for a while; whether there may be more.

        A mark is taken away after the account is due, and only if nothing came meanwhile: else it is gathered
        again, as after a kill in between. An account is due the grace after a result, and the spacing after
        what it was told last. Until then its mark stays, and stands for whatever comes after it too.
        """
        for _ in range(_PARTS):
            if not await self._gather_part(now, grace, spacing):
                return False
        return True

    async def _gather_part(self, now: datetime, grace: timedelta, spacing: timedelta) -> bool:
        marked = {"untold": {"$gt": _NO_TIME, "$lte": now - grace}}
        marks = await self._counters.find(marked, {"untold": 1, "seq": 1}).to_list(_PART)
        since = await self._untold_of(marks)
        known = await self._known([*since])
        jobs = await self.jobs.find("notice", since)
        asked = {}
        for user, untold_since in since.items():
            job = jobs.get(user, {})
            due = max(untold_since + grace, known.get(user, {}).get("last_sent", _NO_TIME) + spacing)
            # A claim takes `due` away, so an account that is being looked at gets a new one.
            if "due" not in job or (due < job["due"] and job["due"] != job.get("stands")):
                asked[user] = due
        await self.jobs.ask_all("notice", asked)
        untold = {"$unset": {"untold": ""}}
        taken = await bulk_matched(
            self._counters, [UpdateOne({"_id": mark["_id"], "seq": mark["seq"]}, untold) for mark in marks]
        )
        # Into whose lists results pour just now may have to wait; they are no reason to try without a pause.
        return len(marks) == _PART and taken > _PART // 2

    async def _untold_of(self, marks: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
        """By account, since when its company's mark says that results came."""
        since = {str(mark["_id"]): mark["untold"] for mark in marks}
        members = await self._companies.members(since)
        return {one.user: since[company] for company, some in members.items() for one in some}

    async def _known(self, users: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The documents of those of some accounts that have one."""
        found = await find_by_ids(self._notices, object_ids(users))
        return {str(one["_id"]): one for one in found}

    async def claim(self, now: datetime, most: int) -> list[Claimed]:
        """Take accounts that are due, at most 100; nobody else looks at them meanwhile."""
        jobs = await self.jobs.claim("notice", most=most, now=now)
        known = await self._known([job.key for job in jobs])
        of_jobs = [(job, known.get(job.key, {})) for job in jobs]
        return [Claimed(job=job, unanswered=one.get("unanswered", 0), **_known(one)) for job, one in of_jobs]

    async def settle(self, claimed: Claimed, told: Told) -> None:
        """End a look at an account that was told. It is noted also where another process has it by now."""
        said = {"last_sent": told.at, "told_until": told.until, "told": object_ids(told.results)}
        change = {"$set": {**said, "unanswered": 0}}
        await self._notices.update_one({"_id": ObjectId(claimed.user)}, change, upsert=True)
        await self.jobs.done(claimed.job)

    async def note_unanswered(self, user_id: str, messages: int) -> None:
        """Note how many messages in a row went out of which no answer came."""
        change = {"$set": {"unanswered": messages}}
        await self._notices.update_one({"_id": ObjectId(user_id)}, change, upsert=True)

    async def put_off(
        self, claimed: Sequence[Claimed], due: datetime | None, *, stands: bool = False
    ) -> None:
        """End the looks at some accounts that one call of `claim` gave, without a message.

        All are looked at again when they are due; None is for once something new comes. Where it `stands`,
        new results do not make that sooner; `Jobs.hasten` does.
        """
        jobs = [one.job for one in claimed]
        await (self.jobs.done(*jobs) if due is None else self.jobs.put_off(jobs, due, stands=stands))

    async def give_up(self, user_id: str, kind: str, reason: str, *, used_up: str = "") -> None:
        """Turn a channel off that will not serve any more, for a reason in the recruiter's words.

        `used_up` is an app whose consents are used up, as it says.
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

    @again_after_conflict
    async def change(self, user_id: str, changes: Mapping[str, Any]) -> None:
        """Set what an account wishes: fields of its document. It is looked at anew, by the new wishes."""
        async with self._database.transaction():
            await self.jobs.ask("notice", user_id)
            await self._notices.update_one({"_id": ObjectId(user_id)}, {"$set": dict(changes)}, upsert=True)

    async def look_again(self, user_id: str) -> None:
        """Have an account looked at now, as what it may be told of is more than before."""
        await self.jobs.ask("notice", user_id)

    async def turn_on(self, user_id: str, kind: str) -> None:
        """Turn a channel on, whatever became of it before."""
        await self.change(user_id, turned_on(kind))

    @again_after_conflict
    async def add_consents(self, user_id: str, app: str, accepted: int, most: int) -> int:
        """Note that somebody agreed to more messages of an app; returns how many may be sent now.

        There may be `most` of them.
        """
        async with self._database.transaction():
            left = min(most, (await self.wishes(user_id)).left.get(app, 0) + accepted)
            await self.change(user_id, {f"left.{app}": left, **turned_on(app)})
        return left

    async def waiting(self, grace: timedelta) -> list[Waiting]:
        """The accounts that will be looked at, the next one first; for the grace see `gather`.

        One that is looked at is due.
        """
        marks = await self._counters.find({"untold": {"$gt": _NO_TIME}}, {"untold": 1}).to_list(None)
        found = {user: (since + grace, 0) for user, since in (await self._untold_of(marks)).items()}
        for job in await self.jobs.of_kind("notice"):
            due = min(job[name] for name in ("due", "lease") if name in job)
            found[job["key"]] = due, job["attempts"] - ("lease" in job)
        known = await self._known([*found])
        waiting = [
            Waiting(user=user, due=due, tries=tries, **_known(known.get(user, {})))
            for user, (due, tries) in found.items()
        ]
        return sorted(waiting, key=lambda one: (one.due, one.user))


def turned_on(kind: str) -> dict[str, Any]:
    """The fields of an account whose channel is turned on."""
    return {f"channels.{kind}.on": True, f"channels.{kind}.failed": ""}


def _known(document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Known`."""
    return {
        "wishes": _wishes(document),
        "told_until": document.get("told_until"),
        "told": frozenset(map(str, document.get("told", ()))),
        "last_sent": document.get("last_sent"),
    }


def _wishes(document: Mapping[str, Any]) -> Wishes:
    channels: Mapping[str, Mapping[str, Any]] = document.get("channels", {})
    quiet, digests = document.get("quiet"), document.get("digests")
    return read_as(
        Wishes,
        document,
        quiet=None if quiet is None else tuple(quiet),
        digests=None if digests is None else tuple(digests),
        on={kind: one["on"] for kind, one in channels.items() if "on" in one},
        failed={kind: one["failed"] for kind, one in channels.items() if one.get("failed")},
    )
