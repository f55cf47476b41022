"""Scores some stored resumes for one feed and writes what matches: the step that a backfill repeats.

    look_again = await chunk_scorer.score(feed, profiles)

Which feed and which resumes, in what order and under whose lease, is `backfill`. New resumes are scored
against all feeds at once by `worker`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.active_feeds import ActiveFeed, FeedKey
from engine.matching.resume_profile import ResumeProfile
from engine.rows import score_row
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.erasures import Erasures
from store.profiles import StoredProfile
from store.result_documents import ScoredResult
from store.results import Results
from store.resumes import Resumes

logger = logging.getLogger(__name__)


class ChunkScorer:
    """Scores profiles that the rules of `version` made. Belongs to one event loop."""

    def __init__(
        self,
        *,
        resumes: Resumes,
        results: Results,
        erasures: Erasures,
        metrics: Metrics,
        version: str,
    ) -> None:
        self._resumes = resumes
        self._results = results
        self._erasures = erasures
        self._metrics = metrics
        self._version = version

    async def score(self, feed: ActiveFeed, profiles: Sequence[StoredProfile]) -> list[str]:
        """Score resumes for a feed, and write what matches.

        Args:
            feed: The feed, with its feedback model.
            profiles: The resumes' profiles. Those of other rules are not scored.

        Returns:
            Ids of the resumes to look at once more: they changed meanwhile, wait to be scored, or have a
            profile of other rules.
        """
        current = [stored for stored in profiles if stored.version == self._version]
        await self._write(feed.key, current, await self._rows(feed, current))
        return await self._unsettled(profiles, current)

    async def _rows(self, feed: ActiveFeed, profiles: Sequence[StoredProfile]) -> list[ScoredResult]:
        rows, slices = [], Slices()
        for stored in profiles:
            try:
                if row := score_row(feed, stored, ResumeProfile.decode(stored.data)):
                    rows.append(row)
            except Exception as error:  # noqa: BLE001 - one pair that cannot be scored stops no other
                name = type(error).__name__
                logger.error("resume %s cannot be scored for feed %s: %s", stored.resume, feed.key.id, name)
            await slices.rest()
        return rows

    async def _write(
        self, key: FeedKey, profiles: Sequence[StoredProfile], rows: Sequence[ScoredResult]
    ) -> None:
        self._metrics.results.inc(len(await self._results.save(rows)))
        matched = {row.resume for row in rows}
        for stored in profiles:
            # Only a resume that was changed can be in the list without matching any more.
            if stored.rev > 1 and stored.resume not in matched:
                await self._results.drop_unmatched(stored.resume, stored.rev, {key.id}.__contains__, ())

    async def _unsettled(
        self, profiles: Sequence[StoredProfile], scored: Sequence[StoredProfile]
    ) -> list[str]:
        """Clear what was written about erased people; returns the ids of those to look at once more.

        A resume that changed in between may have been percolated before our older score was written, which
        then stands over the newer one; or it waits to be percolated by a process that does not know the feed.
        """
        revisions = await self._resumes.revisions([stored.resume for stored in profiles])
        moved_on = [one.resume for one in scored if revisions.get(one.resume, (0, False))[0] != one.rev]
        await self._erasures.clear(moved_on)
        settled = {one.resume for one in scored if revisions.get(one.resume) == (one.rev, False)}
        return [one.resume for one in profiles if one.resume in revisions.keys() - settled]
