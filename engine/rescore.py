"""After an upgrade of the engine's rules: every stored resume is scored again, once."""

from __future__ import annotations

import asyncio
import logging

from engine.matching.analysis.analyzer import Analyzer
from store.meta import Meta
from store.queue import WorkQueue
from store.resumes import Resumes

logger = logging.getLogger(__name__)

MAX_BEHIND = 2000
_WAIT_S = 0.2


async def rescore_if_upgraded(meta: Meta, resumes: Resumes, queue: WorkQueue, analyzer: Analyzer) -> None:
    """Have all resumes scored again when the stored scores come from other rules than ours.

    A part at a time, as fast as they are scored, so that new resumes do not wait behind all old ones.
    The version is noted last: a process that dies in between does it again, which is harmless.
    """
    stored = await meta.analyzer_version()
    if stored == analyzer.version:
        return
    if stored:
        logger.info("the matching rules changed, scoring all resumes again")
        async for ids in resumes.ids_in_parts():
            while await queue.behind() > MAX_BEHIND:  # noqa: ASYNC110 - the stream tells nobody
                await asyncio.sleep(_WAIT_S)
            await resumes.requeue(ids)
            await queue.add(ids)
    await meta.set_analyzer_version(analyzer.version)
