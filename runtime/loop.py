"""Looks after the event loop of a process: how late it runs, that it goes round, and when garbage is due.

    await look_after_loop(metrics)      # a task beside all others

Whatever holds the loop for long makes it late, in whichever part of the code.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import NoReturn

from runtime.garbage import look_through_if_due
from runtime.metrics import Metrics
from runtime.systemd import tell, watchdog_s

_EVERY_S = 0.05
"""Seconds between two measurements. What holds the loop for less may fall between two of them; more often
would wake an idle process for nothing."""
_FADES = 0.99
"""How much of the worst lag is left after each measurement. So an operator who looks sees the worst of the
last seconds: half of it is left after 3.5 s."""


async def look_after_loop(metrics: Metrics, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Look twenty times a second, until cancelled."""
    tell_every_s, tells_at = watchdog_s(environ) / 2, 0.0
    while True:
        began = time.perf_counter()
        if began >= tells_at and tell_every_s:
            tell("WATCHDOG=1", environ)
            tells_at = began + tell_every_s
        await asyncio.sleep(_EVERY_S)
        lag_s = max(0.0, time.perf_counter() - began - _EVERY_S)
        metrics.loop_lag.observe(lag_s)
        metrics.recent_lag_s = max(lag_s, _FADES * metrics.recent_lag_s)
        look_through_if_due()
