"""A deployment as an operator has one, on loopback: stores of its own, and a process for each node of a plan.

    async with deployed(many(4)) as deployment:
        deployment.gateways             # the ports that take requests
        await deployment.kill("part 2/4")       # kill -9; it is started again at once
        await deployment.add(parts(5))

Everything that is started here is ended at the end, and its directory deleted.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.harness.machine import (
    DATABASE,
    INGEST_TOKEN,
    OwnStores,
    cpu_s,
    free_port,
    memory,
    patient_database,
)
from bench.harness.wire import Connection
from bench.scale.cluster import Cluster, formed
from bench.scale.plans import Node, Plan
from store.embedded.client import EmbeddedStores
from store.embedded.supervisor import state_of

_ROOT = Path(__file__).resolve().parents[2]
_START_S = 600.0
"""How long a process may take until it is ready, on a machine that does much else."""
_STOP_S = 25.0
"""Longer than an orderly stop takes, which is 15 s at most."""
_SETTINGS: Mapping[str, Any] = {
    "mongo_db": DATABASE,
    "ingest_token": INGEST_TOKEN,
    "secret_key": INGEST_TOKEN,
    "feed_quota": 1_000,
    "register_per_minute": 100_000,
    "account_budget": 10_000_000,
    "preview_per_hour": 10_000_000,
    "connections_per_address": 10_000,
}
"""A few accounts do here what thousands would, all from one address."""


class Running:
    """One process of a deployment.

    Args:
        node: What it is.
        flags: All of its flags but for the port.
        log: Where it writes; later lives append.
    """

    def __init__(self, node: Node, flags: list[str], log: Path) -> None:
        self.node = node
        self.port = free_port()
        self._flags = [*flags, *node.flags, "--port", str(self.port)]
        self._log = log
        self.start()

    def start(self) -> None:
        """Start it, on the same port as in its last life."""
        self.began = time.monotonic()
        with self._log.open("ab") as out:
            self.child = subprocess.Popen(  # noqa: S603 - our own command, which starts at once
                [sys.executable, "server.py", *self._flags],
                cwd=_ROOT,
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )

    @property
    def pid(self) -> int:
        """Of its present life."""
        return self.child.pid

    def cpu_s(self) -> float:
        """The CPU time that its present life has used."""
        return cpu_s(self.pid)

    def memory(self) -> int:
        """The bytes that it holds."""
        return memory(self.pid)

    async def ready(self) -> float:
        """Wait until it is ready; returns the seconds since its start.

        Raises:
            SystemExit: It ended, or is not ready for long.
        """
        connection = Connection(self.port)
        try:
            while time.monotonic() < self.began + _START_S and self.child.poll() is None:
                with contextlib.suppress(OSError):
                    if (await connection.ask("/readyz"))[0] == 200:
                        return time.monotonic() - self.began
                await asyncio.sleep(0.05)
        finally:
            connection.close()
        told = self._log.read_text("utf-8", "replace")[-2_000:]
        raise SystemExit(f"{self.node.name} is not ready:\n{told}")

    async def kill(self) -> None:
        """End it by kill -9, without another start."""
        self.child.kill()
        await asyncio.to_thread(self.child.wait)

    async def stop(self) -> int:
        """SIGTERM, and wait for the end; returns the exit status."""
        self.child.send_signal(signal.SIGTERM)
        try:
            return await asyncio.to_thread(self.child.wait, _STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


class Deployment:
    """What runs. It is made by `deployed`.

    Attributes:
        plan: What it was made of; `running` is what there is now.
        stores: Where its stores are.
        running: Its processes by name.
        cluster: Its Valkey cluster; None where it has one Redis.
        database: A patient client's view of its database.
    """

    def __init__(self, plan: Plan, stores: OwnStores, cluster: Cluster | None, database: Any) -> None:
        self.plan = plan
        self.stores = stores
        self.running: dict[str, Running] = {}
        self.cluster = cluster
        self.database = database
        self._settings = {
            **_SETTINGS,
            "mongo_url": stores.mongo_url,
            "redis_url": stores.redis_url,
            "data_dir": stores.data_dir,
        }

    @property
    def gateways(self) -> list[int]:
        """The ports of processes that take requests."""
        return [one.port for one in self.running.values() if one.node.is_gateway]

    async def add(self, nodes: Iterable[Node]) -> None:
        """Start processes, all at once, and wait until each is ready."""
        flags = [word for name, value in self._settings.items() for word in (f"--{name}", str(value))]
        started = []
        for node in nodes:
            log = self.stores.data_dir / f"{node.name.replace('/', ' of ').replace(' ', '-')}.log"
            self.running[node.name] = one = Running(node, flags, log)
            started.append(one)
        await asyncio.gather(*(one.ready() for one in started))

    async def remove(self, names: Iterable[str]) -> None:
        """Stop processes in order, all at once.

        Raises:
            SystemExit: One of them ended otherwise than a stop ends.
        """
        gone = [self.running.pop(name) for name in names]
        for status, one in zip(await asyncio.gather(*(one.stop() for one in gone)), gone, strict=True):
            if status:
                raise SystemExit(f"{one.node.name} stopped with {status}")

    async def kill(self, name: str) -> None:
        """End a process by kill -9, and start it again at once, which is not waited for."""
        await self.running[name].kill()
        self.running[name].start()

    def crashed(self) -> list[str]:
        """Names of processes that have ended though nobody ended them."""
        return [name for name, one in self.running.items() if one.child.poll() is not None]

    async def ready(self) -> None:
        """Wait until all are ready."""
        await asyncio.gather(*(one.ready() for one in self.running.values()))

    async def manage(self, *words: str) -> tuple[int, str]:
        """Run a command of `manage.py`; returns its exit status and what it printed, errors included."""
        flags = [
            word
            for name, value in self._settings.items()
            if name in ("mongo_url", "redis_url", "mongo_db", "data_dir", "secret_key")
            for word in (f"--{name}", str(value))
        ]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "manage.py",
            *flags,
            *words,
            cwd=_ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await child.communicate()
        return child.returncode or 0, told.decode()


@contextlib.asynccontextmanager
async def deployed(
    plan: Plan, fill: Callable[[OwnStores], Awaitable[object]] | None = None
) -> AsyncIterator[Deployment]:
    """A deployment; all of its processes are ready when the context is entered.

    Args:
        plan: Its processes.
        fill: Writes into its stores before any process starts; without it they are empty.
    """
    async with stores_of(plan) as (stores, cluster), patient_database(stores) as database:
        deployment = Deployment(plan, stores, cluster, database)
        try:
            if fill is not None:
                await fill(stores)
            await deployment.add(plan.nodes)
            yield deployment
        finally:
            await asyncio.gather(*(one.stop() for one in deployment.running.values()))


@contextlib.asynccontextmanager
async def stores_of(plan: Plan) -> AsyncIterator[tuple[OwnStores, Cluster | None]]:
    """Empty stores for a plan: an embedded MongoDB, and an embedded Redis or a cluster."""
    with tempfile.TemporaryDirectory(prefix="talentfeed-scale-") as directory:
        data_dir = Path(directory)
        has_cluster = plan.redis == "cluster"
        embedded = EmbeddedStores(data_dir, ["mongo"] if has_cluster else ["mongo", "redis"])
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(embedded.stop)
            await embedded.start()
            cluster = await stack.enter_async_context(formed(data_dir)) if has_cluster else None
            state = state_of(data_dir)
            redis_url = cluster.url if cluster is not None else state["redis"]["url"]
            yield (
                OwnStores(state["mongo"]["url"], redis_url, state["mongo"]["pid"], data_dir),
                cluster,
            )
