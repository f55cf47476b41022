"""Words what a search found for some feeds, and writes it: the step that a backfill repeats.

    written = await writer.write(pairs)

`pairs` says which resumes match which feeds. What a result shows stands in the profile, which is read once
for all feeds. Which feeds and which resumes, in what order and under whose lease, is `backfill`.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial

from engine.indexes.active_feeds import ActiveFeed
from engine.indexes.profiles import CurrentProfiles
from engine.indexes.rows import found_row, kept_row, score_row
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.resume_search import Found
from runtime.lanes import Lanes
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.by_ids import SIZE, chunks
from store.results.result_documents import ScoredResult
from store.results.results import Results
from store.resumes.profiles import StoredProfile

logger = logging.getLogger(__name__)

Pairs = Mapping[str, Sequence[tuple[ActiveFeed, Found | None]]]
"""By resume, the feeds that it may be listed in, with what the search found; None where it was not searched
for, as it was sent to the feed or is not in the index."""

MOVED_ON = -1
"""In place of its revision for a resume of which nothing was written, as it is not as it was found. No resume
has this revision, so whoever compares looks at it once more."""

# Bytes of profiles that are kept for the feeds to come, which mostly match the same resumes: some 10,000. A
# read of one costs more than wording what it matches.
_KEPT = 32 * 2**20

# Results that one write takes. More would hold the first page up; fewer make more round trips.
_SAVE = 200


# New resumes come first: while any are scored, a write waits for so many times as long as the last one took,
# but no longer than that. So a backfill ends beside an upload that does not.
_GIVES_WAY, _LONGEST_S = 4, 1.0


class MatchWriter:
    """Belongs to one event loop.

    Args:
        profiles: Of the resumes, as they are.
        results: Where matches are written.
        metrics: Where they are counted.
        first: The batches of new resumes that this process scores.
    """

    def __init__(
        self,
        *,
        profiles: CurrentProfiles,
        results: Results,
        metrics: Metrics,
        first: Lanes,
    ) -> None:
        self._profiles = profiles
        # Those used last stand last.
        self._kept: dict[str, StoredProfile] = {}
        self._kept_bytes = 0
        self._results = results
        self._metrics = metrics
        self._first = first

    async def write(
        self,
        pairs: Pairs,
        *,
        again: bool = False,
        is_wanted: Callable[[ActiveFeed], bool] = lambda _: True,
        report: Callable[[float], Awaitable[None]] | None = None,
    ) -> dict[str, int]:
        """Write what matches, a part at a time; a pair that does not match is left out.

        Args:
            pairs: The resumes and their feeds.
            again: Most of it is likely to be written already.
            is_wanted: Asked before each part, as feeds may be given up meanwhile.
            report: Told before each part what share is written, 0..1.

        Returns:
            The resumes that were written about, and the revision of each; `MOVED_ON` for those that have
            changed since they were found. The caller looks whether the others are still at their revision.
        """
        written: dict[str, int] = {}
        saving = Lanes(1)  # while a part is written, the next one is worded
        try:
            for number, ids in enumerate(chunks(list(pairs))):
                if report:
                    await report(number * SIZE / len(pairs))
                part = {id_: [pair for pair in pairs[id_] if is_wanted(pair[0])] for id_ in ids}
                rows, moved_on = await self._rows(part, await self._load(part))
                await saving.begin(partial(self._save, rows, again=again))
                written |= {row.resume: row.resume_rev for row in rows} | dict.fromkeys(moved_on, MOVED_ON)
            await saving.empty()
        finally:
            await saving.stop()
        return written

    async def rescore_kept(self, feed: ActiveFeed) -> AsyncIterator[int]:
        """Score by a feed's new form what stays in its list without matching, as it was read or is kept.

        Gives the number of each part that is scored, as thousands take seconds.
        """
        slices = Slices()
        async for kept in self._results.kept_of_feed(feed.key.company, feed.key.id, feed.key.rev):
            is_strong = {one.resume: one.strong for one in kept}
            rows = []
            for stored in await self._profiles.load_settled(list(is_strong)):
                try:
                    profile = ResumeProfile.decode(stored.data)
                    rows.append(kept_row(feed, stored, profile, strong=is_strong[stored.resume]))
                except Exception as error:  # noqa: BLE001 - as in `_rows`
                    _tell(stored.resume, feed, error)
                await slices.rest()
            await self._results.rescore_kept(rows)
            yield len(rows)

    async def _load(self, pairs: Pairs) -> list[StoredProfile]:
        """The profiles of the resumes: kept ones where they are of the revision that was found."""
        profiles, missing = [], []
        for id_, feeds in pairs.items():
            kept = self._kept.pop(id_, None)
            if kept is not None and all(found and found.rev == kept.rev for _, found in feeds):
                self._kept[id_] = kept
                profiles.append(kept)
            else:
                self._kept_bytes -= len(kept.data) if kept else 0
                missing.append(id_)
        for stored in await self._profiles.load(missing):
            profiles.append(stored)
            self._kept[stored.resume] = stored
            self._kept_bytes += len(stored.data)
        while self._kept_bytes > _KEPT:
            self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))).data)
        return profiles

    async def _rows(
        self, pairs: Pairs, profiles: Iterable[StoredProfile]
    ) -> tuple[list[ScoredResult], set[str]]:
        """The results of some resumes, and those that are not as the search found them."""
        rows, moved_on, slices = [], set(), Slices()
        for stored in profiles:
            profile = None
            for feed, found in pairs[stored.resume]:
                if found is not None and found.rev != stored.rev:
                    moved_on.add(stored.resume)
                    continue
                try:
                    profile = profile or ResumeProfile.decode(stored.data)
                    if found is not None:
                        rows.append(found_row(feed, stored, profile, found.breakdown))
                    elif row := score_row(feed, stored, profile):
                        rows.append(row)
                except Exception as error:  # noqa: BLE001 - one pair that cannot be scored stops no other
                    _tell(stored.resume, feed, error)
                await slices.rest()
        return rows, moved_on

    async def _save(self, rows: Sequence[ScoredResult], *, again: bool) -> None:
        # A feed that was scored before lists most of its matches already, and mostly as they are now. To find
        # that out costs less than to write them once more.
        listed = [row for row in rows if again or row.feed_rev > 1]
        fresh = [row for row in rows if not (again or row.feed_rev > 1)]
        changed = [row for part in chunks(listed, _SAVE) for row in await self._results.keep_unchanged(part)]
        for some in (fresh, changed):
            for part in chunks(some, _SAVE):
                began = time.monotonic()
                new = await self._results.save_spared(part, are_new=some is fresh)
                self._metrics.results.inc(len(new))
                await self._first.let_pass(min(_GIVES_WAY * (time.monotonic() - began), _LONGEST_S))
        await self._results.settle_saved(rows)


def _tell(resume_id: str, feed: ActiveFeed, error: Exception) -> None:
    name = type(error).__name__
    logger.error("resume %s cannot be scored for feed %s: %s", resume_id, feed.key.id, name)


def by_resume(
    found: Iterable[tuple[str, ActiveFeed, Found | None]],
) -> dict[str, list[tuple[ActiveFeed, Found | None]]]:
    """Pairs of resumes and feeds, as `MatchWriter.write` takes them."""
    pairs: dict[str, list[tuple[ActiveFeed, Found | None]]] = defaultdict(list)
    for resume_id, feed, match in found:
        pairs[resume_id].append((feed, match))
    return pairs
