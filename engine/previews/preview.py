"""Preview: how many stored resumes a form would match, while a recruiter still types it.

    outcome = await preview.count(form, member=member, feed_id=None)

It finds what a backfill would, in the same index, so a form that is then submitted gets the list that was
promised. It reads the best few alone from MongoDB, and writes nothing. How many run at once is bounded in
`preview_slots`.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from engine.indexes.active_feeds import ActiveFeed, read_feed
from engine.indexes.rows import found_row, score_row
from engine.indexes.stored_resumes import StoredResumes
from engine.learning.relearn import RelationsInForce
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.lexicon.salary import MAX_YUAN
from engine.matching.resume_profile import ResumeProfile
from engine.matching.score.requirements import judge, unmet_musts
from engine.matching.score.resume_search import Found, ResumeSearch
from engine.previews.preview_slots import PreviewSlots
from runtime.slices import Slices
from runtime.tracing import span
from store.accounts.companies import Member
from store.by_ids import chunks
from store.feeds.feed_documents import Feed, FeedForm
from store.feeds.feedback import FeedbackStore
from store.results.result_documents import ScoredResult
from store.resumes.profiles import Profiles, StoredProfile
from store.resumes.resumes import Resumes

logger = logging.getLogger(__name__)

Wish = Literal["expect_area", "salary_min", "talent_level", "skill_required", "keywords"]
"""A wish that a form can do without, by its field; `salary_min` stands for both ends of the pay."""

BEST = 5
"""Matches that a preview shows."""

# The best matches that feedback may put in another order, where the feed has learned something. Who stands
# behind so many is not shown, though feedback could bring them to the front.
_REORDERED = 100

# Resumes sent to the edited feed that are looked for in the index in one go; it takes about two milliseconds.
_SENT_AT_ONCE = 500

# Strong matches whose requirements are looked at: it takes them half a second. Of more a part says how many.
_MOST_LOOKED_INTO = 3_000

# Seconds that the search may have taken for its wishes to be tried one by one: five more still fit into the
# time of a request.
_ADVISING_S = 0.1

# The wishes that can be done without, and the form without each.
_WISHES: dict[Wish, dict[str, Any]] = {
    "expect_area": {"expect_area": []},
    "salary_min": {"salary_min": 0, "salary_max": MAX_YUAN},
    "talent_level": {"talent_level": []},
    "skill_required": {"skill_required": ""},
    "keywords": {"keywords": []},
}

# Seconds for asking whether resumes wait. A store that takes longer has many that do.
_ASKING_S = 0.02


class PreviewOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a form would match.

    Attributes:
        total: Matches among the resumes that were scored.
        strong: Those of them that would be strong. What the feed has learned from clicks is not in it.
        candidates: How many can match at all; all of them were scored.
        complete: Whether that is everything, so that the list of the feed, once it is submitted, has
            `total` results, or fewer where somebody has several resumes. False while resumes wait to be
            scored, and where some are so old that they are not in the index.
        best: The best `BEST`, best first, equal scores newest first.
        advice: Where nothing is strong: wish of the form -> how many would be without it, the most first.
        musts: Requirement that must be met -> how many more would be strong if it were only a wish.
    """

    total: int
    strong: int
    candidates: int
    complete: bool
    best: list[ScoredResult]
    advice: dict[Wish, int] = {}
    musts: dict[str, int] = {}


_NOTHING = PreviewOutcome(total=0, strong=0, candidates=0, complete=True, best=[])


