"""Frames as text, what a client may say, and the writer of one connection: newest by key, one in flight."""

import asyncio
import json
from collections.abc import Coroutine

import pytest

from handlers.live import writer
from handlers.live.close_codes import TOO_SLOW
from handlers.live.frames import (
    CLIENT_MESSAGES,
    SERVER_FRAMES,
    UNNUMBERED,
    AskedFrame,
    FrameText,
    PongFrame,
    UnreadFrame,
    read_message,
)
from handlers.live.tasks import Tasks
from handlers.live.writer import SocketWriter
from handlers.views.member_names import MemberName
from tests.support import each


class Wire:
    """A connection whose client reads when the test says so."""

    def __init__(self, *, reads: bool = True) -> None:
        self.sent: list[dict] = []
        self.codes: list[int] = []
        self.reading = asyncio.Event()
        if reads:
            self.reading.set()

    def push(self, text: str) -> Coroutine[None, None, None] | None:
        if self.reading.is_set():
            self.sent.append(json.loads(text))
            return None
        return self._take(text)

    async def _take(self, text: str) -> None:
        await self.reading.wait()
        self.sent.append(json.loads(text))

    def end(self, code: int, reason: str) -> None:
        self.codes.append(code)


def unread(feed_id: str = "a", count: int = 0, total: int = 0) -> FrameText:
    return FrameText(UnreadFrame(seq=UNNUMBERED, feed_id=feed_id, unread_count=count, total=total))


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def tasks(io_loop):
    """Open for as long as the test runs."""
    tasks = Tasks()

    async def hold() -> None:
        async with tasks.opened():
            await asyncio.Event().wait()

    async def start() -> asyncio.Task[None]:
        holder = asyncio.create_task(hold())
        await asyncio.sleep(0)
        return holder

    async def stop() -> None:
        holder.cancel()
        await asyncio.wait({holder})

    holder = io_loop.run_sync(start)
    yield tasks
    io_loop.run_sync(stop)


FEED = "55cbfe688230db3518998292"
TEXTS = [
    (
        UnreadFrame(seq=UNNUMBERED, feed_id=FEED, unread_count=3, total=5),
        f'{{"type":"unread","seq":7,"feed_id":"{FEED}","unread_count":3,"total":5}}',
    ),
    (
        AskedFrame(seq=UNNUMBERED, feed_id=FEED, resume_id=FEED, by=MemberName(FEED, '"seq":0')),
        f'{{"type":"asked","seq":7,"feed_id":"{FEED}","resume_id":"{FEED}",'
        f'"by":{{"id":"{FEED}","name":"\\"seq\\":0"}}}}',
    ),
    (PongFrame(), '{"type":"pong"}'),
]


@each("frame, text", TEXTS)
def test_a_frame_is_its_text_with_its_number_second(frame, text):
    assert FrameText(frame).at(7) == text


def test_the_page_finds_all_frames_and_messages_by_their_names():
    """`web/src/live/frames.ts` takes the components whose names end so."""
    assert all(kind.__name__.endswith("Frame") for kind in SERVER_FRAMES)
    assert all(kind.__name__.endswith("Message") for kind in CLIENT_MESSAGES)


@each(
    "message",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"type": 1}',
        '{"type": "dance"}',
        '{"type": "auth"}',
        '{"type": "auth", "authorization": 5}',
        '{"type": "ping"} x',
        "[" * 3000,
        b'{"type": "ping"}',
        b"\xff",
    ],
)
def test_anything_else_is_nothing(message):
    assert read_message(message) is None


async def test_a_client_that_does_not_read_gets_only_the_newest_of_each_key(tasks):
    wire = Wire(reads=False)
    socket = SocketWriter(wire, "u", "t", tasks)
    for number in range(1000):
        socket.send(unread("a", number))
        await asyncio.sleep(0)
    assert len(socket._waiting) <= 1
    wire.reading.set()
    await settle()
    assert [frame["unread_count"] for frame in wire.sent] == [0, 999]


async def test_a_write_that_waits_too_long_closes_the_connection(tasks, monkeypatch):
    monkeypatch.setattr(writer, "WRITE_TIMEOUT_S", 0.01)
    wire = Wire(reads=False)
    socket = SocketWriter(wire, "u", "t", tasks)
    socket.send(unread("a", 1))
    while not wire.codes:
        await asyncio.sleep(0)
    assert wire.codes == [TOO_SLOW]
    socket.send(unread("a", 2))
    wire.reading.set()
    await settle()
    assert wire.sent == []


async def test_the_newest_frame_has_the_last_word_on_what_all_of_them_say(tasks):
    wire = Wire(reads=False)
    socket = SocketWriter(wire, "u", "t", tasks)
    for key, total in (("first", 0), ("a", 1), ("b", 2), ("a", 3)):
        socket.send(unread(key, total, total))
        await asyncio.sleep(0)
    wire.reading.set()
    await settle()
    assert [frame["total"] for frame in wire.sent] == [0, 2, 3]
