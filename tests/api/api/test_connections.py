"""Half-open, slow and many connections, against a server in this process."""

import asyncio
import contextlib
import gc

import pytest

from handlers.api import connections
from tests.api.api.raw import LOGIN, Raw
from tests.support import Api, Hr, Socket, eventually

GET = "GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def clients(server):
    """The server's connections."""
    return server.clients


async def is_closed(raw: Raw, within_s: float = 40.0) -> bool:
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(raw.reader.read(), within_s) == b""
    return True


async def test_headers_that_do_not_come_in_time_are_given_up(server, clients, monkeypatch):
    monkeypatch.setattr(connections, "HEADERS_WITHIN_S", 600.0)  # the server looks too, each second
    silent, half = await Raw.open(server.port), await Raw.open(server.port)
    again = await Raw.open(server.port)
    half.say(GET + "X-Slow: 1\r\n")
    again.say(GET + "\r\n")
    await asyncio.wait_for(again.reader.readuntil(b"}"), 40)
    idle = await Raw.open(server.port)
    idle.say(GET + "\r\n")
    await asyncio.wait_for(idle.reader.readuntil(b"}"), 40)
    again.say("G")  # the first byte of its next request
    await eventually(lambda: len(clients._heads) == 3, what="three that are awaited")
    latest = max(clients._heads.values())
    clients.sweep(min(clients._heads.values()) + connections.HEADERS_WITHIN_S - 5)
    assert len(clients._heads) == 3
    clients.sweep(latest + connections.HEADERS_WITHIN_S)
    for raw in (silent, half, again):
        assert await is_closed(raw)
    idle.say(GET + "\r\n")  # who only rests is let be
    assert (await asyncio.wait_for(idle.reader.readline(), 40)).startswith(b"HTTP/1.1 200")
    for raw in (silent, half, again, idle):
        raw.writer.close()


async def test_a_body_below_the_least_rate_is_given_up_and_one_above_is_not(server, hr, clients, monkeypatch):
    monkeypatch.setattr(connections, "_SWEEP_S", 600.0)  # the server looks once more at most
    slow, fast = await Raw.open(server.port), await Raw.open(server.port)
    head = f"POST /special_feed/submit_feed/ HTTP/1.1\r\nHost: x\r\nAuthorization: {hr.authorization}\r\n"
    for raw in (slow, fast):
        raw.say(f"{head}Content-Length: 100000\r\n\r\n")
    await eventually(lambda: sum(stream.reading() for stream in clients._busy) == 2, what="two bodies")
    seen = {id(stream) for stream in clients._busy}
    for second in range(12):
        before = sum(stream.bytes_in for stream in clients._busy)
        slow.say("x" * 500)
        fast.say("x" * 5000)
        await eventually(
            lambda before=before: (
                sum(s.bytes_in for s in clients._busy) >= before + 5500 or len(clients._busy) < 2
            ),
            what="what was sent",
        )
        clients.sweep(0.0)
        if second < 6:
            assert len(clients._busy) == 2
    assert await is_closed(slow)
    assert len(clients._busy) == 1
    assert {id(stream) for stream in clients._busy} < seen
    slow.writer.close()
    fast.writer.close()


