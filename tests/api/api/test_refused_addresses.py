"""Who is refused without an account counts for their address, once for each request."""

import pytest

from handlers.api.address_load import AddressLoad
from tests.support import Api, Socket


@pytest.fixture
def refused(monkeypatch):
    found = []

    async def note(_, address):
        found.append(address)

    monkeypatch.setattr(AddressLoad, "before_refusal", note)
    return found


REFUSED = [
    (404, "GET", "/nothing", "", None),
    (405, "POST", "/special_feed/page/", "", b""),
    (401, "GET", "/special_feed/page/", "", None),
    (401, "POST", "/special_feed/submit_feed/", "Basic eA==", b"{}"),
    (403, "POST", "/resumes/", "Bearer wrong", b"{}"),
    (400, "POST", "/hr/login/", "", b"{"),
    (413, "POST", "/hr/login/", "", b" " * 2_000_000),
    (401, "GET", "/admin/api/health/", "Bearer wrong", None),
]


async def test_each_refusal_counts_once(server, refused):
    for http, method, path, authorization, body in REFUSED:
        refused.clear()
        answer = await Api(server.port, authorization).call(method, path, body=body)
        assert (answer.http, refused) == (http, ["127.0.0.1"]), path


async def test_so_does_a_refused_handshake(server, refused):
    api = Api(server.port)
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    }
    for http, headers in ((400, {}), (401, {**upgrade, "Authorization": "Basic eA=="})):
        refused.clear()
        assert ((await api.call("GET", "/special_feed/ws/", headers=headers)).http, refused) == (
            http,
            ["127.0.0.1"],
        )


async def test_so_does_a_refused_first_message(server, hr, refused):
    for said in ("hello", {"type": "ping"}, {"type": "auth", "authorization": "Basic eA=="}):
        refused.clear()
        socket = await Socket.connect(server.port, None)
        await socket.say(said)
        assert (await socket.closed(), refused) == (4401, ["127.0.0.1"]), said
    refused.clear()
    socket = await Socket.connect(server.port, None)
    await socket.say({"type": "auth", "authorization": hr.authorization})
    assert await socket.until("snapshot")
    assert refused == []


async def test_neither_answers_nor_refusals_of_an_account_nor_faults_of_the_server_count(server, hr, refused):
    assert (await hr.get("/special_feed/page/")).http == 200
    assert (await hr.get("/special_feed/feed_list/wrong")).http == 400
    server._prepared.clear()
    assert (await Api(server.port).get("/special_feed/page/")).http == 503
    server._prepared.set()
    assert refused == []


@pytest.mark.settings(register_per_minute=3)
async def test_a_letter_that_is_one_too_many_counts(server, refused):
    """Those of a minute are counted, and each takes a while: no more than a busy machine asks for in that."""
    api = Api(server.port)
    answers = [
        await api.call("POST", "/hr/password/forgot/", form={"username": "nobody@example.com"})
        for _ in range(4)
    ]
    assert [answer.http for answer in answers[-2:]] == [200, 429]
    assert refused == ["127.0.0.1"]
