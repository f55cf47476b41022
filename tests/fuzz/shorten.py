"""Cuts an example that fails down to what it needs to fail.

Hypothesis does this too and better, but in its five minutes it cannot try enough examples that take
a second or ten each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

Step = tuple[str, dict[str, Any]]
"""The name of a step, and its arguments."""


def shorten(steps: list[Step], fails: Callable[[list[Step]], bool], *, within_s: float) -> list[Step]:
    """Leave out steps, then parts of their lists, as long as the example still fails.

    Args:
        steps: An example that fails at its last step.
        fails: Whether an example fails, and in the same way; it plays it.
        within_s: How long to go on.
    """
    until = time.monotonic() + within_s
    size = len(steps)
    while size := size // 2:
        end = len(steps) - 1
        while end > 0:
            start = max(end - size, 0)
            if time.monotonic() < until and fails(steps[:start] + steps[end:]):
                steps = steps[:start] + steps[end:]
            end = start
    at = 0
    while at < len(steps):
        candidates = ([*steps[:at], fewer, *steps[at + 1 :]] for fewer in _with_less(steps[at]))
        shorter = next((some for some in candidates if time.monotonic() < until and fails(some)), None)
        if shorter is None:
            at += 1
        else:
            steps = shorter
    return steps


def _with_less(step: Step) -> Iterator[Step]:
    """A step with one item less in one of its lists, the last ones first."""
    name, values = step
    for argument, value in values.items():
        if isinstance(value, list):
            for place in reversed(range(len(value))):
                yield name, {**values, argument: value[:place] + value[place + 1 :]}


def written(steps: list[Step]) -> str:
    """An example as a program."""
    return "\n".join(
        f"{name}({', '.join(f'{argument}={value!r}' for argument, value in values.items())})"
        for name, values in steps
    )
