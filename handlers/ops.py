"""For operators and their machines: liveness, readiness, metrics."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

import tornado.web
from prometheus_client import CONTENT_TYPE_LATEST, Gauge

from handlers.api.base import ApiHandler
from handlers.api.contract import Answer, Contract
from store.errors import STORE_FAILURES
from store.quarantine import Quarantine
from store.resumes import Resumes

_COUNT_S = 1.0

Health = Callable[[], Awaitable[dict[str, Any]]]
"""Gives `status` (`ok`, `degraded`, `unavailable`), the state of each part, and `unscored`."""


class Readiness(Answer):
    """The state of each part.

    Attributes:
        unscored: How many stored resumes wait to be scored; null where that is not known.
    """

    status: Literal["ok", "degraded", "unavailable"]
    mongo: Literal["ok", "unavailable"]
    redis: Literal["ok", "unavailable"]
    engine: Literal["ok", "loading", "draining"]
    unscored: int | None


class LivenessHandler(ApiHandler):
    """`GET /healthz`: the loop lives. Touches no store."""

    contract = Contract("Whether the process lives")
    needs_login = False
    needs_store = False

    async def handle(self) -> None:
        """It touches no store."""
        self.ok()


class ReadinessHandler(ApiHandler):
    """`GET /readyz`: whether this process can do its work, and what is missing."""

    contract = Contract("Whether the process can do its work", answer=Readiness, unavailable=Readiness)
    needs_login = False
    needs_store = False

    health: Health

    async def handle(self) -> None:
        """HTTP 503 where MongoDB or the engine is not there; without Redis it is `degraded`."""
        state = await self.health()
        if state["status"] == "unavailable":
            self.set_status(503)
            self.set_header("Retry-After", "2")
        self.answer(**state, msg=state["status"])


async def _fill(gauge: Gauge, count: Coroutine[Any, Any, int]) -> None:
    """Read a count before the request's deadline: what a server does is asked for when MongoDB is away."""
    gauge.set(float("nan"))  # unknown is not the last known
    with contextlib.suppress(TimeoutError, *STORE_FAILURES):
        async with asyncio.timeout(_COUNT_S):
            gauge.set(await count)


class MetricsHandler(ApiHandler):
    """`GET /metrics`: for a scraper on this machine, never through a proxy."""

    contract = Contract(
        "Metrics, for a scraper on the same machine", other_answer="text/plain", may_be_missing=True
    )
    needs_login = False
    needs_store = False

    resumes: Resumes
    quarantine: Quarantine

    async def handle(self) -> None:
        """In Prometheus's text format; whoever asks from elsewhere finds nothing here."""
        peer = self.request.connection.context.address  # type: ignore[union-attr]
        is_local = isinstance(peer, tuple) and ipaddress.ip_address(peer[0]).is_loopback
        forwarded = any(
            name in self.request.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded")
        )
        if forwarded or not is_local:
            raise tornado.web.HTTPError(404)
        await asyncio.gather(
            _fill(self.metrics.unscored, self.resumes.count_pending()),
            _fill(self.metrics.quarantined, self.quarantine.count()),
        )
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(self.metrics.text())
