"""`make bench`: everything that has a limit, one table.

    python -m bench --soak-minutes 10

It measures sockets, REST, ingest and a soak, one after the other, each on stores of its own. That takes about
ten minutes. Matching has benchmarks of its own (`bench.match`, `bench.quality`, `bench.backfill`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import ingest, rest, soak, sockets
from bench.table import Row, text_of


def main() -> int:
    """Read the command line, measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--sockets", type=int, default=sockets.SOCKETS)
    parser.add_argument("--soak-minutes", type=float, default=2.0)
    parser.add_argument("--data", type=Path, default=ingest.DATA)
    options = parser.parse_args()
    measures: list[tuple[str, Callable[[], Awaitable[list[Row]]]]] = [
        ("sockets", lambda: sockets.measure(options.sockets, min(sockets.FEW, options.sockets))),
        ("REST", rest.measure),
        ("ingest", lambda: ingest.measure(options.data)),
        ("soak", lambda: soak.measure(options.soak_minutes)),
    ]
    rows: list[Row] = []
    for name, measure in measures:
        began = time.perf_counter()
        print(f"\n{name} ...", flush=True)
        busy = Busy()
        rows += asyncio.run(_run(measure))
        print(f"{time.perf_counter() - began:.0f} s; {busy}", flush=True)
    print(f"\n{text_of(rows)}")
    return 0


async def _run(measure: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    return await measure()


class Busy:
    """How busy the machine is from now on, and how busy with other work than this run."""

    def __init__(self) -> None:
        self._before = _machine_s()
        self._own = sum(os.times()[:4])

    def __str__(self) -> str:
        used, idle = (now - before for now, before in zip(_machine_s(), self._before, strict=True))
        own = sum(os.times()[:4]) - self._own
        all_ = used + idle
        return (
            f"all cores {used / all_:.0%} busy, {max(0.0, used - own) / all_:.0%} with other work than this"
        )


def _machine_s() -> tuple[float, float]:
    """Seconds that all cores together have worked, and seconds that they were idle."""
    user, nice, system, idle, wait, *rest_ = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    )
    ticks = os.sysconf("SC_CLK_TCK")
    return (user + nice + system + sum(rest_[:2])) / ticks, (idle + wait) / ticks


if __name__ == "__main__":
    sys.exit(main())
