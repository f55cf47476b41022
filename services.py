"""What one process is made of: the only place where all packages meet.

    services = build_services(setup, stores, analyzer, drain=drain, prepared=prepared)
    services.application           # answers requests
    services.engine.worker.run     # one of the coroutines that `server.py` starts

Building starts nothing, connects to nothing, and reads neither settings nor files: `server.py` does that, and
hands down values (`Setup`). It also decides what runs when, and ends it.

Handlers are not built here. Tornado makes one for each request, and gives it the dependencies that it
declares by annotation (`handlers/api/dependencies.py`). Whatever a handler may declare is in the list in
`build_services`.
"""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path

import msgspec
import tornado.web

from engine.building import Engine, build_engine
from engine.matching.analysis.analyzer import Analyzer
from engine.operator_watch import OperatorWatch
from engine.retention import RetentionPolicy, RetentionTask
from handlers.address_marks import AddressMarks
from handlers.admin.audit import ChainCheck
from handlers.admin.health import Overview
from handlers.api.address_load import AddressLoad
from handlers.api.admin_addresses import AdminAddresses
from handlers.api.body_budget import BodyBudget
from handlers.api.context import RequestContext
from handlers.api.dependencies import Dependencies
from handlers.api.drain import Drain
from handlers.api.fairness import Fairness
from handlers.api.openapi import describe
from handlers.docs import ApiDocument, DocsFiles
from handlers.export_links import ExportLinks
from handlers.found_searches import FoundSearches
from handlers.guesses import Guesses
from handlers.health import Health
from handlers.items import Items
from handlers.kept_people import KeptPeople
from handlers.legal import Legal
from handlers.list_picks import ListPicks
from handlers.live.hub import Hub
from handlers.mark_counts import KeptCounts
from handlers.options import OptionLists
from handlers.originals import Pictures
from handlers.page import DeskPage, Page
from handlers.password_rules import PasswordRules
from handlers.passwords import Passwords
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from handlers.postings import options_of
from handlers.routes import ROUTES, VERSION, make_application
from handlers.uploads import Uploads
from handlers.wechat.states import States
from intake.files.reader import FileReader
from intake.filing import Filing
from intake.posting import PostingReader
from intake.storing import Storing
from intake.tables.importing import TableImporter
from mail.links import Links, local_url, mail_domain
from mail.outbox import Outbox
from mail.smtp import SmtpServer
from notices.schedule import Rules
from notices.sender import Sender
from notices.ways import ways_of
from runtime.json import dump
from runtime.keyed_lock import KeyedLocks
from runtime.metrics import Metrics
from store.shares import Share
from store.stores import Stores
from wechat.apps import WechatApps
from wechat.wechat import Wechat


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What services are built from, beside the stores and the analyzer: settings and files, as values.

    Attributes:
        address: The IP address that HTTP listens on.
        port: The port that it listens on, never 0.
        data_dir: Where files are kept that outlive the process.
        mongo_db: The name of the database, after which they are called.
        public_url: How browsers reach the server; None: by the address and the port.
        secret_key: Signs links in letters, and hashes addresses.
        smtp_url: Where letters are handed over; None: links go to the log.
        ingest_token: The secret of those who may store and erase resumes.
        trusted_proxies: The peers whose word about the client's address counts.
        connections_per_address: How many requests and sockets one address may have under way.
        forwarded_header: The one header in which they say it.
        admin_addresses: From where the operator's desk is found.
        account_policy: What accounts are subject to.
        common_passwords: The passwords that nobody may choose, in lower case.
        feed_policy: What feeds are subject to.
        retention: After how many days something ends.
        limit_policy: How much an account may ask for.
        roles: What the process does.
        share: Which part of the feeds and of the resumes it scores.
        resume_index_size: How many resumes the index in memory holds at most.
        file_workers: How many files are read at once.
        options: The lists that the form of a feed chooses from.
        wechat: The apps of WeChat that are set.
        notice_rules: When accounts are told of strong matches that wish nothing else.
        legal: The user terms and the privacy policy.
        page: The H5 client.
        desk: The page of operators.
        docs: The page that shows the API's description.
        checks_answers: Hold every answer to its contract's types, as tests do.
    """

    address: str
    port: int
    data_dir: Path
    mongo_db: str
    public_url: str | None
    secret_key: str
    smtp_url: str | None
    ingest_token: str
    trusted_proxies: frozenset[str]
    connections_per_address: int
    forwarded_header: str
    admin_addresses: AdminAddresses
    account_policy: AccountPolicy
    common_passwords: frozenset[str]
    feed_policy: FeedPolicy
    retention: RetentionPolicy
    limit_policy: LimitPolicy
    roles: frozenset[str]
    share: Share
    resume_index_size: int
    file_workers: int
    options: OptionLists
    wechat: WechatApps
    notice_rules: Rules
    legal: Legal
    page: Page
    desk: DeskPage
    docs: DocsFiles
    checks_answers: bool


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What `server.py` runs and ends: the application, and whatever has a task of its own."""

    application: tornado.web.Application
    engine: Engine
    retention: RetentionTask
    operator_watch: OperatorWatch
    hub: Hub
    outbox: Outbox
    notices: Sender
    passwords: Passwords
    wechat: Wechat
    reader: FileReader
    metrics: Metrics
    addresses: AddressLoad
    bodies: BodyBudget
    fairness: Fairness


