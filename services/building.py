"""Builds what runs in one process, or has to be ended with it.

    services = build_services(setup, stores, analyzer)
    services.engine.scoring             # None where the role is not `engine`

Most of it is a few references to the stores, and is there whatever the roles are. What takes memory, or
listens to every hint, is built for its role alone: the indexes (`engine.building`) and the hub. What of it
runs is in `tasks`, and what answers requests in `application`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.building import Engine, build_engine
from engine.ends.operator_watch import OperatorWatch
from engine.ends.retention import RetentionTask
from engine.matching.analysis.analyzer import Analyzer
from handlers.accounts.passwords import Passwords
from handlers.api.address_load import AddressLoad
from handlers.api.body_budget import BodyBudget
from handlers.api.fairness import Fairness
from handlers.live.claims import ClaimFrames
from handlers.live.hub import Hub
from handlers.views.member_names import Names
from intake.files.reader import FileReader
from intake.storing import Storing
from intake.tables.importing import TableImporter
from mail.links import Links, local_url, mail_domain
from mail.outbox import Outbox
from mail.smtp import SmtpServer
from notices.mentions import Mentions
from notices.sender import Sender
from notices.ways import ways_of
from runtime.metrics import Metrics
from services.setup import Setup
from store.jobs.kinds import Kind
from store.jobs.runner import Runner, Work
from store.stores import Stores
from wechat.wechat import Wechat


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What `process.life` runs and ends.

    Attributes:
        hub: The sockets; None where the role is not `web`.
        runner: Does the jobs of its roles.
        storing: Takes resumes in.
    """

    engine: Engine
    operator_watch: OperatorWatch
    hub: Hub | None
    names: Names
    links: Links
    outbox: Outbox
    runner: Runner
    notices: Sender
    passwords: Passwords
    wechat: Wechat
    reader: FileReader
    storing: Storing
    importer: TableImporter
    metrics: Metrics
    addresses: AddressLoad
    bodies: BodyBudget
    fairness: Fairness


def build_services(setup: Setup, stores: Stores, analyzer: Analyzer) -> Services:
    """Build one process's services. Belongs to the running event loop."""
    settings = setup.settings
    metrics = Metrics(settings.roles)
    engine = build_engine(
        stores,
        analyzer,
        metrics,
        data_dir=settings.data_dir,
        mongo_db=settings.mongo_db,
        idle_after=setup.feed_policy.idle_after,
        roles=settings.roles,
        resume_index_size=settings.resume_index_size,
        learn_from=settings.learn_from,
    )
    hub, names = None, Names(stores.accounts)
    if "web" in settings.roles:
        hub = Hub(
            stores.feeds,
            stores.result_counters,
            stores.sessions,
            stores.events,
            ClaimFrames(stores.person_records, names),
            stores.presence,
            metrics,
        )
    page_url = settings.public_url or local_url(settings.address, setup.port)
    links = Links(settings.secret_key, page_url)
    # Without a mail server links go to the log, so that `make run` is complete by itself.
    smtp = SmtpServer(settings.smtp_url, mail_domain(page_url)) if settings.smtp_url else None
    outbox = Outbox(stores.letters, links, smtp)
    reader = FileReader(workers=settings.file_workers)
    metrics.files_waiting.set_function(lambda: reader.waiting)
    metrics.reader_restarts.set_function(lambda: reader.restarts)
    # Woken where Redis did not take the resumes. Where nobody scores here, those who do look by themselves.
    wake = engine.scoring.worker.wake if engine.scoring else lambda: None
    storing = Storing(stores.resumes, stores.feeds, stores.queue, wake, stores.arrivals)
    importer = TableImporter(reader, stores.tables, storing, stores.jobs)
    wechat = Wechat(setup.wechat, stores.app_tokens, metrics)
    notices = Sender(
        accounts=stores.accounts,
        appids=setup.wechat.appids,
        notices=stores.notices,
        news=stores.news,
        counts=stores.result_counters,
        feeds=stores.feeds,
        presence=stores.presence,
        ways=ways_of(wechat, smtp),
        defaults=setup.notice_rules,
        page_url=page_url,
        metrics=metrics,
    )
    return Services(
        engine=engine,
        operator_watch=OperatorWatch(stores.audit_history),
        hub=hub,
        names=names,
        links=links,
        outbox=outbox,
        runner=Runner(stores.jobs, _work(setup, stores, engine, outbox, importer, notices)),
        notices=notices,
        passwords=Passwords(),
        wechat=wechat,
        reader=reader,
        storing=storing,
        importer=importer,
        metrics=metrics,
        addresses=AddressLoad(settings.connections_per_address, setup.trusted_proxies),
        bodies=BodyBudget(),
        fairness=Fairness(stores.budgets, setup.limit_policy, metrics),
    )


def _work(
    setup: Setup, stores: Stores, engine: Engine, outbox: Outbox, importer: TableImporter, sender: Sender
) -> Mapping[Kind, Work]:
    """What is done about each kind of jobs that the runner does."""
    work: dict[Kind, Work] = {}
    if "web" in setup.settings.roles:
        work["import"] = Work(importer.go_on)
    if engine.scoring is not None:
        retention = RetentionTask(stores.retention, stores.audit_retention, setup.retention)
        mentions = Mentions(
            stores.accounts,
            stores.notices,
            stores.feeds,
            stores.candidate_records,
            stores.person_records,
            sender,
        )
        work |= {
            **outbox.work,
            "mention": Work(mentions.tell),
            "deletion": Work(stores.deletions.finish),
            "merger": Work(stores.mergers.finish),
            "retention": Work(retention.look, stands=True),
            "learning": Work(engine.scoring.learning.look, stands=True),
        }
    return work
