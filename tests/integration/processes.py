"""Servers and commands as processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError

from config.settings import Settings
from store.embedded.supervisor import state_of
from tests.integration.forking import Forked, Forker, Order
from tests.support import INGEST_TOKEN, Api

ROOT = Path(__file__).resolve().parents[2]


# Above those that the system gives to whoever asks for any (32768 to 60999): a server of another test could
# get one of them before ours takes it, some seconds later. Each process that runs tests begins elsewhere.
_PORTS = range(61_000, 65_500)
_next_port = itertools.count(os.getpid() * 1_009)


def free_port() -> int:
    """A port on which nobody listens, another one each time."""
    for number in itertools.islice(_next_port, len(_PORTS)):
        port = _PORTS[number % len(_PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def environment(data_dir: Path, **settings: Any) -> dict[str, str]:
    return {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "INGEST_TOKEN": INGEST_TOKEN,
        "ACCOUNT_BUDGET": "1000000",  # as in tests/support.py
        "LEARN_FROM": "1000000",
        **{name.upper(): str(value) for name, value in settings.items()},
    }


def urls(settings: Settings) -> dict[str, str]:
    """What servers on the same stores and database share."""
    names = ("mongo_url", "mongo_db", "redis_url", "secret_key")
    return {name: getattr(settings, name) for name in names}


@functools.cache
def forker() -> Forker:
    """The one of this process, whose folder is a test run's; `tests/conftest.py` closes it."""
    return Forker(Path(tempfile.mkdtemp(prefix="forked-")), ROOT)


class Process:
    """A `server.py` with embedded stores in `data_dir`.

    Args:
        in_time: With the limits of time that hold in service.
        is_cold: As an operator starts it, from nothing; others are forks, which are there at once.
        port: Where it listens, if it is to be a certain one.
        settings: Of the server, and what `tests.faults.crashing` takes.

    Attributes:
        has_urls: Whether its stores are those of the settings, and not its own.
    """

    child: subprocess.Popen[bytes] | Forked

    def __init__(
        self,
        data_dir: Path,
        *flags: str,
        in_time: bool = False,
        is_cold: bool = False,
        port: int | None = None,
        **settings: Any,
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.has_urls = "mongo_url" in settings
        self.log = data_dir.with_name(f"{data_dir.name}-{self.port}.log")
        if not is_cold:
            self.log.write_bytes(b"")
            words = ["--port", str(self.port), *flags]
            streams = (os.devnull, str(self.log), str(self.log))
            environ = environment(data_dir, **settings)
            self.child = forker().fork(Order("server.py", words, environ, streams, is_patient=not in_time))
            return
        program = ("-m", "tests.rules", "server.py") if in_time else ("-m", "tests.patience")
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                [sys.executable, *program, "--port", str(self.port), *flags],
                cwd=ROOT,
                env=environment(data_dir, **settings),
                stdout=log,
                stderr=log,
            )

    async def ready(self, *, within_s: float = 120.0) -> Process:
        deadline = time.monotonic() + within_s
        api = Api(self.port)
        while True:
            assert self.child.poll() is None, self.log.read_text()
            try:
                if (await api.get("/readyz")).http == 200:
                    break
            except (OSError, HTTPClientError):
                pass
            assert time.monotonic() < deadline, self.log.read_text()
            await asyncio.sleep(0.05)
        api.http.close()
        return self

    def store_pids(self) -> dict[str, int]:
        state = state_of(self.data_dir)
        return {
            "supervisor": state["supervisor"],
            "mongo": state["mongo"]["pid"],
            "redis": state["redis"]["pid"],
        }

    def is_dead(self) -> bool:
        return self.child.poll() is not None

    def kill(self) -> None:
        """kill -9 of this process alone."""
        self.child.kill()
        self.child.wait()

    def kill_all(self) -> None:
        """kill -9 of this process, the store supervisor and the stores."""
        self.child.kill()
        kill_stores(self.data_dir)
        self.child.wait()

    def stop(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(120)


def kill_stores(data_dir: Path) -> None:
    """kill -9 of the store supervisor of a data directory and of its stores, as far as they are there."""
    state = state_of(data_dir)
    for pid in (state.get("supervisor"), *(state.get(name, {}).get("pid") for name in ("mongo", "redis"))):
        if pid:
            signal_if_there(pid, signal.SIGKILL)


def signal_if_there(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def entries_of(text: str) -> list[dict[str, Any]]:
    """The entries of a log. A supervisor of the stores that finds another one says so there in plain text."""
    return [json.loads(line) for line in text.splitlines() if not line.startswith("store supervisor: ")]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def children_of(pid: int) -> set[int]:
    """The processes that one has started and that still are."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # of a thread that has just ended
            found.update(map(int, path.read_text().split()))
    return found


def check_stores(data_dir: Path, **settings: Any) -> str:
    """Run the operator's check, which must find nothing that is broken; what it says."""
    done = manage(data_dir, "check", **settings)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def manage(
    data_dir: Path, *words: str, stdin: bytes = b"", **settings: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of `manage.py` to its end."""
    return _ended("manage.py", [*words], stdin, environment(data_dir, **settings))


def serve(data_dir: Path, *flags: str, **settings: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a server that does not come to serve, to its end."""
    return _ended("server.py", ["--port", str(free_port()), *flags], b"", environment(data_dir, **settings))


def _ended(
    program: str, words: list[str], stdin: bytes, environ: dict[str, str]
) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryDirectory(dir=forker().folder) as name:
        given, out, err = (Path(name) / stream for stream in ("in", "out", "err"))
        given.write_bytes(stdin)
        streams = (str(given), str(out), str(err))
        code = forker().fork(Order(program, words, environ, streams, is_patient=False)).wait()
        return subprocess.CompletedProcess(words, code, out.read_bytes(), err.read_bytes())
