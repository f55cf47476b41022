"""What runs in a process beside its requests: one table, by role.

    for task in tasks_of(services, stores):
        group.create_task(task.run(), name=task.name)

Each task is one line here, and named in the table of docs/settings.md, which a test holds to this.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, NamedTuple

from engine.ends import operator_watch
from engine.indexes import left_snapshots, snapshots
from runtime.loop import look_after_loop
from services.building import Services
from store import transactors
from store.accounts import known_sessions, revocations
from store.files import arrivals
from store.redis import budgets, presence, registry
from store.retry import Sweep, sweep
from store.stores import Stores

_LEARNED_S = 10.0
"""Seconds between two looks for what another process has learned; it is in force everywhere so much later."""


class Task(NamedTuple):
    """A coroutine that runs until it is cancelled.

    Attributes:
        name: As logs and stacks show it.
        run: Makes the coroutine.
        works_on_collections: Whether it starts only once the collections and indexes are there.
    """

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]
    works_on_collections: bool = True


def tasks_of(services: Services, stores: Stores) -> Iterator[Task]:
    """The tasks of a process, each once; which there are follows from what its roles have built."""
    engine = services.engine
    yield Task("loop", lambda: look_after_loop(services.metrics), works_on_collections=False)
    yield Task("hints", stores.events.run, works_on_collections=False)
    yield Task("reports", lambda: sweep(_reports_to_redis(stores)), works_on_collections=False)
    yield Task("sessions", lambda: sweep(_looks_at_sessions(stores)))
    yield Task("jobs", services.runner.run)
    yield Task("sweeps", lambda: sweep([*sweeps_of(services, stores)]))
    if services.hub is not None:
        yield Task("hub", services.hub.run, works_on_collections=False)
    if engine.scoring is not None:
        yield Task("feeds", engine.scoring.feeds.run)
        yield Task("worker", engine.scoring.worker.run)
        yield Task("resumes", engine.scoring.resumes.run)
        yield Task("backfill", engine.scoring.backfill.run)
        yield Task("rescoring", engine.scoring.rescoring.run)
        yield Task("feedback", engine.learner.run)
        yield Task("notices", services.notices.run)


def _reports_to_redis(stores: Stores) -> Sequence[Sweep]:
    return (
        Sweep("budgets", stores.budgets.tell, budgets.EVERY_S),
        Sweep("the registry", stores.registry.say, registry.EVERY_S),
        Sweep("presence", stores.presence.say, presence.EVERY_S),
    )


def _looks_at_sessions(stores: Stores) -> Sequence[Sweep]:
    """By themselves, as a session ends within two seconds."""
    return (
        Sweep("revocations", stores.revocations.look, revocations.EVERY_S),
        Sweep("sessions", stores.sessions.known.look, known_sessions.EVERY_S),
    )


def sweeps_of(services: Services, stores: Stores) -> Iterator[Sweep]:
    """The looks of the task `sweeps`."""
    engine = services.engine
    yield Sweep("transactions of the dead", stores.transactors.end_those_of_the_dead, transactors.EVERY_S)
    if services.hub is not None:
        yield Sweep("arrivals", stores.arrivals.flush, arrivals.EVERY_S)
    if engine.left_snapshots is not None:
        yield Sweep("left snapshots", engine.left_snapshots.look, left_snapshots.EVERY_S)
    if engine.scoring is not None:
        yield Sweep("what is learned", engine.scoring.relations.refresh, _LEARNED_S)
        yield Sweep("the operator watch", services.operator_watch.look, operator_watch.EVERY_S)
        for writer in engine.scoring.snapshots:
            yield Sweep("snapshots", writer.look, snapshots.EVERY_S)
