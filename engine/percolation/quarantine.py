"""The poison guard: what to do about a resume that cannot be scored. Some more tries, then it is set aside.

    async with aclosing(guard.batches(resumes, begun=False)) as batches:
        async for batch in batches:
            ...                                     # score it
            await guard.failed(resume, error)       # where one raises

An error is seen by the process that meets it, and counted. A process that ends over a resume tells nobody,
and its successor would end over it too, for ever. So where a process that is gone may have begun, ours claims
the resume before it tries: our name stands on it until it is no longer pending. The claims of others that
still stand are crashed attempts, or of processes that try it just now, as where many start together. A resume
with too many of them is not tried any more, and it is set aside once none of these processes lives
(`docs/adr/0015`).

What is stored, and what an operator sees of it, is `store.resumes.quarantine`.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence

from runtime.logs import kind_and_place
from store.errors import STORE_FAILURES
from store.persons.persons import Persons
from store.redis.registry import Registry
from store.resumes.quarantine import Quarantine
from store.resumes.resume_values import StoredResume

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
"""Tries that may end with an error. A failure that passes, as of a full memory, gets two more chances."""

MAX_CRASHED_ATTEMPTS = 4
"""Processes that may end over a resume. With fewer, some kills in a row could set an innocent resume aside;
with more, a poison would end more processes first."""


class PoisonGuard:
    """Decides for one process which resumes are tried together, and which no more.

    Args:
        quarantine: Where tries are counted.
        persons: Finds out who is one person with one that is set aside.
        registry: Knows which processes live.
        process: This process's name, for its claims.
    """

    def __init__(self, quarantine: Quarantine, persons: Persons, registry: Registry, process: str) -> None:
        self._quarantine = quarantine
        self._persons = persons
        self._registry = registry
        self._process = process
        self._claimed: list[str] = []

    async def batches(
        self, resumes: Sequence[StoredResume], *, begun: bool
    ) -> AsyncGenerator[Sequence[StoredResume], None]:
        """Resumes to try, in batches; those of a batch are claimed while it is out, where that is needed.

        One that others have claimed may be what ended their process. So it is tried alone, after the others,
        those with the fewest claims first. What others claim meanwhile is left to them, and so is what too
        many have claimed while some of them may live: it is in no batch, and waits.

        Args:
            resumes: Some that are pending.
            begun: Whether another process, which is gone, may have begun with them.
        """
        await self._withdraw()
        try:
            async for batch in self._each_batch(resumes, begun=begun):
                yield batch
        except GeneratorExit:
            # Left before the end, by a stop or by MongoDB's absence: we live, so this was no crash. While
            # MongoDB is away the claims stay, and the next call withdraws them.
            with contextlib.suppress(*STORE_FAILURES):
                await self._withdraw()
            raise
        self._claimed.clear()

    async def _each_batch(
        self, resumes: Sequence[StoredResume], *, begun: bool
    ) -> AsyncGenerator[Sequence[StoredResume], None]:
        fresh = [resume for resume in resumes if not self.is_suspect(resume)]
        # Only then: a claim before every try would cost a write for each resume that is in order. And by one
        # process alone: a poison among them must not leave the claims of several on its neighbours.
        if fresh and begun:
            fresh = await self._claim(fresh, fewer_than=1)
        if fresh:
            yield fresh
        suspects = sorted(filter(self.is_suspect, resumes), key=self._attempts)
        is_over = any(self._attempts(resume) >= MAX_CRASHED_ATTEMPTS for resume in suspects)
        # After the claims were read, or who made the last of them might not be seen yet.
        living = await self._registry.living() if is_over else None
        for resume in suspects:
            if self._attempts(resume) < MAX_CRASHED_ATTEMPTS:
                if await self._claim([resume], fewer_than=MAX_CRASHED_ATTEMPTS):
                    yield [resume]
            elif living is not None and self._attempts(resume, living) >= MAX_CRASHED_ATTEMPTS:
                await self._set_aside(resume, f"{MAX_CRASHED_ATTEMPTS} processes ended while they scored it")

    async def _claim(self, resumes: Sequence[StoredResume], *, fewer_than: int) -> list[StoredResume]:
        """Claim those of some resumes that fewer than so many have claimed; returns what is claimed."""
        # Noted before the write, which may be done though its answer is lost.
        self._claimed = [resume.id for resume in resumes]
        claimed = await self._quarantine.claim(self._claimed, self._process, fewer_than=fewer_than)
        return [resume for resume in resumes if resume.id in claimed]

    async def _withdraw(self) -> None:
        """Take back the claims of a try that did not come to its end."""
        if self._claimed:
            await self._quarantine.withdraw(self._claimed, self._process)
            self._claimed.clear()

    def is_suspect(self, resume: StoredResume) -> bool:
        """Whether a process may have ended over a resume. Any other is tried without a claim, with others."""
        return self._attempts(resume) > 0

    async def failed(self, resume: StoredResume, error: Exception) -> None:
        """Count a try that ended with an error; the last one sets the resume aside."""
        reason = kind_and_place(error)
        if await self._quarantine.fail(resume) >= MAX_FAILURES:
            await self._set_aside(resume, reason)
        else:
            logger.warning("resume %s is tried again: %s", resume.id, reason)

    def _attempts(self, resume: StoredResume, but: frozenset[str] = frozenset()) -> int:
        """How many other processes claimed the resume and did not come to an end, but for those that live."""
        return len({*resume.claimed_by} - {self._process} - but)

    async def _set_aside(self, resume: StoredResume, reason: str) -> None:
        logger.error("resume %s cannot be scored: %s", resume.id, reason)
        await self._persons.find_out([resume.id])
        await self._quarantine.add(resume, reason)
