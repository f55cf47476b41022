"""The sender: looks at the accounts that are due, and tells each of what is strong and unread, once.

    sender = Sender(notices=…, news=…, counts=…, feeds=…, presence=…, ways=[…], defaults=…, page_url=…)
    await sender.run()

Whether there is anything to tell is read from the results when it is due, so what was read or deleted
meanwhile is not told, and a hint that got lost costs nothing. The message goes out before it is noted as
sent, and that one goes out is noted before: where no answer comes, or the process dies in between, it is
repeated once. A server that is stopped in order lets messages under way come to their end.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from notices.schedule import SPACING, Rules, after_quiet, due_of, rules_of
from notices.ways import (
    APPS,
    WAYS,
    Channel,
    GivenUp,
    NobodyAnswers,
    NotTaken,
    Receiver,
    Unanswered,
    receiver_of,
)
from notices.wording import FeedLine, Notice, notice_of
from runtime.metrics import Metrics
from runtime.tracing import span
from store.accounts.accounts import Account, Accounts
from store.errors import STORE_FAILURES
from store.feeds.feed_documents import Feed
from store.feeds.feeds import Feeds
from store.notes.news import FeedNews, News, told_after
from store.notes.notices import Claimed, Notices, Told
from store.redis.presence import Presence
from store.results.counter_documents import Counts
from store.results.result_counters import ResultCounters
from store.retry import until_answered, work_until_cancelled

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0
"""Seconds between two looks for what is due."""
_AT_ONCE = 50
"""Accounts claimed in one go. They are read together; more would be held by one process while another one has
nothing to do."""
_TOGETHER = 25
"""Messages that are under way at once. With fewer, where hundreds of accounts are due, the last ones wait for
most of a message's time 20 times over; more would open as many connections to the other side."""
SEND_S = 20.0
"""Seconds that a message may take, by all ways that are tried. WeChat is given up after ten, a mail server
may take its time. It is shorter than a lease."""
_ENOUGH = timedelta(seconds=SEND_S + 5)
"""What has to be left of a lease when a message is sent, or else the lease is taken anew."""
_MOST_UNANSWERED = 2
"""Messages in a row of which no answer came, after which the account counts as told. With one, some would
never come; with more, a server that takes messages and answers late would bring the same one again and again,
for which robots are thrown out of their groups."""
_UNANSWERED_WAIT = timedelta(minutes=1)
"""From a message of which no answer came until it is repeated: by then the other side mostly answers."""
_STOP_S = 4.0
"""Seconds for which a stopping process waits for messages under way. One that is cut off may have been taken,
and would come again."""
_PRESENT_WAIT = timedelta(minutes=5)
"""When to look again at an account that has the page open, or may have, though nobody saw it being closed. So
late it is told where the process ended that would have seen it. Each look costs the embedded store 2 ms: with
30 s, three thousand who have the page open all day would cost it a fifth of its time."""
_GONE_FOR = timedelta(seconds=15)
"""How long a page has to be closed until its account is looked at. A page that is loaded anew, a phone that
changes networks, and sockets that move from one process to another are back sooner; and for so long other
processes may not know of them."""
_WATCHED = 500
"""Accounts of which each step asks whether they still have the page open. More would keep Redis and the loop
busy for some milliseconds; of 3,000 it is seen within 6 s."""


