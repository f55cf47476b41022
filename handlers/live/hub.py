"""The hub: all sockets of one process, and what feeds them.

A process hears of the companies that have a socket here, and of no others (`store.redis.events`). A hint says
that something changed; the company's channel reads the truth from MongoDB and sends absolute numbers to its
sockets, at most one frame a feed in 100 ms. The hub also reads everything anew now and then, and after Redis
was away, so that a lost hint does not matter. What an event does, and whom it reaches:

| event      | who hears of it            | what is done                  | frames                           |
|------------|----------------------------|-------------------------------|----------------------------------|
| `unread`   | its company's sockets      | the company's counts are read | `unread`                         |
| `progress` | its company's sockets      | the feed's progress is read   | `progress`                       |
| `removed`  | its company's sockets      | the company is read anew      | `removed`, and what else differs |
| `claim`,   | sockets of who is in the   | who is with the person is     | `claim`, `asked`                 |
| `asked`    | feed                       | read                          |                                  |
| `revoked`  | its session's sockets, or  | they are closed with 4401;    | none                             |
|            | all of the account         | those that do not hold are    |                                  |
| `resync`   | all sockets of the process | all companies are read anew   | what differs                     |
| others     | nobody here                | nothing; the engine listens   | none                             |

`Hub._handlers` is this table in code.

Reads of all companies share round trips, one at a time (`store.data_loader`). That bounds a reconnect storm:
thousands that come at once are admitted as fast as those reads go, and requests have their turn.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from handlers.live.channel import Channel, Kind
from handlers.live.claims import ClaimFrames
from handlers.live.close_codes import NOT_AUTHENTICATED, REPLACED, RESTARTING
from handlers.live.flusher import Flusher
from handlers.live.loaders import DataLoaders
from handlers.live.pace import EXCESS_PER_S, Allowance
from handlers.live.sessions import SocketSessions
from handlers.live.tasks import Tasks
from handlers.live.writer import SocketWriter
from runtime.metrics import Metrics
from runtime.waiting import wait_at_most
from store.accounts.sessions import Sessions
from store.data_loader import MOST
from store.feeds.feeds import Feeds
from store.redis.events import Event, Events
from store.redis.presence import Presence
from store.results.result_counters import ResultCounters
from store.retry import until_answered

MAX_SOCKETS = 5
"""Sockets of one account in one process; the next one closes the oldest. Enough for a phone, a mini-program
and a few windows, and few enough that no account can use up a process's descriptors."""
_REREAD_EVERY_S = 60.0
"""In how many seconds every company is read anew. This is how long a lost hint can leave a badge wrong; half
of it would double the reads of a process whose sockets are idle."""
_REREAD_UNHEARD_S = 4.0
"""The same of companies that are not heard of, as Redis is away: these reads alone move badges."""
_CHECK_EVERY_S, _CHECKED = 0.8, 100
"""Every so many seconds the sessions of so many companies are read, one lot after the other. It finds what no
event and no note tells: an account that was changed in the database by hand. With more companies it takes
longer to come round; all of them at once would take a tenth of the embedded store's time."""
_LOOK_S = 1.0
"""Seconds between two looks for companies that are not heard of."""
_DRAIN_GROUPS, _DRAIN_LEAST = 30, 20
"""A closing process ends its sockets in at most so many groups, of at least so many sockets each."""
_DRAIN_PAUSE_S = 0.05
"""Seconds between two groups on average, so that all of them take 1.5 s of the 15 s that a stop may take."""


