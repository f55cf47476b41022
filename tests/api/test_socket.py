"""The WebSocket: authentication, snapshot, absolute counts, progress, removal, close codes."""

import asyncio
import contextlib
import time

import pytest
from tornado.httpclient import HTTPClientError

from handlers import channel, frames, hub, socket
from tests.support import PYTHON_FEED, Socket, basic, eventually, nurse_resume, python_resume


@pytest.mark.gen_test
async def test_the_badge_moves_when_a_matching_resume_arrives(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
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


@pytest.mark.gen_test
async def test_a_browser_authenticates_with_its_first_message(hr):
    live = await Socket.connect(hr.port, None)
    await live.say({"type": "auth", "authorization": hr.authorization})
    assert (await live.frame())["type"] == "snapshot"


@pytest.mark.gen_test
@pytest.mark.parametrize("authorization", ["Basic x", "Bearer y", ""])
async def test_a_wrong_header_is_401_at_the_handshake(hr, authorization):
    if not authorization:
        authorization = basic(hr.user, "wrong")
    with pytest.raises(HTTPClientError) as caught:
        await Socket.connect(hr.port, authorization)
    assert caught.value.code == 401


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", '{"type": "ping"}', '{"type": "auth"}', '{"type": "auth", "authorization": 5}', b"\xff"],
)
async def test_a_wrong_first_message_closes_4401(hr, message):
    live = await Socket.connect(hr.port, None)
    await live.say(message)
    assert await live.closed() == 4401


@pytest.mark.gen_test
async def test_silence_closes_4401(hr, monkeypatch):
    monkeypatch.setattr(socket, "AUTH_WITHIN_S", 0.1)
    live = await Socket.connect(hr.port, None)
    assert await live.closed() == 4401


@pytest.mark.gen_test
async def test_counts_follow_read_delete_restore_in_every_socket_of_the_account(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    ids = (await hr.ingest(python_resume(), python_resume()))["ids"]
    await hr.all_scored()
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


@pytest.mark.gen_test
async def test_nobody_hears_of_another_accounts_feeds(hr, other_hr):
    await hr.submit(**PYTHON_FEED)
    theirs = await other_hr.socket()
    assert (await theirs.until("snapshot"))["feeds"] == []
    await hr.ingest(python_resume())
    await hr.all_scored()
    await theirs.say({"type": "ping"})
    assert await theirs.frame() == {"type": "pong"}


@pytest.mark.gen_test
async def test_a_burst_becomes_few_frames_and_ends_with_the_truth(hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    live = await hr.socket()
    await live.until("snapshot")
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


@pytest.mark.gen_test
async def test_progress_is_pushed_until_calced(hr):
    await hr.ingest(*(python_resume(number) for number in range(300)))
    await hr.all_scored()
    live = await hr.socket()
    await live.until("snapshot")
    feed_id = await hr.submit(wait=False, **PYTHON_FEED)
    seen = []
    while not seen or not seen[-1]["calced"]:
        seen.append(await live.until("progress", feed_id=feed_id))
    values = [frame["progress"] for frame in seen]
    assert values == sorted(values)
    assert values[-1] == 1.0
    assert not any(frame["calced"] for frame in seen[:-1])


@pytest.mark.gen_test
async def test_a_deleted_feed_is_removed_and_leaves_the_total(hr):
    first, second = await hr.submit(**PYTHON_FEED), await hr.submit(title="护士")
    await hr.ingest(python_resume(), nurse_resume())
    await hr.all_scored()
    live = await hr.socket()
    assert (await live.until("snapshot"))["total"] == 2
    await hr.get(f"/feed/delete/{first}")
    assert (await live.frame())["type"] == "removed"
    await hr.ingest(python_resume(), nurse_resume())
    frame = await live.until("unread")
    assert (frame["feed_id"], frame["unread_count"], frame["total"]) == (second, 2, 2)
    again = await hr.socket()
    assert (await again.until("snapshot"))["feeds"] == [{"feed_id": second, "unread_count": 2}]


@pytest.mark.gen_test
async def test_a_deletion_whose_process_died_before_it_told_is_told_when_it_is_repeated(server, hr):
    feed_id = await hr.submit(**PYTHON_FEED)
    await server.stores.feeds.delete(hr.user, feed_id)
    told = []
    server.stores.events.listen(lambda event: told.append((event.kind, event.feed)))
    await hr.get(f"/feed/delete/{feed_id}")

    async def is_told():
        return ("removed", feed_id) in told

    await eventually(is_told, what="the news")


@pytest.mark.gen_test
async def test_ping_is_answered_and_nonsense_is_an_error_that_closes_nothing(hr):
    live = await hr.socket()
    await live.until("snapshot")
    for nonsense in ("", "{", "null", '"x"', '{"type": "dance"}', '{"type": 1}', b"\x00\x01", "[" * 3000):
        await live.say(nonsense)
        assert (await live.frame())["type"] == "error", nonsense
    await live.say({"type": "ping"})
    assert await live.frame() == {"type": "pong"}


@pytest.mark.gen_test
async def test_an_overlong_message_closes_the_connection(hr):
    live = await hr.socket()
    await live.until("snapshot")
    await live.say("x" * 5000)
    assert await live.closed() in {1009, None, 1006}


@pytest.mark.gen_test
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

    @pytest.mark.gen_test
    async def test_a_count_that_changed_behind_the_hubs_back_is_told(self, rereading, server, hr):
        feed_id = await hr.submit(**PYTHON_FEED)
        (id_,) = (await hr.ingest(python_resume()))["ids"]
        await hr.all_scored()
        live = await hr.socket()
        assert (await live.until("snapshot"))["total"] == 1
        await server.stores.results.mark_read(hr.user, feed_id, id_)
        await live.until("unread", unread_count=0, within_s=5)

    @pytest.mark.gen_test
    async def test_a_session_that_ended_unheard_closes_its_socket(self, rereading, server, hr):
        live = await hr.socket()
        await live.until("snapshot")
        await server.stores.sessions.revoke(hr.token)
        assert await live.closed(within_s=5) == 4401


@pytest.mark.gen_test
async def test_a_stopping_server_closes_its_sockets_with_1012(server, hr):
    live = await hr.socket()
    await live.until("snapshot")
    server.stop()
    assert await live.closed() == 1012


@pytest.mark.gen_test
async def test_a_client_that_does_not_read_is_closed(hr, monkeypatch):
    """Its kernel's buffers fill, then a write waits: the hub holds one frame a feed, and gives up."""
    monkeypatch.setattr(frames, "WRITE_TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", hr.port, limit=1024)
    handshake = (
        "GET /special_feed/ws/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
        f"Authorization: {hr.authorization}\r\n\r\n"
    )
    writer.write(handshake.encode())
    await reader.readuntil(b"\r\n\r\n")
    reader._transport.pause_reading()
    masked_ping = b"\x81\x8f\x00\x00\x00\x00" + b'{"type":"ping"}'
    cut = False
    for _ in range(2000):
        try:
            writer.write(masked_ping * 2000)
            await asyncio.wait_for(writer.drain(), 20)
        except ConnectionError:
            cut = True
            break
    assert cut
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