class Sender:
    """One process's sender. Belongs to one event loop; `run` is its only task.

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
        counts: ResultCounters,
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
        # Who had the page open when they were due. Those that were not looked at for longest are first.
        self._with_page: dict[str, None] = {}

    async def run(self) -> None:
        """Tell whoever is due until cancelled; MongoDB's absence is waited out."""
        await work_until_cancelled(self._step, what="notices", idle_s=_LOOK_EVERY_S)

    async def _step(self) -> bool:
        # Where results come one after the other there are always some. They wait for the next look, or else
        # the store would be asked without a pause.
        now = datetime.now(UTC)
        await self._hasten_those_that_left(now)
        has_more = await self._notices.gather(now, self.defaults.grace, SPACING)
        claimed = await self._notices.claim(now, _AT_ONCE)
        if claimed:
            open_ones = {one.user: one for one in claimed}
            try:
                await self._look(open_ones)
            except asyncio.CancelledError:
                # The server stops: another process may look at once.
                await _come_to_its_end(asyncio.create_task(self._give_back(list(open_ones.values()))))
                raise
        return has_more or len(claimed) == _AT_ONCE

    async def _hasten_those_that_left(self, now: datetime) -> None:
        """Have whoever has closed the page, since it was due, looked at soon."""
        watched = list(itertools.islice(self._with_page, _WATCHED))
        present = await self._presence.present(watched)
        gone = [user for user in watched if user not in present]
        await self._notices.jobs.hasten("notice", gone, now + _GONE_FOR)
        for user in watched:
            del self._with_page[user]
        self._with_page |= dict.fromkeys(user for user in watched if user in present)

    async def _give_back(self, claimed: Sequence[Claimed]) -> None:
        with contextlib.suppress(*STORE_FAILURES):  # then they are looked at once the lease is over
            await self._notices.put_off(claimed, datetime.now(UTC))

    async def _look(self, claimed: dict[str, Claimed]) -> None:
        """Tell accounts, or say when to look again; each leaves `claimed` once it is settled."""
        present = await self._presence.present(list(claimed))
        again = datetime.now(UTC) + _PRESENT_WAIT
        await self._notices.put_off([claimed[user] for user in present], again, stands=True)
        for user in present:
            del claimed[user]
            self._with_page[user] = None
        looks = await self._read(list(claimed.values()))
        waits: dict[tuple[datetime | None, bool], list[Claimed]] = defaultdict(list)
        for one in looks:
            if one.message is None:
                waits[one.due, one.stands].append(one.claimed)
        for (due, stands), some in waits.items():
            await self._notices.put_off(some, due, stands=stands)
            for waiting in some:
                del claimed[waiting.user]

        async def tell(one: Claimed, message: _Message) -> None:
            async with self._together:
                try:
                    await self._tell_to_the_end(one, message)
                except STORE_FAILURES as error:  # it is looked at again once the lease is over
                    _warn(error)
                else:
                    claimed.pop(one.user)

        async with asyncio.TaskGroup() as group:  # it waits for all of them, also where it is cancelled
            for one in looks:
                if one.message is not None:
                    group.create_task(tell(one.claimed, one.message))

    async def _read(self, claimed: Sequence[Claimed]) -> list[_Look]:
        """What is to be done about some accounts; those that could not be read are left out."""
        now, users = datetime.now(UTC), [one.user for one in claimed]
        accounts = await self._accounts.find(users)
        counts = await self._counts.read({account.company_id for account in accounts.values()})
        of_companies = {company: unread_of(numbers) for company, numbers in counts.items()}
        owning = {feed: company for company, numbers in of_companies.items() for feed in numbers}
        feeds = await self._feeds.find_active(owning)

        async def look(one: Claimed) -> _Look | None:
            account = accounts.get(one.user)
            unread = {
                feed: count
                for feed, count in (of_companies[account.company_id] if account else {}).items()
                if feed in feeds and feeds[feed].tells(one.user)
            }
            async with self._together:
                try:
                    return await self._look_at(one, account, unread, feeds, now)
                except STORE_FAILURES as error:  # it is looked at again once the lease is over
                    _warn(error)
                    return None

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(look(one)) for one in claimed]
        return [found for task in tasks if (found := task.result()) is not None]

    async def _look_at(
        self,
        claimed: Claimed,
        account: Account | None,
        unread: Mapping[str, int],
        feeds: Mapping[str, Feed],
        now: datetime,
    ) -> _Look:
        """Look at one account.

        Args:
            claimed: The look.
            account: None where it was deleted.
            unread: By active feed, how many strong results are unread; feeds without any, and paused ones,
                are left out.
            feeds: At least those.
            now: A moment before anything of it was read.
        """
        if account is None or not account.may_log_in:
            return _Look(claimed)
        news = await self._news.untold(account.company_id, unread, claimed.told_until, claimed.told)
        rules = rules_of(claimed.wishes, self.defaults)
        due = due_of(rules, news, claimed.last_sent)
        # It may have been due in the day, while the page was open or WeChat was away, and be night by now.
        may_go = None if due is None else after_quiet(rules.quiet, max(due, now))
        if due is None or may_go is None or may_go > now:
            # A better one that comes may be told at once, where the account wishes so.
            return _Look(claimed, due=may_go, stands=may_go is not None and rules.at_once_score is None)
        lines = [FeedLine(one.feed, feeds[one.feed].form.title, unread[one.feed], one.best) for one in news]
        receiver = receiver_of(account, self.appids, claimed.wishes)
        return _Look(
            claimed, message=_Message(receiver, notice_of(lines, self.page_url), news, read_at=now, due=due)
        )

    async def _tell_to_the_end(self, claimed: Claimed, message: _Message) -> None:
        """Send a message and note it, also where the server stops meanwhile."""
        task = asyncio.create_task(self._tell(claimed, message))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await _come_to_its_end(task)
            raise

    async def _tell(self, claimed: Claimed, message: _Message) -> None:
        """Send a message and note that it was sent, or when to try again."""
        now = datetime.now(UTC)
        job, jobs = claimed.job, self._notices.jobs
        if job.lease - now < _ENOUGH and not await jobs.renew(job, now=now):
            return  # messages before it took so long that another process looks at it
        if claimed.unanswered < _MOST_UNANSWERED and not await self._went_out(claimed, message):
            return
        listed = {id_: at for one in message.news for id_, at in one.results.items()}
        until, late = told_after(message.read_at, listed)
        told = Told(at=datetime.now(UTC), until=until, results=late)
        await until_answered(lambda: self._notices.settle(claimed, told), what="a notice that was sent")
        # After tries that failed it is as late as they made it. Who had the page open was not due before.
        since = message.due if job.attempts > 1 else max(message.due, job.due)
        self._metrics.notice_lag.observe(max(0.0, (told.at - since).total_seconds()))

    async def _went_out(self, claimed: Claimed, message: _Message) -> bool:
        """Send a message; False where it has to come later, which is noted."""
        user, before = claimed.user, claimed.unanswered
        await self._notices.note_unanswered(user, before + 1)
        try:
            kind = await self.send(message.receiver, message.notice, SEND_S)
        except Unanswered as error:
            if before + 1 < _MOST_UNANSWERED:
                await self._notices.jobs.fail(claimed.job, type(error).__name__, wait=_UNANSWERED_WAIT)
                return False
            return True
        except (NobodyAnswers, NotTaken) as error:
            await self._notices.note_unanswered(user, before)
            await self._notices.jobs.fail(claimed.job, type(error).__name__)
            return False
        if kind is None:
            # Nobody can be told. Once a way is there, the account is looked at anew.
            await self._notices.note_unanswered(user, before)
            await self._notices.put_off([claimed], None)
        return kind is not None

    async def send(self, receiver: Receiver, notice: Notice, within_s: float) -> str | None:
        """Send by the first way that can serve; one that fails for good is turned off, and the next serves.

        All ways that are tried have `within_s` seconds together.

        Returns:
            The kind of channel that took it; None where there is none.

        Raises:
            NobodyAnswers: The way that should serve is away.
            Unanswered: It takes too long: it may have taken it, or not.
            NotTaken: No way that can serve took it.
        """
        try:
            async with asyncio.timeout(within_s):
                return await self._send(receiver, notice)
        except TimeoutError:
            raise Unanswered from None

    async def _send(self, receiver: Receiver, notice: Notice) -> str | None:
        refused = False
        for way in self.ways:
            if not receiver.wants(way.kind) or way.lacks(receiver):
                continue
            try:
                with span("notice", way=way.kind):
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


