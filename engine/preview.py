"""Preview: how many stored resumes a form would match, while a recruiter still types it.

    preview = Preview(stores.profiles, relations, analyzer)
    outcome = await preview.count(form, user=account, feed_id=None)

It finds and scores what a backfill would, so that a form that is then submitted gets the list that was
promised, and it writes nothing. It is asked for at every pause in somebody's typing and shares the loop
with everything else, so it is bounded: in time, in how many run at once, and of one account only the
newest goes on.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from engine.active_feeds import ActiveFeed, read_feed
from engine.backfill import MAX_CANDIDATES
from engine.feedback_models import FeedbackModels
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.resume_profile import ResumeProfile
from engine.relearn import RelationsInForce
from engine.rows import score_row
from runtime.slices import Slices
from store.feed_documents import Feed, FeedForm
from store.profiles import Profiles, StoredProfile
from store.result_documents import ScoredResult

logger = logging.getLogger(__name__)

BUDGET_S = 1.2
BEST = 5

# The store answers one after the other: more at once would only make each slower.
_AT_ONCE = 2
# How long a turn is waited for; with the budget it stays within a request's deadline.
_PATIENCE_S = 0.7
# Shares of the budget. A store that takes longer to say whether resumes wait has many that do.
_ASKING = 0.15
# Candidates are gathered first, so that their number is known; scoring them takes about as long.
_GATHERING = 0.5
# The embedded store reads so many profiles in 4 ms.
_CHUNK = 50


class Superseded(Exception):
    """The account asked for a newer preview. Nothing went wrong: its answer is the one to wait for."""


class PreviewOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a form would match.

    Attributes:
        total: Matches among the resumes that were scored.
        scored: How many were scored, the newest first.
        candidates: How many can match at all, as far as they were gathered.
        complete: Whether that is everything, so that the list of the feed, once it is submitted, has
            `total` results. False when time ran out, or when resumes wait to be analysed by the rules
            of this process.
        best: The best five, best first, equal scores newest first.
    """

    total: int
    scored: int
    candidates: int
    complete: bool
    best: list[ScoredResult]


class Preview:
    """One process's previews. Belongs to one event loop.

    Args:
        profiles: The stored resumes, analysed.
        relations: Keeps the rules at the relations in force.
        analyzer: The rules.
        learned: What feeds have learned; None for nothing.
        budget_s: How long one may take.
    """

    def __init__(
        self,
        profiles: Profiles,
        relations: RelationsInForce,
        analyzer: Analyzer,
        *,
        learned: FeedbackModels | None = None,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._profiles = profiles
        self._relations = relations
        self._learned = learned
        self._analyzer = analyzer
        self._budget_s = budget_s
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._asks: dict[str, _Ask] = {}

    async def count(self, form: FeedForm, *, user: str, feed_id: str | None) -> PreviewOutcome:
        """Count what a form would match; ends within the budget and one answer of the store.

        Args:
            form: The form, as it would be submitted.
            user: The account. If it has a preview under way, that ends with `Superseded`.
            feed_id: The feed that is edited, which must be the account's own: the resumes delivered or
                recommended to it count as they do in its list. None for a new feed.

        Raises:
            Superseded: The account asked for a newer preview meanwhile.
            TimeoutError: No turn came, since others' previews take all of them.
            One of STORE_FAILURES: MongoDB does not answer.
        """
        older, ask = self._asks.get(user), _Ask()
        self._asks[user] = ask
        if older is not None:
            older.overtake()
        try:
            async with ask.scope:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._turns.acquire()
                try:
                    return await self._look(_draft(form, user, feed_id))
                finally:
                    self._turns.release()
        except TimeoutError:
            if ask.is_overtaken:
                raise Superseded from None
            raise
        finally:
            if self._asks.get(user) is ask:
                del self._asks[user]

    async def _look(self, feed: Feed) -> PreviewOutcome:
        """Gather candidates for a part of the time, then score; what time is left goes to both in turn."""
        await self._relations.refresh()
        live = read_feed(self._analyzer, feed)
        if live is None:  # a backfill would list nothing either
            return PreviewOutcome(total=0, scored=0, candidates=0, complete=True, best=[])
        if self._learned is not None:
            await self._learned.refresh()
            live = self._learned.with_model(live)
        clock = asyncio.get_running_loop().time
        began = clock()
        # Asked before the candidates are: what waits for its profile now may not be among them.
        complete = not await self._are_behind()
        pages = self._profiles.newest(feed.id or None, sorted(live.query.gate_terms), MAX_CANDIDATES)
        tally = _Tally(self._analyzer.version)
        found: list[str] = []
        done, more = 0, True
        async with aclosing(pages):
            while more or done < len(found):
                spent = (clock() - began) / self._budget_s
                if spent > 1.0 and (done or not found):  # some are scored, however slow the store is
                    complete = False
                    break
                if more and (spent < _GATHERING or done == len(found)):
                    page = await anext(pages, None)
                    more = page is not None
                    found += page or ()
                else:
                    chunk = found[done : done + _CHUNK]
                    complete &= await tally.add(live, await self._profiles.load(chunk))
                    done += len(chunk)
        return PreviewOutcome(
            total=tally.total, scored=tally.scored, candidates=len(found), complete=complete, best=tally.best
        )

    async def _are_behind(self) -> bool:
        try:
            async with asyncio.timeout(_ASKING * self._budget_s):
                return await self._profiles.are_behind()
        except TimeoutError:
            return True


class _Ask:
    """One preview that somebody waits for."""

    def __init__(self) -> None:
        self.scope = asyncio.timeout(None)
        self.is_overtaken = False

    def overtake(self) -> None:
        """Have it end now; what the store was asked last is answered to nobody."""
        self.is_overtaken = True
        if not self.scope.expired():
            self.scope.reschedule(asyncio.get_running_loop().time())


class _Tally:
    """What was scored so far."""

    def __init__(self, version: str) -> None:
        self._version = version
        self.total = self.scored = 0
        self.best: list[ScoredResult] = []

    async def add(self, live: ActiveFeed, profiles: Sequence[StoredProfile]) -> bool:
        """Score profiles; whether all of them could be, which those of other rules cannot."""
        slices = Slices()
        current = [stored for stored in profiles if stored.version == self._version]
        for stored in current:
            try:
                result = score_row(live, stored, ResumeProfile.decode(stored.data))
            except Exception as error:  # noqa: BLE001 - no list shows it either, see Backfill
                logger.error(
                    "resume %s cannot be scored for a preview: %s", stored.resume, type(error).__name__
                )
                continue
            if result is not None:
                self.total += 1
                self.best = heapq.nlargest(BEST, [*self.best, result], key=_rank)
            await slices.rest()
        self.scored += len(current)
        return len(current) == len(profiles)


def _rank(result: ScoredResult) -> tuple[float, datetime, str]:
    """Greater for what stands higher in a list."""
    return result.score, result.arrived_at, result.resume


def _draft(form: FeedForm, user: str, feed_id: str | None) -> Feed:
    """The feed that submitting a form would make; a new one has no id, and so nobody was sent to it."""
    now = datetime.now(UTC)
    return Feed(
        id=feed_id or "",
        user=user,
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
