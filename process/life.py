"""The life cycle of one process: it takes the port, opens the stores, runs what its roles need, and stops.

    server = Server(settings, analyzer=analyzer)
    await server.run()          # until server.stop()

What there is to run is built by `services`, and which tasks are started is `services.tasks`. The start goes
in this order:

1. The port is bound, but nobody is let in yet.
2. The stores are opened. They need not answer: everything below waits for MongoDB as long as it takes.
3. Tasks start, each with a name that logs and stacks show. What works on the collections waits until they are
   prepared: migrations and indexes come first.
4. HTTP listens, once the collections are prepared; where MongoDB is away, after 3 s.

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
import logging
import socket
import time
from collections.abc import Awaitable, Callable, Sequence

from config.demo.phone import Phone
from config.settings import Settings
from engine.matching.analysis.analyzer import Analyzer
from engine.matching.compiled import is_interpreted
from handlers.api.connections import Connections
from handlers.api.drain import Drain
from handlers.api.listening import HttpServer, accept_rest
from process.beginning import Begun, begin
from process.compiling import compile_loops, interpret_unless_kept
from process.demo import play_here
from process.rules import make_analyzer
from process.setup import make_setup
from runtime.garbage import keep_for_good
from runtime.security_log import set_key
from runtime.systemd import tell
from runtime.waiting import end_all, wait_at_most
from services.application import build_application
from services.building import Services
from services.tasks import tasks_of
from store.embedded.client import EmbeddedStores
from store.errors import STORE_FAILURES
from store.retry import until_answered
from store.stores import Stores, opened

logger = logging.getLogger("talentfeed")

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
"""How long listening waits for the collections to be prepared where MongoDB is away. Less, and a proxy would
send requests here that another process could serve at once; more, and nobody could ask this one what is
missing."""
_CHANGES_S = 480.0
"""How long it waits while MongoDB is there, as the database is being changed: this process could only refuse
what others can serve. Who watches takes a server for stuck after ten minutes without listening (`ops.health`,
and systemd)."""
_SAVE_S = 3.0
"""Seconds that the last snapshots may take at a stop. The next start is longer without them, but a supervisor
waits no longer than 20 s for the whole stop."""
_EMBEDDED = (
    "no mongo_url is set: the embedded MongoDB is for trials, tests and one small machine (docs/limits.md)"
)
_OTHER_KEY = (
    "secret_key is not that of the server that started before: links in letters are void then, and erased "
    "people are not recognised (docs/privacy.md)"
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
        begun: Begun | None = None,
    ) -> None:
        self._settings = settings
        self._demo = demo
        self._phone = phone
        self._checks_answers = checks_answers
        self._given = analyzer
        self._begun = begun
        self._stop = asyncio.Event()
        self._callable = asyncio.Event()
        self._prepared = asyncio.Event()
        self._drain = Drain()
        self._analyzer: Analyzer
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
        begun = self._begun or await begin(settings)
        sockets, self._descriptors = begun.sockets, begun.descriptors
        # With `--port 0` the system chose it.
        self.port = sockets[0].getsockname()[1]
        if settings.mongo_url is None and not self._demo:
            logger.warning(_EMBEDDED, extra={"data": {"data_dir": str(settings.data_dir)}})
        analyzer = asyncio.create_task(self._make_analyzer())
        urls = (settings.mongo_url, settings.mongo_db, settings.redis_url)
        try:
            stores = opened(*urls, settings.data_dir, settings.secret_key, serves=True, begun=begun.embedded)
            async with stores as (self.stores, embedded):
                self._analyzer = await analyzer
                await self._serve(sockets, embedded)
        finally:
            for listener in sockets:
                listener.close()

    async def _make_analyzer(self) -> Analyzer:
        """Build it in a thread, as the stores start meanwhile."""
        if self._given is not None:
            return self._given
        interpret_unless_kept()
        made = await asyncio.to_thread(make_analyzer)
        keep_for_good()
        return made

    async def _serve(self, sockets: Sequence[socket.socket], embedded: EmbeddedStores | None) -> None:
        """Run everything until `stop` is called or a task fails, and end it in order."""
        set_key(self._settings.secret_key)
        setup = make_setup(
            self._settings, port=self.port, demo=self._demo, checks_answers=self._checks_answers
        )
        services = self.services = Services(setup, self.stores, self._analyzer)
        # Before any task starts: a handler that lacks a dependency ends the start here.
        application = build_application(
            setup, services, self.stores, self._analyzer, drain=self._drain, prepared=self._prepared
        )
        clients = self.clients = Connections(
            int(_CONNECTIONS_SHARE * self._descriptors),
            self._settings.connections_per_address,
            setup.trusted_proxies,
            services.metrics,
        )
        http = HttpServer(
            application,
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
                        tasks.append(group.create_task(self._once_prepared(self._play), name="demo"))
                    await self._stop.wait()
                    await self._drain_clients(http, sockets, services)
                finally:
                    # After a failure too: the group itself cancels each task only once.
                    await end_all(tasks)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAVE_S):
                    for snapshots in services.engine.scoring.snapshots if services.engine.scoring else ():
                        await snapshots.save()
        finally:
            # Once more, and harmless after an ordered stop: after a failure nothing of it has been done.
            if services.hub is not None:
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
        work = {
            "compile": self._compile(),
            "prepare": self._prepare(),
            "announcing": self._once_prepared(self._announce),
        }
        for task in tasks_of(services, self.stores):
            work[task.name] = self._once_prepared(task.run) if task.works_on_collections else task.run()
        if embedded:
            work["stores"] = embedded.watch()
        return [group.create_task(coroutine, name=name) for name, coroutine in work.items()]

    async def _compile(self) -> None:
        """Compile the loops of matching, or read them from the disk, and say how far it is."""

        def tell(done: int, every: int) -> None:
            data = {"compiled": done, "functions": every}
            logger.info("compiling the loops of matching, once after a change of them", extra={"data": data})

        searches = "engine" in self._settings.roles
        if interpreted := is_interpreted():
            self._callable.set()
        await compile_loops(self._analyzer, searches=searches, tell=tell)
        if interpreted:
            logger.info("the loops of matching run as machine code from now on")
        self._callable.set()

    async def _prepare(self) -> None:
        stores = self.stores
        await until_answered(stores.prepare, what="the start")
        if not await until_answered(stores.note_key, what="the start"):
            logger.warning(_OTHER_KEY)
        if (scoring := self.services.engine.scoring) is not None:
            await until_answered(scoring.rescoring.begin, what="the start")
        await self._callable.wait()
        self._prepared.set()

    async def _announce(self) -> None:
        """Have other processes know what this one does, once it can. A worker does so by itself."""
        if "web" in self._settings.roles:
            await self.stores.registry.announce("web")

    async def _play(self) -> None:
        stores, token = self.stores, self._settings.ingest_token
        await play_here(self.port, token, self._phone, stores.operators, self.services.passwords)

    async def _once_prepared(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._prepared.wait()
        await work()

    async def _listen(self, http: HttpServer, sockets: Sequence[socket.socket]) -> None:
        """Let clients in, once their requests can be served or that takes too long."""
        # A first call would hold the loop, be it only to read from the disk.
        await self._callable.wait()
        listens_at = time.monotonic() + _CHANGES_S
        while not await wait_at_most(self._prepared, _LISTEN_ANYWAY_S):
            if self._stop.is_set() or time.monotonic() >= listens_at or not await self._has_mongo():
                break
        for listener in sockets:
            listener.listen(_BACKLOG)
        http.add_sockets(sockets)
        logger.info("listening", extra={"data": {"address": self._settings.address, "port": self.port}})
        tell("READY=1")
        self.started.set()

    async def _has_mongo(self) -> bool:
        try:
            await self.stores.ping_mongo()
        except STORE_FAILURES:
            return False
        return True

    async def _drain_clients(
        self, http: HttpServer, sockets: Sequence[socket.socket], services: Services
    ) -> None:
        """Take no new connections, and let requests and sockets come to their end."""
        tell("STOPPING=1")
        await self.stores.registry.leave()
        # Closing a listening socket resets the connections that wait in its backlog, so they are taken in
        # first.
        accept_rest(http, sockets)
        http.stop()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._drain.finish(is_connected=http.is_connected))
            if services.hub is not None:
                group.create_task(services.hub.drain())
        # A handshake that was under way may have brought one more socket meanwhile.
        if services.hub is not None:
            services.hub.close_all()