def unread_of(counts: Counts) -> dict[str, int]:
    """By feed, how many strong results are unread."""
    return {feed: count for feed in counts.unread if (count := counts.unread_of(feed))}


class _Message(msgspec.Struct, frozen=True):
    """What an account is told, since when it was due, and when and of what results it was read."""

    receiver: Receiver
    notice: Notice
    news: Sequence[FeedNews]
    read_at: datetime
    due: datetime


class _Look(msgspec.Struct, frozen=True):
    """What is to be done about an account: it is told, or looked at again.

    Attributes:
        claimed: The look.
        due: When it is looked at again; None for once something new comes.
        stands: Whether it is not sooner, whatever comes.
        message: What it is told; None for nothing now.
    """

    claimed: Claimed
    due: datetime | None = None
    stands: bool = False
    message: _Message | None = None


def _warn(error: Exception) -> None:
    logger.warning("notices wait for MongoDB (%s)", type(error).__name__)


async def _come_to_its_end(task: asyncio.Task[None]) -> None:
    """Wait for a task, however often the waiting is cancelled; after `_STOP_S` it is cancelled itself."""
    ends = asyncio.get_running_loop().time() + _STOP_S
    while not task.done() and (left_s := ends - asyncio.get_running_loop().time()) > 0:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({task}, timeout=left_s)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
