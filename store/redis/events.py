"""Hints between processes: they say that something changed, never what it changed to.

    events.listen(worker.on_event, "feed")         # whose ever it is
    events.listen_to_followed(hub.on_event)        # about the companies that this process follows
    await events.follow(company_id)                # its first socket is about to read its snapshot

Every event is delivered in this process at once and, over Redis, in those that have asked for it: of most
kinds only the processes hear that follow the company, so that a hint costs nobody else. What Redis did not
take is sent again a second later. A lost, doubled or reordered event is harmless: whoever hears one reads the
truth from MongoDB.

| kind                  | channel           | who listens                                   |
|-----------------------|-------------------|-----------------------------------------------|
| `unread`, `progress`, | of the company    | the hub, while a socket of it is open         |
| `removed`             |                   |                                               |
| `feed`                | of the kind       | backfill, and who learns                      |
| `feedback`            | of the kind       | who scores                                    |
| `revoked`             | of the kind       | who has sessions in memory                    |
| `resync`              | none              | everybody in the process that finds the need  |
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Literal, NoReturn

import msgspec

from store.redis import keys
from store.redis.redis_client import REDIS_FAILURES, Redis, connection_maker
from store.redis.subscription import Subscription

logger = logging.getLogger(__name__)

_PIPE = 200
"""Events in one exchange with Redis. A moment's thousands go in several, each of which fits into the time
that `Redis.quickly` allows."""
_MOST_UNSENT = 10_000
"""Events that are kept to be sent again, those of a minute in which a process changes 160 lists a second.
With more, each try would keep the loop for longer. Of those that are left out the oldest are: the hub reads
everything anew each minute, and at once where it did not reach Redis either."""
_PATIENCE_S = 10.0
"""Seconds for which a company is followed after its last socket left. Most come back: a page is opened anew,
a phone changes networks. More would keep Redis busy with hints for nobody."""
_TEND_EVERY_S = 1.0
"""Seconds between two looks at what need not be followed any more, and what was not sent. Redis
is not asked sooner after it did not answer (`redis_client.AWAY_S`)."""

Kind = Literal["unread", "progress", "feed", "removed", "feedback", "revoked", "claim", "asked", "resync"]

_OF_COMPANIES = frozenset({"unread", "progress", "removed", "claim", "asked"})
"""Kinds that are said on the company's channel."""
_OF_KINDS = frozenset({"feed", "feedback", "revoked"})
"""Kinds that are said on a channel of the kind. All of them are rare: something that a person did."""


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hint.

    Attributes:
        kind: What changed. `unread`: the number of a feed's unread results. `progress`: how far its backfill
            is. `feed`: the feed itself, which was submitted, opened after a rest, or deleted. `removed`: a
            feed left its owner's list. `feedback`: what a feed has learned. `revoked`: a session ended, or
            without `token` any of the account's.
            `claim`: who is with a person of a feed's list, or what was said of them. `asked`: somebody asks
            whoever is with them.
            `resync`: events may have been lost, so everything has to be read anew.
        company: Whose feed it is; empty where it concerns nobody alone.
        user: Whose session it is, or who asks.
        feed: Which feed.
        resume: Whose person.
        said: Whether a comment on them changed too.
        token: The hash of the session's token.
        origin: The process that it comes from, which has heard it already.
    """

    kind: Kind
    company: str = ""
    user: str = ""
    feed: str = ""
    resume: str = ""
    said: bool = False
    token: str = ""
    origin: str = ""


Listener = Callable[[Event], None]
_decode = msgspec.json.Decoder(Event).decode


class Events:
    """Publishes and receives hints. Not thread-safe; listeners run on the loop and must not block."""

    def __init__(self, client: Redis, redis_url: str, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._origin = secrets.token_hex(6)
        self._subscription = Subscription(connection_maker(redis_url), self._receive, self._resync)
        self._of_kind: dict[str, list[Listener]] = {}
        self._of_followed: list[Listener] = []
        # Companies that need not be followed any more, by since when; the first of them longest.
        self._idle: OrderedDict[str, float] = OrderedDict()
        # What Redis did not take, each only once; the first of them longest.
        self._unsent: dict[Event, None] = {}
        self._is_running = False

    @property
    def connected(self) -> bool:
        """Whether this process hears the others."""
        return self._subscription.connected

    def listen(self, listener: Listener, *kinds: Kind) -> None:
        """Call `listener` with every event of these kinds.

        Of `unread` and `progress` these are the events of this process alone.
        """
        for kind in kinds:
            self._of_kind.setdefault(kind, []).append(listener)
        if self._is_running:
            self._ask_for_kinds()

    def listen_to_followed(self, listener: Listener) -> None:
        """Call `listener` with every event about a company.

        From other processes these are the events about companies that this process follows.
        """
        self._of_followed.append(listener)

    async def follow(self, company_id: str) -> None:
        """Hear of a company from now on. What is read afterwards misses nothing, unless Redis is away."""
        self._idle.pop(company_id, None)
        await self._subscription.hear(keys.hints(self._prefix, company_id))

    def hears(self, company_id: str) -> bool:
        """Whether it hears of a company now: it follows it, and Redis is there."""
        return self._subscription.hears(keys.hints(self._prefix, company_id))

    def unfollow(self, company_id: str) -> None:
        """Hear of a company no more, if nobody follows it within the next seconds."""
        self._idle[company_id] = time.monotonic()

    async def publish(self, *events: Event) -> None:
        """Tell this process at once, and the others as soon as Redis is there; never fails.

        The others are told in vain where this process ends before that, or does not `run`.
        """
        for event in events:
            self.tell_here(event)
        await self._send(events)

    def tell_here(self, event: Event) -> None:
        """Tell this process alone of something that it found by itself."""
        self._tell(event, self._listeners_of(event))

    async def run(self) -> None:
        """Receive until cancelled; after every connection listeners hear `resync`.

        Raises:
            BaseExceptionGroup: Of `WrongRedis`.
        """
        self._is_running = True
        self._ask_for_kinds()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._subscription.run())
            await self._tend()

    def _ask_for_kinds(self) -> None:
        for kind in _OF_KINDS.intersection(self._of_kind):
            self._subscription.ask_for(keys.hints(self._prefix, kind))

    async def _tend(self) -> NoReturn:
        """Drop companies that nobody came back to, and send what Redis did not take.

        Raises:
            WrongRedis: It was away at the start, and is a node of a cluster.
        """
        is_one = False
        while True:
            is_one = is_one or await self._client.refuse_node()
            await asyncio.sleep(_TEND_EVERY_S)
            since = time.monotonic() - _PATIENCE_S
            while self._idle and next(iter(self._idle.values())) <= since:
                company_id, _ = self._idle.popitem(last=False)
                self._subscription.drop(keys.hints(self._prefix, company_id))
            unsent, self._unsent = list(self._unsent), {}
            await self._send(unsent)

    async def _send(self, events: Sequence[Event]) -> None:
        """Tell the others."""
        # A `resync` concerns this process alone.
        told = [event for event in events if event.kind in _OF_KINDS or event.company]
        for start in range(0, len(told), _PIPE):
            if not await self._send_at_once(told[start : start + _PIPE]):
                self._keep(told[start:])
                break

    async def _send_at_once(self, events: Sequence[Event]) -> bool:
        """Tell the others of some events; false where some of them may not have been taken."""
        pipe = self._client.client.pipeline(transaction=False)
        for event in events:
            text = msgspec.json.encode(msgspec.structs.replace(event, origin=self._origin))
            pipe.publish(self._channel_of(event), text)
        try:
            await self._client.quickly(pipe.execute)
        except REDIS_FAILURES as error:
            logger.debug("hints not sent: %s", type(error).__name__)
            return False
        return True

    def _keep(self, events: Iterable[Event]) -> None:
        self._unsent |= dict.fromkeys(events)
        for event in list(islice(self._unsent, max(0, len(self._unsent) - _MOST_UNSENT))):
            del self._unsent[event]

    def _channel_of(self, event: Event) -> str:
        return keys.hints(self._prefix, event.company if event.kind in _OF_COMPANIES else event.kind)

    def _receive(self, channel: str, text: bytes) -> None:
        try:
            event = _decode(text)
        except msgspec.MsgspecError:
            logger.warning("hints: a message that is no event")
            return
        if event.origin == self._origin:
            return
        is_of_kind = channel == keys.hints(self._prefix, event.kind)
        self._tell(event, self._of_kind.get(event.kind, ()) if is_of_kind else self._of_followed)

    def _resync(self) -> None:
        self.tell_here(Event("resync"))

    def _listeners_of(self, event: Event) -> list[Listener]:
        """Who in this process hears an event that comes from it."""
        is_for_followed = event.kind in _OF_COMPANIES or event.kind == "resync"
        return [*self._of_kind.get(event.kind, ()), *(self._of_followed if is_for_followed else ())]

    def _tell(self, event: Event, listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            listener(event)