class Preview:
    """One process's previews, of the resumes that it holds. Belongs to one event loop."""

    def __init__(
        self,
        *,
        stored: StoredResumes,
        profiles: Profiles,
        resumes: Resumes,
        feedback: FeedbackStore,
        relations: RelationsInForce,
        analyzer: Analyzer,
    ) -> None:
        self._stored = stored
        self._profiles = profiles
        self._resumes = resumes
        self._feedback = feedback
        self._relations = relations
        self._analyzer = analyzer
        self._slots = PreviewSlots()

    async def count(self, form: FeedForm, *, member: Member, feed_id: str | None) -> PreviewOutcome:
        """Count what a form would match.

        Args:
            form: The form, as it would be submitted.
            member: Who asks. If their account has a preview under way, that ends with `Superseded`.
            feed_id: The feed that is edited, which must be the account's own: the resumes delivered or
                recommended to it count as they do in its list. None for a new feed.

        Raises:
            Superseded: The account asked for a newer preview meanwhile.
            TimeoutError: No slot was free, since others' previews take all of them.
            One of STORE_FAILURES: MongoDB does not answer.
        """
        async with self._slots.take(member.user):
            with span("preview"):
                return await self._look(_draft(form, member, feed_id))

    async def _look(self, draft: Feed) -> PreviewOutcome:
        await self._relations.refresh()
        feed = read_feed(self._analyzer, draft)
        if feed is None:  # a backfill would list nothing either
            return _NOTHING
        if draft.id:  # a new feed has learned nothing
            feed = await self._with_model(feed)
        # Asked before the index is brought up to date: what waits now may not be in it.
        stored, began = self._stored, time.monotonic()
        complete = stored.loaded.is_set() and not stored.has_cold and not await self._are_behind()
        if complete:  # else other processes score at this moment, and the index is a second old at most
            await stored.refresh(looks_back=False)
            complete = not (stored.has_cold or stored.of_other_rules)
        try:
            search = stored.search(feed.query)
        except ValueError as error:
            logger.error("a preview cannot be searched for: %s", error)  # the text is bounds alone
            return _NOTHING
        await _finish(search)
        total, candidates = search.count, search.candidates
        strong, musts = await self._strong(feed, search)
        advice = {} if strong else await self._advice(draft, time.monotonic() - began)
        rows = await self._rows(feed, search.best(_REORDERED if feed.model else BEST))
        if draft.id:
            async with aclosing(self._sent(feed)) as parts:
                async for sent in parts:
                    found = await self._found(feed, [row.resume for row in sent])
                    total += len(sent) - len(found)
                    _, barred = await self._barred(feed, found)
                    strong += sum(row.strong for row in sent) - sum(
                        one.breakdown.logit >= feed.query.cut and one.resume_id not in barred for one in found
                    )
                    of_part = {row.resume: row for row in [*rows, *sent]}.values()
                    rows = heapq.nlargest(BEST, of_part, key=_rank)
        best = heapq.nlargest(BEST, rows, key=_rank)
        return PreviewOutcome(
            total=total,
            strong=strong,
            candidates=candidates,
            complete=complete,
            best=best,
            advice={} if strong else advice,
            musts=musts,
        )

    async def _with_model(self, feed: ActiveFeed) -> ActiveFeed:
        for model in await self._feedback.find([feed.key.id]):
            if model.data and model.version == self._analyzer.version:
                return msgspec.structs.replace(feed, model=model.data)
        return feed

    async def _advice(self, draft: Feed, took_s: float) -> dict[Wish, int]:
        """How many would be strong without each of the wishes, one after the other.

        Args:
            draft: The form, of which nothing is strong.
            took_s: How long that took to find out: each wish takes as long again. A store of resumes in which
                that is much gives no advice.
        """
        form, counts = draft.form, dict[Wish, int]()
        for name, without in _WISHES.items():
            less = msgspec.structs.replace(form, **without)
            if less == form or took_s > _ADVISING_S:
                continue
            feed = read_feed(self._analyzer, msgspec.structs.replace(draft, form=less))
            if feed is not None:
                search = self._stored.search(feed.query)
                await _finish(search)
                counts[name], _ = await self._strong(feed, search)
        return {name: count for name, count in sorted(counts.items(), key=lambda one: -one[1]) if count}

    async def _strong(self, feed: ActiveFeed, search: ResumeSearch) -> tuple[int, dict[str, int]]:
        """How many of the matches are strong, and how many more would be without each must."""
        musts = {ask.field: 0 for ask in feed.query.asks if ask.must}
        if not musts:
            return search.strong, {}
        sample, each = search.sample_of_strong(_MOST_LOOKED_INTO)
        met, barred = await self._barred(feed, sample)
        for unmet in barred.values():
            if len(unmet) == 1:
                musts[unmet[0]] += 1
        return round(met * each), {name: round(count * each) for name, count in musts.items()}

    async def _barred(self, feed: ActiveFeed, found: Sequence[Found]) -> tuple[int, dict[str, list[str]]]:
        """Which of some matches do not meet a must, with the musts; and how many meet all."""
        barred: dict[str, list[str]] = {}
        if not any(ask.must for ask in feed.query.asks):
            return len(found), barred
        met, slices = 0, Slices()
        for part in chunks([one.resume_id for one in found], _SENT_AT_ONCE):
            for stored in await self._profiles.load(part):
                profile = ResumeProfile.decode(stored.data)
                if unmet := unmet_musts(feed.query.asks, judge(feed.query.asks, profile)):
                    barred[stored.resume] = unmet
                else:
                    met += 1
                await slices.rest()
        return met, barred

    async def _rows(self, feed: ActiveFeed, found: Iterable[Found]) -> list[ScoredResult]:
        """What the list would show of some matches; those that changed or went meanwhile are left out."""
        matches = {one.resume_id: one for one in found}
        rows, slices = [], Slices()
        for stored in await self._profiles.load(list(matches)):
            one, profile = matches[stored.resume], ResumeProfile.decode(stored.data)
            if stored.rev == one.rev and stored.version == self._analyzer.version:
                rows.append(found_row(feed, stored, profile, one.breakdown))
            await slices.rest()
        return rows

    async def _sent(self, feed: ActiveFeed) -> AsyncGenerator[list[ScoredResult], None]:
        """What the list shows of the resumes that were sent to this very feed, whatever their score.

        Some at a time: a site that delivers all who apply has sent thousands after a year.
        """
        ids = (await self._profiles.forced_into([feed.key.id])).get(feed.key.id, [])
        slices = Slices()
        for part in chunks(ids, _SENT_AT_ONCE):
            rows = []
            for stored in await self._profiles.load(part):
                if stored.version == self._analyzer.version and (row := _scored(feed, stored)):
                    rows.append(row)
                await slices.rest()
            yield rows

    async def _found(self, feed: ActiveFeed, resume_ids: list[str]) -> list[Found]:
        """Those of a few resumes that the feed matches and that are in the index."""
        search = self._stored.search(feed.query, resume_ids)
        await _finish(search)
        return search.matches()

    async def _are_behind(self) -> bool:
        """Whether a stored resume, new or changed, still waits to be scored."""
        try:
            async with asyncio.timeout(_ASKING_S):
                return bool(await self._resumes.count_pending())
        except TimeoutError:
            return True


async def _finish(search: ResumeSearch) -> None:
    """Run a search to its end; others run meanwhile."""
    slices = Slices()
    while not search.is_done:
        search.step()
        await slices.rest()


def _scored(feed: ActiveFeed, stored: StoredProfile) -> ScoredResult | None:
    try:
        return score_row(feed, stored, ResumeProfile.decode(stored.data))
    except Exception as error:  # noqa: BLE001 - no list shows it either, see `match_writer`
        logger.error("resume %s cannot be scored for a preview: %s", stored.resume, type(error).__name__)
        return None


def _rank(row: ScoredResult) -> tuple[float, datetime, str]:
    """Greater for what stands higher in a list."""
    return row.score, row.arrived_at, row.resume


def _draft(form: FeedForm, member: Member, feed_id: str | None) -> Feed:
    """The feed that submitting a form would make. A new one has no id, and so nobody was sent to it."""
    now = datetime.now(UTC)
    return Feed(
        id=feed_id or "",
        company=member.company,
        owner=member.user,
        rev=0,
        form=form,
        start_time=now,
        expires_at=now,
        last_click_time=now,
        updated_at=now,
        progress=0.0,
        calced=False,
        deleted=False,
        vip=False,
        partner=False,
    )
