"""What is no HTTP, or too much of it: answered in JSON all the same."""

from handlers.api.replies import SECURITY_HEADERS
from tests.api.api.raw import INGEST, LOGIN, Raw

MALFORMED = {
    "more than 1,000 parameters": "GET /healthz?" + "a=1&" * 1001 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "a chunk of no number": LOGIN + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk longer than it says": LOGIN + "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "a chunk size without an end": LOGIN + "Transfer-Encoding: chunked\r\n\r\n" + "f" * 70,
    "a chunk of no number in an upload": (
        INGEST + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\nzz\r\n"
    ),
    **{
        f"a length of {length[:4]}": f"{LOGIN}Content-Length: {length}\r\n\r\n".encode("latin-1")
        for length in ("\xb2", "1" * 5000, "-1", "1_0")
    },
    "very many headers": "GET /healthz HTTP/1.1\r\nHost: x\r\n" + "X: y\r\n" * 40_000 + "\r\n",
    "long headers": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + "a" * 70_000 + "\r\n\r\n",
    "headers without an end": "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + "a" * 200_000,
    "a long path": "GET /" + "a" * 70_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
    "chunks and a length": LOGIN + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
    "an unknown transfer encoding": LOGIN + "Transfer-Encoding: gzip, chunked\r\n\r\n",
    "a host that is none": "GET /healthz HTTP/1.1\r\nHost: a b/<>\r\n\r\n",
    "no host": "GET /healthz HTTP/1.1\r\n\r\n",
    "no request line": "hello\r\n\r\n",
    "a body for a socket": (
        "GET /special_feed/ws/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + "x" * 100_000
    ),
}


async def test_what_is_no_http_is_answered_in_json(server, caplog):
    for kind, data in MALFORMED.items():
        async with await Raw.open(server.port) as raw:
            raw.say(data)
            reply = await raw.rest()
            assert (reply.http, reply.json.get("status")) == (400, "bad_request"), kind
            assert {"msg", "errors"} <= reply.json.keys(), kind
            assert len(reply.headers["x-request-id"]) == 16, kind
            assert reply.headers["connection"] == "close", kind
            assert reply.headers["cache-control"] == "no-store", kind
            assert {name.lower() for name in SECURITY_HEADERS} <= reply.headers.keys(), kind
    assert not [record for record in caplog.records if record.exc_info or record.levelname == "ERROR"]
