"""Servers and stores for a test, of which none is left behind whatever happens in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.matching.analysis.analyzer import Analyzer
from store import mongo
from store.redis.registry import Registry
from store.retry import Sweep, sweep
from store.stores import Stores
from tests import databases
from tests.integration.engines import Engine
from tests.integration.processes import Process, kill_stores
from tests.integration.rows_found import RowsFound


@pytest.fixture
def start(compiled: None, tmp_path: Path) -> Iterator[Callable[..., Process]]:
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
        kill_stores(process.data_dir)


@pytest.fixture
def stores(store_urls: dict[str, str], io_loop: Any) -> Iterator[Stores]:
    """A database of one's own, without a server."""

    async def open_stores() -> Stores:
        opened = Stores(store_urls["mongo"], databases.take(), store_urls["redis"])
        await opened.prepare()
        return opened

    opened = io_loop.run_sync(open_stores)
    yield opened
    io_loop.run_sync(opened.close)
    databases.give_back(store_urls["mongo"], store_urls["redis"], opened._database.name)


@pytest.fixture
def registries(stores: Stores, io_loop: Any) -> Iterator[Callable[..., Registry]]:
    """Have processes say what they do until the test ends: the one of `stores`, or another by its name."""
    tasks: list[asyncio.Task[Any]] = []

    def start(name: str = "") -> Registry:
        registry = Registry(stores._redis, stores._database.name, name) if name else stores.registry
        saying = sweep([Sweep("registry", registry.say, 0.05)])
        tasks.append(io_loop.asyncio_loop.create_task(saying))
        return registry

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    yield start
    io_loop.run_sync(end)


@pytest.fixture
def rows_found(monkeypatch: pytest.MonkeyPatch) -> RowsFound:
    """What the queries of `noted` found."""
    rows = RowsFound()
    monkeypatch.setattr(mongo, "listeners", lambda: [rows])
    return rows


@pytest.fixture
def noted(rows_found: RowsFound, request: pytest.FixtureRequest) -> Stores:
    """A database of one's own, without a server, whose queries are noted."""
    stores: Stores = request.getfixturevalue("stores")
    return stores


def opened_again(stores: Stores, urls: dict[str, str], io_loop: Any, *key: str) -> Iterator[Stores]:
    async def open_stores() -> Stores:
        return Stores(urls["mongo"], stores._database.name, urls["redis"], *key)

    opened = io_loop.run_sync(open_stores)
    yield opened
    io_loop.run_sync(opened.close)


@pytest.fixture
def with_key(stores: Stores, store_urls: dict[str, str], io_loop: Any) -> Iterator[Stores]:
    """The same database, opened with a secret key, as erasures of people need one."""
    yield from opened_again(stores, store_urls, io_loop, "a secret of tests")


@pytest.fixture
def elsewhere(stores: Stores, store_urls: dict[str, str], io_loop: Any) -> Iterator[Stores]:
    """The stores of another process, with the same database."""
    yield from opened_again(stores, store_urls, io_loop)


@pytest.fixture
def engine(stores: Stores, analyzer: Analyzer) -> Engine:
    """What one process scores with, without its tasks."""
    return Engine(stores, analyzer)


@pytest.fixture
def other(elsewhere: Stores, analyzer: Analyzer) -> Engine:
    """Another process on the same stores."""
    return Engine(elsewhere, analyzer)