async def test_an_answer_that_nobody_takes_is_given_up(server, hr, clients, monkeypatch):
    monkeypatch.setattr(connections, "_ANSWER_WINDOW_S", 3)
    raw = await Raw.open(server.port)
    raw.reader._transport.pause_reading()
    raw.say("GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
    await eventually(lambda: any(stream.writing() for stream in clients._busy), what="an answer that waits")
    for _ in range(4):
        clients.sweep(0.0)
    await eventually(lambda: not clients._busy, what="the end of the connection")
    raw.writer.close()


async def test_where_connections_are_used_up_a_new_one_replaces_the_longest_silent(server, hr, clients):
    clients._most = len(clients) + 5
    raws = [await Raw.open(server.port) for _ in range(5)]
    raws[1].say(f"{LOGIN}Content-Length: 100\r\n\r\n")
    await eventually(
        lambda: len(clients._heads) == 4 and len(clients._busy) == 1, what="four silent and one busy"
    )
    late = await Raw.open(server.port)
    late.say(GET + "\r\n")
    assert (await asyncio.wait_for(late.reader.readline(), 40)).startswith(b"HTTP/1.1 200")
    assert await is_closed(raws[0])
    assert len(clients) == clients._most
    raws[1].say(b"x" * 100)  # a request under way is not pushed out
    assert (await asyncio.wait_for(raws[1].reader.readline(), 40)).startswith(b"HTTP/1.1 200")
    for raw in (*raws, late):
        raw.writer.close()


async def test_an_address_has_so_many_connections_and_no_more(server, clients):
    clients._trusted = frozenset()
    clients._most_of_address = clients._of_address["127.0.0.1"] + 3
    raws = [await Raw.open(server.port) for _ in range(3)]
    beyond = await Raw.open(server.port)
    assert await is_closed(beyond)
    raws.pop().writer.close()
    await eventually(lambda: clients._of_address["127.0.0.1"] < clients._most_of_address, what="a free place")
    async with await Raw.open(server.port) as raw:
        raw.say(GET + "\r\n")
        assert (await asyncio.wait_for(raw.reader.readline(), 40)).startswith(b"HTTP/1.1 200")
    for raw in (*raws, beyond):
        raw.writer.close()


async def test_behind_a_proxy_requests_and_sockets_count_by_the_address_that_it_names(server, hr):
    server.services.addresses._most = 2
    mine = {"X-Real-Ip": "2001:db8::1"}
    neighbour = {"X-Real-Ip": "2001:db8::2"}  # of the same network
    other = {"X-Real-Ip": "2001:db8:0:1::1"}
    held = await Raw.open(server.port)
    held.say(f"{LOGIN}X-Real-Ip: 2001:db8::1\r\nContent-Length: 100\r\n\r\n")
    socket = await Socket.connect(server.port, hr.authorization, headers=mine)
    assert (await socket.frame())["type"] == "snapshot"
    for headers in (mine, neighbour):
        answer = await hr.call("GET", "/special_feed/page/", headers=headers)
        assert (answer.http, answer.status) == (429, "too_many")
        assert answer.headers["Retry-After"] == "1"
        beyond = await Socket.connect(server.port, hr.authorization, headers=headers)
        assert await beyond.closed() == 1013
    assert (await hr.call("GET", "/special_feed/page/", headers=other)).http == 200
    assert (await hr.get("/special_feed/page/")).http == 200  # the proxy's own
    socket.connection.close()
    held.writer.close()
    await eventually(lambda: not server.services.addresses._load, what="nothing under way")
    assert (await hr.call("GET", "/special_feed/page/", headers=mine)).http == 200


async def test_a_refused_handshake_is_counted_no_longer(server):
    api = Api(server.port)
    wanted = {"X-Real-Ip": "10.9.9.9", "Authorization": "Basic eDp5", "Upgrade": "websocket"}
    wanted |= {"Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "x"}
    assert (await api.call("GET", "/special_feed/ws/", headers=wanted)).http == 401
    await eventually(lambda: not server.services.addresses._load, what="nothing under way")


async def test_a_flood_of_frames_is_read_slowly_and_holds_nobody_up(server, hr):
    flooder = await Hr.register(server.port)
    raw = await Raw.open(server.port)
    raw.say(
        "GET /special_feed/ws/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: {flooder.authorization}\r\n\r\n"
    )
    await asyncio.wait_for(raw.reader.readuntil(b"\r\n\r\n"), 40)
    excess = server.services.hub.excess_frames
    # Empty pings, and empty pieces of a message that never ends.
    ping, piece = b"\x89\x80\0\0\0\0", b"\x00\x80\0\0\0\0"
    raw.say(ping * 20_000 + b"\x01\x80\0\0\0\0" + piece * 20_000)
    await eventually(lambda: excess._left < 0, what="frames that wait")
    for _ in range(3):
        assert (await hr.get("/special_feed/page/")).status == "no_feed"
    assert excess._left > -5  # each socket waits for one frame, however many it has sent
    raw.writer.close()


async def test_a_reset_is_no_error(server, hr, caplog):
    upgrade = (
        "GET /special_feed/ws/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    for head in (
        GET + "\r\n",
        "GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 5,
        f"{LOGIN}Content-Length: 100\r\n\r\nabc",
        f"{LOGIN}Content-Length: 100000\r\n\r\nabc",
        f"{upgrade}\r\n",
        f"{upgrade}Authorization: {hr.authorization}\r\n\r\n" + "\x01\x7f" * 3,
        f"{upgrade}Authorization: {hr.authorization}\r\n\r\n",
    ):
        for waits in (False, True):
            raw = await Raw.open(server.port)
            raw.say(head)
            if waits:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(raw.reader.read(1), 0.2)
            await raw.reset()
    await eventually(lambda: server._drain._idle.is_set(), what="the end of all requests")
    assert (await hr.get("/special_feed/page/")).status == "no_feed"
    gc.collect()  # what nobody has looked at is told of when it is collected
    await asyncio.sleep(0)
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]
