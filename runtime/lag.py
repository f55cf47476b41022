"""How late the event loop runs. Whatever holds it for long, in whichever part of the code, shows here."""

from __future__ import annotations

import asyncio
import time

from runtime.metrics import Metrics

# Seconds between two measurements. What holds the loop for less may fall between two of them; more often
# would wake an idle process for nothing.
_EVERY_S = 0.05

_FADES = 0.99
"""How much of the worst lag is left after each measurement. So an operator who looks sees the worst of the
last seconds: half of it is left after 3.5 s."""


async def watch_lag(metrics: Metrics) -> None:
    """Measure until cancelled, twenty times a second."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_EVERY_S)
        lag_s = max(0.0, time.perf_counter() - began - _EVERY_S)
        metrics.loop_lag.observe(lag_s)
        metrics.recent_lag_s = max(lag_s, _FADES * metrics.recent_lag_s)
