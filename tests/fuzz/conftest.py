"""One server, as an operator starts it, for all cases; it is looked at again when they are over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fuzz.api_scene import OPERATOR, Scene
from tests.integration.processes import Process, entries_of, kill_stores, manage, memory_mb

MOST_GROWTH_MB = 150
# Throttles have tests of their own; here they would hide everything behind 429.
SETTINGS = {"login_attempts": 10_000, "login_window_s": 1, "register_per_minute": 100_000, "feed_quota": 40}


class Fuzzed:
    """The process, its scene, and what must still be true of it afterwards."""

    def __init__(self, data_dir: Path) -> None:
        self.process = Process(data_dir, **SETTINGS)
        asyncio.run(self.process.ready())
        self.port = self.process.port
        made = manage(data_dir, "operator", OPERATOR)
        assert made.returncode == 0, made.stderr
        password = made.stdout.decode().split("password ")[1].strip()
        self.scene = Scene(f"http://127.0.0.1:{self.port}", password)
        self._memory_mb = memory_mb(self.process.child.pid)
        self._lines = len(self.log_lines())

    def connections(self) -> int:
        """Connections of clients that the server has not closed; one is the scene's own."""
        rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        listening, gone = "0A", "06"
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] not in {listening, gone} for row in rows)

    def growth_mb(self) -> float:
        return memory_mb(self.process.child.pid) - self._memory_mb

    def log_lines(self) -> list[dict[str, Any]]:
        return entries_of(self.process.log.read_text("utf-8"))

    def faults(self) -> list[str]:
        """Lines of the log that tell of a bug, and 5xx that no client may have seen."""
        return [
            json.dumps(line, ensure_ascii=False)
            for line in self.log_lines()[self._lines :]
            if line["level"] in {"error", "critical"} or line.get("status", 0) >= 500
        ]

    def is_ready(self) -> bool:
        return requests.get(f"{self.scene.base_url}/readyz", timeout=60).json()["status"] == "ok"

    def stop(self) -> None:
        self.scene.session.close()
        if self.process.child.poll() is None and self.process.stop() != 0:
            self.process.child.kill()
        kill_stores(self.process.data_dir)


@pytest.fixture(scope="package")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """The server under test."""
    running = Fuzzed(tmp_path_factory.mktemp("fuzz") / "data")
    yield running
    running.stop()
