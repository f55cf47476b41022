"""What a preview has counted so far: how many match, and the best of them.

Which resumes are counted, and for how long, is `preview`.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Sequence
from datetime import datetime

from engine.active_feeds import ActiveFeed
from engine.matching.resume_profile import ResumeProfile
from engine.rows import score_row
from runtime.slices import Slices
from store.profiles import StoredProfile
from store.result_documents import ScoredResult

logger = logging.getLogger(__name__)

BEST = 5
"""Matches that a preview shows."""


class Tally:
    """Scores profiles for one feed and keeps count.

    Attributes:
        scored: Profiles that were scored.
        total: Those of them that match.
        best: The best `BEST`, best first, equal scores newest first.
    """

    def __init__(self, feed: ActiveFeed, version: str) -> None:
        self._feed = feed
        self._version = version
        self.total = self.scored = 0
        self.best: list[ScoredResult] = []

    async def add(self, profiles: Sequence[StoredProfile]) -> bool:
        """Score profiles and count those that match.

        Returns:
            Whether all of them could be scored; those that other rules made cannot.
        """
        slices = Slices()
        current = [stored for stored in profiles if stored.version == self._version]
        for stored in current:
            try:
                row = score_row(self._feed, stored, ResumeProfile.decode(stored.data))
            except Exception as error:  # noqa: BLE001 - no list shows it either, see `chunk_scorer`
                logger.error(
                    "resume %s cannot be scored for a preview: %s", stored.resume, type(error).__name__
                )
                continue
            if row is not None:
                self.total += 1
                self.best = heapq.nlargest(BEST, [*self.best, row], key=_rank)
            await slices.rest()
        self.scored += len(current)
        return len(current) == len(profiles)


def _rank(row: ScoredResult) -> tuple[float, datetime, str]:
    """Greater for what stands higher in a list."""
    return row.score, row.arrived_at, row.resume
