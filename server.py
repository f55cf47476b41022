"""TalentFeed's server: the only place where all parts meet.

    python server.py --port 8888

opens the stores (embedded ones unless URLs are set), starts the engine, the hub and HTTP, and on
SIGTERM takes them down in order: no new connections, requests in flight finish, sockets close with
1012, work in hand is released, and then the stores stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.data import load_lexicon, load_options
from config.demo.play import DEMO_ACCOUNT, play
from config.settings import SettingError, Settings, load_settings
from engine.active_feeds import ActiveFeeds
from engine.backfill import Backfill
from engine.erasure import EraseAgain
from engine.feedback_models import FeedbackModels
from engine.learner import Learner
from engine.matching.analysis.analyzer import Analyzer
from engine.preview import Preview
from engine.quarantine import PoisonGuard
from engine.relearn import RelationsInForce
from engine.rescore import rescore_if_upgraded
from engine.worker import Worker
from handlers.accounts import AccountPolicy
from handlers.api.drain import Drain
from handlers.api.listening import HttpServer, accept_rest, bind
from handlers.api.replies import current_request
from handlers.docs import load_docs
from handlers.feeds import FeedPolicy
from handlers.live.hub import Hub
from handlers.options import Area, AreaCity, OptionLists
from handlers.page import load_page
from handlers.passwords import Passwords
from handlers.routes import Services, make_application
from mail.links import Links, local_url, mail_domain
from mail.outbox import Outbox
from mail.smtp import SmtpServer
from runtime.lag import watch_lag
from runtime.logs import set_up_logs
from runtime.metrics import Metrics
from runtime.stacks import write_stacks_on_signal
from store.embedded.client import EmbeddedStores, StoresFailed
from store.errors import STORE_FAILURES, NewerDatabase
from store.stores import Stores, opened

logger = logging.getLogger("talentfeed")

_PAGE_DIR = Path(__file__).resolve().parent / "web" / "dist"
_MAX_UPLOAD_BYTES = 1 << 50  # each route has its own limit; Tornado's answer to this one is no JSON
_RETRY_S = 0.5
_BACKLOG = 4096  # who does not fit when everybody reconnects tries again seconds later
_PING_S = 1.0  # what is missing must be said before the request's own deadline
_LISTEN_ANYWAY_S = 3.0


def make_analyzer() -> Analyzer:
    """Build the analyzer from the lexicon in `config/`; takes about a second."""
    return Analyzer.from_data(load_lexicon())


def make_options() -> OptionLists:
    """Build the option lists from `config/`."""
    data = load_options()
    return OptionLists(
        company_prefer=data.company_prefer,
        job_domain=data.job_domain,
        talent_level=data.talent_level,
        company_stage=data.company_stage,
        expect_area=data.expect_area,
        job_welfare=data.job_welfare,
        areas=[
            Area(
                id=area.id,
                name=area.name,
                cities=[
                    AreaCity(id=city.id, name=city.name, aliases=list(city.aliases)) for city in area.cities
                ],
            )
            for area in data.areas
        ],
    )


class Server:
    """One process of TalentFeed.

    `run` returns after `stop` was called and everything is drained; it raises what made a part fail
    unexpectedly, so that the process ends and its supervisor starts it anew.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        demo: bool = False,
        analyzer: Analyzer | None = None,
        checks_answers: bool = False,
    ) -> None:
        self._settings = settings
        self._demo = demo
        self._checks_answers = checks_answers
        self._analyzer = analyzer or make_analyzer()
        self._stop = asyncio.Event()
        self._prepared = asyncio.Event()
        self._drain = Drain()
        self.started = asyncio.Event()
        self.port = 0
        self.stores: Stores

    @property
    def is_stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Begin to drain; harmless when called again."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until stopped."""
        settings = self._settings
        # Bound first: a taken port is told at once, and no stores are started for nothing.
        try:
            sockets = bind(settings.port, settings.address)
        except OSError as error:
            raise SettingError(f"--port {settings.port}: {error.strerror or error}") from None
        self.port = sockets[0].getsockname()[1]
        urls = (settings.mongo_url, settings.mongo_db, settings.redis_url)
        try:
            async with opened(*urls, settings.data_dir) as (self.stores, embedded):
                await self._serve(sockets, embedded)
        finally:
            for listener in sockets:
                listener.close()

    async def _serve(self, sockets: Sequence[socket.socket], embedded: EmbeddedStores | None) -> None:
        stores, settings, analyzer, metrics = self.stores, self._settings, self._analyzer, Metrics()
        idle_after = timedelta(days=settings.idle_days)
        relations = RelationsInForce(stores.relations, analyzer)
        live = ActiveFeeds(stores.feeds, relations, analyzer, idle_after)
        learner = Learner(
            feeds=stores.feeds,
            feedback=stores.feedback,
            resumes=stores.resumes,
            profiles=stores.profiles,
            erasures=stores.erasures,
            analyzer=analyzer,
            events=stores.events,
        )
        learned = FeedbackModels(stores.feedback, learner.version, stores.events)
        worker = Worker(
            resumes=stores.resumes,
            contacts=stores.contacts,
            profiles=stores.profiles,
            results=stores.results,
            erasures=stores.erasures,
            live=live,
            learned=learned,
            analyzer=analyzer,
            queue=stores.queue,
            suspects=PoisonGuard(stores.quarantine, stores.contacts, stores.name),
            events=stores.events,
            metrics=metrics,
        )
        backfill = Backfill(
            name=stores.name,
            backfills=stores.backfills,
            resumes=stores.resumes,
            profiles=stores.profiles,
            results=stores.results,
            erasures=stores.erasures,
            learner=learner,
            analyzer=analyzer,
            relations=relations,
            events=stores.events,
            metrics=metrics,
        )
        public_url = settings.public_url or local_url(settings.address, self.port)
        links = Links(settings.secret_key, public_url)
        smtp = SmtpServer(settings.smtp_url, mail_domain(public_url)) if settings.smtp_url else None
        outbox = Outbox(stores.accounts, links, smtp)
        hub = Hub(stores.feeds, stores.results, stores.sessions, stores.events, metrics)
        passwords = Passwords()
        page = load_page(_PAGE_DIR, DEMO_ACCOUNT if self._demo else None)
        if not page.is_built:
            logger.warning("the web page is missing: run `make web` and restart; the API works without it")
        application = make_application(
            Services(
                stores=stores,
                worker=worker,
                preview=Preview(stores.profiles, relations, analyzer, learned=learned),
                learner=learner,
                hub=hub,
                metrics=metrics,
                passwords=passwords,
                links=links,
                outbox=outbox,
                options=make_options(),
                account_policy=AccountPolicy(
                    require_activation=settings.require_activation,
                    login_attempts=settings.login_attempts,
                    login_window_s=settings.login_window_s,
                    register_per_minute=settings.register_per_minute,
                ),
                feed_policy=FeedPolicy(
                    feed_quota=settings.feed_quota,
                    service_days=settings.service_days,
                    idle_after=idle_after,
                ),
                health=lambda: self._health(live),
                is_prepared=self._prepared.is_set,
                drain=self._drain,
                ingest_token=settings.ingest_token,
                trusted_proxies=frozenset(settings.trusted_proxies),
                page=page,
                docs=load_docs(),
                checks_answers=self._checks_answers,
            )
        )
        http = HttpServer(application, max_body_size=_MAX_UPLOAD_BYTES, idle_connection_timeout=75)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(watch_lag(metrics), name="lag")]
                if embedded:
                    tasks.append(group.create_task(embedded.watch(), name="stores"))
                for name, work in (
                    ("hints", stores.events.run()),
                    ("prepare", self._prepare()),
                    ("worker", self._once_prepared(worker.run)),
                    ("backfill", self._once_prepared(backfill.run)),
                    ("learner", self._once_prepared(learner.run)),
                    ("outbox", self._once_prepared(outbox.run)),
                    ("erasure", self._once_prepared(EraseAgain(stores.erasures, stores.events).run)),
                    ("hub", hub.run()),
                ):
                    tasks.append(group.create_task(work, name=name))
                try:
                    await self._until_of_use()
                    for listener in sockets:
                        listener.listen(_BACKLOG)
                    http.add_sockets(sockets)
                    logger.info("listening", extra={"data": {"address": settings.address, "port": self.port}})
                    self.started.set()
                    if self._demo:
                        url = f"http://127.0.0.1:{self.port}"
                        tasks.append(group.create_task(self._play(url), name="demo"))
                    await self._stop.wait()
                    accept_rest(http, sockets)
                    http.stop()
                    await asyncio.gather(self._drain.finish(is_connected=http.is_connected), hub.drain())
                    hub.close_all()
                    await _end(tasks)
                except asyncio.CancelledError:  # a part failed
                    await _end(tasks)
                    raise
        finally:
            hub.close_all()
            http.stop()
            await http.close_all_connections()
            passwords.close()

    async def _until_of_use(self) -> None:
        """Wait before the first request until it can be served: a proxy asks another process meanwhile.

        Not for ever, as somebody must say what is missing.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LISTEN_ANYWAY_S):
                await self._prepared.wait()

    async def _play(self, url: str) -> None:
        try:
            await play(url, self._settings.ingest_token)
        except Exception:
            logger.exception("the demo ends early")  # the server does not

    async def _prepare(self) -> None:
        await self._when_mongo_answers(self.stores.prepare)
        self._prepared.set()
        await self._when_mongo_answers(self._upgrade)

    async def _once_prepared(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._prepared.wait()
        await work()

    async def _upgrade(self) -> None:
        stores = self.stores
        await rescore_if_upgraded(stores.meta, stores.resumes, stores.queue, self._analyzer)

    async def _when_mongo_answers(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step of the start; it waits for MongoDB as long as it takes."""
        while True:
            try:
                return await step()
            except STORE_FAILURES as error:
                logger.warning("waiting for MongoDB (%s)", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _health(self, live: ActiveFeeds) -> dict[str, Any]:
        state: dict[str, Any] = {"mongo": "unavailable", "redis": "ok", "unscored": None}
        state["engine"] = "ok" if live.loaded else "loading"
        with contextlib.suppress(TimeoutError, *STORE_FAILURES):
            async with asyncio.timeout(_PING_S):
                await self.stores.ping_mongo()
            state["mongo"] = "ok"
            async with asyncio.timeout(_PING_S):  # unknown, which is no illness
                state["unscored"] = await self.stores.resumes.count_pending()
        if not await self.stores.redis_answers():
            state["redis"] = "unavailable"
        if self._drain.draining:
            state["engine"] = "draining"
        if state["mongo"] != "ok" or state["engine"] != "ok" or not self._prepared.is_set():
            return {"status": "unavailable", **state}
        return {"status": "ok" if state["redis"] == "ok" else "degraded", **state}


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: on Python 3.11 `wait_for`, which drivers use, can swallow one."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


def keep_for_good() -> None:
    """Spare the collector what is there to stay: looking through the lexicon holds the loop up for 60 ms."""
    gc.collect()
    gc.freeze()


async def serve(settings: Settings, *, demo: bool) -> None:
    """Run a server until SIGTERM or SIGINT."""
    server = Server(settings, demo=demo)
    keep_for_good()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    write_stacks_on_signal()
    await server.run()


def main(argv: Sequence[str]) -> int:
    """Read the settings and serve; returns the exit status."""
    try:
        settings, demo = load_settings(argv, os.environ)
    except SettingError as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 2
    set_up_logs(current_request.get)
    if demo:
        # The person at the terminal reads where to look, not three requests a second.
        logging.getLogger("talentfeed.access").setLevel(logging.WARNING)
    try:
        asyncio.run(serve(settings, demo=demo))
    except (SettingError, StoresFailed) as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 1
    except BaseExceptionGroup as group:
        if newer := group.subgroup(NewerDatabase):
            print(f"server.py: {newer.exceptions[0]}", file=sys.stderr)
            return 1
        logger.exception("a part failed, the process ends")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
