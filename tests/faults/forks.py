"""Servers that are there at once and may be killed as often as a test likes; see `crashing.py`."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPClientError

from config.settings import Settings
from tests.integration.processes import ROOT, environment, free_port, kill_stores, signal_if_there
from tests.support import Api


def urls(settings: Settings) -> dict[str, str]:
    """What servers on the same stores and database share."""
    names = ("mongo_url", "mongo_db", "redis_url", "secret_key")
    return {name: getattr(settings, name) for name in names}


class Nursery:
    """The process that all these servers are forks of."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crashing"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def fork(self, environ: dict[str, str], log: Path) -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(json.dumps({"environ": environ, "log": str(log)}) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def close(self) -> None:
        self._parent.communicate()


class Fork:
    """A server; without URLs among the settings its stores are embedded ones in `data_dir`."""

    def __init__(self, nursery: Nursery, data_dir: Path, *, port: int | None = None, **settings: Any) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.has_urls = "mongo_url" in settings
        self.log = data_dir.with_name(f"{data_dir.name}-{self.port}.log")
        self.pid = nursery.fork(environment(data_dir, port=self.port, **settings), self.log)

    def is_dead(self) -> bool:
        # Not a zombie either: until its last thread is gone it holds its port.
        return not Path(f"/proc/{self.pid}").exists()

    async def ready(self, *, within_s: float = 120.0) -> Fork:
        deadline = time.monotonic() + within_s
        api = Api(self.port)
        while True:
            assert not self.is_dead(), self.log.read_text()
            try:
                if (await api.get("/readyz")).http == 200:
                    break
            except (OSError, HTTPClientError):
                pass
            assert time.monotonic() < deadline, self.log.read_text()
            await asyncio.sleep(0.02)
        api.http.close()
        return self

    def kill(self) -> None:
        """kill -9 of this process alone."""
        signal_if_there(self.pid, signal.SIGKILL)
        self._bury()

    def kill_all(self) -> None:
        """kill -9 of this process, the store supervisor and the embedded stores."""
        signal_if_there(self.pid, signal.SIGKILL)
        kill_stores(self.data_dir)
        self._bury()

    def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        signal_if_there(self.pid, signal.SIGTERM)
        self._bury()

    def _bury(self) -> None:
        deadline = time.monotonic() + 120
        while not self.is_dead():
            assert time.monotonic() < deadline, f"{self.pid} does not end"
            time.sleep(0.005)
