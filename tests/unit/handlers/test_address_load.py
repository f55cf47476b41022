"""What one address may do: a refusal waits only for its own address, and not for long."""

import asyncio
import time

import pytest

from handlers.api.address_load import REFUSALS_AT_ONCE, REFUSALS_PER_S, AddressLoad


@pytest.fixture
def waits(monkeypatch):
    """The seconds that are waited for, on a clock that goes on by what a test adds to it."""

    class Waits(list):
        now = 1_000.0

        async def sleep(self, seconds):
            self.append(seconds)

        def monotonic(self):
            return self.now

    found = Waits()
    monkeypatch.setattr(asyncio, "sleep", found.sleep)
    monkeypatch.setattr(time, "monotonic", found.monotonic)
    return found


async def refuse(load, address, times):
    for _ in range(times):
        await load.before_refusal(address)


async def test_a_few_refusals_wait_for_nothing_and_more_for_their_place(waits):
    load = AddressLoad(10, frozenset())
    await refuse(load, "203.0.113.7", REFUSALS_AT_ONCE)
    assert waits == []
    await refuse(load, "203.0.113.7", 3)
    assert waits == pytest.approx([1 / REFUSALS_PER_S, 2 / REFUSALS_PER_S, 3 / REFUSALS_PER_S])
    await refuse(load, "203.0.113.8", 3)
    assert len(waits) == 3


async def test_one_network_of_ipv6_is_one_address_and_a_proxy_without_a_name_is_none(waits):
    load = AddressLoad(10, frozenset({"10.0.0.1"}))
    await refuse(load, "10.0.0.1", 10 * REFUSALS_AT_ONCE)
    assert waits == []
    for number in range(REFUSALS_AT_ONCE + 1):
        await load.before_refusal(f"2001:db8::{number + 1:x}")
    assert len(waits) == 1
