"""The table of contents: every URL and who answers it. Each answers with and without its last slash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import tornado.web

from engine.metrics import Metrics
from engine.worker import Worker
from handlers import accounts, feeds, ops, results, resumes, socket
from handlers.access_log import log_request
from handlers.accounts import AccountPolicy
from handlers.base import UnknownUrl
from handlers.drain import Drain
from handlers.feeds import FeedPolicy
from handlers.forms import OptionLists
from handlers.hub import Hub
from handlers.ops import Health
from handlers.passwords import Passwords
from handlers.turns import Turns
from store.accounts import Accounts
from store.events import Events
from store.feeds import Feeds
from store.queue import WorkQueue
from store.results import Results
from store.resumes import Resumes
from store.sessions import Sessions
from store.throttle import Throttle


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that handlers are given."""

    accounts: Accounts
    sessions: Sessions
    feeds: Feeds
    resumes: Resumes
    results: Results
    events: Events
    queue: WorkQueue
    throttle: Throttle
    worker: Worker
    hub: Hub
    metrics: Metrics
    passwords: Passwords
    options: OptionLists
    account_policy: AccountPolicy
    feed_policy: FeedPolicy
    health: Health
    is_prepared: Callable[[], bool]
    drain: Drain
    ingest_token: str
    trusted_proxies: frozenset[str]
    page: bytes
    demo_account: dict[str, str] | None = None


def make_application(parts: Parts) -> tornado.web.Application:
    """Build the Tornado application."""
    account = {
        "accounts": parts.accounts,
        "passwords": parts.passwords,
        "throttle": parts.throttle,
        "turns": Turns(),
        "policy": parts.account_policy,
    }
    feed = {
        "accounts": parts.accounts,
        "feeds": parts.feeds,
        "results": parts.results,
        "events": parts.events,
        "option_lists": parts.options,
        "policy": parts.feed_policy,
    }
    result = {
        "feeds": parts.feeds,
        "resumes": parts.resumes,
        "results": parts.results,
        "events": parts.events,
    }
    ingest = {
        "resumes": parts.resumes,
        "feeds": parts.feeds,
        "queue": parts.queue,
        "kick": parts.worker.kick,
        "ingest_token": parts.ingest_token,
    }
    ws = {"sessions": parts.sessions, "hub": parts.hub, "metrics": parts.metrics}
    part = r"([^/]+)"
    routes: list[tuple[str, Any, dict[str, Any]]] = [
        (r"/hr/register/?", accounts.RegisterHandler, account),
        (r"/hr/login/?", accounts.LoginHandler, account),
        (rf"/hr/valid_token/{part}/{part}/?", accounts.ValidTokenHandler, {}),
        (r"/hr/logout/?", accounts.LogoutHandler, {"events": parts.events}),
        (r"/special_feed/edit_feed/?", feeds.EditFeedHandler, feed),
        (rf"/special_feed/edit_feed/{part}/?", feeds.EditFeedHandler, feed),
        (r"/special_feed/submit_feed/?", feeds.SubmitFeedHandler, feed),
        (r"/special_feed/page/?", feeds.FeedPageHandler, feed),
        (rf"/feed/delete/{part}/?", feeds.DeleteFeedHandler, feed),
        (
            rf"/special_feed/feed_list/{part}/?",
            results.FeedListHandler,
            {**result, "idle_after": parts.feed_policy.idle_after},
        ),
        (rf"/feed/get/{part}/{part}/?", results.ReadResultHandler, result),
        (r"/feed/modify_feed_result/?", results.ModifyResultHandler, result),
        (r"/special_feed/ws/?", socket.FeedSocket, ws),
        (r"/resumes/?", resumes.IngestHandler, ingest),
        (r"/healthz/?", ops.LivenessHandler, {}),
        (r"/readyz/?", ops.ReadinessHandler, {"health": parts.health}),
        (r"/metrics/?", ops.MetricsHandler, {"resumes": parts.resumes}),
        (r"/", ops.PageHandler, {"page": parts.page}),
    ]
    if parts.demo_account is not None:
        routes.append((r"/demo.json", ops.DemoHandler, {"account": parts.demo_account}))
    return tornado.web.Application(
        routes,
        default_handler_class=UnknownUrl,
        log_function=log_request,
        sessions=parts.sessions,
        metrics=parts.metrics,
        trusted_proxies=parts.trusted_proxies,
        is_prepared=parts.is_prepared,
        drain=parts.drain,
        websocket_ping_interval=25,
        websocket_ping_timeout=20,
        websocket_max_message_size=socket.MAX_FRAME_BYTES,
    )
