"""The life cycle of one process of TalentFeed.

    python server.py --port 8888

It reads the settings, takes the port, opens the stores (embedded ones unless URLs are set), has `services.py`
build what there is, runs it, and takes it down again. The start goes in this order:

1. The port is bound, but nobody is let in yet.
2. The stores are opened. They need not answer: everything below waits for MongoDB as long as it takes.
3. Tasks start, each with a name that logs and stacks show. What works on the collections waits until they are
   prepared: migrations and indexes come first.
4. HTTP listens, once the collections are prepared or after 3 s at most.

SIGTERM and SIGINT begin the stop, which takes 15 s at most:

1. Whoever has connected already is let in, and no one else.
2. Requests in flight finish; sockets close with 1012, in groups, so that clients spread over the other
   processes.
3. The tasks are cancelled. Each gives back what it holds: a claim, a lease, a delivery.
4. The indexes are written to files, which makes the next start short.
5. Connections are closed, and the stores stop last, when nobody writes any more.

All tasks belong to one `TaskGroup`: an unexpected error in one of them cancels the others, leaves `run`, and
ends the process with status 1, so that supervisor starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec

from config.data import load_common_passwords, load_lexicon, load_options
from config.demo.phone import Phone
from config.demo.play import DEMO_ACCOUNT, DEMO_OPERATOR, play
from config.legal_texts import load_legal_texts
from config.settings import Settings, load_settings
from config.takes import SettingError
from config.wechat import wechat_settings
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.score.index import warm
from engine.rescore import rescore_if_upgraded
from engine.retention import RetentionPolicy
from handlers.api.admin_addresses import AdminAddresses
from handlers.api.connections import Connections
from handlers.api.dependencies import MissingDependency
from handlers.api.drain import Drain
from handlers.api.listening import HttpServer, accept_rest, bind
from handlers.api.replies import current_request
from handlers.docs import load_docs
from handlers.legal import Legal
from handlers.options import OptionLists
from handlers.page import load_desk, load_page
from handlers.policies import AccountPolicy, FeedPolicy, LimitPolicy
from handlers.version import VERSION
from notices.schedule import rules_from
from runtime.descriptors import raise_limit
from runtime.lag import watch_lag
from runtime.logs import set_up_logs
from runtime.otel import CannotTrace, send_traces
from runtime.security_log import set_key
from runtime.stacks import write_stacks_on_signal
from runtime.systemd import keep_telling, tell
from services import Services, Setup, build_services
from store.embedded.client import EmbeddedStores, StoresFailed
from store.embedded.private import keep_private
from store.errors import NewerDatabase
from store.retry import until_answered
from store.shares import Share
from store.stores import Stores, opened
from store.tracing import trace_commands
from wechat.apps import WechatApps

logger = logging.getLogger("talentfeed")

_PAGE_DIR = Path(__file__).resolve().parent / "web" / "dist"
_MAX_UNASKED_BYTES = 16 * 1024
"""The longest body of a request that takes none, which Tornado holds in memory: a WebSocket's handshake. Each
other handler sets a limit of its own (`handlers/api/receiving.py`)."""
_CONNECTIONS_SHARE = 0.8
"""How much of its descriptors a process gives to clients. The stores have up to a hundred connections, and
files, sockets that listen and workers need some more."""
_IDLE_CONNECTION_S = 75
"""How long a connection may wait for its next request. With less, a client that asks once a minute connects
anew each time; with more, clients that are gone hold descriptors for longer. nginx has the same."""
_BACKLOG = 4096
"""Connections that the system holds until they are accepted. When everybody reconnects at once, whoever does
not fit tries again seconds later. The system may allow fewer (`net.core.somaxconn`)."""
_LISTEN_ANYWAY_S = 3.0
"""How long listening waits for the collections to be prepared. Less, and a proxy would send requests here
that another process could serve at once; more, and nobody could ask this process what it is missing."""
_SAVE_S = 3.0
"""Seconds that the last snapshots may take at a stop. The next start is longer without them, but a supervisor
waits no longer than 20 s for the whole stop."""
_EMBEDDED = (
    "no mongo_url is set: the embedded MongoDB is for trials, tests and one small machine (docs/limits.md)"
)
_CANCEL_AGAIN_S = 0.2
"""How long a cancelled task may take before it is cancelled again."""


def make_analyzer() -> Analyzer:
    """Build the analyzer from the lexicon in `config/`; takes about a second."""
    return Analyzer.from_data(load_lexicon())


def make_setup(settings: Settings, *, port: int, demo: bool, checks_answers: bool) -> Setup:
    """Turn the settings and files of `config/` and `web/` into the values that services are built from."""
    wechat = msgspec.convert(wechat_settings(settings), WechatApps)
    legal = load_legal_texts(settings.terms_file, settings.privacy_file)
    page = load_page(_PAGE_DIR, DEMO_ACCOUNT if demo else None, list(wechat.appids))
    if not page.is_built:
        logger.warning("the web page is missing: run `make web` and restart; the API works without it")
    return Setup(
        address=settings.address,
        port=port,
        data_dir=settings.data_dir,
        mongo_db=settings.mongo_db,
        public_url=settings.public_url,
        secret_key=settings.secret_key,
        smtp_url=settings.smtp_url,
        ingest_token=settings.ingest_token,
        trusted_proxies=frozenset(settings.trusted_proxies),
        connections_per_address=settings.connections_per_address,
        forwarded_header=settings.forwarded_header,
        admin_addresses=AdminAddresses(settings.admin_addresses),
        account_policy=AccountPolicy(
            require_activation=settings.require_activation,
            login_attempts=settings.login_attempts,
            login_window_s=settings.login_window_s,
            register_per_minute=settings.register_per_minute,
        ),
        common_passwords=load_common_passwords(),
        feed_policy=FeedPolicy(
            feed_quota=settings.feed_quota,
            service_days=settings.service_days,
            idle_after=timedelta(days=settings.idle_days),
        ),
        retention=RetentionPolicy(
            resume_days=settings.resume_days,
            result_days=settings.result_days,
            audit_days=settings.audit_days,
        ),
        limit_policy=LimitPolicy(
            account_budget=settings.account_budget,
            preview_per_hour=settings.preview_per_hour,
            unlock_per_day=settings.unlock_per_day,
        ),
        roles=settings.roles,
        share=Share(*settings.score_part),
        resume_index_size=settings.resume_index_size,
        file_workers=settings.file_workers,
        wechat=wechat,
        notice_rules=rules_from(settings.quiet_hours, settings.digest_times, settings.notice_grace_s),
        options=msgspec.convert(load_options(), OptionLists, from_attributes=True),
        legal=Legal(legal.version, legal.terms, legal.privacy),
        page=page,
        desk=load_desk(_PAGE_DIR / "admin"),
        docs=load_docs(),
        checks_answers=checks_answers,
    )


class Server:
    """One process of TalentFeed.

    `run` returns after `stop` was called and everything is drained; it raises what made a part fail
    unexpectedly, so that the process ends and its supervisor starts it anew.

    Attributes:
        started: Set once HTTP listens.
        port: Where it listens, from the time that it is bound.
        stores: There while it runs.
        services: There from the start of its tasks on.
        clients: The connections of clients, from then on too.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        demo: bool = False,
        phone: Phone | None = None,
        analyzer: Analyzer | None = None,
        checks_answers: bool = False,
    ) -> None:
        self._settings = settings
        self._demo = demo
        self._phone = phone
        self._checks_answers = checks_answers
        self._analyzer = analyzer or make_analyzer()
        self._stop = asyncio.Event()
        self._compiled = asyncio.Event()
        self._prepared = asyncio.Event()
        self._drain = Drain()
        self.started = asyncio.Event()
        self.port = 0
        self.stores: Stores
        self.services: Services
        self.clients: Connections

    def stop(self) -> None:
        """Begin to drain; harmless when called again."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until stopped."""
        settings = self._settings
        # Before the stores start, as they inherit it.
        self._descriptors = raise_limit()
        # Bound first: a taken port is told at once, and no stores are started for nothing.
        try:
            sockets = bind(settings.port, settings.address)
        except OSError as error:
            raise SettingError(f"--port {settings.port}: {error.strerror or error}") from None
        # With `--port 0` the system chose it.
        self.port = sockets[0].getsockname()[1]
        if settings.mongo_url is None and not self._demo:
            logger.warning(_EMBEDDED, extra={"data": {"data_dir": str(settings.data_dir)}})
        urls = (settings.mongo_url, settings.mongo_db, settings.redis_url)
        try:
            async with opened(*urls, settings.data_dir, settings.secret_key) as (self.stores, embedded):
                await self._serve(sockets, embedded)
        finally:
            for listener in sockets:
                listener.close()

    async def _serve(self, sockets: Sequence[socket.socket], embedded: EmbeddedStores | None) -> None:
        """Run everything until `stop` is called or a task fails, and end it in order."""
        set_key(self._settings.secret_key)
        setup = make_setup(
            self._settings, port=self.port, demo=self._demo, checks_answers=self._checks_answers
        )
        # Before any task starts: a handler that lacks a dependency ends the start here.
        services = self.services = build_services(
            setup, self.stores, self._analyzer, drain=self._drain, prepared=self._prepared
        )
        clients = self.clients = Connections(
            int(_CONNECTIONS_SHARE * self._descriptors),
            self._settings.connections_per_address,
            setup.trusted_proxies,
            services.metrics,
        )
        http = HttpServer(
            services.application,
            clients,
            max_body_size=_MAX_UNASKED_BYTES,
            idle_connection_timeout=_IDLE_CONNECTION_S,
        )
        try:
            async with asyncio.TaskGroup() as group:
                tasks = self._start_tasks(group, services, embedded)
                tasks.append(group.create_task(clients.run(), name="connections"))
                try:
                    await self._listen(http, sockets)
                    if self._demo:
                        tasks.append(group.create_task(self._play(), name="demo"))
                    await self._stop.wait()
                    await self._drain_clients(http, sockets, services)
                finally:
                    # After a failure too: the group itself cancels each task only once.
                    await _end(tasks)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAVE_S):
                    await services.engine.feed_snapshots.save()
                    await services.engine.resume_snapshots.save()
        finally:
            # Once more, and harmless after an ordered stop: after a failure nothing of it has been done.
            services.hub.close_all()
            http.stop()
            await http.close_all_connections()
            await services.reader.close()
            services.passwords.close()
            services.wechat.close()

    def _start_tasks(
        self, group: asyncio.TaskGroup, services: Services, embedded: EmbeddedStores | None
    ) -> list[asyncio.Task[None]]:
        """Start whatever runs beside requests.

        The returned list also keeps the tasks alive, since the event loop holds only weak references.
        """
        engine = services.engine
        work = {
            "lag": watch_lag(services.metrics),
            "systemd": keep_telling(),
            "hints": self.stores.events.run(),
            "budgets": self.stores.budgets.run(),
            "compile": self._compile(),
            "prepare": self._prepare(),
            "resumes": self._once_prepared(engine.stored_resumes.run),
            "feeds": self._once_prepared(engine.active_feeds.run),
            "snapshots of feeds": self._once_prepared(engine.feed_snapshots.run),
            "snapshots of resumes": self._once_prepared(engine.resume_snapshots.run),
            "worker": self._once_prepared(engine.worker.run),
            "backfill": self._once_prepared(engine.backfill.run),
            "learner": self._once_prepared(engine.learner.run),
            "outbox": self._once_prepared(services.outbox.run),
            "notices": self._once_prepared(services.notices.run),
            "presence": self.stores.presence.run(),
            "arrivals": self._once_prepared(self.stores.arrivals.run),
            "erasure": self._once_prepared(engine.erase_again.run),
            "retention": self._once_prepared(services.retention.run),
            "operators": self._once_prepared(services.operator_watch.run),
            "revocations": self._once_prepared(self.stores.revocations.watch),
            "settling": self._once_prepared(self.stores.result_counters.run),
            "counting": self._once_prepared(self.stores.result_counts.run),
            "hub": services.hub.run(),
        }
        if embedded:
            work["stores"] = embedded.watch()
        return [group.create_task(coroutine, name=name) for name, coroutine in work.items()]

    async def _compile(self) -> None:
        """Compile the loops of matching, or read them from the disk, in a thread.

        Seconds after a change of the rules, and half a second else. Previews and backfills call the rules on
        the event loop, and a first call would hold it until the compiler is done.
        """
        await asyncio.to_thread(warm)
        await asyncio.to_thread(self._analyzer.warm)
        self._compiled.set()

    async def _prepare(self) -> None:
        stores = self.stores
        await until_answered(stores.prepare, what="the start")
        await self._compiled.wait()
        self._prepared.set()
        # Only now: requests are answered, and new resumes scored, while the old ones are scored again.
        await until_answered(
            lambda: rescore_if_upgraded(
                stores.meta, stores.resumes, stores.profiles, stores.queue, self._analyzer
            ),
            what="the start",
        )

    async def _once_prepared(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._prepared.wait()
        await work()

    async def _listen(self, http: HttpServer, sockets: Sequence[socket.socket]) -> None:
        """Let clients in, once their requests can be served or that takes too long."""
        # However long it takes: this process alone compiles, and a proxy has others to ask meanwhile.
        await self._compiled.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LISTEN_ANYWAY_S):
                await self._prepared.wait()
        for listener in sockets:
            listener.listen(_BACKLOG)
        http.add_sockets(sockets)
        logger.info("listening", extra={"data": {"address": self._settings.address, "port": self.port}})
        tell("READY=1")
        self.started.set()

    async def _play(self) -> None:
        try:
            desk_password = await self._make_demo_operator()
            await play(
                f"http://127.0.0.1:{self.port}",
                self._settings.ingest_token,
                self._phone,
                desk_password=desk_password,
            )
        except Exception:
            logger.exception("the demo ends early")  # the server does not

    async def _make_demo_operator(self) -> str:
        """Make an operator, or give the one of the last demo a new password; returns that.

        Operators are made from a shell alone, never over HTTP, and a demo has nobody to type it.
        """
        await self._prepared.wait()
        operators, password = self.stores.operators, secrets.token_urlsafe(9)
        password_hash = await self.services.passwords.hash(password)
        found = await operators.find_by_email(DEMO_OPERATOR)
        if found is None:
            await operators.create(DEMO_OPERATOR, password_hash, "admin")
        else:
            await operators.set_password(found, password_hash)
        return password

    async def _drain_clients(
        self, http: HttpServer, sockets: Sequence[socket.socket], services: Services
    ) -> None:
        """Take no new connections, and let requests and sockets come to their end."""
        tell("STOPPING=1")
        # Closing a listening socket resets the connections that wait in its backlog, so they are taken in
        # first.
        accept_rest(http, sockets)
        http.stop()
        await asyncio.gather(self._drain.finish(is_connected=http.is_connected), services.hub.drain())
        # A handshake that was under way may have brought one more socket meanwhile.
        services.hub.close_all()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until all of them have ended.

    Once is not enough: on Python 3.11 `asyncio.wait_for`, which the drivers use, can swallow a cancellation
    that comes in the moment when what it waits for is done.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN_S)


