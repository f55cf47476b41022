"""Bytes that no client would send, at every route: refused in JSON or cut, and the server stays well."""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from handlers.routes import ROUTES as TABLE
from runtime.decoding import names_of
from tests.fuzz.attacks import SPOILT_FIELDS, Attack, attacks, damaged
from tests.fuzz.conftest import MOST_GROWTH_MB, Fuzzed
from tests.fuzz.raw_http import CRLF, PATIENCE_S, Request, exchange
from tests.fuzz.spoilt_files import spoilt
from tests.integration.processes import children_of
from tests.made_up_files.samples import samples
from tests.support import INGEST_TOKEN

IS_LONG = os.environ.get("TALENTFEED_FUZZ") == "long"
ROUTES = {route.path: route for route in TABLE}
DESK = {"login/", "me/", "files/", "accounts/find/", "accounts/{account_id}/", "tables/{table_id}/import/"}
ATTACKED = [
    path
    for path in ROUTES
    if IS_LONG or not path.startswith("/admin/api/") or path.removeprefix("/admin/api/") in DESK
]
"""What is attacked. Of the desk one route of each kind, unless the run is a long one: HTTP is the same."""
DAMAGED_A_ROUTE = 1000 if IS_LONG else 3
_TURNS = 6
AT_ONCE = 12
FILES_A_REQUEST = 5
FILE_REQUESTS = 20_000 if IS_LONG else 6
FILE_REQUESTS_AT_ONCE = 3
SAMPLES = [data for _, data in samples()]
SOON_S = 0.4
"""A damaged request may ask the server to wait for more; nobody waits for that."""
CUT_S = 10.0
"""What is no HTTP may leave the server waiting for more as well."""
KEEPS = {"/feed/delete/{feed_id}", "/resumes/{resume_id}"}
"""What would destroy the scene gets ids that do not exist."""
GOOD_BODIES = {
    "/special_feed/submit_feed/": b'{"title":"","keywords":"python"}',
    "/special_feed/preview/": b'{"title":"","keywords":"python"}',
    "/hr/login/": b'{"username":"nobody@example.com","password":"x"}',
    "/resumes/": b'{"source":"raw","source_id":"1","self_evaluation":"python"}',
}
SOCKET = [
    (b"Connection", b"Upgrade"),
    (b"Upgrade", b"websocket"),
    (b"Sec-WebSocket-Version", b"13"),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
]


def request_to(fuzzed: Fuzzed, path: str, method: str) -> Request:
    """A good request, or nearly so."""
    scene, handler = fuzzed.scene, ROUTES[path].handler
    names = {
        **dict.fromkeys(re.findall(r"\{(\w+_id)\}", " ".join(ROUTES)), "f" * 24),
        "feed_id": "f" * 24 if path in KEEPS else scene.feeds[0],
        "resume_id": "f" * 24 if path in KEEPS else scene.resumes[0],
        "user": scene.hr.user,
        "token": "x",
        "name": "start.js",
        "link": "l",
    }
    if path.startswith("/admin/"):
        names["resume_id"] = "f" * 24
    target = re.sub(r"\{(\w+)\}", lambda found: names[found[1]], path)
    account = scene.guest if path == "/hr/logout/" else scene.hr
    who = f"Bearer {INGEST_TOKEN}" if handler.needs_ingest_token else account.authorization
    if handler.needs_role:
        who = scene.operator
    headers = [(b"Host", b"127.0.0.1"), (b"Connection", b"close"), (b"Authorization", who.encode())]
    body = GOOD_BODIES.get(path, b'{"content":"a"}') if method == "POST" else b""
    return Request(method.encode(), target.encode(), headers, body)


def needs_body(path: str, method: str) -> bool:
    return method == "POST" and ROUTES[path].handler.contract.body is not None


def outcome(fuzzed: Fuzzed, path: str, method: str, attack: Attack) -> list[str]:
    request = request_to(fuzzed, path, method)
    attack.spoil(request)
    reply = exchange(fuzzed.port, request.wire(), patience_s=CUT_S if attack.is_broken else PATIENCE_S)
    problems = reply.problems(is_broken=attack.is_broken)
    if attack.is_for_bodies and needs_body(path, method) and not 400 <= reply.status < 500:
        problems.append(f"taken: {reply.status} {reply.body[:200]!r}")
    return [f"{attack.name}: {problem}" for problem in problems]


def attacks_on(path: str) -> list[Attack]:
    """Those on bodies, and of the others a sixth, which routes have by turns, or all in a long run."""
    turn = ATTACKED.index(path) % _TURNS
    return [
        attack
        for number, attack in enumerate(attacks())
        if IS_LONG or attack.is_for_bodies or number % _TURNS == turn
    ]


