"""Builds what runs in one process, or has to be ended with it.

    services = Services(setup, stores, analyzer)
    services.engine.scoring             # None where the role is not `engine`

Most of it is a few references to the stores, and is there whatever the roles are. What takes memory, or
listens to every hint, is built for its role alone: the indexes (`engine.building`) and the hub. What of it
runs is in `tasks`, and what answers requests in `application`.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.building import build_engine
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


class Services:
    """What `process.life` runs and ends. Belongs to the running event loop.

    Attributes:
        hub: The sockets; None where the role is not `web`.
        runner: Does the jobs of its roles.
        storing: Takes resumes in.
    """

    def __init__(self, setup: Setup, stores: Stores, analyzer: Analyzer) -> None:
        settings = setup.settings
        metrics = self.metrics = Metrics(settings.roles)
        self.engine = build_engine(
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
        self.operator_watch = OperatorWatch(stores.audit_history)
        self.names = Names(stores.accounts)
        self.hub: Hub | None = None
        if "web" in settings.roles:
            self.hub = Hub(
                stores.feeds,
                stores.result_counters,
                stores.sessions,
                stores.events,
                ClaimFrames(stores.person_records, self.names),
                stores.presence,
                metrics,
            )
        page_url = settings.public_url or local_url(settings.address, setup.port)
        self.links = Links(settings.secret_key, page_url)
        # Without a mail server links go to the log, so that `make run` is complete by itself.
        smtp = SmtpServer(settings.smtp_url, mail_domain(page_url)) if settings.smtp_url else None
        self.outbox = Outbox(stores.letters, self.links, smtp)
        self.passwords = Passwords()
        reader = self.reader = FileReader(workers=settings.file_workers)
        metrics.files_waiting.set_function(lambda: reader.waiting)
        metrics.reader_restarts.set_function(lambda: reader.restarts)
        scoring = self.engine.scoring
        # Woken where Redis did not take the resumes. Where nobody scores here, those who do look by
        # themselves.
        wake = scoring.worker.wake if scoring else lambda: None
        self.storing = Storing(stores.resumes, stores.feeds, stores.queue, wake, stores.arrivals)
        self.importer = TableImporter(reader, stores.tables, self.storing, stores.jobs)
        self.wechat = Wechat(setup.wechat, stores.app_tokens, metrics)
        self.notices = Sender(
            accounts=stores.accounts,
            appids=setup.wechat.appids,
            notices=stores.notices,
            news=stores.news,
            counts=stores.result_counters,
            feeds=stores.feeds,
            presence=stores.presence,
            ways=ways_of(self.wechat, smtp),
            defaults=setup.notice_rules,
            page_url=page_url,
            metrics=metrics,
        )
        self.runner = Runner(stores.jobs, self._work(setup, stores))
        self.addresses = AddressLoad(settings.connections_per_address, setup.trusted_proxies)
        self.bodies = BodyBudget()
        self.fairness = Fairness(stores.budgets, setup.limit_policy, metrics)

    def _work(self, setup: Setup, stores: Stores) -> Mapping[Kind, Work]:
        """What is done about each kind of jobs that the runner does."""
        work: dict[Kind, Work] = {}
        if self.hub is not None:
            work["import"] = Work(self.importer.go_on)
        if self.engine.scoring is not None:
            retention = RetentionTask(stores.retention, stores.audit_retention, setup.retention)
            mentions = Mentions(
                stores.accounts,
                stores.notices,
                stores.feeds,
                stores.candidate_records,
                stores.person_records,
                self.notices,
            )
            work |= {
                **self.outbox.work,
                "mention": Work(mentions.tell),
                "deletion": Work(stores.deletions.finish),
                "merger": Work(stores.mergers.finish),
                "retention": Work(retention.look, stands=True),
                "learning": Work(self.engine.scoring.learning.look, stands=True),
            }
        return work
