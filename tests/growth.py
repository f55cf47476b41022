"""Tells whether something takes the square of its input's time, on a busy machine as on a quiet one.

No number of seconds stands in a test: a short and a long input take turns on the processor, and what the long
one takes is told in terms of the short one. What else the machine does hits both, and not each time.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES_LONGER = 4
"""How many times as long as the short input the long one is."""
_MOST_GROWTH = 8
"""How many times its time it may take: a line 4, a square 16."""
_FLOOR_S = 0.02
"""Seconds that are too few to be compared, and hurt nobody."""
_ROUNDS = 12
"""How often it is tried before it is believed."""


def best(run: Callable[[], object], times: int = 3, enough_s: float = 0.0) -> float:
    """The least seconds of the thread that something takes; once is enough where that is little."""
    least = float("inf")
    was_enabled = gc.isenabled()
    gc.disable()  # A collection walks all that a worker holds, whoever set it off.
    try:
        for _ in range(times):
            began = time.thread_time()
            run()
            least = min(least, time.thread_time() - began)
            if least <= enough_s:
                break
    finally:
        if was_enabled:
            gc.enable()
    return least


def takes_squares(run: Callable[[int], object], size: int, floor_s: float = _FLOOR_S) -> bool:
    """Whether a run's time grows by far more than its input.

    Args:
        run: Takes an input of a size that it is given; it is never given one twice, so that nothing can be
            answered from memory.
        size: The longest input.
        floor_s: Seconds for the longest input that are few enough not to look further.
    """
    short = long = float("inf")
    for done in range(_ROUNDS):
        long = min(long, best(lambda at=size - done: run(at), 1))
        if long <= floor_s:
            return False
        short = min(short, best(lambda at=size // TIMES_LONGER - done: run(at), 1))
        if long <= _MOST_GROWTH * short:
            return False
    return True
