"""`GET /admin/api/health/`: how the whole system does. `handlers.operation.health` decides what is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from handlers.admin.desk import DeskHandler
from handlers.api.contract import Contract, Moment, Ok, Shape
from handlers.operation.health import Health, State, known
from handlers.operation.version import VERSION
from mail.outbox import Outbox
from runtime.clock import clock_text
from runtime.metrics import Metrics
from runtime.roles import ProcessRole
from store.files.mailboxes import MailboxState
from store.files.mailboxes import State as MailboxWord
from store.jobs.jobs import JobCounts
from store.jobs.kinds import Kind as JobKind
from store.redis.registry import unserved_of
from store.stores import Stores


class ProcessView(Shape):
    """A process that serves.

    Attributes:
        name: Machine, number, and what makes it unique.
        seen_at: When it said last that it is there, at most some seconds late.
        here: Whether it is the one that answers.
        roles: What it is ready to do; none while it starts or stops.
    """

    name: str
    seen_at: Moment
    here: bool
    roles: list[ProcessRole]


class JobsView(Shape):
    """Work for later of one kind.

    Attributes:
        waiting: Due now or later.
        failed: Given up, until somebody asks for it again.
        oldest: When the first was or is due.
        error: Why one failed.
    """

    kind: JobKind
    waiting: int
    running: int
    failed: int
    oldest: Moment | None
    error: str


class MailboxView(Shape):
    """A mailbox that resumes come from.

    Attributes:
        failure: Why it cannot be read, while it cannot.
        looked_at: When its server answered last.
        waiting: Mails that waited then.
        outcomes: What became of files of mails so far.
    """

    name: str
    state: MailboxWord
    failure: str
    looked_at: Moment | None
    waiting: int
    outcomes: dict[str, int]


class HealthView(State, Shape):
    """The parts of `/readyz`, and what there is; null where it is not known in time.

    Attributes:
        feeds_scoring: Feeds that are being scored against all stored resumes.
        processes: Those that were seen in the last half minute, of more than 200 those that were seen last;
            null while Redis is away.
        processes_seen: How many processes there are in all; null likewise.
        unserved: Roles that nobody has; null while that is not known.
        smtp: Whether there is a mail server; else links go to the log.
        jobs: Work for later, by kind.
        lag_ms: How late the event loop of the answering process ran, the worst of the last seconds.
    """

    version: str
    accounts: int | None
    feeds: int | None
    feeds_scoring: int | None
    resumes: int | None
    resumes_quarantined: int | None
    originals: int | None
    files_quarantined: int | None
    results: int | None
    processes: list[ProcessView] | None
    processes_seen: int | None
    unserved: list[ProcessRole] | None
    lag_ms: float
    smtp: bool
    jobs: list[JobsView] | None
    mailboxes: list[MailboxView] | None


class HealthAnswer(Ok):
    """How the system does."""

    health: HealthView


class Overview(msgspec.Struct, frozen=True):
    """Looks at all parts at once. Belongs to one event loop; changes nothing."""

    _stores: Stores
    _health: Health
    _metrics: Metrics
    _outbox: Outbox

    async def view(self) -> HealthView:
        """How they are now; takes 2 s at most."""
        stores = self._stores
        names = (
            ("accounts", stores.accounts.count()),
            ("feeds", stores.feeds.count()),
            ("feeds_scoring", stores.jobs.count("backfill")),
            ("resumes", stores.resumes.count()),
            ("resumes_quarantined", stores.quarantine.count()),
            ("originals", stores.originals.count()),
            ("files_quarantined", stores.file_quarantine.count()),
            ("results", stores.results.total()),
            ("processes_seen", stores.presence.count()),
        )
        # Each counts from the start: together they take no longer than the slowest.
        counting = asyncio.gather(*(known(count) for _, count in names))
        state, jobs, mailboxes, processes, by_role = await asyncio.gather(
            self._health.state(),
            known(stores.jobs.counts()),
            known(stores.mailboxes.all()),
            stores.presence.processes(),
            stores.registry.by_role(),
        )
        counts: dict[str, Any] = dict(zip((name for name, _ in names), await counting, strict=True))
        return HealthView(
            **msgspec.structs.asdict(state),
            **counts,
            version=VERSION,
            processes=None if processes is None else self._processes(processes, by_role or {}),
            unserved=unserved_of(by_role),
            lag_ms=round(1000 * self._metrics.recent_lag_s, 1),
            smtp=self._outbox.has_smtp,
            jobs=None if jobs is None else [_jobs(one) for one in jobs],
            mailboxes=None if mailboxes is None else [_mailbox(one) for one in mailboxes],
        )

    def _processes(
        self, seen: Mapping[str, float], by_role: Mapping[ProcessRole, Sequence[str]]
    ) -> list[ProcessView]:
        return [
            ProcessView(
                name=name,
                seen_at=clock_text(datetime.fromtimestamp(at, UTC)),
                here=name == self._stores.presence.process,
                roles=[role for role, names in by_role.items() if name in names],
            )
            for name, at in sorted(seen.items())
        ]


class HealthHandler(DeskHandler):
    """`GET /admin/api/health/`."""

    contract = Contract("How the system does", answer=HealthAnswer)

    overview: Overview

    async def handle(self) -> None:
        """200 also where Redis is away or resumes wait: the states say so."""
        self.ok(health=await self.overview.view())


def _jobs(one: JobCounts) -> JobsView:
    oldest = clock_text(one.oldest) if one.oldest else None
    return JobsView(**{**msgspec.structs.asdict(one), "oldest": oldest})


def _mailbox(one: MailboxState) -> MailboxView:
    return MailboxView(
        name=one.name,
        state=one.state,
        failure=one.failure,
        looked_at=clock_text(one.looked_at) if one.looked_at else None,
        waiting=one.waiting,
        outcomes=one.outcomes,
    )
