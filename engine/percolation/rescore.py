"""After an upgrade of the matching rules: every stored resume is scored again, once.

Nothing is scored here. Resumes become pending and are queued; the workers of all processes do the rest.

A process of other rules takes what waits as everybody does. So this begins once none is seen any more: the
last one to stop lets it begin (`docs/adr/0069`). Whatever was scored by then is scored again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from engine.indexes.stored_resumes import StoredResumes
from store.by_ids import chunks
from store.meta import Rules
from store.retry import work_until_cancelled
from store.stores import Stores

logger = logging.getLogger(__name__)

MAX_BEHIND = 2000
"""Queued resumes at which this waits. With more, a resume that arrives now would wait behind too many old
ones; with far fewer, the workers would run out of work between two looks."""

# Seconds between two looks at the rules that stored scores come from: a read of one document.
_LOOK_S = 5.0

# Looks in a row at which no process of other rules is seen before all are scored again. The first and the
# last are 20 s apart: a process that stops is not seen and may still score, for 15 s at most, and after Redis
# was wiped it takes 3 s until all have said who they are. More would only be later.
_QUIET_LOOKS = 5

# Seconds between two looks at the queue. The stream tells nobody that it has become shorter.
_WAIT_S = 0.2


class Rescoring:
    """Has resumes scored again when stored scores come from other rules than ours, those of `version`.

    Belongs to one event loop.
    """

    def __init__(self, stores: Stores, stored: StoredResumes, version: str) -> None:
        self._meta = stores.meta
        self._resumes = stores.resumes
        self._stored = stored
        self._queue = stores.queue
        self._registry = stores.registry
        self._version = version
        self._jobs = stores.jobs
        self._seen = Rules("")
        self._others: set[str] | None = set()
        self._quiet = 0

    async def begin(self) -> None:
        """Say and note by which rules this process scores; before it does, or others would miss it."""
        await self._registry.announce_rules(self._version)
        await self._meta.note_start(self._version)

    async def run(self) -> None:
        """Look by which rules stored scores were made, until cancelled."""
        await work_until_cancelled(self._step, what="scoring again", idle_s=_LOOK_S)

    async def _step(self) -> bool:
        rules = await self._meta.rules()
        if rules.are_settled(self._version):
            self._quiet = 0
            await self._mend()
            return False
        others = await self._registry.of_other_rules(self._version)
        if others != self._others:
            self._others = others
            self._tell()
        if others != set() or rules != self._seen:
            self._seen, self._quiet = rules, 0
        if others == set():
            self._quiet += 1
        if self._quiet >= _QUIET_LOOKS:
            await self._score_all_again(rules)
        return False

    def _tell(self) -> None:
        if self._others is None:
            logger.info("the matching rules changed, and it is not known who goes by others: Redis is away")
        elif self._others:
            data = {"processes": sorted(self._others)}
            logger.info("the matching rules changed, waiting for who goes by others", extra={"data": data})

    async def _score_all_again(self, rules: Rules) -> None:
        """Queue all resumes, a part at a time, as fast as they are scored: new ones must not wait behind all.

        One process does it, and the others wait: each of them would have all scored once more. Where it dies,
        another does it all again, which is harmless.
        """
        async with self._jobs.holding("rescoring") as job:
            if not job or not await self._meta.begin_rescoring(self._version, rules):
                return
            logger.info("the matching rules changed, scoring all resumes again")
            async for ids in self._resumes.ids_in_parts():
                await self._queue_again(ids)
            # Who goes by other rules may have taken some.
            while (others := await self._registry.of_other_rules(self._version)) is None:  # noqa: ASYNC110 - Redis is away
                await asyncio.sleep(_LOOK_S)
            if not others:
                await self._meta.end_rescoring(self._version)

    async def _mend(self) -> None:
        """Queue what was scored by other rules all the same, by a process that nobody saw."""
        if await self._scored_by_others():
            async with self._jobs.holding("rescoring") as job:
                # Once more, as another process may just have done it.
                for part in chunks(await self._scored_by_others() if job else []):
                    await self._queue_again(part)

    async def _scored_by_others(self) -> list[str]:
        """The resumes that do not wait to be scored, and whose profiles are of other rules."""
        stored = self._stored
        if not stored.loaded.is_set() or not stored.of_other_rules:
            return []
        found = [id_ for part in chunks(stored.of_other_rules) for id_ in await self._scored(part)]
        # Who scores a resume saves its profile before the waiting ends.
        await stored.refresh()
        others = set(stored.of_other_rules)
        return [id_ for id_ in found if id_ in others]

    async def _scored(self, resume_ids: Sequence[str]) -> list[str]:
        """Those that do not wait, and are not set aside: what ends processes would be tried for ever."""
        found = await self._resumes.load_briefly(resume_ids)
        return [one.id for one in found if not one.pending and not one.is_quarantined]

    async def _queue_again(self, resume_ids: Sequence[str]) -> None:
        while await self._queue.behind() > MAX_BEHIND:  # noqa: ASYNC110 - the stream tells nobody
            await asyncio.sleep(_WAIT_S)
        await self._resumes.requeue(resume_ids)
        await self._queue.add(resume_ids)
