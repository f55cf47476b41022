"""Percolation: scores a batch of new resumes against all feeds, and writes what matches.

    await percolator.score(resumes)     # they are pending; afterwards most of them are not

The order of the writes keeps it safe: profiles, results, and last the end of the waiting. A process that
dies in between leaves the resumes waiting. They are then scored again, which writes the same.

Where resumes come from is `work_source`, how they become profiles is `preparation`; which of them are tried
together is `quarantine`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from engine.indexes.active_feeds import ActiveFeeds
from engine.indexes.rows import kept_row, row_of, score_row
from engine.indexes.stored_resumes import StoredResumes
from engine.learning.feedback_models import FeedbackModels
from engine.matching.analysis.analyzer import Analyzer
from engine.percolation.preparation import Preparation, Prepared
from engine.percolation.quarantine import PoisonGuard
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.by_ids import chunks
from store.results.result_documents import ScoredResult
from store.resumes.resume_values import StoredResume
from store.stores import Stores

# Results written at once. More would hold the first badges of a batch up; fewer make more round trips.
_SAVE = 200

Matched = dict[str, set[tuple[str, int]]]
"""By resume: each feed that it matched, and the revision of that feed."""


class Percolator:
    """One process's scorer of batches. Belongs to one event loop; batches may be under way side by side.

    Args:
        queue: Told of what has to be scored once more.
        resumes: Where it is noted what is scored.
        preparation: Makes their profiles.
        results: Where matches are written.
        erasures: Clears what was written of a resume that was erased meanwhile.
        feeds: The feeds.
        feedback: What they have learned.
        stored: The index of stored resumes of this process.
        analyzer: The rules.
        guard: Told of a resume that cannot be scored.
        metrics: Where it is counted what was scored.
    """

    def __init__(
        self,
        stores: Stores,
        *,
        preparation: Preparation,
        feeds: ActiveFeeds,
        feedback: FeedbackModels,
        stored: StoredResumes,
        analyzer: Analyzer,
        guard: PoisonGuard,
        metrics: Metrics,
    ) -> None:
        self._queue = stores.queue
        self._resumes = stores.resumes
        self._preparation = preparation
        self._results = stores.results
        self._erasures = stores.erasures
        self._feeds = feeds
        self._feedback = feedback
        self._stored = stored
        self._analyzer = analyzer
        self._guard = guard
        self._metrics = metrics

    async def score(self, resumes: Sequence[StoredResume]) -> None:
        """Score pending resumes, as they were just read.

        One that raises is left to the guard; the others go on.
        """
        # After the resumes were read, see `active_feeds`.
        read_at = datetime.now(UTC)
        await self._feeds.refresh()
        await self._feedback.refresh()
        matched = await self._write(await self._preparation.prepare(resumes))
        await self._settle(resumes, matched, read_at)

    async def _write(self, prepared: Sequence[Prepared]) -> Matched:
        """Match and write a batch; the resumes that failed are not in what it returns."""
        rows: list[ScoredResult] = []
        matched: Matched = {}
        slices = Slices()
        for one in prepared:
            resume = one.resume
            try:
                found = await self._match(one, slices)
            except Exception as error:  # noqa: BLE001 - one resume must not spoil the work on the others
                await self._guard.failed(resume, error)
                continue
            matched[resume.id] = {(row.feed, row.feed_rev) for row in found}
            rows += found
            # Only a resume that was changed can be in a list that it does not match any more.
            if resume.rev > 1:
                feeds = {row.feed for row in found}
                await self._results.drop_unmatched(resume.id, resume.rev, self._feeds.is_scored, feeds)
        alone = {one.resume.id for one in prepared if one.is_alone}
        for part in chunks(rows, _SAVE):
            self._metrics.results.inc(len(await self._results.save(part, alone)))
        # After that, as what matches is of the new revision then, and is not read again.
        for one in prepared:
            if one.resume.rev > 1 and one.resume.id in matched:
                await self._rescore_kept(one, matched, slices)
        return matched

    async def _rescore_kept(self, prepared: Prepared, matched: Matched, slices: Slices) -> None:
        """Score a changed resume where it stays listed without matching, as it was read or is kept."""
        resume, rows = prepared.resume, []
        feeds = {feed for feed, _ in matched[resume.id]}
        kept = await self._results.kept_of_resume(resume.id, resume.rev, self._feeds.is_scored, feeds)
        try:
            for one in kept:
                if feed := self._feeds.find(one.feed):
                    with_model = self._feedback.with_model(feed)
                    rows.append(kept_row(with_model, prepared.stored, prepared.profile, strong=one.strong))
                await slices.rest()
        except Exception as error:  # noqa: BLE001 - as in `_write`
            await self._guard.failed(resume, error)
            del matched[resume.id]
            return
        await self._results.rescore_kept(rows)

    async def _match(self, prepared: Prepared, slices: Slices) -> list[ScoredResult]:
        """What to write of a resume: its matches, and its rows in the feeds that it was sent to."""
        resume, stored, profile = prepared.resume, prepared.stored, prepared.profile
        rows: dict[str, ScoredResult] = {}
        async for key, match in self._feeds.matches(profile, slices):
            model = self._feedback.model_of(key.id)
            rows[key.id] = row_of(key, model, stored, profile, match, self._analyzer.topics)
        for feed_id in (*resume.send_to, *resume.partner_for):
            # What is sent to a paused feed is listed by the backfill with which it goes on.
            is_listed = feed_id in rows or self._feeds.is_paused(feed_id)
            sent = None if is_listed else self._feeds.find(feed_id)
            if sent and (row := score_row(self._feedback.with_model(sent), stored, profile)):
                rows[feed_id] = row
        return list(rows.values())

    async def _settle(self, resumes: Sequence[StoredResume], matched: Matched, read_at: datetime) -> None:
        """End the waiting, unless what we wrote may have come after something newer.

        Another process may have scored a newer revision of a resume or of a feed while we worked. Our older
        writes could then stand over its newer ones, so the resume is scored once more. Or the resume was
        erased: then what we wrote of it goes too.
        """
        if any(matched.values()):
            await self._feeds.refresh()
        settled = {one.id: one for one in resumes if one.id in matched and self._is_current(matched[one.id])}
        # Before the end: if we die in between, the resume is scored and this is done again.
        await self._feedback.profiles_changed([one.id for one in settled.values() if one.rev > 1])
        unsure = await self._resumes.mark_scored(list(settled.values()), read_at)
        if unsure or len(settled) < len(resumes):
            looked_at = [one for one in resumes if one.id in {*unsure} or one.id not in settled]
            for id_ in await self._put_right(looked_at, matched, settled):
                settled.pop(id_, None)
        self._measure(settled.values())

    async def _put_right(
        self, resumes: Sequence[StoredResume], matched: Matched, settled: Collection[str]
    ) -> set[str]:
        """Look after resumes that are not settled, or may not be; returns those that are not.

        Args:
            resumes: The resumes, as they were read.
            matched: Those that were scored; those that failed are the guard's.
            settled: Those whose feeds are all as they were.
        """
        seen = await self._resumes.revisions([one.id for one in resumes])
        moved_on, outdated, queued = set(), [], []
        for resume in resumes:
            rev, is_pending = seen.get(resume.id, (0, False))
            if rev != resume.rev:
                moved_on.add(resume.id)
            if not rev:
                self._stored.remove([resume.id])
            elif resume.id in matched and not (rev == resume.rev and resume.id in settled):
                outdated.append(resume.id)
                # A newer revision that waits is queued already, or somebody is at it: two processes that each
                # queued it for the other would outdate each other for ever. A sweep finds what is left.
                if rev == resume.rev or not is_pending:
                    queued.append(resume.id)
        await self._erasures.clear(list(moved_on))
        await self._resumes.requeue(outdated)
        await self._queue.add(queued)
        return moved_on.union(outdated)

    def _is_current(self, feeds: Collection[tuple[str, int]]) -> bool:
        """Whether all of these feeds are still at the revision that was scored."""
        return all(self._feeds.rev_of(feed_id) == rev for feed_id, rev in feeds)

    def _measure(self, settled: Collection[StoredResume]) -> None:
        self._metrics.rounds.inc()
        self._metrics.scored.inc(len(settled))
        now = datetime.now(UTC)
        for resume in settled:
            if resume.rev == 1:  # a later revision says nothing of how long the resume waited
                self._metrics.score_lag.observe((now - resume.arrived_at).total_seconds())