def keep_for_good() -> None:
    """Hide from the garbage collector what stays for good: looking through the lexicon takes it 60 ms."""
    gc.collect()
    gc.freeze()


async def serve(settings: Settings, *, demo: bool) -> None:
    """Run a server until SIGTERM or SIGINT."""
    async with contextlib.AsyncExitStack() as stack:
        phone = None
        # An operator who tries apps of their own in the demo has a phone too.
        if demo and not (settings.wechat_mini_appid or settings.wechat_mp_appid or settings.wecom_corpid):
            phone = await stack.enter_async_context(Phone())
            settings = phone.connected(settings)
        server = Server(settings, demo=demo, phone=phone)
        keep_for_good()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        write_stacks_on_signal()
        await server.run()


def main(argv: Sequence[str]) -> int:
    """Read the settings and serve.

    Returns:
        The exit status: 0 after an ordered stop, 2 for a bad setting, 1 for everything else.
    """
    try:
        settings, demo = load_settings(argv, os.environ)
    except SettingError as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 2
    keep_private(settings.data_dir)
    set_up_logs(current_request.get)
    if demo:
        # The person at the terminal reads where to look, not three requests a second.
        logging.getLogger("talentfeed.access").setLevel(logging.WARNING)
    about = {"service.version": VERSION, "talentfeed.roles": ",".join(sorted(settings.roles))}
    about["talentfeed.part"] = str(Share(*settings.score_part))
    try:
        with send_traces(os.environ, about) as is_traced:
            if is_traced:
                trace_commands()
            asyncio.run(serve(settings, demo=demo))
    except (SettingError, StoresFailed, MissingDependency, CannotTrace) as error:
        print(f"server.py: {error}", file=sys.stderr)
        return 1
    except BaseExceptionGroup as group:
        # The operator went back to an older release: one line says more to them than a stack.
        if newer := group.subgroup(NewerDatabase):
            print(f"server.py: {newer.exceptions[0]}", file=sys.stderr)
            return 1
        logger.exception("a part failed, the process ends")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
