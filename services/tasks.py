"""What runs in a process beside its requests: one table, by role.

    for task in tasks_of(setup.roles, services, stores):
        group.create_task(task.run(), name=task.name)

Each task is one line here, and named in the table of docs/settings.md, which a test holds to this. What has
to be done by somebody, whoever it is, is done where the role is `learn`: there nobody waits for an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import NamedTuple

from runtime.garbage import look_through_when_due
from runtime.metrics import watch_lag
from runtime.systemd import keep_telling
from services.building import Services
from store.stores import Stores


class Task(NamedTuple):
    """A coroutine that runs until it is cancelled.

    Attributes:
        name: As logs and stacks show it.
        run: Makes the coroutine.
        works_on_collections: Whether it starts only once the collections and indexes are there.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    works_on_collections: bool = True


def tasks_of(roles: Collection[str], services: Services, stores: Stores) -> Iterator[Task]:
    """The tasks of a process with some roles, each once."""
    engine = services.engine
    yield Task("lag", lambda: watch_lag(services.metrics), works_on_collections=False)
    yield Task("garbage", look_through_when_due, works_on_collections=False)
    yield Task("systemd", keep_telling, works_on_collections=False)
    yield Task("hints", stores.events.run, works_on_collections=False)
    yield Task("presence", stores.presence.run, works_on_collections=False)
    yield Task("registry", stores.registry.run, works_on_collections=False)
    # Results change by clicks, by scoring, and by whatever ends them.
    yield Task("settling", stores.result_counters.run)
    # Whatever it does now, its folder may have files of processes that held resumes.
    yield Task("left snapshots", engine.left_snapshots.run)
    if services.hub is not None:
        yield Task("hub", services.hub.run, works_on_collections=False)
        yield Task("budgets", stores.budgets.run, works_on_collections=False)
        yield Task("revocations", stores.revocations.watch)
    if engine.scoring is not None:
        yield Task("feeds", engine.scoring.feeds.run)
        yield Task("snapshots of feeds", engine.scoring.snapshots.run)
        yield Task("worker", engine.scoring.worker.run)
    if engine.backfilling is not None:
        yield Task("resumes", engine.backfilling.resumes.run)
        yield Task("snapshots of resumes", engine.backfilling.snapshots.run)
        yield Task("backfill", engine.backfilling.backfill.run)
    if engine.rescoring is not None:
        yield Task("rescoring", engine.rescoring.run)
    if "learn" in roles and engine.learner is not None:
        yield Task("learner", engine.learner.run)
        yield Task("erasure", engine.erase_again.run)
        yield Task("retention", services.retention.run)
        yield Task("operators", services.operator_watch.run)
    if "notify" in roles:
        yield Task("outbox", services.outbox.run)
        yield Task("notices", services.notices.run)
    if {"web", "notify"} & set(roles):
        yield Task("counting", stores.result_counts.run)
    if {"web", "backfill"} & set(roles):
        yield Task("asking", stores.asking.run, works_on_collections=False)
    if {"web", "intake"} & set(roles):
        yield Task("arrivals", stores.arrivals.run)
