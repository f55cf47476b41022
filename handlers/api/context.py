"""What every endpoint needs of its process: one typed dependency, declared by the base class."""

from __future__ import annotations

import asyncio

import msgspec

from handlers.api.drain import Drain
from runtime.metrics import Metrics
from store.sessions import Sessions


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """The process as a request meets it.

    Attributes:
        sessions: Who is logged in.
        metrics: Where requests are counted.
        drain: Knows the requests in flight, and whether the process is about to end.
        prepared: Set once the collections and indexes are there; before, whatever needs the store is refused.
        ingest_token: The secret of those who may store and erase resumes.
        trusted_proxies: The peers whose word about the client's address counts.
        forwarded_header: The one header in which they say it.
        checks_answers: Hold every answer to its contract's types. For tests: it costs a page of results more
            than reading it from the store.
    """

    sessions: Sessions
    metrics: Metrics
    drain: Drain
    prepared: asyncio.Event
    ingest_token: str
    trusted_proxies: frozenset[str]
    forwarded_header: str
    checks_answers: bool = False
