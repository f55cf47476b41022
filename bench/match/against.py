"""Two checkouts of this project in one run: what a change makes of the speed of matching.

    git worktree add /tmp/before HEAD~1
    python -m bench.match --against /tmp/before

Figures of two runs differ by more than a tenth when the machine is busy. Here each checkout is measured by a
process of its own, with its own code, and the two take turns, a second at a time. What is printed is the
middle one of the ratios of each two turns that follow each other.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

HERE = Path(__file__).resolve().parents[2]
TURNS = 9
"""Turns of each."""
FEEDS = 10_000
RESUMES = 20_000
SLOWER = 1.1
"""Ratio of the times above which a change is too slow: a tenth more."""


def compare(other: Path, data: Path, turns: int = TURNS) -> int:
    """Measure and print; 1 when this checkout is more than a tenth slower than the other in anything.

    Args:
        other: The root of the other checkout. It needs no environment of its own.
        data: Where the texts are.
        turns: How many of each.
    """
    ratios: dict[str, list[float]] = defaultdict(list)
    mine, before = _Worker(HERE, data), _Worker(other, data)
    with contextlib.closing(mine), contextlib.closing(before):
        mine.wait()
        before.wait()
        for turn in range(turns):
            # Whoever comes first in a turn comes second in the next one.
            pair = (mine, before) if turn % 2 else (before, mine)
            rates = {worker: worker.turn() for worker in pair}
            for name, rate in rates[mine].items():
                if then := rates[before].get(name):
                    ratios[name].append(then / rate)
    print(f"\ntime of this checkout, of that of {other}; {FEEDS:,} feeds, {RESUMES:,} resumes, {turns} turns")
    found = {name: statistics.median(values) for name, values in ratios.items()}
    for name, ratio in found.items():
        low, high = min(ratios[name]), max(ratios[name])
        print(f"  {name:<44}{ratio:>8.2f}x  ({low:.2f} .. {high:.2f})", flush=True)
    return 0 if max(found.values()) <= SLOWER else 1


class _Worker:
    """A process that measures one checkout."""

    def __init__(self, root: Path, data: Path) -> None:
        command = [sys.executable, "-P", str(Path(__file__).resolve()), str(data.resolve())]
        environment = {**os.environ, "PYTHONPATH": str(root.resolve())}
        process = subprocess.Popen(  # noqa: S603 - this file, run by this interpreter
            command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process = process
        self._asks, self._answers = cast(IO[str], process.stdin), cast(IO[str], process.stdout)

    def wait(self) -> None:
        """Return when it is ready for its first turn."""
        self._answer()

    def turn(self) -> dict[str, float]:
        """Measure for some seconds: items a second, by name."""
        self._asks.write("\n")
        self._asks.flush()
        return self._answer()

    def close(self) -> None:
        """End it."""
        self._asks.close()  # the end of its input is the end of it
        self._process.wait()
        self._answers.close()

    def _answer(self) -> dict[str, float]:
        line = self._answers.readline()
        if not line:
            raise SystemExit("one of the two checkouts cannot be measured: its process has ended")
        rates: dict[str, float] = json.loads(line)
        return rates


def _modules() -> tuple[Any, ...]:
    """The modules that measure, of the checkout whose code this process imports."""
    names = ("match.contest", "match.data", "match.feeds", "match.resumes")
    try:
        return tuple(import_module(f"bench.{name}") for name in names)
    except ModuleNotFoundError:  # a commit from before these files had a room
        names = ("match_contest", "match_data", "match", "match_resumes")
        return tuple(import_module(f"bench.{name}") for name in names)


def _contest(folder: Path) -> Any:
    """What is measured, of the checkout whose code this process imports."""
    import msgspec

    from engine.matching.score.index import warm
    from process.setup import make_analyzer
    from runtime.garbage import keep_for_good

    _, data, feeds, resumes = _modules()
    analyzer = make_analyzer()
    market = data.Market(analyzer, data.texts_of(folder))
    raws = [msgspec.json.encode(body) for body, _ in market.resumes(feeds.RESUMES)]
    forms = [form for form, _ in market.forms(resumes.FEEDS)]
    warm()
    ours, stored = feeds.Ours(analyzer), resumes.Ours(analyzer)
    for feed_id, _, query in market.feeds(FEEDS):
        ours.index.put(feed_id, query)
    for number, (profile, _) in enumerate(market.profiles(RESUMES)):
        stored.put(number, profile)
    keep_for_good()

    def analyse(batch: Sequence[bytes]) -> None:
        for raw in batch:
            analyzer.resume(msgspec.json.decode(raw))

    return {
        "analysis of a resume": (analyse, raws),
        "a resume, best 50 with scores": (ours.best, raws),
        "a resume, all matches saved-ready": (ours.saved_ready, raws),
        "a feed, best 50 with reasons": (stored.best, forms),
    }


def _serve(data: Path) -> None:
    """Answer each line of standard input with one round of measuring, as JSON: items a second by name."""
    rates = _modules()[0].rates
    contest = _contest(data)
    rates(contest, 1)  # compiled code is read, caches fill
    print(json.dumps({}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(rates(contest, 1)), flush=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
