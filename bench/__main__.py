"""`make bench`: everything that has a limit, one table.

    python -m bench --soak-minutes 10
    python -m bench --quick
    python -m bench --only "a neighbour"

It measures scene after scene, each on stores of its own. That takes about a quarter of an hour, 2 minutes of
it the soak; with `--quick` every scene is smaller, and all take some 3 minutes. Aims are meant for the full
sizes. A scene that fails costs its own rows alone. Quality and speed of matching have benchmarks of their own
(`bench.quality`, `bench.match`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.harness.busy import Busy
from bench.harness.table import Row, text_of
from bench.load import backfill, backfills, counts, ingest, neighbour, rest, soak, sockets, together
from bench.match.data import DATA as TEXTS

Measures = dict[str, Callable[[], Awaitable[list[Row]]]]


def main() -> int:
    """Read the command line, measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure everything that has a limit, in about a quarter of an hour."
    )
    parser.add_argument("--quick", action="store_true", help="every scene smaller, some 3 minutes in all")
    parser.add_argument("--only", default="", help="scenes whose name has this in it")
    parser.add_argument("--sockets", type=int, help="3,000, or 300 with --quick")
    parser.add_argument("--soak-minutes", type=float, help="2, or half a minute with --quick")
    parser.add_argument("--data", type=Path, default=ingest.DATA, help="feeds and resumes to ingest")
    parser.add_argument("--texts", type=Path, default=TEXTS, help="texts of stored resumes")
    options = parser.parse_args()
    rows: list[Row] = []
    failed = []
    scenes = {name: scene for name, scene in _measures(options).items() if options.only in name}
    for name, measure in scenes.items():
        began = time.perf_counter()
        print(f"\n{name} ...", flush=True)
        busy = Busy()
        try:
            rows += asyncio.run(_run(measure))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the rows of the other scenes took minutes
            print(f"{name} failed: {error!r}", flush=True)
            failed.append(name)
        print(f"{time.perf_counter() - began:.0f} s; {busy}", flush=True)
    print(f"\n{text_of(rows)}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _measures(options: argparse.Namespace) -> Measures:
    """What is measured, in this order, by name."""
    data, texts = options.data, options.texts
    if options.quick:
        count, minutes = options.sockets or 300, options.soak_minutes or 0.5
        return {
            "sockets": lambda: sockets.measure(count, min(100, count), 5.0),
            "REST": lambda: rest.measure(1.0, 1),
            "ingest": lambda: ingest.measure(data, 500),
            "feeds at once": lambda: backfills.measure(data, backfills.QUICK),
            "feeds and resumes together": lambda: together.measure(data, together.QUICK),
            "one feed and previews over many resumes": lambda: backfill.measure(texts, backfill.QUICK),
            "unread counts": lambda: counts.measure(counts.QUICK),
            "a neighbour": lambda: neighbour.measure(neighbour.QUICK),
            "soak": lambda: soak.measure(minutes),
        }
    count, minutes = options.sockets or sockets.SOCKETS, options.soak_minutes or 2.0
    return {
        "sockets": lambda: sockets.measure(count, min(sockets.FEW, count)),
        "REST": rest.measure,
        "ingest": lambda: ingest.measure(data),
        "feeds at once": lambda: backfills.measure(data),
        "feeds and resumes together": lambda: together.measure(data),
        "one feed and previews over many resumes": lambda: backfill.measure(texts),
        "unread counts": counts.measure,
        "a neighbour": neighbour.measure,
        "soak": lambda: soak.measure(minutes),
    }


async def _run(measure: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    return await measure()


if __name__ == "__main__":
    sys.exit(main())
