"""Words what a search found for some feeds, and writes it: the step that a backfill repeats.

    again = await writer.write(pairs)

`pairs` says which resumes match which feeds. What a result shows stands in the profile, which is read once
for all feeds. Which feeds and which resumes, in what order and under whose lease, is `backfill`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from engine.active_feeds import ActiveFeed
from engine.erasure import clear
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.reasons import match_of
from engine.matching.score.resume_search import Found
from engine.profiles import CurrentProfiles
from engine.rows import row_of, score_row
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.by_ids import chunks
from store.erasures import Erasures
from store.events import Event, Events
from store.profiles import StoredProfile
from store.result_documents import ScoredResult
from store.results import Results
from store.resumes import Resumes

logger = logging.getLogger(__name__)

Pairs = Mapping[str, Sequence[tuple[ActiveFeed, Found | None]]]
"""By resume, the feeds that it may be listed in, with what the search found; None where it was not searched
for, as it was sent to the feed or is not in the index."""

# Results that one write takes. More would hold the first page up; fewer make more round trips.
_SAVE = 200


class MatchWriter:
    """Belongs to one event loop."""

    def __init__(
        self,
        *,
        resumes: Resumes,
        profiles: CurrentProfiles,
        results: Results,
        erasures: Erasures,
        events: Events,
        metrics: Metrics,
    ) -> None:
        self._resumes = resumes
        self._profiles = profiles
        self._results = results
        self._erasures = erasures
        self._events = events
        self._metrics = metrics

    async def write(self, pairs: Pairs) -> list[str]:
        """Write and announce what matches; a pair that does not match is left out.

        Returns:
            Ids of the resumes to look at once more: they changed meanwhile, or wait to be scored.
        """
        again: list[str] = []
        for ids in chunks(list(pairs)):
            profiles = await self._profiles.load(ids, purpose="a backfill")
            rows, moved_on = await self._rows(pairs, profiles)
            await self._save(rows)
            again += await self._unsettled({row.resume: row.resume_rev for row in rows} | moved_on)
        return again

    async def _rows(
        self, pairs: Pairs, profiles: Iterable[StoredProfile]
    ) -> tuple[list[ScoredResult], dict[str, int]]:
        """The results of some resumes, and the revisions of those that are not as the search found them."""
        rows, moved_on, slices = [], {}, Slices()
        for stored in profiles:
            profile = None
            for feed, found in pairs[stored.resume]:
                if found is not None and found.rev != stored.rev:
                    moved_on[stored.resume] = found.rev
                    continue
                try:
                    profile = profile or ResumeProfile.decode(stored.data)
                    if row := _row(feed, stored, profile, found):
                        rows.append(row)
                except Exception as error:  # noqa: BLE001 - one pair that cannot be scored stops no other
                    name = type(error).__name__
                    logger.error(
                        "resume %s cannot be scored for feed %s: %s", stored.resume, feed.key.id, name
                    )
                await slices.rest()
        return rows, moved_on

    async def _save(self, rows: Sequence[ScoredResult]) -> None:
        for start in range(0, len(rows), _SAVE):
            part = rows[start : start + _SAVE]
            self._metrics.results.inc(len(await self._results.save(part)))
            # For all rows, not the new ones alone: an earlier try may have written and died before it told.
            lists = sorted({(row.user, row.feed) for row in part})
            await self._events.publish(*(Event("unread", user=user, feed=feed) for user, feed in lists))

    async def _unsettled(self, written: Mapping[str, int]) -> list[str]:
        """Clear what was written about erased people; returns the ids of those to look at once more.

        A resume that changed in between may have been percolated before our older score was written, which
        then stands over the newer one; or it waits to be percolated by a process that does not know the feed.

        Args:
            written: The resumes, and the revision of each that was written about.
        """
        revisions = await self._resumes.revisions(list(written))
        moved_on = [id_ for id_, rev in written.items() if revisions.get(id_, (0, False))[0] != rev]
        await clear(self._erasures, self._events, moved_on)
        return [id_ for id_, rev in written.items() if id_ in revisions and revisions[id_] != (rev, False)]


def _row(
    feed: ActiveFeed, stored: StoredProfile, profile: ResumeProfile, found: Found | None
) -> ScoredResult | None:
    if found is None:
        return score_row(feed, stored, profile)
    match = match_of(feed.query, profile, found.breakdown)
    return row_of(feed.key, feed.model, stored, profile, match)
