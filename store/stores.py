"""Opens everything that this package offers, from URLs alone."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from store import mongo
from store.accounts.account_list import AccountAccess, AccountList
from store.accounts.accounts import Accounts
from store.accounts.allowances import Allowances
from store.accounts.app_tokens import AppTokenDocuments
from store.accounts.companies import Companies
from store.accounts.company_list import CompanyList
from store.accounts.corporations import Corporations
from store.accounts.identities import Identities
from store.accounts.ingest_tokens import IngestTokens
from store.accounts.invitations import Invitations
from store.accounts.letters import Letters
from store.accounts.members import Members
from store.accounts.operators import Operators, OperatorSessions
from store.accounts.revocations import Revocations
from store.accounts.sessions import Sessions
from store.accounts.wechat_tickets import WechatTickets
from store.audit.audit import Audit
from store.audit.chain import AuditChain
from store.audit.check import AuditCheck
from store.audit.history import AuditHistory
from store.audit.retention import AuditRetention
from store.audit.rows import Sealer
from store.embedded.client import EmbeddedStores, StoresFailed, embedded_stores
from store.ends.deletions import Deletions
from store.ends.erasures import Erasures
from store.ends.mergers import Mergers
from store.ends.retention import Retention
from store.ends.suppressions import Suppressions
from store.errors import STORE_FAILURES
from store.feeds.backfills import Backfills
from store.feeds.feedback import FeedbackStore
from store.feeds.feeds import Feeds
from store.feeds.relations import RelationsStore
from store.files.arrivals import Arrivals
from store.files.file_quarantine import FileQuarantine
from store.files.mailboxes import Mailboxes
from store.files.originals import Originals
from store.files.tables import Tables
from store.gate import Gate
from store.invariants import Invariants
from store.jobs.jobs import Jobs
from store.meta import Meta
from store.migrations.migrations import migrate
from store.notes.candidate_records import CandidateRecords
from store.notes.handovers import Handovers
from store.notes.marked import Marked
from store.notes.news import News
from store.notes.note_changes import NoteChanges
from store.notes.notices import Notices
from store.notes.repeats import Repeats
from store.notes.team_work import TeamWork
from store.persons.lookalikes import Lookalikes
from store.persons.people import People
from store.persons.person_records import PersonRecords
from store.persons.persons import Persons
from store.redis import redis_client
from store.redis.budgets import Budgets
from store.redis.events import Events
from store.redis.presence import Presence
from store.redis.queue import WorkQueue
from store.redis.redis_client import REDIS_FAILURES
from store.redis.registry import Registry
from store.redis.throttle import Throttle
from store.results.result_counters import ResultCounters
from store.results.results import Results
from store.results.statistics import Statistics
from store.resumes.contacts import Contacts
from store.resumes.profiles import Profiles
from store.resumes.quarantine import Quarantine
from store.resumes.resumes import Resumes
from store.transactions import Database
from store.transactors import Transactors


class Stores:
    """The collections, the queue and the hints of one process. Belongs to one event loop.

    Opening connects to nothing; `prepare` does.

    Args:
        mongo_url: MongoDB.
        mongo_db: The database, and the prefix of keys in Redis.
        redis_url: Redis.
        secret_key: What rows of the audit are sealed with, and erased phones and e-mails hashed. All
            processes of a database need the same.
        patience_s: How long one answer of MongoDB may take, if not as long as a request may wait.
        serves: Whether they are a server's, see `mongo.connect`.

    Raises:
        BadUrl: No client can be made of a URL.
    """

    def __init__(
        self,
        mongo_url: str,
        mongo_db: str,
        redis_url: str,
        secret_key: str = "",
        patience_s: float | None = None,
        *,
        serves: bool = False,
    ) -> None:
        # Leases and deliveries are held under this name, so it is unique among all processes there ever were.
        self.name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        redis_client.refuse_bad_url(redis_url)
        self._mongo = mongo.connect(mongo_url, patience_s, serves=serves)
        self._redis = redis_client.Redis(redis_url)
        # A blocking reader has a connection of its own, as it would hold up everything else on it.
        self._work = redis_client.connect(redis_url, blocking=True)
        self.events = Events(self._redis, redis_url, mongo_db)
        self.transactors = Transactors(self._mongo[mongo_db], self.name, self._living)
        database = Database(self._mongo[mongo_db], self.events.publish, self.transactors)
        self.transaction = database.transaction
        # For what concerns everything that is stored: its changes, its check.
        self._database = mongo.whole(database)
        self.jobs = Jobs(database)
        self.accounts = Accounts(database, self.jobs)
        self.companies = Companies(database)
        self.company_list = CompanyList(database)
        self.corporations = Corporations(database)
        self.invitations = Invitations(database, self.jobs)
        self.members = Members(database, self.invitations, self.jobs)
        self.letters = Letters(database, self.jobs)
        self.mailboxes = Mailboxes(database)
        self.notices = Notices(database, self.jobs)
        self.identities = Identities(database, self.notices)
        self.wechat_tickets = WechatTickets(database)
        self.app_tokens = AppTokenDocuments(database, self.jobs)
        self.sessions = Sessions(database, self.events)
        self.revocations = Revocations(database, self.events)
        self.account_access = AccountAccess(self.accounts, self.sessions, self.revocations)
        self.account_list = AccountList(database)
        self.ingest_tokens = IngestTokens(database)
        self.arrivals = Arrivals(database)
        self.operators = Operators(database)
        self.operator_sessions = OperatorSessions(database)
        self.backfills = Backfills(database, self.jobs)
        self.feeds = Feeds(database, self.jobs)
        self.suppressions = Suppressions(database, secret_key)
        self.resumes = Resumes(database, self.suppressions)
        self.quarantine = Quarantine(database)
        self.originals = Originals(database)
        self.file_quarantine = FileQuarantine(database, self.suppressions)
        self.tables = Tables(database)
        self.profiles = Profiles(database)
        self._sealer = Sealer.of(secret_key)
        self._chain = AuditChain(database, self._sealer)
        self.audit = Audit(database, self._chain)
        self.audit_check = AuditCheck(database, self._sealer)
        self.audit_history = AuditHistory(database)
        self.audit_retention = AuditRetention(database, self._sealer)
        self.result_counters = ResultCounters(database)
        self.persons = Persons(database, self.result_counters)
        self.lookalikes = Lookalikes(database, self.persons)
        self.candidate_records = CandidateRecords(database)
        self.note_changes = NoteChanges(database)
        self.results = Results(database, self.candidate_records, self.result_counters)
        self.person_records = PersonRecords(
            self.candidate_records,
            self.persons,
            self.note_changes,
            self.result_counters,
            self.jobs,
            self.results,
        )
        self.handovers = Handovers(
            database, self.candidate_records, self.person_records, self.result_counters, secret_key
        )
        self.contacts = Contacts(database, self.audit, self.persons)
        self.marked = Marked(database)
        self.team_work = TeamWork(database)
        self.news = News(database)
        self.presence = Presence(self._redis, mongo_db, self.name)
        self.statistics = Statistics(database)
        self.feedback = FeedbackStore(database)
        gate = Gate(database)
        self._gate = gate
        self.erasures = Erasures(database, self.result_counters, self.audit, gate)
        self.people = People(database, self.erasures, self.suppressions, self.audit, gate)
        self.retention = Retention(database, self.candidate_records, self.result_counters, self.erasures)
        self.deletions = Deletions(database, self.members, self.revocations, self.events, self.jobs)
        self.mergers = Mergers(database, self.revocations, self.result_counters, self.persons, self.jobs)
        self.invariants = Invariants(self._database, self.audit_check, self.persons)
        self.meta = Meta(database)
        self.relations = RelationsStore(database)
        self.registry = Registry(self._redis, mongo_db, self.name)
        self.queue = WorkQueue(self._redis, self._work, mongo_db, self.name)
        self.throttle = Throttle(self._redis, mongo_db)
        self.budgets = Budgets(self._redis, mongo_db)
        self.allowances = Allowances(database)
        self.repeats = Repeats(database)

    async def prepare(self) -> None:
        """Bring the database up to this release: first the changes, then the indexes that are missing.

        Raises:
            NoReplicaSet: MongoDB is a standalone.
            OtherRelease: The database is of a later release, or servers of an earlier one run.
        """
        await mongo.refuse_standalone(self._mongo)
        await migrate(self._database, registry=self.registry)
        await mongo.ensure_indexes(self._database)
        await self._gate.prepare()

    async def _living(self) -> set[str] | None:
        """The processes that say that they are there; None while Redis does not answer."""
        found = await self.registry.by_role()
        return None if found is None else {name for names in found.values() for name in names}

    async def note_key(self) -> bool:
        """Note that a server has this `secret_key`; false where the one that started before has another."""
        return await self.meta.note_key(self._sealer.name)

    async def has_servers_key(self) -> bool:
        """Whether this is the `secret_key` of the servers, as far as any has ever started."""
        return await self.meta.has_key(self._sealer.name) is not False

    async def ping_mongo(self) -> None:
        """Ask MongoDB for a document, since one whose storage has failed may still answer a `ping`.

        Raises:
            One of STORE_FAILURES: It does not answer, or with an error.
        """
        await self._database.meta.find_one({"_id": "facts"})

    async def redis_answers(self) -> bool:
        """Whether Redis is there."""
        try:
            await self._redis.quickly(self._redis.client.ping)
        except REDIS_FAILURES:
            return False
        return True

    async def refuse_wrong_redis(self) -> None:
        """Find out whether Redis is one by itself; nothing where it is away.

        Raises:
            WrongRedis: It is a node of a cluster.
        """
        await self._redis.refuse_node()

    async def open_redis(self) -> None:
        """Open the connections to Redis, as those to MongoDB open by themselves."""
        await self._redis.open()

    async def close(self) -> None:
        """Store what was counted last, and close every connection."""
        with suppress(*STORE_FAILURES):
            await self.arrivals.flush()
        with suppress(*STORE_FAILURES):
            await self.transactors.leave()
        await self.registry.leave()
        await self.queue.leave()
        await self._redis.close()
        await self._work.aclose()
        self._mongo.close()


@asynccontextmanager
async def opened(
    mongo_url: str | None,
    mongo_db: str,
    redis_url: str | None,
    data_dir: Path,
    secret_key: str = "",
    patience_s: float | None = None,
    *,
    serves: bool = False,
    begun: EmbeddedStores | None = None,
) -> AsyncIterator[tuple[Stores, EmbeddedStores | None]]:
    """Open the stores; where a URL is not given, join or start the embedded ones, and leave them at the end.

    The embedded ones keep their files in `data_dir`; they are `begun` where their start has begun already.
    For the other arguments see `Stores`.

    Raises:
        BadUrl: No client can be made of a URL.
        StoresFailed: The embedded stores do not start, or Redis is a node of a cluster.
    """
    embedded = begun or embedded_stores(mongo_url, redis_url, data_dir)
    try:
        if embedded:
            await embedded.start()
        urls = embedded.urls if embedded else {}
        stores = Stores(
            mongo_url or urls["mongo"],
            mongo_db,
            redis_url or urls["redis"],
            secret_key,
            patience_s,
            serves=serves,
        )
        try:
            try:
                await stores.refuse_wrong_redis()
            except redis_client.WrongRedis as error:
                raise StoresFailed(str(error)) from None
            if serves:
                await stores.open_redis()
            yield stores, embedded
        finally:
            await stores.close()
    finally:
        if embedded:
            await embedded.stop()
