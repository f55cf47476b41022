"""For operators and their machines: liveness, readiness, metrics; the demo's page and account."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any

import tornado.web
from prometheus_client import CONTENT_TYPE_LATEST

from handlers.base import ApiHandler, dump
from store.errors import STORE_FAILURES
from store.resumes import Resumes

Health = Callable[[], Awaitable[dict[str, Any]]]
"""Gives `status` (`ok`, `degraded`, `unavailable`), the state of each part, and `unscored`."""


class LivenessHandler(ApiHandler):
    """`GET /healthz`: the loop lives. Touches no store."""

    needs_login = False
    needs_store = False

    async def handle(self, *_: str) -> None:
        """Answer."""
        self.ok()


class ReadinessHandler(ApiHandler):
    """`GET /readyz`: whether this process can do its work, and what is missing."""

    needs_login = False
    needs_store = False

    health: Health

    async def handle(self, *_: str) -> None:
        """Answer 200, or 503 when MongoDB or the engine is not there."""
        state = await self.health()
        if state["status"] == "unavailable":
            self.set_status(503)
            self.set_header("Retry-After", "2")
        self.finish(dump({**state, "msg": state["status"]}))


class MetricsHandler(ApiHandler):
    """`GET /metrics`: for a scraper on this machine, never through a proxy."""

    needs_login = False
    needs_store = False

    resumes: Resumes

    async def handle(self, *_: str) -> None:
        """Answer in Prometheus's text format; others find nothing here."""
        peer = self.request.connection.context.address  # type: ignore[union-attr]
        is_local = isinstance(peer, tuple) and ipaddress.ip_address(peer[0]).is_loopback
        forwarded = any(
            name in self.request.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded")
        )
        if forwarded or not is_local:
            raise tornado.web.HTTPError(404)
        try:
            self.metrics.unscored.set(await self.resumes.count_pending())
        except STORE_FAILURES:
            self.metrics.unscored.set(float("nan"))  # unknown is not the last known
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(self.metrics.text())


class PageHandler(ApiHandler):
    """`GET /`: the page for browsers."""

    needs_login = False
    needs_store = False

    page: bytes

    async def handle(self, *_: str) -> None:
        """Send the page, which loads nothing from elsewhere."""
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
            "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        )
        self.finish(self.page)


class DemoHandler(ApiHandler):
    """`GET /demo.json`: the demo's account, on a demo server alone."""

    needs_login = False
    needs_store = False

    account: dict[str, str]

    async def handle(self, *_: str) -> None:
        """Give the account's name and password."""
        self.ok(**self.account)
