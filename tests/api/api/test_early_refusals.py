"""What is refused before a body is read, and that the client can read the refusal."""

import asyncio

import pytest

from handlers.api import body_budget, connections
from tests.api.api.raw import INGEST, LOGIN, Raw
from tests.support import Api, basic, eventually

MIB = 1024 * 1024
FALSE_TOKEN = "POST /resumes/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong-token-0123456\r\n"
LONG = f"Content-Length: {70 * MIB}\r\n"


REFUSED = [
    ("POST /special_feed/submit_feed/ HTTP/1.1\r\nHost: x\r\n", 401, "auth_error"),
    ("POST /special_feed/preview/ HTTP/1.1\r\nHost: x\r\nAuthorization: Basic e\r\n", 401, "auth_error"),
    ("POST /resumes/ HTTP/1.1\r\nHost: x\r\n", 401, "auth_error"),
    (FALSE_TOKEN, 403, "forbidden"),
    (FALSE_TOKEN + "Content-Type: application/x-ndjson\r\n", 403, "forbidden"),
    ("POST /no/such/url HTTP/1.1\r\nHost: x\r\n", 404, "not_found"),
    ("PUT /hr/login/ HTTP/1.1\r\nHost: x\r\n", 405, "method_not_allowed"),
    (LOGIN + "Sec-Fetch-Site: cross-site\r\n", 403, "forbidden"),
    (LOGIN + "Content-Encoding: gzip\r\n", 415, "unsupported"),
]


async def test_a_refusal_does_not_wait_for_the_body(server):
    for head, http, status in REFUSED:
        for length in ("Content-Length: 5000\r\n", "Transfer-Encoding: chunked\r\n"):
            async with await Raw.open(server.port) as raw:
                raw.say(f"{head}{length}\r\n")
                reply = await raw.rest()
                assert (reply.http, reply.json["status"]) == (http, status), head
                assert reply.headers["connection"] == "close"
                assert reply.headers["x-request-id"]