def build_services(
    setup: Setup, stores: Stores, analyzer: Analyzer, *, drain: Drain, prepared: asyncio.Event
) -> Services:
    """Build one process's services. Belongs to the running event loop.

    Args:
        setup: Settings and files, as values.
        stores: The opened stores; they need not answer yet.
        analyzer: The rules of matching.
        drain: Knows the requests in flight; `server.py` ends them by it.
        prepared: Set by `server.py` once the collections and indexes are there.

    Raises:
        MissingDependency: A handler needs what nobody provides.
    """
    metrics, passwords = Metrics(), Passwords()
    addresses = AddressLoad(setup.connections_per_address, setup.trusted_proxies)
    bodies = BodyBudget()
    engine = build_engine(
        stores,
        analyzer,
        metrics,
        data_dir=setup.data_dir,
        mongo_db=setup.mongo_db,
        idle_after=setup.feed_policy.idle_after,
        share=setup.share,
        resume_index_size=setup.resume_index_size,
    )
    hub = Hub(stores.feeds, stores.result_counts, stores.sessions, stores.events, metrics)
    stores.presence.accounts = hub.accounts
    links, outbox, smtp = _build_mail(setup, stores)
    fairness = Fairness(stores.budgets, stores.accounts, setup.limit_policy, metrics)
    locks = KeyedLocks()
    reader = FileReader(workers=setup.file_workers)
    metrics.files_waiting.set_function(lambda: reader.waiting)
    metrics.reader_restarts.set_function(lambda: reader.restarts)
    storing = Storing(stores.resumes, stores.feeds, stores.queue, engine.worker.wake, stores.arrivals)
    wechat = Wechat(setup.wechat, stores.app_tokens, metrics)
    notices = Sender(
        accounts=stores.accounts,
        appids=setup.wechat.appids,
        notices=stores.notices,
        news=stores.news,
        counts=stores.result_counts,
        feeds=stores.feeds,
        presence=stores.presence,
        ways=ways_of(wechat, smtp),
        defaults=setup.notice_rules,
        page_url=setup.public_url or local_url(setup.address, setup.port),
        metrics=metrics,
    )
    health = Health(
        stores=stores,
        active_feeds=engine.active_feeds,
        stored_resumes=engine.stored_resumes,
        drain=drain,
        prepared=prepared,
    )
    found = FoundSearches()
    # At most one of each type, by which handlers ask for it.
    provided = Dependencies(
        [
            *_collections(stores),
            analyzer,
            analyzer.places,
            PostingReader(analyzer, options_of(setup.options)),
            # Handlers wake the worker and the learner, and never run them.
            engine.learner,
            engine.preview,
            engine.worker,
            fairness,
            hub,
            links,
            metrics,
            notices,
            outbox,
            passwords,
            setup.account_policy,
            setup.desk,
            setup.docs,
            setup.feed_policy,
            setup.legal,
            setup.limit_policy,
            setup.options,
            setup.page,
            storing,
            ExportLinks(setup.secret_key),
            found,
            ListPicks(
                stores.results,
                stores.resumes,
                stores.contacts,
                stores.candidate_records,
                stores.marked,
                stores.person_records,
                stores.persons,
                found,
            ),
            AddressMarks(setup.secret_key),
            ChainCheck(stores.audit_check),
            Filing(reader, stores.originals, stores.file_quarantine, storing, metrics),
            TableImporter(reader, stores.tables, storing),
            Pictures(reader, stores.originals),
            Uploads(setup.data_dir),
            Guesses(stores.throttle, locks, passwords, setup.account_policy),
            PasswordRules(setup.common_passwords),
            _api_document(),
            health,
            Overview(stores, health, metrics, outbox),
            KeptCounts(stores.marked),
            KeptPeople(stores.resumes, stores.contacts),
            Items(stores.resumes, stores.person_records, stores.contacts, stores.persons, stores.lookalikes),
            locks,
            States(setup.secret_key),
            wechat,
            RequestContext(
                sessions=stores.sessions,
                metrics=metrics,
                fairness=fairness,
                drain=drain,
                prepared=prepared,
                ingest_tokens=stores.ingest_tokens.with_master(setup.ingest_token),
                trusted_proxies=setup.trusted_proxies,
                addresses=addresses,
                bodies=bodies,
                public_url=setup.public_url,
                forwarded_header=setup.forwarded_header,
                admin_addresses=setup.admin_addresses,
                operator_sessions=stores.operator_sessions,
                checks_answers=setup.checks_answers,
            ),
        ]
    )
    return Services(
        application=make_application(provided),
        engine=engine,
        retention=RetentionTask(stores.retention, stores.audit_retention, setup.retention, stores.name),
        operator_watch=OperatorWatch(stores.audit_history),
        hub=hub,
        outbox=outbox,
        notices=notices,
        passwords=passwords,
        wechat=wechat,
        reader=reader,
        metrics=metrics,
        addresses=addresses,
        bodies=bodies,
        fairness=fairness,
    )


