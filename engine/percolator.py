"""Percolation: scores a batch of new resumes against all feeds, and writes what matches.

    await percolator.score(resumes)     # they are pending; afterwards most of them are not

The order of the writes keeps it safe: profiles, results, and last the end of `pending`. A process that dies
in between leaves the resumes pending. They are then scored again, which writes the same.

Where resumes come from is `work_source`; which of them are tried together is `quarantine`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from engine.active_feeds import ActiveFeeds
from engine.feedback_models import FeedbackModels
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.profiles import stored_profile
from engine.quarantine import PoisonGuard
from engine.rows import row_of, score_row
from engine.stored_resumes import StoredResumes
from runtime.metrics import Metrics
from runtime.slices import Slices
from store.contacts import Contacts
from store.erasures import Erasures
from store.lookalikes import Lookalikes
from store.profiles import Profiles, StoredProfile
from store.result_documents import ScoredResult
from store.results import Results
from store.resume_values import StoredResume
from store.resumes import Resumes

# Results written at once. More would hold the first badges of a batch up; fewer make more round trips.
_SAVE = 200

Analysed = tuple[StoredResume, StoredProfile, ResumeProfile]

Matched = dict[str, set[tuple[str, int]]]
"""By resume: each feed that it matched, and the revision of that feed."""


class Percolator:
    """One process's scorer of batches. Belongs to one event loop; one batch at a time.

    `stored` is the index of resumes where this process has one: it need not read what was saved here.
    """

    def __init__(
        self,
        *,
        resumes: Resumes,
        contacts: Contacts,
        lookalikes: Lookalikes,
        profiles: Profiles,
        results: Results,
        erasures: Erasures,
        feeds: ActiveFeeds,
        feedback: FeedbackModels,
        stored: StoredResumes | None,
        analyzer: Analyzer,
        guard: PoisonGuard,
        metrics: Metrics,
    ) -> None:
        self._resumes = resumes
        self._contacts = contacts
        self._lookalikes = lookalikes
        self._profiles = profiles
        self._results = results
        self._erasures = erasures
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
        likenesses = await self._lookalikes.read(resumes)
        await self._contacts.move(resumes, likenesses)
        analysed = await self._analyse(resumes)
        # Before the results: whoever reads a feed's candidates from now on finds these.
        await self._profiles.save([stored for _, stored, _ in analysed])
        if self._stored is not None:
            for _, stored, profile in analysed:
                self._stored.put(stored, profile)
        await self._lookalikes.settle(likenesses, [resume.id for resume in resumes if resume.rev > 1])
        matched = await self._write(analysed)
        await self._settle(resumes, matched, read_at)

    async def _analyse(self, resumes: Sequence[StoredResume]) -> list[Analysed]:
        analysed: list[Analysed] = []
        slices = Slices()
        for resume in resumes:
            try:
                profile = self._analyzer.resume(resume.body, resume.arrived_at)
                analysed.append((resume, stored_profile(resume, profile, self._analyzer.version), profile))
            except Exception as error:  # noqa: BLE001 - whatever one text does, its neighbours go on
                await self._guard.failed(resume, error)
            await slices.rest()
        return analysed

    async def _write(self, analysed: Sequence[Analysed]) -> Matched:
        """Match and write a batch; the resumes that failed are not in what it returns."""
        rows: list[ScoredResult] = []
        matched: Matched = {}
        slices = Slices()
        for resume, stored, profile in analysed:
            try:
                found = await self._match(resume, stored, profile, slices)
            except Exception as error:  # noqa: BLE001 - as above
                await self._guard.failed(resume, error)
                continue
            matched[resume.id] = {(row.feed, row.feed_rev) for row in found}
            rows += found
            # Only a resume that was changed can be in a list that it does not match any more.
            if resume.rev > 1:
                feeds = {row.feed for row in found}
                await self._results.drop_unmatched(resume.id, resume.rev, self._feeds.is_scored, feeds)
        for start in range(0, len(rows), _SAVE):
            self._metrics.results.inc(len(await self._results.save(rows[start : start + _SAVE])))
        return matched

    async def _match(
        self, resume: StoredResume, stored: StoredProfile, profile: ResumeProfile, slices: Slices
    ) -> list[ScoredResult]:
        """What to write of a resume: its matches, and its rows in the feeds that it was sent to."""
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
        """End `pending`, unless what we wrote may have come after something newer.

        Another process may have scored a newer revision of a resume or of a feed while we worked. Our older
        writes could then stand over its newer ones, so the resume is scored once more. Or the resume was
        erased: then what we wrote of it goes too.
        """
        revisions = await self._resumes.revisions([resume.id for resume in resumes])
        await self._feeds.refresh()
        settled, stale, moved_on = [], [], []
        for resume in resumes:
            rev, _ = revisions.get(resume.id, (0, False))
            if rev != resume.rev:
                moved_on.append(resume.id)
            if not rev and self._stored is not None:
                self._stored.remove([resume.id])
            if not rev or resume.id not in matched:
                continue  # it was erased, or it failed and is the guard's
            # The same revision scored by somebody else wrote the same: only a newer one is a reason.
            if rev == resume.rev and self._is_current(matched[resume.id]):
                settled.append(resume)
            else:
                stale.append(resume.id)
        await self._erasures.clear(moved_on)
        if stale:
            await self._resumes.requeue(stale)
        # Before the end of `pending`: if we die in between, the resume is scored and this is done again.
        await self._feedback.profiles_changed([resume.id for resume in settled if resume.rev > 1])
        await self._resumes.mark_scored(settled, read_at)
        self._measure(settled)

    def _is_current(self, feeds: Collection[tuple[str, int]]) -> bool:
        """Whether all of these feeds are still at the revision that was scored."""
        return all(self._feeds.rev_of(feed_id) == rev for feed_id, rev in feeds)

    def _measure(self, settled: Sequence[StoredResume]) -> None:
        self._metrics.scored.inc(len(settled))
        now = datetime.now(UTC)
        for resume in settled:
            if resume.rev == 1:  # a later revision says nothing of how long the resume waited
                self._metrics.score_lag.observe((now - resume.arrived_at).total_seconds())