async def test_wrong_credentials_are_told_before_wrong_fields(server):
    async with await Raw.open(server.port) as raw:
        raw.say("POST /resumes/mark/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        assert (await raw.rest()).http == 401


@pytest.mark.parametrize("head", [LOGIN, INGEST], ids=["login", "one resume"])
async def test_a_client_that_sends_70_mib_before_it_reads_reads_the_413(server, head):
    async with await Raw.open(server.port) as raw:
        raw.say(f"{head}{LONG}\r\n")
        piece = bytes(MIB)
        for _ in range(70):  # as most clients do: the answer is looked at when everything is sent
            raw.say(piece)
            await raw.writer.drain()
        reply = await raw.rest()
        assert (reply.http, reply.json["status"]) == (413, "too_large")


async def test_a_chunked_body_is_refused_when_it_passes_the_limit(server):
    async with await Raw.open(server.port) as raw:
        raw.say(f"{LOGIN}Transfer-Encoding: chunked\r\n\r\n")
        raw.say(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        raw.say(b"1001\r\n" + b"x" * 0x1001 + b"\r\n")
        reply = await raw.rest()  # though its end has not come
        assert (reply.http, reply.json["msg"]) == (413, "请求内容超过 8192 字节")


async def test_login_register_and_passwords_take_8_kib(server):
    api = Api(server.port)
    for path in (
        "/hr/login/",
        "/hr/register/",
        "/hr/activate/resend/",
        "/hr/password/forgot/",
        "/hr/password/reset/x/",
    ):
        assert (await api.call("POST", path, form={"username": "x" * 8192})).http == 413
        assert (await api.call("POST", path, form={"username": "x" * 8000})).http == 200


async def test_a_refused_request_without_a_body_keeps_its_connection(server):
    async with await Raw.open(server.port) as raw:
        for _ in range(2):
            raw.say("GET /special_feed/page/ HTTP/1.1\r\nHost: x\r\n\r\n")
            head = await asyncio.wait_for(raw.reader.readuntil(b"\r\n\r\n"), 40)
            assert head.startswith(b"HTTP/1.1 401")
            length = int(head.lower().split(b"content-length: ")[1].split()[0])
            await raw.reader.readexactly(length)


def resume_of(size: int) -> str:
    return f"{INGEST}Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"


async def test_bodies_share_one_budget_and_small_ones_need_none_of_it(server, hr, monkeypatch):
    bodies = server.services.bodies
    monkeypatch.setattr(body_budget, "_WAIT_S", 0.2)
    monkeypatch.setattr(connections, "_BODY_WINDOW_S", 600)  # bodies that do not go on, and stay
    held = [await Raw.open(server.port) for _ in range(65)]
    for raw in held:
        raw.say(resume_of(MIB) + "{")
    await eventually(lambda: bodies.held > 63.9 * MIB, what="the budget being used up")
    async with await Raw.open(server.port) as raw:
        raw.say(resume_of(MIB) + "{")
        reply = await raw.rest()
        assert (reply.http, reply.json["status"], reply.headers["retry-after"]) == (503, "unavailable", "2")
    assert (
        await hr.post("/special_feed/submit_feed/", {"title": "开发", "job_desc": "x" * 4000})
    ).status == "ok"
    # Whoever waits comes in as soon as another has gone.
    monkeypatch.setattr(body_budget, "_WAIT_S", 40.0)
    async with await Raw.open(server.port) as raw:
        raw.say(resume_of(MIB) + "{" + " " * (MIB - 1))
        await eventually(lambda: bool(bodies._waiting), what="a body that waits")
        held.pop().writer.close()
        assert (await asyncio.wait_for(raw.reader.readuntil(b"\r\n"), 40)).startswith(b"HTTP/1.1 400")
    for raw in held:
        raw.writer.close()
    await eventually(lambda: bodies.held == 0, what="an empty budget")


async def test_an_address_has_a_share_of_the_budget(server):
    def say_from(raw: Raw, address: str) -> None:
        raw.say(resume_of(MIB).replace("Host: x", f"Host: x\r\nX-Real-Ip: {address}") + "{")

    bodies = server.services.bodies
    held = [await Raw.open(server.port) for _ in range(17)]
    for raw in held:
        say_from(raw, "10.1.1.1")
    await eventually(lambda: bool(bodies._waiting), what="the end of a share")
    assert bodies.held < 17 * MIB
    async with await Raw.open(server.port) as other:
        say_from(other, "10.1.1.2")
        await eventually(lambda: bodies._of_address["10.1.1.2"] > 0, what="another's share")
    for raw in held:
        raw.writer.close()
    await eventually(lambda: bodies.held == 0, what="an empty budget")


async def test_a_line_without_an_end_counts_and_is_let_go_of(server):
    bodies = server.services.bodies
    async with await Raw.open(server.port) as raw:
        raw.say(
            f"{INGEST}Content-Type: application/x-ndjson\r\nContent-Length: {MIB}\r\n\r\n" + "x" * 500_000
        )
        await eventually(lambda: bodies.held > 400_000, what="room for half a line")
        raw.say("x" * 500_000 + "\n")
        await eventually(lambda: bodies.held == 0, what="the end of the line")


async def test_a_client_that_asks_whether_to_go_on_is_told_at_once(server, hr):
    async with await Raw.open(server.port) as raw:
        raw.say(f"POST /special_feed/submit_feed/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{LONG}\r\n")
        assert (await raw.rest()).http == 413
    async with await Raw.open(server.port) as raw:
        raw.say(
            "POST /resumes/comment/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
            f"Authorization: {basic(hr.user, hr.token)}\r\n\r\n"
        )
        assert (await asyncio.wait_for(raw.reader.readline(), 40)).startswith(b"HTTP/1.1 100")
