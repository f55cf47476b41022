"""What every endpoint needs of its process: one typed dependency, declared by the base class."""

from __future__ import annotations

import asyncio

import msgspec

from handlers.api.address_load import AddressLoad
from handlers.api.admin_addresses import AdminAddresses
from handlers.api.body_budget import BodyBudget
from handlers.api.drain import Drain
from handlers.api.fairness import Fairness
from runtime.metrics import Metrics
from store.accounts.ingest_tokens import IngestTokens
from store.accounts.operators import OperatorSessions
from store.accounts.sessions import Sessions


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """The process as a request meets it.

    Attributes:
        sessions: Who is logged in.
        metrics: Where requests are counted.
        fairness: Bounds what an account asks for.
        drain: Knows the requests in flight, and whether the process is about to end.
        prepared: Set once the collections and indexes are there; before, whatever needs the store is refused.
        ingest_tokens: Who may store and erase resumes, and of which source.
        trusted_proxies: The peers whose word about the client's address counts.
        addresses: What each address of a client has under way.
        bodies: The room for bodies in memory.
        public_url: How browsers reach the server, where the settings say it.
        forwarded_header: The one header in which they say it.
        admin_addresses: From where the operator's desk is found.
        operator_sessions: Who is signed in there.
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
