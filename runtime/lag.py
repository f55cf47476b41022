"""How late the event loop runs. Whatever holds it for long, in whichever part of the code, shows here."""

from __future__ import annotations

import asyncio
import time

from runtime.metrics import Metrics

# Seconds between two measurements. What holds the loop for less may fall between two of them; more often
# would wake an idle process for nothing.
_EVERY_S = 0.05


async def watch_lag(metrics: Metrics) -> None:
    """Measure until cancelled, twenty times a second."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_EVERY_S)
        metrics.loop_lag.observe(max(0.0, time.perf_counter() - began - _EVERY_S))
