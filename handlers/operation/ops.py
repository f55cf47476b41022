"""For operators and their machines: liveness, readiness, metrics. What is ready is decided in `health.py`."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import tornado.web
from prometheus_client import CONTENT_TYPE_LATEST, Gauge

from handlers.api.base import PublicHandler
from handlers.api.contract import Answer, Contract
from handlers.api.requests import FORWARDED
from handlers.operation.health import Health, LearnedView, known
from runtime.metrics import Metrics
from runtime.roles import ROLES, ProcessRole
from store.feeds.relations import RelationsStore
from store.files.file_quarantine import FileQuarantine
from store.files.mailboxes import LEFT, Mailboxes
from store.jobs.jobs import Jobs
from store.redis.registry import Registry
from store.resumes.quarantine import Quarantine
from store.resumes.resumes import Resumes

_NAN = float("nan")


class Readiness(Answer):
    """The state of each part.

    Attributes:
        unscored: How many stored resumes wait to be scored; null where that is not known.
        learned: Of how many resumes relations and topics were learned last, and when; null before.
        ocr: Whether scans and pictures can be read.
        doc: Whether Word files of before 2007 can be read.
        roles: What the process does.
    """

    status: Literal["ok", "degraded", "unavailable"]
    mongo: Literal["ok", "unavailable"]
    redis: Literal["ok", "unavailable"]
    engine: Literal["ok", "loading", "draining"]
    unscored: int | None
    learned: LearnedView | None
    ocr: Literal["ok", "missing"]
    doc: Literal["ok", "missing"]
    roles: list[ProcessRole]


class LivenessHandler(PublicHandler):
    """`GET /healthz`: the loop lives. Touches no store."""

    contract = Contract("Whether the process lives")

    async def handle(self) -> None:
        """It touches no store."""
        self.ok()


class ReadinessHandler(PublicHandler):
    """`GET /readyz`: whether this process can do its work, and what is missing."""

    contract = Contract("Whether the process can do its work", answer=Readiness, unavailable=Readiness)

    health: Health

    async def handle(self) -> None:
        """HTTP 503 where MongoDB or the engine is not there; without Redis it is `degraded`."""
        state = await self.health.state()
        if state.status == "unavailable":
            self.set_status(503)
            self.set_header("Retry-After", "2")
        self.answer(msg=state.status, **msgspec.structs.asdict(state))


async def _fill(gauge: Gauge, count: Coroutine[Any, Any, int]) -> None:
    """Set a gauge to a count; a count that is unknown now must not show as the last one that was known."""
    found = await known(count)
    gauge.set(_NAN if found is None else found)


async def fill_mailboxes(metrics: Metrics, mailboxes: Mailboxes) -> None:
    """Set the gauges of mailboxes; what is not known now is NaN."""
    for gauge in (metrics.mailboxes_failing, metrics.mailbox_silent, metrics.mailbox_waiting):
        gauge.set(_NAN)
    if (every := await known(mailboxes.all())) is None:
        return
    read = [one for one in every if one.state != "stopped"]
    metrics.mailboxes_failing.set(sum(one.state == "failing" for one in read))
    metrics.mailbox_waiting.set(sum(one.waiting for one in read))
    if looks := [one.looked_at for one in read if one.looked_at]:
        metrics.mailbox_silent.set((datetime.now(UTC) - min(looks)).total_seconds())
    outcomes = sum((Counter(one.outcomes) for one in every), Counter())
    metrics.mailbox_left.set(sum(outcomes.pop(name, 0) for name in LEFT))
    for outcome, count in outcomes.items():
        metrics.mailbox_files.labels(outcome).set(count)


async def fill_jobs(metrics: Metrics, jobs: Jobs) -> None:
    """Set the gauges of work for later; what is not known now is not there."""
    metrics.jobs.clear()
    for one in await known(jobs.counts()) or ():
        for state in ("waiting", "running", "failed"):
            metrics.jobs.labels(one.kind, state).set(getattr(one, state))


async def fill_learned(metrics: Metrics, relations: RelationsStore) -> None:
    """Set the gauges of what was learned from the stored resumes; NaN before, or where it is not known."""
    last = await known(relations.last())
    metrics.learned_resumes.set(_NAN if last is None else last.resumes)
    metrics.learned_at.set(_NAN if last is None else last.learned_at.timestamp())


async def fill_roles(metrics: Metrics, registry: Registry) -> None:
    """Set the gauges of roles that nobody has; NaN while Redis is away."""
    unserved = await registry.unserved()
    for role in ROLES:
        is_served = _NAN if unserved is None else float(role not in unserved)
        metrics.role_served.labels(role).set(is_served)


class MetricsHandler(PublicHandler):
    """`GET /metrics`: for a scraper on this machine, never through a proxy."""

    contract = Contract(
        "Metrics, for a scraper on the same machine", other_answer="text/plain", may_be_missing=True
    )

    metrics: Metrics
    resumes: Resumes
    quarantine: Quarantine
    file_quarantine: FileQuarantine
    mailboxes: Mailboxes
    jobs: Jobs
    registry: Registry
    relations: RelationsStore

    async def handle(self) -> None:
        """In Prometheus's text format; whoever asks from elsewhere finds nothing here."""
        # Not `client_address`: that believes a trusted proxy, and through a proxy nobody may come at all.
        peer = self.request.connection.context.address  # type: ignore[union-attr]
        is_local = isinstance(peer, tuple) and ipaddress.ip_address(peer[0]).is_loopback
        forwarded = any(name in self.request.headers for name in FORWARDED)
        if forwarded or not is_local:
            raise tornado.web.HTTPError(404)
        await asyncio.gather(
            _fill(self.metrics.unscored, self.resumes.count_pending()),
            _fill(self.metrics.quarantined, self.quarantine.count()),
            _fill(self.metrics.files_quarantined, self.file_quarantine.count()),
            fill_mailboxes(self.metrics, self.mailboxes),
            fill_jobs(self.metrics, self.jobs),
            fill_learned(self.metrics, self.relations),
            fill_roles(self.metrics, self.registry),
        )
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(self.metrics.text())