class Hub:
    """All sockets of this process. Belongs to one event loop."""

    def __init__(
        self,
        feeds: Feeds,
        counts: ResultCounters,
        sessions: Sessions,
        events: Events,
        claims: ClaimFrames,
        presence: Presence,
        metrics: Metrics,
    ) -> None:
        self.tasks = Tasks()
        """What writes to sockets; open while `run` runs."""
        self.excess_frames = Allowance(EXCESS_PER_S / 10, EXCESS_PER_S)
        """What all sockets that flood may send together."""
        self._loaders = DataLoaders(feeds, counts)
        self._flusher = Flusher(self._loaders)
        self._sessions = SocketSessions(sessions)
        self._events = events
        self._claims = claims
        self._presence = presence
        self._metrics = metrics
        self._channels: dict[str, Channel] = {}
        """By account."""
        self._of_company: dict[str, list[Channel]] = {}
        self._must_hurry = asyncio.Event()
        self._is_running = asyncio.Event()
        self._is_closing = False
        self._has_ended = False
        self._handlers: Mapping[str, Callable[[Event], None]] = {
            "unread": partial(self._note_changed, "unread"),
            "progress": partial(self._note_changed, "progress"),
            "removed": self._note_removed,
            "claim": self._tell_claim,
            "asked": self._tell_claim,
            "revoked": self._end_session,
            "resync": self._hurry,
        }
        presence.accounts = self.accounts
        events.listen_to_followed(self._on_event)
        events.listen(self._on_event, "revoked")

    async def admits(self, user_id: str, token: str) -> bool:
        """Whether a handshake may go on; `join` looks more closely.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        return await self._sessions.admits(user_id, token)

    async def join(self, socket: SocketWriter) -> None:
        """Take a socket in, if its session holds; the account's sixth closes its oldest.

        Waits until `run` has begun; after it has ended the socket is closed.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        # Outside of `run` nothing could write to the socket, and nobody would see that something failed.
        await self._is_running.wait()
        if self._has_ended:
            socket.end(RESTARTING, "restarting")
            return
        self._sessions.add(socket)
        try:
            company = await self._sessions.company(socket)
            if company is None:
                self._revoke(socket)
            elif not socket.closed:
                socket.company_id = company
                self._sessions.remember(socket)
                await self._join(socket)
        finally:
            if socket.closed or not self._has(socket):
                self._sessions.discard(socket)

    async def _join(self, socket: SocketWriter) -> None:
        company, user = socket.company_id, socket.user_id
        channel = self._channels.get(user)
        if channel is not None and channel.company_id != company:  # it has joined another company
            self._close_channel(channel)
            channel = None
        if channel is None:
            channel = Channel(company, user, self._loaders, self._flusher, self.tasks)
            self._channels[user] = channel
            self._of_company.setdefault(company, []).append(channel)
        channel.joining += 1  # the last other socket may leave meanwhile, the channel must stay
        try:
            # Before the snapshot is read: no change falls between the two.
            await self._events.follow(company)
            channel.may_have_missed |= not self._events.hears(company)
            await channel.join(socket)
        finally:
            channel.joining -= 1
            self._drop_if_empty(channel)
        self._metrics.sockets.inc()
        self.tasks.start(self._presence.add(socket.user_id))
        if self._is_closing:
            socket.end(RESTARTING, "restarting")
        if socket.closed:
            self.leave(socket)  # while its snapshot was read
        for oldest in channel.sockets[:-MAX_SOCKETS]:
            oldest.end(REPLACED, "replaced by a newer connection")
            self.leave(oldest)

    def accounts(self) -> Collection[str]:
        """The accounts that have a socket here."""
        return {channel.user_id for channel in self._channels.values() if channel.sockets}

    def leave(self, socket: SocketWriter) -> None:
        """Forget a socket; one that never joined, or left already, is no error."""
        if not self._has(socket):
            return
        channel = self._channels[socket.user_id]
        channel.sockets.remove(socket)
        self._sessions.discard(socket)
        self._metrics.sockets.dec()
        self._metrics.frames.inc(socket.frames_sent)
        self._drop_if_empty(channel)

    async def run(self) -> None:
        """Write to the sockets, and read every company's counts and sessions now and then, until cancelled.

        When it ends, for whatever reason, no socket is left open.

        Raises:
            BaseExceptionGroup: Something failed unexpectedly, in these reads or in what writes to a socket.
        """
        try:
            async with self.tasks.opened():
                self._is_running.set()
                self.tasks.start(self._flusher.run())
                self.tasks.start(self._check_for_ever())
                self.tasks.start(self._reread_unheard_for_ever())
                await self._reread_for_ever()
        finally:
            self._has_ended = True
            self.close_all()

    async def _reread_for_ever(self) -> None:
        """Read a few companies at a time, spread over the interval. Reading all at once would delay hints."""
        while True:
            hurries = self._must_hurry.is_set()
            self._must_hurry.clear()
            channels = list(self._channels.values())
            for start in range(0, len(channels), MOST):
                some = channels[start : start + MOST]
                await until_answered(partial(self._reread, some), what="the hub")
                if not hurries:
                    await self._rest(len(some) / len(channels))
                    if self._must_hurry.is_set():
                        break  # and start over
            if not channels:
                await self._rest(1.0)

    async def _rest(self, share: float) -> None:
        """Wait a share of the interval, or until there is reason to hurry."""
        await wait_at_most(self._must_hurry, share * _REREAD_EVERY_S)

    async def _reread_unheard_for_ever(self) -> None:
        """Read those companies more often of which no hint comes from other processes, and once it does."""
        while True:
            unheard = [
                one
                for one in self._channels.values()
                if one.may_have_missed or not self._events.hears(one.company_id)
            ]
            for start in range(0, len(unheard), MOST):
                some = unheard[start : start + MOST]
                await asyncio.sleep(_REREAD_UNHEARD_S * len(some) / len(unheard))
                await until_answered(partial(self._reread, some), what="the hub")
            if not unheard:
                await asyncio.sleep(_LOOK_S)

    async def _reread(self, channels: Sequence[Channel]) -> None:
        """Read some companies anew, and close their sockets whose session ended though no hint said so."""
        for channel in channels:
            # Before the read: what changes once a company is heard of, a hint tells.
            channel.may_have_missed = not self._events.hears(channel.company_id)
        # All are waited for, so that none is still reading when a failed round is repeated.
        outcomes = await asyncio.gather(*(channel.reread() for channel in channels), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        await self._revoke_ended([socket for channel in channels for socket in channel.sockets])

    async def _check_for_ever(self) -> None:
        """Read the sessions of all sockets, some companies at a time, and close those that ended."""
        while True:
            channels = list(self._channels.values())
            for start in range(0, max(len(channels), 1), _CHECKED):
                await asyncio.sleep(_CHECK_EVERY_S)
                some = channels[start : start + _CHECKED]
                sockets = [socket for channel in some for socket in channel.sockets]
                await until_answered(partial(self._revoke_ended, sockets), what="the hub")

    async def _revoke_ended(self, sockets: Sequence[SocketWriter]) -> None:
        companies = await self._sessions.companies(sockets)
        for socket in sockets:
            if socket.token not in companies:
                self._revoke(socket)
            elif socket.company_id not in ("", companies[socket.token]):
                self._restart(socket)  # it comes back as one of its new company

    def _revoke(self, socket: SocketWriter) -> None:
        self._sessions.forget(socket.token)
        socket.end(NOT_AUTHENTICATED, "not authenticated")
        self.leave(socket)

    async def drain(self) -> None:
        """Close every socket in groups, so that not all clients connect to another process at once."""
        self._is_closing = True
        sockets = [socket for channel in self._channels.values() for socket in channel.sockets]
        random.shuffle(sockets)
        size = max(_DRAIN_LEAST, math.ceil(len(sockets) / _DRAIN_GROUPS))
        for start in range(0, len(sockets), size):
            if start:
                await asyncio.sleep(random.uniform(0.0, 2 * _DRAIN_PAUSE_S))
            for socket in sockets[start : start + size]:
                self._restart(socket)

    def close_all(self) -> None:
        """Close every socket now, and stop reading for them."""
        self._is_closing = True
        for channel in list(self._channels.values()):
            self._close_channel(channel)

    def _close_channel(self, channel: Channel) -> None:
        channel.stop()
        for socket in list(channel.sockets):
            self._restart(socket)

    def _restart(self, socket: SocketWriter) -> None:
        socket.end(RESTARTING, "restarting")
        self.leave(socket)

    def _has(self, socket: SocketWriter) -> bool:
        channel = self._channels.get(socket.user_id)
        return channel is not None and socket in channel.sockets

    def _drop_if_empty(self, channel: Channel) -> None:
        of_company = self._of_company.get(channel.company_id, [])
        if channel.sockets or channel.joining or channel not in of_company:
            return
        channel.stop()
        of_company.remove(channel)
        if self._channels.get(channel.user_id) is channel:
            del self._channels[channel.user_id]
        if not of_company:
            del self._of_company[channel.company_id]
            self._events.unfollow(channel.company_id)

    def _on_event(self, event: Event) -> None:
        if handle := self._handlers.get(event.kind):
            handle(event)

    def _note_changed(self, kind: Kind, event: Event) -> None:
        for channel in self._of_company.get(event.company, ()):
            channel.note_changed(kind, event.feed)

    def _note_removed(self, event: Event) -> None:
        # A read that is under way may still hold the feed: the next one does not.
        for channel in self._of_company.get(event.company, ()):
            channel.note_all_changed()

    def _tell_claim(self, event: Event) -> None:
        if any(channel.has(event.feed) for channel in self._of_company.get(event.company, ())):
            self.tasks.start(until_answered(partial(self._read_claim, event), what="the hub"))

    async def _read_claim(self, event: Event) -> None:
        frame = await self._claims.frame(event)
        for channel in self._of_company.get(event.company, ()):
            if channel.has(event.feed):
                channel.send(frame)

    def _end_session(self, event: Event) -> None:
        if not event.token:
            if sockets := self._sessions.sockets_of_account(event.user):
                self.tasks.start(until_answered(partial(self._revoke_ended, sockets), what="the hub"))
            return
        self._sessions.forget(event.token)
        for socket in self._sessions.sockets_of(event.token):
            self._revoke(socket)

    def _hurry(self, _event: Event) -> None:
        self._must_hurry.set()
