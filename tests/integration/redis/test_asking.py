"""Processes ask each other: answers come in time, late ones are nobody's, what nobody takes is forgotten."""

import asyncio
import json
import secrets

import pytest

from store.redis import asking as asking_module
from store.redis import keys, redis_client
from store.redis.asking import Asking
from store.redis.redis_client import REDIS_FAILURES
from tests.support import eventually


class Process:
    """One end, with its task."""

    def __init__(self, url, prefix, name):
        self.name = name
        self.redis = redis_client.Redis(url)
        self._reader = redis_client.connect(url, blocking=True)
        self.asking = Asking(self.redis, self._reader, prefix, name)
        self.task = None

    def run(self):
        self.task = asyncio.create_task(self.asking.run())

    async def close(self):
        while self.task and not self.task.done():  # a driver may swallow a cancellation
            self.task.cancel()
            await asyncio.wait([self.task], timeout=0.2)
        await self.redis.client.aclose()
        await self._reader.aclose()


@pytest.fixture
def prefix():
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture
def processes(store_urls, prefix, io_loop):
    """Two of them, of which only the first runs."""

    async def make():
        return [Process(store_urls["redis"], prefix, name) for name in ("one", "other")]

    both = io_loop.run_sync(make)
    io_loop.run_sync(lambda: asyncio.sleep(0, both[0].run()))
    yield both
    for process in both:
        io_loop.run_sync(process.close)


async def double(question):
    return json.dumps(json.loads(question) * 2).encode()


@pytest.mark.gen_test
async def test_each_question_gets_its_own_answer(processes):
    one, other = processes
    other.asking.answer("double", double)
    other.run()
    answers = await asyncio.gather(
        *(one.asking.ask("other", "double", str(n).encode(), within_s=40) for n in range(40))
    )
    assert [json.loads(answer) for answer in answers] == [2 * n for n in range(40)]


@pytest.mark.gen_test
async def test_a_process_can_ask_itself(processes):
    one, _ = processes
    one.asking.answer("double", double)
    assert await one.asking.ask("one", "double", b"4", within_s=40) == b"8"


@pytest.mark.gen_test
async def test_who_is_gone_does_not_answer_and_its_questions_are_forgotten(processes, prefix, monkeypatch):
    monkeypatch.setattr(asking_module, "_FORGET_S", 60)
    one, other = processes

    async def is_put():  # the time may be over before
        with pytest.raises(TimeoutError):
            await one.asking.ask("other", "double", b"1", within_s=0.05)
        return await one.redis.client.exists(keys.to(prefix, "other"))

    await eventually(is_put, what="a question")
    assert await one.redis.client.ttl(keys.to(prefix, "other")) > 0
    assert not one.asking._waiting
    asked = []

    async def note(question):
        asked.append(question)
        return question

    # One that comes at once finds them, and its answer is nobody's.
    other.asking.answer("double", note)
    other.run()
    await eventually(lambda: asyncio.sleep(0, asked), what="the question that waited")
    assert await one.asking.ask("other", "double", b"2", within_s=40) == b"2"


@pytest.mark.gen_test
async def test_an_answer_that_fails_is_none_and_the_process_goes_on(processes, caplog):
    one, other = processes

    async def fail(question):
        raise ZeroDivisionError(question)

    other.asking.answer("fail", fail)
    other.asking.answer("double", double)
    other.run()

    async def is_told():  # the time may be over before the question is put
        with pytest.raises(TimeoutError):
            await one.asking.ask("other", "fail", b"1", within_s=0.3)
        return "a question is not answered" in caplog.text

    await eventually(is_told, what="the line in the log")
    with pytest.raises(TimeoutError):
        await one.asking.ask("other", "unknown", b"1", within_s=0.3)
    await other.redis.client.rpush(keys.to(one.asking._prefix, "other"), "no entry", '{"id": 3}')
    assert await one.asking.ask("other", "double", b"1", within_s=40) == b"2"


@pytest.mark.gen_test
async def test_more_questions_than_a_process_works_on_are_not_taken(processes):
    one, other = processes
    goes_on = asyncio.Event()

    async def wait(question):
        await goes_on.wait()
        return question

    other.asking.answer("wait", wait)
    take, taken = other.asking._take, []
    other.asking._take = lambda entry: (take(entry), taken.append(entry))
    other.run()
    asked = [asyncio.create_task(one.asking.ask("other", "wait", b"1", within_s=60)) for _ in range(70)]
    # All of them: one that came only when others are answered would be answered, too.
    await eventually(lambda: asyncio.sleep(0, len(taken) == 70), what="all questions")
    assert len(other.asking._answering) == 64
    goes_on.set()
    await eventually(lambda: asyncio.sleep(0, sum(map(asyncio.Task.done, asked)) >= 64), what="64 answers")
    assert await one.asking.ask("other", "wait", b"2", within_s=40) == b"2"
    for task in asked:
        task.cancel()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(answer == b"1" for answer in answers) == 64
    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 6


@pytest.mark.gen_test
async def test_without_redis_nobody_waits(io_loop):
    lonely = Process("redis://127.0.0.1:1", "test", "lonely")
    lonely.run()
    with pytest.raises(REDIS_FAILURES):
        await lonely.asking.ask("other", "double", b"1", within_s=40)
    await lonely.close()
