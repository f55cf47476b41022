"""Ends what was kept for long enough: results, resumes, rows of the audit, and files that got no place.

    next_at = await retention.look(job)

It is a job that is due every few seconds to hours, as often as a look is cheap. It works in small parts and
rests four times as long after each, so that whoever reads meanwhile feels nothing. What was not done is done
by the next look, whoever was killed. How each thing ends is in `store.ends.retention` and `store.audit`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

import msgspec

from store.audit.retention import AuditRetention
from store.ends.retention import FeedOfResults, Retention
from store.jobs.jobs import Job
from store.resumes.resumes import NEWS_EVERY

logger = logging.getLogger(__name__)

_REST = 4.0
"""After each part, a rest of so many times as long as it took. The store then works a fifth of its time."""
_IDLE = 60.0
"""After a look, a rest of so many times as long as it took: of a hundred thousand feeds, some hours."""
_SHORTEST_S, _LONGEST_S = 10.0, 6 * 3600.0
"""The bounds of that rest, in seconds. What has ended goes so late at most, and never early."""
_LIST_STAYS = timedelta(days=30)
"""How long the list of a feed stays as it is after its service is over, or after it was deleted. A recruiter
who was away for some weeks still finds it. Nothing of a deleted one is shown; but a month is longer than any
process can go on writing about a feed that it has read before."""
_CLOCKS_DIFFER = timedelta(days=1)
"""More than clocks of processes differ: nothing was listed so long before its feed began."""


class RetentionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """After how many days something ends; 0 for never.

    Attributes:
        resume_days: Without news of a resume.
        result_days: Since a result was listed.
        audit_days: Since a row of the audit was written.
    """

    resume_days: int = 0
    result_days: int = 0
    audit_days: int = 0

    def results_end(self, feed: FeedOfResults, now: datetime) -> datetime | None:
        """Before when a feed's results have to be listed so that they end now; None where none do.

        A feed that is in service follows `result_days` alone. One whose service is over has time for a last
        look through its list, and then keeps the last page. Nobody can read the list of one that was deleted.
        """
        if feed.is_blank:
            return None
        if feed.is_deleted and feed.changed_at < now - _LIST_STAYS:
            return now
        if not self.result_days:
            return None
        is_left = not feed.is_deleted and feed.expires_at < now - _LIST_STAYS
        moment = now if is_left else now - timedelta(days=self.result_days)
        # Most feeds are younger than that, and their lists need not be looked through.
        return moment if moment > feed.start_time - _CLOCKS_DIFFER else None


class RetentionTask:
    """One process's part. Belongs to one event loop."""

    def __init__(self, retention: Retention, audit: AuditRetention, policy: RetentionPolicy) -> None:
        self._retention = retention
        self._audit = audit
        self._policy = policy

    async def look(self, _: Job) -> datetime:
        """Look once, and say when it is time for the next look."""
        began = time.monotonic()
        await self.end(now=await self._retention.time())
        rest_s = min(_LONGEST_S, max(_SHORTEST_S, _IDLE * (time.monotonic() - began)))
        return await self._retention.time() + timedelta(seconds=rest_s)

    async def end(self, *, now: datetime) -> None:
        """End what is over."""
        results = await self._end_results(now)
        resumes = await self._end_resumes(now)
        files = await self._end_files(now)
        notes = await self._retention.end_taken_back(now)
        expired = await self._expire()
        rows = 0
        if self._policy.audit_days:
            rows = await self._audit.cut(now - timedelta(days=self._policy.audit_days))
        ended = {"results": results, "resumes": resumes, "files": files, "notes": notes, "expired": expired}
        ended["audit_rows"] = rows
        if any(ended.values()):
            logger.info("retention", extra={"data": ended})

    async def _end_results(self, now: datetime) -> int:
        count, began = 0, time.monotonic()
        async for feeds in self._retention.feeds():
            # Of reading them too: with `result_days` at 0 it is all that there is to do for most.
            began = await self._rest(began)
            for feed in feeds:
                if (moment := self._policy.results_end(feed, now)) is None:
                    continue
                is_over = not feed.is_deleted and feed.expires_at <= now
                async for ended in self._retention.end_results(feed, moment, keeps_last_page=is_over):
                    count += ended
                    began = await self._rest(began)
                if feed.is_deleted and moment == now:
                    await self._retention.end_deleted(feed)
                began = await self._rest(began)
        return count

    async def _expire(self) -> int:
        count, began = 0, time.monotonic()
        # By the time that it is: whoever reads a session looks at no other clock.
        async for ended in self._retention.expire(datetime.now(UTC)):
            count += ended
            began = await self._rest(began)
        return count

    async def _end_resumes(self, now: datetime) -> int:
        if not self._policy.resume_days:
            return 0
        # Unchanged resumes that come again are noted so rarely.
        count, moment = 0, now - timedelta(days=self._policy.resume_days) - NEWS_EVERY
        began = time.monotonic()
        async for resumes in self._retention.resumes_without_news(moment):
            for resume in resumes:
                count += await self._retention.end_resume(resume, moment)
                began = await self._rest(began)
        return count

    async def _end_files(self, now: datetime) -> int:
        """Files of the quarantine after its days, whatever the policy; originals that nobody has."""
        count, began = 0, time.monotonic()
        async for ended in self._retention.sweep_files(now):
            count += ended
            began = await self._rest(began)
        return count

    async def _rest(self, began: float) -> float:
        """Rest after a part of work; returns when the next part begins."""
        await asyncio.sleep(_REST * (time.monotonic() - began))
        return time.monotonic()
