"""Preview: how many stored resumes a form would match, while a recruiter still types it.

    preview = Preview(stores.profiles, relations, analyzer)
    outcome = await preview.count(form, user=account, feed_id=None)

It finds and scores what a backfill would, so that a form that is then submitted gets the list that was
promised, and it writes nothing. It shares the event loop and the store with everything else, so it is
bounded: in time here, in how many run at once in `preview_slots`.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import msgspec

from engine.active_feeds import read_feed
from engine.backfill import MAX_CANDIDATES
from engine.feedback_models import FeedbackModels
from engine.matching.analysis.analyzer import Analyzer
from engine.preview_slots import PreviewSlots
from engine.preview_tally import Tally
from engine.relearn import RelationsInForce
from store.feed_documents import Feed, FeedForm
from store.profiles import Profiles
from store.result_documents import ScoredResult

BUDGET_S = 1.2
"""Seconds that a preview may take once it has a slot. With less, large lists are counted in part only; with
more, the answer comes after the recruiter has typed on."""

# The share of the budget for asking whether resumes wait. A store that takes longer has many that do.
_ASKING = 0.15

# The share of the budget after which gathered candidates are scored. They are gathered first, so that their
# number is known; scoring them takes about as long.
_GATHERING = 0.5

# Profiles read and scored between two looks at the clock. The embedded store reads so many in 4 ms.
_CHUNK = 50


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
        feedback: What feeds have learned; None for nothing.
        budget_s: How long one may take, in seconds.
    """

    def __init__(
        self,
        profiles: Profiles,
        relations: RelationsInForce,
        analyzer: Analyzer,
        *,
        feedback: FeedbackModels | None = None,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._profiles = profiles
        self._relations = relations
        self._feedback = feedback
        self._analyzer = analyzer
        self._budget_s = budget_s
        self._slots = PreviewSlots()

    async def count(self, form: FeedForm, *, user: str, feed_id: str | None) -> PreviewOutcome:
        """Count what a form would match; ends within the budget and one answer of the store.

        Args:
            form: The form, as it would be submitted.
            user: The account. If it has a preview under way, that ends with `Superseded`.
            feed_id: The feed that is edited, which must be the account's own: the resumes delivered or
                recommended to it count as they do in its list. None for a new feed.

        Raises:
            Superseded: The account asked for a newer preview meanwhile.
            TimeoutError: No slot was free, since others' previews take all of them.
            One of STORE_FAILURES: MongoDB does not answer.
        """
        async with self._slots.take(user):
            return await self._look(_draft(form, user, feed_id))

    async def _look(self, draft: Feed) -> PreviewOutcome:
        """Gather candidates for a part of the time, then score; what time is left goes to both in turn."""
        await self._relations.refresh()
        feed = read_feed(self._analyzer, draft)
        if feed is None:  # a backfill would list nothing either
            return PreviewOutcome(total=0, scored=0, candidates=0, complete=True, best=[])
        if self._feedback is not None:
            await self._feedback.refresh()
            feed = self._feedback.with_model(feed)
        clock = asyncio.get_running_loop().time
        began = clock()
        # Asked before the candidates are: what waits for its profile now may not be among them.
        complete = not await self._are_behind()
        pages = self._profiles.newest(draft.id or None, sorted(feed.query.gate_terms), MAX_CANDIDATES)
        tally = Tally(feed, self._analyzer.version)
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
                    complete &= await tally.add(await self._profiles.load(chunk))
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


def _draft(form: FeedForm, user: str, feed_id: str | None) -> Feed:
    """The feed that submitting a form would make. A new one has no id, and so nobody was sent to it."""
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
