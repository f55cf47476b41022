"""How late the loop of this very process runs, measured more often than the server's own metric does."""

from __future__ import annotations

import asyncio
import time

from bench.harness.wire import quantile

_TICK_S = 0.002
"""How often the loop's lag is measured."""


class Lag:
    """How late the loop runs, in milliseconds, sampled while the context is open."""

    def __init__(self) -> None:
        self.samples: list[float] = []

    async def __aenter__(self) -> Lag:
        self._watch = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watch.cancel()

    async def _sample(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            self.samples.append(1_000 * max(0.0, time.perf_counter() - began - _TICK_S))

    @property
    def p99(self) -> float:
        """The lag below which 99 of 100 samples lie."""
        return quantile(self.samples, 0.99)

    def __str__(self) -> str:
        return (
            f"p50 {quantile(self.samples, 0.5):.1f} ms, p99 {self.p99:.1f} ms, "
            f"at worst {max(self.samples, default=0.0):.1f} ms"
        )
