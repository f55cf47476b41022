"""What benchmarks run against: stores of their own, the real server as a process, and the cost of a process.

    async with own_stores() as stores, Process.server(stores) as server:
        ...
        server.used(), server.memory()

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
import numpy as np
from numpy.typing import NDArray

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
async def patient_database(stores: OwnStores, database: str = DATABASE) -> AsyncIterator[Any]:
    """The run's database, without the server's short timeouts: this client is not what is measured."""
    client = mongo.connect(stores.mongo_url, patience_s=_PATIENCE_S)
    try:
        yield mongo.whole(client[database])
    finally:
        client.close()


class Process:
    """A process of this run that answers HTTP on a port."""

    def __init__(self, pid: int, port: int, store_pid: int) -> None:
        self._pid, self.port, self._store_pid = pid, port, store_pid

    @classmethod
    @contextlib.asynccontextmanager
    async def server(cls, stores: OwnStores, **settings: int | None) -> AsyncIterator[Process]:
        """Run `server.py` on the stores; it is ready when the context is entered.

        Args:
            stores: Where it finds MongoDB and Redis.
            settings: Others than these, which let a few accounts ask for as much as thousands would; None
                for a setting's default. With `watched` it is `bench.harness.watched`.
        """
        port = free_port()
        script = ["-m", "bench.harness.watched"] if settings.pop("watched", None) else ["server.py"]
        given = {
            "port": port,
            "mongo_url": stores.mongo_url,
            "redis_url": stores.redis_url,
            "mongo_db": DATABASE,
            "data_dir": stores.data_dir,
            "ingest_token": INGEST_TOKEN,
            "feed_quota": 1_000,
            "register_per_minute": 100_000,
            "account_budget": 10_000_000,
            "preview_per_hour": 10_000_000,
            "learn_from": 10_000_000,  # what is learned has all feeds scored again
            **settings,
        }
        flags = [f"--{name}={value}" for name, value in given.items() if value is not None]
        async with cls._run(stores, [*script, *flags], port, "/readyz") as process:
            yield process

    @classmethod
    @contextlib.asynccontextmanager
    async def bare(cls, stores: OwnStores) -> AsyncIterator[Process]:
        """Run `bench.harness.bare`, the plain Tornado application that the server is compared with."""
        port = free_port()
        command = ["-m", "bench.harness.bare", str(port), stores.mongo_url, DATABASE]
        async with cls._run(stores, command, port, "/healthz") as process:
            yield process

    @classmethod
    @contextlib.asynccontextmanager
    async def _run(
        cls, stores: OwnStores, command: Sequence[str], port: int, ready: str
    ) -> AsyncIterator[Process]:
        log = stores.data_dir / f"{port}.log"
        with log.open("ab") as out:
            child = subprocess.Popen(  # noqa: ASYNC220, S603 - our own command, which starts at once
                [sys.executable, *command], cwd=_ROOT, stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )
        try:
            await _until_ready(child, port, ready, log)
            yield cls(child.pid, port, stores.mongo_pid)
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(child.wait, 20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def used(self) -> NDArray[np.float64]:
        """CPU seconds that the process and its MongoDB have used so far, all threads together: both."""
        return np.array([_cpu_s(self._pid), _cpu_s(self._store_pid)])

    def memory(self) -> int:
        """The memory that the process holds now, in bytes, without the kernel's, such as socket buffers."""
        return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * _PAGE_BYTES

    def descriptors(self) -> int:
        """How many files and sockets the process has open."""
        return len(os.listdir(f"/proc/{self._pid}/fd"))


class Busy:
    """How busy the machine is from now on, and how busy with other work than this run."""

    def __init__(self) -> None:
        self._before = self._machine_s()
        self._own = sum(os.times()[:4])

    def __str__(self) -> str:
        used, idle = (now - before for now, before in zip(self._machine_s(), self._before, strict=True))
        other = used - (sum(os.times()[:4]) - self._own)
        all_ = used + idle or 1.0  # nothing where it took less than a tick of the kernel's clock
        return f"all cores {used / all_:.0%} busy, {max(0.0, other) / all_:.0%} with other work than this"

    @staticmethod
    def _machine_s() -> tuple[float, float]:
        """Seconds that all cores together have worked, and seconds that they were idle."""
        ticks = [int(word) for word in Path("/proc/stat").read_text().partition("\n")[0].split()[1:8]]
        idle = ticks.pop(3) + ticks.pop(3)
        return sum(ticks) / _TICKS_A_S, idle / _TICKS_A_S


async def manage(stores: OwnStores, *words: str) -> str:
    """What a command of `manage.py` prints.

    Raises:
        SystemExit: It failed.
    """
    settings = {"MONGO_URL": stores.mongo_url, "REDIS_URL": stores.redis_url, "MONGO_DB": DATABASE}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "manage.py", *words],
        cwd=_ROOT,
        env=os.environ | settings | {"DATA_DIR": str(stores.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"manage.py {' '.join(words)} failed: {done.stderr}")
    return done.stdout.strip()


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_S


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
