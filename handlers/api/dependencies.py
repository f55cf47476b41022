"""Dependencies of endpoints: a handler declares them by annotation, and gets them by type.

    class StatisticsHandler(ApiHandler):
        feeds: Feeds
        statistics: Statistics

    provided = Dependencies([stores.feeds, stores.statistics])
    provided.for_handler(StatisticsHandler)     # {"feeds": <Feeds>, "statistics": <Statistics>}

A dependency is an annotated attribute that has no value and is no `ClassVar`. `params`, `form` and
`account` are none either: they are read from each request. A plain value (a number, a text, a function)
cannot be provided, since its type does not say which one is meant: put it into a struct that has a name.

What is built is decided in `services/application.py`. Nothing here knows any particular dependency but
`Context`: what every endpoint needs of its process, which the base class declares.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Iterable, Mapping
from typing import ClassVar, get_origin

import msgspec

from handlers.api.address_load import AddressLoad
from handlers.api.body_budget import BodyBudget
from handlers.api.drain import Drain
from handlers.api.fairness import Fairness
from handlers.api.origins import AdminAddresses
from runtime.metrics import Metrics
from store.accounts.ingest_tokens import IngestTokens
from store.accounts.operators import OperatorSessions
from store.accounts.sessions import Sessions

_DECODED = frozenset({"params", "form", "account"})
_FRAMEWORK = ("builtins", "tornado")


class MissingDependency(Exception):
    """A handler needs what nobody provides; the text is one line that names handler, attribute and type."""


class Dependencies:
    """What one process provides to its handlers, at most one object of each type.

    Raises:
        ValueError: Two of them have the same type, so that no handler could say which one it needs.
    """

    def __init__(self, objects: Iterable[object]) -> None:
        self._by_type: dict[type, object] = {}
        for provided in objects:
            if type(provided) in self._by_type:
                raise ValueError(f"two objects of the type {_name_of(type(provided))}")
            self._by_type[type(provided)] = provided

    def for_handler(self, handler: type) -> dict[str, object]:
        """What a handler declares, by attribute.

        Raises:
            MissingDependency: It declares what is not provided.
        """
        found = {}
        for attribute, kind in declared_by(handler).items():
            # Compared as a key, not by `isinstance`: an annotation may be something else than a class.
            if kind not in self._by_type:
                need = f"{attribute}: {_name_of(kind)}"
                raise MissingDependency(
                    f"{_name_of(handler)} needs `{need}`, which services/application.py does not provide"
                )
            found[attribute] = self._by_type[kind]
        return found


@functools.cache
def declared_by(handler: type) -> Mapping[str, type]:
    """What a handler and the classes it inherits from declare: attribute -> annotated type."""
    # Tornado's classes annotate attributes of their own, which are no dependencies. From the oldest class to
    # the youngest, so that a handler may declare an attribute anew with a more precise type.
    ours = [kind for kind in handler.__mro__ if kind.__module__.partition(".")[0] not in _FRAMEWORK]
    declared = {}
    for kind in reversed(ours):
        for attribute, hint in inspect.get_annotations(kind, eval_str=True).items():
            has_value = any(attribute in vars(one) for one in ours)
            origin: object = get_origin(hint)
            if attribute not in _DECODED and not has_value and origin is not ClassVar:
                declared[attribute] = hint
    return declared


def _name_of(kind: object) -> str:
    """A type as an engineer looks it up: with its module."""
    return f"{kind.__module__}.{kind.__qualname__}" if isinstance(kind, type) else str(kind)


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """The process as a request meets it.

    Attributes:
        prepared: Set once the collections and indexes are there; before, whatever needs the store is refused.
        trusted_proxies: The peers whose word about the client's address counts.
        public_url: How browsers reach the server, where the settings say it.
        forwarded_header: The one header in which they say it.
        admin_addresses: From where the operator's desk is found.
        checks_answers: Hold every answer to its contract's types. For tests: it costs a page of results more
            than reading it from the store.
    """

    sessions: Sessions
    metrics: Metrics
    fairness: Fairness
    drain: Drain
    prepared: asyncio.Event
    ingest_tokens: IngestTokens
    trusted_proxies: frozenset[str]
    addresses: AddressLoad
    bodies: BodyBudget
    public_url: str | None
    forwarded_header: str
    admin_addresses: AdminAddresses
    operator_sessions: OperatorSessions
    checks_answers: bool = False
