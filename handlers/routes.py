"""The table of contents: every URL and who answers it. Each answers with and without its last slash."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
import tornado.web

from engine.learner import Learner
from engine.metrics import Metrics
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
    socket,
    statistics,
)
from handlers.access_log import log_request
from handlers.accounts import AccountPolicy
from handlers.base import UnknownUrl
from handlers.drain import Drain
from handlers.feeds import FeedPolicy
from handlers.forms import OptionLists
from handlers.hub import Hub
from handlers.items import Items
from handlers.openapi import Route, describe
from handlers.ops import Health
from handlers.page import Page
from handlers.passwords import Passwords
from handlers.replies import dump
from handlers.turns import Turns
from mail.links import Links
from mail.outbox import Outbox
from store.stores import Stores

VERSION = "0.1.0"


class Parts(msgspec.Struct, frozen=True, kw_only=True):
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


def make_routes(parts: Parts) -> list[Route]:
    """The table, with what each handler is given."""
    stores = parts.stores
    account = {
        "accounts": stores.accounts,
        "passwords": parts.passwords,
        "throttle": stores.throttle,
        "turns": Turns(),
        "policy": parts.account_policy,
        "outbox": parts.outbox,
    }
    activate = {"accounts": stores.accounts, "links": parts.links}
    feed = {
        "accounts": stores.accounts,
        "feeds": stores.feeds,
        "results": stores.results,
        "events": stores.events,
        "option_lists": parts.options,
        "policy": parts.feed_policy,
    }
    previewed = {
        "feeds": stores.feeds,
        "resumes": stores.resumes,
        "option_lists": parts.options,
        "preview": parts.preview,
    }
    result = {
        "feeds": stores.feeds,
        "results": stores.results,
        "items": Items(stores.resumes, stores.dossiers, stores.contacts),
        "events": stores.events,
        "learn": parts.learner.kick,
    }
    listed = {**result, "idle_after": parts.feed_policy.idle_after}
    charted = {"feeds": stores.feeds, "statistics": stores.statistics}
    person = {
        "feeds": stores.feeds,
        "dossiers": stores.dossiers,
        "contacts": stores.contacts,
        "learn": parts.learner.kick,
    }
    kept = {
        "resumes": stores.resumes,
        "results": stores.results,
        "dossiers": stores.dossiers,
        "contacts": stores.contacts,
    }
    ingest = {
        "resumes": stores.resumes,
        "feeds": stores.feeds,
        "queue": stores.queue,
        "kick": parts.worker.kick,
    }
    erased = {"erasures": stores.erasures, "events": stores.events}
    ws = {"hub": parts.hub, "metrics": parts.metrics}
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
        Route("/readyz", "operation", ops.ReadinessHandler, {"health": parts.health}),
        Route("/metrics", "operation", ops.MetricsHandler, counted),
        Route("/openapi.json", "operation", docs.OpenApiHandler, described),
        Route("/docs/", "operation", docs.DocsHandler, {}),
        Route("/docs/{name}", "operation", docs.DocsFileHandler, {"docs": parts.docs}),
        Route("/", "operation", page.PageHandler, {"page": parts.page}),
        Route("/assets/{name}", "operation", page.AssetHandler, {"page": parts.page}),
    ]
    described["document"] = dump(describe(routes, version=VERSION)).encode()
    return routes


def make_application(parts: Parts) -> tornado.web.Application:
    """Build the Tornado application."""
    return tornado.web.Application(
        [
            (route.pattern, route.handler, {**route.parts, "route": route.path})
            for route in make_routes(parts)
        ],
        default_handler_class=UnknownUrl,
        log_function=log_request,
        sessions=parts.stores.sessions,
        metrics=parts.metrics,
        trusted_proxies=parts.trusted_proxies,
        is_prepared=parts.is_prepared,
        drain=parts.drain,
        ingest_token=parts.ingest_token,
        checks_answers=parts.checks_answers,
        websocket_max_message_size=socket.MAX_FRAME_BYTES,
    )
