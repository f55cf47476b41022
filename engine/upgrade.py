"""After an upgrade of the engine's rules: every stored resume is scored again, once."""

from __future__ import annotations

import logging

from engine.analyzer import Analyzer
from store.meta import Meta
from store.resumes import Resumes

logger = logging.getLogger(__name__)


async def rescore_if_upgraded(meta: Meta, resumes: Resumes, analyzer: Analyzer) -> None:
    """Mark all resumes to be scored when the stored scores come from other rules than ours.

    The version is noted last: a process that dies in between does it again, which is harmless.
    """
    stored = await meta.analyzer_version()
    if stored == analyzer.version:
        return
    if stored:
        count = await resumes.request_rescore()
        logger.info(
            "the matching rules changed, scoring all resumes again", extra={"data": {"resumes": count}}
        )
    await meta.set_analyzer_version(analyzer.version)
