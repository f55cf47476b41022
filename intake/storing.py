"""From resumes that were taken in to stored ones that wait to be scored: what lines and files have in common.

outcomes = await Storing(resumes, feeds, queue, wake).save(batch)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from runtime.decoding import Errors
from store.feeds.feeds import Feeds
from store.files.arrivals import Arrivals
from store.redis.queue import WorkQueue
from store.resumes.resume_values import IncomingResume, Outcome
from store.resumes.resumes import Resumes

MAX_BEHIND = 5000
"""Resumes waiting to be scored above which an upload pauses after each batch. Up to it nobody waits."""
BEHIND_PAUSE_S = 0.5
"""Seconds that such a pause takes. An upload then stores some 200 resumes a second, which is about what one
machine scores."""

_ERASED = {
    "erased": ("source_id", "这份简历已被删除，不再接收"),
    "phone_erased": ("phone", "使用此电话的人已被删除，不再接收"),
    "email_erased": ("email", "使用此邮箱的人已被删除，不再接收"),
    "person_erased": ("person_id", "此人已被删除，不再接收"),
}
"""Outcomes of resumes that are refused because somebody was erased: the field that says so, and the words."""


class Stored(msgspec.Struct, frozen=True):
    """What became of a resume.

    Attributes:
        outcome: What the store made of it; `erased` where it or its person was erased before, `feed` where a
            feed that it was sent to is not there.
        errors: Why it was not stored; empty where it was.
    """

    outcome: Literal["accepted", "updated", "duplicate", "erased", "feed"]
    errors: Errors = {}


class Storing:
    """Stores resumes and queues them.

    `wake` is called when the queue could not be told, so that somebody looks into the store at once. In
    `arrivals` it is counted what came of what sources sent, where somebody reads that.
    """

    def __init__(
        self,
        resumes: Resumes,
        feeds: Feeds,
        queue: WorkQueue,
        wake: Callable[[], None],
        arrivals: Arrivals | None = None,
    ) -> None:
        self.resumes = resumes
        self._feeds = feeds
        self._queue = queue
        self._wake = wake
        self._arrivals = arrivals

    async def save(
        self, batch: Sequence[IncomingResume], tried: dict[str, str | None] | None = None
    ) -> list[Stored]:
        """Store resumes, and queue them to be scored; on return every one of them is journalled.

        Args:
            batch: Resumes with distinct ids.
            tried: For who calls again, see `Resumes.save`.

        Returns:
            What became of each, in order.

        Raises:
            One of STORE_FAILURES: The store does not answer; they have to be stored again.
        """
        errors = await self._unknown_feeds(batch)
        good = [resume for resume, wrong in zip(batch, errors, strict=True) if not wrong]
        outcomes = dict(zip((one.id for one in good), await self.resumes.save(good, tried), strict=True))
        changed = [id_ for id_, outcome in outcomes.items() if outcome in {"accepted", "updated"}]
        if changed and not await self._queue.add(changed):
            self._wake()
        # Taking in is faster than scoring. An upload that is far ahead must not starve what others send.
        if await self._queue.behind() > MAX_BEHIND:
            await asyncio.sleep(BEHIND_PAUSE_S)
        stored = [
            Stored("feed", wrong) if wrong else _stored(outcomes[resume.id])
            for resume, wrong in zip(batch, errors, strict=True)
        ]
        for resume, one in zip(batch, stored, strict=True):
            if one.outcome == "erased" or one.outcome == "feed":
                self.refused(resume.source, one.outcome)
            elif self._arrivals is not None:
                self._arrivals.count(resume.source, one.outcome)
        return stored

    def refused(self, source: str, reason: str) -> None:
        """Count what was not stored, for a reason in one word; the source is "" where nobody can tell."""
        if self._arrivals is not None:
            self._arrivals.count(source, "rejected", reason)

    async def foresee(self, resume: IncomingResume) -> Stored:
        """What `save` would make of a resume now; nothing is written."""
        (wrong,) = await self._unknown_feeds([resume], marks=False)
        if wrong:
            return Stored("feed", wrong)
        (outcome,) = await self.resumes.foresee([resume])
        return _stored(outcome)

    async def _unknown_feeds(self, batch: Sequence[IncomingResume], *, marks: bool = True) -> list[Errors]:
        """What is wrong with the feeds of each resume. Feeds that partners serve are marked so.

        A feed is marked before the resume is stored. If the store fails in between, the feed is marked too
        early, and the resume that is sent again makes it right. The other order could leave it unmarked.
        """
        wanted = {feed_id for one in batch for feed_id in (*one.send_to, *one.partner_for)}
        active = await self._feeds.find_anybodys(sorted(wanted)) if wanted else {}
        errors: list[Errors] = [
            {
                name: ["没有这个职位"]
                for name in ("send_to", "partner_for")
                if not active.keys() >= set(getattr(one, name))
            }
            for one in batch
        ]
        good = (one for one, wrong in zip(batch, errors, strict=True) if not wrong)
        served = {feed_id for one in good for feed_id in one.partner_for}
        newly = {id_: active[id_].company for id_ in sorted(served) if not active[id_].partner}
        if marks and newly:
            await self._feeds.mark_partner(newly)
        return errors


def _stored(outcome: Outcome) -> Stored:
    if outcome == "accepted" or outcome == "updated" or outcome == "duplicate":
        return Stored(outcome)
    field, message = _ERASED[outcome]
    return Stored("erased", {field: [message]})
