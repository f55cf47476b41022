"""The order of the tests is another one in each run, by a seed that the run prints.

    make test ARGS='--seed 7'    # the order of 7
    make test ARGS='--again'     # what failed in the last run, by its seed

A plugin of pytest, whose hooks `tests/conftest.py` takes. Folders are shuffled, files within a folder, tests
within a file; pytest then brings together what shares a fixture with a parameter. A place depends on the seed
and the name alone, so a part of the tests runs in the same order as in the whole run. Slow ones come
first: a long file that began last would be waited for by one worker.

Random numbers do not follow this seed. Those of a test are the same in each run, so that a run which is red
says something of the last change; `--hypothesis-seed` gives others, as in `make fuzz`. pytest-randomly would
shuffle too, and starts all tests with the same random numbers.
"""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

_LONG = {"browser", "fuzz", "faults", "test_ownership.py"}
_LAST_SEED = "talentfeed/seed"
"""The seed's name in pytest's cache, which has the last failures too."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two flags."""
    parser.addoption("--seed", type=int, help="of the order of tests")
    parser.addoption("--again", action="store_true", help="repeat what failed in the last run, by its seed")


def pytest_cmdline_main(config: pytest.Config) -> None:
    """Repeating is pytest's own `--last-failed`, whose plugin reads the flags next."""
    if config.option.again:
        config.option.lf = True


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed; workers of xdist are given that of the run."""
    option, cache = config.option, getattr(config, "cache", None)
    if hasattr(config, "workerinput"):
        option.seed = config.workerinput["seed"]
    else:
        if option.seed is None and option.again and cache:
            option.seed = cache.get(_LAST_SEED, None)
        if option.seed is None:
            option.seed = random.SystemRandom().randrange(1_000_000)
        if cache:
            cache.set(_LAST_SEED, option.seed)
    if option.hypothesis_seed is None:
        option.hypothesis_seed = "0"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker of xdist the seed."""
    node.workerinput["seed"] = node.config.option.seed


def pytest_report_header(config: pytest.Config) -> str:
    """The seeds, above all else."""
    return f"seed: {config.option.seed}, of random numbers: {config.option.hypothesis_seed}"


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    """The seed again, below failures."""
    if exitstatus:
        terminalreporter.write_line(f"seed {config.option.seed}: ARGS='--again' repeats what failed")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle, before pytest brings together what shares a fixture."""
    seed = config.option.seed

    def place(*names: str) -> bytes:
        return hashlib.blake2b("\0".join((str(seed), *names)).encode()).digest()

    def key(item: pytest.Item) -> tuple[Any, ...]:
        *folders, file = Path(item.nodeid.partition("::")[0]).parts
        where = [place(*folders[: depth + 1]) for depth in range(len(folders))]
        group = item.getparent(pytest.Class)
        return (
            not _LONG.intersection((*folders, file)),
            [*where, place(*folders, file)],
            item.get_closest_marker("last") is not None,
            place(group.nodeid if group else ""),
            place(item.nodeid),
        )

    items.sort(key=key)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The random numbers of a test are its own, whichever ran before."""
    random.seed(f"{item.config.option.hypothesis_seed} {item.nodeid}")
