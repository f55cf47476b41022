"""When relations and topics are learned: by themselves, by one process at a time.

It is a job, in which some engine looks every ten seconds whether it is time. A process that dies in the
middle leaves the job to another, half a minute later; a try that fails is repeated after a minute, then after
five, then every half an hour. What is learned, and which feeds are scored again, is `relearn`.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import msgspec

from engine.learning.computing import LearningFailed
from engine.learning.relearn import OtherRules, RelationsInForce, is_other, relearn
from engine.matching.analysis.analyzer import Analyzer
from store.jobs.jobs import Job
from store.jobs.runner import JobFailed
from store.redis.events import Event
from store.stores import Stores

logger = logging.getLogger(__name__)

_LOOK_S = 10.0
"""Seconds between two looks, three small reads."""
_ENOUGH = 500
"""Resumes at which it is learned again whatever there was before: topics of so many are good ones."""
_REST = timedelta(seconds=30)
"""From the end of a job's first lease to the next time: a minute from its beginning. While a large import
goes on, resumes are a fifth more every few seconds at first, and each time all feeds are scored again."""


class LearningTask:
    """One process's part. Belongs to one event loop."""

    def __init__(
        self, stores: Stores, analyzer: Analyzer, relations: RelationsInForce, *, least: int
    ) -> None:
        self._stores = stores
        self._analyzer = analyzer
        self._relations = relations
        self._least = least

    async def look(self, job: Job) -> datetime:
        """Learn where it is time, and say when it is time for the next look.

        Raises:
            JobFailed: It could not be computed.
        """
        if await self._is_due():
            await self._learn()
            return job.lease + _REST
        return await self._stores.jobs.time() + timedelta(seconds=_LOOK_S)

    async def _is_due(self) -> bool:
        """Whether there is more to learn from, or less, than was learned from last."""
        stores = self._stores
        count, last = await stores.profiles.count(), await stores.relations.last()
        if last is None:
            is_due = count >= self._least
        elif not last.applied:
            is_due = True
        else:
            is_due = (
                last.rules != self._analyzer.version
                or is_other(count, last.profiles)
                or last.profiles < _ENOUGH <= count
            )
            if not last.has_topics:
                # An operator may have learned from fewer, and of few there is nothing to take back.
                is_due = (is_due or last.profiles < self._least) and count >= self._least
        if not is_due:
            return False
        # While profiles are of two rules there is too little to learn from.
        rules = await stores.meta.rules()
        return not rules.version or rules.are_settled(self._analyzer.version)

    async def _learn(self) -> None:
        stores = self._stores
        try:
            learned = await relearn(stores, self._analyzer, least=self._least)
        except LearningFailed as failed:
            logger.error("learning from the stored resumes failed: %s", failed)
            raise JobFailed(str(failed)) from None
        except OtherRules as other:
            logger.info("nothing is learned yet: %s", other)
        else:
            await self._relations.refresh()
            # A hint: without it, servers would find the feeds by their next look.
            await stores.events.publish(Event("feed"))
            logger.info("learned from the stored resumes", extra={"data": msgspec.structs.asdict(learned)})
