"""The table of contents: every URL and who answers it. Each answers with and without its last slash."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import tornado.web

from engine.learner import Learner
from engine.preview import Preview
from engine.worker import Worker
from handlers import (
    accounts,
    activation,
    docs,
    erase,
    export,
    favourites,
    feeds,
    ops,
    page,
    people,
    preview,
    results,
    resumes,
    statistics,
)
from handlers.accounts import AccountPolicy
from handlers.api.access_log import log_request
from handlers.api.base import UnknownUrl
from handlers.api.drain import Drain
from handlers.api.openapi import Route, describe
from handlers.feeds import FeedPolicy
from handlers.items import Items
from handlers.live import socket
from handlers.live.hub import Hub
from handlers.ops import Health
from handlers.options import OptionLists
from handlers.page import Page
from handlers.passwords import Passwords
from mail.links import Links
from mail.outbox import Outbox
from runtime.json import dump
from runtime.keyed_lock import KeyedLocks
from runtime.metrics import Metrics
from store.stores import Stores

VERSION = "0.1.0"


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that handlers are given."""

    stores: Stores
    worker: Worker
    preview: Preview
    learner: Learner
    hub: Hub
    metrics: Metrics
    passwords: Passwords
    links: Links
    outbox: Outbox
    options: OptionLists
    account_policy: AccountPolicy
    feed_policy: FeedPolicy
    health: Health
    is_prepared: Callable[[], bool]
    drain: Drain
    ingest_token: str
    trusted_proxies: frozenset[str]
    page: Page
    docs: Mapping[str, bytes]
    checks_answers: bool = False
    """Hold every answer to its contract's types: for tests."""


def make_routes(services: Services) -> list[Route]:
    """The table, with what each handler is given."""
    stores = services.stores
    account = {
        "accounts": stores.accounts,
        "passwords": services.passwords,
        "throttle": stores.throttle,
        "locks": KeyedLocks(),
        "policy": services.account_policy,
        "outbox": services.outbox,
    }
    activate = {"accounts": stores.accounts, "links": services.links}
    feed = {
        "accounts": stores.accounts,
        "feeds": stores.feeds,
        "results": stores.results,
        "events": stores.events,
        "option_lists": services.options,
        "policy": services.feed_policy,
    }
    previewed = {
        "feeds": stores.feeds,
        "resumes": stores.resumes,
        "option_lists": services.options,
        "preview": services.preview,
    }
    result = {
        "feeds": stores.feeds,
        "results": stores.results,
        "items": Items(stores.resumes, stores.candidate_records, stores.contacts),
        "events": stores.events,
        "learn": services.learner.wake,
    }
    listed = {**result, "idle_after": services.feed_policy.idle_after}
    charted = {"feeds": stores.feeds, "statistics": stores.statistics}
    person = {
        "feeds": stores.feeds,
        "records": stores.candidate_records,
        "contacts": stores.contacts,
        "learn": services.learner.wake,
    }
    kept = {
        "resumes": stores.resumes,
        "results": stores.results,
        "records": stores.candidate_records,
        "contacts": stores.contacts,
    }
    ingest = {
        "resumes": stores.resumes,
        "feeds": stores.feeds,
        "queue": stores.queue,
        "wake": services.worker.wake,
    }
    erased = {"erasures": stores.erasures, "events": stores.events}
    ws = {"hub": services.hub, "metrics": services.metrics}
    counted = {"resumes": stores.resumes, "quarantine": stores.quarantine}
    described = {"document": b""}
    logout = {"events": stores.events}
    routes = [
        Route("/hr/register/", "accounts", accounts.RegisterHandler, account),
        Route("/hr/login/", "accounts", accounts.LoginHandler, account),
        Route("/hr/valid_token/{user}/{token}/", "accounts", accounts.ValidTokenHandler, {}),
        Route("/hr/activate/{token}/", "accounts", activation.ActivateHandler, activate),
        Route("/hr/logout/", "accounts", accounts.LogoutHandler, logout),
        Route("/special_feed/edit_feed/", "feeds", feeds.EditFeedHandler, feed),
        Route("/special_feed/edit_feed/{feed_id}/", "feeds", feeds.EditFeedHandler, feed),
        Route("/special_feed/submit_feed/", "feeds", feeds.SubmitFeedHandler, feed),
        Route("/special_feed/preview/", "feeds", preview.PreviewHandler, previewed),
        Route("/special_feed/page/", "feeds", feeds.FeedPageHandler, feed),
        Route("/feed/delete/{feed_id}", "feeds", feeds.DeleteFeedHandler, feed),
        Route("/special_feed/feed_list/{feed_id}", "results", results.FeedListHandler, listed),
        Route("/special_feed/statistics/{feed_id}", "results", statistics.StatisticsHandler, charted),
        Route("/feed/get/{feed_id}/{resume_id}", "results", results.ReadResultHandler, result),
        Route("/feed/modify_feed_result", "results", results.ModifyResultHandler, result),
        Route("/feed/export/{feed_id}.csv", "results", export.ExportHandler, {**kept, "feeds": stores.feeds}),
        Route("/special_feed/ws/", "results", socket.FeedSocket, ws),
        Route("/resumes/add_watch/{resume_id}", "people", people.AddWatchHandler, person),
        Route("/resumes/remove_watch/{resume_id}", "people", people.RemoveWatchHandler, person),
        Route("/resume/follow/list/", "people", favourites.FollowListHandler, kept),
        Route("/resumes/download/{resume_id}", "people", people.DownloadHandler, person),
        Route("/resumes/mark/{resume_id}", "people", people.MarkHandler, person),
        Route("/resumes/comment/{resume_id}", "people", people.CommentHandler, person),
        Route("/resumes/", "ingest", resumes.IngestHandler, ingest),
        Route("/resumes/{resume_id}", "ingest", erase.EraseHandler, erased),
        Route("/healthz", "operation", ops.LivenessHandler, {}),
        Route("/readyz", "operation", ops.ReadinessHandler, {"health": services.health}),
        Route("/metrics", "operation", ops.MetricsHandler, counted),
        Route("/openapi.json", "operation", docs.OpenApiHandler, described),
        Route("/docs/", "operation", docs.DocsHandler, {}),
        Route("/docs/{name}", "operation", docs.DocsFileHandler, {"docs": services.docs}),
        Route("/", "operation", page.PageHandler, {"page": services.page}),
        Route("/assets/{name}", "operation", page.AssetHandler, {"page": services.page}),
    ]
    described["document"] = dump(describe(routes, version=VERSION)).encode()
    return routes


def make_application(services: Services) -> tornado.web.Application:
    """Build the Tornado application."""
    return tornado.web.Application(
        [
            (route.pattern, route.handler, {**route.parts, "route": route.path})
            for route in make_routes(services)
        ],
        default_handler_class=UnknownUrl,
        log_function=log_request,
        sessions=services.stores.sessions,
        metrics=services.metrics,
        trusted_proxies=services.trusted_proxies,
        is_prepared=services.is_prepared,
        drain=services.drain,
        ingest_token=services.ingest_token,
        checks_answers=services.checks_answers,
        websocket_max_message_size=socket.MAX_FRAME_BYTES,
    )
