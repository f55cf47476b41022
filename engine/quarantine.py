"""What to do about a resume that cannot be scored: some more tries, then it is set aside.

An error is seen and counted. A process that ends over a resume tells nobody. So what somebody who is
gone may have begun is tried under notice: our name stands on the resume before the try, and goes with
the mark that it waits. What several have ended over is set aside unseen.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from store.contacts import Contacts
from store.errors import STORE_FAILURES
from store.quarantine import Quarantine
from store.resumes import StoredResume

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
MAX_CRASHED_ATTEMPTS = 4


class PoisonGuard:
    """One process's dealings with resumes that were tried before."""

    def __init__(self, quarantine: Quarantine, contacts: Contacts, process: str) -> None:
        self._quarantine = quarantine
        self._contacts = contacts
        self._process = process
        self._claimed: list[str] = []

    async def batches(
        self, resumes: Sequence[StoredResume], *, begun: bool
    ) -> AsyncGenerator[Sequence[StoredResume], None]:
        """Resumes to try, in batches, each under notice while it is out if need be.

        One that somebody ended over may be what ended him, so it is tried alone and after the others.

        Args:
            resumes: Some that wait to be scored.
            begun: Whether somebody who is gone may have begun with them.
        """
        await self._withdraw()
        try:
            async for batch in self._each_batch(resumes, begun=begun):
                yield batch
        except GeneratorExit:
            # Left before the end, by a stop or by MongoDB's absence: we live. Else the next time.
            with contextlib.suppress(*STORE_FAILURES):
                await self._withdraw()
            raise
        self._claimed.clear()

    async def _each_batch(
        self, resumes: Sequence[StoredResume], *, begun: bool
    ) -> AsyncGenerator[Sequence[StoredResume], None]:
        fresh = [resume for resume in resumes if not self._crashed_attempts(resume)]
        if fresh:
            if begun:
                await self._claim(fresh)
            yield fresh
        for resume in sorted(resumes, key=self._crashed_attempts)[len(fresh) :]:
            if self._crashed_attempts(resume) < MAX_CRASHED_ATTEMPTS:
                await self._claim([resume])
                yield [resume]
            else:
                await self._set_aside(resume, f"{MAX_CRASHED_ATTEMPTS} processes ended while they scored it")

    async def _claim(self, resumes: Sequence[StoredResume]) -> None:
        self._claimed = [resume.id for resume in resumes]
        await self._quarantine.claim(self._claimed, self._process)

    async def _withdraw(self) -> None:
        """Take back the notice of a try that did not come to its end."""
        if self._claimed:
            await self._quarantine.withdraw(self._claimed, self._process)
            self._claimed.clear()

    async def failed(self, resume: StoredResume, error: Exception) -> None:
        """A try ended with an error: there will be another, or it was the last."""
        reason = f"{type(error).__name__} at {_place(error)}"
        if await self._quarantine.fail(resume) >= MAX_FAILURES:
            await self._set_aside(resume, reason)
        else:
            logger.warning("resume %s is tried again: %s", resume.id, reason)

    def _crashed_attempts(self, resume: StoredResume) -> int:
        """How many other processes began with it and did not come to an end."""
        return len({*resume.claimed_by} - {self._process})

    async def _set_aside(self, resume: StoredResume, reason: str) -> None:
        logger.error("resume %s cannot be scored: %s", resume.id, reason)
        await self._contacts.move([resume])
        await self._quarantine.add(resume, reason)


def _place(error: Exception) -> str:
    """Where an error was raised. Its text may quote the resume; its kind and place do not."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
