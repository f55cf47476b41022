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
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.harness.busy import Busy
from bench.harness.machine import raise_limits
from bench.harness.table import Row, text_of
from bench.load.ingest import DATA
from bench.scale import equal, kills, million, moving, predictions
from bench.scale.plans import MONOLITH, PAIR, many
from engine.matching.score.index import warm
from process.setup import make_analyzer

Chapters = dict[str, Callable[[], Awaitable[list[Row]]]]


def main() -> int:
    """Read the command line, run the chapters, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench.scale", description=__doc__)
    parser.add_argument("--redis", choices=("one", "cluster"), default="cluster", help="of the parts")
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
    _compile()
    rows: list[Row] = []
    failed = []
    for name in names:
        began, busy = time.perf_counter(), Busy()
        print(f"\n{name} ...", flush=True)
        try:
            rows += asyncio.run(_run(chapters[name]))
        except asyncio.CancelledError:
            print("ended by SIGTERM", flush=True)
            return 1
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
    plan = PAIR if options.pair else many(options.parts, redis=options.redis)
    data = options.data
    if options.quick:
        return {
            "equal": lambda: equal.measure(data, (MONOLITH, plan), equal.QUICK),
            "kills": lambda: kills.measure(data, plan, kills.QUICK),
            "moving": lambda: moving.measure(data, options.redis, moving.QUICK),
            "million": lambda: million.measure(million.QUICK),
            "predictions": lambda: predictions.measure(predictions.QUICK),
        }
    return {
        "equal": lambda: equal.measure(data, (MONOLITH, plan)),
        "kills": lambda: kills.measure(data, plan),
        "moving": lambda: moving.measure(data, options.redis),
        "million": million.measure,
        "predictions": predictions.measure,
    }


def _compile() -> None:
    """Compile the loops of matching once, before six processes do the same at the same time."""
    warm()
    make_analyzer().warm()


async def _run(chapter: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    """Run a chapter. SIGTERM ends it as an error does, so that nothing that it has started stays."""
    task = asyncio.ensure_future(chapter())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


if __name__ == "__main__":
    sys.exit(main())
