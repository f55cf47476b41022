"""What is over goes at once, and is not left to the collector: it hardly ever looks at what is old."""

import contextlib
import gc
import socket

import pytest
import tornado.web
from tornado.httpclient import HTTPClientError
from tornado.httputil import HTTPServerRequest

from handlers.api.connections import ClientStream
from handlers.live.writer import SocketWriter
from tests.support import Socket, basic, each, eventually, python_resume

OF_REQUESTS = (tornado.web.RequestHandler, HTTPServerRequest, ClientStream, SocketWriter)
FORM = "/special_feed/submit_feed/"


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def feed_id(hr, io_loop):
    feed_id, _ = io_loop.run_sync(lambda: hr.feed_with(python_resume()), timeout=60)
    return feed_id


def there():
    return sum(issubclass(type(one), OF_REQUESTS) for one in gc.get_objects())


async def a_page(hr, feed_id):
    assert (await hr.get("/special_feed/page/")).http == 200


async def a_list(hr, feed_id):
    assert (await hr.get(f"/special_feed/feed_list/{feed_id}"))["data"]


async def an_upload(hr, feed_id):
    await hr.ingest(python_resume())


async def nowhere(hr, feed_id):
    assert (await hr.get("/nowhere/")).http == 404


async def by_nobody(hr, feed_id):
    wrong = {"Authorization": basic(hr.user, "wrong")}
    assert (await hr.call("GET", "/special_feed/page/", headers=wrong)).http == 401


async def a_bad_form(hr, feed_id):
    assert (await hr.call("POST", FORM, form={"title": ""}))["status"] == "form_error"


async def a_bad_body(hr, feed_id):
    assert (await hr.call("POST", FORM, body=b"{", headers={"Content-Type": "application/json"})).http == 400


async def another_feed(hr, feed_id):
    assert (await hr.get(f"/special_feed/feed_list/{'0' * 24}"))["status"] != "ok"


async def a_socket(hr, feed_id):
    live = await hr.socket()
    assert (await live.frame())["type"] == "snapshot"
    live.connection.close()
    assert await live.frame() is None


async def a_socket_that_is_cut(hr, feed_id):
    live = await hr.socket()
    assert (await live.frame())["type"] == "snapshot"
    live.connection.protocol.stream.close()


async def a_socket_of_nobody(hr, feed_id):
    with pytest.raises(HTTPClientError):
        await Socket.connect(hr.port, basic(hr.user, "wrong"))


async def a_connection_that_is_cut(hr, feed_id):
    with contextlib.closing(socket.create_connection(("127.0.0.1", hr.port))) as connection:
        connection.sendall(b"GET /special_feed/page/ HTTP/1.1\r\nHost: a\r\n\r\n")


@each(
    "ask",
    [
        a_page,
        a_list,
        an_upload,
        nowhere,
        by_nobody,
        a_bad_form,
        a_bad_body,
        another_feed,
        a_socket,
        a_socket_that_is_cut,
        a_socket_of_nobody,
        a_connection_that_is_cut,
    ],
)
async def test_nothing_of_a_request_is_left_for_the_collector(hr, feed_id, no_collector, ask):
    await ask(hr, feed_id)

    before = there()
    for _ in range(5):
        await ask(hr, feed_id)
    await eventually(lambda: there() <= before, what="an end of what five requests left", every_s=0.2)
