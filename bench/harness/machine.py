"""What benchmarks run against: stores of their own, the real server as a process, and the cost of a process.

    async with own_stores() as stores, Process.server(stores) as server:
        ...
        server.cpu_s(), server.memory()

Everything listens on loopback and is deleted at the end. No `.data` directory is touched.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from config.settings import Settings
from engine.matching.analysis.analyzer import Analyzer
from process.life import Server
from runtime.garbage import keep_for_good
from store import mongo
from store.embedded.client import EmbeddedStores
from store.embedded.supervisor import state_of

DATABASE = "bench"
INGEST_TOKEN = "bench-ingest-token-0123456789"  # noqa: S105 - of servers that live as long as a benchmark
_ROOT = Path(__file__).resolve().parents[2]
_START_S = 300.0
"""How long a process may take until it answers. On a busy machine the first start compiles for a while, and
then analyses all feeds there are."""
_PATIENCE_S = 120.0
"""How long one answer of the database may take to what a benchmark itself reads and writes."""
_TICKS_A_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_DESCRIPTORS = 20_000
"""Open files that a process of the run may have: some thousands of sockets, with a margin."""


_UNBOUNDED = {"account_budget": 10_000_000, "preview_per_hour": 10_000_000}


class OwnStores(msgspec.Struct, frozen=True):
    """Where a run's own embedded stores are."""

    mongo_url: str
    redis_url: str
    mongo_pid: int
    data_dir: Path


@contextlib.asynccontextmanager
async def own_stores() -> AsyncIterator[OwnStores]:
    """Start both embedded stores on an empty directory; stop them and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="talentfeed-bench-") as directory:
        data_dir = Path(directory)
        embedded = EmbeddedStores(data_dir, ["mongo", "redis"])
        await embedded.start()
        state = state_of(data_dir)
        try:
            mongo, redis = state["mongo"], state["redis"]
            yield OwnStores(mongo["url"], redis["url"], mongo["pid"], data_dir)
        finally:
            await embedded.stop()


@contextlib.asynccontextmanager
async def server_in_process(stores: OwnStores, analyzer: Analyzer) -> AsyncIterator[Server]:
    """Run a server on this process's own loop, so that the loop's lag can be measured from inside.

    It is prepared, which means ready to score, when the context is entered.
    """
    settings = Settings(
        port=0,
        mongo_url=stores.mongo_url,
        redis_url=stores.redis_url,
        mongo_db=DATABASE,
        data_dir=stores.data_dir,
        ingest_token=INGEST_TOKEN,
        secret_key=INGEST_TOKEN,
        account_budget=_UNBOUNDED["account_budget"],
        preview_per_hour=_UNBOUNDED["preview_per_hour"],
    )
    server = Server(settings, analyzer=analyzer)
    keep_for_good()
    running = asyncio.create_task(server.run())
    started = asyncio.create_task(server.started.wait())
    await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
    try:
        prepared = asyncio.create_task(server._prepared.wait())
        await asyncio.wait({running, prepared}, return_when=asyncio.FIRST_COMPLETED)
        yield server
    finally:
        server.stop()
        await running


@contextlib.asynccontextmanager
async def patient_database(stores: OwnStores, database: str = DATABASE) -> AsyncIterator[Any]:
    """The run's database, without the server's short timeouts: this client is not what is measured."""
    client = mongo.connect(stores.mongo_url, patience_s=_PATIENCE_S)
    try:
        yield client[database]
    finally:
        client.close()


class Process:
    """A process of this run that answers HTTP on a port."""

    def __init__(self, child: subprocess.Popen[bytes], port: int) -> None:
        self._child = child
        self.pid = child.pid
        self.port = port

    @classmethod
    @contextlib.asynccontextmanager
    async def server(
        cls,
        stores: OwnStores,
        database: str = DATABASE,
        *,
        bounds_accounts: bool = False,
        resume_index_size: int | None = None,
    ) -> AsyncIterator[Process]:
        """Run `server.py` on the stores; it is ready when the context is entered.

        Args:
            stores: Where it finds MongoDB and Redis.
            database: The name of its database.
            bounds_accounts: Keep the budgets of accounts as they are by default; else a few accounts may
                ask for as much as thousands would.
            resume_index_size: The setting; None for its default.
        """
        port = free_port()
        settings = {
            "port": port,
            "mongo_url": stores.mongo_url,
            "redis_url": stores.redis_url,
            "mongo_db": database,
            "data_dir": stores.data_dir,
            "ingest_token": INGEST_TOKEN,
            "feed_quota": 1_000,
            "register_per_minute": 100_000,
            **({} if bounds_accounts else _UNBOUNDED),
            **({} if resume_index_size is None else {"resume_index_size": resume_index_size}),
        }
        flags = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
        async with cls._run(
            ["server.py", *flags], port, stores.data_dir / "server.log", "/readyz"
        ) as process:
            yield process

    @classmethod
    @contextlib.asynccontextmanager
    async def bare(cls, stores: OwnStores, database: str = DATABASE) -> AsyncIterator[Process]:
        """Run `bench.harness.bare`, the plain Tornado application that the server is compared with."""
        port = free_port()
        command = ["-m", "bench.harness.bare", str(port), stores.mongo_url, database]
        async with cls._run(command, port, stores.data_dir / "bare.log", "/healthz") as process:
            yield process

    @classmethod
    @contextlib.asynccontextmanager
    async def _run(cls, command: Sequence[str], port: int, log: Path, ready: str) -> AsyncIterator[Process]:
        with log.open("ab") as out:
            child = subprocess.Popen(  # noqa: ASYNC220, S603 - our own command, which starts at once
                [sys.executable, *command], cwd=_ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )
        try:
            await _until_ready(child, port, ready, log)
            yield cls(child, port)
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(child.wait, 20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def cpu_s(self) -> float:
        """The CPU time that the process has used so far."""
        return cpu_s(self.pid)

    def memory(self) -> int:
        """The memory that the process holds now, in bytes, without the kernel's, such as socket buffers."""
        return memory(self.pid)

    def descriptors(self) -> int:
        """How many files and sockets the process has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


async def manage(stores: OwnStores, *words: str, database: str = DATABASE) -> str:
    """What a command of `manage.py` prints.

    Raises:
        SystemExit: It failed.
    """
    settings = {
        "MONGO_URL": stores.mongo_url,
        "REDIS_URL": stores.redis_url,
        "MONGO_DB": database,
        "DATA_DIR": str(stores.data_dir),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        *words,
        cwd=_ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    told, errors = await child.communicate()
    if child.returncode:
        raise SystemExit(f"manage.py {' '.join(words)} failed: {errors.decode()}")
    return told.decode().strip()


def cpu_s(pid: int) -> float:
    """The CPU time that a process has used so far, all of its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_S


def memory(pid: int) -> int:
    """The resident memory of a process, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES


def raise_limits() -> None:
    """Let this process, and those that it starts, open `_DESCRIPTORS` files, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def free_port() -> int:
    """A port of loopback that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until_ready(child: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if child.poll() is not None:
            break
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode())
            status = await reader.readline()
            writer.close()
            if b" 200 " in status:
                return
        await asyncio.sleep(0.05)
    raise SystemExit(f"{child.args!r} did not start; see {log}")
