"""The same work for one process and for many: everything that comes of it is equal."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from bench.harness.table import Row, at_least
from bench.load.ingest import Market, market
from bench.scale.deployment import deployed
from bench.scale.outcome import Outcome, outcome_of, rows_of
from bench.scale.plans import Plan
from bench.scale.stream import difference_rows
from bench.scale.work import Work

_PREVIEWED = 5


class Size(msgspec.Struct, frozen=True):
    """How much is compared."""

    feeds: int
    resumes: int


FULL, QUICK = Size(60, 4_000), Size(20, 600)


async def measure(data: Path, plans: tuple[Plan, Plan], size: Size = FULL) -> list[Row]:
    """Have the work done by the first plan, then by the second, and compare."""
    given = market(data, size.resumes)
    given = Market(given.name, given.feeds[: size.feeds], given.resumes)
    one, other = [await played(plan, given) for plan in plans]
    print(f"{len(one.results):,} results of {size.resumes:,} {given.name} resumes and {size.feeds} feeds")
    rows = [at_least(1, Row(measure="results that were compared", figure=len(one.results), unit=""))]
    return [*rows, *difference_rows(one, other), *rows_of(one), *rows_of(other)]


async def played(plan: Plan, given: Market) -> Outcome:
    """What comes of the work with a plan.

    Raises:
        SystemExit: `manage.py check` finds something.
    """
    began = time.monotonic()
    async with deployed(plan) as deployment:
        started = time.monotonic()
        work = Work(deployment, given)
        await work.register()
        await work.everything()
        done = time.monotonic()
        outcome = await outcome_of(work, deployment.database, given.feeds[:_PREVIEWED])
        work.close()
        status, told = await deployment.manage("check")
        print(
            f"{plan.name}: ready after {started - began:.0f} s, work {done - started:.0f} s; "
            f"{told.strip().splitlines()[-1] if told.strip() else ''}"
        )
        if status:
            raise SystemExit(f"{plan.name}: manage.py check finds\n{told}")
    return outcome
