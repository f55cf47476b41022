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
from collections.abc import Callable, Coroutine
from typing import Any

from bench.harness.machine import Busy
from bench.harness.table import Row, text_of
from bench.load import company, feeds, first, ingest, neighbour, rest, soak, sockets, stored
from bench.load.feeds import Size

Measure = Callable[..., Coroutine[Any, Any, list[Row]]]
SCENES: dict[str, tuple[Measure, tuple[Any, ...], tuple[Any, ...]]] = {
    "sockets": (sockets.measure, (3_000, 500, 20.0), (300, 100, 5.0)),
    "REST": (rest.measure, (4.0, 3), (1.0, 3)),
    "ingest": (ingest.measure, (5_000,), (500,)),
    "feeds at once": (feeds.at_once, (Size(1_000, 20, 2_000),), (Size(100, 10, 200),)),
    "feeds and resumes together": (
        feeds.together,
        (Size(100, 100, 5_000), Size(2_000, 20, 5_000)),
        (Size(20, 20, 500), Size(200, 10, 500)),
    ),
    "one feed and previews over many resumes": (stored.measure, (100_000, 4_000, 20.0), (10_000, 500, 5.0)),
    "a neighbour": (neighbour.measure, (3_000, 1_000, 8.0), (500, 100, 2.0)),
    "a company": (company.measure, (100, 20.0, 2_000, 100), (20, 5.0, 200, 30)),
    "new resumes first": (first.measure, (40, 200, 1_500, 5_000), (10, 30, 300, 500)),
    "soak": (soak.measure, (2.0,), (0.5,)),
}
"""What is measured, in this order, by name; and how much of it, in full and with `--quick`."""


def main() -> int:
    """Read the command line, measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure everything that has a limit, in about a quarter of an hour."
    )
    parser.add_argument("--quick", action="store_true", help="every scene smaller, some 3 minutes in all")
    parser.add_argument("--only", default="", help="scenes whose name has this in it")
    parser.add_argument("--soak-minutes", type=float, help="2, or half a minute with --quick")
    options = parser.parse_args()
    rows: list[Row] = []
    failed = []
    for name, (measure, full, quick) in SCENES.items():
        if options.only not in name:
            continue
        sizes = quick if options.quick else full
        if measure is soak.measure and options.soak_minutes:
            sizes = (options.soak_minutes,)
        began = time.perf_counter()
        print(f"\n{name} ...", flush=True)
        busy = Busy()
        try:
            rows += asyncio.run(measure(*sizes))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the rows of the other scenes took minutes
            print(f"{name} failed: {error!r}", flush=True)
            failed.append(name)
        print(f"{time.perf_counter() - began:.0f} s; {busy}", flush=True)
    print(f"\n{text_of(rows)}")
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
