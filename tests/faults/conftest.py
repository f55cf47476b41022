from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.forks import Fork, Nursery
from tests.faults.machine import Machine
from tests.integration.conftest import start

__all__ = ["machine", "start"]


@pytest.fixture
def machine(compiled: None, tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Start a whole machine; arguments as `Machine` takes them."""
    started: list[Machine] = []

    def start(*changes: tuple[str, str], **settings: Any) -> Machine:
        started.append(Machine(tmp_path / "home", *changes, **settings))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.fixture(scope="module")
def usual_machine(compiled: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One for the tests of a module that leave it as they find it."""
    one = Machine(tmp_path_factory.mktemp("machine") / "home")
    yield one
    one.kill()


@pytest.fixture(scope="session")
def nursery(compiled: None) -> Iterator[Nursery]:
    """Whose forks are servers."""
    parent = Nursery()
    yield parent
    parent.close()


@pytest.fixture
def fork(nursery: Nursery, tmp_path: Path) -> Iterator[Callable[..., Fork]]:
    """Start a server at once; all of one test share a data directory. None is left behind."""
    running: list[Fork] = []

    def fork_one(**settings: Any) -> Fork:
        running.append(Fork(nursery, tmp_path / "data", **settings))
        return running[-1]

    yield fork_one
    for one in running:
        one.kill_all()
