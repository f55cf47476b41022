"""The group that writes to sockets: a bug in a task leaves it, and what comes too late is refused."""

import asyncio
from typing import get_args, get_type_hints
from unittest.mock import MagicMock

import pytest

from handlers.live.hub import Hub
from handlers.live.tasks import Tasks
from store.redis.events import Event


class Bug(Exception):
    """What nobody expected."""


async def fail() -> None:
    raise Bug


async def wait() -> None:
    await asyncio.Event().wait()


async def test_a_bug_in_a_task_ends_the_others_and_leaves_the_group():
    tasks, started = Tasks(), []

    async def run() -> None:
        async with tasks.opened():
            started.extend([tasks.start(wait()), tasks.start(fail())])
            await wait()

    with pytest.raises(ExceptionGroup) as caught:
        await run()
    assert caught.value.split(Bug)[1] is None
    assert started[0].cancelled()


async def test_a_task_is_refused_before_the_group_is_opened_while_it_ends_and_after():
    tasks, refused = Tasks(), []

    async def run() -> None:
        async with tasks.opened():
            tasks.start(fail())
            try:
                await wait()
            finally:
                refused.append(tasks.start(wait()))

    refused.append(tasks.start(wait()))
    with pytest.raises(ExceptionGroup):
        await run()
    refused.append(tasks.start(wait()))
    assert refused == [None, None, None]


def test_the_hub_has_an_answer_to_every_event_but_those_of_the_engine():
    hub = Hub(*(MagicMock() for _ in range(7)))
    kinds = set(get_args(get_type_hints(Event)["kind"]))
    assert kinds - hub._handlers.keys() == {"feed", "feedback"}
    assert hub._handlers.keys() <= kinds
