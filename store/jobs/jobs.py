"""Jobs: work for later, a document each, which one process at a time does.

    await jobs.ask("reset", user_id)                 # due now; asked for twice, it is one job
    for job in await jobs.claim("reset"):
        ...                                          # then `done`, `fail` or `put_off`

    {_id: "reset:65f…", kind: "reset", key: "65f…", asked: 1, due: …, attempts: 0}      # waits
    {…, lease: …, holder: …, attempts: 1}                                               # runs
    {…, failed_at: …, error: "SmtpError", attempts: 4}                                  # given up

The id follows from kind and key. A claim takes `due` away and puts a `lease` there, and whoever ends the work
takes the lease away again. So a `due` that is there at the end came meanwhile, and the job is done once more.
A lease that is over is of a process that died: the job is due. What is done under a lease bears being begun
again, and in the worst case being done by two at once.

What only one process may do at a time is a job too, which nobody asks for: see `stand` and `holding`.

The loop that does them is `runner`, and what the work is stands with whoever does it. Here is nothing of a
person: keys are ids, errors are names.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from pymongo import UpdateOne

from store.accounts.companies import Member
from store.bulk import bulk
from store.by_ids import delete_by_ids, find_by_ids, update_by_ids
from store.errors import STORE_FAILURES
from store.jobs.kinds import KINDS, Kind
from store.mongo import Database, time_of
from store.transactions import afterwards

FAILED_FOR = timedelta(days=30)
"""How long it is known that a job was given up."""
_NOT_HELD = {"lease": "", "holder": ""}
_LEASE_OVER = "LeaseOver"
_EVER = datetime(2020, 1, 1, tzinfo=UTC)
"""Since when a job waits that nobody asks for."""
_ASKED_AGAIN = 100
"""Jobs that run and were asked for meanwhile, which a claim may find before those that wait."""
Find = Callable[[datetime], Awaitable[list[dict[str, Any]]]]
"""Gives the documents of jobs that are due at a time."""


class Job(msgspec.Struct, frozen=True):
    """A job that this process does.

    Attributes:
        due: Since when it was to be done.
        lease: Until when nobody else does it.
        holder: Whose claim it is.
        attempts: How often it was tried, this time included.
        company: Whose it is; "" where that does not matter.
    """

    kind: Kind
    key: str
    due: datetime
    lease: datetime
    holder: str
    attempts: int
    company: str = ""


class JobCounts(msgspec.Struct, kw_only=True):
    """How many jobs of a kind there are.

    Attributes:
        waiting: Due now or later.
        failed: Given up, until they are asked for again.
        oldest: When the first was or is due; None where none waits.
    """

    kind: Kind
    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest: datetime | None = None
    error: str = ""


class Jobs:
    """The collection `jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._jobs = database.jobs
        self.asked = asyncio.Event()
        """Is set where a job was asked for in this process."""

    async def ask(
        self, kind: Kind, key: str = "", due: datetime | None = None, *, of: Member | None = None
    ) -> None:
        """Have a job done, now or from a time on; one that waits is done sooner, with all its tries ahead.

        `of` says whose it is, where that matters to whoever claims it.
        """
        await self._jobs.update_one(*_asking(kind, key, due or datetime.now(UTC), of), upsert=True)
        afterwards(self.asked.set)

    async def ask_all(
        self, kind: Kind, due: Mapping[str, datetime], *, of: Mapping[str, Member] = {}
    ) -> None:
        """The same of many in one write, by key."""
        asked = [UpdateOne(*_asking(kind, key, at, of.get(key)), upsert=True) for key, at in due.items()]
        await bulk(self._jobs, asked)

    async def hasten(self, kind: Kind, keys: Sequence[str], due: datetime) -> None:
        """Have jobs done by then that there are; others are passed over."""
        ids = [id_of(kind, key) for key in keys]
        await update_by_ids(self._jobs, ids, {"$min": {"due": due}})

    async def find(self, kind: Kind, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The documents of those of some jobs that there are, by key."""
        rows = await find_by_ids(self._jobs, [id_of(kind, key) for key in keys])
        return {row["key"]: row for row in rows}

    async def claim(
        self,
        kind: Kind,
        key: str | None = None,
        *,
        most: int = 1,
        now: datetime | None = None,
        find: Find | None = None,
        early: bool = False,
    ) -> list[Job]:
        """Take jobs that are due, those that wait longest first; nobody else gets them for the lease.

        Args:
            kind: Which.
            key: The one; None for any.
            most: How many, at most 100.
            now: The time, if not this machine's.
            find: Gives those to take of that kind, in their order, if not those that wait longest.
            early: Take it also before it is due, and as if it was not tried where it was given up.
        """
        now, rule = now or datetime.now(UTC), KINDS[kind]
        which = {"kind": kind} if key is None else {"_id": id_of(kind, key)}
        await self._end_leases(kind, now)
        due = {} if early else {"due": {"$lte": now}}
        if find:
            rows = await find(now)
        else:
            waiting = self._jobs.find({**which, **due}).sort("due", 1)
            rows = await waiting.limit(most + _ASKED_AGAIN).to_list(None)
        # One that runs was asked for meanwhile: it waits for the end of that.
        found = {row["_id"]: row for row in rows if "lease" not in row}
        ids, holder, lease = list(found)[:most], secrets.token_hex(8), now + rule.lease
        if not ids:
            return []
        held: dict[str, Any] = {"lease": lease, "holder": holder}
        tried = {"$set": {**held, "attempts": 1}} if early else {"$set": held, "$inc": {"attempts": 1}}
        change = {**tried, "$unset": {"due": "", "failed_at": ""}}
        # Another process finds the same ones: of each the first one takes away what both ask for.
        outcome = await self._jobs.update_many({"_id": {"$in": ids}, **due, "lease": None}, change)
        if outcome.modified_count < len(ids):
            ids = [row["_id"] for row in await find_by_ids(self._jobs, ids, where={"holder": holder})]
        jobs = []
        for row in (found[id_] for id_ in ids):
            attempts = 1 if early else row["attempts"] + 1
            due_at, company = row.get("due", now), row.get("company", "")
            jobs.append(Job(kind, row["key"], due_at, lease, holder, attempts, company))
        # Tried for the last time by a process that died over it.
        over = [job for job in jobs if rule.is_given_up and job.attempts > len(rule.waits) + 1]
        for job in over:
            await self.fail(job, _LEASE_OVER)
        return [job for job in jobs if job not in over]

    async def _end_leases(self, kind: Kind, now: datetime) -> None:
        """Let jobs of a kind wait again whose process died."""
        over = {"lease": {"$lte": now}}
        rows = await self._jobs.find(over, {"kind": 1}).to_list(None)
        ids = [row["_id"] for row in rows if row["kind"] == kind]  # others may go by another clock
        change = {"$min": {"due": now}, "$set": {"error": _LEASE_OVER}, "$unset": _NOT_HELD}
        await update_by_ids(self._jobs, ids, change, where=over)

    async def renew(self, *jobs: Job, now: datetime | None = None) -> list[Job]:
        """Hold what one call of `claim` gave for another lease from now; gives those that it still holds."""
        if not jobs:
            return []
        lease, own = (now or datetime.now(UTC)) + KINDS[jobs[0].kind].lease, _own(jobs)
        if (await self._jobs.update_many(own, {"$set": {"lease": lease}})).matched_count == len(jobs):
            return list(jobs)
        held = {row["key"] for row in await self._jobs.find(own, {"key": 1}).to_list(None)}
        return [job for job in jobs if job.key in held]

    async def done(self, *jobs: Job) -> None:
        """End what one call of `claim` gave; what was asked for meanwhile waits."""
        if not jobs:
            return
        own = _own(jobs)
        if (await self._jobs.delete_many({**own, "due": None})).deleted_count < len(jobs):
            await self._jobs.update_many(own, {"$set": {"attempts": 0}, "$unset": _NOT_HELD})

    async def put_off(self, jobs: Sequence[Job], due: datetime, *, stands: bool = False) -> None:
        """Give back what one call of `claim` gave: it is done from a time on, as if it was not tried.

        That is sooner where it was asked for meanwhile. With `stands` it is noted that it need not be sooner,
        for those who ask when something new comes.
        """
        if jobs:
            noted = {"attempts": 0, "stands": due if stands else None}
            await self._jobs.update_many(
                _own(jobs), {"$min": {"due": due}, "$set": noted, "$unset": _NOT_HELD}
            )

    async def fail(self, job: Job, error: str, *, wait: timedelta | None = None) -> None:
        """Note that a try failed: the next one is a little later, if there is one.

        The error is a name or a code, as its text may be of a person. `wait` is how much later; None for what
        is due after so many tries.
        """
        now, own, rule = datetime.now(UTC), _own([job]), KINDS[job.kind]
        wait = wait or rule.waits[min(job.attempts, len(rule.waits)) - 1]
        if rule.is_given_up and job.attempts > len(rule.waits):
            given_up = {"$set": {"error": error, "failed_at": now}, "$unset": _NOT_HELD}
            if (await self._jobs.update_one({**own, "due": None}, given_up)).matched_count:
                return
            # Else somebody has asked for it meanwhile, which is sooner than any wait.
        change = {"$min": {"due": now + wait}, "$set": {"error": error}, "$unset": _NOT_HELD}
        await self._jobs.update_one(own, change)

    async def drop(self, kinds: Iterable[Kind], *keys: str) -> None:
        """Forget jobs with some keys, also those that run."""
        await delete_by_ids(self._jobs, [id_of(kind, key) for kind in kinds for key in keys])

    async def retry(self, id_: str) -> bool:
        """Have a job done now that waits or was given up, by its id; False where there is none."""
        if (row := await self._jobs.find_one({"_id": id_}, {"kind": 1, "key": 1})) is None:
            return False
        await self.ask(row["kind"], row["key"])
        return True

    async def counts(self) -> list[JobCounts]:
        """How many there are of each kind, in the order of `KINDS`."""
        found = {kind: JobCounts(kind=kind) for kind in KINDS}
        has = {name: {"$cond": [{"$ifNull": [f"${name}", False]}, 1, 0]} for name in ("lease", "failed_at")}
        group = {
            "_id": "$kind",
            "count": {"$sum": 1},
            "running": {"$sum": has["lease"]},
            "failed": {"$sum": has["failed_at"]},
            "oldest": {"$min": "$due"},
            "error": {"$max": "$error"},
        }
        async for row in self._jobs.aggregate([{"$group": group}]):
            if (of_kind := found.get(row["_id"])) is not None:
                of_kind.running, of_kind.failed = row["running"], row["failed"]
                of_kind.waiting = row["count"] - row["running"] - row["failed"]
                of_kind.oldest, of_kind.error = row["oldest"], row["error"] or ""
        return list(found.values())

    async def count(self, kind: Kind) -> int:
        """How many jobs of a kind there are."""
        return int(await self._jobs.count_documents({"kind": kind}))

    async def of_kind(self, kind: str, most: int = 0) -> list[dict[str, Any]]:
        """The documents of a kind, for operators: those first that run or were given up; 0 for all."""
        return list(await self._jobs.find({"kind": kind}).sort("due", 1).limit(most).to_list(None))

    @contextlib.asynccontextmanager
    async def holding(self, kind: Kind, key: str = "") -> AsyncIterator[Job | None]:
        """Do what one process may do at a time, until the context is left; the lease is renewed meanwhile.

        It is done whether it is due or not, and nobody who looks for what is due comes before.

        Yields:
            The job, or None while another process has it.
        """
        now = await self.time()
        await self.stand(kind, key, now + KINDS[kind].lease)
        jobs = await self.claim(kind, key, now=now, early=True)
        if not jobs:
            yield None
            return
        try:
            async with self.renewing(jobs[0]):
                yield jobs[0]
        finally:
            with contextlib.suppress(*STORE_FAILURES):  # then it ends by itself
                await self.done(jobs[0])

    async def stand(self, kind: Kind, key: str = "", due: datetime = _EVER) -> None:
        """Have a job there that nobody asks for, due since ever or from a time on."""
        new = {"kind": kind, "key": key, "attempts": 0, "due": due}
        await self._jobs.update_one({"_id": id_of(kind, key)}, {"$setOnInsert": new}, upsert=True)

    async def due_among(self, kinds: Sequence[Kind], now: datetime) -> list[Kind]:
        """Those of some kinds of which a job is due, or held by a process that died."""
        which = {"kind": {"$in": list(kinds)}, "due": {"$lte": now}}
        due = await self._jobs.find(which, {"kind": 1}).limit(_ASKED_AGAIN).to_list(None)
        over = await self._jobs.find({"lease": {"$lte": now}}, {"kind": 1}).to_list(None)
        found = {row["kind"] for row in (*due, *over)}
        return [kind for kind in kinds if kind in found]

    async def time(self) -> datetime:
        """The time by MongoDB's clock: those of two machines may differ by more than a lease."""
        return await time_of(self._database)

    @contextlib.asynccontextmanager
    async def renewing(self, job: Job) -> AsyncIterator[None]:
        """Renew a job's lease in the block."""
        renewal = asyncio.create_task(self._keep(job))
        try:
            yield
        finally:
            renewal.cancel()

    async def _keep(self, job: Job) -> None:
        while True:
            await asyncio.sleep(KINDS[job.kind].lease.total_seconds() / 3)
            # Where it fails two processes may do the work at once, which it bears.
            with contextlib.suppress(*STORE_FAILURES):
                await self.renew(job, now=await self.time())


def id_of(kind: Kind, key: str) -> str:
    """The id of a job."""
    return f"{kind}:{key}"


def _asking(
    kind: Kind, key: str, due: datetime, of: Member | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which document is asked for, and the change of it."""
    whose = {"company": of.company, "owner": of.user} if of else {}
    change = {
        "$min": {"due": due},
        "$set": {"attempts": 0},
        # So that it is a change in any case: in a transaction one that changes nothing would meet no claim.
        "$inc": {"asked": 1},
        "$unset": {"failed_at": "", **(_NOT_HELD if KINDS[kind].begins_anew else {})},
        "$setOnInsert": {"kind": kind, "key": key, **whose},
    }
    return {"_id": id_of(kind, key)}, change


def _own(jobs: Sequence[Job]) -> dict[str, Any]:
    """The condition that jobs of one claim are still this process's."""
    return {"_id": {"$in": [id_of(job.kind, job.key) for job in jobs]}, "holder": jobs[0].holder}
