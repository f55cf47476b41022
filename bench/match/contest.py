"""How contestants of `bench.match` are measured: in turns, on one core, by the process's own CPU time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.percolation.worker import BATCH

T = TypeVar("T")
Contest = dict[str, tuple[Callable[[Sequence[Any]], Any], Sequence[Any]]]

ROUND_S = 0.8
"""CPU seconds that each contestant gets in a round."""


def rates(contest: Contest, rounds: int) -> dict[str, float]:
    """Items a second of each, the best of some rounds.

    They take turns, so that a busy moment of the machine hits all of them alike.

    Args:
        contest: Name -> what is called with some items at a time, as many as the worker takes; and the items.
        rounds: How many.
    """
    best = dict.fromkeys(contest, 0.0)
    for _ in range(rounds):
        for name, (work, items) in contest.items():
            best[name] = max(best[name], rate(work, items))
    return best


def rate(work: Callable[[Sequence[T]], Any], items: Sequence[T]) -> float:
    """Items a second, over as many as go through in `ROUND_S`.

    The seconds are those of this process's own CPU time, so that other work on the machine disturbs less. All
    that is measured runs in one thread.
    """
    done, began = 0, time.process_time()
    while (spent := time.process_time() - began) < ROUND_S:
        batch = items[done % len(items) :][:BATCH]
        work(batch)
        done += len(batch)
    return done / spent


def each(work: Callable[[T], Any]) -> Callable[[Sequence[T]], Any]:
    """The same for a batch, one item after the other."""
    return lambda batch: [work(item) for item in batch]