def test_the_attacks_on_bodies_spoil_a_field_of_each():
    bodies = [route.handler.contract.body for route in TABLE if "POST" in route.handler.methods]
    assert [body.__name__ for body in bodies if body and names_of(body).isdisjoint(SPOILT_FIELDS)] == []


@pytest.mark.parametrize("path", ATTACKED)
def test_a_route_refuses_or_cuts_whatever_comes_over_the_wire(fuzzed, path):
    fuzzed.scene.mend()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        calls = [
            pool.submit(outcome, fuzzed, path, method, attack)
            for method in ROUTES[path].handler.methods
            for attack in attacks_on(path)
        ]
    assert [problem for call in calls for problem in call.result()] == []


@pytest.mark.parametrize("path", ATTACKED)
def test_a_route_survives_damaged_requests(fuzzed, path):
    fuzzed.scene.mend()

    def send(number: int) -> list[str]:
        chance = Random(zlib.crc32(f"{path} {number}".encode()))
        method = chance.choice(ROUTES[path].handler.methods)
        request = request_to(fuzzed, path, method)
        if path == "/special_feed/ws/":
            request.headers[1:2] = SOCKET
        data = damaged(request.wire(), chance)
        reply = exchange(fuzzed.port, data, patience_s=SOON_S)
        return [f"{problem} for {data[:300]!r}" for problem in reply.problems(is_broken=True)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert [problem for found in pool.map(send, range(DAMAGED_A_ROUTE)) for problem in found] == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {b"Connection": b"close"},
        {b"Sec-WebSocket-Version": b"7"},
        {b"Sec-WebSocket-Version": b"\xff"},
        {b"Sec-WebSocket-Key": None},
        {b"Sec-WebSocket-Key": b"\xff"},
        {b"Upgrade": b"websocket, h2c"},
        {b"Connection": None},
        {b"Sec-WebSocket-Version": None},
        {b"Origin": b"\xff://"},
        {b"Sec-WebSocket-Extensions": b"permessage-deflate; client_max_window_bits=99; \xff"},
        {b"Sec-WebSocket-Protocol": b"a, \xff"},
    ],
    ids=str,
)
def test_a_spoilt_handshake_is_refused_as_any_other_request(fuzzed, spoilt):
    request = request_to(fuzzed, "/special_feed/ws/", "GET")
    headers = dict(request.headers) | dict(SOCKET) | spoilt
    request.headers = [(name, value) for name, value in headers.items() if value is not None]
    reply = exchange(fuzzed.port, request.wire())
    assert reply.problems(is_broken=False) == []


def files_body(number: int) -> bytes:
    """Five spoilt files in one request, with names that no browser would send."""
    chance, parts = Random(f"request/{number}"), []
    for _file in range(FILES_A_REQUEST):
        _, name, data = spoilt(chance, SAMPLES)
        name = name.replace("\r\n", "").replace('"', "")
        head = f'--bound\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        parts += [head.encode("utf-8", "surrogatepass"), data, CRLF]
    fields = [("source", "fuzz")] + [("dry_run", "1")] * (number % 2)
    parts += [
        f'--bound\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields
    ]
    return b"".join(parts) + b"--bound--\r\n"


def test_spoilt_files_are_told_one_by_one(fuzzed):
    def send(number: int) -> list[str]:
        request = request_to(fuzzed, "/resumes/file/", "POST")
        request.headers.append((b"Content-Type", b"multipart/form-data; boundary=bound"))
        request.body = files_body(number)
        reply = exchange(fuzzed.port, request.wire(), patience_s=FILES_A_REQUEST * 30)
        problems = reply.problems(is_broken=False)
        if not problems and reply.status == 200 and not json.loads(reply.body)["results"]:
            problems = ["no file is told of"]
        return [f"request {number}: {problem}" for problem in problems]

    children = children_of(fuzzed.process.child.pid)
    with ThreadPoolExecutor(FILE_REQUESTS_AT_ONCE) as pool:
        assert [problem for found in pool.map(send, range(FILE_REQUESTS)) for problem in found] == []
    # The reader has one child, which stays for the next file.
    assert len(children_of(fuzzed.process.child.pid) - children) <= 1


@pytest.mark.last
def test_the_server_is_well_and_has_kept_nothing(fuzzed, capsys):
    deadline = time.monotonic() + 60
    while fuzzed.connections() > 2:
        assert time.monotonic() < deadline, f"{fuzzed.connections()} connections that nobody has"
        time.sleep(0.1)
    with capsys.disabled():
        print(f"\nmemory {fuzzed.growth_mb():+.0f} MB, {fuzzed.connections()} connections")
    assert fuzzed.growth_mb() < MOST_GROWTH_MB
    assert fuzzed.faults() == []
    assert fuzzed.is_ready()
    fuzzed.scene.mend()
