"""The WebSocket: authentication, snapshot, absolute counts, progress, removal, close codes."""

import asyncio
import contextlib
import time
from socket import SO_SNDBUF, SOL_SOCKET

import pytest
from bson import ObjectId

from handlers.live import channel, hub, socket, writer
from handlers.live.pace import Allowance
from store.ids import result_id
from store.redis import presence
from store.redis.presence import Presence
from tests.api.scene import news_is_out
from tests.support import (
    PYTHON_FEED,
    Hr,
    Socket,
    basic,
    each,
    eventually,
    nurse_resume,
    python_resume,
    recount,
    serving,
)

READ = {"$set": {"read": True}}


async def test_the_badge_moves_when_a_matching_resume_arrives(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    await news_is_out(server)
    live = await hr.socket()
    snapshot = await live.frame()
    assert snapshot == {
        "type": "snapshot",
        "seq": 1,
        "feeds": [{"feed_id": feed_id, "unread_count": 0}],
        "total": 0,
    }
    await hr.ingest(nurse_resume(), python_resume())
    assert await live.frame() == {
        "type": "unread",
        "seq": 2,
        "feed_id": feed_id,
        "unread_count": 1,
        "total": 1,
    }


async def test_other_processes_know_at_once_who_has_opened_a_socket(settings, analyzer, monkeypatch):
    monkeypatch.setattr(presence, "EVERY_S", 3600.0)
    async with serving(settings, analyzer) as server:
        hr, nobody = [await Hr.register(server.port) for _ in range(2)]
        await hr.live()
        elsewhere = Presence(server.stores._redis, settings.mongo_db, "another process")

        async def is_known():
            return await elsewhere.present([hr.user, nobody.user]) == {hr.user}

        await eventually(is_known, what="the account's socket")


@each(
    "message",
    ["", "{", "[]", '{"type": "ping"}', '{"type": "auth"}', '{"type": "auth", "authorization": 5}', b"\xff"],
)
async def test_a_wrong_first_message_closes_4401(hr, message):
    live = await Socket.connect(hr.port, None)
    await live.say(message)
    assert await live.closed() == 4401


async def test_silence_closes_4401(hr, monkeypatch):
    monkeypatch.setattr(socket, "AUTH_WITHIN_S", 0.1)
    live = await Socket.connect(hr.port, None)
    assert await live.closed() == 4401


async def test_counts_follow_read_delete_restore_in_every_socket_of_the_account(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    await news_is_out(server)
    ids = await hr.scored(python_resume(), python_resume())
    both = [await hr.socket(), await hr.socket()]
    change = {"feed_id": feed_id, "resume_id": ids[1]}
    for step, count in (
        (None, 2),
        (lambda: hr.get(f"/feed/get/{feed_id}/{ids[0]}"), 1),
        (lambda: hr.get("/feed/modify_feed_result", reco_index=-150, **change), 0),
        (lambda: hr.get("/feed/modify_feed_result", reco_index=150, **change), 1),
    ):
        if step is None:
            for live in both:
                assert (await live.until("snapshot"))["total"] == count
            continue
        await step()
        for live in both:
            frame = await live.frame()
            assert (frame["type"], frame["unread_count"], frame["total"]) == ("unread", count, count)
        assert await hr.unread(feed_id) == count


async def test_nobody_hears_of_another_accounts_feeds(hr, other_hr):
    await hr.submit(**PYTHON_FEED)
    theirs = await other_hr.socket()
    assert (await theirs.until("snapshot"))["feeds"] == []
    await hr.scored(python_resume())
    await theirs.say({"type": "ping"})
    assert await theirs.frame() == {"type": "pong"}


@pytest.mark.long
async def test_a_burst_becomes_few_frames_and_ends_with_the_truth(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    await news_is_out(server)
    live = await hr.live()
    began = time.monotonic()
    for _ in range(40):
        await hr.ingest(python_resume())
    frames_seen = []
    while not frames_seen or frames_seen[-1]["unread_count"] < 40:
        frames_seen.append(await live.frame())
    took = time.monotonic() - began
    assert len(frames_seen) <= took / channel.COALESCE_S + 2
    assert [frame["seq"] for frame in frames_seen] == list(range(2, len(frames_seen) + 2))
    counts = [frame["unread_count"] for frame in frames_seen]
    assert counts == sorted(set(counts))
    assert await hr.unread(feed_id) == 40


@pytest.mark.long
async def test_progress_is_pushed_until_calced(hr):
    await hr.scored(*(python_resume(number) for number in range(300)))
    live = await hr.live()
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    seen = []
    while not seen or not seen[-1]["calced"]:
        seen.append(await live.until("progress", feed_id=feed_id))
    values = [frame["progress"] for frame in seen]
    assert values == sorted(values)
    assert values[-1] == 1.0
    assert not any(frame["calced"] for frame in seen[:-1])


async def test_a_deleted_feed_is_removed_and_leaves_the_total(server, hr):
    first, second = await hr.submit(**PYTHON_FEED), await hr.submit(title="护士")
    await news_is_out(server)
    await hr.scored(python_resume(), nurse_resume())
    live = await hr.socket()
    assert (await live.until("snapshot"))["total"] == 2
    await hr.get(f"/feed/delete/{first}")
    assert await live.frame() == {"type": "removed", "seq": 2, "feed_id": first, "total": 1}
    await hr.ingest(python_resume(), nurse_resume())
    frame = await live.until("unread")
    assert (frame["feed_id"], frame["unread_count"], frame["total"]) == (second, 2, 2)
    again = await hr.socket()
    assert (await again.until("snapshot"))["feeds"] == [{"feed_id": second, "unread_count": 2}]


async def test_ping_is_answered_and_nonsense_is_an_error_that_closes_nothing(hr):
    live = await hr.live()
    for nonsense in ("", "{", "null", '"x"', '{"type": "dance"}', '{"type": 1}', b"\x00\x01", "[" * 3000):
        await live.say(nonsense)
        assert (await live.frame())["type"] == "error", nonsense
    await live.say({"type": "ping"})
    assert await live.frame() == {"type": "pong"}


async def test_an_overlong_message_closes_the_connection(hr):
    live = await hr.live()
    await live.say("x" * 5000)
    assert await live.closed() in {1009, None, 1006}


async def test_the_sixth_socket_closes_the_oldest_with_4409(hr):
    sockets = []
    for _ in range(6):
        sockets.append(await hr.socket())
        await sockets[-1].until("snapshot")
    assert await sockets[0].closed() == 4409
    feed_id = await hr.submit(title="护士")
    for live in sockets[1:]:
        await live.until("progress", feed_id=feed_id, calced=True)


@pytest.fixture
def rereading(monkeypatch):
    """Before the server starts: the hub re-reads five times a second instead of once a minute."""
    monkeypatch.setattr(hub, "_REREAD_EVERY_S", 0.2)


@pytest.mark.usefixtures("rereading")
class TestWithoutHints:
    """What no hint told is found by reading again."""

    async def test_a_count_that_changed_behind_the_hubs_back_is_told(self, rereading, server, hr):
        feed_id, (id_,) = await hr.feed_with(python_resume())
        live = await hr.socket()
        assert (await live.until("snapshot"))["total"] == 1
        await server.stores._database.results.update_one({"_id": ObjectId(result_id(feed_id, id_))}, READ)
        await recount(server.stores)
        await live.until("unread", unread_count=0)

    async def test_a_session_that_ended_unheard_closes_its_socket(self, rereading, server, hr):
        live = await hr.live()
        await server.stores.sessions.revoke(hr.token)
        assert await live.closed() == 4401


class Wire:
    """A WebSocket client that reads, and answers pings, only when the test does it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, hr) -> "Wire":
        reader, writer = await asyncio.open_connection("127.0.0.1", hr.port, limit=1024)
        handshake = (
            "GET /special_feed/ws/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
            f"Authorization: {hr.authorization}\r\n\r\n"
        )
        writer.write(handshake.encode())
        await reader.readuntil(b"\r\n\r\n")
        return cls(reader, writer)

    async def frames(self) -> list[tuple[int, bytes]]:
        """(opcode, payload) of every frame until the connection ends; all are short here."""
        seen = []
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                opcode, length = await self.reader.readexactly(2)
                if length == 126:
                    length = int.from_bytes(await self.reader.readexactly(2), "big")
                seen.append((opcode & 0xF, await self.reader.readexactly(length)))
        return seen

    async def close(self) -> None:
        self.writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


async def metric(hr, name: str) -> float:
    lines = (await hr.get("/metrics")).body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.long
async def test_a_client_that_does_not_read_is_closed_with_4408(server, hr, monkeypatch):
    """The kernel's buffers fill, then a write waits: the hub holds one frame a feed, and gives up."""
    monkeypatch.setattr(writer, "WRITE_TIMEOUT_S", 0.2)
    server.services.hub.excess_frames = Allowance(1e6, 1e6)

    def with_a_small_buffer(connection, is_set):
        connection.ws_connection.stream.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 4096)

    monkeypatch.setattr(socket.FeedSocket, "set_nodelay", with_a_small_buffer)
    wire = await Wire.connect(hr)
    wire.reader._transport.pause_reading()
    masked_ping = b"\x81\x8f\x00\x00\x00\x00" + b'{"type":"ping"}'
    while not await metric(hr, "talentfeed_slow_closes_total"):
        with contextlib.suppress(ConnectionError, TimeoutError):
            wire.writer.write(masked_ping * 2000)
            await asyncio.wait_for(wire.writer.drain(), 0.5)
    wire.reader._transport.resume_reading()
    opcode, payload = (await asyncio.wait_for(wire.frames(), 40))[-1]
    assert (opcode, int.from_bytes(payload[:2], "big")) == (8, 4408)
    await wire.close()


@pytest.mark.long
async def test_a_connection_that_is_gone_without_a_word_is_found(hr, monkeypatch):
    """It acknowledges nothing any more: no pong comes."""
    monkeypatch.setattr(socket, "PING_EVERY_S", 2.0)
    monkeypatch.setattr(socket, "PONG_WITHIN_S", 0.2)
    wire = await Wire.connect(hr)
    kinds = [opcode for opcode, _ in await asyncio.wait_for(wire.frames(), 40)]
    # A ping, and the end; the snapshot may come after the ping, or too late.
    assert [kind for kind in kinds if kind != 1] == [9, 8]
    await wire.close()
    assert await eventually(lambda: is_at(hr, "talentfeed_sockets", 0))


async def is_at(hr, name: str, value: float) -> bool:
    return await metric(hr, name) == value


def test_half_open_connections_are_found_within_50_s():
    tornado_waits_for_the_closing_handshake_s = 5.0
    assert socket.PING_EVERY_S + socket.PONG_WITHIN_S + tornado_waits_for_the_closing_handshake_s <= 50.0


async def test_credentials_in_capitals_hear_of_changes_too(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await Socket.connect(hr.port, basic(hr.user.upper(), hr.token))
    assert (await live.until("snapshot"))["feeds"] == [{"feed_id": feed_id, "unread_count": 0}]
    await hr.ingest(python_resume())
    await live.until("unread", unread_count=1)


async def test_a_stopping_server_closes_its_sockets_in_jittered_groups_with_1012(server, hr, monkeypatch):
    monkeypatch.setattr(hub, "_DRAIN_LEAST", 2)
    pauses = []

    def draw(least: float, most: float) -> float:
        pauses.append(most)
        return 0.0

    monkeypatch.setattr(hub.random, "uniform", draw)
    sockets = [await hr.socket() for _ in range(5)]
    for live in sockets:
        await live.until("snapshot")
    server.stop()
    assert await asyncio.gather(*(live.closed() for live in sockets)) == [1012] * 5
    assert pauses.count(2 * hub._DRAIN_PAUSE_S) == 2  # between three groups
