"""The hub: what feeds the sockets of one process.

A hint says that something changed; the account's channel reads the truth from MongoDB and sends absolute
numbers to its sockets, at most one frame a feed in 100 ms. The hub also re-reads everything now and then,
and after Redis was away, so that a lost hint is healed.

Reads of all accounts share round trips, one at a time (`store.batches`). That is what bounds a reconnect
storm: thousands that come at once are admitted as fast as those reads go, and requests have their turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import time
from collections.abc import Sequence

from handlers.live.channel import Channel, Reads
from handlers.live.frames import NOT_AUTHENTICATED, REPLACED, RESTARTING, Socket
from runtime.metrics import Metrics
from store.data_loader import MOST, DataLoader
from store.errors import STORE_FAILURES
from store.events import Event, Events
from store.feeds import Feeds
from store.results import Results
from store.sessions import Sessions, token_hash

logger = logging.getLogger(__name__)

MAX_SOCKETS = 5
_REREAD_EVERY_S = 60.0
_REREAD_WITHOUT_REDIS_S = 4.0
_RETRY_S = 0.5
# Of a closing process: so many groups of sockets at most, so many in each at least, a jittered pause between.
_DRAIN_GROUPS, _DRAIN_LEAST = 30, 20
_DRAIN_PAUSE_S = 0.05
# Sessions that are remembered, for those who come back.
_KNOWN = 20_000


class Hub:
    """All sockets of this process. Belongs to one event loop."""

    def __init__(
        self, feeds: Feeds, results: Results, sessions: Sessions, events: Events, metrics: Metrics
    ) -> None:
        self._reads = Reads(feeds, results)
        self._sessions = sessions
        # Not those of requests, which would wait behind a storm.
        self._checks: DataLoader[tuple[str, str], bool] = DataLoader(sessions.check)
        self._events = events
        self._metrics = metrics
        self._channels: dict[str, Channel] = {}
        # By the hash of their token, from before its check: no logout is missed.
        self._by_token: dict[str, set[Socket]] = {}
        self._known: dict[str, str] = {}
        self._must_hurry = asyncio.Event()
        self._is_closing = False
        events.listen(self._on_event)

    async def admits(self, user_id: str, token: str) -> bool:
        """Whether a handshake may go on.

        Who was here lately need not wait for a read: `join` makes sure.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer.
        """
        key = token_hash(token)
        return self._known.get(key) == user_id or await self._holds(user_id, key)

    async def _holds(self, user_id: str, key: str) -> bool:
        return (user_id, key) in await self._checks.get([(user_id, key)])

    async def join(self, socket: Socket) -> None:
        """Take a socket in, if its session holds; the account's sixth closes its oldest.

        Raises:
            One of STORE_FAILURES: MongoDB does not answer; the socket is not joined.
        """
        self._by_token.setdefault(socket.token, set()).add(socket)
        try:
            if not await self._holds(socket.user_id, socket.token):
                self._revoke(socket)
            elif not socket.closed:
                self._remember(socket)
                await self._join(socket)
        finally:
            if socket.closed or not self._has(socket):
                self._forget(socket)

    async def _join(self, socket: Socket) -> None:
        channel = self._channels.get(socket.user_id)
        if channel is None:
            channel = self._channels[socket.user_id] = Channel(socket.user_id, self._reads)
        channel.joining += 1  # the last other socket may leave meanwhile, the channel must stay
        try:
            await channel.join(socket)
        finally:
            channel.joining -= 1
            self._drop_if_empty(channel)
        self._metrics.sockets.inc()
        if self._is_closing:
            socket.end(RESTARTING, "restarting")
        if socket.closed:
            self.leave(socket)  # while its snapshot was read
        while len(channel.sockets) > MAX_SOCKETS:
            oldest = channel.sockets[0]
            oldest.end(REPLACED, "replaced by a newer connection")
            self.leave(oldest)

    def leave(self, socket: Socket) -> None:
        """Forget a socket; one that never joined, or left already, is no error."""
        if not self._has(socket):
            return
        channel = self._channels[socket.user_id]
        channel.sockets.remove(socket)
        self._forget(socket)
        self._metrics.sockets.dec()
        self._metrics.frames.inc(socket.frames_sent)
        self._drop_if_empty(channel)

    async def run(self) -> None:
        """Re-read every account's counts and sessions now and then, until cancelled.

        A few accounts at a time over the whole interval, or hints would wait behind thousands of reads.
        """
        while True:
            hurries = self._must_hurry.is_set()
            self._must_hurry.clear()
            channels = list(self._channels.values())
            for start in range(0, len(channels), MOST):
                some = channels[start : start + MOST]
                await self._heal(some)
                if not hurries:
                    await self._pause(len(some) / len(channels))
                    if self._must_hurry.is_set():
                        break  # and start over
            if not channels:
                await self._pause(1.0)

    async def _pause(self, share: float) -> None:
        """Wait a share of the interval, which is shorter without Redis, or until there is reason to hurry."""
        began = time.monotonic()
        while not self._must_hurry.is_set():
            interval_s = _REREAD_EVERY_S if self._events.connected else _REREAD_WITHOUT_REDIS_S
            left_s = began + share * interval_s - time.monotonic()
            if left_s <= 0:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left_s, 1.0)):
                    await self._must_hurry.wait()

    async def _heal(self, channels: Sequence[Channel]) -> None:
        """Read some accounts anew, as soon as MongoDB answers."""
        while True:
            try:
                for outcome in await asyncio.gather(
                    *(channel.reread() for channel in channels), return_exceptions=True
                ):
                    if isinstance(outcome, BaseException):
                        raise outcome
                return await self._end_revoked([socket for one in channels for socket in one.sockets])
            except STORE_FAILURES:
                await asyncio.sleep(_RETRY_S)

    async def _end_revoked(self, sockets: Sequence[Socket]) -> None:
        """Close those whose session has ended, though no hint said so."""
        valid = await self._sessions.still_valid([socket.token for socket in sockets])
        for socket in sockets:
            if socket.token not in valid:
                self._revoke(socket)

    def _revoke(self, socket: Socket) -> None:
        self._known.pop(socket.token, None)
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
            channel.stop()
            for socket in list(channel.sockets):
                self._restart(socket)

    def _restart(self, socket: Socket) -> None:
        socket.end(RESTARTING, "restarting")
        self.leave(socket)

    def _has(self, socket: Socket) -> bool:
        channel = self._channels.get(socket.user_id)
        return channel is not None and socket in channel.sockets

    def _remember(self, socket: Socket) -> None:
        self._known.pop(socket.token, None)
        self._known[socket.token] = socket.user_id
        if len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]

    def _forget(self, socket: Socket) -> None:
        others = self._by_token.get(socket.token, set())
        others.discard(socket)
        if not others:
            self._by_token.pop(socket.token, None)

    def _drop_if_empty(self, channel: Channel) -> None:
        if not channel.sockets and not channel.joining and self._channels.get(channel.user_id) is channel:
            channel.stop()
            del self._channels[channel.user_id]

    def _on_event(self, event: Event) -> None:
        if event.kind == "resync":
            self._must_hurry.set()
        elif event.kind == "revoked":
            self._known.pop(event.token, None)
            for socket in list(self._by_token.get(event.token, ())):
                self._revoke(socket)
        elif channel := self._channels.get(event.user):
            if event.kind in {"unread", "progress"}:
                channel.mark(event.kind, event.feed)
            elif event.kind == "removed":
                channel.mark_all()  # a read that is under way may still hold the feed: the next one does not
