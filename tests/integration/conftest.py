"""Starts servers for a test and leaves none behind, whatever happens in it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store.keeper import state_of
from tests.integration.processes import Process, signal_if_there


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start a server; all of one test share a data directory unless they name one."""
    running: list[Process] = []

    def start_one(*flags: str, data_dir: Path | None = None, **settings: Any) -> Process:
        process = Process(data_dir or tmp_path / "data", *flags, **settings)
        running.append(process)
        return process

    yield start_one
    for process in running:
        if process.child.poll() is None:
            process.kill()
        state = state_of(process.data_dir)
        for pid in (state.get("keeper"), *(state.get(name, {}).get("pid") for name in ("mongo", "redis"))):
            if pid:
                signal_if_there(pid, signal.SIGKILL)
