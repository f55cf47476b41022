from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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
