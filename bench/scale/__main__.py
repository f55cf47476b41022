"""`make scale`: one process against many, on one machine; a table with a verdict in every line.

    python -m bench.scale --quick
    python -m bench.scale --only kills,moving

The chapters, in this order: `equal` (the same work, the same outcome), `kills` (100 of them), `moving` (a
part is added and taken away), `million` (a million feeds over four parts), `predictions` (the simulator
against runs).
Everything that is started is ended. The exit status is 1 where a line is not met or a chapter failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.__main__ import Busy
from bench.ingest import DATA
from bench.machine import raise_limits
from bench.scale import equal, kills, moving, predictions
from bench.scale.plans import MONOLITH, PAIR, many
from bench.table import Row, text_of

Chapters = dict[str, Callable[[], Awaitable[list[Row]]]]


def main() -> int:
    """Read the command line, run the chapters, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every chapter smaller, some minutes in all")
    parser.add_argument("--only", help="some chapters, with commas between them")
    parser.add_argument("--parts", type=int, default=4, help="parts of the deployment that is compared")
    parser.add_argument("--pair", action="store_true", help="two processes that do everything, in its place")
    parser.add_argument(
        "--data", type=Path, default=DATA, help="feeds and resumes; made up where it is not there"
    )
    options = parser.parse_args()
    chapters = _chapters(options)
    names = options.only.split(",") if options.only else list(chapters)
    if unknown := set(names) - chapters.keys():
        parser.error(f"no chapter {', '.join(sorted(unknown))}; there are {', '.join(chapters)}")
    raise_limits()
    rows: list[Row] = []
    failed = []
    for name in names:
        began, busy = time.perf_counter(), Busy()
        print(f"\n{name} ...", flush=True)
        try:
            rows += asyncio.run(_run(chapters[name]))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the rows of the other chapters took minutes
            print(f"{name} failed: {error!r}", flush=True)
            failed.append(name)
        print(f"{time.perf_counter() - began:.0f} s; {busy}", flush=True)
    print(f"\n{text_of(rows)}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed or any(row.is_met is False for row in rows) else 0


def _chapters(options: argparse.Namespace) -> Chapters:
    """What there is, in this order, by name."""
    plan = PAIR if options.pair else many(options.parts)
    data = options.data
    if options.quick:
        return {
            "equal": lambda: equal.measure(data, (MONOLITH, plan), equal.QUICK),
            "kills": lambda: kills.measure(data, plan, kills.QUICK),
            "moving": lambda: moving.measure(data, moving.QUICK),
            "predictions": lambda: predictions.measure(predictions.QUICK),
        }
    return {
        "equal": lambda: equal.measure(data, (MONOLITH, plan)),
        "kills": lambda: kills.measure(data, plan),
        "moving": lambda: moving.measure(data),
        "predictions": predictions.measure,
    }


async def _run(chapter: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    return await chapter()


if __name__ == "__main__":
    sys.exit(main())
