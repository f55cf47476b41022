"""After an upgrade of the matching rules: every stored resume is scored again, once.

Nothing is scored here. Resumes become pending and are queued; the workers of all processes do the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from engine.matching.analysis.analyzer import Analyzer
from store.meta import Meta
from store.redis.queue import WorkQueue
from store.resumes.profiles import Profiles
from store.resumes.resumes import Resumes

logger = logging.getLogger(__name__)

MAX_BEHIND = 2000
"""Queued resumes at which this waits. With more, a resume that arrives now would wait behind too many old
ones; with far fewer, the workers would run out of work between two looks."""

# Seconds between two looks whether the process that has all scored again is through, or gone.
_LOOK_S = 5.0

# Seconds between two looks at the queue. The stream tells nobody that it has become shorter.
_WAIT_S = 0.2


async def rescore_if_upgraded(
    meta: Meta, resumes: Resumes, profiles: Profiles, queue: WorkQueue, analyzer: Analyzer, process: str
) -> None:
    """Have all resumes scored again when the stored scores come from other rules than ours.

    A part at a time, as fast as they are scored, so that new resumes do not wait behind all old ones. One
    process does it, and the others wait: each of them would have all scored once more.
    """
    while stored := await meta.analyzer_version():
        if stored == analyzer.version:
            # Servers of the release before may have scored some by older rules while they were restarted.
            async for ids in profiles.of_former_release():
                states = await resumes.revisions(ids)
                await _rescore([id_ for id_, (_, pending) in states.items() if not pending], resumes, queue)
            return
        async with meta.alone("rescoring", process) as is_ours:
            if is_ours and await meta.analyzer_version() == stored:
                logger.info("the matching rules changed, scoring all resumes again")
                async for ids in resumes.ids_in_parts():
                    await _rescore(ids, resumes, queue)
                # Last: a process that dies before this line has another do it all again, which is harmless.
                await meta.set_analyzer_version(analyzer.version)
                return
        await asyncio.sleep(_LOOK_S)
    # This is a new database, in which nothing was scored.
    await meta.set_analyzer_version(analyzer.version)


async def _rescore(resume_ids: Sequence[str], resumes: Resumes, queue: WorkQueue) -> None:
    while await queue.behind() > MAX_BEHIND:  # noqa: ASYNC110 - the stream tells nobody
        await asyncio.sleep(_WAIT_S)
    await resumes.requeue(resume_ids)
    await queue.add(resume_ids)
