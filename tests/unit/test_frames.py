"""The writer of one connection: newest by key, one write in flight, numbered without gaps."""

import asyncio
import json
from collections.abc import Awaitable

import pytest

from handlers.live import frames
from handlers.live.frames import TOO_SLOW, Frame, Socket


class Wire:
    """A connection whose client reads when the test says so."""

    def __init__(self, *, reads: bool = True) -> None:
        self.sent: list[dict] = []
        self.codes: list[int] = []
        self.reading = asyncio.Event()
        if reads:
            self.reading.set()

    def push(self, text: str) -> Awaitable[None] | None:
        if self.reading.is_set():
            self.sent.append(json.loads(text))
            return None
        return self._take(text)

    async def _take(self, text: str) -> None:
        await self.reading.wait()
        self.sent.append(json.loads(text))

    def end(self, code: int, reason: str) -> None:
        self.codes.append(code)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.gen_test
async def test_frames_are_numbered_from_one_without_gaps():
    wire = Wire()
    socket = Socket(wire, "u", "t")
    for number in range(3):
        socket.send(f"k{number}", Frame("unread", n=number))
        await settle()
    assert [(frame["seq"], frame["n"]) for frame in wire.sent] == [(1, 0), (2, 1), (3, 2)]


@pytest.mark.gen_test
async def test_a_pong_has_no_number_and_takes_none():
    wire = Wire()
    socket = Socket(wire, "u", "t")
    socket.send("pong", Frame("pong"), numbered=False)
    socket.send("a", Frame("unread", n=1))
    await settle()
    assert wire.sent == [{"type": "pong"}, {"type": "unread", "seq": 1, "n": 1}]


@pytest.mark.gen_test
async def test_a_client_that_does_not_read_gets_only_the_newest_of_each_key():
    wire = Wire(reads=False)
    socket = Socket(wire, "u", "t")
    for number in range(1000):
        socket.send("a", Frame("unread", n=number))
        await asyncio.sleep(0)
    assert len(socket._waiting) <= 1
    wire.reading.set()
    await settle()
    assert [frame["n"] for frame in wire.sent] == [0, 999]


@pytest.mark.gen_test
async def test_a_write_that_waits_too_long_closes_the_connection(monkeypatch):
    monkeypatch.setattr(frames, "WRITE_TIMEOUT_S", 0.01)
    wire = Wire(reads=False)
    socket = Socket(wire, "u", "t")
    socket.send("a", Frame("unread", n=1))
    while not wire.codes:
        await asyncio.sleep(0)
    assert wire.codes == [TOO_SLOW]
    socket.send("a", Frame("unread", n=2))
    wire.reading.set()
    await settle()
    assert wire.sent == []


@pytest.mark.gen_test
async def test_the_newest_frame_has_the_last_word_on_what_all_of_them_say():
    wire = Wire(reads=False)
    socket = Socket(wire, "u", "t")
    for key, total in (("first", 0), ("a", 1), ("b", 2), ("a", 3)):
        socket.send(key, Frame("unread", feed=key, total=total))
        await asyncio.sleep(0)
    wire.reading.set()
    await settle()
    assert [frame["total"] for frame in wire.sent] == [0, 2, 3]
