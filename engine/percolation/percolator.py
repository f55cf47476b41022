"""Percolation: scores a batch of new resumes against all feeds, and writes what matches.

    await percolator.score(resumes)     # they are pending; afterwards most of them are not

What a resume matches, the numbers of the lists and the end of its waiting are one transaction: a process that
dies leaves the resume waiting, or everything done. One that was scored, changed or erased by somebody else
meanwhile is left out.

A feed may change while a resume is scored by its form before. Nothing is done about that here: its backfill
looks at every resume that was waiting when it began once that is scored.

Where resumes come from is `work_source`, how they become profiles is `preparation`; which of them are tried
together is `quarantine`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

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
from store.transactions import again_after_conflict

_SAVE = 200
"""Results written at once. More would hold the first badges of a batch up, and other writers of the same
accounts; fewer make more round trips."""


class _MovedOn(Exception):
    """A resume is not as it was read any more."""


class _Unscored(Exception):
    """A resume cannot be scored in a list in which it stays."""

    def __init__(self, why: Exception) -> None:
        super().__init__()
        self.why = why


class Scored(msgspec.Struct, frozen=True):
    """A resume with all that is to be written of it."""

    prepared: Prepared
    rows: list[ScoredResult]


class Percolator:
    """One process's scorer of batches. Belongs to one event loop; batches may be under way side by side."""

    def __init__(
        self,
        stores: Stores,
        *,
        feeds: ActiveFeeds,
        feedback: FeedbackModels,
        stored: StoredResumes,
        analyzer: Analyzer,
        guard: PoisonGuard,
        metrics: Metrics,
    ) -> None:
        self._resumes = stores.resumes
        self._profiles = stores.profiles
        self._preparation = Preparation(stores, analyzer, guard)
        self._results = stores.results
        self._counters = stores.result_counters
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
        slices = Slices()
        fresh: list[Scored] = []
        changed: list[Scored] = []
        for prepared in await self._preparation.prepare(resumes):
            resume = prepared.resume
            try:
                one = Scored(prepared, await self._match(prepared, slices))
            except Exception as error:  # noqa: BLE001 - one resume must not spoil the work on the others
                await self._guard.failed(resume, error)
                continue
            (changed if resume.rev > 1 else fresh).append(one)
        for part in _parts(fresh):
            await self._write(part, read_at)
        for one in changed:
            await self._write([one], read_at)

    async def _write(self, scored: Sequence[Scored], read_at: datetime) -> None:
        """Write what there is of resumes, those that moved on left out."""
        while scored and not await self._try_to_write(scored, read_at):
            resumes = [one.prepared.resume for one in scored]
            seen = await self._resumes.revisions([one.id for one in resumes])
            waiting = {one.id for one in resumes if seen.get(one.id) == (one.rev, True)}
            self._stored.remove([one.id for one in resumes if one.id not in seen])
            scored = [one for one in scored if one.prepared.resume.id in waiting]

    @again_after_conflict
    async def _try_to_write(self, scored: Sequence[Scored], read_at: datetime) -> bool:
        """Write all in one transaction; false where nothing is written, as some of them moved on."""
        rows = [row for one in scored for row in one.rows]
        prepared = [one.prepared for one in scored]
        *first, last = list(chunks(rows, _SAVE)) or [[]]
        for part in first:  # of a resume that matches thousands of feeds: it waits until the last is written
            self._metrics.results.inc(len(await self._results.save_spared(part, are_new=False)))
        try:
            async with self._counters.alone({row.company for row in last}):
                is_changed = prepared[0].resume.rev > 1
                are_new = not first and not is_changed
                await self._profiles.save([one.stored for one in prepared], are_new=are_new)
                if is_changed:
                    new = await self._write_changed(scored[0], last)
                else:
                    new = await self._results.save(last, are_new=are_new)
                if await self._resumes.mark_scored([one.resume for one in prepared], read_at) < len(prepared):
                    raise _MovedOn
        except _MovedOn:
            return False
        except _Unscored as error:
            await self._guard.failed(prepared[0].resume, error.why)
            return True
        for one in prepared:
            self._stored.put(one.stored, one.profile)
        self._metrics.results.inc(len(new))
        self._measure([one.resume for one in prepared])
        return True

    async def _write_changed(self, one: Scored, rows: Sequence[ScoredResult]) -> list[ScoredResult]:
        """The same of a changed resume, which may be in lists that it does not match any more."""
        prepared, resume, feeds = one.prepared, one.prepared.resume, {row.feed for row in one.rows}
        await self._results.drop_unmatched(resume.id, resume.rev, self._feeds.is_scored, feeds)
        new = await self._results.save(rows)
        kept = []
        slices = Slices()
        for row in await self._results.kept_of_resume(resume.id, resume.rev, self._feeds.is_scored, feeds):
            if feed := self._feeds.find(row.feed):
                feed = self._feedback.with_model(feed)
                try:
                    kept.append(kept_row(feed, prepared.stored, prepared.profile, strong=row.strong))
                except Exception as error:
                    raise _Unscored(error) from error
            await slices.rest()
        await self._results.rescore_kept(kept)
        await self._feedback.profiles_changed([resume.id])
        return new

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

    def _measure(self, settled: Collection[StoredResume]) -> None:
        self._metrics.rounds.inc()
        self._metrics.scored.inc(len(settled))
        now = datetime.now(UTC)
        for resume in settled:
            if resume.rev == 1:  # a later revision says nothing of how long the resume waited
                self._metrics.score_lag.observe((now - resume.arrived_at).total_seconds())


def _parts(scored: Sequence[Scored]) -> Iterator[list[Scored]]:
    """Resumes whose results are written together: some `_SAVE` of them, and of each resume all."""
    part: list[Scored] = []
    size = 0
    for one in scored:
        if part and size + len(one.rows) > _SAVE:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.rows)
    if part:
        yield part
