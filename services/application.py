"""Builds what answers the requests of one process.

    application = build_application(setup, services, stores, analyzer, drain=drain, prepared=prepared)

Handlers are not built here. Tornado makes one for each request, and gives it the dependencies that it
declares by annotation (`handlers/api/dependencies.py`). Whatever a handler may declare is listed here. Only
handlers of the process's own roles are there, so only what these need has to be.
"""

from __future__ import annotations

import asyncio
import functools

import tornado.web

from engine.matching.analysis.analyzer import Analyzer
from handlers.accounts.guesses import AddressMarks, Guesses
from handlers.accounts.passwords import PasswordRules
from handlers.admin.audit import ChainCheck
from handlers.admin.health import Overview
from handlers.api.dependencies import Dependencies, RequestContext
from handlers.api.drain import Drain
from handlers.api.openapi import describe
from handlers.feeds.postings import options_of
from handlers.ingest.uploads import Uploads
from handlers.operation.docs import ApiDocument
from handlers.operation.health import Health
from handlers.people.kept_people import KeptPeople
from handlers.people.marked import KeptCounts
from handlers.people.originals import Pictures
from handlers.results.export_links import ExportLinks
from handlers.results.found_searches import FoundSearches
from handlers.results.list_picks import ListPicks
from handlers.results.resume_search import ResumeSearch
from handlers.routes import ROUTES, VERSION, make_application
from handlers.views.items import Items
from handlers.wechat.states import States
from intake.filing import Filing
from intake.posting import PostingReader
from runtime.decoding import dump
from runtime.turns import KeyedLocks
from services.building import Services
from services.setup import Setup
from store.stores import Stores


def build_application(
    setup: Setup,
    services: Services,
    stores: Stores,
    analyzer: Analyzer,
    *,
    drain: Drain,
    prepared: asyncio.Event,
) -> tornado.web.Application:
    """Build what answers the requests that the process's roles answer."""
    health = Health(stores, services.engine, drain, prepared, setup.settings.roles)
    context = RequestContext(
        sessions=stores.sessions,
        metrics=services.metrics,
        fairness=services.fairness,
        drain=drain,
        prepared=prepared,
        ingest_tokens=stores.ingest_tokens.with_master(setup.settings.ingest_token),
        trusted_proxies=setup.trusted_proxies,
        addresses=services.addresses,
        bodies=services.bodies,
        public_url=setup.settings.public_url,
        forwarded_header=setup.settings.forwarded_header,
        admin_addresses=setup.admin_addresses,
        operator_sessions=stores.operator_sessions,
        checks_answers=setup.checks_answers,
    )
    scoring = services.engine.scoring
    # At most one of each type, by which handlers ask for it.
    provided = Dependencies(
        [
            context,
            health,
            services.metrics,
            analyzer,
            services.fairness,
            setup.limit_policy,
            setup.options,
            *_collections(stores),
            *([scoring.preview] if scoring else ()),
            *(setup.shown or ()),
            *(_of_web(setup, services, stores, analyzer, health) if setup.shown else ()),
        ]
    )
    return make_application(provided, setup.settings.roles)


def _of_web(
    setup: Setup, services: Services, stores: Stores, analyzer: Analyzer, health: Health
) -> list[object]:
    """What recruiters, operators, and sources of resumes are answered with."""
    found, locks, names = FoundSearches(), KeyedLocks(), services.names
    search = ResumeSearch(stores.resumes, stores.person_records, stores.contacts, stores.persons)
    picks = ListPicks(stores.results, search, stores.candidate_records, stores.marked, stores.persons, found)
    return [
        analyzer.places,
        PostingReader(analyzer, options_of(setup.options)),
        # Handlers wake the learner, and never run it.
        services.engine.learner,
        services.hub,
        services.importer,
        services.links,
        services.notices,
        services.outbox,
        services.passwords,
        services.storing,
        services.wechat,
        setup.account_policy,
        setup.feed_policy,
        setup.legal,
        ExportLinks(setup.settings.secret_key),
        found,
        picks,
        search,
        AddressMarks(setup.settings.secret_key),
        ChainCheck(stores.audit_check),
        Pictures(services.reader, stores.originals),
        Guesses(stores.throttle, locks, services.passwords, setup.account_policy),
        Filing(services.reader, stores.file_quarantine, services.storing, services.metrics),
        Uploads(setup.settings.data_dir),
        PasswordRules(setup.common_passwords),
        _api_document(),
        Overview(stores, health, services.metrics, services.outbox),
        KeptCounts(stores.marked),
        KeptPeople(stores.resumes, stores.contacts),
        names,
        Items(
            stores.resumes, stores.person_records, stores.contacts, stores.persons, stores.lookalikes, names
        ),
        locks,
        States(setup.settings.secret_key),
    ]


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
        stores.companies,
        stores.company_list,
        stores.mergers,
        stores.corporations,
        stores.invitations,
        stores.members,
        stores.contacts,
        stores.erasures,
        stores.events,
        stores.feeds,
        stores.handovers,
        stores.file_quarantine,
        stores.identities,
        stores.jobs,
        stores.letters,
        stores.mailboxes,
        stores.marked,
        stores.notices,
        stores.person_records,
        stores.persons,
        stores.repeats,
        stores.operator_sessions,
        stores.operators,
        stores.originals,
        stores.people,
        stores.quarantine,
        stores.queue,
        stores.registry,
        stores.relations,
        stores.result_counters,
        stores.results,
        stores.resumes,
        stores.revocations,
        stores.sessions,
        stores.statistics,
        stores.team_work,
        stores.tables,
        stores.throttle,
        stores.wechat_tickets,
    ]
