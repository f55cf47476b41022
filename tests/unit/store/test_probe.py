"""What the supervisor makes of a port without a MongoDB; `test_private_stores.py` has one that does."""

import socketserver
import threading
from contextlib import contextmanager

import pytest

from store.embedded import probe

REPLIES = {
    "of another protocol": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "whose document is none": b"\x29\0\0\0\1\0\0\0\1\0\0\0\xdd\7\0\0\0\0\0\0\0" + b"\x14\0\0\0z" + b"z" * 15,
    "of no bytes": b"",
}


@contextmanager
def replying(reply):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            if self.request.recv(1000):
                self.request.sendall(reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_reply_that_is_no_error_of_mongodb_is_silence(reply):
    with replying(reply) as port:
        assert not probe.fails(port, 0.2, "password")
        assert probe.knows_user(port, 0.2, "password") is None
        assert not probe.make_user(port, 0.2, "password")


def test_where_nobody_listens_nothing_is_waited_for():
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        port = server.server_address[1]
    assert probe.knows_user(port, 3_600, "password") is None
