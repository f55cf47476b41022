"""The process that learns computes what is computed in one process, yields to others, and says what fails."""

import os

import pytest

from engine.learning.computing import Computing, LearningFailed
from engine.matching.learned.relations import Counting
from engine.matching.learned.topic_learning import Gathering
from tests.integration.engine.test_learning_task import learning_children
from tests.support import eventually
from tests.unit.matching.topic_samples import TRADES, person

PEOPLE = [
    person(number % TRADES, number, key_terms=[f"s:{number % 9}", f"w:{number % 9}"]) for number in range(520)
]


async def test_what_the_process_learns_is_what_one_process_learns():
    counting, gathering = Counting(), Gathering()
    for one in PEOPLE:
        counting.add(one.key_terms)
        gathering.add(one)
    relations, topics = counting.relations(), gathering.topics()
    async with Computing.started(least=500) as computing:
        for start in range(0, len(PEOPLE), 200):
            await computing.add([one.encode() for one in PEOPLE[start : start + 200]])

        async def yields():
            child = (await learning_children()).get(os.getpid())
            return child and os.getpriority(os.PRIO_PROCESS, child) >= 10

        await eventually(yields, what="that it yields to the servers")
        tables = await computing.tables(topics=True)
    assert (tables.relations, tables.relations_revision) == (relations.table, relations.revision)
    assert tables.relations
    assert (tables.words, tables.directions, tables.weights) == (
        topics.words,
        topics.directions,
        topics.weights,
    )
    assert tables.topics_revision == topics.revision != ""


@pytest.mark.parametrize(("least", "wanted"), [(521, True), (500, False)])
async def test_topics_of_too_few_or_that_nobody_wants_are_none(least, wanted):
    async with Computing.started(least=least) as computing:
        await computing.add([one.encode() for one in PEOPLE])
        tables = await computing.tables(topics=wanted)
    assert (tables.words, tables.topics_revision) == ((), "")
    assert tables.relations


async def test_bytes_that_are_no_profile_fail_by_name():
    async with Computing.started(least=500) as computing:

        async def goes_on():
            for _ in range(100):
                await computing.add([b"\xff" * 100_000])

        with pytest.raises(LearningFailed, match=r"^\w+Error$"):
            await goes_on()


async def test_a_process_that_is_killed_is_a_failure():
    async with Computing.started(least=500) as computing:
        os.kill((await learning_children())[os.getpid()], 9)
        with pytest.raises(LearningFailed, match="ChildDied"):
            await computing.tables(topics=True)
