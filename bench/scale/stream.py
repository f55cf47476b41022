"""Resumes that go on arriving while something is done to the processes, and what came of it in the end.

poured = await pour_while(plan, given, disturb)         # `disturb` kills, adds, takes away
calm = await pour_while(MONOLITH, poured.given)         # the same for a process that nobody disturbs
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable

import msgspec

from bench.harness.table import Row, at_most
from bench.load.ingest import Market
from bench.scale.deployment import Deployment, deployed
from bench.scale.outcome import Outcome, compare, outcome_of, rows_of
from bench.scale.plans import MONOLITH, Plan
from bench.scale.work import BATCH, Work

_PAUSE_S = 0.05
"""Seconds between two uploads, so that a stream lasts as long as what is done meanwhile."""
_LOOK_EACH = 2
"""Every second upload looks how many resumes wait."""
_MOST_WAITING = 100
"""With more, the stream waits for the scorers. Where eleven processes start on two cores, they score 20 a
second meanwhile: one that waits for much longer than ten seconds waits for something else than its turn."""
_SHOWN = 5
"""Differences of a kind that are printed."""


class Stream:
    """Resumes that arrive, and feeds that are submitted and edited, until `end`.

    Attributes:
        sent: How many resumes were answered.
    """

    def __init__(self, work: Work, given: Market) -> None:
        self._work = work
        self._given = given
        self._is_over = False
        self._moved = asyncio.Event()
        self.sent = 0

    async def run(self, *, is_endless: bool) -> None:
        """Send, one batch after the other. A feed more comes with every second batch.

        Raises:
            SystemExit: The stream should be endless, and all of it is sent.
        """
        feeds = iter(range(len(self._given.feeds)))
        await self._work.submit([next(feeds)])
        for turn, start in enumerate(range(0, len(self._given.resumes), BATCH)):
            if self._is_over:
                break
            if turn % _LOOK_EACH == 0:
                await self._work.until_few_wait(_MOST_WAITING)
            batch = self._given.resumes[start : start + BATCH]
            await self._work.pour(batch)
            if turn % 2 == 0:
                await self._work.submit(list(itertools.islice(feeds, 1)))
            if turn % 5 == 4:
                await self._work.edit([turn % len(self._work.feeds) or 1])
            if turn % 7 == 6:  # some who came before have changed
                await self._work.pour(list(self._work.changed(max(0, start - 2 * BATCH), start)))
            self.sent = start + len(batch)
            self._moved.set()
            await asyncio.sleep(_PAUSE_S)
        else:
            if is_endless:
                raise SystemExit("all resumes are sent, and what is done meanwhile is not done")
        await self._work.submit(list(feeds))
        # Each feed ends with a form that does not depend on how far the stream came.
        await self._work.edit(range(1, len(self._given.feeds)))

    async def moves(self) -> None:
        """Wait for the next answer."""
        self._moved.clear()
        await self._moved.wait()

    def end(self) -> None:
        """No further batch."""
        self._is_over = True


class Poured(msgspec.Struct):
    """What a stream left.

    Attributes:
        given: What was sent of the market.
        outcome: What came of it.
        crashed: Names of processes that ended though nobody ended them.
        faults: What `manage.py check` finds; empty where it finds nothing.
    """

    given: Market
    outcome: Outcome
    crashed: list[str]
    faults: str


async def pour_while(
    plan: Plan,
    given: Market,
    disturb: Callable[[Deployment, Stream], Awaitable[None]] | None = None,
) -> Poured:
    """Stream into a plan until `disturb` is done, or all of it where there is none."""
    began = time.monotonic()
    async with deployed(plan) as deployment:
        work = Work(deployment, given)
        await work.register()
        stream = Stream(work, given)
        async with asyncio.TaskGroup() as group:
            group.create_task(stream.run(is_endless=disturb is not None))
            if disturb is not None:
                await disturb(deployment, stream)
                stream.end()
        await work.quiet()
        outcome = await outcome_of(work, deployment.database, given.feeds[:1])
        status, told = await deployment.manage("check")
        work.close()
        sent = Market(given.name, given.feeds, given.resumes[: stream.sent])
        print(
            f"{plan.name}: {stream.sent:,} resumes, {len(outcome.results):,} results, "
            f"{work.cut_off} requests cut off, {time.monotonic() - began:.0f} s"
        )
        return Poured(sent, outcome, deployment.crashed(), told if status else "")


async def against_calm(poured: Poured, plan: Plan) -> list[Row]:
    """Rows: what differs from a monolith that was given the same and that nobody disturbed."""
    calm = await pour_while(MONOLITH, poured.given)
    mine, theirs = poured.outcome.results.keys(), calm.outcome.results.keys()
    rows = [
        at_most(0, Row(measure=f"{plan.name}: results lost", figure=len(theirs - mine), unit="")),
        at_most(0, Row(measure="  results that should not be", figure=len(mine - theirs), unit="")),
        at_most(0, Row(measure="  processes that ended by themselves", figure=len(poured.crashed), unit="")),
        at_most(0, Row(measure="  faults that manage.py check finds", figure=bool(poured.faults), unit="")),
        *rows_of(poured.outcome),
        *difference_rows(poured.outcome, calm.outcome),
    ]
    if poured.crashed or poured.faults:
        print(f"  ended by themselves: {poured.crashed}\n{poured.faults}")
    return rows


def difference_rows(one: Outcome, other: Outcome) -> list[Row]:
    """A row for each kind of difference; the first of each are printed."""
    rows = []
    for what, lines in compare(one, other).items():
        for line in lines[:_SHOWN]:
            print(f"  {what}: {line}")
        rows.append(at_most(0, Row(measure=f"  differences: {what}", figure=len(lines), unit="")))
    return rows
