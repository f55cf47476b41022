"""What runs in a process beside its requests: one table, by role.

    for task in tasks_of(services, stores):
        group.create_task(task.run(), name=task.name)

Each task is one line here, and named in the table of docs/settings.md, which a test holds to this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
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


def tasks_of(services: Services, stores: Stores) -> Iterator[Task]:
    """The tasks of a process, each once; which there are follows from what its roles have built."""
    engine = services.engine
    yield Task("lag", lambda: watch_lag(services.metrics), works_on_collections=False)
    yield Task("garbage", look_through_when_due, works_on_collections=False)
    yield Task("systemd", keep_telling, works_on_collections=False)
    yield Task("hints", stores.events.run, works_on_collections=False)
    yield Task("presence", stores.presence.run, works_on_collections=False)
    yield Task("registry", stores.registry.run, works_on_collections=False)
    # Results change by clicks, by scoring, and by whatever ends them.
    yield Task("settling", stores.result_counters.run)
    # Whoever answers a client: an engine answers previews.
    yield Task("budgets", stores.budgets.run, works_on_collections=False)
    yield Task("revocations", stores.revocations.watch)
    yield Task("counting", stores.result_counts.run)
    if engine.left_snapshots is not None:
        yield Task("left snapshots", engine.left_snapshots.run)
    if services.hub is not None:
        yield Task("hub", services.hub.run, works_on_collections=False)
        yield Task("arrivals", stores.arrivals.run)
    if engine.scoring is not None:
        feeds, resumes = engine.scoring.snapshots
        yield Task("feeds", engine.scoring.feeds.run)
        yield Task("snapshots of feeds", feeds.run)
        yield Task("worker", engine.scoring.worker.run)
        yield Task("resumes", engine.scoring.resumes.run)
        yield Task("snapshots of resumes", resumes.run)
        yield Task("backfill", engine.scoring.backfill.run)
        yield Task("rescoring", engine.scoring.rescoring.run)
        yield Task("learner", engine.learner.run)
        yield Task("erasure", engine.erase_again.run)
        yield Task("retention", services.retention.run)
        yield Task("operators", services.operator_watch.run)
        yield Task("outbox", services.outbox.run)
        yield Task("notices", services.notices.run)
