"""The runner: the one loop of a process in which jobs that are due are taken, done, and given back.

    runner = Runner(database, jobs, {"reset": Work(outbox.send), "retention": Work(task.look, stands=True)})
    await runner.run()

Of each kind it does one at a time, and those of different kinds beside each other. While one is done its
lease is renewed, so a job may take hours and is still left to another process seconds after this one died.

Whatever may be due in a moment, and of which a look is dear, has a loop of its own: backfills, notices, what
waits to be scored.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from runtime.waiting import end_all
from store.errors import STORE_FAILURES, in_words
from store.jobs.jobs import Job, Jobs
from store.jobs.kinds import Kind
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

_IDLE_S = 2.0
"""Seconds between two looks for jobs that this process was not asked for; each costs three small queries."""

_STAND_EVERY_S = 60.0
"""Seconds between two looks whether jobs that nobody asks for are there: a database may be wiped."""


class JobFailed(Exception):
    """A try failed; the next one follows by the rule of the kind. Its text, a name or a code, is kept."""


class Work(NamedTuple):
    """What is done about a kind of jobs.

    Attributes:
        do: Does one. It returns when the job is due again, None where it is done; or raises `JobFailed`.
        stands: Whether there is always one, which nobody asks for.
    """

    do: Callable[[Job], Awaitable[datetime | None]]
    stands: bool = False


class Runner:
    """One process's runner, with what it does by kind. Belongs to one event loop; `run` is its only task."""

    def __init__(self, jobs: Jobs, work: Mapping[Kind, Work]) -> None:
        self._jobs = jobs
        self._work = work
        self._doing: dict[Kind, asyncio.Task[None]] = {}
        self._stand_at = 0.0

    async def run(self) -> NoReturn:
        """Do what is due until cancelled; MongoDB's absence is waited out."""
        try:
            await work_until_cancelled(self._look, what="jobs", woken=self._jobs.asked, idle_s=_IDLE_S)
        finally:
            await end_all(self._doing.values())

    async def _look(self) -> bool:
        if time.monotonic() >= self._stand_at:
            for kind, work in self._work.items():
                if work.stands:
                    await self._jobs.stand(kind)
            self._stand_at = time.monotonic() + _STAND_EVERY_S
        now = await self._jobs.time()
        for kind in await self._jobs.due_among([kind for kind in self._work if kind not in self._doing], now):
            for job in await self._jobs.claim(kind, now=now):
                self._doing[kind] = asyncio.create_task(self._do(job), name=f"job {kind}")
        return False

    async def _do(self, job: Job) -> None:
        try:
            async with self._jobs.renewing(job):
                await self._end(job)
        except STORE_FAILURES as error:  # its lease ends by itself
            logger.warning("the job %s waits for MongoDB (%s)", job.kind, in_words(error))
        finally:
            del self._doing[job.kind]
            self._jobs.asked.set()  # there may be one more

    async def _end(self, job: Job) -> None:
        try:
            due = await self._work[job.kind].do(job)
        except STORE_FAILURES:
            raise
        except JobFailed as failed:
            await self._jobs.fail(job, str(failed))
        except Exception as error:  # noqa: BLE001 - one job must not stop the others
            # Not its text, which may be of a person.
            logger.error("the job %s of %s failed: %s", job.kind, job.key, type(error).__name__)
            await self._jobs.fail(job, type(error).__name__)
        except asyncio.CancelledError:
            # The process stops: another one may do it at once.
            with contextlib.suppress(*STORE_FAILURES):
                await self._jobs.put_off([job], datetime.now(UTC))
            raise
        else:
            await (self._jobs.done(job) if due is None else self._jobs.put_off([job], due))
