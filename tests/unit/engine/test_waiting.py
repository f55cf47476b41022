"""What passes wait for: each of their feeds for the scorers of its own slot, and for no others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from bson import ObjectId

from engine.backfills.passes import Pass, Waiting, mask_of
from store.shards.shares import EVERY_SLOT, Share, slot_of

FIRST, SECOND = Share(1, 2), Share(2, 2)


def feed_of(share: Share) -> str:
    """The id of a feed that scorers of a share hold."""
    while not share.covers(id_ := str(ObjectId())):
        pass
    return id_


@pytest.fixture
def one() -> Pass:
    """A pass with a feed of each half."""
    made = Pass("holder")
    feeds: Any = {feed_of(FIRST): None, feed_of(SECOND): None}
    made.feeds = feeds
    return made


@pytest.mark.gen_test
async def test_a_resume_that_all_have_scored_is_waited_for_no_more(one: Pass) -> None:
    waiting = Waiting()
    await waiting.add(one, dict.fromkeys("ab", one.slots))
    assert (one.waiting, one.ended) == (2, [])
    assert waiting.take("a", 0) == [(one, one.slots)]
    assert (one.waiting, waiting.first(9)) == (1, ["b"])


@pytest.mark.gen_test
async def test_one_that_half_of_the_scorers_have_scored_holds_up_the_feeds_of_the_others(one: Pass) -> None:
    waiting, (first, second) = Waiting(), one.feeds
    await waiting.add(one, dict.fromkeys("abc", one.slots))
    assert waiting.take("a", int(SECOND.mask)) == [(one, 1 << slot_of(first))]
    assert (one.waiting, one.ended) == (3, []), "the others wait for both"
    for id_ in "bc":
        waiting.take(id_, int(SECOND.mask))
    assert (one.waiting, one.ended) == (3, [first])
    assert waiting.take("a", int(SECOND.mask)) == []
    for id_ in "abc":
        assert waiting.take(id_, 0) == [(one, 1 << slot_of(second))]
    assert (one.waiting, one.ended, waiting.first(9)) == (0, [first, second], [])


@pytest.mark.gen_test
async def test_what_a_dead_scorer_leaves_undone_is_looked_at_after_all_others(one: Pass) -> None:
    waiting = Waiting()
    await waiting.add(one, dict.fromkeys("ab", one.slots))
    waiting.take("a", int(SECOND.mask))
    assert waiting.first(1) == ["b"]


@pytest.mark.gen_test
async def test_a_pass_goes_on_to_wait_for_what_it_waits_for_and_counts_it_once(one: Pass) -> None:
    waiting, (first, second) = Waiting(), one.feeds
    await waiting.add(one, {"a": mask_of([first])})
    await waiting.add(one, {"a": mask_of([second])})
    await waiting.add(one, {"a": one.slots})
    assert one.waiting == 1
    assert waiting.take("a", 0) == [(one, one.slots)]
    assert one.waiting == 0


@pytest.mark.gen_test
async def test_nobody_waits_for_what_a_pass_that_is_forgotten_waited_for(one: Pass) -> None:
    waiting, other = Waiting(), Pass("other")
    await waiting.add(one, dict.fromkeys("ab", one.slots))
    await waiting.add(other, {"b": 1})
    await waiting.forget(one)
    assert waiting.first(9) == ["b"]
    assert waiting.take("b", 0) == [(other, 1)]


@pytest.mark.gen_test
async def test_a_resume_that_nobody_has_scored_is_left_where_it_is(one: Pass) -> None:
    waiting = Waiting()
    await waiting.add(one, dict.fromkeys("ab", one.slots))
    assert waiting.take("a", EVERY_SLOT) == []
    assert one.waiting == 2


async def turns_meanwhile(work: Coroutine[Any, Any, None]) -> int:
    """How often others could run."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await work
    counting.cancel()
    return turns


@pytest.mark.gen_test
async def test_however_many_resumes_wait_others_run_meanwhile(one: Pass) -> None:
    waiting, other = Waiting(), Pass("other")
    many = dict.fromkeys((f"{number:024x}" for number in range(200_000)), 1)
    assert await turns_meanwhile(waiting.add(one, many)) > 3
    await waiting.add(other, many)
    assert (one.waiting, other.waiting) == (200_000, 200_000)
    assert await turns_meanwhile(waiting.forget(other)) > 3
    assert waiting.first(2) == [*many][:2]


@pytest.mark.gen_test
async def test_a_pass_that_waits_for_nothing_is_forgotten_at_once(one: Pass) -> None:
    waiting = Waiting()
    await waiting.add(one, {"a": 1})
    await waiting.forget(Pass("other"))
    assert waiting.first(2) == ["a"]
