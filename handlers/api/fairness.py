"""Fairness: what one account may ask of a process, so that its heaviest use is not felt by the others.

    ticket = await fairness.enter(account, units=1, is_gone=stream.closed)
    async with fairness.turn(account, is_heavy=False):
        ...     # the work
    ticket.leave()      # the answer is sent

Three bounds, from the cheapest to refuse to the dearest to serve:

- `IN_FLIGHT` requests at once, from the time that the credentials hold until the answer is sent;
- a budget of units a minute, of which a heavy request takes `HEAVY`;
- turns: of an account one light and one heavy request are worked on at once, and of all accounts together
  `_HEAVY_AT_ONCE` heavy ones, the accounts one after the other. The embedded store answers one query after
  the other, so what runs at once only makes each slower, and somebody else's list with it.

Whoever is refused waits a moment for that answer: it costs little to give, but not to clients without end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from math import ceil
from typing import Literal

from cachetools import TTLCache

from handlers.api.errors import TooMany
from handlers.policies import LimitPolicy
from runtime.metrics import Metrics
from runtime.security_log import report
from runtime.turns import Turns
from store.redis.budgets import Budgets

IN_FLIGHT = 6
"""Requests of an account at once. As many as a browser has connections to a host."""
HEAVY = 10
"""Units of a request that reads a whole list, or many resumes; any other costs 1."""
_HEAVY_AT_ONCE = 2
"""Heavy requests that are worked on at once. With one, a slow one would hold up all; more only make each
slower."""
_REFUSED_AFTER_S = 0.1
"""Seconds that a refusal waits. A client that asks in a loop gets ten a second on each of its connections."""
_MAX_KNOWN = 10_000
"""Accounts of which something is kept that nobody needs any more."""
_TOLD_S = 60.0
"""Seconds between two lines of the log about the same account, as one that asks in a loop would fill it."""

Reason = Literal["in_flight", "budget", "unlock", "preview"]


class Ticket:
    """One request in flight.

    Attributes:
        is_gone: Whether its connection is closed; then nobody waits for the answer.
    """

    def __init__(
        self, tickets: set[Ticket], is_gone: Callable[[], bool], give_back: Callable[[], None]
    ) -> None:
        self._tickets = tickets
        self._give_back = give_back
        self.is_gone = is_gone

    def leave(self) -> None:
        """Note that the answer is sent; harmless when called again."""
        self._tickets.discard(self)

    def give_back(self) -> None:
        """Note that the request was refused after all, once: what it was to cost is the account's again."""
        self._give_back()


class Fairness:
    """The accounts that one process serves. Belongs to one event loop."""

    def __init__(self, budgets: Budgets, policy: LimitPolicy, metrics: Metrics) -> None:
        self._budgets = budgets
        self._policy = policy
        self._metrics = metrics
        self._in_flight: dict[str, set[Ticket]] = {}
        self._light, self._heavy = Turns(None), Turns(_HEAVY_AT_ONCE)
        # The accounts of which the log need not tell again.
        self._told: TTLCache[str, None] = TTLCache(_MAX_KNOWN, _TOLD_S)

    async def enter(
        self, user: str, units: int, is_gone: Callable[[], bool], *, is_vip: bool = False
    ) -> Ticket:
        """Let a request of an account in, whose credentials hold, or of an operator. It costs the units.

        Raises:
            TooMany: The account has too many in flight, or its budget is used up; that costs nothing.
        """
        tickets = self._in_flight.setdefault(user, set())
        if len(tickets) >= IN_FLIGHT:
            tickets.difference_update([ticket for ticket in tickets if ticket.is_gone()])
        if len(tickets) >= IN_FLIGHT:
            self._tell(user)
            raise await self.refusal("in_flight", 1, "同时进行的请求过多")
        ticket = Ticket(tickets, is_gone, lambda: self._budgets.give_back(user, units))
        tickets.add(ticket)  # before anything is waited for: others come meanwhile
        try:
            limit = self.allowed(self._policy.account_budget, is_vip=is_vip)
            wait_s = await self._budgets.spend(user, units, limit)
        except BaseException:
            ticket.leave()
            raise
        if wait_s:
            ticket.leave()
            self._tell(user)
            raise await self.refusal("budget", ceil(wait_s), "请求过于频繁")
        self._forget_idle()
        return ticket

    async def refusal(self, reason: Reason, retry_after_s: int, msg: str) -> TooMany:
        """The answer to a request that is one too many, after a moment, and counted."""
        self._metrics.refused.labels(reason).inc()
        await asyncio.sleep(_REFUSED_AFTER_S)
        return TooMany(max(1, retry_after_s), msg)

    def turn(self, user: str, *, is_heavy: bool, rest: float = 1.0) -> AbstractAsyncContextManager[None]:
        """Wait for the account's turn, for as long as the request has, and have it for the block.

        Its next turn waits for at least `rest` times as long as this one took.
        """
        return (self._heavy if is_heavy else self._light).take(user, rest=rest)

    def allowed(self, ordinary: int, *, is_vip: bool) -> int:
        """A bound that is for ordinary accounts, for one that may be a VIP's."""
        return ordinary * self._policy.vip_times if is_vip else ordinary

    def _tell(self, user: str) -> None:
        if user not in self._told:
            report("requests", account=user, outcome="throttled")
            self._told[user] = None

    def _forget_idle(self) -> None:
        """Drop accounts without a request in flight, when there are many."""
        if len(self._in_flight) > _MAX_KNOWN:
            for user in [user for user, tickets in self._in_flight.items() if not tickets]:
                del self._in_flight[user]