@functools.cache
def _api_document() -> ApiDocument:
    """The description of all routes, which are those of every server of a process; it takes 0.1 s."""
    return ApiDocument(dump(describe(ROUTES, version=VERSION)).encode())


def _collections(stores: Stores) -> list[object]:
    """What of the stores handlers may declare.

    Those that only the engine and operators use are not in the list: no request should change them.
    """
    return [
        stores.account_access,
        stores.account_list,
        stores.accounts,
        stores.allowances,
        stores.arrivals,
        stores.audit,
        stores.audit_history,
        stores.candidate_records,
        stores.contacts,
        stores.erasures,
        stores.events,
        stores.feeds,
        stores.file_quarantine,
        stores.identities,
        stores.letters,
        stores.mailboxes,
        stores.marked,
        stores.notices,
        stores.person_records,
        stores.persons,
        stores.operator_sessions,
        stores.operators,
        stores.originals,
        stores.people,
        stores.quarantine,
        stores.queue,
        stores.result_counts,
        stores.results,
        stores.resumes,
        stores.revocations,
        stores.sessions,
        stores.statistics,
        stores.tables,
        stores.throttle,
        stores.wechat_tickets,
    ]


def _build_mail(setup: Setup, stores: Stores) -> tuple[Links, Outbox, SmtpServer | None]:
    public_url = setup.public_url or local_url(setup.address, setup.port)
    links = Links(setup.secret_key, public_url)
    # Without a mail server links go to the log, so that `make run` is complete by itself.
    smtp = SmtpServer(setup.smtp_url, mail_domain(public_url)) if setup.smtp_url else None
    return links, Outbox(stores.letters, links, smtp), smtp
