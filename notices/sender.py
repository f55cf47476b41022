"""The sender: looks at the accounts that are due, and tells each of what is strong and unread, once.

    sender = Sender(notices=…, news=…, counts=…, feeds=…, presence=…, ways=[…], defaults=…, page_url=…)
    await sender.run()

Whether there is anything to tell is read from the results when it is due, so what was read or deleted
meanwhile is not told, and a hint that got lost costs nothing. The message goes out before it is noted as
sent: a process that dies in between repeats that one message, and none is lost. A message whose answer did
not come counts as not sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from notices.channels import (
    APPS,
    WAYS,
    Channel,
    GivenUp,
    NobodyAnswers,
    NotTaken,
    Receiver,
    receiver_of,
)
from notices.schedule import Rules, due_at
from notices.wording import FeedLine, Notice, notice_of
from runtime.metrics import Metrics
from store.accounts import Accounts
from store.errors import STORE_FAILURES, NotFound
from store.feeds import Feeds
from store.news import FeedNews, News, told_after
from store.notices import Claimed, Notices, Told, Wishes
from store.result_counts import ResultCounts
from store.retry import work_until_cancelled

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
"""Seconds between two looks for what is due."""
_AT_ONCE = 50
"""Accounts claimed in one go; all of them are told within the lease also where each takes a second."""
_TOGETHER = 10
"""Messages that are under way at once."""
_PRESENT_WAIT = timedelta(seconds=30)
"""When to look again at an account that has the page open. It is how late it is told after it was closed."""


class Presence(Protocol):
    """Knows which accounts have a socket open, in any process."""

    async def present(self, user_ids: Sequence[str]) -> set[str]:
        """Those of some accounts that have one."""


class Sender:
    """One process's sender. Belongs to one event loop; `run` is its only task.

    Args:
        accounts: Whose address and whose WeChat it is.
        appids: The apps of WeChat that the server has, by name.
        notices: Who is due.
        news: What there is to tell.
        counts: How much is unread.
        feeds: Their titles.
        presence: Who has the page open.
        ways: The channels that this server has.
        defaults: When accounts are told that wish nothing else.
        page_url: Where the page is.
        metrics: Where it is counted.

    Attributes:
        ways: The channels, in the order in which they are tried.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        appids: Mapping[str, str],
        notices: Notices,
        news: News,
        counts: ResultCounts,
        feeds: Feeds,
        presence: Presence,
        ways: Sequence[Channel],
        defaults: Rules,
        page_url: str,
        metrics: Metrics,
    ) -> None:
        self._accounts = accounts
        self.appids = appids
        self._notices = notices
        self._news = news
        self._counts = counts
        self._feeds = feeds
        self._presence = presence
        self.ways = sorted(ways, key=lambda way: WAYS.index(way.kind))
        self.defaults = defaults
        self.page_url = page_url
        self._metrics = metrics
        self._together = asyncio.Semaphore(_TOGETHER)

    async def run(self) -> None:
        """Tell whoever is due until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="notices", idle_s=_LOOK_EVERY_S)

    async def _step(self) -> bool:
        gathered = await self._notices.gather(self.defaults.grace)
        claimed = await self._notices.claim(datetime.now(UTC), _AT_ONCE)
        if claimed:
            present = await self._presence.present([one.user for one in claimed])
            await asyncio.gather(*(self._look(one, is_present=one.user in present) for one in claimed))
        return bool(gathered) or len(claimed) == _AT_ONCE

    async def _look(self, claimed: Claimed, *, is_present: bool) -> None:
        """Tell an account, or say when to look again; where MongoDB fails it is looked at after the lease."""
        async with self._together:
            try:
                if is_present:
                    await self._notices.settle(claimed, datetime.now(UTC) + _PRESENT_WAIT)
                else:
                    await self._tell_if_due(claimed)
            except STORE_FAILURES as error:
                logger.warning("notices: MongoDB does not answer: %s", type(error).__name__)

    async def _tell_if_due(self, claimed: Claimed) -> None:
        now = datetime.now(UTC)
        try:
            account = await self._accounts.get(claimed.user)
        except NotFound:
            await self._notices.settle(claimed, None)
            return
        counts = (await self._counts.read([claimed.user]))[claimed.user]
        unread = {feed: count for feed in counts.unread if (count := counts.unread_of(feed))}
        news = await self._news.untold(unread, claimed.told_until, claimed.told)
        due = self._due(claimed, news)
        notice = await self._notice(unread, news)
        if not account.may_log_in or notice is None or due is None:
            await self._notices.settle(claimed, None)
            return
        if due > now:
            await self._notices.settle(claimed, due)
            return
        receiver = receiver_of(account, self.appids, claimed.wishes)
        await self._tell(claimed, receiver, notice, news, read_at=now, due=due)

    def _due(self, claimed: Claimed, news: Sequence[FeedNews]) -> datetime | None:
        if not news:
            return None
        return due_at(
            rules_of(claimed.wishes, self.defaults),
            oldest=min(one.oldest for one in news),
            best=max(one.best for one in news),
            last_sent=claimed.last_sent,
        )

    async def _notice(self, unread: Mapping[str, int], news: Sequence[FeedNews]) -> Notice | None:
        feeds = await self._feeds.find_active([one.feed for one in news])
        lines = [
            FeedLine(one.feed, feeds[one.feed].form.title, unread[one.feed], one.best)
            for one in news
            if one.feed in feeds
        ]
        return notice_of(lines, self.page_url) if lines else None

    async def _tell(
        self,
        claimed: Claimed,
        receiver: Receiver,
        notice: Notice,
        news: Sequence[FeedNews],
        *,
        read_at: datetime,
        due: datetime,
    ) -> None:
        try:
            kind = await self.send(receiver, notice)
        except (NobodyAnswers, NotTaken):
            await self._notices.failed(claimed, datetime.now(UTC))
            return
        if kind is None:
            # Nobody can be told. Once a way is there, the account is looked at anew.
            await self._notices.settle(claimed, None)
            return
        until, late = told_after(read_at, {id_: at for one in news for id_, at in one.results.items()})
        sent_at = datetime.now(UTC)
        await self._notices.settle(claimed, None, Told(at=sent_at, until=until, results=late))
        self._metrics.notice_lag.observe((sent_at - due).total_seconds())

    async def send(self, receiver: Receiver, notice: Notice) -> str | None:
        """Send by the first way that can serve; one that fails for good is turned off, and the next serves.

        Returns:
            The kind of channel that took it; None where there is none.

        Raises:
            NobodyAnswers: The way that should serve is away.
            NotTaken: No way that can serve took it.
        """
        refused = False
        for way in self.ways:
            if not receiver.wants(way.kind) or way.lacks(receiver):
                continue
            try:
                await way.send(receiver, notice)
            except GivenUp as error:
                used_up = way.kind if error.used_up else ""
                await self._notices.give_up(receiver.user, way.kind, error.reason, used_up=used_up)
                self._metrics.notices.labels(way.kind, "given_up").inc()
            except NotTaken:
                refused = True
                self._metrics.notices.labels(way.kind, "not_taken").inc()
            except NobodyAnswers:
                self._metrics.notices.labels(way.kind, "no_answer").inc()
                raise
            else:
                self._metrics.notices.labels(way.kind, "sent").inc()
                if way.kind in APPS:
                    await self._notices.use_consent(receiver.user, way.kind)
                return way.kind
        if refused:
            raise NotTaken
        return None


def rules_of(wishes: Wishes, defaults: Rules) -> Rules:
    """When an account is told: by its own wishes, and by the defaults where it has none."""
    return Rules(
        quiet=defaults.quiet if wishes.quiet is None else wishes.quiet,
        digests=defaults.digests if wishes.digests is None else wishes.digests,
        at_once_score=wishes.at_once_score,
        grace=defaults.grace,
    )
