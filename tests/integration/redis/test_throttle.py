"""Counters of attempts, while Redis is away."""

import pytest

from handlers.accounts.guesses import Guess
from store.redis import throttle as module
from store.redis.redis_client import Redis
from store.redis.throttle import Throttle
from tests.integration.processes import free_port


@pytest.fixture
def throttle(io_loop, monkeypatch):
    monkeypatch.setattr(module, "_MAX_LOCAL", 10)
    redis = Redis(f"redis://127.0.0.1:{free_port()}/0")
    yield Throttle(redis, "test")
    io_loop.run_sync(redis.client.aclose)


async def test_there_are_only_so_many_counters_and_those_that_are_counted_stay(throttle):
    for number in range(100):
        assert await throttle.count("letter", f"somebody {number}", 3600) == 1
        assert await throttle.count("login", "the same one", 60) == number + 1
        assert len(throttle._local) <= 10
    assert await throttle.wait_s("login", "the same one", 5) > 0
    assert await throttle.count("letter", "somebody 0", 3600) == 1  # long forgotten


async def test_counters_whose_window_is_over_go_first(throttle):
    assert await throttle.count("login", "the same one", 60) == 1
    for number in range(100):
        await throttle.count("letter", f"somebody {number}", 0)
    assert await throttle.count("login", "the same one", 60) == 2


def test_an_account_is_counted_as_one_however_its_address_is_typed():
    for event in ("login", "operator_login"):
        typed = ("ops@example.com", " Ops@Example.com", "OPS@example.com  ")
        guesses = [Guess(email=one, address="", is_known=False, event=event) for one in typed]
        assert len({guess.account for guess in guesses}) == 1
